// Package parity says how far the answers of two models are apart that ought to be
// one: on other hardware, with another version of a library, or in another format.
//
//	pairs of values, labels ─▶ Tally, one for each thread ─▶ merged ─▶ Tally
//
// A tally does not depend on the order of rows.
package parity

import (
	"cmp"
	"math"
	"slices"
)

// Tolerance is how far two values may be apart: |c - b| <= Absolute + Relative*|b|.
type Tolerance struct{ Absolute, Relative float64 }

// Row is a row whose values are apart, or whose labels differ.
type Row struct {
	ID                  string
	Class               int // whose score; -1: the only one, or a label
	Baseline, Candidate float64
	// BaselineLabel and CandidateLabel are set where the labels differ.
	BaselineLabel, CandidateLabel string
}

// mostRows is how many rows a tally keeps.
const mostRows = 20

// Tally is what pairs of answers add up to.
type Tally struct {
	Values, Beyond uint64 // pairs of values, and those beyond the tolerance
	Rows, Flips    uint64 // pairs of labels, and those that differ
	// MaxAbsolute and MaxRelative are the largest differences; a relative one is a
	// share of the larger of both values.
	MaxAbsolute, MaxRelative float64
	Worst                    []Row // values beyond the tolerance, the farthest apart first
	Flipped                  []Row // labels that differ, by id
	// single: every value is one of single precision, whose neighbours are counted then.
	double, single uint64
	wide           bool
	tolerance      Tolerance
}

// New is a tally of nothing.
func New(t Tolerance) *Tally { return &Tally{tolerance: t} }

// Value adds a pair of values. NaN is beyond every tolerance.
func (t *Tally) Value(id func() string, class int, baseline, candidate float64) {
	t.Values++
	d := math.Abs(candidate - baseline)
	t.MaxAbsolute = larger(t.MaxAbsolute, d)
	if most := max(math.Abs(baseline), math.Abs(candidate)); d > 0 && most > 0 {
		t.MaxRelative = larger(t.MaxRelative, d/most)
	}
	t.double = max(t.double, distance(math.Float64bits(baseline), math.Float64bits(candidate), 63))
	b, c := float32(baseline), float32(candidate)
	t.wide = t.wide || float64(b) != baseline || float64(c) != candidate
	t.single = max(t.single, distance(uint64(math.Float32bits(b)), uint64(math.Float32bits(c)), 31))
	if d <= t.tolerance.Absolute+t.tolerance.Relative*math.Abs(baseline) {
		return
	}
	t.Beyond++
	t.Worst = append(t.Worst, Row{ID: id(), Class: class, Baseline: baseline, Candidate: candidate})
	if len(t.Worst) > 4*mostRows {
		t.Worst = worst(t.Worst)
	}
}

// larger is the maximum, and NaN if either is.
func larger(a, b float64) float64 {
	if math.IsNaN(a) || math.IsNaN(b) {
		return math.NaN()
	}
	return max(a, b)
}

// Label adds a pair of labels.
func (t *Tally) Label(id func() string, baseline, candidate string) {
	t.Rows++
	if baseline == candidate {
		return
	}
	t.Flips++
	t.Flipped = append(t.Flipped, Row{ID: id(), Class: -1, BaselineLabel: baseline, CandidateLabel: candidate})
	if len(t.Flipped) > 4*mostRows {
		t.Flipped = first(t.Flipped)
	}
}

// Merge adds what another tally has.
func (t *Tally) Merge(o *Tally) {
	t.Values, t.Beyond, t.Rows, t.Flips = t.Values+o.Values, t.Beyond+o.Beyond, t.Rows+o.Rows, t.Flips+o.Flips
	t.MaxAbsolute, t.MaxRelative = larger(t.MaxAbsolute, o.MaxAbsolute), larger(t.MaxRelative, o.MaxRelative)
	t.double, t.single, t.wide = max(t.double, o.double), max(t.single, o.single), t.wide || o.wide
	t.Worst, t.Flipped = worst(append(t.Worst, o.Worst...)), first(append(t.Flipped, o.Flipped...))
}

// Seal puts the rows in their order.
func (t *Tally) Seal() { t.Worst, t.Flipped = worst(t.Worst), first(t.Flipped) }

// ULP is the largest number of floating-point numbers that lie between two values, and
// whether these are numbers of single precision, as every value then is.
func (t *Tally) ULP() (distance uint64, single bool) {
	if t.wide {
		return t.double, false
	}
	return t.single, true
}

// distance counts the steps from one number to another by their bits.
func distance(a, b uint64, sign uint) uint64 {
	x, y := ordered(a, sign), ordered(b, sign)
	return max(x, y) - min(x, y)
}

// ordered maps the bits of a number so that they are in its order: -0 and 0 are one.
func ordered(bits uint64, sign uint) uint64 {
	if bits>>sign&1 == 1 {
		return 1<<sign - bits&(1<<sign-1)
	}
	return 1<<sign + bits
}

func gap(r Row) float64 { return math.Abs(r.Candidate - r.Baseline) }

// worst are the rows that are farthest apart.
func worst(rows []Row) []Row {
	slices.SortFunc(rows, func(a, b Row) int {
		x, y := gap(a), gap(b)
		if math.IsNaN(x) != math.IsNaN(y) { // no number is the worst
			if math.IsNaN(x) {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(y, x), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Class, b.Class))
	})
	return rows[:min(mostRows, len(rows))]
}

func first(rows []Row) []Row {
	slices.SortFunc(rows, func(a, b Row) int { return cmp.Compare(a.ID, b.ID) })
	return rows[:min(mostRows, len(rows))]
}
