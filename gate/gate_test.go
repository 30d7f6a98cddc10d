package gate_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/dataset/duckdb"
	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
)

func opener(threads int) func(context.Context, dataset.Layout) (dataset.Source, error) {
	return func(ctx context.Context, l dataset.Layout) (dataset.Source, error) {
		return duckdb.Open(ctx, l, duckdb.Options{Threads: threads})
	}
}

// check runs a spec that stands in dir.
func check(t *testing.T, dir, text string, o gate.Options) (*result.Result, error) {
	t.Helper()
	path := filepath.Join(dir, "noworse.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := spec.Load(path, spec.Options{Vocabulary: gate.Vocabulary()})
	if err != nil {
		return nil, err
	}
	if o.Open == nil {
		o.Open = opener(2)
	}
	return gate.Check(t.Context(), s, o)
}

func shared(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "shared", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the shared %s is not here: this trial on real data is left out", name)
	}
	return path
}
