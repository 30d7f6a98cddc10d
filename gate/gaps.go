package gate

import (
	"errors"
	"fmt"
	"strings"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/slice"
	"github.com/noworse/noworse/spec"
	"github.com/noworse/noworse/verdict"
)

// gapLimit is one limit of a gap rule, a check of its own.
type gapLimit struct {
	name  string // max_gap or max_rise
	limit verdict.Limit
}

func gapLimits(r spec.GapRule) []gapLimit {
	var list []gapLimit
	if r.MaxGap != nil {
		list = append(list, gapLimit{"max_gap", verdict.Limit{Kind: verdict.Max, Value: *r.MaxGap}})
	}
	if r.MaxRise != nil {
		list = append(list, gapLimit{"max_rise", verdict.Limit{Kind: verdict.MaxRise, Value: *r.MaxRise}})
	}
	return list
}

// gapChecks measures the differences between slices, for each limit.
func (p *plan) gapChecks(e *evaluation) []pending {
	var list []pending
	for _, g := range p.spec.Gaps {
		for _, rule := range g.Rules {
			for _, limit := range gapLimits(rule) {
				id := strings.Join([]string{"gap", gapName(g), slice.Encode(rule.Key), limit.name}, "/")
				list = append(list, p.measureGap(id, e, g, rule, limit))
			}
		}
	}
	return list
}

// gapName is the columns of a gap in a check's id.
func gapName(g spec.Gaps) string {
	names := make([]string, len(g.Columns))
	for i, c := range g.Columns {
		names[i] = slice.Encode(c)
	}
	return strings.Join(names, ",")
}

func (p *plan) measureGap(id string, e *evaluation, g spec.Gaps, rule spec.GapRule, limit gapLimit) pending {
	r := rule.Rule()
	c := pending{limit: limit.limit, Check: result.Check{
		ID: id, Kind: kindGap, Metric: rule.Metric, Name: nameOf(r), Params: p.describeParams(r), By: g.Columns,
		Severity: string(orElse(rule.Severity, spec.Block)),
		Rule:     p.describeRule(r, limit.limit),
		Evidence: &result.Evidence{Method: "point", Paired: e.both != nil, Family: familyGap},
	}}
	if limit.name == "max_gap" {
		c.Rule.Max, c.Rule.MaxGap = nil, &limit.limit.Value
	}
	rows := e.all
	if limit.limit.Kind.OfChange() {
		if rows = e.both; rows == nil {
			c.Verdict, c.Reason = result.Skipped, p.skipUnpairable("gaps")
			return c
		}
	}
	s := p.spread(rows, p.groupOf(g.Columns), r)
	c.Rows = &s.rows
	if s.err != nil {
		c.Verdict, c.Reason = result.Error, s.err.Error()
		return c
	}
	if len(s.slices) < 2 {
		c.Verdict, c.Reason = result.Skipped, "fewer than two slices to compare"+s.leftOut(p.spec.MinRows())
		return c
	}
	candidate := s.gap(0)
	c.gap, c.given = &foundGap{s, candidate}, &verdict.Case{
		Limit: limit.limit, Family: familyGap, Rows: s.rows, Candidate: verdict.Estimate{Value: candidate.value, Bound: candidate.bound},
	}
	if s.models == 2 {
		b := s.gap(1)
		c.given.Baseline = &verdict.Estimate{Value: b.value, Bound: b.bound}
		c.Baseline, c.Details.GapBefore = number(b.value), b.result()
		c.Change = number(candidate.value - b.value)
	}
	c.Candidate, c.Details.Gap = number(candidate.value), candidate.result()
	p.weighGap(&c, r)
	return c
}

const (
	kindGap   = "gap"
	familyGap = "gap"
)

// foundGap is what a check of a gap is of.
type foundGap struct {
	spread
	gap
}

// spread is a metric on all slices by some columns.
type spread struct {
	metric    metric.Metric
	models    int
	slices    []measured
	rows      uint64 // in the slices
	small     int    // slices that have too few rows
	undefined int    // slices on which the metric has no value
	groups    uint64 // of dependent rows
	apart     bool   // no rows of two slices depend on each other
	err       error  // it has one for one of two models alone
}

// measured is the values of a metric on one slice, by model.
type measured struct {
	view   view
	name   string
	rows   uint64
	values [2]metric.Estimate
}

func (p *plan) spread(s *scanned, group int, rule spec.Rule) spread {
	m, _ := metric.Lookup(rule.Metric) // the parser knows the same table
	out := spread{metric: m, models: s.models(), apart: true}
	for i, name := range s.by[group] {
		v := s.ofValue(group, i)
		one := measured{view: v, name: name, rows: v.Rows()}
		out.groups += v.Clusters()
		if one.rows == 0 {
			continue
		}
		if one.rows < uint64(p.spec.MinRows()) {
			out.small++
			continue
		}
		var missing []error
		for model := range out.models {
			var err error
			if one.values[model], err = m.Estimate(v.View, model, p.params(rule)); err != nil {
				missing = append(missing, fmt.Errorf("the %s on %s: %w", []string{"candidate", "baseline"}[model], name, err))
			}
		}
		switch {
		case len(missing) == 0:
			out.slices = append(out.slices, one)
			out.rows += one.rows
		case len(missing) == out.models && isUndefined(missing[0]):
			out.undefined++
		case out.err == nil:
			out.err = missing[0]
		}
	}
	if p.shape.Clustered {
		all := s.whole().Clusters()
		out.apart, out.groups = out.groups == all, min(out.groups, all)
	}
	return out
}

func isUndefined(err error) bool {
	_, undefined := errors.AsType[*metric.Undefined](err)
	return undefined
}

// leftOut says which slices do not count.
func (s *spread) leftOut(minRows int) string {
	var text string
	if s.small > 0 {
		text += fmt.Sprintf("; left out: %s under %d rows", predict.Count(uint64(s.small), "slice", "slices"), minRows)
	}
	if s.undefined > 0 {
		text += "; without a value: " + predict.Count(uint64(s.undefined), "slice", "slices")
	}
	return text
}

// gap is the two slices that are farthest apart for one model.
type gap struct {
	value, bound float64
	best, worst  measured
	model        int
	slices       int
}

// gap takes the first of equal slices. Which is best goes by the metric's
// better side; without one it is the higher.
func (s *spread) gap(model int) gap {
	g := gap{best: s.slices[0], worst: s.slices[0], model: model, slices: len(s.slices)}
	for _, one := range s.slices {
		v := g.of(s.metric, one)
		if v > g.of(s.metric, g.best) {
			g.best = one
		}
		if v < g.of(s.metric, g.worst) {
			g.worst = one
		}
		g.bound = max(g.bound, 2*one.values[model].Bound)
	}
	g.value = g.of(s.metric, g.best) - g.of(s.metric, g.worst)
	return g
}

// of is a slice's value, better when higher.
func (g *gap) of(m metric.Metric, one measured) float64 {
	v := one.values[g.model].Value
	if m.Better == metric.Lower {
		return -v
	}
	return v
}

func (g *gap) result() *result.Gap {
	of := func(one measured) result.GapSlice {
		return result.GapSlice{Slice: one.name, Rows: one.rows, Value: one.values[g.model].Value}
	}
	return &result.Gap{Slices: g.slices, Best: of(g.best), Worst: of(g.worst)}
}

// gapReason names the two slices, and what chance has to do with it.
func (p *plan) gapReason(c *pending, d verdict.Decision) string {
	g := c.gap.gap
	switch d.Reason {
	case verdict.NotANumber:
		return "the metric is not a finite number on some slice: nothing can be said"
	case verdict.WithinBound:
		return fmt.Sprintf("too close to the limit to tell: with more than %d rows scores are counted in bins", p.options.MaxExact)
	}
	say := func(one measured) string {
		value := fmt.Sprintf("%.4g", one.values[g.model].Value)
		if c.gap.metric.Bounded {
			value = fmt.Sprintf("%.1f%%", 100*one.values[g.model].Value)
		}
		return fmt.Sprintf("%s has %s (%s)", one.name, value, predict.Count(one.rows, "row", "rows"))
	}
	what := say(g.worst) + ", " + say(g.best)
	if g.value == 0 {
		what = fmt.Sprintf("all %d slices are equal", g.slices)
	}
	switch {
	case d.Reason == verdict.MayBeChance && c.given.Change != nil && d.Adjusted <= .5:
		what += "; chance alone would do this " + often(d.Adjusted)
	case d.Reason == verdict.MayBeChance:
		what += "; chance alone may do that"
	case d.Verdict == verdict.Fail && d.Judged && c.given.Change != nil:
		what += "; chance would do this " + often(d.Adjusted)
	case d.Verdict == verdict.Pass:
		what += unproven(d)
	}
	return what + c.gap.leftOut(p.spec.MinRows())
}
