package parity

import (
	"fmt"
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

func TestTally(t *testing.T) {
	y := New(Tolerance{Absolute: 1e-6, Relative: 1e-5})
	id := func(s string) func() string { return func() string { return s } }
	y.Value(id("a"), -1, 1, 1)
	y.Value(id("b"), -1, 1, 1+1e-5) // 1e-5 <= 1e-6 + 1e-5
	y.Value(id("c"), -1, 0, 2e-6)   // beyond
	y.Value(id("d"), 2, 100, 100.5) // beyond
	y.Label(id("a"), "x", "x")
	y.Label(id("b"), "x", "y")
	y.Seal()
	if y.Values != 4 || y.Beyond != 2 || y.Rows != 2 || y.Flips != 1 || y.MaxAbsolute != 0.5 || y.MaxRelative != 1 {
		t.Errorf("%+v", y)
	}
	if y.Worst[0].ID != "d" || y.Worst[0].Class != 2 || y.Worst[1].ID != "c" || y.Flipped[0].CandidateLabel != "y" {
		t.Errorf("%+v %+v", y.Worst, y.Flipped)
	}
	y.Value(id("e"), -1, math.NaN(), 1)
	y.Seal()
	if y.Beyond != 3 || y.Worst[0].ID != "e" || !math.IsNaN(y.MaxAbsolute) {
		t.Errorf("NaN is within: %+v", y)
	}
}

// TestULP: numpy 2.4.6, numpy.nextafter once and twice.
func TestULP(t *testing.T) {
	for _, c := range []struct {
		a, b   float64
		want   uint64
		single bool
	}{
		{0.1, math.Nextafter(math.Nextafter(0.1, 1), 1), 2, false},
		{0, math.Copysign(0, -1), 0, true},
		{-5e-324, 5e-324, 2, false},
		{1, float64(math.Nextafter32(1, 2)), 1, true},
		{0.5, 0.5, 0, true},
		{1, 2, 1 << 23, true},
	} {
		y := New(Tolerance{})
		y.Value(func() string { return "" }, -1, c.a, c.b)
		if d, single := y.ULP(); d != c.want || single != c.single {
			t.Errorf("%v and %v: %d (single %v), want %d (%v)", c.a, c.b, d, single, c.want, c.single)
		}
	}
}

// TestMerge: any split of rows, in any order, is the same tally.
func TestMerge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 200).Draw(t, "rows")
		values := rapid.SliceOfN(rapid.Float64Range(-1, 1), 2*n, 2*n).Draw(t, "values")
		order := rapid.Permutation(seq(n)).Draw(t, "order")
		parts := rapid.SliceOfN(rapid.IntRange(0, 3), n, n).Draw(t, "parts")
		one, many := New(Tolerance{Absolute: 0.1}), []*Tally{New(Tolerance{Absolute: 0.1}), New(Tolerance{Absolute: 0.1}), New(Tolerance{Absolute: 0.1}), New(Tolerance{Absolute: 0.1})}
		add := func(y *Tally, i int) {
			id := func() string { return fmt.Sprint(i) }
			y.Value(id, -1, values[2*i], values[2*i+1])
			y.Label(id, fmt.Sprint(values[2*i] > 0), fmt.Sprint(values[2*i+1] > 0))
		}
		for i := range n {
			add(one, i)
		}
		for k, i := range order {
			add(many[parts[k]], i)
		}
		for _, y := range many[1:] {
			many[0].Merge(y)
		}
		one.Seal()
		many[0].Seal()
		if len(one.Worst) == 0 && len(many[0].Worst) == 0 {
			one.Worst, many[0].Worst = nil, nil
		}
		if len(one.Flipped) == 0 && len(many[0].Flipped) == 0 {
			one.Flipped, many[0].Flipped = nil, nil
		}
		if !reflect.DeepEqual(one, many[0]) {
			t.Fatalf("%+v\n%+v", one, many[0])
		}
	})
}

func seq(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
