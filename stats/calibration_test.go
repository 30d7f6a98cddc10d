package stats_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noworse/noworse/stats"
)

// TestCalibration: by hand, bins of 10 rows with mean chance .2 and 4 outcomes, and of
// 2 with mean chance .9 and 1 outcome: (10 (.04 - .24/9) + 2 (.16 - .25))/12.
func TestCalibration(t *testing.T) {
	bins := []stats.CalibrationBin{{N: 10, SumP: 2, Outcomes: 4}, {}, {N: 2, SumP: 1.8, Outcomes: 1}}
	c := must[stats.Calibration](t)(stats.Calibrate(bins))
	if !near(c.Absolute, (10*.2+2*.4)/12, 1e-13) || !near(c.Square, (10*.04+2*.16)/12, 1e-13) ||
		!near(c.Debiased, (10*(.04-.24/9)+2*(.16-.25))/12, 1e-12) || c.Root() != 0 || c.Single != 0 {
		t.Errorf("%+v", c)
	}
	bins[1] = stats.CalibrationBin{N: 1, SumP: .5, Outcomes: 1}
	if with := must[stats.Calibration](t)(stats.Calibrate(bins)); with.Single != 1 || with.Debiased != c.Debiased || with.Square <= c.Square {
		t.Errorf("a row alone in its bin: %+v", with)
	}
	for i, bad := range []stats.CalibrationBin{{N: -1}, {N: 2, Outcomes: 3}, {N: 2, SumP: 3}, {N: 2, SumP: math.NaN()}, {N: 1, SumP: -1}} {
		if v, err := stats.Calibrate([]stats.CalibrationBin{bad}); !errors.Is(err, stats.ErrInvalid) || !math.IsNaN(v.Absolute) {
			t.Errorf("%d: %+v, %v", i, v, err)
		}
	}
	for _, none := range [][]stats.CalibrationBin{nil, {{}}, {{N: 1, SumP: 1}}} {
		if _, err := stats.Calibrate(none); !errors.Is(err, stats.ErrUndefined) {
			t.Errorf("%v: %v", none, err)
		}
		if _, err := (stats.Bootstrap{Replicates: 9}).Calibration(none); !errors.Is(err, stats.ErrUndefined) {
			t.Errorf("%v: %v", none, err)
		}
	}
}

// TestCalibrationUnbiased: of a perfectly calibrated model the debiased square is 0
// on average and the plain one is not; of one that is .1 off it is .01; and the
// interval covers that.
func TestCalibrationUnbiased(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 1))
	for _, off := range []float64{0, .1} {
		var plain, debiased stats.Moments
		covered := 0
		const sets = 300
		for set := range sets {
			bins := make([]stats.CalibrationBin, 10)
			for range 500 {
				k := random.IntN(10)
				p := (float64(k) + .5) / 12
				bins[k].N++
				bins[k].SumP += p
				if random.Float64() < p+off {
					bins[k].Outcomes++
				}
			}
			c := must[stats.Calibration](t)(stats.Calibrate(bins))
			plain.Add(c.Square)
			debiased.Add(c.Debiased)
			r := must[stats.Replicates](t)(stats.Bootstrap{Seed: uint64(set), Replicates: 400}.Calibration(bins))
			if must[stats.Interval](t)(r.Interval(.95)).Contains(off * off) {
				covered++
			}
		}
		e := must[stats.Estimate](t)(debiased.Estimate())
		if math.Abs(e.Value-off*off) > 3*e.SE || plain.Mean < off*off+10*e.SE {
			t.Errorf("%v off: debiased %v ± %v, plain %v", off, e.Value, e.SE, plain.Mean)
		}
		t.Logf("%v off: the interval covers the truth in %d of %d", off, covered, sets)
		if float64(covered) < .9*sets {
			t.Errorf("%v off: covered %d of %d", off, covered, sets)
		}
	}
}
