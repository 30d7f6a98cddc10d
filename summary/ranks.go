package summary

import (
	"math"
	"sync"
)

// ranks holds the scores of all rows until they can be put in order, with the
// slices that each row belongs to. Rows are kept in blocks, so that growing
// copies nothing and merging moves no rows.
type ranks struct {
	shape  *Shape
	bits   int // bytes of a row's named slices
	stride int // bytes of a row's members
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
	r := &ranks{shape: shape}
	if !shape.Sliced.Area {
		r.stride = 1
		return r
	}
	r.bits = (shape.Named + 7) / 8
	r.stride = 1 + 2*shape.By + r.bits
	return r
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
	if r.stride == 1 {
		return
	}
	for j, codes := range b.By {
		for i, c := range codes[first : first+n] {
			at := i*r.stride + 1 + 2*j
			members[at], members[at+1] = byte(c), byte(c>>8)
		}
	}
	at := 1 + 2*r.shape.By
	for s, rows := range b.Named {
		for _, row := range rows {
			if i := int(row) - first; i >= 0 && i < n {
				members[i*r.stride+at+s>>3] |= 1 << (s & 7)
			}
		}
	}
}

func (r *ranks) renumber(by int, to []uint32) {
	if r.stride == 1 {
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
	slots := r.slots(s)
	for m := range r.shape.Models {
		for i, a := range r.modelAreas(m, slots, threads) {
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
	row uint32
}

// segmentRows is about how many rows are sorted at a time: few enough to stay
// in a core's cache.
const segmentRows = 1 << 15

// modelAreas puts the rows in segments by their scores,
// sorts each segment, and counts, for every slice, how many pairs of a positive
// and a negative row each segment holds in order. Equal scores share a
// segment, so segments are independent and their counts add up. Where they are
// cut depends on the scores alone: any number of threads gives the same bits.
func (r *ranks) modelAreas(model int, p slots, threads int) []Area {
	entries, cuts := r.partition(model, threads)
	segments := len(cuts) - 1
	tallies := make([]tally, segments*p.n)
	parallel(threads, segments, func() func(int) {
		var spare []entry
		c := counter{ranks: r, slots: p}
		return func(i int) {
			part := entries[cuts[i]:cuts[i+1]]
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

// prefixes is into how many bins scores are put before they are sorted.
const prefixes = 1 << 16

// prefix is the bin of a probability. It never falls as the score rises.
func prefix(f float64) int {
	if !(f > 0) {
		return 0
	}
	return int(min(f*prefixes, prefixes-1))
}

// partition copies all rows of a model into one slice, ordered by the bin of
// the score, and says where it may be cut.
func (r *ranks) partition(model, threads int) (entries []entry, cuts []int) {
	counts := make([][]uint32, len(r.blocks))
	parallel(threads, len(r.blocks), func() func(int) {
		return func(i int) {
			counts[i] = make([]uint32, prefixes)
			for _, f := range r.blocks[i].scores[model][:r.blocks[i].n] {
				counts[i][prefix(f)]++
			}
		}
	})
	total := uint32(0)
	cuts = []int{0}
	for bin := range prefixes {
		if int(total)-cuts[len(cuts)-1] >= segmentRows {
			cuts = append(cuts, int(total))
		}
		for i := range counts {
			counts[i][bin], total = total, total+counts[i][bin]
		}
	}
	if int(total) > cuts[len(cuts)-1] {
		cuts = append(cuts, int(total))
	}
	entries = make([]entry, total)
	parallel(threads, len(r.blocks), func() func(int) {
		return func(i int) {
			for j, f := range r.blocks[i].scores[model][:r.blocks[i].n] {
				at := &counts[i][prefix(f)]
				entries[*at] = entry{scoreKey(f), uint32(i*blockRows + j)}
				*at++
			}
		}
	})
	return entries, cuts
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
