package summary

import "slices"

// CellWeight is the rows of one true class and one pair of answers that have
// weight: how many they are, and the sums of their weights and of the squares of
// these.
type CellWeight struct {
	Label           int
	Predicted       [2]int
	Rows            uint64
	Weight, Squares float64
}

// EachWeight calls f with the weights of each cell that has any, in order. The
// shape's needs must name them.
func (v View) EachWeight(f func(CellWeight)) {
	c, ok := find(v.g, func(*cellWeights) bool { return true })
	if !ok {
		panic("summary: weights of cells that the shape does not name")
	}
	for i := range c.groups[v.group] {
		at := &c.groups[v.group][i]
		label, predicted := c.shape.decode(int(at.number))
		f(CellWeight{label, predicted, at.rows, at.weight.value().high, at.squares.value().high})
	}
}

// cellWeights is the weights of each group's rows by cell. Most cells are empty
// where there are many classes, and few are where there are two: a group has a
// list of those that it has.
type cellWeights struct {
	shape  *Shape
	groups [][]weighedCell
}

type weighedCell struct {
	number          uint32
	rows            uint64
	weight, squares rough
}

func (c *cellWeights) grow(groups int) { c.groups = extend(c.groups, groups) }

func (c *cellWeights) add(group, row int, b *Batch) {
	w := b.Weight[row]
	if w == 0 {
		return
	}
	at := c.at(group, c.shape.cell(b, row))
	at.rows++
	at.weight.add(w)
	at.squares.add(w * w)
}

// at is a cell of a group, which gets one where it has none.
func (c *cellWeights) at(group int, number uint32) *weighedCell {
	list := c.groups[group]
	i, there := slices.BinarySearchFunc(list, number, func(a weighedCell, number uint32) int { return int(a.number) - int(number) })
	if !there {
		c.groups[group] = slices.Insert(list, i, weighedCell{number: number})
	}
	return &c.groups[group][i]
}

func (c *cellWeights) absorb(into int, from part, group int) {
	for i := range from.(*cellWeights).groups[group] {
		other := &from.(*cellWeights).groups[group][i]
		at := c.at(into, other.number)
		at.rows += other.rows
		at.weight.merge(&other.weight)
		at.squares.merge(&other.squares)
	}
}

// cell is the number of a row's cell, as Summary.number gives it.
func (s *Shape) cell(b *Batch, row int) uint32 {
	number := uint32(b.Label[row])
	for m := range s.Models {
		number = number*uint32(s.Classes) + uint32(b.Models[m].Class[row])
	}
	return number
}
