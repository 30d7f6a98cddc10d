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
		part, borrow := bits.Sub64(mantissa<<(shift&63)^sign, sign, 0)
		whole, _ := bits.Sub64(mantissa>>1>>(63-shift&63)^sign, sign, borrow)
		a.units[i] = fixed{whole, part}
	}
}

// account is the sums of a column of terms: of the terms themselves, and of what one
// double of each does not hold.
type account [2]ledger

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
	sign := uint64(int64(f.whole) >> 63)
	part, borrow := bits.Sub64(f.part^sign, sign, 0)
	whole, _ := bits.Sub64(f.whole^sign, sign, borrow)
	at, shift := (unit+exponentBias)>>5, (unit+exponentBias)&31
	for i, digit := range [...]uint64{part & digitMask, part >> 32, whole & digitMask, whole >> 32} {
		moved := int64(digit << shift)
		s.digits[at+i] += moved&digitMask ^ int64(sign) - int64(sign)
		s.digits[at+i+1] += moved>>32 ^ int64(sign) - int64(sign)
	}
	if s.waiting++; s.waiting == carryEvery {
		s.carry()
	}
}
