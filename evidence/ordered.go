package evidence

import (
	"math"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// Averages of areas over classes, and average precision, depend on the order of rows
// as the area under the ROC curve does, and have evidence as it has: the influence of
// each row by either model takes the place of its placement, and gives DeLong's
// variance where there are two classes. What a few rows can show is worked out from
// the most that one row can change.

// ordered says what of a metric the rows influence; false for metrics of another kind.
func ordered(m metric.Metric, p metric.Params) (summary.Influenced, bool) {
	switch m.Name {
	case "roc_auc_ovr_macro":
		return summary.Influenced{Kind: summary.OfAreas}, true
	case "roc_auc_ovr_weighted":
		return summary.Influenced{Kind: summary.OfWeightedAreas}, true
	case "roc_auc_ovo_macro":
		return summary.Influenced{Kind: summary.OfPairs}, true
	case "roc_auc_ovo_weighted":
		return summary.Influenced{Kind: summary.OfWeightedPairs}, true
	}
	return summary.Influenced{}, false
}

// orderedChange is the evidence on the change of such a value.
func orderedChange(v summary.View, m metric.Metric, p metric.Params, q Question) (Change, bool) {
	what, _ := ordered(m, p)
	of, ok := v.Influences(what)
	x, errX := m.Estimate(v, 0, p)
	y, errY := m.Estimate(v, 1, p)
	if !ok || errX != nil || errY != nil {
		return Change{}, false
	}
	e, err := of.Change(x.Value - y.Value)
	if err != nil {
		return Change{Method: "delong", Low: math.NaN(), High: math.NaN(), Worse: 1, Beyond: 1, Within: 1}, true
	}
	rows := 1 / mostOfRow(what, of)
	a := areas{change: e.Value, variance: e.SE * e.SE, df: e.DF, moved: of.Moved(), rows: rows}
	return a.answer("delong", float64(v.Rows()), q), true
}

// orderedValue is the interval of such a value: on the scale of ln(x/(1-x)), by t.
// Where nothing varies it is Newcombe's of an area that one row changes as much.
func orderedValue(v summary.View, model int, m metric.Metric, p metric.Params, alpha float64) (Value, bool) {
	what, _ := ordered(m, p)
	of, ok := v.Influences(what)
	x, err := m.Estimate(v, model, p)
	if !ok || err != nil {
		return Value{}, false
	}
	out := Value{Method: "delong", Low: math.NaN(), High: math.NaN()}
	e, err := []func(float64) (stats.Estimate, error){of.Second, of.First}[model](x.Value)
	if err != nil {
		return out, true
	}
	in, err := e.Logit(1 - alpha)
	if err != nil {
		rows := int(1 / mostOfRow(what, of))
		if in, err = stats.NewcombeArea(x.Value, rows, int(v.Rows())-rows, 1-alpha); err != nil {
			return out, true
		}
	}
	out.Low, out.High = in.Low, in.High
	return out, true
}

// mostOfRow is the most that one row, moved from one end of each order to the other,
// changes such a value, whose rows are so many by class.
func mostOfRow(what summary.Influenced, of stats.OfClasses) float64 {
	var there []float64
	all := 0.0
	for _, class := range of {
		if n := float64(class.Rows); n > 0 {
			there = append(there, n)
			all += n
		}
	}
	most, k := 0.0, float64(len(there))
	for i, n := range there {
		row := 0.0 // of this class
		for j, other := range there {
			switch {
			case what.Kind == summary.OfAreas && i == j:
				row += 1 / n / k
			case what.Kind == summary.OfAreas:
				row += 1 / (all - other) / k
			case what.Kind == summary.OfWeightedAreas && i == j:
				row += 1 / all
			case what.Kind == summary.OfWeightedAreas:
				row += other / (all - other) / all
			case i == j:
			case what.Kind == summary.OfPairs: // of k (k - 1) pairs, it is in two with each other class
				row += 2 / n / (k * (k - 1))
			case what.Kind == summary.OfWeightedPairs: // which weigh 2 (k - 1) all
				row += (n + other) / n / ((k - 1) * all)
			}
		}
		most = max(most, row)
	}
	return most
}
