package gate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/slice"
	"github.com/noworse/noworse/spec"
	"github.com/noworse/noworse/summary"
)

// formula is a metric in SQL, and of which rows rules ask for it.
type formula struct {
	dataset.Formula
	text  string
	whole bool
	named []bool // by slice
	by    []bool // by entry
}

// sqlRule is a rule that asks for a metric in SQL, and marks for which rows.
type sqlRule struct {
	spec.Rule
	ask func(*formula)
}

// sqlRules lists the rules about metrics in SQL.
func (p *plan) sqlRules() []sqlRule {
	var list []sqlRule
	add := func(rules []spec.Rule, ask func(*formula)) {
		for _, r := range rules {
			if r.SQL != "" {
				list = append(list, sqlRule{r, ask})
			}
		}
	}
	add(p.spec.Metrics, func(f *formula) { f.whole = true })
	if s := p.spec.Slices; s != nil {
		for i, n := range s.Named {
			add(n.Rules, func(f *formula) { f.named[i] = true })
		}
		for i, b := range s.By {
			add(b.Rules, func(f *formula) { f.by[i] = true })
		}
	}
	return list
}

// resolveFormulas checks the metrics in SQL, each once.
func (p *plan) resolveFormulas(ctx context.Context) error {
	seen, reported := map[string]*formula{}, map[string]bool{}
	for _, r := range p.sqlRules() {
		f := seen[r.SQL]
		if f == nil {
			f = &formula{text: r.SQL, named: make([]bool, p.shape.Named), by: make([]bool, p.shape.By)}
			seen[r.SQL] = f
			var err error
			f.Formula, err = p.source.Formula(ctx, r.SQL, p.formulaClasses())
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				p.problem(r.At+".sql", p.formulaHint(r.SQL, err), "metric %s: %v", r.Key, err)
				reported[r.At] = true
			}
			p.formulas = append(p.formulas, f)
		}
		if !reported[r.At] {
			reported[r.At] = true
			p.judgeFormula(r.Rule, f)
		}
		r.ask(f)
	}
	return nil
}

// formulaHint says how to mend a metric that was refused.
func (p *plan) formulaHint(text string, err error) string {
	if unknown, ok := errors.AsType[*slice.UnknownColumn](err); ok {
		if near := spec.Nearest(unknown.Name, []string{dataset.LabelName, dataset.PredictionName, dataset.ScoreName}); near != "" {
			return fmt.Sprintf("did you mean %q?", near)
		}
	}
	return p.predicateHint(text, err)
}

// formulaClasses are what a formula sees of labels: in a binary task 1 and 0.
func (p *plan) formulaClasses() dataset.Classes {
	if p.spec.Task == spec.Multiclass {
		return p.classes.Names
	}
	return nil
}

// judgeFormula refuses names that mean nothing here, or two things.
func (p *plan) judgeFormula(r spec.Rule, f *formula) {
	at := r.At + ".sql"
	own := p.answerColumns()
	for _, name := range []string{dataset.LabelName, dataset.PredictionName, dataset.ScoreName} {
		_, isColumn := dataset.Find(p.source.Columns(), name)
		if f.ReadsName(name) && isColumn && !slices.Contains(own[name], name) {
			p.problem(at, "rename the column", "metric %s: %s is what a metric in SQL calls the %s, and the evaluation set has a column of that name too", r.Key, name, answerWords[name])
		}
	}
	if f.ReadsName(dataset.ScoreName) {
		p.wantScores(r, at)
	}
	for _, a := range f.Aggregates {
		if m := summary.NewMoments(a.Function, a.Distinct); m.Holds() && p.source.Rows() > p.options.MaxExact {
			p.problem(at, "", "metric %s: %s holds all values in memory, for which there are more than %d rows", r.Key, a.Function, p.options.MaxExact)
		}
	}
}

var answerWords = map[string]string{dataset.LabelName: "true label", dataset.PredictionName: "model's answer", dataset.ScoreName: "model's score"}

// answerColumns are the columns of the evaluation set that answers are read from:
// there the two meanings of a name are one.
func (p *plan) answerColumns() map[string][]string {
	own := map[string][]string{dataset.LabelName: {p.label.Name}}
	for _, m := range p.models {
		if m.From != dataset.FromEval {
			continue
		}
		if m.Label != nil {
			own[dataset.PredictionName] = append(own[dataset.PredictionName], m.Label.Name)
		}
		own[dataset.ScoreName] = append(own[dataset.ScoreName], m.Score)
	}
	return own
}

func (p *plan) wantScores(r spec.Rule, at string) {
	if p.classes == nil {
		p.problem(at, "the predicted number is `prediction`", "metric %s: a regression has no score", r.Key)
		return
	}
	for i, m := range p.models {
		if m.Score == "" && len(m.Scores) == 0 && p.given[i].stored == nil { // of a stored baseline it is told elsewhere
			p.problem(at, "add its column of scores to predictions", "metric %s reads score, and the %s gives none", r.Key, p.given[i].role)
		}
	}
}

// readsScore says whether a rule is about a metric in SQL that reads scores.
func (p *plan) readsScore(r spec.Rule) bool {
	return slices.ContainsFunc(p.formulas, func(f *formula) bool { return f.text == r.SQL && f.ReadsName(dataset.ScoreName) })
}

// formulaKey names one value of a metric in SQL.
type formulaKey struct {
	text, slice string
	model       int
}

// formulaValues are the values of metrics in SQL, and what is known of chance (by the
// key of model 0).
type formulaValues struct {
	values  map[formulaKey]dataset.Calculated
	crossed map[formulaKey]crossed
}

// deriveFormulas reads the rows once more, and works the metrics in SQL out.
func (p *plan) deriveFormulas(ctx context.Context) (formulaValues, error) {
	values := formulaValues{map[formulaKey]dataset.Calculated{}, map[formulaKey]crossed{}}
	if len(p.formulas) == 0 {
		return values, nil
	}
	all, err := p.addUp(ctx)
	if err != nil {
		return values, err
	}
	names := slices.Sorted(maps.Keys(all))
	first := 0 // the place of the formula's first term
	for number, f := range p.formulas {
		if err := p.cross(ctx, f, number, first, all, values); err != nil {
			return values, err
		}
		for m := range p.models {
			lists := make([][]*float64, len(names))
			for i, name := range names {
				lists[i] = f.values(all[name].terms[first:])
			}
			calculated, err := p.source.Calculate(ctx, f.Formula, lists)
			if err != nil {
				return values, err
			}
			for i, name := range names {
				values.values[formulaKey{f.text, name, m}] = calculated[i]
			}
			first += len(f.Aggregates)
		}
	}
	return values, nil
}

// addUp is the moments of every slice.
func (p *plan) addUp(ctx context.Context) (map[string]moments, error) {
	given, wanted := new(fields), new(fields)
	scores := slices.ContainsFunc(p.formulas, func(f *formula) bool { return f.ReadsName(dataset.ScoreName) })
	p.newAnswerSink(given, scores)
	p.newTermSink(wanted)
	what := dataset.Derivation{
		Given: dataset.Request{Fields: given.list, NotNull: p.notNull()}, Fields: wanted.list, Classes: p.formulaClasses(),
	}
	for _, f := range p.formulas {
		for _, name := range f.Reads {
			if !slices.Contains(what.Reads, name) {
				what.Reads = append(what.Reads, name)
			}
		}
	}
	var mu sync.Mutex
	var sinks []*termSink
	answers := func() dataset.Sink { return p.newAnswerSink(&fields{list: slices.Clone(given.list)}, scores) }
	err := p.source.Derive(ctx, what, answers, func() dataset.Sink {
		s := p.newTermSink(&fields{list: slices.Clone(wanted.list)})
		mu.Lock()
		defer mu.Unlock()
		sinks = append(sinks, s)
		return s
	})
	if err != nil {
		return nil, p.formulaError(err)
	}
	var named []spec.NamedSlice
	if p.spec.Slices != nil {
		named = p.spec.Slices.Named
	}
	all := map[string]moments{}
	for _, s := range sinks {
		for name, m := range s.bySlice(named) {
			if have, ok := all[name]; ok {
				have.merge(m)
			} else {
				all[name] = m
			}
		}
	}
	return all, nil
}

// formulaError gives an expression that fails on some row its place in the spec.
func (p *plan) formulaError(err error) error {
	e, ok := errors.AsType[*dataset.ExpressionError](err)
	if !ok {
		return err
	}
	for _, r := range p.sqlRules() {
		i := slices.IndexFunc(p.formulas, func(f *formula) bool { return f.text == r.SQL })
		for _, a := range p.formulas[i].Aggregates {
			if slices.Contains(slices.Concat(a.Args[0], a.Args[1]), e.Expression) {
				p.problem(r.At+".sql", "", "metric %s fails on some rows: %s", r.Key, e.Message)
				return p.problems
			}
		}
	}
	return err
}

// values are what stands in the place of the aggregates.
func (f *formula) values(m []summary.Moments) []*float64 {
	list := make([]*float64, len(f.Aggregates))
	for i, a := range f.Aggregates {
		if v, ok := m[i].Value(a.Function, a.Fraction); ok {
			list[i] = &v
		}
	}
	return list
}

// estimate is a metric in SQL on the rows of a slice. It has none where SQL gives
// no finite number.
func (v formulaValues) estimate(r spec.Rule, sliceName string, model int) (metric.Estimate, error) {
	c, ok := v.values[formulaKey{r.SQL, sliceName, model}]
	switch {
	case c.Fault != "":
		return metric.Estimate{}, fmt.Errorf("%s has no value here: %s", r.Key, c.Fault)
	case !ok || c.Value == nil:
		return metric.Estimate{}, fmt.Errorf("%s has no value here: its SQL gives null", r.Key)
	case math.IsNaN(*c.Value) || math.IsInf(*c.Value, 0):
		return metric.Estimate{}, fmt.Errorf("%s is not a finite number here: its SQL divides by 0, or has a value that is none", r.Key)
	}
	return metric.Estimate{Value: *c.Value}, nil
}
