package stats

import "math"

// The noncentral chi-square distribution is central ones of df, df+2, … weighted
// by the Poisson distribution of mean nc/2 (Abramowitz and Stegun 26.4.25). Tails
// of the next central one follow from the last by one multiplication and one
// addition, so a value takes some 20 sqrt(nc) steps. Tails are good to 1e-12 of
// themselves down to 1e-200.

// NoncentralChiSquareLower is P(X <= x) with df degrees of freedom and
// noncentrality nc.
func NoncentralChiSquareLower(x, df, nc float64) float64 {
	switch {
	case !(df > 0) || !(nc >= 0) || nc > 1e12 || math.IsInf(df, 1) || math.IsNaN(x):
		return math.NaN()
	case x <= 0:
		return 0
	case math.IsInf(x, 1):
		return 1
	case nc == 0:
		return ChiSquareLower(x, df)
	}
	mean, half := nc/2, x/2
	// From the top of the weights that count, or of those with a tail, down.
	j := math.Floor(mean + 9*math.Sqrt(mean) + 20)
	for j > 0 && logPoisson(df/2+j, half) < -650 {
		j = math.Floor(j * .95)
	}
	tail, step := ChiSquareLower(x, df+2*j), math.Exp(logPoisson(df/2+j, half))
	weight := math.Exp(logPoisson(j, mean))
	sum, last := 0.0, 0.0
	for ; j >= 0; j-- {
		term := weight * tail
		sum += term
		if term < last && term < 1e-18*sum {
			break
		}
		last = term
		weight *= j / mean
		step *= (df/2 + j) / half
		tail += step
	}
	return min(sum, 1)
}

// NoncentralChiSquareUpper is P(X >= x).
func NoncentralChiSquareUpper(x, df, nc float64) float64 {
	switch {
	case !(df > 0) || !(nc >= 0) || nc > 1e12 || math.IsInf(df, 1) || math.IsNaN(x):
		return math.NaN()
	case x <= 0:
		return 1
	case math.IsInf(x, 1):
		return 0
	case nc == 0:
		return ChiSquareUpper(x, df)
	}
	mean, half := nc/2, x/2
	j := max(0, math.Floor(mean-9*math.Sqrt(mean)-20))
	for j < half && logPoisson(df/2+j, half) < -650 {
		j = math.Floor(j*1.05) + 1
	}
	tail, step := ChiSquareUpper(x, df+2*j), math.Exp(logPoisson(df/2+j, half))
	weight := math.Exp(logPoisson(j, mean))
	sum, last := 0.0, 0.0
	for {
		term := weight * tail
		sum += term
		if term <= last && term <= 1e-18*sum || weight == 0 {
			return min(sum, 1)
		}
		last = term
		tail = min(tail+step, 1)
		j++
		weight *= mean / j
		step *= half / (df/2 + j)
	}
}

// logPoisson is ln P(X = k) of a Poisson distribution (Loader); k need not be whole.
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
	case !(p >= 0 && p <= 1) || !(df > 0) || !(nc >= 0) || nc > 1e12 || math.IsInf(df, 1):
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
	if !(x >= 0 && x < 1e11) || !(df > 0) || math.IsInf(df, 1) {
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
