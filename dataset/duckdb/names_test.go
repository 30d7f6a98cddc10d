package duckdb

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/noworse/noworse/dataset"
)

// TestNamesOfOurOwn reads columns that are called as the parts of the scan's
// statement are.
func TestNamesOfOurOwn(t *testing.T) {
	dir := t.TempDir()
	const names = "id,k,f0,f1,f2,e,p0,j0,t,v,n,p\n"
	l := table(write(t, dir, "eval.csv", names+"1,2,3,4,5,6,7,8,9,10,11,12\n2,2,3,4,5,6,7,8,9,10,11,12\n"))
	l.Eval.ID = "id"
	l.Joined = []dataset.Table{{ID: "k", Path: write(t, dir, "joined.csv", "k,j1,c0\n2,13,14\n")}}
	l.Attached = []dataset.Table{{ID: "id", Path: write(t, dir, "attached.csv", names+"2,-2,-3,-4,-5,-6,-7,-8,-9,-10,-11,-12\n1,-2,-3,-4,-5,-6,-7,-8,-9,-10,-11,-12\n")}}
	s := opened(t, l)
	p, err := s.Predicate(t.Context(), "k = 2 AND f0 = 3 AND e = 6 AND p0 = 7 AND j0 = 8 AND j1 = 13")
	if err != nil {
		t.Fatal(err)
	}
	request := dataset.Request{Fields: []dataset.Field{{Predicate: &p, Form: dataset.AsBool}}, NotNull: "f1"}
	for _, c := range s.Columns() {
		request.Fields = append(request.Fields, dataset.Field{Column: c.Name, Form: dataset.AsInt})
	}
	for _, c := range s.Attached(0) {
		request.Fields = append(request.Fields, dataset.Field{From: dataset.FromAttached(0), Column: c.Name, Form: dataset.AsInt})
	}
	got, err := scanned(t.Context(), s, request)
	const rest = "|2|3|4|5|6|7|8|9|10|11|12|13|14|"
	const other = "|-2|-3|-4|-5|-6|-7|-8|-9|-10|-11|-12"
	if want := []string{"true|1" + rest + "1" + other, "true|2" + rest + "2" + other}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
	values, err := s.Values(t.Context(), "v", 5)
	if want := []dataset.Value{{Text: "10", Rows: 2}}; err != nil || !slices.Equal(values, want) {
		t.Errorf("values: %v, %v", values, err)
	}
	if n, err := s.Nulls(t.Context(), "n"); err != nil || n != 0 {
		t.Errorf("nulls: %d, %v", n, err)
	}
}

// TestDirectoryNames takes no columns from the names of directories: a file
// holds the same wherever it stands.
func TestDirectoryNames(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"year=2024/month=1/a.csv", "year=2024/month=2/a.csv"} {
		write(t, dir, name, "id\n1\n")
	}
	write(t, dir, "year=2024/a.jsonl", `{"id":1}`)
	makeTable(t, filepath.Join(dir, "year=2024", "a.parquet"), "SELECT 1 AS id", "FORMAT parquet")
	for path, want := range map[string]string{
		"year=2024/month=1/a.csv": "id:integer\n1", "**/*.csv": "id:integer\n1\n1",
		"year=2024/a.jsonl": "id:integer\n1", "year=2024/a.parquet": "id:integer\n1",
	} {
		if got := contents(t, filepath.Join(dir, path)); got != want {
			t.Errorf("%s is read as\n%s\nwant\n%s", path, got, want)
		}
	}
}

// TestTwins: a Parquet file whose column y_1 is called so in the file has no
// twins, though DuckDB would call a second y the same.
func TestTwins(t *testing.T) {
	dir := t.TempDir()
	makeTable(t, filepath.Join(dir, "honest.parquet"), "SELECT 1 AS y, 2 AS y_1", "FORMAT parquet")
	for path, want := range map[string]string{
		write(t, dir, "twins.csv", "Y;y;p\n1;0;2\n"):    "y_1",
		write(t, dir, "honest.csv", "y,y_1,p\n1,0,2\n"): "",
		filepath.Join(dir, "honest.parquet"):            "",
	} {
		if got := opened(t, table(path)).Columns()[0].Twin; got != want {
			t.Errorf("%s: the first column's twin is %q, want %q", filepath.Base(path), got, want)
		}
	}
}
