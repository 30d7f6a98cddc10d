package stats_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/noworse/noworse/stats"
)

// Cells of these tests are by (label, first answer, second answer): 4y + 2a + b.

// f1Change is F1 of the second answer less that of the first.
func f1Change(n []float64) float64 {
	f1 := func(tp, fp, fn float64) float64 { return 2 * tp / (2*tp + fp + fn) }
	return f1(n[5]+n[7], n[1]+n[3], n[4]+n[6]) - f1(n[6]+n[7], n[2]+n[3], n[4]+n[5])
}

// accuracyDrop is how much less often the second answer is right.
func accuracyDrop(n []float64) float64 {
	return (n[1] + n[6] - n[2] - n[5]) / (n[0] + n[1] + n[2] + n[3] + n[4] + n[5] + n[6] + n[7])
}

// swap says which cell a row comes to when its two answers change places.
var swap = []int{0, 2, 1, 3, 4, 6, 5, 7}

// published are shared/design/statistics.md's cells for F1.
var published = []float64{800, 18, 10, 12, 20, 6, 14, 120}

func delta(t *testing.T, counts []float64, f func([]float64) float64) stats.Estimate {
	t.Helper()
	gradient := must[[]float64](t)(stats.Gradient(counts, f))
	return must[stats.Estimate](t)(stats.Delta(f(counts), counts, gradient))
}

func TestF1Published(t *testing.T) {
	e := delta(t, published, f1Change)
	digits(t, "change", e.Value, "-.0506329")
	digits(t, "SE", e.SE, ".0215455")
	f1 := func(model int) func(n []float64) float64 {
		return func(n []float64) float64 {
			if model == 0 {
				return 2 * (n[6] + n[7]) / (2*(n[6]+n[7]) + n[2] + n[3] + n[4] + n[5])
			}
			return 2 * (n[5] + n[7]) / (2*(n[5]+n[7]) + n[1] + n[3] + n[4] + n[6])
		}
	}
	ignored := math.Hypot(delta(t, published, f1(0)).SE, delta(t, published, f1(1)).SE)
	digits(t, "SE if pairing is ignored", ignored, ".0329")
}

// TestDeltaIsTheMean: of accuracy, the delta method is the known variance
// (psi - d^2)/N, and derivatives are those by hand.
func TestDeltaIsTheMean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := make([]float64, 8)
		for k := range counts {
			counts[k] = float64(rapid.IntRange(0, 2000).Draw(t, "count"))
		}
		counts[0]++
		gradient, err := stats.Gradient(counts, accuracyDrop)
		if err != nil {
			t.Fatal(err)
		}
		e, err := stats.Delta(accuracyDrop(counts), counts, gradient)
		if err != nil {
			t.Fatal(err)
		}
		n := 0.0
		for _, c := range counts {
			n += c
		}
		psi, d := (counts[1]+counts[2]+counts[5]+counts[6])/n, accuracyDrop(counts)
		if want := (psi - d*d) / n; math.Abs(e.SE*e.SE-want) > 1e-8*want {
			t.Fatalf("%+v, by hand %v", e, math.Sqrt(want))
		}
		for k, g := range gradient {
			want := ([]float64{0, 1, -1, 0, 0, -1, 1, 0}[k] - d) / n
			if counts[k] > 0 && math.Abs(g-want) > 1e-8/n {
				t.Fatalf("derivative %d: %v, by hand %v", k, g, want)
			}
		}
	})
}

// TestDeltaWeightedAndGrouped: without weights and with groups of one row they
// are Delta with n-1 for n; and doubling each row as a group of two changes nothing.
func TestDeltaWeightedAndGrouped(t *testing.T) {
	gradient := must[[]float64](t)(stats.Gradient(published, f1Change))
	plain := delta(t, published, f1Change)
	weighted := must[stats.Estimate](t)(stats.DeltaWeighted(plain.Value, published, published, gradient))
	single, double := make([]float64, 64), make([]float64, 64)
	twice := make([]float64, 8)
	for k, n := range published {
		single[k*9], double[k*9], twice[k] = n, 4*n, 2*n
	}
	groups := must[stats.Estimate](t)(stats.DeltaGrouped(plain.Value, published, single, gradient, 1000))
	doubled := must[stats.Estimate](t)(stats.DeltaGrouped(plain.Value, twice, double, must[[]float64](t)(stats.Gradient(twice, f1Change)), 1000))
	want := plain.SE * math.Sqrt(1000./999)
	for name, e := range map[string]stats.Estimate{"weighted": weighted, "groups of one": groups, "groups of two": doubled} {
		if !near(e.SE, want, 1e-9) || !near(e.DF, 999, 1e-12) || e.Value != plain.Value {
			t.Errorf("%s: %+v, want a standard error of %v", name, e, want)
		}
	}
	naive := delta(t, twice, f1Change)
	if !(naive.SE < .8*doubled.SE) {
		t.Errorf("ignoring groups: %+v", naive)
	}
}

func TestCellsOfLittle(t *testing.T) {
	one := func([]float64) float64 { return 1 }
	for _, c := range []struct {
		counts []float64
		want   error
	}{
		{nil, stats.ErrUndefined}, {[]float64{0, 0}, stats.ErrUndefined},
		{[]float64{-1, 2}, stats.ErrInvalid}, {[]float64{math.NaN(), 2}, stats.ErrInvalid}, {[]float64{math.Inf(1), 2}, stats.ErrInvalid},
	} {
		gradient := make([]float64, len(c.counts))
		_, err1 := stats.Gradient(c.counts, one)
		e, err2 := stats.Delta(1, c.counts, gradient)
		_, err3 := stats.DeltaWeighted(1, c.counts, c.counts, gradient)
		_, err4 := stats.DeltaGrouped(1, c.counts, make([]float64, len(c.counts)*len(c.counts)), gradient, 5)
		_, err5 := stats.Bootstrap{Replicates: 10}.Cells(c.counts, one)
		_, err6 := stats.SwapTest(c.counts, []int{1, 0}[:len(c.counts)], one, stats.Bootstrap{})
		for i, err := range []error{err1, err2, err3, err4, err5, err6} {
			if !errors.Is(err, c.want) {
				t.Errorf("%v, %d: %v", c.counts, i, err)
			}
		}
		if !math.IsNaN(e.Value) {
			t.Errorf("%v: %+v", c.counts, e)
		}
	}
	counts := []float64{5, 5}
	for i, err := range []error{
		second(stats.Delta(1, counts, []float64{1})),
		second(stats.Delta(1, counts, []float64{1, math.NaN()})),
		second(stats.DeltaWeighted(1, counts, counts[:1], counts)),
		second(stats.DeltaGrouped(1, counts, counts, counts, 9)),
		second(stats.Bootstrap{}.Cells(counts, one)),
		second(stats.Bootstrap{Replicates: 5}.Cells([]float64{.5, 1}, one)),
		second(stats.SwapTest(counts, []int{0}, one, stats.Bootstrap{})),
		second(stats.SwapTest(counts, []int{1, 1}, one, stats.Bootstrap{})),
		second(stats.SwapTest(counts, []int{0, 2}, one, stats.Bootstrap{})),
		second(stats.SwapTest([]float64{1e5, 1e5}, []int{1, 0}, one, stats.Bootstrap{})),
	} {
		if !errors.Is(err, stats.ErrInvalid) {
			t.Errorf("case %d: %v", i, err)
		}
	}
	nan := func([]float64) float64 { return math.NaN() }
	for i, err := range []error{
		second(stats.Gradient(counts, nan)),
		second(stats.Bootstrap{Replicates: 5}.Cells(counts, nan)),
		second(stats.SwapTest(counts, []int{1, 0}, nan, stats.Bootstrap{})),
		second(stats.DeltaGrouped(1, counts, make([]float64, 4), counts, 1)),
		second(stats.DeltaWeighted(1, []float64{1}, []float64{1}, []float64{0})),
		second(must[stats.Replicates](t)(stats.Bootstrap{Replicates: 5}.Cells(counts, one)).Interval(.5)),
		second(must[stats.Replicates](t)(stats.Bootstrap{Replicates: 5}.Cells(counts, one)).Above(.5)),
	} {
		if !errors.Is(err, stats.ErrUndefined) {
			t.Errorf("case %d: %v", i, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// TestBootstrapIsTheDeltaMethod where counts are large; and one seed gives one answer.
func TestBootstrapIsTheDeltaMethod(t *testing.T) {
	counts := slices.Clone(published)
	for k := range counts {
		counts[k] *= 100
	}
	e := delta(t, counts, f1Change)
	want := must[stats.Interval](t)(e.Interval(.9))
	b := stats.Bootstrap{Seed: 5, Replicates: 4000}
	r := must[stats.Replicates](t)(b.Cells(counts, f1Change))
	got := must[stats.Interval](t)(r.Interval(.9))
	if math.Abs(got.Low-want.Low) > .1*e.SE || math.Abs(got.High-want.High) > .1*e.SE || r.Undefined != 0 || r.Value != e.Value {
		t.Errorf("%+v, by the delta method %+v", got, want)
	}
	for _, null := range []float64{e.Value - e.SE, e.Value, e.Value + 2*e.SE} {
		above, below := must[float64](t)(r.Above(null)), must[float64](t)(r.Below(null))
		if p := must[stats.Test](t)(e.Above(null)).P; math.Abs(above-p) > .03 || math.Abs(above+below-1) > .001 {
			t.Errorf("above %v: %v and below %v, by the delta method %v", null, above, below, p)
		}
	}
	if far := must[float64](t)(r.Above(-1)); far != 1./4001 {
		t.Errorf("the smallest P is %v", far)
	}
	again := must[stats.Replicates](t)(b.Cells(counts, f1Change))
	other := must[stats.Replicates](t)(stats.Bootstrap{Seed: 6, Replicates: 4000}.Cells(counts, f1Change))
	if !slices.Equal(again.Sorted, r.Sorted) || slices.Equal(other.Sorted, r.Sorted) {
		t.Error("a seed does not fix the replicates")
	}
}

// TestBootstrapWithoutValue: tables in which there is no value widen the interval
// and never help a P.
func TestBootstrapWithoutValue(t *testing.T) {
	recall := func(n []float64) float64 { return n[1] / (n[1] + n[2]) }
	r := must[stats.Replicates](t)(stats.Bootstrap{Seed: 1, Replicates: 2000}.Cells([]float64{50, 1, 1}, recall))
	// Both cells empty: (50/52)^52 = .13 of tables.
	if share := float64(r.Undefined) / 2000; share < .1 || share > .16 {
		t.Errorf("%v of tables have no value", share)
	}
	if _, err := r.Interval(.95); !errors.Is(err, stats.ErrUndefined) {
		t.Error(err)
	}
	if p := must[float64](t)(r.Above(-1)); p < .1 {
		t.Errorf("P %v", p)
	}
}

// TestMultinomial: drawn cells have the mean and variance that they should, by
// both ways of drawing, and are as many rows as before.
func TestMultinomial(t *testing.T) {
	counts := []float64{3, 0, 40, 1000, 20_000, 957}
	const total, replicates = 22_000, 20_000
	sums := make([]stats.Moments, len(counts))
	must[stats.Replicates](t)(stats.Bootstrap{Seed: 2, Replicates: replicates}.Cells(counts, func(n []float64) float64 {
		all := 0.0
		for k, x := range n {
			all += x
			if x != math.Trunc(x) || x < 0 {
				t.Fatalf("a count of %v", x)
			}
			if !slices.Equal(n, counts) {
				sums[k].Add(x)
			}
		}
		if all != total {
			t.Fatalf("%v rows", all)
		}
		return n[0] / total
	}))
	for k, m := range sums {
		p := counts[k] / total
		variance := total * p * (1 - p)
		if math.Abs(m.Mean-counts[k]) > 4.5*math.Sqrt(variance/replicates) || math.Abs(m.M2/replicates-variance) > .05*variance {
			t.Errorf("cell %d of %v: mean %v, variance %v, want %v", k, counts[k], m.Mean, m.M2/replicates, variance)
		}
	}
}

// TestSwapIsMcNemar: of accuracy's drop it is McNemar's exact one-sided P, counted
// out and nearly so when drawn.
func TestSwapIsMcNemar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := make([]float64, 8)
		for k := range counts {
			counts[k] = float64(rapid.IntRange(0, 30).Draw(t, "count"))
		}
		counts[0]++
		got, err := stats.SwapTest(counts, swap, accuracyDrop, stats.Bootstrap{})
		if err != nil {
			t.Fatal(err)
		}
		p := stats.Paired{Gained: int(counts[2] + counts[5]), Lost: int(counts[1] + counts[6])}
		for _, n := range counts {
			p.N += int(n)
		}
		if want, _ := p.Worse(); !near(got.P, want, 1e-11) {
			t.Fatalf("%v: P %v, McNemar %v", counts, got.P, want)
		}
	})
	big := []float64{9000, 400, 380, 100, 100, 390, 420, 4000}
	drawn := must[stats.Test](t)(stats.SwapTest(big, swap, accuracyDrop, stats.Bootstrap{Seed: 1, Replicates: 20_000}))
	want := must[float64](t)(stats.Paired{Gained: 770, Lost: 820, N: 14790}.Worse())
	if math.Abs(drawn.P-want) > .01 {
		t.Errorf("drawn: P %v, McNemar %v", drawn.P, want)
	}
}

// TestSwapSize: two equally good models with few positive rows fail F1's test in
// at most .05 of sets; the delta method is too sure there.
func TestSwapSize(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 3))
	swapped, deltas := 0, 0
	const sets = 2000
	drop := func(n []float64) float64 { return -f1Change(n) }
	for range sets {
		counts := make([]float64, 8)
		for i := range 120 {
			label := 0
			if i < 12 {
				label = 1
			}
			answer := func() int {
				if random.Float64() < .12 {
					return 1 - label
				}
				return label
			}
			counts[4*label+2*answer()+answer()]++
		}
		test, err := stats.SwapTest(counts, swap, drop, stats.Bootstrap{Seed: 1, Replicates: 500})
		if err == nil && test.P <= .05 {
			swapped++
		}
		if gradient, err := stats.Gradient(counts, drop); err == nil {
			e := must[stats.Estimate](t)(stats.Delta(drop(counts), counts, gradient))
			if test, err := e.Above(0); err == nil && test.P <= .05 {
				deltas++
			}
		}
	}
	if swapped > 120 || swapped < 20 {
		t.Errorf("rejected %d of %d", swapped, sets)
	}
	t.Logf("of %d sets the swap test rejects %d, the delta method %d", sets, swapped, deltas)
}

// TestDeltaCoverage: F1's change at 95 %, on 400 rows of which a quarter is positive.
func TestDeltaCoverage(t *testing.T) {
	shares := []float64{.62, .05, .04, .04, .03, .03, .04, .15}
	truth := f1Change(shares)
	random := rand.New(rand.NewPCG(2, 7))
	covered := 0
	const sets = 1500
	for range sets {
		counts := make([]float64, 8)
		for range 400 {
			u, k := random.Float64(), 0
			for ; k < 7 && u >= shares[k]; k++ {
				u -= shares[k]
			}
			counts[k]++
		}
		if must[stats.Interval](t)(delta(t, counts, f1Change).Interval(.95)).Contains(truth) {
			covered++
		}
	}
	if covered < .93*sets || covered > .97*sets {
		t.Errorf("covered %d of %d", covered, sets)
	}
}

// TestAveragePrecision: the bootstrap of score bins, against the variance over
// fresh sets of rows.
func TestAveragePrecision(t *testing.T) {
	const bins = 64
	// Counts of negatives, then of positives, by falling score.
	precision := func(n []float64) float64 {
		above, hits, sum, positives := 0.0, 0.0, 0.0, 0.0
		for k := range bins {
			above += n[k] + n[bins+k]
			hits += n[bins+k]
			if above > 0 {
				sum += n[bins+k] * hits / above
			}
			positives += n[bins+k]
		}
		return sum / positives
	}
	random := rand.New(rand.NewPCG(3, 3))
	draw := func() []float64 {
		n := make([]float64, 2*bins)
		for range 3000 {
			x, class := random.NormFloat64(), 0
			if random.IntN(5) == 0 { // how many are positive varies too
				x, class = x+1, 1
			}
			n[class*bins+min(bins-1, max(0, int(bins/2-8*x)))]++
		}
		return n
	}
	var fresh stats.Moments
	for range 400 {
		fresh.Add(precision(draw()))
	}
	sd := math.Sqrt(fresh.M2 / 399)
	var width stats.Moments
	for seed := range 20 {
		r := must[stats.Replicates](t)(stats.Bootstrap{Seed: uint64(seed), Replicates: 400}.Cells(draw(), precision))
		in := must[stats.Interval](t)(r.Interval(.95))
		width.Add(in.High - in.Low)
	}
	if ratio := width.Mean / (2 * 1.96 * sd); ratio < .9 || ratio > 1.1 {
		t.Errorf("the intervals are %v times as wide as they should be", ratio)
	}
}

// BenchmarkDelta is the evidence of one metric on one slice.
func BenchmarkDelta(b *testing.B) {
	for range b.N {
		gradient, err := stats.Gradient(published, f1Change)
		if err != nil {
			b.Fatal(err)
		}
		e, err := stats.Delta(f1Change(published), published, gradient)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := e.Interval(.95); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTango(b *testing.B) {
	p := stats.Paired{Gained: 86, Lost: 150, N: 7000}
	for range b.N {
		if _, err := p.Tango(.95); err != nil {
			b.Fatal(err)
		}
		if _, err := p.Worse(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkExact(b *testing.B) {
	p := stats.Paired{Gained: 2, Lost: 4, N: 49}
	for range b.N {
		if _, err := p.NotWorseBy(.05); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBootstrap(b *testing.B) {
	for range b.N {
		if _, err := (stats.Bootstrap{Replicates: 1000}).Cells(published, f1Change); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDetectable(b *testing.B) {
	d := stats.Design{Discordance: .05, Margin: .02, Alpha: .0025}
	for i := range b.N {
		if _, err := d.Detectable(500+i%2*100_000, .8); err != nil {
			b.Fatal(err)
		}
	}
}
