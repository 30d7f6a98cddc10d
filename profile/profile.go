// Package profile summarises every column of a table in little room, whatever its
// rows, so that one table can be held to another that is no longer there:
//
//	reference ─▶ Sample ─▶ grid ─▶ counts ─▶ Profile
//	current   ───────────────┘  ─▶ counts ─▶ Profile
//
// A grid is where a column's numbers are told apart, at most about 1,024 edges, and
// which categories are counted by name. The reference fixes it, from a sample of its
// rows; what is counted on it is exact, and the same for any order of the rows and any
// number of threads. So two profiles on one grid merge and compare, and what the grid
// cannot tell has a bound.
package profile

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/noworse/noworse/dataset"
)

// Kind is how a column is summarised.
type Kind string

// The kinds. A time is a number, of microseconds; a boolean is a text, true or false.
const (
	Number  Kind = "number"
	Time    Kind = "time"
	Text    Kind = "text"
	Boolean Kind = "boolean"
	Nested  Kind = "nested" // only its nulls are counted
)

// KindOf is how a column is summarised.
func KindOf(c dataset.Column) Kind {
	switch c.Kind {
	case dataset.Integer, dataset.Wide, dataset.Float, dataset.Decimal:
		return Number
	case dataset.Time:
		return Time
	case dataset.Text:
		return Text
	case dataset.Bool:
		return Boolean
	}
	return Nested
}

func (k Kind) numeric() bool { return k == Number || k == Time }

func (k Kind) textual() bool { return k == Text || k == Boolean }

// Profile is the summary of a table.
type Profile struct {
	Rows    uint64
	Columns []*Column // in the table's order
}

// Column is the summary of one column. Numbers or Texts is there by its kind.
type Column struct {
	Name    string
	Kind    Kind
	Type    string // the source's own word
	Nulls   uint64
	Numbers *Numbers
	Texts   *Texts
	// Distinct estimates how many different values there are, nulls left out, to some 2 %.
	Distinct Distinct
	// Outside counts the values that Options.Allowed does not allow; nil where it says
	// nothing of values of this kind. It is not written with the rest.
	Outside *Outside
}

// Different is how many different values there are, NaN left out: counted where each is
// counted by itself, else estimated.
func (c *Column) Different() (n float64, exact bool) {
	if n := c.Numbers; n != nil {
		if k, ok := n.different(); ok {
			return float64(k), true
		}
	}
	if t := c.Texts; t != nil && t.Rest == 0 {
		k := 0
		for _, category := range t.Categories {
			if category.Rows > 0 {
				k++
			}
		}
		return float64(k), true
	}
	return c.Distinct.Estimate(), false
}

// different counts the bins with rows, if all of them have room for one number only.
func (n *Numbers) different() (k int, ok bool) {
	for i, rows := range n.Counts {
		if rows == 0 {
			continue
		}
		if i == 0 || i == len(n.Edges) || n.Edges[i] != next(n.Edges[i-1]) {
			return 0, false
		}
		k++
	}
	return k, true
}

// Find is the column of a name, or nil.
func (p *Profile) Find(name string) *Column {
	for _, c := range p.Columns {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Numbers summarises the numbers of a column.
type Numbers struct {
	NaN, PlusInfinity, MinusInfinity uint64
	Min, Max                         float64 // of the finite ones; NaN without any
	Moments                          Moments // of the finite ones
	// Edges tell numbers apart, in order: Counts[i] has how many finite ones are at
	// least Edges[i-1] and below Edges[i].
	Edges  []float64
	Counts []uint64
	// Deciles are those of the reference, nine or fewer, among the edges.
	Deciles []float64
	// Quarters has the rows by quarter of an hour of the day, in UTC, of a Time.
	Quarters []uint64
	// Values are all finite ones, in order, where they were few enough to be held; they
	// are not written with the rest.
	Values []float64
}

// Finite is how many numbers there are, NaN and infinities left out.
func (n *Numbers) Finite() uint64 {
	all := uint64(0)
	for _, c := range n.Counts {
		all += c
	}
	return all
}

// Below is how many finite numbers are below an edge.
func (n *Numbers) Below(edge float64) uint64 {
	i, _ := slices.BinarySearch(n.Edges, edge)
	all := uint64(0)
	for _, c := range n.Counts[:i+1] {
		all += c
	}
	return all
}

// Zeros and Negatives are exact: 0 is always an edge, and so is the number after it.
func (n *Numbers) Zeros() uint64     { return n.Below(afterZero) - n.Below(0) }
func (n *Numbers) Negatives() uint64 { return n.Below(0) }

const afterZero = math.SmallestNonzeroFloat64

// Texts summarises the texts of a column.
type Texts struct {
	// Categories are the texts that are counted by name: those of the reference first,
	// the most frequent first, then others, likewise, where the reference has no Rest: those
	// are new.
	Categories []Category
	Known      int    // how many of them are the reference's
	Rest       uint64 // rows with other texts
	Empty      uint64 // rows with ""
	Blank      uint64 // rows with nothing but spaces, which Empty has not
	Padded     uint64 // rows with spaces around something
	Numeric    uint64 // rows that read as a number
	Lengths    Lengths
	Shapes     Shapes
}

// Category is a text and its rows.
type Category struct {
	Text string `json:"text"`
	Rows uint64 `json:"rows"`
}

// Lengths are those of texts, in characters, and over how many rows Sum is.
type Lengths struct {
	Least uint64 `json:"least"`
	Most  uint64 `json:"most"`
	Sum   uint64 `json:"sum"`
	Rows  uint64 `json:"rows"`
}

// Rows is how many rows have a text.
func (t *Texts) Rows() uint64 {
	all := t.Rest
	for _, c := range t.Categories {
		all += c.Rows
	}
	return all
}

// Find is the place of a category, or -1.
func (t *Texts) Find(text string) int {
	return slices.IndexFunc(t.Categories, func(c Category) bool { return c.Text == text })
}

// ErrGrid is that two profiles were counted on different grids.
var ErrGrid = errors.New("the profiles were counted on different grids")

// Merge adds the rows of another part of the table, counted on the same grid.
func (p *Profile) Merge(o *Profile) error {
	if len(p.Columns) != len(o.Columns) {
		return fmt.Errorf("%d and %d columns: %w", len(p.Columns), len(o.Columns), ErrGrid)
	}
	for i, c := range p.Columns {
		if err := c.fits(o.Columns[i]); err != nil {
			return err
		}
	}
	for i, c := range p.Columns {
		c.merge(o.Columns[i])
	}
	p.Rows += o.Rows
	return nil
}

// fits says why two columns cannot be merged.
func (c *Column) fits(o *Column) error {
	switch {
	case c.Name != o.Name || c.Kind != o.Kind:
		return fmt.Errorf("column %q, %s, and %q, %s: %w", c.Name, c.Kind, o.Name, o.Kind, ErrGrid)
	case c.Kind.numeric() && !(slices.Equal(c.Numbers.Edges, o.Numbers.Edges) && slices.Equal(c.Numbers.Deciles, o.Numbers.Deciles) && c.Numbers.Moments.fits(&o.Numbers.Moments)):
		return fmt.Errorf("the edges of column %q: %w", c.Name, ErrGrid)
	case c.Kind.textual() && !sameKnown(c.Texts, o.Texts):
		return fmt.Errorf("the categories of column %q: %w", c.Name, ErrGrid)
	}
	return nil
}

func sameKnown(a, b *Texts) bool {
	if a.Known != b.Known {
		return false
	}
	for i := range a.Known {
		if a.Categories[i].Text != b.Categories[i].Text {
			return false
		}
	}
	return true
}

func (c *Column) merge(o *Column) {
	c.Nulls += o.Nulls
	c.Distinct.merge(&o.Distinct)
	c.Outside = c.Outside.with(o.Outside)
	switch {
	case c.Kind.numeric():
		c.Numbers.merge(o.Numbers)
	case c.Kind.textual():
		c.Texts.merge(o.Texts)
	}
}

func (n *Numbers) merge(o *Numbers) {
	n.NaN += o.NaN
	n.PlusInfinity += o.PlusInfinity
	n.MinusInfinity += o.MinusInfinity
	if n.Values != nil && o.Values != nil {
		n.Values = append(n.Values, o.Values...)
		slices.Sort(n.Values)
	} else {
		n.Values = nil
	}
	for i, c := range o.Counts {
		n.Counts[i] += c
	}
	for i, c := range o.Quarters {
		n.Quarters[i] += c
	}
	n.Min, n.Max = least(n.Min, o.Min), -least(-n.Max, -o.Max)
	n.Moments.merge(&o.Moments)
}

// least is the smaller number, or the one that is no NaN.
func least(a, b float64) float64 {
	switch {
	case math.IsNaN(a):
		return b
	case math.IsNaN(b):
		return a
	}
	return min(a, b)
}

// merge keeps the categories that both have in their order; those that the reference
// has not are in the order of their rows again.
func (t *Texts) merge(o *Texts) {
	for i := range t.Known {
		t.Categories[i].Rows += o.Categories[i].Rows
	}
	fresh := map[string]uint64{}
	for _, c := range slices.Concat(t.Categories[t.Known:], o.Categories[t.Known:]) {
		fresh[c.Text] += c.Rows
	}
	list, rest := named(fresh)
	t.Categories = append(t.Categories[:t.Known:t.Known], list...)
	t.Rest += o.Rest + rest
	t.Empty += o.Empty
	t.Blank += o.Blank
	t.Padded += o.Padded
	t.Numeric += o.Numeric
	t.Lengths.merge(o.Lengths)
	t.Shapes.merge(&o.Shapes)
}

func (l *Lengths) merge(o Lengths) {
	switch {
	case o.Rows == 0:
	case l.Rows == 0:
		*l = o
	default:
		*l = Lengths{min(l.Least, o.Least), max(l.Most, o.Most), l.Sum + o.Sum, l.Rows + o.Rows}
	}
}
