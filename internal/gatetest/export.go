package gatetest

import (
	"encoding/csv"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/noworse/noworse/dataset"
)

// exported runs an export to CSV and reads the file.
func exported(t *testing.T, source dataset.Source, what dataset.Export, sink func() dataset.Sink) [][]string {
	t.Helper()
	what.Format = "csv"
	path, err := source.Export(t.Context(), what, sink)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func sameRecords(t *testing.T, got, want [][]string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d records, want %d", len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if strings.Join(got[i], "|") != strings.Join(want[i], "|") {
			t.Errorf("record %d is %q, want %q", i, got[i], want[i])
			return
		}
	}
}

func text(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// export writes every row: columns of the evaluation set, of a joined and of an
// attached table, and places of rows, in order of one of them.
func (s sourceTest) export(t *testing.T) {
	source := s.opened(t, people(scanned))
	what := dataset.Export{
		Request: dataset.Request{Fields: everything.Fields[:1]},
		Columns: []dataset.ExportColumn{
			{Name: "tier", Column: "tier"}, {Name: "rank", Column: "rank"}, {Name: "x y", Column: "a b"},
			{Name: "place", Position: true}, {Name: "score", From: dataset.FromAttached(0), Column: "score"},
		},
		OrderBy: 3,
	}
	want := [][]string{{"tier", "rank", "x y", "place", "score"}}
	for i := range int64(scanned) {
		want = append(want, []string{text(tierOf(i)), text(rankOf(i)), text(floatOf(i)), text(i), text(scoreOf(i))})
	}
	none := func() dataset.Sink { return sinkFunc(func(*dataset.Batch) error { return nil }) }
	sameRecords(t, exported(t, source, what, none), want)
}

// exportNotNull leaves rows out: those are not shown to the sink either, with
// other tables or without.
func (s sourceTest) exportNotNull(t *testing.T) {
	alone := people(scanned)
	alone.Joined, alone.Attached = nil, nil
	for _, tables := range []Tables{people(scanned), alone} {
		source := s.opened(t, tables)
		what := dataset.Export{
			Request: dataset.Request{Fields: []dataset.Field{{Column: "id", Form: dataset.AsInt}, {Form: dataset.Position}}, NotNull: "a b"},
			Columns: []dataset.ExportColumn{{Name: "place", Position: true}, {Name: "x", Column: "a b"}},
		}
		want := [][]string{{"place", "x"}}
		for i := range int64(scanned) {
			if x := floatOf(i); x != nil {
				want = append(want, []string{text(i), text(x)})
			}
		}
		var seen atomic.Int64
		count := func() dataset.Sink {
			return sinkFunc(func(b *dataset.Batch) error { seen.Add(int64(b.Rows)); return nil })
		}
		sameRecords(t, exported(t, source, what, count), want)
		if got := seen.Load(); got != int64(len(want)-1) {
			t.Errorf("the sink sees %d rows of %d", got, len(want)-1)
		}
	}
}

// exportMarked writes the rows that a sink gives texts for, and what they are.
func (s sourceTest) exportMarked(t *testing.T) {
	source := s.opened(t, people(scanned))
	what := dataset.Export{
		Request: dataset.Request{Fields: []dataset.Field{{Column: "id", Form: dataset.AsInt}}},
		Columns: []dataset.ExportColumn{
			{Name: "note", Mark: 1}, {Name: "id", Column: "id"}, {Name: "half", Mark: 2, Number: true}, {Name: "tier", Column: "tier"},
		},
		OrderBy: 1,
	}
	marks := func(id int64) []string {
		half := ""
		if id%2 == 1 {
			half = strconv.FormatFloat(float64(id)/2, 'g', -1, 64)
		}
		return []string{fmt.Sprintf("é \"%d\",\n日本 \\ <&> 'x'", id), half}
	}
	consume := func(b *dataset.Batch) error {
		for i, id := range b.Vectors[0].Ints[:b.Rows] {
			if id%3 == 0 {
				b.Marks[i] = marks(id)
			}
		}
		return nil
	}
	want := [][]string{{"note", "id", "half", "tier"}}
	for i := int64(0); i < scanned; i += 3 {
		m := marks(i)
		want = append(want, []string{m[0], text(i), m[1], text(tierOf(i))})
	}
	sink := func() dataset.Sink { return sinkFunc(consume) }
	sameRecords(t, exported(t, source, what, sink), want)
	none := func() dataset.Sink { return sinkFunc(func(*dataset.Batch) error { return nil }) }
	sameRecords(t, exported(t, source, what, none), want[:1])
	if got := len(rowsOf(t, source, everything)); got != scanned {
		t.Errorf("the scan after it gives %d rows, want %d", got, scanned)
	}
}
