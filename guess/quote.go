package guess

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	bare    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	plain   = regexp.MustCompile(`^[A-Za-z0-9_/.]*[A-Za-z0-9_/][A-Za-z0-9_./-]*$`)
	whole   = regexp.MustCompile(`^(0|[1-9][0-9]*)$`)
	numeric = regexp.MustCompile(`^[0-9.+-][^/]*$`) // 007 and 1e5 are text here and numbers to others
	control = regexp.MustCompile("[\\x00-\\x1f\\x7f\u0085\u2028\u2029\ufeff]")
)

// special are words that other readers of YAML take for something else than text.
var special = set("true false null yes no on off nan inf none")

// yamlText writes a text as YAML that is read back as the same text, in a
// block or within braces. A variable is not read in it.
func yamlText(s string) string { return yamlRaw(strings.ReplaceAll(s, "${", "$${")) }

// yamlRaw is yamlText for places where no variable is read: keys and conditions.
func yamlRaw(s string) string {
	switch {
	case control.MatchString(s):
		return doubleQuoted(s)
	case whole.MatchString(s), plain.MatchString(s) && !numeric.MatchString(s) && !special[strings.ToLower(s)]:
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

func doubleQuoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case control.MatchString(string(r)):
			b.WriteString(`\u` + strings.Repeat("0", 4-len(strconv.FormatInt(int64(r), 16))) + strconv.FormatInt(int64(r), 16))
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// oneLine keeps names out of comments that would end them.
func oneLine(s string) string { return control.ReplaceAllString(s, "·") }
