package summary

import (
	"math"
	"math/bits"
)

// Sums are exact, and most numbers of a column are of like size: 128 bits in the
// right place hold a sum of them without rounding. So each number is made an integer
// of some unit, once for all groups that it is added to; only what the place does not
// hold goes to a Sum, which holds everything. What a sum is does not depend on which
// way its numbers went.

const (
	// A number below 2^placeBits units, and the sum of mostAdded of them, fit.
	placeBits = 103
	mostAdded = 1 << 24
	// Places end at a multiple of so many bits, so that threads that see rows of one
	// kind choose the same.
	topStep = 8
	// Exponents that a Sum has digits for.
	leastUnit, mostUnit = -1074, 1024 - placeBits
	// An integer of 53 bits is below 2^placeBits if it is shifted by no more.
	mostShift = placeBits - 53
	// A double is its mantissa times 2 to its exponent's bits less this.
	exponentBias = 1075
)

// addends are a column of numbers, as integers.
type addends struct {
	numbers []float64
	unit    int      // of whole and part together, as an exponent of two
	units   []fixed  // two's complement; 0 for those outside
	outside []uint32 // rows of numbers that are no such integers
}

// read takes numbers, with a unit that fits them where the last does not.
func (a *addends) read(numbers []float64, unit int) {
	a.numbers, a.unit = numbers, unit
	if cap(a.units) < len(numbers) {
		a.units = make([]fixed, len(numbers))
	}
	a.units = a.units[:len(numbers)]
	a.convert()
	if len(a.outside) > len(numbers)/8 {
		if a.unit = unitFor(numbers, unit); a.unit != unit {
			a.convert()
		}
	}
}

// unitFor is the unit that the largest of some numbers asks for, if there is any.
func unitFor(numbers []float64, otherwise int) int {
	most := -1
	for _, x := range numbers {
		if exponent := int(math.Float64bits(x) >> 52 & 0x7ff); exponent < 0x7ff && x != 0 {
			most = max(most, exponent)
		}
	}
	if most < 0 {
		return otherwise
	}
	top := most + 1 - 1023 // they are below 2^top
	top = (top+1024+topStep-1)/topStep*topStep - 1024
	return min(max(top-placeBits, leastUnit), mostUnit)
}

func (a *addends) convert() {
	a.outside = a.outside[:0]
	for i, x := range a.numbers {
		b := math.Float64bits(x)
		shift := int(b>>52&0x7ff) - exponentBias - a.unit
		if uint(shift) > mostShift { // 0, NaN and infinities too
			if a.units[i] = (fixed{}); x != 0 {
				a.outside = append(a.outside, uint32(i))
			}
			continue
		}
		mantissa, sign := b&(1<<52-1)|1<<52, uint64(int64(b)>>63)
		a.units[i] = fixed{mantissa >> 1 >> (63 - shift&63), mantissa << (shift & 63)}.times(sign)
	}
}

// account is the sums of a column of terms: of the terms themselves, and of what one
// double of each does not hold.
type account [2]ledger

// whole is the sum of a group, where one integer is all of it and its double is not
// as small or large as doubles end.
func (a *account) whole(group int) (f fixed, unit int, is bool) {
	main, rest := &a[0], &a[1]
	if len(rest.quick) > 0 || len(main.wide) > 0 || group >= len(main.quick) || max(main.unit, -main.unit) > 800 {
		return fixed{}, 0, false
	}
	return main.quick[group], main.unit, true
}

func (a *account) sum(group int) Sum {
	var sum Sum
	a[0].addTo(&sum, group)
	a[1].addTo(&sum, group)
	return sum
}

// value is the sum of a group, rounded to the nearest double.
func (a *account) value(group int) float64 {
	if f, unit, is := a.whole(group); is {
		return math.Ldexp(f.nearest(), unit)
	}
	sum := a.sum(group)
	return sum.Value()
}

// double is the sum of a group, hardly rounded.
func (a *account) double(group int) double {
	if f, unit, is := a.whole(group); is {
		high := f.nearest()
		return double{math.Ldexp(high, unit), math.Ldexp(f.less(high).nearest(), unit)}
	}
	sum := a.sum(group)
	return sum.double()
}

// ledger is one exact sum for each of some groups.
type ledger struct {
	unit  int
	quick []fixed // by group, in units
	added uint64  // numbers that may be in one of them
	wide  []Sum   // by group: what is not in quick; nil or shorter where that is nothing
}

// open makes room for the numbers of a batch, and for so many groups.
func (l *ledger) open(groups int, a *addends) {
	if l.unit != a.unit || l.added+uint64(len(a.numbers)) > mostAdded {
		l.settle()
		l.unit = a.unit
	}
	l.added += uint64(len(a.numbers))
	l.quick = extend(l.quick, groups)
}

// addCodes adds each number to the group that codes names.
func (l *ledger) addCodes(codes []uint32, a *addends) {
	quick, units := l.quick, a.units[:len(codes)]
	for i, c := range codes {
		quick[c].add(units[i])
	}
	for _, i := range a.outside {
		l.at(int(codes[i])).Add(a.numbers[i])
	}
}

// addRows adds the numbers of some rows to one group. They are given twice: as a
// list, and as a bit for each.
func (l *ledger) addRows(group int, rows []uint32, mask []uint64, a *addends) {
	l.quick[group].add(sumRows(a.units, rows))
	for _, i := range a.outside {
		if mask[i>>6]>>(i&63)&1 != 0 {
			l.at(group).Add(a.numbers[i])
		}
	}
}

// at is the wide sum of a group.
func (l *ledger) at(group int) *Sum {
	if group >= len(l.wide) {
		l.wide = extend(l.wide, len(l.quick))
	}
	return &l.wide[group]
}

// settle empties the quick sums.
func (l *ledger) settle() {
	for i, f := range l.quick {
		if f != (fixed{}) {
			l.at(i).addFixed(f, l.unit)
			l.quick[i] = fixed{}
		}
	}
	l.added = 0
}

// absorb adds the groups of another ledger: group i to group to(i) of so many.
func (l *ledger) absorb(groups int, o *ledger, to func(int) int) {
	if l.added == 0 {
		l.unit = o.unit
	}
	if l.unit != o.unit || l.added+o.added > mostAdded {
		l.settle()
		o.settle()
	}
	l.added += o.added
	l.quick = extend(l.quick, groups)
	for i, f := range o.quick {
		l.quick[to(i)].add(f)
	}
	for i := range o.wide {
		l.at(to(i)).Merge(&o.wide[i])
	}
}

// addTo adds the sum of a group to another.
func (l *ledger) addTo(s *Sum, group int) {
	if group < len(l.wide) {
		s.Merge(&l.wide[group])
	}
	if group < len(l.quick) {
		s.addFixed(l.quick[group], l.unit)
	}
}

// addFixed adds an integer of 128 bits, in two's complement, of a unit between
// leastUnit and mostUnit.
func (s *Sum) addFixed(f fixed, unit int) {
	sign, size := f.signed()
	at, shift := (unit+exponentBias)>>5, (unit+exponentBias)&31
	for i, digit := range [...]uint64{size.part & digitMask, size.part >> 32, size.whole & digitMask, size.whole >> 32} {
		moved := int64(digit << shift)
		s.digits[at+i] += moved&digitMask ^ int64(sign) - int64(sign)
		s.digits[at+i+1] += moved>>32 ^ int64(sign) - int64(sign)
	}
	if s.waiting++; s.waiting == carryEvery {
		s.carry()
	}
}

// times is the integer itself where sign is 0, and less than 0 by as much where all
// bits of sign are set.
func (f fixed) times(sign uint64) fixed {
	part, borrow := bits.Sub64(f.part^sign, sign, 0)
	whole, _ := bits.Sub64(f.whole^sign, sign, borrow)
	return fixed{whole, part}
}

// signed takes an integer in two's complement apart: all bits of sign are set where it
// is below 0.
func (f fixed) signed() (sign uint64, size fixed) {
	sign = uint64(int64(f.whole) >> 63)
	return sign, f.times(sign)
}

// nearest is the double nearest to an integer in two's complement.
func (f fixed) nearest() float64 {
	sign, size := f.signed()
	x := float64(size.part)
	if size.whole != 0 {
		shift := bits.LeadingZeros64(size.whole)
		lead := size.whole<<shift | size.part>>1>>(63-shift)
		if size.part<<shift != 0 {
			lead |= 1 // is rounded away, but tells on which side of a half it is
		}
		x = math.Ldexp(float64(lead), 64-shift)
	}
	if sign != 0 {
		return -x
	}
	return x
}

// less is the integer less another one, which a double holds.
func (f fixed) less(x float64) fixed {
	b := math.Float64bits(x)
	mantissa, shift := b&(1<<52-1)|1<<52, int(b>>52&0x7ff)-exponentBias
	var size fixed
	switch {
	case x == 0:
	case shift < 0:
		size.part = mantissa >> -shift
	case shift < 64:
		size = fixed{mantissa >> (64 - shift), mantissa << shift}
	default:
		size.whole = mantissa << (shift - 64)
	}
	f.add(size.times(^uint64(int64(b) >> 63)))
	return f
}
