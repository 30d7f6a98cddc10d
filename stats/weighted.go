package stats

// Weighted is sums over independent rows of value x and weight w >= 0: rows of
// positive weight, w, w^2, w x, w^2 x and w^2 x^2. They add up.
type Weighted struct {
	N                    int
	W, WW, WX, WWX, WWXX float64
}

// Add takes in a row.
func (s *Weighted) Add(x, w float64) {
	if w == 0 {
		return
	}
	s.Merge(Weighted{1, w, w * w, w * x, w * w * x, w * w * x * x})
}

// Merge takes in other rows' sums.
func (s *Weighted) Merge(o Weighted) {
	s.N += o.N
	s.W += o.W
	s.WW += o.WW
	s.WX += o.WX
	s.WWX += o.WWX
	s.WWXX += o.WWXX
}

// EffectiveSize is how many rows of one weight would tell as much: W^2/WW, which
// is N for equal weights. Kish (1965), Survey Sampling. 0 without rows.
func EffectiveSize(w, ww float64) float64 {
	if !(w > 0 && ww > 0) {
		return 0
	}
	return w * w / ww
}

// Estimate is the weighted mean with the standard error of a ratio,
// sqrt(sum w^2 (x - mean)^2)/W times sqrt(n/(n-1)), where n is the effective size
// and n-1 the degrees of freedom; of equal weights it is Moments.Estimate.
// Undefined unless n > 1. Cochran (1977), Sampling Techniques, 6.
func (s Weighted) Estimate() (Estimate, error) {
	if !finite(s.W, s.WW, s.WX, s.WWX, s.WWXX) || s.W < 0 || s.WW < 0 {
		return noEstimate, invalid("sums of weights %v and of squares %v", s.W, s.WW)
	}
	n := EffectiveSize(s.W, s.WW)
	if n < 1+1e-9 {
		return noEstimate, undefined("%d rows count as %.3g", s.N, n)
	}
	mean := s.WX / s.W
	squares := difference(s.WWXX-2*mean*s.WWX+mean*mean*s.WW, s.WWXX+mean*mean*s.WW, s.N)
	return estimate(mean, squares/(s.W*s.W)*n/(n-1), n-1)
}

// OfSquares estimates a value of which each row has a known influence, as Influence
// does, from the sum of the influences' squares and the effective number of rows.
func OfSquares(value, squares, rows float64) (Estimate, error) {
	if !finite(value, squares, rows) {
		return noEstimate, invalid("a value of %v with squares of %v over %v rows", value, squares, rows)
	}
	if rows < 1+1e-9 {
		return noEstimate, undefined("%.3g rows have no variance", rows)
	}
	return estimate(value, squares*rows/(rows-1), rows-1)
}

// Grouped is sums over independent groups of dependent rows: of each group's sum s
// of (weighted) values and sum w of weights, or rows. Sums over different groups
// add up.
type Grouped struct {
	N                int // groups
	S, W, SS, SW, WW float64
}

// Add takes in a whole group.
func (g *Grouped) Add(s, w float64) { g.Merge(Grouped{1, s, w, s * s, s * w, w * w}) }

// Merge takes in other groups' sums.
func (g *Grouped) Merge(o Grouped) {
	g.N += o.N
	g.S += o.S
	g.W += o.W
	g.SS += o.SS
	g.SW += o.SW
	g.WW += o.WW
}

// Estimate is the mean over all rows with the standard error that holds whatever
// the dependence within groups: sqrt(G/(G-1) sum (s - mean w)^2)/W, G-1 degrees of
// freedom; good from some 30 groups. Undefined below two. Liang and Zeger (1986),
// Biometrika 73; Cochran (1977), 9A.
func (g Grouped) Estimate() (Estimate, error) {
	switch {
	case !finite(g.S, g.W, g.SS, g.SW, g.WW):
		return noEstimate, invalid("sums over groups that are no numbers")
	case g.N < 2 || !(g.W > 0):
		return noEstimate, undefined("%d groups have no variance", g.N)
	}
	mean, n := g.S/g.W, float64(g.N)
	squares := difference(g.SS-2*mean*g.SW+mean*mean*g.WW, g.SS+mean*mean*g.WW, g.N)
	return estimate(mean, squares/(g.W*g.W)*n/(n-1), n-1)
}
