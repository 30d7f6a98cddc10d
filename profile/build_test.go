package profile_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/dataset/duckdb"
	"github.com/noworse/noworse/profile"
)

func open(t *testing.T, path string, threads int) dataset.Source {
	t.Helper()
	s, err := duckdb.Open(context.Background(), dataset.Layout{Eval: dataset.Table{At: "data", Path: path}}, duckdb.Options{Threads: threads, Memory: 1 << 30})
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

func build(t *testing.T, s dataset.Source, o profile.Options) *profile.Profile {
	t.Helper()
	p, err := profile.Build(context.Background(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// many is a table of more rows than are sampled, with a text that every row has alone.
func many(t *testing.T) string {
	var text strings.Builder
	text.WriteString("id,x,tier,when,flag\n")
	for i := range 150_000 {
		x := fmt.Sprint(math.Sin(float64(i)) * 10)
		if i%1000 == 3 {
			x = ""
		}
		fmt.Fprintf(&text, "u%d,%s,%s,2024-01-02 03:%02d:%02d,%t\n", i, x, []string{"free", "pro", "basic"}[i%7%3], i/60%60, i%60, i%5 == 0)
	}
	return write(t, "many.csv", text.String())
}

// asParquet copies a table.
func asParquet(t *testing.T, s dataset.Source) string {
	t.Helper()
	var columns []dataset.ExportColumn
	for _, c := range s.Columns() {
		columns = append(columns, dataset.ExportColumn{Name: c.Name, Column: c.Name})
	}
	what := dataset.Export{Request: dataset.Request{Fields: []dataset.Field{{Column: "x", Form: dataset.AsFloat}}}, Format: "parquet", Columns: columns}
	path, err := s.Export(context.Background(), what, func() dataset.Sink { return nothing{} })
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, "many.parquet", string(data))
}

type nothing struct{}

func (nothing) Consume(*dataset.Batch) error { return nil }

func TestThreadsDoNotMatter(t *testing.T) {
	csv := many(t)
	for _, path := range []string{csv, asParquet(t, open(t, csv, 1))} {
		one, two := open(t, path, 1), open(t, path, 2)
		reference := build(t, one, profile.Options{})
		a, err := reference.Encode()
		if err != nil {
			t.Fatal(err)
		}
		b, err := build(t, two, profile.Options{}).Encode()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a, b) {
			t.Errorf("%s: two threads give another profile", path)
		}
		c, err := build(t, two, profile.Options{Like: reference}).Encode()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a, c) {
			t.Errorf("%s: counted on its own grid it is another profile", path)
		}
		id, tier, x, when := reference.Find("id").Texts, reference.Find("tier").Texts, reference.Find("x"), reference.Find("when")
		if id.Known != 0 || id.Rest != 150_000 {
			t.Errorf("ids: %d known, %d others", id.Known, id.Rest)
		}
		if want := []profile.Category{{Text: "free", Rows: 64286}, {Text: "basic", Rows: 42857}, {Text: "pro", Rows: 42857}}; !slices.Equal(tier.Categories, want) {
			t.Errorf("tiers %v, want %v", tier.Categories, want)
		}
		if x.Nulls != 150 || x.Numbers.Finite() != 149_850 {
			t.Errorf("x: %d nulls, %d numbers", x.Nulls, x.Numbers.Finite())
		}
		if when.Kind != profile.Time || when.Numbers.Min != 1704164400000000 { // date -ud "2024-01-02 03:00" +%s000000
			t.Errorf("when: %s from %v", when.Kind, when.Numbers.Min)
		}
		if len(x.Numbers.Values) != 149_850 {
			t.Errorf("%d numbers are held", len(x.Numbers.Values))
		}
	}
}

func TestNumbersAreHeldWithinBounds(t *testing.T) {
	s := open(t, many(t), 2)
	p := build(t, s, profile.Options{Hold: 1000})
	if p.Find("x").Numbers.Values != nil {
		t.Error("more numbers are held than may be")
	}
}

func TestColumnsOfEveryKind(t *testing.T) {
	path := write(t, "rows.jsonl", `{"a": 1, "b": "x", "c": [1, 2], "d": null, "e": true, "f": 99999999999999999999}
{"a": 2.5, "b": " x", "c": null, "d": null, "e": false, "f": 1}
{"a": null, "b": "", "c": [], "d": null, "e": null, "f": 2}
`)
	p := build(t, open(t, path, 2), profile.Options{})
	var got []string
	for _, c := range p.Columns {
		got = append(got, fmt.Sprint(c.Name, " ", c.Kind, " ", c.Nulls))
	}
	if want := []string{"a number 1", "b text 0", "c nested 1", "d nested 3", "e boolean 1", "f number 0"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	b := p.Find("b").Texts
	if b.Empty != 1 || b.Padded != 1 || b.Lengths != (profile.Lengths{Least: 0, Most: 2, Sum: 3, Rows: 3}) {
		t.Errorf("b: %+v", *b)
	}
}

func TestColumnsThatAreAskedFor(t *testing.T) {
	s := open(t, write(t, "rows.csv", "a,b\n1,x\n2,y\n"), 1)
	p := build(t, s, profile.Options{Columns: []string{"b"}})
	if len(p.Columns) != 1 || p.Columns[0].Name != "b" {
		t.Errorf("%d columns", len(p.Columns))
	}
	_, err := profile.Build(context.Background(), s, profile.Options{Columns: []string{"c"}})
	if column, ok := errors.AsType[*profile.ColumnError](err); !ok || column.Name != "c" {
		t.Errorf("%v", err)
	}
}

// New texts, new columns and columns of another kind are counted too.
func TestCurrentIsCountedAsTheReference(t *testing.T) {
	reference := build(t, open(t, write(t, "r.csv", "a,b,c\n1,x,1\n2,y,2\n3,y,3\n"), 1), profile.Options{})
	current := build(t, open(t, write(t, "c.csv", "a,b,c,d\n1,z,one,4\n9,y,two,5\n"), 1), profile.Options{Like: reference})
	for name, want := range map[string]float64{"a": 3, "b": 2} {
		if n, exact := reference.Find(name).Different(); n != want || !exact {
			t.Errorf("%s has %v different values, %t", name, n, exact)
		}
	}
	a, b, c, d := current.Find("a").Numbers, current.Find("b").Texts, current.Find("c"), current.Find("d").Numbers
	if !slices.Equal(a.Edges, reference.Find("a").Numbers.Edges) || a.Finite() != 2 || a.Max != 9 {
		t.Errorf("a: %+v", *a)
	}
	if want := []profile.Category{{Text: "y", Rows: 1}, {Text: "x", Rows: 0}, {Text: "z", Rows: 1}}; !slices.Equal(b.Categories, want) || b.Known != 2 {
		t.Errorf("b: %+v", *b)
	}
	if c.Kind != profile.Text || c.Texts.Known != 2 || d.Finite() != 2 {
		t.Errorf("c: %+v, d: %+v", *c, *d)
	}
}
