package spec

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Live is a model that runs: it answers the rows of the evaluation set when they
// are checked. Exactly one of its forms is set.
type Live struct {
	At     string // the setting that holds the form: "candidate.onnx"
	ONNX   *ONNX
	Python *Python
	HTTP   *HTTP
	MLflow *MLflow
}

// ONNX is a model file for ONNX Runtime.
type ONNX struct {
	Path         string // already joined to the spec's directory
	Library      string // of ONNX Runtime; "": it is looked for
	Label, Score string // names of the outputs; "": told by their types
}

// Python is a model in a process of the user's own interpreter.
type Python struct {
	Load        string // a file or an MLflow folder; "" with Call
	Call        string // package.module:function that answers a data frame
	Dir         string // where Call's modules are looked for first: the directory of the spec
	Interpreter string // a command or, already joined, a path; "": NOWORSE_PYTHON, else that of the environment
	Timeout     time.Duration
}

// DefaultTimeout is how long a batch, or loading, may take unless the spec says
// otherwise.
const DefaultTimeout = 5 * time.Minute

// liveForms are the names of the forms, in the order of the grammar.
var liveForms = []string{"onnx", "python", "http", "mlflow"}

// modelForms are all forms of a model.
func modelForms() []string { return append([]string{"predictions"}, liveForms...) }

func liveFields() []field {
	return []field{
		{name: "onnx", shape: onnxShape()},
		{name: "python", shape: pythonShape()},
		{name: "http", shape: httpShape()},
		{name: "mlflow", shape: mlflowShape()},
	}
}

const timeoutPattern = `^[0-9]+(\.[0-9]+)?(ms|s|m|h)$`

func timeoutShape(what string) *shape {
	return &shape{kind: textShape, pattern: timeoutPattern, wants: "a time such as 30s or 5m", doc: "How long " + what + " may take. Default: 5m."}
}

func interpreterShape() *shape {
	return &shape{kind: textShape, forbidden: urlPattern, wants: "a command such as python3, or a path such as .venv/bin/python",
		doc: "The Python that has the model's packages: a command, or a path relative to this file. Default: $NOWORSE_PYTHON, else that of the active environment, else python3."}
}

func outputShape(what string) *shape {
	return &shape{kind: textShape, wants: "the name of an output", doc: "Output of the model with " + what + ". Default: told by the types of its outputs."}
}

func onnxShape() *shape {
	return &shape{kind: objectShape, wants: "a map with path", doc: "A model file that ONNX Runtime runs, in this process.", fields: []field{
		{name: "path", required: required, shape: localFile("The model file, relative to this file.")},
		{name: "library", shape: localFile("The shared library of ONNX Runtime. Default: $NOWORSE_ONNXRUNTIME, the usual places, or Python's onnxruntime package.")},
		{name: "label", shape: outputShape("the predicted class")},
		{name: "score", shape: outputShape("the probabilities")},
	}}
}

func localFile(doc string) *shape {
	return &shape{kind: textShape, forbidden: urlPattern, wants: "a local path", doc: doc}
}

func functionShape(doc string) *shape {
	return &shape{kind: textShape, pattern: `^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_.]*$`, wants: "package.module:function", doc: doc}
}

func pythonShape() *shape {
	return &shape{kind: objectShape, wants: "a map with load or call", doc: "A Python model, run by your own interpreter in a process of its own.", fields: []field{
		{name: "load", shape: localFile("A pickle, joblib, skops, XGBoost or LightGBM file, or the folder of an MLflow model, relative to this file.")},
		{name: "call", shape: functionShape("A function that takes a pandas DataFrame and returns answers, looked for from the directory of this file.")},
		{name: "interpreter", shape: interpreterShape()},
		{name: "timeout", shape: timeoutShape("one batch, or loading,")},
	}, atLeastOne: []string{"load", "call"}, without: "python names no model: add load, a file, or call, a function"}
}

// live reads the form of a model that runs; nil if it has none that can be used.
func (d *decoder) live(role string) *Live {
	n := d.root.field(role)
	d.judgeForms(n)
	l := &Live{}
	for _, form := range liveForms {
		f := n.field(form)
		if f == nil || l.At != "" {
			continue
		}
		if form != "onnx" && d.spec.fence != nil {
			d.bad(f, form+": "+refusedText+"it runs code, or leaves this machine", "give recorded answers as predictions, or an onnx file")
			return nil
		}
		l.At = role + "." + form
		switch form {
		case "onnx":
			if lib := f.field("library"); lib != nil && d.spec.fence != nil {
				d.bad(lib, "library: "+refusedText+"it runs code", "")
			}
			l.ONNX = &ONNX{Path: d.path(f.field("path"), "path"), Library: d.path(f.field("library"), "library"), Label: d.column(f, "label"), Score: d.column(f, "score")}
		case "python":
			l.Python = d.python(f)
		case "http":
			l.HTTP = d.http(f)
		case "mlflow":
			l.MLflow = d.mlflow(f)
		}
	}
	if l.At == "" {
		return nil
	}
	return l
}

// judgeForms refuses a second form of a model.
func (d *decoder) judgeForms(n *node) {
	first := ""
	for _, form := range modelForms() {
		if n.entry(form) == nil {
			continue
		}
		if first != "" {
			d.report(n, form, "%s and %s are two models: name one", first, form)
		}
		first = cmp.Or(first, form)
	}
}

func (d *decoder) python(n *node) *Python {
	p := &Python{Load: d.path(n.field("load"), "load"), Call: d.column(n, "call"), Dir: n.at.src.dir, Interpreter: d.interpreter(n), Timeout: d.timeout(n)}
	if n.entry("load") != nil && n.entry("call") != nil {
		d.report(n, "call", "load and call are two models: name one")
	}
	return p
}

// interpreter is a command as it is written, or a path joined to the spec's
// directory: one that has a separator.
func (d *decoder) interpreter(n *node) string {
	text := d.column(n, "interpreter")
	if !strings.ContainsAny(text, `/\`) {
		return text
	}
	return rooted(n.field("interpreter").at.src.dir, text)
}

func (d *decoder) timeout(n *node) time.Duration {
	t := d.duration(n, "timeout", DefaultTimeout)
	if t <= 0 && n.field("timeout") != nil {
		d.bad(n.field("timeout"), "timeout wants a time such as 30s or 5m, not "+quote(n.field("timeout").text), "")
	}
	return t
}

// duration is the time of a map's field.
func (d *decoder) duration(n *node, key string, otherwise time.Duration) time.Duration {
	text := d.column(n, key)
	if text == "" {
		return otherwise
	}
	t, err := time.ParseDuration(text)
	if err != nil {
		d.bad(n.field(key), fmt.Sprintf("%s wants a time such as 30s or 5m, not %s", key, quote(text)), "")
	}
	return t
}

// count is a whole number of a map's field.
func (d *decoder) count(n *node, key string, otherwise int) int {
	f := n.field(key)
	if f == nil {
		return otherwise
	}
	v, err := strconv.Atoi(f.text)
	if err != nil {
		v64, _ := f.number()
		v = int(v64)
	}
	return v
}

// same says whether two models are one, as far as a spec tells.
func (l *Live) same(o *Live) bool {
	switch {
	case l.ONNX != nil && o.ONNX != nil:
		return l.ONNX.Path == o.ONNX.Path && l.ONNX.Label == o.ONNX.Label && l.ONNX.Score == o.ONNX.Score
	case l.Python != nil && o.Python != nil:
		return l.Python.Load == o.Python.Load && l.Python.Call == o.Python.Call && l.Python.Interpreter == o.Python.Interpreter
	case l.HTTP != nil && o.HTTP != nil:
		return l.HTTP.URL == o.HTTP.URL && l.HTTP.Model == o.HTTP.Model && l.HTTP.Version == o.HTTP.Version
	case l.MLflow != nil && o.MLflow != nil:
		return l.MLflow.where() == o.MLflow.where() && l.MLflow.Tracking == o.MLflow.Tracking && l.MLflow.Interpreter == o.MLflow.Interpreter
	}
	return false
}

// Where is the model's file, function or address, for people.
func (l *Live) Where() string {
	switch {
	case l.ONNX != nil:
		return l.ONNX.Path
	case l.HTTP != nil:
		return l.HTTP.where()
	case l.MLflow != nil:
		return l.MLflow.where()
	case l.Python.Load != "":
		return l.Python.Load
	}
	return l.Python.Call
}
