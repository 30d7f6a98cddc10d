package evidence

import (
	"math/rand/v2"
	"testing"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/summary"
)

// counted makes a sealed summary of rows of two classes that counts scores in bins.
func counted(rows []scored) summary.View {
	s := summary.New(summary.Shape{Classes: 2, Models: 2, Binned: true, Whole: summary.Needs{Curves: []int{1}}})
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
	if len(rows) > 0 {
		s.Add(b)
	}
	s.Seal(1)
	return s.Whole()
}

// TestBinnedAreasHoldExactOnes: what bins say is never surer than what the rows do: their
// intervals hold those of the rows, and their chances are no smaller.
func TestBinnedAreasHoldExactOnes(t *testing.T) {
	random := rand.New(rand.NewPCG(17, 18))
	m := lookup(t, "roc_auc")
	for trial := range 40 {
		rows := make([]scored, 300)
		for i := range rows {
			u := random.Float64()
			r := scored{random.IntN(3) == 0 || i < 2, .6 * (.8*u + .2*random.Float64()), .6 * (.8*u + .2*random.Float64())}
			if r.positive {
				r.candidate, r.baseline = r.candidate+.2, r.baseline+.2+.05*float64(trial%2)
			}
			rows[i] = r
		}
		exact, bins := curves(rows), counted(rows)
		for _, side := range []Side{Down, Up, Both} {
			q := Question{Side: side, Margin: .02, Alpha: .05}
			want, _ := OfChange(exact, m, metric.Params{}, q)
			got, ok := OfChange(bins, m, metric.Params{}, q)
			if !ok || got.Method != "delong" || got.Low > want.Low || got.High < want.High || got.Worse < min(want.Worse, .5)-1e-9 {
				t.Errorf("%+v, of the rows %+v", got, want)
			}
		}
		// A class of many rows has the interval of DeLong alone, whose ends bins widen.
		value, ok := OfValue(bins, 0, m, metric.Params{}, .05)
		if area := exact.Area(0, 1).Value; !ok || !(value.Low < area && area < value.High) {
			t.Errorf("%+v does not hold %v", value, area)
		}
	}
}

// TestBinnedAreasAtTheEdges: nothing is proven by few rows or by rows that do not vary.
func TestBinnedAreasAtTheEdges(t *testing.T) {
	m, q := lookup(t, "roc_auc"), Question{Side: Down, Margin: .05, Alpha: .05}
	perfect, low := scored{candidate: .9, baseline: .9}, scored{candidate: .1, baseline: .1}
	for name, c := range map[string]struct {
		rows []scored
		ok   bool
	}{"no row": {nil, false}, "one of each": {many(1, perfect, low), false}, "one class": {[]scored{low, low, low}, false}, "perfect": {many(200, perfect, low), true}} {
		got, ok := OfChange(counted(c.rows), m, metric.Params{}, q)
		if ok != c.ok || ok && (got.Worse != 1 || got.Within != 1) {
			t.Errorf("%s: %v %+v", name, ok, got)
		}
		value, ok := OfValue(counted(c.rows), 0, m, metric.Params{}, .05)
		if ok != c.ok || ok && !(value.Low > .95 && value.High == 1) {
			t.Errorf("%s: %v %+v", name, ok, value)
		}
	}
}
