package predict

import "github.com/noworse/noworse/dataset"

// Numbers reads a column of numbers of the evaluation set, such as an amount.
type Numbers struct {
	place    int
	Problems Problems
}

// NewNumbers asks for the column.
func NewNumbers(field Field, column dataset.Column) *Numbers {
	return &Numbers{place: field(dataset.Field{Column: column.Name, Form: dataset.AsFloat})}
}

// Read is the numbers of a batch.
func (n *Numbers) Read(from *dataset.Batch, ids IDs) []float64 {
	v := &from.Vectors[n.place]
	n.Problems.numbers(NumberInvalid, v, from.Rows, ids, finite)
	return v.Floats[:from.Rows]
}
