package drift_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/noworse/noworse/drift"
	"github.com/noworse/noworse/profile"
	"github.com/noworse/noworse/stats"
)

// textColumn is a profile's column with these categories.
func textColumn(name string, categories ...string) *profile.Column {
	c := &profile.Column{Name: name, Kind: profile.Text, Texts: &profile.Texts{Known: len(categories)}}
	for _, t := range categories {
		c.Texts.Categories = append(c.Texts.Categories, profile.Category{Text: t, Rows: 1})
	}
	return c
}

// losses are so many rows of each loss.
func losses(bins ...map[float64]int) drift.Losses {
	list := make(drift.Losses, len(bins))
	for i, bin := range bins {
		for x, n := range bin {
			for range n {
				list[i].Add(x)
			}
		}
	}
	return list
}

var (
	reference = losses(map[float64]int{0: 300, 1: 100}, map[float64]int{0: 150, 2: 50}, map[float64]int{1: 40, 4: 60}, nil, nil)
	current   = losses(map[float64]int{0: 200, 1: 120}, map[float64]int{0: 100, 2: 80}, map[float64]int{1: 80, 4: 150}, map[float64]int{0: 10, 3: 30}, nil)
)

// TestAttribute: values by numpy 2.4.6 from the definition; standard errors of 200,000
// bootstraps of the cells of bin and loss by its multinomial, seed 1.
func TestAttribute(t *testing.T) {
	a, err := drift.Attribute(drift.BinsOf(textColumn("x", "a", "b", "c")), reference, current, .95)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		part      drift.Part
		value, se float64
	}{
		{"mix", a.Mix, .40705009276437837, .0566299},
		{"within", a.Within, .1896103896103896, .05893297},
		{"new", a.New, .08126159554730984, .01660696},
		{"total", a.Total, .6779220779220778, .0703200342832393},
	} {
		if math.Abs(c.part.Value-c.value) > 1e-14 {
			t.Errorf("%s: %.17g, want %.17g", c.name, c.part.Value, c.value)
		}
		if se := (c.part.Interval.High - c.part.Interval.Low) / 2 / stats.StudentQuantile(.975, 700+770-2); math.Abs(se/c.se-1) > .01 {
			t.Errorf("%s: standard error %v, bootstrap %v", c.name, se, c.se)
		}
	}
	sum := 0.0
	var labels []string
	for _, b := range a.Bins {
		sum += b.Sum()
		labels = append(labels, b.Label)
	}
	if math.Abs(sum-a.Total.Value) > 1e-15 {
		t.Errorf("the bins make %v, the change is %v", sum, a.Total.Value)
	}
	if want := []string{"c", "a", "b", "(others)"}; !slices.Equal(labels, want) {
		t.Errorf("bins %q, want %q", labels, want)
	}
}

// TestPartsHoldTheTruth: losses depend on the bin alone, so all of the change is mix, and
// intervals of within cover 0.
func TestPartsHoldTheTruth(t *testing.T) {
	const runs = 400
	random := rand.New(rand.NewPCG(1, 1))
	bins := drift.BinsOf(textColumn("x", "a", "b"))
	draw := func(share float64) drift.Losses {
		l := make(drift.Losses, 4)
		for range 500 {
			bin := 0
			if random.Float64() < share {
				bin = 1
			}
			l[bin].Add(float64(bin) + random.NormFloat64())
		}
		return l
	}
	within, mix := 0, 0
	for range runs {
		a, err := drift.Attribute(bins, draw(.3), draw(.5), .95)
		if err != nil {
			t.Fatal(err)
		}
		if a.Within.Interval.Contains(0) {
			within++
		}
		if a.Mix.Interval.Contains(.2) {
			mix++
		}
	}
	// scipy 1.17.1: binom.ppf([.005, .995], 400, .95) = 368, 390.
	for name, n := range map[string]int{"within": within, "mix": mix} {
		if n < 368 || n > 390 {
			t.Errorf("%s: %d of %d covered", name, n, runs)
		}
	}
}

func TestLossesMerge(t *testing.T) {
	merged := make(drift.Losses, len(current))
	for i := range current {
		merged[i].Merge(reference[i])
		merged[i].Merge(current[i])
	}
	bins := drift.BinsOf(textColumn("x", "a", "b", "c"))
	a, err := drift.Attribute(bins, reference, merged, .95)
	if err != nil {
		t.Fatal(err)
	}
	b, err := drift.Attribute(bins, reference, current, .95)
	if err != nil {
		t.Fatal(err)
	}
	if want := b.Total.Value * 770 / 1470; math.Abs(a.Total.Value-want) > 1e-14 {
		t.Errorf("%v, want %v", a.Total.Value, want)
	}
}

func TestBins(t *testing.T) {
	numbers := &profile.Column{Name: "age", Kind: profile.Number, Numbers: &profile.Numbers{Deciles: []float64{18, 30.5}}}
	b := drift.BinsOf(numbers)
	if want := []string{"below 18", "18 to 30.5", "30.5 or more", "NaN", "null"}; !slices.Equal(b.Labels(), want) {
		t.Errorf("%q, want %q", b.Labels(), want)
	}
	c := profile.SampleColumn{Kind: profile.Number, Null: make([]bool, 8), Numbers: []float64{17.9, 18, 30.4, 30.5, math.Inf(1), math.Inf(-1), math.NaN(), 1}}
	c.Null[7] = true
	for i, want := range []int{0, 1, 1, 2, 2, 0, 3, 4} {
		if got := b.Of(&c, i); got != want {
			t.Errorf("%v is in bin %d, want %d", c.Numbers[i], got, want)
		}
	}
	empty := drift.BinsOf(&profile.Column{Name: "n", Kind: profile.Number, Numbers: &profile.Numbers{}})
	if want := []string{"any", "NaN", "null"}; !slices.Equal(empty.Labels(), want) || empty.Number(3) != 0 {
		t.Errorf("%q", empty.Labels())
	}
	texts := drift.BinsOf(textColumn("t", "a", "b"))
	if texts.Text("b") != 1 || texts.Text("z") != 2 || texts.Null() != 3 {
		t.Errorf("%q", texts.Labels())
	}
	if drift.BinsOf(&profile.Column{Kind: profile.Nested}) != nil {
		t.Error("nested columns have no bins")
	}
}

func TestNothingToAttribute(t *testing.T) {
	bins := drift.BinsOf(textColumn("x", "a", "b", "c"))
	none := make(drift.Losses, 5)
	bad := losses(map[float64]int{math.NaN(): 2, 1: 5}, nil, nil, nil, nil)
	for _, c := range []struct {
		r, c drift.Losses
		want error
	}{
		{reference, none, stats.ErrUndefined},
		{none, current, stats.ErrUndefined},
		{reference, current[:3], stats.ErrInvalid},
		{reference, bad, stats.ErrInvalid},
	} {
		if _, err := drift.Attribute(bins, c.r, c.c, .95); !errors.Is(err, c.want) {
			t.Errorf("%v, want %v", err, c.want)
		}
	}
	equal := losses(map[float64]int{1: 5}, nil, nil, nil, nil)
	a, err := drift.Attribute(bins, equal, equal, .95)
	if err != nil || a.Total.Value != 0 || !math.IsNaN(a.Total.Interval.Low) {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestRank(t *testing.T) {
	a := func(name string, mix, fresh float64) *drift.Attribution {
		return &drift.Attribution{Name: name, Mix: drift.Part{Value: mix}, New: drift.Part{Value: fresh}}
	}
	list := []*drift.Attribution{a("a", .1, 0), a("b", -.3, 0), a("c", .1, .1)}
	drift.Rank(list)
	if list[0].Name != "b" || list[1].Name != "c" || list[2].Name != "a" {
		t.Errorf("%s %s %s", list[0].Name, list[1].Name, list[2].Name)
	}
}
