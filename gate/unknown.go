package gate

import (
	"fmt"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/summary"
)

// noMethod says why nothing is known of chance where the two values alone decide on a
// metric; "" of metrics in SQL.
func (p *plan) noMethod(m metric.Metric, with metric.Params) string {
	switch {
	case m.Name == "":
	case m.Name == "max_error":
		return "chance is not known: one row decides, and among other rows another may be off by any amount"
	case m.Name == "ece" && with.Bins > summary.MostPairedBins:
		return fmt.Sprintf("chance is not known: with more than %d bins it is not kept how often each meets each", summary.MostPairedBins)
	case p.source.Rows() > p.options.MaxExact:
		return fmt.Sprintf("chance is not known: more than %s rows are not held to be put in order", predict.Thousands(p.options.MaxExact))
	}
	return ""
}
