package evidence

import (
	"math"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// Kept is what is known of a baseline whose rows cannot be paired.
type Kept struct {
	Value, Bound float64    // of the metric
	Counts       [][]uint64 // rows by true class and answer; nil: not kept
	Rows         uint64
	SE, DF       float64 // of the value, as Vary gives them; 0: not kept
}

// OfUnpaired is the evidence on the change from a baseline that is known by its
// counts and value alone to model 0 in a slice; false where there is no method for
// it. The two are taken for independent sets of rows. Where they are the same rows,
// the chances are too large: pairing would tell more, and never less.
func OfUnpaired(v summary.View, k Kept, m metric.Metric, p metric.Params, q Question) (Change, bool) {
	if v.Clustered() || v.Rows() == 0 || k.Bound != 0 {
		return Change{}, false
	}
	if l, _, ok := m.Mean(p); ok && l.Counts() && !v.Weighted() {
		return lossesApart(v, k, m, p, q)
	}
	if c, ok := valuesApart(v, k, m, p, q); ok {
		return c, true
	}
	if v.Weighted() || len(k.Counts) != v.Classes() {
		return Change{}, false
	}
	if m.Name == "roc_auc" {
		return areasApart(v, k, m, p, q)
	}
	if !m.OfCounts() || !sameValue(m.Counted(numbers(k.Counts), p), k.Value) {
		return Change{}, false
	}
	if s, ok := shareOf(m.Name, p); ok {
		return sharesApart(v, k, s, q)
	}
	if m.Name == "precision" { // a share of rows that each model chooses
		positive := p.Positive()
		var u stats.Unpaired
		u.X1, u.N1 = ofAnswer(v.Counts(0), positive)
		u.X2, u.N2 = ofAnswer(k.Counts, positive)
		return twoShares(u, v.Rows(), q)
	}
	return countsApart(v, k, m, p, q)
}

// sameValue says whether a value that was kept is that of the counts: it is not where
// rows had weights.
func sameValue(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(b)) }

// ofAnswer is the rows with an answer, and how many of them are of its class.
func ofAnswer(counts [][]uint64, answer int) (right, rows int) {
	for label := range counts {
		rows += int(counts[label][answer])
	}
	return int(counts[answer][answer]), rows
}

func numbers(counts [][]uint64) [][]float64 {
	list := make([][]float64, len(counts))
	for i, row := range counts {
		for _, n := range row {
			list[i] = append(list[i], float64(n))
		}
	}
	return list
}

func sharesApart(v summary.View, k Kept, s share, q Question) (Change, bool) {
	var u stats.Unpaired
	u.X1, u.N1 = s.count(v, 0)
	for label, answers := range k.Counts {
		for predicted, rows := range answers {
			if s.of(label) {
				u.N2 += int(rows)
				if s.counts(label, predicted) {
					u.X2 += int(rows)
				}
			}
		}
	}
	return twoShares(u, v.Rows(), q)
}

// twoShares compares shares of two sets of rows.
func twoShares(u stats.Unpaired, rows uint64, q Question) (Change, bool) {
	in, err := u.Newcombe(1 - q.Alpha)
	if err != nil {
		return Change{}, false
	}
	c := q.ask(independent{u}, u.Difference())
	c.Method, c.Low, c.High = "newcombe", in.Low, in.High
	if least, err := stats.ZeroLossRows(min(q.Margin, 1), q.Alpha); err == nil {
		c.Provable = min(u.N1, u.N2) >= least
	}
	c.RowsNeeded = unpairedRows(u, rows, q)
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
// Nurminen's score test. That is too sure of few rows (it gives 2 of 2 against 0 of
// 2 a chance of .04, where it is 1/6), so below 50 rows no chance that there is a
// change at all is less than Fisher's exact one.
type independent struct{ stats.Unpaired }

const fewRows = 50

func (u independent) above(delta float64) float64 {
	t, err := u.Above(min(max(delta, -1), 1))
	p := chance(t.P, err)
	if delta >= 0 && min(u.N1, u.N2) < fewRows {
		f, err := stats.Fisher(u.X1, u.N1-u.X1, u.X2, u.N2-u.X2)
		p = max(p, chance(f.Greater, err))
	}
	return p
}

func (u independent) below(delta float64) float64 {
	return independent{stats.Unpaired{X1: u.X2, N1: u.N2, X2: u.X1, N2: u.N1}}.above(-delta)
}
