package duckdb

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/slice"
)

// errUnstable is an expression that DuckDB prints as one that reads differently.
// None is known; it is refused because what would run is not what was checked.
var errUnstable = errors.New("DuckDB reads this slice differently after printing it: write it in another way")

// compile turns a slice's predicate, which may be hostile, into an SQL
// expression in parentheses that is safe to place in a query over the columns
// that known accepts, and the columns it reads. The user's text is parsed and
// never executed: the result is printed from the tree that [slice.Check] passed.
// Compiling the result gives the same again.
//
// The error is one of package slice's where the predicate is to blame.
func (c *conn) compile(ctx context.Context, text string, known func(string) bool) (sql string, reads []string, err error) {
	if err := slice.CheckText(text); err != nil {
		return "", nil, err
	}
	tree, err := c.parse(ctx, text)
	if err != nil {
		return "", nil, err
	}
	checked, err := slice.Check(tree, known)
	if err != nil {
		return "", nil, err
	}
	if tree, err = slice.Canonical(tree); err != nil {
		return "", nil, err
	}
	printed, err := c.print(ctx, tree)
	if err != nil {
		return "", nil, err
	}
	if err := c.readsBack(ctx, printed, tree, checked.Reads); err != nil {
		return "", nil, err
	}
	return "(" + printed + ")", checked.Reads, nil
}

// readsBack says whether what DuckDB printed of a tree parses to that tree,
// passes the same checks and reads the same columns.
func (c *conn) readsBack(ctx context.Context, printed string, tree []byte, reads []string) error {
	again, err := c.parse(ctx, printed)
	if err != nil {
		return err
	}
	checked, err := slice.Check(again, func(name string) bool { return slices.Contains(reads, name) })
	if err != nil {
		return err
	}
	if !slice.Same(tree, again) || !slices.Equal(checked.Reads, reads) {
		return errUnstable
	}
	return nil
}

// parse is DuckDB's syntax tree of a predicate as JSON. A text that does not
// parse gives a tree that says so.
func (c *conn) parse(ctx context.Context, predicate string) ([]byte, error) {
	row, err := c.one(ctx, "SELECT json_serialize_sql("+text(slice.Lead+predicate)+")::VARCHAR")
	if err != nil {
		return nil, err
	}
	if row[0] == nil {
		return nil, errors.New("internal: DuckDB gave no syntax tree")
	}
	return []byte(*row[0]), nil
}

// print is the SQL expression of a predicate's syntax tree.
func (c *conn) print(ctx context.Context, tree []byte) (string, error) {
	row, err := c.one(ctx, "SELECT json_deserialize_sql("+text(string(tree))+")")
	if err != nil {
		return "", err
	}
	if row[0] == nil {
		return "", errUnstable
	}
	printed, ok := strings.CutPrefix(*row[0], slice.Lead)
	if !ok {
		return "", errUnstable
	}
	return printed, nil
}

// predicateFault says why a predicate has no meaning, or no answer for some row.
func predicateFault(sql string, err error) string {
	message, _, _ := strings.Cut(tidy(err), "; \tCandidate functions")
	if m := notConverted.FindStringSubmatch(message); m != nil {
		message = fmt.Sprintf("%q is not %s", m[1], valueOf(m[2]))
		if strings.Contains(sql, " CAST(") || strings.Contains(sql, "(CAST(") {
			message += ": where CAST fails, TRY_CAST gives null"
		}
		return message
	}
	switch {
	case strings.Contains(err.Error(), "Out of Range Error") && !strings.Contains(err.Error(), "cannot take"): // a root or logarithm
		return "a number becomes too large for its type"
	case outOfMemory(err):
		return "it takes too much memory: write it simpler"
	}
	message, _, _ = strings.Cut(message, ". You might need to add explicit type casts")
	return typeNames.ReplaceAllStringFunc(message, func(name string) string { return kindOf(name).String() })
}

// notConverted are DuckDB's messages about a value that a cast does not take.
var notConverted = regexp.MustCompile(`(?s)(?:Could not convert string|[a-z]+ field (?:value out of range|format):|invalid [a-z]+ field format:) ['"](.*?)['"](?:.* to ['"]?([A-Z0-9_]+))?`)

// typeNames are DuckDB's names of types in its messages.
var typeNames = regexp.MustCompile(`\b(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL(\([0-9,]+\))?|VARCHAR|BOOLEAN|DATE|TIME|TIMESTAMP( WITH TIME ZONE|_S|_MS|_NS)?|INTERVAL)\b`)

// valueOf says what the values of a type are, from DuckDB's name for it or for
// how it stores them.
func valueOf(name string) string {
	switch k := kindOf(name); {
	case k == dataset.Bool || name == "BOOL":
		return "true or false"
	case isNumber(k), strings.HasPrefix(strings.TrimPrefix(name, "U"), "INT"):
		return "a number"
	}
	return "a date or time"
}
