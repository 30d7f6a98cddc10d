package bench

import (
	"errors"
	"math"
	"slices"

	"github.com/noworse/noworse/stats"
)

// Limit is what a rise may be.
type Limit struct {
	Rise  float64 // a share: 0.1 is a tenth more
	Floor float64 // a rise by less than this, in the value's own unit, is none
	Alpha float64
}

// Outcome is how a comparison came out.
type Outcome string

// The outcomes.
const (
	Pass      Outcome = "pass"
	Fail      Outcome = "fail"
	CannotSay Outcome = "cannot say" // the interval holds the limit
)

// Decision is what pairs of values say.
type Decision struct {
	Outcome Outcome
	// Ratio is the candidate's value over the baseline's, minus 1, and Low and High
	// where it lies: the Hodges-Lehmann estimate of the log of the ratio and its
	// interval, by the means of all pairs of pairs.
	Ratio, Low, High float64
	Level            float64
	WithinFloor      bool // it passes for its rise is too small to count
	Net              bool // without what calls waited for a processor: the clock could not say
	Baseline         float64
	Candidate        float64 // medians, in the value's own unit
}

// Judge decides on pairs of a baseline's and a candidate's values: it passes if the
// interval of the ratio lies below the limit, fails if it lies above, and cannot say
// if it holds it. looks is how often the pairs are looked at until one of the two is
// sure: each has its part of alpha. Values of 0 have no ratio.
func Judge(baseline, candidate []float64, limit Limit, looks int) (Decision, error) {
	logs, differences := make([]float64, len(baseline)), make([]float64, len(baseline))
	for i, b := range baseline {
		c := candidate[i]
		if !(b > 0) || !(c > 0) || math.IsInf(b, 0) || math.IsInf(c, 0) {
			return Decision{}, errors.New("a measurement is no positive number")
		}
		logs[i], differences[i] = math.Log(c/b), c-b
	}
	level := 1 - limit.Alpha/float64(max(1, looks))
	centre, in, err := stats.Centre(logs, level)
	if err != nil {
		// Few pairs do not reach a level that is shared among looks.
		if centre, in, err = stats.Centre(logs, 1-limit.Alpha); err != nil {
			return Decision{}, err
		}
	}
	d := Decision{Ratio: math.Expm1(centre), Low: math.Expm1(in.Low), High: math.Expm1(in.High), Level: in.Level,
		Baseline: middle(baseline), Candidate: middle(candidate)}
	d.decide(limit)
	if d.Outcome != Pass && limit.Floor > 0 {
		if rise, in, err := stats.Centre(differences, level); err == nil && in.High < limit.Floor && rise < limit.Floor {
			d.Outcome, d.WithinFloor = Pass, true
		}
	}
	return d, nil
}

// decide is the outcome that the interval has.
func (d *Decision) decide(limit Limit) {
	switch {
	case d.High < limit.Rise:
		d.Outcome = Pass
	case d.Low > limit.Rise:
		d.Outcome = Fail
	default:
		d.Outcome = CannotSay
	}
}

// middle is the median.
func middle(values []float64) float64 {
	sorted := append([]float64(nil), values...)
	slices.Sort(sorted)
	return percentile(sorted, 0.5)
}
