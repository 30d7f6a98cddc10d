package gate

import (
	"fmt"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/predict"
)

// noMethod says why nothing is known of chance where the two values alone decide on a
// metric; "" of metrics in SQL.
func (p *plan) noMethod(m metric.Metric) string {
	if m.Name != "" && p.source.Rows() > p.options.MaxExact {
		return fmt.Sprintf("chance is not known: more than %s rows are not held to be put in order", predict.Thousands(p.options.MaxExact))
	}
	return ""
}
