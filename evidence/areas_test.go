package evidence

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/summary"
)

// scored is a row's class and its scores by candidate and baseline.
type scored struct {
	positive            bool
	candidate, baseline float64
}

// curves makes a sealed summary of rows of two classes.
func curves(rows []scored) summary.View {
	needs := summary.Needs{Curves: []int{1}, Placements: []int{1}}
	s := summary.New(summary.Shape{Classes: 2, Models: 2, Whole: needs})
	b := &summary.Batch{Rows: len(rows), Label: make([]uint16, len(rows)), Models: make([]summary.Outputs, 2)}
	for i, r := range rows {
		if r.positive {
			b.Label[i] = 1
		}
		for m, score := range []float64{r.candidate, r.baseline} {
			b.Models[m].Class = append(b.Models[m].Class, 0)
			b.Models[m].Score = append(b.Models[m].Score, score)
		}
	}
	s.Add(b)
	s.Seal(1)
	return s.Whole()
}

func areaRange(t testing.TB, v summary.View, model int) Value {
	t.Helper()
	e, ok := OfValue(v, model, lookup(t, "roc_auc"), metric.Params{}, .05)
	if !ok {
		t.Fatal("no evidence")
	}
	return e
}

// wfns is pROC's aSAH, wfns 1 to 5 of poor and good outcomes (design/statistics.md).
func wfns() []scored {
	var rows []scored
	for grade, n := range [][2]int{{2, 37}, {12, 20}, {1, 3}, {8, 8}, {18, 4}} {
		x := float64(grade+1) / 8
		for i := range n[0] + n[1] {
			rows = append(rows, scored{i < n[0], x, 1 - x})
		}
	}
	return rows
}

// TestAreaFromCounts: the area and variance are pROC's (design/statistics.md). So
// few of the smaller class have the ends that reach farther of both intervals: here
// Newcombe's, .7268835614983957 and .8885668128758129 by scipy 1.17.1's
// optimize.brentq; on the scale of logits they are .73439432 and .88754581.
func TestAreaFromCounts(t *testing.T) {
	v := curves(wfns())
	d, _ := v.Placements(1)
	both, err := d.Areas()
	if err != nil || !near(both.B, .8236788617886179, 1e-12) || !near(both.VarB, .00146991470882363, 1e-12) {
		t.Fatalf("%v %+v", err, both)
	}
	// The baseline ranks the rows the other way round.
	if !near(both.A, 1-both.B, 1e-12) || !near(both.VarA, both.VarB, 1e-12) || !near(both.VarChange, 4*both.VarB, 1e-12) {
		t.Errorf("%+v", both)
	}
	if got := areaRange(t, v, 0); !near(got.Low, .7268835614983957, 1e-12) || !near(got.High, .8885668128758129, 1e-12) || got.Method != "delong" {
		t.Errorf("%+v", got)
	}
	if a, b := areaRange(t, v, 0), areaRange(t, v, 1); !near(a.Low, 1-b.High, 1e-12) {
		t.Errorf("%+v and %+v are no mirror images", a, b)
	}
}

// TestAreaOfMany: with enough rows of either class DeLong's interval stands alone.
func TestAreaOfMany(t *testing.T) {
	rows := wfns()
	for range 2 {
		rows = append(rows, rows...)
	}
	v := curves(rows)
	d, _ := v.Placements(1)
	both, err := d.Areas()
	if err != nil {
		t.Fatal(err)
	}
	want, err := both.Second().Interval(.95)
	if got := areaRange(t, v, 0); err != nil || got.Low != want.Low || got.High != want.High {
		t.Errorf("%v: %+v, want %+v", err, got, want)
	}
}

// many is n positive and n negative rows of some scores.
func many(n int, positive, negative scored) []scored {
	rows := make([]scored, 0, 2*n)
	positive.positive = true
	for range n {
		rows = append(rows, positive, negative)
	}
	return rows
}

// TestAreasAtTheEdges: nothing is worse or proven by too few rows, whatever they
// look like.
func TestAreasAtTheEdges(t *testing.T) {
	perfect, constant := scored{candidate: .9, baseline: .9}, scored{candidate: .1, baseline: .1}
	q := Question{Side: Down, Margin: 0.05, Alpha: 0.05}
	for name, c := range map[string]struct {
		rows     []scored
		provable bool
		worse    [2]float64 // least and most
		within   [2]float64
	}{
		"one of each":             {many(1, perfect, constant), false, [2]float64{1, 1}, [2]float64{1, 1}},
		"perfect, 10 of each":     {many(10, perfect, constant), false, [2]float64{1, 1}, [2]float64{.2, .3}},
		"perfect, 100 of each":    {many(100, perfect, constant), true, [2]float64{1, 1}, [2]float64{.01, .02}},
		"constant, 100 of each":   {many(100, constant, constant), true, [2]float64{1, 1}, [2]float64{.01, .02}},
		"lost, 2 of each":         {many(2, scored{candidate: .5, baseline: .9}, scored{candidate: .5, baseline: .1}), false, [2]float64{.25, .25}, [2]float64{}},
		"lost, 20 of each":        {many(20, scored{candidate: .5, baseline: .9}, scored{candidate: .5, baseline: .1}), false, [2]float64{0, 1e-6}, [2]float64{}},
		"reversed, 4 of each":     {many(4, scored{candidate: .1, baseline: .9}, scored{candidate: .9, baseline: .1}), false, [2]float64{1. / 16, 1. / 16}, [2]float64{}},
		"one row of 100 jumps":    {append(many(99, perfect, constant), scored{true, 0, .9}, constant), true, [2]float64{.5, .5}, [2]float64{.03, .05}},
		"one row of 40 jumps":     {append(many(39, perfect, constant), scored{true, 0, .9}, constant), false, [2]float64{.5, .5}, [2]float64{.1, 1}},
		"it is better, 2 of each": {many(2, scored{candidate: .9, baseline: .5}, scored{candidate: .1, baseline: .5}), false, [2]float64{1, 1}, [2]float64{0, .1}},
	} {
		v := curves(c.rows)
		got := changeOf(t, v, "roc_auc", q)
		if got.Provable != c.provable || got.Worse < c.worse[0] || got.Worse > c.worse[1] {
			t.Errorf("%s: %+v", name, got)
		}
		if c.within[1] > 0 && !(got.Within >= c.within[0] && got.Within <= c.within[1]) {
			t.Errorf("%s: within %v", name, got.Within)
		}
		if e := areaRange(t, v, 0); !(e.Low >= 0 && e.Low < e.High && e.High <= 1) {
			t.Errorf("%s: %+v", name, e)
		}
	}
	for _, rows := range [][]scored{{}, {{true, .5, .5}}, {{false, .5, .5}}, many(1, perfect, constant)[:1]} {
		if c, ok := OfChange(curves(rows), lookup(t, "roc_auc"), metric.Params{}, q); ok {
			t.Errorf("%d rows of one class have no area: %+v", len(rows), c)
		}
	}
	for _, margin := range []float64{0, 1} {
		c := changeOf(t, curves(many(100, perfect, constant)), "roc_auc", Question{Side: Down, Margin: margin, Alpha: 0.05})
		if c.Provable != (margin == 1) || math.IsNaN(c.Within) {
			t.Errorf("margin %v: %+v", margin, c)
		}
	}
}

// TestAreasAreSymmetric: a rise of the one is a drop of the other.
func TestAreasAreSymmetric(t *testing.T) {
	auc := lookup(t, "roc_auc")
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		rows := make([]scored, rapid.IntRange(4, 60).Draw(t, "rows"))
		other := make([]scored, len(rows))
		for i := range rows {
			rows[i] = scored{i%2 == 0, math.Round(10*rng.Float64()) / 10, math.Round(10*rng.Float64()) / 10}
			other[i] = scored{rows[i].positive, rows[i].baseline, rows[i].candidate}
		}
		for _, margin := range []float64{0, .03} {
			a, _ := OfChange(curves(rows), auc, metric.Params{}, Question{Side: Down, Margin: margin, Alpha: .05})
			b, _ := OfChange(curves(other), auc, metric.Params{}, Question{Side: Up, Margin: margin, Alpha: .05})
			same := func(x, y float64) bool { return x == y || math.IsNaN(x) && math.IsNaN(y) }
			if !near(a.Low, -b.High, 1e-12) || !near(a.Worse, b.Worse, 1e-12) || !same(a.Beyond, b.Beyond) || !same(a.Within, b.Within) || a.RowsNeeded != b.RowsNeeded {
				t.Fatalf("%+v\n%+v", a, b)
			}
			if !(a.Worse >= 0 && a.Worse <= 1 && a.Low >= -1 && a.High <= 1 && a.Low <= a.High) {
				t.Fatalf("%+v", a)
			}
		}
	})
}

// drawn is rows whose scores are normal, positive ones higher by shift; half of
// what varies is common to both models, and a share of the rows has the same score
// by both.
func drawn(rng *rand.Rand, positive, negative int, shift, same float64) []scored {
	rows := make([]scored, positive+negative)
	squash := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	for i := range rows {
		common := rng.NormFloat64()
		if i < positive {
			common += shift * math.Sqrt2
		}
		a, b := common+rng.NormFloat64(), common+rng.NormFloat64()
		if rng.Float64() < same {
			b = a
		}
		rows[i] = scored{i < positive, squash(a), squash(b)}
	}
	return rows
}

// TestAreasByChance draws rows whose true areas are equal and known, with a fixed
// seed: how often the change is called worse at .05 and .01, and how often the
// intervals have the truth. Bounds are three standard errors of the simulation from
// what is promised, but for two known weaknesses: with 20 positive rows p is a
// little small (.0575 of 20,000), and so is the interval of the area (.925).
func TestAreasByChance(t *testing.T) {
	const releases = 1500
	rng := rand.New(rand.NewPCG(11, 12))
	for _, c := range []struct {
		positive, negative int
		shift, same        float64
		most5, most1       float64 // called worse
		change, area       float64 // least coverage
	}{
		{20, 200, 1.5, 0, .075, .02, .925, .90},
		{50, 50, 2.5, 0, .067, .018, .93, .93},
		{50, 500, 1.5, .95, .067, .018, .93, .92},
		{200, 400, 1.5, 0, .067, .018, .93, .93},
	} {
		truth := math.Erfc(-c.shift/2) / 2
		var worse5, worse1, change, area float64
		for range releases {
			v := curves(drawn(rng, c.positive, c.negative, c.shift, c.same))
			e := changeOf(t, v, "roc_auc", Question{Side: Down, Margin: .02, Alpha: .05})
			in := areaRange(t, v, 0)
			for of, is := range map[*float64]bool{&worse5: e.Worse <= .05, &worse1: e.Worse <= .01, &change: e.Low <= 0 && e.High >= 0, &area: in.Low <= truth && in.High >= truth} {
				if is {
					*of += 1. / releases
				}
			}
		}
		if worse5 > c.most5 || worse1 > c.most1 || change < c.change || area < c.area {
			t.Errorf("%+v: worse %v at .05 and %v at .01; intervals have the truth %v (change), %v (area)", c, worse5, worse1, change, area)
		}
	}
}

// TestAreasNeedRows: so many rows as are said to be needed prove the margin about
// 80 times of 100, where there is no change.
func TestAreasNeedRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	const margin, tries = .05, 200
	v := curves(drawn(rng, 2000, 4000, 1, 0))
	needed := changeOf(t, v, "roc_auc", Question{Side: Down, Margin: margin, Alpha: .05}).RowsNeeded
	proven := 0
	for range tries {
		rows := drawn(rng, int(needed)/3, int(needed)-int(needed)/3, 1, 0)
		if c := changeOf(t, curves(rows), "roc_auc", Question{Side: Down, Margin: margin, Alpha: .05}); c.Within <= .05 && c.Provable {
			proven++
		}
	}
	if share := float64(proven) / tries; share < .70 || share > .92 {
		t.Errorf("%d rows prove the margin in %v of the sets", needed, share)
	}
}
