package evidence

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// precisions makes a sealed summary of rows of two classes that keeps what evidence on
// average precision wants.
func precisions(rows []scored) summary.View {
	m, _ := metric.Lookup("average_precision")
	needs := m.Needs(some)
	needs.Add(Needs(m, some, everything, false))
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
	if len(rows) > 0 {
		s.Add(b)
	}
	s.Seal(1)
	return s.Whole()
}

// TestAveragePrecision: influences by derivatives of scikit-learn 1.9.1's
// average_precision_score by each row's weight (seven points, h = .02), of 25 positive
// and 35 negative rows; v and w being the sums of squares by class, times P/(P-1) and
// N/(N-1), variance v + w and (v+w)^2/(v^2/(P-1) + w^2/(N-1)) degrees of freedom; then
// scipy 1.17.1's t.ppf(.975, df), t.cdf of the change over its standard error, the same
// of change + margin with a variance of at least margin/P. The ends of the value are those
// of expit(logit(AP) ± half), .48286124 and .81031160, or farther those of Wilson's
// interval of AP as a share of 25, by optimize.brentq.
func TestAveragePrecision(t *testing.T) {
	var rows []scored
	for i := 1; i <= 60; i++ {
		r := scored{positive: i*3%7 < 3, candidate: float64(i*11%60+4)/64 + float64(i*5%13)/50, baseline: float64(i*11%60+5+i%3) / 68}
		if r.positive {
			r.candidate, r.baseline = r.candidate+.15, r.baseline+.2
		}
		rows = append(rows, r)
	}
	m, v := lookup(t, "average_precision"), precisions(rows)
	c, ok := OfChange(v, m, some, Question{Side: Down, Margin: .05, Alpha: .05})
	value, okValue := OfValue(v, 0, m, some, .05)
	if !ok || !okValue || c.Method != "influence" || value.Method != "influence" || c.Provable {
		t.Fatalf("%+v %+v", c, value)
	}
	for what, x := range map[string][2]float64{
		"low": {c.Low, -0.14364232682527697}, "high": {c.High, -0.023498534511734802}, "worse": {c.Worse, 0.00383289932362743}, "beyond": {c.Beyond, 0.2287475253530083},
		"low of the value": {value.Low, 0.4706916287402255}, "high of the value": {value.High, 0.8176970832896393},
	} {
		if !near(x[0], x[1], 1e-9) {
			t.Errorf("%s %v, want %v", what, x[0], x[1])
		}
	}
}

// precisionAt is the average precision of normal scores that are higher by so much for
// the positive class, by the trapezoid rule.
func precisionAt(positive, distance float64) float64 {
	const step = 1. / 64
	sum := 0.0
	for i := -8 * 64; i <= 8*64; i++ {
		x := float64(i) * step
		tp, fp := positive*stats.NormalUpper(x), (1-positive)*stats.NormalUpper(x+distance)
		sum += tp / (tp + fp) * math.Exp(-x*x/2)
	}
	return sum * step / math.Sqrt(2*math.Pi)
}

// TestAveragePrecisionHolds: intervals have the true change and value at least 93 % of
// the time, and models that are equally good are called worse at most 5 %, give or take
// three standard errors.
func TestAveragePrecisionHolds(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	const trials = 400
	most := trials*.05 + 3*math.Sqrt(trials*.05*.95)
	leastCovered := trials*.93 - 3*math.Sqrt(trials*.93*.07)
	m := lookup(t, "average_precision")
	for _, c := range []struct {
		rows           int
		positive, drop float64
	}{{100, .5, 0}, {100, .5, .1}, {300, .1, 0}, {300, .1, .1}, {1000, .02, .1}} {
		now, before := precisionAt(c.positive, 2-c.drop), precisionAt(c.positive, 2)
		alarms, changes, values := 0, 0, 0
		for range trials {
			rows := make([]scored, c.rows)
			for i := range rows {
				u, a, b := random.NormFloat64(), random.NormFloat64(), random.NormFloat64()
				r := scored{random.Float64() < c.positive || i < 3, math.Sqrt(.9)*u + math.Sqrt(.1)*a, math.Sqrt(.9)*u + math.Sqrt(.1)*b}
				if r.positive {
					r.candidate, r.baseline = r.candidate+2-c.drop, r.baseline+2
				}
				rows[i] = r
			}
			v := precisions(rows)
			change, ok := OfChange(v, m, some, Question{Side: Down, Margin: 0, Alpha: .05})
			value, okValue := OfValue(v, 0, m, some, .05)
			if !ok || !okValue {
				t.Fatal("no evidence")
			}
			if change.Worse <= .05 {
				alarms++
			}
			if change.Low <= now-before && now-before <= change.High {
				changes++
			}
			if value.Low <= now && now <= value.High {
				values++
			}
		}
		t.Logf("%d rows, %v positive, drop %v: covered %.3f, %.3f, worse %.3f", c.rows, c.positive, c.drop, float64(changes)/trials, float64(values)/trials, float64(alarms)/trials)
		if c.drop == 0 && float64(alarms) > most {
			t.Errorf("%d of %d equally good models are called worse", alarms, trials)
		}
		if float64(changes) < leastCovered || float64(values) < leastCovered {
			t.Errorf("%+v: %d changes and %d values of %d are covered", c, changes, values, trials)
		}
	}
}

// TestAveragePrecisionAtTheEdges: too few rows are no evidence, whatever they look like.
func TestAveragePrecisionAtTheEdges(t *testing.T) {
	m := lookup(t, "average_precision")
	perfect, low := scored{candidate: .9, baseline: .9}, scored{candidate: .1, baseline: .1}
	jumped := func(n int) []scored { // one negative row stands above all
		rows := many(n, perfect, low)
		rows[1].candidate = 1
		return rows
	}
	for name, c := range map[string]struct {
		rows     []scored
		least    float64 // of worse
		provable bool
		low      float64 // of the value: at least
	}{
		"one of each":           {many(1, perfect, low), 1, false, math.NaN()},
		"two of each, lost":     {many(2, scored{candidate: .5, baseline: .9}, scored{candidate: .5, baseline: .1}), .05, false, 0},
		"perfect, 10 of each":   {many(10, perfect, low), 1, false, .7},
		"perfect, 1000 of each": {many(1000, perfect, low), 1, true, .99},
		"ties everywhere":       {many(100, low, low), 1, false, .4},
		"one row jumped":        {jumped(50), .1, false, .8},
	} {
		v := precisions(c.rows)
		got, ok := OfChange(v, m, some, Question{Side: Down, Margin: .05, Alpha: .05})
		value, okValue := OfValue(v, 0, m, some, .05)
		if !ok || !okValue || got.Worse < c.least || got.Provable != c.provable {
			t.Errorf("%s: %+v", name, got)
		}
		if math.IsNaN(c.low) != math.IsNaN(value.Low) || value.Low < c.low || value.High > 1 || value.Low >= value.High {
			t.Errorf("%s: %+v", name, value)
		}
		if got.Provable && got.Within > .05 {
			t.Errorf("%s: %+v is not proven", name, got)
		}
	}
	for _, rows := range [][]scored{nil, {low, low, low}} { // no row, no positive row
		if got, ok := OfChange(precisions(rows), m, some, Question{Side: Down, Margin: .05, Alpha: .05}); ok {
			t.Errorf("%d rows without a positive one: %+v", len(rows), got)
		}
	}
}
