package stats

import "math"

// KolmogorovUpper is P(D_n >= d), D_n being the two-sided Kolmogorov-Smirnov
// distance of n values from the continuous distribution that they were drawn
// from. It chooses among methods as scipy's kstwo does, after Simard and
// L'Ecuyer (2011), Journal of Statistical Software 39(11): exact at the ends and
// for n <= 140; twice the one-sided tail where it is small; and Pelz and Good's
// expansion in between, whose error is 1e-5 of the result at n = 141 and falls as
// 1/n^2. NaN where n < 1 or d is NaN.
func KolmogorovUpper(d float64, n int) float64 {
	N := float64(n)
	t, square := N*d, N*d*d
	switch {
	case n < 1 || n > mostRows || math.IsNaN(d):
		return math.NaN()
	case d >= 1:
		return 0
	case t <= .5:
		return 1
	case t <= 1: // Ruben and Gambino
		return 1 - math.Exp(logFactorialShare(N)+N*math.Log(2*t-1))
	case t >= N-1:
		return 2 * math.Pow(1-d, N)
	case d >= .5 || n <= 140 && square > 4 || n > 140 && square >= 2.2:
		return min(2*SmirnovUpper(d, n), 1)
	case n <= 140 || n <= 100_000 && N*math.Pow(d, 1.5) <= 1.4:
		return within(1-durbin(d, n), 0, 1)
	}
	return within(1-pelzGood(d*math.Sqrt(N), math.Sqrt(N)), 0, 1)
}

// logFactorialShare is ln(n!/n^n).
func logFactorialShare(n float64) float64 {
	return stirlingError(n) + math.Log(2*math.Pi*n)/2 - n
}

// SmirnovUpper is P(D_n+ >= d) of the one-sided distance, by the sum of Birnbaum
// and Tingey (1951), whose terms are binomial ones. In the tail of many
// values it adds up every s-th term s times: there the terms are smooth in their
// index and vanish at both ends, so that the difference is below rounding.
func SmirnovUpper(d float64, n int) float64 {
	switch {
	case n < 1 || n > mostRows || math.IsNaN(d):
		return math.NaN()
	case d <= 0:
		return 1
	case d >= 1:
		return 0
	}
	N := float64(n)
	stride := 1
	if N*d*d >= 2 {
		stride = max(1, n/4096)
	}
	sum := 0.0
	for j := stride / 2; float64(j) < N*(1-d); j += stride {
		p := d + float64(j)/N
		sum += math.Exp(logBinomial(float64(j), N, p, 1-p)) * d / p
	}
	return min(sum*float64(stride), 1)
}

// durbin is P(D_n < d), exactly: the n-th power of a matrix, Marsaglia, Tsang
// and Wang (2003), Journal of Statistical Software 8(18).
func durbin(d float64, n int) float64 {
	t := float64(n) * d
	k := int(t) + 1
	h := float64(k) - t
	m := 2*k - 1
	power := matrixPower(durbinMatrix(m, h), n)
	s := power.at(k-1, k-1)
	exponent := power.exponent
	for i := 1; i <= n; i++ {
		s *= float64(i) / float64(n)
		if s < 1e-140 {
			s *= 1e140
			exponent -= 140
		}
	}
	return s * math.Pow(10, float64(exponent))
}

// durbinMatrix is the matrix of Durbin's recursion.
func durbinMatrix(m int, h float64) matrix {
	a := newMatrix(m)
	factorial := make([]float64, m+1)
	factorial[0] = 1
	for i := range m {
		factorial[i+1] = factorial[i] * float64(i+1)
	}
	for i := range m {
		for j := range min(i+2, m) {
			a.cells[i*m+j] = 1 / factorial[i-j+1]
		}
	}
	for i := range m {
		a.cells[i*m] -= math.Pow(h, float64(i+1)) / factorial[i+1]
		a.cells[(m-1)*m+i] -= math.Pow(h, float64(m-i)) / factorial[m-i]
	}
	if h > .5 {
		a.cells[(m-1)*m] += math.Pow(2*h-1, float64(m)) / factorial[m]
	}
	return a
}

// matrix is a square matrix times a power of ten.
type matrix struct {
	size     int
	cells    []float64
	exponent int
}

func newMatrix(size int) matrix { return matrix{size: size, cells: make([]float64, size*size)} }

func (a matrix) at(i, j int) float64 { return a.cells[i*a.size+j] }

// times is a b, kept from overflowing.
func (a matrix) times(b matrix) matrix {
	c := newMatrix(a.size)
	c.exponent = a.exponent + b.exponent
	for i := range a.size {
		row := c.cells[i*a.size : (i+1)*a.size]
		for k := range a.size {
			x := a.at(i, k)
			for j, y := range b.cells[k*a.size : (k+1)*a.size] {
				row[j] += x * y
			}
		}
	}
	if c.at(a.size/2, a.size/2) > 1e140 {
		for i := range c.cells {
			c.cells[i] *= 1e-140
		}
		c.exponent += 140
	}
	return c
}

// matrixPower is a to the n-th power, n >= 1.
func matrixPower(a matrix, n int) matrix {
	if n == 1 {
		return a
	}
	half := matrixPower(a, n/2)
	square := half.times(half)
	if n%2 == 0 {
		return square
	}
	return square.times(a)
}

// pelzGood is P(sqrt(n) D_n <= z): four terms in powers of 1/sqrt(n), Pelz and
// Good (1976), as Simard and L'Ecuyer write them.
func pelzGood(z, rootN float64) float64 {
	z2, z4 := z*z, z*z*z*z
	z6, z8 := z2*z4, z4*z4
	var k0, k1, k2, k3, k2b, k3b float64
	for i := 40; i >= 0; i-- { // the terms fall as exp(-5 i^2/z^2), and z is under 5
		u := math.Pi * math.Pi * (float64(i) + .5) * (float64(i) + .5)
		e := math.Exp(-u / (2 * z2))
		k0 += e
		k1 += (u - z2) * e
		k2 += (6*z6 + 2*z4 + u*(2*z4-5*z2) + u*u*(1-2*z2)) * e
		k3 += (u*u*u*(5-30*z2) + u*u*(-60*z2+212*z4) + u*(135*z4-96*z6) - 30*z6 - 90*z8) * e
		w := math.Pi * math.Pi * float64(i) * float64(i)
		e = math.Exp(-w / (2 * z2))
		k2b += w * e
		k3b += (3*w*z2 - w*w) * e
	}
	// Sums over all whole numbers are twice those over one half of them.
	c := 2 * math.Sqrt(math.Pi/2)
	return c/z*k0 +
		c/(6*z4)*k1/rootN +
		(c/(72*z6*z)*k2-c/(36*z2*z)*k2b)/(rootN*rootN) +
		(c/(6480*z8*z2)*k3+c/(216*z6)*k3b)/(rootN*rootN*rootN)
}
