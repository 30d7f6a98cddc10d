package report

import "slices"

// columns is the widths of a table; a column of width 0 is left out.
type columns struct {
	metric, place       int
	baseline, candidate int
	change, unit, limit int
	interval            int
	bounds              bool // the column of changes shows bounds instead, where there are any
}

// natural is the widths that show every cell whole.
func natural(rows []row) columns {
	var c columns
	for _, r := range rows {
		c.metric = max(c.metric, width(r.metric))
		c.place = max(c.place, r.placeWidth())
		c.baseline = max(c.baseline, width(r.baseline))
		c.candidate = max(c.candidate, width(r.candidate))
		c.change = max(c.change, width(r.change))
		c.interval = max(c.interval, width(r.interval))
		c.unit = max(c.unit, len(r.unit))
		c.limit = max(c.limit, width(r.limit))
	}
	return c
}

func (r row) placeWidth() int { return width(r.name) + len(r.rows) }

// total is the columns that a line takes after its word.
func (c columns) total(arrow int) int {
	n := c.metric + len(gap) + c.place
	if c.values() {
		n += len(gap) + c.baseline + arrow + c.candidate
	}
	if c.change > 0 {
		n += len(gap) + c.change + c.intervalWidth() + c.unit
	}
	if c.limit > 0 {
		n += len(gap) + c.limit
	}
	return n
}

// intervalWidth is the interval with the space before it.
func (c columns) intervalWidth() int {
	if c.interval == 0 {
		return 0
	}
	return 1 + c.interval
}

func (c columns) values() bool { return c.baseline+c.candidate > 0 }

// concession is how far a table is narrowed: which columns go, and the least
// that metrics and places keep. Numbers are dropped whole and never cut. The
// word "points" goes only where values with their percent signs stay.
type concession struct {
	points, interval, limit, values, change bool
	metric, place                           int
}

const whole = 1 << 20

// concessions are tried in order until the table fits. Names that few rows
// have are cut first: most stands for the width that most names need.
const most = -1

var concessions = []concession{
	{metric: whole, place: whole},
	{metric: most, place: most},
	{points: true, metric: whole, place: whole},
	{points: true, metric: most, place: most},
	{interval: true, metric: whole, place: whole},
	{interval: true, metric: most, place: most},
	{interval: true, points: true, metric: whole, place: whole},
	{interval: true, points: true, metric: most, place: most},
	{interval: true, limit: true, metric: most, place: most},
	{interval: true, limit: true, points: true, metric: most, place: most},
	{interval: true, limit: true, points: true, metric: 10, place: 20},
	{interval: true, limit: true, values: true, metric: 10, place: 16},
	{interval: true, limit: true, values: true, metric: 8, place: 8},
	{interval: true, limit: true, values: true, change: true, metric: 12, place: 12},
}

// concede narrows a table; usual is the widths that most names need.
func (c columns) concede(to concession, usual columns, rows []row) columns {
	if to.metric == most {
		to.metric, to.place = max(12, usual.metric), usual.place
	}
	c.metric, c.place = min(c.metric, to.metric), min(c.place, to.place)
	if to.points {
		c.unit = 0
	}
	if to.interval {
		c.interval = 0
	}
	if to.limit {
		c.limit = 0
	}
	if to.values {
		c.baseline, c.candidate = 0, 0
	}
	if to.limit {
		c.bounds = true
		for _, r := range rows {
			c.change = max(c.change, width(r.bound))
		}
	}
	if to.change {
		c.change, c.unit = 0, 0
	}
	return c
}

// usual is the widths that nine of ten metrics, and of ten places, need.
func usual(rows []row) columns {
	if len(rows) == 0 {
		return columns{}
	}
	metrics, places := make([]int, len(rows)), make([]int, len(rows))
	for i, r := range rows {
		metrics[i], places[i] = width(r.metric), r.placeWidth()
	}
	slices.Sort(metrics)
	slices.Sort(places)
	at := (len(rows)*9 - 1) / 10
	return columns{metric: metrics[at], place: places[at]}
}

// fit makes the widths of a table in so many columns, and gives what is left
// over to the names that were cut.
func fit(rows []row, room, arrow int) columns {
	full, usual := natural(rows), usual(rows)
	var c columns
	for _, to := range concessions {
		c = full.concede(to, usual, rows)
		if c.total(arrow) <= room {
			break
		}
	}
	return c.share(full, max(0, room-c.total(arrow)), rows)
}

// share gives spare columns to metrics and places so that cutting does
// the least harm over all rows.
func (c columns) share(full columns, spare int, rows []row) columns {
	metrics, places := make([]int, len(rows)), make([]int, len(rows))
	for i, r := range rows {
		metrics[i], places[i] = width(r.metric), r.placeWidth()
	}
	const weight = 3 // a metric is short, and each letter says more
	best, least := c, whole*whole
	for extra := 0; extra <= min(spare, full.metric-c.metric); extra++ {
		try := c
		try.metric += extra
		try.place += min(spare-extra, full.place-c.place)
		if n := weight*missing(metrics, try.metric) + missing(places, try.place); n < least {
			best, least = try, n
		}
	}
	return best
}

// missing is the harm of cutting at a width: the squares of what is cut, since
// one name without its middle is worse than several without a letter.
func missing(widths []int, limit int) int {
	n := 0
	for _, w := range widths {
		if w > limit {
			cut := w - limit + 3 // and what the dots take
			n += cut * cut
		}
	}
	return n
}
