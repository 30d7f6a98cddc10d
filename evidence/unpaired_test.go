package evidence

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/summary"
)

func kept(value float64, counts [][]uint64) Kept { return Kept{Value: value, Counts: counts} }

// TestUnpaired: 29 of 29 against 51 of 56 is the example of 5/56 vs 0/29 errors,
// whose Newcombe interval is -.0381 to .1926 (design/statistics.md, errors of the
// first less those of the second).
func TestUnpaired(t *testing.T) {
	baseline := kept(1, [][]uint64{{20, 0}, {0, 9}})
	v := labels(2, concat(times(30, row{0, 0, 0}), times(3, row{0, 1, 0}), times(21, row{1, 1, 1}), times(2, row{1, 0, 1})))
	c, ok := OfUnpaired(v, baseline, lookup(t, "accuracy"), metric.Params{}, Question{Side: Down, Margin: 0.02, Alpha: 0.05})
	if !ok || c.Method != "newcombe" || !near(c.Low, -.1926, 5e-5) || !near(c.High, .0381, 5e-5) || c.Provable {
		t.Fatalf("%v %+v", ok, c)
	}
	// Of 85 rows the 5 wrong ones are all among the 56: scipy 1.17.1,
	// fisher_exact([[51, 5], [29, 0]], alternative="less").
	if !near(c.Worse, 0.11645241895367217, 1e-12) || !(c.Beyond >= c.Worse) || !math.IsNaN(c.Within) {
		t.Errorf("%+v", c)
	}
	// The more rows are paired, the more they tell: here the same counts, paired.
	paired := changeOf(t, v, "accuracy", Question{Side: Down, Margin: 0.02, Alpha: 0.05})
	same, _ := OfUnpaired(v, kept(1, [][]uint64{{33, 0}, {0, 23}}), lookup(t, "accuracy"), metric.Params{}, Question{Side: Down, Margin: 0.02, Alpha: 0.05})
	if !(same.High-same.Low > paired.High-paired.Low) {
		t.Errorf("unpaired %v to %v, paired %v to %v", same.Low, same.High, paired.Low, paired.High)
	}
	// Recall looks at the positive rows alone: 21 of 23 against 9 of 9.
	recall, ok := OfUnpaired(v, baseline, lookup(t, "recall"), metric.Params{}, Question{Side: Down, Margin: 0.02, Alpha: 0.05})
	if !ok || !(recall.Low < 21./23-1 && 21./23-1 < recall.High) || recall.RowsNeeded < 4 {
		t.Errorf("%v %+v", ok, recall)
	}
	if _, ok := OfUnpaired(v, kept(1, [][]uint64{{1, 0, 0}, {0, 0, 0}, {0, 0, 0}}), lookup(t, "accuracy"), metric.Params{}, Question{}); ok {
		t.Error("evidence from other classes")
	}
	for _, empty := range [][][]uint64{nil, {{0, 0}, {0, 0}}} {
		if _, ok := OfUnpaired(v, kept(1, empty), lookup(t, "accuracy"), metric.Params{}, Question{Side: Down, Margin: 0.02, Alpha: 0.05}); ok {
			t.Error("evidence from no rows")
		}
	}
	perfect, _ := OfUnpaired(labels(2, times(400, row{1, 1, 1})), kept(1, [][]uint64{{0, 0}, {0, 400}}), lookup(t, "accuracy"), metric.Params{}, Question{Side: Down, Margin: 0.02, Alpha: 0.05})
	if !(perfect.Worse > 0.3) || !perfect.Provable || !(perfect.Within < .05) {
		t.Errorf("two perfect models: %+v", perfect)
	}
	if zero, _ := OfUnpaired(v, baseline, lookup(t, "accuracy"), metric.Params{}, Question{Side: Down, Margin: 0, Alpha: 0.05}); zero.RowsNeeded != 0 || zero.Provable {
		t.Errorf("a margin of 0: %+v", zero)
	}
}

// keptOf is what a baseline keeps of model 0 in a slice.
func keptOf(v summary.View, m metric.Metric) Kept {
	e, _ := m.Estimate(v, 0, some)
	return Kept{Value: e.Value, Counts: v.Counts(0)}
}

// TestUnpairedPrecision: 51 of 56 against 29 of 29 again, as shares of the rows that
// each model says are positive.
func TestUnpairedPrecision(t *testing.T) {
	v := labels(2, concat(times(51, row{1, 1, 1}), times(5, row{0, 1, 1}), times(7, row{0, 0, 0})))
	c, ok := OfUnpaired(v, kept(1, [][]uint64{{40, 0}, {3, 29}}), lookup(t, "precision"), some, Question{Side: Down, Margin: 0.02, Alpha: 0.05})
	if !ok || c.Method != "newcombe" || !near(c.Low, -.1926, 5e-5) || !near(c.High, .0381, 5e-5) {
		t.Errorf("%v %+v", ok, c)
	}
}

// TestUnpairedCounts: the cells of F1 in design/statistics.md, whose change has a
// standard error of .0329 if pairing is ignored.
func TestUnpairedCounts(t *testing.T) {
	v := labels(2, concat(
		times(120, row{1, 1, 1}), times(14, row{1, 0, 1}), times(6, row{1, 1, 0}), times(20, row{1, 0, 0}),
		times(800, row{0, 0, 0}), times(10, row{0, 0, 1}), times(18, row{0, 1, 0}), times(12, row{0, 1, 1}),
	))
	f1 := lookup(t, "f1")
	baseline := Kept{Value: 2 * 134. / (2*134 + 22 + 26), Counts: v.Counts(1)}
	c, ok := OfUnpaired(v, baseline, f1, some, Question{Side: Down, Margin: 0.02, Alpha: 0.05})
	a := side{numbers(v.Counts(0)), f1, some}
	b := side{numbers(v.Counts(1)), f1, some}
	se := seOf(c.Low, c.High, max(a.most(), b.most()), 1.959963984540054) // scipy.stats.norm.ppf(.975)
	if !ok || c.Method != "delta" || !near((c.Low+c.High)/2, -.0506329, 5e-8) || !near(se, .0329, 5e-5) {
		t.Errorf("standard error %v, %v %+v", se, ok, c)
	}
	// The same rows, paired, tell more.
	if paired := changeOf(t, v, "f1", Question{Side: Down, Margin: 0.02, Alpha: 0.05}); !(paired.High-paired.Low < c.High-c.Low && paired.Worse < c.Worse) {
		t.Errorf("paired %+v, unpaired %+v", paired, c)
	}
	// A value that the counts do not give was of weighted rows.
	if _, ok := OfUnpaired(v, Kept{Value: .8, Counts: v.Counts(1)}, f1, some, Question{Side: Down, Margin: 0.02, Alpha: 0.05}); ok {
		t.Error("evidence from counts that are not the value's")
	}
	if _, ok := OfUnpaired(v, baseline, lookup(t, "log_loss"), some, Question{Side: Up, Margin: 0.02, Alpha: 0.05}); ok {
		t.Error("evidence on a metric of which nothing is kept")
	}
}

// TestUnpairedFalseAlarms: two samples of rows of one kind. At most alpha of them look
// worse at p <= alpha, and the interval covers a change of 0.
func TestUnpairedFalseAlarms(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	for _, name := range []string{"f1", "mcc", "balanced_accuracy", "precision", "f1_macro", "cohen_kappa"} {
		m := lookup(t, name)
		for size, most := range map[int]int{20: 90, 200: 70} { // of few rows Newcombe's interval covers some 93 %
			alarms, missed := 0, 0
			for range 1000 {
				v := labels(2, noisy(random, 2, size, .8, .05, 0))
				c, ok := OfUnpaired(v, keptOf(labels(2, noisy(random, 2, size, .8, .05, 0)), m), m, some, Question{Side: Down, Margin: 0.02, Alpha: 0.05})
				if ok && c.Worse <= .05 {
					alarms++
				}
				if ok && (c.Low > 0 || c.High < 0) {
					missed++
				}
			}
			if alarms > 70 || missed > most { // .05 of 1,000 and three standard errors
				t.Errorf("%s, %d rows: %d of 1,000 look worse, %d intervals miss", name, size, alarms, missed)
			}
		}
	}
}

// TestUnpairedEdges: few rows show nothing, and no chance leaves 0 to 1.
func TestUnpairedEdges(t *testing.T) {
	for name, rows := range map[string][2][]row{
		"right, then wrong": {times(2, row{1, 0, 0}), times(2, row{1, 1, 1})},
		"two and two":       {{{1, 0, 0}, {0, 1, 1}}, {{1, 1, 1}, {0, 0, 0}}},
		"one and one":       {{{1, 0, 0}}, {{1, 1, 1}}},
		"one class":         {times(30, row{0, 0, 0}), times(30, row{0, 0, 0})},
		"perfect":           {concat(times(30, row{0, 0, 0}), times(30, row{1, 1, 1})), concat(times(30, row{0, 0, 0}), times(30, row{1, 1, 1}))},
	} {
		v, before := labels(2, rows[0]), labels(2, rows[1])
		for _, m := range metric.All() {
			if !m.OfCounts() {
				continue
			}
			for _, margin := range []float64{0, .02, 1} {
				for _, direction := range []Side{Down, Up, Both} {
					c, ok := OfUnpaired(v, keptOf(before, m), m, some, Question{Side: direction, Margin: margin, Alpha: .05})
					if !ok {
						continue
					}
					for _, p := range []float64{c.Worse, c.Beyond, c.Within} {
						if p < 0 || p > 1 {
							t.Errorf("%s, %s: a chance of %v", name, m.Name, p)
						}
					}
					if c.Worse <= .05 || c.Provable && margin == .02 || !(c.Low <= c.High) {
						t.Errorf("%s, %s, margin %v: %+v", name, m.Name, margin, c)
					}
				}
			}
		}
	}
}

// scores makes a summary of one model's scores of positive and of negative rows.
func scores(positive, negative []float64) summary.View {
	needs := summary.Needs{Curves: []int{1}}
	s := summary.New(summary.Shape{Classes: 2, Models: 1, Whole: needs})
	b := &summary.Batch{Rows: len(positive) + len(negative), Label: []uint16{}, Models: make([]summary.Outputs, 1)}
	for i, score := range append(append([]float64(nil), positive...), negative...) {
		label := uint16(1)
		if i >= len(positive) {
			label = 0
		}
		b.Label = append(b.Label, label)
		b.Models[0].Score = append(b.Models[0].Score, score)
		b.Models[0].Class = append(b.Models[0].Class, uint16(score+.5))
	}
	s.Add(b)
	s.Seal(1)
	return s.Whole()
}

// TestUnpairedAreas: by Hanley's and McNeil's formula in Python 3.11: an area of .8
// over 40 and 60 rows has the variance 0.002248148148148147, one of .9 over 20 and 30 0.002469617224880381;
// Welch's degrees of freedom are 126.80652877673407, and scipy 1.17.1's t.cdf of the change over
// its standard error is 0.07394569838954686.
func TestUnpairedAreas(t *testing.T) {
	var positive, negative []float64
	for range 40 {
		positive = append(positive, .7)
	}
	for i := range 60 { // a fifth of them above all positive rows
		negative = append(negative, []float64{.1, .2, .3, .4, .9}[i%5])
	}
	v := scores(positive, negative)
	c, ok := OfUnpaired(v, kept(.9, [][]uint64{{25, 5}, {4, 16}}), lookup(t, "roc_auc"), metric.Params{}, Question{Side: Down, Margin: .02, Alpha: .05})
	if !ok || c.Method != "hanley-mcneil" || !near(c.Worse, 0.07394569838954686, 1e-12) || !near(c.High, 0.03591917555283375, 1e-12) || !near(c.Low, -0.23591917555283376, 1e-12) || c.Provable {
		t.Errorf("%v %+v", ok, c)
	}
	if same, _ := OfUnpaired(v, kept(.8, [][]uint64{{25, 5}, {4, 16}}), lookup(t, "roc_auc"), metric.Params{}, Question{Side: Down, Margin: .02, Alpha: .05}); same.Worse != .5 {
		t.Errorf("the same area: %+v", same)
	}
	perfect, ok := OfUnpaired(scores(positive, negative[:4]), kept(1, [][]uint64{{25, 5}, {4, 16}}), lookup(t, "roc_auc"), metric.Params{}, Question{Side: Down, Margin: .02, Alpha: .05})
	if !ok || perfect.Worse != .5 || perfect.Provable || !(perfect.Low < -.1) {
		t.Errorf("two perfect areas: %+v", perfect)
	}
	if _, ok := OfUnpaired(v, kept(.9, [][]uint64{{25, 5}, {0, 0}}), lookup(t, "roc_auc"), metric.Params{}, Question{Side: Down, Margin: .02, Alpha: .05}); ok {
		t.Error("evidence from an area without positive rows")
	}
}
