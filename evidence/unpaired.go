package evidence

import (
	"math"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// OfUnpaired is the evidence on the change from a baseline of which only the
// number of rows by true class and answer is kept, to model 0 in a slice; false
// where there is no method for it. The two are taken for independent sets of
// rows. Where they are the same rows, the chances are too large: pairing would
// tell more, and never less.
func OfUnpaired(v summary.View, baseline [][]uint64, m metric.Metric, p metric.Params, q Question) (Change, bool) {
	s, ok := shareOf(m.Name, p)
	if !ok || v.Weighted() || v.Clustered() || len(baseline) != v.Classes() {
		return Change{}, false
	}
	var u stats.Unpaired
	u.X1, u.N1 = s.count(v, 0)
	for label, answers := range baseline {
		for predicted, rows := range answers {
			if s.of(label) {
				u.N2 += int(rows)
				if s.counts(label, predicted) {
					u.X2 += int(rows)
				}
			}
		}
	}
	in, err := u.Newcombe(1 - q.Alpha)
	if err != nil {
		return Change{}, false
	}
	c := q.ask(independent{u}, u.Difference())
	c.Method, c.Low, c.High = "newcombe", in.Low, in.High
	if least, err := stats.ZeroLossRows(min(q.Margin, 1), q.Alpha); err == nil {
		c.Provable = min(u.N1, u.N2) >= least
	}
	c.RowsNeeded = unpairedRows(u, v.Rows(), q)
	return c, true
}

// unpairedRows is about how many rows of each set would show with chance .80 that
// the margin is kept, if both have the same share: (z_alpha + z_.80)^2 2p(1-p)/m^2,
// with p as if each set had two more rows, one of which counts.
func unpairedRows(u stats.Unpaired, rows uint64, q Question) uint64 {
	p := float64(u.X1+u.X2+2) / float64(u.N1+u.N2+4)
	z := -stats.NormalQuantile(q.Alpha) - stats.NormalQuantile(.2)
	n := math.Ceil(z * z * 2 * p * (1 - p) / (q.Margin * q.Margin) * float64(rows) / float64(u.N1))
	if !(n < 1<<53) {
		return 0
	}
	return uint64(n)
}

// independent tests a change between two sets of rows, by Miettinen's and
// Nurminen's score test.
type independent struct{ stats.Unpaired }

func (u independent) above(delta float64) float64 {
	t, err := u.Above(min(max(delta, -1), 1))
	return chance(t.P, err)
}

func (u independent) below(delta float64) float64 {
	t, err := u.Below(min(max(delta, -1), 1))
	return chance(t.P, err)
}
