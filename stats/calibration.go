package stats

import (
	"math"
	"math/rand/v2"
	"slices"
)

// CalibrationBin is N rows of about one predicted chance: the sums of their
// chances and of their outcomes, 0 or 1.
type CalibrationBin struct {
	N        int
	SumP     float64
	Outcomes int
}

// Calibration is how far outcomes are from predicted chances, over bins.
type Calibration struct {
	// Absolute is the expected calibration error: the mean over rows of |outcome
	// rate - mean chance| of their bin. Chance alone makes it positive.
	Absolute float64
	// Square is the same of the square; its root is the root mean square error.
	Square float64
	// Debiased is Square less what chance alone makes of it, so that on average it
	// is the true square, whatever the rows; it may be below 0 where that is small.
	Debiased float64
	// Single is how many rows are alone in their bin, where chance cannot be told
	// from error: they count in Absolute and Square, and not in Debiased.
	Single int
}

// Root is the debiased root mean square error: 0 where Debiased is negative.
func (c Calibration) Root() float64 { return math.Sqrt(max(c.Debiased, 0)) }

// Calibrate measures calibration: Debiased is the mean over rows of (y - p)^2 -
// y(1-y)/(n-1) of their bin, y being its outcome rate, p its mean chance and n its
// rows, for independent rows. Brocker (2012), Climate Dynamics 39; Kumar, Liang
// and Ma (2019), Verified Uncertainty Calibration, NeurIPS 32.
func Calibrate(bins []CalibrationBin) (Calibration, error) {
	none := Calibration{math.NaN(), math.NaN(), math.NaN(), 0}
	var c Calibration
	total, several := 0.0, 0.0
	for _, b := range bins {
		if b.N < 0 || b.Outcomes < 0 || b.Outcomes > b.N || !(b.SumP >= 0) || b.SumP > float64(b.N)*(1+1e-9) {
			return none, invalid("a bin of %d rows, %d outcomes and chances of %v in all", b.N, b.Outcomes, b.SumP)
		}
		if b.N == 0 {
			continue
		}
		n := float64(b.N)
		y := float64(b.Outcomes) / n
		d := y - b.SumP/n
		total += n
		c.Absolute += n * math.Abs(d)
		c.Square += n * d * d
		if b.N == 1 {
			c.Single++
			continue
		}
		several += n
		c.Debiased += n * (d*d - y*(1-y)/(n-1))
	}
	if several == 0 {
		return none, undefined("no bin has two rows")
	}
	c.Absolute /= total
	c.Square /= total
	c.Debiased /= several
	return c, nil
}

// Calibration draws rows by bin and outcomes by their rate in the bin, and gives
// how Debiased varies. In the drawn world the truth is Square, not Debiased, so
// replicates are moved by the difference. Rows alone in their bin take no part. For how two models' calibration
// differs, give Cells the rows by both models' bins and outcome.
func (b Bootstrap) Calibration(bins []CalibrationBin) (Replicates, error) {
	if _, err := Calibrate(bins); err != nil {
		return Replicates{Value: math.NaN()}, err
	}
	bins = slices.DeleteFunc(slices.Clone(bins), func(b CalibrationBin) bool { return b.N < 2 })
	seen, err := Calibrate(bins)
	if err != nil {
		return Replicates{Value: math.NaN()}, err
	}
	counts, drawn := make([]float64, len(bins)), make([]float64, len(bins))
	total := 0.0
	for k, bin := range bins {
		counts[k] = float64(bin.N)
		total += counts[k]
	}
	again := make([]CalibrationBin, len(bins))
	return b.draw(seen.Debiased, func(random *rand.Rand) float64 {
		multinomial(random, counts, total, drawn)
		for k, bin := range bins {
			again[k] = CalibrationBin{}
			if n := drawn[k]; n > 0 {
				outcomes := drawBinomial(random, n, float64(bin.Outcomes)/counts[k])
				again[k] = CalibrationBin{int(n), n * bin.SumP / counts[k], int(outcomes)}
			}
		}
		c, _ := Calibrate(again)
		return c.Debiased + seen.Debiased - seen.Square
	})
}
