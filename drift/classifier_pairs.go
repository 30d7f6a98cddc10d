package drift

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

// How far pairs of columns are looked at.
const (
	mostPairs     = 16    // whose joint bins are learnt from
	parts         = 4     // of a column, in a pair
	fineColumns   = 1024  // up to so many all cuts between parts are looked at, beyond one
	coarseColumns = 16384 // beyond so many no pairs are
)

// cutRows are the rows of a column, by class, that lie on one side of a cut; a bit each.
type cutRows struct {
	rows [2][]uint64
	n    [2]int
}

// changedPairs are the pairs of columns whose dependence differs between two classes of
// rows, the first ones, by more than chance, as columns of 16 bins. Of two cuts, one of
// either column, it looks at the covariance of the sides that rows are on, in either class.
func changedPairs(class []bool, columns []*binned) []*binned {
	if len(columns) > coarseColumns {
		return nil
	}
	parted, cuts := make([][]uint8, len(columns)), make([][]cutRows, len(columns))
	n := countClasses(class)
	inParallel(len(columns), func(i int) {
		parted[i] = columns[i].parts(len(class))
		cuts[i] = cutsOf(parted[i][:len(class)], class, n, columns[i].ordered > 0, len(columns) <= fineColumns)
	})
	type pair struct {
		a, b  int
		score float64
	}
	found := make([][]pair, len(columns))
	tries := 0.0
	for i := range cuts {
		for j := range i {
			tries += float64(len(cuts[i]) * len(cuts[j]))
		}
	}
	noise := 2 * math.Log(tries+1)
	inParallel(len(columns), func(i int) {
		for j := range i {
			if score := changedTogether(cuts[j], cuts[i], n); score > noise {
				found[i] = append(found[i], pair{j, i, score})
			}
		}
	})
	list := slices.Concat(found...)
	slices.SortStableFunc(list, func(x, y pair) int { return cmp.Compare(y.score, x.score) })
	var together []*binned
	for _, p := range list[:min(len(list), mostPairs)] {
		b := &binned{of: [2]int{p.a, p.b}, bins: parts * parts, bin: make([]uint8, len(columns[p.a].bin))}
		for i := range b.bin {
			b.bin[i] = parts*parted[p.a][i] + parted[p.b][i]
		}
		together = append(together, b)
	}
	return together
}

// parts puts the bins of a column in four: of about as many rows where bins are in an
// order, else the three most frequent categories and the others.
func (b *binned) parts(train int) []uint8 {
	var of [256]uint8
	if b.ordered == 0 {
		for k := range of {
			of[k] = uint8(min(k, parts-1))
		}
	} else {
		var rows [256]int
		for _, k := range b.bin[:train] {
			rows[k]++
		}
		below := 0
		for k, n := range rows[:b.bins] {
			of[k] = uint8(min((below+n/2)*parts/max(train, 1), parts-1))
			below += n
		}
	}
	to := make([]uint8, len(b.bin))
	for i, k := range b.bin {
		to[i] = of[k]
	}
	return to
}

// cutsOf are the sides of cuts: of parts in an order above each, else in each.
func cutsOf(part []uint8, class []bool, n [2]int, ordered, all bool) []cutRows {
	list := make([]cutRows, parts-1)
	for c := range list {
		for of := range n {
			list[c].rows[of] = make([]uint64, (n[of]+63)/64)
		}
	}
	var at [2]int
	for i, k := range part {
		of := classOf(class[i])
		for c := range list {
			if ordered && int(k) > c || !ordered && int(k) == c {
				list[c].rows[of][at[of]>>6] |= 1 << (at[of] & 63)
				list[c].n[of]++
			}
		}
		at[of]++
	}
	if !all {
		middle := 0
		if ordered {
			middle = parts/2 - 1
		}
		list = list[middle : middle+1]
	}
	return slices.DeleteFunc(list, func(c cutRows) bool {
		inside := c.n[0] + c.n[1]
		return inside == 0 || inside == n[0]+n[1]
	})
}

// changedTogether is the square of how many standard errors the covariances in both
// classes differ by, of the cuts for which it is greatest.
func changedTogether(a, b []cutRows, n [2]int) float64 {
	most := 0.0
	for i := range a {
		for j := range b {
			var covariance, squares float64
			for class, rows := range n {
				x, y := a[i].rows[class], b[j].rows[class]
				y = y[:len(x)]
				both := 0
				for w, word := range x {
					both += bits.OnesCount64(word & y[w])
				}
				c, v := sidesCovariance(float64(a[i].n[class]), float64(b[j].n[class]), float64(both), float64(rows))
				squares += v
				if class == 0 {
					c = -c
				}
				covariance += c
			}
			if squares > 0 {
				most = max(most, covariance*covariance/squares)
			}
		}
	}
	return most
}

// sidesCovariance is that of two events, a and b of n rows, and of it the variance,
// which is that of (A - p)(B - q) over n, and taken for no less than that of events that
// are independent: of one event twice it would be nearly none.
func sidesCovariance(a, b, both, n float64) (covariance, variance float64) {
	p, q := a/n, b/n
	covariance = both/n - p*q
	variance = p * (1 - p) * q * (1 - q)
	return covariance, (variance + max((1-2*p)*(1-2*q)*covariance-covariance*covariance, 0)) / n
}
