package evidence

import (
	"math"
	"slices"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// share is a metric that is the share of some rows, the same for every model, in
// which a model's answer counts. So the two models' answers pair row by row, and
// exact tests of the rows on which they differ serve.
type share struct {
	of     func(label int) bool
	counts func(label, predicted int) bool
}

// rightOrWrong are the metrics that are accuracy under another name: every row
// is of one class and predicted to be of one, so what one class loses by a
// mistake another loses too.
var rightOrWrong = []string{"accuracy", "precision_micro", "recall_micro", "f1_micro", "f_beta_micro", "recall_weighted"}

// shareOf is the share that a metric is; false for others.
func shareOf(name string, p metric.Params) (share, bool) {
	positive := p.Positive()
	every := func(int) bool { return true }
	is := func(label int) bool { return label == positive }
	isNot := func(label int) bool { return label != positive }
	says := func(_, predicted int) bool { return predicted == positive }
	saysNot := func(_, predicted int) bool { return predicted != positive }
	switch name {
	case "recall":
		return share{is, says}, true
	case "false_negative_rate":
		return share{is, saysNot}, true
	case "specificity":
		return share{isNot, saysNot}, true
	case "false_positive_rate":
		return share{isNot, says}, true
	case "positive_rate":
		return share{every, says}, true
	}
	if slices.Contains(rightOrWrong, name) {
		return share{every, func(label, predicted int) bool { return label == predicted }}, true
	}
	return share{}, false
}

// change counts the rows that only one model's answer counts in.
func (s share) change(v summary.View, q Question) (Change, bool) {
	var p stats.Paired
	v.EachCell(func(label int, predicted [2]int, count uint64) {
		if !s.of(label) {
			return
		}
		p.N += int(count)
		switch candidate, baseline := s.counts(label, predicted[0]), s.counts(label, predicted[1]); {
		case candidate && !baseline:
			p.Gained += int(count)
		case baseline && !candidate:
			p.Lost += int(count)
		}
	})
	return pairedChange(p, v.Rows(), q)
}

// pairedChange is the evidence of rows gained and lost, which may be some of all
// rows of the slice.
func pairedChange(p stats.Paired, rows uint64, q Question) (Change, bool) {
	in, err := p.Tango(1 - q.Alpha)
	if err != nil {
		return Change{}, false
	}
	c := q.ask(paired{p}, -p.Drop())
	c.Method, c.Low, c.High = "tango", in.Low, in.High
	margin := min(q.Margin, 1)
	if least, err := stats.ZeroLossRows(margin, q.Alpha); err == nil {
		c.Provable = p.N >= least
	}
	if needed, err := p.RowsNeeded(margin, q.Alpha); err == nil {
		c.RowsNeeded = uint64(math.Ceil(float64(needed) * float64(rows) / float64(p.N)))
	}
	return c, true
}

// paired tests a change by the rows that were gained and lost.
type paired struct{ stats.Paired }

func (p paired) above(delta float64) float64 {
	switch {
	case delta == 0:
		m, err := p.McNemar()
		return chance(m.Better, err)
	case delta < 0:
		return chance(p.NotWorseBy(min(-delta, 1)))
	}
	return chance(p.mirrored().WorseBy(min(delta, 1)))
}

func (p paired) below(delta float64) float64 { return paired{p.mirrored()}.above(-delta) }

// mirrored is the change from the candidate to the baseline.
func (p paired) mirrored() stats.Paired {
	return stats.Paired{Gained: p.Lost, Lost: p.Gained, N: p.N}
}

// chance is a p-value, or 1 where there is none: what cannot be tested proves
// nothing.
func chance(p float64, err error) float64 {
	if err != nil || math.IsNaN(p) {
		return 1
	}
	return p
}

// count is in how many of the rows a model's answer counts.
func (s share) count(v summary.View, model int) (x, n int) {
	v.EachCell(func(label int, predicted [2]int, count uint64) {
		if !s.of(label) {
			return
		}
		n += int(count)
		if s.counts(label, predicted[model]) {
			x += int(count)
		}
	})
	return x, n
}

// value is the interval of a model's share.
func (s share) value(v summary.View, model int, alpha float64) (Value, bool) {
	x, n := s.count(v, model)
	return OfShare(uint64(x), uint64(n), alpha)
}
