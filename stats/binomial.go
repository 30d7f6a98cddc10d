package stats

import "math"

// The tails of the binomial distribution are sums of its terms, from the term at
// k outwards, each from the one before. The first comes from Loader's
// saddle-point expansion, which does not lose digits at large n as a quotient of
// factorials does: Loader (2000), Fast and Accurate Computation of Binomial
// Probabilities. So a tail is good to some 1e-13 of itself however small it is,
// and takes about as many steps as its standard deviation is rows.

// BinomialUpper is P(X >= k) of n trials with chance p.
func BinomialUpper(k, n int, p float64) float64 { return math.Exp(LogBinomialUpper(k, n, p)) }

// BinomialLower is P(X <= k).
func BinomialLower(k, n int, p float64) float64 { return math.Exp(LogBinomialLower(k, n, p)) }

// LogBinomialUpper is ln P(X >= k).
func LogBinomialUpper(k, n int, p float64) float64 { return logBinomialLower(n-k, n, 1-p, p) }

// LogBinomialLower is ln P(X <= k). NaN where n < 0, n > 2^40 or p is no chance.
func LogBinomialLower(k, n int, p float64) float64 { return logBinomialLower(k, n, p, 1-p) }

// logBinomialLower takes both chances, p and q = 1-p, since a small one would
// lose its digits in 1 minus the other.
func logBinomialLower(k, n int, p, q float64) float64 {
	switch {
	case n < 0 || n > mostRows || !(p >= 0 && q >= 0):
		return math.NaN()
	case k < 0:
		return math.Inf(-1)
	case k >= n || p == 0:
		return 0
	case q == 0:
		return math.Inf(-1)
	case float64(k) < float64(n+1)*p:
		return logBinomial(float64(k), float64(n), p, q) + logSumDown(k, n, q/p)
	}
	// Above the mode it is the upper tail that is small.
	other := logBinomial(float64(n-k-1), float64(n), q, p) + logSumDown(n-k-1, n, p/q)
	return math.Log1p(-math.Exp(min(other, 0)))
}

// logSumDown is the logarithm of P(X <= k)/P(X = k), for k below the mode; odds
// are those against.
func logSumDown(k, n int, odds float64) float64 {
	sum, term := 1.0, 1.0
	for x := k; x > 0 && term > epsilon*sum/8; x-- {
		term *= float64(x) / float64(n-x+1) * odds
		sum += term
	}
	return math.Log(sum)
}

// BinomialPMF is P(X = k).
func BinomialPMF(k, n int, p float64) float64 {
	switch {
	case n < 0 || n > mostRows || !(p >= 0 && p <= 1):
		return math.NaN()
	case k < 0 || k > n:
		return 0
	}
	return math.Exp(logBinomial(float64(k), float64(n), p, 1-p))
}

// logBinomial is ln P(X = k), 0 <= k <= n; k need not be whole where both k and
// n-k are large.
func logBinomial(k, n, p, q float64) float64 {
	switch {
	case k == 0:
		return times(n, logOf(q, p))
	case k == n:
		return times(n, logOf(p, q))
	case p == 0 || q == 0:
		return math.Inf(-1)
	}
	return stirlingError(n) - stirlingError(k) - stirlingError(n-k) -
		deviance(k, n*p) - deviance(n-k, n*q) +
		math.Log(n/(k*(n-k)))/2 - math.Log(2*math.Pi)/2
}

// logOf is ln p, by q = 1-p where that keeps more digits.
func logOf(p, q float64) float64 {
	if q < .5 {
		return math.Log1p(-q)
	}
	return math.Log(p)
}

// times is a*b, where 0 of anything is 0.
func times(a, b float64) float64 {
	if a == 0 {
		return 0
	}
	return a * b
}

// stirlingError is ln n! - ln(sqrt(2 pi n) (n/e)^n).
func stirlingError(n float64) float64 {
	if n <= 15 {
		return math.Log(math.Gamma(n+1) / math.Sqrt(2*math.Pi*n) * math.Exp(n) / math.Pow(n, n))
	}
	u := 1 / (n * n)
	return (1./12 - u*(1./360-u*(1./1260-u*(1./1680-u*(1./1188-u*691./360360))))) / n
}

// deviance is x ln(x/m) + m - x, which is near 0 where x is near m.
func deviance(x, m float64) float64 {
	if math.Abs(x-m) >= .1*(x+m) {
		return x*math.Log(x/m) + m - x
	}
	v := (x - m) / (x + m)
	sum, term := (x-m)*v, 2*x*v
	for j := 3.0; ; j += 2 {
		term *= v * v
		next := sum + term/j
		if next == sum {
			return sum
		}
		sum = next
	}
}

// hypergeometricUpper is P(X >= k) and hypergeometricLower P(X <= k), where X of
// the drawn rows are marked: marked of all rows are, and drawn of them are drawn.
func hypergeometricUpper(k, marked, drawn, all int) float64 {
	return hypergeometricLower(drawn-k, all-marked, drawn, all)
}

func hypergeometricLower(k, marked, drawn, all int) float64 {
	low, high := max(0, drawn-(all-marked)), min(marked, drawn)
	switch {
	case k < low:
		return 0
	case k >= high:
		return 1
	case float64(k) < float64(marked+1)*float64(drawn+1)/float64(all+2):
		return math.Exp(logHypergeometric(k, marked, drawn, all)) * hypergeometricSum(k, low, marked, drawn, all)
	}
	k, marked = drawn-k-1, all-marked
	low = max(0, drawn-(all-marked))
	return 1 - math.Exp(logHypergeometric(k, marked, drawn, all))*hypergeometricSum(k, low, marked, drawn, all)
}

// hypergeometricSum is P(X <= k)/P(X = k), for k below the mode.
func hypergeometricSum(k, low, marked, drawn, all int) float64 {
	sum, term := 1.0, 1.0
	for x := k; x > low && term > epsilon*sum/8; x-- {
		term *= float64(x) * float64(all-marked-drawn+x) / (float64(marked-x+1) * float64(drawn-x+1))
		sum += term
	}
	return sum
}

// logHypergeometric is ln P(X = k), as a quotient of binomial terms (Loader).
func logHypergeometric(k, marked, drawn, all int) float64 {
	p, q := float64(drawn)/float64(all), float64(all-drawn)/float64(all)
	return logBinomial(float64(k), float64(marked), p, q) +
		logBinomial(float64(drawn-k), float64(all-marked), p, q) -
		logBinomial(float64(drawn), float64(all), p, q)
}
