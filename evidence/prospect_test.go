package evidence

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

func prospectOf(t testing.TB, v summary.View, name string, a Assumption) Prospect {
	t.Helper()
	f, err := Foresee(v, lookup(t, name), metric.Params{}, a, .05)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return f
}

// once is a baseline alone: it stands for the candidate too.
func once(right, wrong int) []row {
	return concat(times(right/2, row{1, 1, 1}), times(right-right/2, row{0, 0, 0}), times(wrong/2, row{1, 0, 0}), times(wrong-wrong/2, row{0, 1, 1}))
}

// TestForeseeShares: the chances of design/statistics.md, for 20 slices: margin
// .03, drop .06, discordance 5 %: .21 at 150 rows, .59 at 300, .90 at 500, 1.0 at 1,000.
func TestForeseeShares(t *testing.T) {
	r := Rule{Margin: .03, Alpha: .05 / 20, Side: Down}
	for n, want := range map[int]float64{150: .21, 300: .59, 500: .90, 1000: 1} {
		f := prospectOf(t, labels(2, once(n*9/10, n/10)), "accuracy", Assumption{Discordance: .05})
		if got := f.Power(r, .06); !near(got, want, .005) {
			t.Errorf("%d rows: %v, want %v", n, got, want)
		}
	}
	// Recall is about positive rows: as many rows needed of them, of all rows twice as many.
	v := labels(2, once(900, 100))
	all, positive := prospectOf(t, v, "accuracy", Assumption{Discordance: .05}), prospectOf(t, v, "recall", Assumption{Discordance: .05})
	if all.Counting() != 1000 || positive.Counting() != 500 || positive.RowsNeeded(r, .06, .8) != 2*all.RowsNeeded(r, .06, .8) {
		t.Errorf("accuracy is of %d rows and recall of %d", all.Counting(), positive.Counting())
	}
	// Either way, each tail has half.
	both, half := r, r
	both.Side, half.Alpha = Both, r.Alpha/2
	if a, b := all.Power(both, .06), all.Power(half, .06); a != b {
		t.Errorf("a change either way: %v, want %v", a, b)
	}
}

// TestDetectable: the drop that is seen with a chance is seen with that chance,
// a larger one with more, and with the rows needed for it there would be enough.
func TestDetectable(t *testing.T) {
	v := labels(2, once(1500, 400))
	for _, name := range []string{"accuracy", "f1", "mcc", "balanced_accuracy", "f1_macro", "recall"} {
		for _, r := range []Rule{{.02, .01, Down, false}, {.02, .01, Both, false}, {.02, .01, Down, true}, {0, .05, Up, false}} {
			f := prospectOf(t, v, name, Assumption{Discordance: .05})
			drop := f.Detectable(r, .8)
			if p := f.Power(r, drop); !(drop > r.Margin) || !near(p, .8, .01) || !(f.Power(r, drop*1.1) > p) {
				t.Errorf("%s %+v: sees %v with chance %v", name, r, drop, p)
			}
			if n := f.RowsNeeded(r, drop, .8); math.Abs(float64(n)-1900) > 250 { // chances of shares rise and fall with single rows
				t.Errorf("%s %+v: needs %d rows for what 1,900 see", name, r, n)
			}
			if n := f.RowsNeeded(r, r.Margin, .8); n != 0 {
				t.Errorf("%s %+v: %d rows fail a drop of the margin", name, r, n)
			}
		}
	}
}

// TestForeseeCounts: in balanced classes that are predicted alike, balanced
// accuracy is accuracy, so the normal chances must come near the exact ones.
func TestForeseeCounts(t *testing.T) {
	for _, n := range []int{300, 1000, 4000} {
		v := labels(2, once(n*9/10, n/10))
		f := prospectOf(t, v, "balanced_accuracy", Assumption{Discordance: .05})
		r := Rule{Margin: .02, Alpha: .01}
		for _, drop := range []float64{.03, .04, .06} {
			want, err := stats.Design{Discordance: .05, Margin: .02, Alpha: .01}.Power(n, drop)
			if got := f.Power(r, drop); err != nil || !near(got, want, .05) {
				t.Errorf("%d rows, a drop of %v: %v, exactly %v (%v)", n, drop, got, want, err)
			}
		}
	}
}

// TestForeseen: candidates that are worse in truth fail as often as foreseen.
func TestForeseen(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 7))
	const sets, rows, drop, discordance = 1000, 600, .05, .06
	for _, name := range []string{"f1", "mcc", "f1_macro"} {
		failed, foreseen, fell := 0, 0.0, 0.0
		r := Rule{Margin: .025, Alpha: .02, Side: Down}
		m := lookup(t, name)
		for range sets {
			v := labels(2, noisy(random, 2, rows, .85, discordance, drop))
			candidate, _ := m.Estimate(v, 0, metric.Params{})
			baseline, _ := m.Estimate(v, 1, metric.Params{})
			fell += (baseline.Value - candidate.Value) / sets
			e := changeOf(t, v, name, Question{Side: Down, Margin: r.Margin, Alpha: r.Alpha})
			if baseline.Value-candidate.Value > r.Margin && e.Worse <= r.Alpha {
				failed++
			}
		}
		for range 50 { // what the power is of a drop such as was there, on sets such as these
			v := labels(2, noisy(random, 2, rows, .85, 0, 0))
			foreseen += prospectOf(t, v, name, Assumption{Discordance: discordance}).Power(r, fell) / 50
		}
		if got := float64(failed) / sets; math.Abs(got-foreseen) > .05 || got < .05 || got > .95 {
			t.Errorf("%s: %v failed, foreseen %v of a drop of %v", name, got, foreseen, fell)
		}
	}
}

// TestForeseeFromModels: two models that were recorded show how often answers
// differ; that none does is no proof that none will.
func TestForeseeFromModels(t *testing.T) {
	two := labels(2, concat(times(950, row{1, 1, 1}), times(20, row{1, 0, 1}), times(30, row{1, 1, 0})))
	observed := Assumption{Discordance: .3, Observed: true}
	f := prospectOf(t, two, "accuracy", observed)
	if f.Basis != OnModels || !near(f.discordance, 52./1004, 1e-15) {
		t.Errorf("%+v", f)
	}
	if f := prospectOf(t, labels(2, once(1000, 0)), "accuracy", observed); !near(f.discordance, 2./1004, 1e-15) {
		t.Errorf("no row differs: %+v", f)
	}
	if f := prospectOf(t, labels(2, once(900, 100)), "f1", observed); f.Basis != OnModels || !(f.variance > 0) {
		t.Errorf("no row differs: %+v", f)
	}
}

// TestNotForeseen: what cannot be known is said, and nothing panics.
func TestNotForeseen(t *testing.T) {
	s := summary.New(summary.Shape{Classes: 2, Models: 2, Weighted: true})
	class := []uint16{1}
	s.Add(&summary.Batch{Rows: 1, Label: class, Weight: []float64{2}, Models: []summary.Outputs{{Class: class}, {Class: class}}})
	s.Seal(1)
	for name, v := range map[string]summary.View{
		"weights": s.Whole(), "no positive row": labels(2, times(9, row{0, 0, 0})), "all wrong": labels(2, times(9, row{1, 0, 0})),
	} {
		if f, err := Foresee(v, lookup(t, "f1"), metric.Params{}, Assumption{Discordance: .05}, .05); err == nil {
			t.Errorf("%s: %+v", name, f)
		}
	}
	if f, err := Foresee(labels(2, times(9, row{0, 0, 0})), lookup(t, "recall"), metric.Params{}, Assumption{}, .05); err == nil {
		t.Errorf("recall of nothing: %+v", f)
	}
	// Tiny sets see nothing, and margins that no drop can exceed neither.
	f := prospectOf(t, labels(2, once(2, 1)), "accuracy", Assumption{Discordance: .05})
	for _, r := range []Rule{{.02, .05, Down, false}, {.02, .05, Down, true}, {1, .05, Down, false}, {0, .05, Both, false}} {
		if d := f.Detectable(r, .8); d <= r.Margin || d < .5 && r.Margin == .02 {
			t.Errorf("%+v: three rows see %v", r, d)
		}
		if p := f.Power(r, 2); !math.IsNaN(p) {
			t.Errorf("%+v: a drop of 2 has chance %v", r, p)
		}
	}
}

// TestForeseeWeighted: rows of weight 1 foresee what rows without weights do, and
// rows half of which count three times, what the variance of weights adds: 2^2/5 of
// them would do, (1 + 3)/2 squared over (1 + 9)/2.
func TestForeseeWeighted(t *testing.T) {
	rows := noisy(rand.New(rand.NewPCG(21, 22)), 3, 3000, .8, .05, 0)
	for _, name := range []string{"f1_macro", "mcc", "precision"} {
		for _, observed := range []bool{false, true} {
			a := Assumption{Discordance: .05, Observed: observed}
			plain := prospectOf(t, labels(3, rows), name, a)
			one := prospectOf(t, weightedLabels(3, weighing(rows, func(int) float64 { return 1 })), name, a)
			if !near(one.variance/plain.variance, 1, 1e-12) || !near(one.unit/plain.unit, 1, 1e-12) || one.step != plain.step || one.rows != 3000 {
				t.Errorf("%s: %+v, want %+v", name, one, plain)
			}
			twice := weightedLabels(3, append(weighing(rows, func(int) float64 { return 1 }), weighing(rows, func(int) float64 { return 3 })...))
			uneven := prospectOf(t, twice, name, a)
			want := plain.variance / 2 / .8 // of twice the rows
			if observed {
				want += 2 * uneven.step * uneven.step // instead of that of rows of one weight
				want -= plain.step * plain.step / .8
			}
			if !near(uneven.variance/want, 1, 1e-12) {
				t.Errorf("%s: of uneven weights %v, want %v", name, uneven.variance, want)
			}
		}
	}
}

// TestForeseeByInterval: the variance of the change is 2(1-r) that of the value;
// with ten times the rows there is a tenth of it.
func TestForeseeByInterval(t *testing.T) {
	r := Rule{Margin: .1, Alpha: .01, Side: Up}
	for _, name := range []string{"mae", "rmse", "log_loss", "brier"} {
		m := lookup(t, name)
		var rows [][3]float64
		for range 10 {
			rows = append(rows, sixty(m)...)
		}
		of := func(rows [][3]float64, correlation float64) Prospect {
			f, err := Foresee(losses(m, metric.Params{}, rows), m, metric.Params{}, Assumption{Correlation: correlation}, .05)
			if err != nil || f.Basis != OnCorrelation {
				t.Fatalf("%s: %+v, %v", name, f, err)
			}
			return f
		}
		value, _ := OfValue(losses(m, metric.Params{}, rows), 1, m, metric.Params{}, .05)
		f, half, few := of(rows, .5), of(rows, .75), of(rows[:60], .5)
		se := (value.High - value.Low) / 2 / -stats.NormalQuantile(.025)
		if !near(f.variance/(se*se), 1, 1e-9) || !near(half.variance, f.variance/2, 1e-12*f.variance) || !near(few.variance/f.variance, 10, 2) {
			t.Errorf("%s: variances %v, %v, %v of a value with standard error %v", name, f.variance, half.variance, few.variance, se)
		}
		if a, b := f.Detectable(r, .8), few.Detectable(r, .8); !(a > r.Margin && b > a) {
			t.Errorf("%s: sees %v, and on a tenth of the rows %v", name, a, b)
		}
		if n := few.RowsNeeded(r, f.Detectable(r, .8), .8); n < 450 || n > 750 {
			t.Errorf("%s: 60 rows say that %d see what 600 see", name, n)
		}
		two, err := Foresee(losses(m, metric.Params{}, rows), m, metric.Params{}, Assumption{Observed: true}, .05)
		if err != nil || two.Basis != OnModels || !(two.variance > 0) {
			t.Errorf("%s of two models: %+v, %v", name, two, err)
		}
	}
}
