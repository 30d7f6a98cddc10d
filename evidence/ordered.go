package evidence

import (
	"math"

	"gonum.org/v1/gonum/mathext"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// Averages of areas over classes, and average precision, depend on the order of rows
// as the area under the ROC curve does, and have evidence as it has: the influence of
// each row by either model takes the place of its placement, and gives DeLong's
// variance of areas where there are two classes. What a few rows can show is worked out
// from what one row can change.

// ordered says what of a metric the rows influence; false for metrics of another kind.
func ordered(m metric.Metric, p metric.Params) (summary.Influenced, bool) {
	switch m.Name {
	case "average_precision":
		return summary.Influenced{Kind: summary.OfPrecision, Class: p.Positive()}, true
	case "average_precision_macro":
		return summary.Influenced{Kind: summary.OfPrecisions}, true
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

// ofOrders is the name of the method: of areas the influences are DeLong's.
func ofOrders(what summary.Influenced) string {
	if what.Kind == summary.OfPrecision || what.Kind == summary.OfPrecisions {
		return "influence"
	}
	return "delong"
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
		return Change{Method: ofOrders(what), Low: math.NaN(), High: math.NaN(), Worse: 1, Beyond: 1, Within: 1}, true
	}
	usual, most := ofRow(what, of)
	a := areas{change: e.Value, variance: e.SE * e.SE, df: e.DF, moved: of.Moved(), rows: 1 / usual, few: 1 / most}
	return a.answer(ofOrders(what), float64(v.Rows()), q), true
}

// orderedValue is the interval of such a value: on the scale of ln(x/(1-x)), by t; of
// average precision Boyd, Eng and Page (2013), ECML PKDD, found that scale to hold. Of
// few rows of a class average precision has also Wilson's interval of a share of them,
// whichever reaches farther: the rows seen may all stand high. Where nothing varies, as
// of a perfect model, it is that or, of areas, Newcombe's of as many rows as they rest on.
func orderedValue(v summary.View, model int, m metric.Metric, p metric.Params, alpha float64) (Value, bool) {
	what, _ := ordered(m, p)
	of, ok := v.Influences(what)
	x, err := m.Estimate(v, model, p)
	if !ok || err != nil {
		return Value{}, false
	}
	out := Value{Method: ofOrders(what), Low: math.NaN(), High: math.NaN()}
	e, err := []func(float64) (stats.Estimate, error){of.Second, of.First}[model](x.Value)
	if err != nil {
		return out, true
	}
	in, err := e.Logit(1 - alpha)
	usual, _ := ofRow(what, of)
	switch rows := 1 / usual; {
	case ofOrders(what) == "influence" && (err != nil || rows < fewOfClass):
		few, errFew := stats.WilsonOf(x.Value, rows, 1-alpha)
		if err == nil {
			few.Low, few.High = min(few.Low, in.Low), max(few.High, in.High)
		}
		in, err = few, errFew
	case err != nil:
		in, err = stats.NewcombeArea(x.Value, int(rows), int(v.Rows())-int(rows), 1-alpha)
	}
	if err == nil {
		out.Low, out.High = in.Low, in.High
	}
	return out, true
}

// ofRow is what one row, moved from one end of each order to the other, changes of such
// a value, whose rows are so many by class: of the class where it is most.
//
// Of average precision it is 1/P where a row of the class of P is lost, and that is
// usual. The most is a row of another class that comes to stand above them all: the
// precision of the i-th of the class falls from 1 to i/(i+1), in all by the sum of
// 1/(i+1).
func ofRow(what summary.Influenced, of stats.OfClasses) (usual, most float64) {
	if what.Kind == summary.OfPrecision {
		of = stats.OfClasses{of[what.Class]}
	}
	var there []float64
	all := 0.0
	for _, class := range of {
		if n := float64(class.Rows); n > 0 {
			there = append(there, n)
			all += n
		}
	}
	k, above := float64(len(there)), 0.0
	for i, n := range there {
		row := 0.0 // of this class
		for j, other := range there {
			row += ofPair(what.Kind, n, other, all, k, i == j)
		}
		usual = max(usual, row)
		above += max(1, precisionLost(n)) / n / k
	}
	if ofOrders(what) == "influence" {
		return usual, above
	}
	return usual, usual
}

// ofPair is what a row of a class of n rows, of all rows in k classes, changes of what
// its class has to do with another one of so many rows, or with itself.
func ofPair(kind summary.InfluencedKind, n, other, all, k float64, itself bool) float64 {
	switch {
	case itself && kind == summary.OfWeightedAreas:
		return 1 / all
	case itself && (kind == summary.OfPairs || kind == summary.OfWeightedPairs):
		return 0
	case itself:
		return 1 / n / k
	case kind == summary.OfAreas:
		return 1 / (all - other) / k
	case kind == summary.OfWeightedAreas:
		return other / (all - other) / all
	case kind == summary.OfPairs: // of k (k - 1) pairs, it is in two with each other class
		return 2 / n / (k * (k - 1))
	case kind == summary.OfWeightedPairs: // which weigh 2 (k - 1) all
		return (n + other) / n / ((k - 1) * all)
	}
	return 0
}

// precisionLost is 1/2 + 1/3 + ... + 1/(n+1): digamma(n+2) + Euler's constant - 1.
func precisionLost(n float64) float64 { return mathext.Digamma(n+2) + 0.5772156649015329 - 1 }
