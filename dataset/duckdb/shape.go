package duckdb

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/noworse/noworse/dataset"
)

// shape is the files of a table that have the same columns in the same order.
type shape struct {
	paths   []string
	name    string // what the first is called
	columns []dataset.Column
}

// describe finds the columns of a table's files. All files must have the same
// columns: DuckDB would read them by position, by the first file's types, or
// leave out what the first file has not.
func (s *source) describe(ctx context.Context, t dataset.Table, f files) (relation, error) {
	r := relation{table: t, files: f}
	if err := s.findShapes(ctx, &r.files); err != nil {
		return r, s.readError(ctx, r, err)
	}
	if err := oneShape(t, r.files.shapes); err != nil {
		return r, err
	}
	var err error
	if r.columns, err = s.columnsOf(ctx, r.files); err != nil {
		return r, s.readError(ctx, r, err)
	}
	if err := s.findTwins(ctx, r); err != nil {
		return r, s.readError(ctx, r, err)
	}
	if len(r.files.shapes) == 1 {
		r.files.shapes[0].columns = r.columns
	}
	if err := s.settle(ctx, &r); err != nil {
		return r, s.readError(ctx, r, err)
	}
	r.sql = r.files.typed(r.columns)
	for i, c := range r.columns {
		if c.Name == t.ID && c.Type == "UUID" { // to be matched with text that may be no UUID
			r.columns[i].Type = "VARCHAR"
			r.sql = fmt.Sprintf("(SELECT * REPLACE (%[1]s::VARCHAR AS %[1]s) FROM %[2]s)", ident(c.Name), r.sql)
		}
	}
	return r, nil
}

func (s *source) columnsOf(ctx context.Context, f files) ([]dataset.Column, error) {
	rows, err := s.conn.query(ctx, "SELECT column_name::VARCHAR, column_type::VARCHAR FROM (DESCRIBE SELECT * FROM "+f.relation()+")")
	if err != nil {
		return nil, err
	}
	var columns []dataset.Column
	for _, row := range rows {
		columns = append(columns, dataset.Column{Name: *row[0], Kind: kindOf(*row[1]), Type: *row[1], Vector: isVector(*row[1])})
	}
	return columns, nil
}

// findShapes puts files with the same columns together. Keys of JSON have no
// order and may be left out, so JSON Lines have one shape.
func (s *source) findShapes(ctx context.Context, f *files) error {
	signatures, err := s.signatures(ctx, f)
	if err != nil {
		return err
	}
	var order []string
	byShape := map[string][]string{}
	for i, path := range f.paths {
		if byShape[signatures[i]] == nil {
			order = append(order, signatures[i])
		}
		byShape[signatures[i]] = append(byShape[signatures[i]], path)
	}
	if len(order) == 1 {
		f.shapes = []shape{{paths: f.paths, name: f.name(f.paths[0])}} // columns to come: they are those of the table
		return nil
	}
	for _, signature := range order {
		paths := byShape[signature]
		first := files{paths: paths[:1], format: f.format, delim: f.delim}
		columns, err := s.columnsOf(ctx, first)
		if err != nil {
			return err
		}
		f.shapes = append(f.shapes, shape{paths: paths, name: f.name(paths[0]), columns: columns})
	}
	return nil
}

// signatures are texts, one for each file, that are equal where columns are.
func (s *source) signatures(ctx context.Context, f *files) ([]string, error) {
	list := make([]string, len(f.paths))
	switch {
	case len(list) == 1 || f.format == "json":
		return list, nil
	case f.format == "csv":
		for i, path := range f.paths {
			var err error
			if list[i], err = firstRecord(path); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	rows, err := s.conn.query(ctx, "SELECT file_name::VARCHAR, string_agg(concat_ws(chr(31), name, type, num_children, duckdb_type), chr(30))::VARCHAR FROM parquet_schema("+f.list()+") GROUP BY file_name")
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if i := slices.Index(f.paths, *row[0]); i >= 0 && row[1] != nil {
			list[i] = *row[1]
		}
	}
	return list, nil
}

// oneShape wants every file to have the columns of the first, in any order. In
// Parquet their kinds must agree too: 7 and '007' are not put together.
func oneShape(t dataset.Table, shapes []shape) error {
	for _, s := range shapes[1:] {
		if difference := shapes[0].differs(s); difference != "" {
			return &dataset.TableError{At: t.At, Message: fmt.Sprintf("%s: the files differ: %s", t.Path, difference), Hint: "files of one table have the same columns"}
		}
	}
	return nil
}

// differs says how the columns of b are not those of a; "" if they are.
func (a shape) differs(b shape) string {
	for _, c := range a.columns {
		d, ok := dataset.Find(b.columns, c.Name)
		switch {
		case !ok:
			return fmt.Sprintf("%s has no column %q, and %s has one", b.name, c.Name, a.name)
		case c.Kind != d.Kind && !(isNumber(c.Kind) && isNumber(d.Kind)) && extension(a.paths[0]) == ".parquet":
			return fmt.Sprintf("column %q is %s in %s and %s in %s", c.Name, c.Kind, a.name, d.Kind, b.name)
		}
	}
	for _, d := range b.columns {
		if _, ok := dataset.Find(a.columns, d.Name); !ok {
			return fmt.Sprintf("%s has no column %q, and %s has one", a.name, d.Name, b.name)
		}
	}
	return ""
}

func isNumber(k dataset.Kind) bool {
	return k == dataset.Integer || k == dataset.Wide || k == dataset.Float || k == dataset.Decimal
}

// settle looks again at columns of text files whose guessed type would change
// what is written: yes and no, t and f, which DuckDB takes for booleans and are
// labels as often; dates, of which only ISO 8601 is read as a date (01/02/2024
// is no day that two people agree on), and ids that are too long for a number
// of 64 bits, which as a double would be told apart no more. What is left is
// text, as it is written. The pass counts the rows too.
func (s *source) settle(ctx context.Context, r *relation) error {
	if r.files.format == "parquet" {
		return nil
	}
	loose := slices.Clone(r.columns)
	tests := []string{"count(*)::VARCHAR"}
	var doubtful []int
	for i, c := range r.columns {
		test := trial(c, r.table.ID)
		if test == "" {
			continue
		}
		loose[i].Type = "VARCHAR"
		doubtful = append(doubtful, i)
		tests = append(tests, fmt.Sprintf("coalesce(bool_and(%s), true)::VARCHAR", test))
	}
	if len(doubtful) == 0 || r.files.format == "json" && renamed(r.columns) {
		return nil
	}
	row, err := s.conn.one(ctx, "SELECT "+strings.Join(tests, ", ")+" FROM "+r.files.typed(loose))
	if err != nil {
		return err
	}
	if r.rows, err = strconv.ParseUint(*row[0], 10, 64); err != nil {
		return fmt.Errorf("internal: %w", err)
	}
	for k, i := range doubtful {
		c := &r.columns[i]
		switch {
		case *row[1+k] != "true":
			c.Type = "VARCHAR"
		case c.Kind == dataset.Float:
			c.Type = "HUGEINT"
		}
		c.Kind = kindOf(c.Type)
	}
	return nil
}

// trial is the SQL that says whether a text may be read as the column's type;
// "" where there is no doubt.
func trial(c dataset.Column, id string) string {
	name := ident(c.Name)
	switch {
	case c.Kind == dataset.Bool:
		return fmt.Sprintf(`%[1]s IS NULL OR lower(%[1]s) IN ('true', 'false')`, name)
	case c.Kind == dataset.Time && c.Type != "TIME":
		return fmt.Sprintf(`%[1]s IS NULL OR regexp_matches(%[1]s, '^\s*[0-9]{4}-[0-9]') AND TRY_CAST(%[1]s AS %[2]s) IS NOT NULL`, name, c.Type)
	case c.Kind == dataset.Float && c.Name == id:
		return fmt.Sprintf(`%[1]s IS NULL OR regexp_full_match(%[1]s, '(0|-?[1-9][0-9]*)') AND TRY_CAST(%[1]s AS HUGEINT) IS NOT NULL`, name)
	}
	return ""
}
