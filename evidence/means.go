package evidence

import (
	"math"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// The mean of a loss changes by the mean of the rows' paired differences, so the
// paired t test and its interval hold. A question about a margin is put as one
// about a mean too, which needs no linearising: with c the candidate's loss and b
// the baseline's
//
//	margin of a mean, a number m       mean of c - b against m
//	a share r of the baseline          mean of c - (1+r) b against 0
//	a share r, of roots of means       mean of c - (1+r)^2 b against 0
//	a number m, of roots of means      root of mean c - root of mean b against m, by the delta method

func ofCandidate(l summary.Loss) summary.Factor { return summary.Factor{Loss: l} }
func difference(l summary.Loss) summary.Factor {
	return summary.Factor{Loss: l, Of: summary.Difference}
}

// meanChange is the evidence on the change of the mean of a loss, or of its root.
func meanChange(v summary.View, l summary.Loss, root bool, m metric.Metric, q Question) (Change, bool) {
	differ := differing(v, l)
	if l.Counts() && countable(v) {
		net := int(math.Round(v.MeanOf(difference(l)) * v.Weight()))
		gained := (int(differ) + net) / 2
		return pairedChange(stats.Paired{Gained: gained, Lost: int(differ) - gained, N: int(v.Rows())}, v.Rows(), q)
	}
	a := averages{spread: spreadOf(v, changeFactors(l, root, q.Share != 0)), root: root, share: q.Share}
	a.d, a.c = v.MeanOf(difference(l)), v.MeanOf(ofCandidate(l))
	change := a.d
	if root {
		change = math.Sqrt(a.c) - math.Sqrt(a.baseline())
	}
	s := smooth{change: change, rows: a.rows, differ: differ, at: a.at, around: a.around(change)}
	return s.answer(v, m, q), true
}

// changeFactors are the quantities of a row that a change is judged by.
func changeFactors(l summary.Loss, root, relative bool) []summary.Factor {
	if root || relative {
		return []summary.Factor{difference(l), ofCandidate(l)}
	}
	return []summary.Factor{difference(l)}
}

// averages is the mean of a loss of two models, or the root of one.
type averages struct {
	spread
	root  bool
	share float64 // of the baseline that the margin is; 0: it is a number
	d, c  float64 // means of the difference and of the candidate's loss
}

func (a averages) baseline() float64 { return a.c - a.d }

func (a averages) at(delta float64) (stats.Estimate, float64) {
	switch {
	case delta == 0:
		return a.estimate(a.d, 1), 0
	case a.share != 0:
		factor := 1 + math.Copysign(a.share, delta)
		if a.root {
			factor *= factor
		}
		return a.estimate(factor*a.d+(1-factor)*a.c, factor, 1-factor), math.Abs(1-factor) * a.baseline()
	case !a.root:
		return a.estimate(a.d-delta, 1), math.Abs(delta)
	}
	c, b := math.Sqrt(a.c), math.Sqrt(a.baseline())
	if !(c > 0 && b > 0) { // means of squares differ by more than the square of what roots differ by
		return a.estimate(a.d-delta*math.Abs(delta), 1), delta * delta
	}
	return a.estimate(c-b-delta, 1/(2*b), 1/(2*c)-1/(2*b)), math.Abs(delta)
}

func (a averages) around(change float64) stats.Estimate {
	c, b := math.Sqrt(a.c), math.Sqrt(a.baseline())
	if !a.root {
		return a.estimate(change, 1)
	}
	return a.estimate(change, 1/(2*b), 1/(2*c)-1/(2*b))
}

// meanValue is the interval of the mean of a loss, or of its root.
func meanValue(v summary.View, model int, l summary.Loss, root bool, m metric.Metric, alpha float64) (Value, bool) {
	if l.Counts() && countable(v) {
		_, of := valueOf(model)
		mean := v.MeanOf(summary.Factor{Loss: l, Of: of})
		return OfShare(uint64(math.Round(mean*v.Weight())), v.Rows(), alpha)
	}
	s, e := meanEstimate(v, model, l, root)
	return s.value(e, m, alpha, v.Weighted()), true
}

// meanEstimate is the mean with its standard error, and what that is made of.
func meanEstimate(v summary.View, model int, l summary.Loss, root bool) (spread, stats.Estimate) {
	_, of := valueOf(model)
	loss := summary.Factor{Loss: l, Of: of}
	mean := v.MeanOf(loss)
	s := spreadOf(v, []summary.Factor{loss})
	if root {
		value := math.Sqrt(mean)
		return s, s.estimate(value, 1/(2*value))
	}
	return s, s.estimate(mean, 1)
}
