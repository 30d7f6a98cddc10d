package evidence

import (
	"math"
	"testing"

	"github.com/noworse/noworse/metric"
)

// TestUnpaired: 29 of 29 against 51 of 56 is the example of 5/56 vs 0/29 errors,
// whose Newcombe interval is -.0381 to .1926 (design/statistics.md, errors of the
// first less those of the second).
func TestUnpaired(t *testing.T) {
	baseline := [][]uint64{{20, 0}, {0, 9}}
	v := labels(2, concat(times(30, row{0, 0, 0}), times(3, row{0, 1, 0}), times(21, row{1, 1, 1}), times(2, row{1, 0, 1})))
	c, ok := OfUnpaired(v, baseline, lookup(t, "accuracy"), metric.Params{}, Question{Down, 0.02, 0.05})
	if !ok || c.Method != "newcombe" || !near(c.Low, -.1926, 5e-5) || !near(c.High, .0381, 5e-5) || c.Provable {
		t.Fatalf("%v %+v", ok, c)
	}
	if !(c.Worse > .02 && c.Worse < .1 && c.Beyond > c.Worse && math.IsNaN(c.Within)) {
		t.Errorf("%+v", c)
	}
	// The more rows are paired, the more they tell: here the same counts, paired.
	paired := changeOf(t, v, "accuracy", Question{Down, 0.02, 0.05})
	same, _ := OfUnpaired(v, [][]uint64{{33, 0}, {0, 23}}, lookup(t, "accuracy"), metric.Params{}, Question{Down, 0.02, 0.05})
	if !(same.High-same.Low > paired.High-paired.Low) {
		t.Errorf("unpaired %v to %v, paired %v to %v", same.Low, same.High, paired.Low, paired.High)
	}
	// Recall looks at the positive rows alone: 21 of 23 against 9 of 9.
	recall, ok := OfUnpaired(v, baseline, lookup(t, "recall"), metric.Params{}, Question{Down, 0.02, 0.05})
	if !ok || !(recall.Low < 21./23-1 && 21./23-1 < recall.High) || recall.RowsNeeded < uint64(2*len(baseline)) {
		t.Errorf("%v %+v", ok, recall)
	}
	if _, ok := OfUnpaired(v, [][]uint64{{1, 0, 0}, {0, 0, 0}, {0, 0, 0}}, lookup(t, "accuracy"), metric.Params{}, Question{}); ok {
		t.Error("evidence from other classes")
	}
	for _, empty := range [][][]uint64{nil, {{0, 0}, {0, 0}}} {
		if _, ok := OfUnpaired(v, empty, lookup(t, "accuracy"), metric.Params{}, Question{Down, 0.02, 0.05}); ok {
			t.Error("evidence from no rows")
		}
	}
	perfect, _ := OfUnpaired(labels(2, times(400, row{1, 1, 1})), [][]uint64{{0, 0}, {0, 400}}, lookup(t, "accuracy"), metric.Params{}, Question{Down, 0.02, 0.05})
	if !(perfect.Worse > 0.3) || !perfect.Provable || !(perfect.Within < .05) {
		t.Errorf("two perfect models: %+v", perfect)
	}
	if zero, _ := OfUnpaired(v, baseline, lookup(t, "accuracy"), metric.Params{}, Question{Down, 0, 0.05}); zero.RowsNeeded != 0 || zero.Provable {
		t.Errorf("a margin of 0: %+v", zero)
	}
}
