package stats

import (
	"math"
	"slices"
)

// sortedSamples is copies in order, of two samples that can be compared.
func sortedSamples(x, y []float64) (a, b []float64, err error) {
	if !finite(x...) || !finite(y...) {
		return nil, nil, invalid("a value is not a number")
	}
	if len(x) == 0 || len(y) == 0 {
		return nil, nil, undefined("samples of %d and %d values", len(x), len(y))
	}
	a, b = slices.Clone(x), slices.Clone(y)
	slices.Sort(a)
	slices.Sort(b)
	return a, b, nil
}

// steps goes through the values of two sorted samples in order, each once, and
// says how many of either sample are at most that, and how far the next value is
// (0 after the last).
func steps(a, b []float64, visit func(i, j int, width float64)) {
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		at := next(a, b, i, j)
		for i < len(a) && a[i] == at {
			i++
		}
		for j < len(b) && b[j] == at {
			j++
		}
		width := 0.0
		if i < len(a) || j < len(b) {
			width = next(a, b, i, j) - at
		}
		visit(i, j, width)
	}
}

// next is the least value not yet passed.
func next(a, b []float64, i, j int) float64 {
	switch {
	case i == len(a):
		return b[j]
	case j == len(b):
		return a[i]
	}
	return min(a[i], b[j])
}

// KolmogorovSmirnov is the largest distance of two samples' distribution
// functions, with the P of KolmogorovSmirnovP. Rows must be independent; with
// ties the P is too large rather than too small. Smirnov (1939).
func KolmogorovSmirnov(x, y []float64) (Test, error) {
	a, b, err := sortedSamples(x, y)
	if err != nil {
		return noTest, err
	}
	d := 0.0
	n, m := float64(len(a)), float64(len(b))
	steps(a, b, func(i, j int, _ float64) { d = max(d, math.Abs(float64(i)/n-float64(j)/m)) })
	p, err := KolmogorovSmirnovP(d, len(a), len(b))
	return Test{d, p}, err
}

// KolmogorovSmirnovP is the chance that samples of n and m values from one
// continuous distribution lie at least d apart: exact for up to 10,000 values in
// the larger, beyond KolmogorovUpper(d, n m/(n+m) rounded to even), as scipy has
// it. The exact P of unequal samples takes up to n m steps.
func KolmogorovSmirnovP(d float64, n, m int) (float64, error) {
	switch {
	case n < 1 || m < 1:
		return math.NaN(), undefined("samples of %d and %d values", n, m)
	case !(d >= 0 && d <= 1):
		return math.NaN(), invalid("a distance of %v", d)
	}
	size := float64(n) * float64(m) / (float64(n) + float64(m))
	if max(n, m) > 10_000 {
		return KolmogorovUpper(d, max(1, int(math.RoundToEven(size)))), nil
	}
	if 2*d*d*size > 760 { // far below the smallest number
		return 0, nil
	}
	g := gcd(n, m)
	h := int(math.Round(d * float64(n/g) * float64(m)))
	switch {
	case h == 0:
		return 1, nil
	case n == m:
		return outsideSquare(n, h), nil
	}
	return outside(n, m, g, h), nil
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// outsideSquare is the share of lattice paths over n by n steps that stray h or
// more from the diagonal: 2 sum over k of (-1)^(k+1) C(2n, n-kh)/C(2n, n), from
// the inside out. Gnedenko and Korolyuk (1951).
func outsideSquare(n, h int) float64 {
	p := 0.0
	for k := n / h; k >= 1; k-- {
		ratio := 1.0
		for j := range h {
			ratio *= float64(n-k*h+h-j) / float64(n+k*h-h+j+1)
		}
		p = ratio * (1 - p)
	}
	return min(2*p, 1)
}

// outside is the share of lattice paths from (0, 0) to (n, m) that touch |i/n -
// j/m| >= h/lcm, by the last step of each: a path to (i, j) came from (i-1, j) with
// chance i/(i+j). All terms are positive, so a small share keeps its digits.
// Hodges (1958), Arkiv for Matematik 3.
func outside(n, m, g, h int) float64 {
	stepI, stepJ := m/g, n/g // inside is |i stepI - j stepJ| < h
	share := make([]float64, m+1)
	for j := range share {
		share[j] = 1
	}
	for i := range n + 1 {
		low := max(0, (i*stepI-h)/stepJ+1)
		if i*stepI < h {
			low = 0
		}
		high := min(m, (i*stepI+h-1)/stepJ)
		if low > 0 {
			share[low-1] = 1
		}
		for j := low; j <= high; j++ {
			switch {
			case i == 0 && j == 0:
				share[0] = 0
			case j == 0: // from (i-1, 0), which stands here already
			default:
				share[j] = (float64(i)*share[j] + float64(j)*share[j-1]) / float64(i+j)
			}
		}
	}
	return share[m]
}

// Wasserstein is the area between two samples' distribution functions, in the
// values' unit: the least mean distance by which one must be moved to be the
// other. Undefined where it is beyond all numbers.
func Wasserstein(x, y []float64) (float64, error) {
	a, b, err := sortedSamples(x, y)
	if err != nil {
		return math.NaN(), err
	}
	sum, n, m := 0.0, float64(len(a)), float64(len(b))
	steps(a, b, func(i, j int, width float64) { sum += math.Abs(float64(i)/n-float64(j)/m) * width })
	if !finite(sum) {
		return math.NaN(), undefined("the distance overflows")
	}
	return sum, nil
}

// CramerVonMises is the test by the squared distance of two samples' distribution
// functions, with mean ranks for ties; P is that of the limiting distribution with
// the statistic moved and scaled to its exact mean and variance, as in scipy's
// asymptotic method; good to 1e-14 and to two digits from some 20 values in each. Where
// many values are equal the P is far too small: CramerVonMisesCounted is for them.
// Anderson (1962), Annals of Mathematical Statistics 33.
func CramerVonMises(x, y []float64) (Test, error) {
	a, b, err := sortedSamples(x, y)
	if err != nil {
		return noTest, err
	}
	if len(a) < 2 || len(b) < 2 {
		return noTest, undefined("samples of %d and %d values", len(a), len(b))
	}
	n, m := float64(len(a)), float64(len(b))
	u, beforeA, beforeB := 0.0, 0, 0
	steps(a, b, func(i, j int, _ float64) {
		rank := (float64(beforeA+beforeB) + float64(i+j) + 1) / 2
		for r := beforeA; r < i; r++ {
			u += n * (rank - float64(r+1)) * (rank - float64(r+1))
		}
		for r := beforeB; r < j; r++ {
			u += m * (rank - float64(r+1)) * (rank - float64(r+1))
		}
		beforeA, beforeB = i, j
	})
	return cramerVonMises(u, n, m), nil
}

// cramerVonMisesUpper is the upper tail of the limiting distribution of the
// statistic. Anderson and Darling (1952), Annals of Mathematical Statistics 23.
func cramerVonMisesUpper(x float64) float64 {
	if x < .003 {
		return 1
	}
	sum, binomial := 0.0, 1.0
	for j := 0.0; j < 200; j++ {
		y := (4*j + 1) * (4*j + 1) / (16 * x)
		term := binomial * math.Sqrt(4*j+1) * scaledBesselK(y)
		sum += term
		if term < epsilon*sum/8 {
			break
		}
		binomial *= (j + .5) / (j + 1)
	}
	return within(1-sum/(math.Pi*math.Sqrt(x)), 0, 1)
}

// scaledBesselK is exp(-y) K_{1/4}(y): the integral of exp(-y (1 + cosh t)) cosh(t/4)
// over t > 0, whose sum over a grid converges exponentially.
func scaledBesselK(y float64) float64 {
	const h = 1. / 32
	sum := math.Exp(-2*y) / 2
	for t := h; ; t += h {
		term := math.Exp(-y*(1+math.Cosh(t))) * math.Cosh(t/4)
		sum += term
		if term < epsilon*sum/8 || sum == 0 {
			return sum * h
		}
	}
}

// AndersonDarling is the test of two samples that weighs the tails, with mid-ranks
// for ties: the standardised statistic, with P by interpolation in Scholz and
// Stephens' table, as scipy has it. The table ends at .001 and .25: a P of
// .001 may be smaller, one of .25 larger. Undefined below four values or where all
// are equal. Scholz and Stephens (1987), Journal of the American Statistical
// Association 82.
func AndersonDarling(x, y []float64) (Test, error) {
	a, b, err := sortedSamples(x, y)
	if err != nil {
		return noTest, err
	}
	n, m := float64(len(a)), float64(len(b))
	total := n + m
	if total < 4 || min(a[0], b[0]) == max(a[len(a)-1], b[len(b)-1]) {
		return noTest, undefined("samples of %d and %d values that do not vary enough", len(a), len(b))
	}
	sum, beforeA, beforeB := 0.0, 0, 0
	steps(a, b, func(i, j int, _ float64) {
		sum += andersonTerm(n, m, float64(beforeA), float64(beforeB), float64(i-beforeA), float64(j-beforeB))
		beforeA, beforeB = i, j
	})
	return andersonDarling(sum, n, m), nil
}

// andersonVariance is that of the statistic for two samples, equation 4 of Scholz
// and Stephens with k = 2.
func andersonVariance(n, m float64) float64 {
	N, H := n+m, 1/n+1/m
	h, g, partial := 0.0, 0.0, 0.0
	for i := 1.0; i < N; i++ {
		h += 1 / i
	}
	for i := 2.0; i < N; i++ {
		partial += 1 / (N - i + 1)
		g += partial / i
	}
	a := 4*g - 6 + (10-6*g)*H
	b := (2*g-4)*4 + 16*h + (2*g-14*h-4)*H - 8*h + 4*g - 6
	c := (6*h+2*g-2)*4 + (4*h-4*g+6)*2 + (2*h-6)*H + 4*h
	d := (2*h+6)*4 - 8*h
	return (((a*N+b)*N+c)*N + d) / ((N - 1) * (N - 2) * (N - 3))
}

// andersonP is P by the parabola nearest to the table's logarithms.
func andersonP(z float64) float64 {
	levels := []float64{.25, .1, .05, .025, .01, .005, .001}
	critical := []float64{.675 - .245 - .105, 1.281 + .25 - .305, 1.645 + .678 - .362, 1.96 + 1.149 - .391, 2.326 + 1.822 - .396, 2.573 + 2.364 - .345, 3.085 + 3.615 - .154}
	logs := make([]float64, len(levels))
	for i, p := range levels {
		logs[i] = math.Log(p)
	}
	c := parabola(critical, logs)
	if z <= critical[0] {
		return levels[0]
	}
	if z >= critical[len(critical)-1] {
		return levels[len(levels)-1]
	}
	return within(math.Exp(c[0]+z*(c[1]+z*c[2])), .001, .25)
}

// parabola is the least-squares c0 + c1 x + c2 x^2, by the normal equations.
func parabola(x, y []float64) [3]float64 {
	var s [5]float64
	var t [3]float64
	for i := range x {
		power := 1.0
		for k := range s {
			s[k] += power
			if k < 3 {
				t[k] += power * y[i]
			}
			power *= x[i]
		}
	}
	determinant := func(a, b, c [3]float64) float64 {
		return a[0]*(b[1]*c[2]-b[2]*c[1]) - a[1]*(b[0]*c[2]-b[2]*c[0]) + a[2]*(b[0]*c[1]-b[1]*c[0])
	}
	u, v, w := [3]float64{s[0], s[1], s[2]}, [3]float64{s[1], s[2], s[3]}, [3]float64{s[2], s[3], s[4]}
	all := determinant(u, v, w)
	return [3]float64{determinant(t, v, w) / all, determinant(u, t, w) / all, determinant(u, v, t) / all}
}
