package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean writes what could act on a terminal as an escape: control characters,
// line and paragraph separators, marks that reorder or hide text, and bytes
// that are not UTF-8.
func clean(s string) string {
	if harmless(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case acts(r):
			b.WriteString(escape(r))
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

func harmless(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, acts) < 0
}

// acts reports whether a rune does something instead of showing something.
// Joiners are let through: Persian, Indic scripts and emoji need them.
func acts(r rune) bool {
	if joiner(r) {
		return false
	}
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}

func joiner(r rune) bool { return r == 0x200c || r == 0x200d }

func escape(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < 0x80:
		return fmt.Sprintf(`\x%02x`, r)
	case r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}
