package profile

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/noworse/noworse/dataset"
)

func TestShapes(t *testing.T) {
	var s Shapes
	for _, text := range []string{"AB-1234", "XY-99", "Bücher", "", "a b"} {
		s.look(text, 2)
	}
	want := []Shape{
		{"", 2, []int{}, []int{}},
		{"A-9", 4, []int{2, 1, 2}, []int{2, 1, 4}},
		{"ALa", 2, []int{1, 1, 4}, []int{1, 1, 4}},
		{"a a", 2, []int{1, 1, 1}, []int{1, 1, 1}},
	}
	got := s.List()
	slices.SortFunc(got, func(a, b Shape) int { return strings.Compare(a.Runs, b.Runs) })
	for i := range want {
		if got[i].Runs != want[i].Runs || got[i].Rows != want[i].Rows || !slices.Equal(got[i].Least, want[i].Least) || !slices.Equal(got[i].Most, want[i].Most) {
			t.Errorf("%v, want %v", got[i], want[i])
		}
	}
	s.look(strings.Repeat("a1", mostRuns), 1)
	if !s.None || len(s.List()) != 0 {
		t.Error("a text of too many runs has a shape")
	}
}

// In parts, in any order, shapes and what is outside are the same as in one go.
func TestPartsOfTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.StringMatching(`[a-c]{0,2}[-#]?[0-9]{0,3}[!-&]?[!-&]?`), 0, 200).Draw(t, "texts")
		allowed := &Allowed{Text: func(text string) bool { return !strings.Contains(text, "-") }}
		g := &grid{kind: Text, own: true, allowed: allowed}
		whole := g.counter(dataset.AsText)
		whole.count(&dataset.Vector{Texts: texts}, len(texts))
		cut := rapid.IntRange(0, len(texts)).Draw(t, "cut")
		parts := [2]counter{g.counter(dataset.AsText), g.counter(dataset.AsText)}
		parts[0].count(&dataset.Vector{Texts: texts[cut:]}, len(texts)-cut)
		parts[1].count(&dataset.Vector{Texts: texts[:cut]}, cut)
		parts[0].merge(parts[1])
		one, two := &Column{Kind: Text}, &Column{Kind: Text}
		whole.column(one)
		parts[0].column(two)
		if !reflect.DeepEqual(one.Outside, two.Outside) || !reflect.DeepEqual(one.Texts.Shapes.List(), two.Texts.Shapes.List()) || one.Texts.Shapes.None != two.Texts.Shapes.None {
			t.Fatalf("%+v and %+v, %v and %v", one.Outside, two.Outside, one.Texts.Shapes, two.Texts.Shapes)
		}
		rows := uint64(0)
		for _, text := range texts {
			if strings.Contains(text, "-") {
				rows++
			}
		}
		if one.Outside.Rows() != rows {
			t.Fatalf("%d rows outside, want %d", one.Outside.Rows(), rows)
		}
	})
}

func TestNumbersOutside(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	g := gridOf(&SampleColumn{Kind: Number})
	g.allowed = &Allowed{Low: -1, High: math.Inf(1)}
	c := g.counter(dataset.AsFloat)
	below := uint64(2) // infinities
	for range 20 {
		numbers := []float64{math.Inf(-1), math.Inf(1), math.NaN()}
		if below > 2 {
			numbers = nil
		}
		for range 100 {
			numbers = append(numbers, r.NormFloat64())
			if numbers[len(numbers)-1] < -1 {
				below++
			}
		}
		c.count(&dataset.Vector{Floats: numbers}, len(numbers))
	}
	to := &Column{Kind: Number}
	c.column(to)
	if to.Outside.Below != below-1 || to.Outside.Above != 0 {
		t.Errorf("%+v, want %d below", to.Outside, below-1)
	}
}

func TestQuarters(t *testing.T) {
	for _, c := range []struct {
		seconds float64
		want    int
	}{{0, 0}, {899, 0}, {900, 1}, {86399, 95}, {86400, 0}, {-1, 95}, {-86400, 0}, {-86401, 95}} {
		if got := quarter(c.seconds * 1e6); got != c.want {
			t.Errorf("%v s: %d, want %d", c.seconds, got, c.want)
		}
	}
}
