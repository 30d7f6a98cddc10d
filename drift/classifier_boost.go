package drift

import (
	"cmp"
	"math"
	"slices"
)

// Each step of boosting adds to the score of the rows in some bins of one column, and
// takes from those in the others, by Newton's method on the logistic loss. It ends when
// no step gains more than chance would.
const (
	stepRate   = .2
	mostSteps  = 200
	leastSteps = 20
	ridge      = 1.0 // added to the second derivatives of a side
	leastSide  = 1.0 // second derivatives of a side: four rows
)

// apartModel is the classifier: the sum of the tables of columnsInBins.
type apartModel struct {
	rows          *apartRows
	columnsInBins []*binned
	weight        [2]float64 // of a row of the reference, and of a current one
}

// heldScores are those of the rows that were not learnt from, by some of the tables.
func (m *apartModel) heldScores(which func(*binned) bool) []float64 {
	score := make([]float64, len(m.rows.current)-m.rows.train)
	for _, b := range m.columnsInBins {
		if b.table != nil && which(b) {
			b.addTo(score, b.bin[m.rows.train:], b.table)
		}
	}
	return score
}

func (*binned) addTo(score []float64, bin []uint8, table []float64) {
	for i, k := range bin {
		score[i] += table[k]
	}
}

// derivatives of the loss by the score, of a row or the sum of some.
type derivatives struct{ first, second float64 }

// step is one of boosting: what it adds by bin.
type step struct {
	gain  float64
	in    *binned
	left  []bool // bins
	low   float64
	other float64
}

// learnApart learns from the first rows which table a row is of.
func learnApart(rows *apartRows, columns []*binned) *apartModel {
	m := &apartModel{rows: rows, columnsInBins: columns}
	n := rows.classes()[0]
	// Both tables weigh the same; and so that noise gains as if all rows weighed 1.
	m.weight[0] = 2 * float64(n[1]) / float64(n[0]+n[1])
	m.weight[1] = 2 * float64(n[0]) / float64(n[0]+n[1])
	m.columnsInBins = append(m.columnsInBins, changedPairs(rows, columns)...)
	choices := 0
	for _, b := range m.columnsInBins {
		choices += b.bins
	}
	noise := 2 * math.Log(float64(choices))
	score := make([]float64, rows.train)
	at := make([]derivatives, rows.train)
	for s := range mostSteps {
		m.derive(score, at)
		best := m.best(at)
		if best.in == nil || (s >= leastSteps && best.gain < noise) {
			break
		}
		best.take(score)
	}
	return m
}

// derive finds the derivatives of each row.
func (m *apartModel) derive(score []float64, at []derivatives) {
	for i, s := range score {
		p := 1 / (1 + math.Exp(-s))
		if m.rows.current[i] {
			at[i].first = m.weight[1] * (1 - p)
			at[i].second = m.weight[1] * p * (1 - p)
		} else {
			at[i].first = -m.weight[0] * p
			at[i].second = m.weight[0] * p * (1 - p)
		}
	}
}

// best is the step that gains most; the first of equal ones.
func (m *apartModel) best(at []derivatives) step {
	steps := make([]step, len(m.columnsInBins))
	inParallel(len(steps), func(i int) { steps[i] = m.columnsInBins[i].best(at) })
	var best step
	for _, s := range steps {
		if s.in != nil && (best.in == nil || s.gain > best.gain) {
			best = s
		}
	}
	return best
}

// take adds a step to the score and the table of its column.
func (s *step) take(score []float64) {
	add := make([]float64, s.in.bins)
	for k := range add {
		add[k] = s.other
		if s.left[k] {
			add[k] = s.low
		}
	}
	s.in.addTo(score, s.in.bin[:len(score)], add)
	if s.in.table == nil {
		s.in.table = make([]float64, s.in.bins)
	}
	for k, x := range add {
		s.in.table[k] += x
	}
}

// best splits the bins in two where that gains most.
func (b *binned) best(at []derivatives) step {
	var sums [256]derivatives
	for i, d := range at {
		sum := &sums[b.bin[i]]
		sum.first += d.first
		sum.second += d.second
	}
	var all derivatives
	var there []int // bins with rows
	for k, s := range sums[:b.bins] {
		if s.second > 0 {
			there = append(there, k)
			all.first += s.first
			all.second += s.second
		}
	}
	c := splitter{sums: sums[:b.bins], all: all}
	if b.ordered > 0 {
		loose, _ := slices.BinarySearch(there, b.ordered) // where bins without order begin
		c.try(there[:loose], there[loose:], 0)
		c.try(append(slices.Clone(there[loose:]), there[:loose]...), nil, 0)
	} else {
		slices.SortStableFunc(there, func(i, j int) int { return cmp.Compare(sums[i].rate(), sums[j].rate()) })
		// Of k groups whose rates differ by chance alone, the best split in two gains some
		// 2/pi (k-1): the square of the mean distance of a normal number from 0.
		c.try(there, nil, 2/math.Pi*float64(len(there)-1))
	}
	if c.size == 0 {
		return step{}
	}
	s := step{gain: c.gain, in: b, left: make([]bool, b.bins), low: stepRate * c.side.rate(), other: stepRate * c.all.less(c.side).rate()}
	for _, k := range c.order[:c.size] {
		s.left[k] = true
	}
	return s
}

func (d derivatives) rate() float64 { return d.first / (d.second + ridge) }

func (d derivatives) gain() float64 { return d.first * d.first / (d.second + ridge) }

func (d derivatives) less(o derivatives) derivatives {
	return derivatives{d.first - o.first, d.second - o.second}
}

// splitter looks for the best split of bins in the first few and the others.
type splitter struct {
	sums  []derivatives
	all   derivatives
	order []int
	size  int // of the first few, in order; 0: none found
	side  derivatives
	gain  float64
}

// try tries all splits of bins in an order; those that come after go with the last of them.
func (c *splitter) try(order, after []int, penalty float64) {
	whole := append(slices.Clone(order), after...)
	var side derivatives
	for i, k := range order {
		side.first += c.sums[k].first
		side.second += c.sums[k].second
		other := c.all.less(side)
		if i+1 == len(whole) || side.second < leastSide || other.second < leastSide {
			continue
		}
		if gain := side.gain() + other.gain() - c.all.gain() - penalty; c.size == 0 || gain > c.gain {
			c.order, c.size, c.side, c.gain = whole, i+1, side, gain
		}
	}
}
