package slice

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

const (
	// maxDepth bounds nesting, and with it the stack of every walk over it.
	maxDepth = 200
	// maxSize allows 1,000 operations or a list of nearly 10,000 values.
	maxSize      = 10_000
	sizeConstant = 1
	sizeOther    = 10
	// maxConstant bounds a text constant: it may be copied for 2,048 rows.
	maxConstant = 1024
	// columnWidth stands for the length of a column's texts when the bytes that
	// an expression builds are bounded; the data decides the real one.
	columnWidth = 64
	maxWidth    = 2 << 10
	maxBuilt    = 32 << 10
)

// measure is what an expression costs per row.
type measure struct {
	size  int // constants and operations, copies included
	width int // longest text it can give, in bytes
	built int // bytes of text made on the way
}

// beside is both expressions evaluated, with either's result.
func (m measure) beside(o measure) measure {
	return measure{size: m.size + o.size, width: max(m.width, o.width), built: m.built + o.built}
}

// doubled is an expression that the database copies.
func (m measure) doubled() measure {
	return measure{size: 2 * m.size, width: m.width, built: 2 * m.built}
}

// builds is an expression that makes a text of the given width.
func (m measure) builds(width int) measure {
	m.width = width
	m.built += width
	return m
}

func (m measure) bounded(p place) error {
	switch {
	case m.size > maxSize:
		return refuse(p.offset, "this slice is too large: at most %d operations or %d constants; a column in the data that says who belongs would serve better",
			maxSize/sizeOther, maxSize/sizeConstant)
	case m.width > maxWidth || m.built > maxBuilt:
		return refuse(p.offset, "this slice puts too many texts together: compare the columns one by one")
	}
	return nil
}

type checker struct {
	known func(string) bool
	reads []string
	seen  map[string]bool
}

type node = map[string]any

// kind is a class of nodes that predicates are made of.
type kind struct {
	types  []string
	fields []string
	check  func(*checker, node, place) (measure, error)
}

// kinds is filled by init because the checks walk into children and so refer
// back to it.
var kinds map[string]kind

func init() {
	kinds = map[string]kind{
		"COLUMN_REF": {[]string{"COLUMN_REF"}, []string{"column_names"}, (*checker).column},
		"CONSTANT":   {[]string{"VALUE_CONSTANT"}, []string{"value"}, (*checker).constant},
		"COMPARISON": {[]string{"COMPARE_EQUAL", "COMPARE_NOTEQUAL", "COMPARE_LESSTHAN", "COMPARE_GREATERTHAN",
			"COMPARE_LESSTHANOREQUALTO", "COMPARE_GREATERTHANOREQUALTO", "COMPARE_DISTINCT_FROM", "COMPARE_NOT_DISTINCT_FROM"},
			[]string{"left", "right"}, (*checker).comparison},
		"CONJUNCTION": {[]string{"CONJUNCTION_AND", "CONJUNCTION_OR"}, []string{"children"}, (*checker).operator},
		"OPERATOR": {[]string{"OPERATOR_NOT", "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "COMPARE_IN", "COMPARE_NOT_IN", "OPERATOR_COALESCE"},
			[]string{"children"}, (*checker).operator},
		"BETWEEN":  {[]string{"COMPARE_BETWEEN"}, []string{"input", "lower", "upper"}, (*checker).between},
		"CASE":     {[]string{"CASE_EXPR"}, []string{"case_checks", "else_expr"}, (*checker).choice},
		"CAST":     {[]string{"OPERATOR_CAST"}, []string{"child", "cast_type", "try_cast"}, (*checker).cast},
		"FUNCTION": {[]string{"FUNCTION"}, functionFields, (*checker).function},
	}
}

// expr judges one expression and everything in it.
func (c *checker) expr(v any, p place) (measure, error) {
	n, ok := v.(node)
	if !ok {
		return measure{}, errShape
	}
	p, err := p.inside(n["query_location"])
	if err != nil {
		return measure{}, err
	}
	if p.depth > maxDepth {
		return measure{}, refuse(p.offset, "this slice is nested too deeply: at most %d levels", maxDepth)
	}
	class, _ := n["class"].(string)
	k, ok := kinds[class]
	if !ok {
		return measure{}, otherClass(class, p)
	}
	if err := k.plain(n, p); err != nil {
		return measure{}, err
	}
	m, err := k.check(c, n, p)
	if err != nil {
		return measure{}, err
	}
	if class == "CONSTANT" {
		m.size += sizeConstant
	} else {
		m.size += sizeOther
	}
	return m, m.bounded(p)
}

// plain says that a node is of a listed type, has the fields of its class and
// goes by no name.
func (k kind) plain(n node, p place) error {
	t, _ := n["type"].(string)
	listed := false
	for _, name := range k.types {
		listed = listed || name == t
	}
	if !listed {
		return otherType(t, p)
	}
	if err := exactly(n, append([]string{"class", "type", "alias", "query_location"}, k.fields...)...); err != nil {
		return err
	}
	if alias, _ := n["alias"].(string); alias != "" {
		return refuse(p.offset, "nothing in a slice can be given a name; %q is one", alias)
	} else if n["alias"] != "" {
		return errShape
	}
	return nil
}

// all judges expressions that are all evaluated.
func (c *checker) all(p place, children ...any) (measure, error) {
	var sum measure
	for _, child := range children {
		m, err := c.expr(child, p)
		if err != nil {
			return measure{}, err
		}
		sum = sum.beside(m)
		if err := sum.bounded(p); err != nil {
			return measure{}, err
		}
	}
	return sum, nil
}

func (c *checker) column(n node, p place) (measure, error) {
	names, ok := n["column_names"].([]any)
	if !ok || len(names) == 0 {
		return measure{}, errShape
	}
	if len(names) != 1 {
		return measure{}, refuse(p.offset, "a slice names a column alone; where a dot is part of the name, put the name in double quotes")
	}
	name, ok := names[0].(string)
	if !ok {
		return measure{}, errShape
	}
	if !c.known(name) {
		if clocks[strings.ToLower(name)] {
			return measure{}, refuse(p.offset, "%s is not allowed in a slice: its rows would differ on each run", name)
		}
		return measure{}, &UnknownColumn{Name: name, Offset: p.offset}
	}
	if !c.seen[name] {
		c.seen[name] = true
		c.reads = append(c.reads, name)
	}
	return measure{width: columnWidth}, nil
}

func (c *checker) constant(n node, p place) (measure, error) {
	v, ok := n["value"].(node)
	if !ok {
		return measure{}, errShape
	}
	id, err := scalarType(v["type"], constantTypes, p)
	if err != nil {
		return measure{}, err
	}
	if v["is_null"] == true {
		return measure{}, exactly(v, "type", "is_null")
	}
	if v["is_null"] != false {
		return measure{}, errShape
	}
	if err := exactly(v, "type", "is_null", "value"); err != nil {
		return measure{}, err
	}
	return literal(id, v["value"], p)
}

// literal judges a constant's value by the type it has.
func literal(id string, v any, p place) (measure, error) {
	switch v := v.(type) {
	case string:
		if id != "VARCHAR" {
			return measure{}, errShape
		}
		if len(v) > maxConstant {
			return measure{}, refuse(p.offset, "this text is too long for a slice: at most %d bytes", maxConstant)
		}
		return measure{width: len(v)}, nil
	case json.Number:
		f, err := v.Float64()
		if id == "VARCHAR" || err != nil || math.IsInf(f, 0) {
			return measure{}, errShape
		}
		return measure{}, nil
	case bool:
		if id != "BOOLEAN" {
			return measure{}, errShape
		}
		return measure{}, nil
	case node:
		return measure{}, wide(id, v)
	}
	return measure{}, errShape
}

// wide judges an integer of 128 bits, which comes in two halves.
func wide(id string, v node) error {
	if id != "HUGEINT" && id != "UHUGEINT" && id != "DECIMAL" {
		return errShape
	}
	for _, half := range v {
		if _, ok := half.(json.Number); !ok {
			return errShape
		}
	}
	return exactly(v, "upper", "lower")
}

func (c *checker) comparison(n node, p place) (measure, error) {
	return c.all(p, n["left"], n["right"])
}

func (c *checker) operator(n node, p place) (measure, error) {
	children, ok := n["children"].([]any)
	if !ok || len(children) == 0 {
		return measure{}, errShape
	}
	return c.all(p, children...)
}

// between counts its input twice: the database turns it into two comparisons.
func (c *checker) between(n node, p place) (measure, error) {
	input, err := c.expr(n["input"], p)
	if err != nil {
		return measure{}, err
	}
	bounds, err := c.all(p, n["lower"], n["upper"])
	if err != nil {
		return measure{}, err
	}
	return input.doubled().beside(bounds), nil
}

func (c *checker) choice(n node, p place) (measure, error) {
	checks, ok := n["case_checks"].([]any)
	if !ok || len(checks) == 0 {
		return measure{}, errShape
	}
	sum, err := c.expr(n["else_expr"], p)
	if err != nil {
		return measure{}, err
	}
	for _, v := range checks {
		check, ok := v.(node)
		if !ok {
			return measure{}, errShape
		}
		if err := exactly(check, "when_expr", "then_expr"); err != nil {
			return measure{}, err
		}
		m, err := c.all(p, check["when_expr"], check["then_expr"])
		if err != nil {
			return measure{}, err
		}
		sum = sum.beside(m)
		if err := sum.bounded(p); err != nil {
			return measure{}, err
		}
	}
	return sum, nil
}

func (c *checker) cast(n node, p place) (measure, error) {
	id, err := scalarType(n["cast_type"], castTypes, p)
	if err != nil {
		return measure{}, err
	}
	if _, ok := n["try_cast"].(bool); !ok {
		return measure{}, errShape
	}
	m, err := c.expr(n["child"], p)
	if err != nil || id != "VARCHAR" {
		return m, err
	}
	return m.builds(max(m.width, columnWidth)), nil
}

// scalarType is the name of a type when it is one of these. A DECIMAL has a
// width and a scale; no other type may carry anything, a collation least of all.
func scalarType(v any, listed map[string]bool, p place) (string, error) {
	t, ok := v.(node)
	if !ok {
		return "", errShape
	}
	if err := exactly(t, "id", "type_info"); err != nil {
		return "", err
	}
	id, _ := t["id"].(string)
	info, hasInfo := t["type_info"].(node)
	switch {
	case !listed[id]:
		return "", otherScalar(id, info, p)
	case id == "DECIMAL" && hasInfo:
		return id, decimalInfo(info)
	case t["type_info"] != nil || id == "DECIMAL":
		return "", errShape
	}
	return id, nil
}

func decimalInfo(info node) error {
	if err := exactly(info, "type", "alias", "extension_info", "width", "scale"); err != nil {
		return err
	}
	for _, field := range []string{"width", "scale"} {
		n, _ := info[field].(json.Number)
		if digits, err := strconv.Atoi(n.String()); err != nil || digits < 0 || digits > 38 {
			return errShape
		}
	}
	if info["type"] != "DECIMAL_TYPE_INFO" || info["alias"] != "" || info["extension_info"] != nil {
		return errShape
	}
	return nil
}
