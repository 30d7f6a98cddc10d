package profile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/noworse/noworse/dataset"
)

// Options say how a table is summarised.
type Options struct {
	Like    *Profile // whose grid it is counted on, where a column has the same kind; nil: its own
	Columns []string // nil: all
	// Hold is how many numbers may be held, so that distances are exact; 0: a good choice.
	Hold int
	// Allowed has columns whose values beyond what may be are counted.
	Allowed map[string]Allowed
}

const (
	// sampleRows fix a grid: with so many, a bin that should have a thousandth of the rows
	// has so to some 12 %.
	sampleRows = 1 << 16
	holdUsual  = 1 << 24
	// mostCodes of a column's texts are numbered; where more are different, they are counted
	// as they come.
	mostCodes = 50_000
)

// columnsAtOnce are read in one scan: readers hold buffers for each column on every thread,
// and a table may have thousands.
const columnsAtOnce = 32

// Build summarises the evaluation set of a source. An error of a column that it has not
// is *ColumnError.
func Build(ctx context.Context, source dataset.Source, o Options) (*Profile, error) {
	all, err := choose(source, o.Columns)
	if err != nil {
		return nil, err
	}
	hold := holds(source, all, o.Hold)
	p := &Profile{Rows: source.Rows()}
	for part := range slices.Chunk(all, columnsAtOnce) {
		b := &builder{source: source, like: o.Like, hold: hold, allowed: o.Allowed, all: part}
		columns, err := b.build(ctx)
		if err != nil {
			return nil, err
		}
		p.Columns = append(p.Columns, columns...)
	}
	return p, nil
}

// ColumnError is a column that a table has not.
type ColumnError struct{ Name string }

func (e *ColumnError) Error() string { return fmt.Sprintf("there is no column %q", e.Name) }

func choose(source dataset.Source, names []string) ([]dataset.Column, error) {
	if names == nil {
		return source.Columns(), nil
	}
	var all []dataset.Column
	for _, name := range names {
		c, ok := dataset.Find(source.Columns(), name)
		if !ok {
			return nil, &ColumnError{name}
		}
		all = append(all, c)
	}
	return all, nil
}

// holds says whether the numbers of all columns may be held; else those of none are.
func holds(source dataset.Source, columns []dataset.Column, most int) bool {
	if most == 0 {
		most = holdUsual
	}
	numeric := uint64(0)
	for _, c := range columns {
		if KindOf(c).numeric() {
			numeric++
		}
	}
	return source.Rows()*numeric <= uint64(most)
}

// builder summarises some columns.
type builder struct {
	source  dataset.Source
	like    *Profile
	hold    bool
	allowed map[string]Allowed
	all     []dataset.Column
	columns []dataset.Column // that are read: all but nested ones
	grids   []*grid          // of columns
	sample  *Sample          // where it is every row
}

func (b *builder) build(ctx context.Context) ([]*Column, error) {
	for _, c := range b.all {
		if KindOf(c) != Nested {
			b.columns = append(b.columns, c)
		}
	}
	if err := b.layGrids(ctx); err != nil {
		return nil, err
	}
	return b.count(ctx)
}

// layGrids finds where columns are told apart: as the reference's are, or by a sample.
func (b *builder) layGrids(ctx context.Context) error {
	b.grids = make([]*grid, len(b.columns))
	var without []dataset.Column
	for i, c := range b.columns {
		b.grids[i] = gridLikeOr(b.like, c.Name, KindOf(c), func() *grid {
			without = append(without, c)
			return nil
		})
	}
	if len(without) > 0 {
		sample, err := b.draw(ctx, without)
		if err != nil {
			return err
		}
		if len(without) == len(b.columns) && uint64(sample.Rows) == b.source.Rows() {
			b.sample = sample
		}
		at := 0
		for i := range b.columns {
			if b.grids[i] == nil {
				b.grids[i] = gridOf(&sample.Columns[at])
				at++
			}
		}
	}
	for i, c := range b.columns {
		if a, ok := b.allowed[c.Name]; ok {
			b.grids[i].allowed = &a
		}
	}
	for _, g := range b.grids {
		g.hold = b.hold
	}
	return nil
}

// gridLikeOr is the grid of a profile's column of this name and kind, or another.
func gridLikeOr(like *Profile, name string, kind Kind, other func() *grid) *grid {
	if like != nil {
		if c := like.Find(name); c != nil && c.Kind == kind {
			return gridLike(c)
		}
	}
	return other()
}

// draw reads a sample.
func (b *builder) draw(ctx context.Context, columns []dataset.Column) (*Sample, error) {
	return Draw(ctx, b.source, columns, sampleRows)
}

// Draw reads a sample of about so many rows, all where there are no more: the same ones
// each time.
func Draw(ctx context.Context, source dataset.Source, columns []dataset.Column, rows int) (*Sample, error) {
	s := &samplers{columns: columns}
	err := source.Scan(ctx, dataset.Request{Fields: fields(columns), Sample: uint64(rows), SampleOnly: true}, s.add)
	if err != nil {
		return nil, err
	}
	return s.sample(), nil
}

// count counts every row.
func (b *builder) count(ctx context.Context) ([]*Column, error) {
	forms := make([]dataset.Form, len(b.columns))
	for i, f := range fields(b.columns) {
		forms[i] = f.Form
	}
	var done *counters
	if b.sample != nil {
		done = &counters{b: b, forms: forms}
		done.add()
		if err := done.all[0].Consume(b.sample.batch()); err != nil {
			return nil, err
		}
	} else {
		var err error
		if done, err = b.scan(ctx, forms); err != nil {
			return nil, err
		}
	}
	return b.profile(ctx, done)
}

// scan counts in a scan. Texts come as codes, which is quicker by far; where too many are
// different, the column is read again as texts.
func (b *builder) scan(ctx context.Context, forms []dataset.Form) (*counters, error) {
	fields := fields(b.columns)
	for i := range fields {
		if forms[i] == dataset.AsText && !(b.grids[i].own && b.grids[i].many) {
			forms[i] = dataset.AsCode
			fields[i].Most = mostCodes
		}
		fields[i].Form = forms[i]
	}
	for {
		if len(fields) == 0 {
			return &counters{b: b}, nil
		}
		c := &counters{b: b, forms: forms}
		err := b.source.Scan(ctx, dataset.Request{Fields: fields}, c.add)
		many, ok := errors.AsType[*dataset.ManyError](err)
		if !ok {
			return c, err
		}
		fields[many.Field].Form, fields[many.Field].Most = dataset.AsText, 0
		forms[many.Field] = dataset.AsText
	}
}

// counters count all columns, a set of them for each thread.
type counters struct {
	b     *builder
	forms []dataset.Form
	mu    sync.Mutex
	all   []*counting
}

type counting struct {
	rows    uint64
	columns []counter
}

func (c *counters) add() dataset.Sink {
	one := new(counting)
	for i, g := range c.b.grids {
		one.columns = append(one.columns, g.counter(c.forms[i]))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, one)
	return one
}

// Consume implements dataset.Sink.
func (c *counting) Consume(batch *dataset.Batch) error {
	c.rows += uint64(batch.Rows)
	for i := range c.columns {
		c.columns[i].count(&batch.Vectors[i], batch.Rows)
	}
	return nil
}

// profile is what all threads have counted.
func (b *builder) profile(ctx context.Context, done *counters) ([]*Column, error) {
	if len(done.all) == 0 { // no rows
		done.add()
	}
	first := done.all[0]
	for _, o := range done.all[1:] {
		first.rows += o.rows
		for i := range first.columns {
			first.columns[i].merge(o.columns[i])
		}
	}
	var list []*Column
	at := 0
	for _, c := range b.all {
		column := &Column{Name: c.Name, Kind: KindOf(c), Type: c.Type}
		list = append(list, column)
		if column.Kind != Nested {
			first.columns[at].column(column)
			at++
			continue
		}
		var err error
		if column.Nulls, err = b.source.Nulls(ctx, c.Name); err != nil {
			return nil, err
		}
	}
	return list, nil
}
