package evidence

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// weightedLabels makes a sealed summary of rows with weights, whatever their groups.
func weightedLabels(classes int, rows []grouped) summary.View {
	s := summary.New(summary.Shape{Classes: classes, Models: 2, Weighted: true, Whole: summary.Needs{CellWeights: true}})
	b := &summary.Batch{Rows: len(rows), Models: make([]summary.Outputs, 2), Label: []uint16{}, Weight: []float64{}}
	for _, r := range rows {
		b.Label = append(b.Label, uint16(r.label))
		b.Models[0].Class = append(b.Models[0].Class, uint16(r.candidate))
		b.Models[1].Class = append(b.Models[1].Class, uint16(r.baseline))
		b.Weight = append(b.Weight, r.weight)
	}
	s.Add(b)
	s.Seal(1)
	return s.Whole()
}

// weighing gives each row a weight.
func weighing(rows []row, weight func(i int) float64) []grouped {
	list := make([]grouped, len(rows))
	for i, r := range rows {
		list[i] = grouped{r, 0, weight(i)}
	}
	return list
}

// TestWeightedReference: testdata/dependent.json.
func TestWeightedReference(t *testing.T) {
	v := weightedLabels(2, dependentRows())
	for name, want := range byBruteForce(t, "weighted labels") {
		m := lookup(t, name)
		slopes := []metric.Slope{m.Slope(v, 0, some), m.Slope(v, 1, some)}
		quantile := func(slopes []metric.Slope) (float64, float64) {
			w := weigh(v, slopes, func(summary.CellWeight) float64 { return 0 })
			var weight, squares float64
			for i := range w.list {
				weight, squares = weight+w.weight[i], squares+w.squares[i]
			}
			return mostInfluence(w.units(v), slopes), -stats.StudentQuantile(.025, stats.EffectiveSize(weight, squares)-1)
		}
		e, ok := OfChange(v, m, some, Question{Side: Down, Margin: .02, Alpha: .05})
		most, q := quantile(slopes)
		if se := seOf(e.Low, e.High, most, q); !ok || e.Method != "delta" || !near(se, want[3], 1e-9) || !near((e.Low+e.High)/2, want[2], 1e-12) {
			t.Errorf("%s: change with standard error %v, %+v, want %v", name, se, e, want)
		}
		in, ok := OfValue(v, 0, m, some, .05)
		most, q = quantile(slopes[:1])
		if se := seOf(in.Low, 2*want[0]-in.Low, most, q); !ok || !near(se, want[1], 1e-9) || !near(in.High, min(1, 2*want[0]-in.Low), 1e-12) {
			t.Errorf("%s: value with standard error %v, %+v, want %v", name, se, in, want)
		}
		// Weights of 1, 2, 3, 4 on 18 rows each: (18 * 10)^2 / (18 * 30) = 60.
		if !near(e.EffectiveRows, 60, 1e-12) || !near(in.EffectiveRows, 60, 1e-12) {
			t.Errorf("%s: worth %v and %v rows", name, e.EffectiveRows, in.EffectiveRows)
		}
	}
}

// TestEqualWeights: rows of one weight, whatever it is, say what rows without
// weights say, but for the factor n/(n-1) and t in place of the normal distribution.
func TestEqualWeights(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	for _, classes := range []int{2, 6} { // of six classes only cells with rows are kept
		rows := noisy(random, classes, 4000, .8, .05, .02)
		for _, name := range []string{"f1", "precision", "mcc", "balanced_accuracy", "cohen_kappa"} {
			m, q := lookup(t, name), Question{Side: Down, Margin: .01, Alpha: .05}
			want, _ := OfChange(labels(classes, rows), m, some, q)
			value, _ := OfValue(labels(classes, rows), 0, m, some, .05)
			for _, weight := range []float64{1, 1e-3, 7e5} {
				v := weightedLabels(classes, weighing(rows, func(int) float64 { return weight }))
				got, ok := OfChange(v, m, some, q)
				width := want.High - want.Low
				if !ok || !near(got.Low, want.Low, 2e-3*width) || !near(got.High, want.High, 2e-3*width) || !near(got.EffectiveRows, 4000, 1e-6) ||
					!near(got.Worse, want.Worse, .01*want.Worse+1e-6) || got.Provable != want.Provable || !near(float64(got.RowsNeeded), float64(want.RowsNeeded), .002*float64(want.RowsNeeded)) {
					t.Errorf("%s, weights of %v: %+v, want nearly %+v", name, weight, got, want)
				}
				in, ok := OfValue(v, 0, m, some, .05)
				if width := value.High - value.Low; !ok || !near(in.Low, value.Low, 2e-3*width) || !near(in.High, value.High, 2e-3*width) {
					t.Errorf("%s, weights of %v: %+v, want nearly %+v", name, weight, in, value)
				}
			}
		}
	}
}

// TestWeightOfNothing: rows of weight 0 are not there.
func TestWeightOfNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(13, 14))
	rows := weighing(noisy(random, 2, 400, .8, .1, .02), func(i int) float64 { return 1 + float64(i%5) })
	more := append(weighing(noisy(random, 2, 300, .3, .9, 0), func(int) float64 { return 0 }), rows...)
	for _, m := range ofCounts() {
		q := Question{Side: Both, Margin: .02, Alpha: .05}
		want, ok := OfChange(weightedLabels(2, rows), m, some, q)
		got, ok2 := OfChange(weightedLabels(2, more), m, some, q)
		got.RowsNeeded = want.RowsNeeded // of rows like these
		if !ok || !ok2 || !alike(got, want) {
			t.Errorf("%s: %+v, want %+v", m.Name, got, want)
		}
	}
}

// TestFewWeighted: on no, one or two rows nothing is told, and nothing panics.
func TestFewWeighted(t *testing.T) {
	for name, rows := range map[string][]grouped{
		"none":              nil,
		"one right":         weighing(times(1, row{1, 1, 1}), func(int) float64 { return 3 }),
		"one lost":          weighing(times(1, row{1, 0, 1}), func(int) float64 { return 3 }),
		"two lost":          weighing(times(2, row{1, 0, 1}), func(int) float64 { return 3 }),
		"one of two counts": weighing(times(2, row{1, 0, 1}), func(i int) float64 { return float64(i) }),
		"one outweighs all": weighing(times(500, row{1, 0, 1}), func(i int) float64 { return 1 + 1e18*float64(i/499) }),
		"no weight":         weighing(times(5, row{1, 0, 1}), func(int) float64 { return 0 }),
		"too large":         weighing(times(50, row{1, 0, 1}), func(int) float64 { return 1e300 }),
	} {
		for _, m := range ofCounts() {
			v := weightedLabels(2, rows)
			e, ok := OfChange(v, m, some, Question{Side: Down, Margin: .01, Alpha: .05})
			if ok && (e.Worse < .25 || e.Beyond < .25 || e.Provable) {
				t.Errorf("%s of %s: %+v", m.Name, name, e)
			}
			if _, err := m.Estimate(v, 0, some); err == nil && !ok {
				if _, err := m.Estimate(v, 1, some); err == nil {
					t.Errorf("%s of %s has no evidence", m.Name, name)
				}
			}
			if in, ok := OfValue(v, 0, m, some, .05); ok && in.High-in.Low < .5 {
				t.Errorf("%s of %s: %+v", m.Name, name, in)
			}
		}
	}
}

// TestWeightedAgree: models that agree on all rows are not worse, and the margin is
// proven from as many effective rows as without weights.
func TestWeightedAgree(t *testing.T) {
	for _, rows := range []int{50, 400} {
		v := weightedLabels(2, weighing(times(rows, row{1, 1, 1}), func(i int) float64 { return 1 + float64(i%2) }))
		e, ok := OfChange(v, lookup(t, "accuracy"), some, Question{Side: Down, Margin: .02, Alpha: .05})
		if !ok || e.Worse != 1 || e.Provable != (rows == 400) || (e.Within <= .05) != (rows == 400) || !(e.Low < 0 && e.High > 0) {
			t.Errorf("%d rows: %+v", rows, e)
		}
	}
}

// TestWeightedCoverage: intervals of rows whose weights vary a lot and have to do
// with how well the models do, hold the truth; and models that are equally good
// fail at most alpha of the time.
func TestWeightedCoverage(t *testing.T) {
	random := rand.New(rand.NewPCG(15, 16))
	const sets = 1000
	for _, name := range []string{"accuracy", "recall", "f1", "mcc"} {
		for _, size := range []int{100, 300} {
			m := lookup(t, name)
			truth := weightedTruth(name)
			missed, missedValue, worse := 0, 0, 0
			for range sets {
				v := weightedLabels(2, weightedWorld(random, size))
				e, ok := OfChange(v, m, some, Question{Side: Down, Margin: 0, Alpha: .05})
				if !ok || e.Low > 0 || e.High < 0 {
					missed++
				}
				if ok && e.Worse <= .05 {
					worse++
				}
				if in, ok := OfValue(v, 0, m, some, .05); !ok || in.Low > truth || in.High < truth {
					missedValue++
				}
			}
			// .05 of 1,000 and three standard errors
			if missed > 70 || missedValue > 70 || worse > 70 {
				t.Errorf("%s on %d rows: of %d intervals %d miss the change and %d the value; %d look worse", name, size, sets, missed, missedValue, worse)
			}
		}
	}
}

// weightedWorld draws rows of which a third count four times; on these the models
// are right with chance .7, on the others with .9, each on its own.
func weightedWorld(random *rand.Rand, size int) []grouped {
	rows := make([]grouped, size)
	for i := range rows {
		weight, right := 1., .9
		if random.IntN(3) == 0 {
			weight, right = 4, .7
		}
		y := random.IntN(2)
		answer := func() int {
			if random.Float64() < right {
				return y
			}
			return 1 - y
		}
		rows[i] = grouped{row{y, answer(), answer()}, 0, weight}
	}
	return rows
}

// weightedTruth is what is true of that world: of the weight, 2 of 6 parts are of
// rows that count once and 4 of rows that count four times.
func weightedTruth(name string) float64 {
	right := (2*.9 + 4*.7) / 6
	if name == "mcc" { // (right - wrong) of either class, as both are as frequent
		return 2*right - 1
	}
	return right
}

// TestWeightedByHand: ten rows in two cells. Accuracy .4 = 4/10 of the weight; the
// influence of a right row of weight w is .6 w/10, of a wrong one -.4 w/10, so the
// squares add up to (.36 * 6 + .16 * 10)/100 = .0376 for right rows of weights 1, 1,
// 2 and wrong ones of 1, 1, 2, 2 and none; effective rows are 100/16.
func TestWeightedByHand(t *testing.T) {
	weights := []float64{1, 1, 2, 1, 1, 2, 2}
	v := weightedLabels(2, weighing(concat(times(3, row{1, 1, 1}), times(4, row{1, 0, 0})), func(i int) float64 { return weights[i] }))
	in, ok := OfValue(v, 0, lookup(t, "accuracy"), some, .05)
	n := 100. / 16
	most := 16. / 10 / 10 // the mean weight of a row, by weight, of all
	q := -stats.StudentQuantile(.025, n-1)
	half := q * math.Sqrt(.0376*n/(n-1)+q*q*most*most)
	if !ok || !near(in.Low, max(0, .4-half), 1e-12) || !near(in.High, min(1, .4+half), 1e-12) || !near(in.EffectiveRows, n, 1e-12) {
		t.Errorf("%+v, want .4 and %v on either side", in, half)
	}
}
