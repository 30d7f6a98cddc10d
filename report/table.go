package report

import (
	"strings"

	"github.com/noworse/noworse/result"
)

const gap = "  " // between columns

// row is a check as the columns of the table show it.
type row struct {
	metric                string
	name, rows            string // "tier=enterprise" and " (994)"
	baseline, candidate   string
	change, unit, limit   string
	changeColor           sgr
	hasBaseline, hasValue bool
}

// rowOf writes the cells of a check.
func (p *printer) rowOf(c *result.Check) row {
	f := figuresOf(c, p.Rate)
	r := row{metric: metricName(c), name: placeName(c), rows: rowsNote(c), limit: p.sign(limitText(c, f)), changeColor: changeColor(c)}
	if v, ok := finite(c.Baseline); ok {
		r.baseline, r.hasBaseline = p.sign(f.value.withUnit(v)), true
	}
	if v, ok := finite(c.Candidate); ok {
		r.candidate, r.hasValue = p.sign(f.value.withUnit(v)), true
	}
	if v, ok := finite(c.Change); ok {
		r.change, r.unit = p.sign(f.change.signed(v)), f.change.unit()
	}
	if r.change == "" && !r.hasValue {
		r.limit = "" // there is nothing to hold to it
	}
	if c.Verdict == result.Pass && worse(c) {
		r.limit = strings.Replace(r.limit, "limit", "within", 1)
	}
	return r
}

func placeName(c *result.Check) string {
	if c.Slice == "" {
		return "all rows"
	}
	return clean(c.Slice)
}

func rowsNote(c *result.Check) string {
	if c.Rows == nil {
		return ""
	}
	return " (" + count(*c.Rows) + ")"
}

// changeColor is the colour of a change whose good side is known.
func changeColor(c *result.Check) sgr {
	w, ok := worsening(c)
	switch {
	case ok && w > 0:
		return yellow
	case ok && w < 0:
		return blue
	}
	return plain
}

// limitText says what the rule allows: a margin beside the change, or a bound
// of the value itself.
func limitText(c *result.Check, f figures) string {
	if m, ok := margin(c); ok {
		if c.Rule.MaxChange != nil {
			return "limit ±" + f.change.number(m)
		}
		return "limit " + f.change.signed(m)
	}
	if v, ok := finite(c.Rule.Min); ok {
		return "at least " + f.value.withUnit(v)
	}
	if v, ok := finite(c.Rule.Max); ok {
		return "at most " + f.value.withUnit(v)
	}
	return ""
}

// columns is the widths of a table; a column of width 0 is left out.
type columns struct {
	metric, place       int
	baseline, candidate int
	change, unit, limit int
}

// natural is the widths that show every cell whole.
func natural(rows []row) columns {
	var c columns
	for _, r := range rows {
		c.metric = max(c.metric, width(r.metric))
		c.place = max(c.place, width(r.name)+len(r.rows))
		c.baseline = max(c.baseline, width(r.baseline))
		c.candidate = max(c.candidate, width(r.candidate))
		c.change = max(c.change, width(r.change))
		c.unit = max(c.unit, len(r.unit))
		c.limit = max(c.limit, width(r.limit))
	}
	return c
}

// total is the columns that a line takes after its word.
func (c columns) total(arrow int) int {
	n := c.metric + len(gap) + c.place
	if c.values() {
		n += len(gap) + c.baseline + arrow + c.candidate
	}
	if c.change > 0 {
		n += len(gap) + c.change + c.unit
	}
	if c.limit > 0 {
		n += len(gap) + c.limit
	}
	return n
}

func (c columns) values() bool { return c.baseline+c.candidate > 0 }

// concession is how far a table is narrowed: which columns go, and the least
// that metrics and places keep. Numbers are dropped whole and never cut.
type concession struct {
	limit, values, change bool
	metric, place         int
}

const whole = 1 << 20

// concessions are tried in order until the table fits.
var concessions = []concession{
	{metric: whole, place: whole},
	{metric: whole, place: 24},
	{metric: 20, place: 24},
	{limit: true, metric: whole, place: 24},
	{limit: true, metric: 20, place: 20},
	{limit: true, values: true, metric: whole, place: 20},
	{limit: true, values: true, metric: 16, place: 16},
	{limit: true, values: true, metric: 8, place: 8},
	{limit: true, values: true, change: true, metric: 12, place: 12},
}

func (c columns) concede(to concession) columns {
	c.metric, c.place = min(c.metric, to.metric), min(c.place, to.place)
	if to.limit {
		c.limit = 0
	}
	if to.values {
		c.baseline, c.candidate = 0, 0
	}
	if to.change {
		c.change, c.unit = 0, 0
	}
	return c
}

// fit narrows a table to a number of columns and gives what is left over to
// the names that were cut.
func (c columns) fit(room, arrow int) columns {
	full := c
	for _, to := range concessions {
		c = full.concede(to)
		if c.total(arrow) <= room {
			break
		}
	}
	c.metric += max(0, min(full.metric-c.metric, room-c.total(arrow)))
	c.place += max(0, min(full.place-c.place, room-c.total(arrow)))
	return c
}

// cells writes one line of the table, without its word.
func (p *printer) cells(r row, c columns) string {
	arrow := p.arrow()
	out := left(cut(r.metric, c.metric, p.dots()), c.metric) + gap + left(p.noted(r.name, r.rows, c.place), c.place)
	if c.values() {
		if !r.hasBaseline || !r.hasValue {
			arrow = strings.Repeat(" ", width(arrow))
		}
		out += gap + right(r.baseline, c.baseline) + arrow + right(r.candidate, c.candidate)
	}
	if c.change > 0 {
		pad := right("", c.change-width(r.change))
		out += gap + pad + p.paint(r.changeColor, r.change) + left(r.unit, c.unit)
	}
	if c.limit > 0 {
		out += gap + r.limit
	}
	return out
}

func (p *printer) arrow() string { return p.sign(" → ") }

// noted writes text with a number after it in so many columns. The text is
// cut; the number is whole or goes before the text becomes unreadable.
func (p *printer) noted(text, number string, limit int) string {
	if width(text)+width(number) > limit && limit-width(number) < 8 {
		number = ""
	}
	return cut(text, limit-width(number), p.dots()) + number
}
