package stats_test

import (
	"math"
	"testing"

	"github.com/noworse/noworse/stats"
)

// TestRange: scipy 1.17.1, studentized_range.sf(q, k, inf) and .ppf(1 - p, k, inf);
// those of 20 and 500 numbers by integrate.quad of the same integral. The quantiles
// at .05 are those of the published tables: 3.31, 4.47 and 5.01 for 3, 10 and 20.
func TestRange(t *testing.T) {
	for _, c := range []struct {
		q    float64
		k    int
		want float64
	}{
		{0.5, 2, 0.7236736098317631}, {0.5, 3, 0.933421945135287}, {0.5, 10, 0.9999985866194843}, {0.5, 50, 1},
		{2, 2, 0.15729920705028522}, {2, 3, 0.33349932504015}, {2, 10, 0.9232142386068531}, {2, 50, 0.9999999612657318},
		{3.3145, 2, 0.019093244552265354}, {3.3145, 3, 0.049999387596061484}, {3.3145, 10, 0.3605269672211098}, {3.3145, 50, 0.9797216285751593},
		{5, 2, 0.00040695201744500586}, {5, 3, 0.0011839912309870027}, {5, 10, 0.014857437887783598}, {5, 50, 0.21014537871762118},
		{7, 20, 0.00013439179946583835}, {4, 500, 0.9999999994787669},
	} {
		if got := stats.RangeUpper(c.q, c.k); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("range of %d above %v: %.17g, scipy %.17g", c.k, c.q, got, c.want)
		}
	}
	for _, c := range []struct {
		p    float64
		k    int
		want float64
	}{
		{0.1, 2, 2.3261743073533476}, {0.1, 50, 5.356686875267444},
		{0.05, 2, 2.771807648699355}, {0.05, 3, 3.314493155398122}, {0.05, 10, 4.474124221725907}, {0.05, 20, 5.0116887941184425},
		{0.01, 3, 4.12030320646012}, {0.01, 10, 5.156634960089622},
	} {
		if got := stats.RangeQuantile(c.p, c.k); !near(got, c.want, 1e-9) {
			t.Errorf("%v of %d: %.17g, scipy %.17g", c.p, c.k, got, c.want)
		}
	}
	// Of two it is a difference of two normal numbers: z sqrt(2).
	if got, want := stats.RangeQuantile(.05, 2), -stats.NormalQuantile(.025)*math.Sqrt2; !near(got, want, 1e-12) {
		t.Errorf("of two %v, want %v", got, want)
	}
	for _, p := range []float64{0, 1, -1, 2, math.NaN(), 1e-10} {
		if got := stats.RangeQuantile(p, 5); !math.IsNaN(got) {
			t.Errorf("quantile of %v: %v", p, got)
		}
	}
	if !math.IsNaN(stats.RangeQuantile(.05, 1)) || stats.RangeUpper(3, 1) != 1 || stats.RangeUpper(math.NaN(), 5) != 1 || stats.RangeUpper(-1, 5) != 1 {
		t.Error("a range of one number")
	}
}
