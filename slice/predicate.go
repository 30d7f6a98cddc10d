// Package slice says which rows belong to a named subset of the evaluation set
// and what that subset is called.
//
// # Predicates: the rule
//
// A spec names slices by SQL expressions, such as user_age_days < 7, and a spec
// may come from a stranger's pull request. Whoever runs the gate then evaluates
// text that an attacker wrote, inside a database that can read files, read the
// environment, write, allocate without end and run for ever. The same text must
// also select the same rows on every run, or a verdict means nothing.
//
// So a predicate is judged by what it is made of, and only what is listed here
// is let through; whatever is not listed is refused, also what does not exist
// yet. The user's own text is never executed: the database's parser turns it
// into a syntax tree, [Check] judges the tree, and what runs is text printed
// from that tree. Comments, unbalanced parentheses and trailing statements
// therefore have nothing to break out of.
//
// A predicate is one SELECT of one expression without a name, with no FROM,
// WHERE, GROUP BY, HAVING, QUALIFY, ORDER BY, LIMIT, DISTINCT, SAMPLE, WITH,
// set operation or parameter. The expression is made of
//
//   - columns the caller knows, by a single name;
//   - number, text, true, false and null constants;
//   - comparisons, AND, OR, NOT, IS [NOT] NULL, [NOT] IN, BETWEEN, COALESCE, CASE;
//   - casts to scalar types;
//   - functions and operators of the list in functions.go, which are
//     deterministic, look at one row only and give results no longer than what
//     goes in.
//
// # Predicates: the costs
//
// A short text can be dear in ways that no time limit stops in time, because the
// database looks at its interrupt flag only between blocks of 2,048 rows, and
// not at all while it parses and plans. Each of these was seen to happen:
//
//   - CASE x WHEN … copies x for every WHEN while parsing: nested in x, it grows
//     exponentially. [CheckText] bounds it before the parser runs.
//   - nullif(a, b) and a BETWEEN b AND c copy a while planning: the same again.
//     Sizes are counted after copying.
//   - LIKE with an underscore, ILIKE and ESCAPE backtrack: every % multiplies
//     the time by the length of the text. They may have one such % only.
//   - regular expressions compile to programs far larger than they are: the
//     program is bounded, and the pattern is a constant, so it is compiled once.
//   - a || a || a … makes each intermediate text for 2,048 rows at a time: the
//     bytes built are bounded, and so is each constant.
//   - an operation holds one vector of 2,048 results: operations are bounded.
//
// What is left to the caller: a time limit, a memory limit, the time zone (set
// it to UTC, or hours of a TIMESTAMPTZ depend on the machine), how many
// predicates a spec may have, and errors that a value raises at run time.
package slice

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Lead is what stands before a predicate's text when the database parses it.
const Lead = "SELECT "

// maxJSON bounds the syntax tree before it is decoded. A text of MaxText bytes
// gives about a quarter of it.
const maxJSON = 32 << 20

// Predicate is what a checked expression needs.
type Predicate struct {
	// Reads holds the columns as the text spells them, each once, in the order
	// in which they appear.
	Reads []string
	// Size is how much work the expression is: a constant counts 1, anything
	// else 10, copies that the database makes included. A caller with many
	// predicates can bound their sum.
	Size int
}

// Check accepts the syntax tree that json_serialize_sql gives for Lead and a
// predicate's text, or says what in it is refused. known says whether a name is
// a column, in the caller's own way of comparing names.
//
// The error is a [*Refused], an [*UnknownColumn] or a [*Malformed].
func Check(astJSON []byte, known func(name string) bool) (Predicate, error) {
	expression, err := only(astJSON)
	if err != nil {
		return Predicate{}, err
	}
	c := checker{known: known, seen: map[string]bool{}}
	m, err := c.expr(expression, place{offset: -1})
	if err != nil {
		return Predicate{}, err
	}
	return Predicate{Reads: c.reads, Size: m.size}, nil
}

// only is the single expression of a serialized statement, when there is
// nothing besides it.
func only(astJSON []byte) (any, error) {
	root, err := decode(astJSON)
	if err != nil {
		return nil, err
	}
	if root["error"] == true {
		return nil, malformed(root)
	}
	if err := exactly(root, "error", "statements"); err != nil {
		return nil, err
	}
	statements, ok := root["statements"].([]any)
	if !ok || len(statements) != 1 {
		return nil, refuse(-1, "a slice is one true-or-false expression; this has %d statements", len(statements))
	}
	statement, ok := statements[0].(map[string]any)
	if !ok {
		return nil, errShape
	}
	if err := exactly(statement, "node", "named_param_map"); err != nil {
		return nil, err
	}
	if !empty(statement["named_param_map"]) {
		return nil, refuse(-1, "a slice has no parameters: write the value itself")
	}
	return selected(statement["node"])
}

// clauses are the parts of a SELECT that must be absent, with their names in
// SQL. DISTINCT, ORDER BY and LIMIT are all modifiers.
var clauses = []struct{ field, sql string }{
	{"modifiers", "DISTINCT, ORDER BY or LIMIT"},
	{"cte_map", "WITH"},
	{"where_clause", "WHERE"},
	{"group_expressions", "GROUP BY"},
	{"group_sets", "GROUP BY"},
	{"having", "HAVING"},
	{"sample", "SAMPLE"},
	{"qualify", "QUALIFY"},
}

// selected is the only expression of a bare SELECT.
func selected(v any) (any, error) {
	n, ok := v.(map[string]any)
	if !ok {
		return nil, errShape
	}
	if n["type"] != "SELECT_NODE" {
		return nil, refuse(-1, "a slice is one true-or-false expression; this combines queries")
	}
	if err := exactly(n, "type", "modifiers", "cte_map", "select_list", "from_table", "where_clause", "group_expressions",
		"group_sets", "aggregate_handling", "having", "sample", "qualify"); err != nil {
		return nil, err
	}
	if err := fromNothing(n["from_table"]); err != nil {
		return nil, err
	}
	for _, c := range clauses {
		if !empty(n[c.field]) {
			return nil, refuse(-1, "a slice is one true-or-false expression; %s has no place in it", c.sql)
		}
	}
	if n["aggregate_handling"] != "STANDARD_HANDLING" {
		return nil, refuse(-1, "a slice is one true-or-false expression; GROUP BY has no place in it")
	}
	list, ok := n["select_list"].([]any)
	if !ok || len(list) != 1 {
		return nil, refuse(-1, "a slice is one true-or-false expression; this has %d, separated by commas", len(list))
	}
	return list[0], nil
}

func fromNothing(v any) error {
	n, ok := v.(map[string]any)
	if !ok {
		return errShape
	}
	if n["type"] != "EMPTY" {
		return refuse(-1, "a slice is about the evaluation set's own columns; FROM has no place in it")
	}
	if err := exactly(n, "type", "alias", "sample", "query_location"); err != nil {
		return err
	}
	if n["alias"] != "" || n["sample"] != nil {
		return errShape
	}
	return nil
}

// decode reads the tree with its numbers as they are written: the location of a
// node without one does not fit a float64.
func decode(astJSON []byte) (map[string]any, error) {
	if len(astJSON) > maxJSON {
		return nil, refuse(-1, "this slice is too large: a column in the data that says who belongs would serve better")
	}
	d := json.NewDecoder(bytes.NewReader(astJSON))
	d.UseNumber()
	var root map[string]any
	if err := d.Decode(&root); err != nil {
		return nil, fmt.Errorf("the syntax tree of this slice cannot be read: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errShape
	}
	return root, nil
}

// exactly reports a tree with other fields than these. A field this package
// does not know may change what the tree means.
func exactly(n map[string]any, names ...string) error {
	for _, name := range names {
		if _, ok := n[name]; !ok {
			return fmt.Errorf("%w: the field %s is missing", errShape, name)
		}
	}
	if len(n) != len(names) {
		return fmt.Errorf("%w: a field besides %q", errShape, names)
	}
	return nil
}

// empty says that a clause is absent: null, an empty list, or an object whose
// only content is an empty list.
func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case []any:
		return len(v) == 0
	case map[string]any:
		list, ok := v["map"].([]any)
		return ok && len(v) == 1 && len(list) == 0
	}
	return false
}
