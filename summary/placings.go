package summary

import (
	"math/bits"
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

// Placements take two bytes each (placer.go), and so much memory as the orders
// leave of mostHeld, or leastPlacements where they leave less. Slices that have
// more take turns, each of which goes through both orders.
const (
	mostHeld        = 768 << 20
	leastPlacements = 1 << 26
)

// mostPlaced is the most rows that are placed: four times as many as are ever held
// by default. Up to here twice the pairs of a slice are whole numbers in doubles,
// and sections have numbers of 16 bits.
const mostPlaced = 1 << 26

// placements is how many are kept at a time.
func (r *ranks) placements(rows uint64, x *sealing) uint64 {
	if r.mostPlacements > 0 {
		return r.mostPlacements
	}
	row := 8*len(r.columns) + 1 + r.shape.By + (r.shape.Named+7)/8 // as it came
	row += 16 + 8*x.layout.words                                   // in an order
	row += 4                                                       // the place of its placements
	return max(leastPlacements, (mostHeld-min(rows*uint64(row), mostHeld))/2)
}

// placing works out the placements of the rows of one class and of all others.
type placing struct {
	ranks  *ranks
	class  int
	turns  []lanes
	most   uint64 // placements of a turn
	turn   int
	cuts   [2][]int     // of the orders by each model
	stands [2]*stands   // where their segments start
	counts [2][]counted // of each slot, by each model
	keeper keeper
	sums   []stats.DeLong
}

// newPlacing plans the turns of slices; nil where no placements are wanted.
func (r *ranks) newPlacing(x *sealing, class int) *placing {
	whole, sliced := slices.Contains(r.shape.Whole.Placements, class), slices.Contains(r.shape.Sliced.Placements, class)
	rows := x.summary.Whole().Rows()
	if class == noClass || r.shape.Weighted || !whole && !sliced || rows > mostPlaced {
		return nil
	}
	p := &placing{ranks: r, class: class, sums: make([]stats.DeLong, x.slots.n)}
	all, room := uint64(0), uint64(0)
	turn := func(more uint64) *lanes {
		if len(p.turns) == 0 || more > room {
			most := r.placements(rows, x)
			p.turns, room, all = append(p.turns, lanes{}), most-min(rows, most), rows // a section for each row
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
			turn(x.summary.Named(i).Rows()).addNamed(i)
		}
	}
	if len(p.turns) == 0 {
		return nil // there are no slices
	}
	return p
}

// stand is the placements of a negative and of a positive row at some place in the
// order: twice the positive rows above it, and twice the negative rows below it.
type stand [2]uint32

const (
	negative = iota
	positive
)

// stands is where the rows at the start of each segment stand, by segment and slot,
// and where those at the end of the last one do.
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
			b.at(i + 1)[slot][positive] = s[positive] + 2*uint32(t.at(i, slot).neg)
		}
	}
	for i := t.segments() - 1; i >= 0; i-- {
		for slot, s := range b.at(i + 1) {
			b.at(i)[slot][negative] = s[negative] + 2*uint32(t.at(i, slot).pos)
		}
	}
	return b
}

// starts is where the placements of each segment start: those of a row in these
// slots follow the number of its section.
func (b *stands) starts(in, cuts []int) []uint32 {
	starts := make([]uint32, len(cuts))
	for i := range starts[1:] {
		starts[i+1] = starts[i] + uint32(cuts[i+1]-cuts[i])
		here, next := b.at(i), b.at(i+1)
		for _, slot := range in {
			starts[i+1] += (here[slot][negative] - next[slot][negative] + next[slot][positive] - here[slot][positive]) / 2
		}
	}
	return starts
}

// add places the rows of the first turn, in the order of one model's scores.
func (p *placing) add(x *sealing, model int, cuts []int, t *tallied) {
	p.cuts[model], p.stands[model] = cuts, t.stands()
	for slot := range t.slots {
		p.counts[model] = append(p.counts[model], t.count(slot))
	}
	p.place(x, model)
}

// names are what rows are called in the order by a model, once the placements by
// the other are kept: where these start. Nil where there are none.
func (p *placing) names(model int) []uint32 {
	if p == nil || model == 0 {
		return nil
	}
	return p.keeper.places
}

// place goes through the order by a model: the candidate's placements are kept, if
// there is a baseline.
func (p *placing) place(x *sealing, model int) {
	cuts, from, l := p.cuts[model], p.stands[model], p.turns[p.turn]
	keep := p.ranks.shape.Models > 1 && model == 0
	if keep {
		p.keeper.begin(p.most, from.starts(x.slots.in(&l), cuts), cuts[len(cuts)-1])
	}
	var mu sync.Mutex
	var placers []*placer
	parallel(x.threads, len(cuts)-1, func() func(int) {
		w := newPlacer(x.reader(l), p, keep)
		mu.Lock()
		placers = append(placers, w)
		mu.Unlock()
		return func(i int) {
			for slot, s := range from.at(i) {
				w.state[slot].stand = s
			}
			w.segment(i, x.order.entries[cuts[i]:cuts[i+1]])
		}
	})
	for _, w := range placers {
		w.flush()
		for slot := range p.sums {
			p.sums[slot].Negative.Merge(w.sums[slot].Negative)
			p.sums[slot].Positive.Merge(w.sums[slot].Positive)
		}
	}
}

// mostSummed is how many rows' products of two placements fit in 64 bits.
func (p *placing) mostSummed() int {
	all := p.counts[0][0]
	return 1 << (62 - 2*bits.Len64(uint64(max(all.pos, all.neg))))
}

// finish gives the remaining slices their turns, each with both orders again, and
// puts the sums into the summary.
func (p *placing) finish(x *sealing) {
	for p.turn = 1; p.turn < len(p.turns); p.turn++ {
		for i, c := range p.ranks.columns {
			if c.class == p.class {
				p.sort(x, i)
				p.place(x, c.model)
			}
		}
	}
	for slot, d := range p.sums {
		if g, group := x.slots.group(x.summary, slot); slices.Contains(g.needs.Placements, p.class) {
			a, b := p.counts[p.ranks.shape.Models-1][slot], p.counts[0][slot]
			d.Positive.AddSums(stats.Sums{Rows: uint64(a.pos), A: uint64(a.twice), B: uint64(b.twice)})
			d.Negative.AddSums(stats.Sums{Rows: uint64(a.neg), A: uint64(a.twice), B: uint64(b.twice)})
			g.setPlaced(group, p.class, d)
		}
	}
}

// sort puts the rows in the order of a column again.
func (p *placing) sort(x *sealing, column int) {
	cuts := p.ranks.partition(column, x, p.names(p.ranks.columns[column].model))
	parallel(x.threads, len(cuts)-1, func() func(int) {
		read := x.reader(p.turns[p.turn])
		return func(i int) { read.sort(x.order.entries[cuts[i]:cuts[i+1]]) }
	})
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
