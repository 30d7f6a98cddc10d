package behavior

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/model"
)

// Literal is a value as somebody wrote it.
type Literal struct {
	Text string
	Null bool
}

// Given is a value of a column.
type Given struct {
	Column string
	Value  Literal
}

// Fault is a case or change that cannot be made.
type Fault struct {
	Case    int // its number; -1: not of a case
	Column  string
	Message string
	Hint    string
}

func (f *Fault) Error() string { return f.Message }

// Frame is rows as a model is given them, from cases. Every column that the model
// is given wants a value.
func Frame(cases [][]Given, columns []model.Column) (*model.Frame, error) {
	f := &model.Frame{Rows: len(cases), Columns: make([]model.Column, len(columns))}
	names := make([]string, len(columns))
	for i, c := range columns {
		f.Columns[i] = model.Column{Name: c.Name, Kind: c.Kind, Nullable: c.Nullable}
		names[i] = c.Name
		resize(&f.Columns[i], len(cases))
	}
	for row, given := range cases {
		seen := make([]bool, len(columns))
		for _, g := range given {
			i := slices.Index(names, g.Column)
			if i < 0 {
				return nil, &Fault{row, g.Column, fmt.Sprintf("the model is given no column %q", g.Column), "it is given " + list(names)}
			}
			seen[i] = true
			if err := set(&f.Columns[i], row, f.Rows, g.Value); err != nil {
				return nil, &Fault{row, g.Column, err.Error(), ""}
			}
		}
		if i := slices.Index(seen, false); i >= 0 {
			return nil, &Fault{row, names[i], fmt.Sprintf("no value is given for %q, which the model wants", names[i]), "write null where it is missing"}
		}
	}
	return f, nil
}

func list(names []string) string {
	const most = 20
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

func resize(c *model.Column, rows int) {
	switch c.Kind {
	case dataset.Float:
		c.Floats = make([]float64, rows)
	case dataset.Text:
		c.Texts = make([]string, rows)
	default:
		c.Ints = make([]int64, rows)
	}
}

// set writes a value into a row.
func set(c *model.Column, row, rows int, v Literal) error {
	if v.Null {
		blank(c, row, rows)
		return nil
	}
	wrong := func(wants string) error {
		return fmt.Errorf("column %q holds %s, and %q is none", c.Name, wants, v.Text)
	}
	has(c, row)
	switch c.Kind {
	case dataset.Float:
		x, err := strconv.ParseFloat(v.Text, 64)
		if err != nil {
			return wrong("numbers")
		}
		c.Floats[row] = x
	case dataset.Integer:
		x, err := strconv.ParseInt(v.Text, 10, 64)
		if f, errFloat := strconv.ParseFloat(v.Text, 64); err != nil && errFloat == nil && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
			x, err = int64(f), nil
		}
		if err != nil {
			return wrong("whole numbers")
		}
		c.Ints[row] = x
	case dataset.Bool:
		switch strings.ToLower(v.Text) {
		case "true", "1":
			c.Ints[row] = 1
		case "false", "0":
			c.Ints[row] = 0
		default:
			return wrong("true and false")
		}
	case dataset.Time:
		t, err := moment(v.Text)
		if err != nil {
			return wrong("dates or times, such as 2026-01-02 or 2026-01-02T03:04:05Z")
		}
		c.Ints[row] = t.UnixMicro()
	default:
		c.Texts[row] = v.Text
	}
	return nil
}

// blank takes a value away.
func blank(c *model.Column, row, rows int) {
	switch c.Kind {
	case dataset.Float:
		c.Floats[row] = math.NaN()
	case dataset.Text:
		c.Texts[row] = ""
	default:
		c.Ints[row] = 0
	}
	c.SetNull(row, rows)
}

// has marks a row that has a value.
func has(c *model.Column, row int) {
	if c.Valid != nil {
		c.Valid[row>>6] |= 1 << (row & 63)
	}
}

func moment(text string) (t time.Time, err error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02"} {
		if t, err = time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return t, err
}

// Text is a value of a frame for people; "null" where there is none.
func Text(c *model.Column, row int) string {
	switch {
	case c.Null(row):
		return "null"
	case c.Kind == dataset.Float:
		return strconv.FormatFloat(c.Floats[row], 'g', -1, 64)
	case c.Kind == dataset.Text:
		return c.Texts[row]
	case c.Kind == dataset.Bool:
		return strconv.FormatBool(c.Ints[row] != 0)
	case c.Kind == dataset.Time:
		return time.UnixMicro(c.Ints[row]).UTC().Format("2006-01-02T15:04:05.999999Z")
	}
	return strconv.FormatInt(c.Ints[row], 10)
}
