package gate

import (
	"slices"
	"strings"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/summary"
)

// maxExamples is the most rows that a check shows.
const maxExamples = 20

// examples are rows that the baseline got right and the candidate wrong, for
// the whole set and for every slice.
type examples struct {
	whole summary.Sample[result.Example]
	named []summary.Sample[result.Example]
	by    [][]summary.Sample[result.Example]
}

func newExamples(shape summary.Shape) examples {
	return examples{
		named: make([]summary.Sample[result.Example], shape.Named),
		by:    make([][]summary.Sample[result.Example], shape.By),
	}
}

func (e *examples) merge(o *examples) {
	e.whole.Merge(maxExamples, &o.whole)
	for i := range e.named {
		e.named[i].Merge(maxExamples, &o.named[i])
	}
	for b := range e.by {
		for i := range e.by[b] {
			e.by[b][i].Merge(maxExamples, &o.by[b][i])
		}
	}
}

func (e *examples) renumber(by int, to []uint32, n int) {
	fresh := make([]summary.Sample[result.Example], n)
	for i, s := range e.by[by] {
		fresh[to[i]] = s
	}
	e.by[by] = fresh
}

// flips offers the negative flips of the batch as examples.
func (w *worker) flips(from *dataset.Batch, ids predict.IDs) {
	b := &w.batch
	if len(b.Models) < 2 || b.Label == nil || ids.Hash == nil {
		return
	}
	candidate, baseline := b.Models[0].Class, b.Models[1].Class
	for i, y := range b.Label {
		if candidate[i] != baseline[i] && baseline[i] == y { // most often the two agree
			w.flip(from, ids, i)
		}
	}
}

// flip offers one row to the samples of its slices.
func (w *worker) flip(from *dataset.Batch, ids predict.IDs, row int) {
	hash := ids.Hash(row)
	offer := func(s *summary.Sample[result.Example]) {
		if s.Wants(hash) {
			s.Add(maxExamples, hash, func() result.Example { return w.example(from, ids, row) })
		}
	}
	e := &w.examples
	offer(&e.whole)
	for s, mask := range w.batch.Named {
		if mask[row>>6]>>(row&63)&1 == 1 {
			offer(&e.named[s])
		}
	}
	for s, codes := range w.batch.By {
		c := int(codes[row])
		if c >= len(e.by[s]) {
			e.by[s] = append(e.by[s], make([]summary.Sample[result.Example], c+1-len(e.by[s]))...)
		}
		offer(&e.by[s][c])
	}
}

func (w *worker) example(from *dataset.Batch, ids predict.IDs, row int) result.Example {
	names := w.plan.classes.Names
	answer := func(model int) result.Answer {
		o := &w.batch.Models[model]
		a := result.Answer{Label: names[o.Class[row]]}
		if score, ok := w.models[model].Score(from, o, row); ok {
			a.Score = &score
		}
		return a
	}
	return result.Example{
		ID: ids.Text(row), Label: names[w.batch.Label[row]],
		Candidate: answer(0), Baseline: answer(1),
	}
}

// sorted is the examples in the order of their ids.
func sorted(s *summary.Sample[result.Example]) []result.Example {
	rows := s.Rows()
	slices.SortFunc(rows, func(a, b result.Example) int {
		if len(a.ID) != len(b.ID) && isNumber(a.ID) && isNumber(b.ID) {
			return len(a.ID) - len(b.ID)
		}
		return strings.Compare(a.ID, b.ID)
	})
	return rows
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
