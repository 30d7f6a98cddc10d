package evidence

import (
	"math"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// Means of losses, and functions of them, of rows that depend on each other by
// group: to first order the value is off by the sum of its rows' influences, as
// where rows are independent (smooth.go), but it is a group's sum of them that is
// independent of the others. So their squares give the variance (Liang and Zeger
// 1986). Groups of uneven size tell less than as many of one size: there are
// (sum W)^2 / sum W^2 of them, W being the weight of a group's rows, which is what
// the degrees of freedom follow (Carter, Schnepel and Steigerwald 2017, Review of
// Economics and Statistics 99). Of groups of one row each that is n, or Kish's
// effective size, and all is as without groups.

// ByGroup says whether there is a method for a metric of rows that depend on each
// other by group.
func ByGroup(m metric.Metric, p metric.Params) bool {
	_, _, mean := m.Mean(p)
	_, _, share := unexplained(m)
	return mean || share || m.OfCounts() || m.Name == "roc_auc"
}

// NeedsOfGroups is Needs of rows that depend on each other by group.
func NeedsOfGroups(m metric.Metric, p metric.Params, a Asked) summary.Needs {
	var n summary.Needs
	if l, root, ok := m.Mean(p); ok {
		if a.Change {
			n.Add(summary.Needs{Moved: []summary.Loss{l}, Grouped: changeFactors(l, root, a.Relative)})
		}
		for _, of := range a.values() {
			n.Add(summary.Needs{Grouped: []summary.Factor{{Loss: l, Of: of}}})
		}
	}
	if l, about, ok := unexplained(m); ok {
		if a.Change {
			n.Add(summary.Needs{Moved: []summary.Loss{l}, Grouped: explainedFactors(l, about)})
		}
		for _, of := range a.values() {
			n.Add(summary.Needs{Grouped: valueFactors(l, about, of)})
		}
	}
	return n
}

// groupedSpread is spreadOf where rows depend on each other.
func groupedSpread(v summary.View, factors []summary.Factor) spread {
	weight := v.Weight()
	s := spread{rows: stats.EffectiveSize(weight, v.SquaredClusters())}
	s.covariances = v.Grouped(factors...)
	for i, row := range s.covariances {
		for j := range row {
			row[j] /= weight * weight
		}
		if size := 1e-15 * sizeOf(v, factors[i]); row[i] <= size*size { // what rounding left
			clear(row)
			for _, other := range s.covariances[i+1:] {
				other[i] = 0
			}
		}
	}
	return s
}

// sizeOf is about how large a row's quantity is.
func sizeOf(v summary.View, f summary.Factor) float64 {
	switch {
	case f == targetSquared:
		return metric.TargetVariance(v)
	case f.Of == summary.Difference:
		return math.Abs(v.MeanOf(ofCandidate(f.Loss))) + math.Abs(v.MeanOf(summary.Factor{Loss: f.Loss, Of: summary.Baseline}))
	}
	return math.Abs(v.MeanOf(f))
}

// groupedChange is the evidence on the change of a mean of a loss, of a function of
// such, or of an area, whose rows depend on each other within groups.
func groupedChange(v summary.View, m metric.Metric, p metric.Params, q Question) (Change, bool) {
	if m.Name == "roc_auc" {
		return standingChange(v, p.Positive(), q)
	}
	if v.Clusters() < LeastGroups || !v.Keeps(NeedsOfGroups(m, p, Asked{Change: true, Relative: q.Share != 0})) {
		return Change{}, false
	}
	out, ok := Change{}, false
	if l, root, is := m.Mean(p); is {
		out, ok = meanChange(v, l, root, m, q)
	} else if _, _, is := unexplained(m); is {
		out, ok = explainedChange(v, m, p, q)
	}
	out.Method = "cluster"
	return out, ok
}

// groupedValue is the interval of such a metric of one model.
func groupedValue(v summary.View, model int, m metric.Metric, p metric.Params, alpha float64) (Value, bool) {
	if m.Name == "roc_auc" {
		return standingValue(v, model, p.Positive(), alpha)
	}
	asked, _ := valueOf(model)
	if v.Clusters() < LeastGroups || !v.Keeps(NeedsOfGroups(m, p, asked)) {
		return Value{}, false
	}
	out, ok := Value{}, false
	if l, root, is := m.Mean(p); is {
		out, ok = meanValue(v, model, l, root, m, alpha)
	} else if _, _, is := unexplained(m); is {
		out, ok = explainedValue(v, model, m, p, alpha)
	}
	out.Method, out.EffectiveRows = "cluster", 0
	return out, ok
}

// differing is how many independent units, rows or groups of them, have another
// loss for the candidate than for the baseline.
func differing(v summary.View, l summary.Loss) float64 {
	if v.Clustered() {
		return float64(v.Moved(l))
	}
	return float64(v.Differing(l))
}

// countable says whether rows are independent and of one weight, so that those of
// a share may be counted.
func countable(v summary.View) bool { return !v.Weighted() && !v.Clustered() }

// meanTarget is what the target's squares are about.
func meanTarget(v summary.View) float64 {
	if v.Clustered() {
		return 0 // the quantities by cluster are those of the distance from the mean
	}
	return v.MeanOf(target)
}
