package stats

import "math"

// NewcombeArea is an interval of an area under the ROC curve of which nothing is
// known but its value and the numbers of rows of either class: all areas A that
// lie within z sqrt(V(A)) of the value, with
//
//	V(A) = A(1-A) (1 + s(1-A)/(2-A) + sA/(1+A))/(mn),   s = (m+n)/2 - 1
//
// which is Hanley and McNeil's variance with both classes as large as their mean.
// It holds for few rows, and beside an area of 0 or 1; it takes scores for nearly
// exponential or normal. Newcombe (2006), Statistics in Medicine 25, 559-573,
// method 5.
func NewcombeArea(area float64, positive, negative int, level float64) (Interval, error) {
	if _, err := HanleyMcNeil(area, positive, negative); err != nil {
		return noInterval, err
	}
	if err := checkLevel(level); err != nil {
		return noInterval, err
	}
	z := -NormalQuantile((1 - level) / 2)
	m, n := float64(positive), float64(negative)
	s := (m+n)/2 - 1
	outside := func(a float64) float64 {
		v := a * (1 - a) * (1 + s*(1-a)/(2-a) + s*a/(1+a)) / (m * n)
		return (area-a)*(area-a) - z*z*v
	}
	in := Interval{0, 1, level}
	if area > 0 {
		in.Low = edge(outside, area, 0)
	}
	if area < 1 {
		in.High = edge(outside, area, 1)
	}
	return in, nil
}

// edge is where f, that is at most 0 from inside on, gets above it, by bisection
// to the last bits: at inside itself, where it may be just 0, root would stop.
func edge(f func(float64) float64, inside, outside float64) float64 {
	for range 100 {
		middle := inside + (outside-inside)/2
		if f(middle) <= 0 {
			inside = middle
		} else {
			outside = middle
		}
	}
	return inside
}

// Interval is that of the area, found on the scale of ln(A/(1-A)) so that it stays
// in 0 to 1, with the quantile of t: the variance itself is an estimate, and of a
// class of few rows a poor one. Undefined beside an area of 0 or 1, where nothing
// varies, and below two rows of either class. Brunner and Munzel (2000),
// Biometrical Journal 42, 17-25, for the degrees of freedom; on this scale
// Konietschke, Placzek, Schaarschmidt and Hothorn (2015), Journal of Statistical
// Software 64(9).
func (a Area) Interval(level float64) (Interval, error) {
	if !(a.Value > 0 && a.Value < 1) {
		return noInterval, undefined("an area of %v varies in no way that is known", a.Value)
	}
	return Estimate{a.Value, math.Sqrt(a.Variance), a.DF}.Logit(level)
}

// satterthwaite is the degrees of freedom of a sum of two variances of means, of
// m and n values: (v+w)^2/(v^2/(m-1) + w^2/(n-1)). Satterthwaite (1946), Biometrics
// Bulletin 2.
func satterthwaite(v, w float64, m, n uint64) float64 {
	return (v + w) * (v + w) / (v*v/float64(m-1) + w*w/float64(n-1))
}

// BinnedArea is the area under the ROC curve of rows that are counted by score, the lowest
// first, with DeLong's variance: as if all rows of a bin had one score. Undefined below two
// rows of either class.
func BinnedArea(positive, negative []float64) (Area, error) {
	none := Area{math.NaN(), math.NaN(), math.NaN(), 0}
	if len(positive) != len(negative) {
		return none, invalid("%d and %d bins", len(positive), len(negative))
	}
	m, n := 0.0, 0.0
	for i := range positive {
		if !finite(positive[i], negative[i]) || positive[i] < 0 || negative[i] < 0 {
			return none, invalid("a bin of %v and %v rows", positive[i], negative[i])
		}
		m, n = m+positive[i], n+negative[i]
	}
	if m < 2 || n < 2 {
		return none, undefined("%v positive and %v negative rows: two of each have a variance", m, n)
	}
	each := func(f func(i int, above, below float64)) { // positive rows above, and negative ones below, ties half
		above, below := m, 0.0
		for i := range positive {
			f(i, above-positive[i]/2, below+negative[i]/2)
			above -= positive[i]
			below += negative[i]
		}
	}
	area := 0.0
	each(func(i int, _, below float64) { area += positive[i] * below / n / m })
	var v, w float64
	each(func(i int, above, below float64) {
		v += positive[i] * (below/n - area) * (below/n - area) / (m - 1) / m
		w += negative[i] * (above/m - area) * (above/m - area) / (n - 1) / n
	})
	return Area{area, v + w, satterthwaite(v, w, uint64(m), uint64(n)), int(m + n)}, nil
}
