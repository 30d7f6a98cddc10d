package evidence

import (
	"math"
	"slices"

	"github.com/noworse/noworse/stats"
)

// A gap is how far the best slice's value is above the worst's. Slices of one column
// have no row in common, so their values are independent. Which of them is best and
// which is worst is seen in the same rows as how far apart they are: the gap that is
// seen is too large on average, and some pair of ten equal slices looks apart. So all
// pairs are held to account at once.
//
// The gap of one model: the differences of all pairs lie in their intervals together
// with the chance that is promised, by the studentized range in place of the normal
// distribution (Tukey 1953; Kramer 1956, Biometrics 12; for values of unequal
// variance Hayter 1984, Annals of Statistics 12). The interval of a pair follows from
// those of its slices, whatever made them: from x - y it reaches down to
//
//	x - y - sqrt((x - low x)^2 + (high y - y)^2)
//
// and up likewise (Zou and Donner 2008, Statistics in Medicine 27; of shares by
// Wilson's intervals that is what Agresti, Bini, Bertaccini and Ryu 2008, Biometrics
// 64, compare). The gap is at least as large as the lowest that any pair can be, and
// at most as large as the highest.
//
// How much larger the candidate's gap is than the baseline's: it is larger by more
// than d exactly if, for the two slices that are the baseline's best and worst,
//
//	some two slices of the candidate are farther apart than those of the baseline by more than d
//
// Nobody knows which are the baseline's, so each pair must be refuted: either they
// are not its best and worst, since another slice lies beyond, or that is so
// (intersection-union, Berger 1982, Technometrics 24). The first takes a tenth of the
// error and the second the rest; of the latter half goes to the same two slices, in
// which both models answer the same rows, and half to all pairs of the candidate
// (Bonferroni). Variances are those that the intervals of values and changes imply,
// on the longer side.
//
// Where rows depend on each other across slices, the values do too, in ways that are
// not known: then standard deviations add up, instead of variances, and Bonferroni
// takes the place of the studentized range.

// MostGapSlices is the most slices whose pairs are compared.
const MostGapSlices = 300

// Bounded is a value, higher where better, and the interval it lies in.
type Bounded struct{ Value, Low, High float64 }

// mirrored is of a value that is better where it is lower.
func (b Bounded) mirrored() Bounded { return Bounded{-b.Value, -b.High, -b.Low} }

// Better is a value whose better side is up, or else down.
func Better(value float64, in Value, up bool) Bounded {
	if b := (Bounded{value, in.Low, in.High}); up {
		return b
	} else {
		return b.mirrored()
	}
}

// GapLevel is the alpha of each slice's interval that OfGap takes, of so many slices.
// apart says whether slices have no rows that depend on each other.
func GapLevel(n int, alpha float64, apart bool) float64 {
	if !apart {
		return alpha / (float64(n) * float64(n-1) / 2)
	}
	return 2 * stats.NormalUpper(stats.RangeQuantile(alpha, n)/math.Sqrt2)
}

// OfGap is where the gap between slices lies, whose intervals are of GapLevel; false
// where some slice has none.
func OfGap(list []Bounded, apart bool) (Value, bool) {
	out := Value{Method: "range"}
	both := both(apart)
	for i, x := range list {
		if !(x.Low <= x.Value && x.Value <= x.High) {
			return Value{}, false
		}
		for _, y := range list[:i] {
			if y.Value > x.Value {
				x, y = y, x
			}
			out.Low = max(out.Low, x.Value-y.Value-both(x.Value-x.Low, y.High-y.Value))
			out.High = max(out.High, x.Value-y.Value+both(x.High-x.Value, y.Value-y.Low))
			x = list[i]
		}
	}
	return out, len(list) > 1
}

// both is the deviation of a sum.
func both(apart bool) func(a, b float64) float64 {
	if apart {
		return math.Hypot
	}
	return func(a, b float64) float64 { return a + b }
}

// GapSlice is a slice's values by both models and its change, each with an interval
// of the question's alpha, and all higher where better.
type GapSlice struct{ Candidate, Baseline, Change Bounded }

// deviations are those of a slice's values, and their covariance.
type deviations struct {
	candidate, baseline float64 // values
	vc, vb, cov         float64
}

// OfGapChange is the evidence on how much larger the candidate's gap is than the
// baseline's; false where some slice has no interval.
func OfGapChange(list []GapSlice, apart bool, q Question) (Change, bool) {
	g := gapChange{apart: apart}
	z := -stats.NormalQuantile(q.Alpha / 2)
	for _, s := range list {
		d := deviations{candidate: s.Candidate.Value, baseline: s.Baseline.Value}
		var change float64
		for of, to := range map[*Bounded]*float64{&s.Candidate: &d.vc, &s.Baseline: &d.vb, &s.Change: &change} {
			half := max(of.High-of.Value, of.Value-of.Low) / z
			if !(half >= 0) || math.IsInf(half, 0) {
				return Change{}, false
			}
			*to = half * half
		}
		most := math.Sqrt(d.vc * d.vb)
		d.cov = min(max((d.vc+d.vb-change)/2, -most), most)
		g.slices = append(g.slices, d)
	}
	if len(list) < 2 {
		return Change{}, false
	}
	change := gapOf(list, func(s GapSlice) float64 { return s.Candidate.Value }) - gapOf(list, func(s GapSlice) float64 { return s.Baseline.Value })
	c := q.ask(&g, change)
	c.Method, c.Provable = "range", q.Margin > 0
	c.Low, c.High = g.lowest(q.Alpha/2), -g.swapped().lowest(q.Alpha/2)
	return c, true
}

func gapOf(list []GapSlice, value func(GapSlice) float64) float64 {
	low, high := math.Inf(1), math.Inf(-1)
	for _, s := range list {
		low, high = min(low, value(s)), max(high, value(s))
	}
	return high - low
}

// gapChange tests how much larger one model's gap is than the other's.
type gapChange struct {
	slices []deviations
	apart  bool
	found  []gapPair // once they are worked out
}

// pair is a best and a worst slice.
type pair struct{ best, worst int }

// gapPair is what is known if a pair is the baseline's best and worst.
type gapPair struct {
	doubt float64 // the chance of a slice so far beyond them if it is
	// Contrasts of the candidate's pairs with it: that of the same slices, and others.
	same   stats.Estimate
	others []stats.Estimate
}

const (
	doubtShare = .1 // of the error that goes to which slices are the baseline's
	farthest   = 4  // so many of the candidate's best slices, and of its worst, are looked at
)

// tests are how many chances the least of others is of.
func (g *gapChange) tests() float64 { return float64(len(g.slices) * (len(g.slices) - 1)) }

// pairs works all pairs out.
func (g *gapChange) pairs() []gapPair {
	if g.found != nil {
		return g.found
	}
	best, worst := make([]float64, len(g.slices)), make([]float64, len(g.slices))
	both := both(g.apart)
	for i, x := range g.slices {
		best[i], worst[i] = 1, 1
		for j, y := range g.slices {
			if i == j {
				continue
			}
			d := both(math.Sqrt(x.vb), math.Sqrt(y.vb))
			best[i] = min(best[i], chance(stats.NormalUpper((y.baseline-x.baseline)/d), nil))
			worst[i] = min(worst[i], chance(stats.NormalUpper((x.baseline-y.baseline)/d), nil))
		}
	}
	comparisons := 2 * float64(len(g.slices)-1)
	candidates := g.candidates()
	for i := range g.slices {
		for j := range g.slices {
			if i == j {
				continue
			}
			p := gapPair{doubt: min(1, comparisons*min(best[i], worst[j])), same: g.contrast(pair{i, j}, pair{i, j})}
			for _, of := range candidates {
				p.others = append(p.others, g.contrast(of, pair{i, j}))
			}
			g.found = append(g.found, p)
		}
	}
	return g.found
}

// candidates are pairs of the slices that are farthest out for the candidate. Which
// are looked at is chosen by the rows; all pairs are counted.
func (g *gapChange) candidates() []pair {
	order := make([]int, len(g.slices))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch x, y := g.slices[i].candidate, g.slices[j].candidate; {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	var list []pair
	n := min(farthest, len(order))
	for _, best := range order[:n] {
		for _, worst := range order[len(order)-n:] {
			if best != worst {
				list = append(list, pair{best, worst})
			}
		}
	}
	return list
}

// contrast is how much farther apart a pair is for the candidate than another one is
// for the baseline.
func (g *gapChange) contrast(of, than pair) stats.Estimate {
	value := g.slices[of.best].candidate - g.slices[of.worst].candidate - g.slices[than.best].baseline + g.slices[than.worst].baseline
	both, deviation := both(g.apart), 0.0
	for k, i := range []int{of.best, of.worst, than.best, than.worst} {
		if k == 2 && (i == of.best || i == of.worst) || k == 3 && (i == of.best || i == of.worst) {
			continue // it was there
		}
		in := func(p pair) float64 {
			switch i {
			case p.best:
				return 1
			case p.worst:
				return -1
			}
			return 0
		}
		d, c, b := g.slices[i], in(of), in(than)
		deviation = both(deviation, math.Sqrt(max(0, c*c*d.vc+b*b*d.vb-2*c*b*d.cov)))
	}
	return stats.Estimate{Value: value, SE: deviation, DF: math.Inf(1)}
}

// above is the chance if the gap is larger by at most delta.
func (g *gapChange) above(delta float64) float64 {
	most := 0.0
	for _, p := range g.pairs() {
		t, err := p.same.Above(delta)
		least := 2 * chance(t.P, err)
		for _, e := range p.others {
			t, err := e.Above(delta)
			least = min(least, 2*g.tests()*chance(t.P, err))
		}
		most = max(most, min(1, least/(1-doubtShare), p.doubt/doubtShare))
	}
	return most
}

func (g *gapChange) below(delta float64) float64 { return g.swapped().above(-delta) }

// swapped takes the candidate for the baseline.
func (g *gapChange) swapped() *gapChange {
	out := &gapChange{apart: g.apart}
	for _, d := range g.slices {
		out.slices = append(out.slices, deviations{d.baseline, d.candidate, d.vb, d.vc, d.cov})
	}
	return out
}

// lowest is the least by which the gap may be larger: where above has the chance
// alpha.
func (g *gapChange) lowest(alpha float64) float64 {
	one := -stats.NormalQuantile(alpha * (1 - doubtShare) / 2)
	all := -stats.NormalQuantile(alpha * (1 - doubtShare) / 2 / g.tests())
	lowest := math.Inf(1)
	for _, p := range g.pairs() {
		if p.doubt/doubtShare <= alpha {
			continue
		}
		low := p.same.Value - one*p.same.SE
		for _, e := range p.others {
			low = max(low, e.Value-all*e.SE)
		}
		lowest = min(lowest, low)
	}
	return lowest
}
