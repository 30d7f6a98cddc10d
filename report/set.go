package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/noworse/noworse/result"
)

// Several specs at once: each has a short report of its own, and the set an
// overview. A run goes by the path of its spec, since specs in directories of
// their own often have one name.

// titled is a run's result under the path of its spec.
func titled(run result.Run) *result.Result {
	r := *run.Result
	r.Name = run.Spec
	return &r
}

// Brief writes the report of one run among several: what keeps it from
// shipping and the sentence, without what the overview says for all.
func Brief(w io.Writer, run result.Run, o Options) error {
	if o.Quiet || run.Result == nil {
		return nil // the overview has it
	}
	r, p := titled(run), newPrinter(o)
	g := sortOut(r.Checks)
	p.pad = wordWidth(g, r.Flips != nil)
	p.heading(r, "")
	if len(g.troubles()) > 0 || p.All {
		p.checks(g)
		p.flips(r)
	}
	p.summary(r)
	if r.Exit != 0 {
		p.next(r, g)
	}
	p.blank()
	_, err := io.WriteString(w, p.b.String())
	return err
}

// outcomes are how runs come out, the worst first, in words.
var outcomes = []struct {
	verdict          result.Verdict
	word, lead, many string
	mark             string // in Markdown
	code             sgr
}{
	{result.Fail, "FAIL", leadBlocked, "blocked", "■ **FAIL**", red},
	{result.Error, "ERROR", leadError, "with an error", "■ **ERROR**", red},
	{result.Inconclusive, "UNSURE", leadUnsure, "undecided", "○ UNSURE", yellow},
	{result.Pass, "ok", leadPass, "passed", "● ok", plain},
}

// SetSentence says how a set of runs came out.
func SetSentence(s *result.Set) string {
	var parts []string
	lead := leadUnsure
	for _, o := range slices.Backward(outcomes) {
		if n := s.Count(o.verdict); n > 0 {
			lead = o.lead
			parts = append(parts, count(uint64(n))+" "+o.many)
		}
	}
	slices.Reverse(parts)
	return lead + ": of " + many(len(s.Runs), "spec") + ", " + strings.Join(parts, ", ") + "."
}

// sortedRuns goes through the runs of a set, the worst first.
func sortedRuns(s *result.Set, f func(result.Run, int)) {
	for i, o := range outcomes {
		for _, run := range s.Runs {
			if run.Outcome() == o.verdict {
				f(run, i)
			}
		}
	}
}

// SetText writes the overview of a set: a line and a sentence for each spec,
// the worst first, and one sentence for all.
func SetText(w io.Writer, s *result.Set, o Options) error {
	p := newPrinter(o)
	p.pad = len("UNSURE") + len(gap)
	sortedRuns(s, func(run result.Run, i int) {
		out := outcomes[i]
		if p.Quiet {
			p.line(p.word(out.word, out.code) + clean(run.Spec) + ": " + p.runSentence(run))
			return
		}
		p.line(p.word(out.word, out.code) + cut(clean(run.Spec), p.Width-p.pad, p.dots()))
		p.wrapped(p.indent(), p.runSentence(run))
	})
	if !p.Quiet {
		p.blank()
	}
	for _, l := range p.setLines(s) {
		p.line(p.lead(l))
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}

func (p *printer) setLines(s *result.Set) []string {
	if p.Quiet {
		return []string{SetSentence(s)}
	}
	return wrap(SetSentence(s), p.Width, p.dots())
}

// runSentence is the sentence of a run, or the first line of why it could not
// start: the whole message has been told.
func (p *printer) runSentence(run result.Run) string {
	if run.Result != nil {
		return p.sentence(run.Result)
	}
	first, _, _ := strings.Cut(run.Error, "\n")
	first = place.ReplaceAllString(strings.TrimPrefix(first, run.Spec), "line $1: ")
	return p.sign("it could not start: " + clean(first))
}

// place is where in its spec a problem is, after the path.
var place = regexp.MustCompile(`^:([0-9]+):[0-9]+: `)

// MarkdownSet writes the runs of a set as one comment: the sentence for all, a
// table of the specs, and a part for each as long as there is room.
func MarkdownSet(w io.Writer, s *result.Set, rate func(string) bool) error {
	m := &page{printer: newPrinter(Options{Rate: rate, All: true}), most: mostMarkdown}
	m.sentenceBlock(SetSentence(s))
	m.block("| | spec | outcome |", "|:--|:--|:--|")
	shown, left := 0, 0
	sortedRuns(s, func(run result.Run, i int) {
		line := "| " + outcomes[i].mark + " | " + code(run.Spec) + " | " + cell(prose(m.runSentence(run))) + " |"
		if m.b.Len()+len(line) > mostMarkdown/2 {
			left++
			return
		}
		shown++
		m.line(line)
	})
	if left > 0 {
		m.block(many(left, "spec") + " left out here: the JSON result has all of them.")
	}
	m.parts(s)
	_, err := io.WriteString(w, m.b.String())
	return err
}

// cell keeps a sentence inside its cell of a table.
func cell(s string) string { return strings.ReplaceAll(s, "|", "&#124;") }

// parts writes the report of each run that has one, each with an equal share
// of the room; what does not fit is left out whole.
func (m *page) parts(s *result.Set) {
	share := (mostMarkdown - m.b.Len()) / len(s.Runs)
	left := 0
	sortedRuns(s, func(run result.Run, _ int) {
		if run.Result == nil {
			return
		}
		part := &page{printer: newPrinter(m.Options), most: share}
		part.report(titled(run))
		text := "\n### " + code(run.Spec) + "\n\n" + part.b.String()
		if m.b.Len()+len(text) > mostMarkdown-len(leftOutNote)-100 {
			left++
			return
		}
		m.b.WriteString(text)
	})
	if left > 0 {
		m.block(many(left, "report") + leftOutNote)
	}
}

const leftOutNote = " left out here, for length: the JSON result has all of them."

// JUnitSet writes the runs of a set as one document: suites for each spec, and
// for one that could not start a suite with a single case, which is an error.
func JUnitSet(w io.Writer, s *result.Set, rate func(string) bool) error {
	p := newPrinter(Options{Rate: rate})
	all := junitSuites{Name: "noworse"}
	seconds := 0.0
	for _, run := range s.Runs {
		doc := p.notStarted(run)
		if run.Result != nil {
			doc = p.junit(titled(run))
			seconds += run.Result.Seconds
		}
		all.Suites = append(all.Suites, doc.Suites...)
		all.Tests += doc.Tests
		all.Failures += doc.Failures
		all.Errors += doc.Errors
	}
	all.Time = junitTime(seconds)
	return writeXML(w, all)
}

// notStarted is a run without a result.
func (p *printer) notStarted(run result.Run) junitSuites {
	doc := junitSuites{Suites: []junitSuite{{Name: xmlText(run.Spec), Cases: []junitCase{{
		Class: "noworse." + xmlText(run.Spec), Name: "start", Time: "0",
		Error: &junitTrouble{Message: xmlChars(p.runSentence(run)), Type: string(result.Error), Body: xmlLines(run.Error)},
	}}}}}
	doc.finish(0)
	return doc
}

// xmlLines is xmlText of a message of several lines.
func xmlLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = xmlText(l)
	}
	return strings.Join(lines, "\n")
}

func writeXML(w io.Writer, doc junitSuites) error {
	var b strings.Builder
	b.WriteString(xml.Header)
	e := xml.NewEncoder(&b)
	e.Indent("", "  ")
	if err := e.Encode(doc); err != nil {
		return fmt.Errorf("the result cannot be written as JUnit XML: %w", err)
	}
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err
}
