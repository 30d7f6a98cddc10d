package onnx

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/internal/gatetest/oracle"
	"github.com/noworse/noworse/model"
	"github.com/noworse/noworse/model/python"
	"github.com/noworse/noworse/model/wire"
)

// made are the models that testdata/models.py writes, once for all tests.
var made struct {
	sync.Once
	dir string
	err error
}

// models is the directory of models that Python has exported.
func models(t *testing.T) string {
	t.Helper()
	python := oracle.Python(t)
	made.Do(func() {
		if made.dir, made.err = os.MkdirTemp("", "noworse-onnx-*"); made.err != nil {
			return
		}
		var out []byte
		if out, made.err = exec.Command(python, "testdata/models.py", made.dir).CombinedOutput(); made.err != nil {
			made.err = errors.New(string(out))
		}
	})
	if made.err != nil {
		t.Fatalf("testdata/models.py: %v", made.err)
	}
	return made.dir
}

// TestMain lets this binary also be the process that serves a model, and one that opens
// a model and prints why it cannot.
func TestMain(m *testing.M) {
	if socket, ok := wire.Socket(); ok {
		if err := Serve(context.Background(), socket); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if path := os.Getenv("ONNX_CHILD"); path != "" {
		_, err := Open(context.Background(), Options{Path: path, Task: model.Binary})
		fmt.Println(err)
		return
	}
	code := m.Run()
	if made.dir != "" {
		os.RemoveAll(made.dir)
	}
	os.Exit(code)
}

// exported is a model that scikit-learn has fitted and skl2onnx exported.
type exported struct {
	Task    model.Task
	Columns []struct {
		Name   string
		Floats []float64
		Ints   []int64
		Texts  []string
		Bools  []bool
	}
	Classes []string
	Labels  []string
	Runtime [][]float64 // what Python's onnxruntime answers
	Sklearn [][]float64 // predict_proba or predict
}

func (e *exported) frame() *model.Frame {
	f := &model.Frame{}
	for _, c := range e.Columns {
		column := model.Column{Name: c.Name, Kind: dataset.Float, Floats: c.Floats}
		switch {
		case c.Ints != nil:
			column.Kind, column.Ints = dataset.Integer, c.Ints
		case c.Texts != nil:
			column.Kind, column.Texts = dataset.Text, c.Texts
		case c.Bools != nil:
			column.Kind = dataset.Bool
			for _, b := range c.Bools {
				v := int64(0)
				if b {
					v = 1
				}
				column.Ints = append(column.Ints, v)
			}
		}
		f.Rows = max(len(c.Floats), len(c.Ints), len(c.Texts), len(c.Bools))
		f.Columns = append(f.Columns, column)
	}
	return f
}

// TestExports: of models that skl2onnx exports, answers are bit for bit those of Python's
// onnxruntime, which is the same runtime, and to 1e-5 (numbers are float32) those
// of scikit-learn's predict and predict_proba; packages and versions are those of
// python/requirements-test.txt.
func TestExports(t *testing.T) {
	dir := models(t)
	text, err := os.ReadFile(filepath.Join(dir, "answers.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases map[string]*exported
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 11 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		t.Run(name, func(t *testing.T) {
			e := cases[name]
			o := Options{Path: filepath.Join(dir, name+".onnx"), Task: e.Task, Classes: e.Classes}
			e.holds(t, name, open(t, o))
			t.Run("by Python", func(t *testing.T) {
				p, err := openElsewhere(t, o)
				if err != nil {
					t.Fatal(err)
				}
				defer p.Close()
				e.holds(t, name, p)
			})
		})
	}
}

func openElsewhere(t *testing.T, o Options) (*Elsewhere, error) {
	t.Helper()
	worker, err := python.Worker(oracle.Python(t))
	if err != nil {
		t.Fatal(err)
	}
	return OpenElsewhere(t.Context(), o, worker)
}

// holds wants a model to answer so.
func (e *exported) holds(t *testing.T, name string, p model.Predictor) {
	t.Helper()
	f := e.frame()
	columns := make([]dataset.Column, len(f.Columns))
	for i, c := range f.Columns {
		columns[i] = dataset.Column{Name: c.Name, Kind: c.Kind}
	}
	if _, err := model.Fit(p.Describe().Inputs, nil, columns, nil); err != nil {
		t.Errorf("the columns of its training do not fit: %v", err)
	}
	a, err := p.Predict(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a.Labels, e.Labels) || !slices.Equal(a.Classes, e.Classes) {
		t.Errorf("labels of %q:\n%q, want of %q\n%q", a.Classes, a.Labels, e.Classes, e.Labels)
	}
	got := a.Scores
	if e.Task == model.Regression {
		got = [][]float64{a.Numbers}
	}
	if len(got) != len(e.Runtime) {
		t.Fatalf("%d columns, want %d", len(got), len(e.Runtime))
	}
	for k, column := range got {
		// Three rows at a time are added up in another order than fifty.
		if name != "fixed" && !slices.Equal(column, e.Runtime[k]) {
			t.Errorf("column %d: %v, onnxruntime %v", k, column, e.Runtime[k])
		}
		for i, v := range column {
			if want := e.Sklearn[k][i]; math.Abs(v-want) > 1e-5*max(1, math.Abs(want)) {
				t.Errorf("column %d, row %d: %v, scikit-learn %v", k, i, v, want)
			}
		}
	}
}

// failure opens a model that Python wrote, asks it, and wants one of both to fail
// with these words.
func failure(t *testing.T, o Options, f *model.Frame, want ...string) *model.Error {
	t.Helper()
	oracle.NeedONNXRuntime(t)
	p, err := Open(t.Context(), o)
	if err == nil {
		defer p.Close()
		_, err = p.Predict(t.Context(), f)
		alike(t, o, f, err)
	}
	e, ok := errors.AsType[*model.Error](err)
	if !ok {
		t.Fatalf("got %v, want a model.Error with %q", err, want)
	}
	for _, w := range want {
		if !strings.Contains(e.Error(), w) {
			t.Errorf("got %q, want %q in it", e.Error(), w)
		}
	}
	return e
}

// alike wants what goes wrong with rows to be told of the same rows by Python's package.
func alike(t *testing.T, o Options, f *model.Frame, here error) {
	t.Helper()
	p, err := openElsewhere(t, o)
	if err != nil {
		t.Errorf("by Python: %v", err)
		return
	}
	defer p.Close()
	_, err = p.Predict(t.Context(), f)
	want, _ := errors.AsType[*model.Error](here)
	if e, ok := errors.AsType[*model.Error](err); !ok || want == nil || !slices.Equal(e.Rows, want.Rows) || e.Rows != nil && e.Message != want.Message {
		t.Errorf("by Python: %v, here %v", err, here)
	}
}

func TestRefused(t *testing.T) {
	dir := models(t)
	x := func(values ...float64) *model.Frame {
		f := numbersFrame(values)
		f.Columns[0].Name = "x"
		return f
	}
	one := x(1, 2)
	two := numbersFrame([]float64{1, 2, 3}, []float64{3, 4, 5})
	for name, c := range map[string]struct {
		o    Options
		f    *model.Frame
		want []string
	}{
		"opset":   {Options{Task: model.Regression}, one, []string{"cannot load", "the model is newer than it", "smaller target_opset than 99"}},
		"format":  {Options{Task: model.Regression}, one, []string{"cannot load", "the model is newer than it", "an older version of onnx"}},
		"custom":  {Options{Task: model.Regression}, one, []string{"it does not know the operator", "com.example:Mine", "custom operators"}},
		"unknown": {Options{Task: model.Regression}, one, []string{"it does not know the operator", "NoSuchOperator"}},
		"images":  {Options{Task: model.Regression}, one, []string{`input "x" has the shape [?, 3, 224, 224]: noworse gives rows of features`, "[rows, features]"}},
		"half":    {Options{Task: model.Regression}, two, []string{`input "x" is float16, which rows of a table cannot be`}},
		"groups":  {Options{Task: model.Regression}, two, []string{`input "a" has the shape [?, 2]: of several inputs each must be one column`}},
		"several": {Options{Task: model.Binary}, two, []string{`several outputs that may be the probabilities: "a", "b"`, "score of onnx"}},
		"four":    {Options{Task: model.Multiclass, Classes: []string{"a", "b", "c"}}, two, []string{`gives 4 scores for each row, and there are 3 classes: "a", "b", "c"`}},
		"echo":    {Options{Task: model.Regression}, one, []string{`no output that could be a number`, `"y" (string [?])`}},
		"once":    {Options{Task: model.Regression}, one, []string{`1 values of "y" for 2 rows`}},
		"divides": {Options{Task: model.Regression}, numbersFrame([]float64{1, 2, 3}), []string{"ONNX Runtime could not run the model on these rows", "Reshape"}},
		"whole":   {Options{Task: model.Binary}, numbersFrame([]float64{1, 2.5, 3e9}), []string{`column "a" has values that are no int32`, "2.5 in the first of 2 rows"}},
		"flag":    {Options{Task: model.Binary}, x(0, 1, 2), []string{`column "x" has values that are neither 0 nor 1`, "2 in the first of 1 rows"}},
		"sigmoid": {Options{Task: model.Binary}, two, []string{"wants 1 features, and was given 2", "data.eval.features"}},
		"softmax": {Options{Task: model.Regression}, two, []string{"the model answered 2 numbers for each row"}},
		"mixed":   {Options{Task: model.Binary}, two, []string{`wants column "age", and was not given it`}},
	} {
		t.Run(name, func(t *testing.T) {
			c.o.Path = filepath.Join(dir, name+".onnx")
			failure(t, c.o, c.f, c.want...)
		})
	}
}

func TestOutputsByName(t *testing.T) {
	dir := models(t)
	two := numbersFrame([]float64{1, 0}, []float64{0, 1})
	path := filepath.Join(dir, "several.onnx")
	p := open(t, Options{Path: path, Score: "b", Task: model.Binary, Classes: []string{"no", "yes"}})
	a, err := p.Predict(t.Context(), two)
	if err != nil || a.Scores[0][0] != -1 || a.Scores[0][1] != 0 || !slices.Equal(a.Classes, []string{"no", "yes"}) {
		t.Errorf("%+v %v", a, err)
	}
	failure(t, Options{Path: path, Score: "c", Task: model.Binary}, two, `has no output "c"`, `"a" (float [?, 2])`)
	failure(t, Options{Path: path, Label: "a", Task: model.Binary}, two, `output "a" cannot be the label: it is float [?, 2]`)
}

// TestMissingValues: NaN is what a model of floats gets for a null; a model of
// integers or texts has none.
func TestMissingValues(t *testing.T) {
	dir := models(t)
	ints := &model.Frame{Rows: 3, Columns: []model.Column{{Name: "a", Kind: dataset.Integer, Ints: []int64{1, 0, 3}}}}
	ints.Columns[0].SetNull(1, 3)
	e := failure(t, Options{Path: filepath.Join(dir, "sigmoid.onnx"), Task: model.Binary}, ints, "a score that is NaN", `the row has no value in column "a"`)
	if !slices.Equal(e.Rows, []int{1}) {
		t.Errorf("rows %v, want 1", e.Rows)
	}
	for name, f := range map[string]*model.Frame{"integers": ints, "floats": numbersFrame([]float64{1, math.NaN(), 3})} {
		e := failure(t, Options{Path: filepath.Join(dir, "whole.onnx"), Task: model.Binary}, f, `column "a" has no value in 1 rows, and the model wants int32`, "float input")
		if !slices.Equal(e.Rows, []int{1}) {
			t.Errorf("%s: rows %v, want 1", name, e.Rows)
		}
	}
	texts := &model.Frame{Rows: 2, Columns: []model.Column{{Name: "x", Kind: dataset.Text, Texts: []string{"a", ""}}}}
	echo := Options{Path: filepath.Join(dir, "echo.onnx"), Task: model.Multiclass}
	if a, err := open(t, echo).Predict(t.Context(), texts); err != nil || !slices.Equal(a.Labels, []string{"a", ""}) {
		t.Errorf("an empty text is one: %v %v", a, err)
	}
	texts.Columns[0].SetNull(0, 2)
	e = failure(t, echo, texts, `column "x" has no value in 1 rows, and the model wants string`)
	if !slices.Equal(e.Rows, []int{0}) {
		t.Errorf("rows %v, want 0", e.Rows)
	}
	texts = &model.Frame{Rows: 2, Columns: []model.Column{{Name: "x", Kind: dataset.Text, Texts: []string{"a", "b\x00c"}}}}
	if e := failure(t, echo, texts, "zero byte"); !slices.Equal(e.Rows, []int{1}) {
		t.Errorf("rows %v, want 1", e.Rows)
	}
	ints.Columns[0].Name = "x"
	failure(t, echo, ints, `wants string values, and column "x" is`)
}

// TestExternalWeights: weights beside the model are part of what it is, and those
// elsewhere are never read.
func TestExternalWeights(t *testing.T) {
	from := models(t)
	dir := t.TempDir()
	give := func(name string, text []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	take := func(name string) []byte {
		t.Helper()
		b, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	o := Options{Path: filepath.Join(dir, "external.onnx"), Task: model.Regression}
	f := numbersFrame([]float64{1, 2})
	file := take("external.onnx")
	give("external.onnx", file)
	if e := failure(t, o, f, `keeps weights in "weights.bin", and there is no such file in its directory`); !e.Missing {
		t.Error("the file is missing")
	}
	give("weights.bin", take("weights.bin"))
	p := open(t, o)
	before := p.Describe()
	a, err := p.Predict(t.Context(), f)
	if err != nil || !slices.Equal(a.Numbers, []float64{2, 4}) || before.Size != int64(len(file))+4 {
		t.Fatalf("%+v %v, %d bytes", a, err, before.Size)
	}
	give("weights.bin", []byte{0, 0, 0x40, 0x40})
	p = open(t, o)
	if a, err = p.Predict(t.Context(), f); err != nil || !slices.Equal(a.Numbers, []float64{3, 6}) || p.Describe().Fingerprint == before.Fingerprint {
		t.Errorf("%+v %v: other weights are another model", a, err)
	}
	give("external.onnx", []byte(strings.Replace(string(file), "weights.bin", "../eights.b", 1)))
	failure(t, o, f, `keeps weights in "../eights.b", which cannot be read`, "escapes")
}

// TestExternalMaps: a model is cut here, and finds its weights all the same.
func TestExternalMaps(t *testing.T) {
	p := open(t, Options{Path: filepath.Join(models(t), "external_maps.onnx"), Task: model.Binary})
	a, err := p.Predict(t.Context(), numbersFrame([]float64{0, 1}))
	want := 1 / (1 + math.Exp(-2)) // softmax of 1 and -1
	if err != nil || !slices.Equal(a.Classes, []string{"up", "down"}) || a.Scores[0][0] != 0.5 || math.Abs(a.Scores[0][1]-want) > 1e-6 {
		t.Errorf("%+v %v", a, err)
	}
}
