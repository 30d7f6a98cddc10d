package stats

import (
	"math"
	"slices"
)

// Holm adjusts p-values of one family so that rejecting those at most alpha
// errs at all with chance at most alpha, whatever their dependence: in ascending
// order p_(i) becomes max over j <= i of (n-j+1) p_(j), at most 1. Results are in
// the order of p. A NaN is a test that could not be made: it stays NaN, and yet
// counts in n, so that leaving tests undone helps none of the others.
// Holm (1979), Scandinavian Journal of Statistics 6.
func Holm(p []float64) ([]float64, error) {
	order, err := ascending(p)
	if err != nil {
		return nil, err
	}
	adjusted := nans(len(p))
	running := 0.0
	for i, k := range order {
		running = max(running, min(1, p[k]*float64(len(p)-i)))
		adjusted[k] = running
	}
	return adjusted, nil
}

// BenjaminiHochberg adjusts p-values so that among those at most q the expected
// share of false ones is at most q, for tests that are independent or positively
// dependent: p_(i) becomes min over j >= i of n/j p_(j). NaN as in Holm.
// Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57.
func BenjaminiHochberg(p []float64) ([]float64, error) {
	order, err := ascending(p)
	if err != nil {
		return nil, err
	}
	adjusted := nans(len(p))
	running := 1.0
	for i := len(order) - 1; i >= 0; i-- {
		running = min(running, p[order[i]]*float64(len(p))/float64(i+1))
		adjusted[order[i]] = running
	}
	return adjusted, nil
}

// ascending is the indices of the p-values in order, without NaN.
func ascending(p []float64) ([]int, error) {
	var order []int
	for i, x := range p {
		switch {
		case math.IsNaN(x):
		case x < 0 || x > 1:
			return nil, invalid("p-value %v", x)
		default:
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return compare(p[a], p[b]) })
	return order, nil
}

func nans(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = math.NaN()
	}
	return x
}
