package stats_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noworse/noworse/stats"
)

// TestImpossible: a distribution's function of an impossible argument is NaN.
func TestImpossible(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for i, x := range []float64{
		stats.NormalQuantile(-.1), stats.NormalQuantile(nan), stats.NormalUpper(nan),
		stats.StudentUpper(1, 0), stats.StudentUpper(nan, 3), stats.StudentUpper(1, nan), stats.StudentQuantile(2, 3), stats.StudentQuantile(.5, -1),
		stats.ChiSquareUpper(nan, 1), stats.ChiSquareUpper(1, 0), stats.ChiSquareUpper(1, inf), stats.ChiSquareLower(1, nan),
		stats.FUpper(1, 0, 1), stats.FUpper(1, 1, inf), stats.FUpper(nan, 1, 1),
		stats.BetaLower(nan, 1, 1), stats.BetaLower(.5, 0, 1), stats.BetaQuantile(.5, 1, inf), stats.BetaQuantile(nan, 1, 1),
		stats.BinomialUpper(1, -1, .5), stats.BinomialLower(1, 3, nan), stats.BinomialLower(1, 3, 1.5), stats.BinomialPMF(1, 3, -.5),
		stats.NoncentralChiSquareLower(1, 1, -1), stats.NoncentralChiSquareUpper(1, 1, inf), stats.NoncentralChiSquareQuantile(.5, 0, 1),
		stats.KolmogorovUpper(.1, 0), stats.KolmogorovUpper(nan, 5), stats.SmirnovUpper(nan, 5), stats.SmirnovUpper(.1, -1),
	} {
		if !math.IsNaN(x) {
			t.Errorf("case %d: %v", i, x)
		}
	}
	for i, c := range []struct{ got, want float64 }{
		{stats.StudentUpper(inf, 3), 0}, {stats.StudentLower(inf, 3), 1}, {stats.StudentUpper(-inf, inf), 1},
		{stats.StudentQuantile(0, 3), -inf}, {stats.StudentQuantile(.5, 3), 0}, {stats.StudentQuantile(.975, inf), stats.NormalQuantile(.975)},
		{stats.ChiSquareUpper(inf, 2), 0}, {stats.ChiSquareUpper(-1, 2), 1}, {stats.ChiSquareLower(inf, 2), 1},
		{stats.FUpper(inf, 1, 1), 0}, {stats.FUpper(-1, 1, 1), 1}, {stats.BetaLower(2, 1, 1), 1}, {stats.BetaLower(-2, 1, 1), 0},
		{stats.BinomialUpper(0, 0, .5), 1}, {stats.BinomialUpper(1, 0, .5), 0}, {stats.BinomialLower(5, 3, .5), 1}, {stats.BinomialLower(-1, 3, .5), 0},
		{stats.BinomialUpper(1, 3, 0), 0}, {stats.BinomialUpper(3, 3, 1), 1}, {stats.BinomialLower(2, 3, 1), 0}, {stats.BinomialPMF(9, 3, .5), 0},
		{stats.NoncentralChiSquareLower(1, 3, 0), stats.ChiSquareLower(1, 3)}, {stats.NoncentralChiSquareQuantile(1, 3, 1), inf},
		{stats.KolmogorovUpper(0, 5), 1}, {stats.KolmogorovUpper(1, 5), 0}, {stats.SmirnovUpper(-1, 5), 1}, {stats.SmirnovUpper(2, 5), 0},
	} {
		if !near(c.got, c.want, 1e-14) {
			t.Errorf("case %d: %v, want %v", i, c.got, c.want)
		}
	}
	// mpmath 1.4.1, the sum of the terms.
	if got := stats.LogBinomialUpper(90_000, 100_000, .5); !near(got, -36811.774373826199, 1e-14) {
		t.Errorf("ln P(Bin(100000, .5) >= 90000) = %.17g", got)
	}
}

// TestNoncentrality: at its ends the statistic has just the tail it may have.
func TestNoncentrality(t *testing.T) {
	in := must[stats.Interval](t)(stats.Noncentrality(30, 9, .95))
	if got := stats.NoncentralChiSquareUpper(30, 9, in.Low); !near(got, .025, 1e-9) {
		t.Errorf("low end: P %v", got)
	}
	if got := stats.NoncentralChiSquareLower(30, 9, in.High); !near(got, .025, 1e-9) {
		t.Errorf("high end: P %v", got)
	}
	if in := must[stats.Interval](t)(stats.Noncentrality(0, 9, .95)); in.Low != 0 || in.High != 0 {
		t.Errorf("a statistic of 0: %+v", in)
	}
	if _, err := stats.Noncentrality(math.NaN(), 9, .95); !errors.Is(err, stats.ErrInvalid) {
		t.Error(err)
	}
}

func TestSharesOfNothing(t *testing.T) {
	for _, c := range []struct {
		x, n int
		want error
	}{{0, 0, stats.ErrUndefined}, {1, 0, stats.ErrInvalid}, {-1, 5, stats.ErrInvalid}, {6, 5, stats.ErrInvalid}, {0, -1, stats.ErrInvalid}} {
		w, err := stats.Wilson(c.x, c.n, .95)
		if !errors.Is(err, c.want) || !math.IsNaN(w.Low) {
			t.Errorf("%+v: %v, %v", c, w, err)
		}
		if _, err := stats.ClopperPearson(c.x, c.n, .95); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v", c, err)
		}
		if p, err := stats.TestProportion(c.x, c.n, .5); !errors.Is(err, c.want) || !math.IsNaN(p.Less) {
			t.Errorf("%+v: %v", c, err)
		}
		if _, err := (stats.Unpaired{X1: c.x, N1: c.n, X2: 1, N2: 2}).Newcombe(.95); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v", c, err)
		}
		if v, err := (stats.Unpaired{X1: 1, N1: 2, X2: c.x, N2: c.n}).Above(0); !errors.Is(err, c.want) || !math.IsNaN(v.P) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	for _, level := range []float64{0, 1, -1, math.NaN()} {
		if _, err := stats.Wilson(1, 2, level); !errors.Is(err, stats.ErrInvalid) {
			t.Errorf("level %v: %v", level, err)
		}
	}
}

func TestCentreOfLittle(t *testing.T) {
	if _, _, err := stats.Centre(nil, .95); !errors.Is(err, stats.ErrUndefined) {
		t.Error(err)
	}
	if _, _, err := stats.Centre([]float64{1, math.NaN()}, .95); !errors.Is(err, stats.ErrInvalid) {
		t.Error(err)
	}
	centre, _, err := stats.Centre([]float64{1, 2, 3, 4, 5}, .95)
	if !errors.Is(err, stats.ErrUndefined) || centre != 3 {
		t.Errorf("five values at .95: %v, %v", centre, err)
	}
	if _, in, err := stats.Centre([]float64{1, 2, 3, 4, 5, 6}, .95); err != nil || in.Low != 1 || in.High != 6 || in.Level < .95 {
		t.Errorf("six values: %+v, %v", in, err)
	}
	if _, err := stats.SignedRankTest([]float64{0, 0}); !errors.Is(err, stats.ErrUndefined) {
		t.Error(err)
	}
	if _, err := stats.SignedRankTest([]float64{math.Inf(1)}); !errors.Is(err, stats.ErrInvalid) {
		t.Error(err)
	}
	// Of 8 equally likely signs of three equal values, one has all positive.
	if s := must[stats.SignedRank](t)(stats.SignedRankTest([]float64{2, 2, 2, 0})); s.Greater != .125 || s.V != 6 || s.N != 3 {
		t.Errorf("ties: %+v", s)
	}
	// The normal distribution takes over without a jump.
	var x []float64
	for i := range 201 {
		x = append(x, float64(i)-95.5)
	}
	large := must[stats.SignedRank](t)(stats.SignedRankTest(x))
	small := must[stats.SignedRank](t)(stats.SignedRankTest(x[:200]))
	if large.Exact || !small.Exact || math.Abs(large.Greater-small.Greater) > .03 {
		t.Errorf("200 values: %+v, 201: %+v", small, large)
	}
}

// TestCentreOfMany: beyond 200 values the normal distribution takes over. For
// normal values the interval is 2 z sqrt(pi/3) sigma/sqrt(n) wide (Hodges and Lehmann).
func TestCentreOfMany(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 7))
	for _, n := range []int{200, 201, 400} {
		x := make([]float64, n)
		for i := range x {
			x[i] = 5 + random.NormFloat64()
		}
		centre, in, err := stats.Centre(x, .95)
		want := 2 * 1.96 * math.Sqrt(math.Pi/3/float64(n))
		if err != nil || in.Level < .95 || in.Level > .951 || math.Abs((in.High-in.Low)/want-1) > .15 || math.Abs(centre-5) > want {
			t.Errorf("%d values: %v in %+v, %v", n, centre, in, err)
		}
	}
	if _, _, err := stats.Centre(make([]float64, 2001), .95); !errors.Is(err, stats.ErrInvalid) {
		t.Error(err)
	}
	if _, _, err := stats.Centre([]float64{1}, 1); !errors.Is(err, stats.ErrInvalid) {
		t.Error(err)
	}
}

func TestAdjustmentsOfWhatIsMissing(t *testing.T) {
	p := []float64{.02, math.NaN(), .01}
	holm, bh := must[[]float64](t)(stats.Holm(p)), must[[]float64](t)(stats.BenjaminiHochberg(p))
	if !near(holm[0], .04, 1e-14) || !math.IsNaN(holm[1]) || !near(holm[2], .03, 1e-14) {
		t.Errorf("Holm %v", holm)
	}
	if !near(bh[0], .03, 1e-14) || !math.IsNaN(bh[1]) || !near(bh[2], .03, 1e-14) {
		t.Errorf("Benjamini-Hochberg %v", bh)
	}
	for _, bad := range []float64{-.1, 1.1, math.Inf(1)} {
		if _, err := stats.Holm([]float64{bad}); !errors.Is(err, stats.ErrInvalid) {
			t.Errorf("%v: %v", bad, err)
		}
		if _, err := stats.BenjaminiHochberg([]float64{bad}); !errors.Is(err, stats.ErrInvalid) {
			t.Errorf("%v: %v", bad, err)
		}
	}
	if got, err := stats.Holm(nil); err != nil || len(got) != 0 {
		t.Errorf("no tests: %v, %v", got, err)
	}
}

func TestTablesOfLittle(t *testing.T) {
	for _, c := range []struct {
		x, y []float64
		want error
	}{
		{nil, nil, stats.ErrUndefined},
		{[]float64{0, 0}, []float64{1, 2}, stats.ErrUndefined},
		{[]float64{3, 0}, []float64{2, 0}, stats.ErrUndefined},
		{[]float64{1, 2}, []float64{1}, stats.ErrInvalid},
		{[]float64{1, -2}, []float64{1, 3}, stats.ErrInvalid},
		{[]float64{1, math.NaN()}, []float64{1, 3}, stats.ErrInvalid},
		{[]float64{1, math.Inf(1)}, []float64{1, 3}, stats.ErrInvalid},
	} {
		if v, err := stats.ChiSquare(c.x, c.y); !errors.Is(err, c.want) || !math.IsNaN(v.P) {
			t.Errorf("%v and %v: %+v, %v", c.x, c.y, v, err)
		}
	}
	if v, err := stats.Fisher(0, 0, 0, 0); !errors.Is(err, stats.ErrUndefined) || !math.IsNaN(v.Greater) {
		t.Errorf("no counts: %+v, %v", v, err)
	}
	if _, err := stats.Fisher(1, -1, 0, 0); !errors.Is(err, stats.ErrInvalid) {
		t.Error(err)
	}
}

// TestNeverPanics gives every function of numbers what data should never be.
func TestNeverPanics(t *testing.T) {
	strange := []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, -0.5, .5, 1, 2, 1e-300, 1e300, -1e300, 5e-324}
	whole := []int{0, 1, 2, -1, math.MaxInt, math.MinInt, 1 << 41}
	chance := func(what string, x float64) {
		if x < 0 || x > 1 {
			t.Errorf("%s: %v", what, x)
		}
	}
	for _, a := range strange {
		chance("normal", stats.NormalUpper(a))
		stats.LogNormalUpper(a)
		stats.NormalQuantile(a)
		for _, b := range strange {
			chance("t", stats.StudentUpper(a, b))
			stats.StudentQuantile(a, b)
			chance("chi-square", stats.ChiSquareUpper(a, b))
			for _, c := range strange {
				chance("F", stats.FUpper(a, b, c))
				chance("beta", stats.BetaLower(a, b, c))
				stats.BetaQuantile(a, b, c)
				if c < 1e6 {
					chance("noncentral", stats.NoncentralChiSquareLower(a, b, c))
					chance("noncentral", stats.NoncentralChiSquareUpper(a, b, c))
				}
				e := stats.Estimate{Value: a, SE: b, DF: c}
				if test, err := e.Above(0); (err == nil) != (test.P >= 0) {
					t.Errorf("%+v: %v, %v", e, test, err)
				}
			}
			for _, n := range whole {
				chance("binomial", stats.BinomialUpper(n, 9, a))
				chance("binomial", stats.BinomialUpper(3, n, a))
				chance("Kolmogorov", stats.KolmogorovUpper(a, n))
				if v, err := stats.KolmogorovSmirnovP(a, 3, n); err == nil {
					chance("Kolmogorov", v)
				}
				if v, err := (stats.Design{Discordance: a, Margin: b, Alpha: .05}).Power(n, .1); (err == nil) != (v >= 0) {
					t.Errorf("power of %v, %v, %v: %v, %v", a, b, n, v, err)
				}
			}
		}
	}
	for _, x := range whole {
		for _, y := range whole {
			for _, n := range whole {
				p := stats.Paired{Gained: x, Lost: y, N: n}
				if v, err := p.NotWorseBy(.1); (err == nil) != (v >= 0) {
					t.Errorf("%+v: %v, %v", p, v, err)
				}
				if in, err := p.Tango(.9); (err == nil) != (in.Low >= -1) {
					t.Errorf("%+v: %v, %v", p, in, err)
				}
				if in, err := (stats.Unpaired{X1: x, N1: y, X2: 1, N2: n}).MiettinenNurminen(.9); (err == nil) != (in.Low >= -1) {
					t.Errorf("%+v: %v, %v", p, in, err)
				}
				if f, err := stats.Fisher(x, y, n, 3); (err == nil) != (f.Less >= 0) {
					t.Errorf("%+v: %v, %v", p, f, err)
				}
			}
		}
	}
}
