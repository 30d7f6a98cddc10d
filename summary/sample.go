package summary

import (
	"cmp"
	"slices"
)

// Sample keeps the rows with the lowest hashes, so that which rows are kept
// depends neither on their order nor on how they were split. The zero value is
// an empty sample.
type Sample[T any] struct {
	rows []sampled[T]
	// closed is the complement of the highest hash that is still wanted: 0, so
	// all hashes, until the sample is full.
	closed uint64
}

type sampled[T any] struct {
	hash uint64
	row  T
}

func compareHash[T any](a sampled[T], hash uint64) int { return cmp.Compare(a.hash, hash) }

// Wants says whether a row of this hash would be kept, so that the caller need
// not make it.
func (s *Sample[T]) Wants(hash uint64) bool { return hash <= ^s.closed }

// Add offers a row to a sample of at most so many. The row is made only if it
// is kept. Rows of one hash are taken for the same row.
func (s *Sample[T]) Add(most int, hash uint64, row func() T) {
	if !s.Wants(hash) {
		return
	}
	at, found := slices.BinarySearchFunc(s.rows, hash, compareHash[T])
	if found {
		return
	}
	s.rows = slices.Insert(s.rows, at, sampled[T]{hash, row()})
	s.rows = s.rows[:min(len(s.rows), most)]
	if len(s.rows) == most {
		s.closed = ^s.rows[most-1].hash
	}
}

// Merge adds the rows of another sample.
func (s *Sample[T]) Merge(most int, t *Sample[T]) {
	for _, r := range t.rows {
		s.Add(most, r.hash, func() T { return r.row })
	}
}

// Rows are the rows kept, by hash.
func (s *Sample[T]) Rows() []T {
	rows := make([]T, len(s.rows))
	for i, r := range s.rows {
		rows[i] = r.row
	}
	return rows
}
