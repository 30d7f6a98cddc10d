package duckdb

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/duckdb/duckdb-go-bindings"

	"github.com/noworse/noworse/dataset"
)

// How a file is written, by format. Version 2 of Parquet stores sorted whole
// numbers as differences, and doubles byte by byte, which compress better.
var exportOptions = map[string]string{
	"parquet": "FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd",
	"csv":     "FORMAT csv, HEADER true",
}

// Export writes to the private directory: DuckDB may write nowhere else.
func (s *source) Export(ctx context.Context, what dataset.Export, newSink func() dataset.Sink) (string, error) {
	options, ok := exportOptions[what.Format]
	if !ok {
		return "", fmt.Errorf("internal: an export as %q", what.Format)
	}
	s.exports++
	path := filepath.Join(s.temp, fmt.Sprintf("export-%d.%s", s.exports, what.Format))
	h := s.handing(what.Fields)
	sql := fmt.Sprintf("COPY (%s ORDER BY %d) TO %s (%s)", s.exportSQL(what, h.fields), what.OrderBy+1, text(path), options)
	return path, s.run(ctx, what.Request, h, newSink, what.Marks() > 0, sql)
}

// exportSQL is the rows that are written. The texts of the sink come as one
// JSON list, null where a row is left out.
func (s *source) exportSQL(what dataset.Export, fields []dataset.Field) string {
	args, from := s.scanSQL(fields, what.NotNull, what.Columns...)
	marked := what.Marks() > 0
	columns := make([]string, len(what.Columns))
	inner := []string{fmt.Sprintf("%s(%s) AS m", markName, args)}
	for i, c := range what.Columns {
		from := fmt.Sprintf("%s.c%d", alias(c.From), i)
		switch {
		case c.Mark > 0:
			from = fmt.Sprintf("json_extract_string(m, '$[%d]')", c.Mark-1)
			if c.Number {
				from = fmt.Sprintf("CAST(nullif(%s, '') AS DOUBLE)", from)
			}
		case marked:
			inner = append(inner, fmt.Sprintf("%s AS c%d", from, i))
			from = fmt.Sprintf("c%d", i)
		}
		columns[i] = from + " AS " + ident(c.Name)
	}
	list := strings.Join(columns, ", ")
	if marked {
		return fmt.Sprintf("SELECT %s FROM (SELECT %s FROM %s) WHERE m IS NOT NULL", list, strings.Join(inner, ", "), from)
	}
	return fmt.Sprintf("SELECT %s FROM %s WHERE %s(%s)", list, from, sinkName, args)
}

// exported is a column as it is written: its own type, but for those that
// Parquet does not have.
func (s *source) exported(c dataset.ExportColumn) string {
	if c.Position {
		return position
	}
	columns := s.columns
	if c.From != dataset.FromEval {
		columns = s.attached[int(c.From)-1].columns
	}
	found, _ := dataset.Find(columns, c.Column)
	switch found.Type {
	case "HUGEINT", "UHUGEINT", "BIGNUM":
		return "CAST(" + ident(c.Column) + " AS DECIMAL(38, 0))"
	}
	return ident(c.Column)
}

// tell writes a sink's marks to a vector of texts.
func tell(marks [][]string, to duckdb_go_bindings.Vector) error {
	duckdb_go_bindings.VectorEnsureValidityWritable(to)
	valid := validity(to, len(marks))
	for i, mark := range marks {
		if mark == nil {
			valid[i>>6] &^= 1 << (i & 63)
			continue
		}
		encoded, err := json.Marshal(mark)
		if err != nil {
			return err
		}
		duckdb_go_bindings.VectorAssignStringElementLen(to, duckdb_go_bindings.IdxT(i), encoded)
	}
	return nil
}
