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
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/internal/scratch"
	"github.com/noworse/noworse/slice"
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
	answers  *sinkFunction // of the first step of Derive
	// conditions are predicates that are worked out here, by their SQL.
	conditions map[string]*slice.Condition
	exports    int // files that were written to temp
	originals  []original
}

// relation is one table as SQL, and its columns.
type relation struct {
	table   dataset.Table
	sql     string
	files   files
	columns []dataset.Column
	rows    uint64
}

// Open reads the columns of every table of the layout. Errors about a table are
// *dataset.TableError, joined where several tables have one.
func Open(ctx context.Context, layout dataset.Layout, o Options) (dataset.Source, error) {
	s := &source{layout: layout, progress: o.Progress, conditions: map[string]*slice.Condition{}}
	if err := s.open(ctx, o); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *source) open(ctx context.Context, o Options) error {
	tables := slices.Concat([]dataset.Table{s.layout.Eval}, s.layout.Joined, s.layout.Attached)
	resolved, found := make([]files, len(tables)), make([]error, len(tables))
	for i, t := range tables {
		if resolved[i], found[i] = resolve(ctx, t, s.layout.Refuse); found[i] == nil {
			found[i] = s.remember(t, resolved[i])
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := errors.Join(found...); err != nil {
		return err
	}
	if err := s.start(o); err != nil {
		return err
	}
	if err := s.lock(ctx, resolved); err != nil {
		return err
	}
	relations := make([]relation, len(tables))
	for i, t := range tables {
		relations[i], found[i] = s.describe(ctx, t, resolved[i])
	}
	if err := errors.Join(found...); err != nil {
		return err
	}
	s.eval = relations[0]
	s.joined = relations[1 : 1+len(s.layout.Joined)]
	s.attached = relations[1+len(s.layout.Joined):]
	return s.check(ctx)
}

func (s *source) start(o Options) error {
	var err error
	if s.temp, err = scratch.New(); err != nil {
		return fmt.Errorf("there is no room for temporary files: %w", err)
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
	if s.sink, err = registerSink(s.conn); err != nil {
		return err
	}
	s.answers, err = registerAnswers(s.conn)
	return err
}

// lock leaves DuckDB the files of this run and nothing else.
func (s *source) lock(ctx context.Context, tables []files) error {
	var all []string
	for _, f := range tables {
		for _, p := range f.paths {
			all = append(all, text(p), text(asPattern.Replace(p)))
		}
	}
	for _, sql := range []string{
		"SET TimeZone='UTC'",
		"SET parquet_metadata_cache=true", // many statements read one file
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

// readError turns what DuckDB says of a table's files into what their owner
// can act on.
func (s *source) readError(ctx context.Context, r relation, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case outOfMemory(err):
		return &dataset.TableError{At: r.table.At, Message: r.table.Path + " needs more memory than the run may take", Hint: "allow it more: text files take some 100 MB for each thread"}
	}
	path, message := r.table.Path, tidy(err)
	if r.files.format == "parquet" {
		message = parquetFault(err)
		for _, p := range r.files.paths {
			if strings.Contains(err.Error(), p) {
				path = r.files.name(p)
			}
		}
	} else if p, found := r.files.findFault(ctx); found != nil {
		path, message = r.files.name(p), found.String()
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &dataset.TableError{At: r.table.At, Message: fmt.Sprintf("%s cannot be read: %s", path, r.files.named(message)), Hint: "mend or replace the file: noworse skips no row"}
}

// outOfMemory says whether a statement hit the limit of Options.Memory.
func outOfMemory(err error) bool { return strings.Contains(err.Error(), "Out of Memory Error") }

// tidy keeps the part of DuckDB's message that speaks of the data: its name
// for the kind of error goes, and the advice on its own options.
func tidy(err error) string {
	message := kindOfError.ReplaceAllString(err.Error(), "")
	for _, advice := range []string{"\nPossible Solution", "\nPossible fixes", "\nPossible solutions", "\nTry setting", "\nLINE "} {
		message, _, _ = strings.Cut(message, advice)
	}
	return strings.TrimSpace(strings.ReplaceAll(message, "\n", "; "))
}

// kindOfError is what DuckDB's messages begin with.
var kindOfError = regexp.MustCompile(`^([A-Z][A-Za-z]* |of ){1,4}Error: `)

// isVector says whether a type is a list of numbers, of a fixed length or not.
func isVector(duckType string) bool { return vectorType.MatchString(duckType) }

var vectorType = regexp.MustCompile(`^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\([0-9,]+\))\[[0-9]*\]$`)

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

// check counts the rows and holds the tables against each other.
func (s *source) check(ctx context.Context) error {
	if err := s.count(ctx, &s.eval); err != nil {
		return err
	}
	for _, list := range [][]relation{s.joined, s.attached} {
		for i := range list {
			if err := s.count(ctx, &list[i]); err != nil {
				return err
			}
		}
	}
	if err := s.checkIDs(); err != nil {
		return err
	}
	if err := s.checkJoins(ctx); err != nil {
		return err
	}
	return s.gatherColumns()
}

// gatherColumns lists the columns of the evaluation set and the joined tables.
func (s *source) gatherColumns() error {
	s.columns = slices.Clone(s.eval.columns)
	for _, j := range s.joined {
		for _, c := range j.columns {
			if c.Name == j.table.ID {
				continue
			}
			if have, clash := findFold(s.columns, c.Name); clash {
				return &dataset.TableError{At: j.table.At, Message: fmt.Sprintf("column %q of %s is there already, as %q of another table", c.Name, j.table.Path, have.Name), Hint: "rename one of the two: upper and lower case do not tell columns apart"}
			}
			c.Joined = true
			s.columns = append(s.columns, c)
		}
	}
	return nil
}

// count counts the rows of a table, which must have some, unless that is done.
func (s *source) count(ctx context.Context, r *relation) (err error) {
	if r.rows > 0 {
		return nil
	}
	if r.rows, err = s.conn.number(ctx, "SELECT count(*)::VARCHAR FROM "+r.sql); err != nil {
		return s.readError(ctx, *r, err)
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
		if a.table.Position {
			continue
		}
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
		err := fail(fmt.Sprintf("%s has no column %q to match rows by", eval.table.Path, id), hintColumns(eval.columns, id))
		if id == eval.table.ID {
			err.(*dataset.TableError).At = eval.table.AtID
		}
		return err
	}
	b, ok := dataset.Find(other.columns, other.table.ID)
	if !ok {
		return fail(fmt.Sprintf("%s has no column %q to match rows by", other.table.Path, other.table.ID), hintColumns(other.columns, other.table.ID))
	}
	switch {
	case a.Kind == dataset.Other || b.Kind == dataset.Other:
		return fail(fmt.Sprintf("%q cannot match rows: it is %s in %s and %s in %s", id, a.Kind, eval.table.Path, b.Kind, other.table.Path), "an id is one number or text, of one type in all rows")
	case idKind(a) != idKind(b):
		return fail(fmt.Sprintf("ids of different kinds never match: %q is %s in %s and %q is %s in %s",
			a.Name, a.Kind, eval.table.Path, b.Name, b.Kind, other.table.Path), "write both with the same type: the text '007' and the number 7 are different ids")
	}
	return nil
}

// idKind tells kinds of ids apart: whole numbers are one, however wide.
func idKind(c dataset.Column) string {
	switch c.Kind {
	case dataset.Wide:
		return dataset.Integer.String()
	case dataset.Decimal:
		if strings.HasSuffix(c.Type, ",0)") {
			return dataset.Integer.String()
		}
	case dataset.Time:
		return c.Type
	}
	return c.Kind.String()
}

// hintColumns lists the columns that there are, or the one that was meant.
func hintColumns(columns []dataset.Column, name string) string {
	if c, ok := findFold(columns, name); ok {
		return fmt.Sprintf("did you mean %q?", c.Name)
	}
	const most = 20
	var names []string
	for _, c := range columns[:min(len(columns), most)] {
		names = append(names, c.Name)
	}
	if len(columns) > most {
		names = append(names, "…")
	}
	return "its columns: " + strings.Join(names, ", ")
}

func (s *source) Columns() []dataset.Column       { return s.columns }
func (s *source) Attached(i int) []dataset.Column { return s.attached[i].columns }
func (s *source) Rows() uint64                    { return s.eval.rows }
func (s *source) AttachedRows(i int) uint64       { return s.attached[i].rows }

func (s *source) Close() error {
	if s.conn != nil {
		s.conn.close()
	}
	for _, f := range []*sinkFunction{s.sink, s.answers} {
		if f != nil {
			f.release()
		}
	}
	return scratch.Remove(s.temp)
}

// Values counts the distinct values of a column.
func (s *source) Values(ctx context.Context, column string, limit int) ([]dataset.Value, error) {
	rows, err := s.conn.query(ctx, fmt.Sprintf(
		"SELECT v::VARCHAR, n::VARCHAR FROM (SELECT %s v, count(*) n FROM %s GROUP BY v) ORDER BY n DESC, v::VARCHAR LIMIT %d",
		ident(column), s.rowsSQL(), limit))
	if err != nil {
		return nil, s.scanError(ctx, dataset.Request{}, err)
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
// fail or take forever on the first rows. Of conditions the last two are known.
func (s *source) Predicate(ctx context.Context, where string) (dataset.Predicate, error) {
	known := func(name string) bool { _, ok := dataset.Find(s.columns, name); return ok }
	sql, _, err := s.conn.compile(ctx, where, known)
	if err != nil {
		return dataset.Predicate{}, err
	}
	tree, err := s.conn.parse(ctx, sql)
	if err != nil {
		return dataset.Predicate{}, err
	}
	condition := slice.NewCondition(tree, func(name string) (dataset.Column, bool) { return dataset.Find(s.columns, name) })
	if condition == nil {
		return dataset.Predicate{SQL: sql}, s.probe(ctx, sql)
	}
	s.conditions[sql] = condition
	return dataset.Predicate{SQL: sql}, nil
}

// checkJoins refuses a joined table without one row for this evaluation set:
// every slice by its columns would be empty, and skipped.
func (s *source) checkJoins(ctx context.Context) error {
	for _, j := range s.joined {
		id := ident(j.table.ID)
		n, err := s.conn.number(ctx, fmt.Sprintf("SELECT count(*)::VARCHAR FROM (SELECT 1 FROM %s e SEMI JOIN %s j ON e.%s = j.%s LIMIT 1)", s.eval.sql, j.sql, id, id))
		if err != nil {
			return s.readError(ctx, j, err)
		}
		if n == 0 {
			return &dataset.TableError{At: j.table.AtID, Message: fmt.Sprintf("no row of the evaluation set has a match in %s by %q", j.table.Path, j.table.ID), Hint: "compare how both write it: spaces, upper and lower case, and prefixes count"}
		}
	}
	return nil
}
