package stats_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/noworse/noworse/stats"
)

// Values that are equal are in one bin: the test of counts is that of values with ties,
// which is held to scipy.
func TestAndersonDarlingCountedIsThatOfTies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) (counts, values []float64) {
			for k, n := range rapid.SliceOfN(rapid.IntRange(0, 6), 5, 5).Draw(t, name) {
				counts = append(counts, float64(n))
				for range n {
					values = append(values, float64(k))
				}
			}
			return counts, values
		}
		x, a := draw("x")
		y, b := draw("y")
		got, failed := stats.AndersonDarlingCounted(x, y)
		want, refused := stats.AndersonDarling(a, b)
		if (failed == nil) != (refused == nil) {
			t.Fatalf("of %v and %v: %v, of values %v", x, y, failed, refused)
		}
		if failed == nil && (math.Abs(got.Statistic-want.Statistic) > 1e-9 || math.Abs(got.P-want.P) > 1e-9) {
			t.Fatalf("of %v and %v: %v, of values %v", x, y, got, want)
		}
	})
}

// Where no values are equal, the test of counts is that of the values, nearly: from the
// middle of the distribution to its tail.
func TestCramerVonMisesCountedIsThatOfValues(t *testing.T) {
	const n = 400
	for _, shift := range []float64{0, .02, .05, .08, .1} {
		var x, y, a, b []float64
		for i := range n {
			a, b = append(a, float64(i)/n), append(b, (float64(i)+.5)/n+shift)
		}
		for _, v := range a {
			for _, w := range b {
				if v == w {
					t.Fatal("equal values")
				}
			}
		}
		all := slices.Sorted(slices.Values(slices.Concat(a, b)))
		for _, v := range all {
			_, first := slices.BinarySearch(a, v)
			x, y = append(x, map[bool]float64{true: 1}[first]), append(y, map[bool]float64{false: 1}[first])
		}
		got, err := stats.CramerVonMisesCounted(x, y)
		if err != nil {
			t.Fatal(err)
		}
		want, err := stats.CramerVonMises(a, b)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got.P-want.P) > .005+.1*want.P {
			t.Errorf("shift %v: P %v, of values %v", shift, got.P, want.P)
		}
	}
}

// Under the hypothesis a P is at most alpha with a chance of alpha, however many values are
// equal.
func TestCramerVonMisesCountedHoldsItsLevel(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	for _, shares := range [][]float64{{.5, .5}, {.9, .05, .05}, {.2, .2, .2, .2, .2}, {.6, .05, .05, .05, .05, .05, .05, .05, .05}} {
		const runs = 4000
		low := 0
		for range runs {
			draw := func(n int) []float64 {
				counts := make([]float64, len(shares))
				for range n {
					u, k := r.Float64(), 0
					for u > shares[k] && k < len(shares)-1 {
						u -= shares[k]
						k++
					}
					counts[k]++
				}
				return counts
			}
			got, err := stats.CramerVonMisesCounted(draw(200), draw(120))
			if err == nil && got.P <= .05 {
				low++
			}
		}
		if low < 140 || low > 265 { // 200 expected; 14 is a standard deviation
			t.Errorf("%v: %d of %d P are at most .05", shares, low, runs)
		}
	}
}
