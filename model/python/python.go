// Package python runs models in the user's own Python: pickles, joblib, skops,
// XGBoost and LightGBM files, models of MLflow, and functions.
//
//	Frame ─▶ model/wire ─▶ worker.py, in a process of its own ─▶ Answers
//
// The worker is embedded here. It needs numpy, and pandas where the model wants a
// data frame. It also calls functions that give rows, and writes those to a file.
package python

import (
	"cmp"
	"context"
	_ "embed" // the worker
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/noworse/noworse/internal/scratch"
	"github.com/noworse/noworse/model"
	"github.com/noworse/noworse/model/wire"
)

//go:embed worker.py
var serves string

//go:embed pyfunc.py
var pyfunc string

//go:embed onnx.py
var onnx string

//go:embed rows.py
var rows string

// worker is what the interpreter runs.
var worker = strings.Join([]string{serves, pyfunc, onnx, rows, "main()\n"}, "\n\n")

// Options say which model is loaded, and how.
type Options struct {
	Load string // a file or an MLflow folder
	Call string // or package.module:function
	URI  string // or a model as MLflow names it, such as models:/loan@champion
	// Tracking is the URI of MLflow's tracking server or local store; "": that of the
	// environment.
	Tracking string
	Dir      string // where modules are looked for first
	Task     model.Task
	// Interpreter is a command or a path; "": see Find.
	Interpreter string        `json:"-"`
	Timeout     time.Duration `json:"-"` // for loading, and for one batch; 0: none
}

// Open starts the interpreter and loads the model. What it runs may do anything
// that the user may do.
func Open(ctx context.Context, o Options) (model.Predictor, error) {
	if _, err := os.Stat(o.Load); o.Load != "" && err != nil {
		return nil, &model.Error{Message: "there is no file " + o.Load, Missing: true}
	}
	interpreter, err := Find(o.Interpreter)
	if err != nil {
		return nil, err
	}
	p := &predictor{timeout: o.Timeout}
	if o.URI != "" {
		if p.temp, err = scratch.New(); err != nil {
			return nil, err
		}
	}
	err = within(ctx, p.timeout, "the model did not be loaded", func(ctx context.Context) (err error) {
		p.Model, err = wire.Open(ctx, wire.Command{Path: interpreter, Args: []string{"-u", "-c", worker}, Dir: o.Dir}, o.Task, struct {
			Options
			Temp string
		}{o, p.temp})
		return err
	})
	if err != nil {
		scratch.Remove(p.temp)
		return nil, old(interpreter, err)
	}
	return p, nil
}

// Worker is the command of a worker that serves an ONNX model: see package model/onnx. Such
// a model may be a stranger's, so no module is looked for where noworse runs.
func Worker(interpreter string) (wire.Command, error) {
	path, err := Find(interpreter)
	return wire.Command{Path: path, Args: []string{"-u", "-c", worker}, Dir: string(filepath.Separator)}, err
}

// ONNXVersion is the version of an interpreter's onnxruntime package; "" if it has none that
// can be imported.
func ONNXVersion(ctx context.Context, interpreter string) string {
	worker, err := Worker(interpreter)
	if err != nil {
		return ""
	}
	c := exec.CommandContext(ctx, worker.Path, "-c", "import onnxruntime; print(onnxruntime.__version__)")
	c.Dir, c.Env = worker.Dir, append(os.Environ(), "ORT_DISABLE_TELEMETRY=1")
	out, err := c.Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// old explains an interpreter that is too old to read the worker.
func old(interpreter string, err error) error {
	e, ok := errors.AsType[*model.Error](err)
	if !ok || !e.Gone || e.Hint != "" {
		return err
	}
	explained := *e
	explained.Hint = fmt.Sprintf("this is what %s said; it must be Python 3.8 or newer", interpreter)
	return &explained
}

// Find is the interpreter: the one that is named, else $NOWORSE_PYTHON, that of the
// active virtual or conda environment, python3, python.
func Find(name string) (string, error) {
	if name != "" {
		path, err := exec.LookPath(name)
		if err != nil {
			return "", &model.Error{Message: fmt.Sprintf("the interpreter %s is not there: %v", name, errors.Unwrap(err)), Hint: "name the Python that has the model's packages"}
		}
		return filepath.Abs(path) // it runs in another directory
	}
	candidates := []string{os.Getenv("NOWORSE_PYTHON"), inEnvironment("VIRTUAL_ENV"), inEnvironment("CONDA_PREFIX"), "python3", "python"}
	for _, c := range candidates {
		if path, err := exec.LookPath(cmp.Or(c, "\x00")); err == nil {
			return path, nil
		}
	}
	return "", &model.Error{Message: "there is no Python here that could load the model", Hint: "install Python 3, or name an interpreter: `interpreter: PATH`, or $NOWORSE_PYTHON"}
}

// inEnvironment is the interpreter of an environment that is active; "" if none is.
func inEnvironment(variable string) string {
	dir := os.Getenv(variable)
	switch {
	case dir == "":
		return ""
	case runtime.GOOS == "windows":
		return filepath.Join(dir, "Scripts", "python.exe")
	}
	return filepath.Join(dir, "bin", "python")
}

// predictor is a model in the worker, with a time limit.
type predictor struct {
	*wire.Model
	timeout time.Duration
	temp    string // a directory that the model was downloaded to; ""
}

// Close implements model.Predictor.
func (p *predictor) Close() error { return errors.Join(p.Model.Close(), scratch.Remove(p.temp)) }

var _ model.Measured = (*predictor)(nil)

// Predict implements model.Predictor.
func (p *predictor) Predict(ctx context.Context, f *model.Frame) (a *model.Answers, err error) {
	err = within(ctx, p.timeout, fmt.Sprintf("the model did not answer %d rows", f.Rows), func(ctx context.Context) (err error) {
		a, err = p.Model.Predict(ctx, f)
		return err
	})
	return a, err
}

// within does something with a time limit; 0: none. late is what happened else.
func within(ctx context.Context, limit time.Duration, late string, do func(context.Context) error) error {
	if limit == 0 {
		return do(ctx)
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := do(limited)
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		return &model.Error{Message: fmt.Sprintf("%s within %v", late, limit), Hint: "give it longer, `timeout: 30m`, or find out what it waits for", Gone: true}
	}
	return err
}
