package drift

import (
	"errors"
	"math"

	"github.com/noworse/noworse/stats"
)

// ofCounts measures how far apart two tables' counts of the same categories or bins are.
// What makes the interval and the P is the same for all but PSI and TotalVariation:
// chi-square, which each of them is a function of where they are small.
func ofCounts(r, c []float64, d Distance, level float64) (Measure, error) {
	m := Measure{Distance: d, Test: "chi-square"}
	t, err := stats.ChiSquare(pooled(r, c))
	switch {
	case errors.Is(err, stats.ErrUndefined):
		m.P = 1 // too few rows for more than one category, or no more
	case err != nil:
		return m, err
	default:
		m.P = t.P
	}
	switch d {
	case PSI:
		return m, m.psi(r, c, level)
	case TotalVariation:
		return m, m.totalVariation(r, c, level)
	case JensenShannon, Hellinger:
		return m, m.divergence(r, c, level)
	}
	return m, m.cramersV(r, c, level)
}

func (m *Measure) exactly(effect float64) { m.Effect, m.Low, m.High = effect, effect, effect }

func (m *Measure) psi(r, c []float64, level float64) error {
	s, err := stats.PSI(r, c)
	if err != nil {
		return err
	}
	m.exactly(s.Value)
	m.Chance = s.Null
	m.Interval, err = s.Interval(level)
	return err
}

// totalVariation has an interval by how far shares of n rows are from their population's:
// half the sum of sqrt(p(1-p)/n) at most on average, and beyond by McDiarmid's
// inequality. Berend and Kontorovich (2012), Statistics and Probability Letters 82.
func (m *Measure) totalVariation(r, c []float64, level float64) error {
	v, err := stats.TotalVariation(r, c)
	if err != nil {
		return err
	}
	m.exactly(v)
	by := 0.0
	for _, counts := range [][]float64{r, c} {
		n := sum(counts)
		for _, x := range counts {
			by += math.Sqrt(x/n*(1-x/n)/n) / 2
		}
		by += math.Sqrt(math.Log(4/(1-level)) / (2 * n))
	}
	m.Interval = around(v, v, by, level)
	m.Interval.High = min(1, m.Interval.High)
	return nil
}

// cramersV has the interval of Steiger's noncentrality.
func (m *Measure) cramersV(r, c []float64, level float64) error {
	t, err := stats.ChiSquare(r, c)
	if err != nil {
		return err
	}
	m.exactly(t.CramersV)
	in, err := stats.Noncentrality(t.Statistic, float64(t.DF), level)
	n := sum(r) + sum(c)
	m.Interval = stats.Interval{Low: math.Sqrt(in.Low / n), High: min(1, math.Sqrt(in.High/n)), Level: level}
	return err
}

// divergence is Jensen and Shannon's distance or Hellinger's. The square of either is,
// for small ones, an eighth of the sum of (p-q)^2/((p+q)/2), so 8nm/(n+m) times it is
// chi-square with the same noncentrality. Pardo (2006), Statistical Inference Based on
// Divergence Measures.
func (m *Measure) divergence(r, c []float64, level float64) error {
	of, unit := stats.JensenShannon, math.Ln2 // from bits
	if m.Distance == Hellinger {
		of, unit = stats.Hellinger, 1
	}
	d, err := of(r, c)
	if err != nil {
		return err
	}
	m.exactly(d)
	n, k := sum(r), sum(c)
	scale := 8 * unit * n * k / (n + k)
	bins := 0
	for i := range r {
		if r[i]+c[i] > 0 {
			bins++
		}
	}
	in, err := stats.Noncentrality(scale*d*d, float64(bins-1), level)
	m.Interval = stats.Interval{Low: math.Sqrt(in.Low / scale), High: min(1, math.Sqrt(in.High/scale)), Level: level}
	return err
}
