package onnx

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/internal/gatetest/oracle"
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
	oracle.NeedONNXRuntime(t)
	p, err := Open(t.Context(), o)
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

// TestPublished: models that others have published, with the answers of Python's
// onnxruntime 1.32.0, InferenceSession(path).run(None, {input: rows}), at 1e-6. The first
// has its batch fixed at 3 rows; all have their probabilities in maps.
func TestPublished(t *testing.T) {
	for name, c := range map[string]struct {
		frame   *model.Frame
		classes []string
		labels  []string
		first   []float64 // probabilities of the first row
	}{
		"logreg_iris": {numbersFrame([]float64{1, 3, 5}, []float64{2, 4, 6}), []string{"0", "1", "2"}, []string{"0", "0", "0"},
			[]float64{0.9505997896194458, 0.027834143489599228, 0.021566055715084076}},
		"sklearn_bin_voting_classifier_soft": {numbersFrame([]float64{1, -3, 0.5}, []float64{2, 4, -6}), []string{"A", "B"}, []string{"A", "B", "A"},
			[]float64{0.5557200312614441, 0.4442799687385559}},
		"sklearn_randomforest": {numbersFrame([]float64{5.1, 6.7, 6.3}, []float64{3.5, 3.1, 3.3}, []float64{1.4, 4.4, 6}, []float64{0.2, 1.4, 2.5}),
			[]string{"0", "1", "2"}, []string{"0", "1", "2"}, []float64{0.9999993443489075, 0, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			p := open(t, Options{Path: sharedModel(t, name+".onnx"), Task: model.Multiclass})
			a, err := p.Predict(t.Context(), c.frame)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(a.Labels, c.labels) || !slices.Equal(a.Classes, c.classes) {
				t.Errorf("labels %q of %q, want %q of %q", a.Labels, a.Classes, c.labels, c.classes)
			}
			for k, want := range c.first {
				if got := a.Scores[k][0]; math.Abs(got-want) > 1e-6 {
					t.Errorf("class %d: %v, want %v", k, got, want)
				}
			}
			last := c.frame.Rows - 1
			one, err := p.Predict(t.Context(), c.frame.Take([]int{last})) // fewer than the fixed batch
			if err != nil || len(one.Labels) != 1 || one.Labels[0] != c.labels[last] || math.Abs(one.Scores[0][0]-a.Scores[0][last]) > 1e-6 {
				t.Errorf("one row: %+v %v", one, err)
			}
		})
	}
}

// TestIssue: the numbers of the issue that asked for ONNX models, at its 1e-5.
func TestIssue(t *testing.T) {
	p := open(t, Options{Path: sharedModel(t, "logreg_iris.onnx"), Task: model.Multiclass})
	a, err := p.Predict(t.Context(), numbersFrame([]float64{1, 3, 5}, []float64{2, 4, 6}))
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range []float64{.950599730, .027834170, .021566024} {
		if got := a.Scores[k][0]; math.Abs(got-want) > 1e-5 || !slices.Equal(a.Labels, []string{"0", "0", "0"}) {
			t.Errorf("class %d: %v, want %v; labels %q", k, got, want, a.Labels)
		}
	}
}
