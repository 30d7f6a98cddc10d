package stats

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// NormalLower is P(Z <= z) of the standard normal distribution, good to
// 1e-12 of itself in both tails (math.Erfc).
func NormalLower(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

// NormalUpper is P(Z >= z).
func NormalUpper(z float64) float64 { return math.Erfc(z/math.Sqrt2) / 2 }

// LogNormalUpper is ln P(Z >= z), also where the chance is below the smallest
// number: beyond 30 by the first terms of the asymptotic series, Abramowitz and
// Stegun 26.2.12, whose error there is under 1e-12.
func LogNormalUpper(z float64) float64 {
	switch {
	case z < -1:
		return math.Log1p(-NormalLower(z))
	case z < 30:
		return math.Log(NormalUpper(z))
	}
	u := 1 / (z * z)
	series := -u * (1 - u*(3-u*(15-u*(105-u*945))))
	return -z*z/2 - math.Log(z) - math.Log(2*math.Pi)/2 + math.Log1p(series)
}

// NormalQuantile is the z with NormalLower(z) = p; -Inf at 0, +Inf at 1, NaN
// outside. Wichura's AS 241 in gonum.
func NormalQuantile(p float64) float64 {
	if !(p >= 0 && p <= 1) {
		return math.NaN()
	}
	return mathext.NormalQuantile(p)
}

// zOf is the normal quantile with alpha beyond it.
func zOf(alpha float64) float64 { return -NormalQuantile(alpha) }
