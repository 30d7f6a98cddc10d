package summary

import (
	"encoding/binary"
	"math"
	"math/bits"
	"sync"
)

// ranks holds the scores of all rows until they can be put in order, with the
// slices that each row belongs to. Rows are kept in blocks, so that growing
// copies nothing and merging moves no rows.
type ranks struct {
	shape  *Shape
	stride int // bytes of a row's members, a multiple of 4
	blocks []*block64k
}

const blockRows = 1 << 16

// block64k is up to blockRows rows. A row's members are one stretch of bytes,
// read together when the row's turn comes in the order of scores: the label,
// a number for each group by column, a bit for each named slice.
type block64k struct {
	n       int
	scores  [][]float64 // by model
	weights []float64
	members []byte
}

func newRanks(shape *Shape) *ranks {
	bytes := 1
	if shape.Sliced.Area {
		bytes += 2*shape.By + (shape.Named+7)/8
	}
	return &ranks{shape: shape, stride: (bytes + 3) / 4 * 4}
}

func (r *ranks) newBlock() *block64k {
	b := &block64k{members: make([]byte, blockRows*r.stride)}
	for range r.shape.Models {
		b.scores = append(b.scores, make([]float64, blockRows))
	}
	if r.shape.Weighted {
		b.weights = make([]float64, blockRows)
	}
	r.blocks = append(r.blocks, b)
	return b
}

// add keeps the rows of a batch, the first of them in the last block.
func (r *ranks) add(b *Batch) {
	for first := 0; first < b.Rows; {
		var last *block64k
		if len(r.blocks) > 0 {
			last = r.blocks[len(r.blocks)-1]
		}
		if last == nil || last.n == blockRows {
			last = r.newBlock()
		}
		n := min(b.Rows-first, blockRows-last.n)
		r.copyRows(last, b, first, n)
		last.n += n
		first += n
	}
}

func (r *ranks) copyRows(to *block64k, b *Batch, first, n int) {
	for m := range b.Models {
		copy(to.scores[m][to.n:], b.Models[m].Score[first:first+n])
	}
	if to.weights != nil {
		copy(to.weights[to.n:], b.Weight[first:first+n])
	}
	members := to.members[to.n*r.stride : (to.n+n)*r.stride]
	for i := range n {
		members[i*r.stride] = byte(b.Label[first+i])
	}
	if !r.shape.Sliced.Area {
		return
	}
	for j, codes := range b.By {
		for i, c := range codes[first : first+n] {
			at := i*r.stride + 1 + 2*j
			members[at], members[at+1] = byte(c), byte(c>>8)
		}
	}
	at := 1 + 2*r.shape.By
	for s, mask := range b.Named {
		r.copyBits(members, at+s>>3, byte(1)<<(s&7), mask, first, n)
	}
}

// copyBits sets a bit of the members of the rows whose bit is set in a mask.
func (r *ranks) copyBits(members []byte, at int, bit byte, mask []uint64, first, n int) {
	for i := range mask {
		for word := mask[i]; word != 0; word &= word - 1 {
			if row := i<<6 + bits.TrailingZeros64(word) - first; row >= 0 && row < n {
				members[row*r.stride+at] |= bit
			}
		}
	}
}

func (r *ranks) renumber(by int, to []uint32) {
	if !r.shape.Sliced.Area {
		return
	}
	for _, b := range r.blocks {
		for i := range b.n {
			at := b.members[i*r.stride+1+2*by:]
			c := to[uint32(at[0])|uint32(at[1])<<8]
			at[0], at[1] = byte(c), byte(c>>8)
		}
	}
}

// Area is the area under a ROC curve. Value is within Bound of the exact one.
type Area struct {
	Value, Bound       float64
	Positive, Negative float64 // rows of each class, or their weights
}

// areas works out every slice's area for every model.
func (r *ranks) areas(s *Summary, threads int) {
	slots, o := r.slots(s), &order{scale: r.weightScale()}
	for m := range r.shape.Models {
		for i, a := range r.modelAreas(m, o, slots, threads) {
			slots.place(s, i, m, a)
		}
	}
}

// slots numbers all the slices of a summary through: the whole set, the named,
// those by column.
type slots struct {
	named int   // number of the first named slice
	by    []int // number of the first slice of each group
	n     int
}

func (r *ranks) slots(s *Summary) slots {
	p := slots{named: 1, n: 1}
	if !r.shape.Sliced.Area {
		return p
	}
	p.n += r.shape.Named
	for _, g := range s.by {
		p.by = append(p.by, p.n)
		p.n += g.groups
	}
	return p
}

func (p slots) place(s *Summary, slot, model int, a Area) {
	g, first := s.whole, 0
	if slot >= p.named {
		g, first = s.named, p.named
	}
	for i, start := range p.by {
		if slot >= start {
			g, first = s.by[i], start
		}
	}
	g.setArea(slot-first, model, a)
}

func (g *grouping) setArea(group, model int, a Area) {
	if g.areas == nil {
		g.areas = make([]Area, g.groups*g.shape.Models)
	}
	g.areas[group*g.shape.Models+model] = a
}

// entry is one row in the order of a model's scores.
type entry struct {
	key uint64 // order of the score
	row uint32 // place in the order by bins
}

// segmentRows is about how many rows are sorted at a time: few enough to stay
// in a core's cache.
const segmentRows = 1 << 15

// order is all rows of a model by the bin of their score: the memory is used
// for one model after the other.
type order struct {
	entries []entry
	members []byte // of the rows, in this order
	weights []float64
	scale   float64 // of weights
}

// weightScale is the power of two that brings the largest weight to about 1:
// products of weights of any size then neither overflow nor vanish, and the
// area does not change.
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

// modelAreas puts the rows in segments by their scores, sorts each segment, and
// counts, for every slice, how many pairs of a positive and a negative row each
// segment holds in order. Equal scores share a segment, so segments are
// independent and their counts add up. Where they are cut depends on the scores
// alone: any number of threads gives the same bits.
func (r *ranks) modelAreas(model int, o *order, p slots, threads int) []Area {
	cuts := r.partition(model, o, threads)
	segments := len(cuts) - 1
	tallies := make([]tally, segments*p.n)
	parallel(threads, segments, func() func(int) {
		var spare []entry
		c := counter{ranks: r, order: o, slots: p}
		return func(i int) {
			part := o.entries[cuts[i]:cuts[i+1]]
			spare = sortEntries(part, spare)
			c.tallies = tallies[i*p.n : (i+1)*p.n]
			c.count(part)
		}
	})
	areas := make([]Area, p.n)
	for slot := range areas {
		areas[slot] = total(tallies, slot, p.n)
	}
	return areas
}

// scoreKey orders doubles as unsigned integers; both zeros are one.
func scoreKey(f float64) uint64 {
	b := math.Float64bits(f + 0) // -0 + 0 = 0
	return b ^ (uint64(int64(b)>>63) | 1<<63)
}

// scoreBins is the number of equal bins of [0,1] into which scores are put: to
// be sorted bin by bin, or where there are too many rows to hold, to be counted.
const scoreBins = 1 << 12

// binOf is the bin of a probability. It never falls as the score rises.
func binOf(f float64) int {
	if !(f > 0) {
		return 0
	}
	return int(min(f*scoreBins, scoreBins-1))
}

// partition puts all rows in the order of the bins of a model's scores, and
// says where that order may be cut.
func (r *ranks) partition(model int, o *order, threads int) (cuts []int) {
	places := make([][]uint32, len(r.blocks))
	parallel(threads, len(r.blocks), func() func(int) {
		return func(i int) {
			places[i] = make([]uint32, scoreBins)
			for _, f := range r.blocks[i].scores[model][:r.blocks[i].n] {
				places[i][binOf(f)]++
			}
		}
	})
	rows := uint32(0)
	cuts = []int{0}
	for bin := range scoreBins {
		if int(rows)-cuts[len(cuts)-1] >= segmentRows {
			cuts = append(cuts, int(rows))
		}
		for i := range places {
			places[i][bin], rows = rows, rows+places[i][bin]
		}
	}
	if int(rows) > cuts[len(cuts)-1] {
		cuts = append(cuts, int(rows))
	}
	o.resize(r, int(rows))
	parallel(threads, len(r.blocks), func() func(int) {
		return func(i int) { r.place(r.blocks[i], model, o, places[i]) }
	})
	return cuts
}

func (o *order) resize(r *ranks, rows int) {
	if len(o.entries) == rows {
		return
	}
	o.entries = make([]entry, rows)
	o.members = make([]byte, rows*r.stride)
	if r.shape.Weighted {
		o.weights = make([]float64, rows)
	}
}

// place puts the rows of a block where their bins say.
func (r *ranks) place(b *block64k, model int, o *order, places []uint32) {
	for j, f := range b.scores[model][:b.n] {
		next := &places[binOf(f)]
		at := *next
		*next++
		o.entries[at] = entry{scoreKey(f), at}
		to, from := o.members[int(at)*r.stride:], b.members[j*r.stride:(j+1)*r.stride]
		for k := 0; k+4 <= len(from); k += 4 {
			binary.LittleEndian.PutUint32(to[k:], binary.LittleEndian.Uint32(from[k:]))
		}
		if o.weights != nil {
			o.weights[at] = b.weights[j] * o.scale
		}
	}
}

// parallel calls work for 0 to n-1 on so many goroutines; each has a worker of
// its own.
func parallel(threads, n int, worker func() func(int)) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	next := 0
	for range max(1, min(threads, n)) {
		wg.Go(func() {
			work := worker()
			for {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= n {
					return
				}
				work(i)
			}
		})
	}
	wg.Wait()
}

const (
	digitBits = 11
	digits    = (64 + digitBits - 1) / digitBits
)

// sortEntries sorts by key: a radix sort from the last digit, leaving out the
// digits that all keys share. It returns the spare memory for the next call.
func sortEntries(a, spare []entry) []entry {
	if len(a) < 2 {
		return spare
	}
	var counts [digits][1 << digitBits]uint32
	for i := range a {
		for d := range digits {
			counts[d][a[i].key>>(d*digitBits)&(1<<digitBits-1)]++
		}
	}
	from := a
	for d := range digits {
		shift := d * digitBits
		c := &counts[d]
		if int(c[a[0].key>>shift&(1<<digitBits-1)]) == len(a) {
			continue
		}
		if cap(spare) < len(a) {
			spare = make([]entry, len(a))
		}
		to := spare[:len(a)]
		if &from[0] == &to[0] {
			to = a
		}
		sum := uint32(0)
		for i := range c {
			c[i], sum = sum, sum+c[i]
		}
		for _, e := range from {
			digit := e.key >> shift & (1<<digitBits - 1)
			to[c[digit]] = e
			c[digit]++
		}
		from = to
	}
	if &from[0] != &a[0] {
		copy(a, from)
	}
	return spare
}
