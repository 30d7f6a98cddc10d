// Package modeltest is the suite that every adapter to models passes: what
// model.Predictor promises, held to three small models whose answers are known.
package modeltest

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/model"
)

// Adapter opens models of one kind.
type Adapter struct {
	// Open loads the model of a task: Regression, Logistic or Softmax. It closes
	// nothing; the suite does.
	Open func(t *testing.T, task model.Task) model.Predictor
	// Tolerance of scores and numbers: 0 for a model that counts in float64 as
	// Go does.
	Tolerance float64
}

// The models: of columns x, a number, and k, an integer. Binary classes are no and
// yes, those of several are a, b and c; the most probable one is the label.
var (
	weights    = map[model.Task][][2]float64{model.Regression: {{0.5, -2}}, model.Binary: {{0.5, -2}}, model.Multiclass: {{1, -2}, {0.5, 0}, {-1, 2}}}
	intercepts = map[model.Task][]float64{model.Regression: {0.25}, model.Binary: {0.25}, model.Multiclass: {0, 0.1, -0.1}}
	classes    = map[model.Task][]string{model.Binary: {"no", "yes"}, model.Multiclass: {"a", "b", "c"}}
)

// Weights are those of x and k, one row for each output, and the intercepts. A
// regression answers their sum; a binary model 1/(1+exp(-sum)), the probability of
// yes; one of several classes exp(sum) over all of them.
func Weights(task model.Task) (rows [][2]float64, intercept []float64, names []string) {
	return weights[task], intercepts[task], classes[task]
}

// Rows is a frame of so many rows that differ.
func Rows(n int) *model.Frame {
	x := model.Column{Name: "x", Kind: dataset.Float, Floats: make([]float64, n)}
	k := model.Column{Name: "k", Kind: dataset.Integer, Ints: make([]int64, n)}
	for i := range n {
		x.Floats[i] = float64(i*37%101)/8 - 6
		k.Ints[i] = int64(i*13%7) - 3
	}
	return &model.Frame{Rows: n, Columns: []model.Column{x, k}}
}

// Want are the answers to a frame.
func Want(task model.Task, f *model.Frame) *model.Answers {
	x, k := f.Find("x"), f.Find("k")
	a := &model.Answers{Classes: classes[task], Scores: make([][]float64, len(classes[task]))}
	for i := range f.Rows {
		sums := make([]float64, len(weights[task]))
		for c, w := range weights[task] {
			sums[c] = w[0]*x.Floats[i] + w[1]*float64(k.Ints[i]) + intercepts[task][c]
		}
		if task == model.Regression {
			a.Numbers = append(a.Numbers, sums[0])
			continue
		}
		best := 0
		for c, p := range probabilities(sums) {
			a.Scores[c] = append(a.Scores[c], p)
			if p > a.Scores[best][i] {
				best = c
			}
		}
		a.Labels = append(a.Labels, classes[task][best])
	}
	return a
}

func probabilities(sums []float64) []float64 {
	if len(sums) == 1 {
		p := 1 / (1 + math.Exp(-sums[0]))
		return []float64{1 - p, p}
	}
	out := make([]float64, len(sums))
	total := 0.0
	for c, s := range sums {
		out[c] = math.Exp(s)
		total += out[c]
	}
	for c := range out {
		out[c] /= total
	}
	return out
}

// Run holds an adapter to the port.
func Run(t *testing.T, a Adapter) {
	for _, task := range []model.Task{model.Regression, model.Binary, model.Multiclass} {
		t.Run(string(task), func(t *testing.T) {
			s := &suite{a, task, a.Open(t, task)}
			defer s.m.Close()
			t.Run("describes itself", s.describes)
			t.Run("answers", s.answers)
			t.Run("has no answers to no rows", s.noRows)
			t.Run("leaves the frame alone", s.leavesFrame)
			t.Run("takes columns in any order", s.anyOrder)
			t.Run("answers several at once", s.severalAtOnce)
			t.Run("refuses a column that is not there", s.missingColumn)
			t.Run("refuses texts for numbers", s.texts)
			t.Run("does not guess missing values", s.missingValue)
			t.Run("stops when it is not waited for", s.stops)
			t.Run("closes", s.closes)
		})
	}
}

type suite struct {
	Adapter
	task model.Task
	m    model.Predictor
}

// check asks about a frame, and holds the answers to those that are known.
func (s *suite) check(t *testing.T, f *model.Frame) {
	t.Helper()
	got, err := s.m.Predict(t.Context(), f)
	if err != nil {
		t.Errorf("%d rows: %v", f.Rows, err)
		return
	}
	if err := got.Check(s.task, f.Rows); err != nil {
		t.Errorf("%d rows: %v", f.Rows, err)
		return
	}
	want := Want(s.task, f)
	s.near(t, "numbers", got.Numbers, want.Numbers)
	if got.Labels != nil && !slices.Equal(got.Labels, want.Labels) {
		t.Errorf("%d rows: labels %q, want %q", f.Rows, got.Labels, want.Labels)
	}
	if len(got.Scores) == 1 { // of the positive class
		s.near(t, "scores of yes", got.Scores[0], want.Scores[1])
		return
	}
	for i, class := range got.Classes {
		k := slices.Index(want.Classes, class)
		if k < 0 {
			t.Fatalf("the model's classes are %q, want %q", got.Classes, want.Classes)
		}
		s.near(t, "scores of "+class, got.Scores[i], want.Scores[k])
	}
}

func (s *suite) near(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d %s, want %d", len(got), what, len(want))
		return
	}
	for i, v := range got {
		if math.Abs(v-want[i]) > s.Tolerance*max(1, math.Abs(want[i])) {
			t.Errorf("%s: row %d of %d: %v, want %v", what, i, len(got), v, want[i])
			return
		}
	}
}

// fails wants an error of the model, and answers after it.
func (s *suite) fails(t *testing.T, f *model.Frame) *model.Error {
	t.Helper()
	_, err := s.m.Predict(t.Context(), f)
	e, ok := errors.AsType[*model.Error](err)
	if !ok || e.Message == "" || e.Gone {
		t.Fatalf("got %v, want a model.Error of a model that goes on", err)
	}
	s.check(t, Rows(3))
	return e
}

func (s *suite) describes(t *testing.T) {
	d := s.m.Describe()
	if d.Form == "" || d.Load < 0 || d.Size < 0 {
		t.Errorf("%+v", d)
	}
	other := s.Open(t, s.task)
	defer other.Close()
	if again := other.Describe(); again.Fingerprint != d.Fingerprint || !reflect.DeepEqual(again.Inputs, d.Inputs) {
		t.Errorf("loaded again it is another: %+v and %+v", d, again)
	}
	offered := []dataset.Column{{Name: "x", Kind: dataset.Float}, {Name: "k", Kind: dataset.Integer}}
	if _, err := model.Fit(d.Inputs, nil, offered, nil); err != nil {
		t.Errorf("its own columns do not fit: %v", err)
	}
}

func (s *suite) answers(t *testing.T) {
	for _, n := range []int{1, 2, 7, 64, 65, 1000, 20_000} {
		s.check(t, Rows(n))
	}
}

func (s *suite) noRows(t *testing.T) {
	if a, err := s.m.Predict(t.Context(), Rows(0)); err != nil || len(a.Labels)+len(a.Numbers) > 0 {
		t.Errorf("%+v %v", a, err)
	}
}

func (s *suite) leavesFrame(t *testing.T) {
	f := Rows(5)
	s.check(t, f)
	if !reflect.DeepEqual(f, Rows(5)) {
		t.Errorf("%+v", f)
	}
}

// anyOrder: of a model that knows the names of its inputs.
func (s *suite) anyOrder(t *testing.T) {
	if slices.ContainsFunc(s.m.Describe().Inputs, func(in model.Input) bool { return in.Name == "" || in.Width != 0 }) || s.m.Describe().Inputs == nil {
		t.Skip("it takes what it is given, in its order")
	}
	f := Rows(9)
	slices.Reverse(f.Columns)
	s.check(t, f)
}

func (s *suite) severalAtOnce(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 5 {
				s.check(t, Rows(1+100*n+i))
			}
		})
	}
	wg.Wait()
}

func (s *suite) missingColumn(t *testing.T) {
	if s.m.Describe().Inputs == nil {
		t.Skip("it does not say what it wants")
	}
	f := Rows(3)
	f.Columns = f.Columns[:1]
	s.fails(t, f)
}

func (s *suite) texts(t *testing.T) {
	f := Rows(2)
	f.Columns[0] = model.Column{Name: "x", Kind: dataset.Text, Texts: []string{"one", "two"}}
	s.fails(t, f)
}

// missingValue: an answer that is no number names its row.
func (s *suite) missingValue(t *testing.T) {
	f := Rows(6)
	f.Columns[0].Floats[4] = math.NaN()
	f.Columns[0].SetNull(4, 6)
	if e := s.fails(t, f); e.Rows != nil && !slices.Equal(e.Rows, []int{4}) {
		t.Errorf("rows %v, want 4: %v", e.Rows, e)
	}
}

func (s *suite) stops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	began := time.Now()
	if _, err := s.m.Predict(ctx, Rows(2)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

func (s *suite) closes(t *testing.T) {
	if err := errors.Join(s.m.Close(), s.m.Close()); err != nil {
		t.Error(err)
	}
	_, err := s.m.Predict(t.Context(), Rows(1))
	if e, ok := errors.AsType[*model.Error](err); !ok || !e.Gone {
		t.Errorf("after Close: %v, want a model.Error that says it is gone", err)
	}
}
