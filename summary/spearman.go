package summary

import "math"

// Columns of a regression that are kept beside its absolute errors, and are not
// put in order over all rows: each slice has an order of its own.
const (
	theTarget     = noClass - 1
	thePrediction = noClass - 2
)

// memberships are the rows of each group of one grouping: those of group i are
// rows[starts[i]:starts[i+1]], as places among all rows.
type memberships struct{ starts, rows []uint32 }

// spearman puts the rank correlation of every slice into the summary.
func (r *ranks) spearman(s *Summary, threads int) {
	var target column
	predictions := make([]int, r.shape.Models)
	place := 0
	for i, c := range r.columns {
		switch c.class {
		case theTarget:
			target, place = c, i
		case thePrediction:
			predictions[c.model] = i
		}
	}
	correlate := func(g *grouping, m memberships) {
		g.spearman = make([]float64, g.groups*r.shape.Models)
		parallel(threads, g.groups, func() func(int) {
			var w rankWork
			return func(group int) {
				rows := m.rows[m.starts[group]:m.starts[group+1]]
				truth := w.ranks(r, place, rows, nil)
				var said []uint32
				for model, column := range predictions {
					said = w.ranks(r, column, rows, said)
					g.spearman[group*r.shape.Models+model] = correlation(truth, said)
				}
			}
		})
	}
	correlate(s.whole, r.everyRow())
	if !target.sliced {
		return
	}
	for by, g := range s.by {
		correlate(g, r.ofGroups(g.groups, func(b *rowBlock, add func(int, int)) {
			for i := range b.n {
				add(i, b.by[by].at(i))
			}
		}))
	}
	correlate(s.named, r.ofGroups(s.named.groups, (*rowBlock).eachNamed))
}

func (r *ranks) everyRow() memberships {
	n := uint32(0)
	for _, b := range r.blocks {
		n += uint32(b.n)
	}
	m := memberships{starts: []uint32{0, n}, rows: make([]uint32, n)}
	for i := range m.rows {
		m.rows[i] = uint32(i)
	}
	return m
}

// ofGroups lists the rows of so many groups; of calls add with the rows of a block
// that are in each group, ascending, and the group.
func (r *ranks) ofGroups(groups int, of func(b *rowBlock, add func(row, group int))) memberships {
	m := memberships{starts: make([]uint32, groups+1)}
	each := func(add func(row uint32, group int)) {
		first := 0
		for _, b := range r.blocks {
			of(b, func(row, group int) { add(uint32(first+row), group) })
			first += b.n
		}
	}
	each(func(_ uint32, group int) { m.starts[group+1]++ })
	for g := range groups {
		m.starts[g+1] += m.starts[g]
	}
	m.rows = make([]uint32, m.starts[groups])
	next := append([]uint32(nil), m.starts...)
	each(func(row uint32, group int) {
		m.rows[next[group]] = row
		next[group]++
	})
	return m
}

// rankWork is memory that is used again.
type rankWork struct{ entries, spare []entry }

// ranks are twice the ranks, from 2, of the numbers that these rows have in a
// column: equal numbers share the mean of their ranks.
func (w *rankWork) ranks(r *ranks, column int, rows, to []uint32) []uint32 {
	w.entries = w.entries[:0]
	block, first := 0, uint32(0)
	for i, row := range rows { // ascending
		for row >= first+uint32(r.blocks[block].n) {
			first += uint32(r.blocks[block].n)
			block++
		}
		w.entries = append(w.entries, entry{key: scoreKey(r.blocks[block].numbers[column][row-first]), row: uint32(i)})
	}
	w.spare = sortEntries(w.entries, w.spare)
	if cap(to) < len(rows) {
		to = make([]uint32, len(rows))
	}
	to = to[:len(rows)]
	for first := 0; first < len(w.entries); {
		end := tieEnd(w.entries, first)
		for _, e := range w.entries[first:end] {
			to[e.row] = uint32(first + end + 1) // first+1 to end, their mean doubled
		}
		first = end
	}
	return to
}

// correlation is Pearson's of doubled ranks; NaN where either side does not vary.
// Deviations from the mean are whole numbers below 2^25 and their products below
// 2^50, so doubles hold them, and their sums are exact.
func correlation(a, b []uint32) float64 {
	mean := float64(len(a) + 1)
	var both, left, right Sum
	for i := range a {
		x, y := float64(a[i])-mean, float64(b[i])-mean
		both.Add(x * y)
		left.Add(x * x)
		right.Add(y * y)
	}
	spread := math.Sqrt(left.Value()) * math.Sqrt(right.Value())
	if spread == 0 {
		return math.NaN()
	}
	return min(max(both.Value()/spread, -1), 1)
}

// Spearman is the rank correlation of a model's predictions with the target; NaN
// where there is none. It is for sealed summaries whose shape asks for it.
func (v View) Spearman(model int) float64 {
	if v.g.spearman == nil {
		return math.NaN()
	}
	return v.g.spearman[v.group*v.g.shape.Models+model]
}
