package evidence

import (
	"math"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// Functions of means of the rows' quantities: to first order each row is off by its
// influence, a sum of these quantities times how fast the value rises with their
// means. So the variance follows from the quantities' variances and covariances:
// the delta method. With weights a row counts by its weight, and there are as many
// rows as Kish's effective size says.
//
// By itself that is too sure where few rows differ. So no chance that there is a
// change is less than 2^-k where k rows differ (had each as well changed the other
// way), and where k is small the interval has room for t^2 more of them. Where
// nothing varies there is no test but that: n rows that all changed by the same.

// LeastRows is the fewest rows, by their effective size, that prove a margin of
// losses: the mean of fewer is not near enough to normal.
const LeastRows = 30

// spread is the variances and covariances of quantities of a slice's rows.
type spread struct {
	covariances [][]float64 // of the means: row i has those with quantities 0 to i
	rows        float64     // effective
}

func spreadOf(v summary.View, factors []summary.Factor) spread {
	if v.Clustered() {
		return groupedSpread(v, factors)
	}
	weight := v.Weight()
	s := spread{rows: stats.EffectiveSize(weight, v.SquaredWeight())}
	s.covariances = v.Centred(factors...)
	for _, row := range s.covariances {
		for j := range row {
			row[j] /= weight * weight
		}
	}
	return s
}

// estimate is of a number that rises so fast with the means.
func (s spread) estimate(value float64, slopes ...float64) stats.Estimate {
	var squares, size float64
	for i, x := range slopes {
		for j, y := range slopes[:i+1] {
			term := x * y * s.covariances[i][j]
			if i != j {
				term *= 2
			}
			squares += term
			size += math.Abs(term)
		}
	}
	if squares <= 1e-14*size { // what rounding left
		squares = 0
	}
	e, err := stats.OfSquares(value, squares, s.rows)
	if err != nil {
		return stats.Estimate{Value: value, SE: math.NaN(), DF: math.NaN()}
	}
	return e
}

// value is the interval of a value. Where nothing varies it has no ends. That of a
// mean of what is never negative is found on the scale of its logarithm, x exp(±h/x)
// instead of x ± h: a few rows have most of the loss, a set that lacks them has both
// a mean and a variance that are too small, and there the upper end is missed less.
func (s spread) value(e stats.Estimate, m metric.Metric, alpha float64, weighted bool) Value {
	out := Value{Method: methodOf(m), Low: math.NaN(), High: math.NaN()}
	if in, err := e.Interval(1 - alpha); err == nil {
		out.Low, out.High = in.Low, in.High
		if x := e.Value; out.Method == "t" && !m.Signed && x > 0 {
			out.Low, out.High = x*math.Exp((in.Low-x)/x), x*math.Exp((in.High-x)/x)
		}
	}
	if !m.Signed {
		out.Low = max(out.Low, 0)
	}
	if m.Bounded {
		out.High = min(out.High, 1)
	}
	if weighted {
		out.EffectiveRows = s.rows
	}
	return out
}

// methodOf is t for means and their roots, and else the delta method.
func methodOf(m metric.Metric) string {
	if _, _, ok := m.Mean(metric.Params{}); ok {
		return "t"
	}
	return "delta"
}

// smooth is a change of such a function.
type smooth struct {
	change float64
	rows   float64 // effective
	differ float64 // rows that do
	// at estimates a number that is above 0 where the change is above delta, and is
	// about distance from it where there is no change.
	at     func(delta float64) (e stats.Estimate, distance float64)
	around stats.Estimate // of the change
}

func (s smooth) answer(v summary.View, m metric.Metric, q Question) Change {
	out := q.ask(s, s.change)
	out.Method, out.Low, out.High = methodOf(m), math.NaN(), math.NaN()
	if in, err := s.around.Interval(1 - q.Alpha); err == nil {
		half := in.High - s.change
		if s.few(q.Alpha / 2) {
			t := half / s.around.SE
			half *= math.Sqrt(1 + t*t/s.differ)
		}
		out.Low, out.High = s.change-half, s.change+half
	}
	if m.Bounded {
		out.Low, out.High = max(out.Low, -1), min(out.High, 1)
	}
	out.Provable = q.Margin > 0 && s.rows >= LeastRows && !s.few(q.Alpha)
	out.RowsNeeded = s.rowsNeeded(float64(v.Rows()), q)
	if v.Weighted() && !v.Clustered() {
		out.EffectiveRows = s.rows
	}
	return out
}

// few says whether so few rows differ that all in one direction would be chance.
func (s smooth) few(alpha float64) bool { return math.Exp2(-s.differ) > alpha }

func (s smooth) above(delta float64) float64 { return s.chance(delta, 1) }
func (s smooth) below(delta float64) float64 { return s.chance(delta, -1) }

// chance is of rows as telling as these if the change is no farther in a direction,
// 1 or -1, than delta. Beyond a margin is no surer than changed at all.
func (s smooth) chance(delta, direction float64) float64 {
	e, _ := s.at(delta)
	e.Value *= direction
	t, err := e.Above(0)
	p := chance(t.P, err)
	switch {
	case delta*direction < 0:
		return p
	case delta*direction > 0:
		return max(p, s.chance(0, direction))
	case e.SE == 0 && e.Value > 0:
		p = math.Exp2(-s.rows)
	}
	return max(p, math.Exp2(-s.differ))
}

// rowsNeeded is about how many rows like these would show with chance .80 that the
// margin is kept, if there is no change: variances fall as rows rise.
func (s smooth) rowsNeeded(rows float64, q Question) uint64 {
	delta := q.Margin
	if q.Side == Down {
		delta = -delta
	}
	e, distance := s.at(delta)
	z := -stats.NormalQuantile(q.Alpha) - stats.NormalQuantile(.2)
	n := math.Ceil(rows * max(z*z*e.SE*e.SE/(distance*distance), LeastRows/s.rows))
	if !(e.SE > 0 && distance > 0 && n < 1<<53) {
		return 0
	}
	return uint64(n)
}
