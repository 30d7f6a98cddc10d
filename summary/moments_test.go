package summary

import (
	"fmt"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

var aggregatesOfOne = []string{"count", "sum", "avg", "min", "max", "median", "quantile_cont", "quantile_disc",
	"var_pop", "var_samp", "variance", "stddev_pop", "stddev_samp", "stddev", "bool_and", "bool_or"}

var aggregatesOfTwo = []string{"covar_pop", "covar_samp", "corr", "regr_slope", "regr_intercept", "regr_r2", "regr_count",
	"regr_avgx", "regr_avgy", "regr_sxx", "regr_syy", "regr_sxy"}

// TestMomentsUnderAnySplit: neither the order of rows nor how they are split
// changes a bit.
func TestMomentsUnderAnySplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		function := rapid.SampledFrom(append(aggregatesOfOne, aggregatesOfTwo...)).Draw(t, "function")
		number := rapid.OneOf(rapid.Float64Range(-1e3, 1e3), rapid.Float64Range(-1e300, 1e300), rapid.SampledFrom([]float64{0, 1, 1e-300, 0.1}))
		rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) [2]float64 { return [2]float64{number.Draw(t, "y"), number.Draw(t, "x")} }), 0, 30).Draw(t, "rows")
		parts := rapid.IntRange(1, 4).Draw(t, "parts")
		value := func(rows [][2]float64, parts int) string {
			list := make([]Moments, parts)
			for i := range list {
				list[i] = NewMoments(function, false)
			}
			for i, r := range rows {
				list[i%parts].AddPair(r[0], r[1])
			}
			for i := range list[1:] {
				list[0].Merge(&list[i+1])
			}
			v, ok := list[0].Value(function, 0.37)
			return fmt.Sprint(math.Float64bits(v), ok)
		}
		shuffled := rapid.Permutation(rows).Draw(t, "shuffled")
		if a, b := value(rows, 1), value(shuffled, parts); a != b {
			t.Errorf("%s of %v is %s, in another order %s", function, rows, a, b)
		}
	})
}

// TestMomentsAreExact holds variances and covariances to rational arithmetic by
// their definition, the sum of products of deviations, on values whose mean is a
// million times what they vary by.
func TestMomentsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Map(rapid.Float64Range(0, 1), func(x float64) float64 { return 1e6 + x })
		x := rapid.SliceOfN(number, 2, 20).Draw(t, "x")
		y := rapid.SliceOfN(number, len(x), len(x)).Draw(t, "y")
		sxy, sxx := deviations(x, y), deviations(x, x)
		n := new(big.Rat).SetInt64(int64(len(x)))
		for function, want := range map[string]*big.Rat{
			"covar_pop": new(big.Rat).Quo(sxy, n), "covar_samp": new(big.Rat).Quo(sxy, new(big.Rat).Sub(n, big.NewRat(1, 1))),
			"var_pop": new(big.Rat).Quo(sxx, n), "var_samp": new(big.Rat).Quo(sxx, new(big.Rat).Sub(n, big.NewRat(1, 1))), "regr_sxy": sxy,
		} {
			m := NewMoments(function, false)
			for i := range x {
				m.AddPair(y[i], x[i])
			}
			got, ok := m.Value(function, 0)
			if exact, _ := want.Float64(); !ok || got != exact {
				t.Errorf("%s of %v, %v is %v, exactly %v", function, x, y, got, exact)
			}
		}
	})
}

// deviations is the sum of (x - mean x) (y - mean y).
func deviations(x, y []float64) *big.Rat {
	sum := new(big.Rat)
	mx, my := meanOf(x), meanOf(y)
	for i := range x {
		dx := new(big.Rat).Sub(new(big.Rat).SetFloat64(x[i]), mx)
		sum.Add(sum, dx.Mul(dx, new(big.Rat).Sub(new(big.Rat).SetFloat64(y[i]), my)))
	}
	return sum
}

func meanOf(x []float64) *big.Rat {
	sum := new(big.Rat)
	for _, v := range x {
		sum.Add(sum, new(big.Rat).SetFloat64(v))
	}
	return sum.Quo(sum, new(big.Rat).SetInt64(int64(len(x))))
}

// TestMomentsWithoutAValue: what SQL gives null for has none, and what is no
// number stays none.
func TestMomentsWithoutAValue(t *testing.T) {
	for _, function := range append(aggregatesOfOne, aggregatesOfTwo...) {
		empty := NewMoments(function, false)
		v, ok := empty.Value(function, 0.5)
		if count := function == "count" || function == "regr_count"; ok != count || v != 0 {
			t.Errorf("%s of no rows: %v, %v", function, v, ok)
		}
		for _, bad := range []float64{math.NaN(), math.Inf(1)} {
			m := NewMoments(function, false)
			for _, x := range []float64{1, bad, 2} {
				m.AddPair(x, x)
			}
			v, ok := m.Value(function, 0.5)
			finite := map[string]bool{"count": true, "regr_count": true, "min": true, "bool_and": true, "median": true, "quantile_cont": true, "quantile_disc": true}
			if ok && !math.IsNaN(v) && !math.IsInf(v, 0) && (math.IsNaN(bad) && function != "count" && function != "regr_count" || !finite[function]) {
				t.Errorf("%s with %v: %v", function, bad, v)
			}
		}
	}
	for _, function := range []string{"var_samp", "variance", "stddev", "stddev_samp", "covar_samp", "regr_slope", "regr_r2", "regr_intercept"} {
		one := NewMoments(function, false)
		one.AddPair(3, 4)
		if v, ok := one.Value(function, 0); ok {
			t.Errorf("%s of one row: %v", function, v)
		}
	}
}

func TestMomentsOfTexts(t *testing.T) {
	a, b := NewMoments("count", true), NewMoments("count", true)
	for _, text := range []string{"x", "y", "x", ""} {
		a.AddText(text)
	}
	b.AddText("z")
	b.AddText("x")
	a.Merge(&b)
	if v, ok := a.Value("count", 0); v != 4 || !ok {
		t.Errorf("%v, %v", v, ok)
	}
	none := NewMoments("count", true)
	none.Merge(&a)
	if v, _ := none.Value("count", 0); v != 4 {
		t.Errorf("merged into an empty one: %v", v)
	}
}

// TestMomentsOfTinyValues: squares that no double holds do not make a variance
// below 0, of which there is no root.
func TestMomentsOfTinyValues(t *testing.T) {
	for _, function := range []string{"stddev_pop", "stddev", "var_pop", "corr", "regr_slope", "regr_r2"} {
		m := NewMoments(function, false)
		for _, x := range []float64{1e-300, 1e-300} {
			m.AddPair(1, x)
		}
		if v, ok := m.Value(function, 0); ok && v != 0 && !math.IsNaN(v) { // NaN: as of other values that do not vary
			t.Errorf("%s of equal tiny values is %v", function, v)
		}
	}
}
