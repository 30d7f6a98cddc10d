package behavior

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/model"
)

func people() (*model.Frame, []string) {
	f := &model.Frame{Rows: 4, Columns: []model.Column{
		{Name: "age", Kind: dataset.Integer, Ints: []int64{20, 30, 40, 50}},
		{Name: "income", Kind: dataset.Float, Floats: []float64{1, 2, math.NaN(), 4}},
		{Name: "sex", Kind: dataset.Text, Texts: []string{"m", "f", "", "m"}},
		{Name: "member", Kind: dataset.Bool, Ints: []int64{1, 0, 1, 0}},
	}}
	f.Columns[1].SetNull(2, 4)
	f.Columns[2].SetNull(2, 4)
	return f, []string{"a", "b", "c", "d"}
}

func column(f *model.Frame, name string) string {
	var all []string
	for i := range f.Rows {
		all = append(all, Text(f.Find(name), i))
	}
	return strings.Join(all, " ")
}

func TestChanged(t *testing.T) {
	text := func(list ...string) (out []Literal) {
		for _, s := range list {
			out = append(out, Literal{Text: s})
		}
		return out
	}
	for _, c := range []struct {
		change     Change
		rows, want string // which rows, and the column afterwards
	}{
		{Change{Column: "age", Kind: Set, Values: text("30")}, "0 2 3", "30 30 30"},
		{Change{Column: "sex", Kind: Set, Values: []Literal{{Null: true}}}, "0 1 3", "null null null"},
		{Change{Column: "sex", Kind: Swap, Values: text("m", "f")}, "0 1 2 2 3", "f m m f f"},
		{Change{Column: "age", Kind: Add, Amount: 1.5}, "0 1 2 3", "22 32 42 52"}, // whole numbers stay whole
		{Change{Column: "income", Kind: Add, Amount: 1.5}, "0 1 3", "2.5 3.5 5.5"},
		{Change{Column: "income", Kind: Scale, Amount: 2}, "0 1 3", "2 4 8"},
		{Change{Column: "age", Kind: Scale, Amount: 1.01}, "3", "51"},
		{Change{Column: "income", Kind: Missing}, "0 1 3", "null null null"},
		{Change{Column: "sex", Kind: Letters, Letters: "upper"}, "0 1 3", "M F M"},
		{Change{Column: "sex", Kind: Letters, Letters: "lower"}, "", ""},
		{Change{Column: "member", Kind: Swap, Values: text("true", "false")}, "0 1 2 3", "false true false true"},
	} {
		t.Run(fmt.Sprint(c.change.Column, " ", c.change.Kind), func(t *testing.T) {
			f, keys := people()
			got, origin, err := Changed(f, keys, []Change{c.change})
			if err != nil {
				t.Fatal(err)
			}
			if rows := strings.Trim(fmt.Sprint(origin), "[]"); rows != c.rows || column(got, c.change.Column) != c.want {
				t.Errorf("rows %s became %q, want %s and %q", rows, column(got, c.change.Column), c.rows, c.want)
			}
			if before, _ := people(); column(f, c.change.Column) != column(before, c.change.Column) {
				t.Error("the rows as they were are changed too")
			}
		})
	}
}

func TestChangedTogether(t *testing.T) {
	f, keys := people()
	got, origin, err := Changed(f, keys, []Change{
		{Column: "sex", Kind: Swap, Values: []Literal{{Text: "m"}, {Text: "f"}}},
		{Column: "member", Kind: Swap, Values: []Literal{{Text: "true"}, {Text: "false"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var of0 []string
	for i, row := range origin {
		if row == 0 {
			of0 = append(of0, Text(got.Find("sex"), i)+Text(got.Find("member"), i))
		}
	}
	if fmt.Sprint(of0) != "[ftrue mfalse ffalse]" { // and not mtrue, which it is
		t.Errorf("row 0 becomes %v", of0)
	}
}

// TestNoise: normal, of the size that was asked for, and the same in every run.
func TestNoise(t *testing.T) {
	const n = 20_000
	f := &model.Frame{Rows: n, Columns: []model.Column{{Name: "x", Kind: dataset.Float, Floats: make([]float64, n)}}}
	keys := make([]string, n)
	for i := range keys {
		keys[i], f.Columns[0].Floats[i] = fmt.Sprint(i), 100
	}
	for _, c := range []Change{{Column: "x", Kind: Noise, Amount: 5}, {Column: "x", Kind: Noise, Amount: 0.05, Share: true}} {
		got, _, err := Changed(f, keys, []Change{c})
		if err != nil {
			t.Fatal(err)
		}
		again, _, _ := Changed(f, keys, []Change{c})
		mean, square := 0.0, 0.0
		for i, v := range got.Columns[0].Floats {
			mean += (v - 100) / n
			square += (v - 100) * (v - 100) / n
			if v != again.Columns[0].Floats[i] {
				t.Fatal("another noise in another run")
			}
		}
		if math.Abs(mean) > 0.15 || math.Abs(math.Sqrt(square)-5) > 0.1 { // 4 standard errors
			t.Errorf("mean %v, deviation %v", mean, math.Sqrt(square))
		}
	}
}

// TestTypos: a typo changes a text by one edit or one swap, and is the same for the
// same row.
func TestTypos(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringN(1, 12, -1).Draw(t, "text")
		random := rapid.Uint64().Draw(t, "random")
		got := typo(text, random)
		if got != typo(text, random) {
			t.Fatal("not the same")
		}
		a, b := []rune(text), []rune(got)
		if d := len(a) - len(b); d < -1 || d > 1 || got == "" {
			t.Fatalf("%q became %q", text, got)
		}
		prefix := 0
		for prefix < min(len(a), len(b)) && a[prefix] == b[prefix] {
			prefix++
		}
		suffix := 0
		for suffix < min(len(a), len(b))-prefix && a[len(a)-1-suffix] == b[len(b)-1-suffix] {
			suffix++
		}
		if middle := len(a) - prefix - suffix; middle > 2 {
			t.Fatalf("%q became %q: %d letters differ", text, got, middle)
		}
	})
	f := &model.Frame{Rows: 1, Columns: []model.Column{{Name: "x", Kind: dataset.Text, Texts: []string{"hello world"}}}}
	got, _, err := Changed(f, []string{"k"}, []Change{{Column: "x", Kind: Typos, Amount: 3}})
	if err != nil || got.Columns[0].Texts[0] == "hello world" {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestGrid(t *testing.T) {
	f, _ := people()
	got, values, err := Grid(f, "age", 3)
	if err != nil || fmt.Sprint(values) != "[20 30 50]" || column(got, "age") != strings.Repeat("20 30 50 ", 3)+"20 30 50" {
		t.Errorf("got %v, %v", values, err)
	}
	if _, values, _ = Grid(f, "income", 20); fmt.Sprint(values) != "[1 2 4]" { // each once, and no null
		t.Errorf("got %v", values)
	}
	same := &model.Frame{Rows: 2, Columns: []model.Column{{Name: "x", Kind: dataset.Integer, Ints: []int64{1, 1}}}}
	if got, _, err := Grid(same, "x", 5); got != nil || err != nil {
		t.Errorf("a grid of one value: %v, %v", got, err)
	}
}

func TestExpect(t *testing.T) {
	p := func(v float64) *float64 { return &v }
	score := func(label string, s float64) Answer {
		return Answer{Label: label, Number: s, Scores: []float64{1 - s, s}}
	}
	for _, c := range []struct {
		name          string
		e             Expect
		before, after Answer
		want          string
	}{
		{"the same label", Expect{SameLabel: true}, score("1", 0.9), score("1", 0.6), ""},
		{"another label", Expect{SameLabel: true}, score("1", 0.9), score("0", 0.4), "1 became 0"},
		{"within", Expect{Range: &Range{Within: p(0.1), Class: -1}}, score("1", 0.5), score("1", 0.6), ""},
		{"not within", Expect{Range: &Range{Within: p(0.1), Class: -1}}, score("1", 0.5), score("1", 0.61), "0.5 became 0.61"},
		{"within a share", Expect{Range: &Range{Within: p(0.1), Share: true, Class: -1}}, Answer{Number: 200}, Answer{Number: 181}, ""},
		{"not within a share", Expect{Range: &Range{Within: p(0.1), Share: true, Class: -1}}, Answer{Number: 200}, Answer{Number: 179}, "200 became 179"},
		{"not lower", Expect{Range: &Range{Is: NotLower, Class: -1}}, score("1", 0.5), score("1", 0.5-1e-7), ""},
		{"lower", Expect{Range: &Range{Is: NotLower, Class: -1}}, score("1", 0.5), score("1", 0.499), "0.5 became 0.499"},
		{"not higher", Expect{Range: &Range{Is: NotHigher, Class: -1}}, score("1", 0.5), score("1", 0.499), ""},
		{"higher", Expect{Range: &Range{Is: NotHigher, Class: -1}}, score("1", 0.5), score("1", 0.501), "0.5 became 0.501"},
		{"must rise", Expect{Range: &Range{Is: Higher, Class: -1}}, score("1", 0.5), score("1", 0.5), "0.5 became 0.5"},
		{"must fall", Expect{Range: &Range{Is: Lower, Class: -1}}, score("1", 0.5), score("1", 0.4), ""},
		{"the same", Expect{Range: &Range{Is: Same, Class: -1}}, score("1", 0.5), score("1", 0.5+1e-7), ""},
		{"of one class", Expect{Range: &Range{Is: NotLower, Class: 0}}, score("1", 0.5), score("1", 0.6), "0.5 became 0.4"},
		{"of any class", Expect{Range: &Range{Within: p(0.1), Class: -1}}, Answer{Scores: []float64{0.2, 0.3, 0.5}, Number: 0.5}, Answer{Scores: []float64{0.5, 0, 0.5}, Number: 0.5}, "0.3 became 0"},
		{"and a bound", Expect{Range: &Range{Is: NotLower, Max: p(0.55), Class: -1}}, score("1", 0.5), score("1", 0.6), "0.6 is above 0.55"},
	} {
		if got := c.e.Changed(c.before, c.after); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	if got := (Expect{Label: "1", Range: &Range{Min: p(0.7), Class: -1}}).Case(score("1", 0.6)); got != "0.6 is below 0.7" {
		t.Errorf("got %q", got)
	}
	if got := (Expect{Label: "1"}).Case(score("0", 0.6)); got != "expected 1, got 0" {
		t.Errorf("got %q", got)
	}
}

func TestReading(t *testing.T) {
	same := func(s string) string { return s }
	cut := 0.8
	for _, c := range []struct {
		name string
		r    Reading
		a    model.Answers
		want string
	}{
		{"the model's own label", Reading{Task: model.Binary, Classes: []string{"n", "y"}}, model.Answers{Labels: []string{"n"}, Scores: [][]float64{{0.9}}}, "n 0.9"},
		{"a threshold", Reading{Task: model.Binary, Classes: []string{"n", "y"}, Threshold: &cut}, model.Answers{Labels: []string{"n"}, Scores: [][]float64{{0.9}}}, "y 0.9"},
		{"one half", Reading{Task: model.Binary, Classes: []string{"n", "y"}}, model.Answers{Scores: [][]float64{{0.5}}}, "y 0.5"},
		{"classes in another order", Reading{Task: model.Binary, Classes: []string{"n", "y"}}, model.Answers{Scores: [][]float64{{0.3}, {0.7}}, Classes: []string{"y", "n"}}, "n 0.3"},
		{"the most likely", Reading{Task: model.Multiclass, Classes: []string{"a", "b", "c"}}, model.Answers{Scores: [][]float64{{0.3}, {0.5}, {0.2}}, Classes: []string{"a", "b", "c"}}, "b 0.2"},
		{"a number", Reading{Task: model.Regression}, model.Answers{Numbers: []float64{3.5}}, " 3.5"},
	} {
		c.r.Canonical = same
		got, err := c.r.Read(&c.a, 1)
		if err != nil || fmt.Sprint(got[0].Label, " ", got[0].Number) != c.want {
			t.Errorf("%s: got %v, %v, want %s", c.name, got, err, c.want)
		}
	}
	r := Reading{Task: model.Binary, Classes: []string{"n", "y"}, Canonical: same}
	if _, err := r.Read(&model.Answers{Scores: [][]float64{{1}, {0}}, Classes: []string{"0", "1"}}, 1); err == nil {
		t.Error("scores of other classes are read")
	}
}

func TestMonotone(t *testing.T) {
	along := func(values ...float64) (out []Answer) {
		for _, v := range values {
			out = append(out, Answer{Number: v})
		}
		return out
	}
	for _, c := range []struct {
		along  []Answer
		rising bool
		want   int
	}{{along(1, 2, 2, 3), true, -1}, {along(1, 2, 1.9, 3), true, 2}, {along(3, 2, 1), false, -1}, {along(3, 2, 2.5), false, 2}, {along(1), true, -1}} {
		if got := Monotone(c.along, c.rising); got != c.want {
			t.Errorf("%v: got %d, want %d", c.along, got, c.want)
		}
	}
}
