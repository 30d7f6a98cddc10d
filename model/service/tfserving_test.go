package service

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/internal/gatetest/modeltest"
	"github.com/noworse/noworse/model"
)

// tensorflow is a server that speaks as TensorFlow Serving's REST API does by its
// documentation (tensorflow/serving, g3doc/api_rest.md), of the suite's models: the real
// one is not to be had from a package registry. Columnar requests, metadata, errors as
// {"error": …}, and NaN as that word.
type tensorflow struct {
	tensor bool // one input of both features; else one of each
}

func (s tensorflow) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, verb, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v1/models/"), "/versions/3")
	task := model.Task(strings.TrimSuffix(name, "/metadata"))
	if _, b, _ := modeltest.Weights(task); b == nil {
		refuse(w, http.StatusNotFound, "Servable not found for request: Latest("+name+")")
		return
	}
	switch {
	case verb == "/metadata" || strings.HasSuffix(name, "/metadata"):
		fmt.Fprintf(w, `{"model_spec":{"name":%q,"signature_name":"","version":"3"},"metadata":{"signature_def":{"signature_def":{"serving_default":%s}}}}`, task, s.signature(task))
	case verb == ":predict" && r.Method == http.MethodPost:
		s.predict(w, r, task)
	default:
		refuse(w, http.StatusNotFound, "Malformed request: "+r.Method+" "+r.URL.Path)
	}
}

func refuse(w http.ResponseWriter, status int, message string) {
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"error": message})
}

func (s tensorflow) signature(task model.Task) string {
	def := func(name, dtype string, width int) string {
		return fmt.Sprintf(`%q:{"dtype":%q,"tensor_shape":{"dim":[{"size":"-1","name":""},{"size":"%d","name":""}],"unknown_rank":false},"name":"%s:0"}`, name, dtype, width, name)
	}
	inputs := def("x", "DT_DOUBLE", 1) + "," + def("k", "DT_INT64", 1)
	if s.tensor {
		inputs = def("features", "DT_DOUBLE", 2)
	}
	outputs := def("scores", "DT_DOUBLE", 2)
	if task == model.Multiclass {
		outputs = def("scores", "DT_DOUBLE", 3) + "," + def("label", "DT_STRING", 1)
	}
	return fmt.Sprintf(`{"inputs":{%s},"outputs":{%s},"method_name":"tensorflow/serving/predict"}`, inputs, outputs)
}

func (s tensorflow) predict(w http.ResponseWriter, r *http.Request, task model.Task) {
	var asked struct{ Inputs map[string][][]any }
	body, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(plain(body), &asked) != nil {
		refuse(w, http.StatusBadRequest, "JSON Parse error")
		return
	}
	f := &model.Frame{Columns: []model.Column{{Name: "x", Kind: dataset.Float}, {Name: "k", Kind: dataset.Integer}}}
	rows := asked.Inputs["features"]
	if !s.tensor {
		for i, x := range asked.Inputs["x"] {
			rows = append(rows, []any{x[0], asked.Inputs["k"][i][0]})
		}
	}
	for _, row := range rows {
		f.Rows++
		x, ok := row[0].(float64)
		k, whole := row[1].(float64)
		if row[0] == nil {
			x, ok = math.NaN(), true
		}
		if !ok || !whole {
			refuse(w, http.StatusBadRequest, "JSON Value: is not of the input's type")
			return
		}
		f.Columns[0].Floats, f.Columns[1].Ints = append(f.Columns[0].Floats, x), append(f.Columns[1].Ints, int64(k))
	}
	fmt.Fprintf(w, `{"outputs": %s}`, columnar(task, modeltest.Want(task, f)))
}

// columnar is one output without its name, or several by theirs.
func columnar(task model.Task, a *model.Answers) string {
	if task == model.Regression {
		return numbersOf([][]float64{a.Numbers})
	}
	scores := numbersOf(a.Scores)
	if task == model.Binary {
		return scores
	}
	labels, _ := json.Marshal(a.Labels)
	return fmt.Sprintf(`{"scores": %s, "label": %s}`, scores, labels)
}

func numbersOf(columns [][]float64) string {
	rows := make([]string, len(columns[0]))
	for i := range rows {
		row := make([]string, len(columns))
		for k := range row {
			row[k] = string(appendNumber(nil, columns[k][i], 64, token))
		}
		rows[i] = "[" + strings.Join(row, ", ") + "]"
	}
	return "[" + strings.Join(rows, ", ") + "]"
}

// TestPortTFServing: of one tensor and of one for each feature, against a server
// that stands for TensorFlow Serving.
func TestPortTFServing(t *testing.T) {
	for name, s := range map[string]tensorflow{"one tensor": {tensor: true}, "by name": {}} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(s)
			defer server.Close()
			modeltest.Run(t, modeltest.Adapter{Open: func(t *testing.T, task model.Task) model.Predictor {
				_, _, classes := modeltest.Weights(task)
				return opened(t, Options{URL: server.URL, Protocol: "tfserving", Model: string(task), Classes: classes, Task: task})
			}})
		})
	}
}

// TestTFServingVersion: the version that is there at first answers to the end.
func TestTFServingVersion(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		tensorflow{}.ServeHTTP(w, r)
	}))
	defer server.Close()
	o := Options{URL: server.URL, Protocol: "tfserving", Model: "regression", Task: model.Regression}
	p := opened(t, o)
	if _, err := p.Predict(t.Context(), modeltest.Rows(3)); err != nil {
		t.Fatal(err)
	}
	if want := []string{"/v1/models/regression/metadata", "/v1/models/regression/versions/3:predict"}; !slices.Equal(asked, want) {
		t.Errorf("asked %v, want %v", asked, want)
	}
	if d := p.Describe(); !slices.Equal(d.Versions, []model.Version{{Name: "model regression", Version: "3"}}) {
		t.Errorf("%+v", d)
	}
	o.Model = "nope"
	if _, err := Open(t.Context(), o); err == nil || !strings.HasPrefix(err.Error(), `the server did not describe its model "nope": 404 Not Found`+"\nServable not found") {
		t.Errorf("got %v", err)
	}
}
