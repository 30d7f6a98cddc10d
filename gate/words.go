package gate

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/slice"
	"github.com/noworse/noworse/spec"
	"github.com/noworse/noworse/verdict"
)

// reason says in one sentence why a check came out as it did.
func (p *plan) reason(c *result.Check, limit verdict.Limit, d verdict.Decision) string {
	switch d.Reason {
	case verdict.NotANumber:
		return c.Metric + " is not a finite number here: nothing can be said"
	case verdict.ZeroBaseline:
		return fmt.Sprintf("the baseline is 0 and the limit is a share of it: write %s as a number", limit.Kind)
	case verdict.WithinBound:
		return fmt.Sprintf("too close to the limit to tell: with more than %d rows scores are counted in bins, and the value is known to ±%.2g", p.options.MaxExact, *c.Evidence.Bound)
	}
	if !limit.Kind.OfChange() {
		return boundReason(c, limit)
	}
	if c.Verdict == result.Fail {
		return p.failReason(c)
	}
	change := *c.Change
	worse := d.Worsening > 0
	switch {
	case change == 0:
		return "the same as the baseline"
	case limit.Kind == verdict.MaxChange:
		return "changed within its limit"
	case worse:
		return "worse, within its limit"
	}
	return "better than the baseline"
}

func boundReason(c *result.Check, limit verdict.Limit) string {
	side := map[verdict.Kind]string{verdict.Min: "minimum", verdict.Max: "maximum"}[limit.Kind]
	if c.Verdict == result.Fail {
		beyond := map[verdict.Kind]string{verdict.Min: "below", verdict.Max: "above"}[limit.Kind]
		return fmt.Sprintf("%s the %s of %v", beyond, side, limit.Value)
	}
	return fmt.Sprintf("keeps the %s of %v", side, limit.Value)
}

// failReason says for whom it is worse, and how many rows changed sides.
func (p *plan) failReason(c *result.Check) string {
	whom := "overall"
	if c.Slice != "" {
		whom = "for " + c.Slice
	}
	what := "worse " + whom
	if c.Rule.MaxChange != nil {
		what = "changed " + whom
	}
	f := c.Details.Flips
	if f == nil || math.Abs(*c.Change) == 0 {
		return what
	}
	return fmt.Sprintf("%s: %s became wrong and %d right", what, predict.Count(f.Negative, "row", "rows"), f.Positive)
}

// predicateHint says how to mend a slice that was refused.
func (p *plan) predicateHint(where string, err error) string {
	for _, c := range p.source.Columns() {
		quoted := strconv.Quote(c.Name)
		if !isPlainName(c.Name) && strings.Contains(where, c.Name) && !strings.Contains(where, quoted) {
			return "write the column " + c.Name + " in double quotes: " + quoted
		}
	}
	unknown, ok := errors.AsType[*slice.UnknownColumn](err)
	switch {
	case ok && strings.Contains(where, strconv.Quote(unknown.Name)):
		return fmt.Sprintf("text stands in single quotes: '%s'", unknown.Name)
	case ok:
		return p.columnHint(unknown.Name)
	case inWithoutParentheses.MatchString(where):
		return "IN wants parentheses: column IN ('a', 'b')"
	}
	return ""
}

// isPlainName says whether SQL reads a name without quotes.
func isPlainName(name string) bool { return plainName.MatchString(name) }

var (
	plainName            = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	inWithoutParentheses = regexp.MustCompile(`(?i)\bIN(\s+\w|\s*['"])`)
)

func (p *plan) columnHint(name string) string {
	var names []string
	for _, c := range p.source.Columns() {
		names = append(names, c.Name)
	}
	if near := spec.Nearest(name, names); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "its columns: " + shorten(names, 20)
}
