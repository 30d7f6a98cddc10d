package duckdb

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/noworse/noworse/dataset"
)

// write puts a file into the test's directory and returns its path.
func write(t testing.TB, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// MakeTable is makeTable for tests outside of the package.
var MakeTable = makeTable

// makeTable writes the rows of an SQL query to a file. options are DuckDB's for
// COPY: "FORMAT parquet".
func makeTable(t testing.TB, path, sql, options string) string {
	t.Helper()
	c, err := openConn(map[string]string{"threads": "2"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	if err := c.exec(t.Context(), fmt.Sprintf("COPY (%s) TO %s (%s)", sql, text(path), options)); err != nil {
		t.Fatal(err)
	}
	return path
}

// opened is the source of a layout, closed at the end of the test.
func opened(t testing.TB, l dataset.Layout) dataset.Source {
	t.Helper()
	s, err := Open(t.Context(), l, Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// table is the layout of one file.
func table(path string) dataset.Layout {
	return dataset.Layout{Eval: dataset.Table{At: "data.eval.path", AtID: "data.eval.id", Path: path}}
}

// lines gathers the rows of a scan as text, null as ∅.
type lines struct {
	mu   *sync.Mutex
	rows *[]string
}

func (l lines) Consume(b *dataset.Batch) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range b.Rows {
		var fields []string
		for j := range b.Vectors {
			v := &b.Vectors[j]
			switch {
			case v.Null(i):
				fields = append(fields, "∅")
			case v.Texts != nil:
				fields = append(fields, strings.Clone(v.Texts[i]))
			case v.Ints != nil:
				fields = append(fields, fmt.Sprint(v.Ints[i]))
			case v.Floats != nil:
				fields = append(fields, fmt.Sprint(v.Floats[i]))
			default:
				fields = append(fields, fmt.Sprint(v.Bools[i] != 0))
			}
		}
		*l.rows = append(*l.rows, strings.Join(fields, "|"))
	}
	return nil
}

// scanned is the rows of a scan as text, sorted.
func scanned(ctx context.Context, s dataset.Source, r dataset.Request) ([]string, error) {
	var mu sync.Mutex
	var rows []string
	err := s.Scan(ctx, r, func() dataset.Sink { return lines{&mu, &rows} })
	slices.Sort(rows)
	return rows, err
}

// contents shows a file as noworse reads it: the columns with their kinds, then
// the rows in the order of their text.
func contents(t testing.TB, path string) string {
	t.Helper()
	s := opened(t, table(path))
	var names []string
	var r dataset.Request
	for _, c := range s.Columns() {
		names = append(names, c.Name+":"+c.Kind.String())
		r.Fields = append(r.Fields, dataset.Field{Column: c.Name, Form: dataset.AsText})
	}
	rows, err := scanned(t.Context(), s, r)
	if err != nil {
		t.Fatal(err)
	}
	if uint64(len(rows)) != s.Rows() {
		t.Errorf("%d rows scanned, %d counted", len(rows), s.Rows())
	}
	return strings.Join(append([]string{strings.Join(names, "|")}, rows...), "\n")
}
