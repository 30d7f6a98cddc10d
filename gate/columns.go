package gate

import (
	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/slice"
)

// encoded is the columns whose values are numbered as they appear. Each is
// encoded once a batch, however many slices and hashes look at it.
type encoded struct{ columns []*encodedColumn }

type encodedColumn struct {
	column dataset.Column
	place  int
	values slice.Codes
	codes  []uint32 // of the rows of the batch
	known  []uint32 // by the source's code, that of values plus one; 0: no row had it yet
}

// find is the column where it is encoded; nil where it is not.
func (e *encoded) find(column dataset.Column) *encodedColumn {
	for _, c := range e.columns {
		if c.column == column {
			return c
		}
	}
	return nil
}

// add asks for a column to be encoded: whole numbers as they are, all else as text.
func (e *encoded) add(field predict.Field, column dataset.Column) *encodedColumn {
	if c := e.find(column); c != nil {
		return c
	}
	form := dataset.AsCode
	if column.Kind == dataset.Integer {
		form = dataset.AsInt
	}
	c := &encodedColumn{column: column, place: field(dataset.Field{Column: column.Name, Form: form})}
	e.columns = append(e.columns, c)
	return c
}

// read encodes the rows of a batch.
func (e *encoded) read(from *dataset.Batch) {
	for _, c := range e.columns {
		if cap(c.codes) < from.Rows {
			c.codes = make([]uint32, from.Rows)
		}
		c.codes = c.codes[:from.Rows]
		v := &from.Vectors[c.place]
		if c.column.Kind == dataset.Integer {
			c.values.Ints(c.codes, v.Ints[:from.Rows], v.Valid)
		} else {
			c.recode(v)
		}
	}
}

// recode numbers the values of the rows alone: the source may know others.
func (c *encodedColumn) recode(v *dataset.Vector) {
	for i, code := range v.Codes[:len(c.codes)] {
		if int(code) >= len(c.known) {
			c.known = append(c.known, make([]uint32, int(code)+1-len(c.known))...)
		}
		if c.known[code] == 0 {
			text, null := v.Dictionary.Value(code)
			c.known[code] = c.values.Add(slice.Value{Text: text, Null: null}) + 1
		}
		c.codes[i] = c.known[code] - 1
	}
}
