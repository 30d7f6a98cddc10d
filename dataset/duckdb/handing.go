package duckdb

import (
	"slices"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/slice"
)

// handing is how the fields of a request come out of a statement: as they are,
// or as masks that are made here of what the statement hands over.
type handing struct {
	fields []dataset.Field // of the statement
	places []int           // of each field of the request, among those; -1: a mask
	masks  []maskOf
}

// maskOf is a mask and what it is made of.
type maskOf struct {
	field     int // of the request
	condition *slice.Condition
	columns   []int // places among the statement's fields
}

// handing plans a request. A predicate that is a condition costs less here than
// in the database, of columns that are mostly handed over anyway.
func (s *source) handing(request []dataset.Field) *handing {
	h := new(handing)
	for i, f := range request {
		if f.Form != dataset.AsMask {
			h.places = append(h.places, len(h.fields))
			h.fields = append(h.fields, f)
			continue
		}
		h.places = append(h.places, -1)
		h.masks = append(h.masks, maskOf{field: i, condition: s.conditions[f.Predicate.SQL]})
	}
	for i := range h.masks {
		m := &h.masks[i]
		if m.condition == nil {
			m.condition = slice.IsTrue
			m.columns = []int{h.place(dataset.Field{Predicate: request[m.field].Predicate, Form: dataset.AsBool})}
			continue
		}
		for j, c := range m.condition.Columns {
			m.columns = append(m.columns, h.place(dataset.Field{Column: c.Name, Form: m.condition.Form(j)}))
		}
	}
	return h
}

// place is where the statement hands a field over.
func (h *handing) place(f dataset.Field) int {
	if i := slices.Index(h.fields, f); i >= 0 {
		return i
	}
	h.fields = append(h.fields, f)
	return len(h.fields) - 1
}

// dictionaries are new ones, for the fields that have codes.
func (h *handing) dictionaries() []*dictionary {
	list := make([]*dictionary, len(h.fields))
	for i, f := range h.fields {
		if f.Form == dataset.AsCode {
			list[i] = newDictionary()
			list[i].most = f.Most
		}
	}
	return list
}

// asked is the field of the request that a field of the statement is.
func (h *handing) asked(field int) int { return slices.Index(h.places, field) }

// give makes the request's vectors of the statement's.
func (h *handing) give(to, from []dataset.Vector, rows int) {
	for i, place := range h.places {
		if place >= 0 {
			to[i] = from[place]
		}
	}
	var columns []*dataset.Vector
	for _, m := range h.masks {
		columns = columns[:0]
		for _, place := range m.columns {
			columns = append(columns, &from[place])
		}
		to[m.field].Mask = m.condition.Mask(to[m.field].Mask, rows, columns)
	}
}
