package spec

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// Options are what reading a spec depends on besides its text.
type Options struct {
	Vocabulary Vocabulary                        // the metrics that rules may name
	Getenv     func(name string) (string, bool)  // nil: os.LookupEnv
	ReadFile   func(path string) ([]byte, error) // nil: os.ReadFile
	// Untrusted refuses what a stranger's spec could abuse: variables of the
	// environment, and all files but those in its own directory and below it.
	Untrusted bool
}

func (o Options) withDefaults() Options {
	if o.Getenv == nil {
		o.Getenv = os.LookupEnv
	}
	if o.ReadFile == nil {
		o.ReadFile = os.ReadFile
	}
	return o
}

// Load reads the spec at path and the files that it extends. The error, if
// any, is Problems.
func Load(path string, o Options) (*Spec, error) {
	if o.Untrusted {
		if why := newFence(filepath.Dir(path)).refuses(path); why != "" && exists(path) {
			return nil, Problems{{File: path, Message: why, Hint: ownFiles}}
		}
	}
	text, err := o.withDefaults().ReadFile(path)
	if err != nil {
		hint := ""
		if errors.Is(err, fs.ErrNotExist) {
			hint = "noworse init DATA writes one for your data, and noworse demo a project to begin from"
		}
		return nil, Problems{{File: path, Message: cannotRead(err), Hint: hint}}
	}
	switch filepath.Ext(path) {
	case ".csv", ".tsv", ".parquet", ".jsonl", ".ndjson":
		return nil, Problems{{File: path, Message: "this is a file of data, not a spec", Hint: "noworse init " + path + " looks at it and writes a spec"}}
	}
	return Parse(path, text, o)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// cannotRead says in plain words why a file cannot be read.
func cannotRead(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file"
	case errors.Is(err, syscall.EISDIR):
		return "this is a directory: name the spec file in it"
	case errors.Is(err, fs.ErrPermission):
		return "it may not be read: permission denied"
	}
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	return "it cannot be read: " + err.Error()
}

// Parse reads a spec from its text. name is the file it came from: problems are
// reported under it, and relative paths start from its directory. The error, if
// any, is Problems.
func Parse(name string, text []byte, o Options) (*Spec, error) {
	o = o.withDefaults()
	l := &loader{options: o, r: &reporter{}, grammar: grammar(o.Vocabulary)}
	if o.Untrusted {
		l.fence = newFence(filepath.Dir(name))
	}
	root := l.file(name, text)
	if root == nil {
		return nil, l.r.err()
	}
	checker{r: l.r}.complete(root, l.grammar, "the spec", root.at)
	d := newDecoder(l, root)
	d.spec.Path, d.spec.Dir = name, filepath.Dir(name)
	d.decode(root)
	l.texts = append(l.texts, d.parts...)
	d.spec.SHA256 = hex.EncodeToString(l.hash())
	if err := l.r.err(); err != nil {
		return nil, err
	}
	return d.spec, nil
}

// maxExtends bounds a chain of extends, which could go round for ever through
// links whose names keep growing.
const maxExtends = 16

// loader reads a spec and the chain of files that it extends.
type loader struct {
	options Options
	r       *reporter
	grammar *shape
	fence   *fence   // nil: the spec is trusted
	chain   []string // the files read so far, the spec first
	texts   [][]byte
}

// getenv reads the environment; an untrusted spec gets nothing of it.
func (l *loader) getenv() func(string) (string, bool) {
	if l.fence == nil {
		return l.options.Getenv
	}
	return func(string) (string, bool) { return "", true }
}

func (l *loader) hash() []byte {
	h := sha256.New()
	for _, t := range l.texts {
		h.Write(t)
	}
	return h.Sum(nil)
}

// file reads one file of the chain, checks it, and merges it over the file it
// extends. It returns nil after reporting if there is nothing to go on with.
func (l *loader) file(name string, text []byte) *node {
	src, clean := newSource(name, len(l.chain), text)
	l.chain = append(l.chain, name)
	l.texts = append(l.texts, text)
	root := readDocument(l.r, src, clean)
	if root == nil {
		return nil
	}
	checker{r: l.r, main: src.index == 0}.value(root, l.grammar, "the spec", root.at)
	extends := root.field("extends")
	if extends == nil {
		return root
	}
	parent := l.extended(extends, src)
	if parent == nil || parent.bad {
		return nil
	}
	l.longForms(parent)
	l.longForms(root)
	return merge(parent, root)
}

// extended reads the file that a spec extends.
func (l *loader) extended(n *node, src *source) *node {
	name := rooted(src.dir, n.text)
	if why := cmp.Or(l.fence.keepsOut(n.text), l.fence.refuses(name)); why != "" {
		l.r.hint(n.at, "extends: "+why, ownFiles)
		return nil
	}
	chain := append(slices.Clone(l.chain), name)
	for i, seen := range l.chain {
		if filepath.Clean(seen) == filepath.Clean(name) {
			l.r.report(n.at, "extends goes in a circle: "+strings.Join(chain[i:], " → "))
			return nil
		}
	}
	if len(chain) > maxExtends {
		l.r.report(n.at, fmt.Sprintf("more than %d files extend each other: %s", maxExtends, strings.Join(chain, " → ")))
		return nil
	}
	text, err := l.options.ReadFile(name)
	if err != nil {
		l.r.report(n.at, fmt.Sprintf("extends %s: %s", quote(n.text), cannotRead(err)))
		return nil
	}
	return l.file(name, text)
}

// rooted joins a path to the directory of the file it was written in.
func rooted(dir, path string) string {
	path = filepath.FromSlash(path)
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// merge lays a document over the one that it extends: maps key by key, in the
// order of the extended one, everything else replaced.
func merge(under, over *node) *node {
	if under.kind != mapNode || over.kind != mapNode || under.bad || over.bad {
		return over
	}
	out := *over
	out.unread = over.unread || under.unread
	out.guessed = append(slices.Clone(under.guessed), over.guessed...)
	out.entries = nil
	for _, e := range under.entries {
		if o := over.entry(e.key); o != nil {
			e = &entry{key: e.key, at: o.at, value: merge(e.value, o.value)}
		}
		out.entries = append(out.entries, e)
	}
	for _, o := range over.entries {
		if under.entry(o.key) == nil {
			out.entries = append(out.entries, o)
		}
	}
	return &out
}
