package noworse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/profile"
	"github.com/noworse/noworse/report"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
)

// Profile summarises a table's columns, nil for all, so that others can be held to it
// when it is gone.
func Profile(ctx context.Context, path string, columns []string, o Options) (*profile.Profile, error) {
	o = o.withDefaults()
	source, err := o.open(ctx, dataset.Layout{Eval: dataset.Table{At: "the data", Path: path}})
	if err != nil {
		return nil, err
	}
	defer source.Close()
	p, err := profile.Build(ctx, source, profile.Options{Columns: columns})
	if missing, ok := errors.AsType[*profile.ColumnError](err); ok {
		var names []string
		for _, c := range source.Columns() {
			names = append(names, c.Name)
		}
		if near := spec.Nearest(missing.Name, names); near != "" {
			return nil, fmt.Errorf("%s has no column %q: did you mean %q?", path, missing.Name, near)
		}
		return nil, fmt.Errorf("%s has no column %q", path, missing.Name)
	}
	return p, err
}

// DriftRules is how far columns may move where no spec says it.
type DriftRules struct {
	MaxShare float64 // at this share of drifted columns, or more, the run fails
	Guide    bool    // a P below 0.05 alone, as guides have it
	Columns  []spec.DriftColumn
	// Columns of the label, the prediction and the time, which are no features; "": not known.
	Label, Prediction, Time string
}

// Drift compares the columns of two tables without a spec. The reference may be a
// profile.
func Drift(ctx context.Context, reference, current string, rules DriftRules, o Options) (*result.Result, error) {
	s := &spec.Drift{Reference: spec.OfReference, Current: spec.OfProduction, MaxShare: rules.MaxShare, Guide: rules.Guide, Columns: rules.Columns, Label: rules.Label, Prediction: rules.Prediction, Time: rules.Time}
	r, err := gate.Drift(ctx, reference, current, s, o.ofGate(nil))
	if err != nil {
		return nil, unplaced(err)
	}
	r.Summary = report.Sentence(r, IsRate)
	return r, nil
}

// mostProfile is more bytes than a profile can have that is worth reading: some 10,000
// columns.
const mostProfile = 1 << 29

// readProfile reads a profile where a path names one; nil where it is something else, or
// not there.
func readProfile(path string) (*profile.Profile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil // whoever opens it as a table says what is wrong
	}
	defer f.Close()
	begin := make([]byte, 64)
	n, err := io.ReadFull(f, begin)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) || !profile.IsProfile(begin[:n]) {
		return nil, nil
	}
	rest, err := io.ReadAll(io.LimitReader(f, mostProfile))
	if err != nil {
		return nil, fmt.Errorf("it cannot be read: %w", err)
	}
	return profile.Decode(append(begin[:n], rest...))
}
