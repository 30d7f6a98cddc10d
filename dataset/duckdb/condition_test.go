package duckdb

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/noworse/noworse/dataset"
)

// edges are values of every type that a condition compares, and of two that it
// does not; the constants that they are compared with are among them or beside them.
var edges = []struct{ column, duckType, values string }{
	{"i8", "TINYINT", "-128, -1, 0, 1, 5, 127"},
	{"i32", "INTEGER", "-2147483648, -1, 0, 1, 5, 10, 2147483647"},
	{"i64", "BIGINT", "-9223372036854775807 - 1, -9007199254740993, -1, 0, 1, 5, 9007199254740992, 9007199254740993, 9223372036854775807"},
	{"u32", "UINTEGER", "0, 1, 5, 4294967295"},
	{"f64", "DOUBLE", "'nan', '-nan', 'inf', '-inf', '-0.0', 0, 5e-324, -1, 1, 5, 52.5, 0.1, 0.30000000000000004, 0.3, 9007199254740992, 9223372036854775808, 1e300, -1e300"},
	{"f32", "FLOAT", "'nan', 'inf', '-inf', '-0.0', 0, -1, 1, 5, 52.5, 0.1, 0.3, 0.7, 16777216, 16777217, 1e30"},
	{"word", "VARCHAR", "'', 'a', 'A', 'ab', 'abc ', ' abc', 'é', '日本', 'longer than twelve bytes', 'longer than twelve bytez', 'a' || chr(0), '5', 'it''s'"},
	{"flag", "BOOLEAN", "true, false"},
	{"dec", "DECIMAL(9,2)", "-1, 0, 0.1, 5, 52.5"},
	{"u64", "UBIGINT", "0, 5, 18446744073709551615"},
}

// edgeTable is a file with those values in random company: more rows than a
// batch has, a ninth of each column null.
func edgeTable(t testing.TB) string {
	var columns []string
	for i, e := range edges {
		values := fmt.Sprintf("CAST([%s] AS %s[])", castAll(e.values, e.duckType), e.duckType)
		columns = append(columns, fmt.Sprintf("CASE WHEN hash(i * 31 + %d) %% 9 > 0 THEN list_extract(%s, 1 + (hash(i * 17 + %d) %% len(%s))::INTEGER) END AS %s", i, values, i, values, e.column))
	}
	return makeTable(t, filepath.Join(t.TempDir(), "edges.parquet"), "SELECT "+strings.Join(columns, ", ")+" FROM range(5003) r(i)", "FORMAT parquet")
}

// castAll casts each value of a list, since a list has one type.
func castAll(values, duckType string) string {
	list := strings.Split(values, ", ")
	for i, v := range list {
		list[i] = "CAST(" + v + " AS " + duckType + ")"
	}
	return strings.Join(list, ", ")
}

// sameMasks holds masks to what DuckDB says of the same predicates, row by row.
type sameMasks struct {
	predicates []dataset.Predicate
}

func (c sameMasks) Consume(b *dataset.Batch) error {
	for p, predicate := range c.predicates {
		mask, bools := b.Vectors[2*p].Mask, &b.Vectors[2*p+1]
		for i := range len(mask) * 64 {
			want := i < b.Rows && !bools.Null(i) && bools.Bools[i] != 0
			if got := mask[i>>6]>>(i&63)&1 == 1; got != want {
				return fmt.Errorf("%s: row %d of a batch of %d: the mask says %v, DuckDB %v", predicate.SQL, i, b.Rows, got, want)
			}
		}
	}
	return nil
}

// hold compares masks with booleans for these predicates.
func hold(t interface {
	rapid.TB
	Context() context.Context
}, s dataset.Source, texts ...string) {
	var r dataset.Request
	var c sameMasks
	for _, text := range texts {
		p, err := s.Predicate(t.Context(), text)
		if err != nil {
			continue // no type has room for all that is compared
		}
		c.predicates = append(c.predicates, p)
	}
	for i := range c.predicates {
		r.Fields = append(r.Fields, dataset.Field{Predicate: &c.predicates[i], Form: dataset.AsMask}, dataset.Field{Predicate: &c.predicates[i], Form: dataset.AsBool})
	}
	if len(r.Fields) == 0 {
		return
	}
	if err := s.Scan(t.Context(), r, func() dataset.Sink { return c }); err != nil {
		t.Fatal(err)
	}
}

func TestMasks(t *testing.T) {
	s := opened(t, table(edgeTable(t)))
	rapid.Check(t, func(t *rapid.T) {
		var texts []string
		for range 3 {
			texts = append(texts, drawPredicate(t, 2))
		}
		hold(t, s, texts...)
	})
}

// drawPredicate draws a predicate, most often one that is a condition.
func drawPredicate(t *rapid.T, depth int) string {
	if depth > 0 {
		inner := func() string { return drawPredicate(t, depth-1) }
		switch rapid.IntRange(0, 5).Draw(t, "connective") {
		case 0:
			return "NOT (" + inner() + ")"
		case 1:
			return "((" + inner() + ") AND (" + inner() + "))"
		case 2:
			return "((" + inner() + ") OR (" + inner() + ") OR (" + inner() + "))"
		}
	}
	column := edges[rapid.IntRange(0, len(edges)-1).Draw(t, "column")].column
	constant := func() string { return drawConstant(t, column) }
	switch rapid.IntRange(0, 6).Draw(t, "test") {
	case 0:
		return column + rapid.SampledFrom([]string{" IS NULL", " IS NOT NULL"}).Draw(t, "null")
	case 1:
		list := []string{constant()}
		for range rapid.IntRange(0, 18).Draw(t, "more") {
			list = append(list, constant())
		}
		return column + rapid.SampledFrom([]string{" IN (", " NOT IN ("}).Draw(t, "in") + strings.Join(list, ", ") + ")"
	case 2:
		return column + rapid.SampledFrom([]string{" BETWEEN ", " NOT BETWEEN "}).Draw(t, "between") + constant() + " AND " + constant()
	case 3:
		return constant() + drawComparison(t) + column
	case 4:
		return "flag"
	}
	return column + drawComparison(t) + constant()
}

func drawComparison(t *rapid.T) string {
	return rapid.SampledFrom([]string{" = ", " <> ", " < ", " <= ", " > ", " >= ", " IS DISTINCT FROM "}).Draw(t, "comparison")
}

func drawConstant(t *rapid.T, column string) string {
	switch column {
	case "word":
		return rapid.SampledFrom([]string{"''", "'a'", "'A'", "'ab'", "'abc '", "'b'", "'é'", "'日'", "'longer than twelve bytes'", "'longer than twelve bytf'", "'it''s'"}).Draw(t, "text")
	case "flag":
		return rapid.SampledFrom([]string{"true", "false"}).Draw(t, "truth")
	}
	if rapid.Bool().Draw(t, "listed") {
		list := []string{"-1", "0", "1", "5", "0.1", "0.3", "52.5", "-0.0", "16777216", "16777217", "2147483647", "2147483648"}
		list = append(list, "9007199254740993", "9223372036854775807", "1e300", "5e-1", "52.50000000000000000001", "123456789012345.678", "9223372036854775808")
		return rapid.SampledFrom(list).Draw(t, "number")
	}
	return fmt.Sprintf("%.*f", rapid.IntRange(0, 9).Draw(t, "digits"), rapid.Float64Range(-60, 60).Draw(t, "number"))
}

// TestDecimalConstants looks at decimals closely: a column has the number that is
// nearest to each, and its neighbours.
func TestDecimalConstants(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 7))
	for duckType, bits := range map[string]int{"DOUBLE": 55, "FLOAT": 26} {
		var predicates, rows []string
		for range 100 {
			whole := int64(random.Uint64()) >> (64 - bits + random.IntN(bits))
			text := decimal(whole, 1+random.IntN(18))
			predicates = append(predicates, "x = "+text, "x < "+text, "x > "+text)
			x := fmt.Sprintf("CAST('%s' AS %s)", text, duckType)
			rows = append(rows, x, "nextafter("+x+", 'inf')", "nextafter("+x+", '-inf')")
		}
		file := makeTable(t, filepath.Join(t.TempDir(), "x.parquet"), "SELECT unnest(["+strings.Join(rows, ", ")+"]) AS x", "FORMAT parquet")
		hold(t, opened(t, table(file)), predicates...)
	}
}

// decimal writes a whole number with a point before its last digits.
func decimal(whole int64, scale int) string {
	digits := fmt.Sprintf("%0*d", scale+1, max(whole, -whole))
	text := digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
	if whole < 0 {
		return "-" + text
	}
	return text
}

// TestConditions says which predicates are worked out here.
func TestConditions(t *testing.T) {
	s := opened(t, table(edgeTable(t))).(*source)
	for text, want := range map[string]bool{
		"f64 > 52.5": true, "5 >= i8": true, "f64 < 1e3": true, "f32 = 0.1": true, "word = 'a'": true, "word IN ('a', 'b')": true,
		"NOT (i64 BETWEEN -1 AND 5 OR flag)": true, "word IS NULL": true, "i32 <> -5": true,
		"f64 > i32": false, "i32 > 0.5": false, "i32 = 1e3": false, "f32 < 1e3": false, "dec > 0": false, "u64 = 5": false,
		"i32 = '5'": false, "i32 = 9223372036854775808": false, "abs(f64) > 1": false, "flag = true": false,
		"f64 IS DISTINCT FROM 5": false, "i32 = NULL": false, "f64 = 12345678901234567.25": false,
		"i32 IN (1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17)": false, "f64 > 5 AND abs(f64) > 5": false,
	} {
		p, err := s.Predicate(t.Context(), text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := s.conditions[p.SQL] != nil; got != want {
			t.Errorf("%s: a condition: %v, want %v", text, got, want)
		}
	}
}
