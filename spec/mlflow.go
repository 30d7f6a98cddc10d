package spec

import (
	"net/url"
	"regexp"
	"strings"
	"time"
)

// MLflow is a model of an MLflow registry, run or folder, loaded in Python.
type MLflow struct {
	URI         string // models:/name@alias, models:/name/1, runs:/id/path; "" with Folder
	Folder      string // a folder, already joined to the spec's directory
	Tracking    string // URI of the tracking server or of a local store; "": of the environment
	Interpreter string // as of Python
	Dir         string // the directory of the spec, which a local store is relative to
	Timeout     time.Duration
}

// where is the model as it is written, but for the directory of the spec.
func (m *MLflow) where() string {
	if m.Folder != "" {
		return m.Folder
	}
	return m.URI
}

const mlflowWants = "a URI such as models:/loan@champion, or the folder of a model"

// mlflowURI tells a URI from the path of a folder. A drive of Windows is none.
var mlflowURI = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]+:`)

func mlflowShape() *shape {
	uri := &shape{kind: textShape, wants: mlflowWants,
		doc: "The model as MLflow names it: models:/name@alias, models:/name/1, runs:/id/model; or the folder of one, relative to this file."}
	return &shape{kind: oneOfShape, wants: mlflowWants + ", or a map with uri", doc: "A model of an MLflow registry, loaded by your own interpreter in a process of its own.", either: []*shape{
		uri,
		{kind: objectShape, wants: "a map with uri", fields: []field{
			{name: "uri", required: required, shape: uri},
			{name: "tracking_uri", shape: &shape{kind: textShape, wants: "a URI such as http://localhost:5000, sqlite:///mlflow.db or a directory",
				doc: "The tracking server or local store; a relative one is relative to this file. Default: $MLFLOW_TRACKING_URI."}},
			{name: "interpreter", shape: interpreterShape()},
			{name: "timeout", shape: timeoutShape("one batch, or loading,")},
		}},
	}}
}

var (
	modelsURI = regexp.MustCompile(`^models:/[^/@]+(@[^/@]+|/[^/@]+)$|^models:/m-[0-9a-f]+$`)
	runsURI   = regexp.MustCompile(`^runs:/[^/]+/.+$`)
)

func (d *decoder) mlflow(n *node) *MLflow {
	m := &MLflow{Dir: n.at.src.dir, Timeout: DefaultTimeout}
	uri := n
	if n.kind != scalarNode {
		uri = n.field("uri")
		m.Tracking, m.Interpreter, m.Timeout = d.column(n, "tracking_uri"), d.interpreter(n), d.timeout(n)
		d.spec.sources.secrets = append(d.spec.sources.secrets, passwordOf(m.Tracking)...)
	}
	text, ok := d.text(uri, "mlflow")
	if !ok {
		return m
	}
	if !mlflowURI.MatchString(text) {
		m.Folder = rooted(uri.at.src.dir, text)
		return m
	}
	m.URI = text
	d.spec.sources.secrets = append(d.spec.sources.secrets, passwordOf(text)...)
	switch scheme, _, _ := strings.Cut(text, ":"); {
	case scheme == "models" && !modelsURI.MatchString(text):
		d.bad(uri, "mlflow: a registered model is models:/name@alias or models:/name/version", "which version is meant must be said: the latest one changes")
	case scheme == "runs" && !runsURI.MatchString(text):
		d.bad(uri, "mlflow: a model of a run is runs:/RUN_ID/PATH", "the path is the name that it was logged by, such as model")
	}
	return m
}

// passwordOf is what a URI of any scheme must not show.
func passwordOf(uri string) []secret {
	out := secretsOf(uri)
	u, err := url.Parse(uri)
	if err != nil {
		return out
	}
	if password, ok := u.User.Password(); ok {
		out = append(out, secret{"***", password})
	}
	return out
}
