package onnx

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/internal/gatetest"
	"github.com/noworse/noworse/internal/onnxfile"
	"github.com/noworse/noworse/model"
)

// logistic has two inputs by name: 1 / (1 + exp(-(0.5 age - 2 income + 0.25))).
var logistic = onnxfile.Logistic{Inputs: []string{"age", "income"}, Weights: [][]float32{{0.5, -2}}, Intercepts: []float32{0.25}, Classes: []string{"no", "yes"}}

// write puts a model where it can be opened.
func write(t testing.TB, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.onnx")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// slow is a forest that takes some 4 µs for a row of randomFrame.
func slow() onnxfile.Forest { return gatetest.Forest(100, 8, 20) }

func randomFrame(rows int) *model.Frame {
	r := rand.New(rand.NewPCG(2, 2))
	columns := make([][]float64, 20)
	for j := range columns {
		for range rows {
			columns[j] = append(columns[j], r.NormFloat64())
		}
	}
	return numbersFrame(columns...)
}

func TestLogistic(t *testing.T) {
	p := open(t, Options{Path: write(t, logistic.Model()), Task: model.Binary})
	f := &model.Frame{Rows: 3, Columns: []model.Column{
		{Name: "extra", Kind: dataset.Text, Texts: []string{"", "", ""}},
		{Name: "income", Kind: dataset.Float, Floats: []float64{0.5, -1, 2}},
		{Name: "age", Kind: dataset.Integer, Ints: []int64{1, 2, 3}},
	}}
	a, err := p.Predict(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		want := 1 / (1 + math.Exp(-(0.5*float64(f.Columns[2].Ints[i]) - 2*f.Columns[1].Floats[i] + 0.25)))
		if got := a.Scores[1][i]; math.Abs(got-want) > 1e-6 || math.Abs(a.Scores[0][i]-(1-want)) > 1e-6 {
			t.Errorf("row %d: %v, want %v", i, got, want)
		}
	}
	if !slices.Equal(a.Labels, []string{"no", "yes", "no"}) || !slices.Equal(a.Classes, logistic.Classes) {
		t.Errorf("labels %q of %q", a.Labels, a.Classes)
	}
	if none, err := p.Predict(t.Context(), f.Take(nil)); err != nil || none.Labels == nil || len(none.Labels) != 0 {
		t.Errorf("no rows: %+v %v", none, err)
	}
}

// TestMangled: skl2onnx makes identifiers of the names of columns.
func TestMangled(t *testing.T) {
	m := logistic
	m.Inputs = []string{"age_in_years", "_2nd_income"}
	p := open(t, Options{Path: write(t, m.Model()), Task: model.Binary})
	f := numbersFrame([]float64{1, 3}, []float64{0.5, 2})
	f.Columns[0].Name, f.Columns[1].Name = "age in-years", "2nd.income"
	if a, err := p.Predict(t.Context(), f); err != nil || !slices.Equal(a.Labels, []string{"no", "no"}) {
		t.Errorf("%+v %v", a, err)
	}
}

func TestForest(t *testing.T) {
	forest := onnxfile.Forest{Features: 1, Classes: []string{"0", "1", "2"}, Trees: []onnxfile.Tree{
		{{Most: 1, Yes: 1, No: 2}, {Leaf: []float32{1, 0, 0}}, {Leaf: []float32{0, 0.5, 0.5}}},
		{{Leaf: []float32{0, 0.25, 0.75}}},
	}}
	a, err := open(t, Options{Path: write(t, forest.Model()), Task: model.Multiclass}).Predict(t.Context(), numbersFrame([]float64{1, 1.5}))
	if err != nil {
		t.Fatal(err)
	}
	if want := [][]float64{{0.5, 0}, {0.125, 0.375}, {0.375, 0.625}}; !reflect.DeepEqual(a.Scores, want) || !slices.Equal(a.Labels, []string{"0", "2"}) {
		t.Errorf("%v %v, want %v", a.Labels, a.Scores, want)
	}
}

// TestRounding: three thirds of float32 are more than 1, and still a probability; what
// is further beyond is left as it is.
func TestRounding(t *testing.T) {
	scores := []float64{1.0000004, -3e-8, 1.0001, -0.0001, 0.5, 1, 0, math.Inf(1)}
	model.Settle(scores)
	if want := []float64{1, 0, 1.0001, -0.0001, 0.5, 1, 0, math.Inf(1)}; !slices.Equal(scores, want) {
		t.Errorf("%v, want %v", scores, want)
	}
	over := onnxfile.Forest{Features: 1, Classes: []string{"0", "1"}, Trees: []onnxfile.Tree{{{Leaf: []float32{-1e-6, 1.000001}}}}}
	a, err := open(t, Options{Path: write(t, over.Model()), Task: model.Binary}).Predict(t.Context(), numbersFrame([]float64{1}))
	if err != nil || a.Scores[0][0] != 0 || a.Scores[1][0] != 1 {
		t.Errorf("%+v %v", a, err)
	}
}

func TestDescribe(t *testing.T) {
	b := logistic.Model()
	o := Options{Path: write(t, b), Task: model.Binary}
	d := open(t, o).Describe()
	if want := []model.Input{{Name: "age", Kind: dataset.Float, Mangled: true}, {Name: "income", Kind: dataset.Float, Mangled: true}}; d.Form != "onnx" || !reflect.DeepEqual(d.Inputs, want) {
		t.Errorf("%s %+v, want %+v", d.Form, d.Inputs, want)
	}
	if d.Size != int64(len(b)) || d.Load <= 0 || len(d.Fingerprint) != 64 {
		t.Errorf("%+v", d)
	}
	if len(d.Versions) != 3 || d.Versions[0].Name != "ONNX Runtime" || numbers(d.Versions[0].Version) == nil || d.Versions[1] != (model.Version{Name: "opset", Version: "13"}) {
		t.Errorf("versions %+v", d.Versions)
	}
	other := logistic
	other.Intercepts = []float32{0.5}
	elsewhere, changed, labels := o, o, o
	elsewhere.Path, changed.Path, labels.Label = write(t, b), write(t, other.Model()), "label"
	if open(t, elsewhere).Describe().Fingerprint != d.Fingerprint {
		t.Error("the same file elsewhere is the same model")
	}
	for _, o := range []Options{changed, labels} {
		if open(t, o).Describe().Fingerprint == d.Fingerprint {
			t.Errorf("the same fingerprint for %+v", o)
		}
	}
	wide := open(t, Options{Path: write(t, slow().Model()), Task: model.Binary}).Describe()
	if len(wide.Inputs) != 1 || wide.Inputs[0].Width != 20 {
		t.Errorf("one tensor: %+v", wide.Inputs)
	}
}

// TestSameAnswers: calls at the same time do not disturb each other, and neither does
// what a frame before has left.
func TestSameAnswers(t *testing.T) {
	p := open(t, Options{Path: write(t, slow().Model()), Task: model.Binary})
	f := randomFrame(100)
	want, err := p.Predict(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for k := range 8 {
		wg.Go(func() {
			for size := range 20 {
				rows := []int{(k + size) % 100, 99 - k, size}
				a, err := p.Predict(t.Context(), f.Take(rows[:1+size%3]))
				if err != nil {
					t.Error(err)
					return
				}
				for i, row := range rows[:1+size%3] {
					if a.Scores[1][i] != want.Scores[1][row] || a.Labels[i] != want.Labels[row] {
						t.Errorf("row %d: %v, want %v", row, a.Scores[1][i], want.Scores[1][row])
					}
				}
			}
		})
	}
	wg.Wait()
}

func TestNotWantedAnyMore(t *testing.T) {
	p := open(t, Options{Path: write(t, slow().Model()), Task: model.Binary})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Predict(ctx, randomFrame(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := Open(ctx, Options{Path: "x.onnx"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	f := randomFrame(1)
	for j := range f.Columns {
		f.Columns[j].Floats = slices.Repeat(f.Columns[j].Floats, 2_000_000)
	}
	f.Rows = 2_000_000 // some 8 s of work
	ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := p.Predict(ctx, f); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("it took %v to end", took)
	}
}

func TestClosed(t *testing.T) {
	p := open(t, Options{Path: write(t, logistic.Model()), Task: model.Binary})
	if err := errors.Join(p.Close(), p.Close()); err != nil {
		t.Error(err)
	}
	_, err := p.Predict(t.Context(), numbersFrame([]float64{1}, []float64{1}))
	if e, ok := errors.AsType[*model.Error](err); !ok || !e.Gone {
		t.Errorf("got %v", err)
	}
}

func TestNoModel(t *testing.T) {
	dir := t.TempDir()
	file := func(text string) string { return write(t, []byte(text)) }
	for name, c := range map[string]struct {
		path, want string
		missing    bool
	}{
		"none":      {filepath.Join(dir, "no.onnx"), "there is no file", true},
		"directory": {dir, "is a directory", false},
		"empty":     {file(""), "is not an ONNX model, or is cut short", false},
		"pickle":    {file("\x80\x04\x95\x10\x00"), "is not an ONNX model", false},
		"cut":       {file(string(logistic.Model()[:200])), "is not an ONNX model", false},
	} {
		t.Run(name, func(t *testing.T) {
			if e := failure(t, Options{Path: c.path, Task: model.Binary}, nil, c.want, c.path); e.Missing != c.missing {
				t.Errorf("missing: %t", e.Missing)
			}
		})
	}
}
