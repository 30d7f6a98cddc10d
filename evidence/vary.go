package evidence

import (
	"math"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// Vary is a model's value in a slice with its standard error, as it stands alone: what
// the value on other rows is compared with. False of metrics whose counts say more, and
// where nothing is known. It is for summaries that keep what the value's interval wants,
// of such an alpha.
func Vary(v summary.View, model int, m metric.Metric, p metric.Params, alpha float64) (stats.Estimate, bool) {
	asked, _ := valueOf(model)
	if m.Name == "" || m.OfCounts() || v.Rows() == 0 || v.Clustered() || !v.Keeps(Needs(m, p, asked, v.Weighted())) {
		return stats.Estimate{}, false
	}
	x, err := m.Estimate(v, model, p)
	if err != nil || x.Bound != 0 {
		return stats.Estimate{}, false
	}
	e, ok := vary(v, model, m, p, x.Value, alpha)
	return e, ok && e.SE > 0 && e.DF > 0 && !math.IsInf(e.SE, 0)
}

func vary(v summary.View, model int, m metric.Metric, p metric.Params, value, alpha float64) (stats.Estimate, bool) {
	if l, root, ok := m.Mean(p); ok {
		if l.Counts() && !v.Weighted() {
			return stats.Estimate{}, false
		}
		_, e := meanEstimate(v, model, l, root)
		return e, true
	}
	if _, _, ok := unexplained(m); ok {
		_, e := explainedEstimate(v, model, m, p, value)
		return e, true
	}
	if v.Weighted() {
		return stats.Estimate{}, false
	}
	what, ok := ordered(m, p)
	if !ok {
		what, ok = correlated(m)
	}
	switch of, there := v.Influences(what); {
	case ok && there:
		e, err := []func(float64) (stats.Estimate, error){of.Second, of.First}[model](value)
		return e, err == nil
	case m.Name == median:
		s, ok := v.MedianSpread(alpha)
		return stats.Estimate{Value: value, SE: []float64{s.Pair.SESecond, s.Pair.SEFirst}[model], DF: math.Inf(1)}, ok
	case m.Name == "roc_auc":
		d, ok := v.Placements(p.Positive())
		both, err := d.Areas()
		a := []stats.Area{both.Second(), both.First()}[model]
		return stats.Estimate{Value: a.Value, SE: math.Sqrt(a.Variance), DF: a.DF}, ok && err == nil
	}
	return stats.Estimate{}, false
}

// valuesApart compares a value with that of other rows, each with its standard error:
// variances add up, with Welch's degrees of freedom (1947, Biometrika 34).
func valuesApart(v summary.View, k Kept, m metric.Metric, p metric.Params, q Question) (Change, bool) {
	now, ok := Vary(v, 0, m, p, q.Alpha)
	if !ok || !(k.SE > 0) {
		return Change{}, false
	}
	e, err := stats.Independent(stats.Estimate{Value: k.Value, SE: k.SE, DF: k.DF}, now)
	if err != nil {
		return Change{}, false
	}
	rows := math.Min(float64(v.Rows()), float64(k.Rows))
	a := apart{change: now.Value - k.Value, variance: e.SE * e.SE, df: e.DF, least: math.Exp2(-rows)}
	enough := rows >= LeastRows
	if most, ok := mostApart(v, k, m, p); ok {
		a.most, a.least = most, math.Exp2(-1/most)
		least, err := stats.ZeroLossRows(min(q.Margin, 1), q.Alpha)
		enough = err == nil && 1/most >= float64(least)
	}
	c := a.answer("welch", v.Rows(), q)
	c.Provable = q.Margin > 0 && enough
	if m.Bounded {
		c.Low, c.High = max(c.Low, -1), min(c.High, 1)
	}
	if v.Weighted() {
		c.EffectiveRows = now.DF + 1
	}
	return c, true
}

// mostApart is the most that one row changes of a value that goes by the order of rows;
// false of others, which have no such limit.
func mostApart(v summary.View, k Kept, m metric.Metric, p metric.Params) (float64, bool) {
	if m.Name == "roc_auc" {
		d, ok := v.Placements(p.Positive())
		return 1 / float64(min(d.Positive.Rows, d.Negative.Rows)), ok
	}
	what, ok := ordered(m, p)
	if !ok {
		return 0, false
	}
	of, ok := v.Influences(what)
	if !ok {
		return 0, false
	}
	_, most := ofRow(what, of)
	return most * max(1, float64(v.Rows())/float64(k.Rows)), true
}

// lossesApart compares shares of rows whose loss is 1 or 0.
func lossesApart(v summary.View, k Kept, m metric.Metric, p metric.Params, q Question) (Change, bool) {
	x, err := m.Estimate(v, 0, p)
	before := math.Round(k.Value * float64(k.Rows))
	if err != nil || v.Weighted() || k.Rows == 0 || !sameValue(before/float64(k.Rows), k.Value) {
		return Change{}, false
	}
	u := stats.Unpaired{X1: int(math.Round(x.Value * float64(v.Rows()))), N1: int(v.Rows()), X2: int(before), N2: int(k.Rows)}
	return twoShares(u, v.Rows(), q)
}
