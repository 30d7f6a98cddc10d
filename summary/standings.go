package summary

import (
	"cmp"
	"math"
	"slices"

	"github.com/noworse/noworse/stats"
)

// Where rows have weights, or depend on each other by cluster, placements are no
// whole numbers, and do not add up as those of placings.go do. Here all rows are put
// in order once for each model, and every grouping goes through both orders: a row's
// placement is known from the weights before it in its slice. Then it goes through
// the rows by cluster. Sums are made so that the order of rows, which depends on
// threads, does not matter: of rows of one score, and of one cluster, they are taken
// in the order of what is added, and over clusters they are rough.

// scoreColumns lists the scores that are held.
func (s *Shape) scoreColumns() []column {
	var list []column
	for _, class := range union(s.Whole.Standings, s.Sliced.Standings) {
		for m := range s.Models {
			list = append(list, column{model: m, class: class})
		}
	}
	return list
}

// scored is the rows in the order of each model's scores of a class.
type scored struct {
	*clustered
	class    int
	positive []bool
	orders   [][]uint32  // by model
	scores   [][]float64 // by model
}

// score finds the scores of a class among the held numbers.
func (c *clusters) score(o *clustered, shape *Shape, class int) *scored {
	s := &scored{clustered: o, class: class, positive: make([]bool, len(o.cells))}
	for row, cell := range o.cells {
		label, _ := shape.decode(int(cell))
		s.positive[row] = label == class
	}
	for m := range shape.Models {
		at := len(c.columns) + slices.Index(c.scores, column{model: m, class: class})
		s.orders = append(s.orders, s.order(o.numbers[at]))
		s.scores = append(s.scores, o.numbers[at])
	}
	return s
}

// order sorts by score, and rows of one score by their weights.
func (s *scored) order(scores []float64) []uint32 {
	entries := make([]entry, len(scores))
	for row, x := range scores {
		entries[row] = entry{key: scoreKey(x), row: uint32(row)}
	}
	sortEntries(entries, nil)
	order := make([]uint32, len(entries))
	for first := 0; first < len(entries); {
		end := tieEnd(entries, first)
		if s.weights != nil && end > first+1 {
			slices.SortFunc(entries[first:end], func(a, b entry) int { return cmp.Compare(s.weights[a.row], s.weights[b.row]) })
		}
		for i := first; i < end; i++ {
			order[i] = entries[i].row
		}
		first = end
	}
	return order
}

// stander works out the placements of the rows of some slices, of which each row is
// in one or none.
type stander struct {
	*scored
	slots  int
	slot   func(row uint32) int // below 0: in none
	all    [][2]float64         // weight: of the negative and the positive rows, by slot
	placed [2][]float64         // of each row, by model
	areas  [2][]float64         // by model, of each slot
	totals []standingTotals
	rows   []placedRow // of a cluster
}

// standingTotals are sums over the clusters of a slot: of the negative and the
// positive rows, and of both.
type standingTotals struct {
	squares  [2][3]rough
	moved    [2][2]rough // of |d| and of d^2
	sizes    [3]rough    // of squared weights; last of both classes
	cross    [3]rough
	clusters uint64
}

// placedRow is a row of a cluster.
type placedRow struct {
	slot   int
	class  int // positive or negative
	weight float64
	placed [2]float64
}

// work places the rows and adds them up by cluster.
func (f *stander) work() {
	f.all, f.totals = make([][2]float64, f.slots), make([]standingTotals, f.slots)
	for _, row := range f.orders[0] {
		if at := f.slot(row); at >= 0 {
			f.all[at][f.side(row)] += f.scored.weight(row)
		}
	}
	for m := range f.orders {
		f.place(m)
	}
	for first := 0; first < len(f.scored.rows); {
		end := tieEnd(f.scored.rows, first)
		f.cluster(f.scored.rows[first:end])
		first = end
	}
}

// side is the class of a row.
func (f *stander) side(row uint32) int {
	if f.positive[row] {
		return positive
	}
	return negative
}

// place goes through one order. The rows of a tie stand together.
func (f *stander) place(model int) {
	if f.placed[model] == nil {
		f.placed[model] = make([]float64, len(f.positive))
	}
	below, tied := make([][2]float64, f.slots), make([][2]float64, f.slots)
	sums := make([]rough, f.slots)
	order, scores := f.orders[model], f.scores[model]
	for first := 0; first < len(order); {
		end := first + 1
		for end < len(order) && scores[order[end]] == scores[order[first]] {
			end++
		}
		for _, row := range order[first:end] {
			if at := f.slot(row); at >= 0 {
				tied[at][f.side(row)] += f.scored.weight(row)
			}
		}
		for _, row := range order[first:end] {
			at := f.slot(row)
			if at < 0 {
				continue
			}
			if f.positive[row] {
				share := (below[at][negative] + tied[at][negative]/2) / f.all[at][negative]
				f.placed[model][row] = share
				sums[at].add(f.scored.weight(row) * share)
			} else {
				above := f.all[at][positive] - below[at][positive] - tied[at][positive]/2
				f.placed[model][row] = above / f.all[at][positive]
			}
		}
		for _, row := range order[first:end] {
			if at := f.slot(row); at >= 0 {
				for side, w := range tied[at] {
					below[at][side] += w
				}
				tied[at] = [2]float64{}
			}
		}
		first = end
	}
	f.areas[model] = make([]float64, f.slots)
	for at := range sums {
		f.areas[model][at] = sums[at].value().high / f.all[at][positive]
	}
}

// cluster takes in the rows of one cluster, which may be in many slots.
func (f *stander) cluster(rows []entry) {
	f.rows = f.rows[:0]
	for _, e := range rows {
		at, w := f.slot(e.row), f.scored.weight(e.row)
		if at < 0 || w == 0 {
			continue
		}
		r := placedRow{slot: at, class: f.side(e.row), weight: w}
		for m := range f.orders {
			r.placed[m] = f.placed[m][e.row]
		}
		f.rows = append(f.rows, r)
	}
	if len(f.rows) > 1 {
		slices.SortFunc(f.rows, func(a, b placedRow) int {
			return cmp.Or(cmp.Compare(a.slot, b.slot), cmp.Compare(a.class, b.class),
				cmp.Compare(a.placed[0], b.placed[0]), cmp.Compare(a.placed[1], b.placed[1]), cmp.Compare(a.weight, b.weight))
		})
	}
	for list := f.rows; len(list) > 0; {
		n := 1
		for n < len(list) && list[n].slot == list[0].slot {
			n++
		}
		f.add(list[0].slot, list[:n])
		list = list[n:]
	}
}

// add takes in the rows of a cluster that are in one slot. A cluster adds to an area
// what its rows' placements are above or below it, by their share of the weight.
func (f *stander) add(slot int, rows []placedRow) {
	var sizes, moved [2]float64
	var adds [2][3]float64 // to the candidate's, the baseline's, and the candidate's less the baseline's
	for _, r := range rows {
		share := r.weight / f.all[slot][r.class]
		sizes[r.class] += share
		for m := range f.orders {
			adds[r.class][m] += share * (r.placed[m] - f.areas[m][slot])
		}
		if len(f.orders) > 1 {
			moved[r.class] += share * (r.placed[0] - r.placed[1])
		}
	}
	t := &f.totals[slot]
	t.clusters++
	both := sizes[0]*f.all[slot][0] + sizes[1]*f.all[slot][1]
	t.sizes[2].add(both * both)
	for side := range sizes {
		adds[side][2] = adds[side][0] - adds[side][1]
		t.sizes[side].add(sizes[side] * sizes[side])
		t.moved[side][0].add(math.Abs(moved[side]))
		t.moved[side][1].add(moved[side] * moved[side])
		for i, x := range adds[side] {
			t.squares[side][i].add(x * x)
		}
	}
	for i := range t.cross {
		t.cross[i].add(adds[0][i] * adds[1][i])
	}
}

// of is what is known of a slot. stats calls the baseline's area A.
func (f *stander) of(slot int) stats.UnitAreas {
	t, w := &f.totals[slot], f.all[slot]
	value := func(r *rough) float64 { return r.value().high }
	both := w[0] + w[1]
	u := stats.UnitAreas{B: f.areas[0][slot], A: f.areas[0][slot], Units: both * both / value(&t.sizes[2])}
	if len(f.orders) > 1 {
		u.A = f.areas[1][slot]
	}
	for side, to := range []*stats.UnitPlacements{&u.Negative, &u.Positive} {
		to.Units = 1 / value(&t.sizes[side])
		to.Moved = 0
		if squares := value(&t.moved[side][1]); squares > 0 {
			sum := value(&t.moved[side][0])
			to.Moved = sum / squares * sum
		}
		for i, from := range []int{1, 0, 2} {
			to.Squares[i] = value(&t.squares[side][from])
		}
	}
	for i, from := range []int{1, 0, 2} {
		u.Cross[i] = value(&t.cross[from])
	}
	if len(f.orders) == 1 {
		u.Positive.Squares[0], u.Negative.Squares[0], u.Cross[0] = u.Positive.Squares[1], u.Negative.Squares[1], u.Cross[1]
		u.Positive.Squares[2], u.Negative.Squares[2], u.Cross[2] = 0, 0, 0
	}
	return u
}

// sealAreas works out, for every slice that asks for it, how much areas vary.
func (c *clusters) sealAreas(s *Summary, o *clustered, threads int) {
	for _, class := range union(s.shape.Whole.Standings, s.shape.Sliced.Standings) {
		rows := c.score(o, &s.shape, class)
		groupings := append([]*grouping{s.whole, s.named}, s.by...)
		parallel(threads, len(groupings), func() func(int) {
			placed := [2][]float64{}
			return func(i int) {
				g := groupings[i]
				k := slices.Index(g.needs.Standings, class)
				if k < 0 || g.groups == 0 {
					return
				}
				if g.standings == nil {
					g.standings = make([]stats.UnitAreas, g.groups*len(g.needs.Standings))
				}
				work := func(slots int, slot func(uint32) int, group func(slot int) int) {
					f := &stander{scored: rows, slots: slots, slot: slot, placed: placed}
					f.work()
					placed = f.placed
					for at := range slots {
						g.standings[group(at)*len(g.needs.Standings)+k] = f.of(at)
					}
				}
				itself := func(slot int) int { return slot }
				switch i {
				case 0:
					work(1, func(uint32) int { return 0 }, itself)
				case 1:
					for j := range g.groups {
						inside := c.inside(j, len(o.cells))
						work(1, func(row uint32) int { return int(inside[row>>6]>>(row&63)&1) - 1 }, func(int) int { return j })
					}
				default:
					codes := c.codes(i - 2)
					work(g.groups, func(row uint32) int { return int(codes[row]) }, itself)
				}
			}
		})
	}
}

// inside has a bit for each of so many rows, set where the row is in a named slice.
func (c *clusters) inside(named, rows int) []uint64 {
	bits := make([]uint64, (rows+63)/64)
	first := 0
	for _, b := range c.blocks {
		copyBits(bits, 1, first, b.named[named], 0, b.rows)
		first += b.rows
	}
	return bits
}

// Standing is what two areas under ROC curves of a class, and their difference,
// vary by, where rows have weights or depend on each other; false where that is not
// kept, or where either class has no weight. The baseline's area is A.
func (v View) Standing(class int) (stats.UnitAreas, bool) {
	k := slices.Index(v.g.needs.Standings, class)
	if k < 0 || v.g.standings == nil {
		return stats.UnitAreas{}, false
	}
	u := v.g.standings[v.group*len(v.g.needs.Standings)+k]
	return u, u.Positive.Units > 0 && u.Negative.Units > 0
}
