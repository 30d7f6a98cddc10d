// Package behavior says whether a model does what it must, whatever its metrics
// are: answers cases as expected, is not moved by a change, or is moved the right
// way.
//
//	cases ─▶ Frame ──────────────▶ answers ─▶ Expect.Case
//	rows  ─▶ Changed, Grid ─▶ Frame ─▶ answers ─▶ Expect.Changed, Monotone
//
// It makes frames and judges answers; who asks the model is the caller.
package behavior

import (
	"fmt"
	"math"
	"strconv"

	"github.com/noworse/noworse/model"
	"github.com/noworse/noworse/stats"
)

// Answer is what a model said of one row.
type Answer struct {
	Label  string    // the class; "" for a regression
	Number float64   // regression; else the score of the positive class, where there is one
	Scores []float64 // by class; nil: it gives none
}

// Reading says how answers are read.
type Reading struct {
	Task      model.Task
	Classes   []string // of the task, the positive one last in a binary task
	Threshold *float64 // binary: from this score on an answer is positive; nil: the model's own label
	Canonical func(string) string
}

// Read is the answers to a frame, row by row, with scores in the order of Classes.
func (r Reading) Read(a *model.Answers, rows int) ([]Answer, error) {
	out := make([]Answer, rows)
	if r.Task == model.Regression {
		for i := range out {
			out[i].Number = a.Numbers[i]
		}
		return out, nil
	}
	columns, err := r.columns(a)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if columns != nil {
			out[i].Scores = make([]float64, len(columns))
			for k, c := range columns {
				out[i].Scores[k] = c[i]
			}
			out[i].Number = out[i].Scores[len(columns)-1]
		}
		out[i].Label = r.label(a, &out[i], i)
	}
	return out, nil
}

// columns are the scores in the order of Classes; nil where there are none.
func (r Reading) columns(a *model.Answers) ([][]float64, error) {
	switch {
	case len(a.Scores) == 0:
		return nil, nil
	case a.Classes == nil: // of the positive class
		negative := make([]float64, len(a.Scores[0]))
		for i, p := range a.Scores[0] {
			negative[i] = 1 - p
		}
		return [][]float64{negative, a.Scores[0]}, nil
	}
	out := make([][]float64, len(r.Classes))
	for k, class := range r.Classes {
		for j, name := range a.Classes {
			if r.Canonical(name) == class {
				out[k] = a.Scores[j]
			}
		}
		if out[k] == nil {
			return nil, &model.Error{Message: fmt.Sprintf("the model gives no score for the class %q", class)}
		}
	}
	return out, nil
}

func (r Reading) label(a *model.Answers, one *Answer, row int) string {
	if a.Labels != nil && (r.Threshold == nil || one.Scores == nil) {
		return r.Canonical(a.Labels[row])
	}
	if r.Task == model.Binary {
		cut := 0.5
		if r.Threshold != nil {
			cut = *r.Threshold
		}
		if one.Number >= cut {
			return r.Classes[1]
		}
		return r.Classes[0]
	}
	best := 0
	for k, s := range one.Scores {
		if s > one.Scores[best] {
			best = k
		}
	}
	return r.Classes[best]
}

// Expect is what is wanted of an answer; what is not set is not asked.
type Expect struct {
	Label     string // the class; "": any
	SameLabel bool
	Range     *Range // of a score or number
}

// Range is where a score or number must lie.
type Range struct {
	Min, Max *float64
	Within   *float64 // of a changed row, of the one before
	Share    bool     // Within is a share of |before|
	Is       Relation
	Class    int // whose score; -1: the positive class, or the number, or for Within every class
}

// Relation is how an answer must lie to the one before.
type Relation string

// The relations.
const (
	Same      Relation = "same"
	NotLower  Relation = "not_lower"
	NotHigher Relation = "not_higher"
	Higher    Relation = "higher"
	Lower     Relation = "lower"
)

// Slack is how far answers may differ that are the same: the order in which
// processors add floating-point numbers changes from batch to batch, and models
// in single precision see seven digits. Of scores it is absolute, of numbers relative.
const Slack = 1e-6

// Case says what is wrong with the answer to a case; "" if nothing is.
func (e Expect) Case(a Answer) string {
	if e.Label != "" && a.Label != e.Label {
		return fmt.Sprintf("expected %s, got %s", e.Label, a.Label)
	}
	if e.Range == nil {
		return ""
	}
	return e.Range.bounds(a)
}

// Changed says what is wrong with the answer to a changed row; "" if nothing is.
func (e Expect) Changed(before, after Answer) string {
	if e.SameLabel && before.Label != after.Label {
		return fmt.Sprintf("%s became %s", before.Label, after.Label)
	}
	if e.Range == nil {
		return ""
	}
	if why := e.Range.bounds(after); why != "" {
		return why
	}
	return e.Range.moved(before, after)
}

func (r *Range) of(a Answer) float64 {
	if r.Class >= 0 && a.Scores != nil {
		return a.Scores[r.Class]
	}
	return a.Number
}

func (r *Range) bounds(a Answer) string {
	v := r.of(a)
	slack := slack(v, a)
	switch {
	case r.Min != nil && v < *r.Min-slack:
		return fmt.Sprintf("%s is below %s", number(v), number(*r.Min))
	case r.Max != nil && v > *r.Max+slack:
		return fmt.Sprintf("%s is above %s", number(v), number(*r.Max))
	}
	return ""
}

// slack is Slack for the size of a value.
func slack(v float64, a Answer) float64 {
	if a.Scores != nil {
		return Slack
	}
	return Slack * math.Abs(v)
}

func (r *Range) moved(before, after Answer) string {
	if r.Within != nil {
		if why := r.within(before, after); why != "" {
			return why
		}
	}
	b, a := r.of(before), r.of(after)
	slack := math.Max(slack(b, before), slack(a, after))
	wrong := false
	switch r.Is {
	case Same:
		wrong = math.Abs(a-b) > slack
	case NotLower:
		wrong = a < b-slack
	case NotHigher:
		wrong = a > b+slack
	case Higher:
		wrong = a <= b+slack
	case Lower:
		wrong = a >= b-slack
	}
	if wrong {
		return fmt.Sprintf("%s became %s", number(b), number(a))
	}
	return ""
}

// within compares one score or, where no class is meant, all of them.
func (r *Range) within(before, after Answer) string {
	pairs := [][2]float64{{r.of(before), r.of(after)}}
	if r.Class < 0 && before.Scores != nil {
		pairs = pairs[:0]
		for k := range before.Scores {
			pairs = append(pairs, [2]float64{before.Scores[k], after.Scores[k]})
		}
	}
	for i := len(pairs) - 1; i >= 0; i-- { // the positive class is last
		b, a := pairs[i][0], pairs[i][1]
		most := *r.Within
		if r.Share {
			most *= math.Abs(b)
		}
		if math.Abs(a-b) > most+slack(b, before) {
			return fmt.Sprintf("%s became %s", number(b), number(a))
		}
	}
	return ""
}

// Monotone says where answers along a grid go the wrong way: the first step that
// does, or -1.
func Monotone(along []Answer, rising bool) int {
	for i := 1; i < len(along); i++ {
		a, b := along[i-1].Number, along[i].Number
		if !rising {
			a, b = b, a
		}
		if b < a-math.Max(slack(a, along[i]), slack(b, along[i])) {
			return i
		}
	}
	return -1
}

// number is a value for people: six digits say what a score is.
func number(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }

// RateInterval is where the share of rows that pass lies, of all rows like those
// that were asked: Clopper and Pearson's exact interval.
func RateInterval(passed, asked uint64, level float64) (low, high float64, err error) {
	in, err := stats.ClopperPearson(int(passed), int(asked), level)
	return in.Low, in.High, err
}
