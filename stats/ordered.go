package stats

import (
	"iter"
	"math"
)

// Ties goes through rows from the lowest score up: those of one score at a time. It can be
// gone through again.
type Ties = iter.Seq[[]Ranked]

// Ranked is the number of a row, and its class.
type Ranked struct {
	Row   uint32
	Class uint16
}

// Labels is the classes of rows, by the rows' numbers, and how many rows each has.
type Labels struct {
	Of   []uint16
	Rows []uint64
}

// LabelsOf counts the rows of so many classes.
func LabelsOf(of []uint16, classes int) Labels {
	l := Labels{of, make([]uint64, classes)}
	for _, class := range of {
		l.Rows[class]++
	}
	return l
}

// The functions below are of values that depend on the order of rows by a model's
// scores. Each adds weight times a row's influence to the row's number in to: to
// first order, the value is off from the truth by the sum of the influences of the
// rows that were drawn, which is 0 over the rows seen (von Mises 1947, Annals of
// Mathematical Statistics 18; Hampel 1974, Journal of the American Statistical
// Association 69). They depend on whole numbers of rows above and below alone, so
// rows of one score may come in any order.

// Precision is the average precision of a class, the mean over its rows of the
// precision p(s) among all rows that score at least as high, N(s) of them. With P
// rows of the class, a row of score s and of y, 1 for the class and else 0, has the
// influence
//
//	(y (p(s) - AP) + sum over rows j of the class with s_j <= s of (y - p(s_j)) / N(s_j)) / P
//
// whose first part is its own precision, and whose sum is what it changes for those
// below it. NaN, and no influence, where P is 0.
func (l Labels) Precision(ties Ties, class int, weight float64, to []float64) float64 {
	positives := float64(l.Rows[class])
	if positives == 0 {
		return math.NaN()
	}
	sum := 0.0
	l.descend(ties, class, func(_ []Ranked, tied, precision, _ float64) { sum += tied * precision })
	value := sum / positives
	var above, lost float64 // sums of 1/N and of p/N
	l.descend(ties, class, func(rows []Ranked, tied, precision, least float64) {
		above += tied / least
		lost += tied * precision / least
		of := [2]float64{-lost * weight / positives, (precision - value + above - lost) * weight / positives}
		for _, r := range rows {
			if int(r.Class) == class {
				to[r.Row] += of[1]
			} else {
				to[r.Row] += of[0]
			}
		}
	})
	return value
}

// descend tells of the rows of each score: how many of them are of the class, and
// of the rows that score at least as high the share of the class and their number.
func (l Labels) descend(ties Ties, class int, f func(rows []Ranked, tied, precision, least float64)) {
	rows, positives := len(l.Of), l.Rows[class]
	for tied := range ties {
		n := uint64(0)
		for _, r := range tied {
			if int(r.Class) == class {
				n++
			}
		}
		f(tied, float64(n), float64(positives)/float64(rows), float64(rows))
		rows -= len(tied)
		positives -= n
	}
}

// Area is the area under the ROC curve of a class against all others: the mean over
// pairs of one row of either of 1, 1/2 where they tie, or 0. A row's influence is its
// share of the rows of the other side that stand on the right side of it, less the
// area, over the rows of its own side. DeLong, DeLong and Clarke-Pearson (1988),
// Biometrics 44. NaN, and no influence, where either side has no row.
func (l Labels) Area(ties Ties, class int, weight float64, to []float64) float64 {
	pos, neg := float64(l.Rows[class]), float64(uint64(len(l.Of))-l.Rows[class])
	if pos == 0 || neg == 0 {
		return math.NaN()
	}
	sides := [2]float64{neg, pos}
	var below [2]uint64
	count := func(tied []Ranked) (equal [2]uint64) {
		for _, r := range tied {
			equal[r.side(class)]++
		}
		return equal
	}
	twice := 0.0
	for tied := range ties {
		equal := count(tied)
		twice += float64(equal[1]) * float64(2*below[0]+equal[0])
		below[0] += equal[0]
	}
	area := twice / 2 / pos / neg
	below = [2]uint64{}
	for tied := range ties {
		equal := count(tied)
		right := [2]float64{pos - float64(below[1]) - float64(equal[1])/2, float64(below[0]) + float64(equal[0])/2}
		for i := range right {
			right[i] = (right[i]/sides[1-i] - area) * weight / sides[i]
		}
		for _, r := range tied {
			to[r.Row] += right[r.side(class)]
		}
		below[0] += equal[0]
		below[1] += equal[1]
	}
	return area
}

// side is 1 for a row of the class.
func (r Ranked) side(class int) int {
	if int(r.Class) == class {
		return 1
	}
	return 0
}

// Pairs is the areas of a class with each of the others alone, by its own scores
// (Hand and Till 2001, Machine Learning 45); NaN where either has no row. Each has
// its weight; influences are those of Area among the rows of both.
func (l Labels) Pairs(ties Ties, class int, weights, to []float64) []float64 {
	areas, add := make([]float64, len(l.Rows)), make([]float64, len(l.Rows))
	own := float64(l.Rows[class])
	l.climb(ties, func(_ []Ranked, there []uint16, below, equal []uint64) {
		for _, k := range there {
			areas[k] += float64(equal[k]) * float64(2*(l.Rows[class]-below[class])-equal[class])
		}
	})
	for k, n := range l.Rows {
		areas[k] /= 2 * float64(n) * own
	}
	areas[class] = math.NaN()
	l.climb(ties, func(tied []Ranked, there []uint16, below, equal []uint64) {
		right := own - float64(below[class]) - float64(equal[class])/2
		for _, k := range there {
			if add[k] = 0; int(k) == class {
				for other, n := range l.Rows {
					if area := areas[other]; !math.IsNaN(area) {
						add[k] += ((float64(below[other])+float64(equal[other])/2)/float64(n) - area) * weights[other] / own
					}
				}
			} else if !math.IsNaN(areas[k]) {
				add[k] = (right/own - areas[k]) * weights[k] / float64(l.Rows[k])
			}
		}
		for _, r := range tied {
			to[r.Row] += add[r.Class]
		}
	})
	return areas
}

// climb tells of the rows of each score: the classes that are there, and how many
// rows of each class score less, and how many the same.
func (l Labels) climb(ties Ties, f func(tied []Ranked, there []uint16, below, equal []uint64)) {
	below, equal := make([]uint64, len(l.Rows)), make([]uint64, len(l.Rows))
	var there []uint16
	for tied := range ties {
		there = there[:0]
		for _, r := range tied {
			if equal[r.Class] == 0 {
				there = append(there, r.Class)
			}
			equal[r.Class]++
		}
		f(tied, there, below, equal)
		for _, k := range there {
			below[k] += equal[k]
			equal[k] = 0
		}
	}
}

// The means below go through the rows by the scores of one class after the other.

// MeanPrecision is the mean over classes of their average precision; NaN where one has
// no row.
func (l Labels) MeanPrecision(by func(class int) Ties, to []float64) float64 {
	mean, classes := 0.0, float64(len(l.Rows))
	for k := range l.Rows {
		mean += l.Precision(by(k), k, 1/classes, to) / classes
	}
	return mean
}

// MeanArea is the mean over classes of the areas A_k against the rest: each class
// counts the same, or by its share of the rows. The shares vary from one set of rows to
// the next too: a row of class k then adds (A_k - mean)/rows. NaN where an area is that
// counts.
func (l Labels) MeanArea(by func(class int) Ties, weighted bool, to []float64) float64 {
	mean, rows := 0.0, float64(len(l.Of))
	areas := make([]float64, len(l.Rows))
	for k, n := range l.Rows {
		weight := 1 / float64(len(l.Rows))
		if weighted {
			weight = float64(n) / rows
		}
		if weight > 0 {
			areas[k] = l.Area(by(k), k, weight, to)
			mean += weight * areas[k]
		}
	}
	if weighted {
		for row, k := range l.Of {
			to[row] += (areas[k] - mean) / rows
		}
	}
	return mean
}

// MeanPairs is the mean over ordered pairs of classes that both have rows of the area
// between them by the scores of the first: each pair counts the same, or by the rows of
// both. These vary too: a row of class k then adds the sum over its pairs of (area -
// mean), over the sum of all pairs' rows. NaN where there is no pair.
func (l Labels) MeanPairs(by func(class int) Ties, weighted bool, to []float64) float64 {
	n := l.Rows
	counts := func(j, k int) float64 {
		switch {
		case j == k || n[j] == 0 || n[k] == 0:
			return 0
		case weighted:
			return float64(n[j] + n[k])
		}
		return 1
	}
	all := 0.0
	for j := range n {
		for k := range n {
			all += counts(j, k)
		}
	}
	if all == 0 {
		return math.NaN()
	}
	mean, weights := 0.0, make([]float64, len(n))
	areas := make([][]float64, len(n))
	for j := range n {
		if n[j] == 0 {
			continue
		}
		for k := range n {
			weights[k] = counts(j, k) / all
		}
		areas[j] = l.Pairs(by(j), j, weights, to)
		for k, weight := range weights {
			if weight > 0 {
				mean += weight * areas[j][k]
			}
		}
	}
	if !weighted {
		return mean
	}
	of := make([]float64, len(n)) // a row of each class
	for j := range n {
		for k := range n {
			if counts(j, k) > 0 {
				of[j] += (areas[j][k] - mean) / all
				of[k] += (areas[j][k] - mean) / all
			}
		}
	}
	for row, k := range l.Of {
		to[row] += of[k]
	}
	return mean
}
