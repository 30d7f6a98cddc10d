package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/noworse/noworse/result"
)

// groups is the checks of a result by how they came out. Within a group the
// whole set comes first, then slices by harm.
type groups struct {
	failed, errors  []*result.Check // of severity block
	warned          []*result.Check // of severity warn: failed, or could not be decided for an error
	unsure          []*result.Check // blocking ones first
	skipped, passed []*result.Check
}

func sortOut(checks []result.Check) groups {
	var g groups
	for i := range checks {
		g.add(&checks[i])
	}
	for _, list := range [][]*result.Check{g.failed, g.errors, g.warned, g.unsure, g.passed} {
		slices.SortStableFunc(list, byHarm)
	}
	slices.SortStableFunc(g.unsure, func(a, b *result.Check) int { return compareBool(blocks(a), blocks(b)) })
	return g
}

// add sorts in one check; a verdict that is not known counts as an error.
func (g *groups) add(c *result.Check) {
	switch {
	case c.Verdict == result.Pass:
		g.passed = append(g.passed, c)
	case c.Verdict == result.Skipped:
		g.skipped = append(g.skipped, c)
	case c.Verdict == result.Inconclusive:
		g.unsure = append(g.unsure, c)
	case !blocks(c):
		g.warned = append(g.warned, c)
	case c.Verdict == result.Fail:
		g.failed = append(g.failed, c)
	default:
		g.errors = append(g.errors, c)
	}
}

func blocks(c *result.Check) bool { return c.Blocks() }

func byHarm(a, b *result.Check) int {
	if n := compareBool(a.Slice == "", b.Slice == ""); n != 0 {
		return n
	}
	return cmp.Compare(harm(b), harm(a))
}

// compareBool puts true first.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// only keeps the checks that satisfy a condition.
func only(checks []*result.Check, keep func(*result.Check) bool) []*result.Check {
	var out []*result.Check
	for _, c := range checks {
		if keep(c) {
			out = append(out, c)
		}
	}
	return out
}

func inSlice(c *result.Check) bool { return c.Slice != "" }
func onWhole(c *result.Check) bool { return c.Slice == "" }

// distinct is the first check of every slice.
func distinct(checks []*result.Check) []*result.Check {
	seen := map[string]bool{}
	return only(checks, func(c *result.Check) bool {
		first := !seen[c.Slice]
		seen[c.Slice] = true
		return first
	})
}

// metricName is what a check is about: the name of its rule, else its metric
// with the parameters that tell it from another, else what kind of check it is.
func metricName(c *result.Check) string {
	if len(c.By) > 0 {
		return ruleName(c) + " gap by " + clean(strings.Join(c.By, ", "))
	}
	return ruleName(c)
}

func ruleName(c *result.Check) string {
	if c.Name == "" && c.Metric != "" && c.Params != nil {
		return clean(c.Metric + parameters(c.Params))
	}
	return clean(cmp.Or(c.Name, c.Metric, c.Kind))
}

func parameters(p *result.Params) string {
	var text string
	if p.Class != "" {
		text += " class=" + p.Class
	}
	if p.Beta != 0 {
		text += fmt.Sprintf(" beta=%v", p.Beta)
	}
	if p.K != 0 {
		text += fmt.Sprintf(" k=%d", p.K)
	}
	if p.Quantile != 0 {
		text += fmt.Sprintf(" quantile=%v", p.Quantile)
	}
	return text
}

// label is the metric with its side where the limit is on the value itself: a
// metric may have such a check besides the one of its change.
func label(c *result.Check) string {
	switch {
	case isTotal(c):
		return metricName(c) + " since anchor"
	case !bounded(c):
		return metricName(c)
	case ofItsOwn(c):
		return metricName(c)
	case c.Rule.Min != nil:
		return metricName(c) + " min"
	}
	return metricName(c) + " max"
}

// upper is the upper limit on the value itself, or nil.
func upper(c *result.Check) *float64 {
	if c.Rule.MaxGap != nil {
		return c.Rule.MaxGap
	}
	return c.Rule.Max
}

// cellLabel is the label in a table, where what a gap is between has a column
// of its own.
func cellLabel(c *result.Check) string {
	if ofItsOwn(c) {
		return c.Kind
	}
	if len(c.By) > 0 {
		return ruleName(c) + " gap" + strings.TrimPrefix(label(c), metricName(c))
	}
	return label(c)
}

// bounded reports whether the limit is on the value itself.
func bounded(c *result.Check) bool {
	_, ofChange := margin(c)
	return !ofChange && (lower(c) != nil || upper(c) != nil || c.Kind == "behavior")
}
