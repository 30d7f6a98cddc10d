package onnx

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/model"
)

// sharedModel is a published model that the repository does not hold.
func sharedModel(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("../../../shared/data/onnx", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the published models are not here: %v", err)
	}
	return path
}

// open opens a model, with the library that make installs.
func open(t testing.TB, o Options) *Predictor {
	t.Helper()
	p, err := Open(t.Context(), o)
	needLibrary(t, err)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func numbersFrame(columns ...[]float64) *model.Frame {
	f := &model.Frame{Rows: len(columns[0])}
	for i, values := range columns {
		f.Columns = append(f.Columns, model.Column{Name: string('a' + rune(i)), Kind: dataset.Float, Floats: values})
	}
	return f
}

// TestPublishedIris: the answers that ONNX Runtime's own test of this model expects,
// onnxruntime/test/python/onnxruntime_test_python_mlops.py, test_dict_vectorizer's
// neighbour test_run_model_mlnet... of logreg_iris.onnx, at its 1e-5.
func TestPublishedIris(t *testing.T) {
	p := open(t, Options{Path: sharedModel(t, "logreg_iris.onnx"), Task: model.Multiclass})
	a, err := p.Predict(t.Context(), numbersFrame([]float64{1, 3, 5}, []float64{2, 4, 6}))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"0", "0", "0"}; !slices.Equal(a.Labels, want) || !slices.Equal(a.Classes, []string{"0", "1", "2"}) {
		t.Errorf("labels %q of %q, want %q", a.Labels, a.Classes, want)
	}
	for k, want := range []float64{.950599730, .027834170, .021566024} {
		if got := a.Scores[k][0]; math.Abs(got-want) > 1e-5 {
			t.Errorf("class %d: %v, want %v", k, got, want)
		}
	}
}
