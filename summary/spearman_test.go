package summary

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestSpearman holds every slice to the definition: a row's rank is counted from
// the rows below it and those that tie with it.
func TestSpearman(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		needs := Needs{Spearman: true}
		shape := Shape{Classes: 1, Models: 1, Named: 1, By: 1, Whole: needs}
		if rapid.Bool().Draw(t, "sliced") {
			shape.Sliced = needs
		}
		list := residuals(t, false)
		spread := rapid.SampledFrom([]int{1, 3, 1000}).Draw(t, "targets")
		rng := rand.New(rand.NewPCG(uint64(len(list)), 7))
		for i := range list {
			list[i].target = float64(rng.IntN(spread)) - list[i].answer*float64(rng.IntN(2))
		}
		cut := rapid.IntRange(0, len(list)).Draw(t, "cut")
		s := summaryOf(shape, list[cut:])
		if err := s.Merge(summaryOf(shape, list[:cut])); err != nil {
			t.Fatal(err)
		}
		s.Seal(2)
		compareSpearman(t, "whole", s.Whole(), list)
		if !shape.Sliced.Spearman {
			return
		}
		of := func(in func(residual) bool) []residual {
			return slices.DeleteFunc(slices.Clone(list), func(r residual) bool { return !in(r) })
		}
		compareSpearman(t, "named", s.Named(0), of(func(r residual) bool { return r.named }))
		for k := range uint32(3) {
			compareSpearman(t, fmt.Sprint("by ", k), s.By(0, int(k)), of(func(r residual) bool { return r.by == k }))
		}
	})
}

func compareSpearman(t *rapid.T, what string, v View, list []residual) {
	want := pearsonOf(ranksOf(list, func(r residual) float64 { return r.target }), ranksOf(list, func(r residual) float64 { return r.answer }))
	got := v.Spearman(0)
	if math.IsNaN(got) != math.IsNaN(want) || math.Abs(got-want) > 1e-12 {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
}

func ranksOf(list []residual, of func(residual) float64) []float64 {
	ranks := make([]float64, len(list))
	for i, r := range list {
		for _, other := range list {
			switch a, b := of(other), of(r); {
			case a < b:
				ranks[i]++
			case a == b:
				ranks[i] += 0.5
			}
		}
	}
	return ranks
}

func pearsonOf(a, b []float64) float64 {
	mean := float64(len(a)) / 2
	var both, left, right float64
	for i := range a {
		x, y := a[i]-mean, b[i]-mean
		both, left, right = both+x*y, left+x*x, right+y*y
	}
	return both / math.Sqrt(left*right) // NaN where one does not vary
}
