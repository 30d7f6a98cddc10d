package model

import (
	"slices"

	"github.com/noworse/noworse/dataset"
)

// Frame is rows as a model is given them: columns of one length.
type Frame struct {
	Rows    int
	Columns []Column
}

// Column is one column of a frame, with its values in the slice of its kind.
type Column struct {
	Name string
	Kind dataset.Kind // Integer, Float, Text, Bool or Time
	// Nullable: the column has nulls, in this frame or in another of the same
	// rows. What a model makes of a column must not change from batch to batch.
	Nullable bool
	Valid    []uint64  // bit i is set where row i has a value; nil: all have one
	Ints     []int64   // Integer; Bool as 0 and 1; Time in microseconds since 1970, UTC
	Floats   []float64 // Float; a null is NaN
	Texts    []string  // Text
}

// Null says whether row i has no value.
func (c *Column) Null(i int) bool {
	return c.Valid != nil && c.Valid[i>>6]>>(i&63)&1 == 0
}

// SetNull takes the value of row i away.
func (c *Column) SetNull(i, rows int) {
	if c.Valid == nil {
		c.Valid = make([]uint64, (rows+63)/64)
		for j := range c.Valid {
			c.Valid[j] = ^uint64(0)
		}
	}
	c.Nullable = true
	c.Valid[i>>6] &^= 1 << (i & 63)
}

// Take is the frame of some rows of this one, in the order they are named. It
// shares no memory with it.
func (f *Frame) Take(rows []int) *Frame {
	out := &Frame{Rows: len(rows), Columns: make([]Column, len(f.Columns))}
	for i := range f.Columns {
		out.Columns[i] = f.Columns[i].take(rows)
	}
	return out
}

func (c *Column) take(rows []int) Column {
	out := Column{Name: c.Name, Kind: c.Kind, Nullable: c.Nullable}
	out.Ints, out.Floats, out.Texts = pick(c.Ints, rows), pick(c.Floats, rows), pick(c.Texts, rows)
	for i, row := range rows {
		if c.Null(row) {
			out.SetNull(i, len(rows))
		}
	}
	return out
}

func pick[T any](from []T, rows []int) []T {
	if from == nil {
		return nil
	}
	out := make([]T, len(rows))
	for i, row := range rows {
		out[i] = from[row]
	}
	return out
}

// Find is a column by its name, or nil.
func (f *Frame) Find(name string) *Column {
	i := slices.IndexFunc(f.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return &f.Columns[i]
}
