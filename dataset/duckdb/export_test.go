package duckdb_test

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/dataset/duckdb"
)

type nothing struct{}

func (nothing) Consume(*dataset.Batch) error { return nil }

// rowsFile exports the rows of a baseline: id, truth and score, by id.
func rowsFile(t *testing.T, eval string, threads int) []byte {
	t.Helper()
	source, err := duckdb.Open(t.Context(), dataset.Layout{Eval: dataset.Table{Path: eval, ID: "id"}}, duckdb.Options{Threads: threads})
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	path, err := source.Export(t.Context(), dataset.Export{
		Request: dataset.Request{Fields: []dataset.Field{{Column: "id", Form: dataset.AsInt}}}, Format: "parquet",
		Columns: []dataset.ExportColumn{{Name: "id", Column: "id"}, {Name: "truth", Column: "y"}, {Name: "score", Column: "p"}},
	}, func() dataset.Sink { return nothing{} })
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// TestExportOfRows: the answers of a baseline take at most 15 bytes a row with
// whole numbers for ids and one score, here one with all the digits that a double
// has; and the file, whose name is its digest, is the same at any number of
// threads.
func TestExportOfRows(t *testing.T) {
	const rows = 500_000
	eval := filepath.Join(t.TempDir(), "eval.parquet")
	duckdb.MakeTable(t, eval, "SELECT (i * 7 + hash(i) % 7)::BIGINT AS id, (hash(i + 1) % 5 = 0)::INT AS y, hash(i + 2) / 18446744073709551616.0 AS p FROM range(500000) t(i) ORDER BY hash(i + 3)",
		"FORMAT parquet, ROW_GROUP_SIZE 20480")
	one := rowsFile(t, eval, 1)
	perRow := float64(len(one)) / rows
	t.Logf("%.1f bytes a row", perRow)
	if perRow > 15 {
		t.Errorf("%.1f bytes a row, want at most 15", perRow)
	}
	for range 3 {
		if sha256.Sum256(rowsFile(t, eval, 2)) != sha256.Sum256(one) {
			t.Fatal("two threads write another file than one")
		}
	}
}
