package summary

import (
	"math"
	"slices"
)

// Where rows of a cluster depend on each other, how much the mean of a quantity
// varies follows from the clusters: from the sum over each of its rows' weights
// times the quantity less its mean. The means are known when all rows are there,
// and so these sums lose nothing where a quantity is far from 0.

// lossColumn is a loss of one model that is held for each row.
type lossColumn struct {
	loss  Loss
	model int
}

// lossColumns lists what quantities by cluster are made of. The square of a target
// is made of the target.
func (s *Shape) lossColumns() []lossColumn {
	var list []lossColumn
	add := func(l Loss) {
		if l.Kind == TargetSquared {
			l.Kind = Target
		}
		models := s.Models
		if l.ofTarget() {
			models = 1
		}
		for m := range models {
			list = union(list, []lossColumn{{l, m}})
		}
	}
	for _, n := range []Needs{s.Whole, s.Sliced} {
		for _, f := range n.Grouped {
			add(f.Loss)
		}
		for _, l := range n.Moved {
			add(l)
		}
	}
	return list
}

// of is the column's numbers of a batch, without weights.
func (c lossColumn) of(b *Batch) []float64 {
	numbers := make([]float64, b.Rows)
	if !c.loss.exact() {
		c.loss.fillModel(numbers, b, &b.Models[c.model])
		return numbers
	}
	for i := range numbers {
		x, y := c.loss.factors(b, c.model, i)
		numbers[i] = x * y
	}
	return numbers
}

// clusterSums adds quantities up by cluster, in every slice of a grouping.
type clusterSums struct {
	g          *grouping
	quantities []quantity
	moved      []quantity // differences whose clusters are counted
	means      []float64  // by slot and quantity
	targets    []float64  // the mean target, by slot; where squares of it are wanted
	// Of the cluster at hand.
	slots  []int // that have rows of it
	weight []rough
	sums   []rough // by slot and quantity
	differ []rough // by slot and difference: the sum, and that of absolute values
}

// quantity is where a factor's numbers are.
type quantity struct {
	at, less int // columns; less: -1, or what is taken from it
	squared  bool
}

// newClusterSums makes room; nil where no quantity is wanted.
func newClusterSums(g *grouping, columns []lossColumn) *clusterSums {
	n := len(g.needs.Grouped)
	if n == 0 {
		return nil
	}
	c := &clusterSums{g: g, sums: make([]rough, g.groups*n), differ: make([]rough, 2*g.groups*len(g.needs.Moved)), weight: make([]rough, g.groups)}
	g.sizes, g.grouped, g.moved = make([]float64, g.groups), make([]float64, g.groups*n*(n+1)/2), make([]uint64, g.groups*len(g.needs.Moved))
	for _, f := range g.needs.Grouped {
		c.quantities = append(c.quantities, quantityOf(f, columns))
	}
	for _, l := range g.needs.Moved {
		c.moved = append(c.moved, quantityOf(Factor{l, Difference}, columns))
	}
	for group := range g.groups {
		v := View{g, group}
		for _, f := range g.needs.Grouped {
			c.means = append(c.means, v.middle(f))
		}
		if slices.ContainsFunc(c.quantities, func(q quantity) bool { return q.squared }) {
			c.targets = append(c.targets, v.MeanOf(Factor{Loss: Loss{Kind: Target}}))
		}
	}
	return c
}

func quantityOf(f Factor, columns []lossColumn) quantity {
	find := func(model int) int { return slices.Index(columns, lossColumn{f.Loss, model}) }
	switch {
	case f.Loss.Kind == TargetSquared:
		return quantity{slices.Index(columns, lossColumn{Loss{Kind: Target}, 0}), -1, true}
	case f.Of == Baseline:
		return quantity{find(1), -1, false}
	case f.Of == Difference:
		return quantity{find(0), find(1), false}
	}
	return quantity{find(0), -1, false}
}

// middle is the mean of a quantity; of a target's square it is the mean of the
// square of its distance from the mean, which Grouped is about.
func (v View) middle(f Factor) float64 {
	weight := v.weight()
	mean := v.mean(f, weight)
	if f.Loss.Kind == TargetSquared {
		of := v.mean(Factor{Loss: Loss{Kind: Target}}, weight)
		return mean.minus(of.times(of)).high
	}
	return mean.high
}

func (q quantity) of(o *clustered, row uint32) float64 {
	x := o.numbers[q.at][row]
	if q.less >= 0 {
		x -= o.numbers[q.less][row]
	}
	return x
}

// add takes in the rows of one cluster. slot is the slice of a row.
func (c *clusterSums) add(o *clustered, rows []entry, slot func(row uint32) int) {
	if c == nil {
		return
	}
	n := len(c.quantities)
	for _, e := range rows {
		w, at := o.weight(e.row), slot(e.row)
		if w == 0 {
			continue
		}
		if c.weight[at] == (rough{}) {
			c.slots = append(c.slots, at)
		}
		c.weight[at].add(w)
		means := c.means[at*n : (at+1)*n]
		for i, q := range c.quantities {
			x := q.of(o, e.row)
			if q.squared {
				x -= c.targets[at]
				x *= x
			}
			c.sums[at*n+i].add(w * (x - means[i]))
		}
		for i, q := range c.moved {
			x, sums := w*q.of(o, e.row), c.differ[2*(at*len(c.moved)+i):]
			sums[0].add(x)
			sums[1].add(math.Abs(x))
		}
	}
	for _, at := range c.slots {
		c.finish(at)
	}
	c.slots = c.slots[:0]
}

// finish takes a cluster's sums into a slot.
func (c *clusterSums) finish(slot int) {
	n := len(c.quantities)
	weight := c.weight[slot].value().high
	c.g.sizes[slot] += weight * weight
	products, sums := c.g.grouped[slot*n*(n+1)/2:], c.sums[slot*n:(slot+1)*n]
	for i := range sums {
		x := sums[i].value().high
		for j := range sums[:i+1] {
			products[i*(i+1)/2+j] += x * sums[j].value().high
		}
	}
	for i := range c.moved {
		both := c.differ[2*(slot*len(c.moved)+i):][:2]
		if sum := both[0].value().high; math.Abs(sum) > 1e-12*both[1].value().high { // else they cancel
			c.g.moved[slot*len(c.moved)+i]++
		}
		clear(both)
	}
	c.weight[slot] = rough{}
	clear(sums)
}

// Grouped is, for each pair of quantities (row i has those with quantities 0 to i),
// the sum over the clusters of the product of what a cluster has of either: the sum
// over its rows of their weight times the quantity less its mean. Squares of the
// target are those of its distance from its mean. NaN where a number is not finite.
func (v View) Grouped(factors ...Factor) [][]float64 {
	n := len(v.g.needs.Grouped)
	products := v.g.grouped[v.group*n*(n+1)/2:]
	all := make([][]float64, len(factors))
	for i, a := range factors {
		for _, b := range factors[:i+1] {
			x, y := slices.Index(v.g.needs.Grouped, a), slices.Index(v.g.needs.Grouped, b)
			product := products[max(x, y)*(max(x, y)+1)/2+min(x, y)]
			if math.IsInf(product, 0) {
				product = math.NaN()
			}
			all[i] = append(all[i], product)
		}
	}
	return all
}

// SquaredClusters is the sum of the squares of the clusters' weights.
func (v View) SquaredClusters() float64 { return v.g.sizes[v.group] }

// Moved is how many clusters have another sum of a loss for the candidate than for
// the baseline.
func (v View) Moved(l Loss) uint64 {
	n := len(v.g.needs.Moved)
	return v.g.moved[v.group*n+slices.Index(v.g.needs.Moved, l)]
}
