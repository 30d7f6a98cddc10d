// Package report shows a Result to people: as text for a terminal or a pipe,
// as one sentence, as Markdown for a pull request, and as JSON and JUnit XML for
// other tools. It decides nothing; it only picks, orders and words what the
// checks say:
//
//	Result ─▶ groups by outcome, worst first ─▶ rows of cells ─▶ a table that fits the width, or Markdown
//	       ├▶ Sentence
//	       └▶ suites of cases
//
// Names, ids and reasons come from data that nobody vetted. Whatever in them
// could move the cursor, colour the screen, start a line or mention somebody is written as an
// escape. Equal results give equal bytes.
package report

import (
	"cmp"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/noworse/noworse/result"
)

// Options says for what kind of reader a report is.
type Options struct {
	Color bool // SGR colours, of the terminal's own 16; they only repeat what words say
	ASCII bool // our own signs in ASCII (->, -, ...); names stay as they are in the data
	Width int  // columns; 0 means 80, and below 40 is taken as 40
	All   bool // every check, instead of the worst of each kind
	Quiet bool // the one sentence only
	// Accepting: the candidate is made the baseline with this result, which
	// therefore is not what to do next.
	Accepting bool
	// Rate says whether a metric lies in [0,1] and is read as a percentage.
	// nil: none does.
	Rate func(metric string) bool
}

const (
	defaultWidth = 80
	leastWidth   = 40 // a word, a metric, a slice and its change fit in no less
)

// Text writes the report for a terminal: what keeps the candidate from
// shipping first, what to do next last.
func Text(w io.Writer, r *result.Result, o Options) error {
	if o.Quiet {
		return Compact(w, r, o)
	}
	p := newPrinter(o)
	g := sortOut(r.Checks)
	p.pad = wordWidth(g, r.Flips != nil || r.Anchor != nil || len(r.Notes) > 0)
	p.header(r)
	p.blank()
	if len(r.Checks) > 0 || r.Flips != nil || len(r.Notes) > 0 {
		p.checks(g)
		p.flips(r)
		if text := sinceAnchor(r, p.Rate); text != "" {
			p.hanging("since", plain, "", p.sign(text))
		}
		for _, note := range r.Notes {
			p.hanging("note", plain, "", p.sign(clean(note)))
		}
		p.blank()
	}
	p.summary(r)
	p.next(r, g)
	p.caveat(r)
	_, err := io.WriteString(w, p.b.String())
	return err
}

// Compact writes the one sentence, on one line however long it is, so that a
// script can read it.
func Compact(w io.Writer, r *result.Result, o Options) error {
	p := newPrinter(o)
	p.line(p.lead(p.sentence(r)))
	_, err := io.WriteString(w, p.b.String())
	return err
}

// printer collects the lines of one report.
type printer struct {
	Options
	b   strings.Builder
	pad int // width of the column of words, with its gap
}

func newPrinter(o Options) *printer {
	if o.Width == 0 {
		o.Width = defaultWidth
	}
	o.Width = max(o.Width, leastWidth)
	if o.Rate == nil {
		o.Rate = func(string) bool { return false }
	}
	return &printer{Options: o}
}

func (p *printer) line(s string) {
	p.b.WriteString(strings.TrimRight(s, " "))
	p.b.WriteByte('\n')
}

func (p *printer) blank() { p.b.WriteByte('\n') }

// indent is the space below a word.
func (p *printer) indent() string { return strings.Repeat(" ", p.pad) }

// wrapped writes text that breaks at words, under an indentation.
func (p *printer) wrapped(indent, text string) {
	for _, l := range wrap(text, p.Width-len(indent), p.dots()) {
		p.line(indent + l)
	}
}

// header says what was compared.
func (p *printer) header(r *result.Result) { p.heading(r, duration(r.Seconds)) }

// heading is a header that ends with a note, unless that is empty or there is
// no room for it.
func (p *printer) heading(r *result.Result, note string) {
	rows := counted(r.Data.Eval.Rows, "row")
	name := clean(r.Name)
	candidate, baseline := modelNames(r)
	models := pair(candidate, baseline, r.Baseline != nil)
	if withoutModels(r) {
		models, rows = tables(r)
	}
	const gap = "   "
	for _, parts := range [][]string{{name, models, rows, note}, {name, models, rows}, {name, models}} {
		if s := strings.TrimSuffix(strings.Join(parts, gap), gap); width(s) <= p.Width {
			p.line(p.bold(name) + s[len(name):])
			return
		}
	}
	if withoutModels(r) {
		p.line(p.bold(name) + gap + cut(models, p.Width-width(name)-len(gap), p.dots()))
		return
	}
	bare := width(pair("", "", r.Baseline != nil))
	short := cut(name, p.Width/4, p.dots())
	if rest := p.Width - width(short) - width(rows) - 2*len(gap); rest >= bare {
		p.line(p.bold(short) + gap + p.shortPair(candidate, baseline, r.Baseline != nil, rest) + gap + rows)
		return
	}
	name = cut(name, p.Width-bare-len(gap), p.dots())
	p.line(p.bold(name) + gap + p.shortPair(candidate, baseline, r.Baseline != nil, p.Width-width(name)-len(gap)))
}

// withoutModels says whether only tables were compared.
func withoutModels(r *result.Result) bool { return r.Candidate == nil && r.Data.Current != nil }

// tables names the two tables, and says how many rows they have.
func tables(r *result.Result) (names, rows string) {
	before, now := r.Data.Reference, r.Data.Current
	return clean(now.Path) + " against " + clean(before.Path), count(now.Rows) + " and " + counted(before.Rows, "row")
}

// pair names the two models.
func pair(candidate, baseline string, compared bool) string {
	if !compared {
		return "candidate" + candidate + ", no baseline"
	}
	return "candidate" + candidate + " vs baseline" + baseline
}

// shortPair names the two models in at most limit columns.
func (p *printer) shortPair(candidate, baseline string, compared bool, limit int) string {
	const least = 8 // columns that a path keeps or else goes
	room := limit - len(pair("", "", compared))
	if compared {
		room /= 2
	}
	if room < least {
		return pair("", "", compared)
	}
	return pair(cut(candidate, room, p.dots()), cut(baseline, room, p.dots()), compared)
}

// modelNames says where the answers of both models are, each after a space: in
// a file, or in a column of the evaluation set. Names of files are enough where
// they differ, and columns tell apart two models in one file.
func modelNames(r *result.Result) (candidate, baseline string) {
	c, b := modelOf(r.Candidate), modelOf(r.Baseline)
	if b.Accepted != "" {
		candidate, baseline = spaced(cmp.Or(fileName(c.Path), c.Score, c.Label)), spaced(cmp.Or(fileName(b.Path), b.Score, b.Label))
		if candidate == baseline && b.Number > 0 && !sameAnswers(r) { // a new candidate takes the place of the last in the same file
			baseline = " " + strconv.Itoa(b.Number)
		}
		return candidate, baseline + acceptedOn(b)
	}
	candidate, baseline = fileName(c.Path), fileName(b.Path)
	if candidate == baseline {
		candidate, baseline = c.Path, b.Path
	}
	if c.Path == b.Path {
		candidate, baseline = "", ""
	}
	return spaced(cmp.Or(candidate, c.Score, c.Label, c.Path)), spaced(cmp.Or(baseline, b.Score, b.Label, b.Path))
}

// acceptedOn is the day on which a stored baseline was accepted.
func acceptedOn(b result.Model) string {
	day, _, _ := strings.Cut(b.Accepted, "T")
	return " (accepted " + clean(day) + ")"
}

func modelOf(m *result.Model) result.Model {
	if m == nil {
		return result.Model{}
	}
	return *m
}

// fileName is the last element of a path, of no path nothing.
func fileName(p string) string {
	if p == "" {
		return ""
	}
	return path.Base(strings.TrimSuffix(p, "?***")) // what stands for the query of a URL
}

// spaced cleans a name and puts a space before it.
func spaced(s string) string {
	if s == "" {
		return ""
	}
	return " " + clean(s)
}

// hanging writes a word and, beside it, what it is about and text that wraps
// under both.
func (p *printer) hanging(word string, code sgr, head, text string) {
	if head != "" {
		if room := p.Width - p.pad; width(head)+len(gap)+width(text) > room {
			head = cut(head, room*2/3, p.dots())
		}
		head += gap
	}
	lines := wrapAfter(width(head), text, p.Width-p.pad, p.dots())
	if len(lines) == 0 {
		lines = []string{""}
	}
	for i, l := range lines {
		if i == 0 {
			p.line(p.word(word, code) + head + l)
			continue
		}
		p.line(p.indent() + l)
	}
}

// word writes a word in its column.
func (p *printer) word(word string, code sgr) string {
	return p.paint(code, word) + strings.Repeat(" ", max(0, p.pad-len(word)))
}

// sentence is the outcome: what the caller stored, or else derived now.
func (p *printer) sentence(r *result.Result) string {
	s := r.Summary
	if s == "" {
		s = Sentence(r, p.Rate)
	}
	return p.sign(clean(s))
}

func (p *printer) summary(r *result.Result) {
	for i, l := range wrap(p.sentence(r), p.Width, p.dots()) {
		if i == 0 {
			l = p.lead(l)
		}
		p.line(l)
	}
}

// lead sets off the first words of the sentence: red only where it blocks.
func (p *printer) lead(s string) string {
	for _, l := range []struct {
		text string
		code sgr
	}{{leadBlocked, red}, {leadError, red}, {leadPass, strong}, {leadUnsure, strong}, {leadNothing, strong}} {
		if rest, ok := strings.CutPrefix(s, l.text); ok {
			return p.paint(l.code, l.text) + rest
		}
	}
	return s
}
