package stats_test

import (
	"math"
	"testing"

	"github.com/noworse/noworse/stats"
)

// TestMedianRanks: scipy 1.17.1's binom.ppf(.025, n, .5) and of .005.
func TestMedianRanks(t *testing.T) {
	for n, want := range map[int][2]int{0: {0, 0}, 1: {0, 0}, 5: {0, 0}, 6: {1, 0}, 7: {1, 0}, 60: {22, 20}, 100: {40, 37}, 1000: {469, 459}, 100_000: {49690, 49593}} {
		for i, level := range []float64{.95, .99} {
			low, high := stats.MedianRanks(n, level)
			if low != want[i] || low > 0 && high != n+1-low || low == 0 && high != 0 {
				t.Errorf("%d rows at %v: %d to %d, want %d", n, level, low, high, want[i])
			}
		}
	}
	if low, _ := stats.MedianRanks(100, 1); low != 0 {
		t.Error("a level of 1")
	}
	if low, high, z := stats.MedianErrorRanks(2); low != 0 || high != 0 || !math.IsNaN(z) {
		t.Error("two rows have a standard error")
	}
}

// TestMedianPair: of medians of rows that stand on the same side of both, half a row of
// 100 apart in either way leaves 1 - 2/101 of a correlation: (50*101 - 50.5²)/(50.5²) =
// .98019801980198; apart in every way there is none.
func TestMedianPair(t *testing.T) {
	p := stats.MedianPair{N: 100, Both: 50, First: 50, Second: 50, SEFirst: 1, SESecond: 1}
	if v := p.Variance(); !near(v, 2-2*.9801980198019802, 1e-12) {
		t.Errorf("variance %v", v)
	}
	p.Both = 25
	if v := p.Variance(); math.Abs(v-2) > .03 {
		t.Errorf("variance %v of medians that do not correlate", v)
	}
}
