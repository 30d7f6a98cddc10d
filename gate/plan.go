package gate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
	"github.com/noworse/noworse/summary"
)

// AtFunction is the setting of an evaluation set that a function gives.
const AtFunction = "data.eval.python"

// layout says which tables a spec's rows come from. Predictions in a file of
// their own are attached by id; the candidate's come first.
func layout(s *spec.Spec, given []namedModel) dataset.Layout {
	l := dataset.Layout{Refuse: s.Refuses(), Eval: dataset.Table{At: "data.eval.path", AtID: "data.eval.id", Path: s.Eval.Name(), ID: s.Eval.ID}}
	if s.Eval.Python != nil {
		l.Eval.At = AtFunction
	}
	for i, j := range s.Eval.Join {
		place := fmt.Sprintf("data.eval.join.%d", i)
		l.Joined = append(l.Joined, dataset.Table{At: place + ".path", AtID: place + ".id", Path: j.Path, ID: j.ID})
	}
	for _, m := range given {
		switch {
		case m.stored != nil:
			l.Attached = append(l.Attached, m.stored.table())
		case m.runner != nil:
			ours := []dataset.File{{Name: m.Path, Path: m.Path}} // and no file of the spec, which Refuse is about
			l.Attached = append(l.Attached, dataset.Table{At: m.at, AtID: m.at, Path: m.Path, Files: ours, ID: m.ID, Position: true})
		case m.Path != "":
			id := m.ID
			if id == "" {
				id = s.Eval.ID
			}
			l.Attached = append(l.Attached, dataset.Table{At: m.at + ".path", AtID: m.at + ".id", Path: m.Path, ID: id})
		}
	}
	return l
}

// namedModel is a model of the spec and where it stands there.
type namedModel struct {
	*spec.Model
	role   string // candidate or baseline
	at     string
	stored *Stored // the baseline, where it was accepted into a store
	runner *runner // a model that runs and has answered; nil: its answers were recorded before
}

// models lists the candidate and, where there is one whose answers can be read
// row by row, the baseline.
func models(s *spec.Spec, b *Stored) []namedModel {
	list := []namedModel{{Model: s.Candidate, role: "candidate", at: "candidate.predictions"}}
	switch {
	case s.Baseline != nil:
		list = append(list, namedModel{Model: s.Baseline, role: "baseline", at: "baseline.predictions"})
	case b != nil && b.unpaired(s) == "":
		list = append(list, namedModel{Model: b.model(), role: "baseline", at: atStore, stored: b})
	}
	return list
}

// at gives errors about tables their places in the spec.
func at(s *spec.Spec, b *Stored, err error) error {
	list := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		list = joined.Unwrap()
	}
	var problems spec.Problems
	others := 0
	for _, e := range list {
		t, ok := errors.AsType[*dataset.TableError](e)
		if !ok {
			return err
		}
		hint := b.hint()
		if t.At != atStore {
			hint = t.Hint
			others++
		}
		problems = append(problems, s.Problem(t.At, t.Message, hint))
	}
	if others == 0 {
		return &BaselineError{Problems: problems}
	}
	return problems
}

// plan is a spec resolved against the rows: which columns to read, how, and
// what to keep of them.
type plan struct {
	spec    *spec.Spec
	source  dataset.Source
	options Options

	label      dataset.Column
	id, weight *dataset.Column
	cluster    *dataset.Column  // says which rows depend on each other
	classes    *predict.Classes // nil: regression
	given      []namedModel
	models     []predict.Columns   // of given
	doubled    bool                // the one model is taken for the candidate and for the baseline
	order      []dataset.Column    // that the order of the rows is told by; nil: it does not matter
	unpaired   string              // why there is a stored baseline and it is not in given
	predicates []dataset.Predicate // of the named slices
	formulas   []*formula          // metrics in SQL
	unlabelled uint64              // rows that are left out
	groups     []group
	costs      costs
	shape      summary.Shape

	problems spec.Problems
	data     result.Data // tables that were read beside the evaluation set
}

func newPlan(ctx context.Context, s *spec.Spec, given []namedModel, source dataset.Source, o Options) (*plan, error) {
	p := &plan{spec: s, source: source, options: o, given: given}
	p.resolveRoles()
	p.resolveModels()
	p.resolveBy()
	if err := p.resolvePredicates(ctx); err != nil {
		return nil, err
	}
	if len(p.problems) > 0 {
		return nil, p.problems
	}
	if err := p.resolveLabels(ctx); err != nil {
		return nil, err
	}
	p.wantLiveScores()
	p.resolveShape()
	if err := p.resolveFormulas(ctx); err != nil {
		return nil, err
	}
	if len(p.problems) > 0 {
		return nil, p.problems
	}
	return p, p.resolveStored()
}

func (p *plan) problem(at, hint, format string, args ...any) {
	p.problems = append(p.problems, p.spec.Problem(at, fmt.Sprintf(format, args...), hint))
}

// column finds a column, or notes a problem at the setting that names it.
func (p *plan) column(columns []dataset.Column, at, where, name string) (dataset.Column, bool) {
	c, ok := dataset.Find(columns, name)
	if !ok {
		names := make([]string, len(columns))
		for i, c := range columns {
			names[i] = c.Name
		}
		hint := "its columns: " + shorten(names, 20)
		if near := spec.Nearest(name, names); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		p.problem(at, hint, "%s has no column %q", where, name)
	}
	if c.Twin != "" {
		p.problem(at, fmt.Sprintf("give the columns names that differ by more than case; the later one can be had as %q", c.Twin),
			"%s has two columns %q", where, name)
	}
	return c, ok
}

func shorten(names []string, most int) string {
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

// evalColumn is column for the evaluation set; nil if the setting is empty or
// names nothing.
func (p *plan) evalColumn(at, name string) *dataset.Column {
	if name == "" {
		return nil
	}
	if c, ok := p.column(p.source.Columns(), at, "the evaluation set", name); ok {
		return &c
	}
	return nil
}

func (p *plan) resolveRoles() {
	e := p.spec.Eval
	if c := p.evalColumn("data.eval.label", e.Label); c != nil {
		p.label = *c
	}
	p.id = p.evalColumn("data.eval.id", e.ID)
	if p.weight = p.evalColumn("data.eval.weight", e.Weight); p.weight != nil {
		p.wantNumber("data.eval.weight", "the evaluation set", *p.weight, "a weight")
	}
	p.evalColumn("data.eval.time", e.Time)
	p.cluster = p.evalColumn("data.eval.group", e.Group)
	for i, f := range e.Features {
		p.evalColumn(fmt.Sprintf("data.eval.features.%d", i), f)
	}
	if p.spec.Task == spec.Regression && p.label.Name != "" {
		p.wantNumber("data.eval.label", "the evaluation set", p.label, "a regression target")
	}
}

func (p *plan) wantNumber(at, where string, c dataset.Column, role string) {
	switch c.Kind {
	case dataset.Integer, dataset.Wide, dataset.Float, dataset.Decimal:
	default:
		p.problem(at, "write it as a number in the data", "%s is a number, and column %q of %s is %s", role, c.Name, where, c.Kind)
	}
}

func (p *plan) resolveModels() {
	attached := 0
	for _, m := range p.given {
		c := predict.Columns{Threshold: m.Threshold}
		columns, where := p.source.Columns(), "the evaluation set"
		if m.Path != "" {
			c.From, c.Joined = dataset.FromAttached(attached), true
			columns, where = p.source.Attached(attached), m.Path
			if m.runner != nil {
				where = "what the " + m.role + " answers"
			}
			attached++
		}
		if m.Label != "" {
			if col, ok := p.column(columns, m.at+".label", where, m.Label); ok {
				c.Label = &col
				if p.spec.Task == spec.Regression {
					p.wantNumber(m.at+".label", where, col, "a regression's prediction")
				}
			}
		}
		probability := func(at, name string) string {
			if col, ok := p.column(columns, at, where, name); ok {
				p.wantNumber(at, where, col, "a probability")
			}
			return name
		}
		if m.Score != "" {
			c.Score = probability(m.at+".score", m.Score)
		}
		for _, s := range m.Scores {
			c.Scores = append(c.Scores, probability(m.at+"."+spec.At("scores", s.Class), s.Column))
		}
		p.models = append(p.models, c)
	}
}

func (p *plan) resolveBy() {
	if p.spec.Slices != nil {
		for _, by := range p.spec.Slices.By {
			p.groups = append(p.groups, group{by.Columns, by.At})
		}
	}
	for _, g := range p.spec.Gaps {
		if p.groupOf(g.Columns) < 0 {
			p.groups = append(p.groups, group{g.Columns, g.At})
		}
	}
	for _, g := range p.groups {
		for _, name := range g.columns {
			p.evalColumn(g.at, name)
		}
	}
}

// group is the slices by some columns: those of `by`, in their order, then
// those that only gaps look at.
type group struct {
	columns []string
	at      string // path in the spec
}

// groupOf is the number of the slices by these columns, or -1.
func (p *plan) groupOf(columns []string) int {
	return slices.IndexFunc(p.groups, func(g group) bool { return slices.Equal(g.columns, columns) })
}

func (p *plan) resolvePredicates(ctx context.Context) error {
	if p.spec.Slices == nil {
		return nil
	}
	for _, n := range p.spec.Slices.Named {
		predicate, err := p.source.Predicate(ctx, n.Where)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			p.problem(n.At, p.predicateHint(n.Where, err), "slice %s: %v", n.Name, err)
		}
		p.predicates = append(p.predicates, predicate)
	}
	return nil
}

// params of the metric of a rule.
func (p *plan) params(r spec.Rule) metric.Params {
	out := metric.Params{Beta: r.Beta, Quantile: r.Quantile, K: r.K, Bins: r.Bins, Top: r.Confidence == "top"}
	if r.Cost != nil {
		out.Value = p.costs.places[r.At]
	}
	if r.Above != nil {
		out.Above = *r.Above
	}
	if r.Class != "" {
		out.Class = p.classes.Index(p.canonical(r.Class)) + 1
	}
	return out
}

// allRules are the rules of the whole set, then those of slices and of their
// differences.
func (p *plan) allRules() (whole, sliced []spec.Rule) {
	return p.spec.Metrics, append(p.sliceRules(), p.gapRules()...)
}

func (p *plan) sliceRules() (sliced []spec.Rule) {
	if s := p.spec.Slices; s != nil {
		for _, n := range s.Named {
			sliced = append(sliced, n.Rules...)
		}
		for _, b := range s.By {
			sliced = append(sliced, b.Rules...)
		}
	}
	return sliced
}

// gapRules are the rules of differences between slices.
func (p *plan) gapRules() []spec.Rule {
	var rules []spec.Rule
	for _, g := range p.spec.Gaps {
		for _, r := range g.Rules {
			rules = append(rules, r.Rule())
		}
	}
	return rules
}

// answers is how many answers each row has.
func (p *plan) answers() int {
	if p.doubled {
		return 2
	}
	return len(p.models)
}

// resolveShape gathers what all rules need of the summaries.
func (p *plan) resolveShape() {
	p.shape = summary.Shape{
		Classes: 1, Models: p.answers(), Weighted: p.weight != nil,
		Binned: p.spec.Task == spec.Binary && p.source.Rows() > p.options.MaxExact,
	}
	if p.classes != nil {
		p.shape.Classes = len(p.classes.Names)
	}
	p.shape.Clustered = p.clustered()
	whole, sliced := p.allRules()
	p.shape.Whole, p.shape.Sliced = p.needs(whole), p.needs(sliced)
	if p.shape.Clustered || p.weight != nil && p.cluster == nil && p.source.Rows() <= p.options.MaxExact {
		p.shape.Whole.Standings, p.shape.Sliced.Standings = p.shape.Whole.Placements, p.shape.Sliced.Placements
	}
	if p.weight != nil || p.cluster != nil {
		p.shape.Whole.Placements, p.shape.Sliced.Placements = nil, nil
	}
	if p.spec.Decision.Fail == spec.ByPoint {
		for _, n := range []*summary.Needs{&p.shape.Whole, &p.shape.Sliced} {
			n.Placements, n.Standings = nil, nil
		}
	}
	if p.ofLosses() {
		p.shape.Whole.Add(p.needsOfLosses(whole))
		p.shape.Sliced.Add(p.needsOfLosses(p.sliceRules()))
		p.shape.Sliced.Add(p.askedByGaps())
	}
	if s := p.spec.Slices; s != nil {
		p.shape.Named = len(s.Named)
	}
	p.shape.By = len(p.groups)
	p.judgeHeld()
	for i := range p.models {
		p.models[i].Losses = p.shape.Whole.Answers() || p.shape.Sliced.Answers()
	}
}

func (p *plan) needs(rules []spec.Rule) summary.Needs {
	var all summary.Needs
	for _, r := range rules {
		m, _ := metric.Lookup(r.Metric) // the parser knows the same table
		all.Add(m.Needs(p.params(r)))
	}
	return all
}
