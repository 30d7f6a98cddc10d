package report

import (
	"cmp"
	"encoding/xml"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/noworse/noworse/result"
)

// JUnit writes the result as JUnit XML, as GitLab, Jenkins and the actions of
// GitHub read it: a suite for each family of checks, a case for each check.
// What does not block never fails a case, and a run that does not pass always
// has a case that does not.
func JUnit(w io.Writer, r *result.Result, rate func(string) bool) error {
	p := newPrinter(Options{Rate: rate})
	return writeXML(w, p.junit(r))
}

type junitSuites struct {
	XMLName xml.Name `xml:"testsuites"`
	Name    string   `xml:"name,attr"`
	junitCounts
	Suites []junitSuite `xml:"testsuite"`
}

// junitCounts is what both levels count; the schemas in use have skipped for
// suites alone.
type junitCounts struct {
	Tests    int    `xml:"tests,attr"`
	Failures int    `xml:"failures,attr"`
	Errors   int    `xml:"errors,attr"`
	Time     string `xml:"time,attr"`
}

type junitSuite struct {
	Name string `xml:"name,attr"`
	junitCounts
	Skipped   int         `xml:"skipped,attr"`
	Timestamp string      `xml:"timestamp,attr,omitempty"`
	Cases     []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Skipped *junitTrouble `xml:"skipped"`
	Error   *junitTrouble `xml:"error"`
	Failure *junitTrouble `xml:"failure"`
	Out     *junitText    `xml:"system-out"`
}

// junitTrouble is a failure, an error, or why a check was skipped.
type junitTrouble struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Body    string `xml:",cdata"`
}

type junitText struct {
	Body string `xml:",cdata"`
}

// families are the suites, in the order of the checks.
var families = []struct{ key, name string }{{"whole", "whole set"}, {"named", "named slices"}, {"by", "slices by column"}, {"gap", "gaps between slices"}, {"anchor", "since the anchor"}, {"flips", "flips"}, {"behavior", "behavior"}, {"drift", "drift"}, {"contract", "contract"}, {"latency", "latency"}, {"memory", "memory"}, {"parity", "parity"}, {"data", "data"}}

func familyOf(c *result.Check) string {
	switch {
	case c.Evidence != nil && c.Evidence.Family != "":
		return c.Evidence.Family
	case ofItsOwn(c):
		return c.Kind
	case c.Slice == "":
		return "whole"
	case strings.Contains(c.Slice, "="):
		return "by"
	}
	return "named"
}

// junit sorts the checks into suites. All rows are read once for all checks, so
// the time of the run stands at its first suite and no case has one of its own.
func (p *printer) junit(r *result.Result) junitSuites {
	doc := junitSuites{Name: xmlText(r.Name)}
	class := "noworse." + xmlText(r.Name)
	for i, f := range families {
		s := junitSuite{Name: xmlText(r.Name) + ": " + f.name, Timestamp: junitStart(r.Started)}
		for k := range r.Checks {
			c := &r.Checks[k]
			if family := familyOf(c); family == f.key || i == len(families)-1 && !known(family) {
				s.Cases = append(s.Cases, p.junitCase(c, class))
			}
		}
		doc.Suites = append(doc.Suites, s)
	}
	if only := p.runCase(r, class); only != nil {
		doc.Suites[0].Cases = append([]junitCase{*only}, doc.Suites[0].Cases...)
	}
	doc.finish(r.Seconds)
	return doc
}

func known(family string) bool {
	for _, f := range families {
		if f.key == family {
			return true
		}
	}
	return false
}

// runCase is the run itself as a case, where no check says that it does not
// pass: all are skipped, or there are none. An empty report would look green.
func (p *printer) runCase(r *result.Result, class string) *junitCase {
	for i := range r.Checks {
		if c := &r.Checks[i]; blocks(c) && c.Verdict != result.Pass && c.Verdict != result.Skipped {
			return nil
		}
	}
	if r.Exit == 0 {
		return nil
	}
	return &junitCase{Class: class, Name: "verdict", Time: "0", Failure: &junitTrouble{Message: xmlChars(p.sentence(r)), Type: string(result.Inconclusive)}}
}

// finish drops suites without a case, and counts.
func (d *junitSuites) finish(seconds float64) {
	suites := d.Suites
	d.Suites = nil
	d.Time = junitTime(seconds)
	for _, s := range suites {
		if len(s.Cases) == 0 {
			continue
		}
		s.Time = "0"
		if len(d.Suites) == 0 {
			s.Time = d.Time
		}
		for _, c := range s.Cases {
			s.count(c)
		}
		d.Tests += s.Tests
		d.Failures += s.Failures
		d.Errors += s.Errors
		d.Suites = append(d.Suites, s)
	}
}

func (n *junitSuite) count(c junitCase) {
	n.Tests++
	switch {
	case c.Failure != nil:
		n.Failures++
	case c.Error != nil:
		n.Errors++
	case c.Skipped != nil:
		n.Skipped++
	}
}

func junitTime(seconds float64) string {
	if !(seconds >= 0 && seconds < 1e9) {
		seconds = 0
	}
	return strconv.FormatFloat(seconds, 'f', 3, 64)
}

// junitStart is a time without its zone, as the schemas want it; "" where there
// is none.
func junitStart(started string) string {
	t, err := time.Parse(time.RFC3339, started)
	if err != nil {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05")
}

// junitCase is one check.
func (p *printer) junitCase(c *result.Check, class string) junitCase {
	out := junitCase{Class: class, Name: xmlText(c.ID), Time: "0"}
	reason := xmlText(cmp.Or(c.Reason, how(c)))
	trouble := &junitTrouble{Message: reason, Body: p.junitBody(c)}
	switch {
	case c.Verdict == result.Pass:
	case c.Verdict == result.Skipped:
		out.Skipped = &junitTrouble{Message: reason}
	case !blocks(c):
		out.Out = &junitText{Body: "WARN: " + xmlChars(p.reason(c)) + "\n" + trouble.Body}
	case c.Verdict == result.Fail, c.Verdict == result.Inconclusive:
		trouble.Type = string(c.Verdict)
		out.Failure = trouble
	default:
		trouble.Type = string(result.Error)
		out.Error = trouble
	}
	return out
}

// junitBody is the numbers of a check, a line for each.
func (p *printer) junitBody(c *result.Check) string {
	r := p.rowOf(c)
	var line, needed string
	if weighed(c) && (c.Verdict == result.Fail || c.Verdict == result.Inconclusive) {
		line = evidenceLine(c)
	}
	if c.RowsNeeded > 0 {
		needed = "about " + about(c.RowsNeeded) + " to prove the limit kept"
	}
	before := "baseline"
	if isTotal(c) {
		before = "anchor"
	}
	var b strings.Builder
	for _, l := range []struct{ name, value string }{
		{"metric", metricName(c)}, {"slice", placeName(c)}, {before, r.baseline}, {"candidate", r.candidate},
		{"change", r.change + r.unit}, {"interval", intervalText(c, r)}, {"in total", cumulative(c, figuresOf(c, p.Rate))}, {"limit", allowed(c, r)}, {"rows", rowCount(c)},
		{"rows needed", needed}, {"evidence", line}, {"rule", clean(c.Rule.At)},
		{"newly wrong", exampleIDs(c)},
	} {
		if l.value != "" {
			b.WriteString(left(l.name, len("newly wrong")) + gap + l.value + "\n")
		}
	}
	return xmlChars(b.String())
}

// intervalText is the interval with its unit and how sure it is.
func intervalText(c *result.Check, r row) string {
	text := r.interval + r.unit
	switch {
	case r.likely != "":
		text = r.likely
	case r.interval == "":
		return ""
	}
	return text + " (" + format{rate: true}.withUnit(c.Confidence) + ")"
}

// allowed is the limit beside a name for it, with its unit.
func allowed(c *result.Check, r row) string {
	if bounded(c) || r.limit == "" {
		return r.limit
	}
	_, text, _ := strings.Cut(r.limit, " ")
	return text + r.unit
}

func rowCount(c *result.Check) string {
	if c.Rows == nil {
		return ""
	}
	return count(*c.Rows)
}

// exampleIDs is the ids of rows that became wrong.
func exampleIDs(c *result.Check) string {
	if c.Details.Flips == nil {
		return ""
	}
	var ids []string
	for _, e := range c.Details.Flips.Examples {
		ids = append(ids, visible(e.ID))
	}
	return strings.Join(ids, ", ")
}

// xmlText is cleaned text of characters that XML may hold.
func xmlText(s string) string { return xmlChars(clean(s)) }

// xmlChars drops the two characters that XML cannot hold and clean lets through.
func xmlChars(s string) string {
	return strings.Map(func(r rune) rune {
		if r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, s)
}
