package gate

import (
	"context"
	"errors"
	"fmt"

	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
	"github.com/noworse/noworse/verdict"
)

// familyAnchor is that of limits since the anchor.
const familyAnchor = "anchor"

// sinceAnchor is what the rows say of the candidate against the anchor.
type sinceAnchor struct {
	checks map[string]pending
	prints fingerprints
	notes  []string
}

// evaluateWithAnchor reads the rows for the baseline and, where that is another
// one, for the anchor. The anchor comes first, so that its statistics are gone
// when those of the baseline are made; what is wrong with the candidate or the
// baseline is told first all the same.
func (p *plan) evaluateWithAnchor(ctx context.Context) (*evaluation, error) {
	var since *sinceAnchor
	var broken error
	if p.anchor() != nil && !p.anchorIsBaseline() && p.limitsTotals() {
		since, broken = p.evaluateAnchor(ctx)
	}
	e, err := p.evaluate(ctx)
	switch {
	case err != nil:
		return nil, err
	case broken != nil:
		return nil, broken
	case since == nil:
		e.since = p.totals(e)
	case since.prints.eval.String() != e.all.prints.eval.String() || since.prints.models[0].String() != e.all.prints.models[0].String():
		return nil, errors.New("the evaluation set or the candidate's answers changed while they were read")
	default:
		e.since = since.checks
		e.notes = append(e.notes, since.notes...)
	}
	if b := p.options.Stored; b != nil && b.Baseline.Anchor != nil && p.spec.Store.Anchor == spec.AnchorIgnored {
		e.notes = append(e.notes, "The anchor is left out: baseline.anchor is ignore, so many small losses may add up.")
	}
	return e, nil
}

// evaluateAnchor compares with the anchor as if it were the baseline, in a scan
// of its own.
func (p *plan) evaluateAnchor(ctx context.Context) (*sinceAnchor, error) {
	anchor, s, o := *p.anchor(), *p.spec, p.options
	anchor.anchors = true
	s.Gaps, s.Flips = nil, nil
	o.Stored, o.Flips = &anchor, nil
	given, err := o.running.models(models(&s, o.Stored))
	if err != nil {
		return nil, err
	}
	source, err := o.Open(ctx, layout(&s, given))
	if err != nil {
		return nil, at(&s, o.Stored, err)
	}
	defer source.Close()
	q, err := newPlan(ctx, &s, given, source, o)
	if err != nil {
		return nil, err
	}
	e, err := q.evaluate(ctx)
	if err != nil {
		return nil, err
	}
	return &sinceAnchor{checks: q.totals(e), prints: e.all.prints, notes: e.notes}, nil
}

// anchor is the anchor that is to be compared with; nil if there is none.
func (p *plan) anchor() *Stored {
	if p.options.Stored == nil || p.spec.Store == nil || p.spec.Store.Anchor == spec.AnchorIgnored {
		return nil
	}
	return p.options.Stored.Anchor
}

// anchorIsBaseline says whether the anchor's answers are the baseline's.
func (p *plan) anchorIsBaseline() bool {
	b := p.options.Stored
	return b.anchors || b.Rows.SHA256 == b.Anchor.Rows.SHA256 && same(b.Model.Threshold, b.Anchor.Model.Threshold)
}

func same(a, b *float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// limitsTotals says whether any rule limits a change since the anchor.
func (p *plan) limitsTotals() bool {
	whole, sliced := p.allRules()
	for _, list := range [][]spec.Rule{whole, sliced} {
		for _, r := range list {
			if r.InTotal() != nil {
				return true
			}
		}
	}
	return false
}

// totals are the limits since the anchor, where the baseline of the plan is it.
func (p *plan) totals(e *evaluation) map[string]pending {
	all := map[string]pending{}
	if p.anchor() == nil && !(p.options.Stored != nil && p.options.Stored.anchors) {
		return all
	}
	for _, sub := range p.subjects(e) {
		for _, rule := range sub.rules {
			t := rule.InTotal()
			if t == nil || !p.options.Stored.anchors && implied(rule, t) {
				continue
			}
			id := checkID(sub.slice, rule.Key, t.Key)
			all[id] = p.measureTotal(id, sub, rule, t)
		}
	}
	return all
}

// implied says whether a limit since the anchor says no more than the rule's
// own, where the anchor is the baseline.
func implied(rule spec.Rule, t *spec.Total) bool {
	step := rule.Step()
	return !t.Said || step != nil && step.Relative == t.Relative && step.Value <= t.Value
}

// measureTotal makes one check up to its verdict, and lets go of the rows'
// statistics.
func (p *plan) measureTotal(id string, sub subject, rule spec.Rule, t *spec.Total) pending {
	sub.family = familyAnchor
	c := p.measure(id, sub, rule, verdict.Limit{Kind: verdict.Kind(t.Limit()), Value: t.Value, Relative: t.Relative})
	c.anchor = true
	c.Rule = describeTotal(c.Rule, t)
	if p.classes != nil && c.view.models == 2 && c.given != nil {
		c.Details.Flips = p.flipsOf(c.view.View, c.view.examples, false)
	}
	c.view = view{}
	return c
}

func describeTotal(r result.Rule, t *spec.Total) result.Rule {
	r.MaxTotalDrop, r.MaxTotalRise, r.MaxTotalChange = r.MaxDrop, r.MaxRise, r.MaxChange
	r.MaxDrop, r.MaxRise, r.MaxChange = nil, nil, nil
	return r
}

// addTotal adds the limit since the anchor to those of a rule, and to its
// limit of one step what changed since.
func (p *plan) addTotal(list []pending, sub subject, rule spec.Rule, since map[string]pending) []pending {
	t := rule.InTotal()
	if t == nil {
		return list
	}
	id := checkID(sub.slice, rule.Key, t.Key)
	c, ok := since[id]
	switch step := checkID(sub.slice, rule.Key, t.Limit()); {
	case !ok && (!t.Said || p.anchor() != nil):
		return list
	case !ok:
		return append(list, p.withoutAnchor(id, sub, rule, t))
	case !p.anchorIsBaseline() && (c.Baseline != nil || c.Change != nil):
		for i := range list {
			if list[i].ID == step {
				list[i].Anchor = &result.Cumulative{Baseline: c.Baseline, Change: c.Change}
			}
		}
	}
	return append(list, c)
}

// withoutAnchor is a limit since the anchor where there is none.
func (p *plan) withoutAnchor(id string, sub subject, rule spec.Rule, t *spec.Total) pending {
	why := "the store has no anchor: noworse baseline anchor sets one"
	switch {
	case p.spec.Store == nil:
		why = "only a store of baselines has an anchor: under `baseline:`, name one with store"
	case p.options.Stored == nil:
		why = "no baseline was accepted yet"
	case p.spec.Store.Anchor == spec.AnchorIgnored:
		why = "baseline.anchor is ignore"
	}
	limit := verdict.Limit{Kind: verdict.Kind(t.Limit()), Value: t.Value, Relative: t.Relative}
	return pending{anchor: true, Check: result.Check{
		ID: id, Kind: "metric", Metric: rule.Metric, Name: nameOf(rule), Params: p.describeParams(rule), Slice: sub.slice,
		Severity: string(orElse(rule.Severity, sub.severity)), Rule: describeTotal(p.describeRule(rule, limit), t),
		Evidence: &result.Evidence{Method: "point", Family: familyAnchor},
		Verdict:  result.Skipped, Reason: why,
	}}
}

// describeAnchor is the anchor as a result has it; nil if there is none.
func (p *plan) describeAnchor() *result.Model {
	if a := p.anchor(); a != nil {
		return a.describe()
	}
	return nil
}

// anchorReason says how far the candidate is from the anchor.
func anchorReason(c *pending, d verdict.Decision) string {
	whom := "overall"
	if c.Slice != "" {
		whom = "for " + c.Slice
	}
	what, looks := "worse "+whom+" than the anchor", "looks worse "+whom+" than the anchor"
	if c.limit.Kind == verdict.MaxChange {
		what, looks = "changed "+whom+" since the anchor", "looks changed "+whom+" since the anchor"
	}
	switch {
	case d.Reason == verdict.ZeroBaseline:
		return fmt.Sprintf("the anchor's value is 0 and the limit is a share of it: write max_total_%s as a number", string(c.limit.Kind)[len("max_"):])
	case d.Verdict == verdict.Pass:
		return anchorPass(c, d)
	case d.Verdict == verdict.Fail:
		if f := c.Details.Flips; f != nil {
			what += fmt.Sprintf(": %s became wrong since and %d right", predict.Count(f.Negative, "row", "rows"), f.Positive)
		}
		if d.Judged {
			what += "; chance would do this " + often(d.Adjusted)
		}
		return what
	}
	return looks + ", but chance alone may do that"
}

func anchorPass(c *pending, d verdict.Decision) string {
	what := "better than the anchor"
	switch {
	case *c.Change == 0:
		what = "the same as the anchor"
	case c.limit.Kind == verdict.MaxChange:
		what = "changed since the anchor, within the limit"
	case d.Worse || d.Worsening > 0 && !d.Judged:
		what = "worse than the anchor, within the limit"
	case d.Worsening > 0:
		what = "within the limit since the anchor; chance explains the difference"
	}
	return what + unproven(d)
}

// addUp says of checks that fail by the anchor alone that it is the steps
// together which are too many.
func addUp(checks []result.Check) {
	var step *result.Check
	for i := range checks {
		c := &checks[i]
		total := c.Evidence != nil && c.Evidence.Family == familyAnchor
		if total && c.Verdict == result.Fail && step != nil && step.Verdict == result.Pass && step.Rule.At == c.Rule.At && step.Slice == c.Slice {
			c.Reason += "; this step is within its limit, all steps together are not"
		}
		if !total && c.Rule.Min == nil && c.Rule.Max == nil {
			step = c
		}
	}
}
