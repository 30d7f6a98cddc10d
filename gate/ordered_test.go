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
