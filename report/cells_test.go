package report

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/noworse/noworse/result"
)

func TestNumbers(t *testing.T) {
	rate := func(b, c, margin float64) result.Check { return check("accuracy", "", 1, b, c, margin) }
	plain := func(b, c, margin float64) result.Check { return check("rmse", "", 1, b, c, margin) }
	for _, c := range []struct {
		name                             string
		check                            result.Check
		baseline, candidate, change, lim string
	}{
		{"a rate", rate(0.762, 0.723, -0.03), "76.2%", "72.3%", "−3.9", "limit −3.0"},
		{"just beyond the limit", rate(0.8, 0.76996, -0.03), "80.0%", "77.0%", "−3.004", "limit −3.000"},
		{"at the limit, but for rounding", rate(0.753, 0.723, -0.03), "75.3%", "72.3%", "−3.0", "limit −3.0"},
		{"no change", rate(0.8, 0.8, -0.03), "80.0%", "80.0%", "0.0", "limit −3.0"},
		{"less than a tenth of a point", rate(0.8, 0.79996, -0.03), "80.000%", "79.996%", "−0.004", "limit −3.000"},
		{"to nothing", rate(0.001, 0, -0.03), "0.1%", "0.0%", "−0.1", "limit −3.0"},
		{"plain", plain(0.3214, 0.3301, 0.016), "0.3214", "0.3301", "+0.0087", "limit +0.0160"},
		{"large", plain(48211.35, 50307.9, 1446.3), "48,211", "50,308", "+2,097", "limit +1,446"},
		{"large and close", plain(48211.35, 48211.39, 1446.3), "48,211.35", "48,211.39", "+0.04", "limit +1,446.30"},
		{"negative", plain(-0.0312, -0.0298, 0.02), minus + "0.03120", minus + "0.02980", "+0.00140", "limit +0.02000"},
		{"huge", plain(1.5e20, 1.6e20, 2e19), "1.500e+20", "1.600e+20", "+1.000e+19", "limit +2.000e+19"},
		{"tiny", plain(1.5e-7, 1.6e-7, 2e-8), "1.500e-07", "1.600e-07", "+1.000e-08", "limit +2.000e-08"},
		{"zero", plain(0, 0, 0.1), "0.00", "0.00", "0.00", "limit +0.10"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newPrinter(Options{Rate: rates}).rowOf(&c.check)
			r.limit = strings.Replace(r.limit, "within", "limit", 1)
			got := []string{r.baseline, r.candidate, r.change, r.limit}
			if want := []string{c.baseline, c.candidate, c.change, c.lim}; !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestRelativeMarginIsShownAsAChange(t *testing.T) {
	c := check("rmse", "", 1, 200, 207, 5)
	c.Rule.MaxRise = &result.Margin{Value: 0.02, Relative: true}
	if r := newPrinter(Options{}).rowOf(&c); r.limit != "limit +4.0" {
		t.Errorf("got %q", r.limit)
	}
}

func TestHarmOrdersByMargins(t *testing.T) {
	wide := check("accuracy", "wide", 1, 0.8, 0.7, -0.09)      // 1.1 margins
	narrow := check("accuracy", "narrow", 1, 0.8, 0.77, -0.01) // 3 margins
	none := check("accuracy", "none", 1, 0.8, 0.799, 0)
	none.Rule.MaxRise, none.Rule.MaxDrop, none.Verdict = nil, &result.Margin{}, result.Fail
	better := check("accuracy", "better", 1, 0.8, 0.9, -0.01)
	better.Verdict = result.Fail
	whole := check("accuracy", "", 1, 0.8, 0.77, -0.02)
	g := sortOut([]result.Check{better, wide, narrow, none, whole})
	var got []string
	for _, c := range g.failed {
		got = append(got, c.Slice)
	}
	if want := []string{"", "none", "narrow", "wide", "better"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"tier=pro":        "tier=pro",
		"a\nb\r\tc":       `a\nb\r\tc`,
		"\x1b[31m":        `\x1b[31m`,
		"\u009b2J":        `\u009b2J`,
		"\u202egnp.exe":   `\u202egnp.exe`,
		"\xff":            `\xff`,
		"\U000e0041":      `\U000e0041`,
		"می\u200cخواهم":   "می\u200cخواهم",
		"東京 e\u0301":      "東京 e\u0301",
		"line\u2028break": `line\u2028break`,
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestWidthAndCut(t *testing.T) {
	for s, want := range map[string]int{"abc": 3, "東京": 4, "e\u0301": 1, "한국": 4, "ｱ": 1, "Ａ": 2, "🚀": 2, "": 0} {
		if got := width(s); got != want {
			t.Errorf("width(%q) = %d, want %d", s, got, want)
		}
	}
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"region=north", 12, "region=north"}, {"region=north", 9, "regi…orth"}, {"region=north", 1, "…"},
		{"region=north", 0, ""}, {"東京都新宿区", 7, "東…区"}, {"e\u0301e\u0301e\u0301e\u0301", 3, "e\u0301…e\u0301"},
	} {
		if got := cut(c.in, c.limit, "…"); got != c.want {
			t.Errorf("cut(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}

func TestWrapKeepsNumbersWithTheirWords(t *testing.T) {
	got := wrap("worse for tier (−3.9 points, limit −3.0).", 24, "…")
	if want := []string{"worse for tier", "(−3.9 points,", "limit −3.0)."}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCommandsCanBePasted(t *testing.T) {
	for in, want := range map[string]string{
		"noworse.yaml": "noworse.yaml", "slice/a=b/*": "'slice/a=b/*'", "it's": `'it'\''s'`, "$(rm)": "'$(rm)'",
	} {
		if got, ok := quoted(in); !ok || got != want {
			t.Errorf("quoted(%q) = %q, %v, want %q", in, got, ok, want)
		}
	}
	if got, ok := quoted("a\nb"); ok {
		t.Errorf("%q is offered as a command", got)
	}
}

func TestDuration(t *testing.T) {
	for in, want := range map[float64]string{0: "under 0.1 s", -1: "under 0.1 s", 1.23: "1.2 s", 9.96: "10 s", 61: "61 s", 125: "2 min 5 s", 7200: "120 min 0 s"} {
		if got := duration(in); got != want {
			t.Errorf("duration(%v) = %q, want %q", in, got, want)
		}
	}
}

// TestCutName: a slice is told from its neighbours by its value, so the names of
// columns are cut first.
func TestCutName(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"tier=free", 9, "tier=free"},
		{"PaymentMethod=Bank transfer (automatic)", 34, "Paym…hod=Bank transfer (automatic)"},
		{"PaymentMethod=Bank transfer (automatic)", 27, "Pay…hod=Bank tran…utomatic)"},
		{"PaymentMethod=Credit card (automatic)", 27, "Pay…hod=Credit ca…utomatic)"},
		{"sex=Female,race=Amer-Indian-Eskimo", 24, "sex=Female,race=Amer…imo"},
		{"a_long_column=a_long_value", 12, "a_long…value"},
		{"thin_files_of_new_users", 9, "thin…sers"},
		{"a,b=c", 4, "a,…c"},
	} {
		if got := cutName(c.in, c.limit, "…"); got != c.want {
			t.Errorf("cutName(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}

func TestCutNameFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringOfN(rapid.RuneFrom([]rune("abc,=東é…")), 0, 40, -1).Draw(t, "name")
		limit := rapid.IntRange(1, 40).Draw(t, "limit")
		if got := cutName(name, limit, "…"); width(got) > limit || width(name) <= limit && got != name {
			t.Fatalf("%q", got)
		}
	})
}
