package duckdb

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// DuckDB says that a text file is broken in words about its own options. So
// once it has refused a file, the file is read again here for what is wrong
// with it and where.

// fault is what keeps a text file from being read.
type fault struct {
	line    int
	message string // "has 2 columns where the header has 3"
}

func (f *fault) String() string { return fmt.Sprintf("line %d %s", f.line, f.message) }

// findFault returns the first fault of the files, and the file that has it; nil
// if these eyes see none.
func (f files) findFault(ctx context.Context) (path string, found *fault) {
	for _, path := range f.paths {
		r, done, err := openText(path)
		if err != nil {
			continue
		}
		if f.format == "csv" {
			found = csvFault(untilDone{ctx, r}, f.delim[0])
		} else {
			found = jsonFault(untilDone{ctx, r})
		}
		done()
		if found != nil {
			return path, found
		}
	}
	return "", nil
}

// longestLine is what DuckDB takes of a CSV row, in bytes.
const longestLine = 2_000_000

// csvReader walks through a CSV file's records, one byte at a time.
type csvReader struct {
	in    *bufio.Reader
	delim byte
	line  int // of the byte to be read next
	ends  string
}

// csvFault is the first row that is not as the header and RFC 4180 have it.
func csvFault(in io.Reader, delim byte) *fault {
	r := &csvReader{in: bufio.NewReaderSize(in, 1<<16), delim: delim, line: 1}
	header := 0
	for {
		line := r.line
		record, found := r.record()
		switch {
		case found != nil:
			return found
		case record == nil:
			return nil
		case header == 0:
			header = record.fields
		case record.fields != header && !record.blank:
			return &fault{line, fmt.Sprintf("has %s where the header has %d", plural(record.fields, "column"), header)}
		}
	}
}

type csvRecord struct {
	fields int
	blank  bool
}

// record reads one record; nil at the end of the file.
func (r *csvReader) record() (*csvRecord, *fault) {
	start := r.line
	rec := csvRecord{fields: 1, blank: true}
	var text []byte // for the check of its encoding
	fieldStart := true
	for {
		b, err := r.in.ReadByte()
		if err != nil {
			if rec.blank && len(text) == 0 {
				return nil, nil
			}
			return r.checked(&rec, start, text)
		}
		switch {
		case b == '\n' || b == '\r':
			if found := r.end(b, start); found != nil {
				return nil, found
			}
			return r.checked(&rec, start, text)
		case b == '"' && fieldStart:
			quoted, found := r.quoted()
			if found != nil {
				return nil, found
			}
			text = append(text, quoted...)
			rec.blank = false
		case b == r.delim:
			rec.fields++
			rec.blank = false
		default:
			text = append(text, b)
			rec.blank = false
		}
		fieldStart = b == r.delim
	}
}

func (r *csvReader) checked(rec *csvRecord, line int, text []byte) (*csvRecord, *fault) {
	switch {
	case !utf8.Valid(text):
		return nil, &fault{line, "holds bytes that are not UTF-8 text"}
	case len(text) > longestLine:
		return nil, &fault{line, fmt.Sprintf("is longer than %d bytes", longestLine)}
	}
	return rec, nil
}

// end passes the end of a line, which must be as the others.
func (r *csvReader) end(b byte, line int) *fault {
	ends := string(b)
	if next, err := r.in.Peek(1); b == '\r' && err == nil && next[0] == '\n' {
		r.in.ReadByte()
		ends = "\r\n"
	}
	r.line++
	if r.ends == "" {
		r.ends = ends
	}
	if r.ends != ends {
		return &fault{line, fmt.Sprintf("ends with %s, and the lines before it with %s", lineEnds[ends], lineEnds[r.ends])}
	}
	return nil
}

var lineEnds = map[string]string{"\n": "LF", "\r\n": "CR LF", "\r": "CR"}

// quoted passes the rest of a field that a quote has opened.
func (r *csvReader) quoted() ([]byte, *fault) {
	opened := r.line
	var text []byte
	for {
		b, err := r.in.ReadByte()
		if err != nil {
			return nil, &fault{opened, "opens a quote that nothing closes"}
		}
		if b == '\n' {
			r.line++
		}
		if b != '"' {
			text = append(text, b)
			continue
		}
		next, err := r.in.Peek(1)
		switch {
		case err != nil || next[0] == r.delim || next[0] == '\n' || next[0] == '\r':
			return text, nil
		case next[0] != '"':
			return nil, &fault{r.line, "has text after a closing quote: a quote inside a quoted value is written twice"}
		}
		r.in.ReadByte()
		text = append(text, '"')
	}
}

// jsonFault is the first line that is not one JSON object.
func jsonFault(in io.Reader) *fault {
	r := bufio.NewReaderSize(in, 1<<16)
	for line := 1; ; line++ {
		text, err := r.ReadBytes('\n')
		if message := jsonLineFault(text); message != "" {
			return &fault{line, message}
		}
		if err != nil {
			return nil
		}
	}
}

// notJSON are numbers that DuckDB takes though JSON has none of them.
var notJSON = regexp.MustCompile(`\b(NaN|Infinity)\b`)

func jsonLineFault(text []byte) string {
	text = bytes.TrimSpace(text)
	switch {
	case len(text) == 0:
		return ""
	case bytes.HasPrefix(text, []byte("\ufeff")):
		return "begins with a byte order mark: save the file without one"
	case !utf8.Valid(text):
		return "holds bytes that are not UTF-8 text"
	case !json.Valid(text) && !json.Valid(notJSON.ReplaceAll(text, []byte("0"))):
		return "is not a whole JSON value: each line holds one object"
	case text[0] != '{':
		return `is not a JSON object such as {"id": 1}: each line holds one`
	}
	if key := repeatedKey(text); key != "" {
		return fmt.Sprintf("has the key %q twice", key)
	}
	return ""
}

// repeatedKey is a key that an object has twice.
func repeatedKey(object []byte) string {
	d := json.NewDecoder(bytes.NewReader(object))
	d.Token()
	var keys []string
	for d.More() {
		key, err := d.Token()
		name, ok := key.(string)
		var value json.RawMessage
		if err != nil || !ok || d.Decode(&value) != nil {
			return ""
		}
		if slices.Contains(keys, name) {
			return name
		}
		keys = append(keys, name)
	}
	return ""
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// parquetFault says what DuckDB found wrong with a Parquet file.
func parquetFault(err error) string {
	message := err.Error()
	for _, f := range []struct{ sign, means string }{
		{"magic bytes", "it is cut short, or is not a Parquet file"},
		{"too small to be a Parquet file", "it is cut short, or is not a Parquet file"},
		{"ncrypt", "it is encrypted"},
		{"TProtocolException", "it is damaged"},
		{"don't know what type", "it is damaged"},
		{"ompress", "it is damaged: a part of it does not decompress"},
	} {
		if strings.Contains(message, f.sign) {
			return f.means
		}
	}
	return tidy(err)
}

// untilDone ends a read once its context does: a small file can decompress for
// hours.
type untilDone struct {
	ctx context.Context
	io.Reader
}

func (r untilDone) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// verify reads a compressed file to its end. DuckDB takes the start of a file
// that is cut short for the whole.
func verify(ctx context.Context, path string) error {
	if compression(path) == "none" {
		return nil
	}
	r, done, err := openText(path)
	if err == nil {
		defer done()
		_, err = io.Copy(io.Discard, untilDone{ctx, r})
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errors.New("the file is cut short")
	case errors.Is(err, fs.ErrPermission):
		return withoutPath(err)
	}
	return errors.New("the file is damaged: it does not decompress")
}
