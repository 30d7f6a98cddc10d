package gate

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/slice"
	"github.com/noworse/noworse/spec"
	"github.com/noworse/noworse/summary"
)

// scanned is what one pass over the rows leaves.
type scanned struct {
	summary   *summary.Summary
	by        [][]string // names of the slices of each `by` entry, as the summary numbers them
	rows      uint64
	prints    fingerprints
	examples  examples
	confident *confidentErrors // nil: they cannot be told

	relabelled uint64 // since the stored baseline was accepted
	worker     *worker
	formulas   formulaValues
}

// scan reads the rows once and merges what the threads saw; nil if there were
// none. Whether they can be trusted is to be asked before they are used.
func (p *plan) scan(ctx context.Context) (*scanned, error) {
	return p.collect(func(request dataset.Request, sink func() dataset.Sink) error {
		return p.source.Scan(ctx, request, sink)
	})
}

// collect merges what the sinks of one run over the rows saw.
func (p *plan) collect(run func(dataset.Request, func() dataset.Sink) error) (*scanned, error) {
	request, build := p.request()
	var mu sync.Mutex
	var workers []*worker
	err := run(request, func() dataset.Sink {
		w := build()
		mu.Lock()
		defer mu.Unlock()
		workers = append(workers, w)
		return w
	})
	if err != nil {
		return nil, p.scanError(err)
	}
	if len(workers) == 0 {
		return nil, nil
	}
	first := workers[0]
	names, err := p.agreeOnSlices(workers)
	if err != nil {
		return nil, err
	}
	for _, w := range workers[1:] {
		if err := first.merge(w); err != nil {
			return nil, err
		}
	}
	s := &scanned{summary: first.summary, by: names, rows: first.rows, prints: first.prints, examples: first.examples, confident: first.confident, worker: first}
	if first.former != nil {
		s.relabelled = first.former.Relabelled
	}
	return s, nil
}

// scanError gives a slice that fails on some row its place in the spec.
func (p *plan) scanError(err error) error {
	f, ok := errors.AsType[*dataset.FieldError](err)
	if !ok {
		return err
	}
	for i := range p.predicates {
		if f.Predicate == &p.predicates[i] {
			n := p.spec.Slices.Named[i]
			p.problem(n.At, "", "slice %s fails on some rows: %s", n.Name, f.Message)
			return p.problems
		}
	}
	return err
}

func (p *plan) onlyUnlabelled() error {
	p.problem("data.eval.label", "an evaluation needs the true labels", "no row has a label in column %q", p.label.Name)
	return p.problems
}

// fields collects what a scan is asked for; equal requests share a place.
type fields struct{ list []dataset.Field }

func (f *fields) place(field dataset.Field) int {
	for i, have := range f.list {
		if have == field {
			return i
		}
	}
	f.list = append(f.list, field)
	return len(f.list) - 1
}

// request is the scan's request, and a function that makes workers for it.
func (p *plan) request() (dataset.Request, func() *worker) {
	f := new(fields)
	p.newWorker(f, 0) // asks for every field; it sees no row
	return dataset.Request{Fields: f.list, NotNull: p.notNull()}, func() *worker {
		return p.newWorker(&fields{list: slices.Clone(f.list)}, p.source.Rows()/uint64(p.options.Threads))
	}
}

// notNull is the column that rows must have a value in, or "".
func (p *plan) notNull() string {
	if p.spec.Eval.Unlabelled == spec.UnlabelledDrop {
		return p.label.Name
	}
	return ""
}

// worker turns the batches that one thread gets into a summary.
type worker struct {
	plan     *plan
	truth    *predict.Truth
	models   []*predict.Recorded
	ids      idReader
	clusters *predict.Groups // nil: every row is by itself
	named    []int           // places of the predicates
	encoded  encoded
	by       []byReader
	costs    costReader
	hasher   rowHasher
	summary  *summary.Summary
	rows     uint64
	prints   fingerprints
	examples examples
	former   *predict.Former // nil: no stored baseline
	order    *order          // nil: it does not matter

	confident *confidentErrors // nil: they cannot be told

	batch summary.Batch // memory that is used again
}

// newWorker expects to see about so many rows.
func (p *plan) newWorker(f *fields, rows uint64) *worker {
	w := &worker{plan: p, summary: summary.New(p.shape)}
	w.truth = predict.NewTruth(f.place, p.classes, p.label, p.weight)
	for _, m := range p.models {
		w.models = append(w.models, predict.NewRecorded(f.place, p.classes, m))
	}
	if p.cluster != nil {
		w.clusters = predict.NewGroups(f.place, *p.cluster)
	}
	w.costs = newCostReader(f.place, &p.costs)
	w.ids = newIDReader(f.place, p.id, rows)
	for i := range p.predicates {
		w.named = append(w.named, f.place(dataset.Field{Predicate: &p.predicates[i], Form: dataset.AsMask}))
	}
	for _, g := range p.groups {
		w.by = append(w.by, newByReader(f.place, &w.encoded, p.source.Columns(), g.columns))
	}
	w.hasher = newRowHasher(f.place, &w.encoded, p.fingerprinted())
	if from, truth, ok := p.former(); ok {
		w.former = predict.NewFormer(f.place, p.classes, from, truth)
	}
	w.order = newOrder(f.place, p.order)
	w.prints.models = make([]fingerprint, len(p.models))
	w.examples = newExamples(p.shape)
	w.confident = p.newConfidentErrors()
	w.batch.Models = make([]summary.Outputs, p.shape.Models)
	w.batch.Named = make([][]uint64, len(w.named))
	w.batch.By = make([][]uint32, len(w.by))
	return w
}

// Consume implements dataset.Sink.
func (w *worker) Consume(from *dataset.Batch) error {
	b := &w.batch
	b.Rows = from.Rows
	ids := w.ids.read(from)
	w.truth.Read(from, ids, b)
	for m, r := range w.models {
		r.Read(from, ids, b, &b.Models[m])
	}
	if w.clusters != nil {
		b.Cluster = w.clusters.Read(from, ids)
	}
	if w.plan.doubled {
		b.Models[1] = b.Models[0]
	}
	w.costs.read(from, ids, b)
	w.encoded.read(from)
	for i, place := range w.named {
		b.Named[i] = from.Vectors[place].Mask
	}
	for i := range w.by {
		b.By[i] = w.by[i].read()
		if w.by[i].len() > maxSlices { // each thread sees some; their sum is looked at later
			return w.plan.tooManySlices(i)
		}
	}
	w.summary.Add(b)
	w.rows += uint64(from.Rows)
	w.fingerprint(from)
	w.order.read(from)
	if w.former != nil {
		w.former.Read(from, b)
	}
	w.flips(from, ids)
	w.confidentErrors(from, ids)
	return nil
}

// merge adds what another worker saw.
func (w *worker) merge(o *worker) error {
	if err := w.summary.Merge(o.summary); err != nil {
		return err
	}
	w.truth.Problems.Merge(&o.truth.Problems)
	for m, r := range w.models {
		r.Problems.Merge(&o.models[m].Problems)
		r.Matched += o.models[m].Matched
	}
	if w.clusters != nil {
		w.clusters.Problems.Merge(&o.clusters.Problems)
	}
	w.costs.merge(&o.costs)
	w.ids.merge(&o.ids)
	w.rows += o.rows
	w.prints.merge(&o.prints)
	w.examples.merge(&o.examples)
	w.confident.merge(o.confident)
	w.order.merge(o.order)
	if w.former != nil {
		w.former.Relabelled += o.former.Relabelled
	}
	return nil
}

// byReader numbers the slices of one `by` entry.
type byReader struct {
	names   []string
	columns []*encodedColumn
	pairs   []*slice.Pairs // pairs[i] joins the code so far with column i+1
	work    []uint32
}

func newByReader(field predict.Field, e *encoded, columns []dataset.Column, names []string) byReader {
	r := byReader{names: names}
	for i, name := range names {
		c, _ := dataset.Find(columns, name)
		r.columns = append(r.columns, e.add(field, c))
		if i > 0 {
			r.pairs = append(r.pairs, new(slice.Pairs))
		}
	}
	return r
}

// read is the slice of each row of the batch that is encoded at the moment.
func (r *byReader) read() []uint32 {
	codes := r.columns[0].codes
	for i, c := range r.columns[1:] {
		if cap(r.work) < len(codes) {
			r.work = make([]uint32, len(codes))
		}
		r.work = r.work[:len(codes)]
		r.pairs[i].Codes(r.work, codes, c.codes)
		codes = r.work
	}
	return codes
}

func (r *byReader) len() int {
	if n := len(r.pairs); n > 0 {
		return r.pairs[n-1].Len()
	}
	return r.columns[0].values.Len()
}

// values are the values, one for each column, of the slice with this code.
func (r *byReader) values(code uint32) []slice.Value {
	values := make([]slice.Value, len(r.names))
	for i := len(r.names) - 1; i > 0; i-- {
		var last uint32
		code, last = r.pairs[i-1].Parts(code)
		values[i] = r.columns[i].values.Value(last)
	}
	values[0] = r.columns[0].values.Value(code)
	for i, v := range values {
		if !v.Null && !v.Int {
			values[i].Text = predict.Canonical(v.Text, r.columns[i].column.Kind)
		}
	}
	return values
}
