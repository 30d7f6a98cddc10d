package stats_test

import (
	"errors"
	"math"
	"testing"

	"github.com/noworse/noworse/stats"
)

// TestAreaIntervals: the chance that an area is 1/2 by its degrees of freedom is
// that of scipy's brunnermunzel, and the intervals are what scipy's roots and
// quantiles give.
func TestAreaIntervals(t *testing.T) {
	tables := stored(t).Tables
	for _, row := range tables["brunnermunzel(y, x), expit(logit(A) +- t.ppf(0.975, df) SE/(A(1-A)))"] {
		x, y := numbers(row[0].([]any)), numbers(row[1].([]any))
		scores, positive := append(x, y...), make([]bool, len(x)+len(y))
		for i := range x {
			positive[i] = true
		}
		both := must[stats.Areas](t)(must[stats.DeLong](t)(stats.DeLongOf(positive, scores, scores)).Areas())
		a := both.First()
		in := must[stats.Interval](t)(a.Interval(.95))
		p := 2 * stats.StudentUpper(math.Abs(a.Value-.5)/math.Sqrt(a.Variance), a.DF)
		agree(t, "brunnermunzel", row[2:], p, in.Low, in.High)
	}
	for _, row := range tables["newcombe(area, m, n, norm.ppf(0.975)) by optimize.brentq"] {
		a := numbers(row)
		in := must[stats.Interval](t)(stats.NewcombeArea(a[0], int(a[1]), int(a[2]), .95))
		agree(t, "newcombe", row[3:], in.Low, in.High)
	}
}

// TestAreaIntervalsAtTheEdges: where nothing varies there is no interval by the
// variance, and what is no area has none at all.
func TestAreaIntervalsAtTheEdges(t *testing.T) {
	for _, a := range []stats.Area{{Value: 1, DF: 5}, {Value: 0, DF: 5}, {Value: .5, DF: 5}, {Value: math.NaN(), Variance: .1, DF: 5}} {
		if in, err := a.Interval(.95); !errors.Is(err, stats.ErrUndefined) || !math.IsNaN(in.Low) {
			t.Errorf("%+v: %v, %v", a, in, err)
		}
	}
	for _, c := range []struct {
		area, level float64
		m, n        int
		want        error
	}{{1.1, .95, 5, 5, stats.ErrInvalid}, {math.NaN(), .95, 5, 5, stats.ErrInvalid}, {.5, 1, 5, 5, stats.ErrInvalid}, {.5, .95, -1, 5, stats.ErrInvalid}, {.5, .95, 0, 5, stats.ErrUndefined}} {
		if in, err := stats.NewcombeArea(c.area, c.m, c.n, c.level); !errors.Is(err, c.want) || !math.IsNaN(in.High) {
			t.Errorf("%+v: %v, %v", c, in, err)
		}
	}
}
