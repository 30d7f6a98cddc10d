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
// JSON list, null where a row is left out. The function is called in a select
// list: among the conditions of a WHERE, DuckDB would choose their order, and
// hand over rows that are to be left out.
func (s *source) exportSQL(what dataset.Export, fields []dataset.Field) string {
	args, from := s.scanSQL(what.Request, fields, what.Columns...)
	function, condition := sinkName, "m"
	if what.Marks() > 0 {
		function, condition = markName, "m IS NOT NULL"
	}
	columns := make([]string, len(what.Columns))
	inner := []string{fmt.Sprintf("%s(%s) AS m", function, args)}
	for i, c := range what.Columns {
		from := fmt.Sprintf("c%d", i)
		switch {
		case c.Mark == 0:
			inner = append(inner, fmt.Sprintf("%s.c%d AS c%d", alias(c.From), i, i))
		case c.Number:
			from = fmt.Sprintf("CAST(nullif(json_extract_string(m, '$[%d]'), '') AS DOUBLE)", c.Mark-1)
		default:
			from = fmt.Sprintf("json_extract_string(m, '$[%d]')", c.Mark-1)
		}
		columns[i] = from + " AS " + ident(c.Name)
	}
	return fmt.Sprintf("SELECT %s FROM (SELECT %s FROM %s) WHERE %s", strings.Join(columns, ", "), strings.Join(inner, ", "), from, condition)
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
