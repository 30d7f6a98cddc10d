package gate

import (
	"fmt"
	"strings"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
	"github.com/noworse/noworse/verdict"
)

// flipLimits are what the limits of the spec limit, and on which side.
var flipLimits = map[string]struct {
	share metric.FlipShare
	kind  verdict.Kind
}{
	spec.MaxNegativeRate:       {metric.NegativeFlipRate, verdict.Max},
	spec.MinBackwardTrust:      {metric.BackwardTrust, verdict.Min},
	spec.MinErrorCompatibility: {metric.ErrorCompatibility, verdict.Min},
}

// flipChecks are the checks of flips, on the whole set and in slices.
func (p *plan) flipChecks(subjects []subject) []pending {
	if p.spec.Flips == nil {
		return nil
	}
	var list []pending
	for _, sub := range subjects {
		rules := &p.spec.Flips.Whole
		if sub.slice != "" {
			if rules = p.spec.Flips.Slices; rules == nil {
				break
			}
		}
		for _, l := range rules.Limits {
			list = append(list, p.measureFlips(sub, *rules, l))
		}
	}
	return list
}

func flipID(sliceName, limit string) string {
	parts := []string{"flips", limit}
	if sliceName != "" {
		parts = append([]string{"slice", sliceName}, parts...)
	}
	return strings.Join(parts, "/")
}

// measureFlips makes one check up to its verdict.
func (p *plan) measureFlips(sub subject, rules spec.FlipRules, l spec.FlipLimit) pending {
	of, v := flipLimits[l.Name], sub.of(true)
	limit, rows := verdict.Limit{Kind: of.kind, Value: l.Value}, v.Rows()
	c := pending{limit: limit, view: v, Check: result.Check{
		ID: flipID(sub.slice, l.Name), Kind: "flips", Metric: of.share.Name, Slice: sub.slice, Rows: &rows,
		Severity: string(orElse(rules.Severity, sub.severity)),
		Rule:     p.describeRule(spec.Rule{At: l.At}, limit),
		Evidence: &result.Evidence{Method: "point", Paired: v.models == 2, Family: "flips"},
	}}
	if skip := p.skipFlips(sub, rows); skip != "" {
		c.Verdict, c.Reason = result.Skipped, skip
		return c
	}
	f := v.Flips()
	value, err := of.share.Estimate(f)
	if err != nil {
		c.Verdict, c.Reason = result.Error, err.Error()
		if sub.slice != "" {
			c.Verdict = result.Skipped
		}
		return c
	}
	c.Candidate = &value
	c.given = &verdict.Case{Limit: limit, Family: "flips", Rows: *c.Rows, Candidate: verdict.Estimate{Value: value}}
	in, groups, ok := p.flipInterval(v.View, of.share)
	c.Evidence.Groups = groups
	if ok && p.spec.Decision.Fail != spec.ByPoint {
		c.given.Range = &verdict.Interval{Low: in.Low, High: in.High}
		c.Evidence.Method = in.Method
		p.setInterval(&c, in.Low, in.High)
	}
	c.flips = &f
	return c
}

// skipFlips says why there are no flips to decide on; "" if there are.
func (p *plan) skipFlips(sub subject, rows uint64) string {
	if !sub.paired {
		return p.skipUnpairable("flips")
	}
	return p.skip(sub, spec.Rule{}, verdict.Limit{Kind: verdict.MaxRise}, rows)
}

// skipUnpairable says why something cannot be had that needs the rows of both models.
func (p *plan) skipUnpairable(what string) string {
	switch {
	case p.options.Stored != nil:
		return "the baseline's rows cannot be paired, and " + what + " need them"
	case p.spec.Store != nil:
		return "no baseline was accepted yet"
	}
	return "no baseline to compare with: name one under `baseline:`"
}

// flipReason says how many rows the share counts, and what does not count.
func (p *plan) flipReason(c *pending, d verdict.Decision) string {
	f := c.flips
	var what string
	switch c.Metric {
	case metric.NegativeFlipRate.Name:
		what = fmt.Sprintf("%s of %s became wrong", predict.Thousands(f.Negative), predict.Count(f.Rows(), "row", "rows"))
	case metric.BackwardTrust.Name:
		what = fmt.Sprintf("of %s that the baseline has right, %s became wrong", predict.Count(f.Both+f.Negative, "row", "rows"), predict.Thousands(f.Negative))
	default:
		what = fmt.Sprintf("of the candidate's %s, %s are new", predict.Count(f.Neither+f.Negative, "error", "errors"), predict.Thousands(f.Negative))
	}
	switch d.Verdict {
	case verdict.Inconclusive:
		what += ", but so close to the limit that chance can do that"
	case verdict.Pass:
		what += unproven(d)
	}
	if p.weight != nil {
		what += "; every row counts once, whatever its weight"
	}
	if p.cluster != nil && c.given.Range == nil {
		what += "; rows of one group depend on each other, so how far chance reaches is not known"
	}
	return what
}
