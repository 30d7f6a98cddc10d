package report

import (
	"strings"

	"github.com/noworse/noworse/result"
)

// trouble is the failing checks of one metric that fail in the same way. They
// make one clause of the sentence.
type trouble struct {
	metric, how string
	checks      []*result.Check
}

// troublesOf groups failing checks, in their order.
func troublesOf(checks []*result.Check) []trouble {
	var out []trouble
	at := map[[2]string]int{}
	for _, c := range checks {
		key := [2]string{metricName(c), how(c)}
		if ofColumn(c) {
			key[0] = c.Kind
		}
		i, ok := at[key]
		if !ok {
			i = len(out)
			at[key] = i
			out = append(out, trouble{metric: key[0], how: key[1]})
		}
		out[i].checks = append(out[i].checks, c)
	}
	return out
}

// how says in which way a check fails. A value below its minimum is not
// necessarily worse than the baseline's.
func how(c *result.Check) string {
	switch {
	case isTotal(c) && limited(c).change == nil:
		return "worse since the anchor"
	case isTotal(c):
		return "changed too much since the anchor"
	case limited(c).drop != nil || limited(c).rise != nil:
		return "worse"
	case limited(c).change != nil:
		return "changed too much"
	case c.Kind == "behavior":
		return "not as expected"
	case c.Kind == "parity":
		return "differ"
	case ofColumn(c):
		return map[string]string{"drift": "drifted", "contract": "broke the contract"}[c.Kind]
	case c.Rule.Min != nil:
		return "too low"
	case upper(c) != nil:
		return "too high"
	}
	return "failed"
}

// troubles says what failed and for whom, the worst of each first.
func (s speaker) troubles(checks []*result.Check) string {
	list := troublesOf(checks)
	var clauses []string
	for i, t := range list {
		if i == mostClauses {
			rest := 0
			for _, t := range list[i:] {
				rest += len(t.checks)
			}
			clauses = append(clauses, many(rest, "more check"))
			break
		}
		clauses = append(clauses, s.clause(t))
	}
	return strings.Join(clauses, "; ")
}

// clause says of one metric what happened overall and for which slices.
func (s speaker) clause(t trouble) string {
	if ofColumn(t.checks[0]) {
		return namesOf(t.checks) + " " + t.how
	}
	if d := t.checks[0].Details.Drifted; d != nil {
		return count(uint64(d.Drifted)) + " of " + many(d.Compared, "feature") + " drifted"
	}
	if t.checks[0].Details.Contract != nil {
		return "the number of rows broke the contract"
	}
	var parts []string
	lead := name(t.metric) + " "
	if ofItsOwn(t.checks[0]) {
		lead = `"` + name(t.metric) + `" `
	}
	whole := only(t.checks, onWhole)
	if len(whole) > 0 {
		parts = append(parts, lead+t.how+overall(whole[0])+s.numbers(whole[0]))
		lead = "and "
	} else if c := s.headline(func(c *result.Check) bool { return metricName(c) == t.metric && ofStep(c) }); c != nil {
		parts = append(parts, s.overall(c)+",")
		lead = ""
		if w, _ := worsening(c); w > 0 && t.how == "worse" {
			lead = "and "
		}
	}
	if text := s.slicesOf(t); text != "" {
		if lead != "and " || len(whole) == 0 {
			lead += t.how + " "
		}
		parts = append(parts, lead+text)
	}
	return strings.Join(parts, " ")
}

// namesOf lists the columns of checks.
func namesOf(checks []*result.Check) string {
	const most = 3
	var names []string
	for _, c := range checks[:min(most, len(checks))] {
		names = append(names, name(clean(c.Name)))
	}
	if rest := len(checks) - len(names); rest > 0 {
		return strings.Join(names, ", ") + " and " + count(uint64(rest)) + " more"
	}
	return enumerate(names)
}

func enumerate(names []string) string {
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}

// overall is said of the whole set; a gap's name says what it is between.
func overall(c *result.Check) string {
	if len(c.By) > 0 || ofItsOwn(c) {
		return ""
	}
	return " overall"
}

// slicesOf says for which slices: the one, or how many and the worst of them.
func (s speaker) slicesOf(t trouble) string {
	checks := only(t.checks, inSlice)
	switch n := len(distinct(checks)); n {
	case 0:
		return ""
	case 1:
		return "for " + name(clean(checks[0].Slice)) + s.numbers(checks[0])
	default:
		return "for " + many(n, "slice") + ", most for " + name(clean(checks[0].Slice)) + s.numbers(checks[0])
	}
}
