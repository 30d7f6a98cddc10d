package gate

import (
	"cmp"
	"slices"

	"github.com/noworse/noworse/evidence"
	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/summary"
)

// maxGatherings is the most slices that are named where flips gather.
const maxGatherings = 10

// wholeFlips are those of the whole set, where they gather, and which errors
// are new and confident.
func (p *plan) wholeFlips(e *evaluation) *result.Flips {
	f := p.flipsOf(e.both.summary.Whole(), &e.both.examples.whole, true)
	f.Concentration = p.concentration(e)
	f.ConfidentErrors = e.both.confident.result()
	return f
}

// flipsOf are the flips of a slice, with examples if they are to be shown.
func (p *plan) flipsOf(v summary.View, examples *summary.Sample[result.Example], show bool) *result.Flips {
	f := v.Flips()
	flips := &result.Flips{Negative: f.Negative, Positive: f.Positive}
	flips.NegativeRate, flips.NegativeInterval = p.flipRate(v, metric.NegativeFlipRate)
	flips.PositiveRate, flips.PositiveInterval = p.flipRate(v, metric.PositiveFlipRate)
	flips.BackwardTrust, _ = p.flipRate(v, metric.BackwardTrust)
	flips.ErrorCompatibility, _ = p.flipRate(v, metric.ErrorCompatibility)
	if show && examples != nil {
		flips.Examples = sorted(examples)
	}
	return flips
}

// flipRate is a share of flips and where the true one lies; nil where there is none.
func (p *plan) flipRate(v summary.View, of metric.FlipShare) (*float64, *[2]float64) {
	value, err := of.Estimate(v.Flips())
	if err != nil {
		return nil, nil
	}
	in, _, ok := p.flipInterval(v, of)
	if !ok {
		return &value, nil
	}
	return &value, &[2]float64{in.Low, in.High}
}

// flipInterval is where a true share of flips lies, and over how many groups of
// dependent rows that was seen. Of groups that are not held it is not known.
func (p *plan) flipInterval(v summary.View, of metric.FlipShare) (evidence.Value, uint64, bool) {
	if p.cluster != nil && !p.shape.Clustered {
		return evidence.Value{}, 0, false
	}
	return evidence.OfFlips(v, of, p.spec.Decision.Alpha)
}

// concentration finds the slices in which negative flips are more frequent than
// outside. It is told and never decides. Rows of one group would gather by
// themselves.
func (p *plan) concentration(e *evaluation) *result.Concentration {
	if p.spec.Eval.Group != "" {
		return nil
	}
	all := part(e.both.summary.Whole())
	var names []string
	var parts []evidence.Part
	for _, s := range p.subjects(e)[1:] {
		if rows := s.both.Rows(); rows >= uint64(p.spec.MinRows()) && rows < all.Rows {
			names, parts = append(names, s.slice), append(parts, part(s.both.View))
		}
	}
	if len(parts) == 0 {
		return nil
	}
	out := &result.Concentration{Tests: len(parts)}
	for i, g := range evidence.Gather(all, parts) {
		if g.Adjusted <= p.spec.Decision.Alpha {
			out.Slices = append(out.Slices, result.Gathering{Slice: names[i], Rows: parts[i].Rows, Negative: parts[i].Marked, P: g.P, PAdjusted: g.Adjusted})
		}
	}
	beyond := func(g result.Gathering) float64 {
		return float64(g.Negative) - float64(all.Marked)*float64(g.Rows)/float64(all.Rows)
	}
	slices.SortStableFunc(out.Slices, func(a, b result.Gathering) int { return cmp.Compare(beyond(b), beyond(a)) })
	out.Found = len(out.Slices)
	out.Slices = out.Slices[:min(out.Found, maxGatherings)]
	return out
}

// part is the rows of a slice, and how many of them are negative flips.
func part(v summary.View) evidence.Part {
	f := v.Flips()
	return evidence.Part{Marked: f.Negative, Rows: f.Rows()}
}
