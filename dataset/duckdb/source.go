// Package duckdb reads Parquet, CSV, TSV and JSON Lines through an in-memory
// DuckDB, out of core. It is the only package that imports DuckDB.
//
//	paths ─▶ files ─▶ relations with known columns ─▶ one joined scan ─▶ sinks
//
// DuckDB is locked before any text of a spec reaches it: it may open the files
// that the layout names and no other, and its settings cannot be changed.
package duckdb

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/noworse/noworse/dataset"
)

// Options bound what a source may use.
type Options struct {
	Threads  int               // 0: one for each core
	Memory   int64             // bytes that DuckDB may hold before it spills; 0: its default
	Progress func(rows uint64) // called now and then during a scan, by many threads; may be nil
}

// source implements dataset.Source.
type source struct {
	conn     *conn
	temp     string // private directory for spilling
	layout   dataset.Layout
	eval     relation
	joined   []relation
	attached []relation
	columns  []dataset.Column // of eval and joined
	progress func(uint64)
	sink     *sinkFunction
}

// relation is one table as SQL, and its columns.
type relation struct {
	table   dataset.Table
	sql     string
	columns []dataset.Column
	rows    uint64 // of eval and the attached
}

// Open reads the columns of every table of the layout. Errors about one table
// are *dataset.TableError.
func Open(ctx context.Context, layout dataset.Layout, o Options) (dataset.Source, error) {
	s := &source{layout: layout, progress: o.Progress}
	if err := s.open(ctx, o); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *source) open(ctx context.Context, o Options) error {
	tables := slices.Concat([]dataset.Table{s.layout.Eval}, s.layout.Joined, s.layout.Attached)
	resolved := make([]files, len(tables))
	for i, t := range tables {
		var err error
		if resolved[i], err = resolve(t); err != nil {
			return err
		}
	}
	if err := s.start(o); err != nil {
		return err
	}
	if err := s.lock(ctx, resolved); err != nil {
		return err
	}
	relations := make([]relation, len(tables))
	for i, t := range tables {
		var err error
		if relations[i], err = s.describe(ctx, t, resolved[i]); err != nil {
			return err
		}
	}
	s.eval = relations[0]
	s.joined = relations[1 : 1+len(s.layout.Joined)]
	s.attached = relations[1+len(s.layout.Joined):]
	return s.check(ctx)
}

func (s *source) start(o Options) error {
	var err error
	if s.temp, err = os.MkdirTemp("", "noworse-"); err != nil {
		return fmt.Errorf("no room for temporary files: %w", err)
	}
	settings := map[string]string{
		"temp_directory":               s.temp,
		"preserve_insertion_order":     "false",
		"autoinstall_known_extensions": "false",
		"autoload_known_extensions":    "false",
	}
	if o.Threads > 0 {
		settings["threads"] = strconv.Itoa(o.Threads)
	}
	if o.Memory > 0 {
		settings["memory_limit"] = fmt.Sprintf("%dB", o.Memory)
	}
	if s.conn, err = openConn(settings); err != nil {
		return err
	}
	s.sink, err = registerSink(s.conn)
	return err
}

// lock leaves DuckDB the files of this run and nothing else.
func (s *source) lock(ctx context.Context, tables []files) error {
	var all []string
	for _, f := range tables {
		for _, p := range f.paths {
			all = append(all, text(p))
		}
	}
	for _, sql := range []string{
		"SET TimeZone='UTC'",
		"SET allowed_paths=[" + strings.Join(all, ", ") + "]",
		"SET enable_external_access=false",
		"SET lock_configuration=true",
	} {
		if err := s.conn.exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

func (s *source) describe(ctx context.Context, t dataset.Table, f files) (relation, error) {
	rows, err := s.conn.query(ctx, "SELECT column_name::VARCHAR, column_type::VARCHAR FROM (DESCRIBE SELECT * FROM "+f.relation()+")")
	if err != nil {
		return relation{}, s.readError(ctx, t, f, err)
	}
	r := relation{table: t}
	for _, row := range rows {
		r.columns = append(r.columns, dataset.Column{Name: *row[0], Kind: kindOf(*row[1]), Type: *row[1]})
	}
	r.sql = f.typed(r.columns)
	return r, nil
}

// readError turns what DuckDB says of a file into what its owner can act on.
func (s *source) readError(ctx context.Context, t dataset.Table, f files, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if f.format == "csv" && strings.Contains(err.Error(), "sniffing") {
		// The types cannot be guessed: read the columns as text to learn where
		// the file breaks.
		plain := fmt.Sprintf("SELECT count(*)::VARCHAR FROM read_csv(%s, %s, all_varchar=true, auto_detect=false%s)", f.list(), f.dialect(), f.textColumns())
		if _, again := s.conn.query(ctx, plain); again != nil {
			err = again
		}
	}
	return &dataset.TableError{At: t.At, Message: fmt.Sprintf("%s cannot be read: %s", t.Path, tidy(err)), Hint: "mend or replace the file: noworse skips no row"}
}

// textColumns are the columns of the header, all as text.
func (f files) textColumns() string {
	header, err := firstLine(f.paths[0])
	if err != nil {
		return ""
	}
	var fields []string
	for i := range strings.Split(strings.TrimRight(header, "\r\n"), f.delim) {
		fields = append(fields, fmt.Sprintf("'c%d': 'VARCHAR'", i))
	}
	return ", columns={" + strings.Join(fields, ", ") + "}"
}

// tidy keeps the part of DuckDB's message that speaks of the data: its name
// for the kind of error goes, and the advice on its own options.
func tidy(err error) string {
	message := err.Error()
	for _, kind := range []string{"Invalid Input Error: ", "IO Error: ", "Conversion Error: ", "Binder Error: ", "Out of Range Error: "} {
		message = strings.TrimPrefix(message, kind)
	}
	for _, advice := range []string{"\nPossible Solution", "\nPossible fixes", "\nPossible solutions", "\nLINE "} {
		message, _, _ = strings.Cut(message, advice)
	}
	return strings.TrimSpace(strings.ReplaceAll(message, "\n", "; "))
}

func kindOf(duckType string) dataset.Kind {
	switch base, _, _ := strings.Cut(duckType, "("); base {
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER":
		return dataset.Integer
	case "HUGEINT", "UHUGEINT", "UBIGINT", "BIGNUM":
		return dataset.Wide
	case "FLOAT", "DOUBLE":
		return dataset.Float
	case "DECIMAL":
		if strings.HasSuffix(duckType, "]") {
			return dataset.Other
		}
		return dataset.Decimal
	case "VARCHAR", "UUID", "ENUM":
		return dataset.Text
	case "BOOLEAN":
		return dataset.Bool
	case "DATE", "TIME", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIME WITH TIME ZONE", "INTERVAL":
		return dataset.Time
	}
	return dataset.Other
}

// check holds the tables against each other and counts the rows.
func (s *source) check(ctx context.Context) error {
	if err := s.checkIDs(); err != nil {
		return err
	}
	s.columns = slices.Clone(s.eval.columns)
	for _, j := range s.joined {
		for _, c := range j.columns {
			if c.Name == j.table.ID {
				continue
			}
			if _, clash := findFold(s.columns, c.Name); clash {
				return &dataset.TableError{At: j.table.At, Message: fmt.Sprintf("column %q of %s is there already, from another table", c.Name, j.table.Path), Hint: "rename one of the two: which is meant could not be told"}
			}
			s.columns = append(s.columns, c)
		}
	}
	for i := range s.attached {
		if err := s.count(ctx, &s.attached[i]); err != nil {
			return err
		}
	}
	return s.count(ctx, &s.eval)
}

// count counts the rows of a table, which must have some.
func (s *source) count(ctx context.Context, r *relation) (err error) {
	if r.rows, err = s.conn.number(ctx, "SELECT count(*)::VARCHAR FROM "+r.sql); err != nil {
		return s.scanError(ctx, err)
	}
	if r.rows == 0 {
		return &dataset.TableError{At: r.table.At, Message: r.table.Path + " has no rows", Hint: "an evaluation on nothing proves nothing"}
	}
	return nil
}

// findFold looks a name up as SQL does, without regard to case.
func findFold(columns []dataset.Column, name string) (dataset.Column, bool) {
	for _, c := range columns {
		if strings.EqualFold(c.Name, name) {
			return c, true
		}
	}
	return dataset.Column{}, false
}

// checkIDs wants the id columns to be there and of one kind: an id of '007'
// is not the id 7.
func (s *source) checkIDs() error {
	for _, j := range s.joined {
		if err := sameKind(s.eval, j.table.ID, j); err != nil {
			return err
		}
	}
	for _, a := range s.attached {
		if err := sameKind(s.eval, s.layout.Eval.ID, a); err != nil {
			return err
		}
	}
	return nil
}

func sameKind(eval relation, id string, other relation) error {
	fail := func(message, hint string) error {
		return &dataset.TableError{At: other.table.AtID, Message: message, Hint: hint}
	}
	a, ok := dataset.Find(eval.columns, id)
	if !ok {
		return fail(fmt.Sprintf("the evaluation set has no column %q to match rows by", id), hintColumns(eval.columns, id))
	}
	b, ok := dataset.Find(other.columns, other.table.ID)
	if !ok {
		return fail(fmt.Sprintf("%s has no column %q", other.table.Path, other.table.ID), hintColumns(other.columns, other.table.ID))
	}
	if a.Kind != b.Kind {
		return fail(fmt.Sprintf("ids of different kinds never match: %q is %s in %s and %q is %s in %s",
			a.Name, a.Kind, eval.table.Path, b.Name, b.Kind, other.table.Path), "write both with the same type: the text '007' and the number 7 are different ids")
	}
	return nil
}

func hintColumns(columns []dataset.Column, _ string) string {
	names := make([]string, 0, len(columns))
	for _, c := range columns {
		names = append(names, c.Name)
	}
	const most = 20
	if len(names) > most {
		names = append(names[:most], "…")
	}
	return "it has: " + strings.Join(names, ", ")
}

func (s *source) Columns() []dataset.Column       { return s.columns }
func (s *source) Attached(i int) []dataset.Column { return s.attached[i].columns }
func (s *source) Rows() uint64                    { return s.eval.rows }
func (s *source) AttachedRows(i int) uint64       { return s.attached[i].rows }

func (s *source) Close() error {
	if s.conn != nil {
		s.conn.close()
	}
	if s.sink != nil {
		s.sink.release()
	}
	if s.temp != "" {
		return os.RemoveAll(filepath.Clean(s.temp))
	}
	return nil
}

// Values counts the distinct values of a column.
func (s *source) Values(ctx context.Context, column string, limit int) ([]dataset.Value, error) {
	rows, err := s.conn.query(ctx, fmt.Sprintf(
		"SELECT v::VARCHAR, n::VARCHAR FROM (SELECT %s v, count(*) n FROM %s GROUP BY v) ORDER BY n DESC, v::VARCHAR LIMIT %d",
		ident(column), s.rowsSQL(), limit))
	if err != nil {
		return nil, s.scanError(ctx, err)
	}
	values := make([]dataset.Value, len(rows))
	for i, row := range rows {
		n, err := strconv.ParseUint(*row[1], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("internal: %w", err)
		}
		values[i] = dataset.Value{Null: row[0] == nil, Rows: n}
		if row[0] != nil {
			values[i].Text = *row[0]
		}
	}
	return values, nil
}

// Predicate checks a boolean expression over the columns: that it is safe,
// that its columns are there, that it is true or false, and that it does not
// fail or take forever on the first rows.
func (s *source) Predicate(ctx context.Context, where string) (dataset.Predicate, error) {
	known := func(name string) bool { _, ok := dataset.Find(s.columns, name); return ok }
	sql, _, err := s.conn.compile(ctx, where, known)
	if err != nil {
		return dataset.Predicate{}, err
	}
	return dataset.Predicate{SQL: sql}, s.probe(ctx, sql)
}
