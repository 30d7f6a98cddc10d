package gate_test

import (
	"fmt"
	"testing"

	"github.com/noworse/noworse/gate"
)

// TestWeighedMeans: evidence on losses is there for each limit that a rule has, in
// every slice, and not where something makes it not hold.
func TestWeighedMeans(t *testing.T) {
	dir := write(t, map[string]string{"eval.csv": lines("y,new,old,w,person,half", 200, func(i int) string {
		return fmt.Sprintf("%d,0.%d,0.%d,2,%d,%d", i%2, 1+i*7%9, 1+i*5%9, i/4, i%2)
	})})
	spec := func(eval, rest string) string {
		return `
version: 1
task: binary
data: {eval: {path: eval.csv, label: y, classes: [0, 1], positive: 1` + eval + `}}
candidate: {predictions: {score: new}}
baseline: {predictions: {score: old}}
metrics: {log_loss: {max_rise: 0.1, max: 2}, brier: {max_rise: 0.1}, high_confidence_error_rate: {max_rise: 0.1, max: 0.5}}
slices:
  rules: {brier: {max_rise: 0.1, max: 0.9}, log_loss: {max: 3}}
  by: [half]
gaps: {half: {log_loss: {max_gap: 9}}}
` + rest
	}
	for name, c := range map[string]struct {
		spec string
		want map[string]string // methods, where they are not point
	}{
		"evidence": {spec("", ""), map[string]string{
			"metric/log_loss/max_rise": "t", "metric/log_loss/max": "t", "metric/brier/max_rise": "t",
			"metric/high_confidence_error_rate/max_rise": "tango", "metric/high_confidence_error_rate/max": "wilson",
			"slice/half=0/brier/max_rise": "t", "slice/half=0/brier/max": "t", "slice/half=0/log_loss/max": "t",
			"slice/half=1/brier/max_rise": "t", "slice/half=1/brier/max": "t", "slice/half=1/log_loss/max": "t",
			"gap/half/log_loss/max_gap": "range",
		}},
		"the plain rule": {spec("", "decision: {fail: point}\n"), nil},
		"weights": {spec(", weight: w", ""), map[string]string{
			"metric/log_loss/max_rise": "t", "metric/log_loss/max": "t", "metric/brier/max_rise": "t",
			"metric/high_confidence_error_rate/max_rise": "t", "metric/high_confidence_error_rate/max": "t",
			"slice/half=0/brier/max_rise": "t", "slice/half=0/brier/max": "t", "slice/half=0/log_loss/max": "t",
			"slice/half=1/brier/max_rise": "t", "slice/half=1/brier/max": "t", "slice/half=1/log_loss/max": "t",
			"gap/half/log_loss/max_gap": "range",
		}},
		"dependent rows": {spec(", group: person", ""), map[string]string{
			"metric/log_loss/max_rise": "cluster", "metric/log_loss/max": "cluster", "metric/brier/max_rise": "cluster",
			"metric/high_confidence_error_rate/max_rise": "cluster", "metric/high_confidence_error_rate/max": "cluster",
			"slice/half=0/brier/max_rise": "cluster", "slice/half=0/brier/max": "cluster", "slice/half=0/log_loss/max": "cluster",
			"slice/half=1/brier/max_rise": "cluster", "slice/half=1/brier/max": "cluster", "slice/half=1/log_loss/max": "cluster",
			"gap/half/log_loss/max_gap": "range",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := check(t, dir, c.spec, gate.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, got := range r.Checks {
				want := c.want[got.ID]
				if want == "" {
					want = "point"
				}
				if got.Evidence.Method != want || (got.Evidence.PWorse != nil) != (want == "t" || want == "tango" || want == "cluster") && got.Rule.Max == nil {
					t.Errorf("%s: %+v, want %s", got.ID, got.Evidence, want)
				}
				if want := map[bool]float64{true: float64(*got.Rows)}[name == "weights" && want == "t"]; got.Evidence.EffectiveRows != want {
					t.Errorf("%s: %v effective rows, want %v", got.ID, got.Evidence.EffectiveRows, want)
				}
				unvaried := got.Metric == "high_confidence_error_rate" && (want == "t" || want == "cluster") // there is no such error
				if (got.Interval != nil) != (want != "point" && !unvaried) {
					t.Errorf("%s: interval %v", got.ID, got.Interval)
				}
			}
			if len(r.Checks) < 12 {
				t.Errorf("%d checks", len(r.Checks))
			}
		})
	}
}
