package evidence

import (
	"math"
	"slices"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/summary"
)

// Rows of one group (the rows of a customer, the frames of a film) depend on each
// other, so the groups are what is counted. A metric of the labels is off by the
// sum of its rows' influences, to first order; summed by group these are
// independent, whatever the dependence inside, and their squares give the variance
// (Liang and Zeger 1986, Biometrika 73), times G/(G-1), with Student's t of G - 1
// degrees of freedom. Chances are held to what a few groups can show as they are to
// what a few rows can: a group takes the place of a row in all of that.

// LeastGroups is the fewest groups that are evidence: on fewer the variance over
// groups is not to be trusted (Cameron and Miller 2015, Journal of Human
// Resources 50).
const LeastGroups = 10

// Groups is how many groups of dependent rows a metric is judged on, on the change
// from model 1 to model 0 or on model 0 alone: those with rows of a true class
// that bears on it, such as positive rows for recall. It must have a value.
func Groups(v summary.View, m metric.Metric, p metric.Params, change bool) uint64 {
	if !m.OfCounts() {
		return v.Clusters()
	}
	slopes := []metric.Slope{m.Slope(v, 0, p)}
	if change {
		slopes = append(slopes, m.Slope(v, 1, p))
	}
	bears := bearing(v.Classes(), slopes)
	groups := uint64(0)
	v.EachCluster(func(times uint64, cells []summary.ClusterCell) {
		if slices.ContainsFunc(cells, func(c summary.ClusterCell) bool { return bears[c.Label] }) {
			groups += times
		}
	})
	return groups
}

// bearing says of each true class whether answers to its rows change the metric.
func bearing(classes int, slopes []metric.Slope) []bool {
	bears := make([]bool, classes)
	for label := range bears {
		bears[label] = worst(label, classes, slopes) > 0
	}
	return bears
}

// tally is what groups say of a metric.
type tally struct {
	signs
	groups float64 // with rows that bear on the metric
	units  []units // by true class
}

// tallyOf sums influences by group. A row's influence is of its whole weight; flip
// is what it changes if its two answers are exchanged.
func tallyOf(v summary.View, slopes []metric.Slope, of func(c summary.ClusterCell) (influence, flip float64)) tally {
	t := tally{units: make([]units, v.Classes())}
	bears := bearing(v.Classes(), slopes)
	byClass, squares := make([]float64, v.Classes()), make([]float64, v.Classes())
	v.EachCluster(func(times uint64, cells []summary.ClusterCell) {
		var influence, flips, size float64
		clear(byClass)
		counts := 0.0
		for _, c := range cells {
			row, flip := of(c)
			influence += c.Weight * row
			flips += c.Weight * flip
			size += c.Weight * math.Abs(flip)
			byClass[c.Label] += c.Weight
			if bears[c.Label] {
				counts = float64(times)
			}
		}
		t.groups += counts
		t.variance += float64(times) * influence * influence
		if math.Abs(flips) > 1e-12*size { // else they cancel
			t.add(float64(times), flips)
		}
		for label, w := range byClass {
			t.units[label].weight += float64(times) * w
			squares[label] += float64(times) * w * w
		}
	})
	for label, square := range squares {
		if square > 0 {
			t.units[label].n = t.units[label].weight / square * t.units[label].weight
		}
	}
	t.variance *= t.groups / (t.groups - 1)
	t.df, t.most = t.groups-1, mostInfluence(t.units, slopes)
	return t
}

// clusteredChange is the evidence on a metric of the labels whose rows depend on
// each other within groups.
func clusteredChange(v summary.View, m metric.Metric, p metric.Params, q Question) (Change, bool) {
	if !m.OfCounts() {
		return groupedChange(v, m, p, q)
	}
	x, errX := m.Estimate(v, 0, p)
	y, errY := m.Estimate(v, 1, p)
	if errX != nil || errY != nil {
		return Change{}, false
	}
	candidate, baseline := m.Slope(v, 0, p), m.Slope(v, 1, p)
	slopes := []metric.Slope{candidate, baseline}
	t := tallyOf(v, slopes, func(c summary.ClusterCell) (float64, float64) {
		now, before := c.Predicted[0], c.Predicted[1]
		influence := candidate(c.Label, now) - baseline(c.Label, before)
		if now == before {
			return influence, 0
		}
		return influence, exchange(candidate, baseline, c.Label, c.Predicted)
	})
	if t.groups < LeastGroups {
		return Change{}, false
	}
	t.change = x.Value - y.Value
	out, ok := t.answer(v, m, q)
	out.Method, out.Provable = "cluster", provable(t.units, slopes, q)
	return out, ok
}

// clusteredValue is the interval of such a metric of one model.
func clusteredValue(v summary.View, model int, m metric.Metric, p metric.Params, alpha float64) (Value, bool) {
	if !m.OfCounts() {
		return groupedValue(v, model, m, p, alpha)
	}
	x, err := m.Estimate(v, model, p)
	if err != nil {
		return Value{}, false
	}
	slope := m.Slope(v, model, p)
	t := tallyOf(v, []metric.Slope{slope}, func(c summary.ClusterCell) (float64, float64) { return slope(c.Label, c.Predicted[model]), 0 })
	if t.groups < LeastGroups {
		return Value{}, false
	}
	out, ok := t.around(x.Value, alpha, m)
	out.Method = "cluster"
	return out, ok
}
