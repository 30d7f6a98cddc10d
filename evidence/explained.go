package evidence

import (
	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// Shares of the target's variance S that are explained, 1 - U/S, where U is the mean
// squared error or the variance of the error. A change from U' to U is (U' - U)/S, so
// a question about a margin m is put as one about U' - U - m S, a smooth function of
// means: U rises with the mean squared error at 1 (and, as a variance, with the mean
// error r at -2r), and S with the means of y^2 and y at 1 and at -2 mean y.

var (
	target        = summary.Factor{Loss: summary.Loss{Kind: summary.Target}}
	targetSquared = summary.Factor{Loss: summary.Loss{Kind: summary.TargetSquared}}
	residual      = summary.Loss{Kind: summary.Residual}
)

// unexplained is the loss whose mean, or whose spread, is not explained; false for
// metrics of another kind.
func unexplained(m metric.Metric) (l summary.Loss, about, ok bool) {
	switch m.Name {
	case "r2":
		return summary.Loss{Kind: summary.SquaredError}, false, true
	case "explained_variance":
		return summary.Loss{Kind: summary.ResidualSquared}, true, true
	}
	return summary.Loss{}, false, false
}

// explainedFactors are the quantities of a row that a change is judged by.
func explainedFactors(l summary.Loss, about bool) []summary.Factor {
	list := []summary.Factor{targetSquared, target, difference(l)}
	if about {
		list = append(list, ofCandidate(residual), summary.Factor{Loss: residual, Of: summary.Baseline})
	}
	return list
}

// valueFactors are those that the value of a model is judged by.
func valueFactors(l summary.Loss, about bool, of summary.Of) []summary.Factor {
	list := []summary.Factor{targetSquared, target, {Loss: l, Of: of}}
	if about {
		list = append(list, summary.Factor{Loss: residual, Of: of})
	}
	return list
}

func explainedChange(v summary.View, m metric.Metric, p metric.Params, q Question) (Change, bool) {
	l, about, _ := unexplained(m)
	x, errX := m.Estimate(v, 0, p)
	y, errY := m.Estimate(v, 1, p)
	if errX != nil || errY != nil {
		return Change{}, false
	}
	s, change := spreadOf(v, explainedFactors(l, about)), x.Value-y.Value
	variance, mean := metric.TargetVariance(v), meanTarget(v)
	slopes := func(delta, unit float64) []float64 {
		list := []float64{-delta / unit, 2 * mean * delta / unit, -1 / unit}
		if about {
			now, before := v.MeanOf(ofCandidate(residual)), v.MeanOf(summary.Factor{Loss: residual, Of: summary.Baseline})
			list = append(list, 2*now/unit, -2*before/unit)
		}
		return list
	}
	return smooth{
		change: change, rows: s.rows, differ: differing(v, l),
		at: func(delta float64) (stats.Estimate, float64) {
			distance := delta * variance
			return s.estimate((change-delta)*variance, slopes(delta, 1)...), max(distance, -distance)
		},
		around: s.estimate(change, slopes(change, variance)...),
	}.answer(v, m, q), true
}

func explainedValue(v summary.View, model int, m metric.Metric, p metric.Params, alpha float64) (Value, bool) {
	x, err := m.Estimate(v, model, p)
	if err != nil {
		return Value{}, false
	}
	s, e := explainedEstimate(v, model, m, p, x.Value)
	return s.value(e, m, alpha, v.Weighted()), true
}

// explainedEstimate is the value with its standard error, and what that is made of.
func explainedEstimate(v summary.View, model int, m metric.Metric, p metric.Params, value float64) (spread, stats.Estimate) {
	l, about, _ := unexplained(m)
	_, of := valueOf(model)
	s := spreadOf(v, valueFactors(l, about, of))
	variance, left := metric.TargetVariance(v), 1-value
	slopes := []float64{left / variance, -2 * meanTarget(v) * left / variance, -1 / variance}
	if about {
		slopes = append(slopes, 2*v.MeanOf(summary.Factor{Loss: residual, Of: of})/variance)
	}
	return s, s.estimate(value, slopes...)
}
