package spec

import (
	"fmt"
	"strings"
)

// complete reports what is missing. It runs on the merged document: a file that
// is extended may leave out what the spec says, and the reverse.
func (c checker) complete(n *node, s *shape, name string, at place) {
	if n.bad {
		return
	}
	switch s = s.alternative(n); s.kind {
	case objectShape:
		c.completeObject(n, s, name, at)
	case mapShape:
		c.completeMap(n, s, name, at)
	case listShape:
		for _, item := range n.items {
			c.complete(item, s.elem, name, item.at)
		}
	}
}

func (c checker) completeObject(n *node, s *shape, name string, at place) {
	for _, f := range s.fields {
		if f.required == required && !n.has(f.name) {
			c.r.hint(at, fmt.Sprintf("%s needs %s", name, f.name), "it is "+f.shape.wants)
		}
		if e := n.entry(f.name); e != nil {
			c.complete(e.value, f.shape, f.name, e.at)
		}
	}
	if len(s.atLeastOne) > 0 && !n.hasAny(s.atLeastOne) {
		c.r.report(at, s.without)
	}
}

func (n *node) hasAny(keys []string) bool {
	for _, k := range keys {
		if n.has(k) {
			return true
		}
	}
	return false
}

func (c checker) completeMap(n *node, s *shape, name string, at place) {
	if len(n.entries) < s.atLeast {
		c.bad(n, at, fmt.Sprintf("%s wants at least %s", name, count(s.atLeast, "entry", "entries")), "")
		return
	}
	for _, e := range n.entries {
		c.named(e, s)
		c.complete(e.value, s.elem, e.key, e.at)
	}
}

// named reports an entry whose key is no known name and whose value does not
// say which one it is about.
func (c checker) named(e *entry, s *shape) {
	if s.otherwise == nil || e.value.bad || contains(s.nameList(), e.key) {
		return
	}
	if e.value.kind == mapNode && e.value.hasAny(s.otherwise) {
		return
	}
	guess := s.guess(e.key)
	hint := ""
	if guess == "" {
		hint = fmt.Sprintf("known: %s; a rule under a name of your own says which %s it is about: {%s: …}",
			strings.Join(s.nameList(), ", "), s.namesWhat, strings.Join(s.otherwise, ": …} or {"))
	}
	c.bad(e.value, e.at, "unknown "+s.namesWhat+" "+quote(e.key)+didYouMean(guess), hint)
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}
