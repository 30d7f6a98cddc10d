package drift

import (
	"math"
	"slices"

	"github.com/noworse/noworse/profile"
	"github.com/noworse/noworse/stats"
)

// Distance names a way to say how far two samples of a column are apart.
type Distance string

// The distances. Each but Missing is 0 for equal samples.
const (
	KS              Distance = "ks"               // the largest difference of the distribution functions
	PSI             Distance = "psi"              // population stability index, over the reference's deciles
	Wasserstein     Distance = "wasserstein"      // earth mover's, over the reference's standard deviation
	JensenShannon   Distance = "jensen_shannon"   // the distance, base 2, over the reference's deciles
	Hellinger       Distance = "hellinger"        // over the reference's deciles
	CramerVonMises  Distance = "cramer_von_mises" // root mean square difference of the distribution functions
	AndersonDarling Distance = "anderson_darling" // the same, with more weight where few values are
	ChiSquare       Distance = "chi_square"       // Cramer's V, by another name
	CramersV        Distance = "cramers_v"        // the root of chi-square over all rows
	TotalVariation  Distance = "total_variation"  // the share of rows that would have to change category
	MMD             Distance = "mmd"              // of vectors: the distance of their means in a kernel's space
	Missing         Distance = "missing"          // the difference of the shares of rows without a value
)

// known are the distances and their usual limits. Those of numbers are about as far as
// a normal variable is from itself moved by a quarter of its standard deviation.
var known = []struct {
	Distance
	limit   float64
	numeric bool // for numbers alone
	words   string
}{
	{KS, .1, true, "KS distance"},
	{PSI, .1, false, "PSI"},
	{Wasserstein, .25, true, "Wasserstein distance in standard deviations"},
	{JensenShannon, .1, false, "Jensen-Shannon distance"},
	{Hellinger, .08, false, "Hellinger distance"},
	{CramerVonMises, .075, true, "Cramér-von Mises distance"},
	{AndersonDarling, .17, true, "Anderson-Darling distance"},
	{ChiSquare, .1, false, "Cramér's V"},
	{CramersV, .1, false, "Cramér's V"},
	{TotalVariation, .1, false, "total variation"},
	{MMD, VectorLimit, false, "MMD of vectors"},
	{Missing, .05, false, "share without a value"},
}

// Distances lists those that a column may be held to, all or the ones that texts have.
func Distances(texts bool) []Distance {
	var list []Distance
	for _, k := range known {
		if k.Distance != Missing && k.Distance != MMD && !(texts && k.numeric) {
			list = append(list, k.Distance)
		}
	}
	return list
}

// Of says whether a column of this kind may be held to the distance.
func (d Distance) Of(k profile.Kind) bool {
	return slices.Contains(Distances(k == profile.Text || k == profile.Boolean), d)
}

// Usual is the distance that a column is held to unless one is named.
func Usual(k profile.Kind) Distance {
	if k == profile.Number || k == profile.Time {
		return KS
	}
	return TotalVariation
}

// Limit is the usual one.
func (d Distance) Limit() float64 {
	for _, k := range known {
		if k.Distance == d {
			return k.limit
		}
	}
	return math.NaN()
}

// String is the distance in words.
func (d Distance) String() string {
	for _, k := range known {
		if k.Distance == d {
			return k.words
		}
	}
	return string(d)
}

// Measure is one comparison of a column.
type Measure struct {
	Distance Distance
	Effect   float64
	// Low and High are how far the effect may be from that of the values themselves, where
	// they were counted in bins; both are Effect where it is exact.
	Low, High float64
	// Interval is where the effect between the populations is, at its level or above, Low
	// and High included.
	Interval stats.Interval
	// Chance is what the effect is on average without any change; 0 where that is not known.
	Chance float64
	P      float64 // of no change
	Test   string  // whose P it is
	Limit  float64
}

// Exact says whether the effect is that of the values themselves.
func (m *Measure) Exact() bool { return m.Low == m.High }

// sample is a column's numbers in bins, from below: two tables' have the same bins. The
// first and the last are infinities.
type sample struct {
	counts []float64
	n      float64
}

func sampleOf(n *profile.Numbers) sample {
	s := sample{counts: make([]float64, 0, len(n.Counts)+2)}
	s.counts = append(s.counts, float64(n.MinusInfinity))
	for _, c := range n.Counts {
		s.counts = append(s.counts, float64(c))
	}
	s.counts = append(s.counts, float64(n.PlusInfinity))
	for _, c := range s.counts {
		s.n += c
	}
	return s
}

// shares are how many numbers are below the end of each bin, as shares.
func (s sample) shares() []float64 {
	list, sum := make([]float64, len(s.counts)), 0.0
	for i, c := range s.counts {
		sum += c
		list[i] = sum / s.n
	}
	return list
}

// deciles are the counts between the reference's deciles.
func deciles(n *profile.Numbers) []float64 {
	var list []float64
	below := float64(0)
	for _, edge := range n.Deciles {
		at := float64(n.Below(edge) + n.MinusInfinity)
		list = append(list, at-below)
		below = at
	}
	return append(list, float64(n.Finite()+n.MinusInfinity+n.PlusInfinity)-below)
}

// exact says whether both tables' numbers themselves are there.
func exact(r, c *profile.Numbers) bool {
	return r.Values != nil && c.Values != nil && r.PlusInfinity+r.MinusInfinity+c.PlusInfinity+c.MinusInfinity == 0
}

// single says whether no two numbers are in a bin: it ends at the next number after the
// one where it begins. The bins are those of sample.
func single(edges []float64, bin int) bool {
	k := bin - 1 // among those of numbers
	return bin == 0 || bin == len(edges)+2 || k > 0 && k < len(edges) && edges[k] == math.Nextafter(edges[k-1], math.Inf(1))
}

// pooled puts categories together that are too rare for chi-square: of which fewer than
// five are expected in either sample.
func pooled(x, y []float64) (a, b []float64) {
	n, m := sum(x), sum(y)
	rareX, rareY := 0.0, 0.0
	for i := range x {
		if both := (x[i] + y[i]) * min(n, m) / (n + m); both < 5 {
			rareX, rareY = rareX+x[i], rareY+y[i]
			continue
		}
		a, b = append(a, x[i]), append(b, y[i])
	}
	if rareX+rareY > 0 {
		a, b = append(a, rareX), append(b, rareY)
	}
	return a, b
}

func sum(list []float64) float64 {
	all := 0.0
	for _, x := range list {
		all += x
	}
	return all
}
