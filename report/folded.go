package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/noworse/noworse/result"
)

// fold starts a part that is shown on demand. Inside, Markdown begins after an
// empty line.
func (m *page) fold(title string) { m.block("<details><summary>" + title + "</summary>") }

func (m *page) unfold() { m.block("</details>") }

// rest is the checks that the first table has not.
func (m *page) rest(troubles []*result.Check, g groups) {
	more := troubles[min(mostTroubles, len(troubles)):]
	list := append(more[:len(more):len(more)], g.passed...)
	if len(list) == 0 {
		return
	}
	m.fold(restTitle(len(more), g.passed))
	m.block(tableHead...)
	shown := m.list(len(list), func(i int) string { return m.tableRow(list[i]) })
	m.leftOut(len(list) - shown)
	m.unfold()
}

func restTitle(more int, passed []*result.Check) string {
	var parts []string
	if more > 0 {
		parts = append(parts, many(more, "more check")+" that did not pass")
	}
	if n := len(passed); n > 0 {
		parts = append(parts, many(n, "check")+" passed"+notes(passed))
	}
	return strings.Join(parts, "; ")
}

// leftOut says how much there was no room for.
func (m *page) leftOut(n int) {
	if n > 0 {
		m.block(many(n, "check") + " left out here: the JSON result has all of them.")
	}
}

// skipped lists what was not checked, by reason.
func (m *page) skipped(list []*result.Check) {
	if len(list) == 0 {
		return
	}
	m.fold(many(len(list), "check") + " skipped")
	m.block()
	lists := byReason(list)
	shown := m.list(len(lists), func(i int) string {
		return "- " + prose(cmp.Or(lists[i][0].Reason, "no reason given")) + ": " + skippedNames(lists[i])
	})
	m.leftOut(len(slices.Concat(lists[shown:]...)))
	m.unfold()
}

// skippedNames is what was skipped for one reason: metrics of the whole set,
// and the first slices.
func skippedNames(list []*result.Check) string {
	var names []string
	for _, c := range only(list, onWhole) {
		names = append(names, code(label(c)))
	}
	for _, c := range distinct(only(list, inSlice)) {
		names = append(names, code(c.Slice)+rowsNote(c))
	}
	if n := len(names) - mostSkipped; n > 0 {
		names = append(names[:mostSkipped], "and "+count(uint64(n))+" more")
	}
	return strings.Join(names, ", ")
}

const mostSkipped = 20

// provenance says what exactly was compared, and by what.
func (m *page) provenance(r *result.Result) {
	m.fold("What was compared")
	m.block()
	if r.Spec.Path != "" {
		m.line("- spec: " + code(r.Spec.Path) + digest("sha256", r.Spec.SHA256))
	}
	if !withoutModels(r) {
		m.line("- evaluation set: " + evaluated(r) + digest("fingerprint", r.Data.Eval.Fingerprint))
	}
	for _, table := range []struct {
		role string
		*result.Table
	}{{"reference", r.Data.Reference}, {"current", r.Data.Current}} {
		if table.Table != nil {
			m.line("- " + table.role + ": " + code(table.Path) + ", " + counted(table.Rows, "row"))
		}
	}
	for _, model := range []struct {
		role string
		*result.Model
	}{{"candidate", r.Candidate}, {"baseline", r.Baseline}, {"anchor", r.Anchor}} {
		if model.Model != nil {
			m.line("- " + model.role + ": " + source(model.Model) + digest("fingerprint", model.Fingerprint))
		}
	}
	line := "- noworse"
	if r.Tool.Version != "" {
		line += " " + code(r.Tool.Version)
	}
	if r.Started != "" {
		line += ", " + code(r.Started)
	}
	m.line(line + ", " + duration(r.Seconds))
	m.unfold()
}

// source is the form of a model, and where its answers are.
func source(model *result.Model) string {
	text := code(model.Form)
	if model.Path != "" {
		text += " " + code(model.Path)
	}
	for _, c := range []struct{ what, name string }{{"labels", model.Label}, {"scores", model.Score}} {
		if c.name != "" {
			text += ", " + c.what + " in " + code(c.name)
		}
	}
	return text
}

func digest(what, value string) string {
	if value == "" {
		return ""
	}
	return ", " + what + " " + code(value)
}
