package stats

import "math"

// Design is a paired comparison before it is made: the rule fails it if the drop
// seen is above Margin and McNemar's exact one-sided P at most Alpha. In a family
// of k comparisons of which one is bad, Holm's adjustment makes that alpha/k.
type Design struct {
	Discordance float64 // share of rows that change although nothing got worse, half of them each way
	Margin      float64
	Alpha       float64
}

func (d Design) check(n int) error {
	switch {
	case n < 1:
		return undefined("no rows")
	case n > mostRows:
		return invalid("%d rows", n)
	case !(d.Discordance >= 0 && d.Discordance <= 1):
		return invalid("a discordance of %v", d.Discordance)
	}
	if err := checkMargin(d.Margin); err != nil {
		return err
	}
	return checkAlpha(d.Alpha)
}

// Power is the chance that n rows fail where the true drop is drop: rows are lost
// with chance Discordance/2 + drop and gained with chance Discordance/2. Exact up
// to an expected 2,000 changed rows, beyond with the normal distribution for
// both the P and the drop seen, given how many rows change.
func (d Design) Power(n int, drop float64) (float64, error) {
	if err := d.check(n); err != nil {
		return math.NaN(), err
	}
	lost, changed := d.Discordance/2+drop, d.Discordance+drop
	if !(lost >= 0 && changed <= 1 && changed >= d.Discordance/2) {
		return math.NaN(), invalid("a drop of %v with a discordance of %v", drop, d.Discordance)
	}
	if changed == 0 {
		return 0, nil
	}
	share := lost / changed
	mean, sd := float64(n)*changed, math.Sqrt(float64(n)*changed*(1-changed))
	low, high := max(0, int(mean-9*sd)-1), min(n, int(mean+9*sd)+1)
	stride := 1
	first := max(0, low/2-1)
	fails := func(s, n int, share float64) float64 {
		for first <= s && BinomialUpper(first, s, .5) > d.Alpha { // it rises with s, by one at most
			first++
		}
		return d.fails(first, s, n, share)
	}
	if mean > 2000 {
		stride = max(1, (high-low)/200)
		fails = d.failsNormal
	}
	sum, all := 0.0, 0.0
	for s := low; s <= high; s += stride {
		weight := BinomialPMF(s, n, changed)
		sum += weight * fails(s, n, share)
		all += weight
	}
	return within(sum/all, 0, 1), nil
}

// fails is the chance of failing where s of n rows change, each lost with chance
// share; first is the least number of lost rows that chance does not explain.
func (d Design) fails(first, s, n int, share float64) float64 {
	beyond := int(math.Floor((float64(s)+float64(n)*d.Margin)/2+1e-9)) + 1
	return BinomialUpper(max(first, beyond), s, share)
}

func (d Design) failsNormal(s, n int, share float64) float64 {
	S := float64(s)
	first := S/2 + zOf(d.Alpha)*math.Sqrt(S)/2 + .5
	beyond := (S + float64(n)*d.Margin) / 2
	distance, sd := max(first, beyond)-S*share, math.Sqrt(S*share*(1-share))
	if sd == 0 { // every changed row is lost
		return NormalUpper(times(distance, math.Inf(1)))
	}
	return NormalUpper(distance / sd)
}

// Detectable is the least true drop that n rows fail with the given chance.
// Undefined where even the greatest drop would not.
func (d Design) Detectable(n int, power float64) (float64, error) {
	if err := d.check(n); err != nil {
		return math.NaN(), err
	}
	if err := checkAlpha(power); err != nil {
		return math.NaN(), invalid("a power of %v", power)
	}
	most := 1 - d.Discordance
	at := func(drop float64) float64 {
		p, _ := d.Power(n, drop)
		return p - power
	}
	if !(at(most) >= 0) {
		return math.NaN(), undefined("%d rows detect no drop with chance %v", n, power)
	}
	low, high := 0.0, most
	if at(0) >= 0 {
		return 0, nil
	}
	for high-low > 1e-6 {
		if middle := (low + high) / 2; at(middle) < 0 {
			low = middle
		} else {
			high = middle
		}
	}
	return high, nil
}

// RowsToDetect is about how many rows fail a true drop with the given chance: as
// power does not rise with every row, a few fewer may do. Undefined where 2^30
// would not do, as for a drop within the margin.
func (d Design) RowsToDetect(drop, power float64) (int, error) {
	const most = 1 << 30
	p, err := d.Power(most, drop)
	switch {
	case err != nil:
		return 0, err
	case p < power:
		return 0, undefined("no number of rows detects a drop of %v beyond a margin of %v", drop, d.Margin)
	}
	return search(0, most, func(n int) bool { p, _ := d.Power(n, drop); return p >= power }), nil
}

// DetectableBySE is the least true drop that fails with the given chance where
// the drop seen is normal with standard error se: max(margin, z_alpha se) +
// z_power se. se shrinks with the root of the rows.
func DetectableBySE(se, margin, alpha, power float64) (float64, error) {
	if !(se >= 0) || math.IsInf(se, 0) || !(margin >= 0) {
		return math.NaN(), invalid("a standard error of %v or a margin of %v", se, margin)
	}
	if checkAlpha(alpha) != nil || checkAlpha(power) != nil {
		return math.NaN(), invalid("alpha %v or power %v", alpha, power)
	}
	return max(margin, zOf(alpha)*se) + NormalQuantile(power)*se, nil
}
