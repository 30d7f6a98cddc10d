package evidence

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestMedians: of 60 rows, numpy 2.4.6 and scipy 1.17.1. The value has the 22nd and the
// 39th of the ordered errors for its ends: binom.cdf(21, 60, .5) is .01368, of 22 .02594.
// The standard errors are of the 23rd and the 38th, over 2 norm.isf(binom.cdf(22, 60,
// .5)); the medians correlate as the sides of them do, by numpy.corrcoef with half a row
// in either corner; and chances are norm.sf and norm.cdf.
func TestMedians(t *testing.T) {
	m := lookup(t, median)
	v := losses(m, some, sixty(m))
	rise, ok := OfChange(v, m, some, Question{Side: Up, Margin: .1, Alpha: .05})
	value, okValue := OfValue(v, 0, m, some, .05)
	if !ok || !okValue || rise.Method != "median" || value.Method != "median" || !rise.Provable {
		t.Fatalf("%+v %+v", rise, value)
	}
	for what, x := range map[string][2]float64{
		"low": {rise.Low, 0.1964967149059351}, "high": {rise.High, 0.5535032850940649}, "worse": {rise.Worse, 1.915059047137981e-05},
		"low of the value": {value.Low, .5}, "high of the value": {value.High, .75},
	} {
		if !near(x[0], x[1], 1e-12) {
			t.Errorf("%s %v, want %v", what, x[0], x[1])
		}
	}
	if got, ok := OfValue(v, 0, m, some, .01); ok {
		t.Errorf("of a chance that was not asked for: %+v", got)
	}
}

// TestMediansHold: intervals have the true change and value at least 93 % of the time,
// and models that are equally good are called worse at most 5 %, give or take three
// standard errors; of normal errors and of heavy tails (t of 2 degrees of freedom), the
// candidate's so many times the baseline's. Medians of |t|: scipy 1.17.1's t.ppf(.75, 2).
func TestMediansHold(t *testing.T) {
	random := rand.New(rand.NewPCG(13, 14))
	const trials = 500
	most := trials*.05 + 3*math.Sqrt(trials*.05*.95)
	leastCovered := trials*.93 - 3*math.Sqrt(trials*.93*.07)
	m := lookup(t, median)
	for _, c := range []struct {
		rows  int
		times float64
		heavy bool
	}{{20, 1, false}, {100, 1, false}, {100, 1.1, true}, {300, 1, true}, {1000, 1.2, false}} {
		of := .6744897501960817
		if c.heavy {
			of = .816496580927726
		}
		alarms, changes, values := 0, 0, 0
		for range trials {
			var rows [][3]float64
			for range c.rows {
				u, scale := random.NormFloat64(), 1.
				if c.heavy {
					scale = 1 / math.Sqrt(random.ExpFloat64()) // chi-squared of 2 degrees over 2
				}
				e := func() float64 { return scale * (math.Sqrt(.8)*u + math.Sqrt(.2)*random.NormFloat64()) }
				rows = append(rows, [3]float64{0, c.times * e(), e()})
			}
			v := losses(m, some, rows)
			change, _ := OfChange(v, m, some, Question{Side: Up, Margin: 0, Alpha: .05})
			value, _ := OfValue(v, 0, m, some, .05)
			if change.Worse <= .05 {
				alarms++
			}
			if truth := (c.times - 1) * of; change.Low <= truth && truth <= change.High {
				changes++
			}
			if truth := c.times * of; value.Low <= truth && truth <= value.High {
				values++
			}
		}
		t.Logf("%+v: covered %.3f, %.3f, worse %.3f", c, float64(changes)/trials, float64(values)/trials, float64(alarms)/trials)
		if c.times == 1 && float64(alarms) > most {
			t.Errorf("%d of %d equally good models are called worse", alarms, trials)
		}
		if float64(changes) < leastCovered || float64(values) < leastCovered {
			t.Errorf("%+v: %d changes and %d values of %d are covered", c, changes, values, trials)
		}
	}
}

// TestMediansAtTheEdges: too few rows are no evidence, nor are errors that are all alike.
func TestMediansAtTheEdges(t *testing.T) {
	rows := func(n int, now, before float64) (list [][3]float64) {
		for i := range n {
			list = append(list, [3]float64{0, now * (1 + float64(i)/1000), before * (1 + float64(i)/1000)})
		}
		return list
	}
	m := lookup(t, median)
	for what, c := range map[string]struct {
		rows   [][3]float64
		ok     bool
		surely bool
		ends   bool
	}{
		"no row":                 {nil, false, false, false},
		"one row":                {rows(1, 2, 1), true, false, false},
		"two rows":               {rows(2, 2, 1), true, false, false},
		"three rows":             {rows(3, 2, 1), true, false, false},
		"six rows":               {rows(6, 2, 1), true, true, true},
		"the same":               {rows(500, 1, 1), true, false, true},
		"both perfect":           {rows(500, 0, 0), true, false, true},
		"all errors of one kind": {append(rows(1, 2, 1), make([][3]float64, 99)...), true, false, true},
	} {
		v := losses(m, some, c.rows)
		got, ok := OfChange(v, m, some, Question{Side: Up, Margin: 3, Alpha: .05})
		if ok != c.ok || ok && (got.Worse <= .05) != c.surely {
			t.Errorf("%s: %v %+v", what, ok, got)
		}
		if got.Provable && len(c.rows) < LeastRows {
			t.Errorf("%s: %+v is proven", what, got)
		}
		if value, ok := OfValue(v, 0, m, some, .05); ok != c.ok || ok && math.IsNaN(value.Low) == c.ends {
			t.Errorf("%s: %v %+v", what, ok, value)
		}
	}
}
