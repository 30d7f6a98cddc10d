package bench

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/noworse/noworse/model"
)

// Reference is work that is always the same, in the place of a model: how long it takes
// tells the state that a machine is in. Timed beside a model today and another day, it
// tells what the machine has to do with a difference.
type Reference struct {
	Repeats int // of a piece of work that takes some 0.1 ms
	memory  []uint64
}

// What the reference does: enough memory that it is not all in the nearest cache.
const (
	referenceWords = 1 << 15
	referenceLimit = 200 // repeats, some 20 ms
)

// Predict implements model.Predictor.
func (r *Reference) Predict(ctx context.Context, _ *model.Frame) (*model.Answers, error) {
	if r.memory == nil {
		r.memory = make([]uint64, referenceWords)
	}
	x := uint64(88172645463325252)
	for range r.Repeats {
		for i := range r.memory {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
			r.memory[i] += x
		}
	}
	return &model.Answers{}, ctx.Err()
}

// Describe and Close implement model.Predictor.
func (r *Reference) Describe() model.Description { return model.Description{} }
func (r *Reference) Close() error                { return nil }

// ReferenceFor is a reference that takes about as long as a model does, so that what else
// the machine does reaches both alike.
func ReferenceFor(ctx context.Context, m model.Predictor, frames []*model.Frame, clock func() time.Time) (*Reference, error) {
	t := timer{ctx: ctx, plan: Plan{Clock: clock}.withDefaults(), frames: frames}
	took := func(m model.Predictor) (float64, error) {
		var times []float64
		for range t.plan.Warmup {
			c, err := t.call(m)
			if err != nil {
				return 0, err
			}
			times = append(times, c.wall)
		}
		return slices.Min(times), nil
	}
	one, err := took(&Reference{Repeats: 1})
	if err != nil {
		return nil, err
	}
	whole, err := took(m)
	if err != nil {
		return nil, err
	}
	return &Reference{Repeats: int(min(max(1, math.Round(whole/max(one, 1e-7))), referenceLimit))}, nil
}
