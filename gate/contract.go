package gate

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/noworse/noworse/contract"
	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/profile"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/slice"
	"github.com/noworse/noworse/spec"
)

// contractSample is how many rows changes of meaning are looked for in.
const contractSample = 1 << 15

// contractChecks hold a table to what it must be: one check a column, and one of the
// whole.
func (p *plan) contractChecks(ctx context.Context, wanted func(id string) bool) ([]result.Check, error) {
	s := p.spec.Contract
	if s == nil {
		return nil, nil
	}
	run := &driftRun{open: p.options.Open, read: p.options.Profile, fault: func(err error) error { return at(p.spec, p.options.Stored, err) }, unknown: p.spec.Problem}
	current, _, err := p.driftTable(ctx, run, s.Current)
	if err != nil {
		return nil, err
	}
	defer current.close()
	if current.source == nil {
		return nil, run.fault(&dataset.TableError{At: "data.production.path", Message: current.name + " is a profile: a contract is held to rows", Hint: "name the rows themselves"})
	}
	var reference *driftTable
	if p.spec.Reference != nil {
		if reference, _, err = p.driftTable(ctx, run, spec.OfReference); err != nil {
			return nil, err
		}
		defer reference.close()
	}
	c, was, err := p.contractOf(ctx, s, reference)
	if err != nil {
		return nil, err
	}
	held, err := p.holdContract(ctx, c, was, current.source)
	if err != nil {
		return nil, err
	}
	checks := p.tellContract(held, current)
	return slices.DeleteFunc(checks, func(c result.Check) bool { return !wanted(c.ID) }), nil
}

// contractOf is the contract that a spec means, and the profile of the reference, if there
// is one.
func (p *plan) contractOf(ctx context.Context, s *spec.Contract, reference *driftTable) (c contract.Contract, was *profile.Profile, err error) {
	if reference != nil {
		if was, err = profileOf(ctx, reference); err != nil {
			return c, nil, err
		}
	}
	if s.FromReference {
		var facts contract.Facts
		if reference.source != nil {
			if facts, err = FactsOf(ctx, reference.source, was); err != nil {
				return c, nil, err
			}
		}
		facts.Labels = []string{p.spec.Eval.Label}
		c = contract.Infer(was, facts)
	}
	layTerms(&c, s)
	return c, was, nil
}

func profileOf(ctx context.Context, t *driftTable) (*profile.Profile, error) {
	if t.profile != nil {
		return t.profile, nil
	}
	return profile.Build(ctx, t.source, profile.Options{})
}

// FactsOf counts what a contract is inferred from and a profile does not hold.
func FactsOf(ctx context.Context, source dataset.Source, p *profile.Profile) (contract.Facts, error) {
	f := contract.Facts{Distinct: map[string]uint64{}, Ascending: map[string]bool{}}
	var times []string
	for _, c := range p.Columns {
		if contract.MayBeUnique(c) {
			n, err := source.Distinct(ctx, c.Name)
			if err != nil {
				return f, err
			}
			f.Distinct[c.Name] = n
		}
		if c.Kind == profile.Time && c.Numbers.Finite() >= 100 && c.Numbers.Min < c.Numbers.Max {
			times = append(times, c.Name)
		}
	}
	descents, err := descentsOf(ctx, source, times)
	for name, d := range descents {
		f.Ascending[name] = d.Rows == 0
	}
	return f, err
}

// layTerms lays what a spec says over a contract.
func layTerms(c *contract.Contract, s *spec.Contract) {
	c.LeastRows = max(c.LeastRows, 1)
	if s.LeastRows != nil {
		c.LeastRows = *s.LeastRows
	}
	if s.MostRows != nil {
		c.MostRows = *s.MostRows
	}
	for _, terms := range s.Columns {
		if c.Find(terms.Name) == nil {
			c.Columns = append(c.Columns, contract.Column{Name: terms.Name, Required: contract.Always, Nulls: 1})
		}
		layColumn(c.Find(terms.Name), terms)
	}
}

func layColumn(c *contract.Column, s spec.ContractColumn) {
	c.Ignore = s.Ignore
	if s.Type != "" {
		c.Type = profile.Kind(s.Type)
	}
	if s.Required != "" {
		c.Required = contract.Where(s.Required)
	}
	if s.Nulls != nil {
		c.Nulls = *s.Nulls
	}
	if s.Range != nil || s.Categories != nil || s.Pattern != nil {
		// Where somebody says what may be, that is meant, and what the reference was like is not.
		c.Range, c.Categories, c.Pattern, c.Outside = s.Range, s.Categories, s.Pattern, 0
	}
	if s.Outside != nil {
		c.Outside = *s.Outside
	}
	if s.Unique != nil {
		c.Unique = *s.Unique
	}
	if s.Ascending != nil {
		c.Ascending = *s.Ascending
	}
	if s.Fresh != nil {
		c.Fresh = *s.Fresh
	}
}

// holdContract reads a table and holds it to a contract.
func (p *plan) holdContract(ctx context.Context, c contract.Contract, was *profile.Profile, source dataset.Source) (contract.Holding, error) {
	now := contract.Current{Now: p.options.Now(), Serving: p.spec.Contract.Serving, Distinct: map[string]uint64{}}
	var err error
	if now.Profile, err = profile.Build(ctx, source, profile.Options{Like: was, Allowed: c.Allowed()}); err != nil {
		return contract.Holding{}, err
	}
	if was != nil && now.Profile.Rows > 0 {
		if suspects := contract.Suspects(was, now.Profile); len(suspects) > 0 {
			if now.Sample, err = drawColumns(ctx, source, suspects); err != nil {
				return contract.Holding{}, err
			}
		}
	}
	var ordered []string
	for _, one := range c.Columns {
		if _, there := dataset.Find(source.Columns(), one.Name); !there || one.Ignore {
			continue
		}
		if one.Unique {
			if now.Distinct[one.Name], err = source.Distinct(ctx, one.Name); err != nil {
				return contract.Holding{}, err
			}
		}
		if one.Ascending {
			ordered = append(ordered, one.Name)
		}
	}
	if now.Descents, err = descentsOf(ctx, source, ordered); err != nil {
		return contract.Holding{}, err
	}
	return c.Hold(was, now), nil
}

// drawColumns reads a sample of some columns: the more columns, the fewer rows.
func drawColumns(ctx context.Context, source dataset.Source, names []string) (*profile.Sample, error) {
	const most = 1 << 24 // values
	var columns []dataset.Column
	for _, name := range names {
		c, _ := dataset.Find(source.Columns(), name)
		columns = append(columns, c)
	}
	return profile.Draw(ctx, source, columns, min(contractSample, most/len(columns)))
}

// descentsOf finds out which columns of times or whole numbers the rows are in the order
// of. Others are left out.
func descentsOf(ctx context.Context, source dataset.Source, names []string) (map[string]contract.Descent, error) {
	var fields []dataset.Field
	var read []string
	for _, name := range names {
		c, _ := dataset.Find(source.Columns(), name)
		form := dataset.AsInt
		switch c.Kind {
		case dataset.Time:
			form = dataset.AsTime
		case dataset.Integer:
		default:
			continue
		}
		fields = append(fields, dataset.Field{Column: name, Form: form})
		read = append(read, name)
	}
	if len(fields) == 0 {
		return nil, nil
	}
	fields = append(fields, dataset.Field{Form: dataset.Position})
	var mu sync.Mutex
	var all []*orders
	err := source.Scan(ctx, dataset.Request{Fields: fields}, func() dataset.Sink {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, &orders{columns: make([]contract.Order, len(read))})
		return all[len(all)-1]
	})
	if err != nil {
		return nil, err
	}
	out := map[string]contract.Descent{}
	for i, name := range read {
		var whole contract.Order
		for _, one := range all {
			whole.Merge(&one.columns[i])
		}
		out[name] = whole.Descent()
	}
	return out, nil
}

// orders are what one thread sees of the order of some columns.
type orders struct{ columns []contract.Order }

// Consume implements dataset.Sink.
func (o *orders) Consume(b *dataset.Batch) error {
	places := b.Vectors[len(o.columns)].Ints
	for i := range o.columns {
		o.columns[i].Add(places[:b.Rows], b.Vectors[i].Ints, b.Vectors[i].Null)
	}
	return nil
}

// tellContract makes checks of how the table keeps its contract.
func (p *plan) tellContract(h contract.Holding, current *driftTable) []result.Check {
	s := p.spec.Contract
	known := p.columnsOfModels()
	rows := current.source.Rows()
	details := &result.Contract{Table: p.spec.Redact(current.name), Rows: rows}
	var checks []result.Check
	for _, column := range h.Columns {
		if column.New && (s.NewColumns == spec.NewIgnore || known[column.Name]) {
			continue
		}
		c := p.contractColumn(column)
		checks = append(checks, c)
		details.Columns++
		if c.Verdict == result.Fail {
			details.Broken++
			details.Names = append(details.Names, c.Name)
		}
	}
	details.Names = details.Names[:min(20, len(details.Names))]
	whole := p.contractCheck("contract", orElse(s.Severity, spec.Block), "contract")
	whole.Name, whole.Rows, whole.Details.Contract = "rows", &rows, details
	whole.Verdict, whole.Reason = result.Pass, fmt.Sprintf("%d of %s keep the contract", details.Columns-details.Broken, predict.Count(uint64(details.Columns), "column", "columns"))
	for _, v := range h.Whole {
		told := p.violation(v)
		details.Violations = append(details.Violations, told)
		whole.Verdict, whole.Reason = result.Fail, fmt.Sprintf("%s: %s; %s", told.Name, told.Message, whole.Reason)
	}
	return append([]result.Check{whole}, checks...)
}

// columnsOfModels are no columns that are new: they have a role in the evaluation.
func (p *plan) columnsOfModels() map[string]bool {
	if p.spec.Contract.Current != spec.OfEval {
		return nil
	}
	e := p.spec.Eval
	names := map[string]bool{e.ID: true, e.Label: true, e.Weight: true, e.Time: true, e.Group: true}
	for _, m := range []*spec.Model{p.spec.Baseline, p.spec.Candidate} {
		if m == nil || m.Live != nil || m.Path != "" {
			continue
		}
		names[m.Label], names[m.Score] = true, true
		for _, s := range m.Scores {
			names[s.Column] = true
		}
	}
	return names
}

func (p *plan) contractCheck(id string, severity spec.Severity, at string) result.Check {
	return result.Check{ID: id, Kind: "contract", Severity: string(severity), Rule: result.Rule{At: p.whereOf(at)},
		Evidence: &result.Evidence{Method: "exact", Family: "contract", Alpha: contract.Alpha}}
}

// contractColumn is the check of one column.
func (p *plan) contractColumn(h contract.Held) result.Check {
	s := p.spec.Contract
	severity, place := orElse(s.Severity, spec.Block), "contract"
	if h.New {
		severity = spec.Warn
		if s.NewColumns == spec.NewBlock {
			severity = spec.Block
		}
	}
	for _, c := range s.Columns {
		if c.Name == h.Name {
			severity, place = orElse(c.Severity, severity), c.At
		}
	}
	c := p.contractCheck("contract/"+slice.Encode(h.Name), severity, place)
	c.Name = p.spec.Redact(h.Name)
	d := new(result.Contract)
	var reasons []string
	for _, v := range h.Violations {
		told := p.violation(v)
		d.Violations = append(d.Violations, told)
		reasons = append(reasons, fmt.Sprintf("%s: %s", told.Name, told.Message))
	}
	c.Details.Contract = d
	switch {
	case len(h.Violations) > 0:
		c.Verdict, c.Reason = result.Fail, strings.Join(reasons, "; ")
	case h.Skipped != "":
		c.Verdict, c.Reason = result.Skipped, h.Skipped
	default:
		c.Verdict, c.Reason = result.Pass, strings.Join(h.Kept, ", ")
	}
	return c
}

// violation is one as results have it. What is of the data may hold a secret.
func (p *plan) violation(v contract.Violation) result.Violation {
	out := result.Violation{Name: string(v.Name), Message: p.spec.Redact(v.Message), Undo: p.spec.Redact(v.Undo), Other: p.spec.Redact(v.Other)}
	for _, e := range v.Examples {
		out.Examples = append(out.Examples, result.ViolationExample{Value: p.spec.Redact(e.Value), Was: p.spec.Redact(e.Was), Rows: e.Rows})
	}
	if s := v.Share; s != nil {
		out.Share = &result.ViolationShare{Rows: s.Rows, Of: s.Of, Limit: s.Limit}
		if !math.IsNaN(s.Low) {
			out.Share.Interval = &[2]float64{s.Low, s.High}
		}
		if !math.IsNaN(s.P) {
			out.Share.PAdjusted = &s.P
		}
	}
	if d := v.Distance; d != nil {
		out.Distance = &result.Undone{Before: d.Before, After: d.After, Noise: d.Noise}
	}
	return out
}
