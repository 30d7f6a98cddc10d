package main

import (
	"context"
	"errors"
	"strconv"

	"github.com/noworse/noworse/dataset"
)

// set is an evaluation set in memory: a label, the answers of two models, and
// slices as masks. It is a dataset.Source, so that the gate reads it as it reads
// files; what the gate asks only of files it has not.
type set struct {
	dataset.Source // nil: none of the methods that are left out is asked for
	binary         bool
	label          []int64   // binary
	target         []float64 // regression
	old, new       []float64 // scores or predictions
	slices         [][]uint64
	alone          bool // there is no candidate yet
}

const (
	labelColumn = "y"
	oldColumn   = "old"
	newColumn   = "new"
)

// Columns implements dataset.Source.
func (s *set) Columns() []dataset.Column {
	label := dataset.Column{Name: labelColumn, Kind: dataset.Float}
	if s.binary {
		label.Kind = dataset.Integer
	}
	list := []dataset.Column{label, {Name: oldColumn, Kind: dataset.Float}}
	if !s.alone {
		list = append(list, dataset.Column{Name: newColumn, Kind: dataset.Float})
	}
	return list
}

// Rows implements dataset.Source.
func (s *set) Rows() uint64 { return uint64(len(s.old)) }

// Close implements dataset.Source.
func (s *set) Close() error { return nil }

// Predicate implements dataset.Source: a slice goes by its number.
func (s *set) Predicate(_ context.Context, text string) (dataset.Predicate, error) {
	if i, err := strconv.Atoi(text); err != nil || i < 0 || i >= len(s.slices) {
		return dataset.Predicate{}, errors.New("there is no slice " + text)
	}
	return dataset.Predicate{SQL: text}, nil
}

// Values implements dataset.Source.
func (s *set) Values(context.Context, string, int) ([]dataset.Value, error) { return s.values(), nil }

func (s *set) values() []dataset.Value {
	var rows [2]uint64
	for _, y := range s.label {
		rows[y]++
	}
	var values []dataset.Value
	for y, n := range rows {
		if n > 0 {
			values = append(values, dataset.Value{Text: strconv.Itoa(y), Rows: n})
		}
	}
	return values
}

// oneClass says whether all labels are alike.
func (s *set) oneClass() bool {
	return s.binary && len(s.values()) < 2
}

// batchRows is what the gate gets at a time from files too.
const batchRows = 2048

// Scan implements dataset.Source.
func (s *set) Scan(ctx context.Context, what dataset.Request, sink func() dataset.Sink) error {
	to := sink()
	b := dataset.Batch{Vectors: make([]dataset.Vector, len(what.Fields))}
	for from := 0; from < len(s.old); from += batchRows {
		end := min(from+batchRows, len(s.old))
		b.Rows = end - from
		for i, f := range what.Fields {
			if err := s.fill(&b.Vectors[i], f, from, end); err != nil {
				return err
			}
		}
		if err := to.Consume(&b); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// fill gives a field of the rows from one to another.
func (s *set) fill(v *dataset.Vector, f dataset.Field, from, end int) error {
	switch {
	case f.Predicate != nil && f.Form == dataset.AsMask:
		i, err := strconv.Atoi(f.Predicate.SQL)
		v.Mask = s.slices[i][from/64 : (end+63)/64]
		return err
	case f.Column == labelColumn && f.Form == dataset.AsInt:
		v.Ints = s.label[from:end]
	case f.Column == labelColumn && f.Form == dataset.AsFloat && !s.binary:
		v.Floats = s.target[from:end]
	case f.Column == oldColumn && f.Form == dataset.AsFloat:
		v.Floats = s.old[from:end]
	case f.Column == newColumn && f.Form == dataset.AsFloat:
		v.Floats = s.new[from:end]
	default:
		return errors.New("the gate asks for " + f.Column + " in a form that was not foreseen")
	}
	return nil
}
