package duckdb_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/dataset/duckdb"
	"github.com/noworse/noworse/internal/gatetest"
)

// TestConformance holds DuckDB to the port, over each format.
func TestConformance(t *testing.T) {
	for name, write := range map[string]func(*testing.T, string, gatetest.Rows) string{
		"csv": writeCSV, "jsonl": writeJSON, "parquet": writeParquet,
	} {
		t.Run(name, func(t *testing.T) {
			gatetest.TestSource(t, func(t *testing.T, tables gatetest.Tables, threads int) dataset.Source {
				dir := filepath.Join(dirOf(t), fmt.Sprint(threads))
				table := func(name string, rows gatetest.Rows) dataset.Table {
					return dataset.Table{
						At: name + ".path", AtID: name + ".id", ID: rows.ID, Path: write(t, filepath.Join(dir, name), rows),
						Former: rows.Former, Position: rows.Position,
					}
				}
				if err := os.MkdirAll(dir, 0o755); err != nil {
					t.Fatal(err)
				}
				l := dataset.Layout{Eval: table("eval", tables.Eval)}
				for i, r := range tables.Joined {
					l.Joined = append(l.Joined, table(fmt.Sprintf("joined%d", i), r))
				}
				for i, r := range tables.Attached {
					l.Attached = append(l.Attached, table(fmt.Sprintf("attached%d", i), r))
				}
				s, err := duckdb.Open(t.Context(), l, duckdb.Options{Threads: threads})
				if err != nil {
					t.Fatal(err)
				}
				return s
			})
		})
	}
}

// dirOf is a directory for files outside of TMPDIR, which a test may look into.
func dirOf(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(".", ".conformance-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func writeFile(t *testing.T, path string, content []byte) string {
	t.Helper()
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func writeCSV(t *testing.T, path string, rows gatetest.Rows) string {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	var header []string
	for _, c := range rows.Columns {
		header = append(header, c.Name)
	}
	w.Write(header)
	for _, row := range rows.Values {
		fields := make([]string, len(row))
		for i, v := range row {
			if v != nil {
				fields[i] = fmt.Sprint(v)
			}
		}
		w.Write(fields)
	}
	w.Flush()
	return writeFile(t, path+".csv", b.Bytes())
}

func writeJSON(t *testing.T, path string, rows gatetest.Rows) string {
	var b bytes.Buffer
	for _, row := range rows.Values {
		b.WriteByte('{')
		for i, v := range row {
			value, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, "%q: %s", rows.Columns[i].Name, value)
		}
		b.WriteString("}\n")
	}
	return writeFile(t, path+".jsonl", b.Bytes())
}

// writeParquet goes by way of JSON, with the types that the suite names. Small
// row groups make several threads of a scan.
func writeParquet(t *testing.T, path string, rows gatetest.Rows) string {
	types := map[dataset.Kind]string{dataset.Integer: "BIGINT", dataset.Text: "VARCHAR", dataset.Float: "DOUBLE", dataset.Bool: "BOOLEAN"}
	var columns []string
	for _, c := range rows.Columns {
		columns = append(columns, fmt.Sprintf("'%s': '%s'", c.Name, types[c.Kind]))
	}
	duckdb.MakeTable(t, path+".parquet", fmt.Sprintf("FROM read_json('%s', columns={%s})", writeJSON(t, path, rows), strings.Join(columns, ", ")), "FORMAT parquet, ROW_GROUP_SIZE 2048")
	return path + ".parquet"
}
