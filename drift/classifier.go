package drift

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/noworse/noworse/profile"
	"github.com/noworse/noworse/stats"
)

// A domain classifier learns on half of the rows of two tables which table a row is
// of, and is held to the other half: where it does no better than a coin, the rows
// cannot be told apart. It sees what tests of single columns cannot, columns that go
// together in another way. Lopez-Paz and Oquab (2017), Revisiting Classifier
// Two-Sample Tests, ICLR; Rabanser, Gunnemann and Lipton (2019), Failing Loudly,
// NeurIPS 32.
//
// The classifier is a sum of tables, one of a column's bins each, and one of the bins
// of each pair of columns whose dependence differs: boosted stumps, after Friedman
// (2001), Annals of Statistics 29, and for pairs Lou, Caruana, Gehrke and Hooker
// (2013), Accurate Intelligible Models with Pairwise Interactions, KDD. A sum can be
// taken apart by columns; and it learns 1,000 columns in seconds.

// ApartLimit is the area from which rows that can be told apart have drifted, unless
// the user says otherwise: that of a shift of one column by a quarter of its standard
// deviation, Phi(.25/sqrt 2), as the limits of single columns are.
const ApartLimit = .57

// Apart is how well the rows of two tables can be told apart, on rows that the
// classifier has not learnt from.
type Apart struct {
	// Area is the area under the ROC curve: the chance that of two rows, one of either
	// table, the current one is taken for the current one. .5 is a coin's.
	Area     stats.Area
	Interval stats.Interval // NaN where nothing varies
	P        float64        // one-sided, of the hypothesis that the rows cannot be told apart
	// Reference and Current are how many rows of either table it was held to.
	Reference, Current int
	// Columns are those that tell the tables apart, first the one without which the
	// area falls most; at most 20.
	Columns []Telling
	// Pairs are those of columns that go together in another way, likewise.
	Pairs []TellingPair
	// Skipped are the columns that only one table has, that have another kind there, or
	// that are nested, in order.
	Skipped []string
}

// Telling is what one column tells.
type Telling struct {
	Name string
	// Lost is by how much the area falls when all that comes of this column is left out;
	// little for a column whose like is there too. Interval is its, NaN where nothing
	// varies.
	Lost     float64
	Interval stats.Interval
	// Alone is the area of this column's bins by themselves.
	Alone float64
}

// TellingPair is what two columns tell together, beyond what each tells.
type TellingPair struct {
	A, B     string
	Lost     float64
	Interval stats.Interval
}

// Drifted says whether the tables' rows can be told apart: by more than chance, and by
// more than matters.
func (a *Apart) Drifted(limit, alpha float64) bool { return a.P <= alpha && a.Area.Value > limit }

const (
	mostTelling = 20
	fewestApart = 4 // rows of a table in a half
)

// TellApart trains and tests a domain classifier. Intervals have the given level. Neither
// the order of the rows nor chance bears on it. Undefined where a table has too few rows,
// or no column is in both.
func TellApart(reference, current *profile.Sample, level float64) (*Apart, error) {
	both, skipped := inBoth(reference, current)
	if len(both) == 0 {
		return nil, fmt.Errorf("%w: no column is in both tables, of the same kind", stats.ErrUndefined)
	}
	rows := splitRows(both, reference.Rows, current.Rows)
	for _, half := range rows.halves() {
		if n := countClasses(half); min(n[0], n[1]) < fewestApart {
			return nil, fmt.Errorf("%w: %d rows of the reference and %d current ones are too few to learn from some and be held to others", stats.ErrUndefined, reference.Rows, current.Rows)
		}
	}
	m := learnApart(rows, binColumns(both, rows))
	a := &Apart{Skipped: skipped}
	if err := a.hold(m, both, level); err != nil {
		return nil, err
	}
	return a, nil
}

// columnPair is a column of both tables.
type columnPair struct{ reference, current *profile.SampleColumn }

// inBoth pairs columns by name and kind.
func inBoth(reference, current *profile.Sample) (both []columnPair, skipped []string) {
	there := map[string]*profile.SampleColumn{}
	for i := range current.Columns {
		there[current.Columns[i].Name] = &current.Columns[i]
	}
	for i := range reference.Columns {
		r := &reference.Columns[i]
		c := there[r.Name]
		delete(there, r.Name)
		if c == nil || c.Kind != r.Kind || r.Kind == profile.Nested {
			skipped = append(skipped, r.Name)
			continue
		}
		both = append(both, columnPair{r, c})
	}
	for name := range there {
		skipped = append(skipped, name)
	}
	slices.Sort(skipped)
	return both, skipped
}

// apartModel is the classifier.
type apartModel struct {
	*additive
	rows *apartRows
}

// learnApart learns from the first rows which table a row is of. Both tables weigh the
// same; and so that noise gains as if all rows weighed 1.
func learnApart(rows *apartRows, columns []*binned) *apartModel {
	class := rows.halves()[0]
	n := countClasses(class)
	all := float64(n[0] + n[1])
	weight := [2]float64{2 * float64(n[1]) / all, 2 * float64(n[0]) / all}
	columns = append(columns, changedPairs(class, columns)...)
	return &apartModel{boost(columns, rows.train, leastSteps, logistic(class, weight, 0)), rows}
}

// heldScores are those of the rows that were not learnt from, by some of the tables.
func (m *apartModel) heldScores(which func(*binned) bool) []float64 {
	return m.scores(m.rows.train, len(m.rows.current), which)
}

// hold holds the classifier to the rows that it has not learnt from.
func (a *Apart) hold(m *apartModel, both []columnPair, level float64) error {
	truth := m.rows.halves()[1]
	score := m.heldScores(every)
	d, err := stats.DeLongOf(truth, score, score)
	if err != nil {
		return err
	}
	a.Reference, a.Current = int(d.Negative.Rows), int(d.Positive.Rows)
	areas, err := d.Areas()
	if err != nil {
		return err
	}
	a.Area = areas.First()
	a.Interval = areaInterval(a.Area, a.Current, a.Reference, level)
	a.P = apartP(a.Area, a.Current, a.Reference)
	a.Columns, err = m.tellingColumns(both, truth, score, level)
	if err != nil {
		return err
	}
	a.Pairs, err = m.tellingPairs(both, truth, score, level)
	return err
}

// areaInterval is Newcombe's where all rows are told apart, as nothing varies there.
func areaInterval(area stats.Area, positive, negative int, level float64) stats.Interval {
	if area.Value == 0 || area.Value == 1 {
		in, err := stats.NewcombeArea(area.Value, positive, negative, level)
		return orNoInterval(in, err)
	}
	if area.Variance == 0 {
		return noInterval
	}
	return orNoInterval(area.Interval(level))
}

var noInterval = stats.Interval{Low: math.NaN(), High: math.NaN(), Level: math.NaN()}

func orNoInterval(in stats.Interval, err error) stats.Interval {
	if err != nil {
		return noInterval
	}
	return in
}

// apartP is Brunner and Munzel's test (2000, Biometrical Journal 42): scores may be tied,
// and vary more in one table. Where all rows are told apart nothing varies; the chance of
// that is one in as many as there are orders of the two tables' rows.
func apartP(area stats.Area, positive, negative int) float64 {
	switch {
	case area.Value == 1:
		m, _ := math.Lgamma(float64(positive + 1))
		n, _ := math.Lgamma(float64(negative + 1))
		all, _ := math.Lgamma(float64(positive + negative + 1))
		return math.Exp(m + n - all)
	case !(area.Variance > 0):
		return 1
	}
	return stats.StudentUpper((area.Value-.5)/math.Sqrt(area.Variance), area.DF)
}

// tellingColumns are the ones that tell most: those by which scores differ most are looked at.
func (m *apartModel) tellingColumns(both []columnPair, truth []bool, score []float64, level float64) ([]Telling, error) {
	var found []int
	spread := make([]float64, len(both))
	for c := range both {
		if spread[c] = variance(m.heldScores(func(b *binned) bool { return b.isOf(c) })); spread[c] > 0 {
			found = append(found, c)
		}
	}
	slices.SortStableFunc(found, func(a, b int) int { return cmp.Compare(spread[b], spread[a]) })
	found = found[:min(len(found), mostTelling)]
	list := make([]Telling, len(found))
	errs := make([]error, len(found))
	inParallel(len(found), func(i int) {
		c := found[i]
		without := m.heldScores(func(b *binned) bool { return !b.isOf(c) })
		alone := m.heldScores(func(b *binned) bool { return b.of[0] == c && b.of[1] == c })
		list[i], errs[i] = telling(both[c].reference.Name, truth, score, without, alone, level)
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(list, func(a, b Telling) int { return cmp.Compare(b.Lost, a.Lost) })
	return list, nil
}

func telling(name string, truth []bool, score, without, alone []float64, level float64) (Telling, error) {
	lost, in, err := lostArea(truth, score, without, level)
	if err != nil {
		return Telling{}, err
	}
	d, err := stats.DeLongOf(truth, alone, alone)
	if err != nil {
		return Telling{}, err
	}
	areas, err := d.Areas()
	return Telling{name, lost, in, areas.A}, err
}

// lostArea is by how much the area falls without some part of the score.
func lostArea(truth []bool, score, without []float64, level float64) (float64, stats.Interval, error) {
	d, err := stats.DeLongOf(truth, without, score)
	if err != nil {
		return 0, noInterval, err
	}
	areas, err := d.Areas()
	if err != nil {
		return 0, noInterval, err
	}
	change, err := areas.Change()
	if err != nil {
		return areas.B - areas.A, noInterval, nil
	}
	return change.Value, orNoInterval(change.Interval(level)), nil
}

// tellingPairs are the ones that tell most.
func (m *apartModel) tellingPairs(both []columnPair, truth []bool, score []float64, level float64) ([]TellingPair, error) {
	var list []TellingPair
	for i, pair := range m.columns {
		if pair.of[0] == pair.of[1] || m.tables[i] == nil {
			continue
		}
		lost, in, err := lostArea(truth, score, m.heldScores(func(b *binned) bool { return b != pair }), level)
		if err != nil {
			return nil, err
		}
		list = append(list, TellingPair{both[pair.of[0]].reference.Name, both[pair.of[1]].reference.Name, lost, in})
	}
	slices.SortStableFunc(list, func(a, b TellingPair) int { return cmp.Compare(b.Lost, a.Lost) })
	return list[:min(len(list), mostTelling)], nil
}

func variance(list []float64) float64 {
	var m stats.Moments
	for _, x := range list {
		m.Add(x)
	}
	if m.N == 0 {
		return 0
	}
	return m.M2 / float64(m.N)
}
