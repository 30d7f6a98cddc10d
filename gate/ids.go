package gate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/cespare/xxhash/v2"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/spec"
)

// idReader names rows, and keeps a hash of every id to find duplicates: after
// a join a duplicate on either side has become two rows.
type idReader struct {
	place  int // -1: rows have no ids
	ints   bool
	nulls  uint64
	rows   uint64       // about so many are expected
	runs   []run        // batches of consecutive numbers: no more needs to be kept of them
	hashes [][]uint64   // of all other ids, by the leading bits, so that they are looked at in pieces
	others [][][]uint64 // those of merged readers
	batch  []uint64     // of the rows of the batch
}

const hashPieces = 256

// run is ids from first to last, each once.
type run struct{ first, last int64 }

// newIDReader expects to see about so many rows.
func newIDReader(field predict.Field, id *dataset.Column, rows uint64) idReader {
	if id == nil {
		return idReader{place: -1}
	}
	r := idReader{ints: id.Kind == dataset.Integer, rows: rows}
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
	if r.ints && v.Valid == nil && consecutive(v.Ints[:from.Rows]) {
		r.runs = append(r.runs, run{v.Ints[0], v.Ints[from.Rows-1]})
	} else {
		r.keep(v)
	}
	hashes := r.batch
	return predict.IDs{
		Hash: func(row int) uint64 { return hashes[row] },
		Text: func(row int) string { return r.text(v, row) },
	}
}

// consecutive says whether each number is one more than that before it.
func consecutive(ids []int64) bool {
	for i, id := range ids {
		if id != ids[0]+int64(i) || id < ids[0] {
			return false
		}
	}
	return len(ids) > 0
}

// keep keeps the hashes of the batch.
func (r *idReader) keep(v *dataset.Vector) {
	for i, h := range r.batch {
		if v.Null(i) {
			r.nulls++
			continue
		}
		r.keepHash(h)
	}
}

func (r *idReader) keepHash(h uint64) {
	if r.hashes == nil {
		r.hashes = make([][]uint64, hashPieces)
		for i := range r.hashes {
			r.hashes[i] = make([]uint64, 0, r.rows/hashPieces+r.rows/hashPieces/8)
		}
	}
	piece := &r.hashes[h/(1<<64/hashPieces)]
	*piece = append(*piece, h)
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
	r.runs = append(r.runs, o.runs...)
	if o.hashes != nil {
		r.others = append(r.others, o.hashes)
	}
}

// overlap says whether two runs share an id.
func (r *idReader) overlap() bool {
	slices.SortFunc(r.runs, func(a, b run) int { return cmp.Compare(a.first, b.first) })
	for i := 1; i < len(r.runs); i++ {
		if r.runs[i].first <= r.runs[i-1].last {
			return true
		}
	}
	return false
}

// keepRuns turns the runs into hashes, to be compared with others.
func (r *idReader) keepRuns() {
	for _, run := range r.runs {
		for n := range uint64(run.last-run.first) + 1 {
			r.keepHash(scramble(uint64(run.first) + n))
		}
	}
	r.runs = nil
}

// repeated says whether two rows have ids of one hash. It drops the hashes.
func (r *idReader) repeated(threads int) bool {
	if r.overlap() {
		return true
	}
	if r.hashes == nil && r.others == nil {
		return false
	}
	r.keepRuns()
	all := r.others
	if r.hashes != nil {
		all = append(all, r.hashes)
	}
	found := make([]bool, hashPieces)
	var wg sync.WaitGroup
	for t := range max(1, threads) {
		wg.Go(func() {
			var seen hashSet
			for i := t; i < hashPieces; i += max(1, threads) {
				n := 0
				for _, pieces := range all {
					n += len(pieces[i])
				}
				seen.reset(n)
				for _, pieces := range all {
					for _, h := range pieces[i] {
						found[i] = !seen.add(h) || found[i]
					}
				}
			}
		})
	}
	wg.Wait()
	r.hashes, r.others = nil, nil
	return slices.Contains(found, true)
}

// hashSet is a set of hashes that are spread evenly, by open addressing.
type hashSet struct {
	slots []uint64 // 0: empty
	zero  bool     // 0 is in the set
}

// reset empties the set and makes room for n hashes.
func (s *hashSet) reset(n int) {
	size := 1
	for size < 2*n {
		size *= 2
	}
	if cap(s.slots) < size {
		s.slots = make([]uint64, size)
	}
	s.slots = s.slots[:size]
	clear(s.slots)
	s.zero = false
}

// add puts a hash in and says whether it was new.
func (s *hashSet) add(h uint64) bool {
	if h == 0 {
		was := s.zero
		s.zero = true
		return !was
	}
	mask := uint64(len(s.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		switch s.slots[i] {
		case 0:
			s.slots[i] = h
			return true
		case h:
			return false
		}
	}
}

// trust ends the run if any row could not be used, or if rows and predictions
// did not match one to one: numbers from such a scan mean something else than
// they say.
func (p *plan) trust(ctx context.Context, w *worker) error {
	if w == nil {
		return p.onlyUnlabelled()
	}
	lost := w.rows+p.unlabelled != p.source.Rows()
	if lost || p.mismatched(w) || w.ids.place >= 0 && (w.ids.nulls > 0 || w.ids.repeated(p.options.Threads)) {
		if err := p.auditIDs(ctx); err != nil {
			return err
		}
	}
	if lost && len(p.problems) == 0 {
		return fmt.Errorf("the data changed while they were read: %s at first, then %s: run it again", predict.Count(p.source.Rows(), "row", "rows"), predict.Count(w.rows+p.unlabelled, "row", "rows"))
	}
	if len(p.problems) > 0 {
		return p.problems // what rows without a match have is not news
	}
	return p.trustValues(w)
}

// trustValues ends the run if a label, a weight or an answer is not what it
// must be.
func (p *plan) trustValues(w *worker) error {
	var classes []string
	if p.classes != nil {
		classes = p.classes.Names
	}
	for _, f := range w.truth.Problems.Findings(classes) {
		p.problem("data.eval", f.Mend, "%s: %s", p.spec.Eval.Name(), f.Sentence)
	}
	if w.clusters != nil {
		for _, f := range w.clusters.Problems.Findings(nil) {
			p.problem("data.eval.group", f.Mend, "%s: %s in column %q", p.spec.Eval.Name(), f.Sentence, p.cluster.Name)
		}
	}
	w.costs.trust(p)
	for m, model := range p.given {
		for _, f := range w.models[m].Problems.Findings(classes) {
			p.problem(model.at, f.Mend, "the %s: %s", model.role, f.Sentence)
		}
	}
	if len(p.problems) > 0 {
		return p.problems
	}
	return nil
}

// mismatched says whether a file of predictions has other rows than those that
// were matched. Predictions for rows that are left out are none too many: the
// audit tells them from those for rows that are not there.
func (p *plan) mismatched(w *worker) bool {
	attached := 0
	for m, model := range p.given {
		if model.Path == "" || model.stored != nil { // a former set had other rows
			continue
		}
		if w.models[m].Matched != p.source.AttachedRows(attached) {
			return true
		}
		attached++
	}
	return false
}

// auditIDs says which ids keep rows from matching. That two ids share a hash
// is not a fault: then it finds none.
func (p *plan) auditIDs(ctx context.Context) error {
	audits, err := p.source.AuditIDs(ctx)
	if err != nil {
		return err
	}
	for _, a := range audits {
		if p.spec.Eval.Unlabelled == spec.UnlabelledDrop {
			a.Missing = dataset.Examples{} // rows that are left out need no prediction; the scan found the others
		}
		p.tellAudit(a)
	}
	return nil
}

func (p *plan) tellAudit(a dataset.IDAudit) {
	note := func(hint, format string, args ...any) {
		p.problem(a.Table.AtID, hint, "%s: %s", a.Table.Path, fmt.Sprintf(format, args...))
	}
	if a.Nulls > 0 {
		note("every row needs an id", "%s no id in column %q", predict.Count(a.Nulls, "row has", "rows have"), a.Table.ID)
	}
	if n := a.Duplicates; n.Count > 0 {
		note("an id names one row: keep one, or name another column that tells rows apart", "%s in more than one row: %s", predict.Count(n.Count, "id stands", "ids stand"), n.List())
	}
	if n := a.Extra; n.Count > 0 {
		note("predict on the evaluation set's rows and no others", "%s that the evaluation set does not have: %s", predict.Count(n.Count, "id", "ids"), n.List())
	}
	if n := a.Missing; n.Count > 0 {
		note("every row needs a prediction", "%s of the evaluation set %s no prediction: %s",
			predict.Count(n.Count, "row", "rows"), map[bool]string{true: "has", false: "have"}[n.Count == 1], n.List())
	}
}
