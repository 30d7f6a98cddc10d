// Package gate runs a check from end to end:
//
//	spec ─▶ plan ─▶ scan ─▶ summary ─▶ checks ─▶ result
//
// plan.go resolves the spec against the columns that are there; scan.go turns
// batches of columns into summaries, one per thread, and merges them; decide.go
// asks the metrics for estimates, evidence.go how far chance reaches, and the
// verdict room for the verdicts of all checks together.
package gate

import (
	"context"
	"time"

	"github.com/noworse/noworse/baseline"
	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/live"
	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/profile"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
)

// Options are what a run needs beside the spec.
type Options struct {
	// Open opens the rows of a layout.
	Open func(context.Context, dataset.Layout) (dataset.Source, error)
	// Stored is the accepted baseline of a spec that names a store; nil: none yet.
	Stored *Stored
	// Threads is how many goroutines work on order statistics; 0: one.
	Threads int
	// MaxExact is the most rows whose scores are held for exact areas under
	// curves; with more rows, scores are counted in bins. 0: 16M.
	MaxExact uint64
	// Only keeps the checks whose id matches this pattern, in which * is any
	// text and ? any character; "": all.
	Only  string
	Flips *Flips  // nil: not asked for
	Start Starter // nil: no model that runs can be loaded
	// StartApart loads one in a process of its own, for its memory; nil: none can be.
	StartApart Starter
	// Queue keeps a goroutine on its thread and tells how long that waited for a processor;
	// see bench.Plan. nil: it cannot be told.
	Queue   func() (waited func() time.Duration, stop func())
	Machine *baseline.Machine // that models are measured on; nil: unknown, so nothing is kept for another time
	Answers live.Cache        // where the answers of models that run are kept
	// Profile reads a profile where a path names one; nil, and no error, where it is a table.
	Profile   func(path string) (*profile.Profile, error)
	Version   string           // of the tool
	Now       func() time.Time // nil: time.Now
	running   *running         // models that run; nil: there are none
	recording bool             // for a baseline: values are kept with their standard errors
}

const maxExact = 16 << 20

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.MaxExact == 0 {
		o.MaxExact = maxExact
	}
	if o.Threads == 0 {
		o.Threads = 1
	}
	return o
}

// Check runs every check of a spec. An error means that the run could not
// start or could not be trusted, and there is no result; a check that fails is
// in the result.
func Check(ctx context.Context, s *spec.Spec, o Options) (*result.Result, error) {
	o = o.withDefaults()
	started := o.Now()
	given, err := o.models(ctx, s)
	if err != nil {
		return nil, err
	}
	defer o.running.Close()
	source, err := o.Open(ctx, layout(s, given))
	if err != nil {
		return nil, at(s, o.Stored, err)
	}
	defer source.Close()
	p, err := newPlan(ctx, s, given, source, o)
	if err != nil {
		return nil, err
	}
	if err := p.canFlip(); err != nil {
		return nil, err
	}
	e, err := p.evaluateWithAnchor(ctx)
	if err != nil {
		return nil, err
	}
	r := &result.Result{
		Name:    s.Redact(s.Name),
		Started: started.UTC().Format(time.RFC3339),
		Tool:    result.Tool{Version: o.Version},
		Spec:    result.File{Path: s.Path, SHA256: s.SHA256},
		Task:    string(s.Task),
		Only:    o.Only,
	}
	p.describe(r, e)
	if r.Checks, err = p.checks(ctx, e); err != nil {
		return nil, err
	}
	r.Data.Reference, r.Data.Current = p.data.Reference, p.data.Current
	r.Notes = append(r.Notes, p.suspicions(e, r.Checks)...)
	if o.Flips != nil {
		if err := p.writeFlips(ctx, r.Checks, o.Flips); err != nil {
			return nil, err
		}
	}
	r.Seconds = o.Now().Sub(started).Seconds()
	r.Finish()
	return r, nil
}

// Vocabulary is the table of metrics as the spec's parser wants it.
func Vocabulary() spec.Vocabulary {
	var v spec.Vocabulary
	for _, m := range metric.All() {
		info := spec.MetricInfo{
			Name: m.Name, Aliases: m.Aliases(), Better: spec.Direction(m.Better), Bounded: m.Bounded, Signed: m.Signed,
			Scores: m.Scores, Takes: m.Takes, Default: m.Default,
		}
		for _, t := range m.Tasks {
			info.Tasks = append(info.Tasks, spec.Task(t))
		}
		v = append(v, info)
	}
	return v
}
