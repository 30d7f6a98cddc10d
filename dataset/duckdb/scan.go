package duckdb

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/noworse/noworse/dataset"
)

// Scan hands every row to a sink, in one statement.
func (s *source) Scan(ctx context.Context, what dataset.Request, newSink func() dataset.Sink) error {
	if len(what.Fields) == 0 {
		return errors.New("internal: a scan of no fields")
	}
	h := s.handing(what.Fields)
	args, from := s.scanSQL(what, h.fields)
	return s.run(ctx, what, h, newSink, false, fmt.Sprintf("SELECT count(%s(%s))::VARCHAR FROM %s", sinkName, args, from))
}

// run runs a statement that calls a function for sinks.
func (s *source) run(ctx context.Context, what dataset.Request, h *handing, newSink func() dataset.Sink, marked bool, sql string) error {
	run := &scan{handing: h, dictionaries: h.dictionaries(), newSink: newSink, marked: marked, progress: s.progress}
	s.sink.active.Store(run)
	defer s.sink.active.Store(nil)
	err := s.conn.exec(ctx, sql)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if changed := s.changed(); changed != nil {
		return changed
	}
	switch {
	case run.err != nil:
		return run.err
	case err != nil:
		return s.scanError(ctx, what, err)
	}
	return nil
}

// Nulls counts the rows where a column is null.
func (s *source) Nulls(ctx context.Context, column string) (uint64, error) {
	return s.countRows(ctx, fmt.Sprintf("SELECT count(*)::VARCHAR FROM %s WHERE %s IS NULL", s.rowsSQL(), ident(column)))
}

// Distinct counts the different values of a column.
func (s *source) Distinct(ctx context.Context, column string) (uint64, error) {
	return s.countRows(ctx, fmt.Sprintf("SELECT count(DISTINCT %s)::VARCHAR FROM %s", ident(column), s.rowsSQL()))
}

func (s *source) countRows(ctx context.Context, sql string) (uint64, error) {
	n, err := s.conn.number(ctx, sql)
	if err != nil {
		return 0, s.scanError(ctx, dataset.Request{}, err)
	}
	return n, nil
}

// scanError explains a statement over the rows that failed. The tables have
// been counted by then, so a slice is tried first: most likely it meets a row
// that its first thousands did not prepare it for.
func (s *source) scanError(ctx context.Context, what dataset.Request, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case outOfMemory(err):
		return fmt.Errorf("the rows of %s need more memory than the run may take: allow it more", s.layout.Eval.Path)
	}
	for i, f := range what.Fields {
		if f.Predicate == nil {
			continue
		}
		_, failed := s.conn.number(ctx, fmt.Sprintf("SELECT count(%s)::VARCHAR FROM %s", s.expression(f), s.rowsSQL()))
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case failed != nil:
			return &dataset.FieldError{Field: i, Predicate: f.Predicate, Message: predicateFault(f.Predicate.SQL, failed)}
		}
	}
	message := tidy(err)
	for _, r := range slices.Concat([]relation{s.eval}, s.joined, s.attached) {
		message = r.files.named(message)
		if _, failed := s.conn.number(ctx, "SELECT count(t)::VARCHAR FROM "+r.sql+" t"); failed != nil {
			return s.readError(ctx, r, failed)
		}
	}
	return fmt.Errorf("the rows of %s cannot be read: %s", s.layout.Eval.Path, message)
}

// scanSQL is the arguments of a function for sinks, and the rows to call it for:
//
//	e.f0, p0.f1, …
//	  (SELECT <expression> f0, …, "id" k FROM <rows>) e
//	  LEFT JOIN (SELECT <expression> f1, …, "id" k FROM <attached>) p0 ON e.k = p0.k
//
// Expressions of the spec are evaluated inside the first subquery, where only
// the columns of the evaluation set have names. Columns of an export come with
// them as c0, c1, ….
func (s *source) scanSQL(what dataset.Request, fields []dataset.Field, exported ...dataset.ExportColumn) (args, from string) {
	parts := make([][]string, 1+len(s.attached))
	numbered, sampled := false, what.SampleOnly
	for i, f := range fields {
		expression := s.expression(f)
		if f.Form == dataset.Sampled {
			expression = s.sampled(what.Sample)
		}
		parts[f.From] = append(parts[f.From], fmt.Sprintf("%s AS f%d", expression, i))
		numbered = numbered || f.Form == dataset.Position
		sampled = sampled || f.Form == dataset.Sampled
	}
	for i, c := range exported {
		if c.Mark == 0 {
			parts[c.From] = append(parts[c.From], fmt.Sprintf("%s AS c%d", s.exported(c), i))
			numbered = numbered || c.Position
		}
	}
	var joins strings.Builder
	for i, a := range s.attached {
		if a.table.Former && len(parts[1+i]) == 0 {
			continue
		}
		kind, key := "LEFT JOIN", ident(s.layout.Eval.ID)
		if a.table.Former {
			kind = "JOIN"
		}
		if a.table.Position {
			key, numbered = position, true
		}
		columns := append(parts[1+i], ident(a.table.ID)+" AS k")
		parts[0] = append(parts[0], fmt.Sprintf("%s AS k%d", key, i))
		p := alias(dataset.FromAttached(i))
		fmt.Fprintf(&joins, " %s (SELECT %s FROM %s) %s ON e.k%d = %s.k", kind, strings.Join(columns, ", "), a.sql, p, i, p)
	}
	if len(parts[0]) == 0 {
		parts[0] = []string{"1 AS k"}
	}
	rows := s.rowsSQL()
	switch {
	case sampled && !numbered && s.numbersItself():
		rows = s.joinedSQL("(SELECT *, file_row_number AS " + position + ", file_index AS " + fileOfRow + " FROM " + s.eval.sql + ")")
	case sampled:
		rows = s.joinedSQL("(SELECT *, 0 AS " + fileOfRow + " FROM " + s.numbered() + ")")
	case numbered:
		rows = s.joinedSQL(s.numbered())
	}
	return fieldArgs(fields, codeName), fmt.Sprintf("(SELECT %s FROM %s%s) e%s", strings.Join(parts[0], ", "), rows, s.where(what), &joins)
}

// fieldArgs are the fields in the rows of scanSQL, as arguments of a function.
func fieldArgs(fields []dataset.Field, code string) string {
	args := make([]string, len(fields))
	for i, f := range fields {
		args[i] = coded(f, code, i, fmt.Sprintf("%s.f%d", alias(f.From), i))
	}
	return strings.Join(args, ", ")
}

// coded is an argument, numbered by a function where its form says so.
func coded(f dataset.Field, code string, i int, arg string) string {
	if f.Form == dataset.AsCode {
		return fmt.Sprintf("%s(%d, %s)", code, i, arg)
	}
	return arg
}

func (s *source) where(what dataset.Request) string {
	var conditions []string
	if what.NotNull != "" {
		conditions = append(conditions, ident(what.NotNull)+" IS NOT NULL")
	}
	if what.SampleOnly {
		conditions = append(conditions, s.sampled(what.Sample))
	}
	if conditions == nil {
		return ""
	}
	return " WHERE " + strings.Join(conditions, " AND ")
}

// sampled is the SQL that is true for the rows of a sample: those whose place in the
// files has a small hash.
func (s *source) sampled(size uint64) string {
	if size >= s.eval.rows {
		return "true"
	}
	limit := uint64(math.Ldexp(float64(size)/float64(s.eval.rows), 64))
	return fmt.Sprintf("hash(%s, %s) < %d::UBIGINT", position, fileOfRow, limit)
}

// numbersItself says whether DuckDB knows the place of each row in its file, on every
// thread; else one has to count.
func (s *source) numbersItself() bool {
	for _, c := range s.eval.columns {
		if strings.EqualFold(c.Name, "file_row_number") || strings.EqualFold(c.Name, "file_index") {
			return false
		}
	}
	return s.eval.files.format == "parquet" && strings.HasPrefix(s.eval.sql, "read_parquet(")
}

func alias(from dataset.From) string {
	if from == dataset.FromEval {
		return "e"
	}
	return fmt.Sprintf("p%d", int(from)-1)
}

func (s *source) expression(f dataset.Field) string {
	if f.Form == dataset.Present {
		return "true"
	}
	if f.Form == dataset.Position {
		return position
	}
	expr := ident(f.Column)
	if f.Predicate != nil {
		expr = f.Predicate.SQL
	}
	if f.Expression != "" {
		expr = f.Expression
	}
	switch f.Form {
	case dataset.AsBool:
		return "CAST(" + expr + " AS BOOLEAN)"
	case dataset.AsInt:
		return "CAST(" + expr + " AS BIGINT)"
	case dataset.AsFloat:
		return "CAST(" + expr + " AS DOUBLE)"
	case dataset.AsVector:
		return "CAST(" + expr + " AS DOUBLE[])"
	case dataset.AsTime:
		return "epoch_us(" + expr + ")"
	}
	return "CAST(" + expr + " AS VARCHAR)"
}

// rowsSQL is the evaluation set with the columns of the joined tables.
func (s *source) rowsSQL() string { return s.joinedSQL(s.eval.sql) }

// position is the column with a row's place in the evaluation set, from 0, or in its
// file, fileOfRow the one with its file's.
const (
	position  = `"__noworse_position"`
	fileOfRow = `"__noworse_file"`
)

// numbered is the evaluation set with the column position. Rows are numbered in the
// order of the files, by one thread.
func (s *source) numbered() string {
	return "(SELECT *, row_number() OVER () - 1 AS " + position + " FROM " + s.eval.sql + ")"
}

func (s *source) joinedSQL(eval string) string {
	if len(s.joined) == 0 {
		return eval
	}
	columns := []string{"e.*"}
	var joins strings.Builder
	for i, j := range s.joined {
		for _, c := range j.columns {
			if c.Name != j.table.ID {
				columns = append(columns, fmt.Sprintf("j%d.%s", i, ident(c.Name)))
			}
		}
		fmt.Fprintf(&joins, " LEFT JOIN %s j%d ON e.%s = j%d.%s", j.sql, i, ident(j.table.ID), i, ident(j.table.ID))
	}
	return fmt.Sprintf("(SELECT %s FROM %s e%s)", strings.Join(columns, ", "), eval, &joins)
}

// How far a predicate is tried before the scan: on so many rows, for so long.
// The scan's own work on as many rows takes a few milliseconds.
const (
	probeRows = 2048
	probeTime = 5 * time.Second
)

// probe tries a checked predicate on the first rows.
func (s *source) probe(ctx context.Context, sql string) error {
	short, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	row, err := s.conn.one(short, fmt.Sprintf("SELECT coalesce(any_value(typeof(p)), 'BOOLEAN')::VARCHAR, count(p)::VARCHAR FROM (SELECT %s AS p FROM %s LIMIT %d)", sql, s.rowsSQL(), probeRows))
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case short.Err() != nil:
		return fmt.Errorf("it takes over %s on %d rows: write it simpler", probeTime, probeRows)
	case err != nil:
		return errors.New(predicateFault(sql, err))
	case *row[0] != "BOOLEAN" && *row[0] != `"NULL"`:
		return fmt.Errorf("it gives %s values: a slice is a condition that is true or false, such as age > 30", kindOf(*row[0]))
	}
	return nil
}

// AuditIDs counts what keeps rows from matching one to one.
func (s *source) AuditIDs(ctx context.Context) ([]dataset.IDAudit, error) {
	var audits []dataset.IDAudit
	add := func(r relation, id string, against *relation) error {
		a, err := s.audit(ctx, r, id, against)
		audits = append(audits, a)
		return err
	}
	if s.layout.Eval.ID != "" {
		if err := add(s.eval, s.layout.Eval.ID, nil); err != nil {
			return nil, err
		}
	}
	for _, j := range s.joined {
		if err := add(j, j.table.ID, nil); err != nil {
			return nil, err
		}
	}
	for _, a := range s.attached {
		if a.table.Former || a.table.Position { // may lack rows and have others; or are ours
			continue
		}
		if err := add(a, a.table.ID, &s.eval); err != nil {
			return nil, err
		}
	}
	return audits, nil
}

func (s *source) audit(ctx context.Context, r relation, id string, against *relation) (dataset.IDAudit, error) {
	a := dataset.IDAudit{Table: r.table, Rows: r.rows}
	var err error
	if a.Nulls, err = s.conn.number(ctx, fmt.Sprintf("SELECT count(*)::VARCHAR FROM %s WHERE %s IS NULL", r.sql, ident(id))); err != nil {
		return a, s.scanError(ctx, dataset.Request{}, err)
	}
	a.Duplicates, err = s.examples(ctx, fmt.Sprintf("SELECT %s id FROM %s WHERE %s IS NOT NULL GROUP BY 1 HAVING count(*) > 1", ident(id), r.sql, ident(id)))
	if err != nil || against == nil {
		return a, err
	}
	ids := fmt.Sprintf("SELECT DISTINCT %s id FROM %s", ident(id), r.sql)
	others := fmt.Sprintf("SELECT DISTINCT %s id FROM %s", ident(s.layout.Eval.ID), against.sql)
	without := "SELECT id FROM (%s) a ANTI JOIN (%s) b USING (id) WHERE id IS NOT NULL"
	if a.Extra, err = s.examples(ctx, fmt.Sprintf(without, ids, others)); err != nil {
		return a, err
	}
	a.Missing, err = s.examples(ctx, fmt.Sprintf(without, others, ids))
	return a, err
}

// examples counts the ids of a query and names the first of them.
func (s *source) examples(ctx context.Context, sql string) (dataset.Examples, error) {
	const most = 5
	rows, err := s.conn.query(ctx, fmt.Sprintf("SELECT id::VARCHAR, (count(*) OVER ())::VARCHAR FROM (%s) ORDER BY id LIMIT %d", sql, most))
	if err != nil {
		return dataset.Examples{}, s.scanError(ctx, dataset.Request{}, err)
	}
	var e dataset.Examples
	for _, row := range rows {
		if _, err := fmt.Sscan(*row[1], &e.Count); err != nil {
			return e, fmt.Errorf("internal: %w", err)
		}
		e.IDs = append(e.IDs, *row[0])
	}
	return e, nil
}
