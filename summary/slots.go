package summary

import (
	"math/bits"
	"slices"
)

// slots numbers all the slices of a summary through: the whole set, the named,
// those by column.
type slots struct {
	named int   // number of the first named slice
	by    []int // number of the first slice of each group
	n     int
}

func newSlots(named int, groups []int) slots {
	p := slots{named: 1, n: 1 + named}
	for _, n := range groups {
		p.by = append(p.by, p.n)
		p.n += n
	}
	return p
}

// group is a slot's place in the summary.
func (p slots) group(s *Summary, slot int) (*grouping, int) {
	g, first := s.whole, 0
	if slot >= p.named {
		g, first = s.named, p.named
	}
	for i, start := range p.by {
		if slot >= start {
			g, first = s.by[i], start
		}
	}
	return g, slot - first
}

// of is the number of slots that want a column: all, or the whole set alone.
func (p slots) of(c column) int {
	if c.sliced {
		return p.n
	}
	return 1
}

// lanes are the slices that one pass over the rows looks at: the whole set, those
// by the columns of some entries, and some of the named ones. A row is in some of
// them.
type lanes struct {
	whole    bool
	from, to int // entries by column
	named    []uint64
}

// lanes are all that want a column: every slice, or the whole set alone.
func (r *ranks) lanes(sliced bool) lanes {
	l := lanes{whole: true}
	if sliced {
		l.to = r.shape.By
		for i := range r.shape.Named {
			l.addNamed(i)
		}
	}
	return l
}

func (l *lanes) sliced() bool { return l.to > 0 || len(l.named) > 0 }

func (l *lanes) addBy(entry int) {
	if l.to == 0 {
		l.from = entry
	}
	l.to = entry + 1
}

func (l *lanes) addNamed(i int) {
	l.named = append(l.named, make([]uint64, max(0, i>>6+1-len(l.named)))...)
	l.named[i>>6] |= 1 << (i & 63)
}

// masks are the bits of a packed row that stand for the named slices, by word.
func (l *lanes) masks(at *layout) []uint64 {
	masks := make([]uint64, at.words)
	for i, word := range l.named {
		for ; word != 0; word &= word - 1 {
			bit := at.named + 64*i + bits.TrailingZeros64(word)
			masks[bit>>6] |= 1 << (bit & 63)
		}
	}
	return masks
}

// in lists the slots in some lanes.
func (p slots) in(l *lanes) []int {
	var list []int
	if l.whole {
		list = append(list, 0)
	}
	for j := l.from; j < l.to; j++ {
		end := p.n
		if j+1 < len(p.by) {
			end = p.by[j+1]
		}
		for slot := p.by[j]; slot < end; slot++ {
			list = append(list, slot)
		}
	}
	for i, word := range l.named {
		for ; word != 0; word &= word - 1 {
			list = append(list, p.named+64*i+bits.TrailingZeros64(word))
		}
	}
	return list
}

// reader reads which slots a row of an order is in.
type reader struct {
	layout  *layout
	order   *order
	slots   slots
	lanes   lanes
	masks   []uint64 // of the named slices in these lanes
	members []int    // slots of the row at hand, in these lanes
	listed  []int    // room for them
	spare   []entry
	packed  []uint64 // a segment's rows, on their way
	weights []float64
}

func newReader(l *layout, o *order, p slots, in lanes) reader {
	return reader{layout: l, order: o, slots: p, lanes: in, masks: in.masks(l), listed: make([]int, 1+len(p.by)+l.names)}
}

// packedRows are sorted rows, which stand in a row: see settle.
func (r *reader) packedRows(rows []entry) []uint64 {
	first := int(rows[0].row)
	return r.order.packed[first*r.order.words : (first+len(rows))*r.order.words]
}

// row is a packed row.
func (r *reader) row(e entry) []uint64 {
	return r.order.packed[int(e.row)*r.order.words:][:r.order.words]
}

// read lists the slots of a row in members and returns its label.
func (r *reader) read(e entry) uint16 {
	row := r.row(e)
	r.members = r.list(row)
	return uint16(r.layout.label.of(row))
}

// list lists the slots of a row.
func (r *reader) list(row []uint64) []int {
	n, list := 0, r.listed
	if r.lanes.whole {
		list[0] = 0
		n = 1
	}
	for j := r.lanes.from; j < r.lanes.to; j++ {
		list[n] = r.slots.by[j] + r.layout.by[j].of(row)
		n++
	}
	for i, mask := range r.masks {
		for m := row[i] & mask; m != 0; m &= m - 1 {
			list[n] = r.slots.named - r.layout.named + 64*i + bits.TrailingZeros64(m)
			n++
		}
	}
	return list[:n]
}

// sort sorts a segment: rows of equal numbers by weight too, since
// floating-point sums depend on their order, and that was the order in which
// threads delivered them.
func (r *reader) sort(rows []entry) {
	r.spare = sortEntries(rows, r.spare)
	if r.order.weights != nil {
		byWeight(rows, r.order.weights)
	}
	r.settle(rows)
}

// settle brings what is kept of a sorted segment's rows into their order, in a
// loop that waits for no row: whoever goes through them then reads on and on.
func (r *reader) settle(rows []entry) {
	if len(rows) == 0 {
		return
	}
	first := rows[0].row
	for _, e := range rows {
		first = min(first, e.row)
	}
	words := r.order.words
	packed := r.order.packed[int(first)*words : (int(first)+len(rows))*words]
	r.packed = slices.Grow(r.packed[:0], len(packed))[:len(packed)]
	for i, e := range rows {
		copyWords(r.packed[i*words:], packed[int(e.row-first)*words:], words)
	}
	copy(packed, r.packed)
	if r.order.weights != nil {
		weights := r.order.weights[first : int(first)+len(rows)]
		r.weights = r.weights[:0]
		for _, e := range rows {
			r.weights = append(r.weights, weights[e.row-first])
		}
		copy(weights, r.weights)
	}
	for i := range rows {
		rows[i].row = first + uint32(i)
	}
}
