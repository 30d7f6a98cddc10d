package stats

import "math"

// Distances of two samples' counts of the same categories or bins. They say how
// far apart the shares are, not whether that is chance; ChiSquare does.

// StabilityIndex is the population stability index of two samples' counts.
type StabilityIndex struct {
	Value float64 // sum (q-p) ln(q/p), shares floored at 1e-6
	Null  float64 // what it is on average without any change: (B-1)(1/n + 1/m)
	P     float64 // of no change: Value/(1/n + 1/m) as chi-square with B-1 degrees
	Bins  int     // B: bins that either sample has
	scale float64 // 1/n + 1/m
}

// PSI compares shares q of the second sample with p of the first. Its mean and P
// are those for counts large enough in each bin, some 5. Yurdakul and Naranjo
// (2020), Journal of Risk Model Validation 14.
func PSI(reference, current []float64) (StabilityIndex, error) {
	const floor = 1e-6
	s := StabilityIndex{Value: math.NaN(), Null: math.NaN(), P: math.NaN()}
	n, m, err := totals(reference, current)
	if err != nil {
		return s, err
	}
	sum := 0.0
	for i := range reference {
		if reference[i]+current[i] == 0 {
			continue
		}
		s.Bins++
		p, q := max(reference[i]/n, floor), max(current[i]/m, floor)
		sum += (q - p) * math.Log(q/p)
	}
	if s.Bins < 2 {
		return s, undefined("one bin only")
	}
	s.scale = 1/n + 1/m
	s.Value, s.Null = sum, float64(s.Bins-1)*s.scale
	s.P = ChiSquareUpper(sum/s.scale, float64(s.Bins-1))
	return s, nil
}

// Interval is that of the true index: noncentral chi-square, Noncentrality times
// 1/n + 1/m. Its low end is 0 where there may be no change.
func (s StabilityIndex) Interval(level float64) (Interval, error) {
	if s.Bins < 2 {
		return noInterval, undefined("one bin only")
	}
	in, err := Noncentrality(s.Value/s.scale, float64(s.Bins-1), level)
	return Interval{in.Low * s.scale, in.High * s.scale, in.Level}, err
}

// JensenShannon is the distance, the root of the mean divergence in bits of both
// shares from their mean: 0 for equal shares, 1 where no category is in both.
// Lin (1991), IEEE Transactions on Information Theory 37.
func JensenShannon(x, y []float64) (float64, error) {
	sum, err := overShares(x, y, func(p, q float64) float64 {
		middle := (p + q) / 2
		return (times(p, math.Log2(p/middle)) + times(q, math.Log2(q/middle))) / 2
	})
	return math.Sqrt(max(sum, 0)), err
}

// Hellinger is sqrt(sum (sqrt p - sqrt q)^2 / 2): 0 for equal shares, 1 where no
// category is in both.
func Hellinger(x, y []float64) (float64, error) {
	sum, err := overShares(x, y, func(p, q float64) float64 {
		d := math.Sqrt(p) - math.Sqrt(q)
		return d * d / 2
	})
	return math.Sqrt(sum), err
}

// TotalVariation is half the sum of |p - q|: the share of rows that would have to
// change category.
func TotalVariation(x, y []float64) (float64, error) {
	return overShares(x, y, func(p, q float64) float64 { return math.Abs(p-q) / 2 })
}

// overShares adds up a term over the categories that either sample has.
func overShares(x, y []float64, term func(p, q float64) float64) (float64, error) {
	n, m, err := totals(x, y)
	if err != nil {
		return math.NaN(), err
	}
	sum := 0.0
	for i := range x {
		if x[i]+y[i] > 0 {
			sum += term(x[i]/n, y[i]/m)
		}
	}
	return sum, nil
}
