package noworse

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/internal/scratch"
	"github.com/noworse/noworse/model"
	"github.com/noworse/noworse/model/python"
	"github.com/noworse/noworse/spec"
)

// withRows does something with a spec whose evaluation set may come from a function.
// It is called once, however often the rows are read: they are in a file until then.
func (o Options) withRows(ctx context.Context, s *spec.Spec, do func(Options) error) error {
	f := s.Eval.Python
	if f == nil || o.rows != nil {
		return do(o)
	}
	dir, err := scratch.New()
	if err != nil {
		return err
	}
	defer scratch.Remove(dir)
	path := filepath.Join(dir, "rows.parquet")
	rows := python.Rows{Call: f.Call, Dir: absolute(f.Dir), To: path, Interpreter: f.Interpreter, Timeout: f.Timeout}
	if err := rows.Write(ctx); err != nil {
		return rowsError(s, err)
	}
	o.rows = []dataset.File{{Name: f.Call, Path: path}}
	return do(o)
}

// rowsError gives what is wrong with the function its place in the spec.
func rowsError(s *spec.Spec, err error) error {
	e, ok := errors.AsType[*model.Error](err)
	if !ok {
		return err
	}
	p := s.Problem("data.eval.python", s.Eval.Python.Call+": "+e.Message, e.Hint)
	p.Detail = e.Detail
	return spec.Problems{p}
}
