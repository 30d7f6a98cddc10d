package report

import (
	"io"
	"strings"

	"github.com/noworse/noworse/result"
)

const (
	// mostMarkdown keeps a report below what a comment on GitHub may hold,
	// 65,536 characters.
	mostMarkdown = 60_000
	mostTroubles = 20 // rows of the first table
	mostReasons  = 5
	mostRows     = 10 // rows of the evaluation set
)

// Markdown writes the report as a comment on a pull request: the sentence, who
// got worse, which rows show it and what to do; all else is folded. Names and
// ids stand as code, where they name nobody and link nothing.
func Markdown(w io.Writer, r *result.Result, rate func(string) bool) error {
	m := &page{printer: newPrinter(Options{Rate: rate, All: true}), most: mostMarkdown}
	m.report(r)
	_, err := io.WriteString(w, m.b.String())
	return err
}

// report writes the whole of one result.
func (m *page) report(r *result.Result) {
	g := sortOut(r.Checks)
	troubles := g.troubles()
	m.verdict(r)
	m.troubles(troubles)
	m.examples(troubles)
	m.failingTables(troubles)
	m.windowTables(r.Checks)
	m.flips(r)
	m.next(r, g)
	m.rest(troubles, g)
	m.skipped(g.skipped)
	m.confidentErrors(r)
	m.provenance(r)
}

// page is a report in Markdown, in blocks that empty lines part.
type page struct {
	*printer
	most int // bytes
}

// block starts a block.
func (m *page) block(lines ...string) {
	if m.b.Len() > 0 {
		m.blank()
	}
	for _, l := range lines {
		m.line(l)
	}
}

// list writes lines as long as there is room, and returns how many it wrote. A
// third of the room is for what comes after them.
func (m *page) list(n int, line func(i int) string) int {
	for i := range n {
		l := line(i)
		if m.b.Len()+len(l) > m.most-m.most/3 {
			return i
		}
		m.line(l)
	}
	return n
}

// troubles is the checks that did not pass and were not skipped, worst first.
func (g groups) troubles() []*result.Check {
	var out []*result.Check
	for _, list := range [][]*result.Check{g.failed, g.errors, g.warned, g.unsure} {
		out = append(out, list...)
	}
	return out
}

// verdict is the sentence, its first words in bold, and what it is about.
func (m *page) verdict(r *result.Result) {
	m.sentenceBlock(m.sentence(r))
	candidate, baseline := modelNames(r)
	models := "candidate" + spacedCode(candidate)
	if r.Baseline != nil {
		models += " vs baseline" + spacedCode(baseline)
	} else {
		models += ", no baseline"
	}
	if withoutModels(r) {
		_, rows := tables(r)
		m.block(code(r.Name) + ": " + code(r.Data.Current.Path) + " against " + code(r.Data.Reference.Path) + ", " + rows + ".")
	} else {
		m.block(code(r.Name) + ": " + models + ", " + evaluated(r) + ".")
	}
	if text := sinceAnchor(r, m.Rate); text != "" {
		m.block("Since " + prose(text) + ".")
	}
	for _, note := range r.Notes {
		m.block(prose(clean(note)))
	}
}

// sentenceBlock is an outcome in a sentence, its first words in bold.
func (m *page) sentenceBlock(s string) {
	lead := ""
	for _, l := range []string{leadBlocked, leadError, leadPass, leadUnsure, leadNothing} {
		if strings.HasPrefix(s, l) {
			lead = l
		}
	}
	text := prose(strings.TrimPrefix(s, lead))
	if lead != "" {
		text = "**" + lead + "**" + text
	}
	m.block(text)
}

func spacedCode(s string) string {
	if s == "" {
		return ""
	}
	return " " + code(strings.TrimPrefix(s, " "))
}

// evaluated is the rows that the verdict is about.
func evaluated(r *result.Result) string {
	e := r.Data.Eval
	text := counted(e.Rows, "row")
	if e.Unlabelled > 0 {
		text += " (" + count(e.Unlabelled) + " without a label left out)"
	}
	if e.Version != "" {
		text += ", " + code(e.Version)
	}
	return text
}

// states are the words of the first column, each with a shape.
func state(c *result.Check) string {
	switch {
	case unproven(c):
		return "○ ok, not proven"
	case c.Verdict == result.Pass:
		return "● ok"
	case c.Verdict == result.Inconclusive:
		return "○ UNSURE"
	case !blocks(c):
		return "▲ WARN"
	case c.Verdict == result.Fail:
		return "■ **FAIL**"
	}
	return "■ **ERROR**"
}

var tableHead = []string{
	"| | for | metric | rows | baseline | candidate | change | limit |",
	"|:--|:--|:--|--:|--:|--:|--:|--:|",
}

// tableRow is one check.
func (m *page) tableRow(c *result.Check) string {
	r := m.rowOf(c)
	place := placeName(c)
	if c.Slice != "" {
		place = code(c.Slice)
	}
	change := r.change
	if change != "" {
		change = strings.TrimSuffix(change+" "+r.interval, " ") + r.unit
	}
	cells := []string{state(c), place, code(cellLabel(c)), rowCount(c), r.baseline, strings.TrimSuffix(r.candidate+" "+r.likely, " "), change, allowed(c, r)}
	return "| " + strings.Join(cells, " | ") + " |"
}

// troubles is the table of who got worse, and why.
func (m *page) troubles(list []*result.Check) {
	if len(list) == 0 {
		return
	}
	m.block(tableHead...)
	shown := m.list(min(mostTroubles, len(list)), func(i int) string { return m.tableRow(list[i]) })
	if n := len(list) - shown; n > 0 {
		m.block(many(n, "more check") + " that did not pass below.")
	}
	var reasons []string
	for _, c := range list[:min(mostReasons, shown)] {
		if reason := m.reason(c); reason != "" {
			reasons = append(reasons, "- "+strings.TrimSpace(code(metricName(c))+" "+forWhom(c))+": "+prose(shortReason(c, reason)))
		}
	}
	if len(reasons) > 0 {
		m.block()
		m.list(len(reasons), func(i int) string { return reasons[i] })
	}
}

func forWhom(c *result.Check) string {
	if len(c.By) > 0 || ofItsOwn(c) {
		return "" // its name says it
	}
	if c.Slice == "" {
		return "overall"
	}
	return "for " + code(c.Slice)
}

// shortReason leaves out of a reason what the line says before it.
func shortReason(c *result.Check, reason string) string {
	for _, how := range []string{"worse ", "changed "} {
		for _, whom := range []string{"overall", "for " + clean(c.Slice)} {
			if rest, ok := strings.CutPrefix(reason, how+whom+": "); ok {
				return rest
			}
		}
	}
	return reason
}

// examples are rows of the evaluation set to look at, of the worst check that
// has some.
func (m *page) examples(list []*result.Check) {
	with := only(list, hasExamples)
	if len(with) == 0 {
		return
	}
	c := with[0]
	f := c.Details.Flips
	shown := f.Examples[:min(mostRows, len(f.Examples))]
	title := "Rows to look at, right before and wrong now, " + forWhom(c)
	if f.Negative > uint64(len(shown)) {
		title += " (" + count(uint64(len(shown))) + " of " + count(f.Negative) + ")"
	}
	m.block(title + ":")
	m.exampleTable(shown)
}

// exampleTable is rows with their truth and both answers.
func (m *page) exampleTable(shown []result.Example) {
	m.block("| row | truth | baseline | candidate |", "|:--|:--|:--|:--|")
	m.list(len(shown), func(i int) string {
		e, l := shown[i], m.exampleRow(shown[i])
		cells := []string{code(e.ID), code(e.Label), code(e.Baseline.Label) + l.before[1], code(e.Candidate.Label) + l.after[1]}
		return "| " + strings.Join(cells, " | ") + " |"
	})
}

// next is what to do now.
func (m *page) next(r *result.Result, g groups) {
	if r.Spec.Path == "" {
		return // there is no spec that could be checked again
	}
	if advice := withoutBaseline(r, g); advice != "" {
		m.block("Next: " + prose(advice) + ".")
		return
	}
	if len(g.troubles()) == 0 {
		return
	}
	first := steps(r, g)[0]
	if len(first.command) > 1000 { // a slice with such a name is not for a comment
		return
	}
	m.block(first.label+":", "", "```sh", first.command, "```")
}
