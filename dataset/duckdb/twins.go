package duckdb

import (
	"context"
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// renamedTwin is what DuckDB calls a column whose name is taken: y_1.
var renamedTwin = regexp.MustCompile(`^(.*)_[0-9]+$`)

// findTwins marks the columns that share their name with another one in the
// file. DuckDB gives the later ones other names, which are not in the file.
func (s *source) findTwins(ctx context.Context, r relation) error {
	names, err := s.namesInFile(ctx, r.files)
	if err != nil || names == nil {
		return err
	}
	for _, c := range r.columns {
		made := renamedTwin.FindStringSubmatch(c.Name)
		if made == nil || slices.Contains(names, c.Name) {
			continue
		}
		for i := range r.columns {
			if strings.EqualFold(r.columns[i].Name, made[1]) {
				r.columns[i].Twin = c.Name
			}
		}
	}
	return nil
}

// namesInFile are the names of columns as the first file has them, those of
// nested ones among them; nil for JSON, whose keys are not listed.
func (s *source) namesInFile(ctx context.Context, f files) ([]string, error) {
	switch f.format {
	case "csv":
		header, err := firstRecord(f.paths[0])
		if err != nil {
			return nil, err
		}
		in := csv.NewReader(strings.NewReader(header))
		in.Comma, in.LazyQuotes = []rune(f.delim)[0], true
		names, err := in.Read()
		if err != nil {
			return nil, nil // an empty header: reading the rows says what is wrong
		}
		return names, nil
	case "parquet":
		rows, err := s.conn.query(ctx, fmt.Sprintf("SELECT name::VARCHAR FROM parquet_schema(%s)", text(f.paths[0])))
		var names []string
		for _, row := range rows {
			if row[0] != nil {
				names = append(names, *row[0])
			}
		}
		return names, err
	}
	return nil, nil
}
