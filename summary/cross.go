package summary

import "math"

// Cross is the sums of some numbers of each row and of their products, two by two: what
// the variances and covariances of their means follow from. It merges, and depends neither
// on the order of rows nor on how they were split.
type Cross struct {
	rows, differ uint64
	sums         []rough
	products     []rough // row i has those with numbers 0 to i
}

// NewCross is for so many numbers of a row.
func NewCross(numbers int) Cross {
	return Cross{sums: make([]rough, numbers), products: make([]rough, numbers*(numbers+1)/2)}
}

// Add takes in a row. differs: two models have other numbers for it.
func (c *Cross) Add(numbers []float64, differs bool) {
	c.rows++
	if differs {
		c.differ++
	}
	at := 0
	for i, x := range numbers {
		if x == 0 {
			at += i + 1
			continue
		}
		c.sums[i].add(x)
		for _, y := range numbers[:i+1] {
			if y != 0 {
				c.products[at].add(x * y)
			}
			at++
		}
	}
}

// Merge takes in the rows of o, which is of as many numbers.
func (c *Cross) Merge(o *Cross) {
	c.rows += o.rows
	c.differ += o.differ
	for i := range c.sums {
		c.sums[i].merge(&o.sums[i])
	}
	for i := range c.products {
		c.products[i].merge(&o.products[i])
	}
}

// Numbers is how many a row has.
func (c *Cross) Numbers() int { return len(c.sums) }

// Rows is how many there are, and Differ for how many two models have other numbers.
func (c *Cross) Rows() uint64   { return c.rows }
func (c *Cross) Differ() uint64 { return c.differ }

// Sum is that of a number.
func (c *Cross) Sum(i int) float64 { return c.sums[i].value().high }

// Centred is, for each pair of numbers (row i has those with numbers 0 to i), the sum over
// the rows of their product, each less its mean; NaN where a sum is no finite number. What
// rounding may have left of a number that does not vary is 0.
func (c *Cross) Centred() [][]float64 {
	n := double{float64(c.rows), 0}
	all, at := make([][]float64, len(c.sums)), 0
	for i := range c.sums {
		for j := range i + 1 {
			p := c.products[at].value()
			at++
			left := p.minus(c.sums[i].value().times(c.sums[j].value()).over(n))
			switch {
			case !left.finite():
				all[i] = append(all[i], math.NaN())
			case i == j && left.high <= 0x1p-44*p.high:
				all[i] = append(all[i], 0)
			default:
				all[i] = append(all[i], left.high)
			}
		}
	}
	for i, row := range all {
		for j := range row {
			if all[i][i] == 0 || all[j][j] == 0 {
				row[j] = 0
			}
		}
	}
	return all
}
