package noworse

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/noworse/noworse/live"
	"github.com/noworse/noworse/model"
	"github.com/noworse/noworse/model/onnx"
	"github.com/noworse/noworse/model/python"
	"github.com/noworse/noworse/model/service"
	"github.com/noworse/noworse/model/wire"
	"github.com/noworse/noworse/spec"
)

// start is where the gate's port to models that run gets its adapters.
func (o Options) start(ctx context.Context, l *spec.Live, task model.Task, classes []string) (model.Predictor, error) {
	if m := l.ONNX; m != nil {
		return startONNX(ctx, onnx.Options{Path: absolute(m.Path), Library: m.Library, Label: m.Label, Score: m.Score, Task: task, Classes: classes})
	}
	if m := l.HTTP; m != nil {
		p, err := service.Open(ctx, service.Options{URL: m.URL, Protocol: string(m.Protocol), Model: m.Model, Version: m.Version, Token: m.Token, Label: m.Label, Score: m.Score,
			Classes: m.Classes, Tensors: m.Tensors, Batch: m.Batch, Concurrency: m.Concurrency, Timeout: m.Timeout, Task: task})
		if err != nil {
			return nil, err
		}
		return p, nil
	}
	if m := l.MLflow; m != nil {
		return python.Open(ctx, python.Options{URI: m.URI, Load: absolute(m.Folder), Tracking: m.Tracking, Dir: absolute(m.Dir), Task: task, Interpreter: m.Interpreter, Timeout: m.Timeout})
	}
	m := l.Python
	return python.Open(ctx, python.Options{Load: absolute(m.Load), Call: m.Call, Dir: absolute(m.Dir), Task: task, Interpreter: m.Interpreter, Timeout: m.Timeout})
}

// startONNX loads an ONNX model in this process or, where no library can be loaded, in that of
// a Python whose onnxruntime package can.
func startONNX(ctx context.Context, o onnx.Options) (model.Predictor, error) {
	p, err := onnx.Open(ctx, o)
	if err == nil {
		return p, nil
	}
	if !errors.Is(err, onnx.ErrNoLibrary) {
		return nil, err
	}
	worker, unfound := python.Worker("")
	if unfound != nil {
		return nil, err
	}
	elsewhere, failed := onnx.OpenElsewhere(ctx, o, worker)
	if e, ok := errors.AsType[*model.Error](failed); ok && strings.Contains(e.Message, "needs the Python package") {
		return nil, err // which says how to get the library
	}
	if failed != nil {
		return nil, failed
	}
	return elsewhere, nil
}

// ONNXRuntime is the library of ONNX Runtime that models of a spec without
// library run on: its version, its path, and how it was found.
func ONNXRuntime(ctx context.Context) (onnx.Library, error) { return onnx.Load(ctx, "") }

// ONNXOfPython is the version of ONNX Runtime that Python has for models of a spec, where no
// library of it can be loaded; "" if it has none.
func ONNXOfPython(ctx context.Context) string { return python.ONNXVersion(ctx, "") }

// Python is the interpreter that runs models of a spec that names none, or that one.
func Python(name string) (string, error) { return python.Find(name) }

// ServeModel serves a model to the process that has started this one for it; see
// onnx.OpenApart. It returns when that process wants no more.
func ServeModel(ctx context.Context) error {
	socket, ok := wire.Socket()
	if !ok {
		return errors.New("this is for noworse itself, which starts a process for a model whose memory it measures")
	}
	defer socket.Close()
	stop := context.AfterFunc(ctx, func() { socket.Close() })
	defer stop()
	return onnx.Serve(ctx, socket)
}

// startApart is start in a process of its own, whose memory can be measured.
func (o Options) startApart(ctx context.Context, l *spec.Live, task model.Task, classes []string) (model.Predictor, error) {
	m := l.ONNX
	if m == nil || o.Program == "" {
		return o.start(ctx, l, task, classes)
	}
	if _, err := onnx.Load(ctx, m.Library); errors.Is(err, onnx.ErrNoLibrary) {
		return o.start(ctx, l, task, classes) // Python's process is one of its own
	}
	p, err := onnx.OpenApart(ctx, onnx.Options{Path: absolute(m.Path), Library: m.Library, Label: m.Label, Score: m.Score, Task: task, Classes: classes}, wire.Command{Path: o.Program, Args: []string{"__model"}})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// absolute is a path for a process that runs elsewhere.
func absolute(path string) string {
	if path == "" {
		return ""
	}
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}

// answers is where the answers of models that run are kept: beside the copies of
// remote files. A machine without such a place keeps none.
func (o Options) answers() live.Cache {
	if o.Anew {
		return live.Cache{}
	}
	dir := o.Cache
	if dir == "" {
		var err error
		if dir, err = CacheDir(); err != nil {
			return live.Cache{}
		}
	}
	return live.Cache{Dir: filepath.Join(dir, "answers")}
}
