package evidence

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/summary"
)

// everything asks for evidence of all kinds.
var everything = Asked{Change: true, Relative: true, Value: true, Baseline: true, Alpha: .05}

// number is a row of a regression: the target, what the models say, the weight.
type number struct{ y, candidate, baseline, weight float64 }

// numbersOf makes a sealed summary for a metric, with weights or without.
func numbersOf(m metric.Metric, p metric.Params, a Asked, weighted bool, rows []number) summary.View {
	needs := m.Needs(p)
	needs.Add(Needs(m, p, a, weighted))
	s := summary.New(summary.Shape{Classes: 1, Models: 2, Weighted: weighted, Whole: needs})
	b := &summary.Batch{Rows: len(rows), Models: make([]summary.Outputs, 2)}
	for _, r := range rows {
		b.Target = append(b.Target, r.y)
		b.Models[0].Score, b.Models[1].Score = append(b.Models[0].Score, r.candidate), append(b.Models[1].Score, r.baseline)
		if weighted {
			b.Weight = append(b.Weight, r.weight)
		}
	}
	s.Add(b)
	s.Seal(1)
	return s.Whole()
}

// uneven are rows that numpy made in the same way: the values in the tests of them
// are from numpy 2.4.6 and scipy 1.17.1, on the rows themselves.
func uneven() []number {
	var rows []number
	for i := range 60 {
		y := float64(i*37%101) / 10
		rows = append(rows, number{y, y + float64(i*53%29-14)/10, y + float64(i*71%31-15)/12, float64(i * 7 % 5)})
	}
	return rows
}

// rise asks about a rise by a margin, a number or a share of the baseline.
func rise(v summary.View, m metric.Metric, p metric.Params, margin float64, relative bool) Question {
	q := Question{Side: Up, Margin: margin, Alpha: .05}
	if relative {
		baseline, _ := m.Estimate(v, 1, p)
		q.Margin, q.Share = margin*baseline.Value, margin
	}
	return q
}

func agrees(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !near(got, want, 1e-11*max(1, math.Abs(want))) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// TestSharesOfTheBaseline: ttest_rel(c, (1 + r) b) of the losses of candidate and
// baseline, for a margin that is the share r of the baseline's; of a root
// ttest_rel(c, (1 + r)^2 b). Whether there is a change, and its interval, are the
// same as with a number.
func TestSharesOfTheBaseline(t *testing.T) {
	for _, c := range []struct {
		metric         string
		p              metric.Params
		beyond, within float64
	}{
		{"mae", metric.Params{}, 0.23954902599888825, math.NaN()},
		{"mse", metric.Params{}, 0.11095363225132591, math.NaN()},
		{"pinball", metric.Params{Quantile: .9}, 0.3556510584027204, math.NaN()},
		{"rmse", metric.Params{}, 0.17764204086339475, math.NaN()},
	} {
		m := lookup(t, c.metric)
		v := numbersOf(m, c.p, everything, false, uneven())
		share, ok := OfChange(v, m, c.p, rise(v, m, c.p, .05, true))
		q := rise(v, m, c.p, .05, true)
		q.Share = 0
		number, _ := OfChange(v, m, c.p, q)
		if !ok || share.Worse != number.Worse || share.Low != number.Low || share.High != number.High {
			t.Errorf("%s: %+v, of a number %+v", c.metric, share, number)
		}
		agrees(t, c.metric+" beyond", share.Beyond, c.beyond)
		agrees(t, c.metric+" within", share.Within, c.within)
		if share.Beyond == number.Beyond {
			t.Errorf("%s: the baseline's value is taken for exact", c.metric)
		}
	}
}

// onLogarithms is x exp(±h/x) for x ± h.
func onLogarithms(low, high float64) (float64, float64) {
	x, h := (low+high)/2, (high-low)/2
	return x * math.Exp(-h/x), x * math.Exp(h/x)
}

// TestRoots: numpy's influences of the rows, with scipy's t.
func TestRoots(t *testing.T) {
	m, none := lookup(t, "rmse"), metric.Params{}
	v := numbersOf(m, none, everything, false, uneven())
	got, _ := OfChange(v, m, none, rise(v, m, none, .02, false))
	agrees(t, "low", got.Low, -0.02876890047575717)
	agrees(t, "high", got.High, 0.22564593785830464)
	agrees(t, "worse", got.Worse, 0.06523673408645025) // that of the squares
	agrees(t, "beyond", got.Beyond, 0.1110753327710766)
	got, _ = OfChange(v, m, none, rise(v, m, none, .1, false))
	agrees(t, "within", got.Within, 0.49024345729784957)
	value, _ := OfValue(v, 0, m, none, .05)
	low, high := onLogarithms(0.7547869098531484, 0.9493257624781152)
	agrees(t, "value low", value.Low, low)
	agrees(t, "value high", value.High, high)
}

// TestExplained: numpy's influences, with scipy's t.
func TestExplained(t *testing.T) {
	for _, c := range []struct {
		metric             string
		low, high, worse   float64
		beyond             float64 // a margin of .01
		within             float64 // one of .05
		valueLow, valueTop float64
	}{
		{"r2", -0.04319149010294393, 0.005985526033000923, 0.06523673408645023, 0.2411605936555564, 0.011124487332101989, 0.88763437965984, 0.9414716669822565},
		{"explained_variance", -0.04318984674961614, 0.0059829926978138374, 0.06518263445320355, math.NaN(), 0.01113632626953545, 0.8876307402899932, 0.9414857681796736},
	} {
		m, none := lookup(t, c.metric), metric.Params{}
		v := numbersOf(m, none, everything, false, uneven())
		got, ok := OfChange(v, m, none, Question{Side: Down, Margin: .01, Alpha: .05})
		if !ok || got.Method != "delta" {
			t.Errorf("%s: %+v", c.metric, got)
		}
		agrees(t, c.metric+" low", got.Low, c.low)
		agrees(t, c.metric+" high", got.High, c.high)
		agrees(t, c.metric+" worse", got.Worse, c.worse)
		if !math.IsNaN(c.beyond) {
			agrees(t, c.metric+" beyond", got.Beyond, c.beyond)
		}
		got, _ = OfChange(v, m, none, Question{Side: Down, Margin: .05, Alpha: .05})
		agrees(t, c.metric+" within", got.Within, c.within)
		value, _ := OfValue(v, 0, m, none, .05)
		agrees(t, c.metric+" value low", value.Low, c.valueLow)
		agrees(t, c.metric+" value high", value.High, c.valueTop)
	}
}

// TestFarTarget: a target a hundred thousand times as far from 0 as it varies changes nothing
// but rounding.
func TestFarTarget(t *testing.T) {
	for _, name := range []string{"r2", "explained_variance"} {
		m, none := lookup(t, name), metric.Params{}
		at := func(far float64) Change {
			rows := uneven()
			for i := range rows {
				r := &rows[i]
				r.y, r.candidate, r.baseline = r.y+far, r.candidate+far, r.baseline+far
			}
			c, _ := OfChange(numbersOf(m, none, everything, false, rows), m, none, Question{Side: Down, Margin: .01, Alpha: .05})
			return c
		}
		here, far := at(0), at(3e5)
		if !near(here.Low, far.Low, 1e-6) || !near(here.High, far.High, 1e-6) || !near(here.Beyond, far.Beyond, 1e-6) {
			t.Errorf("%s: %+v, far from 0 %+v", name, here, far)
		}
	}
}

// TestWeights: numpy's weighted influences, with scipy's t of 39 degrees of freedom:
// sixty rows of weights 0 to 4 are worth 120²/360 = 40 (Kish).
func TestWeights(t *testing.T) {
	m, none := lookup(t, "mae"), metric.Params{}
	v := numbersOf(m, none, everything, true, uneven())
	got, _ := OfChange(v, m, none, rise(v, m, none, .05, false))
	agrees(t, "low", got.Low, -0.06164334386893833)
	agrees(t, "high", got.High, 0.2894211216467162)
	agrees(t, "worse", got.Worse, 0.09853461135407875)
	agrees(t, "beyond", got.Beyond, 0.23300604501073469)
	agrees(t, "effective rows", got.EffectiveRows, 40)
	got, _ = OfChange(v, m, none, rise(v, m, none, .05, true))
	agrees(t, "beyond a share", got.Beyond, 0.18044197387534208)
	value, _ := OfValue(v, 0, m, none, .05)
	low, high := onLogarithms(0.6186348480437691, 0.8813651519562309)
	agrees(t, "value low", value.Low, low)
	agrees(t, "value high", value.High, high)
	agrees(t, "effective rows of the value", value.EffectiveRows, 40)
	for name, want := range map[string][2]float64{
		"rmse": {-0.027944484121456614, 0.26730341424170895},
		"r2":   {-0.0515798407172089, 0.006157963471269512},
	} {
		m := lookup(t, name)
		v := numbersOf(m, none, everything, true, uneven())
		got, _ := OfChange(v, m, none, Question{Side: Both, Margin: .01, Alpha: .05})
		agrees(t, name+" low", got.Low, want[0])
		agrees(t, name+" high", got.High, want[1])
	}
}

// TestWeightsSayNoMoreThanTheirRows: rows of no weight are not there, equal weights
// are none, and one heavy row alone proves nothing.
func TestWeightsSayNoMoreThanTheirRows(t *testing.T) {
	for _, name := range []string{"mae", "rmse", "mean_error", "r2", "explained_variance"} {
		m, none := lookup(t, name), metric.Params{}
		q := Question{Side: Both, Margin: .05, Alpha: .05}
		of := func(weighted bool, change func(i int, r *number)) Change {
			rows := uneven()
			for i := range rows {
				change(i, &rows[i])
			}
			c, ok := OfChange(numbersOf(m, none, everything, weighted, rows), m, none, q)
			if !ok {
				t.Fatalf("%s: no evidence", name)
			}
			return c
		}
		plain := of(false, func(int, *number) {})
		equal := of(true, func(_ int, r *number) { r.weight = .3 })
		if !near(plain.Low, equal.Low, 1e-11) || !near(plain.Worse, equal.Worse, 1e-11) || !near(plain.Within, equal.Within, 1e-11) || !near(equal.EffectiveRows, 60, 1e-9) {
			t.Errorf("%s: %+v, of equal weights %+v", name, plain, equal)
		}
		some := of(true, func(i int, r *number) { r.weight = float64(i % 2) })
		half := uneven()
		kept := half[:0]
		for i, r := range half {
			if i%2 == 1 {
				kept = append(kept, r)
			}
		}
		only, _ := OfChange(numbersOf(m, none, everything, false, kept), m, none, q)
		if !near(some.Low, only.Low, 1e-11) || !near(some.Worse, only.Worse, 1e-11) {
			t.Errorf("%s: %+v with rows of no weight, %+v without", name, some, only)
		}
		heavy := of(true, func(i int, r *number) {
			if r.weight = 1; i == 7 {
				r.weight = 1e12
			}
		})
		if heavy.Worse < .05 || heavy.Provable || heavy.EffectiveRows > 1.01 {
			t.Errorf("%s: one heavy row is evidence: %+v", name, heavy)
		}
	}
}

// TestExplainedEdges: nothing passes for proof, or for a change, that is none.
func TestExplainedEdges(t *testing.T) {
	row := func(y, candidate, baseline float64) number {
		return number{y: y, candidate: candidate, baseline: baseline, weight: 1}
	}
	var same, perfect []number
	for i := range 40 {
		y := float64(i)
		same = append(same, row(y, y+1, y+1))
		perfect = append(perfect, row(y, y, y))
	}
	for what, rows := range map[string][]number{
		"two rows": {row(1, 1.5, 1), row(2, 2, 2)}, "the same": same, "both perfect": perfect,
	} {
		for _, name := range []string{"r2", "explained_variance"} {
			for _, weighted := range []bool{false, true} {
				m, none := lookup(t, name), metric.Params{}
				c, ok := OfChange(numbersOf(m, none, everything, weighted, rows), m, none, Question{Side: Down, Margin: .05, Alpha: .05})
				if !ok || c.Worse < .25 || c.Provable {
					t.Errorf("%s of %s: %v %+v", name, what, ok, c)
				}
			}
		}
	}
	m, none := lookup(t, "r2"), metric.Params{}
	v := numbersOf(m, none, everything, false, []number{row(1, 1, 1), row(1, 1, 1)})
	if c, ok := OfChange(v, m, none, Question{Side: Down, Margin: .05, Alpha: .05}); ok {
		t.Errorf("a target that does not vary: %+v", c)
	}
}

// TestCoverage: of 1,000 sets of 200 rows the interval has the true change in at
// least 93 %, for the metrics and errors of the table in docs/verdicts.md.
func TestCoverage(t *testing.T) {
	random := rand.New(rand.NewPCG(21, 22))
	const sets, rows = 1000, 200
	skewed := func() float64 { return random.ExpFloat64() - 1 }
	for _, c := range []struct {
		metric string
		errors func() float64
		truth  float64 // the baseline's error is e, the candidate's .8 of it and .6 of another such
	}{
		{"mae", random.NormFloat64, 0}, {"rmse", random.NormFloat64, 0}, {"mse", random.NormFloat64, 0}, {"r2", random.NormFloat64, 0},
		{"explained_variance", random.NormFloat64, 0}, {"mean_error", skewed, 0}, {"rmse", skewed, 0},
	} {
		m, none := lookup(t, c.metric), metric.Params{}
		inside := 0
		for range sets {
			list := make([]number, rows)
			for i := range list {
				y, a, b := 3*random.NormFloat64(), c.errors(), c.errors()
				list[i] = number{y: y, baseline: y + a, candidate: y + .8*a + .6*b}
			}
			got, ok := OfChange(numbersOf(m, none, Asked{Change: true}, false, list), m, none, Question{Side: Both, Margin: .05, Alpha: .05})
			if ok && got.Low <= c.truth && c.truth <= got.High {
				inside++
			}
		}
		if inside < sets*93/100 {
			t.Errorf("%s: the interval has the truth in %d of %d sets", c.metric, inside, sets)
		}
	}
}
