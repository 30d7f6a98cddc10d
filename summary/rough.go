package summary

import "math"

// rough adds numbers up in any order to the same bits, quicker and in less room
// than Sum, and without their last five bits and what is less than 2^-72 of the
// largest: enough for sums of squares.
//
// Each number is cut into pieces of 24 bits at fixed places, and each place has a
// column of its own in which pieces add up; no carry goes from one to the next. Only
// the highest columns are kept. Which these are depends on the largest number alone,
// and so it does not matter when the others came.
type rough struct {
	columns [roughColumns]int64 // column i counts 2^(24 (base + i) - 1070)
	base    int64
	special float64 // the sum of what is not finite
}

const (
	roughColumns = 6
	pieceBits    = 24
	pieceMask    = 1<<pieceBits - 1
)

func (r *rough) add(x float64) {
	b := math.Float64bits(x)
	exponent := b >> 52 & 0x7ff
	if exponent-1 >= 0x7fe { // 0 or 0x7ff
		if exponent != 0 {
			r.special += x
		}
		return // what is below 2^-1022 is nothing
	}
	mantissa := int64(b&(1<<52-1)|1<<52) >> 5
	place := exponent * 2731 >> 16 // exponent / 24
	shift := exponent - pieceBits*place
	sign := int64(b) >> 63
	low := mantissa<<shift&pieceMask ^ sign - sign
	middle := mantissa>>(pieceBits-shift)&pieceMask ^ sign - sign
	high := mantissa>>(2*pieceBits-shift) ^ sign - sign
	at := int64(place) - r.base
	if uint64(at) > roughColumns-3 {
		r.addOutside(at, [3]int64{low, middle, high})
		return
	}
	to := r.columns[at : at+3 : at+3]
	to[0] += low
	to[1] += middle
	to[2] += high
}

// addOutside adds pieces of which not all have a column yet, or any more.
func (r *rough) addOutside(at int64, pieces [3]int64) {
	if above := at - (roughColumns - 3); above > 0 {
		r.raise(above)
		at -= above
	}
	for i, piece := range pieces {
		if to := at + int64(i); to >= 0 {
			r.columns[to] += piece
		}
	}
}

// raise drops the lowest columns.
func (r *rough) raise(by int64) {
	for i := range r.columns {
		if from := int64(i) + by; from < roughColumns {
			r.columns[i] = r.columns[from]
		} else {
			r.columns[i] = 0
		}
	}
	r.base += by
}

func (r *rough) merge(o *rough) {
	r.special += o.special
	if o.base > r.base {
		r.raise(o.base - r.base)
	}
	for i, column := range o.columns {
		if at := o.base + int64(i) - r.base; at >= 0 && at < roughColumns {
			r.columns[at] += column
		}
	}
}

// value is the sum, hardly rounded.
func (r *rough) value() double {
	var sum double
	for i, column := range r.columns {
		high := float64(column)
		scale := func(x float64) float64 { return math.Ldexp(x, int(pieceBits*(r.base+int64(i)))-1070) }
		sum = sum.plus(double{scale(high), 0}).plus(double{scale(float64(column - int64(high))), 0})
	}
	return sum.plus(double{r.special, 0})
}

// double is a number of twice the precision: of high, and of the rounding of that.
// Dekker (1971), Numerische Mathematik 18.
type double struct{ high, low float64 }

func (a double) plus(b double) double {
	s := a.high + b.high
	t := s - a.high
	e := a.high - (s - t) + (b.high - t) + a.low + b.low
	return normal(s, e)
}

func (a double) minus(b double) double { return a.plus(double{-b.high, -b.low}) }

func (a double) times(b double) double {
	p, e := product(a.high, b.high)
	return normal(p, e+a.high*b.low+a.low*b.high)
}

func (a double) over(b double) double {
	q := a.high / b.high
	rest := a.minus(b.times(double{q, 0}))
	return normal(q, rest.high/b.high)
}

func normal(high, low float64) double {
	s := high + low
	return double{s, low - (s - high)}
}

func (a double) finite() bool { return !math.IsNaN(a.high) && !math.IsInf(a.high, 0) }
