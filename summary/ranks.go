package summary

import (
	"math"
	"slices"
)

// EveryClass, in Needs.Curves, is each of the classes.
const EveryClass = -1

// curves lists the classes whose probabilities are put in order.
func (n *Needs) curves(shape *Shape) []int {
	list := slices.Sorted(slices.Values(n.Curves))
	if slices.Contains(list, EveryClass) {
		list = list[:0]
		for k := range shape.Classes {
			list = append(list, k)
		}
	}
	return list
}

// ordered says whether numbers are wanted in order.
func (n *Needs) ordered() bool { return len(n.Curves) > 0 || n.Median || n.numbers() }

// numbers says whether predictions and target are held.
func (n *Needs) numbers() bool {
	return n.Spearman || slices.ContainsFunc(n.Influences, Influenced.ofNumbers)
}

// ranks holds the numbers of all rows until they can be put in order, with the
// slices that each row belongs to. Rows are kept in blocks, so that growing
// copies little and merging moves no rows.
type ranks struct {
	shape   *Shape
	columns []column
	sliced  bool // slices want some column

	mostPlacements uint64 // 0: as many as there is room for
	blocks         []*rowBlock
}

// column is a list of numbers that is put in order: a model's probabilities of
// a class, or its absolute errors; or the numbers of which each slice has an order.
type column struct {
	model, class int  // absolute errors have class noClass
	sliced       bool // slices want it too
}

const noClass = -1

// columnsOf lists the columns; those of a class follow each other, the candidate's
// first.
func columnsOf(shape *Shape) []column {
	var list []column
	for _, class := range union(shape.Whole.Curves, shape.Sliced.Curves) {
		for m := range shape.Models {
			list = append(list, column{m, class, slices.Contains(shape.Sliced.Curves, class)})
		}
	}
	for m := range shape.Models {
		if shape.Whole.Median || shape.Sliced.Median {
			list = append(list, column{m, noClass, shape.Sliced.Median})
		}
		if shape.Whole.numbers() || shape.Sliced.numbers() {
			list = append(list, column{m, thePrediction, shape.Sliced.Spearman})
			if m == 0 {
				list = append(list, column{m, theTarget, shape.Sliced.Spearman})
			}
		}
	}
	return list
}

func newRanks(shape *Shape) *ranks {
	return &ranks{shape: shape, columns: columnsOf(shape), sliced: shape.Sliced.ordered()}
}

// sealing is what the columns of a summary are worked out with, one after the
// other: what an order takes is used again.
type sealing struct {
	summary *Summary
	slots   slots
	layout  *layout
	order   *order
	threads int
}

// seal works out all that is wanted of every column.
func (r *ranks) seal(s *Summary, threads int) {
	if len(r.blocks) == 0 {
		return
	}
	r.influences(s, threads)
	x := r.newSealing(s, threads)
	if r.shape.Whole.Spearman || r.shape.Sliced.Spearman {
		r.spearman(s, threads)
	}
	var p *placing
	for i, c := range r.columns {
		if c.class < noClass {
			continue
		}
		if c.model == 0 {
			p = r.newPlacing(x, c.class)
		}
		cuts := r.partition(i, x, p.names(c.model))
		if c.class == noClass {
			r.medians(x, c, cuts)
			continue
		}
		r.curve(x, c, cuts, p)
		if p != nil && c.model == r.shape.Models-1 {
			p.finish(x)
		}
	}
}

func (r *ranks) newSealing(s *Summary, threads int) *sealing {
	var groups []int
	for _, g := range s.by {
		groups = append(groups, g.groups)
	}
	l := r.layout(groups)
	return &sealing{s, newSlots(r.shape.Named, groups), l, &order{words: l.words, scale: r.weightScale()}, threads}
}

func (x *sealing) reader(l lanes) reader {
	return newReader(x.layout, x.order, x.slots, l)
}

// entry is one row in the order of a column.
type entry struct {
	key    uint64 // order of the number
	row    uint32 // place in the order
	number uint32 // of the row, as it came or as the partition has it
}

// segmentRows is about how many rows are sorted at a time: few enough to stay
// in a core's cache.
const segmentRows = 1 << 15

// order is all rows by the bin of their number in a column.
type order struct {
	entries []entry
	packed  []uint64 // rows, in this order
	words   int      // of a row
	weights []float64
	scale   float64 // of weights
}

func (o *order) weight(e entry) float64 {
	if o.weights == nil {
		return 1
	}
	return o.weights[e.row]
}

// weightScale is the power of two that brings the largest weight to about 1:
// products of weights of any size then neither overflow nor vanish, and areas
// and medians do not change.
func (r *ranks) weightScale() float64 {
	most := 0.0
	for _, b := range r.blocks {
		for _, w := range b.weights[:min(b.n, len(b.weights))] {
			most = max(most, w)
		}
	}
	_, exponent := math.Frexp(most)
	return math.Ldexp(1, -exponent)
}

// scoreKey orders doubles as unsigned integers; both zeros are one.
func scoreKey(f float64) uint64 {
	b := math.Float64bits(f + 0) // -0 + 0 = 0
	return b ^ (uint64(int64(b)>>63) | 1<<63)
}

// orderBins is the number of bins by which rows are put in order before they
// are sorted. Neither of the functions that choose them ever falls.
const orderBins = 1 << 12

// scorePlace has half of its bins of equal width and half of equal ratio:
// probabilities of many classes crowd at 0.
func scorePlace(f float64) int {
	const half, octave = orderBins / 2, 46 // 64 bins for each of 32 powers of two
	if !(f > 0) {
		return 0
	}
	byRatio := int(math.Float64bits(f)>>octave) - int(math.Float64bits(1)>>octave) + half - 1
	return int(min(f*half, half-1)) + min(max(byRatio, 0), half-1)
}

// errorPlace has two bins for each power of two.
func errorPlace(f float64) int { return int(math.Float64bits(f) >> 51 & (orderBins - 1)) }

func (c column) place() func(float64) int {
	if c.class == noClass {
		return errorPlace
	}
	return scorePlace
}

// partition puts all rows in segments by the bins of a column, and says where each
// begins. Equal numbers share a segment, and where one is cut depends on the
// numbers alone: any number of threads gives the same bits. Rows are known by their
// place as they came, or by these names.
func (r *ranks) partition(column int, x *sealing, names []uint32) (cuts []int) {
	place, o, threads := r.columns[column].place(), x.order, x.threads
	places := make([][]uint32, len(r.blocks))
	parallel(threads, len(r.blocks), func() func(int) {
		return func(i int) {
			places[i] = make([]uint32, orderBins)
			for _, f := range r.blocks[i].numbers[column][:r.blocks[i].n] {
				places[i][place(f)]++
			}
		}
	})
	segments, cuts := segment(places)
	o.resize(cuts[len(cuts)-1], r.shape.Weighted)
	parallel(threads, len(r.blocks), func() func(int) {
		chunk := make([]uint64, chunkRows*o.words)
		return func(i int) { r.place(i, column, x, segments, places[i], names, chunk) }
	})
	return cuts
}

// segment puts neighbouring bins together until they have enough rows. It takes
// each block's rows by bin, and leaves in their place where the block's rows of
// each segment go; it returns the segment of every bin. So few are written to at a
// time, rather than every bin, that the caches keep up.
func segment(places [][]uint32) (of *[orderBins]uint16, cuts []int) {
	of, cuts = new([orderBins]uint16), []int{0}
	rows, last := 0, 0 // last: the segment at hand
	for bin := range orderBins {
		if rows-cuts[last] >= segmentRows {
			cuts, last = append(cuts, rows), last+1
		}
		of[bin] = uint16(last)
		for _, p := range places {
			rows += int(p[bin])
		}
	}
	if rows > cuts[last] {
		cuts = append(cuts, rows)
	}
	next := uint32(0)
	for first := 0; first < orderBins; {
		end := first + 1
		for end < orderBins && of[end] == of[first] {
			end++
		}
		for _, p := range places {
			here := uint32(0)
			for _, n := range p[first:end] {
				here += n
			}
			p[of[first]], next = next, next+here
		}
		first = end
	}
	return of, cuts
}

func (o *order) resize(rows int, weighted bool) {
	if len(o.entries) == rows {
		return
	}
	o.entries = make([]entry, rows)
	o.packed = make([]uint64, rows*o.words)
	if weighted {
		o.weights = make([]float64, rows)
	}
}

// chunkRows is how many rows are packed at a time, a multiple of 64.
const chunkRows = 1 << 10

// place puts the rows of a block into their segments.
func (r *ranks) place(block, column int, x *sealing, segments *[orderBins]uint16, places, names []uint32, chunk []uint64) {
	place, b, o, first := r.columns[column].place(), r.blocks[block], x.order, 0
	for _, before := range r.blocks[:block] {
		first += before.n
	}
	for start := 0; start < b.n; start += chunkRows {
		numbers := b.numbers[column][start:min(start+chunkRows, b.n)]
		packed := chunk[:len(numbers)*o.words]
		x.layout.pack(b, start, packed)
		for j, f := range numbers {
			next := &places[segments[place(f)]]
			at := *next
			*next++
			number := uint32(first + start + j)
			if names != nil {
				number = names[number]
			}
			o.entries[at] = entry{scoreKey(f), at, number}
			copyWords(o.packed[int(at)*o.words:], packed[j*o.words:], o.words)
			if o.weights != nil {
				o.weights[at] = b.weights[start+j] * o.scale
			}
		}
	}
}

// copyWords copies so many words: mostly one, for which a call would take longer.
func copyWords(to, from []uint64, words int) {
	if words == 1 {
		to[0] = from[0]
		return
	}
	copy(to, from[:words])
}
