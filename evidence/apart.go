package evidence

import (
	"math"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// apart is a change between two sets of rows whose variances add up. If there is
// no change, both are of one kind, and the variance is that of all rows together,
// where that is more; if it is some other, it is at least what the fewest rows of
// most influence make that bring it about.
type apart struct {
	change   float64
	variance float64
	none     float64 // the variance if there is no change
	most     float64 // what a row changes at most
	step     float64 // the same where changes come in steps: the correction for continuity
	least    float64 // no chance is less
	df       float64
}

func (a apart) above(delta float64) float64 {
	variance := max(a.variance, math.Abs(delta)*a.most)
	if delta == 0 {
		variance = max(a.variance, a.none)
	}
	distance := a.change - delta
	if delta >= 0 && distance > 0 {
		distance = max(0, distance-a.step)
	}
	p := .5 // also where nothing varies
	if distance != 0 {
		p = chance(stats.StudentUpper(distance/math.Sqrt(variance), a.df), nil)
	}
	return max(a.least, p)
}

func (a apart) below(delta float64) float64 {
	a.change = -a.change
	return a.above(-delta)
}

// answer is what such a change says to a question.
func (a apart) answer(method string, rows uint64, q Question) Change {
	c := q.ask(a, a.change)
	t := -stats.StudentQuantile(q.Alpha/2, a.df)
	half := t * math.Sqrt(a.variance+t*t*a.step*a.step)
	c.Method, c.Low, c.High = method, a.change-half, a.change+half
	z := -stats.NormalQuantile(q.Alpha) - stats.NormalQuantile(.2)
	variance := max(a.variance, a.none, 2*a.step*a.step)
	if n := math.Ceil(float64(rows) * z * z * variance / (q.Margin * q.Margin)); n < 1<<53 {
		c.RowsNeeded = uint64(n)
	}
	return c
}

// countsApart compares a metric of two tables of counts, each with the variance
// that the delta method gives it.
func countsApart(v summary.View, k Kept, m metric.Metric, p metric.Params, q Question) (Change, bool) {
	now, before := side{numbers(v.Counts(0)), m, p}, side{numbers(k.Counts), m, p}
	x, y := m.Counted(now.cells, p), m.Counted(before.cells, p)
	one, err := now.variance()
	other, errOther := before.variance()
	if err != nil || errOther != nil || math.IsNaN(x-y) {
		return Change{}, false
	}
	a := apart{change: x - y, variance: one + other, df: math.Inf(1), most: max(now.most(), before.most())}
	a.step, a.least = a.most, math.Exp2(-min(now.rows(), before.rows()))
	both := side{sum(now.cells, before.cells), m, p}
	if pooled, err := both.variance(); err == nil && !math.IsNaN(m.Counted(both.cells, p)) {
		a.none = pooled * both.rows() * (1/now.rows() + 1/before.rows())
	}
	c := a.answer("delta", v.Rows(), q)
	c.Provable = now.provable(q) && before.provable(q)
	if m.Bounded {
		c.Low, c.High = max(c.Low, -1), min(c.High, 1)
	}
	return c, c.Low <= c.High
}

// side is one of two tables of counts.
type side struct {
	cells [][]float64
	m     metric.Metric
	p     metric.Params
}

func (s side) slope() metric.Slope { return s.m.CountedSlope(s.cells, s.p) }

func (s side) rows() float64 {
	n := 0.0
	for _, u := range s.units() {
		n += u.n
	}
	return n
}

func (s side) units() []units {
	list := make([]units, len(s.cells))
	for label, row := range s.cells {
		for _, n := range row {
			list[label].weight += n
			list[label].n += n
		}
	}
	return list
}

func (s side) most() float64 { return mostInfluence(s.units(), []metric.Slope{s.slope()}) }

func (s side) provable(q Question) bool { return provable(s.units(), []metric.Slope{s.slope()}, q) }

// variance is that of the metric.
func (s side) variance() (float64, error) {
	var counts, gradient []float64
	slope := s.slope()
	for label, row := range s.cells {
		for predicted, n := range row {
			if n > 0 {
				counts, gradient = append(counts, n), append(gradient, slope(label, predicted))
			}
		}
	}
	e, err := stats.Delta(0, counts, gradient)
	return e.SE * e.SE, err
}

func sum(a, b [][]float64) [][]float64 {
	list := make([][]float64, len(a))
	for i := range a {
		for j := range a[i] {
			list[i] = append(list[i], a[i][j]+b[i][j])
		}
	}
	return list
}

// areasApart compares two areas under the ROC curve by their values and the rows
// of each class alone.
func areasApart(v summary.View, k Kept, m metric.Metric, p metric.Params, q Question) (Change, bool) {
	x, err := m.Estimate(v, 0, p)
	if err != nil || x.Bound != 0 {
		return Change{}, false
	}
	now, rows, ok := areaOf(x.Value, v.Counts(0), p.Positive())
	before, rowsBefore, okBefore := areaOf(k.Value, k.Counts, p.Positive())
	if !ok || !okBefore {
		return Change{}, false
	}
	e, err := stats.UnpairedAreas(before, now)
	if err != nil {
		return Change{}, false
	}
	smaller := min(rows, rowsBefore)
	a := apart{change: x.Value - k.Value, variance: e.SE * e.SE, df: e.DF, most: 1 / smaller, least: math.Exp2(-smaller)}
	c := a.answer("hanley-mcneil", v.Rows(), q)
	c.Low, c.High = max(c.Low, -1), min(c.High, 1)
	if least, err := stats.ZeroLossRows(min(q.Margin, 1), q.Alpha); err == nil {
		c.Provable = smaller >= float64(least)
	}
	return c, true
}

// areaOf is an area with the variance of Hanley and McNeil, and the rows of the
// smaller class. Near 0 and 1, where that vanishes, it is the variance of an area
// that half a row of the smaller class is short of them.
func areaOf(value float64, counts [][]uint64, positive int) (stats.Area, float64, bool) {
	var of, others uint64
	for label, row := range counts {
		for _, n := range row {
			if label == positive {
				of += n
			} else {
				others += n
			}
		}
	}
	smaller := float64(min(of, others))
	edge := .5 / (smaller + 1)
	a, err := stats.HanleyMcNeil(min(max(value, edge), 1-edge), int(of), int(others))
	a.Value = value
	return a, smaller, err == nil && value >= 0 && value <= 1
}
