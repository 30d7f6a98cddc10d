package gate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/noworse/noworse/behavior"
	"github.com/noworse/noworse/live"
	"github.com/noworse/noworse/model"
	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/slice"
	"github.com/noworse/noworse/spec"
)

// mostExamples is how many failing rows or cases a check shows.
const mostExamples = 20

// prepareBehavior holds cases and changes to what the candidate is given, before it
// is asked anything.
func (r *running) prepareBehavior() error {
	one := r.runners["candidate"]
	if one == nil {
		return nil
	}
	columns := live.Columns(one.features, nil)
	empty, _ := behavior.Frame(nil, columns)
	var problems spec.Problems
	for i := range r.plan.spec.Behavior {
		b := &r.plan.spec.Behavior[i]
		var err error
		switch {
		case b.Cases != nil:
			_, err = behavior.Frame(givenOf(b.Cases), columns)
		case b.Change != nil:
			_, _, err = behavior.Changed(empty, nil, changesOf(b.Change))
		default:
			for _, m := range b.Monotone {
				if _, _, failed := behavior.Grid(empty, m.Column, b.Points); failed != nil {
					err = failed
				}
			}
		}
		problems = append(problems, r.plan.behaviorProblem(b, err)...)
		problems = append(problems, r.plan.expectProblems(b)...)
	}
	if len(problems) > 0 {
		return problems
	}
	return nil
}

// behaviorProblem is a case or change that cannot be made, at its place.
func (p *plan) behaviorProblem(b *spec.Behavior, err error) spec.Problems {
	f, ok := errors.AsType[*behavior.Fault](err)
	if !ok {
		return nil
	}
	at, message := b.At, f.Message
	switch {
	case f.Case >= 0 && b.Files != "":
		at, message = b.At+".cases", fmt.Sprintf("%s, %s: %s", b.Cases[f.Case].Where, b.Cases[f.Case].Name, message)
	case f.Case >= 0:
		at = b.At + ".given"
		if slices.ContainsFunc(b.Cases[f.Case].Given, func(g spec.Given) bool { return g.Column == f.Column }) {
			at = b.At + "." + spec.At("given", f.Column)
		}
	case b.Change != nil:
		at = b.At + "." + spec.At("change", f.Column)
	case b.Monotone != nil:
		at = b.At + "." + spec.At("monotone", f.Column)
	}
	return spec.Problems{p.spec.Problem(at, message, f.Hint)}
}

// expectProblems are classes that nothing is labelled with.
func (p *plan) expectProblems(b *spec.Behavior) (list spec.Problems) {
	if p.classes == nil {
		return nil
	}
	refuse := func(e spec.Expect, where string, class string) {
		if class == "" || p.classes.Index(p.canonical(class)) >= 0 {
			return
		}
		hint := "the classes are " + quoteAll(p.classes.Names, 20)
		list = append(list, p.spec.Problem(e.At, where+fmt.Sprintf("%q is not a class of column %q", class, p.label.Name), hint))
	}
	check := func(e spec.Expect, where string) {
		if e.Label != nil {
			refuse(e, where, *e.Label)
		}
		if e.Score != nil {
			refuse(e, where, e.Score.Class)
		}
	}
	for _, c := range b.Cases {
		where := ""
		if b.Files != "" {
			where = c.Where + ", " + c.Name + ": "
		}
		check(c.Expect, where)
	}
	check(b.Expect, "")
	return list
}

// resolveSamples refuses conditions of rows that cannot be asked.
func (p *plan) resolveSamples(ctx context.Context) error {
	for i := range p.spec.Behavior {
		rows := p.spec.Behavior[i].Rows
		if rows.Where == "" {
			continue
		}
		if _, err := p.source.Predicate(ctx, rows.Where); ctx.Err() != nil {
			return ctx.Err()
		} else if err != nil {
			p.problem(rows.At, p.predicateHint(rows.Where, err), "rows of %s: %v", p.spec.Behavior[i].Name, err)
		}
	}
	return nil
}

func givenOf(cases []spec.Case) [][]behavior.Given {
	out := make([][]behavior.Given, len(cases))
	for i, c := range cases {
		for _, g := range c.Given {
			out[i] = append(out[i], behavior.Given{Column: g.Column, Value: behavior.Literal(g.Value)})
		}
	}
	return out
}

func changesOf(list []spec.Change) []behavior.Change {
	out := make([]behavior.Change, len(list))
	for i, c := range list {
		out[i] = behavior.Change{Column: c.Column, Kind: behavior.Kind(c.Kind), Amount: c.Amount, Share: c.Relative, Letters: c.Letters}
		for _, v := range c.Values {
			out[i].Values = append(out[i].Values, behavior.Literal(v))
		}
	}
	return out
}

// expectOf is what is wanted, with classes as they are numbered.
func (p *plan) expectOf(e spec.Expect) behavior.Expect {
	out := behavior.Expect{SameLabel: e.SameLabel}
	if e.Label != nil {
		out.Label = p.classes.Names[p.classes.Index(p.canonical(*e.Label))]
	}
	r := e.Score
	if r == nil {
		r = e.Number
	}
	if r == nil {
		return out
	}
	out.Range = &behavior.Range{Min: r.Min, Max: r.Max, Is: behavior.Relation(r.Is), Class: -1}
	if r.Within != nil {
		out.Range.Within, out.Range.Share = &r.Within.Value, r.Within.Relative
	}
	if r.Class != "" {
		out.Range.Class = p.classes.Index(p.canonical(r.Class))
	}
	return out
}

// behaviorChecks ask the candidate, and the baseline where it runs, what the spec
// expects of them.
func (p *plan) behaviorChecks(ctx context.Context, wanted func(id string) bool) ([]result.Check, error) {
	var list []result.Check
	for i := range p.spec.Behavior {
		b := &p.spec.Behavior[i]
		id := "behavior/" + slice.Encode(b.Name)
		if !wanted(id) {
			continue
		}
		c := result.Check{ID: id, Kind: "behavior", Name: p.spec.Redact(b.Name), Severity: string(orElse(b.Severity, spec.Block)), Rule: result.Rule{At: p.whereOf(b.At)}}
		err := p.checkBehavior(ctx, b, &c)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if f, ok := errors.AsType[*behavior.Fault](err); ok {
			return nil, p.behaviorProblem(b, f)
		}
		if err != nil {
			c.Verdict, c.Reason = result.Error, p.spec.Redact(err.Error())
		}
		list = append(list, c)
	}
	return list, nil
}

func (p *plan) checkBehavior(ctx context.Context, b *spec.Behavior, c *result.Check) error {
	if b.Cases != nil {
		return p.checkCases(ctx, b, c)
	}
	one := p.options.running.runners["candidate"]
	rows, ids, err := p.sampleOf(ctx, one, b)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		c.Verdict, c.Reason = result.Skipped, "no row is there to be changed"
		return nil
	}
	n := uint64(len(ids))
	c.Rows = &n
	if b.Change != nil {
		return p.checkChange(ctx, b, c, rows, ids)
	}
	return p.checkMonotone(ctx, b, c, rows, ids)
}

// whereOf is a setting's place as file:line.
func (p *plan) whereOf(at string) string {
	file, line := p.spec.Place(at)
	return fmt.Sprintf("%s:%d", file, line)
}

// sampleOf is the rows that a behavior changes: the same ones in every run.
func (p *plan) sampleOf(ctx context.Context, one *runner, b *spec.Behavior) (*model.Frame, []string, error) {
	what := live.SampleRequest{Request: p.requestOf(one), Rows: b.Rows.Size}
	if one.answers != nil {
		what.Nullable = one.answers.Nullable
	}
	if b.Rows.Where != "" {
		predicate, err := p.source.Predicate(ctx, b.Rows.Where)
		if err != nil {
			return nil, nil, err
		}
		what.Where = &predicate
	}
	return live.Sample(ctx, p.source, what)
}

// reading says how a model's answers are read.
func (p *plan) reading(role string) behavior.Reading {
	r := behavior.Reading{Task: model.Task(p.spec.Task), Classes: p.classNames(), Canonical: p.canonical}
	m := p.spec.Candidate
	if role == "baseline" {
		m = p.spec.Baseline
		if m == nil && p.options.Stored != nil { // what runs beside a store has the threshold that it was accepted with
			m = &spec.Model{Threshold: p.options.Stored.Model.Threshold}
		}
	}
	if m != nil {
		r.Threshold = m.Threshold
	}
	return r
}

// answersTo asks a model about a frame; nil where there is no such model.
func (p *plan) answersTo(ctx context.Context, role string, f *model.Frame) ([]behavior.Answer, error) {
	one := p.options.running.runners[role]
	if one == nil || f.Rows == 0 {
		return nil, nil
	}
	if role == "baseline" && !sameFeatures(one, p.options.running.runners["candidate"]) {
		return nil, nil // it is given other columns
	}
	a, err := live.Ask(ctx, one.predictor, f, model.Task(p.spec.Task))
	if err != nil {
		return nil, fmt.Errorf("the %s: %w", role, err)
	}
	return p.reading(role).Read(a, f.Rows)
}

func sameFeatures(a, b *runner) bool {
	return slices.EqualFunc(live.Columns(a.features, nil), live.Columns(b.features, nil), func(x, y model.Column) bool { return x.Name == y.Name && x.Kind == y.Kind })
}

// tried is how the rows or cases of a behavior came out, and those that failed.
type tried struct {
	passed, all uint64
	failing     []result.BehaviorExample // at most mostExamples
}

func (t *tried) add(ok bool, example func() result.BehaviorExample) {
	t.all++
	if ok {
		t.passed++
	} else if len(t.failing) < mostExamples {
		t.failing = append(t.failing, example())
	}
}

func (t *tried) rate() *float64 {
	if t == nil || t.all == 0 {
		return nil
	}
	rate := float64(t.passed) / float64(t.all)
	return &rate
}

// concludeBehavior makes the check's verdict of how the candidate and, where it runs, the
// baseline did. sampled rows stand for others, so chance counts.
func (p *plan) concludeBehavior(c *result.Check, b *spec.Behavior, candidate, baseline *tried, sampled bool, what string) {
	c.Details.Behavior.Asked, c.Details.Behavior.Passed, c.Details.Behavior.Failing = candidate.all, candidate.passed, candidate.failing
	c.Rule.PassRate = &b.PassRate
	c.Candidate, c.Baseline = candidate.rate(), baseline.rate()
	if c.Candidate == nil {
		c.Verdict, c.Reason = result.Skipped, "nothing was there to be asked"
		return
	}
	if c.Baseline != nil {
		change := *c.Candidate - *c.Baseline
		c.Change = &change
	}
	failed := candidate.all - candidate.passed
	c.Verdict = result.Pass
	switch {
	case failed == 0:
		c.Reason = fmt.Sprintf("all %s as expected", what)
	case *c.Candidate < b.PassRate:
		c.Verdict = result.Fail
		c.Reason = fmt.Sprintf("%s of %s not as expected", predict.Thousands(failed), what)
	default:
		c.Reason = fmt.Sprintf("%s of %s not as expected, which %s allows", predict.Thousands(failed), what, result.Percent(b.PassRate))
	}
	if sampled {
		p.byChance(c, b, candidate)
	}
	if c.Verdict == result.Fail && len(candidate.failing) > 0 {
		c.Reason += ": " + candidate.failing[0].ID + ", " + candidate.failing[0].Why
	}
}

// byChance adds the exact interval of a pass rate, and takes a failure back that
// chance alone may make.
func (p *plan) byChance(c *result.Check, b *spec.Behavior, t *tried) {
	level := 1 - p.spec.Decision.Alpha
	low, high, err := behavior.RateInterval(t.passed, t.all, level)
	if err != nil {
		return
	}
	c.Interval, c.Confidence = &[2]float64{low, high}, level
	c.Evidence = &result.Evidence{Method: "clopper-pearson", Family: "behavior"}
	if c.Verdict == result.Fail && high >= b.PassRate && p.spec.Decision.Fail != spec.ByPoint {
		c.Verdict = result.Inconclusive
		c.Reason += ", but chance alone may do that: ask more rows"
		if p.spec.Decision.Overall == spec.Warn {
			c.OnInconclusive = "warn"
		}
	}
}

func (p *plan) answer(a behavior.Answer) result.Answer {
	out := result.Answer{Label: a.Label}
	if a.Label == "" || a.Scores != nil {
		score := a.Number
		if a.Label != "" && p.spec.Task == spec.Multiclass {
			score = a.Scores[slices.Index(p.classes.Names, a.Label)]
		}
		out.Score = &score
	}
	return out
}

func (p *plan) checkChange(ctx context.Context, b *spec.Behavior, c *result.Check, rows *model.Frame, ids []string) error {
	changed, origin, err := behavior.Changed(rows, ids, changesOf(b.Change))
	if err != nil {
		return err
	}
	d := &result.Behavior{}
	c.Details.Behavior = d
	d.Unmoved = uint64(len(ids) - len(slices.Compact(slices.Clone(origin))))
	if changed.Rows == 0 {
		c.Verdict, c.Reason = result.Skipped, fmt.Sprintf("the change leaves all %s as they are", predict.Count(uint64(len(ids)), "row", "rows"))
		return nil
	}
	judge := func(role string) (*tried, error) {
		before, err := p.answersTo(ctx, role, rows)
		if err != nil || before == nil {
			return nil, err
		}
		after, err := p.answersTo(ctx, role, changed)
		if err != nil {
			return nil, err
		}
		return p.judgeChanged(b, rows, changed, origin, ids, before, after), nil
	}
	did, err := judge("candidate")
	if err != nil {
		return err
	}
	was, err := judge("baseline")
	if err != nil {
		d.Note = p.spec.Redact(err.Error())
	}
	p.concludeBehavior(c, b, did, was, true, predict.Count(did.all, "changed row", "changed rows"))
	return nil
}

// judgeChanged judges each row by all that it becomes: it passes if they all do.
func (p *plan) judgeChanged(b *spec.Behavior, rows, changed *model.Frame, origin []int, ids []string, before, after []behavior.Answer) *tried {
	expect := p.expectOf(b.Expect)
	t := new(tried)
	for i := 0; i < len(origin); {
		row, bad, why := origin[i], -1, ""
		for ; i < len(origin) && origin[i] == row; i++ {
			if bad < 0 {
				if why = expect.Changed(before[row], after[i]); why != "" {
					bad = i
				}
			}
		}
		t.add(bad < 0, func() result.BehaviorExample {
			was := p.answer(before[row])
			e := result.BehaviorExample{ID: ids[row], Before: &was, After: p.answer(after[bad])}
			var words []string
			for _, c := range b.Change {
				x, y := behavior.Text(rows.Find(c.Column), row), behavior.Text(changed.Find(c.Column), bad)
				if x != y {
					e.Values = append(e.Values, result.Value{Column: p.spec.Redact(c.Column), Before: &x, After: y})
					words = append(words, fmt.Sprintf("%s %s → %s", p.spec.Redact(c.Column), x, y))
				}
			}
			e.Why = strings.Join(words, ", ") + ": " + why
			return e
		})
	}
	return t
}

func (p *plan) checkMonotone(ctx context.Context, b *spec.Behavior, c *result.Check, rows *model.Frame, ids []string) error {
	d := &result.Behavior{}
	c.Details.Behavior = d
	did, was := new(tried), new(tried)
	for _, m := range b.Monotone {
		grid, values, err := behavior.Grid(rows, m.Column, b.Points)
		if err != nil {
			return err
		}
		if grid == nil {
			d.Note = fmt.Sprintf("column %q has one value in these rows", p.spec.Redact(m.Column))
			continue
		}
		for _, one := range []struct {
			role string
			t    *tried
		}{{"candidate", did}, {"baseline", was}} {
			answers, err := p.answersTo(ctx, one.role, grid)
			if err != nil && one.role == "candidate" {
				return err
			}
			if err == nil && answers != nil {
				p.judgeMonotone(one.t, m, answers, values, ids)
			}
		}
	}
	p.concludeBehavior(c, b, did, was, true, predict.Count(did.all, "row", "rows"))
	return nil
}

func (p *plan) judgeMonotone(t *tried, m spec.Monotone, answers []behavior.Answer, values, ids []string) {
	for row, id := range ids {
		along := answers[row*len(values) : (row+1)*len(values)]
		at := behavior.Monotone(along, m.Rising)
		t.add(at < 0, func() result.BehaviorExample {
			was := p.answer(along[at-1])
			column := p.spec.Redact(m.Column)
			e := result.BehaviorExample{ID: id, Before: &was, After: p.answer(along[at]), Values: []result.Value{{Column: column, Before: &values[at-1], After: values[at]}}}
			e.Why = fmt.Sprintf("%s %s → %s: %s became %s", column, values[at-1], values[at], strconv.FormatFloat(along[at-1].Number, 'g', 6, 64), strconv.FormatFloat(along[at].Number, 'g', 6, 64))
			return e
		})
	}
}
