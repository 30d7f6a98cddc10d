package evidence

import (
	"math"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// Metrics that are the mean of one loss of each row change by the mean of the
// rows' changes, so the t interval and test of paired differences serve (Gosset
// 1908). For the root of a mean they serve by the delta method; whether it rose at
// all is asked of the mean itself.
//
// By itself t is too sure where few rows differ, or all by the same. So each chance
// is held to what a few rows can show: if the losses of a row could as well be
// exchanged between the models, k rows that differ all went the same way with
// chance 2^-k, and none has less. Where nothing varies there is no interval, and
// nothing is proven; nor is it by so few rows that a mean of them is not near normal.

// provingMean is how many rows a mean must have to prove anything: the rule of
// thumb for when it is near normal.
const provingMean = 30

// Needs is what a summary must keep for evidence on a metric beside its value:
// on changes, where two models are paired, and on values.
func Needs(m metric.Metric, p metric.Params, changes, values bool) summary.Needs {
	l, root, ok := m.Mean(p)
	if !ok {
		return summary.Needs{}
	}
	var list []summary.Loss
	add := func(f summary.Form) { list = append(list, summary.Loss{Kind: l.Kind, Param: l.Param, Of: f}) }
	if changes {
		add(summary.Moved)
	}
	if changes && !l.Counts() {
		add(summary.Change)
	}
	if (values || changes && root) && !l.Counts() {
		add(summary.Square)
	}
	return summary.Needs{Losses: list}
}

// meanChange is the evidence on a metric that is a mean of losses.
func meanChange(v summary.View, l summary.Loss, root bool, q Question) (Change, bool) {
	moved, ok := v.Moved(l)
	if !ok {
		return Change{}, false
	}
	if l.Counts() {
		return countedChange(v, l, moved, q)
	}
	s, ok := v.SpreadOfChange(l)
	if !ok {
		return Change{}, false
	}
	t := newMean(s, moved)
	if !root {
		return t.change(t, v.Rows(), q), true
	}
	x, okX := v.SpreadOf(l, 0)
	y, okY := v.SpreadOf(l, 1)
	if !okX || !okY {
		return Change{}, false
	}
	of := t
	of.Value = math.Sqrt(x.Mean) - math.Sqrt(y.Mean)
	of.SE = rootError(x, y, s)
	return of.change(rootMean{of, t}, v.Rows(), q), true
}

// countedChange is of losses that are 0 or 1: a share of all rows.
func countedChange(v summary.View, l summary.Loss, moved uint64, q Question) (Change, bool) {
	n := float64(v.Rows())
	more := math.Round(v.Mean(l, 0)*n) - math.Round(v.Mean(l, 1)*n)
	gained := (int(moved) + int(more)) / 2
	return pairedChange(stats.Paired{Gained: gained, Lost: int(moved) - gained, N: int(v.Rows())}, v.Rows(), q)
}

// meanOf tests a mean by Student's t.
type meanOf struct {
	stats.Estimate
	least float64 // no chance is less
}

func newMean(s summary.Spread, moved uint64) meanOf {
	m := meanOf{stats.Estimate{Value: s.Mean, DF: float64(s.Rows) - 1}, math.Exp2(-float64(moved))}
	if s.Rows > 1 {
		m.SE = math.Sqrt(s.Variance / float64(s.Rows))
	}
	return m
}

func (m meanOf) above(delta float64) float64 {
	switch {
	case m.SE != 0:
		t, err := m.Above(delta)
		return max(chance(t.P, err), m.least)
	case m.Value > delta:
		return m.least
	}
	return 1
}

func (m meanOf) below(delta float64) float64 {
	m.Value = -m.Value
	return m.above(-delta)
}

// rootMean tests a change of roots of means; whether there is one by the means,
// and more than one is no surer.
type rootMean struct{ roots, means meanOf }

func (r rootMean) above(delta float64) float64 {
	switch {
	case delta == 0:
		return r.means.above(0)
	case delta > 0:
		return max(r.roots.above(delta), r.means.above(0))
	}
	return r.roots.above(delta)
}

func (r rootMean) below(delta float64) float64 {
	r.roots.Value, r.means.Value = -r.roots.Value, -r.means.Value
	return r.above(-delta)
}

// rootError is the standard error of sqrt(mean x) - sqrt(mean y) by the delta
// method: that of the mean of a x - b y with a = 1/(2 sqrt(mean x)) and b likewise.
// Its variance a²X + b²Y - 2ab cov is written by that of x - y, since the two are
// alike: (a-b)(aX - bY) + ab D.
func rootError(x, y, change summary.Spread) float64 {
	if change.Rows < 2 {
		return 0
	}
	a, b := 1/(2*math.Sqrt(x.Mean)), 1/(2*math.Sqrt(y.Mean))
	variance := (a-b)*(a*x.Variance-b*y.Variance) + a*b*change.Variance
	return math.Sqrt(max(variance, 0) / float64(change.Rows))
}

// change puts the question, and says what the estimate alone does.
func (m meanOf) change(t tester, rows uint64, q Question) Change {
	c := q.ask(t, m.Value)
	in, err := m.Interval(1 - q.Alpha)
	c.Method, c.Low, c.High = "t", in.Low, in.High
	if err != nil {
		c.Within = math.Max(c.Within, 1) // NaN where it was not asked
		return c
	}
	c.Provable = rows >= provingMean && q.Margin > 0
	c.RowsNeeded = m.rowsNeeded(float64(rows), q)
	return c
}

// rowsNeeded is about how many rows like these would show with chance .80 that the
// margin m is kept, if there is no change: rows ((z_alpha + z_.80) SE / m)².
func (m meanOf) rowsNeeded(rows float64, q Question) uint64 {
	z := -stats.NormalQuantile(q.Alpha) - stats.NormalQuantile(.2)
	root := z * m.SE / q.Margin
	n := max(math.Ceil(rows*root*root), provingMean)
	if !(n < 1<<53) {
		return 0
	}
	return uint64(n)
}

// meanValue is the interval of a mean of losses of one model, or of its root. Where
// nothing varies it has no ends: a limit that is missed is inconclusive, and one
// that is kept is not proven.
func meanValue(v summary.View, model int, m metric.Metric, l summary.Loss, root bool, alpha float64) (Value, bool) {
	if l.Counts() {
		n := v.Rows()
		return OfShare(uint64(math.Round(v.Mean(l, model)*float64(n))), n, alpha)
	}
	s, ok := v.SpreadOf(l, model)
	if !ok {
		return Value{}, false
	}
	in, err := newMean(s, s.Rows).Interval(1 - alpha)
	if err == nil && !m.Signed {
		in.Low = max(in.Low, 0)
	}
	if root {
		in.Low, in.High = math.Sqrt(in.Low), math.Sqrt(in.High)
	}
	return Value{Method: "t", Low: in.Low, High: in.High}, true
}
