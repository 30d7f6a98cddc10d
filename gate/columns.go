package gate

import (
	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/slice"
)

// encoded is the columns whose values are numbered as they appear. Each is
// encoded once a batch, however many slices and hashes look at it.
type encoded struct {
	columns []*encodedColumn
	byPlace map[int]*encodedColumn
}

type encodedColumn struct {
	place  int
	ints   bool
	values slice.Codes
	codes  []uint32 // of the rows of the batch
}

// column asks for the column at a place of the scan to be encoded.
func (e *encoded) column(place int, form dataset.Form) *encodedColumn {
	if c := e.byPlace[place]; c != nil {
		return c
	}
	c := &encodedColumn{place: place, ints: form == dataset.AsInt}
	if e.byPlace == nil {
		e.byPlace = map[int]*encodedColumn{}
	}
	e.byPlace[place] = c
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
		if c.ints {
			c.values.Ints(c.codes, v.Ints[:from.Rows], v.Valid)
		} else {
			c.values.Texts(c.codes, v.Texts[:from.Rows], v.Valid)
		}
	}
}
