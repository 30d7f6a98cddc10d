package stats_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noworse/noworse/stats"
)

// TestShiftPublished: permeability of the chorioamnion at term and before, Hollander and
// Wolfe (1999), table 4.1: the estimate .305, and (-.15, .76) at 96 %. The other intervals are those that
// scipy 1.17.1 does not reject: the differences d with mannwhitneyu(x, y + d, method="exact").pvalue > 1 - level.
func TestShiftPublished(t *testing.T) {
	term := []float64{.80, .83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, .73, 1.46}
	before := []float64{1.15, .88, .90, .74, 1.21}
	x := []float64{-0.802, -1.324, -0.248, 0.42, 1.136, 0.11, -0.553, -0.785, 0.749, 1.635, 0.273, -1.233}
	y := []float64{-1.417, 3.7, 0.906, -2.964, 0.333, -1.826, -0.759, -0.476, -0.927, 1.607, 0.374, -0.679, 1.319, 2.16, -2.786, -0.013, -1.461, 0.154, -2.079, 0.541}
	for _, c := range []struct {
		x, y                             []float64
		level, shift, low, high, reached float64
	}{
		{term, before, .90, .305, -.08, .72, 0.9007659007659008},
		{term, before, .95, .305, -.15, .76, 0.9600399600399601},
		{term, before, .99, .305, -.35, 1.01, 0.9920079920079921},
		{x, y, .95, .195, -.848, 1.261, 0.9517600292374195},
		{x, y, .98, .195, -1.094, 1.508, 0.98111362610081},
		{[]float64{1, 2, 3, 4}, []float64{6.5, 7.1, 8, 9.7}, .95, -5.3, -8.7, -2.5, 0.9714285714285714},
	} {
		shift, in, err := stats.Shift(c.x, c.y, c.level)
		if err != nil || math.Abs(shift-c.shift) > 1e-12 || math.Abs(in.Low-c.low) > 1e-12 || math.Abs(in.High-c.high) > 1e-12 || math.Abs(in.Level-c.reached) > 1e-12 {
			t.Errorf("%v: got %v, %+v, %v; want %+v", c.level, shift, in, err, c)
		}
		// The other way around it is the negative.
		back, ni, err := stats.Shift(c.y, c.x, c.level)
		if err != nil || math.Abs(back+shift) > 1e-12 || math.Abs(ni.Low+in.High) > 1e-12 || math.Abs(ni.High+in.Low) > 1e-12 || math.Abs(ni.Level-in.Level) > 1e-12 {
			t.Errorf("%v: the other way around %v, %+v, %v", c.level, back, ni, err)
		}
	}
}

func TestShiftOfLittle(t *testing.T) {
	if shift, _, err := stats.Shift([]float64{1, 2, 3}, []float64{4, 5, 6}, .95); !errors.Is(err, stats.ErrUndefined) || shift != -3 {
		t.Errorf("3 and 3 values: %v, %v", shift, err) // mannwhitneyu([1, 2, 3], [4, 5, 6]) is .1 at the least
	}
	if _, _, err := stats.Shift(nil, []float64{1}, .95); !errors.Is(err, stats.ErrUndefined) {
		t.Errorf("nothing: %v", err)
	}
	many := make([]float64, 2001)
	for _, bad := range []struct {
		x, y  []float64
		level float64
	}{{[]float64{math.NaN()}, []float64{1}, .95}, {[]float64{1}, []float64{math.Inf(1)}, .95}, {[]float64{1}, []float64{1}, 1}, {many, many, .95}} {
		if _, _, err := stats.Shift(bad.x, bad.y, bad.level); !errors.Is(err, stats.ErrInvalid) {
			t.Errorf("%d and %d values at %v: %v", len(bad.x), len(bad.y), bad.level, err)
		}
	}
}

// TestShiftOfMany: beyond 10,000 pairs the normal distribution takes over. The interval
// covers the true shift as often as it says, on both sides of that.
func TestShiftOfMany(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 9))
	for _, size := range [][2]int{{20, 40}, {101, 100}} {
		const runs = 1000
		covered := 0
		for range runs {
			x, y := make([]float64, size[0]), make([]float64, size[1])
			for i := range x {
				x[i] = 0.3 + r.ExpFloat64()
			}
			for i := range y {
				y[i] = r.ExpFloat64()
			}
			_, in, err := stats.Shift(x, y, .95)
			if err != nil {
				t.Fatal(err)
			}
			if in.Low <= 0.3 && 0.3 <= in.High {
				covered++
			}
		}
		if share := float64(covered) / runs; math.Abs(share-.95) > .021 { // 3 standard errors
			t.Errorf("%v: covers %v", size, share)
		}
	}
}
