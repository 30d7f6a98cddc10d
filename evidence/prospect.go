package evidence

import (
	"errors"
	"math"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// What a comparison will be able to tell depends on how often the candidate's
// answers differ from the baseline's, and nobody knows that before there is a
// candidate. So something is assumed, and said:
//
//	a share of rows      Assumption.Discordance of its rows change though nothing got
//	                     worse, half of them each way: McNemar's test has that power
//	another metric of    the same, the changed rows drawn alike from those that the
//	the labels           baseline has right and wrong: their influences (the slopes of
//	                     the delta method) add up to the variance of the change
//	any with groups, and the two models' values correlate by Assumption.Correlation r:
//	others with an       the variance of the change is 2 (1 - r) that of the value
//	interval
//
// Where two models are there, what they show takes the place of the assumption.

// Assumption is what is taken for granted of a candidate that is not there.
type Assumption struct {
	Discordance float64
	Correlation float64
	// Observed: the view has two models that were recorded apart, and how they
	// differ is taken for how others will.
	Observed bool
}

// Basis is what a prospect rests on.
type Basis string

// The bases.
const (
	OnDiscordance Basis = "discordance"
	OnCorrelation Basis = "correlation"
	OnModels      Basis = "observed"
)

// eachWeight calls f with each cell; without weights each row has 1.
func eachWeight(v summary.View, f func(summary.CellWeight)) {
	if v.Weighted() {
		v.EachWeight(f)
		return
	}
	v.EachCell(func(label int, predicted [2]int, count uint64) {
		f(summary.CellWeight{Label: label, Predicted: predicted, Rows: count, Weight: float64(count), Squares: float64(count)})
	})
}

// Prospect is what rows can tell of a change before there is one.
type Prospect struct {
	Basis Basis
	rows  float64 // of the slice
	// Of a share: the rows it is a share of, and how many of them change.
	counting    int
	discordance float64
	// Of others: the variance of the change where there is none, what a drop adds
	// to it for each unit, and the step of one row.
	variance, unit, step float64
	byInterval           bool    // the variance is estimated from the rows
	uneven               float64 // then: what the square of a drop adds to the variance of a row
}

// Rule is what a change is held to.
type Rule struct {
	Margin float64
	Alpha  float64 // what a chance is held to, with all the checks beside it
	Side   Side
	Beyond bool // a fail needs that the change is beyond the margin, not only worse
}

// Foresee says what the rows of a slice can tell of a metric. The view has two
// models, of which the second is the baseline; they may be the same. The error
// says in words why nothing can be said.
func Foresee(v summary.View, m metric.Metric, p metric.Params, a Assumption, alpha float64) (Prospect, error) {
	if v.Clustered() { // how many rows change says little of how much each group does
		return foreseeByInterval(v, m, p, a, alpha)
	}
	if s, ok := shareOf(m.Name, p); ok && !v.Weighted() {
		return s.foresee(v, a)
	}
	if m.OfCounts() && v.Keeps(summary.Needs{CellWeights: v.Weighted()}) {
		return foreseeCounts(v, m, p, a)
	}
	return foreseeByInterval(v, m, p, a, alpha)
}

// Shares says whether the labels alone say what can be foreseen of a metric.
func Shares(m metric.Metric, p metric.Params) bool {
	_, ok := shareOf(m.Name, p)
	return ok
}

func (s share) foresee(v summary.View, a Assumption) (Prospect, error) {
	f := Prospect{Basis: OnDiscordance, rows: float64(v.Rows()), discordance: a.Discordance}
	differ := 0
	v.EachCell(func(label int, predicted [2]int, count uint64) {
		if !s.of(label) {
			return
		}
		f.counting += int(count)
		if s.counts(label, predicted[0]) != s.counts(label, predicted[1]) {
			differ += int(count)
		}
	})
	if f.counting == 0 {
		return f, errors.New("no row counts here")
	}
	if a.Observed { // with two rows more that differ, of four: none is no proof that none will
		f.Basis, f.discordance = OnModels, float64(differ+2)/float64(f.counting+4)
	}
	return f, nil
}

// foreseeCounts adds up the squared influences of the rows that change, which are
// as likely of any weight.
func foreseeCounts(v summary.View, m metric.Metric, p metric.Params, a Assumption) (Prospect, error) {
	if _, err := m.Estimate(v, 1, p); err != nil {
		return Prospect{}, err
	}
	f := Prospect{Basis: OnDiscordance, rows: float64(v.Rows())}
	slope := m.Slope(v, 1, p)
	var right, wrong, lost, gained, drop, differ float64
	eachWeight(v, func(c summary.CellWeight) {
		turned := func(to int) float64 { return slope(c.Label, c.Label) - slope(c.Label, to) }
		if d := slope(c.Label, c.Predicted[0]) - slope(c.Label, c.Predicted[1]); d != 0 {
			differ += c.Squares * d * d
		}
		if before := c.Predicted[1]; before != c.Label {
			wrong += float64(c.Rows)
			gained += c.Squares * turned(before) * turned(before)
			return
		}
		right += float64(c.Rows)
		for to := range v.Classes() {
			if d := turned(to); to != c.Label {
				lost += c.Squares * d * d / float64(v.Classes()-1)
				drop += c.Weight * math.Abs(d) / float64(v.Classes()-1)
				f.step = max(f.step, c.Squares/c.Weight*math.Abs(d))
			}
		}
	})
	if right == 0 || drop == 0 {
		return f, errors.New("the baseline has no row right that could become wrong")
	}
	changed := a.Discordance / 2 * (right + wrong) // each way
	f.variance = min(changed, right) * lost / right
	if wrong > 0 {
		f.variance += min(changed, wrong) * gained / wrong
	}
	f.unit = lost / drop
	if a.Observed {
		f.Basis, f.variance = OnModels, differ+2*f.step*f.step
	}
	return f, nil
}

// foreseeByInterval takes the variance of the change from an interval: of the
// change itself where there are two models, else of the baseline's value.
func foreseeByInterval(v summary.View, m metric.Metric, p metric.Params, a Assumption, alpha float64) (Prospect, error) {
	f := Prospect{Basis: OnCorrelation, rows: float64(v.Rows()), byInterval: true, uneven: unevenness(v, m, p)}
	unknown := errors.New("how far chance reaches is not known here")
	value, err := m.Estimate(v, 1, p)
	if err != nil {
		return f, err
	}
	var half float64
	share := 2 * (1 - a.Correlation)
	if a.Observed {
		candidate, err := m.Estimate(v, 0, p)
		if err != nil {
			return f, err
		}
		e, ok := OfChange(v, m, p, Question{Alpha: alpha})
		if !ok {
			return f, unknown
		}
		change := candidate.Value - value.Value
		f.Basis, half, share = OnModels, max(change-e.Low, e.High-change), 1
	} else {
		e, ok := OfValue(v, 1, m, p, alpha)
		if !ok {
			return f, unknown
		}
		if half = max(value.Value-e.Low, e.High-value.Value); e.Method == "t" || e.Method == "cluster" && !m.OfCounts() {
			half = (e.High - e.Low) / 2 // its upper side is the longer one, for a reason that a change has not
		}
	}
	se := half / -stats.NormalQuantile(alpha/2)
	if f.variance = share * se * se; !(f.variance > 0) || math.IsInf(f.variance, 0) {
		return f, errors.New("it does not vary on these rows")
	}
	return f, nil
}

// unevenness is how much a worsening varies from row to row, in squares of its mean.
// Of a loss a quarter of the rows may worsen by four times the mean, those of which a
// model is not sure: 16/4 - 1, and correlations fall with losses. Of an area each row's
// placement falls, by as much again as the mean, and there are two classes of rows, whose
// variances add up; of others that go by the order of rows, those of the fewest rows. Of
// average precision few rows near the top have most of the drop, a fifth as it shows, and
// of a median those beside it. That this is about what happens is shown by
// docs/calibration.md.
func unevenness(v summary.View, m metric.Metric, p metric.Params) float64 {
	if _, _, ok := m.Mean(p); ok {
		return 3
	}
	if _, ok := correlated(m); ok {
		return 3
	}
	if m.Name == median {
		return 6
	}
	if d, ok := v.Placements(p.Positive()); ok && m.Name == "roc_auc" && d.Positive.Rows > 0 && d.Negative.Rows > 0 {
		return float64(v.Rows()) * (1/float64(d.Positive.Rows) + 1/float64(d.Negative.Rows))
	}
	if what, ok := ordered(m, p); ok {
		if of, ok := v.Influences(what); ok {
			usual, _ := ofRow(what, of)
			if ofOrders(what) == "influence" {
				usual *= 5
			}
			return float64(v.Rows()) * usual
		}
	}
	return 1
}

// Counting is how many of the slice's rows the metric is about.
func (f Prospect) Counting() uint64 {
	if f.counting > 0 {
		return uint64(f.counting)
	}
	return uint64(f.rows)
}

// Power is the chance that a change for the worse, of this size, fails; NaN where
// there can be none so large.
func (f Prospect) Power(r Rule, drop float64) float64 { return f.at(f.rows, r, drop) }

// Detectable is the least change for the worse that fails with the chance power; NaN where
// none does.
func (f Prospect) Detectable(r Rule, power float64) float64 {
	if d, ok := f.design(r); ok {
		return known(d.Detectable(f.counting, power))
	}
	most := max(r.Margin, f.step, 1e-300)
	for range 2100 { // doublings of the least number there is
		if f.at(f.rows, r, most) >= power {
			return least(0, most, func(drop float64) bool { return f.at(f.rows, r, drop) >= power })
		}
		if most *= 2; f.counting > 0 && most > 1 {
			break
		}
	}
	return math.NaN()
}

// RowsNeeded is about how many rows such as the slice's fail a change of this
// size with the chance power; 0 where no number does.
func (f Prospect) RowsNeeded(r Rule, drop, power float64) uint64 {
	if !(drop > r.Margin) {
		return 0
	}
	if d, ok := f.design(r); ok {
		n, err := d.RowsToDetect(drop, power)
		if err != nil {
			return 0
		}
		return uint64(math.Ceil(float64(n) / float64(f.counting) * f.rows))
	}
	const most = 1 << 40
	enough := func(rows float64) bool { return f.at(rows, r, drop) >= power }
	if !enough(most) {
		return 0
	}
	return uint64(math.Ceil(least(0, most, enough)))
}

// design is the exact one: of a share, and a fail that rests on McNemar's test.
func (f Prospect) design(r Rule) (stats.Design, bool) {
	return stats.Design{Discordance: f.discordance, Margin: r.Margin, Alpha: r.alpha()}, f.counting > 0 && !r.Beyond
}

// alpha is what one tail is held to: of a change either way, half.
func (r Rule) alpha() float64 {
	if r.Side == Both {
		return r.Alpha / 2
	}
	return r.Alpha
}

// at is Power with so many rows. Of what is not exact, the change that is seen is
// normal, and fails from
//
//	max(margin, z sd + step), or margin + z sd + step where it must be beyond
func (f Prospect) at(rows float64, r Rule, drop float64) float64 {
	if d, ok := f.design(r); ok {
		return known(d.Power(f.counting, drop))
	}
	variance, step := (f.variance+f.unit*drop)*f.rows/rows, f.step*f.rows/rows
	if f.counting > 0 {
		n := float64(f.counting) * rows / f.rows
		if f.discordance+drop > 1 {
			return math.NaN()
		}
		variance, step = (f.discordance+drop-drop*drop)/n, 1/n
	}
	z := -stats.NormalQuantile(r.alpha())
	if f.byInterval {
		variance += f.uneven * drop * drop / rows
		z = -stats.StudentQuantile(r.alpha(), max(1, rows-1))
	}
	sd := math.Sqrt(variance)
	from := max(r.Margin, step+z*sd)
	if r.Beyond {
		from = r.Margin + step + z*sd
	}
	if sd == 0 {
		if drop > from {
			return 1
		}
		return 0
	}
	return stats.NormalUpper((from - drop) / sd)
}

func known(x float64, err error) float64 {
	if err != nil {
		return math.NaN()
	}
	return x
}

// least is the least number between low and high for which something holds, to
// six digits; it holds for high.
func least(low, high float64, holds func(float64) bool) float64 {
	for high-low > 1e-6*high {
		if middle := low + (high-low)/2; holds(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	return high
}
