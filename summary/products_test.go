package summary

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// secondMoments are all products of losses and their differences.
func secondMoments(losses []Loss) []Product {
	factors := []Factor{{}}
	for _, l := range losses {
		factors = append(factors, Factor{l, Candidate})
		if !l.ofTarget() {
			factors = append(factors, Factor{l, Difference}, Factor{l, Baseline})
		}
	}
	var list []Product
	for i, a := range factors {
		for _, b := range factors[:i+1] {
			list = append(list, Product{b, a})
		}
	}
	return list
}

// covariance is the centred sum of one product.
func (v View) covariance(p Product) float64 {
	if p.A == p.B {
		return v.Centred(p.A)[0][0]
	}
	return v.Centred(p.A, p.B)[1][0]
}

// pairedRow is a row of a regression with two models.
type pairedRow struct {
	target, weight float64
	answers        [2]float64
	by             uint32
}

func (r pairedRow) factor(f Factor) *big.Rat {
	rat := func(x float64) *big.Rat { return new(big.Rat).SetFloat64(x) }
	square := func(x *big.Rat) *big.Rat { return new(big.Rat).Mul(x, x) }
	loss := func(model int) *big.Rat {
		switch e := r.answers[model] - r.target; f.Loss.Kind {
		case SquaredError:
			return rat(e * e)
		case Residual:
			return rat(e)
		case Target:
			return rat(r.target)
		default:
			return square(rat(r.target))
		}
	}
	switch {
	case f == Factor{}:
		return rat(1)
	case f.Of == Difference:
		return new(big.Rat).Sub(loss(0), loss(1))
	case f.Of == Baseline:
		return loss(1)
	}
	return loss(0)
}

// centred works the sum out from its definition, without rounding. size is what its
// rounding is measured by.
func centred(list []pairedRow, a, b Factor) (sum, size float64) {
	sumOf := func(of func(pairedRow) *big.Rat) *big.Rat {
		all := new(big.Rat)
		for _, r := range list {
			all.Add(all, of(r))
		}
		return all
	}
	times := func(x, y *big.Rat) *big.Rat { return new(big.Rat).Mul(x, y) }
	weight := func(r pairedRow) *big.Rat { return new(big.Rat).SetFloat64(r.weight) }
	mean := func(f Factor) *big.Rat {
		all := sumOf(func(r pairedRow) *big.Rat { return times(weight(r), r.factor(f)) })
		return all.Quo(all, sumOf(weight))
	}
	ma, mb := mean(a), mean(b)
	sum, _ = sumOf(func(r pairedRow) *big.Rat {
		x, y := new(big.Rat).Sub(r.factor(a), ma), new(big.Rat).Sub(r.factor(b), mb)
		return times(times(weight(r), weight(r)), times(x, y))
	}).Float64()
	square := func(f Factor, mean *big.Rat) float64 {
		all, _ := sumOf(func(r pairedRow) *big.Rat {
			x := r.factor(f)
			return times(times(weight(r), weight(r)), times(x, x).Add(times(x, x), times(mean, mean)))
		}).Float64()
		return all
	}
	return sum, math.Sqrt(square(a, ma) * square(b, mb))
}

var pairedLosses = []Loss{{Kind: SquaredError}, {Kind: Residual}, {Kind: Target}, {Kind: TargetSquared}}

func pairedSummary(shape Shape, list []pairedRow) *Summary {
	s := New(shape)
	for part := range slices.Chunk(list, 29) {
		b := &Batch{Rows: len(part), Models: make([]Outputs, shape.Models), By: make([][]uint32, 1)}
		for _, r := range part {
			b.Target, b.By[0] = append(b.Target, r.target), append(b.By[0], r.by)
			for m := range b.Models {
				b.Models[m].Score = append(b.Models[m].Score, r.answers[m])
			}
			if shape.Weighted {
				b.Weight = append(b.Weight, r.weight)
			}
		}
		s.Add(b)
	}
	s.Renumber(0, []uint32{0, 1, 2}[:s.Slices(0)], 3)
	return s
}

func pairedRows(t *rapid.T, weighted bool) []pairedRow {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	// A target far from 0 is where powers of it cancel.
	centre := rapid.SampledFrom([]float64{0, 3, 1e5}).Draw(t, "centre")
	list := make([]pairedRow, rapid.IntRange(1, 80).Draw(t, "rows"))
	for i := range list {
		y := centre + rng.NormFloat64()
		list[i] = pairedRow{y, 1, [2]float64{y + rng.NormFloat64(), y + rng.NormFloat64()}, uint32(rng.IntN(3))}
		if rng.IntN(3) == 0 {
			list[i].answers[0] = list[i].answers[1]
		}
		if weighted {
			list[i].weight = float64(rng.IntN(3)) * rng.Float64()
		}
	}
	return list
}

// TestCentredSums: the sums about the mean are what their definition says, in any
// order and split, of slices too, and powers of a target that is far from 0 do not
// lose it.
func TestCentredSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		needs := Needs{Losses: pairedLosses, Products: secondMoments(pairedLosses), Differing: pairedLosses[:1]}
		shape := Shape{Classes: 1, Models: 2, By: 1, Weighted: rapid.Bool().Draw(t, "weighted"), Whole: needs, Sliced: needs}
		list := pairedRows(t, shape.Weighted)
		cut := rapid.IntRange(0, len(list)).Draw(t, "cut")
		s := pairedSummary(shape, list[cut:])
		if err := s.Merge(pairedSummary(shape, list[:cut])); err != nil {
			t.Fatal(err)
		}
		s.Seal(1)
		compareCentred(t, s.Whole(), list)
		for k := range uint32(3) {
			compareCentred(t, s.By(0, int(k)), slices.DeleteFunc(slices.Clone(list), func(r pairedRow) bool { return r.by != k }))
		}
	})
}

func compareCentred(t *rapid.T, v View, list []pairedRow) {
	list = slices.DeleteFunc(slices.Clone(list), func(r pairedRow) bool { return r.weight == 0 })
	if len(list) == 0 {
		return
	}
	var differing uint64
	for _, r := range list {
		if r.factor(Factor{pairedLosses[0], Difference}).Sign() != 0 {
			differing++
		}
	}
	if got := v.Differing(pairedLosses[0]); got != differing {
		t.Fatalf("%d rows differ, want %d", got, differing)
	}
	for _, p := range v.g.needs.Products {
		want, size := centred(list, p.A, p.B)
		tolerance := 0x1p-44 * size
		if p.ofTarget() {
			tolerance = 0x1p-80*size + 1e-9*math.Abs(want)
		}
		if got := v.covariance(p); math.Abs(got-want) > tolerance {
			t.Fatalf("%+v over %d rows: %v, want %v (of %v)", p, len(list), got, want, size)
		}
	}
}

// TestCentredOfNoNumber: what is not finite gives no variance, and no panic.
func TestCentredOfNoNumber(t *testing.T) {
	needs := Needs{Losses: pairedLosses, Products: secondMoments(pairedLosses), Differing: pairedLosses[:1]}
	for _, weighted := range []bool{false, true} {
		shape := Shape{Classes: 1, Models: 2, By: 1, Weighted: weighted, Whole: needs, Sliced: needs}
		for _, list := range [][]pairedRow{
			nil,
			{{target: 1e200, weight: 1}, {target: 1, weight: 1, answers: [2]float64{1e300, 0}}},
			{{target: 1, weight: 1, answers: [2]float64{math.NaN(), 0}}},
			{{target: 1, weight: 1, answers: [2]float64{math.Inf(1), math.Inf(1)}}},
			{{target: math.Inf(-1), weight: 1}},
			{{target: 1}, {target: 2}}, // without weight
		} {
			if !weighted && list != nil && list[0].weight == 0 && list[0].target == 1 {
				continue
			}
			s := pairedSummary(shape, list)
			s.Seal(1)
			squared := Factor{Loss: pairedLosses[0]}
			if x := s.Whole().Centred(squared)[0][0]; !math.IsNaN(x) {
				t.Errorf("weighted %v, %v: %v", weighted, list, x)
			}
		}
	}
}

// TestOneModelHasNoDifferences: what needs two is left out.
func TestOneModelHasNoDifferences(t *testing.T) {
	needs := Needs{Losses: pairedLosses, Products: secondMoments(pairedLosses), Differing: pairedLosses[:1]}
	one := pairedSummary(Shape{Classes: 1, Models: 1, By: 1, Whole: needs}, []pairedRow{{target: 1}, {target: 3}})
	one.Seal(1)
	if x := one.Whole().Centred(Factor{Loss: pairedLosses[0]})[0][0]; x != 32 {
		t.Errorf("squares of 1 and 9 about 5: %v", x)
	}
	if n := len(needs.Products); n == len(one.whole.needs.Products) || len(one.whole.needs.Differing) > 0 {
		t.Errorf("%d of %d products of one model", len(one.whole.needs.Products), n)
	}
}
