package summary

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"testing"

	"pgregory.net/rapid"

	"github.com/noworse/noworse/stats"
)

// influencedBy is some of the values that the orders of these classes give.
func influencedBy(t *rapid.T, curves []int) []Influenced {
	var all []Influenced
	if len(curves) > 0 {
		all = append(all, Influenced{Kind: OfPrecision, Class: 1})
		if curves[0] == EveryClass {
			for kind := OfPrecisions; kind <= OfWeightedPairs; kind++ {
				all = append(all, Influenced{Kind: kind})
			}
		}
	}
	return all[:rapid.IntRange(0, len(all)).Draw(t, "influenced")]
}

// naiveTies are rows in the order of some numbers, by the package sort.
func naiveTies(numbers []float64, labels []uint16) stats.Ties {
	var order []stats.Ranked
	for i := range numbers {
		order = append(order, stats.Ranked{Row: uint32(i), Class: labels[i]})
	}
	sort.SliceStable(order, func(i, j int) bool { return numbers[order[i].Row] < numbers[order[j].Row] })
	return func(yield func([]stats.Ranked) bool) {
		for first, end := 0, 0; first < len(order); first = end {
			for end = first + 1; end < len(order) && numbers[order[end].Row] == numbers[order[first].Row]; end++ {
			}
			if !yield(order[first:end]) {
				return
			}
		}
	}
}

// compareInfluences adds up the influences of one slice's rows.
func compareInfluences(t *rapid.T, shape Shape, v View, list []row, what Influenced) {
	got, ok := v.Influences(what)
	if ok != (len(list) > 0) {
		t.Fatalf("influences on %v of %d rows: %v", what, len(list), ok)
	}
	var of []uint16
	for _, r := range list {
		of = append(of, r.label)
	}
	labels := stats.LabelsOf(of, shape.Classes)
	var to [2][]float64
	for m := range to {
		to[m] = make([]float64, len(list))
		what.add(labels, func(class int) stats.Ties {
			var scores []float64
			for _, r := range list {
				scores = append(scores, scoreOf(shape, r, m, class))
			}
			return naiveTies(scores, of)
		}, to[m])
	}
	want := make(stats.OfClasses, shape.Classes)
	for i, k := range of {
		a, b := to[1][i], to[0][i]
		c := &want[k]
		c.Rows++
		c.A, c.B, c.Change, c.Changed = c.A+a*a, c.B+b*b, c.Change+(b-a)*(b-a), c.Changed+math.Abs(b-a)
	}
	for k, g := range got {
		w := want[k]
		for i, x := range [][2]float64{{g.A, w.A}, {g.B, w.B}, {g.Change, w.Change}, {g.Changed, w.Changed}} {
			if g.Rows != w.Rows || math.Abs(x[0]-x[1]) > 1e-12*max(1, x[1]) {
				t.Fatalf("influences on %v of class %d, sum %d: %v, want %v", what, k, i, g, w)
			}
		}
	}
}

// TestInfluencesOfManyRows crosses the sizes of blocks and segments.
func TestInfluencesOfManyRows(t *testing.T) {
	what := Influenced{Kind: OfPrecision, Class: 1}
	needs := Needs{Curves: []int{1}, Influences: []Influenced{what}}
	shape := Shape{Classes: 2, Models: 2, Whole: needs}
	var list []row
	for i := range 2*blockRows + 9 {
		r := row{label: uint16(i * 7 % 11 / 8)}
		r.score = [2]float64{float64(i*7919%(1<<16)) / (1 << 16), math.Round(float64(i*104729%99991)/1e3) / 100}
		list = append(list, r)
	}
	forward, backward := New(shape), New(shape)
	number := func(int, uint32) uint32 { return 0 }
	forward.Add(batch(shape, list, number))
	reversed := slices.Clone(list)
	slices.Reverse(reversed)
	backward.Add(batch(shape, reversed[:9], number))
	backward.Add(batch(shape, reversed[9:], number))
	forward.Seal(1)
	backward.Seal(3)
	one, _ := forward.Whole().Influences(what)
	other, _ := backward.Whole().Influences(what)
	if !slices.Equal(one, other) || one[1].Change == 0 {
		t.Errorf("%v and in another order %v", one, other)
	}
}

// TestInfluencesOfNumbers: what rows of a slice influence is what they do as a whole set,
// to the last bit, however the rows come.
func TestInfluencesOfNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		both := Needs{Influences: []Influenced{{Kind: OfNumbers}, {Kind: OfRanks}}, Median: true, MedianSpreads: []float64{.05, .2}}
		shape := Shape{Classes: 1, Models: 1, Named: 1, By: 1, Whole: both, Sliced: both}
		list := residuals(t, false)
		for i := range list {
			list[i].target = math.Mod(list[i].answer, 7)
		}
		cut := rapid.IntRange(0, len(list)).Draw(t, "cut")
		s := summaryOf(shape, list[cut:])
		if err := s.Merge(summaryOf(shape, list[:cut])); err != nil {
			t.Fatal(err)
		}
		s.Seal(2)
		compare := func(what string, v View, in func(residual) bool) {
			one := summaryOf(Shape{Classes: 1, Models: 1, Named: 1, By: 1, Whole: both}, slices.DeleteFunc(slices.Clone(list), func(r residual) bool { return !in(r) }))
			one.Seal(1)
			for _, kind := range both.Influences {
				got, ok := v.Influences(kind)
				want, okWant := one.Whole().Influences(kind)
				if ok != okWant || fmt.Sprintf("%x", got) != fmt.Sprintf("%x", want) {
					t.Fatalf("%s, %v: %v %v, want %v %v", what, kind, got, ok, want, okWant)
				}
			}
			for _, alpha := range both.MedianSpreads {
				got, ok := v.MedianSpread(alpha)
				want, okWant := one.Whole().MedianSpread(alpha)
				if ok != okWant || got != want || got.Pair.N != int(v.Rows()) || got.Pair.Both != got.Pair.First {
					t.Fatalf("%s, medians: %v %v, want %v %v", what, got, ok, want, okWant)
				}
			}
		}
		compare("whole", s.Whole(), func(residual) bool { return true })
		compare("named", s.Named(0), func(r residual) bool { return r.named })
		for k := range s.Slices(0) {
			compare("by", s.By(0, k), func(r residual) bool { return int(r.by) == k })
		}
	})
}
