package predict

import (
	"math"

	"github.com/cespare/xxhash/v2"

	"github.com/noworse/noworse/dataset"
)

// Groups reads the column that says which rows depend on each other.
type Groups struct {
	place    int
	form     dataset.Form
	keys     []uint64
	Problems Problems
}

// NewGroups asks for the column.
func NewGroups(field Field, column dataset.Column) *Groups {
	g := &Groups{form: dataset.AsText}
	switch column.Kind {
	case dataset.Integer:
		g.form = dataset.AsInt
	case dataset.Float:
		g.form = dataset.AsFloat
	}
	g.place = field(dataset.Field{Column: column.Name, Form: g.form})
	return g
}

// spread is odd: products with it are different for different numbers.
const spread = 0x9e3779b97f4a7c15

// Read is a number for each row of a batch, which the rows of a group share. It is
// the same in every run.
func (g *Groups) Read(from *dataset.Batch, ids IDs) []uint64 {
	g.keys = resize(g.keys, from.Rows)
	v := &from.Vectors[g.place]
	for i := range g.keys {
		switch {
		case v.Null(i):
			g.Problems.note(GroupMissing, ids, i, "")
		case g.form == dataset.AsInt:
			g.keys[i] = uint64(v.Ints[i]) * spread
		case g.form == dataset.AsText:
			g.keys[i] = xxhash.Sum64String(v.Texts[i])
		case math.IsNaN(v.Floats[i]):
			g.Problems.note(GroupMissing, ids, i, "NaN")
		default:
			g.keys[i] = math.Float64bits(v.Floats[i]+0) * spread // both zeros are one
		}
	}
	return g.keys
}
