package summary

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// residual is a row of a regression.
type residual struct {
	target, answer, weight float64
	named                  bool
	by                     uint32
}

func residuals(t *rapid.T, weighted bool) []residual {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	spread := rapid.SampledFrom([]float64{2, 10, 1e300}).Draw(t, "values")
	list := make([]residual, rapid.IntRange(0, 120).Draw(t, "rows"))
	for i := range list {
		e := math.Round(rng.NormFloat64() * spread)
		if spread > 100 {
			e = math.Ldexp(rng.NormFloat64(), rng.IntN(600)-300)
		}
		list[i] = residual{answer: e, weight: 1, named: rng.IntN(2) == 0, by: uint32(rng.IntN(3))}
		if weighted {
			list[i].weight = float64(rng.IntN(4)) // halves are reached exactly, and some rows have none
		}
	}
	return list
}

func summaryOf(shape Shape, list []residual) *Summary {
	s := New(shape)
	for part := range slices.Chunk(list, 37) {
		b := &Batch{Rows: len(part), Models: make([]Outputs, 1), Named: [][]uint64{make([]uint64, 1)}, By: make([][]uint32, 1)}
		for i, r := range part {
			b.Target, b.Models[0].Score = append(b.Target, r.target), append(b.Models[0].Score, r.answer)
			b.By[0] = append(b.By[0], r.by)
			if shape.Weighted {
				b.Weight = append(b.Weight, r.weight)
			}
			if r.named {
				b.Named[0][0] |= 1 << i
			}
		}
		s.Add(b)
	}
	s.Renumber(0, []uint32{0, 1, 2}[:s.Slices(0)], 3)
	return s
}

// TestErrorsInOrder: medians and largest errors are those of the sorted rows,
// whatever the order and the parts.
func TestErrorsInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		needs := Needs{Median: true, LargestError: true}
		shape := Shape{Classes: 1, Models: 1, Named: 1, By: 1, Weighted: rapid.Bool().Draw(t, "weighted"), Whole: needs}
		if rapid.Bool().Draw(t, "sliced") {
			shape.Sliced = needs
		}
		list := residuals(t, shape.Weighted)
		cut := rapid.IntRange(0, len(list)).Draw(t, "cut")
		s := summaryOf(shape, list[cut:])
		if err := s.Merge(summaryOf(shape, list[:cut])); err != nil {
			t.Fatal(err)
		}
		s.Seal(2)
		compareErrors(t, "whole", s.Whole(), list)
		if !shape.Sliced.Median {
			return
		}
		of := func(in func(residual) bool) []residual {
			return slices.DeleteFunc(slices.Clone(list), func(r residual) bool { return !in(r) })
		}
		compareErrors(t, "named", s.Named(0), of(func(r residual) bool { return r.named }))
		for k := range uint32(3) {
			compareErrors(t, fmt.Sprint("by ", k), s.By(0, int(k)), of(func(r residual) bool { return r.by == k }))
		}
	})
}

// compareErrors writes each row as many times as it weighs, and takes the
// middle.
func compareErrors(t *rapid.T, what string, v View, list []residual) {
	var all []float64
	for _, r := range list {
		for range int(r.weight) {
			all = append(all, math.Abs(r.answer-r.target))
		}
	}
	if len(all) == 0 {
		return
	}
	slices.Sort(all)
	want := (all[(len(all)-1)/2] + all[len(all)/2]) / 2
	if got := v.MedianError(0); got != want {
		t.Fatalf("%s: median %v, want %v of %v", what, got, want, all)
	}
	if got := v.LargestError(0); got != all[len(all)-1] {
		t.Fatalf("%s: largest %v, want %v", what, got, all[len(all)-1])
	}
}

// TestMedianOfManyRows crosses the sizes of blocks and segments.
func TestMedianOfManyRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	list := make([]residual, 2*blockRows+11)
	var all []float64
	for i := range list {
		list[i] = residual{answer: rng.NormFloat64(), named: i%2 == 0}
		all = append(all, math.Abs(list[i].answer))
	}
	s := summaryOf(Shape{Classes: 1, Models: 1, Named: 1, By: 1, Whole: Needs{Median: true}}, list)
	s.Seal(2)
	slices.Sort(all)
	if got := s.Whole().MedianError(0); got != all[len(all)/2] {
		t.Errorf("median %v, want %v", got, all[len(all)/2])
	}
}

func TestPlacesNeverFall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Float64().Draw(t, "a"), rapid.Float64().Draw(t, "b")
		a, b = min(a, b), max(a, b)
		if x, y := scorePlace(a), scorePlace(b); x > y || x < 0 || y >= orderBins {
			t.Fatalf("places %d of %v and %d of %v", x, a, y, b)
		}
		a, b = math.Abs(a), math.Abs(b)
		if x, y := errorPlace(min(a, b)), errorPlace(max(a, b)); x > y || y >= orderBins {
			t.Fatalf("error places %d and %d of %v and %v", x, y, a, b)
		}
	})
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1)} {
		if x := scorePlace(f); x < 0 || x >= orderBins {
			t.Errorf("place %d of %v", x, f)
		}
	}
}
