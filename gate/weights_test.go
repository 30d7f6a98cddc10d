package gate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/result"
)

// TestWeightedChance: rows with weights have evidence, and where there is no method
// for them the reason says so.
func TestWeightedChance(t *testing.T) {
	data := lines("y,w,old,new", 400, func(i int) string {
		y, fresh := i%2, 0.1+0.8*float64(i%2)
		if i%20 < 2 {
			fresh = 1 - fresh
		}
		return fmt.Sprintf("%d,%d,%v,%v", y, 1+i%3, 0.1+0.8*float64(y), fresh)
	})
	dir := write(t, map[string]string{"eval.csv": data})
	for rule, want := range map[string]struct{ method, reason string }{
		"accuracy: 0.02":                {"delta", ""},
		"f1: {min: 0.99}":               {"delta", ""},
		"log_loss: {max_rise: 0.02}":    {"t", ""},
		"roc_auc: 0.02":                 {"influence", ""},
		"roc_auc: {min: 0.99}":          {"influence", ""},
		"average_precision: {min: 0.9}": {"point", "chance is not known: there is no method for average_precision of rows that have weights"},
	} {
		r, err := check(t, dir, fmt.Sprintf(`
version: 1
task: binary
data: {eval: {path: eval.csv, label: y, weight: w}}
candidate: {predictions: {score: new}}
baseline: {predictions: {score: old}}
metrics: {%s}
slices: {by: [w], rules: {%[1]s}}
`, rule), gate.Options{})
		if err != nil {
			t.Fatalf("%s: %v", rule, err)
		}
		for _, c := range r.Checks {
			if c.Evidence.Method != want.method || !strings.Contains(c.Reason, want.reason) {
				t.Errorf("%s: %s, %q", c.ID, c.Evidence.Method, c.Reason)
			}
			// 133 or 134 rows of each of the weights 1, 2 and 3.
			if worth := c.Evidence.EffectiveRows; want.method != "point" && (c.Interval == nil || c.Slice == "" && (worth < 342 || worth > 343) || c.Slice != "" && (worth < 132 || worth > 135)) {
				t.Errorf("%s: %v, worth %v rows", c.ID, c.Interval, worth)
			}
			if c.Slice == "" && want.method == "delta" && c.Verdict != result.Fail {
				t.Errorf("%s: %s, %s", c.ID, c.Verdict, c.Reason)
			}
		}
	}
}
