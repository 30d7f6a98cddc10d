package python

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/noworse/noworse/internal/gatetest/oracle"
	"github.com/noworse/noworse/model"
)

// write has a function of testdata/sources.py write its rows.
func write(t *testing.T, function string, timeout time.Duration) (path string, err error) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "rows.parquet")
	r := Rows{Call: "sources:" + function, Dir: testdata(t), To: path, Interpreter: oracle.Python(t), Timeout: timeout}
	return path, r.Write(t.Context())
}

// sameRows says whether a file has the rows of sources.table, by pyarrow, in groups that
// can be read in parallel.
const sameRows = `
import sys
import pyarrow.parquet as pq
import sources
got, want = pq.read_table(sys.argv[1]), sources.table()
assert pq.ParquetFile(sys.argv[1]).num_row_groups > 1 or sys.argv[2] == "polars", "one group"
got = got.select(want.column_names).cast(want.schema)
assert got.num_rows == want.num_rows, got.num_rows
if sys.argv[2] == "delta":
    got = got.sort_by("id")
assert got.equals(want), "other rows"
`

// TestRows: rows of every form are written as they are, in their order.
func TestRows(t *testing.T) {
	for _, function := range []string{"frame", "indexed", "indexed_twice", "filtered", "table", "batch", "reader", "many", "stream", "dataset", "polars", "lazy", "delta"} {
		t.Run(function, func(t *testing.T) {
			needs := map[string]string{"polars": "polars", "lazy": "polars", "delta": "deltalake"}[function]
			if needs != "" && exec.Command(oracle.Python(t), "-c", "import "+needs).Run() != nil {
				if os.Getenv("CI") == "true" {
					t.Fatal("there is no " + needs + "; make test installs it")
				}
				t.Skip("there is no " + needs + "; make test installs it")
			}
			t.Setenv("DELTA", t.TempDir())
			path, err := write(t, function, 0)
			if err != nil {
				t.Fatal(err)
			}
			kind := function
			if needs == "polars" {
				kind = "polars" // chooses groups itself
			}
			check := exec.Command(oracle.Python(t), "-c", sameRows, path, kind)
			check.Dir = testdata(t)
			if out, err := check.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	noneLeft(t)
}

// TestNoRows: each way to give no rows is one clear error, and no process is left.
func TestNoRows(t *testing.T) {
	for _, c := range []struct{ function, want string }{
		{"no_parts", "the function gives no rows"},
		{"nothing", "the function returns nothing"},
		{"number", "the function returns a int"},
		{"twice", "the function gives two columns named 'x'"},
		{"twice_arrow", "the function gives two columns named 'a'"},
		{"no_columns", "the function gives rows without columns"},
		{"mixed", "a column of the data frame has no one type: Could not convert 'b'"},
		{"uneven", "the function gives parts with different columns or types"},
		{"raises", "ValueError: the warehouse is closed"},
		{"late", "ValueError: the connection was lost"},
		{"lacks", "the function needs the Python package nowhere_to_be_found"},
		{"exits", "the function's process ended with exit code 3"},
		{"leaves", "the function ended its process: SystemExit: no more"},
		{"killed", "the function's process was killed"},
		{"hangs", "the function did not return its rows within 3s"},
		{"hangs_late", "the function did not return its rows within 3s"},
		{"nope", "sources has no 'nope'"},
		{"ROWS", "sources:ROWS is no function"},
	} {
		t.Run(c.function, func(t *testing.T) {
			timeout := time.Minute
			if strings.HasPrefix(c.function, "hangs") {
				timeout = 3 * time.Second
			}
			_, err := write(t, c.function, timeout)
			if e, ok := errors.AsType[*model.Error](err); !ok || !strings.Contains(e.Message, c.want) || len(e.Message) > 700 {
				t.Errorf("got %T %v, want %q", err, err, c.want)
			}
		})
	}
	noneLeft(t)
}

// TestRowsNotWaitedFor: the process ends with what waits for it.
func TestRowsNotWaitedFor(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	r := Rows{Call: "sources:hangs", Dir: testdata(t), To: filepath.Join(t.TempDir(), "rows.parquet"), Interpreter: oracle.Python(t)}
	if err := r.Write(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	noneLeft(t)
}
