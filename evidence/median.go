package evidence

import (
	"math"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// median is the metric that is one. Its interval is of two of the ordered errors, and
// exact whatever these are distributed like. A change of two medians has the variance
// that the distance of ordered errors and the sides give on which rows stand of both, and
// is taken for normal; what a few rows can show is as of means of losses.
const median = "median_absolute_error"

func medianChange(v summary.View, m metric.Metric, p metric.Params, q Question) (Change, bool) {
	s, ok := v.MedianSpread(q.Alpha)
	x, errX := m.Estimate(v, 0, p)
	y, errY := m.Estimate(v, 1, p)
	if !ok || errX != nil || errY != nil {
		return Change{}, false
	}
	change := x.Value - y.Value
	se := math.Sqrt(s.Pair.Variance())
	if !(se > 0) { // many errors are the same: nothing says how far the medians may be off
		return Change{Method: "median", Low: math.NaN(), High: math.NaN(), Worse: 1, Beyond: 1, Within: 1}, true
	}
	at := func(value float64) stats.Estimate { return stats.Estimate{Value: value, SE: se, DF: math.Inf(1)} }
	c := smooth{
		change: change, rows: float64(v.Rows()), differ: float64(s.Differ), around: at(change),
		at: func(delta float64) (stats.Estimate, float64) { return at(change - delta), math.Abs(delta) },
	}.answer(v, m, q)
	c.Method = "median"
	return c, true
}

func medianValue(v summary.View, model int, alpha float64) (Value, bool) {
	s, ok := v.MedianSpread(alpha)
	if !ok {
		return Value{}, false
	}
	if !s.Bounded {
		return Value{Method: "median", Low: math.NaN(), High: math.NaN()}, true
	}
	return Value{Method: "median", Low: s.Low[model], High: s.High[model]}, true
}
