package drift

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/noworse/noworse/profile"
	"github.com/noworse/noworse/stats"
)

// Concept drift is that the label has changed for rows whose features have not: the same
// customer, and another answer. The rows may have drifted too, which is no concept drift;
// so on half of the rows it is learnt what the features say about the table, e, and about
// the label, g; and what is left of both must not go together in the other half:
//
//	R = (table - e(features)) (label - g(features))     has mean 0, whatever the features.
//
// That errors of e and of g only bear on it by their product makes the test hold where
// either is learnt roughly: the generalised covariance measure of Shah and Peters (2020),
// Annals of Statistics 48. A relation that turns over, so that R is above 0 for some rows
// and below 0 for others, is seen by weights that are learnt too: Scheidegger, Horrmann
// and Buhlmann (2022), Journal of Machine Learning Research 23. By Robinson (1988),
// Econometrica 56, the mean of R over that of (table - e)^2 is the change of the label's
// mean for given features, over rows that both tables have.

// ConceptLimit is from which change the relation has drifted, unless the user says
// otherwise: of the label's mean, in its standard deviations.
const ConceptLimit = .25

// Concept is by how much the label has changed for given features.
type Concept struct {
	// Change is that of the label's mean, the larger part of it either way: by so much it
	// rose where it was found to rise, and fell where it was found to fall. In units of the
	// label; of classes, a share of rows. It is more than 0 by chance only as often as the
	// interval says.
	Change   float64
	Interval stats.Interval
	// Spread is the label's standard deviation.
	Spread float64
	P      float64 // one-sided, of the hypothesis that there is no change
	// Class is the class whose share changed most, where labels are texts of more than two;
	// P is then adjusted for their number.
	Class string
	// Everywhere is the share of the finding that is the same for all rows, and Columns
	// those that go with columns, the largest first; at most 20.
	Everywhere float64
	Columns    []ConceptShare
	// Reference and Current are how many rows of either table it was held to.
	Reference, Current int
}

// ConceptShare is how much of the finding goes with a column: for which its relation to the
// label has changed.
type ConceptShare struct {
	Name  string
	Share float64
}

// Drifted says whether the relation has changed: by more than chance, and by more than
// matters, in standard deviations of the label.
func (c *Concept) Drifted(limit, alpha float64) bool {
	return c.P <= alpha && c.Change > limit*c.Spread
}

// mostClasses of a label are looked at, the most frequent ones.
const mostClasses = 20

// CompareConcepts compares how the label depends on the features in two tables. label is
// the name of a column of both samples; features are the other columns, less what is
// among ignore. A model's score is a good feature to have among them. Neither the order of
// the rows nor chance bears on it. Undefined where there are too few rows or one label.
func CompareConcepts(reference, current *profile.Sample, label string, ignore []string, level float64) (*Concept, error) {
	reference, current = labelledRows(reference, label), labelledRows(current, label)
	both, _ := inBoth(reference, current)
	at := slices.IndexFunc(both, func(p columnPair) bool { return p.reference.Name == label })
	if at < 0 {
		return nil, fmt.Errorf("%w: both tables must have the label %q, of the same kind", stats.ErrUndefined, label)
	}
	labels := both[at]
	both = slices.DeleteFunc(both, func(p columnPair) bool {
		return p.reference.Name == label || slices.Contains(ignore, p.reference.Name)
	})
	if len(both) == 0 {
		return nil, fmt.Errorf("%w: no feature is in both tables", stats.ErrUndefined)
	}
	rows := splitRows(both, reference.Rows, current.Rows)
	for _, half := range rows.halves() {
		if n := countClasses(half); min(n[0], n[1]) < fewestApart {
			return nil, fmt.Errorf("%w: %d labelled rows of the reference and %d current ones are too few to learn from some and be held to others", stats.ErrUndefined, reference.Rows, current.Rows)
		}
	}
	x := &relation{rows: rows, both: both, columns: binColumns(both, rows)}
	x.learnTable()
	var found *Concept
	targets := targetsOf(labels, rows)
	for _, t := range targets {
		c, err := x.compare(t, level)
		if err != nil {
			return nil, err
		}
		if c != nil && (found == nil || c.P < found.P) {
			found = c
		}
	}
	if found == nil {
		return nil, fmt.Errorf("%w: all labels are equal", stats.ErrUndefined)
	}
	found.P = min(1, found.P*float64(len(targets)))
	return found, nil
}

// labelledRows leaves out the rows without a label.
func labelledRows(s *profile.Sample, label string) *profile.Sample {
	at := slices.IndexFunc(s.Columns, func(c profile.SampleColumn) bool { return c.Name == label })
	if at < 0 {
		return s
	}
	var keep []int
	for i := range s.Rows {
		if c := &s.Columns[at]; !c.Null[i] && (c.Numbers == nil || c.Numbers[i]-c.Numbers[i] == 0) {
			keep = append(keep, i)
		}
	}
	to := &profile.Sample{Rows: len(keep), Columns: make([]profile.SampleColumn, len(s.Columns))}
	for j, c := range s.Columns {
		to.Columns[j] = profile.SampleColumn{Name: c.Name, Kind: c.Kind, Null: chosen(c.Null, keep), Numbers: chosen(c.Numbers, keep), Texts: chosen(c.Texts, keep)}
	}
	return to
}

func chosen[T any](list []T, keep []int) []T {
	if list == nil {
		return nil
	}
	to := make([]T, len(keep))
	for i, from := range keep {
		to[i] = list[from]
	}
	return to
}

// target is the label as a number: a number, or whether it is some class.
type target struct {
	class  string
	values []float64
	two    bool // it is 0 or 1, but for a factor
}

// targetsOf makes one target of numbers, of two classes, and else one of each class.
func targetsOf(labels columnPair, rows *apartRows) []target {
	n := len(rows.current)
	if labels.reference.Texts == nil {
		t := target{values: make([]float64, n), two: true}
		var seen []float64
		for i := range t.values {
			c, at := labels.at(rows, i)
			t.values[i] = c.Numbers[at]
			if t.two && !slices.Contains(seen, t.values[i]) {
				seen = append(seen, t.values[i])
				t.two = len(seen) <= 2
			}
		}
		return []target{t}
	}
	count := map[string]int{}
	for i := range n {
		c, at := labels.at(rows, i)
		count[c.Texts[at]]++
	}
	var classes []string
	for class := range count {
		classes = append(classes, class)
	}
	slices.SortFunc(classes, func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	if len(classes) == 2 {
		classes = classes[1:]
	}
	var list []target
	for _, class := range classes[:min(len(classes), mostClasses)] {
		t := target{class: class, values: make([]float64, n), two: true}
		for i := range t.values {
			if c, at := labels.at(rows, i); c.Texts[at] == class {
				t.values[i] = 1
			}
		}
		list = append(list, t)
	}
	if len(list) == 1 {
		list[0].class = ""
	}
	return list
}

// relation compares how targets depend on features.
type relation struct {
	rows    *apartRows
	both    []columnPair
	columns []*binned // of single columns
	pairs   []*binned // whose dependence differs between the tables
	table   []float64 // of each row: 1 or 0 less the chance that it is a current one
}

// learnTable learns what the features say about the table.
func (x *relation) learnTable() {
	class := x.rows.halves()[0]
	x.pairs = changedPairs(class, x.columns)
	x.table = residuals(slices.Concat(x.columns, x.pairs), class, x.rows.current)
}

// residuals are what is left of a class when what columns say about it is taken away. It
// is learnt from the first rows.
func residuals(columns []*binned, learn, class []bool) []float64 {
	n := countClasses(learn)
	base := math.Log((float64(n[1]) + .5) / (float64(n[0]) + .5))
	m := boost(columns, len(learn), wellLearnt, logistic(learn, [2]float64{1, 1}, base))
	left := m.scores(0, len(class), every)
	for i, s := range left {
		left[i] = float64(classOf(class[i])) - 1/(1+math.Exp(-base-s))
	}
	return left
}

// compare learns what the features say about the target, and where the tables differ in
// it, and holds that to the other half of the rows. nil: the target does not vary.
func (x *relation) compare(t target, level float64) (*Concept, error) {
	train := x.rows.train
	var learnt, all stats.Moments
	for i, y := range t.values {
		all.Add(y)
		if i < train {
			learnt.Add(y)
		}
	}
	if !(learnt.M2 > 0) {
		return nil, nil
	}
	above := make([]bool, len(t.values))
	for i, y := range t.values {
		above[i] = y > learnt.Mean
	}
	pairs := slices.Concat(x.pairs, changedPairs(above[:train], x.columns))
	left := x.labelLeft(t, above, learnt, slices.Concat(x.columns, pairs))
	product := make([]float64, len(left))
	sign := make([]bool, train)
	for i, r := range left {
		product[i] = r * x.table[i]
		if i < train {
			sign[i] = product[i] > 0
		}
	}
	pairs = slices.Concat(pairs, changedPairs(sign, x.columns))
	weights := boost(slices.Concat(x.columns, pairs), train, leastSteps, squaredLoss(product[:train]))
	c := &Concept{Class: t.class, Spread: math.Sqrt(all.M2 / float64(all.N-1))}
	return c, c.hold(x, weights, product, level)
}

// labelLeft is what is left of a target when what the features say is taken away.
func (x *relation) labelLeft(t target, above []bool, learnt stats.Moments, columns []*binned) []float64 {
	if !t.two {
		centred := make([]float64, len(t.values))
		for i, y := range t.values {
			centred[i] = y - learnt.Mean
		}
		m := boost(columns, x.rows.train, wellLearnt, squaredLoss(centred[:x.rows.train]))
		for i, s := range m.scores(0, len(centred), every) {
			centred[i] -= s
		}
		return centred
	}
	left := residuals(columns, above[:x.rows.train], above)
	factor := slices.Max(t.values) - slices.Min(t.values)
	for i := range left {
		left[i] *= factor
	}
	return left
}

// squaredLoss is that of values by their score, over their variance, which is the log
// likelihood of normal ones.
func squaredLoss(values []float64) func(score []float64, at []derivatives) {
	return func(score []float64, at []derivatives) {
		squares := 0.0
		for i, s := range score {
			squares += square(values[i] - s)
		}
		v := squares / float64(len(score))
		for i, s := range score {
			if v > 0 {
				at[i] = derivatives{(values[i] - s) / v, 1 / v}
			} else {
				at[i] = derivatives{}
			}
		}
	}
}

// hold tests what was learnt on the rows that it was not learnt from: P by the weights, and
// the change by their signs.
func (c *Concept) hold(x *relation, weights *additive, product []float64, level float64) error {
	train := x.rows.train
	held := product[train:]
	score := weights.scores(train, len(product), every)
	n := countClasses(x.rows.halves()[1])
	c.Reference, c.Current = n[0], n[1]
	var test stats.Moments
	changed, squares := 0.0, 0.0
	for i, r := range held {
		test.Add(score[i] * r)
		changed += signOf(score[i]) * r
		squares += square(x.table[train+i])
	}
	c.P, c.Interval = 1, noInterval
	if !(squares > 0) { // the features tell all rows of one table from those of the other
		return fmt.Errorf("%w: no features are in rows of both tables", stats.ErrUndefined)
	}
	c.Change = changed / squares
	if e, err := test.Estimate(); err == nil {
		if t, err := e.Above(0); err == nil {
			c.P = t.P
		}
	}
	influences := make([]float64, len(held))
	for i, r := range held {
		influences[i] = (signOf(score[i])*r - c.Change*square(x.table[train+i])) / squares
	}
	if e, err := stats.Influence(c.Change, influences); err == nil {
		c.Interval = orNoInterval(e.Interval(level))
	}
	c.share(x, weights, held, test.Mean*float64(test.N))
	return nil
}

func signOf(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

// share takes the finding apart: by what each column's tables say beyond their mean, half
// of a pair's for either, and by the means.
func (c *Concept) share(x *relation, weights *additive, held []float64, whole float64) {
	if !(whole > 0) {
		return
	}
	train := x.rows.train
	shares := make([]float64, len(x.both))
	for i, b := range weights.columns {
		if weights.tables[i] == nil {
			continue
		}
		score := weights.scores(train, train+len(held), func(o *binned) bool { return o == b })
		mean := 0.0
		for _, s := range score {
			mean += s / float64(len(score))
		}
		for k, r := range held {
			c.Everywhere += mean * r / whole
			for _, column := range b.of {
				shares[column] += (score[k] - mean) * r / whole / 2
			}
		}
	}
	for i, s := range shares {
		if s > 0 {
			c.Columns = append(c.Columns, ConceptShare{x.both[i].reference.Name, s})
		}
	}
	slices.SortStableFunc(c.Columns, func(a, b ConceptShare) int { return cmp.Compare(b.Share, a.Share) })
	c.Columns = c.Columns[:min(len(c.Columns), mostTelling)]
}
