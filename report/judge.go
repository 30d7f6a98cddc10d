package report

import (
	"math"

	"github.com/noworse/noworse/result"
)

// margin is the tolerated change of a check, with the sign of worsening; for
// max_change it is the upper one.
func margin(c *result.Check) (float64, bool) {
	limits := limited(c)
	m, sign := limits.drop, -1.0
	if m == nil {
		m, sign = limits.rise, 1
	}
	if m == nil {
		m = limits.change
	}
	if m == nil {
		return 0, false
	}
	value := sign * m.Value
	if m.Relative {
		b, ok := finite(c.Baseline)
		if !ok {
			return 0, false
		}
		value *= math.Abs(b)
	}
	return finite(&value)
}

// worsening is how much worse the candidate is, negative when it is better. It
// is known only from a rule with a side: min and max do not say which way the
// metric is better.
func worsening(c *result.Check) (float64, bool) {
	change, ok := finite(c.Change)
	limits := limited(c)
	switch {
	case !ok || limits.drop == nil && limits.rise == nil:
		return 0, false
	case !moved(c):
		return 0, true
	case limits.drop != nil:
		return -change, true
	}
	return change, true
}

// moved reports whether the candidate differs from the baseline by more than
// the noise of floating point.
func moved(c *result.Check) bool {
	change, ok := finite(c.Change)
	b, _ := finite(c.Baseline)
	return ok && math.Abs(change) > noise*max(math.Abs(b), math.Abs(b+change))
}

// worse reports whether the candidate is known to be worse, by however little:
// not by chance, or where nothing is known of chance by its values.
func worse(c *result.Check) bool {
	if weighed(c) {
		return c.Evidence.Worse
	}
	if b := c.Details.Bench; b != nil {
		return b.RatioInterval[0] > 0
	}
	w, ok := worsening(c)
	return ok && w > 0
}

// harm orders checks: the worsening in margins, so that 1 is at the limit.
// Limits on the value itself count from 1 on by the share they are missed by.
func harm(c *result.Check) float64 {
	if m, ok := margin(c); ok {
		w, sided := worsening(c)
		if !sided {
			change, _ := finite(c.Change)
			w = math.Abs(change)
		}
		return ratio(w, math.Abs(m))
	}
	v, ok := finite(c.Candidate)
	if !ok {
		return 0
	}
	if limit, ok := finite(lower(c)); ok {
		return 1 + ratio(limit-v, math.Abs(limit))
	}
	if limit, ok := finite(upper(c)); ok {
		return 1 + ratio(v-limit, math.Abs(limit))
	}
	return 0
}

// ratio is a/b, and beyond every other ratio where b leaves no room for a.
func ratio(a, b float64) float64 {
	if b > 0 {
		return a / b
	}
	return a * math.MaxFloat32
}
