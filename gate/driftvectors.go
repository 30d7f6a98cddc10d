package gate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/drift"
	"github.com/noworse/noworse/profile"
	"github.com/noworse/noworse/stats"
)

// vectorRows are compared of a column of vectors: a sample, the same in each run. Of so many a
// tenth of the limit is no chance.
const vectorRows = 20_000

// vectors compares a column where both tables have lists of numbers: by the maximum mean
// discrepancy, since no coordinate says by itself what a vector is.
func (d *driftRun) vectors(ctx context.Context, x drift.Comparison) (drift.Comparison, error) {
	if d.reference.source == nil || !isVector(d.reference.source, x.Name) || d.current.source == nil || !isVector(d.current.source, x.Name) {
		return x, nil
	}
	before, err := profile.DrawVectors(ctx, d.reference.source, x.Name, vectorRows)
	if err != nil {
		return x, err
	}
	after, err := profile.DrawVectors(ctx, d.current.source, x.Name, vectorRows)
	if err != nil {
		return x, err
	}
	m, err := measureVectors(before, after, 1-d.alpha)
	switch {
	case errors.Is(err, stats.ErrInvalid) || errors.Is(err, stats.ErrUndefined):
		x.Skipped = "its vectors cannot be compared: " + err.Error()
		return x, nil
	case err != nil:
		return x, err
	}
	if r := d.rule(x.Name); r != nil && r.Max != nil {
		m.Limit = *r.Max
	}
	x.Skipped, x.Measure = "", m
	return x, nil
}

func isVector(source dataset.Source, name string) bool {
	c, ok := dataset.Find(source.Columns(), name)
	return ok && c.Vector
}

func measureVectors(before, after [][]float64, level float64) (*drift.Measure, error) {
	kernel, err := drift.NewKernel(before)
	if err != nil {
		return nil, err
	}
	sums := [2]*drift.Vectors{kernel.Vectors(), kernel.Vectors()}
	for i, vectors := range [][][]float64{before, after} {
		for _, v := range vectors {
			if slices.ContainsFunc(v, math.IsNaN) {
				return nil, fmt.Errorf("%w: a number in one of them is missing", stats.ErrInvalid)
			}
			if err := sums[i].Add(v); err != nil {
				return nil, err
			}
		}
	}
	apart, err := drift.CompareVectors(sums[0], sums[1], level)
	if err != nil {
		return nil, err
	}
	return &drift.Measure{Distance: drift.MMD, Effect: apart.Distance, Low: apart.Distance, High: apart.Distance, P: apart.P,
		Test: "maximum mean discrepancy", Limit: drift.VectorLimit}, nil
}
