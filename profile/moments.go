package profile

import (
	"math"
	"math/big"
	"math/bits"
	"slices"

	"github.com/noworse/noworse/summary"
)

// Moments add numbers and their squares up in any order to the same bits. A number is
// counted in steps of 2^Exponent from an origin amid the reference's numbers, which
// are some 2^46 steps apart: its mean has 15 digits and more of their spread. Numbers
// far outside are added exactly.
type Moments struct {
	Origin   float64
	Exponent int // of a step
	N        uint64
	Sum      Wide // of steps, of two's complement
	Squares  Wide // of steps
	far      *far
}

// Wide is a whole number of 128 bits.
type Wide struct{ High, Low uint64 }

func (w *Wide) add(high, low uint64) {
	var carry uint64
	w.Low, carry = bits.Add64(w.Low, low, 0)
	w.High, _ = bits.Add64(w.High, high, carry)
}

// Big is the number, with or without a sign.
func (w Wide) Big(signed bool) *big.Int {
	high := new(big.Int).SetUint64(w.High)
	if signed {
		high.SetInt64(int64(w.High))
	}
	return high.Lsh(high, 64).Add(high, new(big.Int).SetUint64(w.Low))
}

// far has the numbers that are too far out to be counted in steps, less the origin, and
// the sums of those that were counted before, in a profile that was read.
type far struct {
	sum, squares             summary.Sum
	sumBefore, squaresBefore *big.Float // nil: none
}

// sums are nil where a square is beyond all numbers.
func (f *far) sums() (sum, squares *big.Float) {
	if math.IsInf(f.squares.Value(), 0) {
		return nil, nil
	}
	sum, squares = f.sum.Big(), f.squares.Big()
	if f.sumBefore != nil {
		sum = wide().Add(sum, f.sumBefore)
		squares = wide().Add(squares, f.squaresBefore)
	}
	return sum, squares
}

// wide is a number that holds sums of doubles exactly.
func wide() *big.Float { return new(big.Float).SetPrec(2400) }

const (
	stepsIn  = 46 // bits of the reference's numbers
	stepsOut = 48 // bits of the numbers that are counted in steps
)

// newMoments has steps for numbers between these.
func newMoments(low, high, origin float64) Moments {
	spread := max(high-origin, origin-low)
	if !(spread > 0) || math.IsInf(spread, 0) {
		spread = max(math.Abs(origin), 1)
	}
	return Moments{Origin: origin, Exponent: max(math.Ilogb(spread)+1-stepsIn, -1000)}
}

func (m *Moments) fits(o *Moments) bool { return m.Origin == o.Origin && m.Exponent == o.Exponent }

// add adds finite numbers, at most 2,048 of which cannot be more than a word holds.
func (m *Moments) add(numbers []float64) {
	scale := math.Ldexp(1, -m.Exponent)
	for part := range slices.Chunk(numbers, 2048) {
		sum := int64(0)
		for _, x := range part {
			steps := (x - m.Origin) * scale
			if !(math.Abs(steps) < 1<<stepsOut) {
				m.addFar(x - m.Origin)
				continue
			}
			n := whole(steps)
			sum += n
			magnitude := uint64(n ^ n>>63 - n>>63)
			m.Squares.add(bits.Mul64(magnitude, magnitude))
		}
		m.Sum.add(uint64(sum>>63), uint64(sum))
	}
	m.N += uint64(len(numbers))
}

// whole is the nearest whole number, of a number below 2^51: so far from 0, doubles are
// whole.
func whole(x float64) int64 {
	const away = 0x1.8p52
	return int64(math.Float64bits(x+away) - math.Float64bits(away))
}

func (m *Moments) addFar(x float64) {
	if m.far == nil {
		m.far = new(far)
	}
	m.far.sum.Add(x)
	m.far.squares.Add(x * x)
}

func (m *Moments) merge(o *Moments) {
	m.N += o.N
	m.Sum.add(o.Sum.High, o.Sum.Low)
	m.Squares.add(o.Squares.High, o.Squares.Low)
	if o.far != nil {
		if m.far == nil {
			m.far = new(far)
		}
		m.far.merge(o.far)
	}
}

func (f *far) merge(o *far) {
	f.sum.Merge(&o.sum)
	f.squares.Merge(&o.squares)
	if o.sumBefore == nil {
		return
	}
	if f.sumBefore == nil {
		f.sumBefore, f.squaresBefore = wide(), wide()
	}
	f.sumBefore.Add(f.sumBefore, o.sumBefore)
	f.squaresBefore.Add(f.squaresBefore, o.squaresBefore)
}

// Mean is that of the numbers; NaN without any.
func (m *Moments) Mean() float64 {
	if m.N == 0 {
		return math.NaN()
	}
	sum, _ := m.sums()
	if sum == nil {
		return math.NaN()
	}
	mean, _ := sum.Quo(sum, count(m.N)).Float64()
	return m.Origin + mean
}

// SD is the standard deviation, of divisor n-1; NaN below two numbers.
func (m *Moments) SD() float64 {
	if m.N < 2 {
		return math.NaN()
	}
	sum, squares := m.sums()
	if sum == nil {
		return math.NaN()
	}
	sum.Mul(sum, sum)
	sum.Quo(sum, count(m.N))
	squares.Sub(squares, sum)
	squares.Quo(squares, count(m.N-1))
	variance, _ := squares.Float64()
	return math.Sqrt(max(variance, 0))
}

func count(n uint64) *big.Float { return wide().SetUint64(n) }

// sums are those of the numbers less the origin, and of their squares; nil where they
// are beyond all numbers.
func (m *Moments) sums() (sum, squares *big.Float) {
	scaled := func(w Wide, signed bool, exponent int) *big.Float {
		f := wide().SetInt(w.Big(signed))
		return f.SetMantExp(f, exponent)
	}
	sum, squares = scaled(m.Sum, true, m.Exponent), scaled(m.Squares, false, 2*m.Exponent)
	if m.far == nil {
		return sum, squares
	}
	farSum, farSquares := m.far.sums()
	if farSum == nil {
		return nil, nil
	}
	return sum.Add(sum, farSum), squares.Add(squares, farSquares)
}
