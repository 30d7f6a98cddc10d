package model

import (
	"math"
	"strings"
	"testing"

	"github.com/noworse/noworse/dataset"
)

func offered() []dataset.Column {
	return []dataset.Column{{Name: "age", Kind: dataset.Integer}, {Name: "income", Kind: dataset.Float}, {Name: "tier", Kind: dataset.Text}}
}

func TestFit(t *testing.T) {
	named := []Input{{Name: "income", Kind: dataset.Float}, {Name: "age", Kind: dataset.Float}}
	for _, c := range []struct {
		name   string
		inputs []Input
		listed []string
		want   string // names, or the error
	}{
		{"all that is offered", nil, nil, "age income tier"},
		{"the model's own inputs, in its order", named, nil, "income age"},
		{"the spec's features, in their order", nil, []string{"tier", "age"}, "tier age"},
		{"the spec's features for a model with names", named, []string{"age", "income"}, "age income"},
		{"one tensor", []Input{{Name: "X", Kind: dataset.Float, Width: 2}}, []string{"age", "income"}, "age income"},
		{"one tensor of any width", []Input{{Name: "X", Kind: dataset.Float, Width: -1}}, []string{"age", "income"}, "age income"},
		{"a column that is not there", []Input{{Name: "agee"}}, nil, `the model wants "agee", which the rows do not have`},
		{"a feature that is not there", nil, []string{"agee"}, `the features of the spec name "agee"`},
		{"a name that is not among the features", named, []string{"age"}, `the model wants "income", which is not among the features`},
		{"a mangled name", []Input{{Name: "per_year", Kind: dataset.Float, Mangled: true}}, nil, `the model wants "per_year", which the rows do not have`},
		{"too wide", []Input{{Name: "X", Width: 4}}, nil, "the model wants 4 features, and the rows have 3"},
		{"text for a number", []Input{{Name: "tier", Kind: dataset.Float}}, nil, `the model wants floating-point values in column "tier", which is text`},
		{"text in a tensor", []Input{{Name: "X", Kind: dataset.Float, Width: 3}}, nil, `one tensor of floating-point values, and column "tier" is text`},
	} {
		t.Run(c.name, func(t *testing.T) {
			columns, err := Fit(c.inputs, c.listed, offered(), nil)
			var names []string
			for _, column := range columns {
				names = append(names, column.Name)
			}
			got := strings.Join(names, " ")
			if err != nil {
				got = err.Error()
			}
			if !strings.HasPrefix(got, c.want) && !(err != nil && strings.Contains(got, c.want)) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	if _, err := Fit(nil, nil, nil, offered()); err == nil {
		t.Error("no columns at all are taken")
	}
}

// TestAmong: the examples are what skl2onnx 1.20.0's Topology._generate_unique_name
// makes of these names.
func TestAmong(t *testing.T) {
	for name, c := range map[string]struct {
		in    Input
		names []string
		want  int
	}{
		"its own":         {Input{Name: "a_b", Mangled: true}, []string{"a-b", "a_b"}, 1},
		"made of it":      {Input{Name: "a_b", Mangled: true}, []string{"x", "a-b"}, 1},
		"of a digit":      {Input{Name: "_1st_x", Mangled: true}, []string{"1st x"}, 0},
		"of letters":      {Input{Name: "größe_m²", Mangled: true}, []string{"größe/m²"}, 0},
		"a plus stays":    {Input{Name: "a+b_c", Mangled: true}, []string{"a+b c"}, 0},
		"of two":          {Input{Name: "a_b", Mangled: true}, []string{"a-b", "a b"}, -1},
		"of three":        {Input{Name: "a_b", Mangled: true}, []string{"a-b", "a b", "a.b"}, -1},
		"of none":         {Input{Name: "a_b", Mangled: true}, []string{"ab"}, -1},
		"never otherwise": {Input{Name: "a_b"}, []string{"a-b"}, -1},
	} {
		if got := c.in.Among(c.names); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestAnswersCheck(t *testing.T) {
	two := []float64{0.25, 0.75}
	for name, c := range map[string]struct {
		a    Answers
		task Task
		want string
	}{
		"labels":              {Answers{Labels: []string{"a", "b"}}, Binary, ""},
		"a score":             {Answers{Scores: [][]float64{two}}, Binary, ""},
		"scores of classes":   {Answers{Scores: [][]float64{two, two}, Classes: []string{"a", "b"}}, Multiclass, ""},
		"numbers":             {Answers{Numbers: two}, Regression, ""},
		"nothing":             {Answers{}, Binary, "neither labels nor scores"},
		"no numbers":          {Answers{Labels: []string{"1", "2"}}, Regression, "no numbers"},
		"few labels":          {Answers{Labels: []string{"a"}}, Binary, "1 labels for 2 rows"},
		"few scores":          {Answers{Scores: [][]float64{two[:1]}}, Binary, "scores for 1 rows of 2"},
		"few numbers":         {Answers{Numbers: two[:1]}, Regression, "1 numbers for 2 rows"},
		"scores of no class":  {Answers{Scores: [][]float64{two, two}}, Multiclass, "does not say of which classes"},
		"other classes":       {Answers{Scores: [][]float64{two}, Classes: []string{"a", "b"}}, Multiclass, "2 classes, and answered 1 scores"},
		"a score of NaN":      {Answers{Scores: [][]float64{{0, math.NaN()}}}, Binary, "a score that is NaN"},
		"an infinite number":  {Answers{Numbers: []float64{0, math.Inf(1)}}, Regression, "a number that is +Inf"},
		"a score of infinity": {Answers{Scores: [][]float64{{math.Inf(-1), 0}}}, Binary, "a score that is -Inf"},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.a.Check(c.task, 2)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestTake(t *testing.T) {
	f := &Frame{Rows: 3, Columns: []Column{
		{Name: "i", Kind: dataset.Integer, Ints: []int64{1, 2, 3}},
		{Name: "t", Kind: dataset.Text, Texts: []string{"a", "b", "c"}},
	}}
	f.Columns[0].SetNull(1, 3)
	got := f.Take([]int{2, 1, 1})
	i, s := got.Find("i"), got.Find("t")
	if got.Rows != 3 || i.Ints[0] != 3 || i.Null(0) || !i.Null(1) || !i.Null(2) || !i.Nullable || s.Texts[0] != "c" || s.Texts[2] != "b" || got.Find("x") != nil {
		t.Errorf("got %+v", got)
	}
	s.Texts[0] = "changed"
	if f.Columns[1].Texts[2] != "c" {
		t.Error("a frame of some rows shares their memory")
	}
}
