package report

import (
	"strings"

	"github.com/noworse/noworse/result"
)

// The words of the first column.
const (
	wordFail  = "FAIL"
	wordError = "ERROR"
	wordWarn  = "WARN"
	wordOK    = "ok"
	wordWeak  = "ok ?" // not proven
	wordSkip  = "SKIP"
	wordMaybe = "UNSURE"
)

const (
	mostFailed   = 20 // shown without --all
	mostOther    = 10
	mostExampled = 3 // failing checks that show rows
	mostExamples = 3 // rows of one check
)

// section is the checks that share a word.
type section struct {
	word     string
	code     sgr
	checks   []*result.Check
	most     int
	examples int // how many of the checks show rows
}

// sections are the groups that are shown check by check, in their order.
func (p *printer) sections(g groups) []section {
	unsure := g.unsure
	if !p.All {
		unsure = only(unsure, suspect)
	}
	s := []section{
		{wordFail, red, g.failed, mostFailed, mostExampled},
		{wordError, red, g.errors, mostOther, 0},
		{wordWarn, yellow, g.warned, mostOther, 0},
		{wordMaybe, yellow, unsure, mostOther, 0},
	}
	if p.All {
		for i := range s {
			s[i].most = whole
		}
	}
	return s
}

// wordWidth is the width of the first column, so that all lines align.
func wordWidth(g groups, flips bool) int {
	n := len(wordFail)
	if len(g.errors) > 0 || flips {
		n = len(wordError)
	}
	if len(g.unsure) > 0 {
		n = len(wordMaybe)
	}
	return n + len(gap)
}

// checks writes every check, or what stands for it.
func (p *printer) checks(g groups) {
	sections := p.sections(g)
	layout := p.layout(sections, g.passed)
	for _, s := range sections {
		p.section(s, layout)
	}
	p.undecided(g.unsure)
	p.skips(g.skipped)
	p.passes(g.passed, layout)
}

// layout fits one table to all checks that are shown.
func (p *printer) layout(sections []section, passed []*result.Check) columns {
	var rows []row
	for _, s := range sections {
		for _, c := range s.checks[:min(s.most, len(s.checks))] {
			rows = append(rows, p.rowOf(c))
		}
	}
	if p.All {
		for _, c := range passed {
			rows = append(rows, p.rowOf(c))
		}
	}
	return fit(rows, p.Width-p.pad, width(p.arrow()))
}

func (p *printer) section(s section, layout columns) {
	shown := min(s.most, len(s.checks))
	seen := map[string]bool{} // slices whose rows are shown already: those of a second metric are the same
	for i, c := range s.checks[:shown] {
		r := p.rowOf(c)
		p.line(p.word(s.word, s.code) + p.cells(r, layout))
		p.wrapped(p.indent(), p.because(c, r, layout))
		if i < s.examples && c.Details.Flips != nil && !seen[c.Slice] {
			p.examples(c)
			seen[c.Slice] = true
		}
		if c.Details.Windows != nil {
			p.windows(c)
		}
		if i < s.examples && c.Details.Behavior != nil {
			p.failing(c)
		}
	}
	if rest := len(s.checks) - shown; rest > 0 {
		p.hinted(s.word, s.code, many(rest, "more check"))
	}
}

// because is the second line of a check: its reason, after the limit if the
// table had no room for it.
func (p *printer) because(c *result.Check, r row, layout columns) string {
	reason, limit := p.explained(c, r.interval != "" && layout.interval == 0), r.limit
	if r.bound != "" && !layout.values() {
		limit = r.candidate + ", " + limit
	}
	switch {
	case layout.limit > 0 || r.limit == "" || layout.bounds && layout.values() && r.bound != "":
		return reason
	case reason == "":
		return limit
	}
	return limit + "; " + reason
}

// reason is why a check came out as it did; an error that only warns still
// says that nothing was measured.
func (p *printer) reason(c *result.Check) string {
	reason := p.sign(clean(c.Reason))
	if c.Verdict != result.Fail && c.Verdict != result.Inconclusive && !blocks(c) {
		return strings.TrimSuffix("could not be checked: "+reason, ": ")
	}
	return reason
}

// hinted writes a line that stands for more, and how to see it if that fits.
func (p *printer) hinted(word string, code sgr, text string) {
	const hint = "   --all lists them"
	if width(text)+len(hint) <= p.Width-p.pad && !p.All {
		p.line(p.word(word, code) + text + p.paint(faint, hint))
		return
	}
	p.hanging(word, code, "", text)
}

// passes counts the checks that pass and says how many are worse all the same.
func (p *printer) passes(passed []*result.Check, layout columns) {
	if len(passed) == 0 {
		return
	}
	text := many(len(passed), "check") + notes(passed)
	if p.All {
		text = strings.Replace(text, "not proven", "not proven, marked ?", 1)
		for _, c := range passed {
			word := wordOK
			if unproven(c) {
				word = wordWeak
			}
			line := p.cells(p.rowOf(c), layout)
			if c.Kind == "drift" || c.Kind == "contract" { // whose numbers stand in the reason
				line += gap + p.paint(faint, p.begin(p.sign(clean(c.Reason)), p.Width-p.pad-width(line)-len(gap)))
			}
			p.line(p.word(word, plain) + line)
			if c.Details.Windows != nil {
				p.windows(c)
			}
		}
	}
	p.hinted(wordOK, plain, text)
}

// begin is the beginning of a text, where it is wider than it may be.
func (p *printer) begin(text string, most int) string {
	if width(text) <= most {
		return text
	}
	return strings.TrimRight(wrap(text, max(1, most-width(p.dots())), "")[0], ":;, ") + p.dots()
}

func their(n int) string {
	if n == 1 {
		return "its"
	}
	return "their"
}

// examples writes some of the rows that became wrong, with both answers.
func (p *printer) examples(c *result.Check) {
	examples := c.Details.Flips.Examples
	p.exampleRows(examples[:min(mostExamples, len(examples))])
}

// exampleRows writes rows, a line for each.
func (p *printer) exampleRows(examples []result.Example) {
	var lines []exampleRow
	var id, before, after int
	for _, e := range examples {
		l := p.exampleRow(e)
		lines = append(lines, l)
		id = max(id, width(l.id))
		before = max(before, width(l.before[0]+l.before[1]))
		after = max(after, width(l.after[0]+l.after[1]))
	}
	room := p.Width - p.pad - len("row ") - len(gap) - width(p.arrow())
	id, before, after = share(room, id, before, after)
	for _, l := range lines {
		p.line(p.indent() + p.paint(faint, "row ") + left(cut(l.id, id, p.dots()), id) + gap +
			left(p.noted(l.before[0], l.before[1], before), before) + p.arrow() + p.noted(l.after[0], l.after[1], after))
	}
}

// exampleRow is one row and what both models said of it: a label and a score.
type exampleRow struct {
	id            string
	before, after [2]string
}

// exampleRow writes the cells of a row; scores that differ look different.
func (p *printer) exampleRow(e result.Example) exampleRow {
	var scores []float64
	for _, s := range []*float64{e.Baseline.Score, e.Candidate.Score} {
		if v, ok := finite(s); ok {
			scores = append(scores, v)
		}
	}
	f := format{decimals: 2}
	f.decimals = f.apart(scores, 0)
	answer := func(a result.Answer) [2]string {
		if v, ok := finite(a.Score); ok {
			return [2]string{visible(a.Label), " (" + p.sign(f.number(v)) + ")"}
		}
		return [2]string{visible(a.Label)}
	}
	return exampleRow{visible(e.ID), answer(e.Baseline), answer(e.Candidate)}
}

// visible is cleaned text, in quotes where it would not be seen.
func visible(s string) string {
	if strings.TrimSpace(s) == "" {
		return `"` + clean(s) + `"`
	}
	return clean(s)
}

// share gives three columns what they want if there is room, and else shortens
// the widest of them.
func share(room, a, b, c int) (int, int, int) {
	for a+b+c > room {
		switch {
		case a >= b && a >= c:
			a--
		case b >= c:
			b--
		default:
			c--
		}
	}
	return a, b, c
}
