package duckdb

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/noworse/noworse/dataset"
)

// TestTextFiles reads small files. The wanted text is the columns with their
// kinds and then the rows, sorted, with ∅ for null.
func TestTextFiles(t *testing.T) {
	for _, c := range []struct{ name, content, want string }{
		{"plain.csv", "id,a\n1,x\n2,y\n", "id:integer|a:text\n1|x\n2|y"},
		{"no-last-newline.csv", "id,a\n1,x\n2,y", "id:integer|a:text\n1|x\n2|y"},
		{"crlf.csv", "id,a\r\n1,x\r\n2,y\r\n", "id:integer|a:text\n1|x\n2|y"},
		{"old-mac.csv", "id,a\r1,x\r2,y\r", "id:integer|a:text\n1|x\n2|y"},
		{"byte-order-mark.csv", "\ufeffid,a\n1,x\n", "id:integer|a:text\n1|x"},
		{"byte-order-mark-and-quote.csv", "\ufeff\"id\",a\n1,x\n", "id:integer|a:text\n1|x"},
		{"semicolons.csv", "id;a\n1;1,5\n2;2,5\n", "id:integer|a:text\n1|1,5\n2|2,5"},
		{"pipes.csv", "id|a\n1|x\n", "id:integer|a:text\n1|x"},
		{"tabs.tsv", "id\ta,b\n1\tx\n", "id:integer|a,b:text\n1|x"},
		{"tabs.tab", "id\ta;b;c\n1\tx\n", "id:integer|a;b;c:text\n1|x"},
		{"delimiters-in-quotes.csv", "id;\"a,,,,\"\n1;x\n", "id:integer|a,,,,:text\n1|x"},
		{"one-column.csv", "id\n1\n2\n", "id:integer\n1\n2"},
		{"UPPER.CSV", "id\n1\n", "id:integer\n1"},
		{"newline-in-quotes.csv", "id,a\n1,\"x\ny\"\n", "id:integer|a:text\n1|x\ny"},
		{"newline-in-header.csv", "id;\"a,,,\nb\";c\n1;x;3\n", "id:integer|a,,,\nb:text|c:integer\n1|x|3"},
		{"quotes.csv", "id,a\n1,\"say \"\"hi\"\"\"\n2,it's\n3,5\" nail\n", "id:integer|a:text\n1|say \"hi\"\n2|it's\n3|5\" nail"},
		{"blank-lines.csv", "id,a\n1,x\n\n2,y\n\n", "id:integer|a:text\n1|x\n2|y"},
		{"odd-names.csv", "id,capital-gain,ünï cødé,\"a\"\"b\",日本,it's,select\n1,2,3,4,5,6,7\n",
			"id:integer|capital-gain:integer|ünï cødé:integer|a\"b:integer|日本:integer|it's:integer|select:integer\n1|2|3|4|5|6|7"},
		{"same-names.csv", "id,a,a\n1,x,y\n", "id:integer|a:text|a_1:text\n1|x|y"},
		{"names-by-case.csv", "id,a,A\n1,x,y\n", "id:integer|a:text|A_1:text\n1|x|y"},
		{"pandas-index.csv", ",a\n0,x\n1,y\n", "column0:integer|a:text\n0|x\n1|y"},
		{"leading-spaces.csv", "id, age ,sex\n1, 25, Male\n2, 30, Female\n", "id:integer|age:integer|sex:text\n1|25| Male\n2|30| Female"},
		{"booleans.csv", "id,a,b,c,d\n1,true,True,T,yes\n2,false,False,F,no\n", "id:integer|a:boolean|b:boolean|c:text|d:text\n1|true|true|T|yes\n2|false|false|F|no"},
		{"beyond-2-53.csv", "a\n9007199254740993\n9007199254740992\n", "a:integer\n9007199254740992\n9007199254740993"},
		{"leading-zeros.csv", "a\n007\n008\n", "a:text\n007\n008"},
		{"numbers.csv", "id,a,b\n1,1e5,nan\n2,1.50,0.5\n", "id:integer|a:floating-point|b:floating-point\n1|100000.0|nan\n2|1.5|0.5"},
		{"nulls.csv", "id,a,b\n1,\"\",x\n2,,y\n", "id:integer|a:text|b:text\n1|∅|x\n2|∅|y"},
		{"words-for-null.csv", "id,a,b\n1,NULL,NA\n2,null,NaN\n", "id:integer|a:text|b:text\n1|NULL|NA\n2|null|NaN"},
		{"iso-dates.csv", "d,t,z,h\n2024-01-02,2024-01-02 03:04:05,2024-01-02T03:04:05+02:00,10:30:00\n",
			"d:date or time|t:date or time|z:date or time|h:date or time\n2024-01-02|2024-01-02 03:04:05|2024-01-02 01:04:05+00|10:30:00"},
		{"other-dates.csv", "a,b,c,d\n25/12/2024,01.02.2024,12/25/2024 10:00:00,24-12-25\n", "a:text|b:text|c:text|d:text\n25/12/2024|01.02.2024|12/25/2024 10:00:00|24-12-25"},
		{"dates-and-made-up-names.csv", "a,a,d\n1,2,25/12/2024\n", "a:integer|a_1:integer|d:text\n1|2|25/12/2024"},
		{"comments.csv", "#id,a\n1,#x\n", "#id:integer|a:text\n1|#x"},
		{"backslashes.csv", "id,a\n1,a\\b\n2,\\N\n", "id:integer|a:text\n1|a\\b\n2|\\N"},
		{"text-late.csv", "a\n" + strings.Repeat("5\n", 40_000) + "x\n", "a:text\n" + strings.Repeat("5\n", 40_000) + "x"},

		{"plain.jsonl", `{"id":1,"a":"x","b":true,"c":1.5}` + "\n" + `{"id":2,"a":null,"b":false}` + "\n", "id:integer|a:text|b:boolean|c:floating-point\n1|x|true|1.5\n2|∅|false|∅"},
		{"plain.ndjson", `{"id":1}` + "\r\n\r\n" + `{"id":2}`, "id:integer\n1\n2"},
		{"escapes.jsonl", `{"a b":"\u00e9\n\"","ü":""}`, "a b:text|ü:text\né\n\"|"},
		{"nested.jsonl", `{"id":1,"a":[1,2],"b":{"c":1}}`, "id:integer|a:nested|b:nested\n1|[1, 2]|{'c': 1}"},
		{"beyond-2-53.jsonl", `{"a":9007199254740993}` + "\n" + `{"a":9007199254740992}`, "a:integer\n9007199254740992\n9007199254740993"},
		{"beyond-64-bits.jsonl", `{"a":18446744073709551615}` + "\n" + `{"a":18446744073709551614}`, "a:integer\n18446744073709551614\n18446744073709551615"},
		{"keys-by-case.jsonl", `{"id":1,"a":2,"A":3}`, "id:integer|a:integer|A_1:integer\n1|2|3"},
		{"dates.jsonl", `{"d":"2024-01-02","t":"2024-01-02T03:04:05Z","e":"25-12-2024","f":"24-12-25"}`,
			"d:date or time|t:date or time|e:text|f:text\n2024-01-02|2024-01-02 03:04:05|25-12-2024|24-12-25"},
		{"nan.jsonl", `{"a":NaN}`, "a:floating-point\nnan"},
		{"key-late.jsonl", strings.Repeat(`{"a":1}`+"\n", 40_000) + `{"a":2,"b":"x"}`, "a:integer|b:text\n" + strings.Repeat("1|∅\n", 40_000) + "2|x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := contents(t, write(t, t.TempDir(), c.name, c.content)); got != c.want {
				t.Errorf("read as\n%.500s\nwant\n%.500s", got, c.want)
			}
		})
	}
}

// TestFileNames opens files whose names have characters with a meaning in
// patterns or in SQL, beside a file that the pattern would match.
func TestFileNames(t *testing.T) {
	for _, name := range []string{"a b.csv", "it's.csv", `say "hi".csv`, "é 日本.csv", "a*.csv", "a?.csv", "[ab].csv", "{a,b}.csv", "a;b.csv", "100%.csv", "-a.csv", ".hidden.csv", "a.b.csv", "a$HOME.csv", "a\\b.csv"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, other := range []string{"a.csv", "b.csv", "ab.csv"} {
				write(t, dir, other, "other\n1\n")
			}
			if got := contents(t, write(t, dir, name, "id\n1\n2\n")); got != "id:integer\n1\n2" {
				t.Errorf("read as\n%s", got)
			}
		})
	}
}

func TestCompressed(t *testing.T) {
	csv, jsonl := []byte("id,a\n1,x\n2,y\n"), []byte(`{"id":1,"a":"x"}`+"\n"+`{"id":2,"a":"y"}`)
	for name, content := range map[string][]byte{
		"a.csv.gz": gzipped(t, csv), "a.tsv.gz": gzipped(t, bytes.ReplaceAll(csv, []byte(","), []byte("\t"))), "a.csv.zst": zstded(t, csv),
		"a.jsonl.gz": gzipped(t, jsonl), "a.ndjson.zst": zstded(t, jsonl), "A.CSV.GZ": gzipped(t, csv),
	} {
		t.Run(name, func(t *testing.T) {
			if got := contents(t, write(t, t.TempDir(), name, string(content))); got != "id:integer|a:text\n1|x\n2|y" {
				t.Errorf("read as\n%s", got)
			}
		})
	}
}

func gzipped(t testing.TB, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstded(t testing.TB, content []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(content, nil)
}

// TestCutShort wants every start of a compressed file refused: an end at the
// end of a row would else pass for a smaller file.
func TestCutShort(t *testing.T) {
	var csv bytes.Buffer
	csv.WriteString("id,a\n")
	for i := range 3000 {
		fmt.Fprintf(&csv, "%d,%d\n", i, i*7919%10007)
	}
	for name, whole := range map[string][]byte{"a.csv.gz": gzipped(t, csv.Bytes()), "a.csv.zst": zstded(t, csv.Bytes())} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for n := 1; n < len(whole); n += len(whole) / 50 {
				path := write(t, dir, name, string(whole[:n]))
				if s, err := Open(t.Context(), table(path), Options{Threads: 1}); err == nil {
					t.Errorf("%d of %d bytes are read as %d rows", n, len(whole), s.Rows())
					s.Close()
				}
			}
			flipped := slices.Clone(whole)
			flipped[len(flipped)/2] ^= 0x10
			if s, err := Open(t.Context(), table(write(t, dir, name, string(flipped))), Options{Threads: 1}); err == nil {
				t.Errorf("a damaged file is read as %d rows", s.Rows())
				s.Close()
			}
		})
	}
}

// TestGlobs puts files together that hold the same columns.
func TestGlobs(t *testing.T) {
	t.Run("csv", func(t *testing.T) {
		dir := t.TempDir()
		write(t, dir, "part-1.csv", "id,a\n1,2\n")
		write(t, dir, "part-2.csv", "a,id\n2.5,x7\n") // other order, other types
		write(t, dir, "deep/er/part-3.csv", "id,a\n3,4\n")
		write(t, dir, "other.txt", "not a table")
		const two = "id:text|a:floating-point\n1|2.0\nx7|2.5"
		if got := contents(t, filepath.Join(dir, "part-*.csv")); got != two {
			t.Errorf("read as\n%s\nwant\n%s", got, two)
		}
		if got, want := contents(t, filepath.Join(dir, "**", "*.csv")), two+"\n3|4.0"; !sameLines(got, want) {
			t.Errorf("read as\n%s\nwant\n%s", got, want)
		}
		if got, want := contents(t, filepath.Join(dir, "{part-1,deep/er/part-[0-9]}.csv")), "id:integer|a:integer\n1|2\n3|4"; got != want {
			t.Errorf("read as\n%s\nwant\n%s", got, want)
		}
	})
	t.Run("many csv", func(t *testing.T) {
		dir := t.TempDir()
		for i := range 40 {
			write(t, dir, fmt.Sprintf("%02d.csv", i), fmt.Sprintf("id\n%d\n", i))
		}
		write(t, dir, "99.csv", "id\nx\n")
		if got := contents(t, filepath.Join(dir, "*.csv")); !strings.HasPrefix(got, "id:text\n0\n1\n10\n") {
			t.Errorf("read as\n%s", got)
		}
	})
	t.Run("jsonl", func(t *testing.T) {
		dir := t.TempDir()
		for i := range 40 {
			write(t, dir, fmt.Sprintf("%02d.jsonl", i), fmt.Sprintf(`{"id":%d}`, i))
		}
		write(t, dir, "99.jsonl", `{"late":"x","id":40}`)
		s := opened(t, table(filepath.Join(dir, "*.jsonl")))
		if _, ok := dataset.Find(s.Columns(), "late"); !ok || s.Rows() != 41 {
			t.Errorf("%d rows of %v", s.Rows(), s.Columns())
		}
	})
	t.Run("parquet", func(t *testing.T) {
		dir := t.TempDir()
		makeTable(t, filepath.Join(dir, "1.parquet"), "SELECT 1 AS id, 2 AS a", "FORMAT parquet")
		makeTable(t, filepath.Join(dir, "2.parquet"), "SELECT 2.6::DOUBLE AS a, 9007199254740993 AS id", "FORMAT parquet")
		makeTable(t, filepath.Join(dir, "3.parquet"), "SELECT 3 AS id, 3 AS a WHERE false", "FORMAT parquet")
		const want = "id:integer|a:floating-point\n1|2.0\n9007199254740993|2.6"
		if got := contents(t, filepath.Join(dir, "*.parquet")); got != want {
			t.Errorf("read as\n%s\nwant\n%s", got, want)
		}
	})
}

func sameLines(a, b string) bool {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

// TestFilesDiffer refuses files that do not make one table.
func TestFilesDiffer(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "csv/1.csv", "id,a\n1,2\n")
	write(t, dir, "csv/2.csv", "id,b\n1,2\n")
	write(t, dir, "more/1.csv", "id\n1\n")
	write(t, dir, "more/2.csv", "id,b\n1,2\n")
	write(t, dir, "delim/1.csv", "id,a\n1,2\n")
	write(t, dir, "delim/2.csv", "id;a\n1;2\n")
	for _, d := range []string{"parquet", "kinds"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
		makeTable(t, filepath.Join(dir, d, "1.parquet"), "SELECT 7 AS id, 2 AS a", "FORMAT parquet")
	}
	makeTable(t, filepath.Join(dir, "parquet", "2.parquet"), "SELECT 7 AS id, 2 AS a, 3 AS b", "FORMAT parquet")
	makeTable(t, filepath.Join(dir, "kinds", "2.parquet"), "SELECT '007' AS id, 2 AS a", "FORMAT parquet")
	for _, c := range []struct{ pattern, want string }{
		{"csv/*.csv", `csv/2.csv has no column "a", and csv/1.csv has one`},
		{"more/*.csv", `more/1.csv has no column "b", and more/2.csv has one`},
		{"delim/*.csv", `delim/2.csv has no column "id", and delim/1.csv has one`},
		{"parquet/*.parquet", `parquet/1.parquet has no column "b", and parquet/2.parquet has one`},
		{"kinds/*.parquet", `column "id" is integer in kinds/1.parquet and text in kinds/2.parquet`},
	} {
		s, err := Open(t.Context(), table(filepath.Join(dir, c.pattern)), Options{})
		if err == nil {
			s.Close()
		}
		failed, ok := errors.AsType[*dataset.TableError](err)
		if !ok {
			t.Errorf("%s: %v, want a TableError", c.pattern, err)
			continue
		}
		if got := strings.ReplaceAll(failed.Message, dir+"/", ""); got != c.pattern+": the files differ: "+c.want {
			t.Errorf("%s: %s\nwant %s", c.pattern, got, c.want)
		}
	}
}

// TestParquet reads types and shapes of Parquet that text files do not have.
func TestParquet(t *testing.T) {
	wide := make([]string, 2000)
	for i := range wide {
		wide[i] = fmt.Sprintf("%d AS c%d", i, i)
	}
	for _, c := range []struct{ name, sql, options, want string }{
		{"types", `SELECT 1::TINYINT a, 2::UINTEGER b, 18446744073709551615::UBIGINT c, 170141183460469231731687303715884105727::HUGEINT::VARCHAR d, 1.50::DECIMAL(9,2) e, 0.1::FLOAT f, true g, DATE '2024-02-29' h, TIMESTAMP '2024-01-02 03:04:05.5' i, TIMESTAMPTZ '2024-01-02 03:04:05+02' j, '550e8400-e29b-41d4-a716-446655440000'::UUID k, 'x'::ENUM('x') l`, "FORMAT parquet",
			"a:integer|b:integer|c:integer|d:text|e:decimal|f:floating-point|g:boolean|h:date or time|i:date or time|j:date or time|k:text|l:text\n1|2|18446744073709551615|170141183460469231731687303715884105727|1.50|0.1|true|2024-02-29|2024-01-02 03:04:05.5|2024-01-02 01:04:05+00|550e8400-e29b-41d4-a716-446655440000|x"},
		{"strings", `SELECT unnest(['', ' Male', NULL, 'é', 'a longer text than twelve bytes']) AS a`, "FORMAT parquet", "a:text\n\n Male\na longer text than twelve bytes\né\n∅"},
		{"odd names", `SELECT 1 AS "capital-gain", 2 AS "a b", 3 AS "a""b", 4 AS "日本", 5 AS "select", 6 AS "e", 7 AS "k", 8 AS "f0"`, "FORMAT parquet", "capital-gain:integer|a b:integer|a\"b:integer|日本:integer|select:integer|e:integer|k:integer|f0:integer\n1|2|3|4|5|6|7|8"},
		{"nested", `SELECT {'x': 1, 'y': [1, 2]} AS a, MAP {'k': 1} AS m, 7 AS id`, "FORMAT parquet", "a:nested|m:nested|id:integer\n{'x': 1, 'y': [1, 2]}|{k=1}|7"},
		{"row groups", `SELECT 1 AS a FROM range(5000)`, "FORMAT parquet, ROW_GROUP_SIZE 2048", "a:integer\n" + strings.TrimSuffix(strings.Repeat("1\n", 5000), "\n")},
		{"compression", `SELECT 1 AS a`, "FORMAT parquet, COMPRESSION zstd", "a:integer\n1"},
		{"wide", "SELECT " + strings.Join(wide, ", "), "FORMAT parquet", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := contents(t, makeTable(t, filepath.Join(t.TempDir(), "a.parquet"), c.sql, c.options))
			if c.name == "wide" {
				if rows := strings.Split(got, "\n"); len(rows) != 2 || strings.Count(rows[1], "|") != 1999 {
					t.Errorf("%.100s…", got)
				}
				return
			}
			if got != c.want {
				t.Errorf("read as\n%.900s\nwant\n%.900s", got, c.want)
			}
		})
	}
}
