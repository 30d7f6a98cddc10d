package slice

import (
	"regexp/syntax"
	"strings"
)

const (
	// maxProgram bounds a compiled regular expression, in instructions and the
	// ranges of characters they test: at worst every character of a text costs as
	// many steps. Measured with 5,000: a millisecond for 1,000 characters. The
	// largest class there is, \pL, has 650.
	maxProgram = 2_000
	maxPattern = 500
)

// constantText is the value of a child that is a text constant.
func constantText(v any) (string, bool) {
	n, _ := v.(node)
	value, _ := n["value"].(node)
	s, ok := value["value"].(string)
	return s, ok && n["class"] == "CONSTANT"
}

// like is LIKE without ESCAPE. The database matches a constant pattern without
// underscores by searching for its parts in turn; any other it backtracks over.
func (c *checker) like(args []any, p place) (measure, error) {
	pattern, ok := constantText(args[1])
	if !ok || strings.Contains(pattern, "_") {
		return c.backtracking(args, p)
	}
	return c.all(p, args...)
}

// backtracking is a pattern match whose time is multiplied by the length of the
// text for every % that is followed by something.
func (c *checker) backtracking(args []any, p place) (measure, error) {
	m, err := c.all(p, args...)
	if err != nil {
		return measure{}, err
	}
	for _, arg := range args[1:] {
		if _, ok := constantText(arg); !ok {
			return measure{}, refuse(p.offset, "a pattern must be a text in quotes, not a column or a calculation")
		}
	}
	pattern, _ := constantText(args[1])
	if loops(pattern) > 1 {
		return measure{}, refuse(p.offset,
			"this pattern is too slow with more than one %% before its end: use lower(x) LIKE … without _ and ESCAPE, or regexp_matches()")
	}
	return m, nil
}

// loops counts the runs of % that something follows. An escaped % counts too:
// one too many is refused, not let through.
func loops(pattern string) int {
	runs := strings.FieldsFunc(strings.TrimRight(pattern, "%"), func(r rune) bool { return r != '%' })
	return len(runs)
}

// regex is a search for a regular expression of a bounded program. The syntax
// is that of the Go library, whose program is also much like the database's.
func (c *checker) regex(args []any, p place) (measure, error) {
	m, err := c.all(p, args...)
	if err != nil {
		return measure{}, err
	}
	for _, arg := range args[1:] {
		if _, ok := constantText(arg); !ok {
			return measure{}, refuse(p.offset, "a regular expression must be a text in quotes, not a column or a calculation")
		}
	}
	pattern, _ := constantText(args[1])
	if len(pattern) > maxPattern {
		return measure{}, refuse(p.offset, "this regular expression is too long for a slice: at most %d bytes", maxPattern)
	}
	size, err := programSize(pattern)
	if err != nil {
		return measure{}, refuse(p.offset, "%s", strings.TrimPrefix(err.Error(), "error parsing regexp: ")+" in this regular expression")
	}
	if size > maxProgram {
		return measure{}, refuse(p.offset, "this regular expression is too large for a slice once its repetitions are written out")
	}
	return m, nil
}

func programSize(pattern string) (int, error) {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return 0, err
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return 0, err
	}
	size := 0
	for _, inst := range program.Inst {
		size += 1 + len(inst.Rune)/2
	}
	return size, nil
}
