package spec

import (
	"fmt"
	"slices"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// converter turns the library's tree into nodes and reports what YAML has and a
// spec does not: anchors, aliases, merge keys, tags and keys that are not text.
// Anchors are refused because a setting must stand where it holds: a reader of
// a rule, and a problem's position, need only one place. What several specs
// share goes into a file for `extends`.
type converter struct {
	r   *reporter
	src *source
}

// node converts a value. What cannot be converted is reported and marked bad.
func (c converter) node(n ast.Node, depth int) *node {
	if n == nil {
		return &node{kind: nullNode, at: place{src: c.src, line: 1, col: 1}}
	}
	at := tokenPlace(c.src, n.GetToken())
	if depth > maxDepth {
		c.r.report(at, depthError{}.GetMessage())
		return &node{kind: nullNode, at: at, bad: true}
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		return c.mapping(n.Values, at, depth)
	case *ast.MappingValueNode:
		return c.mapping([]*ast.MappingValueNode{n}, at, depth)
	case *ast.SequenceNode:
		return c.list(n, at, depth)
	case *ast.NullNode:
		return &node{kind: nullNode, text: n.Token.Value, at: at}
	case *ast.LiteralNode:
		return &node{kind: scalarNode, text: n.Value.Value, at: at}
	case *ast.StringNode:
		plain := n.Token.Type != token.SingleQuoteType && n.Token.Type != token.DoubleQuoteType
		return &node{kind: scalarNode, text: n.Value, plain: plain, at: at}
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return &node{kind: scalarNode, text: n.GetToken().Value, plain: true, at: at}
	}
	c.refuse(n, at)
	return &node{kind: nullNode, at: at, bad: true}
}

// refuse reports a YAML feature that a spec does not have.
func (c converter) refuse(n ast.Node, at place) {
	const share = "write the value out; what several specs share goes into a file named by extends"
	switch n.(type) {
	case *ast.AnchorNode:
		c.r.hint(at, "anchors (&name) are not read in a spec", share)
	case *ast.AliasNode:
		c.r.hint(at, "aliases (*name) are not read in a spec", share+"; text that starts with * needs quotes")
	case *ast.MergeKeyNode:
		c.r.hint(at, "merge keys (<<) are not read in a spec", share)
	case *ast.TagNode:
		c.r.hint(at, "tags (!name) are not read in a spec", "remove the tag; put a value in quotes to make it text")
	default:
		c.r.report(at, "this is not a value that a spec can hold: write text, a number, a list or a map")
	}
}

func (c converter) list(n *ast.SequenceNode, at place, depth int) *node {
	out := &node{kind: listNode, at: at}
	for _, v := range n.Values {
		out.items = append(out.items, c.node(v, depth+1))
	}
	return out
}

// mapping converts a map; its place is that of its first key, unless it is
// written in braces.
func (c converter) mapping(values []*ast.MappingValueNode, at place, depth int) *node {
	out := &node{kind: mapNode, at: at}
	lines := map[string]int{} // where each key was first set
	for i, v := range values {
		key, ok := c.key(v.Key)
		if i == 0 && !at.startsWith('{') {
			out.at = key.at
		}
		if !ok {
			out.unread = true
			continue
		}
		key.value = c.node(v.Value, depth+1)
		if key.value.kind == nullNode && key.value.text != "~" && !key.value.at.startsWith('n', 'N') {
			key.value.at = key.at // nothing is written there: the key is all there is to show
		}
		if first, ok := lines[key.key]; ok {
			c.r.report(key.at, fmt.Sprintf("duplicate key %s: it is already set on line %d", quote(key.key), first))
			continue
		}
		lines[key.key] = key.at.line
		out.entries = append(out.entries, key)
	}
	return out
}

// startsWith reports whether one of the characters is written at a place.
func (at place) startsWith(any ...rune) bool {
	rest := at.rest()
	return len(rest) > 0 && slices.Contains(any, rest[0])
}

// key converts a map's key to its text as written: `1:` is the key "1".
func (c converter) key(n ast.MapKeyNode) (*entry, bool) {
	e := &entry{at: tokenPlace(c.src, n.GetToken())}
	switch n := n.(type) {
	case *ast.StringNode:
		e.key = n.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode, *ast.NullNode:
		e.key = n.GetToken().Value
	case *ast.MappingKeyNode:
		c.r.report(e.at, "keys that start with ? are not read in a spec: write `key: value`")
		return e, false
	default:
		c.refuse(n, e.at)
		return e, false
	}
	return e, true
}
