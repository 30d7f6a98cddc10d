package gate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/result"
)

// TestUnknownChance: where rows depend on each other and nothing can be said of
// chance, the values decide and the reason says why; never are rows taken for
// independent.
func TestUnknownChance(t *testing.T) {
	data := lines("id,y,old,new,customer,day", 400, func(i int) string {
		y := i % 2
		fresh := 0.1 + 0.8*float64(y)
		if i < 40 {
			fresh = 1 - fresh
		}
		return fmt.Sprintf("%d,%d,%v,%v,%d,%d.5", i, y, 0.1+0.8*float64(y), fresh, i/10, i/100)
	})
	dir := write(t, map[string]string{"eval.csv": data})
	const spec = `
version: 1
task: %s
data: {eval: {path: eval.csv, id: id, label: y, group: %s}}
candidate: {predictions: {%s: new}}
baseline: {predictions: {%[3]s: old}}
metrics: {%s}
`
	for name, c := range map[string]struct {
		task, group, column, rule string
		options                   gate.Options
		method, reason            string
	}{
		"labels":                   {"binary", "customer", "score", "accuracy: 0.02", gate.Options{}, "cluster", "too few rows to tell"},
		"four groups":              {"binary", "day", "score", "accuracy: 0.02", gate.Options{}, "point", "4 groups of rows, and under 10 say too little"},
		"too many rows":            {"binary", "customer", "score", "accuracy: 0.02", gate.Options{MaxExact: 399}, "point", "more than 399 rows are too many to be put together by group"},
		"an area":                  {"binary", "customer", "score", "roc_auc: 0.02", gate.Options{}, "cluster", "chance would do this once in 54"},
		"an average precision":     {"binary", "customer", "score", "average_precision: 0.02", gate.Options{}, "point", "rows of one group depend on each other"},
		"a loss":                   {"binary", "customer", "score", "log_loss: {max_rise: 0.02}", gate.Options{}, "cluster", "too few rows to tell"},
		"regression":               {"regression", "customer", "label", "mae: {max_rise: 0.02}", gate.Options{}, "cluster", "too few rows to tell"},
		"a maximum":                {"regression", "customer", "label", "mae: {max: 0.02}", gate.Options{}, "cluster", "above the maximum of 0.02"},
		"too many of a regression": {"regression", "customer", "label", "mae: {max_rise: 0.02}", gate.Options{MaxExact: 399}, "point", "more than 399 rows are too many to be put together by group"},
		"a largest error":          {"regression", "customer", "label", "max_error: {max: 0.02}", gate.Options{}, "point", "rows of one group depend on each other"},
	} {
		r, err := check(t, dir, fmt.Sprintf(spec, c.task, c.group, c.column, c.rule), c.options)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := r.Checks[0]
		if got.Evidence.Method != c.method || !strings.Contains(got.Reason, c.reason) {
			t.Errorf("%s: %s, %q", name, got.Evidence.Method, got.Reason)
		}
		if c.method == "point" && (got.Verdict != result.Fail || got.Interval != nil || got.Evidence.PWorse != nil || got.Proven != nil) {
			t.Errorf("%s: %s with %v", name, got.Verdict, got.Evidence)
		}
	}
}
