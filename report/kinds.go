package report

import (
	"slices"

	"github.com/noworse/noworse/result"
)

// ofItsOwn says whether a check is of no metric, but of something with a name of
// its own: a behavior, a column that drifted, a latency. Its kind stands where
// metrics do, and its name where slices do.
func ofItsOwn(c *result.Check) bool {
	return slices.Contains([]string{"behavior", "drift", "contract", "latency", "memory", "parity", "data"}, c.Kind)
}

// ofColumn says whether a check is of one column of the data.
func ofColumn(c *result.Check) bool {
	return (c.Kind == "drift" || c.Kind == "contract") && c.ID != c.Kind
}

// lower is the lower limit on the value itself, or nil. That all must pass is said
// by no number.
func lower(c *result.Check) *float64 {
	if r := c.Rule.PassRate; r != nil && *r < 1 {
		return r
	}
	return c.Rule.Min
}

// failing writes more of the cases or rows that a behavior failed on: the first is
// in its reason.
func (p *printer) failing(c *result.Check) {
	list := c.Details.Behavior.Failing
	for _, e := range list[min(1, len(list)):min(mostExamples, len(list))] {
		lines := wrap(clean(e.ID)+", "+p.sign(clean(e.Why)), p.Width-p.pad, p.dots())
		for _, l := range lines {
			p.line(p.indent() + p.paint(faint, l))
		}
	}
}

// failingTable is the cases or rows that behaviors failed on.
func (m *page) failingTables(list []*result.Check) {
	for _, c := range list {
		b := c.Details.Behavior
		if b == nil || len(b.Failing) == 0 || c.Verdict == result.Pass {
			continue
		}
		title := "Not as expected: " + code(c.Name)
		if n := b.Asked - b.Passed; n > uint64(len(b.Failing)) {
			title += " (" + count(uint64(len(b.Failing))) + " of " + count(n) + ")"
		}
		m.fold(title)
		m.block("| | what happened |", "|:--|:--|")
		m.list(len(b.Failing), func(i int) string {
			e := b.Failing[i]
			return "| " + code(e.ID) + " | " + prose(clean(e.Why)) + " |"
		})
		m.unfold()
	}
}
