package spec

import (
	"strconv"
	"strings"
)

// sources remembers where every setting of the merged document was written.
type sources struct {
	places  map[string]place // by path, see At
	file    place            // the first line of the spec
	secrets []secret
}

// At builds the path of a setting from its keys and list indexes, for Problem:
// At("slices", "named", "new users", "where"). A dot within a key is escaped
// with a backslash, so that the parts can be told from each other.
func At(parts ...string) string {
	escape := strings.NewReplacer(`\`, `\\`, `.`, `\.`)
	escaped := make([]string, len(parts))
	for i, p := range parts {
		escaped[i] = escape.Replace(p)
	}
	return strings.Join(escaped, ".")
}

// parentOf cuts the last part off a path; a path of one part has the parent "".
func parentOf(at string) string {
	for i := len(at) - 1; i > 0; i-- {
		if at[i] != '.' {
			continue
		}
		slashes := 0
		for j := i - 1; j >= 0 && at[j] == '\\'; j-- {
			slashes++
		}
		if slashes%2 == 0 {
			return at[:i]
		}
	}
	return ""
}

// Problem makes a Problem at the place where a setting was written, for what
// only later rooms can know: a column that the data does not have, a condition
// that does not parse. A setting that was not written is shown at the nearest
// one that holds it, else on the first line of the spec. The values of
// environment variables are taken out of the message and the hint.
func (s *Spec) Problem(at string, message, hint string) Problem {
	return s.place(at).problem(s.Redact(message), s.Redact(hint))
}

// Place is the file and the line that a problem at a setting would name.
func (s *Spec) Place(at string) (file string, line int) { return s.place(at).fileLine() }

func (s *Spec) place(at string) place {
	if s.sources != nil {
		return s.sources.find(at)
	}
	return place{src: &source{name: s.Path}, line: 1, col: 1}
}

func (s *sources) find(at string) place {
	for ; at != ""; at = parentOf(at) {
		if p, ok := s.places[at]; ok {
			return p
		}
	}
	return s.file
}

// record notes the places of all settings in a value.
func (s *sources) record(n *node, parts []string) {
	for _, e := range n.entries {
		path := append(parts[:len(parts):len(parts)], e.key)
		s.places[At(path...)] = e.placeOf()
		if e.value.kind == mapNode && !e.value.short || e.value.kind == listNode {
			s.places[At(path...)] = e.at
		}
		s.record(e.value, path)
	}
	for i, item := range n.items {
		path := append(parts[:len(parts):len(parts)], strconv.Itoa(i))
		s.places[At(path...)] = item.at
		s.record(item, path)
	}
}
