package gate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/slice"
	"github.com/noworse/noworse/spec"
	"github.com/noworse/noworse/verdict"
)

// describe says what was compared.
func (p *plan) describe(r *result.Result, e *evaluation) {
	r.Data.Eval = result.Eval{
		Rows: e.all.rows, Unlabelled: p.source.Rows() - e.all.rows,
		Version: p.spec.Redact(p.spec.Eval.Version), Fingerprint: e.all.prints.eval.String(), Changes: e.changes,
	}
	r.Notes = e.notes
	r.Candidate = p.describeModel("candidate", p.spec.Candidate, e.all.prints.models[0])
	switch {
	case p.options.Stored != nil:
		r.Baseline = p.options.Stored.describe()
	case p.spec.Baseline != nil:
		r.Baseline = p.describeModel("baseline", p.spec.Baseline, e.all.prints.models[1])
	}
	r.Anchor = p.describeAnchor()
	if p.spec.Store != nil {
		r.Store = p.spec.Redact(p.spec.Store.Path)
	}
	if p.classes != nil && e.both != nil {
		r.Flips = p.wholeFlips(e)
	}
}

func (p *plan) describeModel(role string, m *spec.Model, print fingerprint) *result.Model {
	out := &result.Model{
		Form: "predictions", Path: p.spec.Redact(m.Path), Label: p.spec.Redact(m.Label), Score: p.spec.Redact(m.Score),
		Fingerprint: print.String(),
	}
	if r := p.options.running; r != nil && r.runners[role] != nil {
		r.runners[role].describe(p.spec, out)
	}
	return out
}

func orElse(a, b spec.Severity) spec.Severity {
	if a == spec.Unset {
		return b
	}
	return a
}

// checks judges every subject by each limit of its rules. All are judged, also
// where few are wanted: how sure a verdict must be depends on how many there are,
// and must not depend on which of them somebody looks at.
func (p *plan) checks(ctx context.Context, e *evaluation) ([]result.Check, error) {
	wanted := p.wanted()
	var list []pending
	subjects := p.subjects(e)
	for _, sub := range subjects {
		for _, rule := range sub.rules {
			for _, limit := range limits(rule) {
				id := checkID(sub.slice, rule.Key, string(limit.Kind))
				list = append(list, p.measure(id, sub, rule, limit))
			}
			list = p.addTotal(list, sub, rule, e.since)
		}
	}
	list = append(list, p.flipChecks(subjects)...)
	list = append(list, p.gapChecks(e)...)
	checks, decided := []result.Check{}, p.decide(list)
	addUp(decided)
	for _, c := range decided {
		if wanted(c.ID) {
			checks = append(checks, c)
		}
	}
	behaved, err := p.behaviorChecks(ctx, wanted)
	if err != nil {
		return nil, err
	}
	checks = append(checks, behaved...)
	measured, err := p.benchChecks(ctx, wanted)
	if err != nil {
		return nil, err
	}
	checks = append(checks, measured...)
	alike, err := p.parityChecks(ctx, wanted)
	if err != nil {
		return nil, err
	}
	checks = append(checks, alike...)
	moved, err := p.driftChecks(ctx, wanted)
	if err != nil {
		return nil, err
	}
	checks = append(checks, moved...)
	kept, err := p.contractChecks(ctx, wanted)
	if err != nil {
		return nil, err
	}
	checks = append(checks, kept...)
	if len(checks) == 0 {
		return nil, fmt.Errorf("no check matches %q: the ids look like %s or slice/NAME/accuracy/max_drop", p.options.Only, "metric/accuracy/max_drop")
	}
	return checks, nil
}

// wanted says which checks somebody looks at.
func (p *plan) wanted() func(id string) bool {
	pattern := glob(p.options.Only)
	return func(id string) bool { return pattern == nil || pattern.MatchString(id) }
}

func checkID(sliceName, key, limit string) string {
	parts := []string{"metric", slice.Encode(key), limit}
	if sliceName != "" {
		parts = []string{"slice", sliceName, slice.Encode(key), limit}
	}
	return strings.Join(parts, "/")
}

// glob is a pattern in which * is any text and ? any character; nil for "".
func glob(pattern string) *regexp.Regexp {
	if pattern == "" {
		return nil
	}
	quoted := regexp.QuoteMeta(pattern)
	quoted = strings.ReplaceAll(quoted, `\*`, ".*")
	quoted = strings.ReplaceAll(quoted, `\?`, ".")
	return regexp.MustCompile("^(?s:" + quoted + ")$")
}

// limits are the limits of a rule, each a check of its own.
func limits(r spec.Rule) []verdict.Limit {
	var list []verdict.Limit
	margin := func(kind verdict.Kind, m *spec.Margin) {
		if m != nil {
			list = append(list, verdict.Limit{Kind: kind, Value: m.Value, Relative: m.Relative})
		}
	}
	bound := func(kind verdict.Kind, v *float64) {
		if v != nil {
			list = append(list, verdict.Limit{Kind: kind, Value: *v})
		}
	}
	margin(verdict.MaxDrop, r.MaxDrop)
	margin(verdict.MaxRise, r.MaxRise)
	margin(verdict.MaxChange, r.MaxChange)
	bound(verdict.Min, r.Min)
	bound(verdict.Max, r.Max)
	return list
}

// measure makes one check up to its verdict.
func (p *plan) measure(id string, sub subject, rule spec.Rule, limit verdict.Limit) pending {
	v := sub.of(limit.Kind.OfChange())
	rows := v.Rows()
	c := pending{limit: limit, view: v, stored: sub.stored, Check: result.Check{
		ID: id, Kind: "metric", Metric: rule.Metric, Name: nameOf(rule), Params: p.describeParams(rule), Slice: sub.slice, Rows: &rows,
		Severity: string(orElse(rule.Severity, sub.severity)),
		Rule:     p.describeRule(rule, limit),
		Evidence: &result.Evidence{Method: "point", Paired: v.models == 2, Family: sub.family},
	}}
	if skip := p.skip(sub, rule, limit, rows); skip != "" {
		c.Verdict, c.Reason = result.Skipped, skip
		return c
	}
	candidate, baseline, ok := p.estimates(&c.Check, sub, v, rule, limit.Kind.OfChange())
	if !ok {
		return c
	}
	c.given = &verdict.Case{Limit: limit, Family: sub.family, Rows: rows, Baseline: baseline, Candidate: candidate}
	p.weigh(&c, rule)
	return c
}

// nameOf is a rule's own name, where it has another than its metric.
func nameOf(r spec.Rule) string {
	if r.Key == r.Metric {
		return ""
	}
	return r.Key
}

func (p *plan) describeParams(r spec.Rule) *result.Params {
	params := result.Params{
		Above: r.Above, Beta: r.Beta, Bins: r.Bins, Class: p.spec.Redact(r.Class), Confidence: r.Confidence, K: r.K, Quantile: r.Quantile, Cost: p.costs.text(r), SQL: p.spec.Redact(r.SQL),
	}
	if params == (result.Params{}) {
		return nil
	}
	return &params
}

func (p *plan) describeRule(rule spec.Rule, limit verdict.Limit) result.Rule {
	r := result.Rule{At: p.whereOf(rule.At)}
	margin := &result.Margin{Value: limit.Value, Relative: limit.Relative}
	switch limit.Kind {
	case verdict.MaxDrop:
		r.MaxDrop = margin
	case verdict.MaxRise:
		r.MaxRise = margin
	case verdict.MaxChange:
		r.MaxChange = margin
	case verdict.Min:
		r.Min = &limit.Value
	default:
		r.Max = &limit.Value
	}
	return r
}

func setLimits(r *result.Rule, d verdict.Decision) {
	if !math.IsInf(d.Low, 0) && !math.IsNaN(d.Low) {
		r.Limit = &d.Low
	}
	if !math.IsInf(d.High, 0) && !math.IsNaN(d.High) {
		if r.Limit == nil {
			r.Limit = &d.High
		} else {
			r.LimitHigh = &d.High
		}
	}
}

// skip says why there is nothing to decide; "" if there is.
func (p *plan) skip(sub subject, rule spec.Rule, limit verdict.Limit, rows uint64) string {
	changes, all := limit.Kind.OfChange(), sub.all.Rows()
	switch {
	case sub.slice != "" && all == 0:
		return "no row is in this slice"
	case changes && sub.paired && rows == 0:
		return "none of its rows was there when the " + p.options.Stored.role() + " was accepted"
	case sub.slice != "" && all < uint64(p.spec.MinRows()):
		return fmt.Sprintf("under %d rows", p.spec.MinRows())
	case sub.slice != "" && rows < uint64(p.spec.MinRows()):
		return fmt.Sprintf("under %d rows that were there when the %s was accepted", p.spec.MinRows(), p.options.Stored.role())
	case changes && !sub.paired:
		return p.skipUnpaired(sub, rule)
	}
	return ""
}

// skipUnpaired says why there is nothing to compare with, where no row has an
// answer of a baseline; "" if there is a stored value.
func (p *plan) skipUnpaired(sub subject, rule spec.Rule) string {
	switch b := p.options.Stored; {
	case b == nil && p.spec.Store != nil:
		return "no baseline was accepted yet"
	case b == nil:
		return "no baseline to compare with: name one under `baseline:`"
	case sub.stored == nil:
		return "the " + b.role() + " has no values of this slice: " + b.again()
	case sub.slice != "" && sub.stored.Rows < uint64(p.spec.MinRows()):
		return fmt.Sprintf("under %d rows when the %s was accepted", p.spec.MinRows(), b.role())
	}
	if _, ok := p.storedValue(sub.stored, rule); !ok {
		return "the " + p.options.Stored.role() + " has no such value: " + p.options.Stored.again()
	}
	return ""
}

// estimates asks the metric for both models' values. Where there is none, the
// check is an error, unless the rows of a slice cannot have one for either model.
func (p *plan) estimates(c *result.Check, sub subject, v view, rule spec.Rule, changes bool) (candidate verdict.Estimate, baseline *verdict.Estimate, ok bool) {
	value, err := p.estimate(sub.slice, v, rule, 0)
	candidate = verdict.Estimate(value)
	if err == nil {
		c.Candidate = number(value.Value)
	}
	errBaseline := err
	if v.models == 2 {
		var of metric.Estimate
		if of, errBaseline = p.estimate(sub.slice, v, rule, 1); errBaseline == nil {
			c.Baseline = number(of.Value)
			baseline = (*verdict.Estimate)(&of)
		}
	} else if changes && sub.stored != nil {
		if stored, ok := p.storedValue(sub.stored, rule); ok {
			baseline = &verdict.Estimate{Value: stored.Value, Bound: stored.Bound}
			c.Baseline, errBaseline = number(stored.Value), nil
		}
	}
	switch {
	case err != nil && errBaseline != nil:
		c.Verdict, c.Reason = result.Error, err.Error()
		if _, undefined := errors.AsType[*metric.Undefined](err); undefined && sub.slice != "" {
			c.Verdict = result.Skipped
		}
	case err != nil:
		c.Verdict, c.Reason = result.Error, "the candidate: "+err.Error()
	case errBaseline != nil:
		c.Verdict, c.Reason = result.Error, "the "+p.options.Stored.role()+": "+errBaseline.Error()
	default:
		if c.Baseline != nil && c.Candidate != nil {
			c.Change = number(*c.Candidate - *c.Baseline)
		}
		return candidate, baseline, true
	}
	return candidate, baseline, false
}

// estimate is the value of a rule's metric for one model, on the rows of a slice.
func (p *plan) estimate(sliceName string, v view, rule spec.Rule, model int) (metric.Estimate, error) {
	if rule.SQL != "" {
		return v.formulas.estimate(rule, sliceName, model)
	}
	m, _ := metric.Lookup(rule.Metric) // the parser knows the same table
	return m.Estimate(v.View, model, p.params(rule))
}

// number is a value for the result; what is not finite is absent.
func number(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}
