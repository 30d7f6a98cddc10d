package gate

import (
	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/predict"
)

// order is the fingerprint of rows in their order: where it is the same, the
// same rows stand at the same positions.
type order struct {
	hasher rowHasher
	place  int // of the position
	print  fingerprint
}

// newOrder is nil where the order of rows does not matter.
func newOrder(field predict.Field, columns []dataset.Column) *order {
	if columns == nil {
		return nil
	}
	return &order{hasher: newRowHasher(field, new(encoded), columns), place: field(dataset.Field{Form: dataset.Position})}
}

func (o *order) read(from *dataset.Batch) {
	if o == nil {
		return
	}
	positions := from.Vectors[o.place].Ints
	for i, row := range o.hasher.hash(from) {
		o.print.add(value(row, scramble(uint64(positions[i]))))
	}
}

func (o *order) merge(with *order) {
	if o != nil {
		o.print.merge(with.print)
	}
}

// ordered are the columns that tell rows without an id apart: what models are
// given and the labels. Predictions among the columns change with the model.
func (p *plan) ordered() []dataset.Column {
	if p.spec.Eval.Features == nil {
		return p.fingerprinted()
	}
	names := append([]string{p.label.Name}, p.spec.Eval.Features...)
	var columns []dataset.Column
	for _, c := range p.fingerprinted() {
		for _, name := range names {
			if c.Name == name {
				columns = append(columns, c)
				break
			}
		}
	}
	return columns
}
