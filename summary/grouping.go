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
	shape  *Shape
	needs  Needs
	places []int // of the summary's terms: the number of its sums; -1 for those that are not needed
	groups int
	cells  int // of one group
	// Cells hold the rows by label and answers. There are Classes^3 of them
	// with two models, most of them empty when there are many classes: then
	// they are kept in tables, and weights only as confusion matrices.
	counts    []uint64
	weights   []Sum
	table     cellTable
	pairs     []pairTable // by model
	sorted    []cellCount // of the table; after Seal
	sums      []account   // by loss and model, then of products
	differing [][]uint64  // rows, by loss, then group
	parts     []part
	// Which clusters there are, by group; after Seal.
	clusters []clusterKinds
	sizes    []float64 // by group: the sum of the squares of the clusters' weights
	grouped  []float64 // by group: of each pair of needs.Grouped
	moved    []uint64  // by group: of each of needs.Moved
	// By group, of needs.Standings; after Seal.
	standings []stats.UnitAreas
	// Order statistics, after Seal.
	areas      []Area            // by group, model, class
	placed     []stats.DeLong    // by group, class
	influenced []stats.OfClasses // by group, value
	versus     []Pairs           // by group, model
	spreads    []MedianSpread    // by group, chance
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
	g.places = s.placesOf(needs)
	g.sums = make([]account, len(needs.Losses)*shape.Models+len(needs.Products))
	g.differing = make([][]uint64, len(needs.Differing))
	if g.isSparse() && shape.Weighted {
		for range shape.Models {
			g.pairs = append(g.pairs, pairTable{})
		}
	}
	g.parts = newParts(shape, needs)
	g.grow(groups)
	return g
}

// placesOf says which sums of a grouping the summary's terms are added to.
func (s *Summary) placesOf(needs Needs) []int {
	places := make([]int, s.terms())
	for i := range places {
		places[i] = -1
	}
	models, first := s.shape.Models, len(s.losses)*s.shape.Models
	for place, l := range needs.Losses {
		s.eachModel(l, func(at, m int) { places[at] = place*models + m })
	}
	for i, p := range needs.Products {
		places[first+slices.Index(s.products.list, p)] = len(needs.Losses)*models + i
	}
	return places
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
	for i := range g.differing {
		g.differing[i] = extend(g.differing[i], groups)
	}
	for _, p := range g.parts {
		p.grow(groups)
	}
}

func (g *grouping) isSparse() bool { return g.cells > denseCells }

// listed says whether rows of masks are needed as a list.
func (g *grouping) listed() bool {
	return g.isSparse() || g.shape.Weighted || len(g.sums) > 0 || len(g.parts) > 0
}

// ledger is where one half of a column of the summary's terms is added up, open for
// a batch; nil if that is not needed.
func (g *grouping) ledger(at, half int, a *addends) *ledger {
	place := g.places[at]
	if place < 0 {
		return nil
	}
	l := &g.sums[place][half]
	l.open(g.groups, a)
	return l
}

func extend[T any](s []T, n int) []T {
	return append(s, make([]T, n-len(s))...)
}

// addMask counts the rows of a batch whose bit is set, which are also listed, into
// one group. Their sums are added apart.
func (g *grouping) addMask(group int, mask []uint64, rows []uint32, b *Batch, w *scratch) {
	switch {
	case g.isSparse():
		for _, i := range rows {
			g.addSparse(uint32(group), w.cells[i], b, i)
		}
	default:
		g.countMask(group, mask, w)
	}
	if b.Weight != nil && !g.isSparse() {
		weights := g.weights[group*g.cells : (group+1)*g.cells]
		for _, i := range rows {
			weights[w.cells[i]].Add(b.Weight[i])
		}
	}
	for k, l := range g.needs.Differing {
		g.differing[k][group] += countBoth(mask, w.differing[l])
	}
	for _, p := range g.parts {
		for _, i := range rows {
			p.add(group, int(i), b)
		}
	}
}

// countMask counts rows by cell, 64 at a time.
func (g *grouping) countMask(group int, mask []uint64, w *scratch) {
	words := len(mask)
	for c := range g.cells {
		g.counts[group*g.cells+c] += countBoth(mask, w.masks[c*words:(c+1)*words])
	}
}

// countBoth is the number of bits that are set in both of two masks.
func countBoth(a, b []uint64) uint64 {
	n := 0
	for i, word := range b {
		n += bits.OnesCount64(word & a[i])
	}
	return uint64(n)
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
	for k, l := range g.needs.Differing {
		rows, differing := g.differing[k], w.differing[l]
		for i, c := range codes {
			rows[c] += differing[i>>6] >> (i & 63) & 1
		}
	}
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
	for place := range g.sums {
		for half := range g.sums[place] {
			g.sums[place][half].absorb(g.groups, &t.sums[place][half], target)
		}
	}
	for k, rows := range t.differing {
		for i, n := range rows {
			g.differing[k][target(i)] += n
		}
	}
	for i := range t.groups {
		j := target(i)
		block(g.counts, j, g.groups, t.counts, i, t.groups, func(a, b *uint64) { *a += *b })
		block(g.weights, j, g.groups, t.weights, i, t.groups, (*Sum).Merge)
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
