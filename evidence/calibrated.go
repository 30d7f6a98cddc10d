package evidence

import (
	"math"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// Calibration errors are sums over bins of absolute values. Chance alone adds to them,
// the more the smaller the true error is, so a value is between what was seen less the
// most that chance adds and what was seen; and a change between two such, of which the one
// that says less is tested: a rise less what chance may have added to the candidate's
// error and not to the baseline's. How the rows were drawn moves both by the sum of the
// rows' errors, with the sign of their bin: the delta method, by t, of rows in pairs.
//
// The largest error of a bin is in no way the mean of anything. All bins' intervals
// together hold the largest, of either model on its own: the rows are not paired.

// binned says of what bins a metric is.
func binned(m metric.Metric, p metric.Params) (c summary.Calibration, ok bool) {
	if m.Name != "ece" && m.Name != "max_calibration_error" {
		return c, false
	}
	return m.Needs(p).Calibrations[0], true
}

// chanceBins are a model's bins as counts.
func chanceBins(v summary.View, c summary.Calibration, model int) []stats.CalibrationBin {
	var list []stats.CalibrationBin
	for _, b := range v.Calibration(c, model) {
		list = append(list, stats.CalibrationBin{N: int(b.Weight), SumP: b.Confidence, Outcomes: int(b.Hits)})
	}
	return list
}

func binnedChange(v summary.View, m metric.Metric, p metric.Params, q Question) (Change, bool) {
	c, _ := binned(m, p)
	x, errX := m.Estimate(v, 0, p)
	y, errY := m.Estimate(v, 1, p)
	if errX != nil || errY != nil {
		return Change{}, false
	}
	now, before := chanceBins(v, c, 0), chanceBins(v, c, 1)
	if m.Name == "max_calibration_error" {
		return largestChange(now, before, x.Value-y.Value, q)
	}
	s, ok := v.Miscalibration(c, true)
	if !ok {
		return Change{}, false
	}
	about, most := stats.Excess(now)
	aboutBefore, mostBefore := stats.Excess(before)
	change, n := x.Value-y.Value, float64(v.Rows())
	b := between{rows: n, low: min(change, change-most+aboutBefore), high: max(change, change+mostBefore-about)}
	b.se = math.Sqrt(max(0, s.Apart/n-change*change) / (n - 1))
	if s.Shifts > 0 {
		b.differ = s.Together * s.Together / s.Shifts
	}
	return b.answer(change, q), true
}

func binnedValue(v summary.View, model int, m metric.Metric, p metric.Params, alpha float64) (Value, bool) {
	c, _ := binned(m, p)
	x, err := m.Estimate(v, model, p)
	if err != nil {
		return Value{}, false
	}
	bins, n := chanceBins(v, c, model), float64(v.Rows())
	out := Value{Method: "calibration", Low: math.NaN(), High: math.NaN()}
	if m.Name == "max_calibration_error" {
		if in, err := stats.LargestError(bins, 1-alpha); err == nil {
			out.Low, out.High = in.Low, min(in.High, 1)
		}
		return out, true
	}
	s, ok := v.Miscalibration(c, false)
	if !ok {
		return Value{}, false
	}
	_, most := stats.Excess(bins)
	if n < 2 {
		return out, true
	}
	half := -stats.StudentQuantile(alpha/2, n-1) * math.Sqrt(max(0, s.Squares[model]/n-x.Value*x.Value)/(n-1))
	out.Low, out.High = max(0, x.Value-most-half), min(1, x.Value+half)
	if few, err := stats.WilsonOf(x.Value, n, 1-alpha); err == nil { // all rows may be right with confidence 1, and others not
		out.High = max(out.High, few.High)
	}
	return out, true
}

// between is a change of which chance alone explains all that is not between two numbers,
// but for how the rows were drawn.
type between struct {
	low, high float64
	se        float64 // of either
	rows      float64
	differ    float64 // rows that do
}

func (b between) above(delta float64) float64 {
	p := 1.0
	if b.se > 0 {
		p = chance(stats.StudentUpper((b.low-delta)/b.se, b.rows-1), nil)
	}
	switch {
	case delta < 0:
		return p
	case delta > 0:
		return max(p, b.above(0))
	}
	return max(p, math.Exp2(-b.differ))
}

func (b between) below(delta float64) float64 {
	b.low, b.high = -b.high, -b.low
	return b.above(-delta)
}

func (b between) answer(change float64, q Question) Change {
	c := q.ask(b, change)
	c.Method, c.Low, c.High = "calibration", math.NaN(), math.NaN()
	if b.se > 0 {
		t := -stats.StudentQuantile(q.Alpha/2, b.rows-1)
		half := t * b.se
		if math.Exp2(-b.differ) > q.Alpha/2 {
			half *= math.Sqrt(1 + t*t/b.differ)
		}
		c.Low, c.High = max(b.low-half, -1), min(b.high+half, 1)
	}
	c.Provable = q.Margin > 0 && b.rows >= LeastRows && math.Exp2(-b.differ) <= q.Alpha
	z := -stats.NormalQuantile(q.Alpha) - stats.NormalQuantile(.2)
	if n := math.Ceil(max(LeastRows, b.rows*z*z*b.se*b.se/(q.Margin*q.Margin))); b.se > 0 && n < 1<<53 {
		c.RowsNeeded = uint64(n)
	}
	return c
}

// largest is two models' largest errors: their intervals, each of half of some chance to
// be wrong, hold the change with the rest of it.
type largest struct {
	now, before []stats.CalibrationBin
	change      float64
}

func (l largest) ends(alpha float64) (low, high float64) {
	now, errNow := stats.LargestError(l.now, 1-alpha/2)
	before, errBefore := stats.LargestError(l.before, 1-alpha/2)
	if errNow != nil || errBefore != nil {
		return math.Inf(-1), math.Inf(1)
	}
	return now.Low - before.High, now.High - before.Low
}

// above is the least chance to be wrong, to a share of 1.01, of an interval that is above.
func (l largest) above(delta float64) float64 {
	if l.change <= delta {
		return 1
	}
	low, high := math.Log(1e-9), math.Log(1-1e-9)
	for high-low > .01 {
		middle := (low + high) / 2
		if end, _ := l.ends(math.Exp(middle)); end > delta {
			high = middle
		} else {
			low = middle
		}
	}
	return math.Exp(high)
}

func (l largest) below(delta float64) float64 {
	return largest{l.before, l.now, -l.change}.above(-delta)
}

func largestChange(now, before []stats.CalibrationBin, change float64, q Question) (Change, bool) {
	l := largest{now, before, change}
	c := q.ask(l, change)
	c.Method, c.Provable = "calibration", q.Margin > 0
	c.Low, c.High = l.ends(q.Alpha)
	c.Low, c.High = max(c.Low, -1), min(c.High, 1)
	return c, true
}
