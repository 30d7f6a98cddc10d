package contract

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/noworse/noworse/profile"
	"github.com/noworse/noworse/stats"
)

// Facts are what a profile does not hold.
type Facts struct {
	Distinct  map[string]uint64 // different values, exactly, of columns that MayBeUnique
	Ascending map[string]bool   // columns of times in whose order the rows are
	Labels    []string          // columns that are there in training alone
}

const (
	mostListed   = 200  // categories that a contract lists
	mostPatterns = 8    // shapes that make a pattern
	surely       = .998 // level of the interval whose upper end is a limit: 1 in 1,000 is above
	leastOutside = .001 // share of numbers that may always be beyond the reference's
)

// MayBeUnique says whether a column's values may all be different, so that they are
// worth being counted: texts or whole numbers, an estimate of which is near the rows.
func MayBeUnique(c *profile.Column) bool {
	values := float64(valuesOf(c))
	if values < 100 || c.Distinct.Estimate() < .9*values {
		return false
	}
	switch {
	case c.Kind == profile.Text:
		return true
	case c.Kind != profile.Number || !isWhole(c.Type):
		return false
	}
	// Whole numbers drawn at random from their range would have so many pairs alike. Few
	// enough could be different by chance, which says nothing of other rows.
	pairs := values * values / 2 / (c.Numbers.Max - c.Numbers.Min + 1)
	return pairs > 20 || pairs < 1e-6
}

// isWhole says whether a source's word for a type is one of whole numbers.
func isWhole(word string) bool { return strings.Contains(strings.ToUpper(word), "INT") }

// valuesOf is how many values a column has, missing ones left out.
func valuesOf(c *profile.Column) uint64 {
	switch {
	case c.Numbers != nil:
		return c.Numbers.Finite() + c.Numbers.PlusInfinity + c.Numbers.MinusInfinity
	case c.Texts != nil:
		return c.Texts.Rows()
	}
	return 0
}

// missingOf is how many rows lack a value.
func missingOf(c *profile.Column) uint64 {
	if c.Numbers != nil {
		return c.Nulls + c.Numbers.NaN
	}
	return c.Nulls
}

// Infer is the contract that a table keeps of which the reference is a sample.
func Infer(reference *profile.Profile, f Facts) Contract {
	c := Contract{LeastRows: 1}
	for _, r := range reference.Columns {
		c.Columns = append(c.Columns, inferColumn(r, reference.Rows, f))
	}
	return c
}

func inferColumn(r *profile.Column, rows uint64, f Facts) Column {
	c := Column{Name: r.Name, Type: r.Kind, Required: Always, Nulls: 1, Seen: map[string]string{}}
	for _, label := range f.Labels {
		if label == r.Name {
			c.Required = Training
		}
	}
	missing := missingOf(r)
	c.Nulls = mostMissing(missing, rows)
	c.Seen["nulls"] = fmt.Sprintf("%s of %s", counted(missing), plural(rows, "row", "rows"))
	if missing == rows { // it says nothing of values
		c.Type = ""
		return c
	}
	switch {
	case r.Kind == profile.Number:
		c.inferRange(r.Numbers)
	case r.Kind == profile.Text:
		c.inferTexts(r.Texts)
		if t := r.Texts; t.Numeric*2 >= t.Rows() {
			c.Seen["type"] = fmt.Sprintf("%s of %s read as numbers, %s blank", counted(t.Numeric), plural(t.Rows(), "text", "texts"), isAre(t.Blank+t.Empty))
		}
	}
	if n, ok := f.Distinct[r.Name]; ok && n == valuesOf(r) && MayBeUnique(r) {
		c.Unique = true
		if c.Range != nil { // ids go on where those of the reference end
			c.Range, c.Outside = nil, 0
		}
	}
	c.Ascending = f.Ascending[r.Name]
	return c
}

// mostMissing is how large the share of missing values may be: as large as chance may
// have kept it too small in the reference, and half as large again, in odds.
func mostMissing(missing, rows uint64) float64 {
	if missing >= rows {
		return 1
	}
	odds := 1.5 * float64(missing) / float64(rows-missing)
	return roundUp(max(upper(missing, rows), odds/(1+odds)))
}

// upper is the largest share of which so few rows are one chance in a thousand.
func upper(x, n uint64) float64 {
	in, err := stats.ClopperPearson(int(x), int(n), surely)
	if err != nil {
		return 1
	}
	return in.High
}

// roundUp keeps two digits.
func roundUp(share float64) float64 {
	if !(share > 0) {
		return 0
	}
	text := strconv.FormatFloat(share, 'e', 1, 64)
	rounded, _ := strconv.ParseFloat(text, 64)
	if rounded < share {
		step, _ := strconv.ParseFloat("1e"+text[strings.IndexByte(text, 'e')+1:], 64)
		rounded, _ = strconv.ParseFloat(strconv.FormatFloat(rounded+step/10, 'e', 1, 64), 64)
	}
	return min(rounded, 1)
}

// inferRange takes the reference's own range. Of rows of the same kind, each of both
// ends is beyond it with a chance that falls with the rows of the reference.
func (c *Column) inferRange(n *profile.Numbers) {
	values := n.Finite()
	if values == 0 {
		return
	}
	c.Range = &[2]float64{n.Min, n.Max}
	if n.MinusInfinity > 0 {
		c.Range[0] = math.Inf(-1)
	}
	if n.PlusInfinity > 0 {
		c.Range[1] = math.Inf(1)
	}
	c.Outside = roundUp(max(leastOutside, 2*upper(0, values)))
	c.Seen["range"] = plural(values, "value", "values")
}

// inferTexts takes categories where the reference seems to have them all: those that
// are still to come are about as many as those that came once (Good, 1953, Biometrika
// 40). Else a pattern, where texts are of few shapes.
func (c *Column) inferTexts(t *profile.Texts) {
	rows := t.Rows()
	once := uint64(0)
	for _, one := range t.Categories {
		if one.Rows == 1 {
			once++
		}
	}
	if t.Rest == 0 && len(t.Categories) <= mostListed && uint64(len(t.Categories))*10 <= rows && 20*once <= rows {
		for _, one := range t.Categories {
			c.Categories = append(c.Categories, one.Text)
		}
		c.Outside = roundUp(upper(once, rows))
		c.Seen["categories"] = plural(rows, "text", "texts")
		return
	}
	shapes := t.Shapes.List()
	if t.Shapes.None || len(shapes) == 0 || len(shapes) > mostPatterns || rows < 100 {
		return
	}
	once = 0
	for _, one := range shapes {
		if one.Rows == 1 {
			once++
		}
	}
	c.Pattern = patternOf(shapes)
	c.Outside = roundUp(upper(once, rows))
	c.Seen["pattern"] = plural(rows, "text", "texts")
}

// patternOf is the expression of texts of these shapes and no others. A run that is as
// long in all is so long, others have any length.
func patternOf(shapes []profile.Shape) *regexp.Regexp {
	var parts []string
	for _, shape := range shapes {
		var b strings.Builder
		i := 0
		for _, r := range shape.Runs {
			b.WriteString(classes(r))
			switch least, most := shape.Least[i], shape.Most[i]; {
			case least != most:
				b.WriteByte('+')
			case least > 1:
				fmt.Fprintf(&b, "{%d}", least)
			}
			i++
		}
		parts = append(parts, b.String())
	}
	text := strings.Join(parts, "|")
	if len(parts) > 1 {
		text = "(?:" + text + ")"
	}
	return regexp.MustCompile("^" + text + "$")
}

func classes(r rune) string {
	switch r {
	case '9':
		return "[0-9]"
	case 'A':
		return "[A-Z]"
	case 'a':
		return "[a-z]"
	case 'L':
		return `\p{L}`
	}
	return regexp.QuoteMeta(string(r))
}
