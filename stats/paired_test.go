package stats_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/noworse/noworse/stats"
)

// anyPaired draws counts, small ones and corners often.
func anyPaired(t *rapid.T) stats.Paired {
	n := rapid.OneOf(rapid.IntRange(1, 60), rapid.IntRange(1, 100_000)).Draw(t, "n")
	b := rapid.OneOf(rapid.Just(0), rapid.IntRange(0, min(n, 9)), rapid.IntRange(0, n)).Draw(t, "gained")
	c := rapid.OneOf(rapid.Just(0), rapid.IntRange(0, min(n-b, 9)), rapid.IntRange(0, n-b), rapid.Just(n-b)).Draw(t, "lost")
	return stats.Paired{Gained: b, Lost: c, N: n}
}

func swapped(p stats.Paired) stats.Paired {
	return stats.Paired{Gained: p.Lost, Lost: p.Gained, N: p.N}
}

// TestTangoLaws: the interval has what the test does not reject, mirrors when
// gains and losses change places, and lies in -1 to 1 around the change.
func TestTangoLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPaired(t)
		level := rapid.SampledFrom([]float64{.5, .9, .95, .999}).Draw(t, "level")
		in, err := p.Tango(level)
		if err != nil {
			t.Fatal(err)
		}
		if !(-1 <= in.Low && in.Low <= -p.Drop() && -p.Drop() <= in.High && in.High <= 1) {
			t.Fatalf("%+v: %+v around %v", p, in, -p.Drop())
		}
		mirror, _ := swapped(p).Tango(level)
		if math.Abs(mirror.Low+in.High) > 1e-12 || math.Abs(mirror.High+in.Low) > 1e-12 {
			t.Fatalf("%+v: %+v, mirrored %+v", p, in, mirror)
		}
		delta := rapid.Float64Range(-1, 1).Draw(t, "delta")
		if math.Abs(delta-in.Low) < 1e-9 || math.Abs(delta-in.High) < 1e-9 {
			return
		}
		above, _ := p.TangoAbove(delta)
		below, _ := p.TangoBelow(delta)
		if in.Contains(delta) != (min(above.P, below.P) > (1-level)/2) {
			t.Fatalf("%+v: %+v has %v, whose P are %v and %v", p, in, delta, above.P, below.P)
		}
		if math.Abs(above.P+below.P-1) > 1e-12 {
			t.Fatalf("%v and %v", above, below)
		}
	})
}

// TestPairedLaws: more losses never make worse less likely, a wider margin never
// harder to stay within (but by the exact test), and no P is outside 0 to 1.
func TestPairedLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPaired(t)
		m := rapid.OneOf(rapid.SampledFrom([]float64{0, .01, .05, 1}), rapid.Float64Range(0, 1)).Draw(t, "margin")
		values := func(p stats.Paired, m float64) [3]float64 {
			worse, err1 := p.Worse()
			by, err2 := p.WorseBy(m)
			not, err3 := p.NotWorseBy(m)
			if err := errors.Join(err1, err2, err3); err != nil {
				t.Fatal(err)
			}
			for _, x := range []float64{worse, by, not} {
				if !(x >= 0 && x <= 1) {
					t.Fatalf("%+v, margin %v: P %v", p, m, x)
				}
			}
			return [3]float64{worse, by, not}
		}
		at := values(p, m)
		if m < 1 && p.N >= 50 {
			wider := values(p, min(1, m+.01))
			if wider[1] < at[1]-1e-9 || wider[2] > at[2]+1e-9 {
				t.Fatalf("%+v: P %v at a margin of %v, %v at .01 more", p, at, m, wider)
			}
		}
		if p.Gained+p.Lost < p.N {
			more := values(stats.Paired{Gained: p.Gained, Lost: p.Lost + 1, N: p.N}, m)
			if more[0] > at[0]+1e-9 || more[1] > at[1]+1e-9 || more[2] < at[2]-1e-9 {
				t.Fatalf("%+v, margin %v: P %v, with one more lost %v", p, m, at, more)
			}
		}
	})
}

func TestPairedCorners(t *testing.T) {
	for _, p := range []stats.Paired{{0, 0, -1}, {-1, 0, 5}, {0, -1, 5}, {3, 3, 5}, {math.MaxInt, math.MaxInt, 5}} {
		if _, err := p.Worse(); !errors.Is(err, stats.ErrInvalid) {
			t.Errorf("%+v: %v", p, err)
		}
	}
	empty := stats.Paired{}
	if v, err := empty.NotWorseBy(.1); !errors.Is(err, stats.ErrUndefined) || !math.IsNaN(v) {
		t.Errorf("no rows: %v, %v", v, err)
	}
	if in, err := empty.Tango(.95); !errors.Is(err, stats.ErrUndefined) || !math.IsNaN(in.Low) {
		t.Errorf("no rows: %v, %v", in, err)
	}
	for _, margin := range []float64{math.NaN(), -.1, 1.1, math.Inf(1)} {
		if v, err := (stats.Paired{N: 9}).NotWorseBy(margin); !errors.Is(err, stats.ErrInvalid) || !math.IsNaN(v) {
			t.Errorf("margin %v: %v, %v", margin, v, err)
		}
	}
	for _, n := range []int{1, 2, 49, 50, 1000} {
		same := stats.Paired{N: n}
		m := must[stats.McNemar](t)(same.McNemar())
		if m.Exact != 1 || m.MidP != 1 || m.Worse != 1 || m.Better != 1 || m.ChiSquare.P != 1 || m.Corrected.P != 1 {
			t.Errorf("nothing changed in %d rows: %+v", n, m)
		}
		if v := must[float64](t)(same.WorseBy(0)); v < .5 {
			t.Errorf("nothing changed in %d rows: worse with P %v", n, v)
		}
		if proven, err := same.Proven(.03, .05); err != nil || proven != (n >= 99) {
			t.Errorf("nothing changed in %d rows: proven %v, %v", n, proven, err)
		}
		// A drop of 1 is every row lost; that a row was not shows it false.
		all := stats.Paired{Lost: n, N: n}
		if v := must[float64](t)(all.NotWorseBy(1)); v < .5 {
			t.Errorf("all of %d rows lost: not worse by 1 with P %v", n, v)
		}
		if v := must[float64](t)(all.WorseBy(1)); v < .5 {
			t.Errorf("all of %d rows lost: worse by more than 1 with P %v", n, v)
		}
		if _, err := same.Proven(0, .05); !errors.Is(err, stats.ErrUndefined) {
			t.Errorf("a margin of 0 proven: %v", err)
		}
	}
}

// TestExactSize goes through every outcome of small sets, at truths on the margin
// and beyond it: the chance of rejecting is at most alpha. Tango's test exceeds
// it there, which is why it does not serve.
func TestExactSize(t *testing.T) {
	tango := 0.0
	for _, n := range []int{1, 2, 5, 9, 16, 25} {
		for _, delta := range []float64{-.3, -.1, -.03, 0, .05, .2} {
			size, score := sizes(t, n, delta, .05)
			if size > .05+1e-9 {
				t.Errorf("%d rows, change at most %v: rejected with chance %v", n, delta, size)
			}
			tango = max(tango, score)
		}
	}
	if tango < .06 {
		t.Errorf("Tango's test errs with chance %v at most: then it could serve", tango)
	}
}

// sizes is the highest chance that the exact and the score test reject "the
// change is at most delta" where that is true.
func sizes(t *testing.T, n int, delta, alpha float64) (exact, score float64) {
	var rejects, scores []stats.Paired
	for b := range n + 1 {
		for c := range n - b + 1 {
			p := stats.Paired{Gained: b, Lost: c, N: n}
			if e := must[stats.Test](t)(p.ExactAbove(delta)); e.P <= alpha {
				rejects = append(rejects, p)
			}
			if s := must[stats.Test](t)(p.TangoAbove(delta)); s.P <= alpha {
				scores = append(scores, p)
			}
		}
	}
	for _, truth := range []float64{delta, delta - .01, delta - .1, delta - .3} {
		for i := range 101 {
			lost := max(0, -truth) + ((1-truth)/2-max(0, -truth))*float64(i)/100
			if gained := lost + truth; truth >= -1 {
				exact = max(exact, chanceOf(rejects, gained, lost))
				score = max(score, chanceOf(scores, gained, lost))
			}
		}
	}
	return exact, score
}

func chanceOf(outcomes []stats.Paired, gained, lost float64) float64 {
	sum := 0.0
	for _, p := range outcomes {
		changed := p.Gained + p.Lost
		sum += stats.BinomialPMF(changed, p.N, min(1, gained+lost)) *
			stats.BinomialPMF(p.Gained, changed, within01(gained/max(gained+lost, 1e-300)))
	}
	return sum
}

func within01(x float64) float64 { return min(max(x, 0), 1) }

// TestRowsNeeded: rows like those that were seen, as many as the formula says,
// do show it in about 80 of 100 sets without a true drop.
func TestRowsNeeded(t *testing.T) {
	p := stats.Paired{Gained: 25, Lost: 25, N: 1000}
	rows := must[int](t)(p.RowsNeeded(.02, .05))
	// By hand: psi = 52/1004 = .0517928, V0 = (psi + sqrt(psi^2 + .0016 (1-psi)))/2 - .0004 = .0578987,
	// (1.644854 sqrt(V0) + .841621 sqrt(psi))^2 / .0004 = 862.4.
	if rows != 863 {
		t.Errorf("%d rows", rows)
	}
	random := rand.New(rand.NewPCG(1, 2))
	proven := 0
	for range 2000 {
		if ok, err := drawPaired(random, rows, .0259, .0259).Proven(.02, .05); err != nil {
			t.Fatal(err)
		} else if ok {
			proven++
		}
	}
	if proven < 1520 || proven > 1680 {
		t.Errorf("proven in %d of 2,000", proven)
	}
	if rows := must[int](t)(stats.Paired{N: 1e6}.RowsNeeded(.01, .05)); rows != 299 {
		t.Errorf("without a changed row: %d rows", rows)
	}
	if rows := must[int](t)(stats.Paired{}.RowsNeeded(.05, .05)); rows < 59 {
		t.Errorf("without rows: %d rows", rows)
	}
	if _, err := p.RowsNeeded(0, .05); !errors.Is(err, stats.ErrUndefined) {
		t.Errorf("margin 0: %v", err)
	}
}

// drawPaired draws n rows, each gained or lost with a chance.
func drawPaired(random *rand.Rand, n int, gained, lost float64) stats.Paired {
	p := stats.Paired{N: n}
	for range n {
		switch u := random.Float64(); {
		case u < gained:
			p.Gained++
		case u < gained+lost:
			p.Lost++
		}
	}
	return p
}

// TestPairedCoverage: at 95 % Tango's interval has the truth in 93 to 97 of 100 sets.
func TestPairedCoverage(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, c := range []struct {
		n            int
		gained, lost float64
	}{{100, .05, .05}, {100, .02, .08}, {300, .01, .03}, {1000, .03, .03}} {
		has := 0
		const sets = 2000
		for range sets {
			in := must[stats.Interval](t)(drawPaired(random, c.n, c.gained, c.lost).Tango(.95))
			if in.Contains(c.gained - c.lost) {
				has++
			}
		}
		if share := float64(has) / sets; share < .93 || share > .97 {
			t.Errorf("%+v: covered in %v", c, share)
		}
	}
}

// TestScoreTest holds both score statistics to ones whose shares scipy finds by
// maximising the likelihood.
func TestScoreTest(t *testing.T) {
	for _, row := range stored(t).Tables["score_z(x1, n1, x2, n2, delta) by optimize.minimize_scalar"] {
		a := numbers(row)
		got := must[float64](t)(stats.Unpaired{X1: int(a[0]), N1: int(a[1]), X2: int(a[2]), N2: int(a[3])}.ScoreZ(a[4]))
		if math.Abs(got-a[5]) > 1e-4 {
			t.Errorf("%v: %v", a, got)
		}
	}
	for _, row := range stored(t).Tables["tango_z(b, c, n, delta) by optimize.minimize_scalar"] {
		a := numbers(row)
		got := must[float64](t)(stats.Paired{Gained: int(a[0]), Lost: int(a[1]), N: int(a[2])}.TangoZ(a[3]))
		if math.Abs(got-a[4]) > 1e-4 {
			t.Errorf("%v: %v", a, got)
		}
	}
}

// TestExactIsTheHighest: no share on a fine grid has a higher chance than the P.
func TestExactIsTheHighest(t *testing.T) {
	for _, c := range []struct {
		p     stats.Paired
		delta float64
	}{
		{stats.Paired{Gained: 27, Lost: 16, N: 49}, -.05}, {stats.Paired{Gained: 18, Lost: 4, N: 49}, .1},
		{stats.Paired{Gained: 9, Lost: 4, N: 30}, 0}, {stats.Paired{Gained: 3, Lost: 0, N: 13}, .1}, {stats.Paired{N: 40}, -.1},
	} {
		got := must[stats.Test](t)(c.p.ExactAbove(c.delta))
		var region []stats.Paired
		for b := range c.p.N + 1 {
			for l := range c.p.N - b + 1 {
				p := stats.Paired{Gained: b, Lost: l, N: c.p.N}
				if z := must[float64](t)(p.TangoZ(c.delta)); z >= got.Statistic-1e-9 {
					region = append(region, p)
				}
			}
		}
		highest := 0.0
		for i := range 1001 {
			low := max(0, -c.delta)
			lost := low + ((1-c.delta)/2-low)*float64(i)/1000
			highest = max(highest, chanceOf(region, lost+c.delta, lost))
		}
		if highest > got.P+1e-9 || highest < got.P-1e-4 {
			t.Errorf("%+v above %v: P %v, highest on the grid %v", c.p, c.delta, got.P, highest)
		}
	}
}

// TestUnpairedLaws as for pairs.
func TestUnpairedLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.OneOf(rapid.IntRange(1, 30), rapid.IntRange(1, 50_000))
		u := stats.Unpaired{N1: size.Draw(t, "n1"), N2: size.Draw(t, "n2")}
		u.X1 = rapid.OneOf(rapid.Just(0), rapid.Just(u.N1), rapid.IntRange(0, u.N1)).Draw(t, "x1")
		u.X2 = rapid.OneOf(rapid.Just(0), rapid.Just(u.N2), rapid.IntRange(0, u.N2)).Draw(t, "x2")
		in, err := u.MiettinenNurminen(.95)
		other, err2 := u.Newcombe(.95)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		d := u.Difference()
		if !(-1 <= in.Low && in.Low <= d && d <= in.High && in.High <= 1) || !other.Contains(d) || other.Low < -1-1e-12 || other.High > 1+1e-12 {
			t.Fatalf("%+v: %+v and %+v around %v", u, in, other, d)
		}
		mirror, _ := stats.Unpaired{X1: u.X2, N1: u.N2, X2: u.X1, N2: u.N1}.MiettinenNurminen(.95)
		if math.Abs(mirror.Low+in.High) > 1e-8 || math.Abs(mirror.High+in.Low) > 1e-8 {
			t.Fatalf("%+v: %+v, mirrored %+v", u, in, mirror)
		}
		delta := rapid.Float64Range(-1, 1).Draw(t, "delta")
		if math.Abs(delta-in.Low) < 1e-8 || math.Abs(delta-in.High) < 1e-8 {
			return
		}
		above, _ := u.Above(delta)
		below, _ := u.Below(delta)
		if in.Contains(delta) != (min(above.P, below.P) > .025) {
			t.Fatalf("%+v: %+v has %v, whose P are %v and %v", u, in, delta, above.P, below.P)
		}
	})
}
