package stats

import "math"

// MedianRanks are the ranks, from 1, of the ordered values between which the median of
// independent rows lies with at least the chance level, whatever they are distributed
// like: k and n+1-k, with the largest k for which P(Bin(n, 1/2) < k) <= (1-level)/2. 0
// where n is too small for any. Thompson (1936), Annals of Mathematical Statistics 7.
func MedianRanks(n int, level float64) (low, high int) {
	if n < 1 || checkLevel(level) != nil {
		return 0, 0
	}
	tail := (1 - level) / 2
	k := int(max(0, float64(n)/2+NormalQuantile(tail)*math.Sqrt(float64(n))/2-2))
	for k > 0 && BinomialLower(k-1, n, .5) > tail {
		k--
	}
	for BinomialLower(k, n, .5) <= tail {
		k++
	}
	if k == 0 {
		return 0, 0
	}
	return k, n + 1 - k
}

// MedianErrorRanks are the ranks of the two ordered values whose distance over 2 z is the
// standard error of a median: about a square root of n to either side of it, where z is
// the normal quantile that leaves out as much as these two do. Price and Bonett (2001),
// Journal of Statistical Computation and Simulation 68. 0 below three rows.
func MedianErrorRanks(n int) (low, high int, z float64) {
	if n < 3 {
		return 0, 0, math.NaN()
	}
	c := max(1, int(math.Round(float64(n+1)/2-math.Sqrt(float64(n)))))
	return c, n + 1 - c, -NormalQuantile(BinomialLower(c-1, n, .5))
}

// MedianPair is two medians of the same rows: their standard errors, and how many of N
// rows are at most the median by both, and by each.
type MedianPair struct {
	N, Both, First, Second int
	SEFirst, SESecond      float64
}

// Variance is that of the second median less the first. Medians correlate as the sides do
// on which the rows stand of them, of which half a row more of either kind stands apart,
// so that they are never taken for one. Bonett and Price (2020), British Journal of
// Mathematical and Statistical Psychology 73.
func (p MedianPair) Variance() float64 {
	n := float64(p.N) + 1
	first, second := float64(p.First)+.5, float64(p.Second)+.5
	both := float64(p.Both)
	correlation := (both*n - first*second) / math.Sqrt(first*(n-first)*second*(n-second))
	return p.SEFirst*p.SEFirst + p.SESecond*p.SESecond - 2*correlation*p.SEFirst*p.SESecond
}
