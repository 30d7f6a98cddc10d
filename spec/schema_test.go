package spec

import (
	"bytes"
	"encoding/json"
	"testing"
)

// TestSchemaExplains: an editor has something to say on every setting.
func TestSchemaExplains(t *testing.T) {
	text, err := JSONSchema(vocabulary())
	if err != nil {
		t.Fatal(err)
	}
	var root map[string]any
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	delete(root, "allOf") // conditions only: what they are about is explained above
	settings := 0
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				walk(path, item)
			}
		case map[string]any:
			properties, _ := v["properties"].(map[string]any)
			for name, p := range properties {
				settings++
				if doc, _ := p.(map[string]any)["description"].(string); len(doc) < 10 {
					t.Errorf("%s.%s is not explained: %q", path, name, doc)
				}
			}
			for key, child := range v {
				walk(path+"."+key, child)
			}
		}
	}
	walk("", root)
	if settings < 50 {
		t.Errorf("only %d settings were found", settings)
	}
}

// TestSchemaIsStable: the same grammar prints the same bytes, with or without
// metrics.
func TestSchemaIsStable(t *testing.T) {
	for _, v := range []Vocabulary{nil, vocabulary()} {
		first, err := JSONSchema(v)
		if err != nil || !json.Valid(first) {
			t.Fatalf("not JSON (%v)", err)
		}
		for range 5 {
			if again, _ := JSONSchema(v); !bytes.Equal(first, again) {
				t.Error("the schema changes from one print to the next")
			}
		}
	}
}
