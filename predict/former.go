package predict

import (
	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/summary"
)

// Former compares the labels that rows had when a baseline was accepted with
// those that they have now.
type Former struct {
	classes    *Classes // nil: regression
	place      int
	reader     reader
	class      []uint16
	Relabelled uint64
}

// NewFormer asks for the column of the former labels.
func NewFormer(field Field, classes *Classes, from dataset.From, truth dataset.Column) *Former {
	f := &Former{classes: classes, reader: reader{classes: classes, kind: truth.Kind}}
	as := dataset.AsFloat
	if classes != nil {
		as = form(truth.Kind)
	}
	f.place = field(dataset.Field{From: from, Column: truth.Name, Form: as})
	return f
}

// Read counts the rows of a batch whose label is another one than it was.
func (f *Former) Read(from *dataset.Batch, truth *summary.Batch) {
	v := &from.Vectors[f.place]
	if f.classes == nil {
		for i, was := range v.Floats[:from.Rows] {
			if v.Null(i) || was != truth.Target[i] {
				f.Relabelled++
			}
		}
		return
	}
	f.class = resize(f.class, from.Rows)
	f.reader.read(f.class, v)
	for i, was := range f.class {
		if was != truth.Label[i] {
			f.Relabelled++
		}
	}
}
