package stats

import "math"

// RangeUpper is the chance that of k independent standard normal numbers the largest
// is more than q above the smallest: the studentized range with infinitely many
// degrees of freedom,
//
//	1 - k ∫ φ(z) (Φ(z) - Φ(z-q))^(k-1) dz
//
// by the trapezoid rule, whose error falls faster than any power of its step for
// such a function. Tukey (1953); Hartley (1942), Biometrika 32. 1 for fewer than two.
func RangeUpper(q float64, k int) float64 {
	if k < 2 || !(q > 0) {
		return 1
	}
	const step, tail = 1. / 64, 9
	within := 0.0
	for z := -tail + 0.; z <= tail+q; z += step {
		density := math.Exp(-z*z/2) / math.Sqrt(2*math.Pi)
		within += density * math.Pow(NormalUpper(z-q)-NormalUpper(z), float64(k-1))
	}
	return min(max(1-float64(k)*step*within, 0), 1)
}

// RangeQuantile is the q that RangeUpper exceeds with chance p, from 1e-9 to 1; NaN
// where there is none.
func RangeQuantile(p float64, k int) float64 {
	if k < 2 || !(p > 1e-9 && p < 1) {
		return math.NaN()
	}
	low, high := 0., 20.
	for range 60 {
		middle := (low + high) / 2
		if RangeUpper(middle, k) > p {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}
