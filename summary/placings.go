package summary

import (
	"slices"
	"sync"

	"github.com/noworse/noworse/stats"
)

// How much two areas under ROC curves vary together follows from where each row
// stands among the rows of the other class in its slice, by either model
// (stats.DeLong). Rows stand in another order by each model, so their places by
// the candidate are kept, for every slice that they are in, until the baseline's
// order is gone through. All are whole numbers: sums of them are exact, and may be
// taken in any order.

// mostPlacements is how many are kept at a time, of four bytes each. Slices that
// have more take turns, and the orders are made again for each turn.
const mostPlacements = 1 << 26

// placing works out the placements of the rows of one class and of all others.
type placing struct {
	ranks  *ranks
	class  int
	turns  []lanes
	turn   int
	stands [2]*stands // by model, where they will be needed again
	placed []uint32   // by the first model
	sums   []stats.DeLong
}

// newPlacing plans the turns of slices; nil where no placements are wanted.
func (r *ranks) newPlacing(x *sealing, class int) *placing {
	whole, sliced := slices.Contains(r.shape.Whole.Placements, class), slices.Contains(r.shape.Sliced.Placements, class)
	if class == noClass || r.shape.Weighted || !whole && !sliced {
		return nil
	}
	p := &placing{ranks: r, class: class, sums: make([]stats.DeLong, x.slots.n)}
	rows, room := x.summary.Whole().Rows(), uint64(0)
	turn := func(rows uint64) *lanes {
		if len(p.turns) == 0 || rows > room {
			p.turns, room = append(p.turns, lanes{}), r.mostPlacements
		}
		room -= min(rows, room)
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

// lanes are those whose turn it is; nil where nothing is to be placed.
func (p *placing) lanes() *lanes {
	if p == nil {
		return nil
	}
	return &p.turns[p.turn]
}

// starts is where the placements of each block's rows start.
func (r *ranks) starts(l *lanes, threads int) []uint32 {
	starts := make([]uint32, len(r.blocks)+1)
	if l == nil {
		return starts
	}
	parallel(threads, len(r.blocks), func() func(int) {
		return func(i int) {
			b := r.blocks[i]
			for j := range b.n {
				starts[i+1] += l.width(b.members[j*r.stride:])
			}
		}
	})
	for i := range r.blocks {
		starts[i+1] += starts[i]
	}
	return starts
}

// stand is where the rows at hand stand in a slot: how many positive rows are not
// below them, and how many negative ones are.
type stand struct{ above, below uint32 }

// stands is where each segment starts, by segment and slot.
type stands struct {
	slots int
	list  []stand
}

func (b *stands) at(segment int) []stand { return b.list[segment*b.slots : (segment+1)*b.slots] }

// stands adds up the segments' counts, which are whole numbers.
func (t *tallied) stands() *stands {
	b := &stands{t.slots, make([]stand, t.segments()*t.slots)}
	for slot := range t.slots {
		negative := uint32(0)
		for i := range t.segments() {
			b.at(i)[slot].below = negative
			negative += uint32(t.at(i, slot).neg)
		}
		positive := uint32(0)
		for i := t.segments() - 1; i >= 0; i-- {
			positive += uint32(t.at(i, slot).pos)
			b.at(i)[slot].above = positive
		}
	}
	return b
}

// add places the rows, in the order of one model's scores.
func (p *placing) add(x *sealing, model int, cuts []int, from *stands) {
	if p.turn == 0 && len(p.turns) > 1 {
		p.stands[model] = from
	}
	if model == 0 && p.ranks.shape.Models > 1 {
		n := p.ranks.starts(p.lanes(), x.threads)[len(p.ranks.blocks)]
		p.placed = slices.Grow(p.placed[:0], int(n))[:n]
	}
	var mu sync.Mutex
	var placers []*placer
	parallel(x.threads, len(cuts)-1, func() func(int) {
		w := &placer{
			reader: x.reader(p.ranks, *p.lanes()), positive: uint16(p.class), keep: model == 0 && p.ranks.shape.Models > 1, placed: p.placed,
			stand: make([]stand, from.slots), equal: make([]stand, from.slots), sums: make([]stats.DeLong, from.slots),
		}
		mu.Lock()
		placers = append(placers, w)
		mu.Unlock()
		return func(i int) {
			copy(w.stand, from.at(i))
			w.place(x.order.entries[cuts[i]:cuts[i+1]])
		}
	})
	for _, w := range placers {
		for slot := range w.sums {
			p.sums[slot].Positive.Merge(w.sums[slot].Positive)
			p.sums[slot].Negative.Merge(w.sums[slot].Negative)
		}
	}
}

// finish gives the remaining slices their turns and puts the sums into the summary.
func (p *placing) finish(x *sealing) {
	for p.turn = 1; p.turn < len(p.turns); p.turn++ {
		for i, c := range p.ranks.columns {
			if c.class != p.class {
				continue
			}
			cuts := p.ranks.partition(i, x, p.lanes())
			parallel(x.threads, len(cuts)-1, func() func(int) {
				read := x.reader(p.ranks, *p.lanes())
				return func(i int) { read.sort(x.order.entries[cuts[i]:cuts[i+1]]) }
			})
			p.add(x, c.model, cuts, p.stands[c.model])
		}
	}
	for slot, d := range p.sums {
		if g, group := x.slots.group(x.summary, slot); slices.Contains(g.needs.Placements, p.class) {
			g.setPlaced(group, p.class, d)
		}
	}
}

// placer places the rows of one segment after another, in the order of scores. A
// positive row's placement is twice the negative rows below it, and those of its
// own score; a negative row's is twice the positive rows above it, and those.
type placer struct {
	reader
	positive uint16
	keep     bool // the placements, for the next model; else they are added to the sums
	placed   []uint32
	stand    []stand // of the tie at hand, by slot
	equal    []stand // rows of the tie
	tied     []int   // slots of equal that are not 0
	sums     []stats.DeLong
	touched  uint32
}

// ahead is how many rows' placements are fetched together: they lie anywhere, and
// memory takes as long for many as for one.
const ahead = 16

func (p *placer) place(rows []entry) {
	fetched := 0
	for first := 0; first < len(rows); {
		end := tieEnd(rows, first)
		if first >= fetched && len(p.placed) > 0 {
			fetched = min(first+ahead, len(rows))
			for _, e := range rows[first:fetched] {
				p.touched += p.placed[min(int(e.at), len(p.placed)-1)]
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
	if p.read(e) == p.positive {
		for i, slot := range p.members {
			s := &p.stand[slot]
			s.above--
			p.take(int(e.at)+i, 2*s.below, &p.sums[slot].Positive)
		}
		return
	}
	for i, slot := range p.members {
		s := &p.stand[slot]
		s.below++
		p.take(int(e.at)+i, 2*s.above, &p.sums[slot].Negative)
	}
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
		for i, slot := range p.members {
			s, tie := p.stand[slot], p.equal[slot]
			if positive {
				p.take(int(e.at)+i, 2*s.below+tie.below, &p.sums[slot].Positive)
			} else {
				p.take(int(e.at)+i, 2*s.above-tie.above, &p.sums[slot].Negative)
			}
		}
	}
	for _, slot := range p.tied {
		p.stand[slot].above -= p.equal[slot].above
		p.stand[slot].below += p.equal[slot].below
		p.equal[slot] = stand{}
	}
	p.tied = p.tied[:0]
}

// count counts a row into the tie of a slot.
func (p *placer) count(slot int, positive bool) {
	n := &p.equal[slot]
	if n.above+n.below == 0 {
		p.tied = append(p.tied, slot)
	}
	if positive {
		n.above++
	} else {
		n.below++
	}
}

// take keeps a placement, or adds it with that by the first model.
func (p *placer) take(at int, here uint32, to *stats.Placements) {
	if p.keep {
		p.placed[at] = here
		return
	}
	before := here
	if len(p.placed) > 0 {
		before = p.placed[at]
	}
	to.Add(uint64(here), uint64(before))
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
