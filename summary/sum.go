package summary

import (
	"encoding/binary"
	"math"
	"math/big"
	"math/bits"
)

// Sum adds floating-point numbers exactly: its value is the sum of all that was
// added, rounded once, so it depends neither on their order nor on how they
// were split over threads or machines. The zero value is an empty sum.
//
// It is the small superaccumulator of Neal, "Fast exact summation using small
// and large superaccumulators" (2015): a fixed-point number of 32-bit digits
// that covers every double, each digit in a 64-bit word so that carries can
// wait.
type Sum struct {
	digits  [sumDigits]int64 // digit i counts 2^(32 i - 1075)
	waiting uint32           // additions since carries were last moved up
	special float64          // the sum of what is not finite
}

const (
	sumDigits = 67
	// An addition changes a digit by less than 2^52, so 2^10 of them, and the
	// 32 bits that stay, cannot overflow a word.
	carryEvery = 1 << 10
	digitMask  = 1<<32 - 1
)

// Add adds one number.
func (s *Sum) Add(x float64) {
	s.addBits(math.Float64bits(x))
	if s.waiting++; s.waiting == carryEvery {
		s.carry()
	}
}

// AddRows adds the numbers at these places.
func (s *Sum) AddRows(xs []float64, rows []uint32) {
	for len(rows) > 0 {
		n := min(len(rows), int(carryEvery-s.waiting))
		for _, i := range rows[:n] {
			s.addBits(math.Float64bits(xs[i]))
		}
		rows = rows[n:]
		if s.waiting += uint32(n); s.waiting == carryEvery {
			s.carry()
		}
	}
}

// addBits adds a double given by its bits. The caller counts.
func (s *Sum) addBits(b uint64) {
	exponent := b >> 52 & 0x7ff
	mantissa := int64(b&(1<<52-1) | 1<<52)
	if exponent-1 >= 0x7fe { // 0 or 0x7ff
		if exponent != 0 {
			s.special += math.Float64frombits(b)
			return
		}
		exponent = 1 // subnormal: no implicit bit
		mantissa &^= 1 << 52
	}
	negative := int64(b) >> 63
	shift := exponent & 31
	i := exponent >> 5
	s.digits[i] += mantissa<<shift&digitMask ^ negative - negative
	s.digits[i+1] += mantissa>>(32-shift) ^ negative - negative
}

// Merge adds all that was added to t.
func (s *Sum) Merge(t *Sum) {
	u := *t
	u.carry()
	s.carry()
	for i, d := range u.digits {
		s.digits[i] += d
	}
	s.special += t.special
	s.carry()
}

// carry brings every digit but the last into [0, 2^32).
func (s *Sum) carry() {
	for i := range sumDigits - 1 {
		s.digits[i+1] += s.digits[i] >> 32
		s.digits[i] &= digitMask
	}
	s.waiting = 0
}

// absolute carries, takes the sign off, and says whether it was negative.
func (s *Sum) absolute() (negative bool) {
	s.carry()
	if negative = s.digits[sumDigits-1] < 0; negative {
		for i := range s.digits {
			s.digits[i] = -s.digits[i]
		}
		s.carry()
	}
	return negative
}

// Big is the exact sum. It is meaningless when something added was not finite.
func (s *Sum) Big() *big.Float {
	t := *s
	negative := t.absolute()
	bytes := binary.BigEndian.AppendUint64(make([]byte, 0, 4*sumDigits+4), uint64(t.digits[sumDigits-1]))
	for i := sumDigits - 2; i >= 0; i-- {
		bytes = binary.BigEndian.AppendUint32(bytes, uint32(t.digits[i]))
	}
	whole := new(big.Int).SetBytes(bytes)
	if negative {
		whole.Neg(whole)
	}
	f := new(big.Float).SetInt(whole) // as precise as the integer is long
	return f.SetMantExp(f, -1075)
}

// Value is the sum rounded to the nearest double: NaN or an infinity where
// something added was.
func (s *Sum) Value() float64 {
	if s.special != 0 { // true for NaN too
		return s.special
	}
	t := *s
	negative := t.absolute()
	v := t.round()
	if negative {
		return -v
	}
	return v
}

// double is the sum, hardly rounded.
func (s *Sum) double() double {
	high := s.Value()
	if math.IsNaN(high) || math.IsInf(high, 0) {
		return double{math.NaN(), 0}
	}
	rest := *s
	rest.Add(-high)
	return double{high, rest.Value()}
}

// round is the value of carried digits that are not negative: their leading 64
// bits, the last of them set if anything follows, rounded by the conversion.
func (s *Sum) round() float64 {
	top := sumDigits - 1
	for top > 2 && s.digits[top] == 0 {
		top--
	}
	if top < 5 || s.digits[sumDigits-1] > digitMask {
		v, _ := s.Big().Float64() // subnormal or out of range: rounded elsewhere
		return v
	}
	high := uint64(s.digits[top])<<32 | uint64(s.digits[top-1])
	low := uint64(s.digits[top-2])<<32 | uint64(s.digits[top-3])
	shift := uint(bits.LeadingZeros64(high))
	lead := high<<shift | low>>1>>(63-shift)
	rest := low << shift
	for _, d := range s.digits[:top-3] {
		rest |= uint64(d)
	}
	if rest != 0 {
		lead |= 1
	}
	return math.Ldexp(float64(lead), 32*(top-1)-int(shift)-1075)
}
