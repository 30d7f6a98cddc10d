package onnx_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/internal/gatetest/modeltest"
	"github.com/noworse/noworse/internal/gatetest/oracle"
	"github.com/noworse/noworse/internal/onnxfile"
	"github.com/noworse/noworse/model"
	"github.com/noworse/noworse/model/onnx"
	"github.com/noworse/noworse/model/python"
)

func elsewhere(t *testing.T, o onnx.Options) (*onnx.Elsewhere, error) {
	t.Helper()
	oracle.NeedONNXRuntime(t)
	worker, err := python.Worker(oracle.Python(t))
	if err != nil {
		t.Fatal(err)
	}
	return onnx.OpenElsewhere(t.Context(), o, worker)
}

func file(t *testing.T, bytes []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "m.onnx")
	if err := os.WriteFile(path, bytes, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestElsewhere: Python's package answers as the library here does, with columns by name
// and in one tensor.
func TestElsewhere(t *testing.T) {
	for name, inputs := range map[string][]string{"by name": {"x", "k"}, "one tensor": nil} {
		t.Run(name, func(t *testing.T) {
			modeltest.Run(t, modeltest.Adapter{Tolerance: 2e-6, Open: func(t *testing.T, task model.Task) model.Predictor {
				p, err := elsewhere(t, onnx.PortModel(t, task, inputs))
				if err != nil {
					t.Fatal(err)
				}
				return p
			}})
		})
	}
}

// TestElsewhereSame: the shared models, of maps and of tensors, answer bit by bit what they
// do here, and are described alike.
func TestElsewhereSame(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/data/onnx/*.onnx")
	if len(files) == 0 {
		t.Skip("the shared models are not here: this trial is left out")
	}
	ran := 0
	for _, path := range files {
		o := onnx.Options{Path: path, Task: model.Multiclass}
		here, err := onnx.Open(t.Context(), o)
		if err != nil {
			continue // of another kind than rows and classes
		}
		ran++
		t.Run(filepath.Base(path), func(t *testing.T) {
			there, err := elsewhere(t, o)
			if err != nil {
				t.Fatal(err)
			}
			defer there.Close()
			defer here.Close()
			a, b := here.Describe(), there.Describe()
			if !slices.Equal(a.Inputs, b.Inputs) || a.Size != b.Size || a.Form != b.Form || b.Versions[0].Name != "ONNX Runtime" || b.Versions[0].Version == "" {
				t.Errorf("%+v\n%+v", a, b)
			}
			width := max(a.Inputs[0].Width, 2)
			f := &model.Frame{Rows: 50}
			for j := range width {
				c := model.Column{Name: string(rune('a' + j)), Kind: dataset.Float}
				for i := range f.Rows {
					c.Floats = append(c.Floats, float64((i*7+j*3)%23)/3)
				}
				f.Columns = append(f.Columns, c)
			}
			want, err := here.Predict(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			got, err := there.Predict(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got.Labels, want.Labels) || !slices.Equal(got.Classes, want.Classes) || len(got.Scores) != len(want.Scores) {
				t.Fatalf("%v %v, want %v %v", got.Labels, got.Classes, want.Labels, want.Classes)
			}
			for k := range got.Scores {
				for i, v := range got.Scores[k] {
					if math.Abs(v-want.Scores[k][i]) > 2e-6 { // another version of ONNX Runtime may add in another order
						t.Errorf("row %d: %v, want %v", i, v, want.Scores[k][i])
					}
				}
			}
		})
	}
	if ran < 3 {
		t.Errorf("%d models", ran)
	}
}

// TestElsewhereFails: what is wrong is told as it is here, and no module of where it runs
// is loaded.
func TestElsewhereFails(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"json.py", "onnxruntime.py", "numpy.py"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("raise SystemExit('a stranger')\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	_, err := elsewhere(t, onnx.Options{Path: "no.onnx", Task: model.Binary})
	if e, ok := errors.AsType[*model.Error](err); !ok || !e.Missing {
		t.Errorf("got %v", err)
	}
	path := file(t, onnxfile.Logistic{Inputs: []string{"x"}, Weights: [][]float32{{1}}, Intercepts: []float32{0}, Classes: []string{"no", "yes"}}.Model())
	p, err := elsewhere(t, onnx.Options{Path: path, Task: model.Binary, Classes: []string{"no", "yes"}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	nan := &model.Frame{Rows: 2, Columns: []model.Column{{Name: "x", Kind: dataset.Float, Floats: []float64{1, math.NaN()}}}}
	if _, err := p.Predict(t.Context(), nan); err == nil || !strings.Contains(err.Error(), "the row has no value in column \"x\"") {
		t.Errorf("got %v", err)
	}
	text := &model.Frame{Rows: 1, Columns: []model.Column{{Name: "x", Kind: dataset.Text, Texts: []string{"a"}}}}
	if _, err := p.Predict(t.Context(), text); err == nil || !strings.Contains(err.Error(), `column "x" is text`) {
		t.Errorf("got %v", err)
	}
	if m, err := p.Memory(t.Context()); err != nil || m.Peak < 10e6 {
		t.Errorf("%+v, %v", m, err)
	}
}
