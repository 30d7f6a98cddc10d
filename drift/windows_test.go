package drift_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/drift"
	"github.com/noworse/noworse/profile"
	"github.com/noworse/noworse/stats"
)

// drawn is all rows of some columns of a file, by name.
func drawn(t *testing.T, path string, names ...string) map[string][]float64 {
	t.Helper()
	s := open(t, path)
	var columns []dataset.Column
	for _, name := range names {
		c, ok := dataset.Find(s.Columns(), name)
		if !ok {
			t.Fatalf("%s has no %s", path, name)
		}
		columns = append(columns, c)
	}
	sample, err := profile.Draw(context.Background(), s, columns, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	list := map[string][]float64{}
	for _, c := range sample.Columns {
		list[c.Name] = c.Numbers
	}
	return list
}

func addTo(s *drift.Span, label, prediction, score float64) {
	s.AddScore(score, label == 1)
	loss := 0.0
	if label != prediction {
		loss = 1
	}
	s.Losses.Add(loss)
}

// TestCaliforniaWindows: pandas 3.1.1, scikit-learn 1.9.1 (roc_auc_score), scipy 1.17.1
// (ttest_ind of August 2021 against the reference, equal_var=False, and its
// confidence_interval); the areas of both parts are in design/statistics.md too.
func TestCaliforniaWindows(t *testing.T) {
	columns := []string{"id", "timestamp", "y_pred", "y_pred_proba"}
	before := drawn(t, shared(t, "data/california/reference.csv"), append(columns, "clf_target")...)
	now := drawn(t, shared(t, "data/california/analysis.csv"), columns...)
	labels := drawn(t, shared(t, "data/california/analysis_labels.csv"), "id", "clf_target")
	label := map[float64]float64{}
	for i, id := range labels["id"] {
		label[id] = labels["clf_target"][i]
	}
	reference, all, windows := &drift.Span{}, &drift.Span{}, map[int64]*drift.Span{}
	for i, y := range before["clf_target"] {
		addTo(reference, y, before["y_pred"][i], before["y_pred_proba"][i])
	}
	at := now["timestamp"]
	unit := drift.UnitOf(int64(slices.Min(at)), int64(slices.Max(at)))
	if unit != drift.Month {
		t.Errorf("unit %s", unit)
	}
	for i, id := range now["id"] {
		start := unit.Start(int64(at[i]))
		if windows[start] == nil {
			windows[start] = &drift.Span{}
		}
		addTo(windows[start], label[id], now["y_pred"][i], now["y_pred_proba"][i])
	}
	for _, w := range windows {
		all.Merge(w)
	}
	for _, c := range []struct {
		span *drift.Span
		want float64
	}{{reference, .9079415179034716}, {all, .8402458783370228}} {
		if a, err := c.span.Area(); err != nil || math.Abs(a.Value-c.want) > 1e-12 {
			t.Errorf("area %.17g, want %.17g; %v", a.Value, c.want, err)
		}
	}
	list, err := drift.CompareWindows(reference, windows, .95)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 12 {
		t.Fatalf("%d windows", len(list))
	}
	for i, want := range [][4]float64{
		{720, .1527777777777778, .8841747899159664, .07729166666666666},
		{744, .1814516129032258, .7600624192854067, .16504032258064516},
		{744, .43951612903225806, .7043246137035327, -.18051075268817207},
		{720, .48333333333333334, .6697719688542827, -.24636111111111111},
		{744, .7163978494623656, .8335002825294088, -.3901881720430107},
		{720, .43333333333333335, .731548862603779, -.18481944444444443},
		{744, .5134408602150538, .9339171974522293, -.2896774193548387},
		{744, .5067204301075269, .8693530440311557, -.24295698924731182},
		{672, .40327380952380953, .933453170055799, -.15714285714285714},
		{744, .39381720430107525, .7048672500074915, -.11883064516129031},
		{720, .3416666666666667, .9753936688311688, -.137125},
		{216, .24074074074074073, .950922350922351, -.10402777777777777},
	} {
		w := list[i]
		for k, got := range []float64{float64(w.Rows), w.Loss.Value, w.Area.Value, w.Above.Value} {
			if math.Abs(got-want[k]) > 1e-12 {
				t.Errorf("window %d, value %d: %.17g, want %.17g", i, k, got, want[k])
			}
		}
		if !w.Area.Interval.Contains(w.Area.Value) || !(w.CalibrationError >= math.Abs(w.Above.Value)-.02) {
			t.Errorf("window %d: %+v", i, w)
		}
	}
	august := list[2]
	if august.Start != time.Date(2021, 8, 1, 0, 0, 0, 0, time.UTC).UnixMicro() {
		t.Errorf("it begins at %d", august.Start)
	}
	for _, c := range [][2]float64{{august.P, 1.4345853334588363e-08 / 2}, {august.Change.Interval.Low, .07223326979547637}, {august.Change.Interval.High, .1476769032210288}} {
		if math.Abs(c[0]/c[1]-1) > 1e-7 {
			t.Errorf("%.17g, want %.17g", c[0], c[1])
		}
	}
	// A quarter of sqrt(.3296 * .6704) is .1175.
	var worse []int
	for i, w := range list {
		if w.Worse(reference, drift.WindowLimit, .05) {
			worse = append(worse, i)
		}
	}
	if want := []int{3, 4, 6, 7}; !slices.Equal(worse, want) {
		t.Errorf("worse windows %v, want %v", worse, want)
	}
}

func TestUnits(t *testing.T) {
	at := func(text string) int64 {
		x, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return x.UnixMicro()
	}
	for _, c := range []struct {
		unit     drift.Unit
		at, want string
	}{
		{drift.Hour, "2024-02-29T23:59:59Z", "2024-02-29T23:00:00Z"},
		{drift.Day, "2024-02-29T23:59:59Z", "2024-02-29T00:00:00Z"},
		{drift.Week, "2024-03-03T23:59:59Z", "2024-02-26T00:00:00Z"}, // a Sunday
		{drift.Week, "2024-03-04T00:00:00Z", "2024-03-04T00:00:00Z"},
		{drift.Month, "1969-12-31T23:59:59Z", "1969-12-01T00:00:00Z"},
		{drift.Day, "1969-12-31T23:59:59Z", "1969-12-31T00:00:00Z"},
		{drift.Hour, "1969-12-31T23:59:59Z", "1969-12-31T23:00:00Z"},
	} {
		if got := c.unit.Start(at(c.at)); got != at(c.want) {
			t.Errorf("%s of %s begins %s, want %s", c.unit, c.at, time.UnixMicro(got).UTC(), c.want)
		}
	}
	first := at("2024-01-01T00:00:00Z")
	for days, want := range map[int64]drift.Unit{0: drift.Hour, 3: drift.Hour, 4: drift.Day, 60: drift.Day, 61: drift.Week, 200: drift.Week, 201: drift.Month} {
		if got := drift.UnitOf(first, first+days*86_400_000_000); got != want {
			t.Errorf("%d days: %s, want %s", days, got, want)
		}
	}
}

// TestEqualWindows: windows like the reference are worse in at most alpha of the runs.
func TestEqualWindows(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 1))
	fill := func(rows int) *drift.Span {
		s := &drift.Span{}
		for range rows {
			y := float64(random.IntN(2))
			addTo(s, y, float64(random.IntN(2)), random.Float64())
		}
		return s
	}
	wrong := 0
	for range 300 {
		windows := map[int64]*drift.Span{}
		for k := range int64(12) {
			windows[k] = fill(40)
		}
		reference := fill(500)
		list, err := drift.CompareWindows(reference, windows, .95)
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(list, func(w drift.WindowChange) bool { return w.PAdjusted <= .05 }) {
			wrong++
		}
	}
	if wrong > 25 { // scipy 1.17.1: binom.sf(25, 300, .05) = .0050
		t.Errorf("a window is worse in %d of 300 runs", wrong)
	}
}

func TestFewWindows(t *testing.T) {
	full, one := &drift.Span{}, &drift.Span{}
	for i := range 10 {
		full.Losses.Add(float64(i % 2))
	}
	one.Losses.Add(1)
	for _, c := range []struct {
		reference *drift.Span
		windows   map[int64]*drift.Span
	}{{one, map[int64]*drift.Span{0: full}}, {full, map[int64]*drift.Span{0: one}}, {full, nil}} {
		if _, err := drift.CompareWindows(c.reference, c.windows, .95); !errors.Is(err, stats.ErrUndefined) {
			t.Errorf("%v", err)
		}
	}
	list, err := drift.CompareWindows(full, map[int64]*drift.Span{0: full, 1: one}, .95)
	if err != nil || len(list) != 1 || !math.IsNaN(list[0].Area.Value) || !math.IsNaN(list[0].CalibrationError) || list[0].Change.Value != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	same := &drift.Span{}
	same.Losses.Merge(stats.Moments{N: 5, Mean: 1})
	list, err = drift.CompareWindows(same, map[int64]*drift.Span{0: same}, .95)
	if err != nil || list[0].P != 1 || list[0].Worse(same, 0, .05) {
		t.Errorf("%+v, %v", list, err)
	}
}
