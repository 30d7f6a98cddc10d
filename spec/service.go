package spec

import (
	"strings"
	"time"
)

// Protocol is how a model's server is spoken with.
type Protocol string

// The protocols.
const (
	OpenInference Protocol = "oip"
	Invocations   Protocol = "mlflow"
	TFServing     Protocol = "tfserving"
)

// HTTP is a model behind a server.
type HTTP struct {
	URL            string
	Protocol       Protocol
	Model, Version string   // names at the server; "" where the protocol needs none
	Token          string   // bearer token; never printed nor stored
	Label, Score   string   // names of the outputs; "": told by their types
	Classes        []string // of the scores, in the server's order
	Tensors        string   // binary or json; "": as the server says it can
	Batch          int      // rows of one request
	Concurrency    int      // requests at the same time
	Timeout        time.Duration
}

// What a request is, unless the spec says otherwise.
const (
	DefaultBatch       = 256
	DefaultConcurrency = 4
)

func httpShape() *shape {
	return &shape{kind: objectShape, wants: "a map with url and protocol", doc: "A model behind a server.", fields: []field{
		{name: "url", required: required, shape: &shape{kind: textShape, pattern: `^(https?://[^/?#\s]|\$\{)`, wants: "a URL such as http://localhost:8080", doc: "Where the server is; the protocol adds its own path."}},
		{name: "protocol", required: required, shape: &shape{kind: enumShape, wants: "one of oip, mlflow, tfserving", names: []name{{string(OpenInference), ""}, {string(Invocations), ""}, {string(TFServing), ""}},
			doc: "oip is the Open Inference Protocol v2 (KServe, Triton, MLServer); mlflow is /invocations; tfserving is TensorFlow Serving's REST."}},
		{name: "model", shape: value("Name of the model at the server.")},
		{name: "version", shape: value("Version of the model at the server.")},
		{name: "token", shape: &shape{kind: textShape, pattern: `^\$\{[A-Za-z_][A-Za-z0-9_]*\}$`, secret: true, wants: "a variable such as ${MODEL_TOKEN}",
			doc: "Bearer token, from the environment: a spec is no place for secrets."}},
		{name: "label", shape: outputShape("the predicted class")},
		{name: "score", shape: outputShape("the probabilities")},
		{name: "classes", shape: &shape{kind: listShape, atLeast: 2, wants: "a list of label values such as [a, b]", elem: value("A label value."),
			doc: "The classes of the probabilities, in the order in which the server gives them."}},
		{name: "tensors", shape: &shape{kind: enumShape, wants: "binary or json", names: []name{{"binary", ""}, {"json", ""}},
			doc: "How oip sends and gets numbers. Default: binary where the server says that it can, else json."}},
		{name: "batch", shape: &shape{kind: numberShape, whole: true, low: bound(1), high: bound(1e6), wants: "a whole number such as 256", doc: "Rows of one request. Default: 256."}},
		{name: "concurrency", shape: &shape{kind: numberShape, whole: true, low: bound(1), high: bound(256), wants: "a whole number such as 4", doc: "Requests at the same time. Default: 4."}},
		{name: "timeout", shape: timeoutShape("one request")},
	}}
}

func (d *decoder) http(n *node) *HTTP {
	h := &HTTP{URL: d.column(n, "url"), Protocol: Protocol(d.column(n, "protocol")), Model: d.column(n, "model"), Version: d.column(n, "version"),
		Token: d.column(n, "token"), Label: d.column(n, "label"), Score: d.column(n, "score"), Classes: d.texts(n.field("classes"), "classes"), Tensors: d.column(n, "tensors"),
		Batch: d.count(n, "batch", DefaultBatch), Concurrency: d.count(n, "concurrency", DefaultConcurrency), Timeout: d.timeout(n)}
	d.judgeDistinct(n.field("classes"), "classes")
	d.spec.sources.secrets = append(d.spec.sources.secrets, secretsOf(h.URL)...)
	if h.URL != "" && !strings.HasPrefix(h.URL, "http://") && !strings.HasPrefix(h.URL, "https://") {
		d.bad(n.field("url"), "url wants a URL such as http://localhost:8080: the variable in it is none", "")
	}
	if h.Protocol != Invocations && h.Protocol != "" && !n.has("model") {
		d.report(n, "protocol", "%s needs the name of the model at the server: add model", h.Protocol)
	}
	if h.Protocol == Invocations {
		d.report(n, "model", "model is for oip and tfserving: an MLflow server has one model")
		d.report(n, "version", "version is for oip and tfserving: an MLflow server has one model")
	}
	if h.Protocol != OpenInference && h.Protocol != "" {
		d.report(n, "tensors", "tensors is for oip: the other protocols know JSON alone")
	}
	return h
}

// where is the model's address, for people.
func (h *HTTP) where() string {
	text := strings.TrimSuffix(RedactURL(h.URL), "/")
	if h.Model != "" {
		text += ", model " + h.Model
	}
	if h.Version != "" {
		text += " version " + h.Version
	}
	return text
}
