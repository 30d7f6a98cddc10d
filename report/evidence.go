package report

import (
	"math"
	"strconv"
	"strings"

	"github.com/noworse/noworse/result"
)

// weighed reports whether a check was decided by evidence on a change.
func weighed(c *result.Check) bool { return c.Evidence != nil && c.Evidence.PWorse != nil }

// tooFew reports whether no test could tell anything of a check's rows.
func tooFew(c *result.Check) bool { return c.Evidence != nil && c.Evidence.TooFew }

// unproven reports whether a check passes, and chance may have made it.
func unproven(c *result.Check) bool {
	return c.Verdict == result.Pass && c.Proven != nil && !*c.Proven
}

// outstanding reports whether a check that is worse would be so by chance less
// often than its family may fail by it; one without such a number counts too.
func outstanding(c *result.Check) bool {
	return !weighed(c) || c.Evidence.PAdjusted == nil || *c.Evidence.PAdjusted <= c.Evidence.Alpha
}

// suspect reports whether a check that is undecided is worth a line of its own:
// it blocks, or looks bad by itself.
func suspect(c *result.Check) bool {
	const telling = 0.05
	return blocks(c) || onWhole(c) || !weighed(c) || *c.Evidence.PWorse <= telling
}

// interval is where the true change lies, in brackets and without its unit; ""
// where that is not known.
func interval(c *result.Check, f figures) string {
	if c.Interval == nil || bounded(c) {
		return ""
	}
	return "[" + f.change.signed(c.Interval[0]) + ", " + f.change.signed(c.Interval[1]) + "]"
}

// valueInterval is where the true value lies, for a limit on the value itself.
func valueInterval(c *result.Check, f figures) string {
	if c.Interval == nil || !bounded(c) {
		return ""
	}
	return "[" + f.value.withUnit(c.Interval[0]) + ", " + f.value.withUnit(c.Interval[1]) + "]"
}

// explained is the line below a check that did not pass: the evidence, or why
// there is none. withInterval adds the interval where the table has no room for it.
func (p *printer) explained(c *result.Check, withInterval bool) string {
	f := figuresOf(c, p.Rate)
	switch decided := c.Verdict == result.Fail || c.Verdict == result.Inconclusive; {
	case !decided || c.Interval == nil || isTotal(c) || tooFew(c):
		return p.reason(c)
	case bounded(c):
		return p.reason(c) + "; likely " + p.sign(f.value.withUnit(c.Interval[0])+" to "+f.value.withUnit(c.Interval[1]))
	case !weighed(c):
		return p.reason(c)
	}
	line := evidenceLine(c)
	if withInterval {
		line = "likely " + p.sign(f.change.signed(c.Interval[0])+" to "+f.change.signed(c.Interval[1])) + f.change.unit() + "; " + line
	}
	return line
}

// evidenceLine says what a verdict rests on.
func evidenceLine(c *result.Check) string {
	if c.Verdict == result.Fail {
		return flipped(c) + "not chance" + chance(c)
	}
	if c.Rows != nil && c.RowsNeeded > *c.Rows {
		return "too few to tell" + chance(c) + ": about " + about(c.RowsNeeded) + " rows would"
	}
	return "too close to tell" + chance(c)
}

// flipped counts the rows that changed sides; "" where none did or could.
func flipped(c *result.Check) string {
	f := c.Details.Flips
	if f == nil || f.Negative+f.Positive == 0 {
		return ""
	}
	return count(f.Negative) + " newly wrong, " + count(f.Positive) + " newly right; "
}

// chance is how often chance alone would do this, in brackets after a space.
func chance(c *result.Check) string {
	e := c.Evidence
	if e.PAdjusted == nil {
		return ""
	}
	what := pValue(*e.PAdjusted)
	if e.Tests > 1 {
		what += " after " + many(e.Tests, "check")
	}
	if e.Groups > 0 {
		what += ", over " + counted(e.Groups, "group")
	}
	if e.EffectiveRows > 0 {
		what += ", worth " + counted(uint64(e.EffectiveRows), "equal row")
	}
	return " (" + what + ")"
}

// pValue writes a p-value as papers do.
func pValue(p float64) string {
	switch {
	case p < 0.001:
		return "p < .001"
	case p > 0.995:
		return "p 1"
	}
	digits := 2
	if p < 0.0995 {
		digits = 3
	}
	return "p " + strings.TrimPrefix(strconv.FormatFloat(p, 'f', digits, 64), "0")
}

// about is a number to two digits.
func about(n uint64) string {
	unit := uint64(math.Pow10(max(0, len(strconv.FormatUint(n, 10))-2)))
	return count((n + unit/2) / unit * unit)
}

// notes counts what is to be said of checks that pass, in brackets after a
// space: "" where there is nothing.
func notes(passed []*result.Check) string {
	var parts []string
	if n := len(only(passed, unproven)); n > 0 {
		parts = append(parts, count(uint64(n))+" not proven")
	}
	if n := len(only(passed, worse)); n > 0 {
		parts = append(parts, count(uint64(n))+" worse within "+their(n)+" limit")
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}
