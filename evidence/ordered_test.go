package evidence

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// classed is a row's class and, by candidate and baseline, its score for each class.
type classed struct {
	label  int
	scores [2][]float64
}

// orders makes a sealed summary that keeps what evidence on a metric wants.
func orders(m metric.Metric, p metric.Params, classes int, rows []classed) summary.View {
	needs := m.Needs(p)
	needs.Add(Needs(m, p, everything, false))
	s := summary.New(summary.Shape{Classes: classes, Models: 2, Whole: needs})
	b := &summary.Batch{Rows: len(rows), Models: make([]summary.Outputs, 2)}
	for k := range b.Models {
		o := &b.Models[k]
		o.Class, o.Scores = make([]uint16, len(rows)), make([][]float64, classes)
		for _, r := range rows {
			for class, s := range r.scores[k] {
				o.Scores[class] = append(o.Scores[class], s)
			}
		}
	}
	for _, r := range rows {
		b.Label = append(b.Label, uint16(r.label))
	}
	if len(rows) > 0 {
		s.Add(b)
	}
	s.Seal(2)
	return s.Whole()
}

var meansOfAreas = []string{"roc_auc_ovr_macro", "roc_auc_ovr_weighted", "roc_auc_ovo_macro", "roc_auc_ovo_weighted"}

// TestMeansOfAreasOfTwoClasses: of two classes they have the area's own evidence, but for
// the degrees of freedom of t.
func TestMeansOfAreasOfTwoClasses(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var rows []classed
	var pairs []scored
	for range 400 {
		label := random.IntN(3) / 2
		a, b := random.NormFloat64(), random.NormFloat64()
		now, before := float64(label)+a, float64(label)+.9*a+.3*b
		rows = append(rows, classed{label, [2][]float64{{-now, now}, {-before, before}}})
		pairs = append(pairs, scored{label == 1, now, before})
	}
	q := Question{Side: Down, Margin: .02, Alpha: .05}
	v := curves(pairs)
	want, ok := OfChange(v, lookup(t, "roc_auc"), some, q)
	value, okValue := OfValue(v, 0, lookup(t, "roc_auc"), some, .05)
	if !ok || !okValue {
		t.Fatal("no evidence on the area")
	}
	for _, name := range meansOfAreas {
		m := lookup(t, name)
		v := orders(m, some, 2, rows)
		got, ok := OfChange(v, m, some, q)
		if !ok || got.Method != "delong" || !near(got.Worse, want.Worse, .02) || !near(got.Within, want.Within, .02) || !near(got.Low, want.Low, 1e-4) || !near(got.High, want.High, 1e-4) {
			t.Errorf("%s: %+v, of the area %+v", name, got, want)
		}
		if got, ok := OfValue(v, 0, m, some, .05); !ok || !near(got.Low, value.Low, 1e-12) || !near(got.High, value.High, 1e-12) {
			t.Errorf("%s: %+v, of the area %+v", name, got, value)
		}
	}
}

// noisyClasses are rows of normal scores: that of a row's own class is higher by the
// distance, so that each class's area against any other is Phi(distance/sqrt 2).
func noisyClasses(random *rand.Rand, n, classes int, rare float64, distance [2]float64, own float64) []classed {
	rows := make([]classed, n)
	for i := range rows {
		r := &rows[i]
		if random.Float64() >= rare { // class 0 is rare
			r.label = 1 + random.IntN(classes-1)
		}
		if i < 2*classes {
			r.label = i / 2
		}
		for k := range classes {
			u := random.NormFloat64()
			for m := range r.scores {
				s := math.Sqrt(1-own)*u + math.Sqrt(own)*random.NormFloat64()
				if k == r.label {
					s += distance[m]
				}
				r.scores[m] = append(r.scores[m], s)
			}
		}
	}
	return rows
}

func areaAt(distance float64) float64 { return 1 - stats.NormalUpper(distance/math.Sqrt2) }

// TestMeansOfAreasHold: of rows of three classes intervals have the true change and
// value at least 93 % of the time, and models that are equally good are called worse at
// most 5 %, give or take three standard errors.
func TestMeansOfAreasHold(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	const trials = 300
	most := trials*.05 + 3*math.Sqrt(trials*.05*.95)
	leastCovered := trials*.93 - 3*math.Sqrt(trials*.93*.07)
	for _, name := range meansOfAreas {
		m := lookup(t, name)
		for _, c := range []struct {
			rows int
			rare float64
			drop float64
		}{{100, .3, 0}, {100, .1, .1}, {300, .05, .1}} {
			distance := [2]float64{1.5 - c.drop, 1.5}
			now, before := areaAt(distance[0]), areaAt(distance[1])
			alarms, changes, values := 0, 0, 0
			for range trials {
				v := orders(m, some, 3, noisyClasses(random, c.rows, 3, c.rare, distance, .1))
				change, ok := OfChange(v, m, some, Question{Side: Down, Margin: 0, Alpha: .05})
				value, okValue := OfValue(v, 0, m, some, .05)
				if !ok || !okValue {
					t.Fatal(name)
				}
				if change.Worse <= .05 {
					alarms++
				}
				if change.Low <= now-before && now-before <= change.High {
					changes++
				}
				if value.Low <= now && now <= value.High {
					values++
				}
			}
			t.Logf("%s, %d rows, class of %v, drop %v: covered %.3f, %.3f, worse %.3f", name, c.rows, c.rare, c.drop, float64(changes)/trials, float64(values)/trials, float64(alarms)/trials)
			if c.drop == 0 && float64(alarms) > most {
				t.Errorf("%s: %d of %d equally good models are called worse", name, alarms, trials)
			}
			if float64(changes) < leastCovered || float64(values) < leastCovered {
				t.Errorf("%s of %d rows: %d changes and %d values of %d are covered", name, c.rows, changes, values, trials)
			}
		}
	}
}

// TestMeansOfAreasAtTheEdges: too few rows are no evidence, whatever they look like.
func TestMeansOfAreasAtTheEdges(t *testing.T) {
	perfect := func(each int, now, before float64) (rows []classed) {
		for i := range 3 * each {
			r := classed{label: i % 3}
			for k := range 3 {
				for m, s := range []float64{now, before} {
					if k != r.label {
						s = 0
					}
					r.scores[m] = append(r.scores[m], s)
				}
			}
			rows = append(rows, r)
		}
		return rows
	}
	for _, name := range meansOfAreas {
		m := lookup(t, name)
		for what, c := range map[string]struct {
			rows     []classed
			worse    float64 // at least
			provable bool
		}{
			"one of each":          {perfect(1, 1, 1), 1, false},
			"two of each, lost":    {perfect(2, 0, 1), math.Exp2(-6), false},
			"perfect, 10 of each":  {perfect(10, 1, 1), 1, false},
			"perfect, 100 of each": {perfect(100, 1, 1), 1, true},
			"constant":             {perfect(100, 0, 0), 1, true},
		} {
			v := orders(m, some, 3, c.rows)
			got, ok := OfChange(v, m, some, Question{Side: Down, Margin: .04, Alpha: .05})
			if !ok || got.Worse < c.worse || got.Provable != c.provable {
				t.Errorf("%s, %s: %+v", name, what, got)
			}
			value, ok := OfValue(v, 0, m, some, .05)
			if len(c.rows) > 3 && (!ok || !(value.Low < value.High)) {
				t.Errorf("%s, %s: %+v", name, what, value)
			}
			if len(c.rows) == 3 && (!ok || !math.IsNaN(value.Low)) {
				t.Errorf("%s, %s: %+v", name, what, value)
			}
		}
		if _, ok := OfChange(orders(m, some, 3, nil), m, some, Question{Side: Down, Margin: .04, Alpha: .05}); ok {
			t.Errorf("%s: evidence of no rows", name)
		}
	}
}
