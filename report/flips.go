package report

import (
	"slices"
	"strconv"

	"github.com/noworse/noworse/result"
)

// flips says how many rows changed sides over the whole set, and what stands out.
func (p *printer) flips(r *result.Result) {
	if r.Flips == nil {
		return
	}
	p.hanging("flips", plain, "", flipCounts(r))
	for _, fact := range flipFacts(r, func(slice string) string { return name(clean(slice)) }) {
		p.wrapped(p.indent(), p.sign(fact))
	}
	if c := r.Flips.ConfidentErrors; p.All && c != nil {
		p.exampleRows(withTruth(c.Examples))
	}
}

// withTruth adds the true label to the ids of rows, where neither answer tells it.
func withTruth(examples []result.Example) []result.Example {
	out := slices.Clone(examples)
	for i, e := range out {
		out[i].ID = visible(e.ID) + " (is " + visible(e.Label) + ")"
	}
	return out
}

func flipCounts(r *result.Result) string {
	return counted(r.Flips.Negative, "row") + " newly wrong, " + count(r.Flips.Positive) + " newly right (of " + count(pairedRows(r)) + ")"
}

// pairedRows is how many rows both models answered.
func pairedRows(r *result.Result) uint64 {
	if c := r.Data.Eval.Changes; c != nil {
		return c.Shared
	}
	return r.Data.Eval.Rows
}

// flipFacts are where flips gather, and how many errors are made with a
// confidence that they were not made with before. named writes a slice's name.
func flipFacts(r *result.Result, named func(string) string) []string {
	var facts []string
	if c := r.Flips.Concentration; c != nil && len(c.Slices) > 0 {
		facts = append(facts, gathering(r, c, named))
	}
	if c := r.Flips.ConfidentErrors; c != nil && c.Count > 0 {
		are := " are"
		if c.Count == 1 {
			are = " is"
		}
		facts = append(facts, counted(c.Count, "row")+are+" wrong with a confidence above "+strconv.FormatFloat(c.Above, 'g', -1, 64)+" and not so before")
	}
	return facts
}

// gathering names the slice with the most flips beyond its share.
func gathering(r *result.Result, c *result.Concentration, named func(string) string) string {
	first := c.Slices[0]
	text := "newly wrong rows gather in " + named(first.Slice)
	if more := c.Found - 1; more > 0 {
		text += " (and " + many(more, "more slice") + ")"
	}
	share := float64(first.Rows) / float64(max(1, pairedRows(r)))
	f := format{rate: true, decimals: 1}
	return text + ": " + count(first.Negative) + " of " + count(r.Flips.Negative) + ", in " + f.withUnit(share) + " of the rows; not chance (" +
		pValue(first.PAdjusted) + " after " + many(c.Tests, "slice") + ")"
}

// flips is the same in a comment.
func (m *page) flips(r *result.Result) {
	if r.Flips == nil {
		return
	}
	text := "Flips: " + flipCounts(r)
	for _, fact := range flipFacts(r, code) {
		text += "; " + fact
	}
	m.block(text + ".")
}

// confidentErrors lists rows that the candidate gets wrong with a confidence
// that is new.
func (m *page) confidentErrors(r *result.Result) {
	if r.Flips == nil || r.Flips.ConfidentErrors == nil || len(r.Flips.ConfidentErrors.Examples) == 0 {
		return
	}
	c := r.Flips.ConfidentErrors
	shown := c.Examples[:min(mostRows, len(c.Examples))]
	title := "Wrong with a confidence above " + strconv.FormatFloat(c.Above, 'g', -1, 64) + " and not so before"
	if c.Count > uint64(len(shown)) {
		title += " (" + count(uint64(len(shown))) + " of " + count(c.Count) + ")"
	}
	m.fold(title)
	m.exampleTable(shown)
	m.unfold()
}
