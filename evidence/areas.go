package evidence

import (
	"errors"
	"math"

	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// The area under the ROC curve is a mean over pairs of a positive and a negative
// row. Its variance, and that of a change of two areas on the same rows, follow
// from how each row stands among the rows of the other class: DeLong's method.
//
// By itself it is too sure where few rows stand elsewhere than before, or none. So
// each chance is held to what a few rows can show:
//
//   - Worse: if a row could as well have its two placements exchanged, k rows that
//     moved all went the same way with chance 2^-k, and none has less.
//   - Within and Beyond: if the change were the margin m, at least m of the rows of
//     the smaller class would have gone all the way, and their variance is the least.
//   - The interval is DeLong's unless so few rows moved that all in one direction
//     would still be chance: then it has at least the width that Tango's has where no
//     row moved, z²/rows to each side.

// areas are two areas under ROC curves of the same rows.
type areas struct {
	change, variance float64
	df               float64 // degrees of freedom of the variance
	moved            float64 // rows that stand elsewhere
	rows             float64 // of the smaller class: one that goes all the way changes 1/rows
	few              float64 // the same, of a row that changes the most
}

// areaChange is the evidence on the change of an area.
func areaChange(v summary.View, class int, q Question) (Change, bool) {
	d, ok := v.Placements(class)
	if !ok {
		return binnedAreas(v, class, q)
	}
	smaller := min(d.Positive.Rows, d.Negative.Rows)
	both, err := d.Areas()
	switch {
	case errors.Is(err, stats.ErrUndefined) && smaller > 0:
		return Change{Method: "delong", Low: math.NaN(), High: math.NaN(), Worse: 1, Beyond: 1, Within: 1}, true
	case err != nil:
		return Change{}, false
	}
	a := areas{change: both.B - both.A, variance: both.VarChange, df: math.Inf(1), moved: d.Moved(), rows: float64(smaller), few: float64(smaller)}
	return a.answer("delong", float64(both.Rows), q), true
}

// answer is what the areas say to a question, on so many rows.
func (a areas) answer(method string, rows float64, q Question) Change {
	c := q.ask(a, a.change)
	half := a.half(q.Alpha)
	c.Method, c.Low, c.High = method, max(a.change-half, -1), min(a.change+half, 1)
	if least, err := stats.ZeroLossRows(min(q.Margin, 1), q.Alpha); err == nil {
		c.Provable = a.few >= float64(least)
		c.RowsNeeded = a.rowsNeeded(rows, float64(least), q)
	}
	return c
}

// chancy says whether so few rows moved that all in one direction would be chance.
func (a areas) chancy(alpha float64) bool { return math.Exp2(-a.moved) > alpha/2 }

// half is half of the width of the interval.
func (a areas) half(alpha float64) float64 {
	z := -stats.StudentQuantile(alpha/2, a.df)
	half := z * math.Sqrt(a.variance)
	if a.chancy(alpha) {
		half = max(half, z*z/a.few)
	}
	return half
}

func (a areas) above(delta float64) float64 {
	variance := max(a.variance, math.Abs(delta)/a.rows)
	p := chance(stats.StudentUpper((a.change-delta)/math.Sqrt(variance), a.df), nil)
	switch {
	case delta == 0:
		return max(p, math.Exp2(-a.moved))
	case delta > 0: // beyond a margin is no surer than changed at all
		return max(p, a.above(0))
	}
	return p
}

func (a areas) below(delta float64) float64 {
	a.change = -a.change
	return a.above(-delta)
}

// rowsNeeded is about how many rows like these would show with chance .80 that the
// margin m is kept, if there is no change: variances fall as rows rise, so it is
// rows (z_alpha sqrt(V0) + z_.80 sqrt(V))²/m², V0 being at least the variance of
// the test of the margin; and the smaller class must have rows enough to show
// anything.
func (a areas) rowsNeeded(rows, least float64, q Question) uint64 {
	if a.chancy(q.Alpha) {
		a.variance = max(a.variance, 2/(a.few*a.few))
	}
	root := -stats.NormalQuantile(q.Alpha)*math.Sqrt(max(a.variance, q.Margin/a.rows)) - stats.NormalQuantile(.2)*math.Sqrt(a.variance)
	n := math.Ceil(rows * max(root*root/(q.Margin*q.Margin), least/a.few))
	if !(n < 1<<53) {
		return 0
	}
	return uint64(n)
}

// fewOfClass is how many rows of the smaller class leave DeLong's variance so rough
// that an interval by it alone misses the true area too often; see docs/calibration.md.
const fewOfClass = 100

// areaValue is the interval of an area: DeLong's, on the scale of ln(A/(1-A)) and
// by t. Of a class of few rows it is also Newcombe's, whichever reaches farther on
// either side: the rows seen may all stand high, and vary less than others would.
// Where nothing varies it is Newcombe's.
func areaValue(v summary.View, model, class int, alpha float64) (Value, bool) {
	d, ok := v.Placements(class)
	if !ok {
		return binnedArea(v, model, class, alpha)
	}
	positive, negative := d.Positive.Rows, d.Negative.Rows
	var delong stats.Area
	if both, err := d.Areas(); err == nil {
		delong = []stats.Area{both.Second(), both.First()}[model]
	}
	in, ok := areaInterval(v.Area(model, class).Value, delong, int(positive), int(negative), alpha)
	return Value{Method: "delong", Low: in.Low, High: in.High}, ok
}

// areaInterval is that of an area of so many positive and negative rows; delong is
// the area with its variance, where it has any.
func areaInterval(value float64, delong stats.Area, positive, negative int, alpha float64) (stats.Interval, bool) {
	few, err := stats.NewcombeArea(value, positive, negative, 1-alpha)
	if err != nil {
		return few, false
	}
	in, err := delong.Interval(1 - alpha)
	if err != nil {
		return few, true
	}
	if min(positive, negative) < fewOfClass {
		in.Low, in.High = min(few.Low, in.Low), max(few.High, in.High)
	}
	return in, true
}
