package report

import (
	"strings"
	"unicode"
)

// width is the number of terminal columns that cleaned text takes. Where
// terminals disagree (joined emoji) it is the larger number, so that a line
// may come out short but never long.
func width(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case joiner(r):
		return 0
	case r == emojiStyle:
		return 1 // widens the sign before it
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case unicode.Is(wide, r):
		return 2
	}
	return 1
}

const emojiStyle = 0xfe0f

// wide is the characters of East Asian Width W and F (Unicode, UAX #11), with
// unassigned gaps inside blocks of wide characters filled in.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x1100, Hi: 0x115f, Stride: 1}, {Lo: 0x231a, Hi: 0x231b, Stride: 1},
		{Lo: 0x2329, Hi: 0x232a, Stride: 1}, {Lo: 0x23e9, Hi: 0x23ec, Stride: 1},
		{Lo: 0x23f0, Hi: 0x23f3, Stride: 3}, {Lo: 0x25fd, Hi: 0x25fe, Stride: 1},
		{Lo: 0x2614, Hi: 0x2615, Stride: 1}, {Lo: 0x2630, Hi: 0x2637, Stride: 1},
		{Lo: 0x2648, Hi: 0x2653, Stride: 1}, {Lo: 0x267f, Hi: 0x267f, Stride: 1},
		{Lo: 0x268a, Hi: 0x268f, Stride: 1}, {Lo: 0x2693, Hi: 0x2693, Stride: 1},
		{Lo: 0x26a1, Hi: 0x26a1, Stride: 1}, {Lo: 0x26aa, Hi: 0x26ab, Stride: 1},
		{Lo: 0x26bd, Hi: 0x26be, Stride: 1}, {Lo: 0x26c4, Hi: 0x26c5, Stride: 1},
		{Lo: 0x26ce, Hi: 0x26d4, Stride: 6}, {Lo: 0x26ea, Hi: 0x26ea, Stride: 1},
		{Lo: 0x26f2, Hi: 0x26f3, Stride: 1}, {Lo: 0x26f5, Hi: 0x26f5, Stride: 1},
		{Lo: 0x26fa, Hi: 0x26fd, Stride: 3}, {Lo: 0x2705, Hi: 0x2705, Stride: 1},
		{Lo: 0x270a, Hi: 0x270b, Stride: 1}, {Lo: 0x2728, Hi: 0x2728, Stride: 1},
		{Lo: 0x274c, Hi: 0x274e, Stride: 2}, {Lo: 0x2753, Hi: 0x2755, Stride: 1},
		{Lo: 0x2757, Hi: 0x2757, Stride: 1}, {Lo: 0x2795, Hi: 0x2797, Stride: 1},
		{Lo: 0x27b0, Hi: 0x27bf, Stride: 15}, {Lo: 0x2b1b, Hi: 0x2b1c, Stride: 1},
		{Lo: 0x2b50, Hi: 0x2b55, Stride: 5}, {Lo: 0x2e80, Hi: 0x303e, Stride: 1},
		{Lo: 0x3041, Hi: 0x4dbf, Stride: 1}, {Lo: 0x4e00, Hi: 0xa4cf, Stride: 1},
		{Lo: 0xa960, Hi: 0xa97f, Stride: 1}, {Lo: 0xac00, Hi: 0xd7a3, Stride: 1},
		{Lo: 0xf900, Hi: 0xfaff, Stride: 1}, {Lo: 0xfe10, Hi: 0xfe19, Stride: 1},
		{Lo: 0xfe30, Hi: 0xfe6f, Stride: 1}, {Lo: 0xff01, Hi: 0xff60, Stride: 1},
		{Lo: 0xffe0, Hi: 0xffe6, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x16fe0, Hi: 0x18d08, Stride: 1}, {Lo: 0x1aff0, Hi: 0x1b2fb, Stride: 1},
		{Lo: 0x1d300, Hi: 0x1d376, Stride: 1}, {Lo: 0x1f004, Hi: 0x1f004, Stride: 1},
		{Lo: 0x1f0cf, Hi: 0x1f0cf, Stride: 1}, {Lo: 0x1f18e, Hi: 0x1f18e, Stride: 1},
		{Lo: 0x1f191, Hi: 0x1f19a, Stride: 1}, {Lo: 0x1f1e6, Hi: 0x1f265, Stride: 1},
		{Lo: 0x1f300, Hi: 0x1f64f, Stride: 1}, {Lo: 0x1f680, Hi: 0x1f6ff, Stride: 1},
		{Lo: 0x1f7e0, Hi: 0x1f7f0, Stride: 1}, {Lo: 0x1f90c, Hi: 0x1faff, Stride: 1},
		{Lo: 0x20000, Hi: 0x3fffd, Stride: 1},
	},
}

// clusters splits text where it may be cut: marks stay with their character.
func clusters(s string) []string {
	var out []string
	start := 0
	for i, r := range s {
		if i > start && r != emojiStyle && runeWidth(r) > 0 {
			out = append(out, s[start:i])
			start = i
		}
	}
	if start < len(s) {
		out = append(out, s[start:])
	}
	return out
}

// cut shortens text to a number of columns by taking out its middle: both ends
// of a slice's name tell it from its neighbours.
func cut(s string, limit int, dots string) string {
	if width(s) <= limit {
		return s
	}
	room := limit - width(dots)
	if room < 0 {
		return strings.Repeat(".", max(0, limit))
	}
	all := clusters(s)
	tail := room / 2
	head := take(all, room-tail, 0, 1)
	end := take(all, tail, len(all)-1, -1)
	return strings.Join(all[:head], "") + dots + strings.Join(all[len(all)-end:], "")
}

// cutName shortens the name of a slice. In col=value the column goes first: it is
// the value that tells a slice from its neighbours.
func cutName(s string, limit int, dots string) string {
	var parts []string // col, value, col, value
	for _, pair := range strings.Split(s, ",") {
		column, value, ok := strings.Cut(pair, "=")
		if !ok {
			return cut(s, limit, dots)
		}
		parts = append(parts, column, value)
	}
	to := make([]int, len(parts))
	for i, part := range parts {
		to[i] = width(part)
	}
	over := narrow(to, 0, width(s)-limit) // columns
	over = narrow(to, 1, over)            // values
	if over > 0 {
		return cut(s, limit, dots)
	}
	var b strings.Builder
	for i, part := range parts {
		if i > 0 {
			b.WriteByte(",="[i%2])
		}
		b.WriteString(cut(part, to[i], dots))
	}
	return b.String()
}

// narrow takes columns from every second width, the widest first, and says how
// many are still too many.
func narrow(widths []int, from, over int) int {
	const least = 7
	for ; over > 0; over-- {
		widest := from
		for i := from; i < len(widths); i += 2 {
			if widths[i] > widths[widest] {
				widest = i
			}
		}
		if widths[widest] <= least {
			break
		}
		widths[widest]--
	}
	return over
}

// take counts how many clusters fit a number of columns, walking from one end.
func take(all []string, room, from, step int) int {
	n := 0
	for i := from; i >= 0 && i < len(all); i += step {
		room -= width(all[i])
		if room < 0 {
			break
		}
		n++
	}
	return n
}

// wrap breaks text at its spaces into lines of at most limit columns. A word
// that is longer than a line is cut.
func wrap(text string, limit int, dots string) []string {
	return wrapAfter(0, text, limit, dots)
}

// wrapAfter is wrap where so many columns of the first line are taken already;
// the first line may come out empty.
func wrapAfter(taken int, text string, limit int, dots string) []string {
	var lines []string
	line, room := "", limit-taken
	for _, word := range phrases(text) {
		word = cut(word, limit, dots)
		need := width(word)
		if line != "" {
			need += width(line) + 1
		}
		switch {
		case need > room:
			if line != "" || room < limit {
				lines = append(lines, line)
			}
			line, room = word, limit
		case line == "":
			line = word
		default:
			line += " " + word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// phrases splits text into words, but leaves a number with its unit and with
// the word that says what it is: "limit −3.0", "−3.9 points,", "region=r03 (994)".
func phrases(text string) []string {
	var out []string
	for _, word := range strings.Fields(text) {
		if last := len(out) - 1; last >= 0 && width(out[last])+width(word) < 30 && belong(out[last], word) {
			out[last] += " " + word
			continue
		}
		out = append(out, word)
	}
	return out
}

func belong(before, word string) bool {
	if strings.HasPrefix(word, "(") && strings.Trim(word, "(0123456789,.;)") == "" {
		return true
	}
	switch strings.Trim(word, ",;.)") {
	case "points", "rows", "slices", "checks":
		return strings.Trim(before, "(+-"+minus+"0123456789,.") == ""
	}
	switch before {
	case "limit", "least", "most":
		return strings.Trim(word, "+-"+minus+"±/0123456789,.%);") == ""
	}
	return false
}

// left and right pad text to a number of columns.
func left(s string, columns int) string {
	return s + strings.Repeat(" ", max(0, columns-width(s)))
}

func right(s string, columns int) string {
	return strings.Repeat(" ", max(0, columns-width(s))) + s
}
