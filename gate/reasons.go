package gate

import (
	"fmt"
	"math"

	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/verdict"
)

// reason says in one sentence, for somebody who knows no statistics, why a check
// came out as it did.
func (p *plan) reason(c *pending, d verdict.Decision) string {
	if c.anchor && d.Reason != verdict.NotANumber && d.Reason != verdict.WithinBound && d.Reason != verdict.TooFew {
		return anchorReason(c, d)
	}
	if c.gap != nil && d.Reason != verdict.TooFew {
		what := p.gapReason(c, d)
		if c.unknown != "" {
			what += "; " + c.unknown
		}
		return what
	}
	switch d.Reason {
	case verdict.NotANumber:
		return c.Metric + " is not a finite number here: nothing can be said"
	case verdict.ZeroBaseline:
		return fmt.Sprintf("the baseline is 0 and the limit is a share of it: write %s as a number", c.limit.Kind)
	case verdict.WithinBound:
		return fmt.Sprintf("too close to the limit to tell: with more than %d rows scores are counted in bins, and the value is known to ±%.2g", p.options.MaxExact, *c.Evidence.Bound)
	}
	if d.Reason == verdict.TooFew {
		least := verdict.Least(p.spec.Decision.Alpha)
		return fmt.Sprintf("%s cannot show that a model got worse, whatever it answers: at least %d are needed", predict.Count(*c.Rows, "row", "rows"), least)
	}
	if c.unknown != "" {
		return verdictReason(p, c, d) + "; " + c.unknown
	}
	return verdictReason(p, c, d)
}

func verdictReason(p *plan, c *pending, d verdict.Decision) string {
	switch {
	case c.flips != nil:
		return p.flipReason(c, d)
	case !c.limit.Kind.OfChange():
		return valueReason(c, d)
	case d.Verdict == verdict.Pass:
		return passReason(c, d)
	case d.Verdict == verdict.Fail:
		return failReason(c, d)
	}
	return unsureReason(c, d)
}

// valueReason is of a limit on the value itself.
func valueReason(c *pending, d verdict.Decision) string {
	side, beyond := "minimum", "below"
	if c.limit.Kind == verdict.Max {
		side, beyond = "maximum", "above"
	}
	switch d.Verdict {
	case verdict.Pass:
		return fmt.Sprintf("keeps the %s of %v%s", side, c.limit.Value, unproven(d))
	case verdict.Fail:
		return fmt.Sprintf("%s the %s of %v", beyond, side, c.limit.Value)
	}
	return fmt.Sprintf("%s the %s of %v, but so close that chance can do that", beyond, side, c.limit.Value)
}

func passReason(c *pending, d verdict.Decision) string {
	what := "better than the baseline"
	switch {
	case *c.Change == 0:
		what = "the same as the baseline"
	case c.limit.Kind == verdict.MaxChange:
		what = "changed within its limit"
	case d.Worse || d.Worsening > 0 && !d.Judged:
		what = "worse, within its limit"
	case d.Worsening > 0:
		what = "within its limit; chance explains the difference"
	}
	if d.Judged && !d.Proven {
		return what + unproven(d) + pairing(c)
	}
	return what
}

// unproven marks a pass that chance may have made.
func unproven(d verdict.Decision) string {
	if d.Judged && !d.Proven {
		return " (not proven)"
	}
	return ""
}

// failReason says for whom it is worse, how many rows changed sides, and how
// rarely that is chance.
func failReason(c *pending, d verdict.Decision) string {
	what := "worse " + whom(&c.Check)
	if c.limit.Kind == verdict.MaxChange {
		what = "changed " + whom(&c.Check)
	}
	if f := c.Details.Flips; f != nil && math.Abs(*c.Change) > 0 {
		what += fmt.Sprintf(": %s became wrong and %s right", predict.Count(f.Negative, "row", "rows"), predict.Thousands(f.Positive))
	}
	if d.Judged {
		what += "; chance would do this " + often(d.Adjusted)
	}
	return what
}

// unsureReason is of what looks worse on too few rows to tell.
func unsureReason(c *pending, d verdict.Decision) string {
	what := "looks worse " + whom(&c.Check) + ", but chance alone "
	if c.limit.Kind == verdict.MaxChange {
		what = "looks changed " + whom(&c.Check) + ", but chance alone "
	}
	if d.Adjusted > 0.5 || math.IsNaN(d.Adjusted) {
		what += "may well do that"
	} else {
		what += "would do this " + often(d.Adjusted)
	}
	if c.RowsNeeded > *c.Rows {
		what += fmt.Sprintf(": too few rows to tell, about %s would", rounded(c.RowsNeeded))
	}
	return what + pairing(c)
}

// pairing says what an id would give, where rows could not be paired.
func pairing(c *pending) string {
	if c.stored == nil {
		return ""
	}
	return fmt.Sprintf("; %s paired by an id would tell smaller changes apart", pairable(c))
}

func whom(c *result.Check) string {
	if c.Slice == "" {
		return "overall"
	}
	return "for " + c.Slice
}

// often says how often something of this chance happens.
func often(p float64) string {
	if p < 1e-6 {
		return "less than once in a million"
	}
	return "once in " + rounded(uint64(math.Round(1/p)))
}

// rounded is a number to two digits, with separators.
func rounded(n uint64) string {
	unit := uint64(1)
	for n/unit >= 100 {
		unit *= 10
	}
	return predict.Thousands((n + unit/2) / unit * unit)
}
