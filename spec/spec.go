// Package spec reads noworse.yaml: from text to a typed, validated value in
// which every setting still knows its file, line and column.
//
//	text ─▶ YAML nodes ─▶ extends merged ─▶ shape checked ─▶ Spec
//
// The structure of a spec is written down once, as a tree of shapes
// (shape.go). The parser walks it to check a document and the JSON Schema that
// editors use is printed from it, so the two cannot disagree.
//
// All problems of a document are reported together, as Problems.
package spec

import (
	"slices"
	"time"
)

// Task is what kind of answer the models give.
type Task string

// The tasks.
const (
	Binary     Task = "binary"
	Multiclass Task = "multiclass"
	Regression Task = "regression"
)

// Severity says whether a check that does not pass decides the exit code.
type Severity string

// The severities. Unset means the default of the place where the rule stands:
// block for the whole set and for named slices, warn for slices by column.
const (
	Unset Severity = ""
	Block Severity = "block"
	Warn  Severity = "warn"
)

// Spec is one noworse.yaml after extends and environment variables.
type Spec struct {
	// Path is the file as the caller named it; Dir is the directory that its
	// relative paths start from. Settings inherited by extends keep the
	// directory of the file they were written in: they are already joined.
	Path, Dir string
	// SHA256 is the hex digest of the spec file's bytes, followed by those of
	// the files it extends, in order, and of the contract that it is from.
	SHA256 string

	Name string
	Task Task
	Eval Eval
	// Reference and Production are data sets beside it; nil: there is none.
	Reference, Production *Table
	Candidate             *Model
	Baseline              *Model // nil: nothing to compare with, unless there is a Store
	Store                 *Store // nil: none; excludes Baseline
	// Champion is the baseline as a model that runs, beside a Store or as Baseline's
	// own form; nil: it cannot be asked anything new.
	Champion *Live
	Metrics  []Rule // checks on the whole set, in the order of the file
	Slices   *Slices
	Gaps     []Gaps // differences between slices, in the order of the file
	Behavior []Behavior
	Latency  *Latency // nil: it is not measured
	Memory   *Memory
	Parity   *Parity
	Drift    *Drift    // nil: it is not looked for
	Contract *Contract // nil: the data are held to none
	Flips    *Flips    // nil: they are told and not judged
	Decision Decision

	sources *sources // where each setting was written; see Problem
	fence   *fence   // what an untrusted spec may name; nil: anything
}

// Eval names the evaluation set and what its columns are for.
type Eval struct {
	Path       string // a file or a glob, already joined to the spec's directory; "" with Python
	Python     *Rows
	Join       []Join
	ID         string   // unique row key; "" if there is none
	Label      string   // the true answer
	Positive   *string  // binary: the label value that counts as positive, as written ("1", ">50K", "true"); nil: inferred
	Classes    []string // all label values, when some may be absent from the set; nil: those the labels show
	Features   []string // nil: every column without a role
	Weight     string
	Time       string
	Group      string
	Unlabelled Unlabelled
	Version    string
}

// Rows is a function that gives the rows.
type Rows struct {
	Call        string // package.module:function, which takes nothing
	Dir         string // where its modules are looked for first: the directory of the spec
	Interpreter string // as of Python
	Timeout     time.Duration
}

// Name is the file, pattern or function that the rows come from, for people.
func (e Eval) Name() string {
	if e.Python != nil {
		return e.Python.Call
	}
	return e.Path
}

// Unlabelled says what to do with rows whose label is null.
type Unlabelled string

// What happens to rows without a label.
const (
	UnlabelledError Unlabelled = "error"
	UnlabelledDrop  Unlabelled = "drop"
)

// Join adds columns from another table, matched on a column that both have.
type Join struct {
	Path string
	ID   string
}

// Model is where a model's answers come from: predictions recorded in a file or
// in columns of the evaluation set, or a model that runs.
type Model struct {
	Live      *Live         // excludes what follows, but for Threshold
	Path      string        // "" when the columns are in the evaluation set itself
	ID        string        // the id column of Path; "" means the name of Eval.ID
	Label     string        // predicted class; for regression, the predicted number
	Score     string        // binary: probability of the positive class
	Scores    []ClassColumn // multiclass: a probability for each class, in the order of the file
	Threshold *float64      // binary: score >= threshold is positive
}

// Store is where accepted baselines are kept.
type Store struct {
	Path   string // a directory, already joined to the spec's
	Rows   string // a directory for answers row by row; "": within Path
	Anchor Anchors
}

// Anchors says whether checks also compare with the anchor of a store.
type Anchors string

// What is done with an anchor.
const (
	AnchorChecked Anchors = "check"
	AnchorIgnored Anchors = "ignore"
)

// ClassColumn pairs a class with the column that holds its probability.
type ClassColumn struct{ Class, Column string }

// Margin is a tolerated worsening: an amount, or a share of |baseline|.
type Margin struct {
	Value    float64 // 0.02 for both 0.02 and 2%
	Relative bool    // true for 2%
}

// Rule is what one metric must satisfy. At least one of the limits is set.
type Rule struct {
	Key    string // its name in the spec, and in check ids
	Metric string // "cost" where Cost is set, "sql" where SQL is
	Cost   Cost   // what rows are worth; nil: the metric is another
	SQL    string // an expression of aggregates; "": the metric is another
	Parameters
	MaxDrop   *Margin
	MaxRise   *Margin
	MaxChange *Margin
	Min, Max  *float64
	Total     *Total // what is tolerated since the anchor, where the rule says
	Severity  Severity
	At        string // the rule's path in the spec, for Problem
}

// Parameters are what a rule says of its metric beside the limits. Those that
// the metric does not take are zero.
type Parameters struct {
	Above      *float64 // high_confidence_error_rate: confidence beyond which an error counts
	Beta       float64  // f_beta: how many times as much recall counts as precision
	Quantile   float64  // pinball
	K          int      // top_k_accuracy
	Bins       int      // calibration errors
	Confidence string   // calibration errors: positive or top
	Class      string   // multiclass: the class that counts as positive, as written
}

// Slices are the subsets of rows that are checked on their own.
type Slices struct {
	MinRows int
	Named   []NamedSlice
	By      []BySlices
}

// NamedSlice is the rows for which a SQL boolean expression is true.
type NamedSlice struct {
	Name     string
	Where    string
	Rules    []Rule   // the rules of every slice, with this slice's own added or put in their place by key
	Severity Severity // for rules that do not say
	At       string   // path of the expression in the spec, for Problem
}

// BySlices is one slice for every value of a column, or for every combination
// of the values of several.
type BySlices struct {
	Columns  []string
	Rules    []Rule
	Severity Severity // for rules that do not say; warn unless set
	At       string
}

// Vocabulary is what the parser must know of metrics to judge a rule; the
// composition root fills it from the table of metrics.
type Vocabulary []MetricInfo

// MetricInfo describes one metric to the parser.
type MetricInfo struct {
	Name    string
	Aliases []string // what others call it, for "did you mean"
	Tasks   []Task
	Better  Direction
	Bounded bool     // values lie in [0,1]: a rule may be left to its default margin
	Signed  bool     // may be 0 or negative in ordinary use: a relative margin has no meaning
	Scores  bool     // needs probabilities, not only labels
	Takes   []string // the parameters it takes; one with `class` needs it in multiclass
	Default bool     // part of `metrics: {}`
}

func (m MetricInfo) takes(parameter string) bool { return slices.Contains(m.Takes, parameter) }

// Direction says which way a metric is better.
type Direction string

// Directions: some metrics (positive_rate) have no better side.
const (
	Higher  Direction = "higher"
	Lower   Direction = "lower"
	Neither Direction = "neither"
)
