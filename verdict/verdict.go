// Package verdict decides: from estimates, the evidence behind them and a limit to
// a verdict. It is pure: it knows no metric, no file and no exit code.
//
// Point is the plain rule, the two values against the limit. Decide asks for
// evidence besides: that chance does not explain what is seen.
package verdict

import "math"

// Verdict is how one check came out.
type Verdict string

// The verdicts.
const (
	Pass         Verdict = "pass"
	Fail         Verdict = "fail"
	Inconclusive Verdict = "inconclusive"
	Error        Verdict = "error"
)

// Kind says what a limit limits.
type Kind string

// The kinds of limits: of the change from the baseline, or of the candidate's
// own value.
const (
	MaxDrop   Kind = "max_drop"
	MaxRise   Kind = "max_rise"
	MaxChange Kind = "max_change"
	Min       Kind = "min"
	Max       Kind = "max"
)

// OfChange says whether the limit needs a baseline.
func (k Kind) OfChange() bool { return k != Min && k != Max }

// Limit is one limit of a rule.
type Limit struct {
	Kind     Kind
	Value    float64
	Relative bool // Value is a share of |baseline|
}

// Estimate is a value that is within Bound of the exact one.
type Estimate struct{ Value, Bound float64 }

// Decision is a verdict and the numbers behind it.
type Decision struct {
	Verdict   Verdict
	Reason    Reason
	Worsening float64 // how far the value moved in the limit's direction
	Margin    float64 // how far it may
	Low, High float64 // the values that the candidate's must not pass; infinite where there is none

	// What evidence adds; see Decide.
	Judged   bool    // by evidence and not by the two values alone
	Proven   bool    // of a pass: chance does not explain that the limit is kept
	Worse    bool    // chance does not explain that it is worse at all
	Adjusted float64 // the chance that a fail rests on, adjusted in its family; NaN where there is none
	Alpha    float64 // what Adjusted is held to: the family's share
	Tests    int     // chances in the family
}

// Reason is why a check did not get a pass or a fail from the numbers.
type Reason string

// The reasons.
const (
	None         Reason = ""
	NotANumber   Reason = "not a number"
	ZeroBaseline Reason = "the baseline is 0"
	WithinBound  Reason = "the error bound straddles the limit"
	MayBeChance  Reason = "chance may explain it"
	TooFew       Reason = "so few rows can show nothing"
)

// slack is the difference that is put down to rounding, as a share of the
// larger of the two values. (Not of 1 where they are smaller: a mean squared
// error of 1e-16 that becomes 1e-13 is a thousand times worse.)
const slack = 1e-12

// Point is the point rule: the estimate against the limit, as if there were no
// chance in it. baseline is nil only for limits that need none.
//
//	drop d = baseline - candidate (or rise, or |change|), margin m
//	pass if d <= m + 1e-12 max(|baseline|, |candidate|), else fail
//
// An estimate with an error bound fails or passes only if it would at both ends.
func Point(l Limit, baseline *Estimate, candidate Estimate) Decision {
	reference := Estimate{Value: l.Value}
	if l.Kind.OfChange() {
		if baseline == nil {
			return Decision{Verdict: Error, Reason: NotANumber}
		}
		reference = *baseline
	}
	d := l.measure(reference.Value, candidate.Value)
	switch {
	case !finite(reference.Value, candidate.Value, reference.Bound, candidate.Bound, l.Value):
		d.Verdict, d.Reason = Error, NotANumber
	case l.Relative && l.Kind.OfChange() && reference.Value == 0:
		d.Verdict, d.Reason = Error, ZeroBaseline
	default:
		bound := reference.Bound + candidate.Bound
		allowed := d.Margin + slack*max(math.Abs(reference.Value), math.Abs(candidate.Value))
		switch {
		case d.Worsening+bound <= allowed:
			d.Verdict = Pass
		case d.Worsening-bound > allowed:
			d.Verdict = Fail
		default:
			d.Verdict, d.Reason = Inconclusive, WithinBound
		}
	}
	return d
}

// measure works out the worsening, the margin and the limits.
func (l Limit) measure(reference, candidate float64) Decision {
	d := Decision{Low: math.Inf(-1), High: math.Inf(1)}
	if l.Kind.OfChange() {
		d.Margin = l.Value
		if l.Relative {
			d.Margin = l.Value * math.Abs(reference)
		}
	}
	low, high := reference-d.Margin, reference+d.Margin
	switch l.Kind {
	case MaxDrop, Min:
		d.Worsening, d.Low = reference-candidate, low
	case MaxRise, Max:
		d.Worsening, d.High = candidate-reference, high
	default:
		d.Worsening, d.Low, d.High = math.Abs(candidate-reference), low, high
	}
	return d
}

func finite(values ...float64) bool {
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}
