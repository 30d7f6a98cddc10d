package evidence

import (
	"errors"
	"math"

	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// The area under the ROC curve of rows that have weights, or depend on each other by
// group: what a row adds to it is its weight times its placement, a weighted share of
// the rows of the other class, less the area. Added up by group these are independent,
// and their squares give the variance (Obuchowski 1997; without groups a row is one).
// All that few rows can show is as in areas.go, with the effective number of groups,
// or of rows (Kish), of the smaller class.

// standingChange is the evidence on the change of such an area.
func standingChange(v summary.View, class int, q Question) (Change, bool) {
	u, ok := v.Standing(class)
	if !ok || v.Clustered() && v.Clusters() < LeastGroups {
		return Change{}, false
	}
	_, _, change, err := u.Areas()
	c := Change{Low: math.NaN(), High: math.NaN(), Worse: 1, Beyond: 1, Within: 1}
	switch {
	case err == nil:
		smaller := min(u.Positive.Units, u.Negative.Units)
		a := areas{change: change.Value, variance: change.SE * change.SE, df: change.DF, moved: u.Moved(), rows: smaller, few: smaller}
		c = a.answer("", float64(v.Rows()), q)
	case !errors.Is(err, stats.ErrUndefined):
		return Change{}, false
	}
	c.Method, c.EffectiveRows = standingMethod(v, u)
	return c, true
}

// standingValue is the interval of such an area.
func standingValue(v summary.View, model, class int, alpha float64) (Value, bool) {
	u, ok := v.Standing(class)
	if !ok || v.Clustered() && v.Clusters() < LeastGroups {
		return Value{}, false
	}
	area := stats.Area{Value: []float64{u.B, u.A}[model]}
	if a, b, _, err := u.Areas(); err == nil {
		e := []stats.Estimate{b, a}[model]
		area.Variance, area.DF = e.SE*e.SE, e.DF
	}
	in, ok := areaInterval(area.Value, area, wholeUnits(u.Positive), wholeUnits(u.Negative), alpha)
	out := Value{Low: in.Low, High: in.High}
	out.Method, out.EffectiveRows = standingMethod(v, u)
	return out, ok
}

// wholeUnits is how many there are of one weight, as a number of rows.
func wholeUnits(p stats.UnitPlacements) int { return max(1, int(p.Units+1e-9)) }

// standingMethod is cluster where rows depend on each other, and else the rows are
// worth so many of one weight.
func standingMethod(v summary.View, u stats.UnitAreas) (method string, effectiveRows float64) {
	if v.Clustered() {
		return "cluster", 0
	}
	return "influence", u.Units
}
