package summary

import (
	"math"
	"math/bits"
	"slices"
)

// Rows of a block: few at first, since each takes a number in every column.
const (
	fewRows   = 1 << 12
	blockRows = 1 << 16
)

// rowBlock is up to blockRows rows as they came, column by column.
type rowBlock struct {
	n, rows int // used, and room for
	numbers [][]float64
	weights []float64
	labels  codes
	by      []codes  // for each group of slices by column, where slices want orders
	named   []uint64 // for every 64 rows, a word for each named slice: a bit for each row
}

func (r *ranks) newBlock(rows int) *rowBlock {
	b := &rowBlock{rows: rows, labels: newCodes(rows)}
	for range r.columns {
		b.numbers = append(b.numbers, make([]float64, rows))
	}
	if r.shape.Weighted {
		b.weights = make([]float64, rows)
	}
	if r.sliced {
		for range r.shape.By {
			b.by = append(b.by, newCodes(rows))
		}
		b.named = make([]uint64, rows/64*r.shape.Named)
	}
	return b
}

// last is the block that has room for more rows.
func (r *ranks) last() *rowBlock {
	rows := fewRows
	if n := len(r.blocks); n > 0 {
		if b := r.blocks[n-1]; b.n < b.rows {
			return b
		}
		rows = min(2*r.blocks[n-1].rows, blockRows)
	}
	r.blocks = append(r.blocks, r.newBlock(rows))
	return r.blocks[len(r.blocks)-1]
}

// add keeps the rows of a batch, the first of them in the last block.
func (r *ranks) add(b *Batch) {
	for first := 0; first < b.Rows; {
		last := r.last()
		n := min(b.Rows-first, last.rows-last.n)
		r.copyRows(last, b, first, n)
		last.n += n
		first += n
	}
}

func (r *ranks) copyRows(to *rowBlock, b *Batch, first, n int) {
	for i, c := range r.columns {
		c.copy(to.numbers[i][to.n:to.n+n], b, first)
	}
	if to.weights != nil {
		copy(to.weights[to.n:], b.Weight[first:first+n])
	}
	if b.Label != nil {
		put(&to.labels, to.n, b.Label[first:first+n])
	}
	if !r.sliced {
		return
	}
	for j, list := range b.By {
		put(&to.by[j], to.n, list[first:first+n])
	}
	for s, mask := range b.Named {
		copyBits(to.named[s:], r.shape.Named, to.n, mask, first, n)
	}
}

// copy takes a column's numbers of a batch's rows.
func (c column) copy(to []float64, b *Batch, first int) {
	m := &b.Models[c.model]
	switch {
	case c.class == noClass:
		for i := range to {
			to[i] = math.Abs(m.Score[first+i] - b.Target[first+i])
		}
	case c.class == theTarget:
		copy(to, b.Target[first:])
	case m.Scores != nil:
		copy(to, m.Scores[c.class][first:])
	default:
		copy(to, m.Score[first:])
	}
}

// copyBits sets, of n rows, those bits of every stride-th word that are set in a mask.
func copyBits(to []uint64, stride, at int, mask []uint64, first, n int) {
	for n > 0 {
		word := mask[first>>6] >> (first & 63)
		if first&63 != 0 && first>>6+1 < len(mask) {
			word |= mask[first>>6+1] << (64 - first&63)
		}
		some := min(64-at&63, n)
		to[at>>6*stride] |= word & (^uint64(0) >> (64 - some)) << (at & 63)
		at, first, n = at+some, first+some, n-some
	}
}

// eachNamed calls add with every row in a named slice.
func (b *rowBlock) eachNamed(add func(row, slice int)) {
	groups := len(b.named) / (b.rows / 64)
	for i, word := range b.named {
		for ; word != 0; word &= word - 1 {
			add(i/groups*64+bits.TrailingZeros64(word), i%groups)
		}
	}
}

func (r *ranks) renumber(by int, to []uint32) {
	if !r.sliced {
		return
	}
	for _, b := range r.blocks {
		b.by[by].renumber(b.n, to)
	}
}

// codes are numbers below 2^16, of a byte each until one needs two.
type codes struct {
	narrow []uint8
	wide   []uint16 // where not nil, instead
}

func newCodes(rows int) codes { return codes{narrow: make([]uint8, rows)} }

func put[T uint16 | uint32](c *codes, at int, list []T) {
	if c.wide == nil && len(list) > 0 && slices.Max(list) > math.MaxUint8 {
		c.widen()
	}
	if c.wide != nil {
		for i, x := range list {
			c.wide[at+i] = uint16(x)
		}
		return
	}
	narrow := c.narrow[at : at+len(list)]
	for i, x := range list {
		narrow[i] = uint8(x)
	}
}

func (c *codes) widen() {
	c.wide = make([]uint16, len(c.narrow))
	for i, x := range c.narrow {
		c.wide[i] = uint16(x)
	}
	c.narrow = nil
}

func (c *codes) renumber(n int, to []uint32) {
	if c.wide == nil && len(to) > 0 && slices.Max(to) > math.MaxUint8 {
		c.widen()
	}
	if c.wide != nil {
		for i, x := range c.wide[:n] {
			c.wide[i] = uint16(to[x])
		}
		return
	}
	for i, x := range c.narrow[:n] {
		c.narrow[i] = uint8(to[x])
	}
}

func (c *codes) at(i int) int {
	if c.wide != nil {
		return int(c.wide[i])
	}
	return int(c.narrow[i])
}

// pack puts the numbers into a field of packed rows.
func (c *codes) pack(f field, first int, rows []uint64, stride int) {
	if c.wide != nil {
		packField(f, c.wide[first:], rows, stride)
	} else {
		packField(f, c.narrow[first:], rows, stride)
	}
}

func packField[T uint8 | uint16](f field, from []T, rows []uint64, stride int) {
	for i, at := 0, f.word; at < len(rows); i, at = i+1, at+stride {
		rows[at] |= uint64(from[i]) << (f.shift & 63)
	}
}
