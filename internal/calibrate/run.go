package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
)

// setting is the part of a spec that differs from one simulation to the next.
type setting struct {
	regression bool
	metrics    string // "": none of the whole set
	rules      string // of every slice; "": none
	slices     int
	fail       string
}

// parse makes the spec, as a user would write it.
func (s setting) parse() (*spec.Spec, error) {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("version: 1\nname: simulated\ndata: {eval: {path: rows.parquet, label: %s}}", labelColumn)
	if s.regression {
		line("task: regression\ncandidate: {predictions: {label: %s}}\nbaseline: {predictions: {label: %s}}", newColumn, oldColumn)
	} else {
		line("task: binary\ncandidate: {predictions: {score: %s}}\nbaseline: {predictions: {score: %s}}", newColumn, oldColumn)
	}
	line("decision: {fail: %s}", s.fail)
	if s.metrics != "" {
		line("metrics: {%s}", s.metrics)
	}
	if s.rules != "" {
		line("slices:\n  rules: {%s}\n  named:", s.rules)
		for i := range s.slices {
			line("    s%d: '%d'", i, i)
		}
	}
	return spec.Parse("simulated.yaml", []byte(b.String()), spec.Options{Vocabulary: gate.Vocabulary()})
}

func options(s *set) gate.Options {
	return gate.Options{
		Open: func(context.Context, dataset.Layout) (dataset.Source, error) { return s, nil }, Threads: 1,
		Now: func() time.Time { return time.Time{} },
	}
}

// check is a check from end to end.
func check(sp *spec.Spec, s *set) (*result.Result, error) {
	return gate.Check(context.Background(), sp, options(s))
}

// simulation is the size of a run and what it is seeded by.
type simulation struct {
	seed uint64
	runs int      // of each case
	only []string // metrics, and what teams are called, that are simulated; none: all
}

// asked says whether a metric, or a team's checks, are simulated.
func (s simulation) asked(name string) bool { return len(s.only) == 0 || slices.Contains(s.only, name) }

// each makes all runs of a case, on every core. The rows of a run follow from
// the seed, the case and the number of the run, whatever the cores.
func (s simulation) each(name string, do func(i int, random *rand.Rand) error) error {
	var mu sync.Mutex
	var wg sync.WaitGroup
	var first error
	next := 0
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				stop := first != nil || i >= s.runs
				mu.Unlock()
				if stop {
					return
				}
				if err := do(i, rand.New(rand.NewPCG(s.seed+uint64(i), hash(name)))); err != nil {
					mu.Lock()
					first = fmt.Errorf("%s, run %d: %w", name, i, err)
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	return first
}

// hash is FNV-1a.
func hash(text string) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range []byte(text) {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}
