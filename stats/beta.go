package stats

import "math"

// BetaLower is P(X <= x) of the beta distribution, I_x(a, b), a and b above
// 0 and below 1e15.
func BetaLower(x, a, b float64) float64 {
	switch {
	case math.IsNaN(x) || !(a > 0 && a < 1e15) || !(b > 0 && b < 1e15):
		return math.NaN()
	case x <= 0:
		return 0
	case x >= 1:
		return 1
	}
	return incompleteBeta(x, 1-x, a, b)
}

// BetaQuantile is the x with BetaLower(x, a, b) = p.
func BetaQuantile(p, a, b float64) float64 {
	switch {
	case !(p >= 0 && p <= 1) || !(a > 0 && a < 1e15) || !(b > 0 && b < 1e15):
		return math.NaN()
	case p == 0 || p == 1:
		return p
	}
	return root(func(x float64) float64 { return BetaLower(x, a, b) - p }, 0, 1)
}

// incompleteBeta is I_x(a, b) with y = 1-x: x^a y^b/B(a, b), by Loader's expansion
// of binomial terms, times a continued fraction on the side where that converges.
func incompleteBeta(x, y, a, b float64) float64 {
	switch {
	case x <= 0:
		return 0
	case y <= 0:
		return 1
	case x > (a+1)/(a+b+2):
		return 1 - incompleteBeta(y, x, b, a)
	}
	front := math.Exp(logBinomial(a, a+b, x, y)) * a * b / (a + b)
	return min(front/betaFraction(x, y, a, b), 1)
}

// betaFraction is the continued fraction of DiDonato and Morris (1992), ACM
// Transactions on Mathematical Software 18, by the method of Lentz. It has y
// where others have 1-x and so keeps its digits for x near 1.
func betaFraction(x, y, a, b float64) float64 {
	lambda := (a+b)*y - b
	if x < y {
		lambda = a - (a+b)*x
	}
	h := a * (lambda + 1) / (a + 1)
	c, d := h, 0.0
	for n := 1.0; n < 1e6; n++ {
		s := a + 2*n - 1
		alpha := (a + n - 1) / s * ((a + b + n - 1) / s) * n * (b - n) * x * x
		beta := n + n*(b-n)*x/s + (a+n)*(lambda+1+n*(1+y))/(s+2)
		d = 1 / (beta + alpha*d)
		c = beta + alpha/c
		h *= c * d
		if !(math.Abs(c*d-1) >= 2*epsilon) {
			break
		}
	}
	return h
}
