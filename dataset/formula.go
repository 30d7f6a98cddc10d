package dataset

import (
	"context"
	"fmt"
)

// Calculator works out formulas: metrics that are SQL expressions of aggregates
// over the columns and what the models answer.
//
//	text ─▶ Formula ─▶ Derive ─▶ (numbers of each aggregate) ─▶ Calculate
//
// It takes a formula apart and puts it together again. What is between, the
// adding up, is its caller's, who can do it exactly and in any order.
type Calculator interface {
	// Formula checks that text is one safe expression of aggregates over Columns
	// and the names of answers, and takes it apart.
	Formula(ctx context.Context, text string, a Classes) (Formula, error)
	// Derive is a scan in two steps. Sinks made by the first function give the
	// answers for each row; those made by the second get what the aggregates want.
	Derive(ctx context.Context, what Derivation, answers, sink func() Sink) error
	// Calculate is the formula's value for each list of values of its aggregates.
	Calculate(ctx context.Context, f Formula, values [][]*float64) ([]Calculated, error)
}

// Names in a formula that mean an answer, not a column.
const (
	LabelName      = "label"
	PredictionName = "prediction"
	ScoreName      = "score"
)

// Classes are what labels and predictions are called: a formula sees their text.
// None: they are numbers, and it sees these.
type Classes []string

// Formula is a checked metric, taken apart.
type Formula struct {
	Aggregates []Aggregate
	Reads      []string // columns and names of answers
	SQL        string   // of the whole, for Calculate
}

// ReadsName says whether a formula reads a column or a name of an answer.
func (f Formula) ReadsName(name string) bool {
	for _, r := range f.Reads {
		if r == name {
			return true
		}
	}
	return false
}

// Aggregate is one call of an aggregate, by SQL's name for it.
type Aggregate struct {
	Function string
	Distinct bool        // count: of the distinct values, AsText; else arguments are AsFloat
	Fraction float64     // of a quantile
	Args     [2][]string // by model: expressions for a Field, null where the row does not count
}

// Answers are the numbers that formulas know for each row of a batch: the label,
// then for each model its prediction and its score. Of classes, it is the place.
type Answers struct {
	Label      []float64
	Prediction [2][]float64
	Score      [2][]float64 // nil: formulas do not ask for it
}

// Derivation is what Derive reads.
type Derivation struct {
	Given   Request  // for the sinks that give answers
	Fields  []Field  // for the others: expressions, or fields of the evaluation set
	Reads   []string // what the expressions read
	Classes Classes
}

// Calculated is the value of a formula: not there where it is null, or where
// Fault says why it cannot be worked out.
type Calculated struct {
	Value *float64
	Fault string
}

// ExpressionError is an expression that could not be worked out for some row.
type ExpressionError struct {
	Expression string // as in Field
	Message    string
}

func (e *ExpressionError) Error() string {
	return fmt.Sprintf("a metric fails on some rows: %s", e.Message)
}
