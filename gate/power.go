package gate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/evidence"
	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
	"github.com/noworse/noworse/verdict"
)

// Assumptions are what is taken for granted of a candidate that is not there.
type Assumptions struct {
	// Discordance is the share of rows whose answers change though nothing got
	// worse. nil: what the two models show, if both are recorded; else
	// DefaultDiscordance.
	Discordance *float64
	// Correlation is that of the two models' values, for metrics that are no
	// function of the labels. nil: DefaultCorrelation.
	Correlation *float64
}

// What is assumed unless something is said.
const (
	DefaultDiscordance = 0.05
	DefaultCorrelation = 0.9
)

// goodPower is the chance with which a drop is to be caught.
const goodPower = 0.8

// Power says which drops the rows of a spec can tell, before there is a
// candidate. The plan and the scan are those of Check; the baseline's answers
// stand for both models, or where there is none the labels do. With both models
// recorded, and no Discordance assumed, they show how often their answers differ.
func Power(ctx context.Context, s *spec.Spec, o Options, a Assumptions) (*result.Power, error) {
	f := &foresight{spec: s, options: o.withDefaults(), assumed: evidence.Assumption{Discordance: DefaultDiscordance, Correlation: DefaultCorrelation}}
	if a.Discordance != nil {
		f.assumed.Discordance = *a.Discordance
	}
	if a.Correlation != nil {
		f.assumed.Correlation = *a.Correlation
	}
	for _, reads := range f.attempts(a.Discordance != nil) {
		r, err := f.read(ctx, reads)
		if without, ok := errors.AsType[*withoutModel](err); ok {
			if without.note != "" {
				f.notes = append(f.notes, without.note)
			}
			continue
		}
		return r, err
	}
	return nil, errors.New("internal: no way to read the rows")
}

// foresight is one run of Power.
type foresight struct {
	spec    *spec.Spec
	options Options
	assumed evidence.Assumption
	notes   []string
}

// reads says whose answers a scan reads.
type reads int

const (
	readBoth reads = iota
	readBaseline
	readCandidate // for want of a baseline
	readLabels
)

// withoutModel is the error of a model that is not there: the next attempt does
// without it.
type withoutModel struct{ note string }

func (w *withoutModel) Error() string { return w.note }

// attempts are the ways to read the rows, the most telling first.
func (f *foresight) attempts(assumed bool) []reads {
	b := f.options.Stored
	switch {
	case f.spec.Baseline == nil && b == nil:
		return []reads{readCandidate, readLabels}
	case f.spec.Baseline == nil && b.unpaired(f.spec) != "":
		f.notes = append(f.notes, "Rows cannot be paired with the stored baseline's: "+b.unpaired(f.spec)+". The numbers are for rows that are.")
		f.options.Stored = nil
		return []reads{readLabels}
	case assumed:
		return []reads{readBaseline, readLabels}
	}
	return []reads{readBoth, readBaseline, readLabels}
}

// given are the models that a scan reads.
func (f *foresight) given(r reads) []namedModel {
	all := models(f.spec, f.options.Stored)
	switch r {
	case readBoth:
		return all
	case readBaseline:
		return all[1:]
	case readCandidate:
		return all[:1]
	}
	return []namedModel{{Model: &spec.Model{Label: f.spec.Eval.Label}, role: "labels", at: "data.eval"}}
}

func (f *foresight) read(ctx context.Context, r reads) (*result.Power, error) {
	given := f.given(r)
	running, err := f.options.askModels(ctx, f.spec, given)
	if err != nil {
		return nil, f.absentModel(given, err)
	}
	defer running.Close()
	f.options.running = running
	if given, err = running.models(given); err != nil {
		return nil, err
	}
	source, err := f.options.Open(ctx, layout(f.spec, given))
	if err != nil {
		return nil, f.absent(at(f.spec, f.options.Stored, err), err)
	}
	defer source.Close()
	if err := f.absentColumns(given, source); err != nil {
		return nil, err
	}
	p, err := f.plan(ctx, r, given, source)
	if err != nil {
		return nil, err
	}
	scanned, err := p.scan(ctx)
	if err != nil {
		return nil, err
	}
	if err := f.trust(ctx, p, scanned); err != nil {
		return nil, err
	}
	if r == readBoth && scanned.prints.models[0] == scanned.prints.models[1] {
		return nil, &withoutModel{"The two models give the same answers: how often others will differ is assumed."}
	}
	scanned.seal(f.options.Threads)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f.assumed.Observed = r == readBoth
	return f.describe(p, r, scanned), nil
}

// absent turns the error of a candidate whose file is not there yet, and no
// other, into withoutModel.
func (f *foresight) absent(problems, err error) error {
	list := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		list = joined.Unwrap()
	}
	for _, e := range list {
		if t, ok := errors.AsType[*dataset.TableError](e); !ok || !t.Missing || t.At != "candidate.predictions.path" {
			return problems
		}
	}
	return &withoutModel{"No candidate yet: " + f.spec.Redact(f.spec.Candidate.Path) + " is not there."}
}

// absentModel is the same for a candidate that runs.
func (f *foresight) absentModel(given []namedModel, err error) error {
	problems, ok := errors.AsType[spec.Problems](err)
	if l := given[0].Live; ok && l != nil && given[0].role == "candidate" && len(problems) == 1 && problems[0].Missing {
		return &withoutModel{"No candidate yet: " + f.spec.Redact(l.Where()) + " is not there."}
	}
	return err
}

// absentColumns is the same for a candidate whose answers are columns of the
// evaluation set.
func (f *foresight) absentColumns(given []namedModel, source dataset.Source) error {
	m := given[0]
	if m.role != "candidate" || m.Path != "" {
		return nil
	}
	names := []string{m.Label, m.Score}
	for _, s := range m.Scores {
		names = append(names, s.Column)
	}
	for _, name := range names {
		if _, ok := dataset.Find(source.Columns(), name); name != "" && !ok {
			return &withoutModel{fmt.Sprintf("No candidate yet: the evaluation set has no column %q.", f.spec.Redact(name))}
		}
	}
	return nil
}

// plan is that of a check. Where only labels are read, rules that want more are
// left out of it.
func (f *foresight) plan(ctx context.Context, r reads, given []namedModel, source dataset.Source) (*plan, error) {
	s, o := f.spec, f.options
	if r == readLabels {
		s, o.Stored = withoutRules(s), nil
	}
	p, err := newPlan(ctx, s, given, source, o)
	if err != nil {
		return nil, err
	}
	if p.unpaired != "" {
		return nil, f.unpaired(p.unpaired)
	}
	p.doubled = r != readBoth
	p.resolveShape()
	if r == readLabels {
		p.spec = f.spec
		if p.classes != nil {
			p.resolveClassRules()
		}
	}
	if len(p.problems) > 0 {
		return nil, p.problems
	}
	return p, nil
}

func (f *foresight) unpaired(why string) error {
	return &withoutModel{"Rows cannot be paired with the stored baseline's: " + f.spec.Redact(why) + ". The numbers are for rows that are."}
}

// withoutRules is a spec whose slices stand, with nothing asked of them.
func withoutRules(s *spec.Spec) *spec.Spec {
	bare := *s
	bare.Metrics, bare.Gaps, bare.Flips = nil, nil, nil
	if s.Slices != nil {
		all := *s.Slices
		all.Named, all.By = nil, nil
		for _, n := range s.Slices.Named {
			n.Rules = nil
			all.Named = append(all.Named, n)
		}
		for _, b := range s.Slices.By {
			b.Rules = nil
			all.By = append(all.By, b)
		}
		bare.Slices = &all
	}
	return &bare
}

// trust ends the run if the rows cannot be used, as a check does.
func (f *foresight) trust(ctx context.Context, p *plan, s *scanned) error {
	b := p.options.Stored
	switch {
	case b == nil:
		return p.trust(ctx, s.sink())
	case b.byPosition() && !p.sameOrder(s):
		return f.unpaired("rows without an id, or their order, have changed since it was accepted")
	case s == nil || s.rows+p.unlabelled < p.source.Rows():
		if err := p.trustShared(s); err != nil {
			return err
		}
		f.notes = append(f.notes, fmt.Sprintf("The stored baseline has answers for %d of the %d rows: a change is judged on these.", s.rows, p.source.Rows()-p.unlabelled))
		return nil
	}
	return p.trust(ctx, s.sink())
}

// describe puts the result together.
func (f *foresight) describe(p *plan, r reads, s *scanned) *result.Power {
	out := &result.Power{
		Schema: result.Schema, Kind: "power", Name: f.spec.Redact(f.spec.Name), Tool: result.Tool{Version: f.options.Version},
		Spec: result.File{Path: f.spec.Path, SHA256: f.spec.SHA256}, Task: string(f.spec.Task),
		Assumed: result.Assumed{Fail: string(f.spec.Decision.Fail), Alpha: f.spec.Decision.Alpha, Power: goodPower},
	}
	out.Data.Eval = result.PowerData{Rows: s.rows, Version: f.spec.Redact(f.spec.Eval.Version)}
	describe := func(m int) *result.Model {
		if b := p.given[m].stored; b != nil {
			return b.describe()
		}
		return p.describeModel(p.given[m].role, p.given[m].Model, s.prints.models[m])
	}
	switch r {
	case readBoth:
		out.Candidate, out.Baseline = describe(0), describe(1)
	case readBaseline:
		out.Baseline = describe(0)
	case readCandidate:
		out.Candidate = describe(0)
		f.notes = append(f.notes, "There is no baseline: the candidate's answers stand for it.")
	case readLabels:
		f.notes = append(f.notes, "No model's answers are there: only the rows and their labels count.")
	}
	if r != readBoth {
		out.Assumed.Discordance, out.Assumed.Correlation = &f.assumed.Discordance, &f.assumed.Correlation
	}
	out.Checks = f.foresee(p, r, s)
	out.Notes = f.notes
	return out
}

// prospect is a check to be.
type prospect struct {
	result.PowerCheck
	can    evidence.Prospect
	rule   evidence.Rule
	judged bool    // it counts among the checks of its family
	room   float64 // how much worse the baseline's value can become; infinite where that is not known
}

// foresee looks at every limit of a change. How many of them count is known
// only when all have been looked at.
func (f *foresight) foresee(p *plan, r reads, s *scanned) []result.PowerCheck {
	var list []*prospect
	tests, families := map[string]int{}, p.anchorFamilies()+p.gapFamilies()
	for _, sub := range p.subjects(&evaluation{all: s, both: s}) {
		for _, rule := range sub.rules {
			for _, limit := range limits(rule) {
				if !limit.Kind.OfChange() {
					continue
				}
				c := f.prospect(p, r, sub, rule, limit)
				list = append(list, c)
				if c.judged {
					if tests[c.Family] == 0 {
						families++
					}
					tests[c.Family]++
				}
			}
		}
	}
	next := make(chan *prospect)
	var wg sync.WaitGroup
	for range max(1, f.options.Threads) {
		wg.Go(func() {
			for c := range next {
				c.work(f.spec.Decision, tests[c.Family], families)
			}
		})
	}
	for _, c := range list {
		next <- c
	}
	close(next)
	wg.Wait()
	checks := []result.PowerCheck{}
	for _, c := range list {
		checks = append(checks, c.PowerCheck)
	}
	return checks
}

// anchorFamilies is 1 if limits since an anchor share alpha, else 0.
func (p *plan) anchorFamilies() int {
	if p.anchor() == nil {
		return 0
	}
	whole, sliced := p.allRules()
	for _, r := range slices.Concat(whole, sliced) {
		if t := r.InTotal(); t != nil && !(p.anchorIsBaseline() && implied(r, t)) {
			return 1
		}
	}
	return 0
}

// prospect is one limit of a change, up to what depends on the others.
func (f *foresight) prospect(p *plan, r reads, sub subject, rule spec.Rule, limit verdict.Limit) *prospect {
	v := sub.all
	c := &prospect{room: math.Inf(1), PowerCheck: result.PowerCheck{
		ID: checkID(sub.slice, rule.Key, string(limit.Kind)), Metric: rule.Metric, Name: nameOf(rule), Params: p.describeParams(rule),
		Slice: sub.slice, Rows: v.Rows(), Rule: p.describeRule(rule, limit), Family: sub.family,
	}}
	m, _ := metric.Lookup(rule.Metric)
	with := p.params(rule)
	switch {
	case sub.slice != "" && v.Rows() == 0:
		c.Skipped = "no row is in this slice"
	case sub.slice != "" && v.Rows() < uint64(p.spec.MinRows()):
		c.Skipped = fmt.Sprintf("under %d rows", p.spec.MinRows())
	case rule.SQL != "":
		c.Unknown = "not known before a candidate: it is in SQL"
	case r == readLabels && (p.spec.Eval.Group != "" || p.spec.Eval.Weight != ""):
		c.Unknown = "not known before a baseline: rows do not count alike"
	case r == readLabels && !evidence.Shares(m, with):
		c.judged, c.Unknown = m.OfCounts(), "not known before a baseline: it depends on more than the labels"
	case r == readLabels && limit.Relative:
		c.judged, c.Unknown = true, "not known before a baseline: the margin is a share of its value"
	default:
		f.weigh(c, v, m, with, limit, r == readLabels)
	}
	return c
}

// weigh asks what the rows can tell. onlyLabels: the answers are no model's.
func (f *foresight) weigh(c *prospect, v view, m metric.Metric, with metric.Params, limit verdict.Limit, onlyLabels bool) {
	margin := limit.Value
	if !onlyLabels {
		baseline, err := m.Estimate(v.View, 1, with)
		if err != nil {
			c.Skipped = err.Error()
			return
		}
		c.Baseline = number(baseline.Value)
		margin = verdict.Point(limit, (*verdict.Estimate)(&baseline), verdict.Estimate(baseline)).Margin
		c.room = roomOf(m, limit.Kind, baseline.Value)
	}
	c.Margin = number(margin)
	alpha := f.spec.Decision.Alpha
	c.rule = evidence.Rule{Margin: margin, Side: sideOf(limit.Kind), Beyond: f.spec.Decision.Fail == spec.ByBeyond}
	var err error
	if c.can, err = evidence.Foresee(v.View, m, with, f.assumed, alpha); err != nil {
		c.Unknown = err.Error()
		return
	}
	c.Basis = string(c.can.Basis)
	if n := c.can.Counting(); n != c.Rows {
		c.Counting = n
	}
	c.judged = true
}

// roomOf is how far a value can worsen: a share has two ends.
func roomOf(m metric.Metric, kind verdict.Kind, value float64) float64 {
	switch {
	case !m.Bounded:
		return math.Inf(1)
	case kind == verdict.MaxDrop:
		return value
	case kind == verdict.MaxRise:
		return 1 - value
	}
	return max(value, 1-value)
}

// sideOf is the side that a limit of a change is on.
func sideOf(kind verdict.Kind) evidence.Side {
	switch kind {
	case verdict.MaxDrop:
		return evidence.Down
	case verdict.MaxRise:
		return evidence.Up
	}
	return evidence.Both
}

// work works the numbers out. alpha is shared by the families, and in one of
// them Holm holds the least chance of all to its share by their number.
func (c *prospect) work(d spec.Decision, tests, families int) {
	if !c.judged || c.Unknown != "" {
		return
	}
	c.Tests, c.Alpha = tests, d.Alpha/float64(families)/float64(tests)
	c.rule.Alpha = c.Alpha
	if d.Fail == spec.ByPoint { // any change beyond the margin fails: each tail is as good as none
		c.Tests, c.Alpha, c.rule.Alpha, c.rule.Side = 0, 0, .5, evidence.Down
	}
	if drop := c.can.Detectable(c.rule, goodPower); drop <= c.room {
		c.Detectable = number(drop)
	}
	twice := 2 * c.rule.Margin
	if !(twice > 0 && twice <= c.room) {
		return
	}
	if caught := c.can.Power(c.rule, twice); !math.IsNaN(caught) {
		c.Drop, c.Caught = &twice, &caught
		if c.RowsNeeded = c.can.RowsNeeded(c.rule, twice, goodPower); c.RowsNeeded > c.Rows && caught < goodPower {
			c.Lacking = c.RowsNeeded - c.Rows
		}
	}
}
