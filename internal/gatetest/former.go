package gatetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/noworse/noworse/dataset"
)

// formerScore is what a table of an earlier evaluation set has for a row.
func formerScore(id int64) float64 { return float64(id%31*2+1) / 64 }

// earlier is a table of an earlier evaluation set: every third row of the one of
// now, backwards, and as many that are gone.
func earlier(n int, key string) Rows {
	r := Rows{ID: key, Former: true, Columns: []dataset.Column{{Name: key, Kind: dataset.Integer}, {Name: "score", Kind: dataset.Float}}}
	for id := int64(2*n) - 1; id >= 0; id-- {
		if id%3 == 0 {
			r.Values = append(r.Values, []any{id, formerScore(id)})
		}
	}
	return r
}

// former joins a table of an earlier evaluation set: where one of its fields is
// asked for there are the rows that both have, and else all.
func (s sourceTest) former(t *testing.T) {
	tables := people(scanned)
	tables.Attached = append(tables.Attached, earlier(scanned, "then"))
	source := s.opened(t, tables)
	sameRows(t, rowsOf(t, source, everything), wanted(scanned, func(int64) bool { return true }))
	shared := dataset.Request{Fields: append(slices.Clone(everything.Fields), dataset.Field{From: dataset.FromAttached(2), Column: "score", Form: dataset.AsFloat})}
	sameRows(t, rowsOf(t, source, shared), withFormer(func(id int64) bool { return id%3 == 0 }))
	shared.NotNull = "a b"
	sameRows(t, rowsOf(t, source, shared), withFormer(func(id int64) bool { return id%3 == 0 && floatOf(id) != nil }))
	audits, err := source.AuditIDs(t.Context())
	if err != nil || len(audits) != 4 {
		t.Errorf("%d audits, %v: rows that an earlier set had or had not are no fault", len(audits), err)
	}
	what := dataset.Export{
		Request: dataset.Request{Fields: shared.Fields[len(shared.Fields)-1:]},
		Columns: []dataset.ExportColumn{{Name: "id", Column: "id"}, {Name: "was", From: dataset.FromAttached(2), Column: "score"}},
	}
	want := [][]string{{"id", "was"}}
	for id := int64(0); id < scanned; id += 3 {
		want = append(want, []string{text(id), text(formerScore(id))})
	}
	sameRecords(t, exported(t, source, what, func() dataset.Sink { return sinkFunc(func(*dataset.Batch) error { return nil }) }), want)
}

// withFormer is wanted with the score of an earlier set behind.
func withFormer(keep func(id int64) bool) []string {
	rows := wanted(scanned, keep)
	for i, row := range rows {
		var id int64
		fmt.Sscan(strings.SplitN(row, "|", 2)[0], &id)
		rows[i] = fmt.Sprint(row, "|", formerScore(id))
	}
	slices.Sort(rows)
	return rows
}

// position numbers rows in the order of the files and pairs them by that. In
// people, the id of a row is its position.
func (s sourceTest) position(t *testing.T) {
	tables := people(scanned)
	was := earlier(scanned, "place")
	was.Position = true
	tables.Eval.ID, tables.Attached = "", []Rows{was}
	source := s.opened(t, tables)
	fields := []dataset.Field{{Column: "id", Form: dataset.AsInt}, {Column: "tier", Form: dataset.AsText}, {Column: "rank", Form: dataset.AsInt}, {Form: dataset.Position}}
	row := func(id int64) string {
		line := fmt.Sprint(id)
		for _, v := range []any{tierOf(id), rankOf(id), id} {
			if v == nil {
				v = "null"
			}
			line += "|" + fmt.Sprint(v)
		}
		return line
	}
	var all, shared []string
	for id := range int64(scanned) {
		all = append(all, row(id))
		if id%3 == 0 {
			shared = append(shared, fmt.Sprint(row(id), "|", formerScore(id)))
		}
	}
	slices.Sort(all)
	slices.Sort(shared)
	sameRows(t, rowsOf(t, source, dataset.Request{Fields: fields}), all)
	fields = append(fields, dataset.Field{From: dataset.FromAttached(0), Column: "score", Form: dataset.AsFloat})
	sameRows(t, rowsOf(t, source, dataset.Request{Fields: fields}), shared)
}
