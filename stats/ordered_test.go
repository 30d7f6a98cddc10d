package stats_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/noworse/noworse/stats"
)

// tiesOf goes through rows from the lowest score up, those of one score in any order.
func tiesOf(scores []float64, of []uint16) stats.Ties {
	order := make([]stats.Ranked, len(scores))
	for i, j := range rand.Perm(len(order)) {
		order[i] = stats.Ranked{Row: uint32(j), Class: of[j]}
	}
	slices.SortStableFunc(order, func(a, b stats.Ranked) int { return cmp.Compare(scores[a.Row], scores[b.Row]) })
	return func(yield func([]stats.Ranked) bool) {
		for first := 0; first < len(order); {
			end := first + 1
			for end < len(order) && scores[order[end].Row] == scores[order[first].Row] {
				end++
			}
			if !yield(order[first:end]) {
				return
			}
			first = end
		}
	}
}

// ordered is all values of rows in order, in the order of the table of scikit-learn's.
func ordered(labels stats.Labels, scores [][]float64) (values []float64, influences [][]float64) {
	by := func(class int) stats.Ties { return tiesOf(scores[class], labels.Of) }
	for _, f := range []func(to []float64) float64{
		func(to []float64) float64 { return labels.Precision(by(1), 1, 1, to) },
		func(to []float64) float64 { return labels.Area(by(1), 1, 1, to) },
		func(to []float64) float64 { return labels.MeanPrecision(by, to) },
		func(to []float64) float64 { return labels.MeanArea(by, false, to) },
		func(to []float64) float64 { return labels.MeanArea(by, true, to) },
		func(to []float64) float64 { return labels.MeanPairs(by, false, to) },
		func(to []float64) float64 { return labels.MeanPairs(by, true, to) },
	} {
		to := make([]float64, len(labels.Of))
		values, influences = append(values, f(to)), append(influences, to)
	}
	return values, influences
}

// TestOrderedAreScikitLearns: values, and influences as derivatives by the weights of
// rows, of scikit-learn 1.9.1.
func TestOrderedAreScikitLearns(t *testing.T) {
	table := stored(t).Tables["average_precision_score(y == 1, s), roc_auc_score(y, s, multi_class, average): values and derivatives by sample_weight"]
	if len(table) == 0 {
		t.Fatal("no table")
	}
	for _, row := range table {
		var of []uint16
		for _, y := range numbers(row[0].([]any)) {
			of = append(of, uint16(y))
		}
		var scores [][]float64
		for _, s := range row[1].([]any) {
			scores = append(scores, numbers(s.([]any)))
		}
		values, influences := ordered(stats.LabelsOf(of, len(scores)), scores)
		for i, value := range values {
			agree(t, "value", row[2+2*i:3+2*i], value)
			for j, want := range numbers(row[3+2*i].([]any)) {
				if got := influences[i][j]; math.Abs(got-want) > 1e-10 {
					t.Errorf("%d rows, value %d, row %d: influence %v, scikit-learn's %v", len(of), i, j, got, want)
				}
			}
		}
	}
}

// TestOrderedLaws: influences add up to 0, a copy of all rows halves them, and two
// classes make every mean of areas the area of one.
func TestOrderedLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		classes := rapid.IntRange(2, 4).Draw(t, "classes")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		grid := rapid.SampledFrom([]int{1, 3, 1000}).Draw(t, "grid")
		of := make([]uint16, rapid.IntRange(1, 60).Draw(t, "rows"))
		scores := make([][]float64, classes)
		for i := range of {
			of[i] = uint16(rng.IntN(classes))
			for k := range scores {
				scores[k] = append(scores[k], float64(rng.IntN(grid)))
			}
			if classes == 2 {
				scores[0][i] = -scores[1][i]
			}
		}
		values, influences := ordered(stats.LabelsOf(of, classes), scores)
		twice := make([][]float64, classes)
		for k, s := range scores {
			twice[k] = append(slices.Clone(s), s...)
		}
		copied, halves := ordered(stats.LabelsOf(append(slices.Clone(of), of...), classes), twice)
		for i, list := range influences {
			sum, size := 0.0, 0.0
			for j, x := range list {
				sum, size = sum+x, size+math.Abs(x)
				if math.Abs(halves[i][j]-x/2) > 1e-12 {
					t.Fatalf("value %d: influence %v, of copied rows %v", i, x, halves[i][j])
				}
			}
			if math.Abs(sum) > 1e-12*max(1, size) {
				t.Fatalf("value %d: influences add up to %v", i, sum)
			}
			if math.Abs(values[i]-copied[i]) > 1e-12 || math.IsNaN(values[i]) != math.IsNaN(copied[i]) {
				t.Fatalf("value %d: %v, of copied rows %v", i, values[i], copied[i])
			}
			if classes == 2 && i >= 3 && !math.IsNaN(values[1]) && math.Abs(values[i]-values[1]) > 1e-12 {
				t.Fatalf("two classes: value %d is %v, the area %v", i, values[i], values[1])
			}
		}
	})
}

// TestClassesAreDeLongs: of two classes the variance is DeLong's, and so are its degrees
// of freedom.
func TestClassesAreDeLongs(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var positive []bool
	var of []uint16
	scores := make([][]float64, 2)
	for range 90 {
		y := rng.IntN(3) / 2
		of, positive = append(of, uint16(y)), append(positive, y == 1)
		for m := range scores {
			scores[m] = append(scores[m], math.Round(4*(rng.NormFloat64()+float64(y)))/4)
		}
	}
	d, _ := stats.DeLongOf(positive, scores[0], scores[1])
	want, err := d.Areas()
	if err != nil {
		t.Fatal(err)
	}
	labels := stats.LabelsOf(of, 2)
	var to [2][]float64
	for m := range to {
		to[m] = make([]float64, len(of))
		labels.Area(tiesOf(scores[m], of), 1, 1, to[m])
	}
	classes := stats.OfClasses{{}, {}}
	for i, k := range of {
		a, b := to[0][i], to[1][i]
		c := &classes[k]
		c.Rows++
		c.A, c.B, c.Change, c.Changed = c.A+a*a, c.B+b*b, c.Change+(b-a)*(b-a), c.Changed+math.Abs(b-a)
	}
	first, second := must[stats.Estimate](t)(classes.First(want.A)), must[stats.Estimate](t)(classes.Second(want.B))
	change := must[stats.Estimate](t)(classes.Change(want.B - want.A))
	for what, x := range map[string][2]float64{
		"first": {first.SE * first.SE, want.VarA}, "second": {second.SE * second.SE, want.VarB}, "change": {change.SE * change.SE, want.VarChange},
		"degrees of freedom": {first.DF, want.DFA}, "of the second": {second.DF, want.DFB},
	} {
		if !near(x[0], x[1], 1e-12) {
			t.Errorf("%s: %v, DeLong %v", what, x[0], x[1])
		}
	}
	if moved := classes.Moved(); moved < d.Moved() || moved > 90 {
		t.Errorf("%v rows moved, of the class of fewer %v", moved, d.Moved())
	}
}

// TestClassesAtTheEdges: what says nothing is no evidence.
func TestClassesAtTheEdges(t *testing.T) {
	for name, c := range map[string]stats.OfClasses{
		"a class of one row": {{Rows: 1}, {Rows: 5, A: 1}},
		"no number":          {{Rows: 4, A: math.NaN()}},
		"infinite":           {{Rows: 4, A: math.Inf(1)}},
	} {
		if e, err := c.First(.5); err == nil {
			t.Errorf("%s: %+v", name, e)
		}
	}
	if e, err := (stats.OfClasses{{Rows: 4}, {}}).Change(0); err != nil || e.SE != 0 || !math.IsInf(e.DF, 1) {
		t.Errorf("%v %+v", err, e)
	}
	if moved := (stats.OfClasses{{Rows: 4}}).Moved(); moved != 0 {
		t.Errorf("%v of 4 equal rows moved", moved)
	}
	one := stats.LabelsOf([]uint16{0, 0}, 2)
	to := make([]float64, 2)
	if x := one.Area(tiesOf([]float64{1, 2}, one.Of), 0, 1, to); !math.IsNaN(x) {
		t.Errorf("an area of one class: %v", x)
	}
	if x := one.Precision(tiesOf([]float64{1, 2}, one.Of), 1, 1, to); !math.IsNaN(x) {
		t.Errorf("a precision of no positive row: %v", x)
	}
	if to[0] != 0 || to[1] != 0 {
		t.Errorf("influences %v of no value", to)
	}
}

// TestRankInfluences: they add up to 0, and a copy of all rows halves them.
func TestRankInfluences(t *testing.T) {
	ranks := func(list []int) []uint32 { // twice the mean rank of equals
		out := make([]uint32, len(list))
		for i, x := range list {
			out[i] = 1
			for _, y := range list {
				switch {
				case y < x:
					out[i] += 2
				case y == x:
					out[i]++
				}
			}
		}
		return out
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "rows")
		a, b := rapid.SliceOfN(rapid.IntRange(0, 9), n, n).Draw(t, "a"), rapid.SliceOfN(rapid.IntRange(0, 9), n, n).Draw(t, "b")
		to, twice := make([]float64, n), make([]float64, 2*n)
		r := stats.RankInfluences(ranks(a), ranks(b), to)
		if copied := stats.RankInfluences(ranks(append(a, a...)), ranks(append(b, b...)), twice); math.Abs(copied-r) > 1e-12 || math.IsNaN(copied) != math.IsNaN(r) {
			t.Fatalf("%v, of copied rows %v", r, copied)
		}
		sum := 0.0
		for i, x := range to {
			if sum += x; math.Abs(twice[i]-x/2) > 1e-12 {
				t.Fatalf("influence %v, of copied rows %v", x, twice[i])
			}
		}
		if math.Abs(sum) > 1e-12 {
			t.Fatalf("influences add up to %v", sum)
		}
	})
}
