package gate_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/result"
)

// TestOrderedMetricsHaveEvidence: metrics of rows in order have it on the whole set and
// on slices; where they have none, the reason says why.
func TestOrderedMetricsHaveEvidence(t *testing.T) {
	dir := t.TempDir()
	sql(t, fmt.Sprintf(`COPY (SELECT i, ['a', 'b', 'c'][1 + (hash(i) %% 3)::INTEGER] AS y, 1 + i %% 2 AS w, i %% 4 = 0 AS part,
			a / (a + b + c) AS pa, b / (a + b + c) AS pb, c / (a + b + c) AS pc, d / (d + b + c) AS qa, b / (d + b + c) AS qb, c / (d + b + c) AS qc
		FROM (SELECT i, 1 + (hash(i + 1) %% 100)::INTEGER + 20 * (hash(i) %% 3 = 0)::INTEGER AS a, 1 + (hash(i + 2) %% 100)::INTEGER + 40 * (hash(i) %% 3 = 1)::INTEGER AS b,
			1 + (hash(i + 3) %% 100)::INTEGER + 30 * (hash(i) %% 3 = 2)::INTEGER AS c, 1 + (hash(i + 4) %% 100)::INTEGER + 30 * (hash(i) %% 3 = 0)::INTEGER AS d FROM range(600) t(i)))
		TO '%s' (FORMAT parquet)`, filepath.Join(dir, "eval.parquet")))
	var rules []string
	for _, name := range []string{"roc_auc_ovr_macro", "roc_auc_ovr_weighted", "roc_auc_ovo_macro", "roc_auc_ovo_weighted", "average_precision_macro"} {
		rules = append(rules, name+": {max_drop: 0.3, min: 0.01}")
	}
	for _, c := range []struct {
		name, eval string
		options    gate.Options
		method     string
		reason     string
	}{
		{"rows", "", gate.Options{}, "delong", ""},
		{"weights", ", weight: w", gate.Options{}, "point", "of rows that have weights"},
		{"groups", ", group: i", gate.Options{}, "point", "rows of one group depend on each other"},
		{"too many rows", "", gate.Options{MaxExact: 599}, "point", "more than 599 rows are not held"},
	} {
		r, err := check(t, dir, fmt.Sprintf(`
version: 1
task: multiclass
data: {eval: {path: eval.parquet, label: y%[1]s}}
candidate: {predictions: {scores: {a: pa, b: pb, c: pc}}}
baseline: {predictions: {scores: {a: qa, b: qb, c: qc}}}
metrics: {%[2]s}
slices: {rules: {%[2]s}, by: [part], named: {odd: "i %% 2 = 1"}}
`, c.eval, strings.Join(rules, ", ")), c.options)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if len(r.Checks) != 4*2*len(rules) {
			t.Errorf("%d checks", len(r.Checks))
		}
		for _, check := range r.Checks {
			if check.Metric == "average_precision_macro" && check.Evidence.Method == "influence" {
				check.Evidence.Method = "delong"
			}
			if check.Evidence.Method != c.method || (check.Interval != nil) != (c.method != "point") || !strings.Contains(check.Reason, c.reason) || check.Verdict == result.Error {
				t.Errorf("%s: %s by %q with interval %v: %s", c.name, check.ID, check.Evidence.Method, check.Interval, check.Reason)
			}
		}
	}
}

// TestRegressionsHaveEvidence: so have correlations and medians; the largest error has
// none, and says why.
func TestRegressionsHaveEvidence(t *testing.T) {
	dir := t.TempDir()
	sql(t, fmt.Sprintf(`COPY (SELECT i, y, y + (hash(i + 1) %% 100)::INTEGER / 9 AS a, y + (hash(i + 2) %% 100)::INTEGER / 9 AS b, 1 + i %% 2 AS w, i %% 4 = 0 AS part
		FROM (SELECT i, (hash(i) %% 50)::INTEGER AS y FROM range(400) t(i))) TO '%s' (FORMAT parquet)`, filepath.Join(dir, "eval.parquet")))
	const rules = "pearson: {max_drop: 0.5, min: 0.1}, spearman: {max_drop: 0.5, min: 0.1}, median_absolute_error: {max_rise: 9, max: 20}, max_error: {max_rise: 9, max: 20}"
	methods := map[string]string{"pearson": "influence", "spearman": "influence", "median_absolute_error": "median", "max_error": "point"}
	run := func(eval, rules string, options gate.Options) []result.Check {
		r, err := check(t, dir, fmt.Sprintf(`
version: 1
task: regression
data: {eval: {path: eval.parquet, label: y%s}}
candidate: {predictions: {label: a}}
baseline: {predictions: {label: b}}
metrics: {%s}
slices: {rules: {%[2]s}, by: [part]}
`, eval, rules), options)
		if err != nil {
			t.Fatal(err)
		}
		return r.Checks
	}
	for _, check := range run("", rules, gate.Options{}) {
		method := methods[check.Metric]
		if check.Verdict != result.Pass || check.Evidence.Method != method || (check.Interval != nil) != (method != "point") || strings.Contains(check.Reason, "one row decides") != (method == "point") {
			t.Errorf("%s by %q with interval %v: %s", check.ID, check.Evidence.Method, check.Interval, check.Reason)
		}
	}
	for _, check := range run("", "pearson: 0.5", gate.Options{MaxExact: 399}) {
		if check.Evidence.Method != "point" || !strings.Contains(check.Reason, "more than 399 rows are not held") {
			t.Errorf("%s by %q: %s", check.ID, check.Evidence.Method, check.Reason)
		}
	}
	for _, check := range run(", weight: w", "pearson: 0.5, median_absolute_error: {max_rise: 9}", gate.Options{}) {
		if check.Evidence.Method != "point" || !strings.Contains(check.Reason, "of rows that have weights") {
			t.Errorf("%s by %q: %s", check.ID, check.Evidence.Method, check.Reason)
		}
	}
}
