package behavior

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/cespare/xxhash/v2"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/model"
)

// Change is what is done to one column of a row.
type Change struct {
	Column  string
	Kind    Kind
	Values  []Literal // Set: one; Swap: each that the row does not have
	Amount  float64   // Add, Scale, Noise, Typos
	Share   bool      // Noise: Amount is a share of the value
	Letters string    // upper, lower or title
}

// Kind is what is done to a value.
type Kind string

// The kinds.
const (
	Set     Kind = "set"
	Swap    Kind = "values"
	Add     Kind = "add"
	Scale   Kind = "scale"
	Noise   Kind = "noise"
	Missing Kind = "missing"
	Typos   Kind = "typos"
	Letters Kind = "case"
)

// mostVariants bounds what one row becomes: swaps in several columns multiply.
const mostVariants = 100

// Changed is what rows become: for each one frame row or, where values are swapped,
// several; and of which row each is. A row that no change touches is left out: it
// has nothing to show. Keys make what is random the same in every run.
func Changed(f *model.Frame, keys []string, changes []Change) (*model.Frame, []int, error) {
	variants := 1
	for _, c := range changes {
		column := f.Find(c.Column)
		if err := c.fits(column); err != nil {
			return nil, nil, err
		}
		if c.Kind == Swap {
			variants *= len(c.Values)
		}
	}
	if variants > mostVariants {
		return nil, nil, &Fault{Case: -1, Column: changes[0].Column, Message: fmt.Sprintf("the swaps make %d rows of each: at most %d are asked", variants, mostVariants)}
	}
	var origin []int
	for row := range f.Rows {
		for range variants {
			origin = append(origin, row)
		}
	}
	out := f.Take(origin)
	touched := make([]bool, len(origin))
	stride := 1
	for _, c := range changes {
		column := out.Find(c.Column)
		before := f.Find(c.Column)
		for i, row := range origin {
			value := c.Values
			if c.Kind == Swap {
				value = c.Values[i/stride%len(c.Values):]
			}
			if err := c.apply(column, i, out.Rows, value, keys[row]); err != nil {
				return nil, nil, &Fault{Case: -1, Column: c.Column, Message: err.Error()}
			}
			touched[i] = touched[i] || Text(column, i) != Text(before, row)
		}
		if c.Kind == Swap {
			stride *= len(c.Values)
		}
	}
	var kept, of []int
	for i, t := range touched {
		if t {
			kept, of = append(kept, i), append(of, origin[i])
		}
	}
	return out.Take(kept), of, nil
}

// fits says whether a column can be changed so.
func (c Change) fits(column *model.Column) error {
	if column == nil {
		return &Fault{Case: -1, Column: c.Column, Message: fmt.Sprintf("the model is given no column %q", c.Column)}
	}
	number := column.Kind == dataset.Float || column.Kind == dataset.Integer
	switch c.Kind {
	case Add, Scale, Noise:
		if !number {
			return &Fault{Case: -1, Column: c.Column, Message: fmt.Sprintf("%s is for numbers, and column %q is %s", c.Kind, c.Column, column.Kind)}
		}
	case Typos, Letters:
		if column.Kind != dataset.Text {
			return &Fault{Case: -1, Column: c.Column, Message: fmt.Sprintf("%s is for texts, and column %q is %s", c.Kind, c.Column, column.Kind)}
		}
	}
	return nil
}

func (c Change) apply(column *model.Column, row, rows int, values []Literal, key string) error {
	if c.Kind == Missing {
		blank(column, row, rows)
		return nil
	}
	if c.Kind == Set || c.Kind == Swap {
		return set(column, row, rows, values[0])
	}
	if column.Null(row) {
		return nil // there is nothing to change
	}
	if column.Kind == dataset.Text {
		column.Texts[row] = c.mistype(column.Texts[row], key)
		return nil
	}
	if column.Kind == dataset.Integer {
		column.Ints[row] = int64(math.Round(c.move(float64(column.Ints[row]), key)))
		return nil
	}
	column.Floats[row] = c.move(column.Floats[row], key)
	return nil
}

func (c Change) move(v float64, key string) float64 {
	switch c.Kind {
	case Add:
		return v + c.Amount
	case Scale:
		return v * c.Amount
	}
	size := c.Amount
	if c.Share {
		size *= math.Abs(v)
	}
	return v + size*normal(key+"\x00"+c.Column)
}

// normal is a standard normal number that a key stands for (Box and Muller).
func normal(key string) float64 {
	h := xxhash.Sum64String(key)
	u := (float64(h>>11) + 0.5) / (1 << 53)
	v := float64(xxhash.Sum64String(key+"\x01")>>11) / (1 << 53)
	return math.Sqrt(-2*math.Log(u)) * math.Cos(2*math.Pi*v)
}

func (c Change) mistype(text, key string) string {
	switch c.Letters {
	case "upper":
		return strings.ToUpper(text)
	case "lower":
		return strings.ToLower(text)
	case "title":
		return title(text)
	}
	for i := range int(c.Amount) {
		text = typo(text, xxhash.Sum64String(fmt.Sprint(key, "\x00", c.Column, "\x00", i)))
	}
	return text
}

// title writes the first letter of each word large and the others small.
func title(text string) string {
	start := true
	return strings.Map(func(r rune) rune {
		was := start
		start = !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\''
		if was {
			return unicode.ToTitle(r)
		}
		return unicode.ToLower(r)
	}, text)
}

// keyboard is the rows of a keyboard: neighbours are what a finger hits instead.
var keyboard = []string{"1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"}

// typo mistypes one character: it is swapped with the next, dropped, doubled, or
// becomes its neighbour on the keyboard.
func typo(text string, random uint64) string {
	runes := []rune(text)
	if len(runes) == 0 {
		return text
	}
	at := int(random % uint64(len(runes)))
	random /= uint64(len(runes))
	switch random % 4 {
	case 0:
		if at+1 < len(runes) && runes[at] != runes[at+1] {
			runes[at], runes[at+1] = runes[at+1], runes[at]
			return string(runes)
		}
	case 1:
		if len(runes) > 1 {
			return string(slices.Delete(runes, at, at+1))
		}
	case 2:
		return string(slices.Insert(runes, at, runes[at]))
	}
	runes[at] = neighbour(runes[at], random/4)
	return string(runes)
}

func neighbour(r rune, random uint64) rune {
	lower := unicode.ToLower(r)
	for _, keys := range keyboard {
		i := strings.IndexRune(keys, lower)
		if i < 0 {
			continue
		}
		j := i + 1 - 2*int(random%2)
		if j < 0 || j >= len(keys) {
			j = 2*i - j
		}
		if unicode.IsUpper(r) {
			return unicode.ToUpper(rune(keys[j]))
		}
		return rune(keys[j])
	}
	return 'x'
}

// Grid is rows in which one column takes each of some values, those of its own
// quantiles: points for each row, one after the other, and the values as texts. It is
// nil where the column has fewer than two.
func Grid(f *model.Frame, column string, points int) (*model.Frame, []string, error) {
	c := f.Find(column)
	switch {
	case c == nil:
		return nil, nil, &Fault{Case: -1, Column: column, Message: fmt.Sprintf("the model is given no column %q", column)}
	case c.Kind != dataset.Float && c.Kind != dataset.Integer:
		return nil, nil, &Fault{Case: -1, Column: column, Message: fmt.Sprintf("monotone is for numbers, and column %q is %s", column, c.Kind)}
	}
	values := quantiles(c, f.Rows, points)
	if len(values) < 2 {
		return nil, nil, nil
	}
	var origin []int
	for row := range f.Rows {
		for range values {
			origin = append(origin, row)
		}
	}
	out := f.Take(origin)
	to := out.Find(column)
	texts := make([]string, len(values))
	for i := range origin {
		has(to, i)
		if v := values[i%len(values)]; to.Kind == dataset.Integer {
			to.Ints[i] = int64(v)
		} else {
			to.Floats[i] = v
		}
	}
	for i := range values {
		texts[i] = Text(to, i)
	}
	return out, texts, nil
}

// quantiles are up to so many different values of a column, from its least to its
// largest, as evenly as its rows lie.
func quantiles(c *model.Column, rows, points int) []float64 {
	var all []float64
	for i := range rows {
		switch {
		case c.Null(i):
		case c.Kind == dataset.Integer:
			all = append(all, float64(c.Ints[i]))
		case !math.IsNaN(c.Floats[i]) && !math.IsInf(c.Floats[i], 0):
			all = append(all, c.Floats[i])
		}
	}
	if len(all) == 0 {
		return nil
	}
	slices.Sort(all)
	var out []float64
	for i := range points {
		out = append(out, all[i*(len(all)-1)/(points-1)])
	}
	return slices.Compact(out)
}
