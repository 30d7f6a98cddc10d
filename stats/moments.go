package stats

import "math"

// Moments is the mean of N values and M2, the sum of their squared distances
// from it. It merges; the last digits depend on the order.
type Moments struct {
	N        int
	Mean, M2 float64
}

// Add takes in a value. Welford (1962), Technometrics 4.
func (m *Moments) Add(x float64) { m.Merge(Moments{1, x, 0}) }

// Merge takes in other values' moments. Chan, Golub and LeVeque (1983), The
// American Statistician 37.
func (m *Moments) Merge(o Moments) {
	if o.N == 0 {
		return
	}
	n := m.N + o.N
	d, share := o.Mean-m.Mean, float64(o.N)/float64(n)
	m.Mean += d * share
	m.M2 += o.M2 + d*d*share*float64(m.N)
	m.N = n
}

// MomentsOf makes them of sums of values and of squares, as exact as can be: what
// is within rounding of no variance has none.
func MomentsOf(n int, sum, squares float64) Moments {
	if n == 0 {
		return Moments{}
	}
	mean := sum / float64(n)
	return Moments{n, mean, difference(squares-sum*mean, squares, n)}
}

// Estimate is the mean with its standard error sqrt(M2/(N-1)/N) and N-1 degrees of
// freedom: the t interval, for independent values whose mean is near normal.
// Undefined below two values. Gosset (1908), Biometrika 6.
func (m Moments) Estimate() (Estimate, error) {
	if m.N < 2 {
		return noEstimate, undefined("%d values have no variance", m.N)
	}
	n := float64(m.N)
	return estimate(m.Mean, difference(m.M2/(n-1)/n, epsilon*m.Mean*m.Mean, 0), n-1)
}

// Pair is the moments of N pairs of values: means, squared distances from them,
// and Cross, the sum of products of the two distances.
type Pair struct {
	N                       int
	MeanA, MeanB            float64
	SquareA, SquareB, Cross float64
}

// Add takes in a pair.
func (p *Pair) Add(a, b float64) { p.Merge(Pair{N: 1, MeanA: a, MeanB: b}) }

// Merge takes in other pairs' moments.
func (p *Pair) Merge(o Pair) {
	if o.N == 0 {
		return
	}
	n := p.N + o.N
	da, db, share := o.MeanA-p.MeanA, o.MeanB-p.MeanB, float64(o.N)/float64(n)
	weight := share * float64(p.N)
	p.MeanA += da * share
	p.MeanB += db * share
	p.SquareA += o.SquareA + da*da*weight
	p.SquareB += o.SquareB + db*db*weight
	p.Cross += o.Cross + da*db*weight
	p.N = n
}

// PairOf makes them of sums, as exact as can be, of a, b, a^2, b^2 and ab.
func PairOf(n int, a, b, aa, bb, ab float64) Pair {
	if n == 0 {
		return Pair{}
	}
	meanA, meanB := a/float64(n), b/float64(n)
	return Pair{n, meanA, meanB, difference(aa-a*meanA, aa, n), difference(bb-b*meanB, bb, n), ab - a*meanB}
}

// Linear estimates the mean of x a + y b; with -1 and 1 the paired difference.
func (p Pair) Linear(x, y float64) (Estimate, error) {
	if p.N < 2 {
		return noEstimate, undefined("%d pairs have no variance", p.N)
	}
	size := x*x*p.SquareA + y*y*p.SquareB
	m := Moments{p.N, x*p.MeanA + y*p.MeanB, difference(size+2*x*y*p.Cross, size, p.N)}
	return m.Estimate()
}

// The functions below take a Pair of the squared errors of two models, A the first.

// RMSEBeyond estimates mean(b - (1+margin)^2 a): above 0 where the second's root
// mean squared error is more than margin, a share, above the first's. Unlike a
// ratio of roots it is a mean, so the t interval holds.
func (p Pair) RMSEBeyond(margin float64) (Estimate, error) {
	if !(margin > -1) || !finite(margin) {
		return noEstimate, invalid("a margin of %v", margin)
	}
	return p.Linear(-(1+margin)*(1+margin), 1)
}

// RMSEChange estimates sqrt(mean b) - sqrt(mean a) by the delta method. Undefined
// where either has no error.
func (p Pair) RMSEChange() (Estimate, error) {
	a, b := math.Sqrt(p.MeanA), math.Sqrt(p.MeanB)
	return p.smooth(b-a, -1/(2*a), 1/(2*b))
}

// RMSERatio estimates sqrt(mean b / mean a) - 1 by the delta method.
func (p Pair) RMSERatio() (Estimate, error) {
	r := math.Sqrt(p.MeanB / p.MeanA)
	return p.smooth(r-1, -r/(2*p.MeanA), r/(2*p.MeanB))
}

// smooth estimates a function of both means with these derivatives.
func (p Pair) smooth(value, da, db float64) (Estimate, error) {
	if p.N > 0 && !(p.MeanA > 0 && p.MeanB > 0) {
		return noEstimate, undefined("mean squared errors of %v and %v", p.MeanA, p.MeanB)
	}
	e, err := p.Linear(da, db)
	if err == nil {
		e.Value = value
	}
	return e, err
}
