package summary

import (
	"math"
	"math/big"
	"slices"
)

// A mean of losses is as sure as they are alike, so the sums of their squares are
// kept, and of two models those of the change of each row: rows differ far more
// from each other than one model's loss of a row from the other's.

// scale is what small losses are times before they are squared, so that a
// change of 1e-7 in a probability is not cut off; 2^37 rows fit.
const scale = 0x1p8

// derive makes the addends of a form of a loss from its plain ones: of this
// model, and of the last.
func (l Loss) derive(t, mine, last *terms) {
	t.resize(len(mine.main), false)
	factor := 1.0
	if l.small() {
		factor = l.scale()
	}
	for i, x := range mine.main {
		switch {
		case l.Of == Square:
			x *= factor
			t.main[i] = x * x
		case l.Of == Change:
			x = (x - last.main[i]) * factor
			t.main[i] = x * x
		case x != last.main[i]:
			t.main[i] = 1
		default:
			t.main[i] = 0
		}
	}
	if l.small() {
		t.fix()
	}
}

func (l Loss) scale() float64 {
	if l.Of == Square || l.Of == Change {
		return scale
	}
	return 1
}

// Spread is a mean of rows and how far they are from it.
type Spread struct {
	Rows     uint64
	Mean     float64
	Variance float64 // of a row: squared distances from the mean, by rows - 1; NaN below two rows
}

// SpreadOf is that of a model's loss; false where its Square is not kept.
func (v View) SpreadOf(l Loss, model int) (Spread, bool) {
	square := l
	square.Of = Square
	if !v.keeps(square) {
		return Spread{}, false
	}
	return v.spread(v.big(l, model), v.big(square, model), l.small()), true
}

// SpreadOfChange is that of the change of each row's loss from model 1 to model 0;
// false where that is not kept.
func (v View) SpreadOfChange(l Loss) (Spread, bool) {
	change := l
	change.Of = Change
	if !v.keeps(change) {
		return Spread{}, false
	}
	sum, baseline := v.big(l, 0), v.big(l, 1)
	if sum == nil || baseline == nil {
		return v.spread(nil, nil, false), true
	}
	return v.spread(precise().Sub(sum, baseline), v.big(change, 0), l.small()), true
}

// Moved is the number of rows whose loss the two models do not have alike; false
// where that is not kept.
func (v View) Moved(l Loss) (uint64, bool) {
	l.Of = Moved
	if !v.keeps(l) {
		return 0, false
	}
	return v.g.fixed[v.sum(l, 0)].whole, true
}

func (v View) keeps(l Loss) bool { return slices.Contains(v.g.needs.Losses, l) }

// big is the sum of a loss without rounding; nil where it is not finite.
func (v View) big(l Loss, model int) *big.Float {
	at := v.sum(l, model)
	if l.small() {
		f := v.g.fixed[at].big()
		return f.Quo(f, big.NewFloat(l.scale()*l.scale()))
	}
	if x := v.g.sums[at].Value(); math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return v.g.sums[at].Big()
}

// spread works out the variance of sums without loss, so that nothing cancels but
// the rounding of each row's square: it is right to about 2^-53 times the square of
// mean/deviation. What is within that rounding, or what fixed cuts off, is none.
func (v View) spread(sum, squares *big.Float, fixed bool) Spread {
	s := Spread{v.Rows(), math.NaN(), math.NaN()}
	if sum == nil || squares == nil || s.Rows == 0 {
		return s
	}
	n := precise().SetUint64(s.Rows)
	s.Mean = rounded(quotient(sum, n))
	if s.Rows < 2 {
		return s
	}
	all := precise().Mul(n, squares)
	left := precise().Sub(all, precise().Mul(sum, sum))
	noise := all.SetMantExp(all, -48)
	if fixed {
		cut := precise().Mul(n, precise().Abs(sum))
		noise.Add(noise, cut.SetMantExp(cut, -62))
	}
	if s.Variance = 0; left.Cmp(noise) > 0 {
		s.Variance = rounded(quotient(left, n.Mul(n, precise().SetUint64(s.Rows-1))))
	}
	return s
}
