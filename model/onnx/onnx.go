// Package onnx is the adapter to ONNX models, which ONNX Runtime answers in this
// process.
//
//	file ─▶ internal/onnxfile ─▶ what it takes and gives ─▶ session ─▶ Predict
//	                              library ─────────────────────┘
//
// The library of ONNX Runtime is not linked: it is found and loaded when the
// first model is opened. A process loads one, once.
package onnx

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/noworse/noworse/internal/onnxfile"
	"github.com/noworse/noworse/model"
)

// Options say which model is opened, and how.
type Options struct {
	Path string
	// Library of ONNX Runtime; "": it is looked for, see Find.
	Library string
	// Label and Score are names of outputs; "": they are told by their types.
	Label, Score string
	// Threads that one call may use; 0: one. Calls may run at the same time.
	Threads int
	Task    model.Task
	// Classes of the task, in order: what scores are of where the file does not say.
	Classes []string
}

// Predictor is a model that is loaded.
type Predictor struct {
	about   model.Description
	task    model.Task
	inputs  []input
	outputs outputs

	mu      sync.RWMutex // held while the session is in use
	session *ort.DynamicAdvancedSession

	idle  sync.Mutex
	calls []*call // that no one uses
}

var _ model.Predictor = (*Predictor)(nil)

// Open loads a model. Errors are *model.Error; one that is also ErrNoLibrary says
// that ONNX Runtime was not found.
func Open(ctx context.Context, o Options) (*Predictor, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	in, err := os.Open(o.Path)
	if err != nil {
		return nil, openError(o.Path, err)
	}
	defer in.Close()
	s, err := look(in, o)
	if err != nil {
		return nil, err
	}
	p := &Predictor{task: o.Task}
	if p.inputs, p.outputs, err = s.signature(o); err != nil {
		return nil, err
	}
	lib, err := Load(ctx, o.Library)
	if err != nil {
		return nil, err
	}
	if err := p.start(in, s, lib, o); err != nil {
		return nil, err
	}
	p.about.Form, p.about.Inputs, p.about.Size = "onnx", describe(p.inputs), s.size
	p.about.Versions = versions(s.file, lib)
	p.about.Fingerprint = fingerprint(s, lib, o)
	return p, nil
}

// start makes the session.
func (p *Predictor) start(in *os.File, s *source, lib Library, o Options) error {
	options, err := ort.NewSessionOptions()
	if err != nil {
		return loadError(err, s, lib)
	}
	defer options.Destroy()
	err = errors.Join(options.SetIntraOpNumThreads(max(o.Threads, 1)), options.SetInterOpNumThreads(1), options.SetLogSeverityLevel(ort.LoggingLevelFatal))
	if err != nil {
		return loadError(err, s, lib)
	}
	began := time.Now()
	bare, renamed, err := s.file.Bare(in, s.main)
	if err != nil {
		return openError(o.Path, err)
	}
	p.outputs.rename(renamed)
	if bare == nil {
		p.session, err = ort.NewDynamicAdvancedSession(o.Path, names(p.inputs), p.outputs.names(), options)
	} else {
		if len(s.file.External) > 0 {
			err = options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", filepath.Dir(o.Path))
		}
		if err == nil {
			p.session, err = ort.NewDynamicAdvancedSessionWithONNXData(bare, names(p.inputs), p.outputs.names(), options)
		}
	}
	if err != nil {
		return loadError(err, s, lib)
	}
	p.about.Load = time.Since(began)
	return nil
}

// Describe implements model.Predictor.
func (p *Predictor) Describe() model.Description { return p.about }

// Close implements model.Predictor. It waits for calls that run.
func (p *Predictor) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.session == nil {
		return nil
	}
	for _, c := range p.calls {
		c.free()
	}
	err := p.session.Destroy()
	p.session, p.calls = nil, nil
	return err
}

// source is a model's files.
type source struct {
	file *onnxfile.File
	path string
	main int64 // size of the file itself
	size int64 // of all files
	sum  string
}

// look reads a model's files: what they say, and what they are.
func look(in *os.File, o Options) (*source, error) {
	info, err := in.Stat()
	if err != nil {
		return nil, openError(o.Path, err)
	}
	if info.IsDir() {
		return nil, &model.Error{Message: o.Path + " is a directory, and not an ONNX file"}
	}
	s := &source{path: o.Path, main: info.Size(), size: info.Size()}
	digest := sha256.New()
	s.file, err = onnxfile.Read(io.TeeReader(in, digest), s.main)
	if errors.Is(err, onnxfile.ErrFormat) {
		return nil, &model.Error{Message: o.Path + " is not an ONNX model, or is cut short", Hint: "export the model again; onnx.checker.check_model says whether a file is one"}
	}
	if err != nil {
		return nil, openError(o.Path, err)
	}
	for _, name := range s.file.External {
		n, err := weights(digest, filepath.Dir(o.Path), name)
		if err != nil {
			return nil, externalError(o.Path, name, err)
		}
		s.size += n
	}
	s.sum = hex.EncodeToString(digest.Sum(nil))
	return s, nil
}

// signature is what a model takes, and what is read of what it gives.
func (s *source) signature(o Options) (in []input, out outputs, err error) {
	if in, err = inputsOf(s.file); err == nil {
		out, err = outputsOf(s.file, o)
	}
	return in, out, err
}

// weights adds a file beside the model to its digest. It must be in the model's
// directory: a model may come from a stranger.
func weights(digest io.Writer, dir, name string) (int64, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return 0, err
	}
	defer root.Close()
	f, err := root.Open(filepath.FromSlash(name))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	fmt.Fprintf(digest, "\n%q\n", name)
	return io.Copy(digest, f)
}

func versions(f *onnxfile.File, lib Library) []model.Version {
	v := []model.Version{{Name: "ONNX Runtime", Version: lib.Version}}
	for _, o := range f.Opsets {
		name := "opset"
		if o.Domain != "" {
			name += " " + o.Domain
		}
		v = append(v, model.Version{Name: name, Version: strconv.FormatInt(o.Version, 10)})
	}
	return v
}

// fingerprint covers what decides the answers.
func fingerprint(s *source, lib Library, o Options) string {
	h := sha256.New()
	fmt.Fprintf(h, "onnx 1\n%s\n%q\n%q %q\n%q %q\n", s.sum, lib.Version, o.Label, o.Score, o.Task, o.Classes)
	return hex.EncodeToString(h.Sum(nil))
}

func openError(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &model.Error{Message: "there is no file " + path, Missing: true}
	}
	return &model.Error{Message: fmt.Sprintf("%s cannot be read: %v", path, cause(err))}
}

func externalError(path, name string, err error) error {
	e := &model.Error{
		Message: fmt.Sprintf("%s keeps weights in %q, which cannot be read: %v", path, name, cause(err)),
		Hint:    "that file belongs beside the model; it was written when the model was exported",
	}
	if errors.Is(err, fs.ErrNotExist) {
		e.Message, e.Missing = fmt.Sprintf("%s keeps weights in %q, and there is no such file in its directory", path, name), true
	}
	return e
}

// cause is an error without the path that it repeats.
func cause(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}
