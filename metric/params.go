package metric

import "github.com/noworse/noworse/summary"

// The names of parameters, as the spec writes them.
const (
	Above      = "above"
	Beta       = "beta"
	Bins       = "bins"
	Class      = "class"
	Confidence = "confidence"
	K          = "k"
	Quantile   = "quantile"
)

// Params are the parameters that a rule may give a metric.
type Params struct {
	Above    float64 // high_confidence_error_rate: confidence beyond which an error counts
	Beta     float64 // f_beta: how many times as much recall counts as precision
	Quantile float64 // pinball: the quantile that is predicted
	K        int     // top_k_accuracy: how many answers count
	Bins     int     // calibration errors: bins of the confidence
	Top      bool    // calibration errors: of the predicted class, not of the positive one
	// Class is the class that counts as positive: its number and 1. 0 is the
	// positive class of a binary task.
	Class int
	// Value is, for metrics of what answers are worth, the number of the values.
	Value int
}

// Positive is the number of the class that counts as positive.
func (p Params) Positive() int {
	if p.Class > 0 {
		return p.Class - 1
	}
	return 1
}

func (p Params) calibration() summary.Calibration {
	return summary.Calibration{Bins: p.Bins, Top: p.Top}
}
