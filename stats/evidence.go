package stats

import "math"

// fewRows is where Tango's test is no longer trusted and the exact one serves.
const fewRows = 50

// Worse is the P of the hypothesis that the second is not worse: McNemar's
// exact one-sided test.
func (p Paired) Worse() (float64, error) {
	m, err := p.McNemar()
	return m.Worse, err
}

// WorseBy is the P of the hypothesis that the drop is at most margin: small where
// it is beyond. Tango's test; the exact unconditional one for fewer than 50 rows.
func (p Paired) WorseBy(margin float64) (float64, error) {
	if err := checkMargin(margin); err != nil {
		return math.NaN(), err
	}
	if p.N < fewRows {
		t, err := p.ExactBelow(-margin)
		return t.P, err
	}
	t, err := p.TangoBelow(-margin)
	return t.P, err
}

// NotWorseBy is the P of the hypothesis that the drop is at least margin: small
// where the second is shown not to be that much worse. Tests as in WorseBy.
// With fewer than 50 rows each margin's P holds by itself, yet a wider margin may
// have a larger one: the exact test orders the outcomes anew for each margin.
func (p Paired) NotWorseBy(margin float64) (float64, error) {
	if err := checkMargin(margin); err != nil {
		return math.NaN(), err
	}
	if p.N < fewRows {
		t, err := p.ExactAbove(-margin)
		return t.P, err
	}
	t, err := p.TangoAbove(-margin)
	return t.P, err
}

// Proven says whether NotWorseBy is at most alpha and there are rows enough that
// a set without any lost row could show it (ZeroLossRows): below that Tango's
// test is too sure.
func (p Paired) Proven(margin, alpha float64) (bool, error) {
	value, err := p.NotWorseBy(margin)
	if err != nil {
		return false, err
	}
	rows, err := ZeroLossRows(margin, alpha)
	if err != nil {
		return false, err
	}
	return p.N >= rows && value <= alpha, nil
}

// ZeroLossRows is how many rows must all be unharmed to show that fewer than a
// share margin are harmed: the least n with (1-margin)^n <= alpha, which is
// ln(alpha)/ln(1-margin) rounded up. At alpha = .05: 59 for 5 %, 99 for 3 %, 299
// for 1 %. No number shows a margin of 0: undefined.
func ZeroLossRows(margin, alpha float64) (int, error) {
	if err := checkMargin(margin); err != nil {
		return 0, err
	}
	if err := checkAlpha(alpha); err != nil {
		return 0, err
	}
	rows := max(1, math.Ceil(math.Log(alpha)/math.Log1p(-margin)*(1-1e-14)))
	return wholeRows(rows, margin)
}

// wholeRows is a number of rows that can be said.
func wholeRows(rows, margin float64) (int, error) {
	if !(rows < 1<<53) {
		return 0, undefined("no number of rows shows a margin of %v", margin)
	}
	return int(rows), nil
}

// RowsNeeded is how many rows like these would show with chance .80 that the drop
// is below margin, at size alpha, if there is truly none:
//
//	((z_alpha sqrt(V0) + z_.80 sqrt(psi)) / margin)^2
//
// with psi = (b+c+2)/(N+4) the share of changed rows, V0 = (psi + sqrt(psi^2 + 4
// margin^2 (1-psi)))/2 - margin^2 its variance under the hypothesis, and at least
// ZeroLossRows. Without rows psi is 1/2.
func (p Paired) RowsNeeded(margin, alpha float64) (int, error) {
	if err := p.check(); err != nil && p.N != 0 {
		return 0, err
	}
	least, err := ZeroLossRows(margin, alpha)
	if err != nil {
		return 0, err
	}
	psi := float64(p.Gained+p.Lost+2) / float64(p.N+4)
	square := margin * margin
	null := (psi+math.Sqrt(psi*psi+4*square*(1-psi)))/2 - square
	root := zOf(alpha)*math.Sqrt(max(null, 0)) + zOf(.2)*math.Sqrt(psi)
	rows, err := wholeRows(math.Ceil(root*root/square), margin)
	return max(rows, least), err
}
