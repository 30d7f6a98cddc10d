package report

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/noworse/noworse/result"
)

// Power writes what an evaluation set can tell for a terminal, worst first.
func Power(w io.Writer, r *result.Power, o Options) error {
	p := newPrinter(o)
	if !p.Quiet {
		p.powerReport(r)
	}
	text := r.Summary
	if text == "" {
		text = PowerSentence(r, p.Rate)
	}
	if text = p.sign(clean(text)); p.Quiet {
		p.line(text)
	} else {
		p.wrapped("", text)
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}

const (
	wordLacks = "LACKS"
	mostLacks = 20 // lines, unless all are asked for
)

func (p *printer) powerReport(r *result.Power) {
	p.pad = len(wordLacks) + len(gap)
	p.powerHeading(r)
	p.blank()
	g := sortPower(r)
	lacks, seen := g.lacks, g.seen
	if !p.All {
		lacks, seen = lacks[:min(len(lacks), mostLacks)], keepPower(seen, func(c *result.PowerCheck) bool { return c.Slice == "" })
	}
	p.powerTable(lacks, seen)
	p.restOfPower(wordLacks, len(g.lacks)-len(lacks))
	p.restOfPower("ok", len(g.seen)-len(seen))
	p.reasonsOfPower("?", g.unknown, func(c *result.PowerCheck) string { return c.Unknown })
	p.reasonsOfPower("SKIP", g.skipped, func(c *result.PowerCheck) string { return c.Skipped })
	for _, note := range r.Notes {
		p.hanging("note", plain, "", p.sign(clean(note)))
	}
	p.blank()
	for _, line := range legend(r, len(lacks)+len(seen) > 0) {
		p.wrapped("", p.sign(line))
	}
}

func (p *printer) powerHeading(r *result.Power) {
	const gap = "   "
	rows := counted(r.Data.Eval.Rows, "row")
	name := cut(clean(r.Name), p.Width/3, p.dots())
	models := cut(powerModels(r), p.Width-width(name)-width(rows)-2*len(gap), p.dots())
	p.line(p.bold(name) + gap + models + gap + rows)
}

// powerModels says whose answers were read.
func powerModels(r *result.Power) string {
	c, b := modelOf(r.Candidate), modelOf(r.Baseline)
	named := func(m result.Model) string { return spaced(cmp.Or(fileName(m.Path), m.Score, m.Label)) }
	switch {
	case r.Candidate != nil && r.Baseline != nil:
		candidate, baseline := modelNames(&result.Result{Candidate: r.Candidate, Baseline: r.Baseline})
		return pair(candidate, baseline, true)
	case r.Baseline != nil:
		text := "baseline" + named(b)
		if b.Accepted != "" {
			text += acceptedOn(b)
		}
		return text + ", no candidate"
	case r.Candidate != nil:
		return "candidate" + named(c) + ", no baseline"
	}
	return "labels alone"
}

// powerGroups are the checks to be, by what can be said of them.
type powerGroups struct{ lacks, seen, unknown, skipped []*result.PowerCheck }

func sortPower(r *result.Power) powerGroups {
	var g powerGroups
	for i := range r.Checks {
		c := &r.Checks[i]
		switch {
		case c.Skipped != "":
			g.skipped = append(g.skipped, c)
		case c.Unknown != "":
			g.unknown = append(g.unknown, c)
		case c.Drop != nil && c.Sees(r.Assumed.Power), c.Drop == nil && c.Detectable != nil:
			g.seen = append(g.seen, c)
		default:
			g.lacks = append(g.lacks, c)
		}
	}
	worst := func(a, b *result.PowerCheck) int {
		return cmp.Or(cmp.Compare(caught(a), caught(b)), cmp.Compare(b.Lacking, a.Lacking))
	}
	slices.SortStableFunc(g.lacks, worst)
	slices.SortStableFunc(g.seen, worst)
	return g
}

// caught is the chance to see twice the margin; where there is no such drop it
// says nothing and comes last.
func caught(c *result.PowerCheck) float64 {
	if c.Caught == nil {
		return 2
	}
	return *c.Caught
}

func keepPower(checks []*result.PowerCheck, keep func(*result.PowerCheck) bool) []*result.PowerCheck {
	return slices.DeleteFunc(slices.Clone(checks), func(c *result.PowerCheck) bool { return !keep(c) })
}

// powerTable writes one line for each check, under a heading.
func (p *printer) powerTable(lacks, seen []*result.PowerCheck) {
	rows := [][]string{{"", "metric", "", "margin", "sees", "caught", "needs"}}
	for _, c := range lacks {
		rows = append(rows, p.powerRow(wordLacks, c))
	}
	for _, c := range seen {
		rows = append(rows, p.powerRow("ok", c))
	}
	if len(rows) == 1 {
		return
	}
	for i, row := range rows {
		row[1] = cut(row[1], max(8, p.Width/4), p.dots())
		switch {
		case p.Width < 50: // what a drop must be, and how often it is caught, stay
			rows[i] = append(row[:3:3], row[4:6]...)
		case p.Width < 64:
			rows[i] = row[:6]
		}
	}
	p.cutPlaces(rows)
	p.columns(rows, func(column int) bool { return column > 2 })
}

// cutPlaces shortens the names of slices to what the other columns leave.
func (p *printer) cutPlaces(rows [][]string) {
	taken := 0
	for column := range rows[0] {
		widest := 0
		for _, row := range rows {
			widest = max(widest, width(row[column]))
		}
		if column != 2 {
			taken += widest + len(gap)
		}
	}
	for _, row := range rows[1:] {
		name, number, _ := strings.Cut(row[2], "\x00")
		row[2] = p.noted(name, number, p.Width-taken)
	}
}

// powerRow is the cells of a check; a NUL stands between the name of its slice and
// the number of rows.
func (p *printer) powerRow(word string, c *result.PowerCheck) []string {
	place := "all rows"
	if c.Slice != "" {
		place = clean(c.Slice)
	}
	f := powerFormat(c, p.Rate)
	row := []string{word, clean(cmp.Or(c.Name, c.Metric)), place + "\x00 (" + count(c.Rows) + ")", "", "-", "-", "-"}
	if v, ok := finite(c.Margin); ok {
		row[3] = f.number(v)
	}
	if v, ok := finite(c.Detectable); ok {
		row[4] = f.number(v)
	}
	if c.Caught != nil {
		row[5] = chanceOf(*c.Caught)
	}
	if c.RowsNeeded > 0 {
		row[6] = count(c.RowsNeeded)
	}
	return row
}

// powerFormat tells the margin from the drop that is seen.
func powerFormat(c *result.PowerCheck, rate func(string) bool) format {
	var values []float64
	largest := 0.0
	for _, v := range []*float64{c.Margin, c.Detectable} {
		if v, ok := finite(v); ok {
			values = append(values, v)
			largest = max(largest, math.Abs(v))
		}
	}
	f := startFormat(largest, rate(c.Metric))
	if !f.rate && !f.science { // a prospect deserves two digits
		f.decimals = max(0, f.decimals-2)
	}
	f.decimals = min(f.decimals+2, f.apart(values, largest*noise))
	return f
}

// chanceOf writes a chance in whole percents; only what is certain is 0 or 100.
func chanceOf(p float64) string {
	switch {
	case p < 0.01:
		return "<1%"
	case p > 0.99:
		return ">99%"
	}
	return fmt.Sprintf("%.0f%%", 100*p)
}

func (p *printer) restOfPower(word string, n int) {
	if n > 0 {
		p.hanging(word, plain, "", many(n, "more check")+" (--all lists them)")
	}
}

// reasonsOfPower writes each reason once, with what it is said of.
func (p *printer) reasonsOfPower(word string, list []*result.PowerCheck, reason func(*result.PowerCheck) string) {
	var order []string
	first, number := map[string]*result.PowerCheck{}, map[string]int{}
	for _, c := range list {
		why := reason(c)
		if number[why]++; first[why] == nil {
			first[why] = c
			order = append(order, why)
		}
	}
	for i, why := range order {
		if i == mostLacks && !p.All {
			p.hanging(word, faint, "", many(len(order)-i, "more reason"))
			return
		}
		about := powerPlace(first[why])
		if n := number[why]; n > 1 {
			about += " and " + many(n-1, "more check")
		}
		p.hanging(word, faint, "", about+": "+p.sign(clean(why)))
	}
}

// powerPlace names a check: accuracy for tier=enterprise.
func powerPlace(c *result.PowerCheck) string {
	text := name(clean(cmp.Or(c.Name, c.Metric)))
	if c.Slice == "" {
		return text + " overall"
	}
	return text + " for " + name(clean(c.Slice))
}

// legend says what the columns are and what they rest on.
func legend(r *result.Power, table bool) []string {
	var lines []string
	if table {
		lines = append(lines, fmt.Sprintf("sees: the least change for the worse that fails in %.0f%% of releases; caught: how often one of twice the margin fails; needs: rows to catch that in %.0f%%.",
			100*r.Assumed.Power, 100*r.Assumed.Power))
	}
	return append(lines, assumed(r))
}

func assumed(r *result.Power) string {
	if r.Assumed.Discordance == nil {
		return "How often answers differ is taken from the two models."
	}
	text := "Assumed: " + result.Percent(*r.Assumed.Discordance) + " of rows change though nothing gets worse (--discordance)"
	if slices.ContainsFunc(r.Checks, func(c result.PowerCheck) bool { return c.Basis == "correlation" }) {
		text += fmt.Sprintf("; where it does not follow, the two models' values correlate by %v (--correlation)", *r.Assumed.Correlation)
	}
	return text + "."
}

// PowerSentence says in one sentence what the set sees overall, where it cannot
// tell a drop of twice the margin, and what lacks most.
func PowerSentence(r *result.Power, rate func(string) bool) string {
	if rate == nil {
		rate = func(string) bool { return false }
	}
	g := sortPower(r)
	if len(g.lacks)+len(g.seen) == 0 {
		return "Nothing can be said of what this set sees: " + nothingSeen(r, g)
	}
	var parts []string
	if c := firstOverall(r, g); c != nil {
		parts = append(parts, "This set sees "+seenChange(c, rate)+" in "+powerPlace(c))
	}
	for _, scope := range []struct {
		of    string
		holds func(*result.PowerCheck) bool
	}{{"overall", func(c *result.PowerCheck) bool { return c.Slice == "" }}, {"of slices", func(c *result.PowerCheck) bool { return c.Slice != "" }}} {
		lacking, all := len(keepPower(g.lacks, scope.holds)), len(keepPower(append(slices.Clone(g.lacks), g.seen...), scope.holds))
		switch {
		case all == 0 || lacking == 0 && scope.of == "overall":
		case lacking == 0:
			parts = append(parts, "every check "+scope.of+" sees a drop of twice its margin")
		default:
			parts = append(parts, fmt.Sprintf("%s of %s %s cannot tell a drop of twice the margin", count(uint64(lacking)), many(all, "check"), scope.of))
		}
	}
	if c := largestLack(g); c != nil {
		parts = append(parts, "the largest lack is "+powerPlace(c)+", "+about(c.Lacking)+" rows")
	}
	text := strings.Join(parts, "; ")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

func nothingSeen(r *result.Power, g powerGroups) string {
	switch {
	case len(r.Checks) == 0:
		return "the spec has no limit of a change."
	case len(g.unknown) == 0:
		return "every check would be skipped."
	}
	return g.unknown[0].Unknown + "."
}

// firstOverall is the first check of the whole set, in the order of the spec, of
// which something is known.
func firstOverall(r *result.Power, g powerGroups) *result.PowerCheck {
	for i := range r.Checks {
		if c := &r.Checks[i]; c.Slice == "" && (slices.Contains(g.lacks, c) || slices.Contains(g.seen, c)) {
			return c
		}
	}
	return nil
}

// seenChange is the least change that a check sees: "a drop of 2.2 points".
func seenChange(c *result.PowerCheck, rate func(string) bool) string {
	what := "drop"
	switch {
	case c.Rule.MaxRise != nil:
		what = "rise"
	case c.Rule.MaxChange != nil:
		what = "change"
	}
	v, ok := finite(c.Detectable)
	if !ok {
		return "no " + what
	}
	f := powerFormat(c, rate)
	return "a " + what + " of " + f.number(v) + f.unit()
}

func largestLack(g powerGroups) *result.PowerCheck {
	var most *result.PowerCheck
	for _, c := range g.lacks {
		if c.Lacking > 0 && (most == nil || c.Lacking > most.Lacking) {
			most = c
		}
	}
	return most
}
