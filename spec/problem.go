package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Problem is one thing that is wrong with a spec, and where.
type Problem struct {
	File      string
	Line, Col int // from 1, in characters; Line 0: the file as a whole (it cannot be read)
	Width     int // how many characters are meant; at least 1
	Message   string
	Hint      string // how to mend it, when the message alone does not say
	Detail    string // what somebody else said of it, such as the end of a traceback: a few lines
	Missing   bool   // it is the candidate that is not there
	Source    string // the line as it is written: variables are never expanded here
}

// Error shows the problem as file:line:column, with the line and a caret
// under the place.
func (p Problem) Error() string {
	var b strings.Builder
	if p.Line < 1 {
		fmt.Fprintf(&b, "%s: %s", p.File, p.Message)
	} else {
		fmt.Fprintf(&b, "%s:%d:%d: %s", p.File, p.Line, p.Col, p.Message)
	}
	if p.Line >= 1 && p.Source != "" {
		source, caret := excerpt(p.Source, p.Col, p.Width)
		fmt.Fprintf(&b, "\n%5d | %s\n      | %s", p.Line, source, caret)
	}
	for line := range strings.Lines(p.Detail) {
		b.WriteString("\n      | " + strings.Map(printable, strings.TrimRight(line, "\r\n")))
	}
	if p.Hint != "" {
		fmt.Fprintf(&b, "\n      hint: %s", p.Hint)
	}
	return b.String()
}

// excerptWidth bounds what is shown of a long line.
const excerptWidth = 120

// excerpt cuts a long line to a window around the place and draws the caret
// line. Tabs are kept in both, so that they line up; other control characters
// are replaced, because a stranger's file must not drive the terminal.
func excerpt(source string, col, width int) (text, caret string) {
	runes := []rune(source)
	start := min(max(col-1, 0), len(runes))
	width = min(max(width, 1), max(len(runes)-start, 1), excerptWidth/2)
	lead, tail := "", ""
	from, to := 0, len(runes)
	if start+width > excerptWidth {
		from, lead = start-excerptWidth/4, "…"
	}
	if to-from > excerptWidth {
		to, tail = from+excerptWidth, "…"
	}
	shown := strings.Map(printable, string(runes[from:to]))
	pad := strings.Map(blank, lead+string(runes[from:start]))
	return lead + shown + tail, pad + strings.Repeat("^", width)
}

// printable replaces control characters, but for tabs.
func printable(r rune) rune {
	if r == '\t' || unicode.IsPrint(r) {
		return r
	}
	return unicode.ReplacementChar
}

// blank maps a character to what leaves the same room on a terminal.
func blank(r rune) rune {
	if r == '\t' {
		return r
	}
	return ' '
}

// Problems are all that is wrong with a spec, in the order of the text.
type Problems []Problem

// Error shows every problem, with an empty line between two.
func (p Problems) Error() string {
	parts := make([]string, len(p))
	for i, one := range p {
		parts[i] = one.Error()
	}
	return strings.Join(parts, "\n\n")
}

// Unwrap gives the problems to errors.As.
func (p Problems) Unwrap() []error {
	errs := make([]error, len(p))
	for i, one := range p {
		errs[i] = one
	}
	return errs
}

// source is one file's text, kept to quote from.
type source struct {
	name  string
	dir   string
	index int // 0 for the spec itself, then the files that it extends
	lines []string
	runes [][]rune // the same lines, since places count characters
}

// place is where something is written.
type place struct {
	src       *source
	line, col int
	width     int
}

// where is a place as file:line.
func (at place) where() string {
	if at.src == nil {
		return ""
	}
	return fmt.Sprintf("%s:%d", at.src.name, at.line)
}

// problem makes a Problem at a place. A place outside the text (a file that
// ends too early) is moved to the nearest character.
func (at place) problem(message, hint string) Problem {
	p := Problem{Col: 1, Width: max(at.width, 1), Message: message, Hint: hint}
	p.File, p.Line = at.fileLine()
	if at.src != nil && len(at.src.lines) > 0 {
		p.Source = masked(at.src.lines[p.Line-1])
		p.Col = min(max(at.col, 1), len(at.src.runes[p.Line-1])+1)
	}
	return p
}

// fileLine is the name of the file and a line that it has.
func (at place) fileLine() (file string, line int) {
	line = max(at.line, 1)
	if at.src == nil {
		return "", line
	}
	if lines := len(at.src.lines); lines > 0 {
		line = min(line, lines)
	}
	return at.src.name, line
}

// rest is what is written from a place to the end of its line.
func (at place) rest() []rune {
	if at.src == nil || at.line < 1 || at.line > len(at.src.runes) {
		return nil
	}
	line := at.src.runes[at.line-1]
	if at.col < 1 || at.col > len(line) {
		return nil
	}
	return line[at.col-1:]
}

// maxProblems is how many problems of one document are told. More is not a
// spec with mistakes, it is another kind of file.
const maxProblems = 100

// found is a problem before it is put in order.
type found struct {
	at            place
	message, hint string
}

// file is the rank of the file that a problem is in.
func (f found) file() int {
	if f.at.src == nil {
		return 0
	}
	return f.at.src.index
}

// reporter gathers problems in whatever order they are found.
type reporter struct{ found []found }

func (r *reporter) report(at place, message string) { r.hint(at, message, "") }

func (r *reporter) hint(at place, message, hint string) {
	r.found = append(r.found, found{at, message, hint})
}

// err returns what was gathered, sorted and without repetitions, or nil.
func (r *reporter) err() error {
	if len(r.found) == 0 {
		return nil
	}
	slices.SortStableFunc(r.found, func(a, b found) int {
		return cmp.Or(cmp.Compare(a.file(), b.file()), cmp.Compare(a.at.line, b.at.line), cmp.Compare(a.at.col, b.at.col))
	})
	var out Problems
	for i, f := range r.found {
		if slices.ContainsFunc(out, f.same) {
			continue
		}
		if len(out) == maxProblems {
			return append(out, f.at.problem(fmt.Sprintf("and up to %d more problems from here on: mend those above first", len(r.found)-i), ""))
		}
		out = append(out, f.at.problem(f.message, f.hint))
	}
	return out
}

// same reports whether p says the same of the same place.
func (f found) same(p Problem) bool {
	return p.Message == f.message && p.Line == f.at.line && p.Col == f.at.col && (f.at.src == nil || p.File == f.at.src.name)
}
