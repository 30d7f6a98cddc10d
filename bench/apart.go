package bench

import (
	"errors"
	"math"
	"slices"

	"github.com/noworse/noworse/stats"
)

// JudgeApart is Judge of values that are no pairs: the baseline's were measured at
// another time. What is said of the ratio comes from the ratios of all of the one to all
// of the other: their median, and the interval of the rank-sum test.
func JudgeApart(baseline, candidate []float64, limit Limit, looks int) (Decision, error) {
	for _, v := range slices.Concat(baseline, candidate) {
		if !(v > 0) || math.IsInf(v, 0) {
			return Decision{}, errors.New("a measurement is no positive number")
		}
	}
	level := 1 - limit.Alpha/float64(max(1, looks))
	centre, in, err := stats.Shift(logsOf(candidate), logsOf(baseline), level)
	if err != nil {
		// Few values do not reach a level that is shared among looks.
		if centre, in, err = stats.Shift(logsOf(candidate), logsOf(baseline), 1-limit.Alpha); err != nil {
			return Decision{}, err
		}
	}
	d := Decision{Ratio: math.Expm1(centre), Low: math.Expm1(in.Low), High: math.Expm1(in.High), Level: in.Level,
		Baseline: middle(baseline), Candidate: middle(candidate)}
	d.decide(limit)
	if d.Outcome != Pass && limit.Floor > 0 {
		if rise, in, err := stats.Shift(candidate, baseline, level); err == nil && in.High < limit.Floor && rise < limit.Floor {
			d.Outcome, d.WithinFloor = Pass, true
		}
	}
	return d, nil
}

func logsOf(values []float64) []float64 {
	logs := make([]float64, len(values))
	for i, v := range values {
		logs[i] = math.Log(v)
	}
	return logs
}

// Session is what was measured of a model at one time, and in the same runs of the
// reference.
type Session struct{ Model, Reference []float64 }

// JudgeSessions decides on a baseline that was measured on this machine at another time.
// It is judged by what was measured and by what remains of that once it is seen in
// relation to the reference, run by run: only where both say the same is it said. The
// interval is around both. state is how much longer the reference takes than then, a
// share: that of the machine.
func JudgeSessions(then, now Session, limit Limit, looks int) (d Decision, state float64, err error) {
	if len(then.Model) != len(then.Reference) || len(now.Model) != len(now.Reference) {
		return Decision{}, 0, errors.New("a run has no measurement of the reference")
	}
	d, err = JudgeApart(then.Model, now.Model, limit, looks)
	if err != nil {
		return Decision{}, 0, err
	}
	machine, err := JudgeApart(then.Reference, now.Reference, limit, looks)
	if err != nil {
		return Decision{}, 0, err
	}
	usual := middle(then.Reference)
	related, err := JudgeApart(then.related(usual), now.related(usual), limit, looks)
	if err != nil {
		return Decision{}, 0, err
	}
	if related.Outcome != d.Outcome {
		d.Outcome = CannotSay
	}
	d.Low, d.High = min(d.Low, related.Low), max(d.High, related.High)
	d.Level, d.WithinFloor = min(d.Level, related.Level), d.Outcome == Pass && (d.WithinFloor || related.WithinFloor)
	return d, machine.Ratio, nil
}

// related is what the model's runs would have taken, had the reference taken as long as
// usual in each of them.
func (s Session) related(usual float64) []float64 {
	values := make([]float64, len(s.Model))
	for i, v := range s.Model {
		values[i] = v / s.Reference[i] * usual
	}
	return values
}
