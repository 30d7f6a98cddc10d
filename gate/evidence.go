package gate

import (
	"fmt"
	"math"

	"github.com/noworse/noworse/baseline"
	"github.com/noworse/noworse/evidence"
	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
	"github.com/noworse/noworse/summary"
	"github.com/noworse/noworse/verdict"
)

// pending is a check that has no verdict yet: that takes all checks of the run.
type pending struct {
	result.Check
	limit   verdict.Limit
	view    view
	flips   *summary.Flips  // of a check of flips
	stored  *baseline.Slice // what is kept of an unpaired baseline; nil: nothing, or the rows are paired
	given   *verdict.Case   // nil: the verdict is there, it was skipped or has no value
	unknown string          // why nothing can be said of chance; "": something can, or the method says why
	anchor  bool            // it is a limit since the anchor
	gap     *foundGap       // of a check of a gap
}

// weigh looks for evidence on what is limited.
func (p *plan) weigh(c *pending, rule spec.Rule) {
	if p.spec.Decision.Fail == spec.ByPoint {
		return
	}
	m, _ := metric.Lookup(rule.Metric)
	if p.dependent(c, m, p.params(rule)); c.unknown != "" {
		return
	}
	switch {
	case rule.SQL != "":
		if p.weighFormula(c, rule); c.unknown != "" {
			return
		}
	case !c.limit.Kind.OfChange():
		p.weighValue(c, m, p.params(rule))
	default:
		p.weighChange(c, m, rule)
	}
	switch {
	case c.given.Change != nil || c.given.Range != nil:
	case p.cluster != nil:
		c.unknown = dependentRows
	case c.limit.Kind.OfChange() && c.stored != nil:
		c.unknown = fmt.Sprintf("chance is not known: the baseline keeps the value alone; %s paired by an id would tell", pairable(c))
	case p.weight != nil && rule.SQL == "" && p.source.Rows() <= p.options.MaxExact:
		c.unknown = fmt.Sprintf("chance is not known: there is no method for %s of rows that have weights", rule.Metric)
	default:
		c.unknown = p.noMethod(m, p.params(rule))
	}
}

// ofLosses says whether there may be evidence on means of losses.
func (p *plan) ofLosses() bool {
	return p.spec.Decision.Fail != spec.ByPoint && (p.cluster == nil || p.clustered())
}

// needsOfLosses is what is kept for it.
func (p *plan) needsOfLosses(rules []spec.Rule) summary.Needs {
	var all summary.Needs
	for _, r := range rules {
		var asked evidence.Asked
		for _, l := range limits(r) {
			asked.Change = asked.Change || l.Kind.OfChange() && len(p.models) == 2
			asked.Relative = asked.Relative || l.Relative
			asked.Value = asked.Value || !l.Kind.OfChange() || p.apart()
		}
		asked.Alpha = p.spec.Decision.Alpha
		asked.Baseline = p.doubled // to foresee what a change of it would show
		all.Add(p.needsOfEvidence(r, asked))
	}
	return all
}

// apart says whether values may be compared that stand alone, with others or later.
func (p *plan) apart() bool {
	b := p.options.Stored
	return p.options.recording || b != nil && (b.byPosition() || b.unpaired(p.spec) != "")
}

// needsOfEvidence is what is kept for evidence on one metric.
func (p *plan) needsOfEvidence(r spec.Rule, asked evidence.Asked) summary.Needs {
	m, _ := metric.Lookup(r.Metric)
	if p.cluster != nil {
		return evidence.NeedsOfGroups(m, p.params(r), asked)
	}
	needs := evidence.Needs(m, p.params(r), asked, p.weight != nil)
	if p.source.Rows() > p.options.MaxExact {
		needs.Influences, needs.MedianSpreads = nil, nil
	}
	return needs
}

// pairable is about how many rows could be paired, had they an id.
func pairable(c *pending) string {
	return "about " + rounded(min(*c.Rows, c.stored.Rows)) + " rows"
}

func (p *plan) weighChange(c *pending, m metric.Metric, rule spec.Rule) {
	with := p.params(rule)
	q := p.question(c)
	var e evidence.Change
	ok := false
	switch {
	case c.view.models == 2:
		e, ok = evidence.OfChange(c.view.View, m, with, q)
	case c.stored != nil:
		e, ok = evidence.OfUnpaired(c.view.View, p.kept(c.stored, rule), m, with, q)
	}
	if ok {
		p.setChange(c, e)
	}
}

// question is what a limit asks of a change.
func (p *plan) question(c *pending) evidence.Question {
	margin := verdict.Point(c.limit, c.given.Baseline, c.given.Candidate).Margin
	q := evidence.Question{Side: sideOf(c.limit.Kind), Margin: margin, Alpha: p.spec.Decision.Alpha}
	if c.limit.Relative {
		q.Share = c.limit.Value
	}
	return q
}

func (p *plan) setChange(c *pending, e evidence.Change) {
	c.given.Change = &verdict.Change{Worse: e.Worse, Beyond: e.Beyond, Within: e.Within, Provable: e.Provable}
	c.Evidence.Method, c.RowsNeeded, c.Evidence.EffectiveRows = e.Method, e.RowsNeeded, e.EffectiveRows
	c.Evidence.PWorse, c.Evidence.PBeyond, c.Evidence.PMargin = number(e.Worse), number(e.Beyond), number(e.Within)
	p.setInterval(c, e.Low, e.High)
}

// kept is what a baseline keeps of a metric in a slice.
func (p *plan) kept(s *baseline.Slice, rule spec.Rule) evidence.Kept {
	k := evidence.Kept{Counts: p.storedCounts(s), Rows: s.Rows}
	if v, ok := p.storedValue(s, rule); ok {
		k.Value, k.Bound, k.SE, k.DF = v.Value, v.Bound, v.SE, v.DF
		if k.DF == 0 {
			k.DF = math.Inf(1)
		}
	}
	return k
}

// storedCounts is what a baseline keeps of a slice, its rows by true class and
// answer, by the numbers that the classes have now; nil where one is gone.
func (p *plan) storedCounts(s *baseline.Slice) [][]uint64 {
	if p.classes == nil {
		return nil
	}
	counts := make([][]uint64, len(p.classes.Names))
	for i := range counts {
		counts[i] = make([]uint64, len(counts))
	}
	names := p.options.Stored.classes()
	for i, answers := range s.Confusion {
		for j, rows := range answers {
			if rows == 0 {
				continue
			}
			if i >= len(names) || j >= len(names) {
				return nil
			}
			label, answer := p.classes.Index(names[i]), p.classes.Index(names[j])
			if label < 0 || answer < 0 {
				return nil
			}
			counts[label][answer] += rows
		}
	}
	return counts
}

func (p *plan) weighValue(c *pending, m metric.Metric, with metric.Params) {
	e, ok := evidence.OfValue(c.view.View, 0, m, with, p.spec.Decision.Alpha)
	if !ok {
		return
	}
	c.given.Range = &verdict.Interval{Low: e.Low, High: e.High}
	c.Evidence.Method, c.Evidence.EffectiveRows = e.Method, e.EffectiveRows
	p.setInterval(c, e.Low, e.High)
}

func (p *plan) setInterval(c *pending, low, high float64) {
	if number(low) == nil || number(high) == nil {
		return
	}
	c.Interval, c.Confidence = &[2]float64{low, high}, 1-p.spec.Decision.Alpha
}

// decide gives all checks their verdicts, in their order.
func (p *plan) decide(list []pending) []result.Check {
	var cases []verdict.Case
	for _, c := range list {
		if c.given != nil {
			cases = append(cases, *c.given)
		}
	}
	decisions := verdict.Decide(cases, verdict.Policy{Alpha: p.spec.Decision.Alpha, Fail: verdict.FailBy(p.spec.Decision.Fail)})
	var checks []result.Check
	for _, c := range list {
		if c.given != nil {
			p.conclude(&c, decisions[0])
			decisions = decisions[1:]
		}
		checks = append(checks, c.Check)
	}
	return checks
}

// conclude writes a decision into its check.
func (p *plan) conclude(c *pending, d verdict.Decision) {
	c.Verdict = result.Verdict(d.Verdict)
	if bound := c.given.Candidate.Bound; bound > 0 {
		c.Evidence.Bound = &bound
	}
	if !math.IsNaN(d.Adjusted) {
		c.Evidence.PAdjusted, c.Evidence.Alpha, c.Evidence.Tests = number(d.Adjusted), d.Alpha, d.Tests
	}
	c.Evidence.Worse = d.Worse
	if d.Reason == verdict.TooFew {
		c.Evidence.TooFew, c.RowsNeeded = true, max(c.RowsNeeded, verdict.Least(p.spec.Decision.Alpha))
	}
	if d.Judged && c.Verdict == result.Pass {
		c.Proven = &d.Proven
	}
	if c.Verdict == result.Inconclusive && p.onInconclusive(c) == spec.Warn {
		c.OnInconclusive = string(spec.Warn)
	}
	setLimits(&c.Rule, d)
	if p.classes != nil && c.view.models == 2 {
		c.Details.Flips = p.flipsOf(c.view.View, c.view.examples, c.Verdict == result.Fail || c.Verdict == result.Inconclusive)
	}
	c.Reason = p.reason(c, d)
}

func (p *plan) onInconclusive(c *pending) spec.Severity {
	if c.Slice == "" && c.gap == nil {
		return p.spec.Decision.Overall
	}
	return p.spec.Decision.Slices
}
