// Package predict turns columns into what the models answered, and holds each
// answer to what it must be: there, a number, a probability, a known class.
//
//	dataset.Vector ─▶ Truth, Recorded ─▶ summary.Batch
//
// Nothing is mended and nothing is left out: rows that cannot be used are
// counted as Problems, with examples by id, and the run ends with them.
package predict

import (
	"math"
	"slices"
	"strconv"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/summary"
)

// Field asks for a column of a scan and says at which place its vector comes.
type Field func(dataset.Field) int

// Truth reads labels, or targets, and weights.
type Truth struct {
	Classes  *Classes // nil: regression
	label    int
	weight   int // -1: none
	reader   reader
	Problems Problems
}

// NewTruth asks for the columns of the label and, unless it is nil, the weight.
func NewTruth(field Field, classes *Classes, label dataset.Column, weight *dataset.Column) *Truth {
	t := &Truth{Classes: classes, weight: -1, reader: reader{classes: classes, kind: label.Kind}}
	if classes == nil {
		t.label = field(dataset.Field{Column: label.Name, Form: dataset.AsFloat})
	} else {
		t.label = field(dataset.Field{Column: label.Name, Form: form(label.Kind)})
	}
	if weight != nil {
		t.weight = field(dataset.Field{Column: weight.Name, Form: dataset.AsFloat})
	}
	return t
}

// Read fills the label or target and the weight of a batch.
func (t *Truth) Read(from *dataset.Batch, ids IDs, to *summary.Batch) {
	v := &from.Vectors[t.label]
	if t.Classes == nil {
		to.Target = v.Floats[:from.Rows]
		t.Problems.numbers(LabelNotANumber, v, from.Rows, ids, finite)
	} else {
		to.Label = resize(to.Label, from.Rows)
		t.reader.read(to.Label, v)
		t.Problems.classes(LabelNull, LabelUnknown, to.Label, v, ids)
	}
	if t.weight >= 0 {
		w := &from.Vectors[t.weight]
		to.Weight = w.Floats[:from.Rows]
		t.Problems.numbers(WeightInvalid, w, from.Rows, ids, interval{0, math.MaxFloat64})
	}
}

// Columns says where the answers of a model are.
type Columns struct {
	From      dataset.From
	Joined    bool // matched by id: a row may have no answer
	Label     *dataset.Column
	Score     string   // binary: probability of the positive class
	Scores    []string // multiclass: column of each class's probability
	Threshold *float64 // binary: score >= threshold is positive
	Losses    bool     // whether True, Top and Brier are wanted
}

// LabelCounts says whether the answer is Label, and not what Score makes it.
func (c Columns) LabelCounts() bool {
	return c.Label != nil && (c.Threshold == nil || c.Score == "")
}

// Cut is the score from which an answer is positive, where Score makes it.
func (c Columns) Cut() float64 {
	if c.Threshold != nil {
		return *c.Threshold
	}
	return 0.5
}

// Recorded reads one model's answers.
type Recorded struct {
	classes   *Classes // nil: regression
	columns   Columns
	present   int
	label     int // -1: none
	scores    []int
	threshold float64
	reader    reader
	Problems  Problems
	Matched   uint64 // rows that have an answer
}

// NewRecorded asks for the columns of a model's answers.
func NewRecorded(field Field, classes *Classes, c Columns) *Recorded {
	r := &Recorded{classes: classes, columns: c, present: -1, label: -1, threshold: c.Cut()}
	ask := func(column string, form dataset.Form) int {
		return field(dataset.Field{From: c.From, Column: column, Form: form})
	}
	if c.Joined {
		r.present = ask("", dataset.Present)
	}
	switch {
	case classes == nil:
		r.label = ask(c.Label.Name, dataset.AsFloat)
	case c.LabelCounts():
		r.label = ask(c.Label.Name, form(c.Label.Kind))
		r.reader = reader{classes: classes, kind: c.Label.Kind}
	}
	for _, column := range c.columns() {
		r.scores = append(r.scores, ask(column, dataset.AsFloat))
	}
	return r
}

func (c Columns) columns() []string {
	if c.Score != "" {
		return []string{c.Score}
	}
	return c.Scores
}

// Read fills the answers of a batch whose truth has been read.
func (r *Recorded) Read(from *dataset.Batch, ids IDs, truth *summary.Batch, to *summary.Outputs) {
	absent := r.absent(from, ids)
	if r.classes == nil {
		v := &from.Vectors[r.label]
		to.Score = v.Floats[:from.Rows]
		r.Problems.numbers(AnswerNotANumber, v, from.Rows, absent, finite)
		return
	}
	if r.label >= 0 {
		to.Class = resize(to.Class, from.Rows)
		r.reader.read(to.Class, &from.Vectors[r.label])
		r.Problems.classes(AnswerNull, AnswerUnknown, to.Class, &from.Vectors[r.label], absent)
	}
	switch len(r.scores) {
	case 0:
	case 1:
		r.readBinary(from, absent, truth, to)
	default:
		r.readMulticlass(from, absent, truth, to)
	}
}

// Score is what the model gave to its answer to a row that has been read: binary,
// the probability of the positive class; multiclass, of the class it answered.
// False where the model gives none.
func (r *Recorded) Score(from *dataset.Batch, to *summary.Outputs, row int) (float64, bool) {
	switch {
	case r.classes == nil || len(r.scores) == 0:
		return 0, false
	case len(r.scores) == 1:
		return to.Score[row], true
	}
	return from.Vectors[r.scores[to.Class[row]]].Floats[row], true
}

// absent counts rows without an answer, and returns ids that pass over them:
// one fault is reported once.
func (r *Recorded) absent(from *dataset.Batch, ids IDs) IDs {
	if r.present < 0 {
		r.Matched += uint64(from.Rows)
		return ids
	}
	v := &from.Vectors[r.present]
	missing := 0
	for i := range from.Rows {
		if v.Null(i) {
			missing++
		}
	}
	r.Matched += uint64(from.Rows - missing)
	if missing == 0 {
		return ids
	}
	for i := range from.Rows {
		if v.Null(i) {
			r.Problems.note(AnswerMissing, ids, i, "")
		}
	}
	ids.skip = v
	return ids
}

// readBinary derives all from the probability of the positive class.
func (r *Recorded) readBinary(from *dataset.Batch, ids IDs, truth *summary.Batch, to *summary.Outputs) {
	v := &from.Vectors[r.scores[0]]
	scores := v.Floats[:from.Rows]
	to.Score = scores
	r.Problems.numbers(ScoreNotAProbability, v, from.Rows, ids, probability)
	if r.label < 0 {
		to.Class = resize(to.Class, from.Rows)
		for i, p := range scores {
			class := uint16(0)
			if p >= r.threshold {
				class = 1
			}
			to.Class[i] = class
		}
	}
	if !r.columns.Losses {
		return
	}
	to.True, to.Top, to.Brier = resize(to.True, from.Rows), resize(to.Top, from.Rows), resize(to.Brier, from.Rows)
	for i, p := range scores {
		y := float64(truth.Label[i]) // 0 or 1; not a branch, which would be guessed wrong too often
		e := p - y
		to.True[i] = math.Abs(1 - y - p)
		to.Top[i] = max(p, 1-p)
		to.Brier[i] = e * e
	}
}

// sumTolerance is how far probabilities of all classes may add up beside 1:
// files hold them rounded, or as 32-bit floats.
const sumTolerance = 1e-3

func (r *Recorded) readMulticlass(from *dataset.Batch, ids IDs, truth *summary.Batch, to *summary.Outputs) {
	n := from.Rows
	to.True, to.Top, to.Brier = resize(to.True, n), resize(to.Top, n), resize(to.Brier, n)
	derive := r.label < 0
	if derive {
		to.Class = resize(to.Class, n)
	}
	to.Scores = slices.Grow(to.Scores[:0], len(r.scores))
	sums := make([]float64, n)
	clear(to.True)
	clear(to.Brier)
	for k, field := range r.scores {
		v := &from.Vectors[field]
		to.Scores = append(to.Scores, v.Floats[:n])
		for i, p := range v.Floats[:n] {
			sums[i] += p
			if k == 0 || p > to.Top[i] {
				to.Top[i] = p
				if derive {
					to.Class[i] = uint16(k) // the first of equals, as numpy's argmax
				}
			}
			e := p
			if int(truth.Label[i]) == k {
				to.True[i] = p
				e = p - 1
			}
			to.Brier[i] += e * e
		}
	}
	for i, sum := range sums {
		if bad, isBad := r.badScore(from, i); isBad {
			r.Problems.note(ScoreNotAProbability, ids, i, bad)
		} else if !(math.Abs(sum-1) <= sumTolerance) {
			r.Problems.note(ScoresDoNotSum, ids, i, strconv.FormatFloat(sum, 'g', 6, 64))
		}
	}
}

// badScore is the first of a row's scores that is no probability.
func (r *Recorded) badScore(from *dataset.Batch, row int) (string, bool) {
	for _, field := range r.scores {
		v := &from.Vectors[field]
		switch {
		case v.Null(row):
			return "null", true
		case !probability.has(v.Floats[row]):
			return number(v.Floats[row]), true
		}
	}
	return "", false
}

// interval is the numbers that are valid, ends included. NaN is in none.
type interval struct{ low, high float64 }

func (i interval) has(x float64) bool { return x >= i.low && x <= i.high }

var (
	finite      = interval{-math.MaxFloat64, math.MaxFloat64}
	probability = interval{0, 1}
)

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
