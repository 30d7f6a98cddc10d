package guess

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"pgregory.net/rapid"

	"github.com/noworse/noworse/dataset"
)

func TestWords(t *testing.T) {
	for in, want := range map[string]string{
		"customerID": "customer id", "customer-id": "customer id", "y_pred_proba": "y pred proba", "PINCP": "pincp", "IDCard": "id card",
		"age": "age", "Unnamed: 0": "unnamed 0", "Größe": "größe", "": "", "  ": "", "HouseAge": "house age", "v41Score": "v41 score",
	} {
		if got := strings.Join(words(in), " "); got != want {
			t.Errorf("words(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestProof holds the rows that prove a margin where none flips to the numbers
// of shared/design/statistics.md: 59 rows for 5 %, 99 for 3 %, 299 for 1 %.
func TestProof(t *testing.T) {
	for m, want := range map[float64]uint64{0.05: 59, 0.03: 99, 0.01: 299} {
		if got := proof(m); got != want {
			t.Errorf("proof(%v) = %d, want %d", m, got, want)
		}
	}
}

// TestMargin: two standard errors of a paired difference of which 10% of 1,000
// rows differ are 2*sqrt(.1/1000) = 2 points.
func TestMargin(t *testing.T) {
	for _, c := range []struct {
		n      uint64
		differ float64
		want   float64
	}{{1_000_000, 0.1, 0.02}, {1000, 0.1, 0.02}, {999, 0.1, 0.03}, {113, 0.1, 0.06}, {4, 0.5, widestMargin}, {0, 0.1, widestMargin}, {10, 0, 0.02}} {
		if got := margin(0.02, c.n, c.differ); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("margin of %d rows, of which %v differ: %v, want %v", c.n, c.differ, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n, differ := rapid.Uint64Range(1, 1e9).Draw(t, "n"), rapid.Float64Range(0, 1).Draw(t, "differ")
		if m := margin(0.02, n, differ); m < 0.02 || m > widestMargin || m < widestMargin && m < visible(n, differ)-1e-9 {
			t.Fatalf("%v", m)
		}
	})
}

// Whatever a name is, YAML reads it back as it was.
func TestYAMLTextIsReadBack(t *testing.T) {
	check := func(t interface{ Fatalf(string, ...any) }, s string) {
		var got struct {
			Block string
			Flow  struct{ A, B string }
		}
		text := "block: " + yamlRaw(s) + " # why\nflow: {a: " + yamlRaw(s) + ", b: x}\n"
		if err := yaml.Unmarshal([]byte(text), &got); err != nil {
			t.Fatalf("%q: %v\n%s", s, err, text)
		}
		if got.Block != s || got.Flow.A != s || got.Flow.B != "x" {
			t.Fatalf("%q is read back as %q:\n%s", s, got, text)
		}
	}
	for _, s := range []string{"a", "a b", "a: b", "#a", "- a", "{a}", "'", `"`, `\`, " a", "a ", "true", "null", "~", "1", "007", "1.0", "a\nb", "\t", "é", "*a", "&a", "!a", "|", ">50K", "@a", "`a", "%a", ",", "a,b", "..", "-", "?", "/x", "y"} {
		check(t, s)
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, rapid.StringOfN(rapid.RuneFrom([]rune("ab0 :#-{}[]'\"\\,&*!|>%@`~?é\n\t$=<./")), 1, -1, -1).Draw(t, "text"))
	})
}

// draft is a guess from columns of few values; a name ends with = and them.
func draft(columns ...string) *Draft {
	in := Input{Data: Table{Path: "eval.csv", Rows: 100}}
	for _, c := range columns {
		name, list, _ := strings.Cut(c, "=")
		col := Column{Column: dataset.Column{Name: name, Kind: dataset.Text}, Rows: 100}
		values := strings.Split(list, ",")
		for _, v := range values {
			col.Values = append(col.Values, dataset.Value{Text: v, Rows: 100 / uint64(len(values))})
			if strings.Trim(v, "0123456789") == "" {
				col.Kind, col.Whole, col.Max = dataset.Integer, true, 1
			}
		}
		col.Distinct = uint64(len(values))
		in.Data.Columns = append(in.Data.Columns, col)
	}
	return From(in)
}

func TestLabel(t *testing.T) {
	for _, c := range []struct {
		columns []string
		want    string
	}{
		{[]string{"label=0,1", "pred=0,1"}, "label"},
		{[]string{"a=0,1", "Y=0,1", "y_hat=0,1"}, "Y"},
		{[]string{"is_target=0,1", "target_pred=0,1"}, "is_target"},
		{[]string{"churned=0,1", "partner=0,1"}, "churned"},
		{[]string{"partner=0,1", "whatever=0,1"}, "whatever"},
		{[]string{"who=a,b", "c=x,y,z", "pred=x,y,z"}, "c"},
		{[]string{"partner=0,1", "bought=0,1", "other=0,1", "bought_pred=0,1"}, "bought"},
		{[]string{"a=x,y,z", "whatever=0,1", "pred_v1=0,1", "pred_v2=0,1"}, "whatever"},
		{[]string{"label=0,1", "target=0,1"}, ""},
		{[]string{"a=0,1,2", "b=0,1,2"}, ""},
		{[]string{"pred=0,1", "score=0,1"}, ""},
		{[]string{"class=a,b", "outcome=0,1", "pred=0,1"}, "outcome"},
		{[]string{"senior=0,1", "plan=a,b,c", "pred=0,1"}, "senior"},
		{[]string{"senior=0,1", "churn=No,Yes", "plan=a,b,c", "pred=0,1"}, ""},
		{[]string{"kind=cat,dog", "churn=No,Yes", "plan=a,b,c", "pred=cat,dog"}, "kind"},
	} {
		if got := draft(c.columns...).Label.Value; got != c.want {
			t.Errorf("%q: %q, want %q", c.columns, got, c.want)
		}
	}
}

func TestPositive(t *testing.T) {
	for values, want := range map[string]string{
		"0,1": "1", "1,0": "1", "-1,1": "1", "false,true": "true", "No,Yes": "Yes", "yes,no": "yes", "<=50K,>50K": ">50K", ">50K,<=50K": ">50K",
		"good,bad": "bad", "ham,spam": "spam", "a,b": "b",
	} {
		if got := draft("label=" + values).Positive.Value; got != want {
			t.Errorf("%s: %q, want %q", values, got, want)
		}
	}
}

// Which of two models is the new one comes from their names, in any order of
// the columns; where the names do not say, nothing does.
func TestWhichModelIsNew(t *testing.T) {
	for _, c := range []struct{ old, new string }{
		{"old_pred", "new_pred"}, {"pred_v9", "pred_v10"}, {"champion_pred", "challenger_pred"}, {"pred", "pred_new"}, {"baseline_pred", "pred"},
		{"pred_1", "pred_2"}, {"lr_pred", "candidate_pred"}, {"prod_prediction", "xgb_prediction"},
	} {
		for _, columns := range [][]string{{"label=0,1", c.old + "=0,1", c.new + "=0,1"}, {"label=0,1", c.new + "=0,1", c.old + "=0,1"}} {
			d := draft(columns...)
			if d.Baseline == nil || d.Candidate == nil || d.Baseline.Label.Value != c.old || d.Candidate.Label.Value != c.new {
				t.Errorf("%q: %+v", columns, d.Told())
			}
		}
	}
	for _, pair := range [][2]string{{"lr_pred", "xgb_pred"}, {"old_new_pred", "new_old_pred"}, {"v1_pred", "w2_pred"}} {
		d := draft("label=0,1", pair[0]+"=0,1", pair[1]+"=0,1")
		if len(d.Missing) != 1 || d.Candidate != nil {
			t.Errorf("%q: %+v", pair, d.Told())
		}
	}
}

// Slices come from columns of few values; what has a role makes none.
func TestSlices(t *testing.T) {
	d := draft("id=a", "tier=a,b", "sex=f,m", "label=0,1", "pred=0,1", "one=x", "${HOME}=a,b", "weekday=0,1")
	var got []string
	for _, s := range d.By {
		got = append(got, s.Columns...)
	}
	if want := []string{"tier", "sex", "weekday"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	var many []string
	for i := range 12 {
		many = append(many, fmt.Sprintf("c%02d=a,b", i))
	}
	d = draft(append(many, "label=0,1", "region=n,s")...)
	if len(d.By) != mostBy || d.By[0].Columns[0] != "region" || len(d.LeftOut) != 7 {
		t.Errorf("%v, and left out %q", d.By, d.LeftOut)
	}
}
