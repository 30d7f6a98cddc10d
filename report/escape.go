package report

import (
	"fmt"
	"strings"
	"unicode"
)

const (
	longestCode  = 100 // characters of a name or an id
	longestProse = 600 // characters of a sentence
)

// code writes a name or an id as code in Markdown. Nothing in code is markup,
// a mention or a link, on GitHub and on GitLab.
func code(s string) string {
	s = short(visible(s), longestCode)
	if strings.ContainsAny(s, "`|") || strings.TrimSpace(s) != s {
		return "<code>" + entities(s) + "</code>"
	}
	return "`" + s + "`"
}

// entities writes what could be markup, or spaces that would be dropped, as
// entities.
func entities(s string) string {
	var b strings.Builder
	var before rune = ' '
	for i, r := range s {
		dropped := r == ' ' && (before == ' ' || i == len(s)-1)
		if dropped || r < 0x80 && unicode.In(r, unicode.P, unicode.S) && !strings.ContainsRune("=,", r) {
			fmt.Fprintf(&b, "&#%d;", r)
		} else {
			b.WriteRune(r)
		}
		if r == '@' {
			b.WriteString(nothing) // or else an address of mail
		}
		before = r
	}
	return b.String()
}

const nothing = "&#8203;" // a space of no width

// prose writes text so that nothing in it is markup, a mention or a link.
func prose(s string) string {
	var b strings.Builder
	text := short(clean(s), longestProse)
	for i, r := range text {
		if goesOn(text[:i], r) {
			b.WriteString(nothing)
		}
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '$':
			b.WriteString("<span>$</span>") // or else GitHub reads a formula
		case strings.ContainsRune("\\`*_[]|~", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// goesOn reports whether a rune makes what is before it the begin of a mention,
// a reference, an emoji's name or an address.
func goesOn(before string, r rune) bool {
	if r == '.' {
		return strings.EqualFold(before[max(0, len(before)-3):], "www")
	}
	if before == "" || unicode.IsSpace(r) || strings.ContainsRune(",;:)", r) {
		return false
	}
	last := before[max(0, len(before)-3):]
	return strings.ContainsAny(last[len(last)-1:], "@#!~%&:^$") || strings.EqualFold(last, "gh-")
}

// short cuts text by characters: those without width count too.
func short(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return string(runes[:most/2]) + "…" + string(runes[len(runes)-(most-most/2-1):])
}
