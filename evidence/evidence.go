// Package evidence says how far chance reaches: from the statistics of a slice to
// an interval of a metric's value or change, and to the chances that a verdict
// rests on. It is pure; what it finds depends on small sums alone, so it costs the
// same whatever the rows.
//
//	what the metric is                       what is counted                     method
//	---------------------------------------  ----------------------------------  ---------------------------
//	a share of rows (accuracy, recall,       rows that only one model            Tango, exact below 50 rows;
//	false positives, confident errors)       counts in                           McNemar's exact test
//	the same and precision, of a baseline    rows that count, of each            Newcombe; Miettinen and
//	whose rows cannot be paired                                                  Nurminen's test; Fisher's
//	other metrics of the labels, and areas   rows by true class and answer       delta method on either side;
//	under the ROC curve, of such a baseline  of each                             Hanley and McNeil
//	another metric of the labels (F1,        rows by true class and both         delta method, held to
//	averages over classes, kappa)            answers                             what a few rows can show
//	area under the ROC curve                 where each row stands among those   DeLong, held to what a few
//	                                         of the other class, by both models  rows can show
//	averages of it over classes, and         how much each row influences them   the same; delta method
//	average precision
//	correlations of prediction and target    the same                            delta method, on Fisher's
//	                                                                             scale
//	calibration errors                       rows by bin, and sums of squares    delta method, less what chance
//	                                         by both models' bins                alone adds; of the largest,
//	                                                                             Clopper-Pearson of all bins
//	median absolute error                    ordered errors near the median      binomial; of a change the
//	                                         and the rows below, by both models  normal distribution
//	a mean of a loss of each row (log loss,  sums of losses, of their squares    Student's t; delta method
//	MAE), or its root; with weights too      and of the rows' squared changes    for roots
//	a share of variance explained (R²)       the same, and with the target       delta method
//	any metric of the labels, with weights   the same, and the sums of squared   delta method with Student's
//	                                         weights of each cell                t, held to the same
//	area under the ROC curve, with weights   shares of weight that rows stand    influence of rows, or of
//	or where rows of a group depend on each  above or below, by group            groups (Obuchowski), held to
//	other                                                                        what few can show
//	any metric of the labels, where rows     the same, of each group of          variance over groups, t with
//	of a group depend on each other          dependent rows                      one degree of freedom less
//	the same, of losses                      sums of losses of each group        the same
//
// A metric that has no method here is judged by its two values alone, and the
// result says so.
package evidence

import (
	"math"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/summary"
)

// Side is the direction in which a change is worse.
type Side int

// The sides.
const (
	Down Side = iota // a drop
	Up               // a rise
	Both             // any change
)

// Question is what a limit asks of a change.
type Question struct {
	Side   Side
	Margin float64 // the worsening that is tolerated
	Share  float64 // of the baseline that the margin is; 0: it is a number of its own
	Alpha  float64
}

// Change is what is known of a metric's change from the baseline to the
// candidate. Chances that are not known are NaN: Beyond where the margin is
// kept, Within where it is not.
type Change struct {
	Method     string
	Low, High  float64 // the true change lies here with chance 1 - alpha
	Worse      float64 // chance of such rows if it is no worse
	Beyond     float64 // if it is worse by at most the margin
	Within     float64 // if it is worse by at least the margin
	Provable   bool    // so few rows could show that the margin is kept
	RowsNeeded uint64  // that would show it, if nothing is worse; 0: not known
	// EffectiveRows is how many rows of one weight would tell as much (Kish); 0:
	// there are no weights.
	EffectiveRows float64
}

// Value is what is known of a metric's value.
type Value struct {
	Method        string
	Low, High     float64
	EffectiveRows float64
}

// OfChange is the evidence on the change from model 1 to model 0 in a slice;
// false where there is no method for it.
func OfChange(v summary.View, m metric.Metric, p metric.Params, q Question) (Change, bool) {
	if v.Clustered() {
		return clusteredChange(v, m, p, q)
	}
	if v.Rows() == 0 || !v.Keeps(Needs(m, p, Asked{Change: true, Relative: q.Share != 0}, v.Weighted())) {
		return Change{}, false
	}
	if l, root, ok := m.Mean(p); ok {
		return meanChange(v, l, root, m, q)
	}
	if _, _, ok := unexplained(m); ok {
		return explainedChange(v, m, p, q)
	}
	if v.Weighted() {
		return weightedChange(v, m, p, q)
	}
	if s, ok := shareOf(m.Name, p); ok {
		return s.change(v, q)
	}
	if m.Name == "roc_auc" {
		return areaChange(v, p.Positive(), q)
	}
	if _, ok := ordered(m, p); ok {
		return orderedChange(v, m, p, q)
	}
	if _, ok := correlated(m); ok {
		return correlatedChange(v, m, p, q)
	}
	if _, ok := binned(m, p); ok {
		return binnedChange(v, m, p, q)
	}
	if m.Name == median {
		return medianChange(v, m, p, q)
	}
	if m.OfCounts() {
		return countsChange(v, m, p, q)
	}
	return Change{}, false
}

// OfValue is the evidence on a model's value in a slice; false where there is no
// method for it.
func OfValue(v summary.View, model int, m metric.Metric, p metric.Params, alpha float64) (Value, bool) {
	if v.Clustered() {
		return clusteredValue(v, model, m, p, alpha)
	}
	asked, _ := valueOf(model)
	if v.Rows() == 0 || !v.Keeps(Needs(m, p, asked, v.Weighted())) {
		return Value{}, false
	}
	if l, root, ok := m.Mean(p); ok {
		return meanValue(v, model, l, root, m, alpha)
	}
	if _, _, ok := unexplained(m); ok {
		return explainedValue(v, model, m, p, alpha)
	}
	if v.Weighted() {
		return weightedValue(v, model, m, p, alpha)
	}
	if s, ok := shareOf(m.Name, p); ok {
		return s.value(v, model, alpha)
	}
	if m.Name == "roc_auc" {
		return areaValue(v, model, p.Positive(), alpha)
	}
	if _, ok := ordered(m, p); ok {
		return orderedValue(v, model, m, p, alpha)
	}
	if _, ok := correlated(m); ok {
		return correlatedValue(v, model, m, p, alpha)
	}
	if _, ok := binned(m, p); ok {
		return binnedValue(v, model, m, p, alpha)
	}
	if m.Name == median {
		return medianValue(v, model, alpha)
	}
	if m.OfCounts() {
		return countsValue(v, model, m, p, alpha)
	}
	return Value{}, false
}

// tester gives the chances of rows at least as telling as these, for a change.
type tester interface {
	above(delta float64) float64 // if the true change is at most delta: small where it is above
	below(delta float64) float64 // if it is at least delta
}

// ask puts a question about a change of some size.
func (q Question) ask(t tester, change float64) Change {
	nan := math.NaN()
	c := Change{Beyond: nan, Within: nan}
	m := q.Margin
	switch q.Side {
	case Down:
		c.Worse = t.below(0)
		if -change > m {
			c.Beyond = t.below(-m)
		} else {
			c.Within = t.above(-m)
		}
	case Up:
		c.Worse = t.above(0)
		if change > m {
			c.Beyond = t.above(m)
		} else {
			c.Within = t.below(m)
		}
	default:
		c.Worse = either(t.above(0), t.below(0))
		if math.Abs(change) > m {
			c.Beyond = either(t.above(m), t.below(-m))
		} else {
			c.Within = max(t.above(-m), t.below(m))
		}
	}
	return c
}

// either is the chance of two ways to look telling, of which one is asked after
// the rows are seen.
func either(a, b float64) float64 { return min(1, 2*min(a, b)) }
