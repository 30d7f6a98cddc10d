package model

import (
	"fmt"
	"math"
	"time"
)

// Answers are what a model said of the rows of a frame.
type Answers struct {
	// Numbers are the answers of a regression; nil for other tasks.
	Numbers []float64
	// Labels are the names of the classes it chose, as texts: 1, >50K, true; nil
	// where it gives scores alone.
	Labels []string
	// Scores are probabilities: Scores[k][i] is that of class k for row i. nil
	// where it gives labels alone.
	Scores [][]float64
	// Classes names the classes of Scores. nil with one column of scores: they
	// are of the positive class.
	Classes []string
	// Effort is what the answers took in a process of the model's own, where it tells; nil
	// otherwise.
	Effort *Effort
}

// Effort is what one call took in a model's process.
type Effort struct {
	Net       time.Duration // without what its thread waited for a processor
	Processor time.Duration // of all its threads together
}

// Check holds answers to what a task wants of so many rows: there, of the right
// shape, and numbers. Whether probabilities lie in [0,1] and labels are known
// classes is judged where they are used, with the rows by id.
func (a *Answers) Check(task Task, rows int) error {
	if task == Regression {
		return a.checkNumbers(rows)
	}
	switch {
	case a.Labels == nil && a.Scores == nil:
		return shapeError("the model answered neither labels nor scores")
	case a.Labels != nil && len(a.Labels) != rows:
		return shapeError("the model answered %d labels for %d rows", len(a.Labels), rows)
	case a.Classes == nil && len(a.Scores) > 1:
		return shapeError("the model answered %d scores for each row, and does not say of which classes", len(a.Scores))
	case a.Classes != nil && len(a.Classes) != len(a.Scores):
		return shapeError("the model has %d classes, and answered %d scores for each row", len(a.Classes), len(a.Scores))
	}
	for _, column := range a.Scores {
		if len(column) != rows {
			return shapeError("the model answered scores for %d rows of %d", len(column), rows)
		}
		if err := finite(column, "score"); err != nil {
			return err
		}
	}
	return nil
}

func (a *Answers) checkNumbers(rows int) error {
	switch {
	case a.Numbers == nil:
		return shapeError("the model answered no numbers, and the task is regression")
	case len(a.Numbers) != rows:
		return shapeError("the model answered %d numbers for %d rows", len(a.Numbers), rows)
	}
	return finite(a.Numbers, "number")
}

func finite(values []float64, what string) error {
	var bad []int
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			bad = append(bad, i)
		}
	}
	if bad == nil {
		return nil
	}
	return &Error{Message: fmt.Sprintf("the model answered a %s that is %v", what, values[bad[0]]), Rows: bad}
}

// rounding is how far sums of probabilities in float32 stray: those of a forest's
// trees reach 1.0000004.
const rounding = 1e-5

// Settle takes probabilities that are beyond 0 or 1 by rounding for 0 and 1.
func Settle(scores []float64) {
	for i, v := range scores {
		switch {
		case v > 1 && v <= 1+rounding:
			scores[i] = 1
		case v < 0 && v >= -rounding:
			scores[i] = 0
		}
	}
}

func shapeError(format string, args ...any) error {
	return &Error{Message: fmt.Sprintf(format, args...)}
}
