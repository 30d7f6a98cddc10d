package evidence

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/summary"
)

// grouped is a row, the group it is of, and its weight.
type grouped struct {
	row
	group  uint64
	weight float64
}

// groupedLabels makes a sealed summary of rows that depend on each other by group.
func groupedLabels(classes int, rows []grouped, weighted bool) summary.View {
	s := summary.New(summary.Shape{Classes: classes, Models: 2, Clustered: true, Weighted: weighted})
	b := &summary.Batch{Rows: len(rows), Models: make([]summary.Outputs, 2), Label: []uint16{}}
	for _, r := range rows {
		b.Label = append(b.Label, uint16(r.label))
		b.Models[0].Class = append(b.Models[0].Class, uint16(r.candidate))
		b.Models[1].Class = append(b.Models[1].Class, uint16(r.baseline))
		b.Cluster = append(b.Cluster, r.group)
		if weighted {
			b.Weight = append(b.Weight, r.weight)
		}
	}
	s.Add(b)
	s.Seal(2)
	return s.Whole()
}

// copies is each row so many times, as a group of its own.
func copies(n int, rows []row) []grouped {
	var list []grouped
	for i, r := range rows {
		for range n {
			list = append(list, grouped{r, uint64(i), 1})
		}
	}
	return list
}

// reference is 600 rows in 95 groups of 3 to 8, by arithmetic that any tool can do.
func reference() []grouped {
	right := func(is bool, y int) int {
		if is {
			return y
		}
		return 1 - y
	}
	rows := make([]grouped, 600)
	for i := range rows {
		g, y := i*i%37+i%5*100, 0
		if i*7%3 == 0 {
			y = 1
		}
		rows[i] = grouped{row{y, right((i*37+11)%101 < 80, y), right((i*53+5+g)%97 < 80, y)}, uint64(g), float64(1 + i%4)}
	}
	return rows
}

// seOf takes the standard error out of an interval, which the group of most
// influence widens.
func seOf(low, high, most, t float64) float64 {
	half := (high - low) / 2
	return math.Sqrt(half*half/(t*t) - t*t*most*most)
}

// mostOf is the most that a group of usual size changes accuracy, with the squares
// of the groups' weights in a class over its weight.
func mostOf(rows []grouped, weight func(grouped) float64, counts func(label int) bool) float64 {
	most, of := 0.0, 0.0
	for label := range 2 {
		sizes, sum, squares := map[uint64]float64{}, 0.0, 0.0
		for _, r := range rows {
			if r.label == label {
				sizes[r.group] += weight(r)
				sum += weight(r)
			}
		}
		for _, s := range sizes {
			squares += s * s
		}
		if counts(label) {
			most, of = max(most, squares/sum), of+sum
		}
	}
	return most / of
}

// TestClusterReference: statsmodels 0.15.0, OLS (WLS with the weights) of each
// row's change of being right on a constant, fit(cov_type="cluster",
// cov_kwds={"groups": group, "use_correction": True}): the factor of CR1 is G/(G-1)
// with one coefficient. Recall on the positive rows alone. F1: numpy 2.4.6, the sum
// by group of (2 tp - f1 (2 tp + fp + fn))/(2 TP + FP + FN) of each row, times its
// weight, their squares added up and times G/(G-1). t is scipy 1.17.1's t.ppf(.975, 94).
func TestClusterReference(t *testing.T) {
	const quantile = 1.985523441866604
	rows := reference()
	one := func(grouped) float64 { return 1 }
	weight := func(r grouped) float64 { return r.weight }
	every := func(int) bool { return true }
	for name, c := range map[string]struct {
		metric       string
		weighted     bool
		change, se   float64
		most         float64 // 0: that of mostInfluence
		value, valSE float64
	}{
		"accuracy":           {metric: "accuracy", change: -0.046666666666666676, se: 0.01983788181813289, most: mostOf(rows, one, every), value: 0.7916666666666665, valSE: 0.010734847002914927},
		"accuracy, weighted": {metric: "accuracy", weighted: true, change: -0.04133333333333331, se: 0.022808230438120632, most: mostOf(rows, weight, every)},
		"recall":             {metric: "recall", change: -0.045, se: 0.03825015731437543, most: mostOf(rows, one, func(label int) bool { return label == 1 })},
		"f1":                 {metric: "f1", change: -0.05814856713881322, se: 0.02674535297411832, value: 0.7178329571106095, valSE: 0.015309132519304153},
		"f1, weighted":       {metric: "f1", weighted: true, change: -0.050233672295155074, se: 0.029848734921670943, value: 0.7197106690777577, valSE: 0.01983658240359751},
	} {
		v, m := groupedLabels(2, rows, c.weighted), lookup(t, c.metric)
		e, ok := OfChange(v, m, some, Question{Side: Down, Margin: .02, Alpha: .05})
		both := []metric.Slope{m.Slope(v, 0, some), m.Slope(v, 1, some)}
		tally := tallyOf(v, both, func(summary.ClusterCell) (float64, float64) { return 0, 0 })
		if c.most != 0 && !near(tally.most, c.most, 1e-12) {
			t.Errorf("%s: a group changes %v, want %v", name, tally.most, c.most)
		}
		if se := seOf(e.Low, e.High, tally.most, quantile); !ok || e.Method != "cluster" || !near(se, c.se, 1e-11) || !near((e.Low+e.High)/2, c.change, 1e-12) {
			t.Errorf("%s: standard error %v, %+v", name, se, e)
		}
		if Groups(v, m, some, true) != 95 {
			t.Errorf("%s: %d groups", name, Groups(v, m, some, true))
		}
		if c.valSE == 0 {
			continue
		}
		in, ok := OfValue(v, 0, m, some, .05)
		most := mostInfluence(tally.units, both[:1])
		if se := seOf(in.Low, in.High, most, quantile); !ok || !near(se, c.valSE, 1e-11) || !near((in.Low+in.High)/2, c.value, 1e-12) {
			t.Errorf("%s: value with standard error %v, %+v", name, se, in)
		}
	}
	// The same rows: (change - largest group)/sqrt(sum of squares of the groups'
	// changes), scipy's t.sf with 94 degrees of freedom.
	if e, _ := OfChange(groupedLabels(2, rows, false), lookup(t, "accuracy"), some, Question{Side: Down, Margin: .02, Alpha: .05}); !near(e.Worse, 0.021327421538544018, 1e-12) {
		t.Errorf("worse %v", e.Worse)
	}
}

// TestCopiesTellNothing: rows that are copied inside their group say what they
// said, and a weight is as many copies.
func TestCopiesTellNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for i := range 20 {
		classes := 2 + i%2*4 // of six classes only cells with rows are kept
		rows := noisy(random, classes, 200, .8, .05, .02)
		for _, name := range []string{"accuracy", "recall", "f1", "mcc", "positive_rate", "precision_macro"} {
			m, q := lookup(t, name), Question{Side: Down, Margin: .03, Alpha: .05}
			want, ok := OfChange(groupedLabels(classes, copies(1, rows), false), m, some, q)
			if !ok {
				t.Fatal(name)
			}
			tenfold, heavy := copies(10, rows), copies(1, rows)
			for i := range heavy {
				heavy[i].weight = 10
			}
			of := want
			want.RowsNeeded = 0 // there are ten times as many rows of the same worth
			for _, v := range []summary.View{groupedLabels(classes, tenfold, false), groupedLabels(classes, heavy, true)} {
				got, _ := OfChange(v, m, some, q)
				if v.Rows() == 2000 && got.RowsNeeded/10 != of.RowsNeeded && got.RowsNeeded/10+1 != of.RowsNeeded {
					t.Errorf("%s: %d rows needed of ten copies each, want ten times %d", name, got.RowsNeeded, of.RowsNeeded)
				}
				got.RowsNeeded = 0
				if !alike(got, want) {
					t.Errorf("%s: %+v, want %+v", name, got, want)
				}
			}
		}
	}
}

func alike(a, b Change) bool {
	same := func(x, y float64) bool { return near(x, y, 1e-9) }
	return a.Method == b.Method && a.Provable == b.Provable && same(a.Low, b.Low) && same(a.High, b.High) &&
		same(a.Worse, b.Worse) && same(a.Beyond, b.Beyond) && same(a.Within, b.Within)
}

// TestGroupsOfOne: where every row is a group of its own, the variance is that of
// the delta method times n/(n-1), and t stands in for the normal distribution.
func TestGroupsOfOne(t *testing.T) {
	rows := noisy(rand.New(rand.NewPCG(5, 6)), 2, 4000, .8, .05, .02)
	plain, one := labels(2, rows), groupedLabels(2, copies(1, rows), false)
	for _, name := range []string{"f1", "precision", "mcc", "balanced_accuracy"} {
		m, q := lookup(t, name), Question{Side: Down, Margin: .01, Alpha: .05}
		want, _ := OfChange(plain, m, some, q)
		got, _ := OfChange(one, m, some, q)
		if !near(got.Low, want.Low, 2e-3*(want.High-want.Low)) || !near(got.High, want.High, 2e-3*(want.High-want.Low)) ||
			!near(got.Worse, want.Worse, .01*want.Worse+1e-6) || got.Provable != want.Provable {
			t.Errorf("%s: %+v, want nearly %+v", name, got, want)
		}
	}
}

// TestFewGroups: one group, or few, are no evidence; nor are many of which few have
// rows that the metric looks at.
func TestFewGroups(t *testing.T) {
	q := Question{Side: Down, Margin: .02, Alpha: .05}
	for groups, want := range map[int]bool{1: false, 9: false, 10: true, 30: true} {
		var rows []grouped
		for i := range 300 {
			rows = append(rows, grouped{row{i % 2, i % 2, (i + i/7%2) % 2}, uint64(i % groups), 1})
		}
		v := groupedLabels(2, rows, false)
		if _, ok := OfChange(v, lookup(t, "accuracy"), some, q); ok != want {
			t.Errorf("%d groups: evidence on a change %v", groups, ok)
		}
		if _, ok := OfValue(v, 0, lookup(t, "accuracy"), some, .05); ok != want {
			t.Errorf("%d groups: evidence on a value %v", groups, ok)
		}
	}
	rare := copies(1, concat(times(5, row{1, 1, 1}), times(4, row{1, 0, 1}), times(300, row{0, 0, 0})))
	v := groupedLabels(2, rare, false)
	if n := Groups(v, lookup(t, "recall"), some, true); n != 9 {
		t.Errorf("%d groups have positive rows", n)
	}
	if e, ok := OfChange(v, lookup(t, "recall"), some, q); ok {
		t.Errorf("recall on 9 positive groups: %+v", e)
	}
	if e, ok := OfChange(v, lookup(t, "specificity"), some, q); !ok || e.Worse != 1 {
		t.Errorf("specificity without flips: %+v", e)
	}
}

// TestNoGroupAlone: what one group of any size does is no evidence that it is worse.
func TestNoGroupAlone(t *testing.T) {
	rows := copies(1, times(300, row{1, 1, 1}))
	for range 60 {
		rows = append(rows, grouped{row{1, 0, 1}, 1000, 1})
	}
	e, ok := OfChange(groupedLabels(2, rows, false), lookup(t, "accuracy"), some, Question{Side: Down, Margin: .02, Alpha: .05})
	if !ok || e.Worse < .5 || e.Low > -.3 {
		t.Errorf("%+v", e)
	}
}

// TestDependentRows: releases that are as good as the baseline, of rows that stand
// ten times in the set. Taken for independent rows they fail far more often than
// alpha; by group they do not.
func TestDependentRows(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	const releases = 1000
	for _, name := range []string{"accuracy", "recall", "f1"} {
		for _, size := range []int{60, 300} {
			m, q := lookup(t, name), Question{Side: Down, Margin: 0, Alpha: .05}
			naive, byGroup := 0, 0
			for range releases {
				rows := copies(10, noisy(random, 2, size, .8, .1, 0))
				var plain []row
				for _, r := range rows {
					plain = append(plain, r.row)
				}
				if e, ok := OfChange(labels(2, plain), m, some, q); ok && e.Worse <= .05 {
					naive++
				}
				if e, ok := OfChange(groupedLabels(2, rows, false), m, some, q); ok && e.Worse <= .05 {
					byGroup++
				}
			}
			if naive < releases/5 || byGroup > 70 { // .05 of 1,000 and three standard errors
				t.Errorf("%s, %d groups: of %d equally good releases %d look worse, by group %d", name, size, releases, naive, byGroup)
			}
		}
	}
}

// TestClusterCoverage: intervals of groups of uneven size, whose rows tend to be
// right or wrong together, cover the truth.
func TestClusterCoverage(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	for _, groups := range []int{30, 200} {
		missed, missedValue := 0, 0
		for range 1000 {
			var rows []grouped
			for g := range groups {
				// Each model is right on all rows of a group, or on each with chance .8:
				// .86 on the whole, so no change.
				all, allBefore := random.Float64() < .3, random.Float64() < .3
				for range 1 + random.IntN(9) {
					y := random.IntN(2)
					answer := func(all bool) int {
						if all || random.Float64() < .8 {
							return y
						}
						return 1 - y
					}
					rows = append(rows, grouped{row{y, answer(all), answer(allBefore)}, uint64(g), 1})
				}
			}
			v := groupedLabels(2, rows, false)
			if e, ok := OfChange(v, lookup(t, "accuracy"), some, Question{Side: Down, Margin: .02, Alpha: .05}); !ok || e.Low > 0 || e.High < 0 {
				missed++
			}
			if in, ok := OfValue(v, 0, lookup(t, "accuracy"), some, .05); !ok || in.Low > .86 || in.High < .86 {
				missedValue++
			}
		}
		if missed > 70 || missedValue > 70 { // .05 of 1,000 and three standard errors
			t.Errorf("%d groups: of 1,000 intervals %d miss the change and %d the value", groups, missed, missedValue)
		}
	}
}
