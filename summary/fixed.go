package summary

import "math/bits"

// fixed is a non-negative number in units of 2^-64, and a sum of such numbers (a
// ledger has other units and both signs):
// quicker than Sum, and as independent of order. A double below 2^64 that is no
// multiple of 2^-64 is cut off there; from 2^-11 on, none is.
type fixed struct{ whole, part uint64 }

func toFixed(x float64) fixed {
	if x < 0x1p63 { // conversions of signed numbers have no branches
		whole := int64(x)
		part := (x - float64(whole)) * 0x1p32
		high := int64(part)
		return fixed{uint64(whole), uint64(high)<<32 | uint64(int64((part-float64(high))*0x1p32))}
	}
	whole := uint64(x)
	return fixed{whole, uint64((x - float64(whole)) * 0x1p64)}
}

func (f *fixed) add(g fixed) {
	part, carry := bits.Add64(f.part, g.part, 0)
	f.part = part
	f.whole += g.whole + carry
}

// sumRows is the sum of the numbers at these places.
func sumRows(numbers []fixed, rows []uint32) (sum fixed) {
	for _, i := range rows {
		sum.add(numbers[i])
	}
	return sum
}

func (f fixed) value() float64 { return float64(f.whole) + float64(f.part)*0x1p-64 }
