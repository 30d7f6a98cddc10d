package gate_test

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/result"
)

// sqlRows are 300 rows of numbers with an amount, at so many threads.
func sqlRows(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	sql(t, fmt.Sprintf(`COPY (SELECT i, y, y + (hash(i + 1) %% 100)::INTEGER / 10 AS a, y + (hash(i + 2) %% 97)::INTEGER / 11 AS b, 1 + (hash(i + 3) %% 40)::INTEGER AS amount, i %% 3 AS part
		FROM (SELECT i, (hash(i) %% 50)::INTEGER AS y FROM range(300) t(i))) TO '%s' (FORMAT parquet)`, filepath.Join(dir, "eval.parquet")))
	return dir
}

func sqlChecks(t *testing.T, dir, rules, more string) []result.Check {
	t.Helper()
	r, err := check(t, dir, fmt.Sprintf(`
version: 1
task: regression
data: {eval: {path: eval.parquet, label: y%s}}
candidate: {predictions: {label: a}}
baseline: {predictions: {label: b}}
metrics: {%s}
slices: {rules: {%[2]s}, by: [part]}
`, more, rules), gate.Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	return r.Checks
}

// about holds numbers to 1e-8: slopes are found by differences.
func about(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-8*max(1, math.Abs(want)) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// TestFormulasHaveTheEvidenceOfMetrics: metrics written in SQL have the evidence of those
// that they are: the paired t test of mae, and the delta method of rmse's change, on the
// whole set and on slices. (rmse's own test of "worse" is of means of squares.)
func TestFormulasHaveTheEvidenceOfMetrics(t *testing.T) {
	dir := sqlRows(t)
	own := sqlChecks(t, dir, "mae: {max_rise: 1}, rmse: {max_rise: 1}, mean_error: {max_change: 1, max: 9}", "")
	written := sqlChecks(t, dir, `mae_sql: {sql: avg(abs(label - prediction)), max_rise: 1, better: lower},
  rmse_sql: {sql: "sqrt(sum(pow(label - prediction, 2)) / count(*))", max_rise: 1, better: lower},
  mean_sql: {sql: avg(prediction - label), max_change: 1, max: 9}`, "")
	if len(own) != len(written) || len(own) != 4*4 {
		t.Fatalf("%d and %d checks", len(own), len(written))
	}
	for i, want := range own {
		got := written[i]
		if got.Slice != want.Slice || got.Evidence.Method != "delta" || got.Interval == nil || got.Verdict != want.Verdict {
			t.Errorf("%s: %+v, of %s %+v", got.ID, got.Evidence, want.ID, want.Evidence)
			continue
		}
		for j := range got.Interval {
			about(t, got.ID+" interval", got.Interval[j], want.Interval[j])
		}
		if want.Metric != "rmse" && want.Rule.Max == nil {
			about(t, got.ID+" p", *got.Evidence.PWorse, *want.Evidence.PWorse)
		}
	}
}

// TestFormulasOfRatios: of sum(amount * error) / sum(amount) the variance is that of
// amount (error - ratio) / mean amount (Cochran 1977, Sampling Techniques, 6.4): here as a
// metric in SQL of its own.
func TestFormulasOfRatios(t *testing.T) {
	dir := sqlRows(t)
	ratio := sqlChecks(t, dir, "risk: {sql: sum(amount * abs(label - prediction)) / sum(amount), max: 9, max_rise: 1, better: lower}", "")
	var of, change *result.Check
	for i := range ratio {
		if c := &ratio[i]; c.Slice == "" && c.Rule.Max != nil {
			of = c
		} else if c.Slice == "" {
			change = c
		}
	}
	residual := fmt.Sprintf("avg(amount * (abs(label - prediction) - %.17g)) / (sum(amount) / count(*))", *of.Candidate)
	mean := sqlChecks(t, dir, "residual: {sql: '"+residual+"', max: 9, better: lower}", "")[0]
	for j := range of.Interval {
		shifted := mean.Interval[j] + *of.Candidate
		about(t, "ratio", of.Interval[j], shifted)
	}
	if change.Evidence.PWorse == nil || change.Interval[0] > *change.Change || change.Interval[1] < *change.Change {
		t.Errorf("%+v", change)
	}
}

// TestFormulasWithoutEvidence: the reason says why there is none.
func TestFormulasWithoutEvidence(t *testing.T) {
	dir := sqlRows(t)
	for text, c := range map[string]struct{ more, method, reason string }{
		"median(abs(label - prediction))":              {"", "point", "not of median"},
		"max(abs(label - prediction))":                 {"", "point", "not of max"},
		"round(avg(abs(label - prediction)) * 100, 0)": {"", "point", "bends too much"},
		"sum(amount)":                  {"", "point", ""},
		"avg(abs(label - prediction))": {", group: i", "point", "rows of one group depend on each other"},
		"sum(abs(label - prediction)) / (avg(amount) + 1)": {"", "delta", ""},
		"count_if(abs(label - prediction) > 5) / count(*)": {"", "delta", ""},
	} {
		for _, check := range sqlChecks(t, dir, fmt.Sprintf("mine: {sql: %q, max_rise: 1000, better: lower}", text), c.more) {
			if check.Evidence.Method != c.method || !strings.Contains(check.Reason, c.reason) || (check.Evidence.PWorse != nil) != (c.method != "point") {
				t.Errorf("%s: %s by %q: %s", text, check.ID, check.Evidence.Method, check.Reason)
			}
			if check.Interval != nil && math.IsNaN(check.Interval[0]) {
				t.Errorf("%s: %v", text, check.Interval)
			}
		}
	}
}
