package stats

import (
	"math"
	"slices"
)

// exactLimit is the most rows that the unconditional test takes: its work grows
// as their square.
const exactLimit = 200

// ExactAbove is the exact P of the hypothesis that the true change is at most
// delta, for up to 200 rows. Of all outcomes of N rows it takes those whose
// TangoZ is at least the one seen, and of their chance the highest over all
// shares of lost rows where the change is delta: the chance for smaller changes is
// smaller, since the outcomes seen as extreme stay so with a row more gained or a
// row less lost. So rejecting at P <= alpha errs with chance at most alpha whatever
// the truth, which a test holds for small N. Hsueh, Liu and Chen (2001), Biometrics
// 57.
func (p Paired) ExactAbove(delta float64) (Test, error) {
	z, err := p.TangoZ(delta)
	switch {
	case err != nil:
		return noTest, err
	case p.N > exactLimit:
		return noTest, invalid("%d rows are too many for the exact test: at most %d", p.N, exactLimit)
	case delta == 1: // every change is at most 1
		return Test{z, 1}, nil
	case delta == -1: // every row must be lost
		if p.Lost == p.N {
			return Test{z, 1}, nil
		}
		return Test{z, 0}, nil
	}
	return Test{z, extreme(p.N, delta, z).highest()}, nil
}

// ExactBelow is the exact P of the hypothesis that the true change is at least
// delta.
func (p Paired) ExactBelow(delta float64) (Test, error) {
	t, err := Paired{Gained: p.Lost, Lost: p.Gained, N: p.N}.ExactAbove(-delta)
	t.Statistic = -t.Statistic
	return t, err
}

// region is a set of outcomes: for each number of gained rows, those with lost
// rows from 0 up to some number.
type region struct {
	n     int
	delta float64
	ways  [][]float64  // by gained, then lost rows: N! / (gained! lost! rest!)
	work  [3][]float64 // for powers of the three shares
}

// extreme is the outcomes whose statistic is at least z.
func extreme(n int, delta, z float64) region {
	r := region{n: n, delta: delta, ways: make([][]float64, n+1)}
	for i := range r.work {
		r.work[i] = make([]float64, n+1)
	}
	z -= 1e-9 * max(1, math.Abs(z)) // equal outcomes stay equal
	for b := range n + 1 {
		ways := logFactorial(n) - logFactorial(b)
		for c := 0; b+c <= n && tangoZ(float64(b), float64(c), float64(n), delta) >= z; c++ {
			r.ways[b] = append(r.ways[b], math.Exp(ways-logFactorial(c)-logFactorial(n-b-c)))
		}
	}
	return r
}

func logFactorial(n int) float64 {
	l, _ := math.Lgamma(float64(n + 1))
	return l
}

// highest is the region's highest chance over the shares of lost rows: of 128
// shares those that are higher than their neighbours, and near the highest, are
// each climbed by golden section.
func (r region) highest() float64 {
	const points = 128
	low, high := max(0, -r.delta), (1-r.delta)/2
	at := func(i int) float64 { return low + (high-low)*float64(i)/points }
	var chances [points + 1]float64
	for i := range chances {
		chances[i] = r.chance(at(i))
	}
	best := slices.Max(chances[:])
	limit := .95 * best
	for i, c := range chances {
		left, right := max(i-1, 0), min(i+1, points)
		if c >= limit && c >= chances[left] && c >= chances[right] {
			best = max(best, r.climb(at(left), at(right)))
		}
	}
	return min(best, 1)
}

// climb is the highest chance between two shares with one peak between them.
func (r region) climb(a, b float64) float64 {
	const golden = 0.6180339887498949
	x, y := b-golden*(b-a), a+golden*(b-a)
	left, right := r.chance(x), r.chance(y)
	for range 25 {
		if left > right {
			b, y, right = y, x, left
			x = b - golden*(b-a)
			left = r.chance(x)
		} else {
			a, x, left = x, y, right
			y = a + golden*(b-a)
			right = r.chance(y)
		}
	}
	return max(left, right)
}

// chance is the region's where the share of lost rows is q.
func (r region) chance(q float64) float64 {
	gained := powers(r.work[0], q+r.delta)
	lost := powers(r.work[1], q)
	rest := powers(r.work[2], max(1-2*q-r.delta, 0))
	sum := 0.0
	for b, ways := range r.ways {
		inner := 0.0
		for c, w := range ways {
			inner += w * lost[c] * rest[r.n-b-c]
		}
		sum += inner * gained[b]
	}
	return sum
}

// powers fills p with x^0, x^1 and on.
func powers(p []float64, x float64) []float64 {
	p[0] = 1
	for i := range p[1:] {
		p[i+1] = p[i] * x
	}
	return p
}
