package guess_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/dataset/duckdb"
	"github.com/noworse/noworse/guess"
)

func look(t *testing.T, text string, threads int) guess.Table {
	t.Helper()
	path := filepath.Join(t.TempDir(), "eval.csv")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := duckdb.Open(t.Context(), dataset.Layout{Eval: dataset.Table{Path: path}}, duckdb.Options{Threads: threads})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	table, err := guess.Look(t.Context(), s, "eval.csv")
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// TestLook holds what is seen of columns to what was written into them, over
// more rows than one thread reads at a time.
func TestLook(t *testing.T) {
	const n = 30_000
	var b strings.Builder
	b.WriteString("id,few,text,share,gap,nan\n")
	for i := range n {
		gap := ""
		if i%3 > 0 {
			gap = fmt.Sprint(i % 7)
		}
		nan := "1"
		if i == n-1 {
			nan = "nan"
		}
		fmt.Fprintf(&b, "%d,%d,%s,%g,%s,%s\n", i, -(i % 2), []string{" a long text that is no short one", "b", "a"}[i%3], float64(i%2000)/2000, gap, nan)
	}
	one := look(t, b.String(), 1)
	if two := look(t, b.String(), 2); !reflect.DeepEqual(one, two) {
		t.Error("two threads see something else than one")
	}
	columns := map[string]guess.Column{}
	for _, c := range one.Columns {
		columns[c.Name] = c
	}
	if c := columns["id"]; !c.Many || c.Distinct != n || c.Min != 0 || c.Max != n-1 || !c.Whole || len(c.Values) != 0 {
		t.Errorf("id: %+v", c)
	}
	want := []dataset.Value{{Text: "-1", Rows: n / 2}, {Text: "0", Rows: n / 2}}
	if c := columns["few"]; c.Many || c.Distinct != 2 || !reflect.DeepEqual(c.Values, want) {
		t.Errorf("few: %+v", c)
	}
	want = []dataset.Value{{Text: " a long text that is no short one", Rows: n / 3}, {Text: "a", Rows: n / 3}, {Text: "b", Rows: n / 3}}
	if c := columns["text"]; !reflect.DeepEqual(c.Values, want) {
		t.Errorf("text: %+v", c)
	}
	if c := columns["share"]; !c.Many || c.Whole || c.Min != 0 || math.Abs(c.Max-1999.0/2000) > 0 {
		t.Errorf("share: %+v", c)
	}
	if c := columns["gap"]; c.Nulls != n/3 || len(c.Values) != 7 {
		t.Errorf("gap: %+v", c)
	}
	if c := columns["nan"]; !c.Odd || c.Whole {
		t.Errorf("nan: %+v", c)
	}
}
