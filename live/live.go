// Package live asks a model that runs about every row of an evaluation set, and
// keeps its answers in a file that is then read like recorded predictions:
//
//	dataset.Batch ─▶ framer ─▶ model.Predictor ─▶ recorder ─▶ answers, by a row's place
//
// The answers of a model that is known down to its bytes are kept from run to run,
// by what it is and by every value that it was given.
package live

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/model"
)

// frameRows is how many rows a model is asked about at once: many enough that
// what a call costs does not count, and few enough to hold.
const frameRows = 8192

// Request is what a model is asked.
type Request struct {
	Task     model.Task
	Features []dataset.Column // in the order that the model wants
	ID       string           // the column that names rows in messages; "": by their place
	NotNull  string           // leave out the rows where this column is null; "": none
	// Canonical is a class's name as the labels write it, which are of LabelKind.
	Canonical func(string) string
	LabelKind dataset.Kind
}

// Recording is a file with an answer for every row.
type Recording struct {
	Path    string
	Label   bool     // there is a column Label
	Classes []string // of the columns Score(i); nil: there is one, of the positive class, or none
	Scores  int      // how many columns of scores there are
	// Nullable says which features have nulls somewhere.
	Nullable []bool
	rows     uint64
	remove   func() error
}

// Columns of a recording.
const (
	Position = "position" // a row's place in the evaluation set, from 0
	Label    = "label"    // the class, or the number of a regression
)

// Score is the column of the i-th class's probability.
func Score(i int) string { return fmt.Sprintf("score_%d", i) }

// Close removes the file, unless it is kept.
func (r *Recording) Close() error {
	if r == nil || r.remove == nil {
		return nil
	}
	return r.remove()
}

// Record asks a model about every row of a source, or finds that it has been.
func Record(ctx context.Context, source dataset.Source, p model.Predictor, what Request, cache Cache) (*Recording, error) {
	seen, err := look(ctx, source, what)
	if err != nil {
		return nil, err
	}
	key := cache.key(p.Describe(), what, seen)
	r, ok := cache.find(key, seen.rows)
	if !ok {
		r, err = ask(ctx, source, p, what, seen, cache.keeper(key))
	}
	if err != nil {
		return nil, err
	}
	r.Nullable = seen.nulls
	return r, nil
}

// seen is what a first pass over the rows learns: their digest, and which
// columns have nulls.
type seen struct {
	mu     sync.Mutex
	digest digest
	rows   uint64
	nulls  []bool
}

// look reads every value that a model would be given.
func look(ctx context.Context, source dataset.Source, what Request) (*seen, error) {
	s := &seen{nulls: make([]bool, len(what.Features))}
	err := frames(ctx, source, what, nil, func(f *frame) error {
		d := digestOf(f)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.digest.merge(d)
		s.rows += uint64(f.Rows)
		for i := range f.Columns {
			s.nulls[i] = s.nulls[i] || f.Columns[i].Valid != nil
		}
		return nil
	})
	return s, err
}

// ask asks about every row and writes the answers down.
func ask(ctx context.Context, source dataset.Source, p model.Predictor, what Request, seen *seen, keep keeper) (r *Recording, err error) {
	rec, err := newRecorder(keep.temporary, what)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			rec.abandon()
		}
	}()
	err = frames(ctx, source, what, seen.nulls, func(f *frame) error {
		a, err := answer(ctx, p, &f.Frame, what.Task)
		if err != nil {
			return &failed{positions: f.positions, err: err}
		}
		return rec.add(f.positions, a)
	})
	if f, ok := errors.AsType[*failed](err); ok {
		return nil, blame(ctx, source, p, what, f)
	}
	if err != nil {
		return nil, err
	}
	if rec.rows != seen.rows {
		return nil, fmt.Errorf("the data changed while they were read: %d rows at first, then %d: run it again", seen.rows, rec.rows)
	}
	if r, err = rec.finish(); err != nil {
		return nil, err
	}
	return keep.keep(r)
}

// answer is a model's answers to a frame, held to what the task wants.
func answer(ctx context.Context, p model.Predictor, f *model.Frame, task model.Task) (*model.Answers, error) {
	a, err := p.Predict(ctx, f)
	if err != nil {
		return nil, err
	}
	return a, a.Check(task, f.Rows)
}

// failed is a frame that a model did not answer.
type failed struct {
	positions []int64
	err       error
}

func (f *failed) Error() string { return f.err.Error() }
func (f *failed) Unwrap() error { return f.err }

// Failure is the error of a model that did not answer every row.
type Failure struct {
	Cause *model.Error
	Rows  []string // by id, or by place: some of those at fault; nil: not known
	More  bool     // there are others in the same batch
}

func (f *Failure) Error() string { return f.Sentence() }
func (f *Failure) Unwrap() error { return f.Cause }

// Sentence says what went wrong and on which rows.
func (f *Failure) Sentence() string {
	if len(f.Rows) == 0 {
		return f.Cause.Message
	}
	rows := "row " + strings.Join(f.Rows, ", ")
	if len(f.Rows) > 1 {
		rows = "rows " + strings.Join(f.Rows, ", ")
	}
	if f.More {
		rows += " and others"
	}
	return rows + ": " + f.Cause.Message
}

const mostBlamed = 5

// blame finds the rows at fault: those that the model names, or the first that it
// does not answer alone.
func blame(ctx context.Context, source dataset.Source, p model.Predictor, what Request, f *failed) error {
	e, ok := errors.AsType[*model.Error](f.err)
	if !ok {
		return f.err
	}
	out := &Failure{Cause: e}
	rows := e.Rows
	if rows == nil && !e.Gone && len(f.positions) > 1 {
		frame, err := fetch(ctx, source, what, f.positions)
		if err != nil {
			return out
		}
		if row, err := search(ctx, p, frame, what.Task); row >= 0 {
			rows, out.Cause = []int{row}, err
		}
	}
	var positions []int64
	for _, row := range rows {
		if row >= 0 && row < len(f.positions) && len(positions) < mostBlamed {
			positions = append(positions, f.positions[row])
		}
	}
	out.More = len(rows) > len(positions)
	out.Rows = names(ctx, source, what.ID, positions)
	return out
}

// search is the first row of a frame that a model does not answer, and why; -1
// where it answers each half, or ends.
func search(ctx context.Context, p model.Predictor, f *model.Frame, task model.Task) (int, *model.Error) {
	first, last := 0, f.Rows
	var found *model.Error
	fails := func(from, to int) bool {
		rows := make([]int, to-from)
		for i := range rows {
			rows[i] = from + i
		}
		_, err := answer(ctx, p, f.Take(rows), task)
		e, ok := errors.AsType[*model.Error](err)
		if ok && !e.Gone {
			found = e
		}
		return ok && !e.Gone
	}
	for last-first > 1 {
		middle := (first + last) / 2
		switch {
		case fails(first, middle):
			last = middle
		case fails(middle, last):
			first = middle
		default:
			return -1, nil
		}
	}
	return first, found
}

// names are the ids of rows at some places, in their order.
func names(ctx context.Context, source dataset.Source, id string, positions []int64) []string {
	out := make([]string, len(positions))
	for i, p := range positions {
		out[i] = fmt.Sprintf("%d (counted from 0)", p)
	}
	if id == "" || len(positions) == 0 {
		return out
	}
	var mu sync.Mutex
	request := dataset.Request{Fields: []dataset.Field{{Form: dataset.Position}, {Column: id, Form: dataset.AsText}}}
	err := source.Scan(ctx, request, func() dataset.Sink {
		return sinkFunc(func(b *dataset.Batch) error {
			for row, at := range b.Vectors[0].Ints[:b.Rows] {
				if i := slices.Index(positions, at); i >= 0 {
					mu.Lock()
					out[i] = strings.Clone(b.Vectors[1].Texts[row])
					mu.Unlock()
				}
			}
			return nil
		})
	})
	if err != nil {
		return nil
	}
	return out
}

// fetch is the frame of the rows at some places.
func fetch(ctx context.Context, source dataset.Source, what Request, positions []int64) (*model.Frame, error) {
	place := make(map[int64]int, len(positions))
	for i, p := range positions {
		place[p] = i
	}
	var mu sync.Mutex
	all := newFramer(what, nil)
	err := frames(ctx, source, what, nil, func(f *frame) error {
		mu.Lock()
		defer mu.Unlock()
		for row, at := range f.positions {
			if _, ok := place[at]; ok {
				all.frame.copyRow(f, row)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if all.frame.Rows != len(positions) {
		return nil, errors.New("the data changed while they were read")
	}
	order := make([]int, len(positions))
	for row, at := range all.frame.positions {
		order[place[at]] = row
	}
	return all.frame.Take(order), nil
}

type sinkFunc func(*dataset.Batch) error

func (f sinkFunc) Consume(b *dataset.Batch) error { return f(b) }

// unused is how long kept answers that nobody asks for stay.
const unused = 30 * 24 * time.Hour
