package summary

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// exactSum is the definition: rational arithmetic, rounded once.
func exactSum(xs []float64) float64 {
	total := new(big.Rat)
	for _, x := range xs {
		total.Add(total, new(big.Rat).SetFloat64(x))
	}
	v, _ := total.Float64()
	return v
}

func TestSumIsExactInAnyOrderAndSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		xs := rapid.SliceOf(rapid.Float64Range(-math.MaxFloat64/1024, math.MaxFloat64/1024)).Draw(t, "xs")
		cut := rapid.IntRange(0, len(xs)).Draw(t, "cut")
		var a, b Sum
		for _, x := range xs[:cut] {
			a.Add(x)
		}
		for i := len(xs) - 1; i >= cut; i-- {
			b.Add(xs[i])
		}
		a.Merge(&b)
		if got, want := a.Value(), exactSum(xs); got != want {
			t.Fatalf("sum of %v: %v, want %v", xs, got, want)
		}
	})
}

func TestSumOfMany(t *testing.T) {
	// 0.1 is not a double: 10,000,000 times the double nearest to it is
	// 1000000.0000000000555…, whose nearest double is 1000000.
	var s Sum
	for range 10_000_000 {
		s.Add(0.1)
	}
	if got := s.Value(); got != 1e6 {
		t.Errorf("ten million times 0.1: %v", got)
	}
	var mixed Sum
	rng := rand.New(rand.NewPCG(1, 2))
	var xs []float64
	for range 50_000 {
		x := math.Ldexp(rng.Float64()-0.5, rng.IntN(1800)-900)
		xs = append(xs, x, -x, x/3)
		mixed.Add(x)
		mixed.Add(-x)
		mixed.Add(x / 3)
	}
	if got, want := mixed.Value(), exactSum(xs); got != want {
		t.Errorf("mixed magnitudes: %v, want %v", got, want)
	}
}

func TestSumOfWhatIsNotFinite(t *testing.T) {
	for _, c := range []struct {
		xs   []float64
		want float64
	}{
		{[]float64{1, math.Inf(1)}, math.Inf(1)},
		{[]float64{math.Inf(-1), 5}, math.Inf(-1)},
		{[]float64{math.Inf(-1), math.Inf(1)}, math.NaN()},
		{[]float64{math.NaN(), 1}, math.NaN()},
		{nil, 0},
		{[]float64{5e-324, 5e-324}, 1e-323},
	} {
		var s Sum
		for _, x := range c.xs {
			s.Add(x)
		}
		if got := s.Value(); got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("%v: %v, want %v", c.xs, got, c.want)
		}
	}
}

// TestNumAcc4 is NIST StRD's NumAcc4: 10000000.2, then 500 times 10000000.1 and
// 10000000.3; certified mean 10000000.2 and standard deviation 0.1. The data
// are not doubles, so 1e-8 is what can be had.
func TestNumAcc4(t *testing.T) {
	var sum, squares Sum
	n := 0
	add := func(x float64) {
		square, rest := product(x, x)
		sum.Add(x)
		squares.Add(square)
		squares.Add(rest)
		n++
	}
	add(10000000.2)
	for range 500 {
		add(10000000.1)
		add(10000000.3)
	}
	mean := sum.Value() / float64(n)
	deviations := new(big.Float).Quo(new(big.Float).Mul(sum.Big(), sum.Big()), big.NewFloat(float64(n)))
	ss, _ := deviations.Sub(squares.Big(), deviations).Float64()
	sd := math.Sqrt(ss / float64(n-1))
	if math.Abs(mean-10000000.2) > 1e-8 || math.Abs(sd-0.1) > 1e-8 {
		t.Errorf("mean %.10f, standard deviation %.10f", mean, sd)
	}
}
