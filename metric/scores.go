package metric

import (
	"math"

	"github.com/noworse/noworse/summary"
)

// Metrics of the predicted probabilities.
var fromScores = []Metric{
	{
		Name: "roc_auc", Doc: "chance that a positive row is scored above a negative one",
		Formula: "U / (positives * negatives), ties count half", Tasks: []string{Binary, Multiclass},
		Better: Higher, Bounded: true, Scores: true, Default: true, Takes: []string{Class},
		needs: func(p Params) summary.Needs {
			return summary.Needs{Curves: []int{p.Positive()}, Placements: []int{p.Positive()}}
		},
		estimate: rocAUC,
	},
	{
		Name: "average_precision", Doc: "mean, over positive rows, of the share of positives among the rows scored at least as high",
		Formula: "sum over scores of the rise of recall * precision there", Tasks: []string{Binary, Multiclass},
		Better: Higher, Bounded: true, Scores: true, Takes: []string{Class},
		needs: func(p Params) summary.Needs {
			return summary.Needs{Curves: []int{p.Positive()}, Precision: true}
		},
		estimate: averagePrecision,
	},
	overClasses("roc_auc_ovr_macro", "ROC AUC of each class against the rest, averaged over classes", rocAUC, false),
	overClasses("roc_auc_ovr_weighted", "ROC AUC of each class against the rest, averaged by the rows of the class", rocAUC, true),
	overPairs("roc_auc_ovo_macro", "ROC AUC of each pair of classes, averaged over pairs", func(p summary.Pairs) float64 { return p.Plain }),
	overPairs("roc_auc_ovo_weighted", "ROC AUC of each pair of classes, averaged by the rows of both", func(p summary.Pairs) float64 { return p.Weighted }),
	precisionMacro,
	{
		Name: "log_loss", Doc: "mean of minus the natural logarithm of the probability given to the true class",
		Formula: "mean of -ln p, p clipped to [2^-52, 1 - 2^-52]", Tasks: []string{Binary, Multiclass},
		Better: Lower, Scores: true,
		loss: each(summary.LogLoss),
	},
	{
		Name: "brier", Doc: "mean squared distance of the probabilities from the truth",
		Formula: "binary: mean of (p - y)^2; multiclass: of the sum of it over classes", Tasks: []string{Binary, Multiclass},
		Better: Lower, Scores: true,
		loss: each(summary.Brier),
	},
	{
		Name: "high_confidence_error_rate", Doc: "share of rows that are wrong though the highest probability is above a bound",
		Formula: "rows with highest probability > above and a wrong label / rows", Tasks: []string{Binary, Multiclass},
		Better: Lower, Bounded: true, Scores: true, Default: true, Takes: []string{Above},
		loss: func(p Params) summary.Loss { return summary.Loss{Kind: summary.ConfidentError, Param: p.Above} },
	},
	{
		Name: "top_k_accuracy", Doc: "share of rows whose true class is among the k most probable",
		Formula: "rows with the true class among the k highest probabilities / rows; of equal ones the later class comes first",
		Tasks:   []string{Multiclass}, Better: Higher, Bounded: true, Scores: true, Takes: []string{K},
		loss: func(p Params) summary.Loss { return summary.Loss{Kind: summary.InTop, Param: float64(p.K)} },
	},
	calibrated("ece", "mean distance of the confidence from the share of hits, over bins of the confidence",
		"sum over bins of |sum of confidence - hits| / rows", func(bins []summary.Bin, all float64) float64 {
			var sum float64
			for _, b := range bins {
				sum += math.Abs(b.Confidence - b.Hits)
			}
			return sum / all
		}),
	calibrated("max_calibration_error", "largest distance of the confidence from the share of hits, over bins of the confidence",
		"largest of |mean confidence - share of hits| over bins with rows", func(bins []summary.Bin, _ float64) float64 {
			var most float64
			for _, b := range bins {
				if b.Weight > 0 {
					most = max(most, math.Abs(b.Confidence-b.Hits)/b.Weight)
				}
			}
			return most
		}),
}

// calibrated is a metric of how far confidences are from what comes true
// (Naeini, Cooper and Hauskrecht 2015), in bins of equal width.
func calibrated(name, doc, formula string, of func(bins []summary.Bin, all float64) float64) Metric {
	return Metric{
		Name: name, Doc: doc, Formula: formula, Tasks: []string{Binary, Multiclass},
		Better: Lower, Bounded: true, Scores: true, Takes: []string{Bins, Confidence},
		needs: func(p Params) summary.Needs {
			return summary.Needs{Calibrations: []summary.Calibration{p.calibration()}}
		},
		estimate: func(v summary.View, model int, p Params) (Estimate, error) {
			return Estimate{Value: of(v.Calibration(p.calibration(), model), v.Weight())}, nil
		},
	}
}

func rocAUC(v summary.View, model int, p Params) (Estimate, error) {
	a := v.Area(model, p.Positive())
	switch {
	case a.Positive == 0:
		return undefined("roc_auc has no value: no row is positive, and it compares positive rows with negative ones")
	case a.Negative == 0:
		return undefined("roc_auc has no value: every row is positive, and it compares positive rows with negative ones")
	}
	return Estimate{Value: a.Value, Bound: a.Bound}, nil
}
