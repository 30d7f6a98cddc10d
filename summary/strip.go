package summary

import (
	"math/bits"
	"slices"
)

// stripRows is the most rows of a strip: as many as a word has bits.
const stripRows = 64

// strip is a run of sorted rows that ends where a tie ends. Its pairs are counted
// by bits: a slice is a mask of its rows, and the negative rows below a positive
// one are those that a mask leaves.
type strip struct {
	rows     int
	packed   []uint64 // the rows
	positive uint64
	under    [stripRows]uint64 // for each row, the rows below its tie
	upTo     [stripRows]uint64 // and those below the end of its tie
	named    []uint64          // the rows of each named slice
}

// strips counts sorted rows, of two classes and without weights.
func (c *counter) strips(rows []entry) {
	for first := 0; first < len(rows); {
		end := first
		for end < len(rows) {
			next := tieEnd(rows, end)
			if next-first > stripRows {
				break
			}
			end = next
		}
		if end == first { // one long tie
			end = tieEnd(rows, first)
			c.longTie(rows[first:end])
		} else {
			c.strip(rows[first:end])
		}
		first = end
	}
}

func (c *counter) strip(rows []entry) {
	s, words := &c.bits, c.order.words
	s.rows, s.packed = len(rows), c.packedRows(rows)
	s.positive = c.layout.label.equal(s.packed, words, int(c.positive))
	for i := 0; i < len(rows); {
		end := tieEnd(rows, i)
		for j := i; j < end; j++ {
			s.under[j], s.upTo[j] = 1<<i-1, ^uint64(0)>>(stripRows-end)
		}
		i = end
	}
	c.tallies[0].add(s, ^uint64(0)>>(stripRows-len(rows)))
	if !c.lanes.sliced() {
		return
	}
	for j, first := range c.slots.by {
		s.by(c.tallies[first:], c.layout.by[j], words)
	}
	named := c.tallies[c.slots.named:]
	s.named = slices.Grow(s.named[:0], c.layout.names)[:c.layout.names]
	c.layout.unpackNamed(s.packed, s.named)
	for i, mask := range s.named {
		if mask != 0 {
			named[i].add(s, mask)
		}
	}
}

// longTie counts rows of one score: a pair of them counts half.
func (c *counter) longTie(rows []entry) {
	if c.tied.rows == nil {
		c.tied = newTied(len(c.tallies), c.layout)
	}
	c.tied.count(&c.reader, rows, int(c.positive))
	for _, slot := range c.tied.slots {
		t, n := &c.tallies[slot], c.tied.rows[slot]
		pos, neg := float64(n[positive]), float64(n[negative])
		t.twice += pos * (2*t.neg + neg)
		t.pos += pos
		t.neg += neg
	}
}

// add counts the rows of a mask.
func (t *tally) add(s *strip, mask uint64) {
	positive, negative := mask&s.positive, mask&^s.positive
	twice := 0
	for p := positive; p != 0; p &= p - 1 {
		i := bits.TrailingZeros64(p)
		twice += bits.OnesCount64(negative&s.under[i]) + bits.OnesCount64(negative&s.upTo[i])
	}
	pos := float64(bits.OnesCount64(positive))
	t.twice += 2*pos*t.neg + float64(twice)
	t.pos += pos
	t.neg += float64(bits.OnesCount64(negative))
}

// by counts every row into the slice whose number stands in a field.
func (s *strip) by(tallies []tally, f field, words int) {
	of := func(row int) *tally { return &tallies[f.of(s.packed[row*words:])] }
	isPositive := func(row int) float64 { return float64(s.positive >> row & 1) }
	for i := 0; i < s.rows; {
		end := bits.Len64(s.upTo[i])
		if end == i+1 {
			t, p := of(i), isPositive(i)
			t.twice += 2 * p * t.neg
			t.pos += p
			t.neg += 1 - p
			i = end
			continue
		}
		for j := i; j < end; j++ {
			t := of(j)
			t.twice += isPositive(j) * t.neg
		}
		for j := i; j < end; j++ {
			of(j).neg += 1 - isPositive(j)
		}
		for ; i < end; i++ {
			t, p := of(i), isPositive(i)
			t.twice += p * t.neg
			t.pos += p
		}
	}
}
