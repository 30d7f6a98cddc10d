package gate

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/noworse/noworse/slice"
	"github.com/noworse/noworse/spec"
)

// predicateHint says how to mend a slice that was refused.
func (p *plan) predicateHint(where string, err error) string {
	for _, c := range p.source.Columns() {
		quoted := strconv.Quote(c.Name)
		if !isPlainName(c.Name) && strings.Contains(where, c.Name) && !strings.Contains(where, quoted) {
			return "write the column " + c.Name + " in double quotes: " + quoted
		}
	}
	unknown, ok := errors.AsType[*slice.UnknownColumn](err)
	switch {
	case ok && strings.Contains(where, strconv.Quote(unknown.Name)):
		return fmt.Sprintf("text stands in single quotes: '%s'", unknown.Name)
	case ok:
		return p.columnHint(unknown.Name)
	case inWithoutParentheses.MatchString(where):
		return "IN wants parentheses: column IN ('a', 'b')"
	case strings.Contains(err.Error(), "an explicit cast is required"):
		return "a column of text is compared as a number with TRY_CAST(column AS DOUBLE), as a day with TRY_CAST(column AS DATE); text that is none is not in the slice"
	}
	return ""
}

// isPlainName says whether SQL reads a name without quotes.
func isPlainName(name string) bool { return plainName.MatchString(name) }

var (
	plainName            = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	inWithoutParentheses = regexp.MustCompile(`(?i)\bIN(\s+\w|\s*['"])`)
)

func (p *plan) columnHint(name string) string {
	var names []string
	for _, c := range p.source.Columns() {
		names = append(names, c.Name)
	}
	if near := spec.Nearest(name, names); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "its columns: " + shorten(names, 20)
}
