package summary

import "math/big"

// View is the statistics of one slice. Models are numbered as in Shape: 0 is
// the candidate, 1 the baseline.
type View struct {
	g     *grouping
	group int
}

// Rows is the number of rows.
func (v View) Rows() uint64 {
	var n uint64
	v.g.eachCell(v.group, func(_ int, count uint64) { n += count })
	return n
}

// Weight is the sum of the rows' weights: their number where none are given.
func (v View) Weight() float64 {
	w, _ := v.ExactWeight().Float64()
	return w
}

// Classes is the number of label values.
func (v View) Classes() int { return v.g.shape.Classes }

// Weighted says whether rows have weights.
func (v View) Weighted() bool { return v.g.shape.Weighted }

// Confusion is the weight of rows by true class (first index) and the class
// that a model predicted (second).
func (v View) Confusion(model int) [][]float64 {
	k := v.g.shape.Classes
	m := make([][]float64, k)
	for i := range m {
		m[i] = make([]float64, k)
	}
	if v.g.shape.Weighted {
		v.weightedConfusion(model, m)
		return m
	}
	v.g.eachCell(v.group, func(number int, count uint64) {
		label, predicted := v.g.shape.decode(number)
		m[label][predicted[model]] += float64(count)
	})
	return m
}

func (v View) weightedConfusion(model int, m [][]float64) {
	k := len(m)
	sums := make([]*Sum, k*k)
	v.g.eachWeight(v.group, model, func(label, predicted int, weight *Sum) {
		switch at := label*k + predicted; {
		case sums[at] == nil:
			sums[at] = weight
		default:
			total := *sums[at]
			total.Merge(weight)
			sums[at] = &total
		}
	})
	for at, sum := range sums {
		if sum != nil {
			m[at/k][at%k] = sum.Value()
		}
	}
}

// decode is the inverse of a cell's number.
func (s *Shape) decode(number int) (label int, predicted [2]int) {
	for m := s.Models - 1; m >= 0; m-- {
		predicted[m] = number % s.Classes
		number /= s.Classes
	}
	return number, predicted
}

// Flips counts rows by which of two models is right.
type Flips struct {
	Both, Negative, Positive, Neither uint64 // Negative: only the baseline is right; Positive: only the candidate
}

// Rows is how many rows are counted.
func (f Flips) Rows() uint64 { return f.Both + f.Negative + f.Positive + f.Neither }

// Add counts rows of one true class and one pair of answers.
func (f *Flips) Add(label int, predicted [2]int, rows uint64) {
	switch candidate, baseline := predicted[0] == label, predicted[1] == label; {
	case candidate && baseline:
		f.Both += rows
	case baseline:
		f.Negative += rows
	case candidate:
		f.Positive += rows
	default:
		f.Neither += rows
	}
}

// Flips compares the answers of both models, row by row, without weights.
func (v View) Flips() Flips {
	var f Flips
	v.g.eachCell(v.group, func(number int, count uint64) {
		label, predicted := v.g.shape.decode(number)
		f.Add(label, predicted, count)
	})
	return f
}

// Total is the exact sum of a loss over the rows, each times its weight.
func (v View) Total(l Loss, model int) *big.Float {
	sum := v.sum(l, model).sum(v.group)
	return sum.Big()
}

// Mean is the weighted mean of a loss over the rows; NaN where there are none.
func (v View) Mean(l Loss, model int) float64 {
	return v.sum(l, model).value(v.group) / v.Weight()
}

// sum is a loss's sums.
func (v View) sum(l Loss, model int) *account {
	if l.ofTarget() {
		model = 0
	}
	for j, mine := range v.g.needs.Losses {
		if mine == l {
			return &v.g.sums[j*v.g.shape.Models+model]
		}
	}
	panic("summary: a loss that the shape does not name")
}

// Present says of each class whether it stands among the labels of the rows or
// among the predictions of a model.
func (v View) Present(model int) []bool {
	there := make([]bool, v.g.shape.Classes)
	v.g.eachCell(v.group, func(number int, _ uint64) {
		label, predicted := v.g.shape.decode(number)
		there[label], there[predicted[model]] = true, true
	})
	return there
}

// ExactWeight is Weight without rounding.
func (v View) ExactWeight() *big.Float {
	if !v.g.shape.Weighted {
		return new(big.Float).SetUint64(v.Rows())
	}
	var w Sum
	v.g.eachWeight(v.group, 0, func(_, _ int, weight *Sum) { w.Merge(weight) })
	return w.Big()
}

// Counts is the number of rows by true class (first index) and the class that a
// model predicted (second), whatever their weights.
func (v View) Counts(model int) [][]uint64 {
	k := v.g.shape.Classes
	m := make([][]uint64, k)
	for i := range m {
		m[i] = make([]uint64, k)
	}
	v.g.eachCell(v.group, func(number int, count uint64) {
		label, predicted := v.g.shape.decode(number)
		m[label][predicted[model]] += count
	})
	return m
}

// EachCell calls f with the number of rows of each true class and each pair of
// classes that the models predicted, where there are any, whatever their weights.
func (v View) EachCell(f func(label int, predicted [2]int, count uint64)) {
	v.g.eachCell(v.group, func(number int, count uint64) {
		label, predicted := v.g.shape.decode(number)
		f(label, predicted, count)
	})
}
