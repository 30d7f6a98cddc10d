package gate

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/noworse/noworse/baseline"
	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/drift"
	"github.com/noworse/noworse/profile"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/slice"
	"github.com/noworse/noworse/spec"
)

// driftChecks compare the columns of two tables: one check of each, and one of how many
// drifted.
func (p *plan) driftChecks(ctx context.Context, wanted func(id string) bool) ([]result.Check, error) {
	s := p.spec.Drift
	if s == nil {
		return nil, nil
	}
	run := p.driftRun()
	reference, problem, err := p.driftTable(ctx, run, s.Reference)
	if err != nil {
		return nil, err
	}
	if problem != "" {
		return run.skipped(problem, wanted), nil
	}
	defer reference.close()
	current, _, err := p.driftTable(ctx, run, s.Current)
	if err != nil {
		return nil, err
	}
	defer current.close()
	run.reference, run.current = reference, current
	run.roles = p.driftRoles()
	run.label, run.answer, run.score = p.driftAnswers()
	run.time = p.spec.Eval.Time
	checks, err := run.checks(ctx, wanted)
	if err == nil {
		p.data.Reference, p.data.Current = run.describe()
	}
	return checks, err
}

func (p *plan) driftRun() *driftRun {
	return &driftRun{settings: p.spec.Drift, open: p.options.Open, read: p.options.Profile, alpha: p.spec.Decision.Alpha, redact: p.spec.Redact,
		fault: func(err error) error { return at(p.spec, p.options.Stored, err) }, where: p.whereOf, unknown: p.spec.Problem}
}

// driftTable opens one of the tables; problem says why there is none to compare with.
func (p *plan) driftTable(ctx context.Context, run *driftRun, of string) (t *driftTable, problem string, err error) {
	switch of {
	case spec.OfReference:
		t, err = run.table(ctx, *p.spec.Reference, p.spec.Refuses())
	case spec.OfProduction:
		t, err = run.table(ctx, *p.spec.Production, p.spec.Refuses())
	case spec.OfEval:
		t = &driftTable{name: p.spec.Eval.Name(), source: p.source, close: func() {}}
	case spec.OfBaseline:
		t, problem = p.storedReference()
	}
	return t, problem, err
}

// driftRoles are the columns that are no features. A column that the models are not given
// is none either.
func (p *plan) driftRoles() map[string]string {
	e := p.spec.Eval
	roles := map[string]string{}
	for _, name := range []string{e.ID, e.Weight, e.Time, e.Group} {
		roles[name] = "other"
	}
	for _, m := range []*spec.Model{p.spec.Baseline, p.spec.Candidate} {
		if m == nil || m.Live != nil || m.Path != "" {
			continue
		}
		role := "prediction"
		if m != p.spec.Candidate {
			role = "other"
		}
		for _, name := range []string{m.Label, m.Score} {
			roles[name] = role
		}
		for _, s := range m.Scores {
			roles[s.Column] = role
		}
	}
	roles[e.Label] = "label"
	given := e.Features
	if r := p.options.running; given == nil && r != nil && r.runners["candidate"] != nil {
		for _, c := range r.runners["candidate"].features {
			given = append(given, c.Name)
		}
	}
	for _, name := range given {
		roles[name] = "feature"
	}
	if given != nil {
		roles[""] = "other" // all that are not named
	} else {
		delete(roles, "")
	}
	return roles
}

// driftAnswers are the columns of the label and of the candidate's answers, "" where the
// table has none.
func (p *plan) driftAnswers() (label, answer, score string) {
	if m := p.spec.Candidate; m != nil && m.Live == nil && m.Path == "" {
		answer, score = m.Label, m.Score
	}
	return p.spec.Eval.Label, answer, score
}

// driftRun is one comparison of two tables.
type driftRun struct {
	settings *spec.Drift
	open     func(context.Context, dataset.Layout) (dataset.Source, error)
	read     func(path string) (*profile.Profile, error)
	alpha    float64
	redact   func(string) string
	fault    func(error) error // with its place in the spec
	where    func(at string) string
	unknown  func(at, message, hint string) spec.Problem
	roles    map[string]string // by column; "": of those that are not named, feature unless said
	// Columns of the label, of the predictions by class and by number, and of the time; "":
	// not known.
	label, answer, score, time string
	reference, current         *driftTable
}

// driftTable is a table, or only its profile.
type driftTable struct {
	name    string
	source  dataset.Source // nil: only its profile is there
	profile *profile.Profile
	close   func()
}

// table opens what a setting names: rows, or a profile of them.
func (d *driftRun) table(ctx context.Context, t spec.Table, refuse func(string) string) (*driftTable, error) {
	if d.read != nil {
		p, err := d.read(t.Path)
		if err != nil {
			return nil, spec.Problems{d.unknown(t.At, t.Path+": "+err.Error(), "")}
		}
		if p != nil {
			return &driftTable{name: t.Path, profile: p, close: func() {}}, nil
		}
	}
	source, err := d.open(ctx, dataset.Layout{Refuse: refuse, Eval: dataset.Table{At: t.At, Path: t.Path}})
	if err != nil {
		return nil, d.fault(err)
	}
	return &driftTable{name: t.Path, source: source, close: func() { source.Close() }}, nil
}

func (t *driftTable) columns() []string {
	var names []string
	if t.source != nil {
		for _, c := range t.source.Columns() {
			names = append(names, c.Name)
		}
		return names
	}
	for _, c := range t.profile.Columns {
		names = append(names, c.Name)
	}
	return names
}

// rule is what the spec says of a column, or nil.
func (d *driftRun) rule(name string) *spec.DriftColumn {
	i := slices.IndexFunc(d.settings.Columns, func(c spec.DriftColumn) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return &d.settings.Columns[i]
}

func (d *driftRun) role(name string) string {
	role, known := d.roles[name]
	if !known {
		role = d.roles[""]
	}
	return cmp.Or(role, "feature")
}

// chosen are the columns that are compared: features, and labels and predictions where
// both tables have them. One that the spec names counts as a feature whatever it is.
func (d *driftRun) chosen() ([]string, error) {
	all, now := d.reference.columns(), d.current.columns()
	var problems spec.Problems
	for _, c := range d.settings.Columns {
		if !slices.Contains(all, c.Name) {
			hint := ""
			if near := spec.Nearest(c.Name, all); near != "" {
				hint = fmt.Sprintf("did you mean %q?", near)
			}
			problems = append(problems, d.unknown(c.At, fmt.Sprintf("%s has no column %q", d.reference.name, c.Name), hint))
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	var names []string
	for _, name := range all {
		rule := d.rule(name)
		switch role := d.role(name); {
		case rule != nil && rule.Ignore:
		case rule != nil, role == "feature", role != "other" && slices.Contains(now, name):
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, d.fault(&dataset.TableError{At: "drift", Message: "there is no column to compare", Hint: "features are the columns of the reference without a role"})
	}
	return names, nil
}

// checks summarises both tables and judges their columns.
func (d *driftRun) checks(ctx context.Context, wanted func(id string) bool) ([]result.Check, error) {
	names, err := d.chosen()
	if err != nil {
		return nil, err
	}
	if err := d.summarise(ctx, names); err != nil {
		return nil, err
	}
	list := make([]drift.Comparison, len(names))
	for i, name := range names {
		if err := d.validTest(name); err != nil {
			return nil, err
		}
		list[i] = d.compare(name)
		if list[i].Kind == profile.Nested {
			if list[i], err = d.vectors(ctx, list[i]); err != nil {
				return nil, err
			}
		}
	}
	decisions, err := d.decide(ctx, list)
	if err != nil {
		return nil, err
	}
	list, decisions = farthest(list, decisions)
	checks := []result.Check{d.whole(list, decisions)}
	if checks, err = d.together(ctx, names, checks, wanted); err != nil {
		return nil, err
	}
	for i, c := range list {
		checks = append(checks, d.column(c, decisions[i]))
	}
	return slices.DeleteFunc(checks, func(c result.Check) bool { return !wanted(c.ID) }), nil
}

// summarise counts the columns of both tables on the reference's grid.
func (d *driftRun) summarise(ctx context.Context, names []string) error {
	if d.reference.profile == nil {
		p, err := profile.Build(ctx, d.reference.source, profile.Options{Columns: names})
		if err != nil {
			return err
		}
		d.reference.profile = p
	}
	if d.current.source == nil {
		return d.fault(&dataset.TableError{At: "data.production.path", Message: d.current.name + " is a profile: what drifts is counted on the reference's grid, row by row", Hint: "name the rows themselves"})
	}
	now := d.current.columns()
	there := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !slices.Contains(now, name) })
	var err error
	d.current.profile, err = profile.Build(ctx, d.current.source, profile.Options{Columns: there, Like: d.reference.profile})
	return err
}

func (d *driftRun) validTest(name string) error {
	rule := d.rule(name)
	kind := d.reference.profile.Find(name).Kind
	if rule == nil || rule.Test == "" || drift.Distance(rule.Test).Of(kind) {
		return nil
	}
	return spec.Problems{d.unknown(rule.At+".test", fmt.Sprintf("%s is for numbers, and %s is %s", rule.Test, name, kind), "texts have total_variation, psi, jensen_shannon, hellinger and cramers_v")}
}

func (d *driftRun) compare(name string) drift.Comparison {
	rule := drift.Rule{MissingMax: d.settings.Missing, Level: 1 - d.alpha}
	if r := d.rule(name); r != nil {
		rule.Distance, rule.Max = drift.Distance(r.Test), r.Max
		if r.Missing != nil {
			rule.MissingMax = r.Missing
		}
	}
	if d.settings.Guide && rule.Distance == "" {
		rule.Distance = drift.KS
	}
	return drift.Compare(d.reference.profile.Find(name), d.current.profile.Find(name), d.reference.profile.Rows, d.current.profile.Rows, rule)
}

func (d *driftRun) policy() drift.Policy {
	return drift.Policy{Alpha: d.alpha, MaxShare: d.settings.MaxShare, Plain: d.settings.Guide}
}

// decide judges the features together, and labels and predictions each by itself. What
// bins cannot tell is measured again by the values, where both tables have their rows.
func (d *driftRun) decide(ctx context.Context, list []drift.Comparison) ([]drift.Decision, error) {
	decisions, err := d.families(list)
	if err != nil || d.reference.source == nil {
		return decisions, err
	}
	again := false
	for i, c := range list {
		if decisions[i].Outcome != drift.Unclear {
			continue
		}
		exact, err := d.exactly(ctx, c.Name)
		if err != nil {
			return nil, err
		}
		list[i], again = exact, true
	}
	if !again {
		return decisions, nil
	}
	return d.families(list)
}

func (d *driftRun) families(list []drift.Comparison) ([]drift.Decision, error) {
	decisions := make([]drift.Decision, len(list))
	var features []int
	for i, c := range list {
		if role := d.role(c.Name); role == "feature" || role == "other" {
			features = append(features, i)
			continue
		}
		alone, err := drift.Decide(list[i:i+1], d.policy())
		if err != nil {
			return nil, err
		}
		decisions[i] = alone[0]
	}
	together := make([]drift.Comparison, len(features))
	for k, i := range features {
		together[k] = list[i]
	}
	decided, err := drift.Decide(together, d.policy())
	for k, i := range features {
		if err == nil {
			decisions[i] = decided[k]
		}
	}
	return decisions, err
}

// exactly compares one column by all its values.
func (d *driftRun) exactly(ctx context.Context, name string) (drift.Comparison, error) {
	for _, t := range []*driftTable{d.reference, d.current} {
		p, err := profile.Build(ctx, t.source, profile.Options{Columns: []string{name}, Like: d.reference.profile, Hold: math.MaxInt})
		if err != nil {
			return drift.Comparison{}, err
		}
		t.profile.Find(name).Numbers.Values = p.Find(name).Numbers.Values
	}
	c := d.compare(name)
	for _, t := range []*driftTable{d.reference, d.current} {
		t.profile.Find(name).Numbers.Values = nil
	}
	return c, nil
}

// recordReference is the profile of the rows that drift compares with, for a baseline to
// keep; nil where the spec looks for no drift.
func (p *plan) recordReference(ctx context.Context) (*baseline.Reference, error) {
	s := p.spec.Drift
	if s == nil || s.Reference == spec.OfBaseline {
		return nil, nil
	}
	run := p.driftRun()
	t, _, err := p.driftTable(ctx, run, s.Reference)
	if err != nil {
		return nil, err
	}
	defer t.close()
	if t.profile == nil {
		if t.profile, err = profile.Build(ctx, t.source, profile.Options{Hold: 1}); err != nil {
			return nil, err
		}
	}
	encoded, err := t.profile.Encode()
	if err != nil {
		return nil, err
	}
	return baseline.NewReference(encoded, t.profile.Rows), nil
}

// storedReference is the profile that the accepted baseline keeps; problem says why there
// is none.
func (p *plan) storedReference() (t *driftTable, problem string) {
	b := p.options.Stored
	switch {
	case b == nil:
		return nil, "no baseline was accepted yet, which would keep the profile of the reference"
	case b.Profile == nil:
		return nil, "the accepted baseline keeps no profile of a reference: accept one with data.reference in its spec"
	}
	return &driftTable{name: "the reference of the accepted baseline", profile: b.Profile, close: func() {}}, ""
}

// Drift compares two tables without a spec, by the usual rules.
func Drift(ctx context.Context, reference, current string, s *spec.Drift, o Options) (*result.Result, error) {
	o = o.withDefaults()
	started := o.Now()
	plainly := func(_, message, hint string) spec.Problem { return spec.Problem{Message: message, Hint: hint} }
	d := &driftRun{settings: s, open: o.Open, read: o.Profile, alpha: usualAlpha, redact: spec.RedactURL, unknown: plainly,
		roles: map[string]string{}, label: s.Label, answer: s.Prediction, score: s.Prediction, time: s.Time,
		fault: func(err error) error { return err }, where: func(string) string { return "" }}
	var err error
	if d.reference, err = d.table(ctx, spec.Table{Path: reference, At: "the reference"}, nil); err != nil {
		return nil, err
	}
	defer d.reference.close()
	if d.current, err = d.table(ctx, spec.Table{Path: current, At: "the current rows"}, nil); err != nil {
		return nil, err
	}
	defer d.current.close()
	if err := d.named(); err != nil {
		return nil, err
	}
	pattern := glob(o.Only)
	r := &result.Result{Name: "drift", Started: started.UTC().Format(time.RFC3339), Tool: result.Tool{Version: o.Version}, Only: o.Only}
	r.Checks, err = d.checks(ctx, func(id string) bool { return pattern == nil || pattern.MatchString(id) })
	if err != nil {
		return nil, err
	}
	if len(r.Checks) == 0 {
		return nil, fmt.Errorf("no check matches %q: the ids look like drift, drift/%s or %s", o.Only, slice.Encode(d.reference.profile.Columns[0].Name), idApart)
	}
	r.Data.Reference, r.Data.Current = d.describe()
	r.Seconds = o.Now().Sub(started).Seconds()
	r.Finish()
	return r, nil
}

// named gives the columns of the label, the prediction and the time their roles; the reference
// must have them.
func (d *driftRun) named() error {
	for role, name := range map[string]string{"label": d.settings.Label, "prediction": d.settings.Prediction, "other": d.settings.Time} {
		if name == "" {
			continue
		}
		d.roles[name] = role
		if all := d.reference.columns(); !slices.Contains(all, name) {
			hint := ""
			if near := spec.Nearest(name, all); near != "" {
				hint = fmt.Sprintf("did you mean %q?", near)
			}
			return spec.Problems{d.unknown("", fmt.Sprintf("%s has no column %q", d.reference.name, name), hint)}
		}
	}
	return nil
}

// describe names the tables.
func (d *driftRun) describe() (reference, current *result.Table) {
	return &result.Table{Path: d.redact(d.reference.name), Rows: d.reference.profile.Rows}, &result.Table{Path: d.redact(d.current.name), Rows: d.current.profile.Rows}
}

const usualAlpha = .05
