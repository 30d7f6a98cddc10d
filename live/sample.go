package live

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/cespare/xxhash/v2"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/model"
)

// SampleRequest asks for some rows.
type SampleRequest struct {
	Request
	Where    *dataset.Predicate // nil: all rows
	Rows     int
	Nullable []bool // of the features: see model.Column
}

// picked is a row and the hash of its name.
type picked struct {
	hash     uint64
	position int64
}

// Sample is rows of a source, the same ones whenever the rows are the same: those
// whose ids have the least hashes, or whose places do where rows have no ids. It
// returns their names too.
func Sample(ctx context.Context, source dataset.Source, what SampleRequest) (*model.Frame, []string, error) {
	rows, err := pick(ctx, source, what)
	if err != nil || len(rows) == 0 {
		return &model.Frame{}, nil, err
	}
	positions := make([]int64, len(rows))
	for i, r := range rows {
		positions[i] = r.position
	}
	f, err := fetch(ctx, source, what.Request, positions)
	if err != nil {
		return nil, nil, err
	}
	for i := range f.Columns {
		if what.Nullable != nil {
			f.Columns[i].Nullable = what.Nullable[i]
		}
	}
	return f, names(ctx, source, what.ID, positions), nil
}

func pick(ctx context.Context, source dataset.Source, what SampleRequest) ([]picked, error) {
	fields := []dataset.Field{{Form: dataset.Position}}
	id, where := -1, -1
	if what.ID != "" {
		id = len(fields)
		fields = append(fields, dataset.Field{Column: what.ID, Form: dataset.AsText})
	}
	if what.Where != nil {
		where = len(fields)
		fields = append(fields, dataset.Field{Predicate: what.Where, Form: dataset.AsMask})
	}
	var mu sync.Mutex
	var sinks []*picker
	err := source.Scan(ctx, dataset.Request{Fields: fields, NotNull: what.NotNull}, func() dataset.Sink {
		p := &picker{most: what.Rows, id: id, where: where}
		mu.Lock()
		defer mu.Unlock()
		sinks = append(sinks, p)
		return p
	})
	var all []picked
	for _, p := range sinks {
		all = append(all, p.rows...)
	}
	return least(all, what.Rows), err
}

// picker keeps the rows with the least hashes.
type picker struct {
	most, id, where int
	rows            []picked
}

// Consume implements dataset.Sink.
func (p *picker) Consume(b *dataset.Batch) error {
	for i, position := range b.Vectors[0].Ints[:b.Rows] {
		if p.where >= 0 && b.Vectors[p.where].Mask[i>>6]>>(i&63)&1 == 0 {
			continue
		}
		var hash uint64
		if p.id >= 0 {
			hash = xxhash.Sum64String(b.Vectors[p.id].Texts[i])
		} else {
			hash = scramble(uint64(position))
		}
		p.rows = append(p.rows, picked{hash, position})
	}
	if len(p.rows) > 2*p.most+4096 {
		p.rows = least(p.rows, p.most)
	}
	return nil
}

// least are the rows with the least hashes, in their order.
func least(rows []picked, most int) []picked {
	slices.SortFunc(rows, func(a, b picked) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.position, b.position)) })
	return slices.Clone(rows[:min(most, len(rows))])
}

// scramble is a bijection of 64 bits (the finalizer of splitmix64).
func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Ask asks a model about a frame of any length, and holds its answers to what the
// task wants.
func Ask(ctx context.Context, p model.Predictor, f *model.Frame, task model.Task) (*model.Answers, error) {
	if f.Rows <= frameRows {
		return answer(ctx, p, f, task)
	}
	all := new(model.Answers)
	for from := 0; from < f.Rows; from += frameRows {
		rows := make([]int, min(frameRows, f.Rows-from))
		for i := range rows {
			rows[i] = from + i
		}
		a, err := answer(ctx, p, f.Take(rows), task)
		if err != nil {
			return nil, err
		}
		if from == 0 {
			all.Classes, all.Scores = a.Classes, make([][]float64, len(a.Scores))
		}
		if len(a.Scores) != len(all.Scores) || !slices.Equal(a.Classes, all.Classes) {
			return nil, &model.Error{Message: "the model answers in two ways"}
		}
		all.Numbers, all.Labels = append(all.Numbers, a.Numbers...), append(all.Labels, a.Labels...)
		for k := range a.Scores {
			all.Scores[k] = append(all.Scores[k], a.Scores[k]...)
		}
	}
	return all, nil
}

// Columns are what a model is given of some columns, without values. nullable says
// which have nulls somewhere; nil: not known.
func Columns(features []dataset.Column, nullable []bool) []model.Column {
	out := make([]model.Column, len(features))
	for i, c := range features {
		out[i] = model.Column{Name: c.Name, Kind: kindOf(c), Nullable: nullable != nil && nullable[i]}
	}
	return out
}
