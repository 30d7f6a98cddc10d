package spec

import "strings"

// A shape says what a piece of a spec may look like. The document check
// (check.go) and the JSON Schema (schema.go) are both read off the same tree of
// shapes (grammar.go), so that an editor and the parser cannot disagree.
type shape struct {
	kind shapeKind
	ref  string // name under $defs, for shapes that stand in several places
	doc  string // for people: shown by editors on hover

	// wants completes "SETTING wants …", with an example.
	wants string

	fields     []field           // object
	elsewhere  map[string]string // object: keys that are often put here, and where they belong
	atLeastOne []string          // object: one of these must be there
	without    string            // object: what to say when none of them is

	elem *shape // map, list

	keyPattern string            // map: what keys must match
	keyWants   string            // map: the same in words
	names      []name            // map: keys with a meaning of their own
	namesWhat  string            // map, enum: what a name is called: "metric"
	otherwise  []string          // map: the fields of which an entry under any other key must have one
	aliases    map[string]string // map, enum: what others call a name

	atLeast int // map, list: fewest entries

	either []*shape // oneOf: alternatives of different YAML kinds

	pattern   string // text: what it must match
	forbidden string // text: what it must not match
	remote    bool   // text: it names data, which may be remote
	secret    bool   // text: it is not repeated in a message
	noEnv     string // text: why ${VAR} is not read here; "" when it is

	low, high   *float64 // number: bounds, inclusive unless lowOpen, highOpen
	lowOpen     bool
	highOpen    bool
	whole       bool // number: only integers
	exactly     *float64
	exactlyElse string // number: what another value means
}

type shapeKind int

const (
	objectShape shapeKind = iota // a map with known keys
	mapShape                     // a map whose keys are names that the user chose
	listShape
	oneOfShape
	textShape // any scalar, as it is written
	enumShape
	numberShape
	marginShape  // 0.02 or 2%
	literalShape // any scalar, or null: a value of a column
)

// field is a known key of an object.
type field struct {
	name     string
	shape    *shape
	required need
	doc      string // overrides the shape's own
}

// need says when a key must be there.
type need int

const (
	optional  need = iota
	required       // after extends has been merged
	mandatory      // in the spec itself, whatever it extends
)

// name is a key or word with a meaning of its own, and its explanation.
type name struct{ name, doc string }

func (s *shape) field(key string) *field {
	for i := range s.fields {
		if s.fields[i].name == key {
			return &s.fields[i]
		}
	}
	return nil
}

// fieldNames lists an object's keys, in the order of the grammar.
func (s *shape) fieldNames() []string {
	out := make([]string, len(s.fields))
	for i, f := range s.fields {
		out[i] = f.name
	}
	return out
}

// guess is the name that another was probably meant to be, or "".
func (s *shape) guess(wrong string) string {
	if known := s.aliases[strings.ToLower(wrong)]; known != "" {
		return known
	}
	return Nearest(wrong, s.nameList())
}

// nameList lists the names of a map's known keys or of an enum.
func (s *shape) nameList() []string {
	out := make([]string, len(s.names))
	for i, n := range s.names {
		out[i] = n.name
	}
	return out
}

// takes reports whether a value has the YAML kind that a shape is about.
func (s *shape) takes(n *node) bool {
	switch s.kind {
	case objectShape, mapShape:
		return n.kind == mapNode
	case listShape:
		return n.kind == listNode
	case oneOfShape:
		return s.alternative(n) != nil
	case literalShape:
		return n.kind == scalarNode || n.kind == nullNode
	default:
		return n.kind == scalarNode
	}
}

// alternative picks the shape that a value is to be judged by. The
// alternatives differ in their YAML kind, so there is at most one, and its
// problems are the ones worth telling.
func (s *shape) alternative(n *node) *shape {
	if s.kind != oneOfShape {
		return s
	}
	for _, a := range s.either {
		if a.takes(n) {
			return a
		}
	}
	return nil
}

func bound(v float64) *float64 { return &v }
