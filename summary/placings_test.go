package summary

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/noworse/noworse/stats"
)

// someOf is some of the classes whose curves are wanted.
func someOf(t *rapid.T, curves []int) []int {
	if len(curves) > 0 && curves[0] == EveryClass {
		curves = []int{1, 0}
	}
	return curves[:rapid.IntRange(0, len(curves)).Draw(t, "placed classes")]
}

// comparePlacements places every row by comparing it with every row of the other
// side, by the baseline and by the candidate.
func comparePlacements(t *rapid.T, shape Shape, v View, list []row, class int) {
	var want stats.DeLong
	placement := func(of row, model int) (twice uint64) {
		for _, other := range list {
			mine, its := scoreOf(shape, of, model, class), scoreOf(shape, other, model, class)
			switch positive := int(of.label) == class; {
			case positive == (int(other.label) == class):
			case mine == its:
				twice++
			case positive == (mine > its):
				twice += 2
			}
		}
		return twice
	}
	for _, r := range list {
		to := &want.Negative
		if int(r.label) == class {
			to = &want.Positive
		}
		to.Add(placement(r, 1), placement(r, 0))
	}
	if got, ok := v.Placements(class); got != want || !ok && len(list) > 0 {
		t.Fatalf("placements of class %d: %v, want %v", class, got, want)
	}
}

// TestPlacementsOfManyRows crosses the sizes of blocks and segments, with slices
// that take turns, and with none.
func TestPlacementsOfManyRows(t *testing.T) {
	needs := Needs{Curves: []int{1}, Placements: []int{1}}
	shape := Shape{Classes: 2, Models: 2, Named: 70, By: 1, Whole: needs, Sliced: needs}
	rng := rand.New(rand.NewPCG(5, 6))
	list := make([]row, 2*blockRows+9)
	for i := range list {
		r := row{label: uint16(rng.IntN(2)), by: []uint32{uint32(rng.IntN(3))}, named: make([]bool, shape.Named)}
		r.score = [2]float64{rng.Float64(), math.Round(rng.Float64()*1e4) / 1e4}
		r.named[rng.IntN(shape.Named)], r.named[69] = true, rng.IntN(2) == 0
		list[i] = r
	}
	want := func(in func(row) bool) stats.DeLong {
		var positive []bool
		var scores [2][]float64
		for _, r := range keep(list, in) {
			positive = append(positive, r.label == 1)
			for m := range scores {
				scores[m] = append(scores[m], r.score[m])
			}
		}
		d, err := stats.DeLongOf(positive, scores[1], scores[0])
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, most := range []uint64{0, uint64(len(list)), 1} {
		s := New(shape)
		s.Add(batch(shape, list, func(_ int, slice uint32) uint32 { return slice }))
		s.ranks.mostPlacements = most
		s.Seal(2)
		for name, c := range map[string]struct {
			v  View
			in func(row) bool
		}{
			"whole":    {s.Whole(), func(row) bool { return true }},
			"by":       {s.By(0, 2), func(r row) bool { return r.by[0] == 2 }},
			"named 3":  {s.Named(3), func(r row) bool { return r.named[3] }},
			"named 69": {s.Named(69), func(r row) bool { return r.named[69] }},
		} {
			if got, _ := c.v.Placements(1); got != want(c.in) {
				t.Errorf("%s, %d at a time: %v, want %v", name, most, got, want(c.in))
			}
		}
	}
}

// TestPlacementsOfOneModel: it is both models.
func TestPlacementsOfOneModel(t *testing.T) {
	needs := Needs{Curves: []int{1}, Placements: []int{1}}
	shape := Shape{Classes: 2, Models: 1, Named: 2, Whole: needs, Sliced: needs}
	for _, most := range []uint64{0, 1} {
		s := New(shape)
		s.Add(&Batch{Rows: 4, Label: []uint16{1, 0, 1, 0}, Models: []Outputs{{Class: make([]uint16, 4), Score: []float64{.1, .2, .3, .3}}},
			Named: [][]uint64{{0b1111}, {0b0110}}})
		s.ranks.mostPlacements = most
		s.Seal(1)
		var whole, second stats.DeLong
		for _, p := range []uint64{0, 3} { // positive: below .2 and .3; above .2, equal to .3
			whole.Positive.Add(p, p)
		}
		for _, p := range []uint64{2, 1} {
			whole.Negative.Add(p, p)
		}
		second.Positive.Add(2, 2)
		second.Negative.Add(2, 2)
		for i, want := range []stats.DeLong{whole, second} {
			if got, ok := s.Named(i).Placements(1); !ok || got != want {
				t.Errorf("slice %d: %v, want %v", i, got, want)
			}
		}
		if got, ok := s.Whole().Placements(1); !ok || got != whole {
			t.Errorf("%v, want %v", got, whole)
		}
	}
}

func TestRoomForPlacements(t *testing.T) {
	r := newRanks(&Shape{Classes: 2, Models: 2, By: 4, Named: 20, Whole: Needs{Curves: []int{1}}, Sliced: Needs{Curves: []int{1}}})
	x := &sealing{layout: r.layout([]int{4, 40, 40, 16})}
	if few, many := r.placements(1<<20, x), r.placements(1<<24, x); few < 100<<20 || many != leastPlacements || many < 1<<24 {
		t.Errorf("room for %d and %d", few, many)
	}
}
