package summary

import (
	"slices"
	"sync"

	"github.com/noworse/noworse/stats"
)

// How much two areas under ROC curves vary together follows from where each row
// stands among the rows of the other class in its slice, by either model
// (stats.DeLong). Rows stand in another order by each model, so their places by
// one are kept, for every slice that they are in, until the other's order is gone
// through. All are whole numbers: sums of them are exact, and may be taken in any
// order.

// Placements take four bytes each, and so much memory as the orders leave of
// mostHeld, or leastPlacements where they leave less. Slices that have more take
// turns: one begins with the order in which the last one ended.
const (
	mostHeld        = 768 << 20
	leastPlacements = 1 << 25
)

// placements is how many are kept at a time.
func (r *ranks) placements(rows uint64) uint64 {
	if r.mostPlacements > 0 {
		return r.mostPlacements
	}
	const others = 16 + 4 // an entry, and the place of its placements
	held := rows * uint64(8*len(r.columns)+2*r.stride+others)
	return max(leastPlacements, (mostHeld-min(held, mostHeld))/4)
}

// placing works out the placements of the rows of one class and of all others.
type placing struct {
	ranks  *ranks
	class  int
	turns  []lanes
	most   uint64 // placements of a turn
	turn   int
	cuts   [2][]int   // of the orders by each model
	stands [2]*stands // where their segments start
	kept   int        // the model whose placements are kept in this turn
	placed []uint32   // by that model, in its order
	places []uint32   // of each row in the blocks, where its placements start
	sums   []stats.DeLong
}

// newPlacing plans the turns of slices; nil where no placements are wanted.
func (r *ranks) newPlacing(x *sealing, class int) *placing {
	whole, sliced := slices.Contains(r.shape.Whole.Placements, class), slices.Contains(r.shape.Sliced.Placements, class)
	if class == noClass || r.shape.Weighted || !whole && !sliced {
		return nil
	}
	p := &placing{ranks: r, class: class, sums: make([]stats.DeLong, x.slots.n)}
	rows, all, room := x.summary.Whole().Rows(), uint64(0), uint64(0)
	turn := func(more uint64) *lanes {
		if len(p.turns) == 0 || more > room {
			p.turns, room, all = append(p.turns, lanes{}), r.placements(rows), 0
		}
		room -= min(more, room)
		all += more
		p.most = max(p.most, all)
		return &p.turns[len(p.turns)-1]
	}
	if whole {
		turn(rows).whole = true
	}
	if sliced {
		for j := range r.shape.By {
			turn(rows).addBy(j)
		}
		for i := range r.shape.Named {
			turn(x.summary.Named(i).Rows()).addNamed(r, i)
		}
	}
	if len(p.turns) == 0 {
		return nil // there are no slices
	}
	return p
}

func (l *lanes) addBy(entry int) {
	if l.to == 0 {
		l.from = entry
	}
	l.to = entry + 1
}

func (l *lanes) addNamed(r *ranks, i int) {
	if l.named == nil {
		all := r.lanes(true)
		l.namedAt, l.named = all.namedAt, make([]uint64, len(all.named))
	}
	l.named[i>>6] |= 1 << (i & 63)
}

// stand is where the rows at hand stand in a slot: how many positive rows are not
// below them, and how many negative ones are.
type stand struct{ above, below uint32 }

// stands is where each segment starts, by segment and slot, and where the last one
// ends.
type stands struct {
	slots int
	list  []stand
}

func (b *stands) at(segment int) []stand { return b.list[segment*b.slots : (segment+1)*b.slots] }

// stands adds up the segments' counts, which are whole numbers.
func (t *tallied) stands() *stands {
	b := &stands{t.slots, make([]stand, (t.segments()+1)*t.slots)}
	for i := range t.segments() {
		for slot, s := range b.at(i) {
			b.at(i + 1)[slot].below = s.below + uint32(t.at(i, slot).neg)
		}
	}
	for i := t.segments() - 1; i >= 0; i-- {
		for slot, s := range b.at(i + 1) {
			b.at(i)[slot].above = s.above + uint32(t.at(i, slot).pos)
		}
	}
	return b
}

// starts is where the placements of each segment start, and where the last end.
func (b *stands) starts(in []int) []uint32 {
	starts := make([]uint32, len(b.list)/b.slots)
	for i := range starts[1:] {
		starts[i+1] = starts[i]
		for _, slot := range in {
			here, next := b.at(i)[slot], b.at(i + 1)[slot]
			starts[i+1] += here.above - next.above + next.below - here.below
		}
	}
	return starts
}

// add places the rows of the first turn, in the order of one model's scores.
func (p *placing) add(x *sealing, model int, cuts []int, from *stands) {
	p.cuts[model], p.stands[model] = cuts, from
	p.place(x, model)
}

// place goes through the order by a model.
func (p *placing) place(x *sealing, model int) {
	cuts, from, l := p.cuts[model], p.stands[model], p.turns[p.turn]
	keep := p.ranks.shape.Models > 1 && model == p.kept
	starts := from.starts(x.slots.in(&l))
	if keep && p.placed == nil {
		p.placed, p.places = make([]uint32, p.most), make([]uint32, cuts[len(cuts)-1])
	}
	var mu sync.Mutex
	var placers []*placer
	parallel(x.threads, len(cuts)-1, func() func(int) {
		w := &placer{placing: p, reader: x.reader(p.ranks, l), positive: uint16(p.class), keep: keep, state: make([]placedSlot, from.slots)}
		mu.Lock()
		placers = append(placers, w)
		mu.Unlock()
		return func(i int) {
			for slot, s := range from.at(i) {
				w.state[slot].stand = s
			}
			w.next = starts[i]
			w.place(x.order.entries[cuts[i]:cuts[i+1]])
		}
	})
	for _, w := range placers {
		for slot := range w.state {
			p.sums[slot].Positive.Merge(w.state[slot].sums.Positive)
			p.sums[slot].Negative.Merge(w.state[slot].sums.Negative)
		}
	}
}

// finish gives the remaining slices their turns and puts the sums into the summary.
// The order at hand is that of the model of the last column.
func (p *placing) finish(x *sealing, last int) {
	for p.turn = 1; p.turn < len(p.turns); p.turn++ {
		p.kept = last
		p.place(x, last)
		for i, c := range p.ranks.columns {
			if c.class == p.class && c.model != p.kept {
				p.sort(x, i)
				p.place(x, c.model)
				last = c.model
			}
		}
	}
	for slot, d := range p.sums {
		if g, group := x.slots.group(x.summary, slot); slices.Contains(g.needs.Placements, p.class) {
			g.setPlaced(group, p.class, d)
		}
	}
}

// sort puts the rows in the order of a column again.
func (p *placing) sort(x *sealing, column int) {
	cuts := p.ranks.partition(column, x)
	parallel(x.threads, len(cuts)-1, func() func(int) {
		read := x.reader(p.ranks, p.turns[p.turn])
		return func(i int) { read.sort(x.order.entries[cuts[i]:cuts[i+1]]) }
	})
}

// placer places the rows of one segment after another, in the order of scores. A
// positive row's placement is twice the negative rows below it, and those of its
// own score; a negative row's is twice the positive rows above it, and those.
type placer struct {
	*placing
	reader
	positive uint16
	keep     bool         // the placements, for the other model; else they are added to the sums
	next     uint32       // place of the next ones
	state    []placedSlot // by slot
	here     []uint32     // placements of the row at hand, as its members
	tied     []int        // slots with rows in the tie at hand
	fetched  uint32
}

// placedSlot is what is known of one slot.
type placedSlot struct {
	stand
	tie  stand // rows of the tie at hand
	sums stats.DeLong
}

// ahead is how many rows' placements are fetched together: they may lie anywhere,
// and memory takes as long for many as for one.
const ahead = 16

func (p *placer) place(rows []entry) {
	fetched := 0
	for first := 0; first < len(rows); {
		end := tieEnd(rows, first)
		if first >= fetched && !p.keep && len(p.placed) > 0 {
			fetched = min(first+ahead, len(rows))
			for _, e := range rows[first:fetched] {
				p.fetched += p.placed[min(int(p.places[e.number]), len(p.placed)-1)]
			}
		}
		if end == first+1 {
			p.single(rows[first])
		} else {
			p.tie(rows[first:end])
		}
		first = end
	}
}

// single is tie for one row, which most are.
func (p *placer) single(e entry) {
	positive := p.read(e) == p.positive
	p.here = p.here[:0]
	for _, slot := range p.members {
		s := &p.state[slot]
		if positive {
			s.above--
			p.here = append(p.here, 2*s.below)
		} else {
			s.below++
			p.here = append(p.here, 2*s.above)
		}
	}
	p.take(e, positive)
}

func (p *placer) tie(rows []entry) {
	for _, e := range rows {
		positive := p.read(e) == p.positive
		for _, slot := range p.members {
			p.count(slot, positive)
		}
	}
	for _, e := range rows {
		positive := p.read(e) == p.positive
		p.here = p.here[:0]
		for _, slot := range p.members {
			s := &p.state[slot]
			if positive {
				p.here = append(p.here, 2*s.below+s.tie.below)
			} else {
				p.here = append(p.here, 2*s.above-s.tie.above)
			}
		}
		p.take(e, positive)
	}
	for _, slot := range p.tied {
		s := &p.state[slot]
		s.above -= s.tie.above
		s.below += s.tie.below
		s.tie = stand{}
	}
	p.tied = p.tied[:0]
}

// count counts a row into the tie of a slot.
func (p *placer) count(slot int, positive bool) {
	tie := &p.state[slot].tie
	if tie.above+tie.below == 0 {
		p.tied = append(p.tied, slot)
	}
	if positive {
		tie.above++
	} else {
		tie.below++
	}
}

// take keeps the placements of a row, or adds them with those by the other model.
func (p *placer) take(e entry, positive bool) {
	if p.keep {
		p.places[e.number] = p.next
		p.next += uint32(copy(p.placed[p.next:], p.here))
		return
	}
	baseline, candidate := p.here, p.here
	if p.placed != nil {
		candidate = p.placed[p.places[e.number]:]
	}
	if p.kept == 1 {
		baseline, candidate = candidate, baseline
	}
	for i, slot := range p.members {
		to := &p.state[slot].sums.Negative
		if positive {
			to = &p.state[slot].sums.Positive
		}
		to.Add(uint64(baseline[i]), uint64(candidate[i]))
	}
}

func (g *grouping) setPlaced(group, class int, d stats.DeLong) {
	if g.placed == nil {
		g.placed = make([]stats.DeLong, g.groups*len(g.needs.Placements))
	}
	g.placed[group*len(g.needs.Placements)+slices.Index(g.needs.Placements, class)] = d
}

// Placements is how the baseline (first) and the candidate (second) place the
// rows of a class on its ROC curve; with one model, it is both. It is for sealed
// summaries whose shape asks for it, of rows without weights that were held in
// order; false for others.
func (v View) Placements(class int) (stats.DeLong, bool) {
	i := slices.Index(v.g.needs.Placements, class)
	if i < 0 || v.g.placed == nil {
		return stats.DeLong{}, false
	}
	return v.g.placed[v.group*len(v.g.needs.Placements)+i], true
}
