package report

import (
	"cmp"
	"fmt"
	"io"

	"github.com/noworse/noworse/baseline"
	"github.com/noworse/noworse/result"
)

// isTotal says whether a check is of a limit since the anchor.
func isTotal(c *result.Check) bool {
	return c.Rule.MaxTotalDrop != nil || c.Rule.MaxTotalRise != nil || c.Rule.MaxTotalChange != nil
}

func ofStep(c *result.Check) bool { return !isTotal(c) }

// side is a margin by the direction in which a change is worse.
type side struct{ drop, rise, change *result.Margin }

// limited is the margin of a limit of a change, of one step or since the anchor.
func limited(c *result.Check) side {
	if isTotal(c) {
		return side{c.Rule.MaxTotalDrop, c.Rule.MaxTotalRise, c.Rule.MaxTotalChange}
	}
	return side{c.Rule.MaxDrop, c.Rule.MaxRise, c.Rule.MaxChange}
}

// telling is the share of what is tolerated since the anchor from which on it is
// worth a line that much of it is used up.
const telling = 0.5

// creep is the check since the anchor that passes and is nearest to its limit,
// if that is near and none is beyond its own; nil if there is none.
func creep(g groups) *result.Check {
	if len(only(g.troubles(), isTotal)) > 0 {
		return nil
	}
	var worst *result.Check
	for _, c := range only(g.passed, isTotal) {
		if worse(c) && harm(c) >= telling && (worst == nil || harm(c) > harm(worst)) {
			worst = c
		}
	}
	return worst
}

// sinceAnchor says how much of what is tolerated in total is used up; "" where
// that is not worth a line.
func sinceAnchor(r *result.Result, rate func(string) bool) string {
	c := creep(sortOut(r.Checks))
	if c == nil || r.Anchor == nil {
		return ""
	}
	place := " overall"
	if c.Slice != "" {
		place = " for " + clean(c.Slice)
	}
	return anchorName(r) + ": " + metricName(c) + place + speaker{r: r, rate: rate}.numbers(c)
}

// anchorName is the anchor of a run: "baseline 1 v38.csv (accepted 2026-01-02)".
func anchorName(r *result.Result) string {
	return fmt.Sprintf("baseline %d", r.Anchor.Number) + spaced(cmp.Or(fileName(r.Anchor.Path), r.Anchor.Score, r.Anchor.Label)) + acceptedOn(*r.Anchor)
}

// cumulative is the change of a check since the anchor, with its unit.
func cumulative(c *result.Check, f figures) string {
	if c.Anchor == nil {
		return ""
	}
	v, ok := finite(c.Anchor.Change)
	if !ok {
		return ""
	}
	return f.change.signed(v) + f.change.unit()
}

// anchorOf says what the anchor of a baseline is.
func anchorOf(b *baseline.Baseline) string {
	switch {
	case b.Anchor == nil:
		return "none: many small losses may add up"
	case !b.IsAnchor():
		return fmt.Sprintf("baseline %d", b.Anchor.Of)
	}
	text := "this baseline"
	if a := b.Anchoring; a != nil {
		text += ", set " + anchoredBy(a)
	}
	return text
}

// anchoring is the line of a history where only the anchor was changed.
func (p *printer) anchoring(number int, a *baseline.Anchoring) {
	what := fmt.Sprintf("anchor: baseline %d", a.Of)
	if a.Cleared {
		what = "no anchor"
	}
	p.line(p.bold(fmt.Sprint(number)) + gap + anchoredBy(a) + gap + what)
	if a.Reason != "" {
		p.wrapped("   ", clean(a.Reason))
	}
}

func anchoredBy(a *baseline.Anchoring) string {
	if a.By != "" {
		return clean(a.At) + " by " + clean(a.By)
	}
	return clean(a.At)
}

// Anchored says that a baseline is the anchor.
func Anchored(w io.Writer, b *baseline.Baseline, o Options) error {
	p := newPrinter(o)
	p.wrapped("", fmt.Sprintf("baseline %d%s is the anchor: what changes from now on adds up, until noworse baseline anchor moves it", b.AcceptedAs(), modelOfBaseline(b)))
	_, err := io.WriteString(w, p.b.String())
	return err
}
