package stats

import "math"

// Unpaired counts right answers in two independent sets of rows. The difference
// is X1/N1 - X2/N2.
type Unpaired struct{ X1, N1, X2, N2 int }

func (u Unpaired) check() error {
	if err := checkCounts(u.X1, u.N1); err != nil {
		return err
	}
	return checkCounts(u.X2, u.N2)
}

// Difference is X1/N1 - X2/N2; NaN where a set has no rows.
func (u Unpaired) Difference() float64 {
	return float64(u.X1)/float64(u.N1) - float64(u.X2)/float64(u.N2)
}

// Newcombe is the interval of the true difference made of both shares' Wilson
// intervals: d ± sqrt of the sum of squares of their distances. Method 10 of
// Newcombe (1998), Statistics in Medicine 17.
func (u Unpaired) Newcombe(level float64) (Interval, error) {
	if err := u.check(); err != nil {
		return noInterval, err
	}
	one, err := Wilson(u.X1, u.N1, level)
	if err != nil {
		return noInterval, err
	}
	two, err := Wilson(u.X2, u.N2, level)
	if err != nil {
		return noInterval, err
	}
	p1, p2, d := float64(u.X1)/float64(u.N1), float64(u.X2)/float64(u.N2), u.Difference()
	return Interval{d - math.Hypot(p1-one.Low, two.High-p2), d + math.Hypot(one.High-p1, p2-two.Low), level}, nil
}

// ScoreZ is the score statistic of the hypothesis that the true difference is
// delta: (difference - delta) over its standard error at the likeliest shares
// under the hypothesis, with the factor N/(N-1) on the variance. Near standard
// normal; it falls as delta rises. Where the hypothesis leaves no variance it is 0
// if the data are what it says, else infinite. Miettinen and Nurminen (1985),
// Statistics in Medicine 4. Needs two rows in all.
func (u Unpaired) ScoreZ(delta float64) (float64, error) {
	if err := u.check(); err != nil {
		return math.NaN(), err
	}
	if !(delta >= -1 && delta <= 1) {
		return math.NaN(), invalid("a difference of %v is not in -1 to 1", delta)
	}
	return u.scoreZ(delta), nil
}

func (u Unpaired) scoreZ(delta float64) float64 {
	if delta < 0 {
		return -Unpaired{u.X2, u.N2, u.X1, u.N1}.scoreZ(-delta)
	}
	n1, n2 := float64(u.N1), float64(u.N2)
	p2 := u.restricted(delta)
	p1 := within(p2+delta, 0, 1)
	n := n1 + n2
	variance := (p1*(1-p1)/n1 + p2*(1-p2)/n2) * n / (n - 1)
	distance := u.Difference() - delta
	if math.Abs(distance) < 1e-15 || variance < 1e-30 {
		if math.Abs(distance) < 1e-15 {
			return 0
		}
		return math.Copysign(math.Inf(1), distance)
	}
	return distance / math.Sqrt(variance)
}

// restricted is the likeliest second share where the first is delta more: where
// the derivative of the log-likelihood, which falls, crosses zero. (The closed
// form of its cubic loses half the digits near 0 and 1.)
func (u Unpaired) restricted(delta float64) float64 {
	derivative := func(p float64) float64 {
		return slope(u.X1, u.N1, p+delta) + slope(u.X2, u.N2, p)
	}
	return root(derivative, max(0, -delta), min(1, 1-delta))
}

// slope is the derivative of the log-likelihood of x of n at the share p.
func slope(x, n int, p float64) float64 {
	sum := 0.0
	if x > 0 {
		sum += float64(x) / max(p, 0)
	}
	if x < n {
		sum -= float64(n-x) / max(1-p, 0)
	}
	return sum
}

// MiettinenNurminen is the interval of the true difference: the differences that
// the score test does not reject at (1-level)/2 on either side.
func (u Unpaired) MiettinenNurminen(level float64) (Interval, error) {
	if err := u.check(); err != nil {
		return noInterval, err
	}
	if err := checkLevel(level); err != nil {
		return noInterval, err
	}
	z, d := zOf((1-level)/2), u.Difference()
	low := root(func(delta float64) float64 { return u.scoreZ(delta) - z }, -1, d)
	high := root(func(delta float64) float64 { return u.scoreZ(delta) + z }, d, 1)
	return Interval{low, high, level}, nil
}

// Above is the one-sided P of the hypothesis that the true difference is at most
// delta, by the score test.
func (u Unpaired) Above(delta float64) (Test, error) {
	z, err := u.ScoreZ(delta)
	return Test{z, NormalUpper(z)}, err
}

// Below is the one-sided P of the hypothesis that the true difference is at least
// delta.
func (u Unpaired) Below(delta float64) (Test, error) {
	z, err := u.ScoreZ(delta)
	return Test{z, NormalLower(z)}, err
}
