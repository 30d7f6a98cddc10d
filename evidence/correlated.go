package evidence

import (
	"math"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// Correlations of predictions and target change by the sum of what each row's influence
// on the one is less that on the other: the delta method, by t. What a few rows can show
// is as of means of losses; a row's influence has no limit, so none is taken for the most.

// correlated says what of a correlation the rows influence; false for other metrics.
func correlated(m metric.Metric) (summary.Influenced, bool) {
	switch m.Name {
	case "pearson":
		return summary.Influenced{Kind: summary.OfNumbers}, true
	case "spearman":
		return summary.Influenced{Kind: summary.OfRanks}, true
	}
	return summary.Influenced{}, false
}

func correlatedChange(v summary.View, m metric.Metric, p metric.Params, q Question) (Change, bool) {
	what, _ := correlated(m)
	of, ok := v.Influences(what)
	x, errX := m.Estimate(v, 0, p)
	y, errY := m.Estimate(v, 1, p)
	if !ok || errX != nil || errY != nil {
		return Change{}, false
	}
	change := x.Value - y.Value
	at := func(value float64) stats.Estimate {
		e, err := of.Change(value)
		if err != nil {
			return stats.Estimate{Value: value, SE: math.NaN(), DF: math.NaN()}
		}
		return e
	}
	c := smooth{
		change: change, rows: float64(v.Rows()), differ: of.Moved(), around: at(change),
		at: func(delta float64) (stats.Estimate, float64) { return at(change - delta), math.Abs(delta) },
	}.answer(v, m, q)
	c.Method, c.Low, c.High = "influence", max(c.Low, -2), min(c.High, 2)
	return c, true
}

// correlatedValue is the interval of a correlation, on Fisher's scale of atanh r, which
// has its ends within -1 and 1; where nothing varies it has none.
func correlatedValue(v summary.View, model int, m metric.Metric, p metric.Params, alpha float64) (Value, bool) {
	what, _ := correlated(m)
	of, ok := v.Influences(what)
	x, err := m.Estimate(v, model, p)
	if !ok || err != nil {
		return Value{}, false
	}
	out := Value{Method: "influence", Low: math.NaN(), High: math.NaN()}
	if e, err := []func(float64) (stats.Estimate, error){of.Second, of.First}[model](x.Value); err == nil {
		if in, err := e.Fisher(1 - alpha); err == nil {
			out.Low, out.High = in.Low, in.High
		}
	}
	return out, true
}
