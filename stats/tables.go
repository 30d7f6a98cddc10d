package stats

import "math"

// FisherTest has the exact P of independence in a table of two by two counts,
// given its margins: Less of as few as the first cell has, Greater of as many,
// TwoSided of tables at most as likely.
type FisherTest struct{ Less, Greater, TwoSided float64 }

// Fisher tests whether the rows of a/(a+b) and c/(c+d) are shares of one
// population, by the hypergeometric distribution of a. Where a margin is 0 no
// other table can be and every P is 1; a table without counts is undefined.
// Fisher (1934), Statistical Methods for Research Workers, 5th edition.
func Fisher(a, b, c, d int) (FisherTest, error) {
	none := FisherTest{math.NaN(), math.NaN(), math.NaN()}
	if min(a, b, c, d) < 0 || max(a, b, c, d) > mostRows {
		return none, invalid("counts %d %d %d %d", a, b, c, d)
	}
	marked, drawn, all := a+c, a+b, a+b+c+d
	if all == 0 {
		return none, undefined("no counts")
	}
	low, high := max(0, drawn-(all-marked)), min(marked, drawn)
	lower := func(k int) float64 { return hypergeometricLower(k, marked, drawn, all) }
	upper := func(k int) float64 { return hypergeometricUpper(k, marked, drawn, all) }
	chance := func(k int) float64 { return math.Exp(logHypergeometric(k, marked, drawn, all)) }
	t := FisherTest{Less: min(1, lower(a)), Greater: min(1, upper(a)), TwoSided: 1}
	if low < high {
		t.TwoSided = bothTails(a, low, high, chance, lower, upper)
	}
	return t, nil
}

// ChiSquareTest is Pearson's test that two samples of counts come from one
// distribution.
type ChiSquareTest struct {
	Test
	DF          int
	CramersV    float64 // 0 to 1: the root of the statistic over all counts
	LeastExpect float64 // the smallest expected count; below 5 the P is rough
}

// ChiSquare compares counts of the same categories in two samples, both taken as
// samples: sum (observed - expected)^2/expected, over categories that either has.
// One category left, or a sample without counts, is undefined. Pearson (1900);
// Cramer (1946), Mathematical Methods of Statistics, 21.9.
func ChiSquare(x, y []float64) (ChiSquareTest, error) {
	none := ChiSquareTest{noTest, 0, math.NaN(), math.NaN()}
	n, m, err := totals(x, y)
	if err != nil {
		return none, err
	}
	t := ChiSquareTest{DF: -1, LeastExpect: math.Inf(1)}
	for i := range x {
		both := x[i] + y[i]
		if both == 0 {
			continue
		}
		t.DF++
		ex, ey := both*(n/(n+m)), both*(m/(n+m))
		t.Statistic += (x[i]-ex)*(x[i]-ex)/ex + (y[i]-ey)*(y[i]-ey)/ey
		t.LeastExpect = min(t.LeastExpect, ex, ey)
	}
	if t.DF < 1 {
		return none, undefined("one category only")
	}
	t.P = ChiSquareUpper(t.Statistic, float64(t.DF))
	t.CramersV = math.Sqrt(min(t.Statistic/(n+m), 1))
	return t, nil
}

// totals adds up two samples of counts of the same categories.
func totals(x, y []float64) (n, m float64, err error) {
	if len(x) != len(y) {
		return 0, 0, invalid("%d and %d categories", len(x), len(y))
	}
	for i := range x {
		if !(x[i] >= 0 && y[i] >= 0) || !finite(x[i], y[i]) {
			return 0, 0, invalid("counts %v and %v", x[i], y[i])
		}
		n += x[i]
		m += y[i]
	}
	if n == 0 || m == 0 {
		return 0, 0, undefined("a sample without counts")
	}
	return n, m, nil
}
