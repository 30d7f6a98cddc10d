package stats

import "math"

// NoncentralChiSquareLower is P(X <= x) of the chi-square distribution with df
// degrees of freedom and noncentrality nc: central ones of df, df+2, … weighted by
// the Poisson distribution of mean nc/2 (Abramowitz and Stegun 26.4.25), summed
// from the heaviest weight outwards. About 17 sqrt(nc) terms.
func NoncentralChiSquareLower(x, df, nc float64) float64 {
	return noncentral(x, df, nc, ChiSquareLower)
}

// NoncentralChiSquareUpper is P(X >= x).
func NoncentralChiSquareUpper(x, df, nc float64) float64 {
	return noncentral(x, df, nc, ChiSquareUpper)
}

// noncentral adds up a tail of the central distribution.
func noncentral(x, df, nc float64, tail func(x, df float64) float64) float64 {
	if !(df > 0) || !(nc >= 0) || !finite(df, nc) || math.IsNaN(x) {
		return math.NaN()
	}
	mean := nc / 2
	mode := math.Floor(mean)
	weight := math.Exp(logPoisson(mode, mean))
	sum, last := 0.0, 0.0
	// done says that no further term can matter: they have begun to fall.
	done := func(term float64) bool {
		fallen := term < last && term < 1e-18*sum
		last = term
		return fallen
	}
	for j, w := mode, weight; j >= 0 && w > 0; j-- {
		term := w * tail(x, df+2*j)
		if sum += term; done(term) {
			break
		}
		w *= j / mean
	}
	for j, w := mode+1, weight*mean/(mode+1); w > 0; j++ {
		term := w * tail(x, df+2*j)
		if sum += term; done(term) {
			break
		}
		w *= mean / (j + 1)
	}
	return min(sum, 1)
}

// logPoisson is ln P(X = k) of a Poisson distribution (Loader).
func logPoisson(k, mean float64) float64 {
	switch {
	case k == 0:
		return -mean
	case mean == 0:
		return math.Inf(-1)
	}
	return -stirlingError(k) - deviance(k, mean) - math.Log(2*math.Pi*k)/2
}

// NoncentralChiSquareQuantile is the x with NoncentralChiSquareLower(x) = p.
func NoncentralChiSquareQuantile(p, df, nc float64) float64 {
	switch {
	case !(p >= 0 && p <= 1) || !(df > 0) || !(nc >= 0) || !finite(df, nc):
		return math.NaN()
	case p == 0:
		return 0
	case p == 1:
		return math.Inf(1)
	}
	f := func(x float64) float64 { return NoncentralChiSquareLower(x, df, nc) - p }
	high := df + nc
	for f(high) < 0 {
		high *= 2
	}
	return root(f, 0, high)
}

// Noncentrality is the range of noncentralities under which the statistic x of
// a chi-square test with df degrees of freedom is neither improbably large nor
// improbably small: the interval of Steiger (2004), Psychological Methods 9. Its
// ends are 0 where even no noncentrality makes x too small.
func Noncentrality(x, df, level float64) (Interval, error) {
	if err := checkLevel(level); err != nil {
		return noInterval, err
	}
	if !(x >= 0) || !(df > 0) || !finite(x, df) {
		return noInterval, invalid("a chi-square of %v with %v degrees of freedom", x, df)
	}
	tail := (1 - level) / 2
	end := func(p float64) float64 {
		f := func(nc float64) float64 { return NoncentralChiSquareLower(x, df, nc) - p }
		if f(0) <= 0 {
			return 0
		}
		high := x + 10
		for f(high) > 0 {
			high *= 2
		}
		return root(f, 0, high)
	}
	return Interval{Low: end(1 - tail), High: end(tail), Level: level}, nil
}
