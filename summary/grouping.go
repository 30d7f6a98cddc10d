package summary

import (
	"math/bits"
	"slices"

	"github.com/noworse/noworse/stats"
)

// grouping is the statistics of a list of groups of rows: of the whole set (one
// group), of the named slices, or of the slices by some columns. Every
// statistic is an array over groups.
type grouping struct {
	shape   *Shape
	needs   Needs
	indexes []int // of needs.Losses among the summary's losses
	// Of needs.Products and Differing: where their addends are among the summary's
	// terms, and of Products where they are in sums (of one group) or roughs.
	extra, places []int
	exact         int // products of the target
	groups        int
	cells         int // of one group
	// Cells hold the rows by label and answers. There are Classes^3 of them
	// with two models, most of them empty when there are many classes: then
	// they are kept in tables, and weights only as confusion matrices.
	counts    []uint64
	weights   []Sum
	table     cellTable
	pairs     []pairTable // by model
	sorted    []cellCount // of the table; after Seal
	sums      []Sum       // by group: by loss and model, then products of the target
	fixed     []fixed     // the same, of small losses without weights
	roughs    []rough     // by group, product of others
	differing []uint64    // by group, loss
	parts     []part
	// Which clusters there are, by group; after Seal.
	clusters []clusterKinds
	// Order statistics, after Seal.
	areas      []Area            // by group, model, class
	placed     []stats.DeLong    // by group, class
	influenced []stats.OfClasses // by group, value
	versus     []Pairs           // by group, model
	medians    []float64
	spearman   []float64 // by group, model
}

// denseCells is the most cells of a group that are kept in an array.
const denseCells = 64

func (s *Summary) newGrouping(needs Needs, groups int) *grouping {
	shape := &s.shape
	g := &grouping{shape: shape, needs: needs, cells: shape.Classes}
	for range shape.Models {
		g.cells *= shape.Classes
	}
	for _, l := range needs.Losses {
		g.indexes = append(g.indexes, slices.Index(s.losses, l))
	}
	first := len(s.losses) * shape.Models
	exact := 0
	for i, p := range needs.Products {
		g.extra = append(g.extra, first+slices.Index(s.products.list, p))
		if p.ofTarget() {
			g.places = append(g.places, len(g.indexes)*shape.Models+exact)
			exact++
		} else {
			g.places = append(g.places, i-exact)
		}
	}
	g.exact = exact
	for _, l := range needs.Differing {
		g.extra = append(g.extra, first+len(s.products.list)+slices.Index(s.products.differing, l))
	}
	if g.isSparse() && shape.Weighted {
		for range shape.Models {
			g.pairs = append(g.pairs, pairTable{})
		}
	}
	g.parts = newParts(shape, needs)
	g.grow(groups)
	return g
}

// grow makes room for so many groups.
func (g *grouping) grow(groups int) {
	if groups <= g.groups {
		return
	}
	g.groups = groups
	if !g.isSparse() {
		g.counts = extend(g.counts, groups*g.cells)
		if g.shape.Weighted {
			g.weights = extend(g.weights, groups*g.cells)
		}
	}
	g.sums = extend(g.sums, groups*g.perGroup())
	g.fixed = extend(g.fixed, groups*g.perGroup())
	g.roughs = extend(g.roughs, groups*g.rough())
	g.differing = extend(g.differing, groups*len(g.needs.Differing))
	for _, p := range g.parts {
		p.grow(groups)
	}
}

func (g *grouping) isSparse() bool { return g.cells > denseCells }

func extend[T any](s []T, n int) []T {
	return append(s, make([]T, n-len(s))...)
}

// addMask counts the rows of a batch whose bit is set into one group.
func (g *grouping) addMask(group int, mask []uint64, b *Batch, w *scratch) {
	if !g.isSparse() {
		g.countMask(group, mask, w)
		if b.Weight == nil && len(g.indexes) == 0 && len(g.parts) == 0 {
			return
		}
	}
	w.rows = w.rows[:0]
	for i, word := range mask {
		for ; word != 0; word &= word - 1 {
			w.rows = append(w.rows, uint32(i<<6+bits.TrailingZeros64(word)))
		}
	}
	g.addRows(group, w.rows, b, w)
}

// countMask counts rows by cell, 64 at a time.
func (g *grouping) countMask(group int, mask []uint64, w *scratch) {
	words := len(mask)
	for c := range g.cells {
		n := 0
		for i, word := range w.masks[c*words : (c+1)*words] {
			n += bits.OnesCount64(word & mask[i])
		}
		g.counts[group*g.cells+c] += uint64(n)
	}
}

// addRows adds the listed rows' weights and losses, and where cells are many
// their counts.
func (g *grouping) addRows(group int, rows []uint32, b *Batch, w *scratch) {
	switch {
	case g.isSparse():
		for _, i := range rows {
			g.addSparse(uint32(group), w.cells[i], b, i)
		}
	case b.Weight != nil:
		weights := g.weights[group*g.cells : (group+1)*g.cells]
		for _, i := range rows {
			weights[w.cells[i]].Add(b.Weight[i])
		}
	}
	g.eachTerm(w, func(offset int, t *terms) {
		if t.fixed != nil {
			g.fixed[group*g.perGroup()+offset].add(sumRows(t.fixed, rows))
			return
		}
		sum := &g.sums[group*g.perGroup()+offset]
		sum.AddRows(t.main, rows)
		if t.rest != nil {
			sum.AddRows(t.rest, rows)
		}
	})
	g.eachProduct(w, func(place int, t *terms) {
		sum := &g.roughs[group*g.rough()+place]
		for _, i := range rows {
			sum.add(t.main[i])
		}
	}, func(place int, t *terms) {
		g.differing[group*len(g.needs.Differing)+place] += sumRows(t.fixed, rows).whole
	})
	for _, p := range g.parts {
		for _, i := range rows {
			p.add(group, int(i), b)
		}
	}
}

// addCodes counts each row of a batch into the group that codes names.
func (g *grouping) addCodes(codes []uint32, b *Batch, w *scratch) {
	if len(codes) == 0 {
		return
	}
	g.grow(int(slices.Max(codes)) + 1)
	if g.isSparse() {
		for i, c := range codes {
			g.addSparse(c, w.cells[i], b, uint32(i))
		}
	} else {
		for i, c := range codes {
			g.counts[int(c)*g.cells+int(w.cells[i])]++
		}
		if b.Weight != nil {
			for i, c := range codes {
				g.weights[int(c)*g.cells+int(w.cells[i])].Add(b.Weight[i])
			}
		}
	}
	per := g.perGroup()
	g.eachTerm(w, func(offset int, t *terms) {
		if t.fixed != nil {
			for i, c := range codes {
				g.fixed[int(c)*per+offset].add(t.fixed[i])
			}
			return
		}
		for i, c := range codes {
			g.sums[int(c)*per+offset].Add(t.main[i])
		}
		if t.rest != nil {
			for i, c := range codes {
				g.sums[int(c)*per+offset].Add(t.rest[i])
			}
		}
	})
	g.eachProduct(w, func(place int, t *terms) {
		addRough(g.roughs, g.rough(), place, codes, t.main)
	}, func(place int, t *terms) {
		per := len(g.needs.Differing)
		for i, c := range codes {
			g.differing[int(c)*per+place] += t.fixed[i].whole
		}
	})
	for _, p := range g.parts {
		for i, c := range codes {
			p.add(int(c), i, b)
		}
	}
}

func (g *grouping) addSparse(group, number uint32, b *Batch, row uint32) {
	g.table.add(cellKey(int(group), number), 1)
	for m, pairs := range g.pairs {
		pair := uint32(b.Label[row])*uint32(g.shape.Classes) + uint32(b.Models[m].Class[row])
		pairs.at(cellKey(int(group), pair)).Add(b.Weight[row])
	}
}

// perGroup is the number of sums of one group.
func (g *grouping) perGroup() int { return len(g.indexes)*g.shape.Models + g.exact }

// rough is the number of rough sums of one group.
func (g *grouping) rough() int { return len(g.places) - g.exact }

// eachTerm calls f with the place of each sum within a group and its addends.
func (g *grouping) eachTerm(w *scratch, f func(offset int, t *terms)) {
	for j, index := range g.indexes {
		for m := range g.shape.Models {
			if m > 0 && g.needs.Losses[j].ofTarget() {
				continue
			}
			f(j*g.shape.Models+m, &w.terms[index*g.shape.Models+m])
		}
	}
	for k, p := range g.needs.Products {
		if p.ofTarget() {
			f(g.places[k], &w.terms[g.extra[k]])
		}
	}
}

// eachProduct calls f with the place of each rough sum within a group and its
// addends, and differs with that of each loss of which rows are counted.
func (g *grouping) eachProduct(w *scratch, f, differs func(place int, t *terms)) {
	for k, p := range g.needs.Products {
		if !p.ofTarget() {
			f(g.places[k], &w.terms[g.extra[k]])
		}
	}
	for k := range g.needs.Differing {
		differs(k, &w.terms[g.extra[len(g.needs.Products)+k]])
	}
}

// absorb adds the groups of t: group i to group to[i], or i where to is nil.
func (g *grouping) absorb(t *grouping, to []uint32) {
	target := func(i int) int {
		if to == nil {
			return i
		}
		return int(to[i])
	}
	for i := range t.groups {
		g.grow(target(i) + 1)
	}
	t.table.each(func(group int, number uint32, count uint64) {
		g.table.add(cellKey(target(group), number), count)
	})
	for m, pairs := range t.pairs {
		for key, sum := range pairs {
			g.pairs[m].at(cellKey(target(int(key>>32)), uint32(key))).Merge(sum)
		}
	}
	for i := range t.groups {
		j := target(i)
		block(g.counts, j, g.groups, t.counts, i, t.groups, func(a, b *uint64) { *a += *b })
		block(g.weights, j, g.groups, t.weights, i, t.groups, (*Sum).Merge)
		block(g.sums, j, g.groups, t.sums, i, t.groups, (*Sum).Merge)
		block(g.fixed, j, g.groups, t.fixed, i, t.groups, func(a, b *fixed) { a.add(*b) })
		block(g.roughs, j, g.groups, t.roughs, i, t.groups, (*rough).merge)
		block(g.differing, j, g.groups, t.differing, i, t.groups, func(a, b *uint64) { *a += *b })
		for k, p := range g.parts {
			p.absorb(j, t.parts[k], i)
		}
	}
}

// block adds group i of n of one array to group j of m of another.
func block[T any](to []T, j, m int, from []T, i, n int, add func(a, b *T)) {
	if len(from) == 0 {
		return
	}
	size := len(from) / n
	for x := range size {
		add(&to[j*(len(to)/m)+x], &from[i*size+x])
	}
}

// seal ends the adding.
func (g *grouping) seal() {
	g.binAreas()
	if g.isSparse() {
		g.sorted = g.table.sorted()
		g.table = cellTable{}
	}
}

// eachCell calls f with the cells of a group that have rows, in order.
func (g *grouping) eachCell(group int, f func(number int, count uint64)) {
	if g.isSparse() {
		for _, c := range ofGroup(g.sorted, group) {
			f(int(uint32(c.key)), c.count)
		}
		return
	}
	for number, count := range g.counts[group*g.cells : (group+1)*g.cells] {
		if count > 0 {
			f(number, count)
		}
	}
}

// eachWeight calls f with the sums of weights of a group, by true class and the
// class that a model predicted, in parts that add up.
func (g *grouping) eachWeight(group, model int, f func(label, predicted int, weight *Sum)) {
	k := g.shape.Classes
	if !g.isSparse() {
		g.eachCell(group, func(number int, _ uint64) {
			label, predicted := g.shape.decode(number)
			f(label, predicted[model], &g.weights[group*g.cells+number])
		})
		return
	}
	for pair := range k * k {
		if sum := g.pairs[model][cellKey(group, uint32(pair))]; sum != nil {
			f(pair/k, pair%k, sum)
		}
	}
}
