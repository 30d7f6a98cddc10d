package verdict

import (
	"math"

	"github.com/noworse/noworse/stats"
)

// FailBy is what a check needs to fail, besides a value beyond its limit.
type FailBy string

// The ways to fail. They differ for limits of a change.
const (
	ByEvidence FailBy = "evidence" // chance does not explain that it is worse
	ByBeyond   FailBy = "beyond"   // chance does not explain that it is beyond the margin
	ByPoint    FailBy = "point"    // nothing more: the point rule
)

// Policy is how sure a verdict must be.
type Policy struct {
	Alpha float64 // how often chance alone may make a fail, over all checks of a run
	Fail  FailBy
}

// Case is one limit and what is known of the values it limits.
type Case struct {
	Limit     Limit
	Family    string    // cases that are adjusted together
	Baseline  *Estimate // nil only for limits that need none
	Candidate Estimate
	Rows      uint64    // that the values are of
	Change    *Change   // evidence on a change; nil: there is none, and the point rule holds
	Range     *Interval // where the candidate's true value lies; nil: the point rule holds
}

// Change is the evidence on a change, as chances of such rows or more telling
// ones. A worsening is in the direction of the limit; for max_change it is any.
type Change struct {
	Worse  float64 // if the true worsening is at most 0
	Beyond float64 // if it is at most the margin: small where it is beyond
	Within float64 // if it is at least the margin: small where it is within
	// Provable says whether so few rows could show that the margin is kept, had
	// not one of them got worse.
	Provable bool
}

// Interval is where a true value lies.
type Interval struct{ Low, High float64 }

// Decide decides all checks of a run, in their order. In each family the chances
// that a fail rests on are adjusted for their number (Holm), and the families
// that have any share alpha equally, so that chance alone makes any check of the
// run fail at most alpha of the time.
//
//	pass          worsening <= margin. It is proven if Within <= alpha.
//	fail          worsening > margin, and the adjusted Worse <= the family's alpha
//	inconclusive  worsening > margin, and it may be chance
//
// Fewer rows than Least never pass: whatever got worse on them, chance would
// explain it, and a check that could not fail has nothing to say.
//
// A minimum or maximum that is missed fails if Range excludes it, else it is
// inconclusive; one that is kept is proven if Range excludes it.
func Decide(cases []Case, p Policy) []Decision {
	decisions := make([]Decision, len(cases))
	for i, c := range cases {
		decisions[i] = Point(c.Limit, c.Baseline, c.Candidate)
		decisions[i].Adjusted = math.NaN()
	}
	if p.Fail == ByPoint {
		return decisions
	}
	p.adjust(cases, decisions)
	for i, c := range cases {
		switch {
		case decisions[i].Verdict == Error:
		case decisions[i].Verdict == Pass && c.Rows < Least(p.Alpha):
			decisions[i].Verdict, decisions[i].Reason = Inconclusive, TooFew
		case c.Change != nil && c.Limit.Kind.OfChange():
			p.judgeChange(*c.Change, &decisions[i])
		case c.Range != nil && !c.Limit.Kind.OfChange():
			judgeValue(c.Limit, *c.Range, &decisions[i])
		}
	}
	return decisions
}

// Least is the fewest rows that can show anything: of n pairs of which each got
// worse, chance makes as many with 2^-n (the sign test), and no test that assumes
// nothing of how values are spread can do better. They are 5 for an alpha of 0.05.
func Least(alpha float64) uint64 {
	return uint64(max(1, math.Ceil(-math.Log2(alpha))))
}

// adjust works out the adjusted chances, and what each is held to. A chance that
// is not known (NaN) counts all the same, so that it helps none of the others.
func (p Policy) adjust(cases []Case, decisions []Decision) {
	var order []string
	members := map[string][]int{}
	for i, c := range cases {
		if c.Change == nil || decisions[i].Verdict == Error {
			continue
		}
		if members[c.Family] == nil {
			order = append(order, c.Family)
		}
		members[c.Family] = append(members[c.Family], i)
	}
	for _, family := range order {
		places := members[family]
		chances := make([]float64, len(places))
		for k, i := range places {
			chances[k] = p.chance(*cases[i].Change)
		}
		adjusted, err := stats.Holm(chances)
		if err != nil {
			continue // not a chance: nothing fails, and nothing passes that was not within
		}
		for k, i := range places {
			d := &decisions[i]
			d.Adjusted, d.Tests, d.Alpha = adjusted[k], len(places), p.Alpha/float64(len(order))
		}
	}
}

// chance is what a fail rests on.
func (p Policy) chance(c Change) float64 {
	if p.Fail == ByBeyond {
		return c.Beyond
	}
	return c.Worse
}

func (p Policy) judgeChange(c Change, d *Decision) {
	d.Worse = c.Worse <= p.Alpha && d.Worsening > 0
	switch d.Verdict {
	case Pass:
		d.Judged = true
		d.Proven = c.Provable && c.Within <= p.Alpha
	case Fail:
		d.Judged = true
		if !(d.Adjusted <= d.Alpha) { // also where there is no chance to speak of
			d.Verdict, d.Reason = Inconclusive, MayBeChance
		}
	}
}

func judgeValue(l Limit, in Interval, d *Decision) {
	beyond, within := in.High < l.Value, in.Low >= l.Value
	if l.Kind == Max {
		beyond, within = in.Low > l.Value, in.High <= l.Value
	}
	switch d.Verdict {
	case Pass:
		d.Judged, d.Proven = true, within
	case Fail:
		d.Judged = true
		if !beyond {
			d.Verdict, d.Reason = Inconclusive, MayBeChance
		}
	}
}
