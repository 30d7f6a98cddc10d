package metric

import "github.com/noworse/noworse/summary"

// worth is the metric of rules that say what rows are worth. It is not one of
// All: such a rule has a name and a direction of its own.
var worth = Metric{
	Name: "cost", Doc: "what a row is worth on average, by its true and its predicted class", Formula: "mean of the values of the rows",
	Tasks: []string{Binary, Multiclass}, Better: Neither, Signed: true,
	loss: func(p Params) summary.Loss { return summary.Loss{Kind: summary.Value, Param: float64(p.Value)} },
}
