package noworse

import (
	"context"
	"fmt"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/guess"
	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/result"
)

// Compare runs a draft without a spec. The result names none.
func Compare(ctx context.Context, d *guess.Draft, o Options) (*result.Result, error) {
	s, err := parse("compare", guess.Write(d, guess.Facts{}, func(path string) string { return path }))
	if err != nil {
		return nil, err
	}
	s.Name = "compare"
	if err := o.withDefaults().sameLabels(ctx, d); err != nil {
		return nil, err
	}
	r, err := Check(ctx, s, o)
	if err != nil {
		return nil, unplaced(err)
	}
	r.Spec = result.File{}
	for i := range r.Checks {
		r.Checks[i].Rule.At = ""
	}
	return r, nil
}

// sameLabels wants files of predictions that have a column named as the label
// to have the label's values there: else they are about other truths.
func (o Options) sameLabels(ctx context.Context, d *guess.Draft) error {
	for _, t := range []*guess.Table{d.Input.Candidate, d.Input.Baseline} {
		m := d.Candidate
		if t == d.Input.Baseline {
			m = d.Baseline
		}
		label, has := columnOf(t, d.Label.Value)
		if !has || t.Path == d.Input.Data.Path || m.Label.Value == label.Name {
			continue
		}
		n, err := o.otherLabels(ctx, d, t.Path, m.ID.Value, label)
		switch {
		case err != nil:
			return err
		case n > 0:
			return fmt.Errorf("%s and %s have other labels in column %q for %s: it cannot be told which are true\nname the file with the true ones as --data",
				d.Input.Data.Path, t.Path, label.Name, predict.Count(n, "row", "rows"))
		}
	}
	return nil
}

func columnOf(t *guess.Table, name string) (dataset.Column, bool) {
	if t != nil {
		for _, c := range t.Columns {
			if c.Name == name {
				return c.Column, true
			}
		}
	}
	return dataset.Column{}, false
}

// otherLabels counts the rows with another label in a file of predictions.
// Rows without a match are left to the check.
func (o Options) otherLabels(ctx context.Context, d *guess.Draft, path, id string, label dataset.Column) (uint64, error) {
	if id == "" {
		id = d.ID.Value
	}
	truth, _ := columnOf(&d.Input.Data, d.Label.Value)
	source, err := o.open(ctx, dataset.Layout{
		Eval:     dataset.Table{Path: d.Input.Data.Path, ID: d.ID.Value},
		Attached: []dataset.Table{{Path: path, ID: id}},
	})
	if err != nil {
		return 0, withoutHint(err)
	}
	defer source.Close()
	var counts []*differing
	err = source.Scan(ctx, dataset.Request{Fields: []dataset.Field{
		{Column: truth.Name, Form: dataset.AsText},
		{From: dataset.FromAttached(0), Column: label.Name, Form: dataset.AsText},
		{From: dataset.FromAttached(0), Form: dataset.Present},
	}}, func() dataset.Sink {
		counts = append(counts, &differing{a: truth.Kind, b: label.Kind})
		return counts[len(counts)-1]
	})
	var n uint64
	for _, c := range counts {
		n += c.rows
	}
	return n, err
}

// differing counts the rows whose two labels differ.
type differing struct {
	a, b dataset.Kind
	rows uint64
}

// Consume implements dataset.Sink.
func (c *differing) Consume(b *dataset.Batch) error {
	for i := range b.Rows {
		x, y := &b.Vectors[0], &b.Vectors[1]
		switch {
		case b.Vectors[2].Null(i) || x.Null(i) && y.Null(i):
		case x.Null(i) != y.Null(i) || predict.Canonical(x.Texts[i], c.a) != predict.Canonical(y.Texts[i], c.b):
			c.rows++
		}
	}
	return nil
}
