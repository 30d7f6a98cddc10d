package slice

import (
	"encoding/binary"

	"github.com/noworse/noworse/dataset"
)

// Form is how a column that a condition reads is asked for.
func (c *Condition) Form(column int) dataset.Form {
	switch t := c.Columns[column]; {
	case t.Kind == dataset.Integer:
		return dataset.AsInt
	case t.Kind == dataset.Bool:
		return dataset.AsBool
	case t.Kind == dataset.Float:
		return dataset.AsFloat
	}
	return dataset.AsText
}

// Mask sets the bit of each row for which the condition holds, and no other, in
// memory that it returns. columns are the rows' values of Columns.
func (c *Condition) Mask(mask []uint64, rows int, columns []*dataset.Vector) []uint64 {
	mask = append(mask[:0], make([]uint64, (rows+63)/64)...)
	c.root.mask(mask, rows, columns)
	if rows%64 != 0 {
		mask[len(mask)-1] &= 1<<(rows%64) - 1
	}
	return mask
}

func (t *term) mask(mask []uint64, rows int, columns []*dataset.Vector) {
	if t.parts == nil {
		t.tested(mask, rows, columns[t.column])
		return
	}
	t.parts[0].mask(mask, rows, columns)
	other := make([]uint64, len(mask))
	for i := range t.parts[1:] {
		t.parts[1+i].mask(other, rows, columns)
		for w := range mask {
			if t.either {
				mask[w] |= other[w]
			} else {
				mask[w] &= other[w]
			}
		}
	}
}

// tested is mask for one test. A null is neither what is tested nor its opposite.
func (t *term) tested(mask []uint64, rows int, v *dataset.Vector) {
	known := v.Valid
	switch {
	case t.test == missing:
		clear(mask)
		for w := range known {
			mask[w] = ^known[w]
		}
		known = nil
	case t.test == truth:
		compare(mask, v.Bools[:rows], 0, equal)
		complement(mask)
	case v.Floats != nil:
		compare(mask, v.Floats[:rows], t.float, t.test)
	case v.Ints != nil:
		compare(mask, v.Ints[:rows], t.number, t.test)
	default:
		compare(mask, v.Texts[:rows], t.text, t.test)
	}
	if t.negated {
		complement(mask)
	}
	for w := range known {
		mask[w] &= known[w]
	}
}

func complement(mask []uint64) {
	for w := range mask {
		mask[w] = ^mask[w]
	}
}

// compare sets the bits of the values that are less than, or at most, or equal
// to a constant. NaN is none of these: the database takes it for the greatest
// number, which is what the opposites then say.
func compare[T uint8 | int64 | float64 | string](mask []uint64, values []T, c T, by test) {
	for w := range mask {
		block := values[w*64 : min(len(values), w*64+64)]
		var is [64]uint8
		switch by {
		case less:
			for i, v := range block {
				is[i] = bit(v < c)
			}
		case lessOrEqual:
			for i, v := range block {
				is[i] = bit(v <= c)
			}
		default:
			for i, v := range block {
				is[i] = bit(v == c)
			}
		}
		mask[w] = pack(&is)
	}
}

func bit(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

// pack is the lowest bits of 64 bytes, the first byte's lowest.
func pack(bytes *[64]uint8) (word uint64) {
	for i := 0; i < 64; i += 8 {
		x := binary.LittleEndian.Uint64(bytes[i:]) & 0x0101010101010101
		word |= x * 0x0102040810204080 >> 56 << i
	}
	return word
}

// IsTrue is the condition that a column of booleans is.
var IsTrue = &Condition{Columns: []dataset.Column{{Kind: dataset.Bool}}, root: term{test: truth}}
