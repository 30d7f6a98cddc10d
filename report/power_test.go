package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/noworse/noworse/result"
)

// foreseen is a result with a check of every sort.
func foreseen(slices ...string) *result.Power {
	number := func(v float64) *float64 { return &v }
	r := &result.Power{Name: "loans", Assumed: result.Assumed{Power: .8, Discordance: number(.05), Correlation: number(.9)}}
	r.Data.Eval.Rows = 12000
	r.Checks = []result.PowerCheck{
		{Metric: "accuracy", Rows: 12000, Margin: number(.02), Detectable: number(.022), Drop: number(.04), Caught: number(1), RowsNeeded: 600},
		{Metric: "log_loss", Name: "loss", Rows: 12000, Margin: number(.0123), Detectable: number(.0345), Drop: number(.0246), Caught: number(.5), RowsNeeded: 34000, Lacking: 22000, Basis: "correlation"},
		{Metric: "roc_auc", Rows: 12000, Unknown: "judged by its two values alone"},
		{Metric: "accuracy", Slice: "few", Rows: 9, Skipped: "under 50 rows"},
		{Metric: "accuracy", Slice: "strict", Rows: 900, Margin: number(0), Detectable: number(.01)},
		{Metric: "accuracy", Slice: "poor", Rows: 90, Margin: number(.9)},
	}
	for i, s := range slices {
		r.Checks = append(r.Checks, result.PowerCheck{Metric: "recall", Slice: s, Rows: 60, Margin: number(.03), Detectable: number(.3), Drop: number(.06),
			Caught: number(float64(i) / 1000), RowsNeeded: 500, Lacking: 440})
	}
	return r
}

func powerText(t *testing.T, r *result.Power, o Options) string {
	t.Helper()
	var b strings.Builder
	o.Rate = func(metric string) bool { return metric != "log_loss" }
	if err := Power(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestPower: worst first, nothing that is unknown counts as seen, and what is
// folded is counted.
func TestPower(t *testing.T) {
	var many []string
	for i := range 30 {
		many = append(many, fmt.Sprintf("s%02d", i))
	}
	got := powerText(t, foreseen(many...), Options{ASCII: true})
	for _, want := range []string{
		"LACKS  recall    s00 (60)              3.0  30.0     <1%    500\n",
		"LACKS  12 more checks (--all lists them)\n",
		"ok     accuracy  all rows (12,000)     2.0   2.2    >99%    600\n",
		"ok     1 more check (--all lists them)\n",
		"?      roc_auc overall: judged by its two values alone\n",
		"SKIP   accuracy for few: under 50 rows\n",
		"correlate by 0.9 (--correlation).\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	all := powerText(t, foreseen(many...), Options{ASCII: true, All: true})
	if strings.Count(all, "LACKS") != 32 || !strings.Contains(all, "ok     accuracy  strict (900)          0.0    1.0       -       -\n") {
		t.Errorf("all:\n%s", all)
	}
	for name, c := range map[string]struct {
		r    *result.Power
		want string
	}{
		"all":           {foreseen("a"), "This set sees a drop of 2.2 points in accuracy overall; 1 of 2 checks overall cannot tell a drop of twice the margin; 2 of 3 checks of slices cannot tell a drop of twice the margin; the largest lack is loss overall, 22,000 rows."},
		"no check":      {&result.Power{}, "Nothing can be said of what this set sees: the spec has no limit of a change."},
		"skipped alone": {&result.Power{Checks: foreseen().Checks[3:4]}, "Nothing can be said of what this set sees: every check would be skipped."},
		"unknown alone": {&result.Power{Checks: foreseen().Checks[2:4]}, "Nothing can be said of what this set sees: judged by its two values alone."},
	} {
		if got := PowerSentence(c.r, func(metric string) bool { return metric != "log_loss" }); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestPowerFits: no line is longer than the terminal is wide, and names cannot
// move the cursor.
func TestPowerFits(t *testing.T) {
	r := foreseen("a\x1b[2Jb\nc", strings.Repeat("long", 40), "日本語日本語日本語日本語日本語日本語日本語日本語", "x")
	r.Notes = []string{"a note \x1b[31m"}
	for columns := 40; columns < 130; columns += 7 {
		for _, all := range []bool{false, true} {
			text := powerText(t, r, Options{Width: columns, All: all})
			if strings.ContainsAny(text, "\x1b\x00") {
				t.Fatalf("control characters in %q", text)
			}
			for line := range strings.Lines(text) {
				if w := width(strings.TrimSuffix(line, "\n")); w > columns {
					t.Errorf("%d columns of %d: %s", w, columns, line)
				}
			}
		}
	}
}
