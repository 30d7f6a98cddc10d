package contract

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Text is the contract as YAML, with what each limit came from beside it. name is what
// the reference is called, rows how many it has.
func (c *Contract) Text(name string, rows uint64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# What data like %s must be, inferred from its %s.\n", oneLine(name), plural(rows, "row", "rows"))
	b.WriteString("# Every limit can be edited. In a spec:  contract: {from: THIS FILE}\n")
	b.WriteString("#\n")
	b.WriteString("#   required    always, never, training (as labels are) or serving\n")
	b.WriteString("#   nulls       the largest share of rows that may have no value\n")
	b.WriteString("#   range       the smallest and the largest number; categories, pattern: the texts that may be\n")
	b.WriteString("#   outside     the largest share of values that may be beyond those\n")
	b.WriteString("#   unique: true, order: ascending, fresh: 7d (how old the newest time may be), ignore: true, severity: warn\n")
	b.WriteString("contract: 1\n")
	fmt.Fprintf(&b, "rows: {min: %d}\n", max(c.LeastRows, 1))
	b.WriteString("new_columns: warn  # or block, or ignore\n")
	b.WriteString("columns:\n")
	for i := range c.Columns {
		c.Columns[i].write(&b)
	}
	return b.String()
}

func (c *Column) write(b *strings.Builder) {
	fmt.Fprintf(b, "  %s:\n", scalar(c.Name))
	line := func(key, value, seen string) {
		fmt.Fprintf(b, "    %s: %s", key, value)
		if seen != "" {
			b.WriteString("  # " + seen)
		}
		b.WriteByte('\n')
	}
	seen := func(key string) string {
		if text := c.Seen[key]; text != "" {
			return "of " + text
		}
		return ""
	}
	if c.Type != "" {
		line("type", string(c.Type), c.Seen["type"])
	}
	line("required", string(c.Required), "")
	if c.Nulls < 1 {
		line("nulls", percentage(c.Nulls), c.Seen["nulls"])
	}
	if c.Range != nil {
		line("range", fmt.Sprintf("[%s, %s]", end(c.Range[0]), end(c.Range[1])), seen("range"))
	}
	if c.Categories != nil {
		var names []string
		for _, text := range c.Categories {
			names = append(names, scalar(text))
		}
		line("categories", "["+strings.Join(names, ", ")+"]", seen("categories"))
	}
	if c.Pattern != nil {
		line("pattern", inQuotes(c.Pattern.String()), seen("pattern"))
	}
	if c.Range != nil || c.Categories != nil || c.Pattern != nil {
		line("outside", percentage(c.Outside), "")
	}
	if c.Unique {
		line("unique", "true", "")
	}
	if c.Ascending {
		line("order", "ascending", "")
	}
}

// percentage is a share as a percentage, in as many digits as it has.
func percentage(x float64) string {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(100*x, 'g', 12, 64), 64)
	return strconv.FormatFloat(rounded, 'f', -1, 64) + "%"
}

// end is one of a range.
func end(x float64) string {
	switch {
	case math.IsInf(x, 0):
		return "null"
	case math.Abs(x) < 1e15 && (x == 0 || math.Abs(x) > 1e-6):
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

var plain = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*( [A-Za-z0-9_.-]+)*$`)

// words that YAML takes for something else than text.
var words = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n", "inf", "nan"}

// scalar is a text in YAML.
func scalar(text string) string {
	if plain.MatchString(text) && !slices.Contains(words, strings.ToLower(text)) {
		return text
	}
	return inQuotes(text)
}

func inQuotes(text string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil { // a text can always be written
		return strconv.Quote(text)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// oneLine keeps a name from ending a comment.
func oneLine(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, name)
}
