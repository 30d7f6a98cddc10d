package onnx

import (
	"context"
	"os"
	"path/filepath"
	"slices"

	"github.com/noworse/noworse/model"
	"github.com/noworse/noworse/model/wire"
)

// Elsewhere is a model that ONNX Runtime answers in the process of a Python that has its
// package, where no library can be loaded here. It is given the same, and its answers
// are read the same.
type Elsewhere struct {
	*wire.Model
	about   model.Description
	task    model.Task
	inputs  []input
	outputs outputs
}

var _ model.Measured = (*Elsewhere)(nil)

// feed says to that process what one input is.
type feed struct {
	Name  string
	Elem  string
	All   bool // every column that is sent, in one tensor
	Flat  bool
	Batch int
}

// OpenElsewhere has a worker of Python serve a model. What is asked of it is the same as
// of Open.
func OpenElsewhere(ctx context.Context, o Options, c wire.Command) (*Elsewhere, error) {
	in, err := os.Open(o.Path)
	if err != nil {
		return nil, openError(o.Path, err)
	}
	defer in.Close()
	s, err := look(in, o)
	if err != nil {
		return nil, err
	}
	p := &Elsewhere{task: o.Task}
	if p.inputs, p.outputs, err = s.signature(o); err != nil {
		return nil, err
	}
	feeds := make([]feed, len(p.inputs))
	for i, in := range p.inputs {
		feeds[i] = feed{in.name, in.elem.String(), in.all, in.flat, in.batch}
	}
	path, err := filepath.Abs(o.Path) // the process runs elsewhere
	if err != nil {
		return nil, err
	}
	p.Model, err = wire.Open(ctx, c, o.Task, struct {
		ONNX, Label, Score string
		Task               model.Task
		Inputs             []feed
		Maps               []string // classes of maps, as the file calls them
		Classes            []string // as the task does
	}{path, p.outputs.label, p.outputs.score, o.Task, feeds, s.file.Classes(p.outputs.score, p.outputs.label, -1), p.outputs.classes})
	if err != nil {
		return nil, err
	}
	p.describe(s, o)
	return p, nil
}

// describe puts what the file says to what the process says: the versions of Python and
// of its package.
func (p *Elsewhere) describe(s *source, o Options) {
	theirs := p.Model.Describe()
	lib := Library{}
	for _, v := range theirs.Versions {
		if v.Name == "ONNX Runtime" {
			lib.Version = v.Version
		}
	}
	p.about = model.Description{Form: "onnx", Inputs: describe(p.inputs), Size: s.size, Load: theirs.Load, Fingerprint: fingerprint(s, lib, o)}
	p.about.Versions = append(versions(s.file, lib), slices.DeleteFunc(slices.Clone(theirs.Versions), func(v model.Version) bool { return v.Name == "ONNX Runtime" })...)
}

// Describe implements model.Predictor.
func (p *Elsewhere) Describe() model.Description { return p.about }

// Predict implements model.Predictor.
func (p *Elsewhere) Predict(ctx context.Context, f *model.Frame) (*model.Answers, error) {
	sent := &model.Frame{Rows: f.Rows}
	var columns [][]*model.Column
	for i := range p.inputs {
		list, err := p.inputs[i].columns(f)
		if err != nil {
			return nil, err
		}
		columns = append(columns, list)
		for _, c := range list {
			named := *c
			if !p.inputs[i].all {
				named.Name = p.inputs[i].name
			}
			sent.Columns = append(sent.Columns, named)
		}
	}
	a := &answers{outputs: &p.outputs, task: p.task, rows: f.Rows}
	if f.Rows == 0 {
		a.none()
		return &a.Answers, ctx.Err()
	}
	got, err := p.Model.Predict(ctx, sent)
	if err != nil {
		return nil, explain(err, columns)
	}
	for i, label := range got.Labels {
		got.Labels[i] = p.outputs.call(label)
	}
	return got, nil
}
