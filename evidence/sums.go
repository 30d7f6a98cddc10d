package evidence

import (
	"math"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// Sums is a value that is a smooth function of sums of numbers of each row, as of a metric
// in SQL, for the candidate (0) and the baseline (1). With it a row is off by its numbers
// times how fast the value rises with their sums: the delta method, of rows in pairs.
type Sums struct {
	Values [2]float64
	Slopes [2][]float64 // by model and number, of the sums
	Of     *summary.Cross
}

func (s Sums) spread() spread {
	rows := float64(s.Of.Rows())
	out := spread{rows: rows, covariances: s.Of.Centred()}
	return out // of the sums: their variances are those of rows drawn anew
}

// Change is the evidence on the change from the baseline to the candidate.
func (s Sums) Change(v summary.View, q Question) Change {
	slopes := make([]float64, len(s.Slopes[0]))
	for i := range slopes {
		slopes[i] = s.Slopes[0][i] - s.Slopes[1][i]
	}
	of, change := s.spread(), s.Values[0]-s.Values[1]
	return smooth{
		change: change, rows: of.rows, differ: float64(s.Of.Differ()), around: of.estimate(change, slopes...),
		at: func(delta float64) (stats.Estimate, float64) {
			return of.estimate(change-delta, slopes...), math.Abs(delta)
		},
	}.answer(v, metric.Metric{Signed: true}, q)
}

// Value is the interval of a model's value.
func (s Sums) Value(model int, alpha float64) Value {
	of := s.spread()
	return of.value(of.estimate(s.Values[model], s.Slopes[model]...), metric.Metric{Signed: true}, alpha, false)
}
