package evidence

import (
	"math"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// With weights a metric of the labels is a function of the sums of weights by true
// class and answer. A row's influence is its weight times what its cell's is, so
// the variance follows from the sums of squared weights (stats.DeltaWeighted), and
// there are as many rows as Kish's (1965) effective size of those that bear on the
// metric. Tango's, McNemar's and Wilson's methods count rows and do not hold.
//
// What few rows can show is as without weights. The row of most influence has its
// cell's squares over its cell's sum for a weight: the mean weight, each row
// counting by its own.

// weighedCells is the cells that bear on a metric.
type weighedCells struct {
	list            []summary.CellWeight
	weight, squares []float64
	gradient        []float64
}

func weigh(v summary.View, slopes []metric.Slope, influence func(c summary.CellWeight) float64) weighedCells {
	var w weighedCells
	bears := bearing(v.Classes(), slopes)
	v.EachWeight(func(c summary.CellWeight) {
		if bears[c.Label] {
			w.list = append(w.list, c)
			w.weight, w.squares = append(w.weight, c.Weight), append(w.squares, c.Squares)
			w.gradient = append(w.gradient, influence(c))
		}
	})
	return w
}

// signs is what the rows say of a number; false where they cannot vary.
func (w weighedCells) signs(v summary.View, number float64, slopes []metric.Slope) (signs, bool) {
	e, err := stats.DeltaWeighted(number, w.weight, w.squares, w.gradient)
	if err != nil {
		return signs{}, false
	}
	return signs{change: number, variance: e.SE * e.SE, df: e.DF, most: mostInfluence(w.units(v), slopes)}, true
}

// units takes every row for a unit.
func (w weighedCells) units(v summary.View) []units {
	list := make([]units, v.Classes())
	squares := make([]float64, v.Classes())
	for _, c := range w.list {
		list[c.Label].weight += c.Weight
		squares[c.Label] += c.Squares
	}
	for label := range list {
		list[label].n = stats.EffectiveSize(list[label].weight, squares[label])
	}
	return list
}

// effectiveRows is how many rows of one weight there might be.
func effectiveRows(v summary.View) float64 {
	var weight, squares float64
	v.EachWeight(func(c summary.CellWeight) {
		weight += c.Weight
		squares += c.Squares
	})
	return stats.EffectiveSize(weight, squares)
}

// weightedChange is the evidence on a metric of the labels, or on an area, whose rows have weights.
// Where they count as one, nothing can be told.
func weightedChange(v summary.View, m metric.Metric, p metric.Params, q Question) (Change, bool) {
	if m.Name == "roc_auc" {
		return standingChange(v, p.Positive(), q)
	}
	if !m.OfCounts() {
		return Change{}, false
	}
	x, errX := m.Estimate(v, 0, p)
	y, errY := m.Estimate(v, 1, p)
	if errX != nil || errY != nil {
		return Change{}, false
	}
	candidate, baseline := m.Slope(v, 0, p), m.Slope(v, 1, p)
	slopes := []metric.Slope{candidate, baseline}
	w := weigh(v, slopes, func(c summary.CellWeight) float64 {
		return candidate(c.Label, c.Predicted[0]) - baseline(c.Label, c.Predicted[1])
	})
	s, ok := w.signs(v, x.Value-y.Value, slopes)
	if !ok {
		return Change{Method: "delta", Low: math.NaN(), High: math.NaN(), Worse: 1, Beyond: 1, Within: 1, EffectiveRows: effectiveRows(v)}, true
	}
	for _, c := range w.list {
		if c.Predicted[0] != c.Predicted[1] {
			s.addWeighed(c, exchange(candidate, baseline, c.Label, c.Predicted))
		}
	}
	out, ok := s.answer(v, m, q)
	out.Method, out.Provable, out.EffectiveRows = "delta", provable(w.units(v), slopes, q), effectiveRows(v)
	return out, ok
}

// addWeighed takes in the rows of a cell that differ, by what each changes for its
// weight.
func (s *signs) addWeighed(c summary.CellWeight, influence float64) {
	s.units += float64(c.Rows)
	s.squares += c.Squares * influence * influence
	s.step = max(s.step, c.Squares/c.Weight*math.Abs(influence))
}

// weightedValue is the interval of such a metric of one model.
func weightedValue(v summary.View, model int, m metric.Metric, p metric.Params, alpha float64) (Value, bool) {
	if m.Name == "roc_auc" {
		return standingValue(v, model, p.Positive(), alpha)
	}
	if !m.OfCounts() {
		return Value{}, false
	}
	x, err := m.Estimate(v, model, p)
	if err != nil {
		return Value{}, false
	}
	slopes := []metric.Slope{m.Slope(v, model, p)}
	w := weigh(v, slopes, func(c summary.CellWeight) float64 { return slopes[0](c.Label, c.Predicted[model]) })
	out := Value{Low: math.NaN(), High: math.NaN()}
	s, ok := w.signs(v, x.Value, slopes)
	if ok {
		if out, ok = s.around(x.Value, alpha, m); !ok {
			return Value{}, false
		}
	}
	out.Method, out.EffectiveRows = "delta", effectiveRows(v)
	return out, true
}
