package spec

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits on a file, far above any honest spec: they keep a hostile one from
// exhausting the YAML library, whose time grows with the square of the number
// of keys (25 s for half a megabyte) and which recurses.
const (
	maxBytes = 128 << 10
	maxDepth = 48
)

// newSource prepares a file's text for quoting. Line ends of other systems
// become "\n", so that lines and columns mean the same everywhere.
func newSource(name string, index int, text []byte) (*source, string) {
	s := strings.TrimPrefix(string(text), "\ufeff")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.ReplaceAll(s, "\r", "\n")
	lines := strings.Split(strings.ToValidUTF8(s, "\ufffd"), "\n")
	src := &source{name: name, dir: filepath.Dir(name), index: index, lines: lines}
	for _, line := range lines {
		src.runes = append(src.runes, []rune(line))
	}
	return src, s
}

// readDocument turns a file's text into nodes. It returns nil after reporting
// when there is no document to go on with.
func readDocument(r *reporter, src *source, text string) *node {
	if !readable(r, src, text) {
		return nil
	}
	file, err := parseYAML(text)
	if err != nil {
		reportSyntax(r, src, err)
		return nil
	}
	body := onlyDocument(r, src, file)
	if body == nil {
		return nil
	}
	c := converter{r: r, src: src}
	root := c.node(body, 0)
	if root.kind != mapNode && !root.bad {
		r.hint(root.at, fmt.Sprintf("a spec is a map of settings, not %s", root.describe()), `it starts with "version: 1"`)
		return nil
	}
	return root
}

// readable refuses text that is no YAML stream at all, by its first bad character.
func readable(r *reporter, src *source, text string) bool {
	if len(text) > maxBytes {
		r.report(place{src: src, line: 1, col: 1}, fmt.Sprintf("the file has %d bytes: a spec has at most %d", len(text), maxBytes))
		return false
	}
	line, col := 1, 1
	for i, c := range text {
		at := place{src: src, line: line, col: col}
		switch {
		case c == utf8.RuneError && !strings.HasPrefix(text[i:], "\ufffd"):
			r.report(at, "this is not UTF-8 text: save the file as UTF-8")
			return false
		case c < ' ' && c != '\t' && c != '\n', c == 0x7f, c == 0xfeff:
			r.report(at, fmt.Sprintf("the control character U+%04X has no place in YAML: remove it", c))
			return false
		}
		col++
		if c == '\n' {
			line, col = line+1, 1
		}
	}
	return true
}

// parseYAML runs the YAML library. Its panics, were there any left in it, would
// be no reason to take the caller down: they become an error.
func parseYAML(text string) (file *ast.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			file, err = nil, errors.New("the YAML reader cannot make sense of this file")
		}
	}()
	tokens := lexer.Tokenize(text)
	if tk := tooDeep(tokens); tk != nil {
		return nil, depthError{tk}
	}
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
}

// depthError is nesting that the parser, which recurses, must not be given.
type depthError struct{ at *token.Token }

func (e depthError) Error() string { return e.GetMessage() }

func (e depthError) GetMessage() string {
	return fmt.Sprintf("lists and maps are nested more than %d deep here", maxDepth)
}

func (e depthError) GetToken() *token.Token { return e.at }

// tooDeep returns the first token that nests deeper than any spec does: open
// brackets, or nesting indicators in a row on one line.
func tooDeep(tokens token.Tokens) *token.Token {
	brackets, row, line := 0, 0, 0
	for _, tk := range tokens {
		if tk.Position.Line != line {
			line, row = tk.Position.Line, 0
		}
		switch tk.Type {
		case token.SequenceStartType, token.MappingStartType:
			brackets++
		case token.SequenceEndType, token.MappingEndType:
			brackets--
		case token.SequenceEntryType, token.MappingKeyType, token.TagType, token.AnchorType:
			row++
		}
		if brackets > maxDepth || row > maxDepth || tk.Position.IndentLevel > maxDepth {
			return tk
		}
	}
	return nil
}

// positioned is what the library's syntax errors have in common.
type positioned interface {
	GetToken() *token.Token
	GetMessage() string
}

// syntaxMessages puts the library's commonest complaints in plain words.
var syntaxMessages = []struct{ has, message, hint string }{
	{"found character '\t'", "a tab stands where YAML wants spaces: indent with spaces", ""},
	{"']' must be specified", "a list that was opened with [ is not closed before this", `close it with ]; values that hold any of , [ ] { } need quotes: "${DIR}/a.csv"`},
	{"'}' must be specified", "a map that was opened with { is not closed before this", `close it with }; values that hold any of , [ ] { } need quotes: "${DIR}/a.csv"`},
	{"end token ']' not found", "a list that is opened here with [ is never closed", "close it with ]"},
	{"end token '}'", "a map that is opened here with { is never closed", "close it with }"},
	{"end character of single-quoted", "text that starts here with ' never ends", "close it with '"},
	{"end character of double-quoted", `text that starts here with " never ends`, `close it with "`},
	{"non-map value is specified", "a key without its colon, or a colon without a space after it", "write a setting as key: value"},
	{"is a reserved character", "no value can start with this character in YAML: put it in quotes", ""},
	{"unexpected directive", "no value can start with % in YAML: put it in quotes", ""},
	{"invalid header option", "text after > or | must start on the next line", `to start a value with > or |, put it in quotes: ">50K"`},
	{"mapping value is not allowed", "a second ': ' stands in this value, or the line is indented too far", "put text that holds ': ' in quotes, or mend the indentation"},
	{"value is not allowed in this context", "this does not belong here", "keys of one map start in the same column, and nothing follows a closing quote or bracket"},
}

// reportSyntax reports an error of the YAML library like any other problem.
func reportSyntax(r *reporter, src *source, err error) {
	at := place{src: src, line: 1, col: 1}
	message, hint := "this is not YAML: "+err.Error(), ""
	if p, ok := err.(positioned); ok {
		message = "this is not YAML: " + p.GetMessage()
		if tk := p.GetToken(); tk != nil && tk.Position != nil {
			at.line, at.col = tk.Position.Line, tk.Position.Column
		}
		for _, m := range syntaxMessages {
			if strings.Contains(p.GetMessage(), m.has) {
				message, hint = m.message, m.hint
				break
			}
		}
	}
	r.hint(at, message, hint)
}

// onlyDocument returns the one document of a file; nothing, or a second one, is
// reported.
func onlyDocument(r *reporter, src *source, file *ast.File) ast.Node {
	var body ast.Node
	for i, doc := range file.Docs {
		if d, ok := doc.Body.(*ast.DirectiveNode); ok {
			r.report(tokenPlace(src, d.GetToken()), "YAML directives are not read in a spec: remove the line")
			return nil
		}
		if i > 0 && (doc.Body != nil || doc.Start != nil) {
			r.report(documentPlace(src, doc), "a second YAML document starts here: a spec is one document in a file of its own")
			return nil
		}
		body = doc.Body
		if i == 0 && body == nil {
			break
		}
	}
	if body == nil && len(file.Docs) <= 1 {
		r.hint(place{src: src, line: 1, col: 1}, "the file is empty", `a spec starts with "version: 1"`)
	}
	return body
}

func documentPlace(src *source, doc *ast.DocumentNode) place {
	if doc.Start != nil {
		return tokenPlace(src, doc.Start)
	}
	return place{src: src, line: tokenPlace(src, doc.Body.GetToken()).line, col: 1}
}

// tokenPlace is a token's place, as wide as what is written there.
func tokenPlace(src *source, tk *token.Token) place {
	if tk == nil || tk.Position == nil {
		return place{src: src, line: 1, col: 1}
	}
	at := place{src: src, line: tk.Position.Line, col: tk.Position.Column}
	at.width = writtenWidth(at, tk.Value)
	return at
}

// writtenWidth measures a scalar in its line: up to the closing quote, or as
// far as the text goes, or to the end of the line if the text goes on below.
func writtenWidth(at place, text string) int {
	rest := at.rest()
	if len(rest) == 0 {
		return 1
	}
	if q := rest[0]; q == '"' || q == '\'' {
		return quotedWidth(rest, q)
	}
	i := 0
	for _, c := range text {
		if i >= len(rest) || rest[i] != c {
			line := rest[:min(len(rest), excerptWidth)]
			return max(len([]rune(strings.TrimRight(string(line), " \t"))), 1)
		}
		i++
	}
	return max(i, 1)
}

// quotedWidth is the width of quoted text with its quotes, as far as it is on
// this line.
func quotedWidth(rest []rune, q rune) int {
	for i := 1; i < len(rest); i++ {
		switch {
		case q == '"' && rest[i] == '\\':
			i++
		case rest[i] == q && q == '\'' && i+1 < len(rest) && rest[i+1] == q:
			i++
		case rest[i] == q:
			return i + 1
		}
	}
	return len(rest)
}
