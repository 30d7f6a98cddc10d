package summary

import "math"

// MostPairedBins is the most bins of which the pairs, one of either model, are told apart.
const MostPairedBins = 32

// Miscalibration is what is needed of the errors u and v of each row, its confidence less
// its hit, by the candidate and the baseline, beside the bins. Where both models err to
// the same side on average in the bins that the row is in, the calibration errors differ
// by u - v for it, else by u + v.
type Miscalibration struct {
	Squares  [2]float64 // sums of u² and of v²
	Apart    float64    // sum of (u - v)² or (u + v)², with the signs of the bins
	Together float64    // sum of |u - v|
	Shifts   float64    // sum of (u - v)²
}

// miscalibrated is those sums of each group. Rows have no weights.
type miscalibrated struct {
	of      calibrated
	squares []fixed    // by group and model
	apart   [][2]fixed // by group, bin of the candidate and bin of the baseline: of (u - v)² and of (u + v)²
	shifts  []fixed    // by group: of |u - v|
}

func newMiscalibrated(c Calibration, shape *Shape) *miscalibrated {
	return &miscalibrated{of: calibrated{Calibration: c, models: shape.Models}}
}

// pairs is the number of pairs of bins of a group.
func (m *miscalibrated) pairs() int {
	if m.of.models < 2 || m.of.Bins > MostPairedBins {
		return 0
	}
	return m.of.Bins * m.of.Bins
}

func (m *miscalibrated) grow(groups int) {
	m.squares = extend(m.squares, groups*m.of.models)
	m.apart = extend(m.apart, groups*m.pairs())
	m.shifts = extend(m.shifts, groups)
}

func (m *miscalibrated) add(group, row int, b *Batch) {
	var errors [2]float64
	var bins [2]int
	for k := range m.of.models {
		confidence, hit := m.of.outcome(b, k, row)
		bins[k], errors[k] = m.of.bin(confidence), confidence
		if hit {
			errors[k]--
		}
		m.squares[group*m.of.models+k].add(toFixed(errors[k] * errors[k]))
	}
	if n := m.pairs(); n > 0 {
		minus, plus := errors[0]-errors[1], errors[0]+errors[1]
		pair := &m.apart[group*n+bins[0]*m.of.Bins+bins[1]]
		pair[0].add(toFixed(minus * minus))
		pair[1].add(toFixed(plus * plus))
		m.shifts[group].add(toFixed(math.Abs(minus)))
	}
}

func (m *miscalibrated) absorb(into int, from part, group int) {
	o := from.(*miscalibrated)
	for k := range m.of.models {
		m.squares[into*m.of.models+k].add(o.squares[group*m.of.models+k])
	}
	n := m.pairs()
	for i := range n {
		for j := range m.apart[into*n+i] {
			m.apart[into*n+i][j].add(o.apart[group*n+i][j])
		}
	}
	m.shifts[into].add(o.shifts[group])
}

// Miscalibration is those sums; false where the shape does not ask for them, where there
// are weights, and of a change where there are more than 32 bins.
func (v View) Miscalibration(what Calibration, change bool) (Miscalibration, bool) {
	m, ok := find(v.g, func(m *miscalibrated) bool { return m.of.Calibration == what })
	if !ok || v.g.shape.Weighted || change && m.pairs() == 0 {
		return Miscalibration{}, false
	}
	var out Miscalibration
	for k := range m.of.models {
		out.Squares[k] = m.squares[v.group*m.of.models+k].value()
	}
	if m.pairs() == 0 {
		return out, true
	}
	out.Together = m.shifts[v.group].value()
	candidate, baseline := v.Calibration(what, 0), v.Calibration(what, 1)
	for i, now := range candidate {
		for j, before := range baseline {
			pair := &m.apart[v.group*m.pairs()+i*what.Bins+j]
			out.Shifts += pair[0].value()
			if (now.Confidence < now.Hits) == (before.Confidence < before.Hits) {
				out.Apart += pair[0].value()
			} else {
				out.Apart += pair[1].value()
			}
		}
	}
	return out, true
}
