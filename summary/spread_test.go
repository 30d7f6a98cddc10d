package summary

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

var spreadLosses = []Loss{{Kind: LogLoss}, {Kind: Brier}}

// spreadNeeds keeps how far losses are spread, in whatever order they are named.
func spreadNeeds() (n Needs) {
	for _, of := range []Form{Change, Square, Plain, Moved} {
		for _, l := range spreadLosses {
			l.Of = of
			n.Losses = append(n.Losses, l)
		}
	}
	return n
}

// spreads is all that a view says of spreads, to the last bit.
func spreads(v View) (text string) {
	for _, l := range spreadLosses {
		change, _ := v.SpreadOfChange(l)
		moved, _ := v.Moved(l)
		text += fmt.Sprintf("%v %x %x moved %d;", l, change.Mean, change.Variance, moved)
		for m := range 2 {
			s, _ := v.SpreadOf(l, m)
			text += fmt.Sprintf(" %x %x", s.Mean, s.Variance)
		}
	}
	return text
}

// TestSpreads: any split, order and numbering of slices gives the same bits, and
// they are the mean and the variance of the rows.
func TestSpreads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := Shape{Classes: 2, Models: 2, Named: 2, By: 1, Whole: spreadNeeds(), Sliced: spreadNeeds()}
		const slicesBy = 3
		list := rows(t, shape, slicesBy)
		a, b := whole(shape, list, slicesBy), parts(t, shape, list, slicesBy)
		for i, v := range views(a) {
			if one, other := spreads(v), spreads(views(b)[i]); one != other {
				t.Fatalf("slice %d:\none pass %s\nin parts %s", i, one, other)
			}
		}
		for i := range shape.Named {
			in := keep(list, func(r row) bool { return r.named[i] })
			compareSpread(t, b.Named(i), in)
		}
		compareSpread(t, b.Whole(), list)
	})
}

func compareSpread(t *rapid.T, v View, list []row) {
	brier := Loss{Kind: Brier}
	one, other, change := make([]float64, len(list)), make([]float64, len(list)), make([]float64, len(list))
	var moved uint64
	for i, r := range list {
		one[i], other[i] = r.score[0]*r.score[0], r.score[1]*r.score[1]
		if change[i] = one[i] - other[i]; change[i] != 0 {
			moved++
		}
	}
	s, _ := v.SpreadOf(brier, 0)
	holdSpread(t, s, one)
	s, _ = v.SpreadOf(brier, 1)
	holdSpread(t, s, other)
	s, _ = v.SpreadOfChange(brier)
	holdSpread(t, s, change)
	if got, ok := v.Moved(brier); !ok || got != moved {
		t.Fatalf("%d moved, want %d", got, moved)
	}
}

func holdSpread(t *rapid.T, s Spread, xs []float64) {
	var sum, squares float64
	for _, x := range xs {
		sum += x
	}
	n := float64(len(xs))
	for _, x := range xs {
		squares += (x - sum/n) * (x - sum/n)
	}
	if s.Rows != uint64(len(xs)) {
		t.Fatalf("%d rows, want %d", s.Rows, len(xs))
	}
	if n > 0 && math.Abs(s.Mean-sum/n) > 1e-14 || (n == 0) != math.IsNaN(s.Mean) {
		t.Fatalf("mean %v, want %v", s.Mean, sum/n)
	}
	if n > 1 && math.Abs(s.Variance-squares/(n-1)) > 1e-13 || (n < 2) != math.IsNaN(s.Variance) {
		t.Fatalf("variance %v of %v rows, want %v", s.Variance, n, squares/(n-1))
	}
}

// regression makes a summary of rows: target, and what two models say.
func regression(needs Needs, list [][3]float64) View {
	s := New(Shape{Classes: 1, Models: 2, Whole: needs})
	b := &Batch{Rows: len(list), Models: make([]Outputs, 2)}
	for _, r := range list {
		b.Target = append(b.Target, r[0])
		for m := range 2 {
			b.Models[m].Score = append(b.Models[m].Score, r[m+1])
		}
	}
	s.Add(b)
	s.Seal(1)
	return s.Whole()
}

// TestSpreadsThatCancel: what is tiny beside the mean is kept, what is within
// rounding is nothing, and what is no number is none.
func TestSpreadsThatCancel(t *testing.T) {
	l := Loss{Kind: AbsoluteError}
	needs := Needs{Losses: []Loss{l, {Kind: AbsoluteError, Of: Change}, {Kind: AbsoluteError, Of: Square}, {Kind: AbsoluteError, Of: Moved}}}
	random := rand.New(rand.NewPCG(7, 7))
	var list [][3]float64
	for i := range 1001 {
		// As NumAcc4 of NIST's StRD, with a mean of 1000.2: then .1 and .3 in turn; sd .1.
		x := 1000.2
		if i > 0 {
			x += float64(1-i%2*2) / 10
		}
		y := 100 * random.Float64()
		list = append(list, [3]float64{y, y + x, y + .1})
	}
	v := regression(needs, list)
	s, ok := v.SpreadOf(l, 0)
	if sd := math.Sqrt(s.Variance); !ok || math.Abs(sd-.1) > 1e-9 || math.Abs(s.Mean-1000.2) > 1e-8 {
		t.Errorf("mean %v, sd %v", s.Mean, sd)
	}
	if s, _ := v.SpreadOf(l, 1); s.Variance != 0 || math.Abs(s.Mean-.1) > 1e-12 {
		t.Errorf("always .1, but for rounding: %+v", s)
	}
	for name, rows := range map[string][][3]float64{"infinite": {{0, 1e308, 1}, {-1.7e308, 1.7e308, 1}}, "squares are infinite": {{0, 1e200, 1}, {0, 1, 2}}} {
		if s, ok := regression(needs, rows).SpreadOfChange(l); !ok || !math.IsNaN(s.Variance) {
			t.Errorf("%s: %+v", name, s)
		}
	}
	if _, ok := regression(Needs{Losses: []Loss{l}}, list).SpreadOf(l, 0); ok {
		t.Error("a spread that is not kept")
	}
}

// TestSmallChanges: changes of probabilities as small as single precision makes
// them have a variance to ten digits.
func TestSmallChanges(t *testing.T) {
	l := Loss{Kind: Brier}
	s := New(Shape{Classes: 2, Models: 2, Whole: spreadNeeds()})
	b := &Batch{Rows: 1000, Models: make([]Outputs, 2)}
	for i := range b.Rows {
		b.Label = append(b.Label, 1)
		for m := range b.Models {
			x := .25 + math.Ldexp(float64(i%3-1)*float64(m), -24) // exact: changes of -2^-24, 0 and 2^-24
			o := &b.Models[m]
			o.Class, o.Brier, o.True, o.Score = append(o.Class, 1), append(o.Brier, x), append(o.True, .5), append(o.Score, .5)
		}
	}
	s.Add(b)
	s.Seal(1)
	got, _ := s.Whole().SpreadOfChange(l)
	n := 667.0 // rows that moved: 334 of them up and 333 down
	mean := math.Ldexp(1, -24) / 1000
	want := (n*math.Ldexp(1, -48) - 1000*mean*mean) / 999
	if moved, _ := s.Whole().Moved(l); moved != 667 || math.Abs(got.Variance/want-1) > 1e-10 || math.Abs(got.Mean/mean-1) > 1e-10 {
		t.Errorf("%d moved, %+v, want %v, %v", moved, got, mean, want)
	}
}
