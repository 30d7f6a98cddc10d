package gate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/live"
	"github.com/noworse/noworse/model"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
)

// Starter loads a model that runs. Classes are those of the labels, in the order
// in which everything numbers them; nil for a regression.
type Starter func(ctx context.Context, l *spec.Live, task model.Task, classes []string) (model.Predictor, error)

// running are the models of a run that run, by their role.
type running struct {
	plan     *plan // of the rows alone
	runners  map[string]*runner
	starters []*runner // in the order in which they were started
}

// runner is one of them.
type runner struct {
	role      string
	live      *spec.Live
	predictor model.Predictor
	about     model.Description
	features  []dataset.Column
	answers   *live.Recording // nil: it was not asked about the rows
}

// Close ends the models and forgets what they answered.
func (r *running) Close() error {
	if r == nil {
		return nil
	}
	var errs []error
	for _, one := range r.starters {
		errs = append(errs, one.predictor.Close(), one.answers.Close())
	}
	return errors.Join(errs...)
}

// askModels asks the models of a spec that run about every row; nil where there are
// none. What is wrong with the rows and the slices is told before a model is loaded.
func (o Options) askModels(ctx context.Context, s *spec.Spec, given []namedModel) (*running, error) {
	if !slices.ContainsFunc(given, func(m namedModel) bool { return m.Live != nil }) {
		return nil, nil
	}
	source, err := o.Open(ctx, layout(s, recorded(given)))
	if err != nil {
		return nil, at(s, o.Stored, err)
	}
	defer source.Close()
	p, err := rowsPlan(ctx, s, source, o)
	if err != nil {
		return nil, err
	}
	r := &running{plan: p, runners: map[string]*runner{}}
	if err := r.run(ctx, given); err != nil {
		r.Close() // whose own error is not what went wrong
		return nil, err
	}
	return r, nil
}

// run loads the models, and then asks them.
func (r *running) run(ctx context.Context, given []namedModel) error {
	s := r.plan.spec
	var live []namedModel
	for _, m := range given {
		if m.Live == nil {
			continue
		}
		if _, err := r.start(ctx, m.role, m.Live); err != nil {
			return liveError(s, m.role, m.Live, err)
		}
		live = append(live, m)
	}
	if l := s.Champion; l != nil && r.runners["baseline"] == nil && (len(s.Behavior) > 0 || s.Latency != nil || s.Memory != nil) {
		if _, err := r.start(ctx, "baseline", l); err != nil {
			return liveError(s, "baseline", l, err)
		}
	}
	if err := r.prepareBehavior(); err != nil {
		return err
	}
	for _, m := range live {
		if err := r.ask(ctx, m); err != nil {
			return liveError(s, m.role, m.Live, err)
		}
	}
	return nil
}

// recorded leaves the models out that run.
func recorded(given []namedModel) []namedModel {
	return slices.DeleteFunc(slices.Clone(given), func(m namedModel) bool { return m.Live != nil })
}

// rowsPlan is a plan without models: the columns, slices and classes.
func rowsPlan(ctx context.Context, s *spec.Spec, source dataset.Source, o Options) (*plan, error) {
	p := &plan{spec: s, source: source, options: o}
	p.resolveRoles()
	p.resolveBy()
	if err := p.resolvePredicates(ctx); err != nil {
		return nil, err
	}
	if err := p.resolveSamples(ctx); err != nil {
		return nil, err
	}
	if len(p.problems) > 0 {
		return nil, p.problems
	}
	return p, p.resolveClasses(ctx)
}

func (r *running) ask(ctx context.Context, m namedModel) error {
	one, p := r.runners[m.role], r.plan
	var err error
	one.answers, err = live.Record(ctx, p.source, one.predictor, p.requestOf(one), p.options.Answers)
	one.about = one.predictor.Describe() // a server tells with its answers which version gave them
	return err
}

// requestOf is what a model is asked.
func (p *plan) requestOf(one *runner) live.Request {
	return live.Request{
		Task: model.Task(p.spec.Task), Features: one.features, ID: p.spec.Eval.ID, NotNull: p.notNull(),
		Canonical: p.canonical, LabelKind: p.label.Kind,
	}
}

// start loads a model and chooses what it is given.
func (r *running) start(ctx context.Context, role string, l *spec.Live) (*runner, error) {
	p := r.plan
	if p.options.Start == nil {
		return nil, &model.Error{Message: "this run cannot load models"}
	}
	predictor, err := p.options.Start(ctx, l, model.Task(p.spec.Task), p.classNames())
	if err != nil {
		return nil, err
	}
	one := &runner{role: role, live: l, predictor: predictor, about: predictor.Describe()}
	r.runners[role] = one
	r.starters = append(r.starters, one)
	for _, in := range one.about.Inputs {
		if p.label.Name != "" && in.Among([]string{p.label.Name}) == 0 {
			return nil, &model.Error{Message: fmt.Sprintf("the model wants the column %q, which is the true answer", p.label.Name), Hint: "a model that is given the answer proves nothing: is data.eval.label the right column?"}
		}
	}
	offered, more := p.offered()
	one.features, err = model.Fit(one.about.Inputs, p.spec.Eval.Features, offered, more)
	return one, err
}

func (p *plan) classNames() []string {
	if p.classes == nil {
		return nil
	}
	return p.classes.Names
}

// offered are the columns that a model is given if it does not say what it wants:
// those of the evaluation set that have no role; and those that it gets by name.
func (p *plan) offered() (columns, more []dataset.Column) {
	e := p.spec.Eval
	roles := []string{e.ID, e.Weight, e.Time, e.Group}
	for _, m := range []*spec.Model{p.spec.Candidate, p.spec.Baseline} {
		if m == nil || m.Live != nil || m.Path != "" {
			continue
		}
		roles = append(roles, m.Label, m.Score) // of another model
		for _, s := range m.Scores {
			roles = append(roles, s.Column)
		}
	}
	for _, c := range p.source.Columns() {
		switch {
		case c.Name == e.Label || c.Kind == dataset.Other:
		case c.Joined || slices.Contains(roles, c.Name):
			more = append(more, c)
		default:
			columns = append(columns, c)
		}
	}
	return columns, more
}

// liveError gives what is wrong with a model that runs its place in the spec.
func liveError(s *spec.Spec, role string, l *spec.Live, err error) error {
	e, ok := errors.AsType[*model.Error](err)
	if !ok {
		return err
	}
	message := e.Message
	if f, ok := errors.AsType[*live.Failure](err); ok {
		message = f.Sentence()
	}
	p := s.Problem(l.At, "the "+role+": "+message, e.Hint)
	p.Detail, p.Missing = e.Detail, e.Missing && role == "candidate"
	return spec.Problems{p}
}

// models are the models of a run with the answers of those that run.
func (r *running) models(given []namedModel) ([]namedModel, error) {
	if r == nil {
		return given, nil
	}
	out := slices.Clone(given)
	for i, m := range out {
		if m.Live == nil {
			continue
		}
		one := r.runners[m.role]
		answers, err := r.plan.answersOf(m, one)
		if err != nil {
			return nil, liveError(r.plan.spec, m.role, m.Live, err)
		}
		out[i].Model, out[i].at, out[i].runner = answers, m.Live.At, one
	}
	return out, nil
}

// answersOf is a recording as recorded predictions.
func (p *plan) answersOf(m namedModel, one *runner) (*spec.Model, error) {
	a := one.answers
	out := &spec.Model{Path: a.Path, ID: live.Position, Threshold: m.Threshold}
	if a.Label {
		out.Label = live.Label
	}
	switch {
	case p.spec.Task == spec.Binary:
		column, err := p.positiveScore(a)
		if err != nil {
			return nil, err
		}
		out.Score = column
		if column == "" && m.Threshold != nil {
			return nil, &model.Error{Message: "threshold needs a score to compare with it, and the model answers labels alone"}
		}
	default:
		for i, class := range a.Classes {
			out.Scores = append(out.Scores, spec.ClassColumn{Class: class, Column: live.Score(i)})
		}
		if a.Scores > 0 && a.Classes == nil {
			return nil, &model.Error{Message: "the model answers one score, and the task has several classes"}
		}
	}
	return out, nil
}

// positiveScore is the column with the probability of the positive class; "" where
// there are no scores.
func (p *plan) positiveScore(a *live.Recording) (string, error) {
	switch {
	case a.Scores == 0:
		return "", nil
	case a.Classes == nil:
		return live.Score(0), nil
	}
	for i, class := range a.Classes {
		if p.classes.Index(class) == 1 {
			return live.Score(i), nil
		}
	}
	return "", &model.Error{
		Message: fmt.Sprintf("the model's classes are %s, and none of them is %q, which counts as positive", quoteAll(a.Classes, 5), p.classes.Names[1]),
		Hint:    "the labels of the evaluation set and of the model's training must be the same values",
	}
}

// describe is the model as a result has it.
func (one *runner) describe(s *spec.Spec, m *result.Model) {
	m.Form, m.Path, m.Label, m.Score = one.about.Form, s.Redact(one.live.Where()), "", ""
	m.Model, m.Size, m.LoadSeconds = one.about.Fingerprint, one.about.Size, one.about.Load.Seconds()
	for _, v := range one.about.Versions {
		m.Versions = append(m.Versions, result.Version{Name: v.Name, Version: v.Version})
	}
	for _, c := range one.features {
		m.Features = append(m.Features, s.Redact(c.Name))
	}
}

// wantLiveScores refuses rules about scores where a model that runs gives none.
func (p *plan) wantLiveScores() {
	if p.classes == nil {
		return
	}
	for _, m := range p.given {
		if m.runner == nil || m.Score != "" || len(m.Scores) > 0 {
			continue
		}
		for _, r := range p.scoreRules() {
			p.problem(r.At, "a model with predict_proba, or with probabilities among its outputs, gives them", "%s needs scores, and the %s answers labels alone", r.name(), m.role)
		}
	}
}

// models are the models that a spec compares. Those that run have answered, and
// are to be closed with o.running.
func (o *Options) models(ctx context.Context, s *spec.Spec) ([]namedModel, error) {
	given := models(s, o.Stored)
	var err error
	if o.running, err = o.askModels(ctx, s, given); err != nil {
		return nil, err
	}
	answered, err := o.running.models(given)
	if err != nil {
		o.running.Close()
	}
	return answered, err
}
