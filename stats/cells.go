package stats

import "math"

// A statistic of a table of counts, one a cell (say, rows by label and by two
// predictions), varies with the counts as its derivatives say. If the value does
// not change when all counts double, its error is to first order a mean over
// rows of the derivative of each row's cell: the delta method. It needs no
// row again, and holds where counts are large: under some 10 rows in the cells
// that matter, use Bootstrap or SwapTest.

// Gradient is the derivatives of f by each count, by five-point differences of
// a share of the count, good to some 1e-9. Cells without rows do not bear on the
// variance and get 0. Undefined where f is not finite nearby.
func Gradient(counts []float64, f func(counts []float64) float64) ([]float64, error) {
	if _, err := checkCells(counts); err != nil {
		return nil, err
	}
	at := append([]float64(nil), counts...)
	gradient := make([]float64, len(counts))
	for k, n := range counts {
		if n == 0 {
			continue
		}
		h := n / 256
		move := func(steps float64) float64 {
			at[k] = n + steps*h
			return f(at)
		}
		gradient[k] = (8*(move(1)-move(-1)) - (move(2) - move(-2))) / (12 * h)
		at[k] = n
		if !finite(gradient[k]) {
			return nil, undefined("the value has no derivative by cell %d", k)
		}
	}
	return gradient, nil
}

// checkCells adds up counts or weights.
func checkCells(counts []float64) (total float64, err error) {
	for _, n := range counts {
		if !(n >= 0) || math.IsInf(n, 1) {
			return 0, invalid("a count of %v", n)
		}
		total += n
	}
	if total == 0 {
		return 0, undefined("no rows")
	}
	return total, nil
}

// Delta is the estimate value, made of counts of independent rows, with variance
// sum n_k g_k^2 - (sum n_k g_k)^2/N, g being the derivatives by the counts
// (Gradient, or by hand). Normal. Agresti (2013), Categorical Data Analysis, 16.1.
func Delta(value float64, counts, gradient []float64) (Estimate, error) {
	n, err := checkCells(counts)
	if err != nil {
		return noEstimate, err
	}
	centred, err := centre(counts, gradient, n)
	if err != nil {
		return noEstimate, err
	}
	sum, size := 0.0, 0.0
	for k, g := range centred {
		sum += counts[k] * g * g
		size += counts[k] * gradient[k] * gradient[k]
	}
	return estimate(value, difference(sum, epsilon*size, 0), math.Inf(1))
}

// DeltaWeighted is Delta for rows of unequal weight: of each cell the sum of its
// rows' weights and of their squares. The variance is sum W2_k (g_k - mean g)^2,
// and the degrees of freedom those of the effective size.
func DeltaWeighted(value float64, weights, squares, gradient []float64) (Estimate, error) {
	w, err := checkCells(weights)
	if err != nil {
		return noEstimate, err
	}
	ww, err := checkCells(squares)
	if err != nil {
		return noEstimate, err
	}
	if len(squares) != len(weights) {
		return noEstimate, invalid("%d and %d cells", len(weights), len(squares))
	}
	centred, err := centre(weights, gradient, w)
	if err != nil {
		return noEstimate, err
	}
	n := EffectiveSize(w, ww)
	if n < 1+1e-9 {
		return noEstimate, undefined("the rows count as %.3g", n)
	}
	sum, size := 0.0, 0.0
	for k, g := range centred {
		sum += squares[k] * g * g
		size += squares[k] * gradient[k] * gradient[k]
	}
	return estimate(value, difference(sum, epsilon*size, 0)*n/(n-1), n-1)
}

// DeltaGrouped is Delta for rows that depend on each other within groups, whatever
// how: cross[k*K+l] is the sum over groups of the group's (weighted) rows in cell
// k times those in cell l, of K cells. The variance is G/(G-1) sum over groups of
// the square of the group's sum of g - mean g; G-1 degrees of freedom.
func DeltaGrouped(value float64, weights, cross, gradient []float64, groups int) (Estimate, error) {
	w, err := checkCells(weights)
	if err != nil {
		return noEstimate, err
	}
	if len(cross) != len(weights)*len(weights) {
		return noEstimate, invalid("%d products of %d cells", len(cross), len(weights))
	}
	if groups < 2 {
		return noEstimate, undefined("%d groups have no variance", groups)
	}
	centred, err := centre(weights, gradient, w)
	if err != nil {
		return noEstimate, err
	}
	sum, size := 0.0, 0.0
	for k, g := range centred {
		for l, h := range centred {
			product := cross[k*len(centred)+l] * g * h
			sum += product
			size += math.Abs(product)
		}
	}
	n := float64(groups)
	return estimate(value, difference(sum, size, len(weights))*n/(n-1), n-1)
}

// centre takes the weighted mean from the derivatives: the value must not change
// when all counts grow alike.
func centre(weights, gradient []float64, total float64) ([]float64, error) {
	if len(gradient) != len(weights) {
		return nil, invalid("%d derivatives of %d cells", len(gradient), len(weights))
	}
	if !finite(gradient...) {
		return nil, invalid("a derivative is not a number")
	}
	mean := 0.0
	for k, w := range weights {
		mean += w / total * gradient[k]
	}
	centred := make([]float64, len(gradient))
	for k, g := range gradient {
		centred[k] = g - mean
	}
	return centred, nil
}
