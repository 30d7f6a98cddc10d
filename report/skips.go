package report

import (
	"strings"

	"github.com/noworse/noworse/result"
)

// skips writes one line for all checks that were skipped for the same reason.
func (p *printer) skips(skipped []*result.Check) {
	lists := byReason(skipped)
	shown := len(lists)
	if !p.All {
		shown = min(shown, mostOther)
	}
	for _, list := range lists[:shown] {
		p.skip(list)
	}
	rest := 0
	for _, list := range lists[shown:] {
		rest += len(list)
	}
	if rest > 0 {
		p.hinted(wordSkip, plain, many(rest, "more check"))
	}
}

// byReason groups checks by reason, in the order in which reasons appear.
func byReason(checks []*result.Check) [][]*result.Check {
	at := map[string]int{}
	var out [][]*result.Check
	for _, c := range checks {
		i, ok := at[c.Reason]
		if !ok {
			i = len(out)
			at[c.Reason] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], c)
	}
	return out
}

// skip writes what was skipped, why, and as many names as the line holds.
func (p *printer) skip(list []*result.Check) {
	what, why := p.skippedWhat(list), p.sign(clean(list[0].Reason))
	slices := distinct(only(list, inSlice))
	if len(slices) < 2 {
		p.hanging(wordSkip, plain, what, why)
		return
	}
	names := make([]string, len(slices))
	for i, c := range slices {
		names[i] = clean(c.Slice) + rowsNote(c)
	}
	if p.All {
		p.hanging(wordSkip, plain, what, why+": "+strings.Join(names, ", "))
		return
	}
	p.someNames(wordSkip, plain, what, why, names)
}

// undecided writes one line for all slices that look worse on too few rows to
// tell, and are not worth a line of their own.
func (p *printer) undecided(unsure []*result.Check) {
	list := only(unsure, func(c *result.Check) bool { return !suspect(c) })
	if p.All || len(list) == 0 {
		return
	}
	var names []string
	for _, c := range distinct(list) {
		names = append(names, clean(c.Slice)+rowsNote(c))
	}
	p.someNames(wordMaybe, yellow, many(len(names), "slice"), "too few rows to tell", names)
}

// someNames writes the names that fit beside a reason, then how to see the rest.
func (p *printer) someNames(word string, code sgr, what, why string, names []string) {
	text := what + gap + why
	const hint = "   --all lists them"
	more := ", " + p.dots()
	room := p.Width - p.pad - width(text) - len(": ")
	if all := strings.Join(names, ", "); width(all) <= room {
		p.line(p.word(word, code) + text + ": " + all)
		return
	}
	room -= width(more) + len(hint)
	n, used := 0, 0
	for n < len(names) && used+width(names[n]) <= room {
		used += width(names[n]) + len(", ")
		n++
	}
	switch {
	case n > 0:
		text += ": " + strings.Join(names[:n], ", ") + more
	case room+width(more)+len(": ") < 0:
		p.hanging(word, code, what, why)
		return
	}
	p.line(p.word(word, code) + text + p.paint(faint, hint))
}

// skippedWhat counts what was skipped: metrics of the whole set by name, slices
// by number.
func (p *printer) skippedWhat(list []*result.Check) string {
	whole, slices := metrics(only(list, onWhole)), distinct(only(list, inSlice))
	var parts []string
	switch {
	case len(whole) > 2:
		what := "metric"
		if len(only(list, ofItsOwn)) > 0 { // times and memory are none
			what = "check"
		}
		parts = append(parts, many(len(whole), what))
	case len(whole) > 0:
		parts = append(parts, strings.Join(whole, ", "))
	}
	switch {
	case len(slices) == 1 && len(list) == 1:
		parts = append(parts, metricName(slices[0])+" for "+clean(slices[0].Slice)+rowsNote(slices[0]))
	case len(slices) == 1:
		parts = append(parts, clean(slices[0].Slice)+rowsNote(slices[0]))
	case len(slices) > 1:
		parts = append(parts, many(len(slices), "slice"))
	}
	return strings.Join(parts, " and ")
}

// metrics is the names of the metrics of checks, each once.
func metrics(checks []*result.Check) []string {
	seen := map[string]bool{}
	var out []string
	for _, c := range checks {
		if name := metricName(c); !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
	}
	return out
}
