package stats

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// The incomplete gamma function is gonum's (Cephes), which panics outside its
// domain, so each caller here looks first. gonum's incomplete beta function keeps
// but ten digits at parameters of some thousands, hence the one in beta.go.

// StudentUpper is P(T >= t) of Student's t with df > 0 degrees of freedom,
// which need not be whole; +Inf gives the normal distribution.
// I_x(df/2, 1/2)/2 with x = df/(df+t^2), Abramowitz and Stegun 26.7.1.
func StudentUpper(t, df float64) float64 {
	switch {
	case math.IsNaN(t) || !(df/2 > 0):
		return math.NaN()
	case df > 1e15:
		return NormalUpper(t)
	case t < 0:
		return 1 - StudentUpper(-t, df)
	case math.IsInf(t, 1):
		return 0
	}
	u := t / df * t
	return incompleteBeta(1/(1+u), u/(1+u), df/2, .5) / 2
}

// StudentLower is P(T <= t).
func StudentLower(t, df float64) float64 { return StudentUpper(-t, df) }

// StudentQuantile is the t with StudentLower(t, df) = p; -Inf at 0, +Inf at 1.
func StudentQuantile(p, df float64) float64 {
	switch {
	case !(p >= 0 && p <= 1) || !(df/2 > 0):
		return math.NaN()
	case df > 1e15 || p == 0 || p == 1:
		return NormalQuantile(p)
	case p == .5:
		return 0
	case p > .5:
		return -StudentQuantile(1-p, df)
	}
	// In the logarithm of t, since the tail falls as a power; t is beyond the
	// normal quantile, by little where df is large.
	upper := func(u float64) float64 { return math.Log(StudentUpper(math.Exp(u), df)) - math.Log(p) }
	low := math.Log(-NormalQuantile(p))
	width := 1 / df
	for upper(low+width) > 0 && width < 1e4 {
		width *= 4
	}
	return -math.Exp(root(upper, low, low+width))
}

// ChiSquareUpper is P(X >= x) of the chi-square distribution with df > 0.
func ChiSquareUpper(x, df float64) float64 {
	switch {
	case math.IsNaN(x) || !(df/2 > 0) || math.IsInf(df, 1):
		return math.NaN()
	case x/2 <= 0:
		return 1
	case math.IsInf(x, 1):
		return 0
	}
	return mathext.GammaIncRegComp(df/2, x/2)
}

// ChiSquareLower is P(X <= x).
func ChiSquareLower(x, df float64) float64 {
	switch {
	case math.IsNaN(x) || !(df/2 > 0) || math.IsInf(df, 1):
		return math.NaN()
	case x/2 <= 0:
		return 0
	case math.IsInf(x, 1):
		return 1
	}
	return mathext.GammaIncReg(df/2, x/2)
}

// FUpper is P(F >= f) of the F distribution with d1 and d2 degrees of freedom,
// both above 0 and below 1e15: I_x(d2/2, d1/2) with x = d2/(d2 + d1 f).
func FUpper(f, d1, d2 float64) float64 {
	switch {
	case math.IsNaN(f) || !(d1 > 0 && d1 < 1e15) || !(d2 > 0 && d2 < 1e15):
		return math.NaN()
	case f <= 0:
		return 1
	case math.IsInf(f, 1):
		return 0
	}
	u := d1 / d2 * f
	return incompleteBeta(1/(1+u), u/(1+u), d2/2, d1/2)
}
