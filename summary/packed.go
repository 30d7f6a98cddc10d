package summary

import "math/bits"

// layout says where a packed row has its label, the number of its group by each
// column, and a bit for each named slice: a few words that are moved and read
// together, wherever the row stands in an order.
type layout struct {
	words int
	label field
	by    []field
	named int // place of the first bit, a multiple of 8
	names int // named slices
}

// field is some bits of a word.
type field struct {
	word, shift int
	mask        uint64
}

func (f field) of(row []uint64) int { return int(row[f.word] >> (f.shift & 63) & f.mask) }

// equal has a bit for each of up to 64 rows whose field has a value.
func (f field) equal(rows []uint64, words, value int) uint64 {
	equal := uint64(0)
	for i, at := 0, 0; at < len(rows); i, at = i+1, at+words {
		if f.of(rows[at:]) == value {
			equal |= 1 << (i & 63)
		}
	}
	return equal
}

// layout is for so many groups by each column.
func (r *ranks) layout(groups []int) *layout {
	l := new(layout)
	used := 0
	next := func(values int) field {
		width := bits.Len(uint(max(values-1, 0)))
		if used&63+width > 64 {
			used = (used + 63) / 64 * 64
		}
		f := field{used >> 6, used & 63, 1<<width - 1}
		used += width
		return f
	}
	l.label = next(r.shape.Classes)
	if r.sliced {
		for _, n := range groups {
			l.by = append(l.by, next(n))
		}
		l.named, l.names = (used+7)/8*8, r.shape.Named
		used = l.named + l.names
	}
	l.words = max(1, (used+63)/64)
	return l
}

// pack packs rows of a block, the first of them a multiple of 64.
func (l *layout) pack(b *rowBlock, first int, rows []uint64) {
	clear(rows)
	b.labels.pack(l.label, first, rows, l.words)
	for j := range b.by {
		b.by[j].pack(l.by[j], first, rows, l.words)
	}
	if l.names == 0 {
		return
	}
	for ; len(rows) > 0; first += 64 {
		some := min(64*l.words, len(rows))
		l.packNamed(b.named[first>>6*l.names:][:l.names], rows[:some])
		rows = rows[some:]
	}
}

// packNamed packs up to 64 rows, of which it gets a word for each named slice.
func (l *layout) packNamed(named, rows []uint64) {
	for s := 0; s < len(named); s += 8 {
		eight := named[s:min(s+8, len(named))]
		at := l.named + s
		for row := 0; row*l.words < len(rows); row += 8 {
			var square uint64 // a byte for each slice
			for k, mask := range eight {
				square |= mask >> row & 0xff << (8 * k)
			}
			if square == 0 {
				continue
			}
			square = transpose8(square) // a byte for each row
			for i, end := row*l.words+at>>6, len(rows); i < end && square != 0; i += l.words {
				rows[i] |= square & 0xff << (at & 63)
				square >>= 8
			}
		}
	}
}

// unpackNamed turns the bits of named slices, which stand row by row, into a mask
// of up to 64 rows for each slice.
func (l *layout) unpackNamed(rows, named []uint64) {
	clear(named)
	for s := 0; s < len(named); s += 8 {
		eight := named[s:min(s+8, len(named))]
		at := l.named + s
		for row, i := 0, at>>6; i < len(rows); row += 8 {
			var square uint64 // a byte for each row
			for k := 0; k < 64 && i < len(rows); k += 8 {
				square |= rows[i] >> (at & 63) & 0xff << k
				i += l.words
			}
			if square == 0 {
				continue
			}
			square = transpose8(square) // a byte for each slice
			for k := range eight {
				eight[k] |= square >> (8 * k) & 0xff << row
			}
		}
	}
}

// transpose8 mirrors a square of 8 by 8 bits (Warren, "Hacker's Delight", 7-3).
func transpose8(x uint64) uint64 {
	t := (x ^ x>>7) & 0x00aa00aa00aa00aa
	x ^= t ^ t<<7
	t = (x ^ x>>14) & 0x0000cccc0000cccc
	x ^= t ^ t<<14
	t = (x ^ x>>28) & 0x00000000f0f0f0f0
	return x ^ t ^ t<<28
}
