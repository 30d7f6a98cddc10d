package summary

import (
	"encoding/binary"
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

func (r *ranks) slots(s *Summary) slots {
	p := slots{named: 1, n: 1 + r.shape.Named}
	for _, g := range s.by {
		p.by = append(p.by, p.n)
		p.n += g.groups
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
// by the columns of some entries, and the named ones whose bits are set. A row is
// in some of them.
type lanes struct {
	whole    bool
	from, to int // entries by column
	namedAt  int // in a row's members
	named    []uint64
}

// wordBytes is how much of the members is read at a time: it may reach beyond a
// row, and the last row has as much behind it.
const wordBytes = 8

// lanes are all that want a column: every slice, or the whole set alone.
func (r *ranks) lanes(sliced bool) lanes {
	l := lanes{whole: true}
	if sliced {
		l.to, l.namedAt, l.named = r.shape.By, memberLabel+2*r.shape.By, r.allNamed()
	}
	return l
}

func (l *lanes) sliced() bool { return l.to > 0 || len(l.named) > 0 }

func (r *ranks) allNamed() []uint64 {
	masks := make([]uint64, (r.shape.Named+63)/64)
	for i := range r.shape.Named {
		masks[i>>6] |= 1 << (i & 63)
	}
	return masks
}

// word is 64 bits of a row's named slices, of those in the lanes.
func (l *lanes) word(members []byte, i int) uint64 {
	return l.named[i] & binary.LittleEndian.Uint64(members[l.namedAt+wordBytes*i:])
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
	ranks   *ranks
	order   *order
	slots   slots
	lanes   lanes
	members []int // slots of the row at hand, in these lanes
	spare   []entry
	moved   []byte // members of a segment's rows, on their way
	weights []float64
}

// read lists the slots of a row in members and returns its label.
func (r *reader) read(e entry) uint16 {
	row := r.order.members[int(e.row)*r.ranks.stride:]
	list := r.members[:0]
	if r.lanes.whole {
		list = append(list, 0)
	}
	for j := r.lanes.from; j < r.lanes.to; j++ {
		at := memberLabel + 2*j
		list = append(list, r.slots.by[j]+(int(row[at])|int(row[at+1])<<8))
	}
	for i := range r.lanes.named {
		for m := r.lanes.word(row, i); m != 0; m &= m - 1 {
			list = append(list, r.slots.named+64*i+bits.TrailingZeros64(m))
		}
	}
	r.members = list
	return binary.LittleEndian.Uint16(row)
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
	stride := r.ranks.stride
	members := r.order.members[int(first)*stride : (int(first)+len(rows))*stride]
	r.moved = slices.Grow(r.moved[:0], len(members))[:len(members)]
	for i, e := range rows {
		moveWords(r.moved[i*stride:], members[int(e.row-first)*stride:], stride)
	}
	copy(members, r.moved)
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

// moveWords copies n bytes, a multiple of 4.
func moveWords(to, from []byte, n int) {
	to, from = to[:n], from[:n]
	for len(from) >= 8 {
		binary.LittleEndian.PutUint64(to, binary.LittleEndian.Uint64(from))
		to, from = to[8:], from[8:]
	}
	if len(from) >= 4 {
		binary.LittleEndian.PutUint32(to, binary.LittleEndian.Uint32(from))
	}
}
