package gate

import (
	"context"

	"github.com/noworse/noworse/baseline"
	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/spec"
)

// Record reads the candidate's answers as they are now, for a baseline, and
// writes them to a file while it reads. keep gets both; the file is gone
// when it returns.
func Record(ctx context.Context, s *spec.Spec, o Options, keep func(b *baseline.Baseline, rows string) error) error {
	o = o.withDefaults()
	o.Stored, o.recording = nil, true
	given, err := o.models(ctx, s)
	if err != nil {
		return err
	}
	defer o.running.Close()
	source, err := o.Open(ctx, layout(s, given))
	if err != nil {
		return at(s, nil, err)
	}
	defer source.Close()
	p, err := newPlan(ctx, s, given, source, o)
	if err != nil {
		return err
	}
	p = p.alone()
	p.shape.Clustered = false // nothing is judged
	if p.id == nil {
		p.order = p.ordered()
	}
	what, rows := p.export()
	var path string
	scanned, err := p.collect(func(request dataset.Request, sink func() dataset.Sink) (err error) {
		what.Request = request
		path, err = source.Export(ctx, what, sink)
		return err
	})
	if err != nil {
		return err
	}
	if err := p.trust(ctx, scanned.sink()); err != nil {
		return err
	}
	if p.order != nil {
		rows.Order.Fingerprint = scanned.worker.order.print.String()
	}
	scanned.seal(o.Threads)
	if scanned.formulas, err = p.deriveFormulas(ctx); err != nil {
		return err
	}
	b, err := p.record(scanned)
	if err != nil {
		return err
	}
	b.Rows = rows
	if b.Reference, err = p.recordReference(ctx); err != nil {
		return err
	}
	if b.Bench, err = p.recordBench(ctx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return keep(b, path)
}

// export says which columns the file of rows has.
func (p *plan) export() (dataset.Export, baseline.Rows) {
	what := dataset.Export{Format: "parquet"}
	var rows baseline.Rows
	add := func(c dataset.ExportColumn) { what.Columns = append(what.Columns, c) }
	if p.id != nil {
		rows.ID, rows.IDKind = p.id.Name, p.id.Kind.String()
		add(dataset.ExportColumn{Name: rowID, Column: p.id.Name})
	} else {
		rows.Order = &baseline.Order{}
		for _, c := range p.order {
			rows.Order.Columns = append(rows.Order.Columns, c.Name)
		}
		add(dataset.ExportColumn{Name: rowPosition, Position: true})
	}
	add(dataset.ExportColumn{Name: rowTruth, Column: p.label.Name})
	m := p.models[0]
	if p.classes == nil || m.LabelCounts() {
		rows.Label = true
		add(dataset.ExportColumn{Name: rowLabel, From: m.From, Column: m.Label.Name})
	}
	if m.Score != "" {
		rows.Score = true
		add(dataset.ExportColumn{Name: rowScore, From: m.From, Column: m.Score})
	}
	for i, column := range m.Scores {
		rows.Scores = append(rows.Scores, p.classes.Names[i])
		add(dataset.ExportColumn{Name: rowScoreOf(i), From: m.From, Column: column})
	}
	return what, rows
}

// record is what a baseline keeps beside its rows.
func (p *plan) record(s *scanned) (*baseline.Baseline, error) {
	e := &evaluation{all: s}
	candidate := p.describeModel("candidate", p.spec.Candidate, s.prints.models[0])
	b := &baseline.Baseline{
		Tool: p.options.Version,
		Spec: baseline.Spec{Path: p.spec.Path, SHA256: p.spec.SHA256},
		Name: p.spec.Redact(p.spec.Name), Task: string(p.spec.Task),
		Data: baseline.Data{
			Rows: s.rows, Unlabelled: p.source.Rows() - s.rows,
			Version: p.spec.Redact(p.spec.Eval.Version), Fingerprint: s.prints.eval.String(),
		},
		Model: baseline.Model{
			Form: candidate.Form, Path: candidate.Path, Label: candidate.Label, Score: candidate.Score, Fingerprint: candidate.Fingerprint,
		},
	}
	if p.classes != nil {
		b.Classes = p.classes.Names
	}
	if m := p.models[0]; m.Score != "" && !m.LabelCounts() {
		threshold := m.Cut()
		b.Model.Threshold = &threshold
	}
	for _, sub := range p.subjects(e) {
		kept, err := p.storedSlice(sub)
		if err != nil {
			return nil, err
		}
		b.Slices = append(b.Slices, kept)
	}
	return b, nil
}

// sink is the merged sink of a scan; nil if there were no rows.
func (s *scanned) sink() *worker {
	if s == nil {
		return nil
	}
	return s.worker
}
