package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/noworse/noworse/result"
)

// The first words of the sentence.
const (
	leadBlocked = "BLOCKED"
	leadError   = "ERROR"
	leadPass    = "PASS"
	leadUnsure  = "INCONCLUSIVE"
	leadNothing = "NOTHING DECIDED"
)

const (
	longestName = 48 // of a slice or a metric inside the sentence
	mostClauses = 3
)

// Sentence says how a run came out, and why, in one sentence. It follows the
// same order as the exit code: failed, could not run, could not tell, nothing
// passed, passed.
func Sentence(r *result.Result, rate func(string) bool) string {
	if rate == nil {
		rate = func(string) bool { return false }
	}
	text := speaker{r, sortOut(r.Checks), rate}.outcome()
	if sameAnswers(r) {
		text = strings.TrimSuffix(text, ".") + "; the two models give the same answer on every row."
	}
	if r.Only != "" {
		// A run of some of the checks must not read like a run of all.
		text = strings.TrimSuffix(text, ".") + "; only the checks that match " + name(clean(r.Only)) + " were run."
	}
	return text
}

func (s speaker) outcome() string {
	switch {
	case len(s.g.failed) > 0:
		return s.blocked()
	case len(s.g.errors) > 0:
		return s.failedToRun()
	case len(only(s.g.unsure, blocks)) > 0:
		return s.undecided()
	case len(s.deciding()) == 0:
		return s.nothing()
	case len(s.g.warned) > 0:
		return s.passedWithWarnings()
	}
	return s.passed()
}

type speaker struct {
	r    *result.Result
	g    groups
	rate func(string) bool
}

func (s speaker) blocked() string {
	text := leadBlocked + " by " + count(uint64(len(s.g.failed))) + ": " + s.troubles(s.g.failed)
	if n := len(s.g.errors); n > 0 {
		text += "; " + many(n, "check") + " could not run"
	}
	return text + "."
}

func (s speaker) failedToRun() string {
	text := leadError + ": "
	if n := len(s.g.errors); n > 1 {
		text += many(n, "check") + " could not run, the first is " + where(s.g.errors[0])
	} else {
		text += where(s.g.errors[0]) + " could not be checked"
	}
	return text + s.passing() + s.rest(len(s.g.warned), len(s.g.unsure)) + "."
}

// passing counts what passed, where that is not the news.
func (s speaker) passing() string {
	if n := len(s.g.passed); n > 0 {
		return "; " + many(n, "check") + " passed"
	}
	return ""
}

func (s speaker) undecided() string {
	list := only(s.g.unsure, blocks)
	first := where(list[0]) + s.numbers(list[0])
	text := leadUnsure + ": " + first + " is too close to its limit to tell"
	switch n := len(list); {
	case n > 1 && len(only(list, tooFew)) == n:
		text = leadUnsure + ": " + many(n, "check") + " have too few rows to tell anything, the first is " + first
	case n == 1 && tooFew(list[0]):
		text = leadUnsure + ": " + first + " has too few rows to tell anything"
	case n > 1 && len(only(list, weighed)) == n:
		text = leadUnsure + ": " + many(n, "check") + " look worse, and may be chance, the first is " + first
	case n > 1:
		text = leadUnsure + ": " + many(n, "check") + " are too close to their limits to tell, the first is " + first
	case weighed(list[0]):
		text = leadUnsure + ": " + first + " looks worse, and may be chance"
	}
	return text + s.passing() + s.rest(len(s.g.warned), len(s.g.unsure)-len(list)) + "."
}

// deciding is the checks that passed and make the run a pass: those that block,
// or any where none does.
func (s speaker) deciding() []*result.Check {
	for i := range s.r.Checks {
		if blocks(&s.r.Checks[i]) {
			return only(s.g.passed, blocks)
		}
	}
	return s.g.passed
}

func (s speaker) nothing() string {
	n := len(s.g.skipped)
	switch {
	case len(s.g.passed) > 0:
		return leadNothing + ": no check that blocks passed" + s.rest(len(s.g.warned), len(s.g.unsure)) +
			"; " + many(len(s.g.passed), "check") + " that only warn passed."
	case len(s.r.Checks) == 0:
		return leadNothing + ": there were no checks."
	case n == len(s.r.Checks) && s.r.Baseline == nil && s.r.Store != "":
		return leadNothing + ": no baseline was accepted yet; " + many(n, "check") + " skipped."
	case n == len(s.r.Checks) && s.r.Baseline == nil:
		return leadNothing + ": there is no baseline to compare with; " + many(n, "check") + " skipped."
	case n == len(s.r.Checks):
		return leadNothing + ": " + many(n, "check") + " skipped, none passed."
	}
	return leadNothing + ": no check passed" + s.rest(len(s.g.warned), len(s.g.unsure)) + "."
}

func (s speaker) passedWithWarnings() string {
	failed := only(s.g.warned, func(c *result.Check) bool { return c.Verdict == result.Fail })
	broken := only(s.g.warned, func(c *result.Check) bool { return c.Verdict != result.Fail })
	var facts []string
	if len(failed) > 0 {
		facts = append(facts, s.troubles(failed))
	}
	switch n := len(broken); n {
	case 0:
	case 1:
		facts = append(facts, where(broken[0])+" could not be checked")
	default:
		facts = append(facts, where(broken[0])+" and "+count(uint64(n-1))+" more could not be checked")
	}
	return leadPass + " with " + many(len(s.g.warned), "warning") + ": " + strings.Join(facts, "; ") +
		s.passing() + s.rest(0, len(s.g.unsure)) + "."
}

func (s speaker) passed() string {
	text := leadPass
	if s.r.Baseline == nil && !withoutModels(s.r) {
		text += " without a baseline"
	}
	var facts []string
	if c := s.headline(ofStep); c != nil && !worse(c) {
		facts = append(facts, s.overall(c))
	}
	worseFacts := s.worseFacts()
	facts = append(facts, worseFacts...)
	if len(worseFacts) == 0 {
		facts = append(facts, s.withinLimits())
	}
	return text + ": " + strings.Join(facts, "; ") + s.rest(0, len(s.g.unsure)) + "."
}

// withinLimits counts the checks that pass.
func (s speaker) withinLimits() string {
	switch n := len(s.g.passed); {
	case n == 1:
		return "1 check within its limit"
	case n == len(s.r.Checks):
		return "all " + many(n, "check") + " within their limits"
	default:
		return many(n, "check") + " within their limits"
	}
}

// worseFacts says what got worse although nothing failed: over the whole set,
// and for whom. Of many slices some look worse by chance, so a slice is spoken of
// only where that is no explanation after all of them are counted.
func (s speaker) worseFacts() []string {
	list := only(only(s.g.passed, worse), ofStep)
	whole, inSlices := only(list, onWhole), only(only(list, inSlice), outstanding)
	var facts []string
	switch n := len(metrics(whole)); n {
	case 0:
	case 1:
		facts = append(facts, name(metricName(whole[0]))+" worse"+overall(whole[0])+", within its limit"+s.numbers(whole[0]))
	default:
		worst := slices.MaxFunc(whole, func(a, b *result.Check) int { return cmp.Compare(harm(a), harm(b)) })
		facts = append(facts, many(n, "metric")+" worse overall, within their limits, most "+name(metricName(worst))+s.numbers(worst))
	}
	switch n := len(distinct(inSlices)); n {
	case 0:
	case 1:
		facts = append(facts, name(metricName(inSlices[0]))+" worse for "+name(clean(inSlices[0].Slice))+", within its limit"+s.numbers(inSlices[0]))
	default:
		facts = append(facts, many(n, "slice")+" worse, within their limits, most "+name(clean(inSlices[0].Slice))+
			" in "+name(metricName(inSlices[0]))+s.numbers(inSlices[0]))
	}
	return facts
}

// headline is the first check of the whole set, in the order of the spec, that
// knows its better side and satisfies a condition; nil if there is none.
func (s speaker) headline(keep func(*result.Check) bool) *result.Check {
	for i := range s.r.Checks {
		c := &s.r.Checks[i]
		if _, sided := worsening(c); sided && onWhole(c) && c.Verdict == result.Pass && keep(c) {
			return c
		}
	}
	return nil
}

// overall says which way the whole set went, of a check that passed.
func (s speaker) overall(c *result.Check) string {
	w, _ := worsening(c)
	metric := name(metricName(c))
	switch {
	case w != 0 && weighed(c) && !c.Evidence.Worse && c.Interval != nil && c.Interval[0] <= 0 && c.Interval[1] >= 0:
		return metric + " not measurably changed overall" + s.changed(c)
	case w > 0:
		return metric + " worse" + overall(c) + ", within its limit" + s.numbers(c)
	case w < 0:
		return metric + " better overall" + s.changed(c)
	}
	return metric + " unchanged overall"
}

// rest counts what else did not pass. What was not decided is part of the
// sentence: a pass is never more than it is.
func (s speaker) rest(warned, unsure int) string {
	var text string
	if warned > 0 {
		text += "; " + many(warned, "warning")
	}
	if unsure > 0 {
		text += "; " + many(unsure, "check") + " undecided"
	}
	if n := len(s.g.skipped); n > 0 {
		text += "; " + many(n, "check") + " skipped"
	}
	return text
}

// changed is the change of a check, in brackets after a space.
func (s speaker) changed(c *result.Check) string {
	f := figuresOf(c, s.rate)
	v, ok := finite(c.Change)
	if !ok {
		return ""
	}
	return " (" + f.change.signed(v) + f.change.unit() + ")"
}

// numbers is the change and the limit of a check, in brackets after a space.
func (s speaker) numbers(c *result.Check) string {
	f := figuresOf(c, s.rate)
	var parts []string
	if _, ok := margin(c); !ok {
		if v, ok := finite(c.Candidate); ok {
			parts = append(parts, f.value.withUnit(v))
		}
	} else if v, ok := finite(c.Change); ok {
		parts = append(parts, f.change.signed(v)+f.change.unit())
	}
	if text := limitText(c, f); text != "" {
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// where names a check: its metric, and for whom.
func where(c *result.Check) string {
	since := ""
	if isTotal(c) {
		since = " since the anchor"
	}
	if c.Slice == "" {
		return name(metricName(c)) + overall(c) + since
	}
	return name(metricName(c)) + " for " + name(clean(c.Slice)) + since
}

// name is cleaned text, short enough for a sentence.
func name(s string) string { return cut(s, longestName, "…") }
