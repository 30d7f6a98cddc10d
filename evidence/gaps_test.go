package evidence

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noworse/noworse/stats"
)

// gapWorld is slices of which each model is right on a share of rows.
type gapWorld struct {
	rows                []int
	candidate, baseline []float64
}

// evenly is slices of 100 to 400 rows, on which both models are right alike but where
// more is said.
func evenly(n int, right float64, more ...func(w *gapWorld)) gapWorld {
	var w gapWorld
	for i := range n {
		w.rows, w.candidate, w.baseline = append(w.rows, 100+i*300/max(1, n-1)), append(w.candidate, right), append(w.baseline, right)
	}
	for _, f := range more {
		f(&w)
	}
	return w
}

func gap(values []float64) float64 {
	low, high := math.Inf(1), math.Inf(-1)
	for _, x := range values {
		low, high = min(low, x), max(high, x)
	}
	return high - low
}

// draw makes the evidence on a gap of accuracy and on its change: half of the rows
// have the same answers by both models, as far as they can.
func (w gapWorld) draw(t *testing.T, random *rand.Rand, q Question) (of Value, change Change) {
	t.Helper()
	m := lookup(t, "accuracy")
	var values []Bounded
	var list []GapSlice
	for i, n := range w.rows {
		rows := make([]row, n)
		for k := range rows {
			u, same := random.Float64(), random.IntN(2) == 0
			answer := func(right float64) int {
				if !same {
					u = random.Float64()
				}
				if u < right {
					return 1
				}
				return 0
			}
			rows[k] = row{1, answer(w.candidate[i]), answer(w.baseline[i])}
		}
		v := labels(2, rows)
		bounded := func(model int, alpha float64) Bounded {
			x, err := m.Estimate(v, model, some)
			in, ok := OfValue(v, model, m, some, alpha)
			if err != nil || !ok {
				t.Fatal(err, ok)
			}
			return Better(x.Value, in, true)
		}
		values = append(values, bounded(0, GapLevel(len(w.rows), q.Alpha, true)))
		s := GapSlice{Candidate: bounded(0, q.Alpha), Baseline: bounded(1, q.Alpha)}
		e, _ := OfChange(v, m, some, Question{Side: Down, Alpha: q.Alpha})
		s.Change = Bounded{s.Candidate.Value - s.Baseline.Value, e.Low, e.High}
		list = append(list, s)
	}
	of, ok := OfGap(values, true)
	change, ok2 := OfGapChange(list, true, q)
	if !ok || !ok2 {
		t.Fatal("no evidence on a gap")
	}
	return of, change
}

// TestGapCoverage: intervals of gaps hold the true gap, and gaps that did not grow
// look grown at most alpha of the time: where all slices are equal, where some stand
// out, and where others do for the candidate than for the baseline.
func TestGapCoverage(t *testing.T) {
	random := rand.New(rand.NewPCG(51, 52))
	const sets = 40
	for name, w := range map[string]gapWorld{
		"two equal":           evenly(2, .8),
		"five equal":          evenly(5, .8),
		"one stands out":      evenly(5, .8, func(w *gapWorld) { w.candidate[4], w.baseline[4] = .6, .6 }),
		"another, as far":     evenly(5, .8, func(w *gapWorld) { w.candidate[4], w.baseline[3] = .6, .6 }),
		"smaller":             evenly(5, .8, func(w *gapWorld) { w.baseline[4] = .6 }),
		"larger, where small": evenly(5, .8, func(w *gapWorld) { w.candidate[0] = .6 }),
	} {
		truth, change := gap(w.candidate), gap(w.candidate)-gap(w.baseline)
		missed, missedChange, worse, within, above := 0, 0, 0, 0, 0
		for range sets {
			of, e := w.draw(t, random, Question{Side: Up, Margin: max(change, 0), Alpha: .05})
			if of.Low > truth || of.High < truth {
				missed++
			}
			if of.Low > truth {
				above++
			}
			if e.Low > change || e.High < change {
				missedChange++
			}
			if change <= 0 && e.Worse <= .05 {
				worse++
			}
			if change >= 0 && e.Within <= .05 {
				within++
			}
		}
		t.Logf("%s: of %d intervals %d miss the gap (%d above it) and %d the change; %d look worse, %d within %v", name, sets, missed, above, missedChange, worse, within, change)
		// .05 of 40 and three standard errors
		if missed > 6 || missedChange > 6 || worse > 6 || within > 6 {
			t.Errorf("%s: of %d intervals %d miss the gap and %d the change; %d look worse, %d within %v", name, sets, missed, missedChange, worse, within, change)
		}
	}
}

// TestGapPower: gaps that grew are seen.
func TestGapPower(t *testing.T) {
	random := rand.New(rand.NewPCG(53, 54))
	for name, w := range map[string]gapWorld{
		"one of two":  {[]int{500, 500}, []float64{.9, .7}, []float64{.9, .85}},
		"one of five": {[]int{500, 500, 500, 500, 500}, []float64{.9, .9, .9, .9, .7}, []float64{.9, .9, .9, .9, .9}},
		"the worst":   {[]int{500, 500, 500, 500, 500}, []float64{.9, .9, .9, .9, .6}, []float64{.9, .9, .9, .9, .75}},
	} {
		seen, proven := 0, 0
		for range 20 {
			_, e := w.draw(t, random, Question{Side: Up, Margin: .05, Alpha: .05})
			if e.Worse <= .05 {
				seen++
			}
			w := w
			w.candidate = w.baseline
			if _, e := w.draw(t, random, Question{Side: Up, Margin: .15, Alpha: .05}); e.Within <= .05 && e.Provable {
				proven++
			}
		}
		t.Logf("%s: %d of 20 seen, %d proven", name, seen, proven)
		if seen < 16 {
			t.Errorf("%s: %d of 20 seen", name, seen)
		}
	}
}

// TestGapOfTwo: of two shares it is Newcombe's interval of their difference, which
// stats holds to published numbers; 0 ends it below.
func TestGapOfTwo(t *testing.T) {
	if level := GapLevel(2, .05, true); !near(level, .05, 1e-12) {
		t.Errorf("the level of two slices is %v", level)
	}
	for _, u := range []stats.Unpaired{{X1: 5, N1: 56, X2: 0, N2: 29}, {X1: 805, N1: 1795, X2: 349, N2: 1488}, {X1: 30, N1: 30, X2: 30, N2: 30}} {
		want, err := u.Newcombe(.95)
		if err != nil {
			t.Fatal(err)
		}
		bounded := func(x, n int) Bounded {
			in, _ := OfShare(uint64(x), uint64(n), .05)
			return Better(float64(x)/float64(n), in, true)
		}
		got, ok := OfGap([]Bounded{bounded(u.X2, u.N2), bounded(u.X1, u.N1)}, true)
		if !ok || !near(got.Low, max(0, want.Low), 1e-12) || !near(got.High, want.High, 1e-12) {
			t.Errorf("%+v: %+v, want %+v", u, got, want)
		}
	}
}

// TestEdgesOfGaps: one slice has no gap, a slice without an interval leaves nothing to
// say, equal slices are not worse, dependence makes all wider, and neither the order of
// slices nor the side of the metric matters.
func TestEdgesOfGaps(t *testing.T) {
	q := Question{Side: Up, Margin: .1, Alpha: .05}
	at := func(x, half float64) Bounded { return Bounded{x, x - half, x + half} }
	slice := func(now, before float64) GapSlice {
		return GapSlice{at(now, .02), at(before, .02), at(now-before, .02)}
	}
	nan := math.NaN()
	for name, list := range map[string][]Bounded{"none": nil, "one": {at(.5, .1)}, "no interval": {at(.5, .1), {.5, nan, nan}}, "the value outside": {at(.5, .1), {.5, .6, .7}}} {
		if in, ok := OfGap(list, true); ok {
			t.Errorf("%s: %+v", name, in)
		}
	}
	for name, list := range map[string][]GapSlice{"none": nil, "one": {slice(.5, .5)}, "no interval": {slice(.5, .5), {at(.5, .1), at(.5, .1), Bounded{0, nan, nan}}}, "endless": {slice(.5, .5), {at(.5, .1), at(.5, .1), Bounded{0, math.Inf(-1), 1}}}} {
		if e, ok := OfGapChange(list, true, q); ok {
			t.Errorf("%s: %+v", name, e)
		}
	}
	nothing := GapSlice{at(.5, 0), at(.5, 0), at(0, 0)}
	if e, ok := OfGapChange([]GapSlice{nothing, nothing}, true, q); ok && (e.Worse < 1 || e.Within < 1) {
		t.Errorf("nothing varies: %+v", e)
	}
	equal, _ := OfGapChange([]GapSlice{slice(.8, .8), slice(.8, .8), slice(.8, .8)}, true, q)
	if equal.Worse < .5 || equal.Low > 0 || equal.High < 0 || equal.Within > .05 {
		t.Errorf("equal slices: %+v", equal)
	}
	list := []GapSlice{slice(.9, .9), slice(.85, .84), slice(.6, .8), slice(.88, .86)}
	e, _ := OfGapChange(list, true, q)
	if e.Worse > .001 || e.Beyond < e.Worse || !(e.Low > 0 && e.Low < .2 && e.High > .2) || e.Method != "range" {
		t.Errorf("a gap that grew from .1 to .3: %+v", e)
	}
	loose, _ := OfGapChange(list, false, q)
	if !(loose.Low < e.Low && loose.High > e.High && loose.Worse >= e.Worse) {
		t.Errorf("dependent slices: %+v, apart %+v", loose, e)
	}
	turned := []GapSlice{list[2], list[0], list[3], list[1]}
	if again, _ := OfGapChange(turned, true, q); again.Worse != e.Worse || again.Low != e.Low || again.High != e.High {
		t.Errorf("in another order: %+v, want %+v", again, e)
	}
	var values, errors []Bounded
	for _, s := range list {
		values = append(values, s.Candidate)
		of := s.Candidate
		errors = append(errors, Better(1-of.Value, Value{Low: 1 - of.High, High: 1 - of.Low}, false))
	}
	in, _ := OfGap(values, true)
	mirrored, _ := OfGap(errors, true)
	dependent, _ := OfGap(values, false)
	if !near(in.Low, mirrored.Low, 1e-12) || !near(in.High, mirrored.High, 1e-12) || !(dependent.Low < in.Low && dependent.High > in.High) || !(in.Low < .3 && in.High > .3) {
		t.Errorf("%+v, of errors %+v, dependent %+v", in, mirrored, dependent)
	}
	if a, b := GapLevel(10, .05, true), GapLevel(10, .05, false); !near(b, .05/45, 1e-15) || !(a > b && a < .002) {
		t.Errorf("levels %v and %v", a, b)
	}
}
