package metric

import (
	"math"

	"github.com/noworse/noworse/summary"
)

// table is one model's rows by true class (first index) and predicted class, of
// which a metric of the labels is a function.
type table struct {
	cells   [][]float64
	present func() []bool // the classes among the labels or the predictions
}

func tableOf(v summary.View, model int) table {
	return table{v.Confusion(model), func() []bool { return v.Present(model) }}
}

// perClass lists the classes that stand among the labels or the predictions of
// these rows; scikit-learn averages over the same.
func (t table) perClass() []class {
	var classes []class
	for _, c := range t.allClasses() {
		if c.there {
			classes = append(classes, c.class)
		}
	}
	return classes
}

// OfCounts says whether the metric is a function of the rows by true and
// predicted class.
func (m Metric) OfCounts() bool { return m.counts != nil }

// Counted is such a metric's value of a table of rows by true class (first index)
// and predicted class; NaN where it has none.
func (m Metric) Counted(cells [][]float64, p Params) float64 {
	e, err := m.counts(tableFrom(cells), p)
	if err != nil {
		return math.NaN()
	}
	return e.Value
}

// CountedSlope is Slope of such a table, which must give a value.
func (m Metric) CountedSlope(cells [][]float64, p Params) Slope { return m.slope(tableFrom(cells), p) }

func tableFrom(cells [][]float64) table {
	return table{cells: cells, present: func() []bool {
		there := make([]bool, len(cells))
		for i, row := range cells {
			for j, n := range row {
				if n > 0 {
					there[i], there[j] = true, true
				}
			}
		}
		return there
	}}
}

// Slope says how fast the value of such a metric rises with the rows of each true
// and predicted class, of one model. It is for rows that give a value.
func (m Metric) Slope(v summary.View, model int, p Params) Slope {
	return m.slope(tableOf(v, model), p)
}

// Slope is the derivative of a metric by the rows of a true and a predicted class.
type Slope func(label, predicted int) float64
