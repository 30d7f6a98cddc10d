// Package model is the port to models that run: what they are given, what they
// answer, and what is known of them.
//
//	Frame ─▶ Predictor ─▶ Answers
//
// Adapters are beside it: model/python, model/onnx and model/service. All of
// them pass the suite in internal/gatetest/modeltest.
package model

import (
	"context"
	"time"

	"github.com/noworse/noworse/dataset"
)

// Predictor is a model that is loaded and answers. Its methods may be called by
// several goroutines; whether answers are made at the same time is its own matter.
type Predictor interface {
	Describe() Description
	// Predict answers every row of a frame, in their order. What it returns has
	// been held to Answers.Check. It returns soon after ctx is done. An error is
	// an *Error wherever the model, and not the caller, is at fault; after one
	// with Gone the model answers no more.
	Predict(ctx context.Context, f *Frame) (*Answers, error)
	// Close ends the model and whatever it runs in, and may be called twice.
	Close() error
}

// Measured is a Predictor that runs in a process of its own.
type Measured interface {
	// Memory is what that process has held so far.
	Memory(ctx context.Context) (Memory, error)
}

// Memory is the peak resident set of a process, in bytes: when the model had been
// loaded, and since then. Peak is at least Loaded.
type Memory struct{ Loaded, Peak uint64 }

// Task is what kind of answers are wanted.
type Task string

// The tasks, by the names that a spec calls them.
const (
	Binary     Task = "binary"
	Multiclass Task = "multiclass"
	Regression Task = "regression"
)

// Description is what is known of a model once it is loaded.
type Description struct {
	Form   string  // onnx, python, http or mlflow
	Inputs []Input // what it wants; nil: it takes what it is given
	// Fingerprint is a digest of all that decides its answers: its files, the
	// settings it was loaded with, and the versions of what it runs on. Two models
	// of the same fingerprint answer alike. "": not known, so no answer is kept.
	Fingerprint string
	Versions    []Version // of what it runs on
	Size        int64     // of its files, in bytes; 0: not known
	Load        time.Duration
}

// Version is one thing that a model runs on: a runtime, an interpreter, a package.
type Version struct{ Name, Version string }

// Input is one column that a model wants.
type Input struct {
	Name string
	// Kind is Integer, Float, Text, Bool or Time; 0: any of them.
	Kind dataset.Kind
	// Width is how many columns it takes at once, where they have no names: one
	// tensor of all features. 0: one, by Name. -1: any number.
	Width int
	// Mangled: Name may be made of a column's own, as exports to ONNX do: see Among.
	Mangled bool
}

// Error is a model that could not be loaded or could not answer.
type Error struct {
	Message string // one sentence, of the model and not of us
	Hint    string // how to mend it; "": not known
	// Detail is what the model itself said, such as the end of a traceback: a few
	// lines, for whoever mends it.
	Detail string
	// Rows are the rows of the frame at fault, where the model tells; nil: any.
	Rows []int
	// Missing: its file is not there.
	Missing bool
	Gone    bool // it has ended: there is no use in asking again
}

func (e *Error) Error() string {
	text := e.Message
	for _, more := range []string{e.Detail, e.Hint} {
		if more != "" {
			text += "\n" + more
		}
	}
	return text
}
