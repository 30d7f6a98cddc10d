package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// document is a Markdown file: its lines, and the fenced blocks in them.
type document struct {
	path   string // from the root of the repository
	lines  []string
	blocks []block
}

// block is one fenced block of code.
type block struct {
	line      int    // of its opening fence, from 1
	language  string // after the opening fence
	directive string // the HTML comment on the line before; "" if there is none
	body      []string
}

func (b block) text() string { return strings.Join(b.body, "\n") + "\n" }

// documents are the documents of the repository that hold commands.
func documents(t *testing.T) []document {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		t.Fatal("there are no documents in docs/")
	}
	paths = append([]string{filepath.Join(root, "README.md")}, paths...)
	list := make([]document, len(paths))
	for i, path := range paths {
		list[i] = readDocument(t, path)
	}
	return list
}

func readDocument(t *testing.T, path string) document {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	name, err := filepath.Rel(root, path)
	if err != nil {
		t.Fatal(err)
	}
	d := document{path: filepath.ToSlash(name), lines: strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")}
	d.findBlocks(t)
	return d
}

var (
	fence   = regexp.MustCompile("^(\\s*)```(.*)$")
	comment = regexp.MustCompile(`^<!-- (.+) -->$`)
)

// findBlocks fills in the blocks. A fence that is indented could be read in two
// ways, so there are none.
func (d *document) findBlocks(t *testing.T) {
	t.Helper()
	var open *block
	for i, line := range d.lines {
		m := fence.FindStringSubmatch(line)
		switch {
		case m == nil && open != nil:
			open.body = append(open.body, line)
		case m == nil:
		case m[1] != "":
			t.Errorf("%s:%d: the fence is indented", d.path, i+1)
		case open == nil:
			open = &block{line: i + 1, language: m[2]}
			if i > 0 {
				if c := comment.FindStringSubmatch(d.lines[i-1]); c != nil {
					open.directive = c[1]
				}
			}
		default:
			d.blocks = append(d.blocks, *open)
			open = nil
		}
	}
	if open != nil {
		t.Errorf("%s:%d: the fence is never closed", d.path, open.line)
	}
}

// prose is the document without its blocks of code.
func (d *document) prose() string {
	inside := make([]bool, len(d.lines))
	for _, b := range d.blocks {
		for i := range len(b.body) + 2 {
			inside[b.line-1+i] = true
		}
	}
	var out []string
	for i, line := range d.lines {
		if !inside[i] {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

// replace puts other text in the place of a block's and writes the document.
// The places of the blocks after it move along.
func (d *document) replace(t *testing.T, i int, body []string) {
	t.Helper()
	b := &d.blocks[i]
	rest := append([]string{}, d.lines[b.line+len(b.body):]...)
	d.lines = append(append(d.lines[:b.line:b.line], body...), rest...)
	for j := i + 1; j < len(d.blocks); j++ {
		d.blocks[j].line += len(body) - len(b.body)
	}
	b.body = body
	text := strings.Join(d.lines, "\n") + "\n"
	if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(d.path)), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
