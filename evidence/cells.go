package evidence

import (
	"math"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// Metrics of counts (F1, precision, averages over classes, kappa and the like)
// are no shares of fixed rows, but each row has a known influence on them: how
// fast the value rises with the rows of its cell. The change of the metric is to
// first order the sum of these, so its variance follows from the counts by true
// class and the two answers: the delta method (Agresti 2013, Categorical Data
// Analysis, 16.1).
//
// By itself that is too sure where few rows differ: none at all would mean no
// variance. So each chance is held to what a few rows can show:
//
//   - Worse: if the two answers of a row could as well be exchanged, the change is
//     a sum of influences with random signs. Its normal chance has the correction
//     for continuity, half the step of the row of most influence, and k rows that
//     differ cannot have less chance than 2^-k. For accuracy this is McNemar's test
//     with Edwards' correction.
//   - Within and Beyond: if the change were the margin, at least so many rows of the
//     most influence would differ as make it up, and their variance is the least.
//     For accuracy without flips this is Tango's test.
//   - The interval is widened by the row of most influence in the same way.

// cells is one slice's rows by true class and both answers.
type cells struct {
	label     []int
	predicted [][2]int
	counts    []float64
}

func cellsOf(v summary.View) cells {
	var c cells
	v.EachCell(func(label int, predicted [2]int, count uint64) {
		c.label = append(c.label, label)
		c.predicted = append(c.predicted, predicted)
		c.counts = append(c.counts, float64(count))
	})
	return c
}

// countsChange is the evidence on a metric of counts.
func countsChange(v summary.View, m metric.Metric, p metric.Params, q Question) (Change, bool) {
	x, errX := m.Estimate(v, 0, p)
	y, errY := m.Estimate(v, 1, p)
	if errX != nil || errY != nil {
		return Change{}, false
	}
	c := cellsOf(v)
	candidate, baseline := m.Slope(v, 0, p), m.Slope(v, 1, p)
	s := signs{change: x.Value - y.Value, df: math.Inf(1)}
	gradient := make([]float64, len(c.counts))
	for k, both := range c.predicted {
		gradient[k] = candidate(c.label[k], both[0]) - baseline(c.label[k], both[1])
		if both[0] != both[1] {
			s.add(c.counts[k], exchange(candidate, baseline, c.label[k], both))
		}
	}
	e, err := stats.Delta(s.change, c.counts, gradient)
	if err != nil {
		return Change{}, false
	}
	s.variance = e.SE * e.SE
	units := unitsOf(v)
	s.most = mostInfluence(units, []metric.Slope{candidate, baseline})
	out, ok := s.answer(v, m, q)
	out.Method, out.Provable = "delta", provable(units, []metric.Slope{candidate, baseline}, q)
	return out, ok
}

// exchange is half of what a row changes if its two answers are exchanged.
func exchange(candidate, baseline metric.Slope, label int, answers [2]int) float64 {
	now, before := answers[0], answers[1]
	return (candidate(label, now) + baseline(label, now) - candidate(label, before) - baseline(label, before)) / 2
}

// answer is what the influences say to a question.
func (s signs) answer(v summary.View, m metric.Metric, q Question) (Change, bool) {
	out := q.ask(s, s.change)
	half := s.half(q.Alpha)
	out.Low, out.High = s.change-half, s.change+half
	if m.Bounded {
		out.Low, out.High = max(out.Low, -1), min(out.High, 1)
	}
	out.RowsNeeded = s.rowsNeeded(float64(v.Rows()), q)
	return out, out.Low <= out.High
}

// half is half the width of the interval.
func (s signs) half(alpha float64) float64 {
	t := -stats.StudentQuantile(alpha/2, s.df)
	return t * math.Sqrt(s.variance+t*t*s.most*s.most)
}

// units is the weight of the rows of a true class, and of how many independent
// units it is: rows, or groups of them. Groups of different size are worth fewer
// of the same size (Kish 1965).
type units struct{ weight, n float64 }

// unitsOf takes every row for a unit.
func unitsOf(v summary.View) []units {
	list := make([]units, v.Classes())
	v.EachCell(func(label int, _ [2]int, count uint64) {
		list[label].weight += float64(count)
		list[label].n += float64(count)
	})
	return list
}

// worst is the most that the answer to a row of a class, turned from right to
// wrong, changes the metric, for its weight.
func worst(label, classes int, slopes []metric.Slope) float64 {
	most := 0.0
	for _, slope := range slopes {
		right := slope(label, label)
		for other := range classes {
			most = max(most, math.Abs(right-slope(label, other)))
		}
	}
	return most
}

// mostInfluence is the most that one unit so turned changes the metric.
func mostInfluence(list []units, slopes []metric.Slope) float64 {
	most := 0.0
	for label, u := range list {
		if u.n > 0 {
			most = max(most, worst(label, len(list), slopes)*u.weight/u.n)
		}
	}
	return most
}

// provable says whether so few units can show that a margin is kept. Of a true
// class of n units, none of which got worse, up to 1 - alpha^(1/n) may be lost by
// the next (the exact upper bound), and all that costs must be within the margin.
func provable(list []units, slopes []metric.Slope, q Question) bool {
	for label, u := range list {
		if u.n == 0 {
			continue
		}
		lost := 1 - math.Pow(q.Alpha, 1/u.n)
		if lost*u.weight*worst(label, len(list), slopes) > q.Margin*(1+1e-12) {
			return false
		}
	}
	return mostInfluence(list, slopes) > 0 && q.Margin > 0
}

// signs is a change as a sum of influences of units, rows or groups of them, whose
// two answers differ.
type signs struct {
	change   float64
	variance float64 // of the change, by the delta method
	df       float64 // degrees of freedom of the variance; +Inf: the normal distribution
	most     float64 // the most that one unit could change it
	squares  float64 // sum over the units that differ of their squared influence
	step     float64 // the largest of these influences
	units    float64 // that differ
}

// add takes in units that differ, by what each changes.
func (s *signs) add(units, influence float64) {
	s.units += units
	s.squares += units * influence * influence
	s.step = max(s.step, math.Abs(influence))
}

func (s signs) above(delta float64) float64 {
	switch {
	case delta == 0 && s.units == 0:
		return 1
	case delta == 0:
		p := stats.StudentUpper((s.change-s.step)/math.Sqrt(s.squares), s.df)
		return min(1, max(chance(p, nil), math.Exp2(-s.units)))
	}
	distance := s.change - delta
	if delta > 0 { // by more than one unit
		distance = max(0, distance-s.most)
	}
	p := chance(stats.StudentUpper(distance/math.Sqrt(max(s.variance, math.Abs(delta)*s.most)), s.df), nil)
	if delta > 0 { // beyond a margin is no surer than changed at all
		return max(p, s.above(0))
	}
	return p
}

func (s signs) below(delta float64) float64 {
	s.change = -s.change
	return s.above(-delta)
}

// rowsNeeded is about how many rows like these would show with chance .80 that the
// margin is kept, if there is no change.
func (s signs) rowsNeeded(rows float64, q Question) uint64 {
	if q.Margin == 0 {
		return 0
	}
	z := -stats.NormalQuantile(q.Alpha) - stats.NormalQuantile(.2)
	n := max(z*z*(s.variance+2*s.most*s.most)/(q.Margin*q.Margin), -math.Log(q.Alpha)*s.most/q.Margin)
	if n = math.Ceil(n * rows); !(n < 1<<53) {
		return 0
	}
	return uint64(n)
}

// countsValue is the interval of a metric of counts of one model.
func countsValue(v summary.View, model int, m metric.Metric, p metric.Params, alpha float64) (Value, bool) {
	x, err := m.Estimate(v, model, p)
	if err != nil {
		return Value{}, false
	}
	c := cellsOf(v)
	slope := m.Slope(v, model, p)
	gradient := make([]float64, len(c.counts))
	for k, both := range c.predicted {
		gradient[k] = slope(c.label[k], both[model])
	}
	e, err := stats.Delta(x.Value, c.counts, gradient)
	if err != nil {
		return Value{}, false
	}
	s := signs{variance: e.SE * e.SE, df: math.Inf(1), most: mostInfluence(unitsOf(v), []metric.Slope{slope})}
	out, ok := s.around(x.Value, alpha, m)
	out.Method = "delta"
	return out, ok
}

// around is the interval of a value.
func (s signs) around(value float64, alpha float64, m metric.Metric) (Value, bool) {
	half := s.half(alpha)
	out := Value{Low: value - half, High: value + half}
	if m.Bounded {
		out.Low, out.High = max(out.Low, 0), min(out.High, 1)
	}
	return out, out.Low <= out.High
}
