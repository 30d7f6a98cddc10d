package spec

import (
	"fmt"
	"math"
	"regexp"
	"strings"
)

// checker walks a document along the grammar and reports where they differ.
type checker struct {
	r    *reporter
	main bool // the spec itself, not a file that it extends
}

// value checks one value. at is where its problems are shown, name what the
// value is called in them.
func (c checker) value(n *node, s *shape, name string, at place) {
	if n.bad {
		return
	}
	if n.kind == nullNode && s.kind != literalShape {
		c.bad(n, at, name+" has no value", "write one, {} for the defaults of a section, or remove the key")
		return
	}
	if !s.takes(n) {
		c.bad(n, at, fmt.Sprintf("%s wants %s, not %s", name, s.wants, n.describe()), envHint(n))
		return
	}
	switch s = s.alternative(n); s.kind {
	case objectShape:
		c.object(n, s)
	case mapShape:
		c.mapping(n, s)
	case listShape:
		c.list(n, s, name, at)
	default:
		c.scalar(n, s, name, at)
	}
}

// bad reports a value and marks it, so that nothing else is said about it.
func (c checker) bad(n *node, at place, message, hint string) {
	n.bad = true
	c.r.hint(at, message, hint)
}

// envHint explains a variable where none is read.
func envHint(n *node) string {
	if n.kind == scalarNode && strings.Contains(n.text, "${") {
		return "${…} is read only where text is wanted"
	}
	return ""
}

func (c checker) object(n *node, s *shape) {
	for _, e := range n.entries {
		if f := s.field(e.key); f != nil {
			c.value(e.value, f.shape, e.key, e.placeOf())
			continue
		}
		c.unknown(n, e, s)
	}
	for _, f := range s.fields {
		if f.required == mandatory && c.main && !n.has(f.name) {
			c.r.hint(n.at, fmt.Sprintf("%s is missing", f.name), fmt.Sprintf("add %q", f.name+": 1"))
		}
	}
}

// unknown reports a key that an object does not have.
func (c checker) unknown(n *node, e *entry, s *shape) {
	guess := Nearest(e.key, s.fieldNames())
	hint, misplaced := s.elsewhere[e.key]
	switch {
	case misplaced:
		guess = ""
	case guess == "":
		hint = "known here: " + strings.Join(s.fieldNames(), ", ")
	default:
		n.guessed = append(n.guessed, guess)
	}
	c.r.hint(e.at, "unknown key "+quote(e.key)+didYouMean(guess), hint)
}

func (c checker) mapping(n *node, s *shape) {
	keys := regexp.MustCompile(s.keyPattern)
	for _, e := range n.entries {
		if !keys.MatchString(e.key) {
			c.bad(e.value, e.at, fmt.Sprintf("the key %s is not %s", quote(e.key), s.keyWants), keyEnvHint(e.key))
			continue
		}
		c.value(e.value, s.elem, e.key, e.placeOf())
	}
}

// names reports whether a map has a key; unlike has, it does not guess.
func (n *node) names(key string) bool { return n.entry(key) != nil }

func keyEnvHint(key string) string {
	if strings.Contains(key, "${") {
		return "${…} is not read in keys"
	}
	return ""
}

func (c checker) list(n *node, s *shape, name string, at place) {
	if len(n.items) < s.atLeast {
		c.bad(n, at, fmt.Sprintf("%s wants at least %s", name, count(s.atLeast, "entry", "entries")), "")
		return
	}
	for _, item := range n.items {
		c.value(item, s.elem, name, item.at)
	}
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func (c checker) scalar(n *node, s *shape, name string, at place) {
	var message, hint string
	switch s.kind {
	case textShape:
		message, hint = textProblem(n, s, name)
	case enumShape:
		message, hint = enumProblem(n, s, name)
	case numberShape:
		message, hint = numberProblem(n, s, name)
	case marginShape:
		message, hint = marginProblem(n, s, name)
	}
	if message != "" {
		c.bad(n, at, message, hint)
	}
}

func textProblem(n *node, s *shape, name string) (message, hint string) {
	variable := strings.Contains(n.text, "${")
	switch {
	case n.text == "":
		return name + " is empty", "it wants " + s.wants
	case variable && s.noEnv != "":
		return name + " does not read variables: " + s.noEnv, "write the text out"
	case s.forbidden == urlPattern && IsRemote(n.text):
		return localOnly(name, n.text)
	case s.remote && IsRemote(n.text) && !remoteFile.MatchString(n.text):
		return remoteProblem(name, n.text)
	case s.secret && !regexp.MustCompile(s.pattern).MatchString(n.text):
		return fmt.Sprintf("%s wants %s, and not the secret itself", name, s.wants), "a spec is read by many; the environment is not"
	case s.pattern != "" && !regexp.MustCompile(s.pattern).MatchString(n.text):
		return fmt.Sprintf("%s wants %s, not %s", name, s.wants, quote(n.text)), ""
	}
	return "", ""
}

func enumProblem(n *node, s *shape, name string) (message, hint string) {
	names := s.nameList()
	for _, known := range names {
		if n.text == known {
			return "", ""
		}
	}
	guess := didYouMean(s.guess(n.text))
	if s.namesWhat != "" {
		return "unknown " + s.namesWhat + " " + quote(n.text) + guess, ""
	}
	return fmt.Sprintf("%s wants %s, not %s%s", name, s.wants, n.describe(), guess), envHint(n)
}

func numberProblem(n *node, s *shape, name string) (message, hint string) {
	v, ok := n.number()
	switch {
	case !ok:
		return fmt.Sprintf("%s wants %s, not %s", name, s.wants, n.describe()), quotedHint(n)
	case math.IsNaN(v) || math.IsInf(v, 0):
		return fmt.Sprintf("%s wants a finite number, not %s", name, n.text), ""
	case s.exactly != nil && v != *s.exactly:
		return fmt.Sprintf("%s wants %s, not %s: %s", name, s.wants, n.text, s.exactlyElse), ""
	case s.whole && v != math.Trunc(v), !s.within(v):
		return fmt.Sprintf("%s wants %s, not %s", name, s.wants, n.text), ""
	}
	return "", ""
}

// within reports whether a number keeps to a shape's bounds.
func (s *shape) within(v float64) bool {
	if s.low != nil && (v < *s.low || s.lowOpen && v == *s.low) {
		return false
	}
	return s.high == nil || v < *s.high || v == *s.high && !s.highOpen
}

// quotedHint mends a number that was made text by its quotes.
func quotedHint(n *node) string {
	if n.plain {
		return envHint(n)
	}
	bare := &node{kind: scalarNode, text: n.text, plain: true}
	if _, ok := bare.number(); ok {
		return "write it without quotes"
	}
	return envHint(n)
}

func marginProblem(n *node, s *shape, name string) (message, hint string) {
	if text, ok := strings.CutSuffix(n.text, "%"); ok {
		return shareProblem(text, n, s, name)
	}
	v, ok := n.number()
	switch {
	case !ok:
		return fmt.Sprintf("%s wants %s, not %s", name, s.wants, n.describe()), quotedHint(n)
	case math.IsNaN(v) || math.IsInf(v, 0):
		return fmt.Sprintf("%s wants a finite number, not %s", name, n.text), ""
	case v < 0:
		return fmt.Sprintf("%s is negative: write how much is tolerated as %s", name, strings.TrimPrefix(n.text, "-")), ""
	}
	return "", ""
}

// shareText is what may stand before the percent sign.
var shareText = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

// sharePattern is a whole share of at most 100%, for the JSON Schema.
const sharePattern = `^0*(100(\.0+)?|[0-9]{1,2}(\.[0-9]+)?)%$`

func shareProblem(text string, n *node, s *shape, name string) (message, hint string) {
	if rest, ok := strings.CutPrefix(text, "-"); ok && shareText.MatchString(rest) {
		return fmt.Sprintf("%s is negative: write how much is tolerated as %s%%", name, rest), ""
	}
	if !shareText.MatchString(text) {
		return fmt.Sprintf("%s wants %s, not %s", name, s.wants, n.describe()), ""
	}
	if !regexp.MustCompile(sharePattern).MatchString(n.text) {
		return fmt.Sprintf("%s is over 100%%, which tolerates anything: write a smaller share", name), ""
	}
	return "", ""
}

// margin reads a margin that has passed the check.
func (n *node) margin() Margin {
	if text, ok := strings.CutSuffix(n.text, "%"); ok {
		// Shifting the exponent, unlike dividing, gives the same number as 0.02 for 2%.
		share := &node{kind: scalarNode, text: text + "e-2", plain: true}
		v, _ := share.number()
		return Margin{Value: v, Relative: true}
	}
	v, _ := n.number()
	return Margin{Value: v + 0} // -0 becomes 0
}
