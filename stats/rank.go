package stats

import (
	"math"
	"slices"
)

// signedRankLimit is the most values for which the distribution of the
// signed-rank statistic is counted out; it takes n^3/2 additions.
const signedRankLimit = 200

// signedRankTail gives P(V <= v) for every doubled v under the hypothesis that
// each doubled rank is as likely to count as not: exact, with ties as they are.
func signedRankTail(doubled []int) []float64 {
	total := 0
	for _, r := range doubled {
		total += r
	}
	chance := make([]float64, total+1)
	chance[0] = 1
	reached := 0
	for _, r := range doubled {
		for v := reached; v >= 0; v-- {
			chance[v] /= 2
			if v+r <= total {
				chance[v+r] += chance[v]
			}
		}
		reached += r
	}
	for v := 1; v <= total; v++ {
		chance[v] = min(chance[v]+chance[v-1], 1)
	}
	return chance
}

// SignedRank is Wilcoxon's signed-rank test of values that are symmetrical
// around their centre under the hypothesis. V is the sum of the ranks of the
// positive values; Less and Greater are one-sided p-values for a centre below and
// above 0, TwoSided is twice the smaller.
type SignedRank struct {
	V                       float64
	N                       int // values that are not 0
	Less, Greater, TwoSided float64
	Exact                   bool
}

// SignedRankTest tests whether the values' centre is 0. Zeros say nothing and are
// left out, as Wilcoxon did; ties share their mean rank. Up to 200 values the
// p-values are exact, given the ties; beyond, normal with the variance of the
// ties and a correction for continuity. Without any value but 0 it is undefined.
// Wilcoxon (1945), Biometrics Bulletin 1; Hollander and Wolfe (1999), 3.1.
func SignedRankTest(values []float64) (SignedRank, error) {
	s := SignedRank{math.NaN(), 0, math.NaN(), math.NaN(), math.NaN(), false}
	if !finite(values...) {
		return s, invalid("a value is not a number")
	}
	var sizes []float64
	for _, x := range values {
		if x != 0 {
			sizes = append(sizes, x)
		}
	}
	if len(sizes) == 0 {
		return s, undefined("no value differs from 0")
	}
	slices.SortFunc(sizes, func(a, b float64) int { return compare(math.Abs(a), math.Abs(b)) })
	ranks := doubledRanks(sizes)
	v := 0
	for i, x := range sizes {
		if x > 0 {
			v += ranks[i]
		}
	}
	s.V, s.N, s.Exact = float64(v)/2, len(sizes), len(sizes) <= signedRankLimit
	if s.Exact {
		lower := signedRankTail(ranks)
		s.Less, s.Greater = lower[v], lower[len(lower)-1-v]
	} else {
		s.Less, s.Greater = signedRankNormal(ranks, v)
	}
	s.TwoSided = min(1, 2*min(s.Less, s.Greater))
	return s, nil
}

// signedRankNormal is both tails by the normal distribution.
func signedRankNormal(doubled []int, v int) (less, greater float64) {
	var mean, variance float64
	for _, r := range doubled {
		mean += float64(r) / 4
		variance += float64(r) * float64(r) / 16
	}
	sd, d := math.Sqrt(variance), float64(v)/2-mean
	return NormalLower((d + .5) / sd), NormalUpper((d - .5) / sd)
}

// doubledRanks is twice the rank of each size; equal sizes share the mean of theirs.
func doubledRanks(sorted []float64) []int {
	ranks := make([]int, len(sorted))
	for i := 0; i < len(sorted); {
		j := i
		for j < len(sorted) && math.Abs(sorted[j]) == math.Abs(sorted[i]) {
			j++
		}
		for k := i; k < j; k++ {
			ranks[k] = i + j + 1
		}
		i = j
	}
	return ranks
}

// compare orders two numbers.
func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Centre is the Hodges-Lehmann estimate of the values' centre, the median of the
// means of all pairs (Walsh averages), with the interval of the signed-rank test:
// the averages between those that the test would just reject. Its level is the
// one reached, at least the one asked for. It needs values that are symmetrical
// around their centre, at most 2,000 of them. Where so few values cannot reach
// the level (fewer than 6 for .95) it is undefined. With ties the interval covers
// at least as much. Hodges and Lehmann (1963), Annals of Mathematical Statistics
// 34; Hollander and Wolfe (1999), 3.2 and 3.3.
func Centre(values []float64, level float64) (centre float64, in Interval, err error) {
	n := len(values)
	switch {
	case checkLevel(level) != nil:
		return math.NaN(), noInterval, checkLevel(level)
	case n == 0:
		return math.NaN(), noInterval, undefined("no values")
	case n > 2000:
		return math.NaN(), noInterval, invalid("%d values have too many pairs: at most 2,000", n)
	case !finite(values...):
		return math.NaN(), noInterval, invalid("a value is not a number")
	}
	walsh := walshAverages(values)
	centre = median(walsh)
	k, reached := signedRankQuantile(n, level)
	if k < 1 {
		return centre, noInterval, undefined("%d values cannot reach a level of %v", n, level)
	}
	return centre, Interval{walsh[k-1], walsh[len(walsh)-k], reached}, nil
}

// walshAverages is the means of all pairs, each value also with itself, in order.
func walshAverages(values []float64) []float64 {
	averages := make([]float64, 0, len(values)*(len(values)+1)/2)
	for i, x := range values {
		for _, y := range values[:i+1] {
			averages = append(averages, x/2+y/2)
		}
	}
	slices.Sort(averages)
	return averages
}

// median is that of sorted values.
func median(sorted []float64) float64 {
	n := len(sorted)
	return sorted[(n-1)/2]/2 + sorted[n/2]/2
}

// signedRankQuantile is the largest k with P(V <= k-1) <= (1-level)/2, and what
// the interval between the k-th average from each end covers.
func signedRankQuantile(n int, level float64) (k int, reached float64) {
	tail := (1 - level) / 2
	if n > signedRankLimit {
		mean, sd := signedRankMoments(n)
		k = int(math.Floor(mean - zOf(tail)*sd))
		return k, 1 - 2*NormalLower((float64(k)-.5-mean)/sd)
	}
	ranks := make([]int, n)
	for i := range ranks {
		ranks[i] = i + 1
	}
	lower := signedRankTail(ranks)
	for k < len(lower) && lower[k] <= tail {
		k++
	}
	if k == 0 {
		return 0, math.NaN()
	}
	return k, 1 - 2*lower[k-1]
}

// signedRankMoments is V's mean and standard deviation without ties.
func signedRankMoments(n int) (mean, sd float64) {
	N := float64(n)
	return N * (N + 1) / 4, math.Sqrt(N * (N + 1) * (2*N + 1) / 24)
}
