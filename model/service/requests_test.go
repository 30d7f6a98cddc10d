package service

import (
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/model"
)

// columns are one of each kind, and of whole numbers one that has nulls elsewhere.
func columns() *model.Frame {
	f := &model.Frame{Rows: 2, Columns: []model.Column{
		{Name: "f", Kind: dataset.Float, Floats: []float64{1, math.NaN()}},
		{Name: "i", Kind: dataset.Integer, Ints: []int64{-1, 1 << 60}},
		{Name: "n", Kind: dataset.Integer, Nullable: true, Ints: []int64{7, 0}},
		{Name: "b", Kind: dataset.Bool, Ints: []int64{1, 0}},
		{Name: "t", Kind: dataset.Text, Texts: []string{"a\"b", ""}},
		{Name: "d", Kind: dataset.Time, Ints: []int64{time.Date(2026, 1, 2, 3, 4, 5, 600000, time.UTC).UnixMicro(), 0}},
	}}
	for _, name := range []string{"f", "t", "d"} {
		f.Find(name).SetNull(1, 2)
	}
	return f
}

// asked is the body of the request about a frame, in one batch.
func asked(t *testing.T, o Options, metadata string, f *model.Frame) string {
	t.Helper()
	var body string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			io.WriteString(w, metadata)
			return
		}
		text, _ := io.ReadAll(r.Body)
		body = string(text)
		io.WriteString(w, `{"predictions":[0.5,0.5],"outputs":[0.5,0.5]}`)
	}))
	defer server.Close()
	o.URL, o.Task, o.Batch, o.Pause = server.URL, model.Regression, 10, time.Millisecond
	p, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	p.Predict(t.Context(), f) // what is wrong with the answer is nothing to the request
	return body
}

// TestDataFrame: what MLflow is given. A column with a null anywhere has a fraction in
// every batch, since it has one where pandas reads the null.
func TestDataFrame(t *testing.T) {
	want := `{"dataframe_split":{"columns":["f","i","n","b","t","d"],"data":[[1.0,-1,7.0,true,"a\"b","2026-01-02T03:04:05.0006"],[null,1152921504606846976,0.0,false,null,null]]}}`
	if got := asked(t, Options{Protocol: "mlflow"}, "3.17.2", columns()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	f := columns()
	f.Columns[0].Floats[0] = math.Inf(-1)
	if got := asked(t, Options{Protocol: "mlflow"}, "3.17.2", f); got != "" {
		t.Errorf("an infinite number is given as %s", got)
	}
}

// TestSilent: what a server of the Open Inference Protocol is given that does not say what it
// wants: a tensor of all numbers, or one of each column; MLServer makes a data frame of these.
func TestSilent(t *testing.T) {
	o := Options{Protocol: "oip", Model: "m"}
	numbers := &model.Frame{Rows: 2, Columns: columns().Columns[:4]}
	want := `{"id":"0","inputs":[{"name":"input-0","shape":[2,4],"datatype":"FP64","data":[1.0,-1.0,7.0,1.0,null,1.152921504606847e+18,0.0,0.0]}]}`
	if got := asked(t, o, `{"name":"mlserver","version":"1"}`, numbers); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	f := &model.Frame{Rows: 2, Columns: columns().Columns[:5]}
	f.Columns[4] = model.Column{Name: "t", Kind: dataset.Text, Texts: []string{"a", "b"}}
	each := `"inputs":[{"name":"f","shape":[2,1],"datatype":"FP64","data":[1.0,null]},{"name":"i","shape":[2,1],"datatype":"INT64","data":[-1,1152921504606846976]},` +
		`{"name":"n","shape":[2,1],"datatype":"FP64","data":[7.0,0.0]},{"name":"b","shape":[2,1],"datatype":"BOOL","data":[true,false]},{"name":"t","shape":[2,1],"datatype":"BYTES","data":["a","b"]}]}`
	for server, head := range map[string]string{"mlserver": `{"id":"0","parameters":{"content_type":"pd"},`, "other": `{"id":"0",`} {
		if got := asked(t, o, `{"name":"`+server+`","version":"1"}`, f); got != head+each {
			t.Errorf("%s: got %s, want %s", server, got, head+each)
		}
	}
	if got := asked(t, o, `{}`, columns()); got != "" {
		t.Errorf("a text that is missing is given as %s", got)
	}
}

// TestColumnar: what TensorFlow Serving is given, with its words for what is no number.
func TestColumnar(t *testing.T) {
	metadata := func(inputs string) string {
		return `{"model_spec":{"version":"1"},"metadata":{"signature_def":{"signature_def":{"serving_default":{"inputs":{` + inputs + `}}}}}}`
	}
	f := &model.Frame{Rows: 3, Columns: []model.Column{
		{Name: "f", Kind: dataset.Float, Floats: []float64{0.1, math.NaN(), math.Inf(-1)}},
		{Name: "g", Kind: dataset.Float, Floats: []float64{1e39, 2, 3}},
	}}
	for inputs, want := range map[string]string{
		`"x":{"dtype":"DT_FLOAT","tensor_shape":{"dim":[{"size":"-1"},{"size":"2"}]}}`:                                                                   `{"inputs":{"x":[[0.1,Infinity],[NaN,2.0],[-Infinity,3.0]]}}`,
		`"x":{"dtype":"DT_FLOAT","tensor_shape":{"unknown_rank":true}}`:                                                                                  `{"inputs":{"x":[[0.1,Infinity],[NaN,2.0],[-Infinity,3.0]]}}`,
		`"g":{"dtype":"DT_DOUBLE","tensor_shape":{"dim":[{"size":"-1"}]}},"f":{"dtype":"DT_DOUBLE","tensor_shape":{"dim":[{"size":"-1"},{"size":"1"}]}}`: `{"inputs":{"f":[[0.1],[NaN],[-Infinity]],"g":[1e+39,2.0,3.0]}}`,
	} {
		if got := asked(t, Options{Protocol: "tfserving", Model: "m"}, metadata(inputs), f); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
