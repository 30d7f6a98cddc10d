package cli

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"
)

// mistyped is an error of the command line in the words of somebody who uses
// it, with the command that says more.
func mistyped(err error) error {
	command := ""
	if e, ok := errors.AsType[*kong.ParseError](err); ok && e.Context != nil && e.Context.Selected() != nil {
		command = strings.TrimPrefix(e.Context.Selected().FullPath(), "noworse ")
	}
	message, more := err.Error(), "what there is: noworse "
	if command != "" {
		more += command + " "
	}
	more += "--help"
	if better, ok := arguments[message]; ok {
		message = better
	}
	switch m := mistakes.FindStringSubmatch(message); {
	case m == nil:
	case m[1] != "" && m[2] == "EOL":
		message = m[1] + " wants a value"
	case m[1] != "":
		message = fmt.Sprintf("%s wants a value, and %s looks like a flag", m[1], m[2])
	case m[3] != "" && command == "baseline":
		message = "there is no command baseline " + m[3]
	case m[3] != "" && command == "":
		message, more = "there is no command "+m[3], "to check a spec: noworse check "+m[3]
	case m[4] != "" && command == "":
		message, more = "unknown flag "+m[4]+" before the command", "flags follow it: noworse check "+m[4]
	}
	return fmt.Errorf("%s\n%s", message, more)
}

// arguments are kong's messages for arguments that are not there.
var arguments = map[string]string{
	`expected "<result>"`: "which result? It is what noworse check --json FILE has written",
	`expected "<data>"`:   "which data? Name a file with labelled rows: noworse init eval.csv",
	`expected "<a> <b>"`:  "which predictions? noworse compare OLD NEW --data EVAL names two files of them, and the labelled rows",
	`expected "<b>"`:      "which new predictions? noworse compare OLD NEW names two files",
}

// mistakes are kong's messages: a flag without its value, an argument too many,
// an unknown flag.
var mistakes = regexp.MustCompile(`^(?:(--[a-z-]+): expected .* value but got "([^"]*)" .*|unexpected argument ([^ ,]+)|unknown flag (--?[^ ,]+))$`)
