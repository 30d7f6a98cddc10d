package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// page is docs/calibration.md.
func (c *Calibration) page() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# What its chances are worth\n")
	line("`make calibrate` wrote this page: version %s, %s, seed %d, %d simulated releases of each case. All rows go the way that", c.Version, c.Date, c.Seed, c.Runs)
	line("those of a file go, through scan, summary, evidence, verdict and exit code. [calibration.json](calibration.json) has every case.")
	for _, l := range c.Later {
		line("Version %s, %s: %s.", l.Version, l.Date, strings.Join(l.Only, ", "))
	}
	line("")
	c.releasesTable(line)
	c.dropsTable(line)
	c.coverageTable(line)
	return b.String()
}

type liner func(format string, args ...any)

func percent(x float64) string { return fmt.Sprintf("%.1f", 100*x) }

func (c *Calibration) releasesTable(line liner) {
	line("## Releases of models that are equally good\n")
	line("Twenty named slices of 60 to 3,000 rows, drawn apart from the whole set, so that they overlap; the two models are right as")
	line("often in truth, and differ on 2 to 10 %% of the rows; errors of a regression correlate as much. *Failed* is the share of releases")
	line("in which any check fails, in percent; *red* has any exit code but 0, so an inconclusive check of the whole set too. By `evidence` and by `beyond`")
	line("at most %s %% should fail.\n", percent(c.Alpha))
	line("| checks | rows | evidence: failed | red | beyond: failed | red | point: failed | red |")
	line("|---|---|---|---|---|---|---|---|")
	for i := 0; i+2 < len(c.Releases); i += 3 {
		r := c.Releases[i : i+3]
		line("| %s | %s | %s | %s | %s | %s | %s | %s |", r[0].Checks, grouped(r[0].Rows),
			percent(r[0].Failed), percent(r[0].Red), percent(r[1].Failed), percent(r[1].Red), percent(r[2].Failed), percent(r[2].Red))
	}
	if err := c.broken(); err != nil {
		line("\nNOT KEPT: %s.", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	line("")
}

func (c *Calibration) dropsTable(line liner) {
	line("## A drop of twice the margin in one slice of twenty\n")
	line("*Foreseen* is what [`noworse power`](power.md) says before, *caught* how often it failed, in percent. Power goes by the")
	line("baseline alone and a discordance of 5 %%, or by two models that are equally good (*observed*). Of %d releases, two", c.Runs)
	line("standard errors are up to %.0f points.\n", 200*math.Sqrt(.25/float64(c.Runs)))
	line("| metric | rows of the slice | margin | drop | power goes by | foreseen | caught | |")
	line("|---|---|---|---|---|---|---|---|")
	off := 0
	for _, d := range c.Drops {
		note := ""
		if math.Abs(d.Foreseen-d.Caught) > .05 {
			note = "off by more than 5 points"
			off++
		}
		line("| %s | %s | %v | %v | %s | %s | %s | %s |", d.Metric, grouped(d.Rows), d.Margin, d.Drop, d.Basis, percent(d.Foreseen), percent(d.Caught), note)
	}
	line("\n%d of %d are off by more than 5 points.\n", off, len(c.Drops))
}

func (c *Calibration) coverageTable(line liner) {
	line("## Intervals\n")
	line("How often the interval at %.0f %% holds the true value, in percent: of the change between the two models, and of the candidate's own value. Each", 100*nominal)
	line("cell is the least and the most of four cases: the models differ on 2 or 10 %% of the rows, and are equally good, or the")
	line("candidate is worse. Of %d sets, two standard errors are %.1f points. Sets in which a metric has no interval are left out.\n", c.Runs, 200*math.Sqrt(nominal*(1-nominal)/float64(c.Runs)))
	line("| metric | interval of | method | positive | 100 rows | 300 | 1,000 | 3,000 |")
	line("|---|---|---|---|---|---|---|---|")
	for _, g := range c.groups() {
		cells := make([]string, 4)
		for i, rows := range []int{100, 300, 1000, 3000} {
			cells[i] = g.cell(rows)
		}
		line("| %s | %s | %s | %s | %s |", g.metric, g.of, g.method, shareOf(g.positive), strings.Join(cells, " | "))
	}
	line("")
	c.list(line, fmt.Sprintf("Below %.0f %%, the chance of a miss is larger than it should be", 100*least), func(x float64) bool { return x < least })
	c.list(line, fmt.Sprintf("Above %.0f %%, they are wider than they need be", 100*most), func(x float64) bool { return x > most })
}

// covered is the cases of one metric, kind of interval and share of positives.
type covered struct {
	metric, of, method string
	positive           float64
	cases              []Coverage
}

func (c *Calibration) groups() []covered {
	var list []covered
	for _, one := range c.Coverage {
		i := slices.IndexFunc(list, func(g covered) bool { return g.metric == one.Metric && g.of == one.Of && g.positive == one.Positive })
		if i < 0 {
			i = len(list)
			list = append(list, covered{metric: one.Metric, of: one.Of, positive: one.Positive})
		}
		list[i].method = cmp.Or(list[i].method, one.Method)
		list[i].cases = append(list[i].cases, one)
	}
	slices.SortStableFunc(list, func(a, b covered) int {
		return cmp.Or(cmp.Compare(a.metric, b.metric), cmp.Compare(a.of, b.of), cmp.Compare(b.positive, a.positive))
	})
	return list
}

// cell is the least and the most coverage at so many rows.
func (g covered) cell(rows int) string {
	low, high := 2., -1.
	for _, c := range g.cases {
		if c.Rows == rows && c.Sets > 0 {
			low, high = min(low, c.Covered), max(high, c.Covered)
		}
	}
	if high < 0 {
		return "none"
	}
	return percent(low) + " to " + percent(high)
}

// list names the cases whose coverage is one to be told.
func (c *Calibration) list(line liner, title string, is func(float64) bool) {
	line("%s:\n", title)
	none := true
	for _, g := range c.groups() {
		var cases []string
		for _, rows := range []int{100, 300, 1000, 3000} {
			if text := g.told(rows, is); text != "" {
				cases = append(cases, text)
			}
		}
		if len(cases) > 0 {
			none = false
			line("- %s, %s%s: %s", g.metric, g.of, positives(g.positive), strings.Join(cases, "; "))
		}
	}
	if none {
		line("- none")
	}
	line("")
}

// told says how many of the cases with so many rows are to be told, and how far
// they go.
func (g covered) told(rows int, is func(float64) bool) string {
	n, all, low, high := 0, 0, 2., -1.
	for _, one := range g.cases {
		if one.Rows != rows || one.Sets == 0 {
			continue
		}
		all++
		if is(one.Covered) {
			n++
			low, high = min(low, one.Covered), max(high, one.Covered)
		}
	}
	switch n {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("%s rows %s (1 case of %d)", grouped(rows), percent(low), all)
	}
	return fmt.Sprintf("%s rows %s to %s (%d cases of %d)", grouped(rows), percent(low), percent(high), n, all)
}

func positives(share float64) string {
	if share == 0 {
		return ""
	}
	return ", " + shareOf(share) + " positive"
}

func shareOf(share float64) string {
	if share == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}

// grouped is a number with separators.
func grouped(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}
