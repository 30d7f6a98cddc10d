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
	places []uint32 // of each row in the blocks, where it starts in placed
	starts []uint32 // of each segment
	mu     sync.Mutex
	floors [][]uint32 // of each section, by slot: of positive rows, and of negative ones
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
func (k *keeper) section(stand []uint32) uint16 {
	floor := make([]uint32, len(stand))
	for i := 0; i < len(floor); i += 2 {
		floor[i], floor[i+1] = stand[i], stand[i+1]-math.MaxUint16
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
	swapped  bool // the candidate's are kept, who is the second of the two
	positive int
	stand    []uint32 // by slot, where a positive and a negative row stand
	section  uint16
	left     int    // rows that the section has room for
	next     uint32 // place of the next row's placements

	open    []placedSums // by slot and class
	summed  int          // rows in open
	most    int          // that it may have
	sums    []stats.Placements
	fetched uint16
}

// placedSums are sums over a few rows: a is the placement that was kept.
type placedSums struct{ aa, bb, ab, moved uint64 }

func newPlacer(r reader, p *placing, keep bool) *placer {
	n := 2 * r.slots.n
	w := &placer{reader: r, keeper: &p.keeper, keep: keep, swapped: p.kept == 0, positive: p.class, most: p.mostSummed(),
		stand: make([]uint32, n), open: make([]placedSums, n), sums: make([]stats.Placements, n)}
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

// tie places rows of one score: half of each is passed before, half after.
func (p *placer) tie(rows []entry) {
	p.pass(rows)
	p.enter(len(rows))
	for first := 0; first < len(rows); first += ahead {
		p.take(rows[first:min(first+ahead, len(rows))], 0)
	}
	p.pass(rows)
}

// pass passes half of each row.
func (p *placer) pass(rows []entry) {
	for _, e := range rows {
		row := p.row(e)
		k, step := p.class(row), p.step(1)
		for _, slot := range p.list(row) {
			p.stand[2*slot|k] += step[k]
		}
	}
}

// step is what the place of the other class changes by when a negative or a
// positive row is passed: more negative ones are below, and fewer positive above.
func (p *placer) step(by uint32) [2]uint32 { return [2]uint32{by, -by} }

// class is 1 for a positive row.
func (p *placer) class(row []uint64) int {
	k := 0
	if p.layout.label.of(row) == p.positive {
		k = 1
	}
	return k
}

// enter begins a section where so many rows have no room in the last.
func (p *placer) enter(rows int) {
	if p.keep && p.left < rows {
		p.section, p.left = p.keeper.section(p.stand), sectionRows
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
	for _, e := range rows {
		row := p.row(e)
		k, slots := p.class(row), p.list(row)
		p.keeper.places[e.number] = p.next
		to := p.keeper.placed[p.next:][:len(slots)+1]
		p.next += uint32(len(to))
		to[0] = p.section
		for i, slot := range slots {
			to[i+1] = uint16(p.stand[2*slot|k^1])
			p.stand[2*slot|k] += step[k]
		}
	}
}

// square adds the placements by the only model.
func (p *placer) square(rows []entry, step [2]uint32) {
	for _, e := range rows {
		row := p.row(e)
		k := p.class(row)
		for _, slot := range p.list(row) {
			at := uint64(p.stand[2*slot|k^1])
			p.open[2*slot|k].bb += at * at
			p.stand[2*slot|k] += step[k]
		}
	}
}

// multiply adds the placements with those that were kept.
func (p *placer) multiply(rows []entry, step [2]uint32) {
	places := p.fetch(rows)
	for i, e := range rows {
		row := p.row(e)
		kept := p.keeper.placed[places[i&(ahead-1)]:]
		floors := p.keeper.floors[kept[0]]
		k, slots := p.class(row), p.list(row)
		kept = kept[1:][:len(slots)]
		for j, slot := range slots {
			b, floor := p.stand[2*slot|k^1], floors[2*slot|k^1]
			a := floor + uint32(kept[j]-uint16(floor))
			p.open[2*slot|k].add(uint64(a), uint64(b))
			p.stand[2*slot|k] += step[k]
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

// fetch is where the rows' placements are; all of them are asked for at once.
func (p *placer) fetch(rows []entry) (places [ahead]uint32) {
	for i, e := range rows {
		places[i&(ahead-1)] = p.keeper.places[e.number]
	}
	for i := range rows {
		at := int(places[i&(ahead-1)])
		p.fetched += p.keeper.placed[at] + p.keeper.placed[min(at+line, len(p.keeper.placed)-1)]
	}
	return places
}

// flush moves the open sums to where they have room.
func (p *placer) flush() {
	for i := range p.open {
		s := p.open[i]
		switch {
		case p.keeper == nil: // one model is both
			s.aa, s.ab = s.bb, s.bb
		case p.swapped:
			s.aa, s.bb = s.bb, s.aa
		}
		p.sums[i].AddSums(stats.Sums{AA: s.aa, BB: s.bb, AB: s.ab, Moved: s.moved})
		p.open[i] = placedSums{}
	}
	p.summed = 0
}
