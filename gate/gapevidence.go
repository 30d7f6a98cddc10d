package gate

import (
	"fmt"
	"slices"

	"github.com/noworse/noworse/evidence"
	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/spec"
	"github.com/noworse/noworse/summary"
	"github.com/noworse/noworse/verdict"
)

// weighGap looks for evidence on a gap: that of every slice's values.
func (p *plan) weighGap(c *pending, rule spec.Rule) {
	s, m := &c.gap.spread, c.gap.metric
	if p.spec.Decision.Fail == spec.ByPoint {
		return
	}
	switch n := len(s.slices); {
	case n > evidence.MostGapSlices:
		c.unknown = fmt.Sprintf("chance is not known: %s slices are more than the %d whose pairs are compared", predict.Thousands(uint64(n)), evidence.MostGapSlices)
		return
	case p.cluster != nil && !p.shape.Clustered:
		c.unknown = fmt.Sprintf("chance is not known: more than %s rows are too many to be put together by group", predict.Thousands(p.options.MaxExact))
		return
	case p.cluster != nil:
		c.Evidence.Groups = s.groups
	}
	var without string
	if c.limit.Kind.OfChange() {
		without = p.weighGapRise(c, rule)
	} else {
		without = p.weighGapValue(c, rule)
	}
	if without != "" {
		c.unknown = fmt.Sprintf("chance is not known: that of %s on %s is not", m.Name, without)
	}
}

// weighGapValue is of the candidate's gap. It returns the slice of which nothing is
// known, if there is one.
func (p *plan) weighGapValue(c *pending, rule spec.Rule) (without string) {
	s, alpha := &c.gap.spread, p.spec.Decision.Alpha
	var list []evidence.Bounded
	for _, one := range s.slices {
		b, ok := p.bounded(s, one, 0, rule, evidence.GapLevel(len(s.slices), alpha, s.apart))
		if !ok {
			return one.name
		}
		list = append(list, b)
	}
	e, ok := evidence.OfGap(list, s.apart)
	if !ok {
		return "some slice"
	}
	if s.metric.Bounded {
		e.High = min(e.High, 1)
	}
	c.given.Range, c.Evidence.Method = &verdict.Interval{Low: e.Low, High: e.High}, e.Method
	p.setInterval(c, e.Low, e.High)
	return ""
}

// bounded is a slice's value by a model.
func (p *plan) bounded(s *spread, one measured, model int, rule spec.Rule, alpha float64) (evidence.Bounded, bool) {
	in, ok := evidence.OfValue(one.view.View, model, s.metric, p.params(rule), alpha)
	value := one.values[model]
	return evidence.Better(value.Value, in, s.metric.Better != metric.Lower), ok && value.Bound == 0 && in.Low <= value.Value && value.Value <= in.High
}

// weighGapRise is of the change of the gap.
func (p *plan) weighGapRise(c *pending, rule spec.Rule) (without string) {
	s, alpha := &c.gap.spread, p.spec.Decision.Alpha
	up := s.metric.Better != metric.Lower
	var list []evidence.GapSlice
	for _, one := range s.slices {
		e, ok := evidence.OfChange(one.view.View, s.metric, p.params(rule), evidence.Question{Side: evidence.Both, Alpha: alpha})
		change := one.values[0].Value - one.values[1].Value
		g := evidence.GapSlice{Change: evidence.Better(change, evidence.Value{Low: e.Low, High: e.High}, up)}
		var okNow, okBefore bool
		g.Candidate, okNow = p.bounded(s, one, 0, rule, alpha)
		g.Baseline, okBefore = p.bounded(s, one, 1, rule, alpha)
		if !ok || !okNow || !okBefore {
			return one.name
		}
		list = append(list, g)
	}
	e, ok := evidence.OfGapChange(list, s.apart, evidence.Question{Side: evidence.Up, Margin: c.limit.Value, Alpha: alpha})
	if !ok {
		return "some slice"
	}
	c.given.Change = &verdict.Change{Worse: e.Worse, Beyond: e.Beyond, Within: e.Within, Provable: e.Provable}
	if s.metric.Bounded {
		e.Low, e.High = max(e.Low, -1), min(e.High, 1)
	}
	c.Evidence.Method = e.Method
	c.Evidence.PWorse, c.Evidence.PBeyond, c.Evidence.PMargin = number(e.Worse), number(e.Beyond), number(e.Within)
	p.setInterval(c, e.Low, e.High)
	return ""
}

// askedByGaps is what evidence on gaps needs to be kept of slices.
func (p *plan) askedByGaps() summary.Needs {
	var all summary.Needs
	for _, g := range p.spec.Gaps {
		for _, r := range g.Rules {
			change := r.MaxRise != nil && len(p.models) == 2
			all.Add(p.needsOfEvidence(r.Rule(), evidence.Asked{Change: change, Baseline: change, Value: true, Alpha: p.spec.Decision.Alpha}))
		}
	}
	return all
}

// gapFamilies is 1 if rises of gaps share alpha, else 0.
func (p *plan) gapFamilies() int {
	if slices.ContainsFunc(p.spec.Gaps, func(g spec.Gaps) bool {
		return slices.ContainsFunc(g.Rules, func(r spec.GapRule) bool { return r.MaxRise != nil })
	}) {
		return 1
	}
	return 0
}
