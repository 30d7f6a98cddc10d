package stats

import (
	"math"
	"slices"
)

// rankSumLimit is the most pairs of values for which the distribution of the
// rank-sum statistic is counted out; beyond it is normal.
const rankSumLimit = 10_000

// Shift is the Hodges-Lehmann estimate of how much larger x is than y, two samples
// that have nothing to do with each other: the median of all differences, with the
// interval of the rank-sum test of Wilcoxon, Mann and Whitney: the differences between
// those that the test would just reject. Its level is the one reached, at least the one
// asked for. It takes the samples to be alike but for the shift. Where so few values
// cannot reach the level (fewer than 4 and 4 for .95) it is undefined. With ties the
// interval covers at least as much. There may be at most 4 million pairs. Hodges and
// Lehmann (1963), Annals of Mathematical Statistics 34; Hollander and Wolfe (1999), 4.2
// and 4.3.
func Shift(x, y []float64, level float64) (shift float64, in Interval, err error) {
	n, m := len(x), len(y)
	switch {
	case checkLevel(level) != nil:
		return math.NaN(), noInterval, checkLevel(level)
	case n == 0 || m == 0:
		return math.NaN(), noInterval, undefined("no values")
	case n > 4_000_000/m:
		return math.NaN(), noInterval, invalid("%d and %d values have too many pairs: at most 4 million", n, m)
	case !finite(x...) || !finite(y...):
		return math.NaN(), noInterval, invalid("a value is not a number")
	}
	differences := make([]float64, 0, n*m)
	for _, a := range x {
		for _, b := range y {
			differences = append(differences, a-b)
		}
	}
	slices.Sort(differences)
	shift = median(differences)
	k, reached := rankSumQuantile(n, m, level)
	if k < 1 {
		return shift, noInterval, undefined("%d and %d values cannot reach a level of %v", n, m, level)
	}
	return shift, Interval{differences[k-1], differences[n*m-k], reached}, nil
}

// rankSumQuantile is the largest k with P(U <= k-1) <= (1-level)/2, and what the
// interval between the k-th difference from each end covers.
func rankSumQuantile(n, m int, level float64) (k int, reached float64) {
	tail := (1 - level) / 2
	if n*m > rankSumLimit {
		mean, sd := float64(n)*float64(m)/2, math.Sqrt(float64(n)*float64(m)*float64(n+m+1)/12)
		k = int(math.Floor(mean - zOf(tail)*sd))
		return k, 1 - 2*NormalLower((float64(k)-.5-mean)/sd)
	}
	lower := rankSumTail(n, m)
	for k < len(lower) && lower[k] <= tail {
		k++
	}
	if k == 0 {
		return 0, math.NaN()
	}
	return k, 1 - 2*lower[k-1]
}

// rankSumTail gives P(U <= u) for every u, where U counts the pairs in which the first
// sample's value is the larger one, under the hypothesis that all orders are as likely.
// The chances of i and j values come from those of one value less: the largest of all
// is of the first sample, and exceeds all j, in i of i+j cases.
func rankSumTail(n, m int) []float64 {
	chances := make([][]float64, m+1) // of i values, by j
	for j := range chances {
		chances[j] = []float64{1}
	}
	for i := 1; i <= n; i++ {
		next := make([][]float64, m+1)
		next[0] = []float64{1}
		for j := 1; j <= m; j++ {
			c := make([]float64, i*j+1)
			first := float64(i) / float64(i+j)
			for u, p := range chances[j] {
				c[u+j] += first * p
			}
			for u, p := range next[j-1] {
				c[u] += (1 - first) * p
			}
			next[j] = c
		}
		chances = next
	}
	lower := chances[m]
	for u := 1; u < len(lower); u++ {
		lower[u] = min(lower[u]+lower[u-1], 1)
	}
	return lower
}
