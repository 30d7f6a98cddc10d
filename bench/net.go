package bench

import "slices"

// JudgePairs decides on one number of pairs of runs: by the clock, and by what remains of
// the calls without what they waited for a processor that others had. A busy machine makes
// that waiting, not the model, and a high percentile is made of little else there. What a
// model waits for itself stays in: a disk, a lock, another server. It fails by either, and
// passes by the clock or, where that cannot say, without the waiting.
//
// A model with more threads than there are processors keeps itself waiting, and that is
// its own doing. So it passes without its waiting only if all its threads together took
// no more processor time than the limit lets them either.
func JudgePairs(pairs []Pair, number func(Numbers) float64, limit Limit, looks int) (Decision, error) {
	var baseline, candidate, netBaseline, netCandidate, usedBaseline, usedCandidate []float64
	known := true
	for _, p := range pairs {
		b, c := p.Baseline, p.Candidate
		baseline, candidate = append(baseline, number(b.Numbers)), append(candidate, number(c.Numbers))
		if b.Net == nil || c.Net == nil || b.Own != c.Own {
			known = false
			continue
		}
		netBaseline, netCandidate = append(netBaseline, number(*b.Net)), append(netCandidate, number(*c.Net))
		if b.Own {
			usedBaseline, usedCandidate = append(usedBaseline, b.Processor), append(usedCandidate, c.Processor)
		}
	}
	known = known && !slices.Contains(netBaseline, 0) && !slices.Contains(netCandidate, 0)
	if !known {
		return Judge(baseline, candidate, limit, looks)
	}
	looks *= 2 // each look at both
	d, err := Judge(baseline, candidate, limit, looks)
	if err != nil || d.Outcome == Fail {
		return d, err
	}
	net, err := Judge(netBaseline, netCandidate, limit, looks)
	net.Net = true
	switch {
	case err != nil:
		return d, err
	case net.Outcome == Fail:
		return net, nil // waiting that both have alike makes any difference a small share
	case d.Outcome == Pass || net.Outcome == CannotSay:
		return d, nil
	case len(usedBaseline) > 0:
		limit.Floor = 0
		if used, err := Judge(usedBaseline, usedCandidate, limit, looks); err != nil || used.Outcome != Pass {
			return d, err
		}
	}
	return net, nil
}
