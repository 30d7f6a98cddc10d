package evidence

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/summary"
)

// keptAlone is what a baseline keeps of the candidate of a view.
func keptAlone(t *testing.T, v summary.View, m metric.Metric, p metric.Params) Kept {
	t.Helper()
	x, err := m.Estimate(v, 0, p)
	if err != nil {
		t.Fatal(err)
	}
	k := Kept{Value: x.Value, Rows: v.Rows()}
	if e, ok := Vary(v, 0, m, p, .05); ok {
		k.SE, k.DF = e.SE, e.DF
	}
	return k
}

// TestValuesApart: the mean absolute error of 60 rows and of 40 others, scipy 1.17.1's
// ttest_ind(a, b, equal_var=False, alternative="greater"), of a and of a - .3, and
// .confidence_interval(.95).
func TestValuesApart(t *testing.T) {
	m := lookup(t, "mae")
	rows := sixty(m)
	var others [][3]float64
	for _, r := range rows[:40] {
		others = append(others, [3]float64{r[0], r[2], r[1]})
	}
	k := keptAlone(t, losses(m, some, others), m, some)
	c, ok := OfUnpaired(losses(m, some, rows), k, m, some, Question{Side: Up, Margin: .3, Alpha: .05})
	if !ok || c.Method != "welch" || !c.Provable {
		t.Fatalf("%v %+v", ok, c)
	}
	for what, x := range map[string][2]float64{
		"worse": {c.Worse, 1.3198281551632375e-05}, "within": {c.Within, 1 - 0.6087550170145946}, "low": {c.Low, 0.1553400296474611}, "high": {c.High, 0.40924330368587236},
	} {
		if !near(x[0], x[1], 1e-12) {
			t.Errorf("%s %v, want %v", what, x[0], x[1])
		}
	}
	k.SE = 0
	if c, ok := OfUnpaired(losses(m, some, rows), k, m, some, Question{Side: Up, Margin: .3, Alpha: .05}); ok {
		t.Errorf("of a value without a standard error: %+v", c)
	}
}

// TestConfidentErrorsApart: shares of rows need no more than their value and rows:
// Newcombe's interval of 5/56 and 0/29 is -.0381 to .1926 (design/statistics.md).
func TestConfidentErrorsApart(t *testing.T) {
	m, p := lookup(t, "high_confidence_error_rate"), metric.Params{Above: .9}
	var rows [][3]float64
	for i := range 56 {
		r := [3]float64{1, .95, .95}
		if i < 5 {
			r[1] = .01
		}
		rows = append(rows, r)
	}
	v := losses(m, p, rows)
	c, ok := OfUnpaired(v, Kept{Value: 0, Rows: 29}, m, p, Question{Side: Up, Margin: .05, Alpha: .05})
	if !ok || c.Method != "newcombe" || !near(c.Low, -.0381, 5e-3) || math.Abs(c.High-.1926) > 5e-5 {
		t.Errorf("%v %+v", ok, c)
	}
	if c, ok := OfUnpaired(v, Kept{Value: .333, Rows: 29}, m, p, Question{Side: Up, Margin: .05, Alpha: .05}); ok {
		t.Errorf("a share of weighted rows: %+v", c)
	}
}

// TestValuesApartFalseAlarms: of two samples of rows of one kind at most 5 % look worse,
// give or take three standard errors, and as many intervals miss a change of 0.
func TestValuesApartFalseAlarms(t *testing.T) {
	random := rand.New(rand.NewPCG(15, 16))
	const trials = 400
	most := trials*.05 + 3*math.Sqrt(trials*.05*.95)
	for _, name := range []string{"mae", "rmse", "r2", "log_loss", "pearson", "spearman", median} {
		m := lookup(t, name)
		draw := func(n int) summary.View {
			var rows [][3]float64
			for range n {
				y, e := random.NormFloat64(), random.NormFloat64()
				r := [3]float64{y, y + e, y + e}
				if name == "log_loss" {
					s := 1 / (1 + math.Exp(-y))
					r = [3]float64{0, s, s}
					if random.Float64() < s {
						r[0] = 1
					}
				}
				rows = append(rows, r)
			}
			return losses(m, some, rows)
		}
		alarms, missed := 0, 0
		for range trials {
			v := draw(150)
			c, ok := OfUnpaired(v, keptAlone(t, draw(100), m, some), m, some, Question{Side: Up, Margin: 0, Alpha: .05})
			if !ok || c.Method != "welch" {
				t.Fatalf("%s: %v %+v", name, ok, c)
			}
			if c.Worse <= .05 {
				alarms++
			}
			if !(c.Low <= 0 && 0 <= c.High) {
				missed++
			}
		}
		if float64(alarms) > most || float64(missed) > most {
			t.Errorf("%s: %d of %d look worse, %d intervals miss", name, alarms, trials, missed)
		}
	}
}

// TestAreasApartByTheirVariance: pROC's aSAH, its two models as if of other rows:
// wfns .8236788617886179 against s100b .7313685636856369 has p .152825378808796 by Welch's t
// of 206.66 degrees of freedom, which takes a row less for each (design/statistics.md); by
// those of Brunner and Munzel it is near.
func TestAreasApartByTheirVariance(t *testing.T) {
	m := lookup(t, "roc_auc")
	v := curves(wfns())
	k := Kept{Value: .7313685636856369, Rows: 113, SE: math.Sqrt(.00266868245717244), DF: 112}
	c, ok := OfUnpaired(v, k, m, some, Question{Side: Both, Margin: .5, Alpha: .05})
	if !ok || c.Method != "welch" || !near(c.Worse, .152825378808796, .02) {
		t.Errorf("%v %+v", ok, c)
	}
}
