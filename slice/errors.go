package slice

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Refused is a predicate that the database could run and noworse will not.
type Refused struct {
	// Offset is where in the predicate's text it stands, in bytes, or -1.
	Offset  int
	Message string

	format string // of Message
	args   []any
}

func (e *Refused) Error() string { return e.Message }

func refuse(offset int, format string, args ...any) *Refused {
	return &Refused{Offset: offset, Message: fmt.Sprintf(format, args...), format: format, args: args}
}

// UnknownColumn is a predicate that reads a column the data does not have. The
// caller knows the columns and can say which one was meant.
type UnknownColumn struct {
	Name string
	// Offset is where in the predicate's text it stands, in bytes, or -1.
	Offset int
}

func (e *UnknownColumn) Error() string { return fmt.Sprintf("there is no column %q", e.Name) }

// Malformed is a predicate that is not SQL.
type Malformed struct {
	// Characters is where in the predicate's text the parser stopped, in
	// characters, or -1. See [Malformed.Offset].
	Characters int
	Message    string
}

func (e *Malformed) Error() string { return e.Message }

// Offset is where the parser stopped in this text, in bytes, or -1.
func (e *Malformed) Offset(text string) int {
	if e.Characters < 0 {
		return -1
	}
	rest := text
	for range e.Characters {
		_, n := utf8.DecodeRuneInString(rest)
		rest = rest[n:]
	}
	return len(text) - len(rest)
}

// errShape is a tree that no version of the database this package was written
// for would make. It is refused because its meaning is not known.
var errShape = errors.New("internal: the syntax tree of this slice has an unexpected shape")

// malformed is the error that the serializer put in place of a tree. Where the
// database's advice is about its own settings, it is put in our words.
func malformed(root map[string]any) error {
	message, _ := root["error_message"].(string)
	switch {
	case strings.Contains(message, "Only SELECT statements"):
		return refuse(-1, "a slice is one true-or-false expression; this is another statement")
	case strings.Contains(message, "expression depth") || strings.Contains(message, "memory exhausted"):
		return refuse(-1, "this slice is nested too deeply: at most %d levels", maxDepth)
	case strings.Contains(message, "without selection list"):
		return refuse(-1, "a slice needs a true-or-false expression, such as age > 30")
	case message == "":
		return errShape
	}
	at := -1
	if p, err := strconv.Atoi(fmt.Sprint(root["position"])); err == nil && p >= len(Lead) {
		at = p - len(Lead)
	}
	return &Malformed{Characters: at, Message: message}
}

// place is where an expression stands. Nodes that the parser made up have no
// location of their own and take that of the node around them.
type place struct{ offset, depth int }

// noLocation is how the serializer writes "nowhere".
const noLocation = "18446744073709551615"

func (p place) inside(location any) (place, error) {
	n, ok := location.(json.Number)
	if !ok {
		return p, errShape
	}
	p.depth++
	if n == noLocation {
		return p, nil
	}
	at, err := strconv.Atoi(n.String())
	if err != nil || at < len(Lead) {
		return p, errShape
	}
	p.offset = at - len(Lead)
	return p, nil
}
