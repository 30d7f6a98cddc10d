package noworse

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/guess"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
)

// Files are the files that a spec is guessed from.
type Files struct {
	Data                string
	Joins               []string // joined to Data by a column that both have
	Candidate, Baseline string   // "": in columns of Data
}

// Guess looks at files and guesses the spec that compares the two models. What
// is set in the input is taken as it is; its tables are filled in.
func Guess(ctx context.Context, f Files, in guess.Input, o Options) (*guess.Draft, error) {
	o = o.withDefaults()
	var err error
	if in.Data, err = o.look(ctx, dataset.Layout{Eval: dataset.Table{Path: f.Data}}); err != nil {
		return nil, err
	}
	if in.Joins, err = o.joins(ctx, in.Data, f.Joins); err != nil {
		return nil, err
	}
	if len(in.Joins) > 0 {
		l := dataset.Layout{Eval: dataset.Table{Path: f.Data}}
		for _, j := range in.Joins {
			l.Joined = append(l.Joined, dataset.Table{Path: j.Path, ID: j.ID})
		}
		if in.Data, err = o.look(ctx, l); err != nil {
			return nil, err
		}
	}
	for _, m := range []struct {
		path string
		to   **guess.Table
	}{{f.Candidate, &in.Candidate}, {f.Baseline, &in.Baseline}} {
		if m.path == "" {
			continue
		}
		t, err := o.look(ctx, dataset.Layout{Eval: dataset.Table{Path: m.path}})
		if err != nil {
			return nil, err
		}
		*m.to = &t
	}
	return guess.From(in), nil
}

// joins finds the columns by which tables are joined.
func (o Options) joins(ctx context.Context, data guess.Table, paths []string) ([]guess.Join, error) {
	var list []guess.Join
	for _, path := range paths {
		t, err := o.look(ctx, dataset.Layout{Eval: dataset.Table{Path: path}})
		if err != nil {
			return nil, err
		}
		id, err := guess.FindJoin(data, t)
		if err != nil {
			return nil, err
		}
		list = append(list, guess.Join{Path: path, ID: id})
	}
	return list, nil
}

// look reads the rows of a layout once.
func (o Options) look(ctx context.Context, l dataset.Layout) (guess.Table, error) {
	source, err := o.open(ctx, l)
	if err != nil {
		return guess.Table{}, withoutHint(err)
	}
	defer source.Close()
	return guess.Look(ctx, source, l.Eval.Path)
}

// withoutHint drops the hint that speaks of a spec where there is none yet.
func withoutHint(err error) error {
	if t, ok := errors.AsType[*dataset.TableError](err); ok && strings.Contains(t.Hint, "of the spec") {
		return &dataset.TableError{At: t.At, Message: t.Message}
	}
	return err
}

// Settle tries a draft on the rows and returns it as the text of a spec at a
// path, with margins that these rows can judge, and what the trial has shown.
// The text is one that loads and checks; it is not written anywhere.
func Settle(ctx context.Context, d *guess.Draft, path string, o Options) (string, guess.Facts, error) {
	relative := func(p string) string { return relativeTo(filepath.Dir(path), p) }
	s, err := parse(path, guess.Write(d, guess.Facts{}, relative))
	if err != nil {
		return "", guess.Facts{}, err
	}
	facts, err := try(ctx, s, o)
	if err != nil {
		return "", facts, unplaced(err)
	}
	text := guess.Write(d, facts, relative)
	_, err = parse(path, text)
	return text, facts, err
}

// parse reads the text of a draft back.
func parse(path, text string) (*spec.Spec, error) {
	s, err := spec.Parse(path, []byte(text), spec.Options{Vocabulary: gate.Vocabulary()})
	if err != nil {
		return nil, unplaced(err)
	}
	return s, nil
}

// unplaced is problems of a spec that nobody has seen, without their places.
func unplaced(err error) error {
	problems, ok := errors.AsType[spec.Problems](err)
	if !ok {
		return err
	}
	var lines []string
	for _, p := range problems {
		lines = append(lines, p.Message)
		if p.Hint != "" {
			lines = append(lines, "  "+p.Hint)
		}
	}
	return errors.New(strings.Join(lines, "\n"))
}

// relativeTo is a path as a spec in a directory names it. Absolute paths and
// those that lead nowhere else stay as they are.
func relativeTo(dir, path string) string {
	if filepath.IsAbs(path) || strings.Contains(path, "://") {
		return path
	}
	from, errFrom := filepath.Abs(dir)
	to, errTo := filepath.Abs(path)
	if errFrom != nil || errTo != nil {
		return path
	}
	short, err := filepath.Rel(from, to)
	if err != nil {
		return path
	}
	return filepath.ToSlash(short)
}

// try runs the checks of a spec, and one more that always passes and says how
// good the models are.
func try(ctx context.Context, s *spec.Spec, o Options) (guess.Facts, error) {
	probe, exact := spec.Rule{Key: "accuracy", Metric: "accuracy", Min: new(float64), At: "metrics"}, 1.0
	id := "metric/accuracy/min"
	if s.Task == spec.Regression {
		most := math.MaxFloat64
		probe, exact = spec.Rule{Key: "mae", Metric: "mae", Max: &most, At: "metrics"}, 0
		id = "metric/mae/max"
	}
	trial := *s
	trial.Metrics = append(append([]spec.Rule{}, s.Metrics...), probe)
	r, err := Check(ctx, &trial, o)
	if err != nil {
		return guess.Facts{}, err
	}
	var f guess.Facts
	for _, c := range r.Checks {
		if c.ID != id {
			continue
		}
		if c.Candidate != nil && *c.Candidate == exact {
			f.Exact = append(f.Exact, "candidate")
		}
		if c.Baseline != nil && *c.Baseline == exact {
			f.Exact = append(f.Exact, "baseline")
		}
	}
	if r.Flips != nil && r.Data.Eval.Rows > 0 {
		differ := float64(r.Flips.Negative+r.Flips.Positive) / float64(r.Data.Eval.Rows)
		f.Differ = &differ
	}
	return f, firstError(r)
}

// firstError is what keeps a check from having a value: a spec with one would
// end with an error each time.
func firstError(r *result.Result) error {
	for _, c := range r.Checks {
		if c.Verdict == result.Error {
			return fmt.Errorf("%s has no value: %s", c.ID, c.Reason)
		}
	}
	return nil
}
