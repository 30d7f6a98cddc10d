package evidence

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/summary"
)

// row is a true class and what candidate and baseline say.
type row struct{ label, candidate, baseline int }

// labels makes a sealed summary of rows of so many classes.
func labels(classes int, rows []row) summary.View {
	s := summary.New(summary.Shape{Classes: classes, Models: 2})
	b := &summary.Batch{Rows: len(rows), Models: make([]summary.Outputs, 2), Label: []uint16{}}
	for _, r := range rows {
		b.Label = append(b.Label, uint16(r.label))
		b.Models[0].Class = append(b.Models[0].Class, uint16(r.candidate))
		b.Models[1].Class = append(b.Models[1].Class, uint16(r.baseline))
	}
	s.Add(b)
	s.Seal(1)
	return s.Whole()
}

// times is a row so many times.
func times(n int, r row) []row {
	rows := make([]row, n)
	for i := range rows {
		rows[i] = r
	}
	return rows
}

func concat(lists ...[]row) []row {
	var all []row
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func lookup(t testing.TB, name string) metric.Metric {
	t.Helper()
	m, ok := metric.Lookup(name)
	if !ok {
		t.Fatalf("no metric %s", name)
	}
	return m
}

func changeOf(t testing.TB, v summary.View, name string, q Question) Change {
	t.Helper()
	c, ok := OfChange(v, lookup(t, name), metric.Params{}, q)
	if !ok {
		t.Fatalf("%s: no evidence", name)
	}
	return c
}

func near(a, b, tolerance float64) bool {
	return math.Abs(a-b) <= tolerance || math.IsNaN(a) && math.IsNaN(b)
}

// TestAccuracy: b = 6 rows gained and c = 16 lost of 100. P(Bin(22, 1/2) >= 16)
// = .026239395141601562 (scipy 1.17.1, binom.sf(15, 22, .5)).
func TestAccuracy(t *testing.T) {
	v := labels(2, concat(times(70, row{1, 1, 1}), times(8, row{0, 1, 1}), times(6, row{1, 1, 0}), times(16, row{0, 1, 0})))
	c := changeOf(t, v, "accuracy", Question{Side: Down, Margin: 0.02, Alpha: 0.05})
	if c.Method != "tango" || !near(c.Worse, .026239395141601562, 1e-12) || !(c.Low < -.1 && c.High > -.1) || !math.IsNaN(c.Within) || !(c.Beyond > c.Worse) || c.Provable {
		t.Errorf("%+v", c)
	}
	// The drop of accuracy is the rise of errors on the other side.
	up := changeOf(t, labels(2, concat(times(70, row{1, 1, 1}), times(8, row{0, 1, 1}), times(16, row{1, 1, 0}), times(6, row{0, 1, 0}))), "accuracy", Question{Side: Up, Margin: 0.02, Alpha: 0.05})
	if up.Worse != c.Worse || !near(up.Beyond, c.Beyond, 1e-12) || !near(up.Low, -c.High, 1e-12) || !near(up.High, -c.Low, 1e-12) {
		t.Errorf("mirrored: %+v, want %+v", up, c)
	}
	both := changeOf(t, v, "accuracy", Question{Side: Both, Margin: 0.02, Alpha: 0.05})
	if both.Worse != 2*c.Worse || both.Beyond != 2*c.Beyond {
		t.Errorf("both sides: %+v", both)
	}
}

// TestShares: each metric is judged on the rows that it is a share of.
func TestShares(t *testing.T) {
	// 300 positive rows, of which 4 are lost and 1 is gained; 700 negative ones, of which 30 are lost and 10 gained.
	v := labels(2, concat(
		times(200, row{1, 1, 1}), times(95, row{1, 0, 0}), times(4, row{1, 0, 1}), times(1, row{1, 1, 0}),
		times(600, row{0, 0, 0}), times(60, row{0, 1, 1}), times(30, row{0, 1, 0}), times(10, row{0, 0, 1}),
	))
	for name, want := range map[string]struct {
		side   Side
		worse  float64 // scipy 1.17.1
		change float64
	}{
		"recall":              {Down, 0.1875, -3. / 300},                          // binom.sf(3, 5, .5)
		"false_negative_rate": {Up, 0.1875, 3. / 300},                             // the same rows
		"specificity":         {Down, 0.0011107168866146822, -20. / 700},          // binom.sf(29, 40, .5)
		"false_positive_rate": {Up, 0.0011107168866146822, 20. / 700},             // the same rows
		"accuracy":            {Down, 0.00041204117979987126, (11. - 34.) / 1000}, // binom.sf(33, 45, .5)
		"f1_micro":            {Down, 0.00041204117979987126, (11. - 34.) / 1000},
		"recall_weighted":     {Down, 0.00041204117979987126, (11. - 34.) / 1000},
		"positive_rate":       {Up, 0.008047180015637421, (31. - 14.) / 1000}, // binom.sf(30, 45, .5)
	} {
		c := changeOf(t, v, name, Question{Side: want.side, Margin: 0.001, Alpha: 0.05})
		m := lookup(t, name)
		x, _ := m.Estimate(v, 0, metric.Params{})
		y, _ := m.Estimate(v, 1, metric.Params{})
		if !near(x.Value-y.Value, want.change, 1e-12) || !(c.Low < want.change && want.change < c.High) {
			t.Errorf("%s: change %v in %v to %v, want %v", name, x.Value-y.Value, c.Low, c.High, want.change)
		}
		if !near(c.Worse, want.worse, 1e-12) {
			t.Errorf("%s: %v, want %v", name, c.Worse, want.worse)
		}
	}
}

// TestRightOrWrong: what is treated as accuracy equals it, whatever the rows.
func TestRightOrWrong(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		var rows []row
		for range 1 + random.IntN(40) {
			rows = append(rows, row{random.IntN(4), random.IntN(4), random.IntN(4)})
		}
		v := labels(4, rows)
		want, _ := lookup(t, "accuracy").Estimate(v, 0, metric.Params{})
		for _, name := range rightOrWrong {
			if got, err := lookup(t, name).Estimate(v, 0, metric.Params{Beta: 2}); err != nil || !near(got.Value, want.Value, 1e-12) {
				t.Fatalf("%s: %v (%v), accuracy %v", name, got.Value, err, want.Value)
			}
		}
	}
}

// TestEdges: nothing passes for proof that is none, and nothing panics.
func TestEdges(t *testing.T) {
	for name, rows := range map[string][]row{
		"one row":      {{1, 1, 1}},
		"two rows":     {{1, 1, 1}, {0, 0, 0}},
		"all agree":    times(40, row{1, 1, 1}),
		"both wrong":   times(40, row{1, 0, 0}),
		"all lost":     times(40, row{1, 0, 1}),
		"all gained":   times(40, row{1, 1, 0}),
		"one class":    times(400, row{0, 0, 0}),
		"half perfect": concat(times(30, row{1, 1, 1}), times(30, row{0, 0, 0})),
	} {
		for _, m := range metric.All() {
			if !hasTask(m, metric.Binary) || m.Scores {
				continue
			}
			for _, margin := range []float64{0, 0.02, 1, 5} {
				for _, side := range []Side{Down, Up, Both} {
					c, ok := OfChange(labels(2, rows), m, metric.Params{Beta: 1}, Question{Side: side, Margin: margin, Alpha: 0.05})
					if !ok {
						continue
					}
					for _, p := range []float64{c.Worse, c.Beyond, c.Within} {
						if p < 0 || p > 1 {
							t.Errorf("%s, %s: a chance of %v", name, m.Name, p)
						}
					}
					if math.IsNaN(c.Low) || math.IsNaN(c.High) || c.Low > c.High {
						t.Errorf("%s, %s: interval %v to %v", name, m.Name, c.Low, c.High)
					}
					if c.Provable && margin == 0.02 && len(rows) < 149 {
						t.Errorf("%s, %s: %d rows prove a margin of 2 %%", name, m.Name, len(rows))
					}
					if c.Worse < 0.05 && name != "all lost" && name != "all gained" {
						t.Errorf("%s, %s: worse by chance %v", name, m.Name, c.Worse)
					}
				}
			}
		}
	}
	if _, ok := OfChange(labels(2, nil), lookup(t, "accuracy"), metric.Params{}, Question{Side: Down, Margin: 0.02, Alpha: 0.05}); ok {
		t.Error("evidence without rows")
	}
}

func hasTask(m metric.Metric, task string) bool {
	for _, t := range m.Tasks {
		if t == task {
			return true
		}
	}
	return false
}

// TestValue: Wilson's interval of 81/263 is .2553 to .3662 (design/statistics.md).
func TestValue(t *testing.T) {
	v := labels(2, concat(times(81, row{1, 1, 1}), times(182, row{1, 0, 0})))
	for name, want := range map[string][2]float64{"accuracy": {.2553, .3662}, "recall": {.2553, .3662}, "false_negative_rate": {1 - .3662, 1 - .2553}} {
		got, ok := OfValue(v, 0, lookup(t, name), metric.Params{}, 0.05)
		if !ok || !near(got.Low, want[0], 5e-5) || !near(got.High, want[1], 5e-5) {
			t.Errorf("%s: %+v, want %v", name, got, want)
		}
	}
}
