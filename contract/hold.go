package contract

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/noworse/noworse/profile"
	"github.com/noworse/noworse/stats"
)

// Current is the table that is held to a contract.
type Current struct {
	// Profile is counted like the reference's, where there is one, and with what the
	// contract's Allowed allows.
	Profile *profile.Profile
	// Sample has rows of the Suspects: without it no change of meaning is found.
	Sample   *profile.Sample
	Distinct map[string]uint64  // different values, exactly, of the columns that must be Unique
	Descents map[string]Descent // of the columns that must be Ascending
	Now      time.Time
	Serving  bool // it is of the environment in which the model serves, not of training
}

// Holding is how a table keeps its contract.
type Holding struct {
	Whole   []Violation
	Columns []Held // those of the contract, then those that are new, in the table's order
}

// Held is how one column keeps it.
type Held struct {
	Name       string
	Violations []Violation // what is worst first
	// Skipped is why nothing could be held to anything; "" where something was.
	Skipped string
	New     bool // the contract has it not
	// Kept says what was looked at and holds.
	Kept []string
}

// Alpha is the chance that a table of the reference's own kind breaks any of its shares.
const Alpha = .05

// Hold holds a table to a contract. Without a reference (nil) no change of meaning is
// looked for.
func (c *Contract) Hold(reference *profile.Profile, current Current) Holding {
	h := &holder{contract: c, reference: reference, Current: current, meanings: map[string][]Violation{}}
	var out Holding
	rows := current.Profile.Rows
	if v := c.rowCount(rows); v != nil {
		out.Whole = append(out.Whole, *v)
	}
	if rows > 0 && reference != nil && current.Sample != nil {
		h.findMeanings()
	}
	for i := range c.Columns {
		out.Columns = append(out.Columns, h.column(&c.Columns[i]))
	}
	for _, now := range current.Profile.Columns {
		if c.Find(now.Name) == nil {
			out.Columns = append(out.Columns, Held{Name: now.Name, New: true, Violations: []Violation{{Name: NewColumn, Column: now.Name,
				Message: fmt.Sprintf("the contract has no such column (%s): add it to the contract, or take it out of the data", kindWord(now.Kind))}}})
		}
	}
	h.judge(&out)
	return out
}

func (c *Contract) rowCount(rows uint64) *Violation {
	switch {
	case rows < max(c.LeastRows, 1):
		return &Violation{Name: RowCount, Message: fmt.Sprintf("%s, and the contract wants at least %s", plural(rows, "row", "rows"), counted(max(c.LeastRows, 1)))}
	case c.MostRows > 0 && rows > c.MostRows:
		return &Violation{Name: RowCount, Message: fmt.Sprintf("%s, and the contract allows at most %s", plural(rows, "row", "rows"), counted(c.MostRows))}
	}
	return nil
}

// holder holds columns one by one, and gathers the shares that are judged together.
type holder struct {
	contract  *Contract
	reference *profile.Profile
	Current
	meanings map[string][]Violation // by column
	shares   []share
}

// share is a share of rows that is to be judged.
type share struct {
	column   int // its place among those that were held
	rows, of uint64
	limit    float64
	broken   Violation // if it is beyond the limit
	kept     string    // if it is not
}

func (h *holder) environment() Where {
	if h.Serving {
		return Serving
	}
	return Training
}

// column holds one column to what is of it alone.
func (h *holder) column(c *Column) Held {
	out := Held{Name: c.Name}
	at := h.columnsBefore(c)
	now := h.Profile.Find(c.Name)
	switch {
	case c.Ignore:
		out.Skipped = "the contract ignores it"
		return out
	case now == nil && !c.Required.In(h.environment()):
		out.Skipped = fmt.Sprintf("it is not there, and need not be (%s)", h.environment())
		return out
	case now == nil:
		out.Violations = append(out.Violations, Violation{Name: MissingColumn, Column: c.Name, Message: h.missingColumn(c)})
		return out
	case h.Profile.Rows == 0:
		out.Skipped = "there is no row"
		return out
	}
	out.Violations = append(out.Violations, h.meanings[c.Name]...)
	values := valuesOf(now)
	if c.Type == now.Kind {
		out.Kept = append(out.Kept, kindWord(now.Kind))
	} else if c.Type != "" && (values > 0 || now.Kind == profile.Nested) && !out.has(SwappedColumns) {
		out.Violations = append(out.Violations, typeChanged(c, now))
	}
	if !out.has(SwappedColumns, MissingEncoding) {
		h.nulls(at, c, now)
	}
	if len(out.Violations) == 0 { // else it is known why values are outside
		h.outside(at, c, now, values)
	}
	h.unique(&out, c, values)
	h.ordered(&out, c)
	h.fresh(&out, c, now)
	switch {
	case len(out.Violations) > 0 || c.Nulls < 1:
	case missingOf(now) == h.Profile.Rows:
		out.Skipped = "no row has a value"
	case now.Kind == profile.Nested:
		out.Skipped = "nested values are not looked into"
	case len(out.Kept) == 0 && now.Outside == nil:
		out.Skipped = "the contract says nothing of its values"
	}
	return out
}

// has says whether one of these violations was found.
func (h *Held) has(names ...Name) bool {
	return slices.ContainsFunc(h.Violations, func(v Violation) bool { return slices.Contains(names, v.Name) })
}

func (h *holder) columnsBefore(c *Column) int {
	return slices.IndexFunc(h.contract.Columns, func(o Column) bool { return o.Name == c.Name })
}

// missingColumn also names a new column that may be the missing one.
func (h *holder) missingColumn(c *Column) string {
	says := "the contract requires the column, and the data have none of that name"
	for _, now := range h.Profile.Columns {
		if h.contract.Find(now.Name) == nil && sameName(now.Name, c.Name) {
			return says + fmt.Sprintf(": they have %s, which may be it", strconv.Quote(now.Name))
		}
	}
	return says
}

// typeChanged says how a type changed, and which values are to blame.
func typeChanged(c *Column, now *profile.Column) Violation {
	v := Violation{Name: TypeChanged, Column: c.Name, Message: fmt.Sprintf("the contract says %s, and the data have %s (%s)", kindWord(c.Type), kindWord(now.Kind), now.Type)}
	if c.Type != profile.Number || now.Texts == nil {
		return v
	}
	t, rows := now.Texts, now.Texts.Rows()
	if t.Numeric == rows {
		v.Message += ": every value reads as a number, so it is written as text"
		v.Undo = "read x as a number"
		return v
	}
	for _, one := range t.Categories {
		if one.Rows > 0 && len(v.Examples) < 5 && !profile.IsNumber(strings.TrimSpace(one.Text)) {
			v.Examples = append(v.Examples, Example{Value: one.Text, Rows: one.Rows})
		}
	}
	if t.Numeric*2 < rows {
		return v
	}
	v.Message += fmt.Sprintf(": %s of %s read as numbers, and %s not", counted(t.Numeric), plural(rows, "value", "values"), wordDo(rows-t.Numeric))
	if blank := t.Blank + t.Empty; blank == rows-t.Numeric {
		v.Message += ", which are blank"
		v.Undo = "read blank texts as missing, and others as numbers"
	} else if len(v.Examples) > 0 {
		v.Message += ": " + exampleList(v.Examples)
		v.Undo = "read those as missing, and others as numbers"
	}
	return v
}

func wordDo(n uint64) string {
	if n == 1 {
		return "1 does"
	}
	return counted(n) + " do"
}

// nulls holds the share of missing values.
func (h *holder) nulls(at int, c *Column, now *profile.Column) {
	if c.Nulls >= 1 {
		return
	}
	missing := missingOf(now)
	says := fmt.Sprintf("%s of %s %s no value", counted(missing), plural(h.Profile.Rows, "row", "rows"), hasHave(missing))
	h.shares = append(h.shares, share{at, missing, h.Profile.Rows, c.Nulls,
		Violation{Name: NullRate, Column: c.Name, Message: fmt.Sprintf("%s (%s), and the contract allows %s", says, percent(missing, h.Profile.Rows), percentOf(c.Nulls))},
		fmt.Sprintf("%s missing", percent(missing, h.Profile.Rows))})
}

// outside holds the share of values that are out of the range, of new categories or
// against the pattern.
func (h *holder) outside(at int, c *Column, now *profile.Column, values uint64) {
	o := now.Outside
	if values == 0 || o == nil || (now.Numbers != nil) != (c.Range != nil) {
		return
	}
	v := Violation{Column: c.Name}
	kept, what := "", ""
	of, areIs := counted(o.Rows())+" of "+plural(values, "value", "values"), "are"
	if o.Rows() == 1 {
		areIs = "is"
	}
	switch {
	case now.Numbers != nil:
		v.Name, kept = OutOfRange, fmt.Sprintf("%s of values out of the range", percent(o.Rows(), values))
		what = fmt.Sprintf("%s %s out of %s to %s", of, areIs, number(c.Range[0]), number(c.Range[1]))
		if o.Below > 0 {
			v.Examples = append(v.Examples, Example{Value: number(lowest(now.Numbers)), Rows: o.Below})
		}
		if o.Above > 0 {
			v.Examples = append(v.Examples, Example{Value: number(highest(now.Numbers)), Rows: o.Above})
		}
		if len(v.Examples) == 2 {
			what += fmt.Sprintf(", down to %s and up to %s", v.Examples[0].Value, v.Examples[1].Value)
		} else if o.Below > 0 {
			what += ", down to " + v.Examples[0].Value
		} else if o.Above > 0 {
			what += ", up to " + v.Examples[0].Value
		}
	case c.Categories != nil:
		v.Name, v.Examples, kept = NewCategory, examplesOf(o.Examples), fmt.Sprintf("%s of texts of new categories", percent(o.Rows(), values))
		what = fmt.Sprintf("%s %s of no category of the contract: %s", of, areIs, exampleList(v.Examples))
	default:
		v.Name, v.Examples, kept = AgainstPattern, examplesOf(o.Examples), fmt.Sprintf("%s of texts against the pattern", percent(o.Rows(), values))
		what = fmt.Sprintf("%s %s against the pattern %s: %s", of, areIs, c.Pattern, exampleList(v.Examples))
	}
	v.Message = fmt.Sprintf("%s (%s), and the contract allows %s", what, percent(o.Rows(), values), percentOf(c.Outside))
	h.shares = append(h.shares, share{at, o.Rows(), values, c.Outside, v, kept})
}

func lowest(n *profile.Numbers) float64 {
	if n.MinusInfinity > 0 {
		return math.Inf(-1)
	}
	return n.Min
}

func highest(n *profile.Numbers) float64 {
	if n.PlusInfinity > 0 {
		return math.Inf(1)
	}
	return n.Max
}

func examplesOf(list []profile.Category) []Example {
	var out []Example
	for _, one := range list[:min(5, len(list))] {
		out = append(out, Example{Value: one.Text, Rows: one.Rows})
	}
	return out
}

func (h *holder) unique(out *Held, c *Column, values uint64) {
	different, ok := h.Distinct[c.Name]
	if !c.Unique || !ok {
		return
	}
	if different >= values {
		out.Kept = append(out.Kept, "no value twice")
		return
	}
	out.Violations = append(out.Violations, Violation{Name: NotUnique, Column: c.Name,
		Message: fmt.Sprintf("%s, of which %s different: the contract wants no value twice", plural(values, "value", "values"), isAre(different))})
}

func (h *holder) ordered(out *Held, c *Column) {
	d, ok := h.Descents[c.Name]
	if !c.Ascending || !ok {
		return
	}
	if d.Rows == 0 {
		out.Kept = append(out.Kept, "in order")
		return
	}
	out.Violations = append(out.Violations, Violation{Name: NotOrdered, Column: c.Name,
		Message: fmt.Sprintf("%s before the row above, the first in row %s: the contract wants the rows in this column's order", isAre(d.Rows), counted(d.First+1))})
}

// fresh holds the newest time against now.
func (h *holder) fresh(out *Held, c *Column, now *profile.Column) {
	if c.Fresh == 0 || now.Kind != profile.Time {
		return
	}
	if now.Numbers.Finite() == 0 {
		out.Violations = append(out.Violations, Violation{Name: Stale, Column: c.Name, Message: fmt.Sprintf("no row has a time, and the contract wants one of the last %s", age(c.Fresh))})
		return
	}
	newest := time.UnixMicro(int64(now.Numbers.Max)).UTC()
	old := h.Now.Sub(newest)
	if old <= c.Fresh {
		out.Kept = append(out.Kept, "newest "+newest.Format(time.DateTime))
		return
	}
	out.Violations = append(out.Violations, Violation{Name: Stale, Column: c.Name,
		Message: fmt.Sprintf("the newest is %s, %s ago, and the contract allows %s", newest.Format(time.DateTime), age(old), age(c.Fresh))})
}

// judge tells which shares are beyond their limits, all of a table together.
func (h *holder) judge(out *Holding) {
	p := make([]float64, len(h.shares))
	for i, s := range h.shares {
		p[i] = stats.BinomialUpper(int(s.rows), int(s.of), s.limit)
	}
	adjusted, err := stats.Holm(p)
	for i, s := range h.shares {
		to := &out.Columns[s.column]
		// What cannot be judged does not hold.
		if err == nil && adjusted[i] >= Alpha {
			to.Kept = append(to.Kept, s.kept)
			continue
		}
		v := s.broken
		v.Share = &Share{Rows: s.rows, Of: s.of, Limit: s.limit, Low: math.NaN(), High: math.NaN(), P: math.NaN()}
		if err == nil {
			v.Share.P = adjusted[i]
		}
		if in, err := stats.ClopperPearson(int(s.rows), int(s.of), .95); err == nil {
			v.Share.Low, v.Share.High = in.Low, in.High
		}
		to.Violations = append(to.Violations, v)
	}
	for i := range out.Columns {
		slices.SortStableFunc(out.Columns[i].Violations, func(a, b Violation) int { return cmp.Compare(rank[a.Name], rank[b.Name]) })
	}
}

// rank has what explains most first.
var rank = map[Name]int{MissingColumn: 0, SwappedColumns: 1, UnitChange: 2, SignFlip: 2, Recoded: 2, TimeZone: 2, MissingEncoding: 3, TypeChanged: 4,
	NewCategory: 5, AgainstPattern: 5, OutOfRange: 5, NullRate: 6, NotUnique: 7, NotOrdered: 8, Stale: 9, RowCount: 9, NewColumn: 9}
