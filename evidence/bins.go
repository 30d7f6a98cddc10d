package evidence

import (
	"math"

	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// Areas of so many rows that scores are counted in bins: each has DeLong's variance, as if
// the rows of a bin tied, and a bound on what that leaves out, which widens the interval
// and is taken off each distance. Which rows both models place alike is not kept, so two
// areas are taken to vary against each other: standard errors add up, which is never too
// little.

// inBins are two such areas.
type inBins struct{ change, se, bound float64 }

func (b inBins) above(delta float64) float64 {
	if !(b.se > 0) {
		return 1
	}
	return stats.NormalUpper((b.change - b.bound - delta) / b.se)
}

func (b inBins) below(delta float64) float64 {
	b.change = -b.change
	return b.above(-delta)
}

func binnedAreas(v summary.View, class int, q Question) (Change, bool) {
	now, before := v.Area(0, class), v.Area(1, class)
	if now.Binned.Rows == 0 || before.Binned.Rows == 0 {
		return Change{}, false
	}
	b := inBins{now.Value - before.Value, math.Sqrt(now.Binned.Variance) + math.Sqrt(before.Binned.Variance), now.Bound + before.Bound}
	c := q.ask(b, b.change)
	half := -stats.NormalQuantile(q.Alpha/2)*b.se + b.bound
	c.Method, c.Low, c.High = "delong", max(b.change-half, -1), min(b.change+half, 1)
	if least, err := stats.ZeroLossRows(min(q.Margin, 1), q.Alpha); err == nil {
		c.Provable = min(now.Positive, now.Negative) >= float64(least)
	}
	return c, true
}

func binnedArea(v summary.View, model, class int, alpha float64) (Value, bool) {
	a := v.Area(model, class)
	if a.Binned.Rows == 0 {
		return Value{}, false
	}
	in, err := a.Binned.Interval(1 - alpha)
	if err != nil {
		in, err = stats.NewcombeArea(a.Value, int(a.Positive), int(a.Negative), 1-alpha)
	}
	in = in.Widened(a.Bound)
	return Value{Method: "delong", Low: max(0, in.Low), High: min(1, in.High)}, err == nil
}
