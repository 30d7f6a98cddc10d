package spec

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

var update = flag.Bool("update", false, "write the expected problems of testdata/bad anew")

// corpus lists the documents of a directory of testdata.
func corpus(t testing.TB, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", dir, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no documents in testdata/%s: %v", dir, err)
	}
	return files
}

// TestGood reads every good document: the parser and the schema accept it.
func TestGood(t *testing.T) {
	schema := compiledSchema(t)
	for _, file := range corpus(t, "good") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			s, err := Load(file, options())
			if err != nil {
				t.Fatalf("refused:\n%v", err)
			}
			for _, complaint := range broken(s) {
				t.Error(complaint)
			}
			if err := schema.Validate(plainValue(t, file)); err != nil {
				t.Errorf("the JSON Schema refuses it: %v", err)
			}
		})
	}
}

// TestBad compares the problems of every bad document with the text beside it.
// The name says of what kind the defect is: the schema must refuse what is
// wrong in shape, and must accept what is wrong only in sense.
func TestBad(t *testing.T) {
	schema := compiledSchema(t)
	for _, file := range corpus(t, "bad") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			_, err := Load(file, options())
			if err == nil {
				t.Fatal("accepted")
			}
			checkGolden(t, strings.TrimSuffix(file, ".yaml")+".txt", shown(t, err))
			switch kind, _, _ := strings.Cut(filepath.Base(file), "_"); kind {
			case "shape":
				if schema.Validate(plainValue(t, file)) == nil {
					t.Error("the JSON Schema accepts it")
				}
			case "sense":
				if err := schema.Validate(plainValue(t, file)); err != nil {
					t.Errorf("the JSON Schema refuses it: %v", err)
				}
			case "syntax":
			default:
				t.Errorf("the name starts with %q, not with syntax, shape or sense", kind)
			}
		})
	}
}

// TestBadIsWhole: every expected text is that of a document that is still there.
func TestBadIsWhole(t *testing.T) {
	texts, err := filepath.Glob(filepath.Join("testdata", "bad", "*.txt"))
	if err != nil || len(texts) == 0 {
		t.Fatalf("no texts: %v", err)
	}
	for _, text := range texts {
		if _, err := os.Stat(strings.TrimSuffix(text, ".txt") + ".yaml"); err != nil {
			t.Errorf("%s has no document", text)
		}
	}
}

// shown is the text of an error, after checks that hold for every one.
func shown(t *testing.T, err error) string {
	t.Helper()
	var problems Problems
	if !errors.As(err, &problems) {
		t.Fatalf("not Problems: %T", err)
	}
	text := err.Error() + "\n"
	for _, secret := range []string{"hunter2", "from-env"} {
		if strings.Contains(text, secret) {
			t.Errorf("the value of a variable is shown:\n%s", text)
		}
	}
	return strings.ReplaceAll(text, "\\", "/")
}

func checkGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := JSONSchema(vocabulary())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("noworse.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("noworse.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// plainValue is a document as an editor sees it, by YAML's core schema.
func plainValue(t *testing.T, file string) any {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	src, clean := newSource(file, 0, text)
	r := &reporter{}
	root := readDocument(r, src, clean)
	if err := r.err(); err != nil {
		t.Fatal(err)
	}
	return toAny(root)
}

func toAny(n *node) any {
	switch n.kind {
	case nullNode:
		return nil
	case mapNode:
		out := map[string]any{}
		for _, e := range n.entries {
			out[e.key] = toAny(e.value)
		}
		return out
	case listNode:
		out := []any{}
		for _, item := range n.items {
			out = append(out, toAny(item))
		}
		return out
	}
	if v, ok := n.number(); ok && !strings.Contains(strings.ToLower(n.text), ".inf") && !strings.Contains(strings.ToLower(n.text), ".nan") {
		return v
	}
	if n.isBool() {
		return strings.EqualFold(n.text, "true")
	}
	return n.text
}
