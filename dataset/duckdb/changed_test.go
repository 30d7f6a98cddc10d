package duckdb_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/dataset/duckdb"
)

// TestAFileThatChangesIsRefused: a file is read more than once, so after the
// first look it must stay as it is, even if another version has as many rows.
func TestAFileThatChangesIsRefused(t *testing.T) {
	request := dataset.Request{Fields: []dataset.Field{{Column: "y", Form: dataset.AsInt}}}
	for name, change := range map[string]func(path string) error{
		"not at all":         func(string) error { return nil },
		"written over":       func(path string) error { return os.WriteFile(path, []byte("id,y\n1,10\n2,0\n"), 0o644) },
		"another is renamed": func(path string) error { return os.Rename(filepath.Join(filepath.Dir(path), "other.csv"), path) },
		"removed":            os.Remove,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "eval.csv")
			for _, file := range []string{"eval.csv", "other.csv"} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte("id,y\n1,1\n2,0\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			source, err := duckdb.Open(t.Context(), dataset.Layout{Eval: dataset.Table{Path: path}}, duckdb.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer source.Close()
			if err := change(path); err != nil {
				t.Fatal(err)
			}
			scan := source.Scan(t.Context(), request, func() dataset.Sink { return nothing{} })
			_, export := source.Export(t.Context(), dataset.Export{Request: request, Format: "csv", Columns: []dataset.ExportColumn{{Name: "y", Column: "y"}}},
				func() dataset.Sink { return nothing{} })
			for what, err := range map[string]error{"scan": scan, "export": export} {
				if name == "not at all" {
					if err != nil {
						t.Errorf("%s: %v", what, err)
					}
					continue
				}
				if err == nil || !strings.Contains(err.Error(), path+": the file changed while it was read") {
					t.Errorf("%s: %v", what, err)
				}
			}
		})
	}
}
