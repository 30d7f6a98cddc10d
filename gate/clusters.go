package gate

import (
	"fmt"

	"github.com/noworse/noworse/evidence"
	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/spec"
)

const dependentRows = "chance is not known: rows of one group depend on each other"

// clustered says whether rows are held by group until all of a group are there.
func (p *plan) clustered() bool {
	return p.cluster != nil && p.source.Rows() <= p.options.MaxExact && p.spec.Decision.Fail != spec.ByPoint
}

// dependent counts the groups that a check is judged on, and notes where nothing
// can be said of chance.
func (p *plan) dependent(c *pending, m metric.Metric, with metric.Params) {
	switch {
	case p.cluster == nil:
	case !evidence.ByGroup(m, with): // however many there are
		c.unknown = dependentRows
	case !p.shape.Clustered:
		c.unknown = fmt.Sprintf("chance is not known: more than %s rows are too many to be put together by group", predict.Thousands(p.options.MaxExact))
	default:
		c.Evidence.Groups = evidence.Groups(c.view.View, m, with, c.limit.Kind.OfChange() && c.view.models == 2)
		if n := c.Evidence.Groups; n < evidence.LeastGroups {
			c.unknown = fmt.Sprintf("chance is not known: %s, and under %d say too little", predict.Count(n, "group of rows", "groups of rows"), evidence.LeastGroups)
		}
	}
}
