package summary

// Calibration compares confidences with what came true, in equal bins of the
// confidence.
type Calibration struct {
	Bins int
	// Top takes the probability of the predicted class and whether it is the
	// true one; otherwise it is those of the positive class of a binary task.
	Top bool
}

// Bin is the rows of one bin of the confidence. All three are sums over rows,
// times their weights.
type Bin struct{ Weight, Confidence, Hits float64 }

// calibrated is the bins of each group and model. Rows without weights add up
// in fixed point.
type calibrated struct {
	Calibration
	models int
	fixed  [][3]fixed
	sums   [][3]Sum
	exact  bool // sums are used
}

func newCalibrated(c Calibration, shape *Shape) *calibrated {
	return &calibrated{Calibration: c, models: shape.Models, exact: shape.Weighted}
}

func (c *calibrated) grow(groups int) {
	if n := groups * c.models * c.Bins; c.exact {
		c.sums = extend(c.sums, n)
	} else {
		c.fixed = extend(c.fixed, n)
	}
}

func (c *calibrated) add(group, row int, b *Batch) {
	for m := range c.models {
		confidence, hit := c.outcome(b, m, row)
		at := (group*c.models+m)*c.Bins + c.bin(confidence)
		if !c.exact {
			f := &c.fixed[at]
			f[0].add(fixed{whole: 1})
			f[1].add(toFixed(confidence))
			if hit {
				f[2].add(fixed{whole: 1})
			}
			continue
		}
		s, w := &c.sums[at], b.Weight[row]
		s[0].Add(w)
		s[1].Add(w * confidence)
		if hit {
			s[2].Add(w)
		}
	}
}

func (c *calibrated) outcome(b *Batch, model, row int) (confidence float64, hit bool) {
	m := &b.Models[model]
	if c.Top {
		return m.Top[row], m.Class[row] == b.Label[row]
	}
	return m.Score[row], b.Label[row] == 1
}

// bin holds what is no probability to the bins that there are: such a run ends
// with an error.
func (c *calibrated) bin(confidence float64) int {
	if !(confidence > 0) {
		return 0
	}
	return int(min(confidence*float64(c.Bins), float64(c.Bins-1)))
}

func (c *calibrated) absorb(into int, from part, group int) {
	d, n := from.(*calibrated), c.models*c.Bins
	for i := range n {
		for j := range 3 {
			if c.exact {
				c.sums[into*n+i][j].Merge(&d.sums[group*n+i][j])
			} else {
				c.fixed[into*n+i][j].add(d.fixed[group*n+i][j])
			}
		}
	}
}

// Calibration is the bins of a model's confidences.
func (v View) Calibration(what Calibration, model int) []Bin {
	c, ok := find(v.g, func(c *calibrated) bool { return c.Calibration == what })
	if !ok {
		panic("summary: a calibration that the shape does not name")
	}
	bins := make([]Bin, c.Bins)
	for i := range bins {
		at := (v.group*c.models+model)*c.Bins + i
		if c.exact {
			s := &c.sums[at]
			bins[i] = Bin{s[0].Value(), s[1].Value(), s[2].Value()}
		} else {
			f := &c.fixed[at]
			bins[i] = Bin{f[0].value(), f[1].value(), f[2].value()}
		}
	}
	return bins
}
