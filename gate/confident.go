package gate

import (
	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/summary"
)

// usualConfidence is the confidence above which an error counts as confident
// where no rule says another.
const usualConfidence = 0.9

// confidence is the bound that confident errors are counted above: that of the
// first rule about them, or the usual one. False where it cannot be told of both
// models how sure they are.
func (p *plan) confidence() (above float64, ok bool) {
	if p.classes == nil || len(p.models) < 2 || !p.givesScores(candidateScoreMark) || !p.givesScores(baselineScoreMark) {
		return 0, false
	}
	for _, r := range p.spec.Metrics {
		if r.Metric == "high_confidence_error_rate" && r.Above != nil {
			return *r.Above, true
		}
	}
	return usualConfidence, true
}

// confidentErrors are rows that the candidate gets wrong with a confidence above
// a bound, and the baseline does not.
type confidentErrors struct {
	above    float64
	count    uint64
	examples summary.Sample[result.Example]
}

// newConfidentErrors is nil where they cannot be told.
func (p *plan) newConfidentErrors() *confidentErrors {
	above, ok := p.confidence()
	if !ok {
		return nil
	}
	return &confidentErrors{above: above}
}

// surelyWrong says whether a model gets a row wrong with a confidence above a
// bound: the highest of its probabilities, as high_confidence_error_rate has it.
// It has no branches that are guessed wrong: most rows are looked at once.
func surelyWrong(m *summary.Outputs, label uint16, row int, above float64) bool {
	var wrong, high, low uint8
	if m.Class[row] != label {
		wrong = 1
	}
	if m.Score == nil {
		return wrong == 1 && m.Top[row] > above
	}
	p := m.Score[row] // binary, where Top is there only if a metric needs it
	if p > above {
		high = 1
	}
	if 1-p > above {
		low = 1
	}
	return wrong&(high|low) == 1
}

// isNew says whether a row of a batch is such an error.
func (c *confidentErrors) isNew(b *summary.Batch, row int) bool {
	y := b.Label[row]
	return surelyWrong(&b.Models[0], y, row, c.above) && !surelyWrong(&b.Models[1], y, row, c.above)
}

// confidentErrors counts the batch's, and offers them as examples.
func (w *worker) confidentErrors(from *dataset.Batch, ids predict.IDs) {
	c := w.confident
	if c == nil {
		return
	}
	for row := range w.batch.Label {
		if c.isNew(&w.batch, row) {
			c.count++
			w.offerConfidentError(from, ids, row)
		}
	}
}

func (w *worker) offerConfidentError(from *dataset.Batch, ids predict.IDs, row int) {
	if ids.Hash == nil {
		return
	}
	if hash, c := ids.Hash(row), w.confident; c.examples.Wants(hash) {
		c.examples.Add(maxExamples, hash, func() result.Example { return w.example(from, ids, row) })
	}
}

func (c *confidentErrors) merge(o *confidentErrors) {
	if c != nil {
		c.count += o.count
		c.examples.Merge(maxExamples, &o.examples)
	}
}

func (c *confidentErrors) result() *result.ConfidentErrors {
	if c == nil {
		return nil
	}
	return &result.ConfidentErrors{Above: c.above, Count: c.count, Examples: sorted(&c.examples)}
}
