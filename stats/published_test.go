package stats_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/noworse/noworse/stats"
)

// The numbers of this file are those of shared/design/statistics.md, "Numbers to
// reproduce", which has them from published sources and independent computation.

// digits holds a number to as many decimals as were published.
func digits(t *testing.T, what string, got float64, want string) {
	t.Helper()
	decimals := 0
	for i, c := range want {
		if c == '.' {
			decimals = len(want) - i - 1
		}
	}
	var w float64
	fmt.Sscan(want, &w)
	if !(math.Abs(got-w) <= .5*math.Pow(10, -float64(decimals))+1e-15) {
		t.Errorf("%s: %.17g, want %s", what, got, want)
	}
}

// must is for values whose error is nil.
func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
		return value
	}
}

func interval(t *testing.T, what string, got stats.Interval, low, high string) {
	t.Helper()
	digits(t, what+", low", got.Low, low)
	digits(t, what+", high", got.High, high)
}

func TestTangoPublished(t *testing.T) {
	for _, c := range []struct {
		a, b, c, d int
		level      float64
		low, high  string
	}{
		{43, 0, 1, 0, .90, "-.096", ".037"},
		{4, 9, 3, 16, .95, "-.027", ".390"},
		{53, 16, 8, 9, .95, "-.020", ".207"},
		{1, 1, 7, 12, .95, "-.517", "-.026"},
	} {
		p := stats.Paired{Gained: c.b, Lost: c.c, N: c.a + c.b + c.c + c.d}
		interval(t, fmt.Sprint(c), must[stats.Interval](t)(p.Tango(c.level)), c.low, c.high)
	}
}

func TestMcNemarPublished(t *testing.T) {
	m := must[stats.McNemar](t)(stats.Paired{Gained: 6, Lost: 16, N: 100}.McNemar())
	digits(t, "chi-square", m.ChiSquare.P, ".033006")
	digits(t, "corrected", m.Corrected.P, ".055009")
	digits(t, "exact", m.Exact, ".052479")
	digits(t, "mid-p", m.MidP, ".034690")
	m = must[stats.McNemar](t)(stats.Paired{Gained: 86, Lost: 150, N: 1600}.McNemar())
	digits(t, "corrected", m.Corrected.Statistic, "16.8178")
	digits(t, "exact", m.Exact*1e5, "3.7159")
}

func TestProportionsPublished(t *testing.T) {
	for _, c := range []struct {
		x, n                   int
		low, high, cLow, cHigh string
	}{
		{81, 263, ".2553", ".3662", ".2527", ".3676"},
		{15, 148, ".0624", ".1605", ".0578", ".1617"},
		{0, 20, "0", ".1611", "0", ".1684"},
		{1, 29, ".0061", ".1718", ".0009", ".1776"},
	} {
		what := fmt.Sprintf("%d/%d", c.x, c.n)
		interval(t, "Wilson "+what, must[stats.Interval](t)(stats.Wilson(c.x, c.n, .95)), c.low, c.high)
		interval(t, "Clopper-Pearson "+what, must[stats.Interval](t)(stats.ClopperPearson(c.x, c.n, .95)), c.cLow, c.cHigh)
	}
	u := stats.Unpaired{X1: 5, N1: 56, X2: 0, N2: 29}
	interval(t, "Newcombe", must[stats.Interval](t)(u.Newcombe(.95)), "-.0381", ".1926")
	interval(t, "Miettinen-Nurminen", must[stats.Interval](t)(u.MiettinenNurminen(.95)), "-.0326", ".1933")
}

func TestZeroLossRows(t *testing.T) {
	for margin, want := range map[float64]int{.05: 59, .03: 99, .01: 299, 1: 1, .95: 1, .5: 5} {
		if got := must[int](t)(stats.ZeroLossRows(margin, .05)); got != want {
			t.Errorf("margin %v: %d rows, want %d", margin, got, want)
		}
	}
	if _, err := stats.ZeroLossRows(0, .05); !errors.Is(err, stats.ErrUndefined) {
		t.Errorf("margin 0: %v", err)
	}
}

// TestPowerPublished: 20 slices, margin .03, drop .06, discordance 5 %.
func TestPowerPublished(t *testing.T) {
	d := stats.Design{Discordance: .05, Margin: .03, Alpha: .05 / 20}
	for n, want := range map[int]string{150: ".21", 300: ".59", 500: ".90", 1000: "1.0"} {
		digits(t, fmt.Sprint(n, " rows"), must[float64](t)(d.Power(n, .06)), want)
	}
}

func TestHolmAndBenjaminiHochbergPublished(t *testing.T) {
	p := []float64{.001, .002, .003, .004, .005, .05, .06, .07, .08, .09}
	holm := must[[]float64](t)(stats.Holm(p))
	bh := must[[]float64](t)(stats.BenjaminiHochberg(p))
	for i, want := range []string{".01", ".018", ".024", ".028", ".03", ".25", ".25", ".25", ".25", ".25"} {
		digits(t, fmt.Sprint("Holm ", i), holm[i], want)
	}
	for i, want := range []string{".01", ".01", ".01", ".01", ".01", ".083333", ".0857143", ".0875", ".0888889", ".09"} {
		digits(t, fmt.Sprint("Benjamini-Hochberg ", i), bh[i], want)
	}
}

func TestCentrePublished(t *testing.T) {
	x := []float64{-.952, .147, -1.022, -.43, -.62, -.59, -.49, .08, -.01}
	centre, in, err := stats.Centre(x, .95)
	if err != nil {
		t.Fatal(err)
	}
	digits(t, "Hodges-Lehmann", centre, "-.46")
	interval(t, "Walsh averages", in, "-.786", "-.010")
	digits(t, "level", in.Level, ".961")
	for i := range x {
		x[i] = -x[i]
	}
	s := must[stats.SignedRank](t)(stats.SignedRankTest(x))
	if s.V != 40 || s.Greater != .01953125 || s.TwoSided != .0390625 || !s.Exact {
		t.Errorf("signed rank of the negated data: %+v", s)
	}
}

func TestChiSquarePublished(t *testing.T) {
	c := must[stats.ChiSquareTest](t)(stats.ChiSquare([]float64{16, 18, 16, 14, 12, 12}, []float64{16, 16, 16, 16, 16, 8}))
	digits(t, "chi-square", c.P, ".8985")
}
