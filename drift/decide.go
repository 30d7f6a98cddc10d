package drift

import "github.com/noworse/noworse/stats"

// Outcome is what a comparison comes to.
type Outcome uint8

// The outcomes.
const (
	Stable  Outcome = iota
	Drifted         // no chance, and past its limit
	Unclear         // no chance, and its bins do not tell whether it is past its limit
	Broken
	Skipped
)

// Policy is the rule for all columns together.
type Policy struct {
	Alpha    float64
	MaxShare float64 // as many drifted columns, or more, are too many
	// Plain is the rule that one reads in guides: a P below 0.05 alone. It alarms at some
	// feature in most runs without any change, and at every size of change in large ones.
	Plain bool
}

const plainAlpha = .05

// Decision is the outcome of a column, and why.
type Decision struct {
	Outcome Outcome
	By      *Measure // that drifted or is unclear, or the main one
	// PAdjusted are those of the comparison's measure and of its missing values, by
	// Benjamini and Hochberg's procedure over all columns; 0 where there is no such measure.
	PAdjusted, MissingPAdjusted float64
}

// Decide decides all columns of a family together.
func Decide(list []Comparison, p Policy) ([]Decision, error) {
	var ps []float64
	each := func(visit func(m *Measure, adjusted *float64, d *Decision), decisions []Decision) {
		for i := range list {
			for _, m := range []struct {
				*Measure
				to *float64
			}{{list[i].Measure, &decisions[i].PAdjusted}, {list[i].Missing, &decisions[i].MissingPAdjusted}} {
				if m.Measure != nil {
					visit(m.Measure, m.to, &decisions[i])
				}
			}
		}
	}
	decisions := make([]Decision, len(list))
	each(func(m *Measure, _ *float64, _ *Decision) { ps = append(ps, m.P) }, decisions)
	adjusted, err := stats.BenjaminiHochberg(ps)
	if err != nil {
		return nil, err
	}
	for i, c := range list {
		decisions[i] = Decision{Outcome: Skipped, By: c.Measure}
		switch {
		case c.Broken != "":
			decisions[i].Outcome = Broken
		case c.Measure != nil:
			decisions[i].Outcome = Stable
		}
	}
	each(func(m *Measure, to *float64, d *Decision) {
		*to, adjusted = adjusted[0], adjusted[1:]
		d.judge(m, *to, p)
	}, decisions)
	return decisions, nil
}

// judge takes one measure into account: what drifted outweighs what is unclear.
func (d *Decision) judge(m *Measure, adjusted float64, p Policy) {
	outcome := Stable
	switch {
	case p.Plain:
		if m.P < plainAlpha && m.Distance != Missing {
			outcome = Drifted
		}
	case adjusted > p.Alpha || m.High <= m.Limit:
	case m.Low > m.Limit:
		outcome = Drifted
	default:
		outcome = Unclear
	}
	if d.Outcome == Skipped || d.Outcome == Stable || d.Outcome == Unclear && outcome == Drifted {
		if outcome != Stable {
			d.Outcome, d.By = outcome, m
		}
	}
}

// Share is how much of the columns drifted.
type Share struct {
	Compared, Drifted, Unclear int // broken columns count as drifted
}

// Of counts outcomes.
func Of(list []Decision) Share {
	var s Share
	for _, d := range list {
		switch d.Outcome {
		case Skipped:
			continue
		case Drifted, Broken:
			s.Drifted++
		case Unclear:
			s.Unclear++
		}
		s.Compared++
	}
	return s
}

// TooMuch says whether the share is at its limit or above; it may be where what is
// unclear decides.
func (s Share) TooMuch(p Policy) (is, may bool) {
	if s.Compared == 0 {
		return false, true
	}
	most := p.MaxShare*float64(s.Compared) - 1e-9
	return float64(s.Drifted) >= most && s.Drifted > 0, float64(s.Drifted+s.Unclear) >= most && s.Drifted+s.Unclear > 0
}
