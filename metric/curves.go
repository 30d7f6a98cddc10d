package metric

import "github.com/noworse/noworse/summary"

func averagePrecision(v summary.View, model int, p Params) (Estimate, error) {
	a := v.Area(model, p.Positive())
	if a.Positive == 0 {
		return undefined("average_precision has no value: no row is positive")
	}
	return Estimate{Value: a.Precision, Bound: a.PrecisionBound}, nil
}

// overClasses is an average of a metric of each class against the rest. As in
// scikit-learn, a class without rows leaves the plain average without a value;
// in the weighted one it counts for nothing.
func overClasses(name, doc string, of func(summary.View, int, Params) (Estimate, error), weighted bool) Metric {
	return Metric{
		Name: name, Doc: doc, Formula: "scikit-learn's average of that name", Tasks: []string{Multiclass},
		Better: Higher, Bounded: true, Scores: true,
		needs: func(Params) summary.Needs { return summary.Needs{Curves: []int{summary.EveryClass}} },
		estimate: func(v summary.View, model int, _ Params) (Estimate, error) {
			var sum, all float64
			for k := range v.Classes() {
				weight := 1.0
				if weighted {
					if weight = v.Area(model, k).Positive; weight == 0 {
						continue
					}
				}
				e, err := of(v, model, Params{Class: k + 1})
				if err != nil {
					return undefined("%s has no value: it needs rows of every class, and of no class all", name)
				}
				sum += weight * e.Value
				all += weight
			}
			return Estimate{Value: sum / all}, nil
		},
	}
}

// precisionMacro is average precision over classes.
var precisionMacro = func() Metric {
	m := overClasses("average_precision_macro", "average precision of each class against the rest, averaged over classes", averagePrecision, false)
	m.needs = func(Params) summary.Needs {
		return summary.Needs{Curves: []int{summary.EveryClass}, Precision: true}
	}
	return m
}()

// overPairs is an average over pairs of classes that both have rows, of the
// area that compares their rows by the probability of either (Hand and Till
// 2001).
func overPairs(name, doc string, of func(summary.Pairs) float64) Metric {
	return Metric{
		Name: name, Doc: doc, Formula: "mean over pairs of classes of U / (rows of one * rows of the other)", Tasks: []string{Multiclass},
		Better: Higher, Bounded: true, Scores: true,
		needs: func(Params) summary.Needs {
			return summary.Needs{Curves: []int{summary.EveryClass}, Pairs: true}
		},
		estimate: func(v summary.View, model int, _ Params) (Estimate, error) {
			p := v.Pairs(model)
			if p.Number == 0 {
				return undefined("%s has no value: it needs rows of two classes", name)
			}
			return Estimate{Value: of(p)}, nil
		},
	}
}
