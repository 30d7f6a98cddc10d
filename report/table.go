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
	interval              string // "[-5.6, -2.1]": of the change
	likely                string // "[76.1%, 79.4%]": of the candidate's value
	bound                 string // "≥80.0%": the limit where it is on the value itself
	changeColor           sgr
	hasBaseline, hasValue bool
}

// rowOf writes the cells of a check.
func (p *printer) rowOf(c *result.Check) row {
	f := figuresOf(c, p.Rate)
	r := row{metric: cellLabel(c), name: placeName(c), rows: rowsNote(c), limit: p.sign(limitText(c, f)), changeColor: changeColor(c)}
	if v, ok := finite(c.Baseline); ok {
		r.baseline, r.hasBaseline = p.sign(f.value.withUnit(v)), true
	}
	if v, ok := finite(c.Candidate); ok {
		r.candidate, r.hasValue = p.sign(f.value.withUnit(v)), true
		r.likely = p.sign(valueInterval(c, f))
	}
	if v, ok := finite(c.Change); ok {
		r.change, r.unit = p.sign(f.change.signed(v)), f.change.unit()
		r.interval = p.sign(interval(c, f))
	}
	switch {
	case r.change == "" && !r.hasValue:
		r.limit = "" // there is nothing to hold to it
	case bounded(c):
		r.bound = p.sign(boundSign(c, f))
	case c.Verdict == result.Pass && worse(c):
		r.limit = strings.Replace(r.limit, "limit", "within", 1)
	}
	return r
}

func placeName(c *result.Check) string {
	if len(c.By) > 0 {
		return "by " + clean(strings.Join(c.By, ", "))
	}
	if ofItsOwn(c) {
		return clean(c.Name)
	}
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
		if limited(c).change != nil {
			return "limit ±" + f.change.number(m)
		}
		return "limit " + f.change.signed(m)
	}
	return bound(c, f, "at least ", "at most ")
}

// boundSign is the bound of the value itself where there is little room.
func boundSign(c *result.Check, f figures) string { return bound(c, f, "≥", "≤") }

// bound writes a limit on the value itself after the word for its side.
func bound(c *result.Check, f figures, atLeast, atMost string) string {
	if v, ok := finite(lower(c)); ok {
		return atLeast + f.value.withUnit(v)
	}
	if v, ok := finite(upper(c)); ok {
		return atMost + f.value.withUnit(v)
	}
	return ""
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
		out += gap + p.changeCell(r, c)
	}
	if c.limit > 0 {
		out += gap + r.limit
	}
	return out
}

// changeCell is the change, or the bound where it is shown nowhere else.
func (p *printer) changeCell(r row, c columns) string {
	if c.bounds && r.bound != "" {
		return right(r.bound, c.change) + left("", c.intervalWidth()+c.unit)
	}
	unit := ""
	if c.unit > 0 {
		unit = left(r.unit, c.unit)
	}
	between := ""
	if c.interval > 0 {
		between = " " + left(r.interval, c.interval)
	}
	return right("", c.change-width(r.change)) + p.paint(r.changeColor, r.change) + between + unit
}

func (p *printer) arrow() string { return p.sign(" → ") }

// noted writes text with a number after it in so many columns. The text is
// cut; the number is whole or goes before the text becomes unreadable.
func (p *printer) noted(text, number string, limit int) string {
	if width(text)+width(number) > limit && limit-width(number) < 8 {
		number = ""
	}
	return cutName(text, limit-width(number), p.dots()) + number
}
