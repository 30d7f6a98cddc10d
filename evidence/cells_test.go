package evidence

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/stats"
)

// ofCounts are the metrics that are functions of counts.
func ofCounts() []metric.Metric {
	var list []metric.Metric
	for _, m := range metric.All() {
		if m.OfCounts() {
			list = append(list, m)
		}
	}
	return list
}

var some = metric.Params{Beta: 2}

// noisy rows: both models are right on a row with chance p, apart from each other
// on a share of rows.
func noisy(random *rand.Rand, classes, rows int, right, discordance, drop float64) []row {
	list := make([]row, rows)
	for i := range list {
		r := row{label: random.IntN(classes) * random.IntN(2)} // class 0 is the most frequent
		wrong := (r.label + 1 + random.IntN(classes-1)) % classes
		r.candidate, r.baseline = r.label, r.label
		switch u := random.Float64(); {
		case u < discordance/2+drop:
			r.candidate = wrong
		case u < discordance+drop:
			r.baseline = wrong
		case random.Float64() > right:
			r.candidate, r.baseline = wrong, wrong
		}
		list[i] = r
	}
	return list
}

// TestSlopes: derivatives are those of differences, and the sum of all, each times
// its rows, is 0, since the value stays when all rows double.
func TestSlopes(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, classes := range []int{2, 3, 6} {
		for range 20 {
			v := labels(classes, noisy(random, classes, 300, .7, .3, 0))
			confusion := v.Confusion(0)
			for _, m := range ofCounts() {
				flat := make([]float64, 0, classes*classes)
				for _, line := range confusion {
					flat = append(flat, line...)
				}
				value := func(counts []float64) float64 {
					cells := make([][]float64, classes)
					for i := range cells {
						cells[i] = counts[i*classes : (i+1)*classes]
					}
					return m.Counted(cells, some)
				}
				e, err := m.Estimate(v, 0, some)
				if err != nil || value(flat) != e.Value {
					t.Fatalf("%s: %v of its counts, %v of the view (%v)", m.Name, value(flat), e.Value, err)
				}
				want, err := stats.Gradient(flat, value)
				if err != nil {
					t.Fatal(err)
				}
				slope, sum := m.Slope(v, 0, some), 0.0
				for k, n := range flat {
					if n == 0 {
						continue
					}
					got := slope(k/classes, k%classes)
					sum += n * got
					if !near(got, want[k], 1e-9) {
						t.Errorf("%s of %d classes: slope %v of cell %d, want %v", m.Name, classes, got, k, want[k])
					}
				}
				if !near(sum, 0, 1e-12) {
					t.Errorf("%s of %d classes: slopes add up to %v", m.Name, classes, sum)
				}
			}
		}
	}
}

// TestF1 is the example of design/statistics.md: cells (y, base, cand) give a
// change of F1 of -.0506329 and a delta-method standard error of .0215455.
func TestF1(t *testing.T) {
	v := labels(2, concat(
		times(120, row{1, 1, 1}), times(14, row{1, 0, 1}), times(6, row{1, 1, 0}), times(20, row{1, 0, 0}),
		times(800, row{0, 0, 0}), times(10, row{0, 0, 1}), times(18, row{0, 1, 0}), times(12, row{0, 1, 1}),
	))
	f1 := lookup(t, "f1")
	c := changeOf(t, v, "f1", Question{Side: Down, Margin: 0.02, Alpha: 0.05})
	middle, half := (c.Low+c.High)/2, (c.High-c.Low)/2
	if c.Method != "delta" || !near(middle, -.0506329, 5e-8) {
		t.Fatalf("%+v", c)
	}
	z := 1.959963984540054 // scipy.stats.norm.ppf(.975)
	most := mostInfluence(unitsOf(v), []metric.Slope{f1.Slope(v, 0, some), f1.Slope(v, 1, some)})
	if se := math.Sqrt(half*half/(z*z) - z*z*most*most); !near(se, .0215455, 5e-8) {
		t.Errorf("standard error %v, most %v", se, most)
	}
	if most > .01 || c.Worse < .005 || c.Worse > .03 {
		t.Errorf("most %v, %+v", most, c)
	}
	// The exact test by exchanging the models' answers is close, and smaller: the
	// correction for continuity is for the largest influence, and others are finer.
	if exact := swapped(t, v, f1, Down); !(c.Worse > .9*exact && c.Worse < 1.6*exact) {
		t.Errorf("worse %v, exact %v", c.Worse, exact)
	}
}

// swapped is the exact chance of the change if the models' answers to a row could
// be exchanged.
func swapped(t testing.TB, v viewOf, m metric.Metric, side Side) float64 {
	t.Helper()
	classes := v.Classes()
	counts := make([]float64, classes*classes*classes)
	mirror := make([]int, len(counts))
	at := func(label, candidate, baseline int) int { return (label*classes+candidate)*classes + baseline }
	for label := range classes {
		for a := range classes {
			for b := range classes {
				mirror[at(label, a, b)] = at(label, b, a)
			}
		}
	}
	v.EachCell(func(label int, predicted [2]int, count uint64) {
		counts[at(label, predicted[0], predicted[1])] = float64(count)
	})
	worse := func(counts []float64) float64 {
		tables := [2][][]float64{}
		for model := range 2 {
			tables[model] = make([][]float64, classes)
			for i := range classes {
				tables[model][i] = make([]float64, classes)
			}
		}
		for k, n := range counts {
			tables[0][k/classes/classes][k/classes%classes] += n
			tables[1][k/classes/classes][k%classes] += n
		}
		change := m.Counted(tables[0], some) - m.Counted(tables[1], some)
		if side == Down {
			return -change
		}
		return change
	}
	test, err := stats.SwapTest(counts, mirror, worse, stats.Bootstrap{Seed: 1, Replicates: 4000})
	if err != nil {
		t.Fatal(err)
	}
	return test.P
}

type viewOf interface {
	Classes() int
	EachCell(func(label int, predicted [2]int, count uint64))
}

// TestWorseIsNoSmallerThanExact: the chance of a worsening that one sees is never
// far below that of the exact test, on few rows that differ and on many.
func TestWorseIsNoSmallerThanExact(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	compared := 0
	for range 150 {
		v := labels(2, noisy(random, 2, 60+random.IntN(400), .8, .02+.1*random.Float64(), .05*random.Float64()))
		for _, name := range []string{"f1", "precision", "jaccard", "balanced_accuracy", "mcc", "cohen_kappa", "f1_macro", "precision_weighted"} {
			m := lookup(t, name)
			c, ok := OfChange(v, m, some, Question{Side: Down, Margin: 0.01, Alpha: 0.05})
			if !ok {
				continue
			}
			exact := swapped(t, v, m, Down)
			if exact > .5 {
				continue
			}
			compared++
			if c.Worse < .6*exact {
				t.Errorf("%s: worse %v, exact %v", name, c.Worse, exact)
			}
			if exact < .001 && c.Worse > .01 {
				t.Errorf("%s: worse %v, exact %v: too cautious", name, c.Worse, exact)
			}
		}
	}
	if compared < 300 {
		t.Errorf("compared %d", compared)
	}
}

// TestEquallyGood: of two models that differ by chance alone, at most alpha are
// called worse; and the interval covers no change at least 93 % of the time.
func TestEquallyGood(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	const runs = 1500
	for _, name := range []string{"f1", "precision", "mcc", "f1_macro", "balanced_accuracy", "cohen_kappa"} {
		for _, rows := range []int{100, 800} {
			worse, missed, had := 0, 0, 0
			for range runs {
				c, ok := OfChange(labels(2, noisy(random, 2, rows, .8, .06, 0)), lookup(t, name), some, Question{Side: Down, Margin: 0.02, Alpha: 0.05})
				if !ok {
					continue
				}
				had++
				if c.Worse <= .05 {
					worse++
				}
				if c.Low > 0 || c.High < 0 {
					missed++
				}
			}
			share := func(n int) float64 { return float64(n) / float64(had) }
			if had < runs*9/10 || share(worse) > .05+.017 || share(missed) > .07+.02 { // three standard errors
				t.Errorf("%s, %d rows: worse in %.3f, missed in %.3f of %d", name, rows, share(worse), share(missed), had)
			}
		}
	}
}

// TestProvenIsSo: where the true drop is the margin, at most alpha are proven to be
// within it.
func TestProvenIsSo(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	for _, name := range []string{"f1_macro", "balanced_accuracy", "precision", "f1"} {
		m := lookup(t, name)
		for _, rows := range []int{150, 600} {
			// The margin is the drop of a large set of such rows.
			large := labels(2, noisy(random, 2, 400_000, .8, .04, .03))
			x, _ := m.Estimate(large, 0, some)
			y, _ := m.Estimate(large, 1, some)
			margin := y.Value - x.Value
			proven, had := 0, 0
			for range 1500 {
				c, ok := OfChange(labels(2, noisy(random, 2, rows, .8, .04, .03)), m, some, Question{Side: Down, Margin: margin, Alpha: 0.05})
				if !ok {
					continue
				}
				had++
				if c.Provable && c.Within <= .05 {
					proven++
				}
			}
			// Three standard errors of 1,500 runs are .017. Precision on 150 rows has some
			// 60 positive predictions, and is proven in .07: the delta method's error.
			if share := float64(proven) / float64(had); share > .05+.03 {
				t.Errorf("%s, %d rows, margin %.4f: proven in %.3f", name, rows, margin, share)
			}
		}
	}
}

// TestNothingDiffers: rows without a flip prove no more than the rule of three.
func TestNothingDiffers(t *testing.T) {
	for positives, proves := range map[int]bool{3: false, 20: false, 400: true} {
		v := labels(2, concat(times(positives, row{1, 1, 1}), times(10000, row{0, 0, 0})))
		for _, name := range []string{"f1", "precision", "balanced_accuracy", "f1_macro", "mcc"} {
			c := changeOf(t, v, name, Question{Side: Down, Margin: 0.02, Alpha: 0.05})
			if proven := c.Provable && c.Within <= .05; proven != proves || c.Worse != 1 || !(c.Low < 0 && c.High > 0) {
				t.Errorf("%s with %d positive rows: proven %v, %+v", name, positives, proven, c)
			}
		}
	}
}

// TestAccuracyAsCounts: the general method and the one for shares agree.
func TestAccuracyAsCounts(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	m := lookup(t, "accuracy")
	for range 100 {
		v := labels(3, noisy(random, 3, 100+random.IntN(3000), .8, .08, .02*random.Float64()))
		q := Question{Side: Down, Margin: 0.02, Alpha: 0.05}
		a, _ := OfChange(v, m, some, q)
		b, ok := countsChange(v, m, some, q)
		if !ok || !near(a.Low, b.Low, .012) || !near(a.High, b.High, .012) || !near(a.Worse, b.Worse, .03) {
			t.Errorf("%+v, as counts %+v", a, b)
		}
		if !math.IsNaN(a.Within) && !near(a.Within, b.Within, .03) {
			t.Errorf("within %v, as counts %v", a.Within, b.Within)
		}
	}
}

func TestCountsValue(t *testing.T) {
	random := rand.New(rand.NewPCG(13, 14))
	for _, name := range []string{"f1", "precision", "f1_macro", "mcc", "balanced_accuracy"} {
		m := lookup(t, name)
		large, _ := m.Estimate(labels(2, noisy(random, 2, 500_000, .8, .04, 0)), 0, some)
		for _, rows := range []int{100, 1000} {
			missed := 0
			for range 1000 {
				in, ok := OfValue(labels(2, noisy(random, 2, rows, .8, .04, 0)), 0, m, some, .05)
				if !ok || in.Low > large.Value || in.High < large.Value {
					missed++
				}
			}
			if missed > 90 { // .05 of 1,000 and more than five standard errors
				t.Errorf("%s, %d rows: %d of 1,000 intervals miss %v", name, rows, missed, large.Value)
			}
		}
	}
	perfect, _ := OfValue(labels(2, concat(times(50, row{1, 1, 1}), times(50, row{0, 0, 0}))), 0, lookup(t, "f1"), some, .05)
	if !(perfect.Low < .97 && perfect.Low > .8) || perfect.High != 1 {
		t.Errorf("a perfect model: %+v", perfect)
	}
}
