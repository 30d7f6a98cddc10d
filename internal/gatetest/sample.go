package gatetest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/noworse/noworse/dataset"
)

// sample draws the same rows in each scan, and marks those that it gives alone.
func (s sourceTest) sample(t *testing.T) {
	source := s.opened(t, people(scanned))
	fields := []dataset.Field{{Column: "id", Form: dataset.AsInt}, {Column: "rank", Form: dataset.AsInt}}
	alone := dataset.Request{Fields: fields, Sample: scanned / 10, SampleOnly: true}
	rows := rowsOf(t, source, alone)
	if n := len(rows); n < scanned/20 || n > scanned/5 {
		t.Errorf("a sample of %d rows has %d", scanned/10, n)
	}
	sameRows(t, rowsOf(t, source, alone), rows)

	marked := dataset.Request{Fields: append(slices.Clone(fields), dataset.Field{Form: dataset.Sampled}), Sample: scanned / 10}
	var again []string
	all := rowsOf(t, source, marked)
	for _, row := range all {
		if before, is := strings.CutSuffix(row, "|true"); is {
			again = append(again, before)
		}
	}
	if len(all) != scanned {
		t.Errorf("%d rows of %d", len(all), scanned)
	}
	sameRows(t, again, rows)

	alone.Sample = scanned
	sameRows(t, rowsOf(t, source, alone), rowsOf(t, source, dataset.Request{Fields: fields}))
}

// most refuses a field with more texts than it may have, and no other.
func (s sourceTest) most(t *testing.T) {
	source := s.opened(t, people(scanned))
	few := dataset.Field{Column: "tier", Form: dataset.AsCode, Most: 10}
	many := dataset.Field{Column: "id", Form: dataset.AsCode, Most: 10}
	sink := func() dataset.Sink { return sinkFunc(func(*dataset.Batch) error { return nil }) }
	if err := source.Scan(t.Context(), dataset.Request{Fields: []dataset.Field{few}}, sink); err != nil {
		t.Error(err)
	}
	err := source.Scan(t.Context(), dataset.Request{Fields: []dataset.Field{few, many}}, sink)
	if tooMany, ok := errors.AsType[*dataset.ManyError](err); !ok || tooMany.Field != 1 {
		t.Errorf("%v", err)
	}
}
