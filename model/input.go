package model

import (
	"strings"
	"unicode"
)

// Among is the place of an input's column among names; -1 if there is none. An input
// whose name may be mangled takes the column of its name, else the only one whose
// name becomes that when _ stands in the place of all that an identifier cannot have.
func (in Input) Among(names []string) int {
	found := -1
	for i, name := range names {
		if name == in.Name {
			return i
		}
		if in.Mangled && identifier(name) == in.Name {
			if found >= 0 {
				found = len(names) // several: neither
				continue
			}
			found = i
		}
	}
	if found == len(names) {
		return -1
	}
	return found
}

// identifier is what skl2onnx makes of a name, where it is not taken yet.
func identifier(name string) string {
	name = strings.Map(func(r rune) rune {
		if r == '_' || r == '+' || unicode.IsLetter(r) || unicode.IsNumber(r) {
			return r
		}
		return '_'
	}, name)
	if name != "" && name[0] >= '0' && name[0] <= '9' {
		name = "_" + name
	}
	return name
}
