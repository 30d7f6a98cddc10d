package gate

import (
	"slices"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/spec"
	"github.com/noworse/noworse/summary"
)

// heldColumns is how many columns of MaxExact numbers are held in order for
// multiclass models: 2 GiB by default.
const heldColumns = 16

// judgeHeld refuses rules that would have more numbers held than fit. Scores of
// a binary task are counted in bins instead, with a bound on the error; for
// many classes, and for errors without a range, no bins give a useful bound.
func (p *plan) judgeHeld() {
	rows, most := p.source.Rows(), p.options.MaxExact
	if p.spec.Task == spec.Binary {
		return
	}
	columns := p.curves() * len(p.models)
	whole, sliced := p.allRules()
	reported := map[string]bool{} // rules that several slices share
	for _, r := range slices.Concat(whole, sliced) {
		m, _ := metric.Lookup(r.Metric)
		n := m.Needs(p.params(r))
		switch {
		case reported[r.At]:
		case n.Median && rows > most:
			p.problem(r.At, "judge fewer rows, or use mae, which holds none",
				"%s puts the errors of all rows in order, and %d rows are more than %d", r.Metric, rows, most)
		case n.Spearman && rows > most:
			p.problem(r.At, "judge fewer rows, or use pearson, which holds none",
				"%s puts all rows in order, and %d rows are more than %d", r.Metric, rows, most)
		case len(n.Curves) > 0 && rows > heldColumns*most/uint64(columns):
			p.problem(r.At, "judge fewer rows, or fewer classes by rules with class",
				"%s puts probabilities in order: %d rows with %s are more than %d numbers", r.Metric, rows,
				predict.Count(uint64(columns), "probability", "probabilities"), heldColumns*most)
		}
		reported[r.At] = true
	}
}

// curves is the number of classes whose probabilities are held.
func (p *plan) curves() int {
	all := slices.Concat(p.shape.Whole.Curves, p.shape.Sliced.Curves)
	if slices.Contains(all, summary.EveryClass) {
		return p.shape.Classes
	}
	slices.Sort(all)
	return len(slices.Compact(all))
}
