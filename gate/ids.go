package gate

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/cespare/xxhash/v2"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/predict"
)

// idReader names rows, and keeps a hash of every id to find duplicates: after
// a join a duplicate on either side has become two rows.
type idReader struct {
	place  int // -1: rows have no ids
	ints   bool
	nulls  uint64
	hashes [][]uint64 // by the leading bits, so that they sort in pieces
	batch  []uint64   // of the rows of the batch
}

const hashPieces = 256

func newIDReader(field predict.Field, id *dataset.Column) idReader {
	if id == nil {
		return idReader{place: -1}
	}
	r := idReader{ints: id.Kind == dataset.Integer, hashes: make([][]uint64, hashPieces)}
	form := dataset.AsText
	if r.ints {
		form = dataset.AsInt
	}
	r.place = field(dataset.Field{Column: id.Name, Form: form})
	return r
}

// read hashes the ids of a batch.
func (r *idReader) read(from *dataset.Batch) predict.IDs {
	if r.place < 0 {
		return predict.IDs{}
	}
	v := &from.Vectors[r.place]
	if cap(r.batch) < from.Rows {
		r.batch = make([]uint64, from.Rows)
	}
	r.batch = r.batch[:from.Rows]
	if r.ints {
		for i, id := range v.Ints[:from.Rows] {
			r.batch[i] = scramble(uint64(id))
		}
	} else {
		for i, id := range v.Texts[:from.Rows] {
			r.batch[i] = xxhash.Sum64String(id)
		}
	}
	for i, h := range r.batch {
		if v.Null(i) {
			r.nulls++
			continue
		}
		piece := &r.hashes[h/(1<<64/hashPieces)]
		*piece = append(*piece, h)
	}
	hashes := r.batch
	return predict.IDs{
		Hash: func(row int) uint64 { return hashes[row] },
		Text: func(row int) string { return r.text(v, row) },
	}
}

func (r *idReader) text(v *dataset.Vector, row int) string {
	switch {
	case v.Null(row):
		return "null"
	case r.ints:
		return strconv.FormatInt(v.Ints[row], 10)
	}
	return strings.Clone(v.Texts[row])
}

// scramble is a bijection of 64 bits (the finalizer of splitmix64): two
// integers never share a hash.
func scramble(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (r *idReader) merge(o *idReader) {
	r.nulls += o.nulls
	for i, h := range o.hashes {
		r.hashes[i] = append(r.hashes[i], h...)
		o.hashes[i] = nil
	}
}

// repeated says whether two rows have ids of one hash.
func (r *idReader) repeated(threads int) bool {
	found := make([]bool, len(r.hashes))
	var wg sync.WaitGroup
	for t := range max(1, threads) {
		wg.Go(func() {
			for i := t; i < len(r.hashes); i += max(1, threads) {
				h := r.hashes[i]
				slices.Sort(h)
				for j := 1; j < len(h); j++ {
					found[i] = found[i] || h[j] == h[j-1]
				}
				r.hashes[i] = nil
			}
		})
	}
	wg.Wait()
	return slices.Contains(found, true)
}

// trust ends the run if any row could not be used, or if rows and predictions
// did not match one to one: numbers from such a scan mean something else than
// they say.
func (p *plan) trust(ctx context.Context, w *worker) error {
	suspicious := w.ids.place >= 0 && (w.ids.nulls > 0 || w.ids.repeated(p.options.Threads))
	suspicious = suspicious || w.rows+p.unlabelled != p.source.Rows() && (p.classes != nil || p.spec.Eval.Unlabelled != "drop")
	attached := 0
	for m, model := range models(p.spec) {
		if model.Path != "" {
			suspicious = suspicious || w.models[m].Matched != p.source.AttachedRows(attached)
			attached++
		}
	}
	if suspicious {
		if err := p.auditIDs(ctx); err != nil {
			return err
		}
	}
	const mend = "mend the rows: noworse leaves none out"
	for _, s := range w.truth.Problems.Sentences() {
		p.problem("data.eval", mend, "%s: %s", p.spec.Eval.Path, s)
	}
	for m, model := range models(p.spec) {
		for _, s := range w.models[m].Problems.Sentences() {
			p.problem(model.at, mend, "the %s: %s", model.role, s)
		}
	}
	if len(p.problems) > 0 {
		return p.problems
	}
	return nil
}

// auditIDs says which ids keep rows from matching. That two ids share a hash
// is not a fault: then it finds none.
func (p *plan) auditIDs(ctx context.Context) error {
	audits, err := p.source.AuditIDs(ctx)
	if err != nil {
		return err
	}
	for _, a := range audits {
		note := func(hint, format string, args ...any) {
			p.problem(a.Table.AtID, hint, "%s: %s", a.Table.Path, fmt.Sprintf(format, args...))
		}
		if a.Nulls > 0 {
			note("every row needs an id", "%s", predict.Count(a.Nulls, "row has", "rows have")+fmt.Sprintf(" no id in column %q", a.Table.ID))
		}
		if a.Duplicates.Count > 0 {
			note("an id names one row", "%s: %s", "ids in more than one row", a.Duplicates)
		}
		if a.Extra.Count > 0 {
			note("predict on the evaluation set's rows and no others", "%s: %s", "ids that the evaluation set does not have", a.Extra)
		}
		if a.Missing.Count > 0 && p.spec.Eval.Unlabelled != "drop" {
			note("every row needs a prediction", "%s: %s", "ids of the evaluation set without a prediction", a.Missing)
		}
	}
	return nil
}
