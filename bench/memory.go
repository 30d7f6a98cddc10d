package bench

import (
	"context"
	"errors"

	"github.com/noworse/noworse/model"
)

// MemoryPair is a run of both models.
type MemoryPair struct{ Baseline, Candidate model.Memory }

// Starter loads a model in a process of its own.
type Starter func(context.Context) (model.Predictor, error)

// ErrNotApart is the error of a model that does not run in a process of its own.
var ErrNotApart = errors.New("the model does not run in a process of its own, so its memory cannot be told from ours")

// memoryCalls is how many frames a process answers: peaks are reached by the first ones.
const memoryCalls = 10

// Memory runs each model so many times in a new process.
func Memory(ctx context.Context, candidate, baseline Starter, frames []*model.Frame, pairs int) ([]MemoryPair, error) {
	var all []MemoryPair
	for i := range max(pairs, LeastPairs) {
		var p MemoryPair
		order := []struct {
			start Starter
			to    *model.Memory
		}{{baseline, &p.Baseline}, {candidate, &p.Candidate}}
		if i%2 == 1 { // what the machine keeps of files serves each of them first as often
			order[0], order[1] = order[1], order[0]
		}
		for _, one := range order {
			r, err := MemoryOf(ctx, one.start, frames)
			if err != nil {
				return nil, err
			}
			*one.to = r
		}
		all = append(all, p)
	}
	return all, nil
}

// MemoryAlone runs one model so many times in a new process.
func MemoryAlone(ctx context.Context, start Starter, frames []*model.Frame, runs int) ([]model.Memory, error) {
	var all []model.Memory
	for range max(runs, LeastPairs) {
		one, err := MemoryOf(ctx, start, frames)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// MemoryOf is the memory of one process.
func MemoryOf(ctx context.Context, start Starter, frames []*model.Frame) (r model.Memory, err error) {
	m, err := start(ctx)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	measured, ok := m.(model.Measured)
	if !ok {
		return r, ErrNotApart
	}
	for i := range memoryCalls {
		if _, err := m.Predict(ctx, frames[i%len(frames)]); err != nil {
			return r, err
		}
	}
	return measured.Memory(ctx)
}
