package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// secret is a text that is never shown, and what is shown in its place: the
// value of an environment variable, which may be a password or a token, or a
// URL that has one.
type secret struct{ shown, value string }

// shortestSecret is the fewest characters of a value that Redact looks for:
// taking every "1" out of a message would hide the message, not a secret.
const shortestSecret = 4

// Redact puts the name of a variable, as ${NAME}, in place of its value, and
// *** in place of the passwords and queries of URLs, wherever a text holds one:
// for messages and results in which settings are repeated. Values of fewer than
// four characters are left alone.
func (s *Spec) Redact(text string) string {
	if s.sources == nil {
		return text
	}
	longestFirst := slices.Clone(s.sources.secrets) // a value may hold another one
	slices.SortStableFunc(longestFirst, func(a, b secret) int { return len(b.value) - len(a.value) })
	for _, one := range longestFirst {
		if len(one.value) >= shortestSecret {
			text = strings.ReplaceAll(text, one.value, one.shown)
		}
	}
	return text
}

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// expand reads the variables of a text; $${ stands for a literal ${.
func expand(text string, getenv func(string) (string, bool)) (string, []secret, error) {
	var out strings.Builder
	var secrets []secret
	for {
		i := strings.Index(text, "${")
		if i < 0 {
			out.WriteString(text)
			return out.String(), secrets, nil
		}
		if i > 0 && text[i-1] == '$' {
			out.WriteString(text[:i-1] + "${")
			text = text[i+2:]
			continue
		}
		out.WriteString(text[:i])
		name, rest, closed := strings.Cut(text[i+2:], "}")
		if err := badVariable(name, closed); err != nil {
			return "", nil, err
		}
		value, ok := getenv(name)
		if !ok {
			return "", nil, fmt.Errorf("the environment variable %s is not set", name)
		}
		out.WriteString(value)
		secrets = append(secrets, secret{"${" + name + "}", value})
		text = rest
	}
}

func badVariable(name string, closed bool) error {
	switch {
	case !closed:
		return fmt.Errorf("a ${ is never closed with }: write $${ if the text itself is meant")
	case !variableName.MatchString(name):
		return fmt.Errorf("${%s} is no variable: a name has letters, digits and underscores; write $${ if the text itself is meant", strings.Trim(quote(name), `"`))
	}
	return nil
}
