package profile

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/cespare/xxhash/v2"

	"github.com/noworse/noworse/dataset"
)

// Sample is rows of a table, in an order that follows from what they hold.
type Sample struct {
	Rows    int
	Columns []SampleColumn
}

// SampleColumn is one column of a sample. Numbers or Texts is there by its kind.
type SampleColumn struct {
	Name    string
	Kind    Kind
	Null    []bool
	Numbers []float64
	Texts   []string
}

// fields ask for columns as numbers and texts.
func fields(columns []dataset.Column) []dataset.Field {
	list := make([]dataset.Field, len(columns))
	for i, c := range columns {
		form := dataset.AsText
		switch KindOf(c) {
		case Number:
			form = dataset.AsFloat
		case Time:
			form = dataset.AsTime
		}
		list[i] = dataset.Field{Column: c.Name, Form: form}
	}
	return list
}

// samplers collect a sample, one for each thread.
type samplers struct {
	columns []dataset.Column
	mu      sync.Mutex
	all     []*sampler
}

type sampler struct {
	Sample
	seen map[string]string // so that a text is held once
}

func (s *samplers) add() dataset.Sink {
	one := &sampler{seen: map[string]string{}, Sample: Sample{Columns: make([]SampleColumn, len(s.columns))}}
	for i, c := range s.columns {
		one.Columns[i].Name, one.Columns[i].Kind = c.Name, KindOf(c)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, one)
	return one
}

// Consume implements dataset.Sink.
func (s *sampler) Consume(b *dataset.Batch) error {
	s.Rows += b.Rows
	for j := range s.Columns {
		c, v := &s.Columns[j], &b.Vectors[j]
		for i := range b.Rows {
			c.Null = append(c.Null, v.Null(i))
		}
		switch c.Kind {
		case Number:
			c.Numbers = append(c.Numbers, v.Floats...)
		case Time:
			for _, x := range v.Ints {
				c.Numbers = append(c.Numbers, float64(x))
			}
		default:
			for _, t := range v.Texts {
				c.Texts = append(c.Texts, s.own(t))
			}
		}
	}
	return nil
}

func (s *sampler) own(t string) string {
	kept, ok := s.seen[t]
	if !ok {
		kept = string([]byte(t))
		if len(s.seen) < 1<<16 {
			s.seen[kept] = kept
		}
	}
	return kept
}

// sample is the rows of all threads, in their order.
func (s *samplers) sample() *Sample {
	whole := &Sample{Columns: make([]SampleColumn, len(s.columns))}
	for i, c := range s.columns {
		whole.Columns[i].Name, whole.Columns[i].Kind = c.Name, KindOf(c)
	}
	for _, one := range s.all {
		whole.Rows += one.Rows
		for j, c := range one.Columns {
			to := &whole.Columns[j]
			to.Null = append(to.Null, c.Null...)
			to.Numbers = append(to.Numbers, c.Numbers...)
			to.Texts = append(to.Texts, c.Texts...)
			one.Columns[j] = SampleColumn{}
		}
	}
	whole.arrange()
	return whole
}

// arrange puts rows in the order of a hash of what they hold: threads bring them in any.
func (s *Sample) arrange() {
	keys := make([]uint64, s.Rows)
	for _, c := range s.Columns {
		for i := range keys {
			keys[i] = keys[i]*0x9e3779b97f4a7c15 + c.hash(i)
		}
	}
	order := make([]int, s.Rows)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(keys[a], keys[b]) })
	for j := range s.Columns {
		c := &s.Columns[j]
		c.Null = ordered(c.Null, order)
		c.Numbers = ordered(c.Numbers, order)
		c.Texts = ordered(c.Texts, order)
	}
}

func (c *SampleColumn) hash(i int) uint64 {
	switch {
	case c.Null[i]:
		return 1
	case c.Kind.numeric():
		return hashNumber(c.Numbers[i])
	}
	return xxhash.Sum64String(c.Texts[i])
}

func ordered[T any](list []T, order []int) []T {
	if list == nil {
		return nil
	}
	to := make([]T, len(order))
	for i, from := range order {
		to[i] = list[from]
	}
	return to
}

// DrawVectors reads a column of vectors of a sample of about so many rows, all where there
// are no more, in an order that follows from what they hold; rows without one are left out.
func DrawVectors(ctx context.Context, source dataset.Source, column string, rows int) ([][]float64, error) {
	var mu sync.Mutex
	var all [][]float64
	what := dataset.Request{Fields: []dataset.Field{{Column: column, Form: dataset.AsVector}}, Sample: uint64(rows), SampleOnly: true}
	err := source.Scan(ctx, what, func() dataset.Sink {
		return sink(func(b *dataset.Batch) error {
			mu.Lock()
			defer mu.Unlock()
			for i, list := range b.Vectors[0].Lists {
				if !b.Vectors[0].Null(i) {
					all = append(all, slices.Clone(list))
				}
			}
			return nil
		})
	})
	slices.SortFunc(all, slices.Compare[[]float64])
	return all, err
}

type sink func(*dataset.Batch) error

// Consume implements dataset.Sink.
func (s sink) Consume(b *dataset.Batch) error { return s(b) }

// batch is a sample as a scan would hand it over.
func (s *Sample) batch() *dataset.Batch {
	b := &dataset.Batch{Rows: s.Rows, Vectors: make([]dataset.Vector, len(s.Columns))}
	for j, c := range s.Columns {
		v := &b.Vectors[j]
		v.Valid = make([]uint64, (s.Rows+63)/64)
		for i, null := range c.Null {
			if !null {
				v.Valid[i>>6] |= 1 << (i & 63)
			}
		}
		v.Texts = c.Texts
		if c.Kind == Time {
			v.Ints = make([]int64, s.Rows)
			for i, x := range c.Numbers {
				v.Ints[i] = int64(x)
			}
		} else {
			v.Floats = c.Numbers
		}
	}
	return b
}

// finite is the numbers of a column that are finite, in order.
func (c *SampleColumn) finite() []float64 {
	list := make([]float64, 0, len(c.Numbers))
	for i, x := range c.Numbers {
		if !c.Null[i] && x-x == 0 {
			list = append(list, x+0)
		}
	}
	slices.Sort(list)
	return list
}

// Pick is some of the rows, in this order.
func (s *Sample) Pick(rows []int) *Sample {
	part := &Sample{Rows: len(rows), Columns: make([]SampleColumn, len(s.Columns))}
	for j, c := range s.Columns {
		part.Columns[j] = SampleColumn{Name: c.Name, Kind: c.Kind, Null: picked(c.Null, rows), Numbers: picked(c.Numbers, rows), Texts: picked(c.Texts, rows)}
	}
	return part
}

func picked[T any](list []T, rows []int) []T {
	if list == nil {
		return nil
	}
	return ordered(list, rows)
}

// Profile summarises the rows, nested columns left out, on a grid of their own or on that
// of another profile where it has a column of the same kind.
func (s *Sample) Profile(like *Profile) *Profile {
	p := &Profile{Rows: uint64(s.Rows)}
	b := s.batch()
	for i := range s.Columns {
		c := &s.Columns[i]
		g := gridLikeOr(like, c.Name, c.Kind, func() *grid { return gridOf(c) })
		g.hold = true
		counter := g.counter(dataset.AsText)
		counter.count(&b.Vectors[i], s.Rows)
		column := &Column{Name: c.Name, Kind: c.Kind}
		counter.column(column)
		p.Columns = append(p.Columns, column)
	}
	return p
}
