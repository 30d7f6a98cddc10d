package evidence

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestCorrelations: of rows i = 1 to 60 with ties. Influences by derivatives (seven
// points, h = .02) of the weighted correlations by each row's weight, numpy 2.4.6, which
// agree with scipy 1.17.1's pearsonr and spearmanr where all weights are 1; then the
// variance of a sum, 60/59 times that of squares, t.ppf(.975, 59), t.cdf of the change, or
// of change + .05, over its standard error, and tanh(atanh(r) ± half/(1 - r²)).
func TestCorrelations(t *testing.T) {
	var rows [][3]float64
	for i := 1; i <= 60; i++ {
		y := float64(i*37%61) / 10
		rows = append(rows, [3]float64{y, math.RoundToEven(y + float64(i*5%13-6)/3), y + float64(i*7%11-5)/4})
	}
	for name, want := range map[string]struct{ low, high, worse, beyond, valueLow, valueHigh float64 }{
		"pearson":  {-0.19853115507742203, -0.05586995580044275, 0.00036067780895878733, 0.01719546299879295, 0.7013068190096647, 0.8517094733384408},
		"spearman": {-0.20206210208993902, -0.016677625649901162, 0.010773624965266416, 0.10249005830318747, 0.688731089276372, 0.879063160334432},
	} {
		m := lookup(t, name)
		v := losses(m, some, rows)
		c, ok := OfChange(v, m, some, Question{Side: Down, Margin: .05, Alpha: .05})
		value, okValue := OfValue(v, 0, m, some, .05)
		if !ok || !okValue || c.Method != "influence" || value.Method != "influence" || !c.Provable || c.RowsNeeded < 60 {
			t.Fatalf("%s: %+v %+v", name, c, value)
		}
		for what, x := range map[string][2]float64{
			"low": {c.Low, want.low}, "high": {c.High, want.high}, "worse": {c.Worse, want.worse}, "beyond": {c.Beyond, want.beyond},
			"low of the value": {value.Low, want.valueLow}, "high of the value": {value.High, want.valueHigh},
		} {
			if !near(x[0], x[1], 1e-9) {
				t.Errorf("%s: %s %v, want %v", name, what, x[0], x[1])
			}
		}
		shuffled, far := slices.Clone(rows), slices.Clone(rows)
		slices.Reverse(shuffled)
		for i := range far { // far from 0, where squares would cancel; and some numbers are no longer equal
			far[i] = [3]float64{1e6 + rows[i][0], 1e6 + rows[i][1], 1e6 + rows[i][2]}
		}
		if got, _ := OfChange(losses(m, some, shuffled), m, some, Question{Side: Down, Margin: .05, Alpha: .05}); got.Low != c.Low || got.Worse != c.Worse {
			t.Errorf("%s: %+v, of shuffled rows %+v", name, c, got)
		}
		if got, _ := OfChange(losses(m, some, far), m, some, Question{Side: Down, Margin: .05, Alpha: .05}); name == "pearson" && !near(got.Low, c.Low, 1e-7) {
			t.Errorf("%s: %+v, of rows far from 0 %+v", name, c, got)
		}
	}
}

// TestCorrelationsHold: intervals have the true change and value at least 93 % of the
// time, and models that are equally good are called worse at most 5 %, give or take three
// standard errors. Target and errors are normal: Pearson's r is 1/sqrt(1 + s²), and
// Spearman's 6 asin(r/2)/pi.
func TestCorrelationsHold(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	const trials = 500
	most := trials*.05 + 3*math.Sqrt(trials*.05*.95)
	leastCovered := trials*.93 - 3*math.Sqrt(trials*.93*.07)
	for _, name := range []string{"pearson", "spearman"} {
		m := lookup(t, name)
		for _, c := range []struct {
			rows        int
			sigma, more float64
		}{{20, .5, 0}, {100, .5, 0}, {100, .2, .1}, {100, 2, .1}, {300, 1, .1}} {
			truth := func(sigma float64) float64 {
				r := 1 / math.Sqrt(1+sigma*sigma)
				if name == "spearman" {
					return 6 * math.Asin(r/2) / math.Pi
				}
				return r
			}
			now, before := truth(c.sigma*(1+c.more)), truth(c.sigma)
			alarms, changes, values := 0, 0, 0
			for range trials {
				var rows [][3]float64
				for range c.rows {
					y, u := random.NormFloat64(), random.NormFloat64()
					error := func() float64 { return c.sigma * (.8*u + .6*random.NormFloat64()) }
					rows = append(rows, [3]float64{y, y + (1+c.more)*error(), y + error()})
				}
				v := losses(m, some, rows)
				change, _ := OfChange(v, m, some, Question{Side: Down, Margin: 0, Alpha: .05})
				value, _ := OfValue(v, 0, m, some, .05)
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
			t.Logf("%s, %+v: covered %.3f, %.3f, worse %.3f", name, c, float64(changes)/trials, float64(values)/trials, float64(alarms)/trials)
			if c.more == 0 && float64(alarms) > most {
				t.Errorf("%s of %d rows: %d of %d equally good models are called worse", name, c.rows, alarms, trials)
			}
			if c.rows >= 100 && (float64(changes) < leastCovered || float64(values) < leastCovered) {
				t.Errorf("%s of %+v: %d changes and %d values of %d are covered", name, c, changes, values, trials)
			}
		}
	}
}

// TestCorrelationsAtTheEdges: what does not vary is no evidence.
func TestCorrelationsAtTheEdges(t *testing.T) {
	line := func(n int, now, before func(i int) float64) (rows [][3]float64) {
		for i := range n {
			rows = append(rows, [3]float64{float64(i), now(i), before(i)})
		}
		return rows
	}
	up, down := func(i int) float64 { return float64(i) }, func(i int) float64 { return -float64(i) }
	wild := func(i int) float64 { return math.Ldexp(1, 40*i) }
	for _, name := range []string{"pearson", "spearman"} {
		m := lookup(t, name)
		for what, c := range map[string]struct {
			rows [][3]float64
			ok   bool
		}{
			"no row":          {nil, false},
			"one row":         {line(1, up, up), false},
			"two rows":        {line(2, up, down), true},
			"turned round":    {line(50, down, up), true},
			"perfect":         {line(50, up, up), true},
			"constant":        {line(50, func(int) float64 { return 1 }, up), false},
			"far and wide":    {line(10, wild, up), true},
			"ties everywhere": {line(50, func(i int) float64 { return float64(i / 25) }, func(i int) float64 { return float64(i / 25) }), true},
		} {
			v := losses(m, some, c.rows)
			got, ok := OfChange(v, m, some, Question{Side: Down, Margin: .1, Alpha: .05})
			if ok != c.ok {
				t.Errorf("%s, %s: evidence %v", name, what, ok)
			}
			if ok && (!(got.Worse >= .05) || got.Provable && got.Within <= .05) {
				t.Errorf("%s, %s: %+v", name, what, got)
			}
			if value, ok := OfValue(v, 1, m, some, .05); ok && what != "ties everywhere" && !math.IsNaN(value.Low) {
				t.Errorf("%s, %s: %+v", name, what, value)
			}
		}
	}
}
