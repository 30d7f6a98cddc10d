package drift

import (
	"cmp"
	"math"
	"slices"
)

// Each step of boosting adds to the score of the rows in some bins of one column, and
// takes from those in the others, by Newton's method. After the least steps it ends when
// no step gains more than chance would.
const (
	stepRate   = .2
	mostSteps  = 200
	leastSteps = 20
	// wellLearnt are the least steps for what is to be taken away: what is left of it would
	// look like a finding, where more noise would not.
	wellLearnt = 60
	ridge      = 1.0 // added to the second derivatives of a side
	leastSide  = 1.0 // second derivatives of a side: four rows
)

// additive is a sum of tables, one of the bins of each column; nil adds nothing.
type additive struct {
	columns []*binned
	tables  [][]float64
}

// scores are those of some rows, by some of the tables.
func (m *additive) scores(from, to int, which func(*binned) bool) []float64 {
	score := make([]float64, to-from)
	for i, b := range m.columns {
		if m.tables[i] != nil && which(b) {
			addTable(score, b.bin[from:to], m.tables[i])
		}
	}
	return score
}

func every(*binned) bool { return true }

func addTable(score []float64, bin []uint8, table []float64) {
	for i, k := range bin {
		score[i] += table[k]
	}
}

// derivatives of the loss by the score, of a row or the sum of some.
type derivatives struct{ first, second float64 }

// step is one of boosting: what it adds by bin.
type step struct {
	gain  float64
	in    int    // which column; -1: there is none
	left  []bool // bins
	low   float64
	other float64
}

// boost learns from the first rows. derive finds the derivatives of each row's loss by its
// score; a step must gain as much as chance would if noise gained as if each row's loss
// were its log likelihood.
func boost(columns []*binned, rows, least int, derive func(score []float64, at []derivatives)) *additive {
	m := &additive{columns, make([][]float64, len(columns))}
	choices := 0
	for _, b := range columns {
		choices += b.bins
	}
	noise := 2 * math.Log(float64(choices))
	score, at := make([]float64, rows), make([]derivatives, rows)
	for s := range mostSteps {
		derive(score, at)
		best := m.best(at)
		if best.in < 0 || (s >= least && best.gain < noise) {
			break
		}
		m.take(best, score)
	}
	return m
}

// logistic is of the log loss, with a weight for each class and what the score is beyond
// base.
func logistic(class []bool, weight [2]float64, base float64) func(score []float64, at []derivatives) {
	return func(score []float64, at []derivatives) {
		for i, s := range score {
			p := 1 / (1 + math.Exp(-base-s))
			if class[i] {
				at[i].first = weight[1] * (1 - p)
				at[i].second = weight[1] * p * (1 - p)
			} else {
				at[i].first = -weight[0] * p
				at[i].second = weight[0] * p * (1 - p)
			}
		}
	}
}

// best is the step that gains most; the first of equal ones.
func (m *additive) best(at []derivatives) step {
	steps := make([]step, len(m.columns))
	inParallel(len(steps), func(i int) { steps[i] = m.columns[i].best(at, i) })
	best := step{in: -1}
	for _, s := range steps {
		if s.in >= 0 && (best.in < 0 || s.gain > best.gain) {
			best = s
		}
	}
	return best
}

// take adds a step to the score and the table of its column.
func (m *additive) take(s step, score []float64) {
	b := m.columns[s.in]
	add := make([]float64, b.bins)
	for k := range add {
		add[k] = s.other
		if s.left[k] {
			add[k] = s.low
		}
	}
	addTable(score, b.bin[:len(score)], add)
	if m.tables[s.in] == nil {
		m.tables[s.in] = make([]float64, b.bins)
	}
	for k, x := range add {
		m.tables[s.in][k] += x
	}
}

// best splits the bins in two where that gains most.
func (b *binned) best(at []derivatives, in int) step {
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
		return step{in: -1}
	}
	s := step{gain: c.gain, in: in, left: make([]bool, b.bins), low: stepRate * c.side.rate(), other: stepRate * c.all.less(c.side).rate()}
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
