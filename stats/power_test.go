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

// TestPowerSimulated makes releases with 20 slices, of which one is worse, and
// judges them by the rule; Power promises how often that one fails.
func TestPowerSimulated(t *testing.T) {
	const slices, releases = 20, 400
	random := rand.New(rand.NewPCG(5, 6))
	for _, n := range []int{150, 300, 500} {
		failed, alarms := 0, 0
		for range releases {
			p := make([]float64, slices)
			drops := make([]float64, slices)
			for i := range p {
				lost := .025
				if i == 0 {
					lost += .06
				}
				d := drawPaired(random, n, .025, lost)
				p[i], drops[i] = must[float64](t)(d.Worse()), d.Drop()
			}
			adjusted := must[[]float64](t)(stats.Holm(p))
			for i := range p {
				if drops[i] > .03 && adjusted[i] <= .05 {
					if i == 0 {
						failed++
					} else {
						alarms++
					}
				}
			}
		}
		want := must[float64](t)(stats.Design{Discordance: .05, Margin: .03, Alpha: .05 / slices}.Power(n, .06))
		if got := float64(failed) / releases; math.Abs(got-want) > .06 {
			t.Errorf("%d rows: caught in %v, promised %v", n, got, want)
		}
		if alarms > .05*releases {
			t.Errorf("%d rows: %d false alarms in %d releases", n, alarms, releases)
		}
	}
}

func TestPowerLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := stats.Design{
			Discordance: rapid.Float64Range(0, .3).Draw(t, "discordance"),
			Margin:      rapid.Float64Range(0, .1).Draw(t, "margin"),
			Alpha:       rapid.SampledFrom([]float64{.05, .0025}).Draw(t, "alpha"),
		}
		n := rapid.OneOf(rapid.IntRange(1, 400), rapid.IntRange(1, 200_000)).Draw(t, "n")
		drop := rapid.Float64Range(0, .3).Draw(t, "drop")
		p, err := d.Power(n, drop)
		more, err2 := d.Power(n, drop+.02)
		if err != nil || err2 != nil || !(p >= 0 && p <= more+1e-6 && more <= 1) {
			t.Fatalf("power %v at %v, %v at .02 more; %v %v", p, drop, more, err, err2)
		}
		none, _ := d.Power(n, 0)
		if none > d.Alpha+1e-9 {
			t.Fatalf("without a drop it fails with chance %v", none)
		}
		found, err := d.Detectable(n, .8)
		if errors.Is(err, stats.ErrUndefined) {
			return
		}
		if at, _ := d.Power(n, found); err != nil || !(at >= .8) {
			t.Fatalf("detectable %v with chance %v, %v", found, at, err)
		}
	})
}

// TestPowerNormal: where the normal distribution takes over, it agrees with the
// exact answer, worked out here over all counts of changed rows.
func TestPowerNormal(t *testing.T) {
	d := stats.Design{Discordance: .1, Margin: .005, Alpha: .01}
	const n, drop = 20_000, .006
	got := must[float64](t)(d.Power(n, drop))
	want := 0.0
	changed := d.Discordance + drop
	for s := 1800; s < 2500; s++ {
		first := s/2 + int(d.Margin*n)/2
		for ; !(float64(2*first-s)/n > d.Margin+1e-12 && stats.BinomialUpper(first, s, .5) <= d.Alpha); first++ {
		}
		want += stats.BinomialPMF(s, n, changed) * stats.BinomialUpper(first, s, (d.Discordance/2+drop)/changed)
	}
	if math.Abs(got-want) > .01 {
		t.Errorf("power %v, exactly %v", got, want)
	}
	rows := must[int](t)(d.RowsToDetect(.02, .8))
	if at := must[float64](t)(d.Power(rows, .02)); at < .8 || rows > 5000 {
		t.Errorf("%d rows detect it with chance %v", rows, at)
	}
	if _, err := d.RowsToDetect(.004, .8); !errors.Is(err, stats.ErrUndefined) {
		t.Errorf("a drop within the margin: %v", err)
	}
}

// TestDetectableBySE: a drop that is seen with this error fails as often as promised.
func TestDetectableBySE(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 5))
	for _, margin := range []float64{0, .05} {
		const se, alpha, sets = .01, .05, 4000
		drop := must[float64](t)(stats.DetectableBySE(se, margin, alpha, .8))
		failed := 0
		for range sets {
			e := stats.Estimate{Value: drop + se*random.NormFloat64(), SE: se, DF: math.Inf(1)}
			if e.Value > margin && must[stats.Test](t)(e.Above(0)).P <= alpha {
				failed++
			}
		}
		if share := float64(failed) / sets; math.Abs(share-.8) > .025 {
			t.Errorf("margin %v: a drop of %v fails in %v", margin, drop, share)
		}
	}
	for i, err := range []error{
		second(stats.DetectableBySE(math.NaN(), 0, .05, .8)), second(stats.DetectableBySE(1, -1, .05, .8)), second(stats.DetectableBySE(1, 0, 0, .8)),
		second(stats.Design{Discordance: 2, Alpha: .05}.Power(5, .1)), second(stats.Design{Margin: 2, Alpha: .05}.Power(5, .1)),
		second(stats.Design{}.Power(5, .1)), second(stats.Design{Alpha: .05}.Power(5, 2)), second(stats.Design{Alpha: .05}.Detectable(5, 1)),
		second(stats.Paired{N: 201}.ExactAbove(0)), second(stats.Paired{N: 9}.TangoAbove(2)), second(stats.ZeroLossRows(.1, 0)),
	} {
		if !errors.Is(err, stats.ErrInvalid) {
			t.Errorf("case %d: %v", i, err)
		}
	}
	if _, err := (stats.Design{Discordance: .05, Margin: .01, Alpha: .001}).Detectable(3, .8); !errors.Is(err, stats.ErrUndefined) {
		t.Errorf("three rows: %v", err)
	}
	if _, err := (stats.Design{Alpha: .05}).Detectable(0, .8); !errors.Is(err, stats.ErrUndefined) {
		t.Errorf("no rows: %v", err)
	}
	if p := must[float64](t)(stats.Design{Alpha: .05}.Power(10, 0)); p != 0 {
		t.Errorf("nothing changes: it fails with chance %v", p)
	}
}

// TestSameModels makes releases that are as good as what they replace, with 20
// slices of 60 to 3,000 rows: the rule fails at most alpha of them, and to fail
// whatever is beyond the margin fails many.
func TestSameModels(t *testing.T) {
	random := rand.New(rand.NewPCG(12, 34))
	const releases, margin = 400, .01
	evidence, point := 0, 0
	for range releases {
		var p []float64
		var beyond []bool
		for range 20 {
			n := int(60 * math.Pow(50, random.Float64()))
			share := .01 + .04*random.Float64()
			d := drawPaired(random, n, share, share)
			p, beyond = append(p, must[float64](t)(d.Worse())), append(beyond, d.Drop() > margin)
		}
		adjusted := must[[]float64](t)(stats.Holm(p))
		if slices.Contains(beyond, true) {
			point++
		}
		for i := range p {
			if beyond[i] && adjusted[i] <= .05 {
				evidence++
				break
			}
		}
	}
	if evidence > .05*releases || point < releases/4 {
		t.Errorf("of %d releases %d fail by evidence, %d by the point", releases, evidence, point)
	}
}
