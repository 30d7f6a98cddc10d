package stats

import "math"

// CorrelationInfluence is how much a row influences Pearson's correlation r of n rows,
// (x y - r (x^2 + y^2)/2)/n, of its two numbers less their means and over their standard
// deviations (of divisor n). Devlin, Gnanadesikan and Kettenring (1975), Biometrika 62.
func CorrelationInfluence(x, y, r, n float64) float64 { return (x*y - r*(x*x+y*y)/2) / n }

// RankInfluences are those on Spearman's correlation of the ranks of two lists, of which
// it gets twice the ranks, from 2, equal numbers sharing their mean; up to 2^24 of them.
// It returns the correlation, and adds each row's influence to its place in to; NaN, and
// none, where either list does not vary.
//
// The correlation is C/sqrt(A B), with C the mean of a b and A and B those of a^2 and
// b^2, a and b being ranks less their mean. A row brings its own a b, and moves the rank
// of each row above it: with S(b) the sum of b over the rows above it in the first list
// and half of that over those equal, and S(a) likewise in the second, C moves by
//
//	(a b + S(b) + S(a) - 3 C)/n
//
// and A and B by the same of one list twice. Where no ranks are equal those two do not
// move, and it is the influence in Croux and Dehon (2010), Statistical Methods and
// Applications 19.
func RankInfluences(first, second []uint32, to []float64) float64 {
	a, b := deviations(first), deviations(second)
	n := float64(len(first))
	both, squaresA, squaresB := meanProduct(a, b), meanProduct(a, a), meanProduct(b, b)
	if !(squaresA > 0 && squaresB > 0) {
		return math.NaN()
	}
	root := math.Sqrt(squaresA * squaresB)
	r := both / root
	ofA, ofB, byA, byB := sumsAbove(first, b), sumsAbove(second, a), sumsAbove(first, a), sumsAbove(second, b)
	for i := range to {
		f, s := first[i]/2, second[i]/2
		moved := float64(a[i]*b[i]+ofA[f]+ofB[s]) - 3*both
		movedA := float64(a[i]*a[i]+2*byA[f]) - 3*squaresA
		movedB := float64(b[i]*b[i]+2*byB[s]) - 3*squaresB
		to[i] += (moved/root - r/2*(movedA/squaresA+movedB/squaresB)) / n
	}
	return r
}

// deviations are doubled ranks less their mean: whole numbers.
func deviations(ranks []uint32) []int64 {
	list := make([]int64, len(ranks))
	for i, r := range ranks {
		list[i] = int64(r) - int64(len(ranks)+1)
	}
	return list
}

// meanProduct is exact but for its last rounding, in any order.
func meanProduct(a, b []int64) float64 {
	var high, low int64
	for i, x := range a {
		p := x * b[i]
		high += p >> 32
		low += p & (1<<32 - 1)
	}
	return (float64(high)*(1<<32) + float64(low)) / float64(len(a))
}

// sumsAbove is, by half of a doubled rank, which is another for each rank, twice the sum
// of numbers over the rows of higher rank and that over the rows of this one.
func sumsAbove(ranks []uint32, numbers []int64) []int64 {
	sums := make([]int64, len(ranks)+1)
	for i, r := range ranks {
		sums[r/2] += numbers[i]
	}
	above := int64(0)
	for i := len(sums) - 1; i >= 0; i-- {
		here := sums[i]
		sums[i] = 2*above + here
		above += here
	}
	return sums
}
