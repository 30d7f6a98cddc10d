package evidence

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noworse/noworse/metric"
)

// tens are ten bins, as metrics have them.
var tens = metric.Params{Bins: 10}

// calibratedRows are of two classes. A model sees the logit with noise, and makes so many
// times of it as there is: scores are nearly true probabilities where that is 1.
func calibratedRows(random *rand.Rand, n int, now, before float64) (rows [][3]float64) {
	for range n {
		logit := 1.5 * random.NormFloat64()
		score := func(times float64) float64 { return 1 / (1 + math.Exp(-times*(logit+.2*random.NormFloat64()))) }
		r := [3]float64{0, score(now), score(before)}
		if random.Float64() < 1/(1+math.Exp(-logit)) {
			r[0] = 1
		}
		rows = append(rows, r)
	}
	return rows
}

// TestCalibrationErrors: of 200 rows in 5 bins, numpy 2.4.6 and scipy 1.17.1. Means of
// absolute values are foldnorm.mean's, and where one is seen optimize.brentq finds of what
// it is the mean; ends are t.ppf(.975, 199) standard errors of the rows' signed errors
// beyond, chances t.sf and t.cdf. The largest error has the ends of
// binomtest(hits, rows).proportion_ci(1 - .05/5, "exact") of the bins.
func TestCalibrationErrors(t *testing.T) {
	five, ece, largest := metric.Params{Bins: 5}, lookup(t, "ece"), lookup(t, "max_calibration_error")
	var rows [][3]float64
	for i := 1; i <= 200; i++ {
		before := (float64(i*67%199) + .5) / 200
		r := [3]float64{0, min(max(before+float64(i*13%17-6)/60, 0), 1), before}
		if float64(i*31%100)/100 < before*.8+.1 {
			r[0] = 1
		}
		rows = append(rows, r)
	}
	v := losses(ece, five, rows)
	rise, _ := OfChange(v, ece, five, Question{Side: Up, Margin: .2, Alpha: .05})
	value, _ := OfValue(v, 0, ece, five, .05)
	most, _ := OfValue(losses(largest, five, rows), 0, largest, five, .05)
	for what, x := range map[string][2]float64{
		"low": {rise.Low, -0.11870873239315075}, "high": {rise.High, 0.0813098627942195}, "worse": {rise.Worse, 0.8694136821280658}, "within": {rise.Within, 4.5319303439772463e-07},
		"low of the value": {value.Low, 0}, "high of the value": {value.High, 0.11636874929875993}, "low of the largest": {most.Low, 0}, "high of the largest": {most.High, 0.3029242619426422},
	} {
		if !near(x[0], x[1], 1e-9) {
			t.Errorf("%s %v, want %v", what, x[0], x[1])
		}
	}
	if rise.Method != "calibration" || !rise.Provable || value.Method != "calibration" || most.Method != "calibration" {
		t.Errorf("%+v %+v %+v", rise, value, most)
	}
	if drop, _ := OfChange(v, ece, five, Question{Side: Down, Margin: .2, Alpha: .05}); !near(drop.Worse, 0.5, .5) || drop.Worse == rise.Worse {
		t.Errorf("%+v", drop)
	}
}

// TestCalibrationErrorsAtTheEdges: too few rows are no evidence, whatever they look like.
func TestCalibrationErrorsAtTheEdges(t *testing.T) {
	rows := func(n int, now, before float64) (list [][3]float64) {
		for range n {
			list = append(list, [3]float64{1, now, before})
		}
		return list
	}
	for _, name := range []string{"ece", "max_calibration_error"} {
		m := lookup(t, name)
		for what, c := range map[string]struct {
			rows    [][3]float64
			ok      bool
			surely  bool    // it got worse
			highest float64 // of the value, at least
		}{
			"no row":                     {nil, false, false, 0},
			"one row":                    {rows(1, .05, .95), true, false, 0},
			"two rows":                   {rows(2, .05, .95), true, false, 0},
			"the same":                   {rows(500, .95, .95), true, false, .05},
			"both sure and right":        {rows(500, 1, 1), true, false, .005},
			"sure and wrong, all of 500": {append(rows(400, .05, .95), rows(100, .15, .85)...), true, true, .8},
		} {
			v := losses(m, tens, c.rows)
			got, ok := OfChange(v, m, tens, Question{Side: Up, Margin: .05, Alpha: .05})
			if ok != c.ok || ok && (got.Worse <= .05) != c.surely {
				t.Errorf("%s, %s: %v %+v", name, what, ok, got)
			}
			if ok && what != "sure and wrong, all of 500" && name == "ece" && got.Provable && got.Within <= .05 {
				t.Errorf("%s, %s: %+v is proven", name, what, got)
			}
			value, ok := OfValue(v, 0, m, tens, .05)
			if ok != c.ok || value.Low < 0 || value.High > 1 || ok && !math.IsNaN(value.High) && value.High < c.highest {
				t.Errorf("%s, %s: %v %+v", name, what, ok, value)
			}
		}
	}
	ece, many := lookup(t, "ece"), metric.Params{Bins: 33}
	v := losses(ece, many, rows(100, .6, .7))
	if got, ok := OfChange(v, ece, many, Question{Side: Up, Margin: .05, Alpha: .05}); ok {
		t.Errorf("33 bins have pairs: %+v", got)
	}
	if got, ok := OfValue(v, 0, ece, many, .05); !ok || math.IsNaN(got.Low) {
		t.Errorf("33 bins: %+v", got)
	}
}

// TestCalibrationErrorsHold: intervals have the true change and value at least 93 % of the
// time, models that are equally good among them, whose true error is 0, and these are
// called worse at most 5 %, give or take three standard errors. What is true is that of
// 200,000 rows.
func TestCalibrationErrorsHold(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	const trials = 300
	most := trials*.05 + 3*math.Sqrt(trials*.05*.95)
	leastCovered := trials*.93 - 3*math.Sqrt(trials*.93*.07)
	for _, name := range []string{"ece", "max_calibration_error"} {
		m := lookup(t, name)
		for _, c := range []struct {
			rows        int
			now, before float64
		}{{100, 1, 1}, {1000, 1, 1}, {100, 1.5, 1}, {1000, 2, 1}, {1000, 2, 1.8}} {
			truth := losses(m, tens, calibratedRows(random, 200_000, c.now, c.before))
			now, _ := m.Estimate(truth, 0, tens)
			before, _ := m.Estimate(truth, 1, tens)
			alarms, changes, values := 0, 0, 0
			for range trials {
				v := losses(m, tens, calibratedRows(random, c.rows, c.now, c.before))
				change, ok := OfChange(v, m, tens, Question{Side: Up, Margin: 0, Alpha: .05})
				value, okValue := OfValue(v, 0, m, tens, .05)
				if !ok || !okValue {
					t.Fatal(name)
				}
				if change.Worse <= .05 {
					alarms++
				}
				if math.IsNaN(change.Low) || change.Low <= now.Value-before.Value && now.Value-before.Value <= change.High {
					changes++
				}
				if value.Low <= now.Value && now.Value <= value.High {
					values++
				}
			}
			t.Logf("%s, %+v: true %.4f, %.4f, covered %.3f, %.3f, worse %.3f", name, c, now.Value, before.Value, float64(changes)/trials, float64(values)/trials, float64(alarms)/trials)
			if c.now == c.before && float64(alarms) > most {
				t.Errorf("%s: %d of %d equally good models are called worse", name, alarms, trials)
			}
			if float64(changes) < leastCovered || float64(values) < leastCovered {
				t.Errorf("%s of %+v: %d changes and %d values of %d are covered", name, c, changes, values, trials)
			}
		}
	}
}
