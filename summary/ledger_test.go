package summary

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// spreadNumbers are numbers whose exponents are this far apart, around another; some are 0.
func spreadNumbers(t *rapid.T) []float64 {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	spread := rapid.SampledFrom([]int{1, 30, 60, 300, 2000}).Draw(t, "exponents")
	around := rapid.SampledFrom([]int{-1040, -1000, -60, 0, 60, 1000}).Draw(t, "around")
	list := make([]float64, rapid.IntRange(0, 80).Draw(t, "numbers"))
	for i := range list {
		list[i] = math.Ldexp(rng.Float64()-.5, min(around+rng.IntN(spread)-spread/2, 1010))
		if rng.IntN(5) == 0 {
			list[i] = 0
		}
	}
	return list
}

// addToLedger adds numbers to groups, in batches of a few; odd batches by masks.
func addToLedger(l *ledger, numbers []float64, codes []uint32, groups, each int) {
	var a addends
	for first := 0; first < len(numbers); first += each {
		end := min(first+each, len(numbers))
		a.read(numbers[first:end], a.unit)
		l.open(groups, &a)
		if first/each%2 == 0 {
			l.addCodes(codes[first:end], &a)
			continue
		}
		for g := range groups {
			mask := make([]uint64, each/64+1)
			for i, c := range codes[first:end] {
				if int(c) == g {
					mask[i>>6] |= 1 << (i & 63)
				}
			}
			l.addRows(g, appendRows(nil, mask), mask, &a)
		}
	}
}

// TestLedgersAreExact holds the sums of groups to rational arithmetic, in any order
// and split, whatever units each part chose.
func TestLedgersAreExact(t *testing.T) {
	const groups = 3
	rapid.Check(t, func(t *rapid.T) {
		numbers := append(spreadNumbers(t), spreadNumbers(t)...)
		codes := make([]uint32, len(numbers))
		byGroup := make([][]float64, groups)
		for i, x := range numbers {
			codes[i] = rapid.Uint32Range(0, groups-1).Draw(t, "group")
			byGroup[codes[i]] = append(byGroup[codes[i]], x)
		}
		order := rapid.Permutation(upTo(len(numbers))).Draw(t, "order")
		each := rapid.IntRange(1, 70).Draw(t, "rows of a batch")
		parts := make([]ledger, rapid.IntRange(1, 3).Draw(t, "parts"))
		reversed := func(i int) int { return groups - 1 - i }
		for p := range parts {
			var xs []float64
			var cs []uint32
			for _, i := range order[len(order)*p/len(parts) : len(order)*(p+1)/len(parts)] {
				xs, cs = append(xs, numbers[i]), append(cs, uint32(reversed(int(codes[i]))))
			}
			if rapid.Bool().Draw(t, "nearly full") {
				parts[p].added = mostAdded - 20
			}
			addToLedger(&parts[p], xs, cs, groups, each)
		}
		var all ledger
		for p := range parts {
			all.absorb(groups, &parts[p], reversed)
		}
		for g, xs := range byGroup {
			var got Sum
			all.addTo(&got, g)
			if want := exactSum(xs); got.Value() != want {
				t.Fatalf("group %d of %v: %v, want %v", g, numbers, got.Value(), want)
			}
		}
	})
}

func upTo(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// TestLedgersHoldTheMost fills the place of a sum: 2^24 of the largest numbers that
// its unit is for, of both signs.
func TestLedgersHoldTheMost(t *testing.T) {
	for _, x := range []float64{math.Nextafter(256, 0), -math.Nextafter(256, 0), math.MaxFloat64 / (1 << 24), 0x1p-1074} {
		numbers, codes := make([]float64, 1<<14), make([]uint32, 1<<14)
		for i := range numbers {
			numbers[i] = x
		}
		var l ledger
		for range mostAdded / len(numbers) {
			addToLedger(&l, numbers, codes, 1, len(numbers))
		}
		var got Sum
		if l.addTo(&got, 0); got.Value() != x*mostAdded {
			t.Errorf("%d times %v: %v", mostAdded, x, got.Value())
		}
		if x != 0x1p-1074 && l.wide != nil {
			t.Errorf("%v did not fit", x)
		}
	}
}

func TestLedgersOfWhatIsNotFinite(t *testing.T) {
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		var l ledger
		addToLedger(&l, []float64{1, x, 2}, []uint32{0, 1, 0}, 2, 3)
		var other, its Sum
		l.addTo(&other, 0)
		l.addTo(&its, 1)
		if got := its.Value(); got != x && !math.IsNaN(x) || math.IsNaN(x) != math.IsNaN(got) || other.Value() != 3 {
			t.Errorf("%v is %v beside %v", x, got, other.Value())
		}
	}
}

// TestAccountsRoundOnce holds what is read of a sum to the exact one: its nearest
// double, and the nearest to what that leaves.
func TestAccountsRoundOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var a account
		numbers := spreadNumbers(t)
		addToLedger(&a[0], numbers, make([]uint32, len(numbers)), 1, 30)
		if rapid.Bool().Draw(t, "with a rest") {
			rest := spreadNumbers(t)
			addToLedger(&a[1], rest, make([]uint32, len(rest)), 1, 30)
			numbers = append(numbers, rest...)
		}
		value := exactSum(numbers)
		want := double{value, exactSum(append(numbers, -value))}
		if got := a.double(0); got != want || a.value(0) != value {
			t.Fatalf("%v is %v and %v, want %v", numbers, got, a.value(0), want)
		}
	})
}

// TestIntegersRoundToNearest: integers of up to 128 bits, to doubles.
func TestIntegersRoundToNearest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := fixed{rapid.Uint64().Draw(t, "whole") >> rapid.IntRange(0, 64).Draw(t, "shift"), rapid.Uint64().Draw(t, "part") >> rapid.IntRange(0, 64).Draw(t, "part's shift")}
		if rapid.Bool().Draw(t, "negative") {
			f = f.times(^uint64(0))
		}
		exact := func(f fixed) *big.Float {
			sign, size := f.signed()
			n := new(big.Int).Lsh(new(big.Int).SetUint64(size.whole), 64)
			n.Or(n, new(big.Int).SetUint64(size.part))
			if sign != 0 {
				n.Neg(n)
			}
			return new(big.Float).SetPrec(256).SetInt(n)
		}
		want, _ := exact(f).Float64()
		if got := f.nearest(); got != want {
			t.Fatalf("%v is nearest to %v, want %v", f, got, want)
		}
		rest := exact(f)
		rest.Sub(rest, big.NewFloat(want))
		if got := exact(f.less(want)); got.Cmp(rest) != 0 {
			t.Fatalf("%v less %v is %v, want %v", f, want, got, rest)
		}
	})
}
