package duckdb

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noworse/noworse/dataset"
)

// TestIDs matches the ids of an evaluation set with those of predictions. The
// wanted text is how many of the set's rows find one, or a part of the error.
func TestIDs(t *testing.T) {
	const kinds = "ids of different kinds never match: "
	for _, c := range []struct {
		name        string
		eval, other string // SQL for Parquet; a text that begins with "id" is CSV, with "{" JSON Lines
		want        string
	}{
		{"integers", "SELECT unnest([1, 2, 3]) AS id", "id\n3\n1\n2\n", "3"},
		{"widths of integers", "SELECT unnest([1, 2, 3])::UTINYINT AS id", "SELECT unnest([1, 2, 3])::BIGINT AS id", "3"},
		{"signed and unsigned", "SELECT unnest([1, 2, 3])::BIGINT AS id", "SELECT unnest([1, 2, 3])::UBIGINT AS id", "3"},
		{"beyond 2^53", "SELECT unnest([9007199254740993, 9007199254740992]) AS id", "id\n9007199254740993\n9007199254740995\n", "1"},
		{"beyond 2^53 in JSON", `{"id":9007199254740993}`, "id\n9007199254740992\n", "0"},
		{"unsigned 64 bits", "SELECT unnest([18446744073709551615, 18446744073709551614])::UBIGINT AS id", "id\n18446744073709551615\n18446744073709551613\n", "1"},
		{"beyond 64 bits", "SELECT unnest([70141183460469231731687303715884105727, 70141183460469231731687303715884105726])::DECIMAL(38,0) AS id", "id\n70141183460469231731687303715884105727\n70141183460469231731687303715884105725\n", "1"},
		{"whole decimals and integers", "SELECT unnest([9007199254740993, 9007199254740994])::DECIMAL(18,0) AS id", "SELECT unnest([9007199254740993, 9007199254740992]) AS id", "1"},
		{"beyond 64 bits in text files", "id\n170141183460469231731687303715884105727\n170141183460469231731687303715884105726\n", "{\"id\":170141183460469231731687303715884105727}\n{\"id\":1}\n", "1"},
		{"longer than any integer", "id\n9170141183460469231731687303715884105727\n", "id\n9170141183460469231731687303715884105728\n", "0"},
		{"text", "SELECT unnest(['a', 'B', ' c', '']) AS id", "SELECT unnest(['a', 'b', 'c', '']) AS id", "2"},
		{"text of digits", "id\n007\n008\n", "id\n008\n007\n", "2"},
		{"text and integer", "id\n007\n008\n", "id\n7\n8\n", kinds + `"id" is text in eval.csv and "id" is integer in other.csv`},
		{"text and integer in Parquet", "SELECT '7' AS id", "SELECT 7 AS id", kinds + `"id" is text in eval.parquet and "id" is integer in other.parquet`},
		{"integer and float", "SELECT 7 AS id", "SELECT 7.0::DOUBLE AS id", kinds + `"id" is integer in eval.parquet and "id" is floating-point in other.parquet`},
		{"floats in CSV stay as they are written", "id\n1.0\n2.5\n", "id\n1.0\n2.50\n", "1"},
		{"UUIDs", "SELECT '550e8400-e29b-41d4-a716-446655440000'::UUID AS id", "id\n550e8400-e29b-41d4-a716-446655440000\n", "1"},
		{"UUID and other text", "SELECT '550e8400-e29b-41d4-a716-446655440000'::UUID AS id", "id\nx\n550e8400-e29b-41d4-a716-446655440000\n", "1"},
		{"enumerated and text", "SELECT 'a'::ENUM('a', 'b') AS id", "SELECT unnest(['a', 'c']) AS id", "1"},
		{"dates", "SELECT DATE '2024-02-29' AS id", "id\n2024-02-29\n", "1"},
		{"dates and times", "SELECT DATE '2024-02-29' AS id", "SELECT TIMESTAMP '2024-02-29 00:00:00' AS id", kinds + `"id" is date or time in eval.parquet`},
		{"decimals", "SELECT 1.50::DECIMAL(9,2) AS id", "SELECT 1.5::DECIMAL(5,1) AS id", "1"},
		{"booleans", "SELECT unnest([true, false]) AS id", "id\ntrue\nfalse\n", "2"},
		{"nested", "SELECT [1] AS id", "SELECT [1] AS id", `"id" cannot match rows: it is nested in eval.parquet`},
		{"of mixed types", "{\"id\":1}\n{\"id\":\"x\"}\n", "id\n1\nx\n", `"id" cannot match rows: it is nested in eval.jsonl and text in other.csv`},
		{"nulls never match", "SELECT unnest([1, NULL]) AS id", "SELECT unnest([1, NULL]) AS id", "1"},
		{"no such column", "SELECT 1 AS id", "SELECT 1 AS ID", `other.parquet has no column "id" to match rows by`},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			l := table(idFile(t, dir, "eval", c.eval))
			l.Eval.ID = "id"
			l.Attached = []dataset.Table{{At: "candidate.path", AtID: "candidate.id", ID: "id", Path: idFile(t, dir, "other", c.other)}}
			got := strings.ReplaceAll(matched(t, l), dir+string(filepath.Separator), "")
			if message := len(c.want) > 1; got != c.want && !(message && strings.HasPrefix(got, c.want)) {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func idFile(t *testing.T, dir, name, content string) string {
	t.Helper()
	switch content[0] {
	case 'i':
		return write(t, dir, name+".csv", content)
	case '{':
		return write(t, dir, name+".jsonl", content)
	}
	return makeTable(t, filepath.Join(dir, name+".parquet"), content, "FORMAT parquet")
}

// matched counts the rows with predictions, or is the message of the error.
func matched(t *testing.T, l dataset.Layout) string {
	t.Helper()
	s, err := Open(t.Context(), l, Options{Threads: 1})
	if failed, ok := errors.AsType[*dataset.TableError](err); ok {
		return failed.Message
	}
	if err != nil {
		return "not a TableError: " + err.Error()
	}
	defer s.Close()
	rows, err := scanned(t.Context(), s, dataset.Request{Fields: []dataset.Field{{From: dataset.FromAttached(0), Form: dataset.Present}}})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, row := range rows {
		if row == "true" {
			n++
		}
	}
	return fmt.Sprint(n)
}

// TestScanFails names the table or the slice that a scan fails on.
func TestScanFails(t *testing.T) {
	dir := t.TempDir()
	path := makeTable(t, filepath.Join(dir, "late.parquet"), "SELECT CASE i WHEN 40000 THEN 'n/a' ELSE i::VARCHAR END AS age FROM range(50000) t(i)", "FORMAT parquet")
	s := opened(t, table(path))
	fine, err := s.Predicate(t.Context(), "age <> '7'")
	if err != nil {
		t.Fatal(err)
	}
	late, err := s.Predicate(t.Context(), "CAST(age AS INTEGER) > 30")
	if err != nil {
		t.Fatal(err)
	}
	_, err = scanned(t.Context(), s, dataset.Request{Fields: []dataset.Field{
		{Column: "age", Form: dataset.AsText}, {Predicate: &fine, Form: dataset.AsBool}, {Predicate: &late, Form: dataset.AsBool},
	}})
	failed, ok := errors.AsType[*dataset.FieldError](err)
	if !ok || failed.Field != 2 || failed.Message != `"n/a" is not a number: where CAST fails, TRY_CAST gives null` {
		t.Errorf("%T: %v", err, err)
	}

	// A Parquet file whose pages are damaged, while its footer is whole.
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 100; i < 400; i++ {
		content[i] ^= 0x5a
	}
	damaged := write(t, dir, "damaged.parquet", string(content))
	s = opened(t, table(damaged))
	_, err = scanned(t.Context(), s, dataset.Request{Fields: []dataset.Field{{Column: "age", Form: dataset.AsText}}})
	broken, ok := errors.AsType[*dataset.TableError](err)
	if !ok || broken.At != "data.eval.path" || !strings.HasPrefix(broken.Message, damaged+" cannot be read: ") {
		t.Errorf("%T: %v", err, err)
	}
}
