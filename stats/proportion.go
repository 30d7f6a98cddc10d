package stats

import "math"

// checkCounts says whether x of n rows can be.
func checkCounts(x, n int) error {
	switch {
	case n < 0 || x < 0 || x > n || n > mostRows:
		return invalid("%d of %d rows", x, n)
	case n == 0:
		return undefined("no rows")
	}
	return nil
}

// Wilson is the interval of the share that x of n independent rows estimate: the
// shares that the score test does not reject, (x + z^2/2 ± z sqrt(x(n-x)/n +
// z^2/4)) / (n + z^2). It covers the level on average, not for each share.
// Wilson (1927), Journal of the American Statistical Association 22.
func Wilson(x, n int, level float64) (Interval, error) {
	if err := checkCounts(x, n); err != nil {
		return noInterval, err
	}
	if err := checkLevel(level); err != nil {
		return noInterval, err
	}
	return wilson(float64(x), float64(n), level), nil
}

// WilsonOf is the same of a value from 0 to 1 that varies no more than a share of so
// many rows, such as an area under the ROC curve of so many rows of the smaller class:
// its variance is at most A(1-A)/rows. Birnbaum and Klose (1957), Annals of
// Mathematical Statistics 28.
func WilsonOf(value, rows, level float64) (Interval, error) {
	if !(value >= 0 && value <= 1) || !(rows > 0) || !finite(rows) {
		return noInterval, invalid("a value of %v over %v rows", value, rows)
	}
	if err := checkLevel(level); err != nil {
		return noInterval, err
	}
	return wilson(value*rows, rows, level), nil
}

func wilson(hits, rows, level float64) Interval {
	z := zOf((1 - level) / 2)
	middle, half := hits+z*z/2, z*math.Sqrt(hits*(rows-hits)/rows+z*z/4)
	in := Interval{(middle - half) / (rows + z*z), (middle + half) / (rows + z*z), level}
	if hits == 0 {
		in.Low = 0
	}
	if hits == rows {
		in.High = 1
	}
	return in
}

// ClopperPearson is the interval of the share that covers at least the level
// whatever the share: the shares that neither exact one-sided test at (1-level)/2
// rejects. Clopper and Pearson (1934), Biometrika 26.
func ClopperPearson(x, n int, level float64) (Interval, error) {
	if err := checkCounts(x, n); err != nil {
		return noInterval, err
	}
	if err := checkLevel(level); err != nil {
		return noInterval, err
	}
	in := Interval{0, 1, level}
	X, N, tail := float64(x), float64(n), (1-level)/2
	if x > 0 {
		in.Low = BetaQuantile(tail, X, N-X+1)
	}
	if x < n {
		// The chance of failing, so that a share near 1 keeps its digits.
		in.High = 1 - BetaQuantile(tail, N-X, X+1)
	}
	return in, nil
}

// ProportionTest has the exact p-values of x of n independent rows under the
// hypothesis that the true share is p: Less = P(X <= x), Greater = P(X >= x), and
// TwoSided adds up the outcomes that are at most as likely as x.
type ProportionTest struct{ Less, Greater, TwoSided float64 }

// TestProportion is the exact test of a share, by the binomial distribution.
func TestProportion(x, n int, p float64) (ProportionTest, error) {
	none := ProportionTest{math.NaN(), math.NaN(), math.NaN()}
	if err := checkCounts(x, n); err != nil {
		return none, err
	}
	if !(p >= 0 && p <= 1) {
		return none, invalid("a share of %v", p)
	}
	t := ProportionTest{Less: BinomialLower(x, n, p), Greater: BinomialUpper(x, n, p)}
	t.TwoSided = bothTails(x, 0, n, func(k int) float64 { return BinomialPMF(k, n, p) },
		func(k int) float64 { return BinomialLower(k, n, p) },
		func(k int) float64 { return BinomialUpper(k, n, p) })
	return t, nil
}

// bothTails is the chance of all outcomes from low to high at most as likely as x,
// of a distribution with one mode. Chances within 1e-7 of each other are equal,
// as R and scipy have it.
func bothTails(x, low, high int, chance, lower, upper func(k int) float64) float64 {
	limit := chance(x) * (1 + 1e-7)
	if x > low && chance(x-1) > chance(x) { // x lies above the mode
		k := search(low-1, x, func(k int) bool { return chance(k) > limit }) - 1
		return min(1, upper(x)+lower(k))
	}
	if x < high && chance(x+1) > chance(x) {
		k := search(x, high, func(k int) bool { return chance(k) <= limit && chance(k) <= chance(k-1) })
		return min(1, lower(x)+upper(k))
	}
	return 1
}

// search is the first whole number above low, at most high, for which is holds;
// high+1 where it holds for none. is must hold from there on.
func search(low, high int, is func(int) bool) int {
	high++
	for high-low > 1 {
		if k := low + (high-low)/2; is(k) {
			high = k
		} else {
			low = k
		}
	}
	return high
}
