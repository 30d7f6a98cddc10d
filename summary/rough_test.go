package summary

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func roughNumbers(t *rapid.T) []float64 {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	spread := rapid.SampledFrom([]int{1, 30, 300, 2000}).Draw(t, "exponents")
	list := make([]float64, rapid.IntRange(0, 60).Draw(t, "numbers"))
	for i := range list {
		list[i] = math.Ldexp(rng.Float64()-.5, rng.IntN(spread)-spread/2)
		if rng.IntN(5) == 0 {
			list[i] = 0
		}
	}
	return list
}

// TestRoughSums: any order and split gives the same bits, and they are the sum but
// for a share of the size of what was added.
func TestRoughSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := roughNumbers(t)
		var one rough
		var exact, size Sum
		for _, x := range list {
			one.add(x)
			exact.Add(x)
			size.Add(math.Abs(x))
		}
		split := make([]rough, rapid.IntRange(1, 4).Draw(t, "parts"))
		for i, x := range rapid.Permutation(list).Draw(t, "shuffled") {
			split[i%len(split)].add(x)
		}
		for i := range split[1:] {
			split[0].merge(&split[i+1])
		}
		if split[0] != one {
			t.Fatalf("%v of %v, in another order %v", one, list, split[0])
		}
		got := one.value()
		if d := math.Abs(got.high + got.low - exact.Value()); d > 0x1p-46*size.Value()+0x1p-1000 {
			t.Fatalf("%v, want %v of %v", got, exact.Value(), list)
		}
	})
}

func TestRoughSumsOfNoNumbers(t *testing.T) {
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		var r rough
		r.add(1)
		r.add(x)
		if r.value().finite() {
			t.Errorf("%v is %v", x, r.value())
		}
	}
}

// TestDoublesHoldTwiceTheBits: (1 + 2^-60)(1 - 2^-60) is 1 - 2^-120, and thirds add up to 1.
func TestDoublesHoldTwiceTheBits(t *testing.T) {
	one := double{1, 0}
	p := one.plus(double{0x1p-60, 0}).times(one.minus(double{0x1p-60, 0})).minus(one)
	if math.Abs(p.high) > 0x1p-100 {
		t.Errorf("left of 1: %v", p)
	}
	third := one.over(double{3, 0})
	if d := third.plus(third).plus(third).minus(one); math.Abs(d.high) > 0x1p-104 {
		t.Errorf("three thirds are 1 and %v", d)
	}
}
