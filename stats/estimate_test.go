package stats_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/noworse/noworse/stats"
)

func TestPairedT(t *testing.T) {
	for _, row := range stored(t).Tables["ttest_rel(a, b), .confidence_interval(0.95)"] {
		a, b := numbers(row[0].([]any)), numbers(row[1].([]any))
		var p stats.Pair
		var m stats.Moments
		var s [5]float64
		for i := range a {
			p.Add(a[i], b[i])
			m.Add(a[i] - b[i])
			for k, x := range []float64{a[i], b[i], a[i] * a[i], b[i] * b[i], a[i] * b[i]} {
				s[k] += x
			}
		}
		for _, e := range []stats.Estimate{
			must[stats.Estimate](t)(p.Linear(1, -1)),
			must[stats.Estimate](t)(m.Estimate()),
			must[stats.Estimate](t)(stats.PairOf(len(a), s[0], s[1], s[2], s[3], s[4]).Linear(1, -1)),
		} {
			test := must[stats.Test](t)(e.Differs(0))
			in := must[stats.Interval](t)(e.Interval(.95))
			for i, got := range []float64{test.Statistic, test.P, in.Low, in.High} {
				if want := row[2+i].(float64); !near(got, want, 1e-11) {
					t.Errorf("%d pairs, value %d: %.17g, scipy %.17g", len(a), i, got, want)
				}
			}
		}
	}
}

func TestWelch(t *testing.T) {
	for _, row := range stored(t).Tables["ttest_ind(b, a, equal_var=False)"] {
		var m [2]stats.Moments
		for k := range m {
			for _, x := range numbers(row[k].([]any)) {
				m[k].Add(x)
			}
		}
		e := must[stats.Estimate](t)(stats.Independent(must[stats.Estimate](t)(m[0].Estimate()), must[stats.Estimate](t)(m[1].Estimate())))
		test := must[stats.Test](t)(e.Differs(0))
		agree(t, "ttest_ind", row[2:], test.Statistic, test.P, e.DF)
	}
	still := stats.Estimate{Value: 1, SE: 0, DF: 5}
	one := must[stats.Estimate](t)(stats.Independent(still, stats.Estimate{Value: 3, SE: .5, DF: 7}))
	if one.Value != 2 || !near(one.SE, .5, 1e-15) || !near(one.DF, 7, 1e-12) {
		t.Errorf("one of both varies: %+v", one)
	}
	normal := must[stats.Estimate](t)(stats.Independent(stats.Estimate{Value: 1, SE: 1, DF: math.Inf(1)}, stats.Estimate{Value: 3, SE: 1, DF: math.Inf(1)}))
	if !math.IsInf(normal.DF, 1) {
		t.Errorf("two normal ones: %+v", normal)
	}
	if _, err := stats.Independent(still, still); !errors.Is(err, stats.ErrUndefined) {
		t.Error(err)
	}
	if _, err := stats.Independent(still, stats.Estimate{Value: math.NaN()}); !errors.Is(err, stats.ErrInvalid) {
		t.Error(err)
	}
}

// TestNumAcc4 is NIST's StRD data set of that name: 10000000.2, then 500 pairs of
// 10000000.1 and 10000000.3; certified mean 10000000.2, standard deviation .1.
func TestNumAcc4(t *testing.T) {
	var m, odd, even stats.Moments
	m.Add(10000000.2)
	odd.Add(10000000.2)
	for range 500 {
		m.Add(10000000.1)
		m.Add(10000000.3)
		odd.Add(10000000.1)
		even.Add(10000000.3)
	}
	odd.Merge(even)
	for _, m := range []stats.Moments{m, odd} {
		if sd := math.Sqrt(m.M2 / float64(m.N-1)); m.N != 1001 || math.Abs(m.Mean-10000000.2) > 1e-8 || math.Abs(sd-.1) > 1e-8 {
			t.Errorf("mean %.12g, sd %.12g of %d", m.Mean, sd, m.N)
		}
	}
}

// TestNothingVaries: no interval and no P come of rows that are all alike, also
// where rounding makes them look a little different.
func TestNothingVaries(t *testing.T) {
	var m stats.Moments
	var p stats.Pair
	var w stats.Weighted
	var g stats.Grouped
	sum, squares := 0.0, 0.0
	for i := range 1000 {
		x := .3 - .2 // not .1, and not always the same
		if i%2 == 0 {
			x = .1
		}
		m.Add(x)
		p.Add(float64(i)*.1, float64(i)*.1+x)
		w.Add(x, 1+float64(i%7))
		g.Add(x*float64(1+i%5), float64(1+i%5))
		sum += x
		squares += x * x
	}
	for name, estimate := range map[string]func() (stats.Estimate, error){
		"moments": m.Estimate, "of sums": stats.MomentsOf(1000, sum, squares).Estimate, "weighted": w.Estimate, "grouped": g.Estimate,
		"pair":  func() (stats.Estimate, error) { return p.Linear(-1, 1) },
		"cells": func() (stats.Estimate, error) { return stats.Delta(.1, []float64{3, 4}, []float64{.3 - .2, .1}) },
	} {
		e := must[stats.Estimate](t)(estimate())
		test, err := e.Above(0)
		if !errors.Is(err, stats.ErrUndefined) || !math.IsNaN(test.P) {
			t.Errorf("%s: %+v has %+v, %v", name, e, test, err)
		}
		if in, err := e.Interval(.95); !errors.Is(err, stats.ErrUndefined) || !math.IsNaN(in.Low) {
			t.Errorf("%s: %+v, %v", name, in, err)
		}
	}
}

func TestTooFew(t *testing.T) {
	for n := range 2 {
		var m stats.Moments
		var p stats.Pair
		var w stats.Weighted
		var g stats.Grouped
		for range n {
			m.Add(1)
			p.Add(1, 2)
			w.Add(1, 3)
			g.Add(1, 3)
		}
		w.Add(5, 0) // no weight, no row
		for name, estimate := range map[string]func() (stats.Estimate, error){
			"moments": m.Estimate, "weighted": w.Estimate, "grouped": g.Estimate, "rmse": p.RMSEChange, "ratio": p.RMSERatio,
			"beyond":    func() (stats.Estimate, error) { return p.RMSEBeyond(.1) },
			"of sums":   stats.MomentsOf(n, float64(n), float64(n)).Estimate,
			"pair sums": stats.PairOf(n, 0, 0, 0, 0, 0).RMSEChange,
		} {
			if e, err := estimate(); !errors.Is(err, stats.ErrUndefined) || !math.IsNaN(e.Value) {
				t.Errorf("%s of %d: %+v, %v", name, n, e, err)
			}
		}
	}
	if _, err := (stats.Estimate{Value: math.NaN(), SE: 1, DF: 1}).Interval(.9); !errors.Is(err, stats.ErrInvalid) {
		t.Error(err)
	}
	if _, err := (stats.Estimate{Value: 1, SE: 1, DF: 1}).Above(math.NaN()); !errors.Is(err, stats.ErrInvalid) {
		t.Error(err)
	}
	var m stats.Moments
	m.Add(math.NaN())
	m.Add(1)
	if e, err := m.Estimate(); err == nil {
		t.Errorf("a NaN among values: %+v", e)
	}
}

// TestMomentsMerge: parts give what one pass gives.
func TestMomentsMerge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOfN(rapid.Float64Range(-1e3, 1e3), 2, 50).Draw(t, "x")
		cut := rapid.IntRange(0, len(x)).Draw(t, "cut")
		var one, left, right stats.Pair
		for i, v := range x {
			one.Add(v, v*v)
			if i < cut {
				left.Add(v, v*v)
			} else {
				right.Add(v, v*v)
			}
		}
		left.Merge(right)
		for _, c := range [][3]float64{{left.MeanA, one.MeanA, 1e3}, {left.MeanB, one.MeanB, 1e6}, {left.SquareA, one.SquareA, 1e8}, {left.SquareB, one.SquareB, 1e14}, {left.Cross, one.Cross, 1e11}} {
			if math.Abs(c[0]-c[1]) > 1e-13*c[2] || left.N != len(x) {
				t.Fatalf("%+v, in one pass %+v", left, one)
			}
		}
	})
}

// TestWeightedLaws: equal weights are none, a weight of all rows does not matter,
// and rows each in a group of its own are almost independent rows.
func TestWeightedLaws(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var m stats.Moments
	var equal, scaled, small stats.Weighted
	var g stats.Grouped
	for range 50 {
		x, w := random.NormFloat64(), random.ExpFloat64()
		m.Add(x)
		equal.Add(x, 3)
		small.Add(x, w)
		scaled.Add(x, 1000*w)
		g.Add(x, 1)
	}
	plain := must[stats.Estimate](t)(m.Estimate())
	for name, e := range map[string]stats.Estimate{"equal weights": must[stats.Estimate](t)(equal.Estimate()), "groups of one": must[stats.Estimate](t)(g.Estimate())} {
		if !near(e.Value, plain.Value, 1e-12) || !near(e.SE, plain.SE, 1e-12) || !near(e.DF, plain.DF, 1e-12) {
			t.Errorf("%s: %+v, plain %+v", name, e, plain)
		}
	}
	a, b := must[stats.Estimate](t)(small.Estimate()), must[stats.Estimate](t)(scaled.Estimate())
	if !near(a.Value, b.Value, 1e-12) || !near(a.SE, b.SE, 1e-12) || !(a.DF < 49) {
		t.Errorf("%+v, with other units %+v", a, b)
	}
}

// TestGroupedCoverage: rows of a group share an error, which the interval knows.
func TestGroupedCoverage(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 9))
	covered, naive := 0, 0
	const sets = 1000
	for range sets {
		var g stats.Grouped
		var m stats.Moments
		for range 40 {
			shared, size := random.NormFloat64(), 1+random.IntN(20)
			sum := 0.0
			for range size {
				x := shared + random.NormFloat64()
				sum += x
				m.Add(x)
			}
			g.Add(sum, float64(size))
		}
		if must[stats.Interval](t)(must[stats.Estimate](t)(g.Estimate()).Interval(.95)).Contains(0) {
			covered++
		}
		if must[stats.Interval](t)(must[stats.Estimate](t)(m.Estimate()).Interval(.95)).Contains(0) {
			naive++
		}
	}
	if covered < 920 || covered > 970 || naive > 700 {
		t.Errorf("covered %d of %d; %d if groups are ignored", covered, sets, naive)
	}
}

// TestRMSE: by hand, squared errors (1, 4, 9) and (4, 4, 16): means 14/3 and 8.
func TestRMSE(t *testing.T) {
	var p stats.Pair
	for _, e := range [][2]float64{{1, 4}, {4, 4}, {9, 16}} {
		p.Add(e[0], e[1])
	}
	beyond := must[stats.Estimate](t)(p.RMSEBeyond(.5))
	// b - 2.25 a is 1.75, -5, -4.25: mean -2.5, variance 13.6875.
	if !near(beyond.Value, -2.5, 1e-13) || !near(beyond.SE*beyond.SE, 13.6875/3, 1e-13) || beyond.DF != 2 {
		t.Errorf("beyond: %+v", beyond)
	}
	change := must[stats.Estimate](t)(p.RMSEChange())
	da, db := -1/(2*math.Sqrt(14./3)), 1/(2*math.Sqrt(8))
	// Variances 49/3 and 48, covariance 26.
	if want := (da*da*49/3 + db*db*48 + 2*da*db*26) / 3; !near(change.Value, math.Sqrt(8)-math.Sqrt(14./3), 1e-13) || !near(change.SE*change.SE, want, 1e-12) {
		t.Errorf("change: %+v, want variance %v", change, want)
	}
	ratio := must[stats.Estimate](t)(p.RMSERatio())
	if !near(ratio.Value, math.Sqrt(8/(14./3))-1, 1e-13) || !(ratio.SE > 0) {
		t.Errorf("ratio: %+v", ratio)
	}
	var perfect stats.Pair
	for _, e := range []float64{0, 1, 2} {
		perfect.Add(0, e)
	}
	if _, err := perfect.RMSERatio(); !errors.Is(err, stats.ErrUndefined) {
		t.Errorf("a perfect first model: %v", err)
	}
	if _, err := p.RMSEBeyond(math.NaN()); !errors.Is(err, stats.ErrInvalid) {
		t.Error(err)
	}
}

// TestRMSEBeyondSize: at a true ratio of the margin, it errs at most little above alpha.
func TestRMSEBeyondSize(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	rejected := 0
	const sets = 2000
	for range sets {
		var p stats.Pair
		for range 200 {
			shared := random.NormFloat64()
			a, b := shared+random.NormFloat64(), 1.1*(shared+random.NormFloat64())
			p.Add(a*a, b*b)
		}
		if must[stats.Test](t)(must[stats.Estimate](t)(p.RMSEBeyond(.1)).Above(0)).P <= .05 {
			rejected++
		}
	}
	if rejected < 60 || rejected > 140 {
		t.Errorf("rejected %d of %d", rejected, sets)
	}
}
