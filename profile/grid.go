package profile

import (
	"math"
	"slices"
	"sort"
)

// How finely numbers are told apart.
const (
	bins     = 1000 // with as many rows of the sample each
	fewest   = 500  // different numbers, of which each gets a bin of its own
	mostKept = 1000 // categories that are counted by name
	// mostFresh is how many texts that the reference has not are counted by name.
	mostFresh = 1000
)

// edges tell the numbers of a sample apart, which are in order: each, where few are
// different; else about as many in each bin, and numbers that are frequent by
// themselves. 0 is told from what is below and above it, and so are the deciles.
func edges(sorted, deciles []float64) []float64 {
	list := []float64{0, afterZero}
	list = append(list, deciles...)
	different := distinct(sorted)
	if len(different) <= fewest {
		for _, x := range different {
			list = append(list, x, next(x))
		}
		return unique(list)
	}
	list = append(list, sorted[0], next(sorted[len(sorted)-1]))
	for i := 1; i < bins; i++ {
		list = append(list, sorted[i*len(sorted)/bins])
	}
	start := 0
	for i := range sorted {
		if i+1 < len(sorted) && sorted[i+1] == sorted[i] {
			continue
		}
		if i+1-start > 2*len(sorted)/bins {
			list = append(list, sorted[i], next(sorted[i]))
		}
		start = i + 1
	}
	return unique(list)
}

func next(x float64) float64 { return math.Nextafter(x, math.Inf(1)) }

// unique puts numbers in order, finite ones, each once.
func unique(list []float64) []float64 {
	for i, x := range list {
		if x == 0 {
			list[i] = 0 // not -0
		}
	}
	slices.Sort(list)
	list = slices.Compact(list)
	for len(list) > 0 && math.IsInf(list[len(list)-1], 1) {
		list = list[:len(list)-1]
	}
	return list
}

func distinct(sorted []float64) []float64 { return slices.Compact(slices.Clone(sorted)) }

// quantiles are the nine deciles of numbers in order, each once, between neighbours
// where they fall between them, as numpy's default method (linear) has them.
func quantiles(sorted []float64) []float64 {
	if len(sorted) == 0 {
		return nil
	}
	list := make([]float64, 9)
	for i := range list {
		list[i] = Quantile(sorted, float64(i+1)/10)
	}
	return unique(list)
}

// Quantile is that of numbers in order, at least one, between neighbours where it falls
// between them: method 7 of Hyndman and Fan (1996), American Statistician 50, computed
// as numpy does.
func Quantile(sorted []float64, share float64) float64 {
	at := share * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	a, b, t := sorted[i], sorted[i+1], at-float64(i)
	switch {
	case a == b:
		return a
	case math.IsInf(b-a, 0):
		return a*(1-t) + b*t
	case t >= .5:
		return b - (b-a)*(1-t)
	}
	return a + (b-a)*t
}

// lookup finds the bins of numbers quicker than by halving: cells of equal width know
// which edges are in them.
type lookup struct {
	edges  []float64
	padded []float64 // edges, and some beyond all numbers
	low    float64
	scale  float64
	start  []uint16 // of each cell: how many edges are in cells before
}

// cells are so many that few have two edges, and so few that the table stays at hand.
const cells = 1 << 13

func newLookup(edges []float64) *lookup {
	l := &lookup{edges: edges, start: make([]uint16, cells+1)}
	l.padded = append(slices.Clone(edges), math.Inf(1), math.Inf(1))
	if len(edges) > 1 {
		l.low = edges[0]
		if scale := cells / (edges[len(edges)-1] - edges[0]); scale > 0 && !math.IsInf(scale, 0) {
			l.scale = scale
		}
	}
	at := 0
	for c := range l.start {
		for at < len(edges) && l.cell(edges[at]) < c {
			at++
		}
		l.start[c] = uint16(at)
	}
	l.start[cells] = uint16(len(edges))
	return l
}

// cell never falls as x rises, so edges in cells before that of x are at most x, and
// edges in cells behind it are above x.
func (l *lookup) cell(x float64) int {
	at := (x - l.low) * l.scale
	if !(at > 0) {
		return 0
	}
	return int(min(at, cells-1))
}

// count adds finite numbers to the counts of their bins: of how many edges are at most
// each. Of two edges in a cell it is told without a branch, which could not be foreseen.
func (l *lookup) count(counts []uint64, numbers []float64) {
	for _, x := range numbers {
		c := l.cell(x)
		from, to := int(l.start[c]), int(l.start[c+1])
		if to-from > 2 {
			from += sort.Search(to-from, func(i int) bool { return l.edges[from+i] > x })
		} else {
			from += atMost(l.padded[from], x) + atMost(l.padded[from+1], x)
		}
		counts[from]++
	}
}

// atMost is 1 where an edge is at most x, else 0.
func atMost(edge, x float64) int { return int(^math.Float64bits(x-edge) >> 63) }
