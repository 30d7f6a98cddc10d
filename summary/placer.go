package summary

import (
	"math"
	"sync"

	"github.com/noworse/noworse/stats"
)

// keeper keeps the placements by one model, in its order: for each row the number
// of its section, then the last 16 bits of its placement in each slot. A section is
// so few rows that those bits and the section's floor, the least that they may
// stand for, tell the placement.
type keeper struct {
	placed []uint16
	places []uint32 // of each row as it came, where it starts in placed
	starts []uint32 // of each segment
	mu     sync.Mutex
	floors [][]stand // of each section, by slot
}

// sectionRows is the most rows of a section, unless all have one score.
const sectionRows = math.MaxUint16 / 2

func (k *keeper) begin(most uint64, starts []uint32, rows int) {
	if k.placed == nil {
		k.placed, k.places = make([]uint16, most), make([]uint32, rows)
	}
	k.starts, k.floors = starts, nil
}

// section begins with rows that stand here. Those that follow have more negative
// rows below them, and fewer positive ones above.
func (k *keeper) section(state []placedSlot) uint16 {
	floor := make([]stand, len(state))
	for i := range state {
		at := state[i].stand
		floor[i] = stand{negative: at[negative] - math.MaxUint16, positive: at[positive]}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.floors = append(k.floors, floor)
	return uint16(len(k.floors) - 1)
}

// placer places the rows of one segment after another, in the order of scores. A
// positive row's placement is twice the negative rows below it, and those of its
// own score; a negative row's is twice the positive rows above it, and those.
type placer struct {
	reader
	keeper   *keeper
	keep     bool // the placements, for the other model; else they are added to the sums
	positive int
	state    []placedSlot
	tied     tied
	section  uint16
	left     int    // rows that the section has room for
	next     uint32 // place of the next row's placements

	summed  int // rows in the sums of state
	most    int // that they may have
	sums    []stats.DeLong
	fetched uint16
}

// placedSlot is where a negative and a positive row of a slot stand, and sums over a
// few rows of either: a is the placement that was kept.
type placedSlot struct {
	stand stand
	sums  [2]placedSums
}

type placedSums struct{ aa, bb, ab, moved uint64 }

func newPlacer(r reader, p *placing, keep bool) *placer {
	w := &placer{reader: r, keeper: &p.keeper, keep: keep, positive: p.class, most: p.mostSummed(),
		state: make([]placedSlot, r.slots.n), sums: make([]stats.DeLong, r.slots.n), tied: newTied(r.slots.n, r.layout)}
	if p.ranks.shape.Models == 1 {
		w.keeper = nil
	}
	return w
}

// ahead is how many rows' placements are fetched together: they may lie anywhere,
// and memory takes as long for many as for one.
const ahead = 32

// segment places sorted rows, the first of which stands at p.stand.
func (p *placer) segment(i int, rows []entry) {
	if p.keep {
		p.next, p.left = p.keeper.starts[i], 0
	}
	for first := 0; first < len(rows); {
		end := singlesEnd(rows, first)
		for first < end {
			some := rows[first:min(first+ahead, end)]
			p.enter(len(some))
			p.take(some, 2)
			first += len(some)
		}
		if first < len(rows) {
			end = tieEnd(rows, first)
			p.tie(rows[first:end])
			first = end
		}
	}
}

// singlesEnd is the end of the rows that have a score of their own.
func singlesEnd(rows []entry, first int) int {
	for end := first + 1; end < len(rows); end++ {
		if rows[end].key == rows[end-1].key {
			return end - 1
		}
	}
	return len(rows)
}

// tie places rows of one score: half of them are passed before, half after.
func (p *placer) tie(rows []entry) {
	p.tied.count(&p.reader, rows, p.positive)
	p.passHalf()
	p.enter(len(rows))
	for first := 0; first < len(rows); first += ahead {
		p.take(rows[first:min(first+ahead, len(rows))], 0)
	}
	p.passHalf()
}

func (p *placer) passHalf() {
	for _, slot := range p.tied.slots {
		s, n := &p.state[slot].stand, p.tied.rows[slot]
		s[positive] += n[negative]
		s[negative] -= n[positive]
	}
}

// step is what the stand of the other class changes by when a negative or a
// positive row is passed: more negative ones are below, and fewer positive above.
func (p *placer) step(by uint32) [2]uint32 { return [2]uint32{negative: by, positive: -by} }

func (p *placer) class(row []uint64) int {
	class := negative
	if p.layout.label.of(row) == p.positive {
		class = positive
	}
	return class
}

// enter begins a section where so many rows have no room in the last.
func (p *placer) enter(rows int) {
	if p.keep && p.left < rows {
		p.section, p.left = p.keeper.section(p.state), sectionRows
	}
	p.left -= rows
}

// take takes the placements of up to ahead rows, and passes them by so many halves.
func (p *placer) take(rows []entry, by uint32) {
	if p.keep {
		p.hold(rows, p.step(by))
		return
	}
	if p.summed+len(rows) > p.most {
		p.flush()
	}
	p.summed += len(rows)
	if p.keeper == nil {
		p.square(rows, p.step(by))
	} else {
		p.multiply(rows, p.step(by))
	}
}

// hold keeps placements.
func (p *placer) hold(rows []entry, step [2]uint32) {
	state := p.state
	for _, e := range rows { // asks for memory, as fetch does
		p.fetched += uint16(p.keeper.places[e.number])
	}
	for _, e := range rows {
		row := p.row(e)
		k, slots := p.class(row), p.list(row)
		p.keeper.places[e.number] = p.next
		to := p.keeper.placed[p.next:][:len(slots)+1]
		p.next += uint32(len(to))
		to[0] = p.section
		to = to[1:][:len(slots)]
		for i, slot := range slots {
			s := &state[slot]
			to[i] = uint16(s.stand[k&1])
			s.stand[k&1^1] += step[k&1]
		}
	}
}

// square adds the placements by the only model.
func (p *placer) square(rows []entry, step [2]uint32) {
	for _, e := range rows {
		row := p.row(e)
		k := p.class(row)
		for _, slot := range p.list(row) {
			s := &p.state[slot]
			at := uint64(s.stand[k])
			s.sums[k].add(at, at)
			s.stand[k^1] += step[k]
		}
	}
}

// multiply adds the placements with those that were kept.
func (p *placer) multiply(rows []entry, step [2]uint32) {
	p.fetch(rows)
	state := p.state
	for _, e := range rows {
		row := p.row(e)
		kept := p.keeper.placed[e.number:]
		floors := p.keeper.floors[kept[0]][:len(state)]
		k, slots := p.class(row), p.list(row)
		kept = kept[1:][:len(slots)]
		for j, slot := range slots {
			s, floor := &state[slot], floors[slot][k&1]
			a := floor + uint32(kept[j]-uint16(floor))
			s.sums[k&1].add(uint64(a), uint64(s.stand[k&1]))
			s.stand[k&1^1] += step[k&1]
		}
	}
}

func (s *placedSums) add(a, b uint64) {
	s.aa += a * a
	s.bb += b * b
	s.ab += a * b
	s.moved += max(a, b) - min(a, b)
}

// line is how far a row's placements may reach into memory that is fetched apart.
const line = 31

// fetch asks for the placements of all of some rows at once.
func (p *placer) fetch(rows []entry) {
	placed := p.keeper.placed
	for _, e := range rows {
		p.fetched += placed[e.number] + placed[min(int(e.number)+line, len(placed)-1)]
	}
}

// flush moves the sums to where they have room.
func (p *placer) flush() {
	for slot := range p.state {
		s := &p.state[slot].sums
		p.sums[slot].Negative.AddSums(s[negative].closed())
		p.sums[slot].Positive.AddSums(s[positive].closed())
		*s = [2]placedSums{}
	}
	p.summed = 0
}

// closed has the model first whose placements were not kept: the baseline.
func (s placedSums) closed() stats.Sums {
	return stats.Sums{AA: s.bb, BB: s.aa, AB: s.ab, Moved: s.moved}
}
