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
	s := signs{change: x.Value - y.Value}
	gradient := make([]float64, len(c.counts))
	for k, both := range c.predicted {
		gradient[k] = candidate(c.label[k], both[0]) - baseline(c.label[k], both[1])
		if both[0] != both[1] {
			s.add(c.counts[k], (candidate(c.label[k], both[0])+baseline(c.label[k], both[0])-candidate(c.label[k], both[1])-baseline(c.label[k], both[1]))/2)
		}
	}
	e, err := stats.Delta(s.change, c.counts, gradient)
	if err != nil {
		return Change{}, false
	}
	s.variance = e.SE * e.SE
	most, provable := influence(v, []metric.Slope{candidate, baseline}, q)
	s.most = most
	out := q.ask(s, s.change)
	out.Method, out.Provable = "delta", provable
	z := -stats.NormalQuantile(q.Alpha / 2)
	half := z * math.Sqrt(s.variance+z*z*most*most)
	out.Low, out.High = s.change-half, s.change+half
	if m.Bounded {
		out.Low, out.High = max(out.Low, -1), min(out.High, 1)
	}
	out.RowsNeeded = s.rowsNeeded(float64(v.Rows()), q)
	return out, out.Low <= out.High
}

// influence is the most that the answer to one row, turned from right to wrong,
// changes the metric; and whether so few rows can show that a margin is kept. Of a
// true class of n rows, none of which got worse, up to 1 - alpha^(1/n) may be
// lost by the next (the exact upper bound), and all that costs must be within it.
func influence(v summary.View, slopes []metric.Slope, q Question) (most float64, provable bool) {
	classes := v.Classes()
	rows := make([]float64, classes)
	v.EachCell(func(label int, _ [2]int, count uint64) { rows[label] += float64(count) })
	provable = true
	for label, n := range rows {
		if n == 0 {
			continue
		}
		worst := 0.0
		for _, slope := range slopes {
			right := slope(label, label)
			for other := range classes {
				worst = max(worst, math.Abs(right-slope(label, other)))
			}
		}
		most = max(most, worst)
		if lost := 1 - math.Pow(q.Alpha, 1/n); lost*n*worst > q.Margin*(1+1e-12) {
			provable = false
		}
	}
	return most, provable && most > 0 && q.Margin > 0
}

// signs is a change as a sum of influences of rows whose two answers differ.
type signs struct {
	change   float64
	variance float64 // of the change, by the delta method
	most     float64 // the most that one row could change it
	squares  float64 // sum over the rows that differ of their squared influence
	step     float64 // the largest of these influences
	rows     float64 // that differ
}

// add takes in rows that differ, by what each changes.
func (s *signs) add(rows, influence float64) {
	s.rows += rows
	s.squares += rows * influence * influence
	s.step = max(s.step, math.Abs(influence))
}

func (s signs) above(delta float64) float64 {
	switch {
	case delta == 0 && s.rows == 0:
		return 1
	case delta == 0:
		p := stats.NormalUpper((s.change - s.step) / math.Sqrt(s.squares))
		return min(1, max(chance(p, nil), math.Exp2(-s.rows)))
	}
	distance := s.change - delta
	if delta > 0 { // by more than one row
		distance = max(0, distance-s.most)
	}
	return chance(stats.NormalUpper(distance/math.Sqrt(max(s.variance, math.Abs(delta)*s.most))), nil)
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
	most, _ := influence(v, []metric.Slope{slope}, Question{Alpha: alpha})
	z := -stats.NormalQuantile(alpha / 2)
	half := z * math.Sqrt(e.SE*e.SE+z*z*most*most)
	out := Value{Method: "delta", Low: x.Value - half, High: x.Value + half}
	if m.Bounded {
		out.Low, out.High = max(out.Low, 0), min(out.High, 1)
	}
	return out, out.Low <= out.High
}
