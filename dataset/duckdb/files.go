package duckdb

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/noworse/noworse/dataset"
)

// files is a table's files, all of one format.
type files struct {
	paths  []string
	format string            // parquet, csv, json
	delim  string            // csv
	names  map[string]string // what paths are called, where that is something else
	shapes []shape
}

// formats by file name ending; .gz and .zst may follow the text formats.
var formats = map[string]string{
	".parquet": "parquet", ".pq": "parquet",
	".csv": "csv", ".tsv": "csv", ".tab": "csv",
	".jsonl": "json", ".ndjson": "json",
}

// Formats says which files are read.
const Formats = "noworse reads .parquet, .csv, .tsv and .jsonl (or .ndjson), the last three also with .gz or .zst"

// resolve expands a table's path into the files it means. DuckDB is later
// allowed to open these files and no other, so no glob is left to it.
func resolve(ctx context.Context, t dataset.Table, refuse func(string) string) (files, error) {
	f, hint, err := find(t, refuse)
	if err != nil {
		return files{}, &dataset.TableError{At: t.At, Message: t.Path + ": " + err.Error(), Hint: hint, Missing: errors.Is(err, errNoFile) || errors.Is(err, errNoMatch)}
	}
	for _, p := range f.paths {
		if err := verify(ctx, p); err != nil {
			return files{}, &dataset.TableError{At: t.At, Message: f.name(p) + ": " + err.Error(), Hint: "write or copy it again"}
		}
	}
	if f.format == "csv" {
		if f.delim, err = delimiter(f.paths[0]); err != nil {
			return files{}, &dataset.TableError{At: t.At, Message: fmt.Sprintf("%s: the header cannot be read: %v", f.name(f.paths[0]), withoutPath(err))}
		}
	}
	return f, nil
}

// name is what a path is called.
func (f files) name(path string) string {
	if name, ok := f.names[path]; ok {
		return name
	}
	return path
}

// named is a message with the files in it as they are called.
func (f files) named(message string) string {
	for _, p := range f.paths {
		message = strings.ReplaceAll(message, p, f.name(p))
	}
	return message
}

// find is the files of a table, and their format.
func find(t dataset.Table, refuse func(string) string) (f files, hint string, err error) {
	f.names = map[string]string{}
	for _, file := range t.Files {
		f.paths = append(f.paths, file.Path)
		f.names[file.Path] = file.Name
	}
	if t.Files == nil {
		if f.paths, hint, err = expand(t.Path, refuse); err != nil {
			return f, hint, err
		}
	}
	for _, p := range f.paths {
		name := f.name(p)
		format, ok := formats[ending(p)]
		switch {
		case !ok && name == t.Path:
			return f, Formats, errNoFormat
		case !ok:
			return f, Formats, fmt.Errorf("it matches %s, whose format cannot be told from the name", name)
		case f.format != "" && f.format != format:
			return f, "narrow the pattern to one format", fmt.Errorf("it matches files of different formats, such as %s and %s", f.name(f.paths[0]), name)
		}
		f.format = format
	}
	return f, "", nil
}

var (
	errNoFormat = errors.New("the format cannot be told from the name")
	errNoFile   = errors.New("there is no such file")
	errNoMatch  = errors.New("no file matches")
)

// CheckFormat returns an error where a file's name does not say how to read it.
func CheckFormat(name string) error {
	if _, ok := formats[ending(name)]; !ok {
		return errNoFormat
	}
	return nil
}

// expand is the sorted files of a path or pattern. A file whose own name has
// pattern characters is taken as it is.
func expand(path string, refuse func(string) string) (paths []string, hint string, err error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return nil, "name the files in it, such as " + filepath.Join(path, "*.parquet"), errors.New("this is a directory")
	case err == nil && !info.Mode().IsRegular():
		return nil, "noworse reads its files more than once: save the rows to a file first", errors.New("this is no regular file")
	case err == nil && info.Size() == 0:
		return nil, "write it again", errors.New("the file is empty")
	case err == nil:
		return []string{path}, "", refused([]string{path}, refuse)
	case errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(path, "*?[{"):
		return nil, neighbours(path), errNoFile
	case !errors.Is(err, fs.ErrNotExist):
		return nil, "", withoutPath(err)
	}
	options := []doublestar.GlobOption{doublestar.WithFilesOnly()}
	if refuse != nil { // a link to the root of all files would be searched for ever
		options = append(options, doublestar.WithNoFollow(), doublestar.WithNoHidden())
	}
	paths, err = doublestar.FilepathGlob(path, options...)
	switch {
	case err != nil:
		return nil, "* is any text, ** any directories, [ab] a or b, {x,y} x or y", errors.New("the pattern cannot be read")
	case len(paths) == 0:
		return nil, relative, errNoMatch
	}
	slices.Sort(paths)
	return paths, "", refused(paths, refuse)
}

// refused is the refusal of the first file that may not be read. It does not
// name what a pattern has found in another's directory.
func refused(paths []string, refuse func(string) string) error {
	for _, p := range paths {
		if refuse == nil {
			break
		}
		if why := refuse(p); why != "" {
			return errors.New(why)
		}
	}
	return nil
}

const relative = "a path is relative to the directory of the spec"

// neighbours is a hint for a file that is not there: those that are.
func neighbours(path string) string {
	const most = 5
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return relative
	}
	var names []string
	for _, e := range entries {
		if _, ok := formats[ending(e.Name())]; ok && !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	switch {
	case len(names) == 0:
		return relative
	case len(names) > most:
		names = append(names[:most], "…")
	}
	return "data files in that directory: " + strings.Join(names, ", ")
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
	if compression(path) != "none" {
		path = path[:len(path)-len(extension(path))]
	}
	return extension(path)
}

// extension is the last ending of a path.
func extension(path string) string { return strings.ToLower(filepath.Ext(path)) }

// delimiter is the one that stands most often in a CSV file's header, outside
// quotes. DuckDB's own detection looks at every row, and takes a file with one
// broken row for a file of one column.
func delimiter(path string) (string, error) {
	if e := ending(path); e == ".tsv" || e == ".tab" {
		return "\t", nil
	}
	header, err := firstRecord(path)
	if err != nil {
		return "", err
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

// longestHeader bounds how much of a file is read to find its header.
const longestHeader = 16 << 20

// firstRecord is the header of a CSV file as it is written, without the end of
// its line. A quoted name may hold line breaks.
func firstRecord(path string) (string, error) {
	r, done, err := openText(path)
	if err != nil {
		return "", err
	}
	defer done()
	in := bufio.NewReader(io.LimitReader(r, longestHeader))
	var header []byte
	for quoted := false; ; {
		b, err := in.ReadByte()
		switch {
		case err != nil && err != io.EOF:
			return "", err
		case err == io.EOF, !quoted && (b == '\n' || b == '\r'):
			return strings.TrimPrefix(string(header), "\ufeff"), nil
		case b == '"':
			quoted = !quoted
		}
		header = append(header, b)
	}
}

// openText opens a text file, decompressed.
func openText(path string) (io.Reader, func(), error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	r, done, err := decompress(path, f)
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return r, func() { done(); f.Close() }, nil
}

func decompress(path string, r io.Reader) (io.Reader, func(), error) {
	switch extension(path) {
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
// files are looked at, and all of them: a type that holds for the first rows
// only would fail later, or worse, be guessed wrong.
func (f files) relation() string {
	list := f.list()
	switch f.format {
	case "csv":
		return fmt.Sprintf("read_csv(%s, %s, sample_size=-1, files_to_sniff=-1, union_by_name=true)", list, f.dialect())
	case "json":
		return fmt.Sprintf("read_json(%s, %s, sample_size=-1, maximum_sample_files=%d)", list, f.jsonDialect(), math.MaxInt32)
	}
	// By name, numbers get a type that holds those of every file. By position,
	// 2.5 in the second file becomes the integer that the first file has.
	return fmt.Sprintf("read_parquet(%s, hive_partitioning=false, union_by_name=%t)", list, len(f.shapes) > 1)
}

func (f files) jsonDialect() string {
	dialect := "format='newline_delimited', records=true, hive_partitioning=false"
	if method := f.compression(); method == "gzip" || method == "zstd" {
		dialect += ", compression=" + text(method)
	}
	return dialect
}

// typed is the relation with its columns fixed, so that no later statement
// guesses again.
func (f files) typed(columns []dataset.Column) string {
	switch {
	case f.format == "csv":
		return f.typedCSV(columns)
	case f.format == "json" && !renamed(columns):
		return fmt.Sprintf("read_json(%s, %s, columns=%s)", f.list(), f.jsonDialect(), fields(columns))
	}
	return f.relation()
}

// typedCSV reads files with the same header by position, and puts those with
// other headers together by name.
func (f files) typedCSV(columns []dataset.Column) string {
	var parts []string
	for _, s := range f.shapes {
		ordered := make([]dataset.Column, len(s.columns))
		for i, c := range s.columns {
			ordered[i], _ = dataset.Find(columns, c.Name)
		}
		part := files{paths: s.paths, format: f.format, delim: f.delim}
		parts = append(parts, fmt.Sprintf("FROM read_csv(%s, %s, auto_detect=false, columns=%s)", part.list(), f.dialect(), fields(ordered)))
	}
	return "(" + strings.Join(parts, " UNION ALL BY NAME ") + ")"
}

// fields are columns as a struct constant of names and types.
func fields(columns []dataset.Column) string {
	var list []string
	for _, c := range columns {
		list = append(list, text(c.Name)+": "+text(c.Type))
	}
	return "{" + strings.Join(list, ", ") + "}"
}

// renamed says whether a name may be one that DuckDB made up, because two keys
// differ in case only: then a key of that name is not there to be read.
func renamed(columns []dataset.Column) bool {
	return slices.ContainsFunc(columns, func(c dataset.Column) bool {
		base := strings.TrimRight(c.Name, "0123456789")
		_, clash := findFold(columns, strings.TrimSuffix(base, "_"))
		return clash && strings.HasSuffix(base, "_") && base != c.Name
	})
}

func (f files) dialect() string {
	return fmt.Sprintf(`header=true, skip=0, delim=%s, quote='"', escape='"', hive_partitioning=false, compression=%s`, text(f.delim), text(f.compression()))
}

// compression is how the files are compressed. DuckDB tells it by the name too,
// but not where the name is in upper case.
func (f files) compression() string {
	method := compression(f.paths[0])
	for _, p := range f.paths {
		if compression(p) != method {
			return "auto"
		}
	}
	return method
}

func compression(path string) string {
	switch extension(path) {
	case ".gz":
		return "gzip"
	case ".zst":
		return "zstd"
	}
	return "none"
}

// list is the files as an SQL list. DuckDB takes each name for a pattern.
func (f files) list() string {
	quoted := make([]string, len(f.paths))
	for i, p := range f.paths {
		quoted[i] = text(asPattern.Replace(p))
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// asPattern makes a name a pattern that matches it and nothing else.
var asPattern = strings.NewReplacer("*", "[*]", "?", "[?]", "[", "[[]")
