package slice

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/noworse/noworse/dataset"
)

// Condition is a predicate that is worked out from columns at hand, since that
// is several times quicker than the database's own way: comparisons of a column
// with a constant, IN, BETWEEN and IS NULL, and AND, OR and NOT of them. It holds
// for exactly the rows for which the database finds the predicate true.
//
// NOT is pushed down to the tests: what is neither true nor false, because a value
// is null, then needs no place of its own.
type Condition struct {
	Columns []dataset.Column // that it reads
	root    term
}

// term is one test of a column, or a conjunction or disjunction of terms.
type term struct {
	parts   []term
	either  bool // one of the parts holds, not all
	test    test
	negated bool
	column  int // of Condition.Columns
	number  int64
	float   float64
	text    string
}

type test uint8

const (
	less test = iota
	lessOrEqual
	equal
	missing
	truth
)

// NewCondition is the condition of a checked syntax tree, or nil where the tree
// has anything in it whose meaning is not listed here. column finds a column by
// the name that the tree has.
func NewCondition(astJSON []byte, column func(name string) (dataset.Column, bool)) *Condition {
	tree, err := only(astJSON)
	if err != nil {
		return nil
	}
	r := conditionReader{column: column}
	root, ok := r.term(tree, false)
	if !ok {
		return nil
	}
	r.condition.root = root
	return &r.condition
}

type conditionReader struct {
	condition Condition
	column    func(string) (dataset.Column, bool)
}

// term reads an expression, or its negation.
func (r *conditionReader) term(v any, negated bool) (term, bool) {
	n, _ := v.(node)
	children, _ := n["children"].([]any)
	switch n["type"] {
	case "COLUMN_REF":
		column, ok := r.place(n)
		return term{test: truth, column: column, negated: negated}, ok && r.condition.Columns[column].Type == "BOOLEAN"
	case "CONJUNCTION_AND", "CONJUNCTION_OR":
		return r.parts(children, (n["type"] == "CONJUNCTION_OR") != negated, func(child any) (term, bool) { return r.term(child, negated) })
	case "OPERATOR_NOT":
		return r.term(children[0], !negated)
	case "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL":
		column, ok := r.place(children[0])
		return term{test: missing, column: column, negated: (n["type"] == "OPERATOR_IS_NOT_NULL") != negated}, ok
	case "COMPARE_IN", "COMPARE_NOT_IN":
		return r.in(children, (n["type"] == "COMPARE_NOT_IN") != negated)
	case "COMPARE_BETWEEN":
		return r.between(n, negated)
	}
	return r.comparison(n, negated)
}

// parts is a conjunction or disjunction.
func (r *conditionReader) parts(children []any, either bool, read func(any) (term, bool)) (term, bool) {
	t := term{either: either}
	for _, child := range children {
		part, ok := read(child)
		if !ok {
			return term{}, false
		}
		t.parts = append(t.parts, part)
	}
	return t, len(t.parts) > 0
}

// mostListed is how many values of IN are compared one by one.
const mostListed = 16

// in reads the column and then the values of IN.
func (r *conditionReader) in(children []any, negated bool) (term, bool) {
	if len(children) > mostListed+1 {
		return term{}, false
	}
	return r.parts(children[1:], !negated, func(value any) (term, bool) {
		return r.compare(children[0], value, equal, negated)
	})
}

func (r *conditionReader) between(n node, negated bool) (term, bool) {
	low, okLow := r.compare(n["input"], n["lower"], less, !negated)
	high, okHigh := r.compare(n["input"], n["upper"], lessOrEqual, negated)
	return term{parts: []term{low, high}, either: negated}, okLow && okHigh
}

// comparisons are those of a column with a constant to its right; mirrored is
// the same with the constant to its left.
var comparisons = map[string]struct {
	test     test
	negated  bool
	mirrored string
}{
	"COMPARE_EQUAL":                {equal, false, "COMPARE_EQUAL"},
	"COMPARE_NOTEQUAL":             {equal, true, "COMPARE_NOTEQUAL"},
	"COMPARE_LESSTHAN":             {less, false, "COMPARE_GREATERTHAN"},
	"COMPARE_GREATERTHAN":          {lessOrEqual, true, "COMPARE_LESSTHAN"},
	"COMPARE_LESSTHANOREQUALTO":    {lessOrEqual, false, "COMPARE_GREATERTHANOREQUALTO"},
	"COMPARE_GREATERTHANOREQUALTO": {less, true, "COMPARE_LESSTHANOREQUALTO"},
}

func (r *conditionReader) comparison(n node, negated bool) (term, bool) {
	name, _ := n["type"].(string)
	column, value := n["left"], n["right"]
	c, ok := comparisons[name]
	if left, _ := column.(node); left["type"] != "COLUMN_REF" {
		column, value = value, column
		c = comparisons[c.mirrored]
	}
	if !ok {
		return term{}, false
	}
	return r.compare(column, value, c.test, c.negated != negated)
}

// compare is a test of a column against a constant whose types the database
// would compare in the column's own type.
func (r *conditionReader) compare(column, value any, by test, negated bool) (t term, ok bool) {
	t = term{test: by, negated: negated}
	if t.column, ok = r.place(column); !ok {
		return t, false
	}
	id, literal := constantOf(value)
	switch c := r.condition.Columns[t.column]; {
	case c.Kind == dataset.Integer:
		t.number, ok = wholeNumber(id, literal)
	case c.Type == "DOUBLE":
		t.float, ok = doubleOf(id, literal)
	case c.Type == "FLOAT":
		t.float, ok = singleOf(id, literal)
	default: // VARCHAR
		t.text, ok = literal.text, id == "VARCHAR" && c.Type == id
	}
	return t, ok
}

// place is the number of a column among those that the condition reads.
func (r *conditionReader) place(v any) (int, bool) {
	n, _ := v.(node)
	names, _ := n["column_names"].([]any)
	if n["type"] != "COLUMN_REF" || len(names) != 1 {
		return 0, false
	}
	name, _ := names[0].(string)
	c, ok := r.column(name)
	if !ok || c.Kind != dataset.Integer && c.Type != "DOUBLE" && c.Type != "FLOAT" && c.Type != "VARCHAR" && c.Type != "BOOLEAN" {
		return 0, false
	}
	for i, have := range r.condition.Columns {
		if have == c {
			return i, true
		}
	}
	r.condition.Columns = append(r.condition.Columns, c)
	return len(r.condition.Columns) - 1, true
}

// constant is a number, whole but for its last digits after the point, or a text.
type constant struct {
	whole int64
	scale int
	text  string
}

// constantOf is a constant with the name of its type; the name is empty for
// everything else. A DOUBLE is a cast of its text (see [Canonical]).
func constantOf(v any) (id string, c constant) {
	n, _ := v.(node)
	if n["type"] == "OPERATOR_CAST" {
		to, _ := n["cast_type"].(node)
		if id, c = constantOf(n["child"]); id != "VARCHAR" || to["id"] != "DOUBLE" || n["try_cast"] != false {
			return "", constant{}
		}
		return "DOUBLE", c
	}
	value, _ := n["value"].(node)
	t, _ := value["type"].(node)
	id, _ = t["id"].(string)
	switch v := value["value"].(type) {
	case string:
		c.text = v
	case json.Number:
		var err error
		if c.whole, err = v.Int64(); err != nil {
			return "", constant{}
		}
	default:
		return "", constant{}
	}
	if info, ok := t["type_info"].(node); ok {
		scale, _ := info["scale"].(json.Number)
		c.scale, _ = strconv.Atoi(scale.String())
	}
	return id, c
}

func wholeNumber(id string, c constant) (int64, bool) {
	return c.whole, id == "INTEGER" || id == "BIGINT"
}

// doubleOf is a constant as a double. A decimal is a quotient of two numbers that
// doubles hold, so its nearest double is what both the database and Go divide it to.
func doubleOf(id string, c constant) (float64, bool) {
	switch id {
	case "INTEGER", "BIGINT":
		return float64(c.whole), true
	case "DECIMAL":
		return float64(c.whole) / math.Pow10(c.scale), c.whole > -1<<53 && c.whole < 1<<53 && c.scale <= 22
	case "DOUBLE":
		f, err := strconv.ParseFloat(c.text, 64)
		return f, err == nil && strings.Trim(c.text, "0123456789.eE+-") == ""
	}
	return 0, false
}

// singleOf is doubleOf for a column of 32-bit floats.
func singleOf(id string, c constant) (float64, bool) {
	if c.whole <= -1<<24 || c.whole >= 1<<24 {
		return 0, false
	}
	switch id {
	case "INTEGER", "BIGINT":
		return float64(c.whole), true
	case "DECIMAL":
		return float64(float32(c.whole) / float32(math.Pow10(c.scale))), c.scale <= 10
	}
	return 0, false
}
