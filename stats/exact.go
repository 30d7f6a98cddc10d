package stats

import "math"

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
// 57. The highest chance is sought on 256 shares and then between the neighbours
// of the best.
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

// region is a set of outcomes: for each number of gained rows, lost rows from 0
// to most; -1 where there is none.
type region struct {
	n     int
	delta float64
	most  []int
	ways  [][]float64 // N! / (gained! lost! rest!)
}

// extreme is the outcomes whose statistic is at least z.
func extreme(n int, delta, z float64) region {
	r := region{n, delta, make([]int, n+1), make([][]float64, n+1)}
	z -= 1e-9 * max(1, math.Abs(z)) // equal outcomes stay equal
	for b := range n + 1 {
		r.most[b] = -1
		ways := logFactorial(n) - logFactorial(b)
		for c := 0; b+c <= n && tangoZ(float64(b), float64(c), float64(n), delta) >= z; c++ {
			r.most[b] = c
			r.ways[b] = append(r.ways[b], math.Exp(ways-logFactorial(c)-logFactorial(n-b-c)))
		}
	}
	return r
}

func logFactorial(n int) float64 {
	l, _ := math.Lgamma(float64(n + 1))
	return l
}

// highest is the region's highest chance over the shares of lost rows.
func (r region) highest() float64 {
	const points = 256
	low, high := max(0, -r.delta), (1-r.delta)/2
	at := func(i int) float64 { return low + (high-low)*float64(i)/points }
	best, chance := 0, 0.0
	for i := range points + 1 {
		if c := r.chance(at(i)); c > chance {
			best, chance = i, c
		}
	}
	a, b := at(max(best-1, 0)), at(min(best+1, points))
	for range 30 {
		third := (b - a) / 3
		left, right := r.chance(a+third), r.chance(b-third)
		if chance = max(chance, left, right); left > right {
			b -= third
		} else {
			a += third
		}
	}
	return min(chance, 1)
}

// chance is the region's where the share of lost rows is q.
func (r region) chance(q float64) float64 {
	gained := powers(q+r.delta, r.n)
	lost := powers(q, r.n)
	rest := powers(max(1-2*q-r.delta, 0), r.n)
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

// powers is x^0 to x^n.
func powers(x float64, n int) []float64 {
	p := make([]float64, n+1)
	p[0] = 1
	for i := range n {
		p[i+1] = p[i] * x
	}
	return p
}
