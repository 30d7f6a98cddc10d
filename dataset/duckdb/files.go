package duckdb

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/klauspost/compress/zstd"

	"github.com/noworse/noworse/dataset"
)

// files is a table's files, all of one format.
type files struct {
	paths  []string
	format string // parquet, csv, json
	delim  string // csv
}

// formats by file name ending; .gz and .zst may follow the text formats.
var formats = map[string]string{
	".parquet": "parquet", ".pq": "parquet",
	".csv": "csv", ".tsv": "csv", ".tab": "csv",
	".jsonl": "json", ".ndjson": "json",
}

const knownFormats = "noworse reads .parquet, .csv, .tsv and .jsonl (or .ndjson), the last three also with .gz or .zst"

// resolve expands a table's path into the files it means. DuckDB is later
// allowed to open these files and no other, so no glob is left to it.
func resolve(t dataset.Table) (files, error) {
	fail := func(message, hint string) (files, error) {
		return files{}, &dataset.TableError{At: t.At, Message: message, Hint: hint}
	}
	paths, err := expand(t.Path)
	if err != nil {
		return fail(fmt.Sprintf("%s: %v", t.Path, err), "")
	}
	if len(paths) == 0 {
		return fail(fmt.Sprintf("%s: no file matches", t.Path), "the path is relative to the spec file")
	}
	f := files{paths: paths}
	for _, p := range paths {
		format, ok := formats[ending(p)]
		switch {
		case !ok:
			return fail(fmt.Sprintf("%s: the format cannot be told from the name", p), knownFormats)
		case f.format != "" && f.format != format:
			return fail(fmt.Sprintf("%s: matches files of different formats, such as %s and %s", t.Path, paths[0], p), "narrow the pattern to one format")
		}
		f.format = format
	}
	if f.format == "csv" {
		if f.delim, err = delimiter(paths[0]); err != nil {
			return fail(err.Error(), "")
		}
	}
	return f, nil
}

// expand is the sorted files of a path or pattern. A file whose own name has
// pattern characters is taken as it is.
func expand(path string) ([]string, error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return nil, fmt.Errorf("is a directory: name the files in it, such as %s", filepath.Join(path, "*.parquet"))
	case err == nil && info.Size() == 0:
		return nil, errors.New("the file is empty")
	case err == nil:
		return []string{path}, nil
	case !strings.ContainsAny(path, "*?[{"):
		return nil, withoutPath(err)
	}
	paths, err := doublestar.FilepathGlob(path, doublestar.WithFilesOnly())
	if err != nil {
		return nil, fmt.Errorf("the pattern cannot be read: %w", withoutPath(err))
	}
	slices.Sort(paths)
	return paths, nil
}

// withoutPath drops the path that the caller's message starts with already.
func withoutPath(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// ending is the lower-case ending that names the format.
func ending(path string) string {
	name := strings.ToLower(filepath.Base(path))
	bare := strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".zst")
	return filepath.Ext(bare)
}

// delimiter is the one that stands most often in a CSV file's header, outside
// quotes. DuckDB's own detection looks at every row, and takes a file with one
// broken row for a file of one column.
func delimiter(path string) (string, error) {
	if e := ending(path); e == ".tsv" || e == ".tab" {
		return "\t", nil
	}
	header, err := firstLine(path)
	if err != nil {
		return "", fmt.Errorf("%s: the header cannot be read: %w", path, withoutPath(err))
	}
	counts := map[rune]int{}
	quoted := false
	for _, r := range header {
		if r == '"' {
			quoted = !quoted
		} else if !quoted {
			counts[r]++
		}
	}
	best := ','
	for _, d := range ",;\t|" {
		if counts[d] > counts[best] {
			best = d
		}
	}
	return string(best), nil
}

// longestHeader bounds how much of a file is read to find its first line.
const longestHeader = 16 << 20

func firstLine(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	r, done, err := decompress(path, f)
	if err != nil {
		return "", err
	}
	defer done()
	line, err := bufio.NewReader(io.LimitReader(r, longestHeader)).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", err
	}
	return line, nil
}

func decompress(path string, r io.Reader) (io.Reader, func(), error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".gz":
		z, err := gzip.NewReader(r)
		return z, func() {}, err
	case ".zst":
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, nil, err
		}
		return z, z.Close, nil
	}
	return r, func() {}, nil
}

// relation is the SQL that reads the files, its types found by DuckDB. Whole
// files are looked at: a type that holds for the first rows only would fail
// later, or worse, be guessed wrong.
func (f files) relation() string {
	list := f.list()
	switch f.format {
	case "csv":
		return fmt.Sprintf("read_csv(%s, %s, sample_size=-1)", list, f.dialect())
	case "json":
		return fmt.Sprintf("read_json(%s, format='newline_delimited', sample_size=-1)", list)
	}
	return fmt.Sprintf("read_parquet(%s)", list)
}

// typed is the relation with its columns fixed, so that no later statement
// guesses again.
func (f files) typed(columns []dataset.Column) string {
	var fields []string
	for _, c := range columns {
		fields = append(fields, fmt.Sprintf("%s: %s", text(c.Name), text(c.Type)))
	}
	list, types := f.list(), strings.Join(fields, ", ")
	switch f.format {
	case "csv":
		return fmt.Sprintf("read_csv(%s, %s, auto_detect=false, columns={%s})", list, f.dialect(), types)
	case "json":
		return fmt.Sprintf("read_json(%s, format='newline_delimited', columns={%s})", list, types)
	}
	return f.relation()
}

func (f files) dialect() string {
	return fmt.Sprintf(`header=true, skip=0, delim=%s, quote='"', escape='"'`, text(f.delim))
}

func (f files) list() string {
	quoted := make([]string, len(f.paths))
	for i, p := range f.paths {
		quoted[i] = text(p)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
