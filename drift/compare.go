package drift

import (
	"errors"
	"fmt"
	"math"

	"github.com/noworse/noworse/profile"
	"github.com/noworse/noworse/stats"
)

// Rule is what a column is held to.
type Rule struct {
	Distance   Distance // "": the usual one of its kind
	Max        *float64 // nil: the usual limit
	MissingMax *float64 // of the share of rows without a value; nil: the usual limit
	Level      float64  // of intervals
}

// Comparison is a column of both tables.
type Comparison struct {
	Name string
	Kind profile.Kind // in the reference
	// Rows are those with a value, in the reference and in the current table.
	Reference, Current uint64
	Measure            *Measure // nil: Skipped or Broken says why
	Missing            *Measure // of rows without a value; nil where there are none in either
	// New are categories that the reference has not, Vanished those that only it has.
	New, Vanished []profile.Category
	Bars          []Bar
	Skipped       string // why nothing is compared, where that is no fault
	Broken        string // what is wrong: the column is gone, or holds something else
}

// Bar is a part of a column's values and its share of both tables' rows with a value.
type Bar struct {
	Category           string   // of texts
	From, To           *float64 // of numbers: at least From and below To; nil: without end
	Others             bool     // texts that have no names
	Reference, Current float64
}

// mostBars are drawn of a column's categories.
const mostBars = 20

// Compare measures how far a column has moved. The current one was counted on the
// reference's grid; nil: the table has none of that name.
func Compare(r, c *profile.Column, reference, current uint64, rule Rule) Comparison {
	x := Comparison{Name: r.Name, Kind: r.Kind, Reference: reference - missing(r)}
	if c == nil {
		x.Broken = "there is no such column any more"
		return x
	}
	x.Current = current - missing(c)
	switch {
	case r.Kind == profile.Nested:
		x.Skipped = "it holds nested values, which are not compared"
	case r.Kind != c.Kind:
		x.Broken = fmt.Sprintf("it is %s, and was %s in the reference", words[c.Kind], words[r.Kind])
	case !sameGrid(r, c):
		x.Broken = "it was not counted as the reference was"
	}
	if x.Skipped+x.Broken != "" {
		return x
	}
	x.Missing = ofMissing(missing(r), reference, missing(c), current, rule)
	switch {
	case x.Reference == 0 && x.Current == 0:
		x.Skipped = "no row has a value"
	case x.Reference == 0:
		x.Skipped = "no row of the reference has a value"
	case x.Current == 0:
		x.Skipped = "no row has a value any more"
	case r.Kind == profile.Text || r.Kind == profile.Boolean:
		x.texts(r.Texts, c.Texts, rule)
	default:
		x.numbers(r.Numbers, c.Numbers, rule)
	}
	return x
}

var words = map[profile.Kind]string{profile.Number: "a number", profile.Time: "a date or time", profile.Text: "text", profile.Boolean: "true or false", profile.Nested: "nested"}

// missing is the rows without a value: null, or not a number.
func missing(c *profile.Column) uint64 {
	if c.Numbers != nil {
		return c.Nulls + c.Numbers.NaN
	}
	return c.Nulls
}

func sameGrid(r, c *profile.Column) bool {
	if r.Texts != nil {
		return c.Texts.Known == r.Texts.Known
	}
	return len(r.Numbers.Edges) == len(c.Numbers.Edges) && (len(r.Numbers.Edges) == 0 || r.Numbers.Edges[0] == c.Numbers.Edges[0])
}

func (x *Comparison) numbers(r, c *profile.Numbers, rule Rule) {
	d := rule.Distance
	if d == "" {
		d = KS
	}
	x.measure(rule, d, func() (Measure, error) { return ofNumbers(r, c, d, rule.Level) })
	before, after := deciles(r), deciles(c)
	n, m := sum(before), sum(after)
	for i := range before {
		b := Bar{Reference: before[i] / n, Current: after[i] / m}
		if i > 0 {
			b.From = &r.Deciles[i-1]
		}
		if i < len(r.Deciles) {
			b.To = &r.Deciles[i]
		}
		x.Bars = append(x.Bars, b)
	}
}

func (x *Comparison) texts(r, c *profile.Texts, rule Rule) {
	if r.Known == 0 && r.Rest > 0 {
		x.Skipped = "its texts are different in every row, so there is no category to compare"
		return
	}
	var before, after []float64
	add := func(name string, a, b uint64) {
		before, after = append(before, float64(a)), append(after, float64(b))
		if a+b > 0 && len(x.Bars) < mostBars {
			x.Bars = append(x.Bars, Bar{Category: name, Reference: float64(a) / float64(x.Reference), Current: float64(b) / float64(x.Current)})
		}
	}
	for i, k := range r.Categories[:r.Known] {
		n := c.Categories[i].Rows
		add(k.Text, k.Rows, n)
		if n == 0 && k.Rows > 0 {
			x.Vanished = append(x.Vanished, k)
		}
	}
	for _, k := range c.Categories[c.Known:] {
		add(k.Text, 0, k.Rows)
		if k.Rows > 0 {
			x.New = append(x.New, k)
		}
	}
	before, after = append(before, float64(r.Rest)), append(after, float64(c.Rest))
	if r.Rest+c.Rest > 0 {
		x.Bars = append(x.Bars, Bar{Others: true, Reference: float64(r.Rest) / float64(x.Reference), Current: float64(c.Rest) / float64(x.Current)})
	}
	d := rule.Distance
	if d == "" || !d.Of(profile.Text) {
		d = TotalVariation
	}
	x.measure(rule, d, func() (Measure, error) { return ofCounts(before, after, d, rule.Level) })
}

// measure keeps what was measured. What cannot vary has not moved.
func (x *Comparison) measure(rule Rule, d Distance, of func() (Measure, error)) {
	m, err := of()
	switch {
	case errors.Is(err, stats.ErrUndefined):
		m = Measure{Distance: d, P: 1, Test: m.Test, Interval: stats.Interval{Low: 0, High: 0, Level: rule.Level}}
	case err != nil:
		x.Skipped = err.Error()
		return
	}
	m.Limit = d.Limit()
	if rule.Max != nil {
		m.Limit = *rule.Max
	}
	x.Measure = &m
}

// ofMissing compares the shares of rows without a value: by chi-square, or where few are
// expected by Fisher's exact test; the interval is Miettinen and Nurminen's.
func ofMissing(a, n, b, m uint64, rule Rule) *Measure {
	if a+b == 0 || n == 0 || m == 0 {
		return nil
	}
	before, after := float64(a)/float64(n), float64(b)/float64(m)
	x := Measure{Distance: Missing, Limit: Missing.Limit(), Test: "chi-square"}
	if rule.MissingMax != nil {
		x.Limit = *rule.MissingMax
	}
	x.exactly(math.Abs(after - before))
	t, err := stats.ChiSquare([]float64{float64(a), float64(n - a)}, []float64{float64(b), float64(m - b)})
	x.P = t.P
	if err == nil && t.LeastExpect < 5 {
		f, failed := stats.Fisher(int(a), int(n-a), int(b), int(m-b))
		x.P, x.Test, err = f.TwoSided, "Fisher's exact test", failed
	}
	if err != nil { // all rows are without a value, in both
		x.P = 1
	}
	in, err := stats.Unpaired{X1: int(b), N1: int(m), X2: int(a), N2: int(n)}.MiettinenNurminen(rule.Level)
	if err == nil {
		if after < before {
			in.Low, in.High = -in.High, -in.Low
		}
		in.Low = max(0, in.Low)
		x.Interval = in
	}
	return &x
}
