// Package noworse answers one question before a model ships: is it no worse
// than the one we trust, and if it is worse, for whom?
//
//	spec ─▶ dataset ─▶ predictions ─▶ summaries ─▶ metrics ─▶ verdicts ─▶ result
//
// Load reads a noworse.yaml and Check runs it. The command noworse is made of
// these two and the reports; ARCHITECTURE.md is the map of the rooms behind them.
package noworse

import (
	"context"
	"errors"
	"runtime"
	"time"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/internal/machine"
	"github.com/noworse/noworse/internal/runqueue"
	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/report"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
)

// Options bound a run and watch it. The zero value is a good choice.
type Options struct {
	Threads  int                      // 0: one for each core
	Memory   int64                    // bytes that reading and joining may hold before it spills to disk; 0: see DefaultMemory
	Only     string                   // keep the checks whose id matches; * is any text
	Version  string                   // of the program, for the result
	Progress func(done, total uint64) // rows read so far; called by many threads; may be nil
	Now      func() time.Time         // nil: time.Now
	Cache    string                   // directory for copies of remote files; "": see CacheDir
	// Fetching is told how many bytes of a remote file have arrived; total is -1
	// where the service does not say. It may be nil.
	Fetching func(name string, done, total int64)
	Flips    *Flips // nil: not asked for
	// Anew: ask models that run about every row, though their answers to the same
	// rows were kept in Cache, and keep none.
	Anew bool
	// Program is a noworse binary, which serves ONNX models in processes of their own
	// where their memory is measured; "": it cannot be.
	Program string

	rows []dataset.File // of the evaluation set, where a function has given them
}

// Flips asks for a file of the rows on which exactly one of the two models is
// right, and of new confident errors; FlipRows counts its rows.
type (
	Flips    = gate.Flips
	FlipRows = gate.FlipRows
)

// DefaultMemory is what reading and joining may hold unless Options say
// otherwise: 512 MiB, and 256 MiB for each thread, since each has buffers of its
// own. What noworse itself holds comes on top: 8 bytes a row to find duplicate
// ids, and some 50 where an exact area under the ROC curve is asked for.
func DefaultMemory(threads int) int64 { return 512<<20 + int64(threads)*256<<20 }

// Load reads a spec. The error is spec.Problems: every problem of the
// document, with its place.
func Load(path string) (*spec.Spec, error) {
	return spec.Load(path, spec.Options{Vocabulary: gate.Vocabulary()})
}

// LoadUntrusted reads a spec that a stranger wrote, such as one from a fork's
// pull request. It refuses what such a spec could abuse: variables of the
// environment, and all files but those in the spec's own directory and below it.
func LoadUntrusted(path string) (*spec.Spec, error) {
	return spec.Load(path, spec.Options{Vocabulary: gate.Vocabulary(), Untrusted: true})
}

// Schema is the JSON Schema of a spec.
func Schema() ([]byte, error) { return spec.JSONSchema(gate.Vocabulary()) }

// Check runs every check of a spec. An error means that there is no result: the
// run could not start, or its rows could not be used. A check that fails is in
// the result.
func Check(ctx context.Context, s *spec.Spec, o Options) (*result.Result, error) {
	stored, err := loadStored(s)
	if err != nil {
		return nil, withoutSecrets(s, err)
	}
	return check(ctx, s, o, stored)
}

func check(ctx context.Context, s *spec.Spec, o Options, stored *gate.Stored) (*result.Result, error) {
	var r *result.Result
	err := o.withRows(ctx, s, func(o Options) (err error) {
		r, err = gate.Check(ctx, s, o.redacted(s).ofGate(stored))
		return err
	})
	if err != nil {
		return nil, withoutSecrets(s, err)
	}
	r.Summary = report.Sentence(r, IsRate)
	return r, nil
}

// redacted keeps values of environment variables out of what is told of fetching.
func (o Options) redacted(s *spec.Spec) Options {
	if tell := o.Fetching; tell != nil {
		o.Fetching = func(name string, done, total int64) { tell(s.Redact(name), done, total) }
	}
	return o
}

func (o Options) withDefaults() Options {
	if o.Threads <= 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	if o.Memory <= 0 {
		o.Memory = DefaultMemory(o.Threads)
	}
	return o
}

func (o Options) ofGate(stored *gate.Stored) gate.Options {
	o = o.withDefaults()
	return gate.Options{Open: o.open, Stored: stored, Threads: o.Threads, Only: o.Only, Version: o.Version, Now: o.Now, Flips: o.Flips,
		Start: o.start, StartApart: o.startApart, Machine: machine.This(), Queue: runqueue.Here, Answers: o.answers(), Profile: readProfile}
}

// withoutSecrets keeps values of environment variables out of a message.
func withoutSecrets(s *spec.Spec, err error) error {
	if _, ok := errors.AsType[*gate.BaselineError](err); ok {
		return err // made of problems, which are without
	}
	if redacted := s.Redact(err.Error()); redacted != err.Error() {
		return errors.New(redacted)
	}
	return err
}

// IsRate says whether a metric is a share of rows, which reports show in
// percent.
func IsRate(name string) bool {
	m, ok := metric.Lookup(name)
	return ok && m.Bounded
}
