package slice

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText bounds a predicate's text, in bytes.
const MaxText = 64 << 10

// maxCopied bounds the text once the parser has copied what stands between CASE
// and its first WHEN, in bytes.
const maxCopied = 256 << 10

// maxBrackets bounds nesting before there is a tree. It leaves room for the
// brackets that the database prints around everything.
const maxBrackets = 5 * maxDepth

// CheckText refuses what must not reach the database's parser: text that it
// would cut short or read differently from what stands there, and the few
// constructs that make it copy. Everything else is judged by [Check], on the
// tree. The error is a [*Refused].
func CheckText(text string) error {
	if len(text) > MaxText {
		return refuse(-1, "this slice is too long: %d bytes, at most %d", len(text), MaxText)
	}
	if !utf8.ValidString(text) {
		return refuse(-1, "a slice is text in UTF-8; this is not")
	}
	for i, r := range text {
		if unicode.IsControl(r) && !strings.ContainsRune("\t\n\r", r) {
			return refuse(i, "a slice holds no control characters; this has %U", r)
		}
	}
	l := lexer{text: text}
	for l.at < len(text) {
		if err := l.token(); err != nil {
			return err
		}
	}
	if !l.any {
		return refuse(-1, "a slice needs a true-or-false expression, such as age > 30")
	}
	return l.cases.bounded(len(text))
}

// lexer splits text as the database does, but for the forms it refuses: those
// are the ones where the two could disagree on where a text constant ends.
type lexer struct {
	text  string
	at    int
	any   bool // something besides space and comments was seen
	ended bool // a semicolon was seen
	depth int
	cases cases
}

// multiplying are words with which SQL makes the parser copy whole parts of a
// query. None can be part of a predicate; a column of that name needs quotes.
var multiplying = map[string]string{
	"select":       "leave SELECT out, and subqueries too",
	"group":        "GROUP BY has no place in it",
	"over":         "window functions are not allowed",
	"window":       "window functions are not allowed",
	"pivot":        "PIVOT has no place in it",
	"pivot_wider":  "PIVOT has no place in it",
	"pivot_longer": "UNPIVOT has no place in it",
	"unpivot":      "UNPIVOT has no place in it",
}

// token moves over one token, space or comment.
func (l *lexer) token() error {
	rest := l.text[l.at:]
	switch ch := rest[0]; {
	case strings.IndexByte(" \t\r\n", ch) >= 0:
		l.at++
		return nil
	case strings.HasPrefix(rest, "--"):
		end := strings.IndexAny(rest, "\r\n")
		if end < 0 {
			end = len(rest)
		}
		l.at += end
		return nil
	case strings.HasPrefix(rest, "/*"):
		return l.comment()
	case ch == ';':
		l.ended = true
		l.at++
		return nil
	case l.ended:
		return refuse(l.at, "a slice is one true-or-false expression; something follows its semicolon")
	}
	l.any = true
	return l.solid(rest)
}

// solid moves over a token that is part of the expression.
func (l *lexer) solid(rest string) error {
	switch ch := rest[0]; {
	case ch == '\'' || ch == '"':
		return l.quoted(ch)
	case ch >= '0' && ch <= '9', ch == '.' && len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9':
		return l.number(rest)
	case isWord(ch):
		return l.word(rest)
	case ch == '.':
		return refuse(l.at, "a slice names a column alone; where a dot is part of the name, put the name in double quotes")
	case ch == '$':
		return refuse(l.at, "$ has no place in a slice: texts stand in single quotes, names with a $ in double quotes")
	}
	l.cases.other()
	switch rest[0] {
	case '(', '[', '{':
		l.depth++
	case ')', ']', '}':
		l.depth--
	}
	if l.depth > maxBrackets {
		return refuse(l.at, "this slice is nested too deeply: at most %d levels", maxDepth)
	}
	l.at++
	return nil
}

// comment moves over a comment in slashes and stars; these nest.
func (l *lexer) comment() error {
	start, depth := l.at, 0
	for l.at < len(l.text) {
		rest := l.text[l.at:]
		switch {
		case strings.HasPrefix(rest, "/*"):
			depth++
			l.at += 2
		case strings.HasPrefix(rest, "*/"):
			depth--
			l.at += 2
		default:
			l.at++
		}
		if depth == 0 {
			return nil
		}
	}
	return refuse(start, "this comment does not end: */ is missing")
}

// quoted moves over a text constant or a quoted name. A quote that touches a
// letter could begin a constant with backslash escapes (E and a quote), which
// may end at another place, so it is refused.
func (l *lexer) quoted(quote byte) error {
	l.cases.other()
	start := l.at
	if start > 0 && (isWord(l.text[start-1]) || l.text[start-1] == '&') {
		return refuse(start, "put a space before this quote")
	}
	for l.at++; l.at < len(l.text); l.at++ {
		if l.text[l.at] != quote {
			continue
		}
		if l.at+1 < len(l.text) && l.text[l.at+1] == quote {
			l.at++
			continue
		}
		l.at++
		return nil
	}
	return refuse(start, "this quote does not end: %c is missing", quote)
}

// isWord says that a byte can be part of a name or a number.
func isWord(ch byte) bool {
	return ch == '_' || ch >= utf8.RuneSelf || ch >= '0' && ch <= '9' || ch >= 'a' && ch <= 'z' || ch >= 'A' && ch <= 'Z'
}

func (l *lexer) word(rest string) error {
	end := 0
	for end < len(rest) && isWord(rest[end]) {
		end++
	}
	for i, r := range rest[:end] {
		if r >= utf8.RuneSelf && !unicode.In(r, unicode.Letter, unicode.Digit, unicode.Mark) {
			return refuse(l.at+i, "the character %U has no place in a slice outside quotes", r)
		}
	}
	word := strings.ToLower(rest[:end])
	if why, ok := multiplying[word]; ok {
		return refuse(l.at, "a slice is one true-or-false expression; %s (a column of that name stands in double quotes)", why)
	}
	l.cases.word(word)
	l.at += end
	return nil
}

// number moves over a number that the database can hold: from a larger one it
// makes an infinity that its own syntax tree cannot hold.
func (l *lexer) number(rest string) error {
	l.cases.other()
	end := span(rest, 0, "0123456789_.")
	if end < len(rest) && (rest[end] == 'e' || rest[end] == 'E') {
		sign := span(rest, end+1, "+-")
		if digits := span(rest, sign, "0123456789"); digits > sign {
			end = digits
		}
	}
	if end < len(rest) && isWord(rest[end]) {
		return refuse(l.at, "a number runs into what follows: write it in decimal digits, with a space after it")
	}
	if rest[0] == '0' && span(rest, 1, "0123456789_") > 1 {
		// The zeros would count as digits of a DECIMAL, and be lost in print.
		return refuse(l.at, "a number does not begin with 0: a text such as '007' stands in single quotes")
	}
	if strings.HasSuffix(rest[:end], ".") {
		// Printed, such a number has no point and is an integer.
		return refuse(l.at, "a number does not end with its point: write %s0", shortened(rest[:end]))
	}
	_, err := strconv.ParseFloat(strings.ReplaceAll(rest[:end], "_", ""), 64)
	if errors.Is(err, strconv.ErrRange) {
		return refuse(l.at, "the number %s is too large", shortened(rest[:end]))
	}
	if err != nil {
		return refuse(l.at, "%s is not a number", shortened(rest[:end]))
	}
	l.at += end
	return nil
}

func shortened(s string) string {
	if len(s) > 30 {
		return s[:30] + "…"
	}
	return s
}

// span is the end of the run of these characters that begins at i.
func span(s string, i int, characters string) int {
	for i < len(s) && strings.IndexByte(characters, s[i]) >= 0 {
		i++
	}
	return i
}

// cases counts CASE x WHEN …, for which the parser copies x with every WHEN.
type cases struct {
	open   bool // the last token was CASE
	simple int  // CASE that something other than WHEN follows
	whens  int
}

func (c *cases) other() {
	if c.open {
		c.simple++
	}
	c.open = false
}

func (c *cases) word(word string) {
	if word == "when" {
		c.open = false
		c.whens++
		return
	}
	c.other()
	c.open = word == "case"
}

// bounded refuses a text that could grow too far. However they are nested, s
// simple CASEs with w WHENs between them make at most (w/s)^s copies, and that
// is largest at s = w/e.
func (c *cases) bounded(length int) error {
	s, w := float64(c.simple), float64(c.whens)
	if s == 0 || w == 0 {
		return nil
	}
	s = min(s, max(1, w/math.E))
	if math.Pow(w/s, s)*float64(length) > maxCopied {
		return refuse(-1, "this CASE is copied too often while it is parsed: write CASE WHEN x = … THEN instead of CASE x WHEN …")
	}
	return nil
}
