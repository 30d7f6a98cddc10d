package evidence

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/summary"
)

// losses makes a sealed summary that keeps what evidence on a metric wants. Of a
// regression, each row is the target and what candidate and baseline predict; else
// it is the class and the probabilities that they give class 1.
func losses(m metric.Metric, p metric.Params, rows [][3]float64) summary.View {
	needs := m.Needs(p)
	needs.Add(Needs(m, p, everything, false))
	shape := summary.Shape{Classes: 1, Models: 2, Whole: needs}
	b := &summary.Batch{Rows: len(rows), Models: make([]summary.Outputs, 2)}
	for _, r := range rows {
		b.Target = append(b.Target, r[0])
		for k := range b.Models {
			b.Models[k].Score = append(b.Models[k].Score, r[k+1])
		}
	}
	if !hasTask(m, metric.Regression) {
		shape.Classes = 2
		classify(b, rows)
	}
	s := summary.New(shape)
	s.Add(b)
	s.Seal(1)
	return s.Whole()
}

func classify(b *summary.Batch, rows [][3]float64) {
	for _, r := range rows {
		b.Label = append(b.Label, uint16(r[0]))
		for k := range b.Models {
			o, s := &b.Models[k], r[k+1]
			o.Class = append(o.Class, uint16(math.Round(s)))
			o.True = append(o.True, math.Abs(1-r[0]-s))
			o.Top = append(o.Top, max(s, 1-s))
			o.Brier = append(o.Brier, (s-r[0])*(s-r[0]))
		}
	}
}

// sixty are the rows that the numbers of TestMeans are of.
func sixty(m metric.Metric) (rows [][3]float64) {
	for i := 1; i <= 60; i++ {
		y := float64(i)
		r := [3]float64{y, y + float64(i*7%11-5)/4, y + float64(i*5%13-6)/8}
		if !hasTask(m, metric.Regression) {
			right, before := float64(i*11%60+4)/64, float64(i*11%60+5+i%3)/68
			if r = [3]float64{0, 1 - right, 1 - before}; i*3%7 < 3 {
				r = [3]float64{1, right, before}
			}
		}
		rows = append(rows, r)
	}
	return rows
}

// TestMeans: scipy 1.17.1. Worse is ttest_rel(u, v, alternative="greater").pvalue
// of the losses u and v of candidate and baseline, beyond or within that of
// ttest_1samp(u - v, margin), the interval ttest_rel's, and that of the value
// ttest_1samp(u, 0)'s, x ± half; of roots half/(2x) of the interval of x²; and, of what
// is never negative, as x exp(±half/x). Of rmse and rmsle: t of g = u/(2 sqrt(mean u)) - v/(2
// sqrt(mean v)) about the change, t.cdf((change - margin)/(std(g, ddof=1)/sqrt(60)), 59).
func TestMeans(t *testing.T) {
	nan := math.NaN()
	for name, want := range map[string]struct{ margin, worse, beyond, within, low, high, valueLow, valueHigh float64 }{
		"mae":                   {.05, 9.305721905402117e-06, 0.0001662067955273239, nan, 0.15687058933308612, 0.3931294106669139, 0.5761291619307105, 0.7822041714026229},
		"mse":                   {.05, 9.855043245276024e-07, 1.075619222953377e-05, nan, 0.24832132855459527, 0.5516786714454047, 0.4740937893020313, 0.7613228773646353},
		"mean_error":            {.25, 0.4728043053913321, nan, 0.02579220730007149, -0.23504908200585628, 0.25171574867252294, -0.19221839841963487, 0.2172183984196349},
		"mape":                  {.04, 0.003909612398363671, nan, 0.01717719649770042, 0.006120240866990499, 0.03865750656091332, 0.02719794458184178, 0.07315114307694706},
		"smape":                 {.03, 0.0007933541577706993, nan, 0.06352709435711597, 0.008091677699748015, 0.03279882253991408, 0.0279487122322284, 0.06808178529777828},
		"pinball":               {.05, 0.0015167415660484903, 0.02592963541150181, nan, 0.04925446569706646, 0.22991220096960022, 0.26902021469945614, 0.41639645196721053},
		"mean_poisson_deviance": {.04, 0.0002568906129686197, nan, 0.029063845450314176, 0.011945269895586315, 0.04048995474671487, 0.022835232391125143, 0.057063733314984114},
		"rmse":                  {.4, 9.855043245276024e-07, nan, 0.06581920850241009, 0.2137999399050531, 0.42490400899394176, 0.4740937893020313, 0.7613228773646353},
		"rmsle":                 {.05, 0.010175575733994661, nan, 0.004671954466090704, 0.012031923182123424, 0.04444176094918227, nan, nan},
		"log_loss":              {.005, 0.008889202584840777, 0.026472426851132772, nan, 0.004720283953121851, 0.04790007755192119, 0.6579958666265922, 1.0191850690909694},
		"brier":                 {.005, 0.007286028438372112, 0.25769739604951697, nan, 0.001385233106236448, 0.012128105363342561, 0.2310153061169114, 0.36965201159142197},
	} {
		m, p := lookup(t, name), metric.Params{Quantile: .25}
		v := losses(m, p, sixty(m))
		if name == "rmse" {
			root := math.Sqrt((want.valueLow + want.valueHigh) / 2)
			half := (want.valueHigh - want.valueLow) / 2 / (2 * root)
			want.valueLow, want.valueHigh = root-half, root+half
		}
		if !m.Signed {
			want.valueLow, want.valueHigh = onLogarithms(want.valueLow, want.valueHigh)
		}
		c, ok := OfChange(v, m, p, Question{Side: Up, Margin: want.margin, Alpha: .05})
		value, okValue := OfValue(v, 0, m, p, .05)
		if !ok || !okValue || c.Method != "t" || value.Method != "t" || !c.Provable {
			t.Errorf("%s: %+v, %+v", name, c, value)
		}
		for what, x := range map[string][2]float64{
			"worse": {c.Worse, want.worse}, "beyond": {c.Beyond, want.beyond}, "within": {c.Within, want.within}, "low": {c.Low, want.low}, "high": {c.High, want.high},
			"low of the value": {value.Low, want.valueLow}, "high of the value": {value.High, want.valueHigh},
		} {
			if !near(x[0], x[1], 1e-12) && !(name == "rmsle" && math.IsNaN(x[1])) {
				t.Errorf("%s: %s %v, want %v", name, what, x[0], x[1])
			}
		}
		// ((z_.05 + z_.2) SE / m)² rows, with SE from the interval; t.ppf(.975, 59).
		se := (want.high - want.low) / 2 / 2.0009953780882679
		if need := math.Ceil(60 * math.Pow((1.6448536269514729+0.8416212335729143)*se/want.margin, 2)); float64(c.RowsNeeded) != max(need, 30) {
			t.Errorf("%s: %d rows needed, want %v", name, c.RowsNeeded, need)
		}
		if _, ok := OfChange(withoutSums(m, p, sixty(m)), m, p, Question{Side: Up, Margin: want.margin, Alpha: .05}); ok {
			t.Errorf("%s: evidence of sums that are not kept", name)
		}
	}
}

// withoutSums keeps the metric's value alone.
func withoutSums(m metric.Metric, p metric.Params, rows [][3]float64) summary.View {
	shape := summary.Shape{Classes: 1, Models: 2, Whole: m.Needs(p)}
	b := &summary.Batch{Rows: len(rows), Models: make([]summary.Outputs, 2)}
	for _, r := range rows {
		b.Target = append(b.Target, r[0])
		for k := range b.Models {
			b.Models[k].Score = append(b.Models[k].Score, r[k+1])
		}
	}
	if !hasTask(m, metric.Regression) {
		shape.Classes = 2
		classify(b, rows)
	}
	s := summary.New(shape)
	s.Add(b)
	s.Seal(1)
	return s.Whole()
}

// TestConfidentErrorsAreAShare: 100 rows, of which 6 are no longer wrong with
// confidence and 16 are newly so, are judged as accuracy's are: binom.sf(15, 22,
// .5) = .026239395141601562 (scipy 1.17.1); and Wilson's interval of 24/100.
func TestConfidentErrorsAreAShare(t *testing.T) {
	m, p := lookup(t, "high_confidence_error_rate"), metric.Params{Above: .9}
	var rows [][3]float64
	for i := range 100 {
		r := [3]float64{1, .95, .95}
		switch {
		case i < 6:
			r = [3]float64{1, .8, .01}
		case i < 22:
			r = [3]float64{1, .01, .2}
		case i < 30:
			r = [3]float64{1, .01, .02}
		}
		rows = append(rows, r)
	}
	v := losses(m, p, rows)
	c, ok := OfChange(v, m, p, Question{Side: Up, Margin: .02, Alpha: .05})
	want := changeOf(t, labels(2, concat(times(78, row{1, 1, 1}), times(6, row{1, 1, 0}), times(16, row{1, 0, 1}))), "accuracy", Question{Side: Down, Margin: .02, Alpha: .05})
	if !ok || c.Method != "tango" || !near(c.Worse, .026239395141601562, 1e-12) || !near(c.Beyond, want.Beyond, 1e-12) || !near(c.Low, -want.High, 1e-12) || c.RowsNeeded != want.RowsNeeded {
		t.Errorf("%+v, want %+v", c, want)
	}
	value, ok := OfValue(v, 0, m, p, .05)
	if share, _ := OfShare(24, 100, .05); !ok || value != share {
		t.Errorf("%+v, want %+v", value, share)
	}
}

// TestMeansEdges: nothing passes for proof that is none.
func TestMeansEdges(t *testing.T) {
	shift := func(n int, candidate, baseline float64) (rows [][3]float64) {
		for i := range n {
			y := float64(i % 7)
			rows = append(rows, [3]float64{y, y + candidate, y + baseline})
		}
		return rows
	}
	few := func(n, moved int) [][3]float64 {
		rows := shift(n, 1, 1)
		for i := range moved {
			rows[i][1] += 1 + float64(i)/100
		}
		return rows
	}
	for name, c := range map[string]struct {
		rows         [][3]float64
		worse, least float64 // the chance must be in this range
		proves       bool    // a margin of 3
	}{
		"no row":                      {nil, 1, 1, false},
		"one row, worse":              {shift(1, 2, 1), 1, 1, false},
		"two rows, worse":             {shift(2, 2, 1), .25, .25, false},
		"the same":                    {shift(500, 1, 1), 1, 1, false},
		"both perfect":                {shift(500, 0, 0), 1, 1, false},
		"the baseline is perfect":     {shift(500, 1, 0), math.Exp2(-500), math.Exp2(-500), false},
		"all worse by the same":       {shift(40, 1.1, 1), math.Exp2(-40), math.Exp2(-40), false},
		"all better by the same":      {shift(40, 1, 1.1), 1, 1, false},
		"few rows that differ little": {few(20, 20), math.Exp2(-20), math.Exp2(-20), false},
		"two rows of many":            {few(500, 2), .25, .25, false},
		"twenty rows of many":         {few(500, 20), 1e-7, 1e-4, true},
	} {
		for _, metricName := range []string{"mae", "rmse"} {
			m := lookup(t, metricName)
			v := losses(m, some, c.rows)
			got, ok := OfChange(v, m, some, Question{Side: Up, Margin: 3, Alpha: .05})
			if ok != (len(c.rows) > 0) {
				t.Fatalf("%s of %s: evidence %v", metricName, name, ok)
			}
			if !ok {
				continue
			}
			if got.Worse < c.worse*(1-1e-9) || got.Worse > c.least*(1+1e-9) {
				t.Errorf("%s of %s: worse %v, want %v to %v", metricName, name, got.Worse, c.worse, c.least)
			}
			if proven := got.Provable && got.Within <= .05; proven != c.proves {
				t.Errorf("%s of %s: %+v, proven %v", metricName, name, got, proven)
			}
			if got, _ := OfChange(v, m, some, Question{Side: Up, Margin: 0, Alpha: .05}); got.Provable {
				t.Errorf("%s of %s: a margin of 0 is proven", metricName, name)
			}
			beyond, _ := OfChange(v, m, some, Question{Side: Up, Margin: 1e-3, Alpha: .05})
			if !math.IsNaN(beyond.Beyond) && beyond.Beyond < beyond.Worse {
				t.Errorf("%s of %s: beyond %v, worse %v", metricName, name, beyond.Beyond, beyond.Worse)
			}
		}
	}
	mae := lookup(t, "mae")
	for _, rows := range [][][3]float64{shift(1, 1, 1), shift(50, 1, 1)} {
		if got, ok := OfValue(losses(mae, some, rows), 0, mae, some, .05); !ok || !math.IsNaN(got.Low) || !math.IsNaN(got.High) {
			t.Errorf("%d rows without spread: %+v", len(rows), got)
		}
	}
	if got, ok := OfChange(losses(mae, some, [][3]float64{{0, 1e200, 1}, {0, 1, 2}, {0, 5, 1}}), mae, some, Question{Side: Up, Margin: 1, Alpha: .05}); !ok || got.Worse != 1 || got.Provable {
		t.Errorf("squares that no number holds: %+v", got)
	}
}

// TestMeansEquallyGood: of two equally good models on fresh rows, a rise of the log loss,
// the mean absolute error and its root mean square is called at most 5 % of the
// time, give or take three standard errors of 2,000 trials; so is a rise of just
// the margin called within it.
func TestMeansEquallyGood(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	const trials = 2000
	most := int(trials*.05 + 3*math.Sqrt(trials*.05*.95))
	for _, name := range []string{"log_loss", "mae", "rmse"} {
		m := lookup(t, name)
		alarms, proofs := 0, 0
		for range trials {
			var rows, worse [][3]float64
			for range 100 {
				y, a, b := random.NormFloat64(), random.NormFloat64(), random.NormFloat64()
				r := [3]float64{y, y + .8*b + .6*a, y + a}
				if name == "log_loss" { // both are the truth's logit with noise
					label := 0.0
					if random.Float64() < 1/(1+math.Exp(-y)) {
						label = 1
					}
					r = [3]float64{label, 1 / (1 + math.Exp(-y-.5*a)), 1 / (1 + math.Exp(-y-.5*b))}
				}
				rows, worse = append(rows, r), append(worse, [3]float64{y, y + 1.2*r[1] - 1.2*y, r[2]})
			}
			if c, ok := OfChange(losses(m, some, rows), m, some, Question{Side: Up, Margin: 0, Alpha: .05}); !ok {
				t.Fatal(name)
			} else if c.Worse <= .05 {
				alarms++
			}
			if name == "rmse" { // of errors of standard deviation 1.2 and 1
				c, _ := OfChange(losses(m, some, worse), m, some, Question{Side: Up, Margin: .2, Alpha: .05})
				if c.Within <= .05 {
					proofs++
				}
			}
		}
		if alarms > most || alarms < trials/100 {
			t.Errorf("%s: %d of %d equally good models are called worse", name, alarms, trials)
		}
		if proofs > most {
			t.Errorf("%s: %d of %d that are worse by the margin are called within it", name, proofs, trials)
		}
	}
}
