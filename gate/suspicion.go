package gate

import (
	"fmt"

	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
)

// leastSuspect is the fewest rows that are worth a question.
const leastSuspect = 50

// suspicions asks about values that are more often a mistake in the data than
// the work of a model. They are told and decide nothing.
func (p *plan) suspicions(e *evaluation, checks []result.Check) (notes []string) {
	if e.all.rows < leastSuspect {
		return nil
	}
	if p.classes != nil {
		right, err := p.estimate("", e.all.whole(), spec.Rule{Metric: "accuracy"}, 0)
		if err == nil && right.Value == 1 {
			notes = append(notes, "The candidate is right on every row: are its answers a copy of the label?")
		}
	}
	for _, c := range checks {
		if c.Metric != "roc_auc" || c.Slice != "" || len(c.By) > 0 || c.Candidate == nil || c.Baseline == nil || *c.Baseline < 0.6 {
			continue
		}
		switch area := *c.Candidate; {
		case area < 0.4:
			return append(notes, fmt.Sprintf("The candidate orders rows the wrong way round (ROC AUC %.3f; turned round %.3f): are its scores those of the other class?", area, 1-area))
		case area < 0.52:
			return append(notes, fmt.Sprintf("The candidate's scores say nothing of the label (ROC AUC %.3f): do its ids name the rows that they were made for?", area))
		}
	}
	return notes
}
