package spec

import (
	"fmt"
	"strconv"
	"strings"
)

// nodeKind is what a YAML node is, before anyone asks what it means.
type nodeKind int

const (
	nullNode nodeKind = iota
	scalarNode
	listNode
	mapNode
)

// node is one value of a document. Scalars keep their text as written: what
// `1` or `true` is gets decided by the place where it stands, so that a label
// value 1.50 is never turned into 1.5.
type node struct {
	kind    nodeKind
	text    string // scalar: as written, without its quotes
	plain   bool   // scalar: not quoted, so it may be a number or a boolean
	entries []*entry
	items   []*node
	at      place
	short   bool // map: written as a single value

	// What the check found, so that one defect is reported once.
	bad     bool     // a problem with this value has been reported
	unread  bool     // it holds keys that cannot be read, or not yet: nothing is said to be missing
	guessed []string // keys that misspelled ones were taken for
}

// entry is one key of a map with its value.
type entry struct {
	key   string
	at    place
	value *node
}

// entry returns the entry of a key, or nil.
func (n *node) entry(key string) *entry {
	if n == nil || n.kind != mapNode {
		return nil
	}
	for _, e := range n.entries {
		if e.key == key {
			return e
		}
	}
	return nil
}

// field returns the value of a key, or nil if there is none that can be used.
func (n *node) field(key string) *node {
	e := n.entry(key)
	if e == nil || e.value.bad {
		return nil
	}
	return e.value
}

// has reports whether a key was given, even badly: then its absence is not to
// be reported as well.
func (n *node) has(key string) bool {
	if n == nil || n.bad || n.unread {
		return true
	}
	return n.guesses(key) || n.entry(key) != nil
}

// sound reports whether no problem was found in a value or below it.
func (n *node) sound() bool {
	if n == nil || n.bad || n.unread || len(n.guessed) > 0 {
		return false
	}
	for _, e := range n.entries {
		if !e.value.sound() {
			return false
		}
	}
	for _, item := range n.items {
		if !item.sound() {
			return false
		}
	}
	return true
}

// empties reports whether a key is missing, or holds an empty map or list.
func (n *node) empties(key string) bool {
	e := n.entry(key)
	return !n.guesses(key) && (e == nil || !e.value.bad && len(e.value.entries)+len(e.value.items) == 0)
}

// guesses reports whether a misspelled key was taken for this one.
func (n *node) guesses(key string) bool {
	for _, g := range n.guessed {
		if g == key {
			return true
		}
	}
	return false
}

// placeOf is where a problem with an entry's value is shown: at the value if it
// stands beside its key, else at the key.
func (e *entry) placeOf() place {
	if e.value.at.line == e.at.line && e.value.at.src == e.at.src {
		return e.value.at
	}
	return e.at
}

// describe says what a value is, for "wants …, not …".
func (n *node) describe() string {
	switch n.kind {
	case listNode:
		return "a list"
	case mapNode:
		return "a map"
	case nullNode:
		return "nothing"
	}
	if n.plain {
		if _, ok := n.number(); ok {
			return "the number " + n.text
		}
		if n.isBool() {
			return n.text
		}
	}
	return "the text " + quote(n.text)
}

// isBool reports whether a plain scalar is a boolean of YAML's core schema.
func (n *node) isBool() bool {
	switch n.text {
	case "true", "True", "TRUE", "false", "False", "FALSE":
		return n.kind == scalarNode && n.plain
	}
	return false
}

// number reads a plain scalar as a number of YAML's core schema; .inf and .nan
// are numbers too, for the caller to refuse.
func (n *node) number() (float64, bool) {
	if n.kind != scalarNode || !n.plain {
		return 0, false
	}
	text := n.text
	if prefix, digits := intPrefix(text); prefix != 0 {
		v, err := strconv.ParseUint(digits, prefix, 64)
		return float64(v), err == nil
	}
	switch strings.ToLower(strings.TrimLeft(text, "+-")) {
	case ".inf", ".nan":
		v, err := strconv.ParseFloat(strings.Replace(text, ".", "", 1), 64)
		return v, err == nil
	}
	if !isDecimal(text) {
		return 0, false
	}
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil || v != 0 // out of range reads as infinite, which is refused where it stands
}

// intPrefix splits 0x1F and 0o17 into base and digits; base 0 means neither.
func intPrefix(text string) (base int, digits string) {
	if rest, ok := strings.CutPrefix(text, "0x"); ok && strings.Trim(rest, "0123456789abcdefABCDEF") == "" && rest != "" {
		return 16, rest
	}
	if rest, ok := strings.CutPrefix(text, "0o"); ok && strings.Trim(rest, "01234567") == "" && rest != "" {
		return 8, rest
	}
	return 0, ""
}

// isDecimal reports whether text is a decimal number of the core schema. Go's
// own parser also takes 1_000, 0x1p-2 and "infinity", which YAML does not.
func isDecimal(text string) bool {
	rest := strings.TrimPrefix(strings.TrimPrefix(text, "-"), "+")
	if len(text)-len(rest) > 1 {
		return false
	}
	mantissa, exponent, hasExponent := strings.Cut(strings.ToLower(rest), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if whole+fraction == "" || !digits(whole) || !digits(fraction) {
		return false
	}
	if !hasExponent {
		return true
	}
	if exponent != "" && (exponent[0] == '-' || exponent[0] == '+') {
		exponent = exponent[1:]
	}
	return exponent != "" && digits(exponent)
}

// digits reports whether text has nothing but the digits 0 to 9.
func digits(text string) bool { return strings.Trim(text, "0123456789") == "" }

// quote shows a piece of the document in a message: on one line, without
// control characters, and not longer than a message should be.
func quote(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return fmt.Sprintf("%q", text)
}
