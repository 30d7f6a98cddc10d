package slice

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Name names the slice of the rows where each of these columns has its value; a
// nil value is null. A name is column=value, joined with commas, where what would
// confuse is percent-encoded: in the name itself (%, comma, =), in the id of a
// check, where it stands between slashes, and in the patterns that select checks
// (*, ?, [, ] and \), and what the eye cannot see (control characters, bytes that
// are not UTF-8, space at either end, all space but the plain one). Letters of
// every script stay as they are. Null is column=NULL; the text NULL is
// column=%4EULL. There must be as many values as columns.
//
// Different columns and values have different names, and [Parse] gives back what
// went in.
func Name(columns []string, values []*string) string {
	parts := make([]string, len(columns))
	for i, column := range columns {
		parts[i] = Encode(column) + "=" + encodeValue(values[i])
	}
	return strings.Join(parts, ",")
}

// null stands for a null value: no text is encoded so.
const null = "NULL"

func encodeValue(v *string) string {
	switch {
	case v == nil:
		return null
	case *v == null:
		return percent(null[:1]) + null[1:]
	}
	return Encode(*v)
}

// Encode is a name, such as that of a slice by predicate, in the form in which
// it may stand beside the names that [Name] makes. It has no equals sign, so the
// two are never confused.
func Encode(name string) string {
	var b strings.Builder
	for i, r := range name {
		n := utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, n = utf8.DecodeRuneInString(name[i:])
		}
		atEnd := i == 0 || i+n == len(name)
		if confuses(r, atEnd) || r == utf8.RuneError && n == 1 {
			b.WriteString(percent(name[i : i+n]))
		} else {
			b.WriteString(name[i : i+n])
		}
	}
	return b.String()
}

// confuses says that a character must be encoded, at either end of a text or
// within it.
func confuses(r rune, atEnd bool) bool {
	switch {
	case r == ' ':
		return atEnd
	case strings.ContainsRune(`%,=/*?[]\`, r):
		return true
	}
	return !unicode.IsPrint(r)
}

func percent(bytes string) string {
	var b strings.Builder
	for i := range len(bytes) {
		fmt.Fprintf(&b, "%%%02X", bytes[i])
	}
	return b.String()
}

// Parse is the columns and values that [Name] gave this name. It refuses a name
// that Name would not give, so that nothing has two names.
func Parse(name string) (columns []string, values []*string, err error) {
	if name == "" {
		return nil, nil, nil
	}
	for part := range strings.SplitSeq(name, ",") {
		column, value, ok := strings.Cut(part, "=")
		if !ok {
			return nil, nil, fmt.Errorf("the slice name %q has no = in %q", name, part)
		}
		c, err := decodeText(column)
		if err != nil {
			return nil, nil, fmt.Errorf("the slice name %q: %w", name, err)
		}
		v, err := decodeValue(value)
		if err != nil {
			return nil, nil, fmt.Errorf("the slice name %q: %w", name, err)
		}
		columns, values = append(columns, c), append(values, v)
	}
	if again := Name(columns, values); again != name {
		return nil, nil, fmt.Errorf("the slice name %q is spelled %q", name, again)
	}
	return columns, values, nil
}

func decodeValue(s string) (*string, error) {
	if s == null {
		return nil, nil
	}
	text, err := decodeText(s)
	return &text, err
}

func decodeText(s string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", fmt.Errorf("two digits are missing after the %% in %q", s)
		}
		v, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
		if err != nil {
			return "", fmt.Errorf("%%%s in %q is no byte", s[i+1:i+3], s)
		}
		b.WriteByte(byte(v))
		i += 2
	}
	return b.String(), nil
}
