package drift

import (
	"errors"
	"math"

	"github.com/noworse/noworse/profile"
	"github.com/noworse/noworse/stats"
)

// ofNumbers measures how far the current numbers are from the reference's.
func ofNumbers(r, c *profile.Numbers, d Distance, level float64) (Measure, error) {
	switch d {
	case KS:
		return kolmogorov(r, c, level)
	case Wasserstein:
		return wasserstein(r, c, level)
	case CramerVonMises, AndersonDarling:
		return squared(r, c, d, level)
	}
	return ofCounts(deciles(r), deciles(c), d, level)
}

// kolmogorov is the largest difference of the distribution functions. In a bin with many
// different numbers it may be larger than at its ends: by no more than one function rises
// in it while the other does not.
func kolmogorov(r, c *profile.Numbers, level float64) (Measure, error) {
	m := Measure{Distance: KS, Test: "Kolmogorov-Smirnov"}
	a, b := sampleOf(r), sampleOf(c)
	if exact(r, c) {
		t, err := stats.KolmogorovSmirnov(r.Values, c.Values)
		if err != nil {
			return m, err
		}
		m.Effect, m.Low, m.High, m.P = t.Statistic, t.Statistic, t.Statistic, t.P
	} else {
		f, g := a.shares(), b.shares()
		for i := range f {
			m.Low = max(m.Low, math.Abs(f[i]-g[i]))
			if i > 0 && !single(r.Edges, i) && f[i] > f[i-1] && g[i] > g[i-1] {
				m.High = max(m.High, f[i]-g[i-1], g[i]-f[i-1])
			}
		}
		m.High = max(m.High, m.Low)
		m.Effect = m.Low
		var err error
		if m.P, err = stats.KolmogorovSmirnovP(m.Low, int(a.n), int(b.n)); err != nil {
			return m, err
		}
	}
	m.Interval = around(m.Low, m.High, band(a.n, level)+band(b.n, level), level)
	m.Interval.High = min(1, m.Interval.High)
	return m, nil
}

// band is how far a distribution function of n values is from its population's, at most,
// with half of what a level leaves to chance: Massart's bound (1990), Annals of
// Probability 18, which holds for any population.
func band(n, level float64) float64 { return math.Sqrt(math.Log(4/(1-level)) / (2 * n)) }

// around is an interval that is so much wider than a bound, of what cannot be negative.
func around(low, high, by, level float64) stats.Interval {
	return stats.Interval{Low: max(0, low-by), High: high + by, Level: level}
}

// errInfinite is that a distance has no meaning for infinite numbers.
var errInfinite = errors.New("some values are infinite, which no such distance can have")

// errConstant is that nothing can be told in standard deviations.
var errConstant = errors.New("all values of the reference are equal, so they have no standard deviation to measure by")

// wasserstein is the area between the distribution functions, over the reference's
// standard deviation. The interval is by the delta method where chance does not explain
// the difference (del Barrio, Gordaliza and Loubes 2019, Electronic Journal of Statistics
// 13), and reaches down to 0 where it does.
func wasserstein(r, c *profile.Numbers, level float64) (Measure, error) {
	m := Measure{Distance: Wasserstein}
	if r.PlusInfinity+r.MinusInfinity+c.PlusInfinity+c.MinusInfinity > 0 {
		return m, errInfinite
	}
	ks, err := kolmogorov(r, c, level)
	if err != nil {
		return m, err
	}
	sd := r.Moments.SD()
	if !(sd > 0) {
		return m, errConstant
	}
	m.P, m.Test = ks.P, ks.Test
	var a area
	walk(r, c, a.add)
	m.Effect, m.Low, m.High = a.middle/sd, a.low/sd, a.high/sd
	by := stats.NormalQuantile((1+level)/2) * math.Sqrt(a.variance(sampleOf(r).n, sampleOf(c).n)) / sd
	m.Interval = around(m.Low, m.High, by, level)
	if m.P > 1-level {
		m.Interval.Low = 0
	}
	return m, nil
}

// area adds up the area between two distribution functions, and what its variance is
// made of: how far each value moves it, which is the integral of the sign of their
// difference up to there.
type area struct {
	low, middle, high float64
	path              float64
	first, second     spread
}

type spread struct{ mean, square float64 }

func (a *area) add(s stretch) {
	low, high := s.bounds()
	d0, d1 := math.Abs(s.f0-s.g0), math.Abs(s.f1-s.g1)
	middle := (d0 + d1) / 2
	if (s.f0-s.g0)*(s.f1-s.g1) < 0 {
		middle = (d0*d0 + d1*d1) / (2 * (d0 + d1))
	}
	a.low += s.width * low
	a.middle += s.width * middle
	a.high += s.width * high
	moved := s.width
	if s.f0+s.f1 < s.g0+s.g1 {
		moved = -moved
	}
	at := a.path
	if !s.flat {
		at += moved / 2
	}
	a.first.add(s.p, at)
	a.second.add(s.q, at)
	a.path += moved
}

func (s *spread) add(share, x float64) {
	s.mean += share * x
	s.square += share * x * x
}

func (a *area) variance(n, m float64) float64 {
	of := func(s spread) float64 { return max(0, s.square-s.mean*s.mean) }
	return of(a.first)/n + of(a.second)/m
}

// squared is the root of the mean square difference of the distribution functions over
// both tables' values, for AndersonDarling over H(1-H) of both together.
func squared(r, c *profile.Numbers, d Distance, level float64) (Measure, error) {
	m := Measure{Distance: d, Test: "Cramér-von Mises"}
	x, y := sampleOf(r), sampleOf(c)
	before, after := x.counts, y.counts
	if exact(r, c) {
		before, after = nil, nil
		walk(r, c, func(s stretch) { before, after = append(before, s.p*x.n), append(after, s.q*y.n) })
	}
	test := stats.CramerVonMisesCounted
	if d == AndersonDarling {
		m.Test, test = "Anderson-Darling", stats.AndersonDarlingCounted
	}
	t, err := test(before, after)
	if err != nil {
		return m, err
	}
	m.P = t.P
	s := squares{n: x.n, m: y.n, weighted: d == AndersonDarling}
	walk(r, c, s.add)
	m.Effect, m.Low, m.High = math.Sqrt(s.middle), math.Sqrt(s.low), math.Sqrt(max(s.high, s.middle))
	if d == CramerVonMises {
		m.Interval = around(m.Low, m.High, band(x.n, level)+band(y.n, level), level)
	}
	return m, nil
}

// squares adds up the squared difference of two distribution functions.
type squares struct {
	n, m              float64
	weighted          bool
	low, middle, high float64
}

func (s *squares) add(t stretch) {
	total := s.n + s.m
	share := (t.p*s.n + t.q*s.m) / total // of both tables' values
	if share == 0 {
		return
	}
	low, high := t.bounds()
	low, high = low*low, high*high
	d0, d1 := t.f0-t.g0, t.f1-t.g1
	middle := (d0*d0 + d0*d1 + d1*d1) / 3
	if !s.weighted {
		s.low, s.middle, s.high = s.low+share*low, s.middle+share*middle, s.high+share*high
		return
	}
	h := func(f, g float64) float64 { return (f*s.n + g*s.m) / total }
	h0, h1 := h(t.f0, t.g0), h(t.f1, t.g1)
	if t.flat && h1 == 1 {
		return
	}
	// Where few values are, the functions cannot be far apart: F <= (n+m)/n H.
	most := total / min(s.n, s.m)
	most *= most
	switch {
	case h1 <= .5:
		most *= h1 / (1 - h1)
	case h0 >= .5:
		most *= (1 - h0) / h0
	}
	s.low += share * low / within(h0, h1)
	s.middle += share * min(middle/max(within(h0, h1), 1/total), most)
	s.high += share * min(high/min(h0*(1-h0), h1*(1-h1)), most)
}

// within is the most that H(1-H) is between two values of H.
func within(h0, h1 float64) float64 {
	if h0 <= .5 && h1 >= .5 {
		return .25
	}
	return max(h0*(1-h0), h1*(1-h1))
}

// stretch is a part of the number line: how wide, where two distribution functions begin
// and end, and what share of each table's values it has.
type stretch struct {
	width          float64
	f0, f1, g0, g1 float64
	p, q           float64
	flat           bool // its values are at its beginning, and the functions are level from there
}

// bounds are the least and the most that the functions are apart somewhere in the stretch.
func (s stretch) bounds() (low, high float64) {
	if s.flat {
		d := math.Abs(s.f1 - s.g1)
		return d, d
	}
	return max(0, s.f0-s.g1, s.g0-s.f1), max(math.Abs(s.f0-s.g0), math.Abs(s.f1-s.g1), s.f1-s.g0, s.g1-s.f0)
}

// walk goes through the number line in stretches: from value to value, or from edge to edge.
func walk(r, c *profile.Numbers, visit func(stretch)) {
	if exact(r, c) {
		walkValues(r.Values, c.Values, visit)
		return
	}
	a, b := sampleOf(r), sampleOf(c)
	low, high := least(r.Min, c.Min), -least(-r.Max, -c.Max)
	f, g := a.shares(), b.shares()
	for i := range a.counts {
		s := stretch{f1: f[i], g1: g[i], p: a.counts[i] / a.n, q: b.counts[i] / b.n}
		if i > 0 {
			s.f0, s.g0 = f[i-1], g[i-1]
		}
		s.flat = single(r.Edges, i)
		if s.flat {
			s.f0, s.g0 = s.f1, s.g1
		}
		if k := i - 1; k >= 0 && k <= len(r.Edges) && low <= high {
			from, to := low, high
			if k > 0 {
				from = max(low, r.Edges[k-1])
			}
			if k < len(r.Edges) {
				to = min(high, r.Edges[k])
			}
			s.width = max(0, to-from)
		}
		visit(s)
	}
}

func walkValues(a, b []float64, visit func(stretch)) {
	n, m := float64(len(a)), float64(len(b))
	for i, j := 0, 0; i < len(a) || j < len(b); {
		x := next(a, b, i, j)
		i0, j0 := i, j
		for i < len(a) && a[i] == x {
			i++
		}
		for j < len(b) && b[j] == x {
			j++
		}
		s := stretch{p: float64(i-i0) / n, q: float64(j-j0) / m, f1: float64(i) / n, g1: float64(j) / m, flat: true}
		s.f0, s.g0 = s.f1, s.g1
		if i < len(a) || j < len(b) {
			s.width = next(a, b, i, j) - x
		}
		visit(s)
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

// least is the smaller number, or the one that is no NaN.
func least(a, b float64) float64 {
	if math.IsNaN(a) || b < a {
		return b
	}
	return a
}
