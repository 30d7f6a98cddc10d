package gate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/result"
)

// TestGapsOfCOMPAS: the counts are those of shared/design/statistics.md, known
// from the literature on ProPublica's data: false positives 805 of 1795 and 349
// of 1488, true positives 1369 of 1901 and 505 of 966. Two races have fewer than
// 50 rows.
func TestGapsOfCOMPAS(t *testing.T) {
	data := shared(t, "data/compas")
	r, err := check(t, t.TempDir(), fmt.Sprintf(`
version: 1
task: binary
data: {eval: {path: %s/compas.csv, id: entity_id, label: label_value}}
candidate: {predictions: {score: score}, threshold: 0.5}
slices: {min_rows: 1000}
gaps:
  race: {false_positive_rate: {max_gap: 0.2}, recall: {max_gap: 0.5}, alarms: {metric: false_positive_rate, max_gap: 0.15}}
`, data), gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := find(t, r, "gap/race/false_positive_rate/max_gap")
	near(t, "gap", c.Candidate, 805./(805+990)-349./(349+1139))
	g := c.Details.Gap
	if c.Kind != "gap" || c.Verdict != result.Inconclusive || c.OnInconclusive != "warn" || g.Best.Slice != "race=Caucasian" || g.Worst.Slice != "race=African-American" || g.Worst.Rows != 3696 || g.Slices != 2 {
		t.Errorf("%s %s, %+v", c.Kind, c.Verdict, g)
	}
	if want := "race=African-American has 44.8% (3,696 rows), race=Caucasian has 23.5% (2,454 rows); chance alone may do that; left out: 4 slices under 1000 rows"; c.Reason != want {
		t.Errorf("%s\nwant %s", c.Reason, want)
	}
	// Newcombe's interval (1998, method 10) of 805/1795 - 349/1488 from Wilson's of both,
	// by numpy 2.4.6 with scipy 1.17.1's norm.ppf(.975).
	near(t, "low", &c.Interval[0], 0.18205318232698947)
	near(t, "high", &c.Interval[1], 0.24502334032690656)
	if c := find(t, r, "gap/race/alarms/max_gap"); c.Verdict != result.Fail || c.Evidence.Method != "range" || c.Confidence != .95 {
		t.Errorf("%s: %s by %+v", c.Verdict, c.Reason, c.Evidence)
	}
	c = find(t, r, "gap/race/recall/max_gap")
	near(t, "gap of recall", c.Candidate, 1369./(1369+532)-505./(505+461))
	if c.Verdict != result.Pass || c.Details.Gap.Best.Slice != "race=African-American" || c.Severity != "block" {
		t.Errorf("%s, %+v", c.Verdict, c.Details.Gap)
	}
}

// gapRows are ten rows each of women and men, of two towns; the old model finds
// 5 of 5 positive women and 4 of 5 positive men, the new one 3 and 5.
func gapRows() string {
	rows := "y,new,old,sex,town\n"
	for i := range 20 {
		sex, y, n, o := "f", i%2, i%2, i%2
		if i >= 10 {
			sex = "m"
		}
		switch i {
		case 1, 3:
			n = 0
		case 11:
			o = 0
		}
		rows += fmt.Sprintf("%d,%d,%d,%s,%d\n", y, n, o, sex, i%4/2)
	}
	return rows
}

func gapSpec(gaps string) string {
	return "version: 1\ntask: binary\ndata: {eval: {path: rows.csv, label: y}}\n" +
		"candidate: {predictions: {label: new}}\nbaseline: {predictions: {label: old}}\n" + gaps
}

func TestGapRises(t *testing.T) {
	dir := write(t, map[string]string{"rows.csv": gapRows()})
	r, err := check(t, dir, gapSpec(`slices: {min_rows: 4, rules: {accuracy: 1%}, by: [sex]}
gaps:
  sex: {recall: {max_gap: 0.5, max_rise: 0.1, severity: warn}, misses: {metric: false_negative_rate, max_rise: 0.3}}
  "sex, town": {accuracy: {max_gap: 0.9}}
`), gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := find(t, r, "gap/sex/recall/max_rise")
	near(t, "gap", c.Candidate, 1-0.6)
	near(t, "gap before", c.Baseline, 1-0.8)
	near(t, "limit", c.Rule.Limit, 0.2+0.1)
	if c.Verdict != result.Inconclusive || c.Severity != "warn" || c.Evidence.Method != "range" || c.Details.Gap.Worst.Slice != "sex=f" || c.Details.GapBefore.Worst.Slice != "sex=m" || *c.Rows != 20 {
		t.Errorf("%s %s, %+v, before %+v", c.Verdict, c.Severity, c.Details.Gap, c.Details.GapBefore)
	}
	if c := find(t, r, "gap/sex/recall/max_gap"); c.Verdict != result.Pass || *c.Rule.MaxGap != 0.5 || c.Rule.Max != nil {
		t.Errorf("%s: %s", c.Verdict, c.Reason)
	}
	if c := find(t, r, "gap/sex/misses/max_rise"); c.Verdict != result.Pass || c.Details.Gap.Best.Slice != "sex=m" || c.Name != "misses" {
		t.Errorf("%s: %s, best %+v", c.Verdict, c.Reason, c.Details.Gap.Best)
	}
	if c := find(t, r, "gap/sex,town/accuracy/max_gap"); c.Details.Gap.Slices != 4 || !strings.HasPrefix(c.Details.Gap.Worst.Slice, "sex=f,town=") {
		t.Errorf("%+v", c.Details.Gap)
	}
	// The slices of `by` are those of the gap: they are counted once.
	if c := find(t, r, "slice/sex=f/accuracy/max_drop"); *c.Rows != 10 {
		t.Errorf("%d rows", *c.Rows)
	}
}

// TestGapsThatCannotBe: what cannot be compared is skipped and said, or an
// error; it never passes.
func TestGapsThatCannotBe(t *testing.T) {
	rows := gapRows()
	onlyMen := strings.ReplaceAll(rows, ",f,", ",m,")
	noneFound := strings.ReplaceAll(strings.ReplaceAll(rows, "1,1,1,f", "1,0,1,f"), "1,0,1,f", "1,0,1,f")
	for _, c := range []struct {
		name, rows, gaps string
		verdict          result.Verdict
		reason           string
	}{
		{"too small", rows, "gaps: {sex: {recall: {max_gap: 0.5}}}\n", result.Skipped, "fewer than two slices to compare; left out: 2 slices under 50 rows"},
		{"one slice", onlyMen, "slices: {min_rows: 5}\ngaps: {sex: {recall: {max_gap: 0.5}}}\n", result.Skipped, "fewer than two slices to compare"},
		{"no value", strings.ReplaceAll(rows, "1,", "0,"), "slices: {min_rows: 5}\ngaps: {sex: {recall: {max_gap: 0.5}}}\n", result.Skipped, "fewer than two slices to compare; without a value: 2 slices"},
		{"a value of the baseline alone", noneFound, "slices: {min_rows: 5}\ngaps: {sex: {precision: {max_gap: 0.5}}}\n", result.Error, "the candidate on sex=f: precision has no value: no row is predicted positive"},
	} {
		dir := write(t, map[string]string{"rows.csv": c.rows})
		spec := strings.Replace(gapSpec(c.gaps), "label: y}", "label: y, classes: [0, 1]}", 1)
		r, err := check(t, dir, spec, gate.Options{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := r.Checks[len(r.Checks)-1]
		if got.Verdict != c.verdict || got.Reason != c.reason || got.Candidate != nil {
			t.Errorf("%s: %s, %s\nwant %s, %s", c.name, got.Verdict, got.Reason, c.verdict, c.reason)
		}
		if r.Exit == 0 {
			t.Errorf("%s: the run passes", c.name)
		}
	}
}

func TestGapWithoutABaseline(t *testing.T) {
	dir := write(t, map[string]string{"rows.csv": gapRows()})
	r, err := check(t, dir, strings.Replace(gapSpec("slices: {min_rows: 4}\ngaps: {sex: {recall: {max_gap: 0.5, max_rise: 0.1}}}\n"), "baseline: {predictions: {label: old}}\n", "", 1), gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "gap", find(t, r, "gap/sex/recall/max_gap").Candidate, 0.4)
	if c := find(t, r, "gap/sex/recall/max_rise"); c.Verdict != result.Skipped || !strings.Contains(c.Reason, "no baseline") {
		t.Errorf("%s: %s", c.Verdict, c.Reason)
	}
}

func TestGapByAColumnThatIsNot(t *testing.T) {
	dir := write(t, map[string]string{"rows.csv": gapRows()})
	_, err := check(t, dir, gapSpec("gaps: {gender: {recall: {max_gap: 0.5}}}\n"), gate.Options{})
	if err == nil || !strings.Contains(err.Error(), `noworse.yaml:6:8: the evaluation set has no column "gender"`) {
		t.Error(err)
	}
}
