package gatetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/noworse/noworse/dataset"
)

// Rows are the contents of one table of a test. A value is nil for null, or an
// int64, float64, string or bool.
type Rows struct {
	ID       string
	Columns  []dataset.Column // their names and kinds
	Values   [][]any
	Former   bool // as in dataset.Table
	Position bool
}

// Tables are the contents of a layout.
type Tables struct {
	Eval     Rows
	Joined   []Rows
	Attached []Rows
}

// OpenSource stores tables as the adapter under test wants them, and opens them
// with so many threads. The test closes the source.
type OpenSource func(t *testing.T, tables Tables, threads int) dataset.Source

// TestSource holds an adapter to what the port dataset.Source promises.
func TestSource(t *testing.T, open OpenSource) {
	for _, threads := range []int{1, 2} {
		t.Run(fmt.Sprintf("threads=%d", threads), func(t *testing.T) {
			s := sourceTest{open: open, threads: threads}
			t.Run("columns", s.columns)
			t.Run("values", s.values)
			t.Run("nulls", s.nulls)
			t.Run("distinct", s.distinct)
			t.Run("scan", s.scan)
			t.Run("not null", s.notNull)
			t.Run("export", s.export)
			t.Run("export of rows not null", s.exportNotNull)
			t.Run("export of marked rows", s.exportMarked)
			t.Run("formulas", s.formulas)
			t.Run("predicates", s.predicates)
			t.Run("cancel", s.cancel)
			t.Run("sink fails", s.sinkFails)
			t.Run("sink panics", s.sinkPanics)
			t.Run("audit", s.audit)
			t.Run("former", s.former)
			t.Run("position", s.position)
			t.Run("sample", s.sample)
			t.Run("most", s.most)
			t.Run("close", s.close)
		})
	}
}

type sourceTest struct {
	open    OpenSource
	threads int
}

func (s sourceTest) opened(t *testing.T, tables Tables) dataset.Source {
	t.Helper()
	source := s.open(t, tables, s.threads)
	t.Cleanup(func() {
		if err := source.Close(); err != nil {
			t.Error(err)
		}
	})
	return source
}

// people is a table of n rows whose every value follows from the id, with
// nulls, a table joined by tier, and two models' answers in other orders, the
// second for even ids only.
func people(n int) Tables {
	eval := Rows{ID: "id", Columns: []dataset.Column{
		{Name: "id", Kind: dataset.Integer}, {Name: "tier", Kind: dataset.Text}, {Name: "a b", Kind: dataset.Float},
		{Name: "flag", Kind: dataset.Bool}, {Name: "big", Kind: dataset.Integer},
	}}
	first := Rows{ID: "key", Columns: []dataset.Column{{Name: "key", Kind: dataset.Integer}, {Name: "score", Kind: dataset.Float}}}
	second := Rows{ID: "id", Columns: []dataset.Column{{Name: "id", Kind: dataset.Integer}, {Name: "label", Kind: dataset.Text}}}
	for i := range int64(n) {
		eval.Values = append(eval.Values, []any{i, tierOf(i), floatOf(i), boolOf(i), 1<<53 + i})
		back := int64(n) - 1 - i
		first.Values = append(first.Values, []any{back, scoreOf(back)})
		if back%2 == 0 {
			second.Values = append(second.Values, []any{back, fmt.Sprintf("label %d", back%3)})
		}
	}
	tiers := Rows{ID: "tier", Columns: []dataset.Column{{Name: "tier", Kind: dataset.Text}, {Name: "rank", Kind: dataset.Integer}},
		Values: [][]any{{"gold", int64(1)}, {" silver, or so", int64(2)}}}
	return Tables{Eval: eval, Joined: []Rows{tiers}, Attached: []Rows{first, second}}
}

func tierOf(id int64) any {
	return []any{"gold", " silver, or so", "bronze", nil, "gold", `say "tin"`, "gold"}[id%7]
}

func rankOf(id int64) any {
	switch tierOf(id) {
	case "gold":
		return int64(1)
	case " silver, or so":
		return int64(2)
	}
	return nil
}

func floatOf(id int64) any {
	if id%5 == 0 {
		return nil
	}
	return float64(id) + 0.25
}

func boolOf(id int64) any {
	if id%11 == 3 {
		return nil
	}
	return id%2 == 0
}

func scoreOf(id int64) float64 { return float64(id%97+1) / 128 }

func (s sourceTest) columns(t *testing.T) {
	tables := people(100)
	source := s.opened(t, tables)
	want := append(slices.Clone(tables.Eval.Columns), tables.Joined[0].Columns[1])
	sameColumns(t, "Columns", source.Columns(), want)
	for i, a := range tables.Attached {
		sameColumns(t, fmt.Sprintf("Attached(%d)", i), source.Attached(i), a.Columns)
		if got := source.AttachedRows(i); got != uint64(len(a.Values)) {
			t.Errorf("AttachedRows(%d) is %d, want %d", i, got, len(a.Values))
		}
	}
	if got := source.Rows(); got != 100 {
		t.Errorf("Rows is %d, want 100", got)
	}
}

func sameColumns(t *testing.T, what string, got, want []dataset.Column) {
	t.Helper()
	show := func(columns []dataset.Column) string {
		var list []string
		for _, c := range columns {
			list = append(list, fmt.Sprintf("%s (%s)", c.Name, c.Kind))
		}
		return strings.Join(list, ", ")
	}
	if show(got) != show(want) {
		t.Errorf("%s: %s, want %s", what, show(got), show(want))
	}
}

func (s sourceTest) values(t *testing.T) {
	source := s.opened(t, people(70))
	want := []dataset.Value{{Text: "gold", Rows: 30}, {Text: " silver, or so", Rows: 10}, {Text: "bronze", Rows: 10}, {Text: `say "tin"`, Rows: 10}, {Null: true, Rows: 10}}
	for _, limit := range []int{10, 2} {
		got, err := source.Values(t.Context(), "tier", limit)
		if err != nil || !slices.Equal(got, want[:min(limit, len(want))]) {
			t.Errorf("Values, at most %d: %v, %v; want %v", limit, got, err, want[:min(limit, len(want))])
		}
	}
	got, err := source.Values(t.Context(), "rank", 10)
	if err != nil || !slices.Equal(got, []dataset.Value{{Null: true, Rows: 30}, {Text: "1", Rows: 30}, {Text: "2", Rows: 10}}) && !slices.Equal(got, []dataset.Value{{Text: "1", Rows: 30}, {Null: true, Rows: 30}, {Text: "2", Rows: 10}}) {
		t.Errorf("Values of a joined column: %v, %v", got, err)
	}
}

func (s sourceTest) nulls(t *testing.T) {
	source := s.opened(t, people(70))
	for column, want := range map[string]uint64{"id": 0, "tier": 10, "a b": 14, "rank": 30} {
		if got, err := source.Nulls(t.Context(), column); err != nil || got != want {
			t.Errorf("Nulls of %q: %d, %v; want %d", column, got, err, want)
		}
	}
}

func (s sourceTest) distinct(t *testing.T) {
	source := s.opened(t, people(70))
	for column, want := range map[string]uint64{"id": 70, "tier": 4, "a b": 56, "flag": 2, "big": 70, "rank": 2} {
		if got, err := source.Distinct(t.Context(), column); err != nil || got != want {
			t.Errorf("Distinct of %q: %d, %v; want %d", column, got, err, want)
		}
	}
}

// collector writes down each row of a scan as text. It notes whether two
// threads use one sink at a time.
type collector struct {
	all  *collected
	busy atomic.Bool
}

type collected struct {
	mu     sync.Mutex
	rows   []string
	shared bool
}

func (c *collector) Consume(b *dataset.Batch) error {
	if !c.busy.CompareAndSwap(false, true) {
		c.all.shared = true
	}
	defer c.busy.Store(false)
	for i := range b.Rows {
		var fields []string
		for j := range b.Vectors {
			fields = append(fields, show(&b.Vectors[j], i))
		}
		c.all.mu.Lock()
		c.all.rows = append(c.all.rows, strings.Join(fields, "|"))
		c.all.mu.Unlock()
	}
	return nil
}

func show(v *dataset.Vector, row int) string {
	switch {
	case v.Codes != nil:
		text, null := v.Dictionary.Value(v.Codes[row])
		if null {
			return "null"
		}
		return text
	case v.Mask != nil:
		return fmt.Sprint(v.Mask[row>>6]>>(row&63)&1 == 1)
	case v.Null(row):
		return "null"
	case v.Ints != nil:
		return fmt.Sprint(v.Ints[row])
	case v.Floats != nil:
		return fmt.Sprint(v.Floats[row])
	case v.Texts != nil:
		return v.Texts[row]
	}
	return fmt.Sprint(v.Bools[row] != 0)
}

// rowsOf is the rows of a scan as text, sorted.
func rowsOf(t *testing.T, source dataset.Source, r dataset.Request) []string {
	t.Helper()
	all := new(collected)
	if err := source.Scan(t.Context(), r, func() dataset.Sink { return &collector{all: all} }); err != nil {
		t.Fatal(err)
	}
	if all.shared {
		t.Error("a sink was used by two threads at a time")
	}
	slices.Sort(all.rows)
	return all.rows
}

// everything asks for each form of value from each kind of table.
var everything = dataset.Request{Fields: []dataset.Field{
	{Column: "id", Form: dataset.AsInt},
	{Column: "tier", Form: dataset.AsText},
	{Column: "a b", Form: dataset.AsFloat},
	{Column: "flag", Form: dataset.AsBool},
	{Column: "big", Form: dataset.AsText},
	{Column: "rank", Form: dataset.AsInt},
	{Column: "id", Form: dataset.AsFloat},
	{From: dataset.FromAttached(0), Column: "score", Form: dataset.AsFloat},
	{From: dataset.FromAttached(0), Form: dataset.Present},
	{From: dataset.FromAttached(1), Column: "label", Form: dataset.AsText},
	{From: dataset.FromAttached(1), Form: dataset.Present},
}}

// wanted is what everything gives for the rows that keep says.
func wanted(n int, keep func(id int64) bool) []string {
	var rows []string
	for id := range int64(n) {
		if !keep(id) {
			continue
		}
		label, present := "null", "null"
		if id%2 == 0 {
			label, present = fmt.Sprintf("label %d", id%3), "true"
		}
		var fields []string
		for _, v := range []any{id, tierOf(id), floatOf(id), boolOf(id), 1<<53 + id, rankOf(id), float64(id), scoreOf(id), true, label, present} {
			if v == nil {
				v = "null"
			}
			fields = append(fields, fmt.Sprint(v))
		}
		rows = append(rows, strings.Join(fields, "|"))
	}
	slices.Sort(rows)
	return rows
}

// scanned is a number of rows that takes many batches.
const scanned = 6_000

func (s sourceTest) scan(t *testing.T) {
	source := s.opened(t, people(scanned))
	want := wanted(scanned, func(int64) bool { return true })
	for range 2 { // a source can be scanned again
		sameRows(t, rowsOf(t, source, everything), want)
	}
	// Fields of an attached table alone.
	got := rowsOf(t, source, dataset.Request{Fields: []dataset.Field{{From: dataset.FromAttached(1), Form: dataset.Present}}})
	if len(got) != scanned || got[0] != "null" || got[scanned/2-1] != "null" || got[scanned/2] != "true" {
		t.Errorf("%d rows of an attached table alone, want %d, half of them null", len(got), scanned)
	}
}

func sameRows(t *testing.T, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d rows, want %d", len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Fatalf("row %d in the order of the text:\n%s\nwant\n%s", i, got[i], want[i])
		}
	}
}

func (s sourceTest) notNull(t *testing.T) {
	source := s.opened(t, people(scanned))
	request := everything
	request.NotNull = "a b"
	sameRows(t, rowsOf(t, source, request), wanted(scanned, func(id int64) bool { return floatOf(id) != nil }))
}

func (s sourceTest) predicates(t *testing.T) {
	source := s.opened(t, people(700))
	p, err := source.Predicate(t.Context(), `tier = 'gold' AND "a b" > 100`)
	if err != nil {
		t.Fatal(err)
	}
	joined, err := source.Predicate(t.Context(), "rank = 2")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for id := range int64(700) {
		gold := fmt.Sprint(tierOf(id) == "gold" && floatOf(id) != nil && floatOf(id).(float64) > 100)
		if floatOf(id) == nil && (tierOf(id) == "gold" || tierOf(id) == nil) || tierOf(id) == nil && floatOf(id).(float64) > 100 {
			gold = "null"
		}
		second := fmt.Sprint(rankOf(id) == int64(2))
		if rankOf(id) == nil {
			second = "null"
		}
		want = append(want, fmt.Sprintf("%d|%s|%s|%v", id, gold, second, gold == "true"))
	}
	slices.Sort(want)
	sameRows(t, rowsOf(t, source, dataset.Request{Fields: []dataset.Field{
		{Column: "id", Form: dataset.AsInt}, {Predicate: &p, Form: dataset.AsBool}, {Predicate: &joined, Form: dataset.AsBool},
		{Predicate: &p, Form: dataset.AsMask},
	}}), want)
	for _, refused := range []string{"", "id", "tier", "nobody > 1", "id >", "id = 1; SELECT 1", "id IN (SELECT 1)", "random() > 0.5", "flag AND"} {
		if _, err := source.Predicate(t.Context(), refused); err == nil {
			t.Errorf("the predicate %q is accepted", refused)
		}
	}
}

// sinkFunc is a sink made of a function.
type sinkFunc func(*dataset.Batch) error

func (f sinkFunc) Consume(b *dataset.Batch) error { return f(b) }

// ends runs a scan that should end with an error, and then another one: the
// source must not have suffered.
func ends(ctx context.Context, t *testing.T, source dataset.Source, consume sinkFunc) error {
	t.Helper()
	err := source.Scan(ctx, everything, func() dataset.Sink { return consume })
	if err == nil {
		t.Error("the scan ends without an error")
	}
	if got := len(rowsOf(t, source, everything)); got != scanned {
		t.Errorf("the scan after it gives %d rows, want %d", got, scanned)
	}
	return err
}

func (s sourceTest) cancel(t *testing.T) {
	source := s.opened(t, people(scanned))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := ends(ctx, t, source, func(*dataset.Batch) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled scan ends with %v, want context.Canceled", err)
	}
	if _, err := source.Values(ctx, "tier", 10); !errors.Is(err, context.Canceled) {
		t.Errorf("Values after a cancel: %v", err)
	}
	if _, err := source.Predicate(ctx, "id > 1"); !errors.Is(err, context.Canceled) {
		t.Errorf("Predicate after a cancel: %v", err)
	}
	if _, err := source.AuditIDs(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("AuditIDs after a cancel: %v", err)
	}
}

func (s sourceTest) sinkFails(t *testing.T) {
	source := s.opened(t, people(scanned))
	failure := errors.New("enough")
	if err := ends(t.Context(), t, source, func(*dataset.Batch) error { return failure }); err != failure {
		t.Errorf("the scan ends with %v, want the sink's own error", err)
	}
}

func (s sourceTest) sinkPanics(t *testing.T) {
	source := s.opened(t, people(scanned))
	err := ends(t.Context(), t, source, func(*dataset.Batch) error { panic("out of order") })
	if err == nil || !strings.Contains(err.Error(), "out of order") {
		t.Errorf("the scan ends with %v, want what the sink panicked with", err)
	}
}

func (s sourceTest) audit(t *testing.T) {
	if found, err := s.opened(t, people(100)).AuditIDs(t.Context()); err != nil || len(found) != 4 {
		t.Errorf("%d audits, %v; want one for each of four tables", len(found), err)
	} else {
		for i, a := range found {
			if a.Nulls+a.Duplicates.Count+a.Extra.Count > 0 || (a.Missing.Count > 0) != (i == 3) {
				t.Errorf("audit of table %d: %+v", i, a)
			}
		}
		if got := found[3].Missing; got.Count != 50 || got.List() != "1, 3, 5, 7, 9, …" {
			t.Errorf("missing: %+v", got)
		}
	}
	id := []dataset.Column{{Name: "id", Kind: dataset.Integer}, {Name: "x", Kind: dataset.Integer}}
	rows := func(ids ...any) Rows {
		r := Rows{ID: "id", Columns: id}
		for _, v := range ids {
			r.Values = append(r.Values, []any{v, int64(1)})
		}
		return r
	}
	one, two, three, four, nine := int64(1), int64(2), int64(3), int64(4), int64(9)
	source := s.opened(t, Tables{Eval: rows(one, two, two, three, nil, three, three, four), Attached: []Rows{rows(nine, two, two, nil, nil, one)}})
	found, err := source.AuditIDs(t.Context())
	if err != nil || len(found) != 2 {
		t.Fatalf("%d audits, %v", len(found), err)
	}
	for i, want := range []string{"8 rows, 1 nulls, 2 twice: 2, 3; 0 extra: ; 0 missing: ", "6 rows, 2 nulls, 1 twice: 2; 1 extra: 9; 2 missing: 3, 4"} {
		a := found[i]
		if got := fmt.Sprintf("%d rows, %d nulls, %d twice: %s; %d extra: %s; %d missing: %s", a.Rows, a.Nulls,
			a.Duplicates.Count, a.Duplicates.List(), a.Extra.Count, a.Extra.List(), a.Missing.Count, a.Missing.List()); got != want {
			t.Errorf("audit %d: %s; want %s", i, got, want)
		}
	}
}

// close looks into the directory for temporary files after a source was used.
func (s sourceTest) close(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	source := s.open(t, people(scanned), s.threads)
	if _, err := source.Values(t.Context(), "tier", 10); err != nil {
		t.Error(err)
	}
	if err := source.Close(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left in the temporary directory: %v %v", left, err)
	}
}
