package gate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/slice"
	"github.com/noworse/noworse/spec"
	"github.com/noworse/noworse/summary"
)

// Flips asks for a file of the rows on which exactly one of the two models is
// right, and of new confident errors, of the slices of the checks that were run.
type Flips struct {
	Format string // parquet or csv
	// Take gets the file, which is gone when the run ends, and what is in it.
	Take func(path string, rows FlipRows) error
}

// FlipRows counts the rows of a file: each is one of these. Other ones are no
// flips, but new confident errors: both models are wrong.
type FlipRows struct{ Negative, Positive, Other uint64 }

// The columns of the file that sinks give texts for, in order; those of the
// evaluation set follow.
const (
	flipMark = iota + 1
	confidentMark
	labelMark
	baselineMark
	baselineScoreMark
	candidateMark
	candidateScoreMark
	slicesMark
)

// canFlip refuses to look for flips where there can be none.
func (p *plan) canFlip() error {
	switch {
	case p.options.Flips == nil:
		return nil
	case p.classes == nil:
		return errors.New("there are no flips in a regression: it answers with numbers, which are not right or wrong")
	case len(p.models) < 2 && p.unpaired != "":
		return fmt.Errorf("flips are rows on which one of two models is right, and these cannot be paired with the baseline's: %s", p.unpaired)
	case len(p.models) < 2 && p.spec.Store != nil:
		return errors.New("flips are rows on which one of two models is right, and no baseline was accepted yet: noworse baseline accept")
	case len(p.models) < 2:
		return errors.New("flips are rows on which one of two models is right, and there is no baseline: name one under `baseline:`")
	}
	return nil
}

// writeFlips scans the rows once more, and writes those that flipped.
func (p *plan) writeFlips(ctx context.Context, checks []result.Check, f *Flips) error {
	if err := p.canFlip(); err != nil { // rows without ids may turn out to be others than they were
		return err
	}
	request := new(fields)
	p.newFlipSink(request, nil)
	export := dataset.Export{Format: f.Format, Request: dataset.Request{Fields: request.list, NotNull: p.notNull()}}
	export.Columns, export.OrderBy = p.flipColumns()
	wanted := p.slicesOf(checks)
	var mu sync.Mutex
	var sinks []*flipSink
	path, err := p.source.Export(ctx, export, func() dataset.Sink {
		s := p.newFlipSink(&fields{list: slices.Clone(request.list)}, wanted)
		mu.Lock()
		defer mu.Unlock()
		sinks = append(sinks, s)
		return s
	})
	if err != nil {
		return fmt.Errorf("the flips cannot be written: %w", err)
	}
	var rows FlipRows
	for _, s := range sinks {
		rows.Negative += s.rows.Negative
		rows.Positive += s.rows.Positive
		rows.Other += s.rows.Other
	}
	return f.Take(path, rows)
}

// flipColumns are the columns of the file, and the one that it is sorted by: the
// id, or the place of the row where there are no ids. Columns of the evaluation
// set whose name is taken get another one.
func (p *plan) flipColumns() (columns []dataset.ExportColumn, orderBy int) {
	key := dataset.ExportColumn{Name: "row", Position: true}
	if p.id != nil {
		key = dataset.ExportColumn{Name: "id", Column: p.id.Name}
	}
	columns = []dataset.ExportColumn{
		{Name: "flip", Mark: flipMark}, {Name: "confident_error", Mark: confidentMark}, key, {Name: "label", Mark: labelMark},
		{Name: "baseline_label", Mark: baselineMark}, {Name: "baseline_score", Mark: baselineScoreMark, Number: true},
		{Name: "candidate_label", Mark: candidateMark}, {Name: "candidate_score", Mark: candidateScoreMark, Number: true},
		{Name: "slices", Mark: slicesMark},
	}
	_, confident := p.confidence()
	columns = slices.DeleteFunc(columns, func(c dataset.ExportColumn) bool {
		return c.Number && !p.givesScores(c.Mark) || c.Mark == confidentMark && !confident
	})
	taken := func(name string) bool {
		return slices.ContainsFunc(columns, func(c dataset.ExportColumn) bool { return strings.EqualFold(c.Name, name) })
	}
	for _, c := range p.source.Columns() {
		if c.Name == p.label.Name || p.id != nil && c.Name == p.id.Name {
			continue
		}
		name := c.Name
		for taken(name) {
			name = "data." + name
		}
		columns = append(columns, dataset.ExportColumn{Name: name, Column: c.Name})
	}
	return columns, slices.IndexFunc(columns, func(c dataset.ExportColumn) bool { return c.Name == key.Name })
}

// givesScores says whether the model of a column of scores has any.
func (p *plan) givesScores(mark int) bool {
	m := p.models[0]
	if mark == baselineScoreMark {
		m = p.models[1]
	}
	return m.Score != "" || len(m.Scores) > 0
}

// slicesOf are the slices that checks are about; nil where one is about all rows.
func (p *plan) slicesOf(checks []result.Check) map[string]bool {
	if p.options.Only == "" {
		return nil
	}
	wanted := map[string]bool{}
	for _, c := range checks {
		if c.Slice == "" {
			return nil
		}
		wanted[c.Slice] = true
	}
	return wanted
}

// flipSink gives the texts of the rows that one thread gets.
type flipSink struct {
	plan      *plan
	truth     *predict.Truth
	models    []*predict.Recorded
	named     []int // places of the predicates
	encoded   encoded
	by        []byReader
	wanted    map[string]bool // nil: all rows
	chosen    [][]bool        // of each `by` entry, by code: whether its slice is wanted
	batch     summary.Batch
	confident *confidentErrors // nil: they cannot be told
	rows      FlipRows
}

func (p *plan) newFlipSink(f *fields, wanted map[string]bool) *flipSink {
	s := &flipSink{plan: p, wanted: wanted, confident: p.newConfidentErrors()}
	s.truth = predict.NewTruth(f.place, p.classes, p.label, nil)
	for _, m := range p.models {
		s.models = append(s.models, predict.NewRecorded(f.place, p.classes, m))
	}
	for i := range p.predicates {
		s.named = append(s.named, f.place(dataset.Field{Predicate: &p.predicates[i], Form: dataset.AsBool}))
	}
	if slices := p.spec.Slices; slices != nil {
		for _, b := range slices.By {
			s.by = append(s.by, newByReader(f.place, &s.encoded, p.source.Columns(), b.Columns))
		}
	}
	s.batch.Models = make([]summary.Outputs, len(p.models))
	s.chosen = make([][]bool, len(s.by))
	return s
}

// Consume implements dataset.Sink.
func (s *flipSink) Consume(from *dataset.Batch) error {
	b := &s.batch
	b.Rows = from.Rows
	s.truth.Read(from, predict.IDs{}, b)
	for m, r := range s.models {
		r.Read(from, predict.IDs{}, b, &b.Models[m])
	}
	s.encoded.read(from)
	b.By = b.By[:0]
	for i := range s.by {
		b.By = append(b.By, s.by[i].read())
	}
	for row := range b.Label {
		confident := s.confident != nil && s.confident.isNew(b, row)
		kind, n := s.kind(row)
		if n == &s.rows.Other && !confident || !s.wants(from, row) {
			continue
		}
		*n++
		from.Marks[row] = s.marks(from, row, kind, confident)
	}
	return nil
}

// kind is how a row flipped, and the count that it belongs to.
func (s *flipSink) kind(row int) (string, *uint64) {
	y := s.batch.Label[row]
	switch candidate, baseline := s.batch.Models[0].Class[row] == y, s.batch.Models[1].Class[row] == y; {
	case candidate == baseline:
		return "none", &s.rows.Other
	case candidate:
		return "positive", &s.rows.Positive
	}
	return "negative", &s.rows.Negative
}

// wants says whether a row is in a slice that is wanted.
func (s *flipSink) wants(from *dataset.Batch, row int) bool {
	if s.wanted == nil {
		return true
	}
	for i, n := range s.namedSlices() {
		if s.wanted[slice.Encode(n.Name)] && s.isIn(from, i, row) {
			return true
		}
	}
	for i := range s.by {
		code := s.batch.By[i][row]
		for len(s.chosen[i]) <= int(code) {
			values := s.by[i].values(uint32(len(s.chosen[i])))
			s.chosen[i] = append(s.chosen[i], s.wanted[sliceName(s.by[i].names, values)])
		}
		if s.chosen[i][code] {
			return true
		}
	}
	return false
}

func (s *flipSink) namedSlices() []spec.NamedSlice {
	if s.plan.spec.Slices == nil {
		return nil
	}
	return s.plan.spec.Slices.Named
}

// isIn says whether a row is in a named slice.
func (s *flipSink) isIn(from *dataset.Batch, named, row int) bool {
	v := &from.Vectors[s.named[named]]
	return v.Bools[row] != 0 && !v.Null(row)
}

func (s *flipSink) marks(from *dataset.Batch, row int, kind string, confident bool) []string {
	names, b := s.plan.classes.Names, &s.batch
	marks := make([]string, slicesMark)
	marks[flipMark-1] = kind
	marks[confidentMark-1] = strconv.FormatBool(confident)
	marks[labelMark-1] = names[b.Label[row]]
	for m, at := range []int{candidateMark, baselineMark} { // a score follows its label
		marks[at-1] = names[b.Models[m].Class[row]]
		if score, ok := s.models[m].Score(from, &b.Models[m], row); ok {
			marks[at] = strconv.FormatFloat(score, 'g', -1, 64)
		}
	}
	var in []string
	for i, n := range s.namedSlices() {
		if s.isIn(from, i, row) {
			in = append(in, slice.Encode(n.Name))
		}
	}
	marks[slicesMark-1] = strings.Join(in, ", ")
	return marks
}
