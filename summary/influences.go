package summary

import (
	"math"
	"slices"

	"github.com/noworse/noworse/stats"
)

// Influenced is a value of rows in order, of which is kept how much each row
// influences it by two models.
type Influenced struct {
	Kind  InfluencedKind
	Class int // OfPrecision
}

// InfluencedKind is what the value is.
type InfluencedKind uint8

// The values.
const (
	OfPrecision     InfluencedKind = iota // average precision of a class
	OfPrecisions                          // its mean over classes
	OfAreas                               // mean over classes of the area under the ROC curve against the rest
	OfWeightedAreas                       // the same, by the rows of the class
	OfPairs                               // mean over pairs of classes of the area among their rows
	OfWeightedPairs                       // the same, by the rows of both
	OfNumbers                             // Pearson's correlation of prediction and target
	OfRanks                               // Spearman's
)

// ofNumbers says whether the predictions and the target of a regression are held for it.
func (what Influenced) ofNumbers() bool { return what.Kind == OfNumbers || what.Kind == OfRanks }

// influencing works out the influences of the rows of one slice at a time. What it
// takes is used again.
type influencing struct {
	ranks   *ranks
	threads int // that a slice's rows are sorted by
	labels  []uint16
	order   scoreOrder
	work    rankWork
	ranked  [2][]uint32  // of the target and a model's predictions
	numbers [2][]float64 // the same
	to      [2][]float64 // influences by model
}

// influences puts what the rows of every slice influence into the summary, and how far
// medians spread.
func (r *ranks) influences(s *Summary, threads int) {
	if r.shape.Weighted {
		return
	}
	each := func(g *grouping, m memberships) {
		n := len(g.needs.Influences)
		spreads := g.needs.MedianSpreads
		g.influenced, g.spreads = make([]stats.OfClasses, g.groups*n), make([]MedianSpread, g.groups*len(spreads))
		each := max(1, threads/max(1, g.groups))
		parallel(threads, g.groups, func() func(int) {
			w := influencing{ranks: r, threads: each}
			return func(group int) {
				rows := m.rows[m.starts[group]:m.starts[group+1]]
				if len(rows) == 0 {
					return
				}
				w.gather(rows)
				for i, what := range g.needs.Influences {
					g.influenced[group*n+i] = w.sums(what, rows)
				}
				for i, alpha := range spreads {
					g.spreads[group*len(spreads)+i] = w.medianSpread(alpha, rows)
				}
			}
		})
	}
	wants := func(n Needs) bool { return len(n.Influences)+len(n.MedianSpreads) > 0 }
	if wants(r.shape.Whole) {
		each(s.whole, r.everyRow())
	}
	if !wants(r.shape.Sliced) {
		return
	}
	for by, g := range s.by {
		each(g, r.ofGroups(g.groups, func(b *rowBlock, add func(int, int)) {
			for i := range b.n {
				add(i, b.by[by].at(i))
			}
		}))
	}
	each(s.named, r.ofGroups(s.named.groups, (*rowBlock).eachNamed))
}

// eachOf calls f with each of some rows, ascending: where it stands among them, its
// block, and its place there.
func (r *ranks) eachOf(rows []uint32, f func(i int, b *rowBlock, at int)) {
	block, first := 0, uint32(0)
	for i, row := range rows {
		for row >= first+uint32(r.blocks[block].n) {
			first += uint32(r.blocks[block].n)
			block++
		}
		f(i, r.blocks[block], int(row-first))
	}
}

// gather reads the labels of a slice's rows.
func (w *influencing) gather(rows []uint32) {
	w.labels = slices.Grow(w.labels[:0], len(rows))[:len(rows)]
	w.ranks.eachOf(rows, func(i int, b *rowBlock, at int) { w.labels[i] = uint16(b.labels.at(at)) })
	for m := range w.ranks.shape.Models {
		w.to[m] = slices.Grow(w.to[m][:0], len(rows))[:len(rows)]
	}
}

// sums is what the rows influence a value, by class.
func (w *influencing) sums(what Influenced, rows []uint32) stats.OfClasses {
	labels := stats.LabelsOf(w.labels, w.ranks.shape.Classes)
	for m := range w.ranks.shape.Models {
		clear(w.to[m])
		switch what.Kind {
		case OfNumbers:
			w.ofNumbers(m, rows)
			continue
		case OfRanks:
			w.ofRanks(m, rows)
			continue
		}
		what.add(labels, func(class int) stats.Ties {
			w.order.fill(w.ranks, slices.Index(w.ranks.columns, w.column(m, class)), rows, w.threads)
			return w.order.ties
		}, w.to[m])
	}
	return w.total(labels)
}

// column is that of a class's probabilities.
func (w *influencing) column(model, class int) column {
	return column{model, class, slices.Contains(w.ranks.shape.Sliced.Curves, class)}
}

// ofRanks is what rows influence Spearman's correlation by.
func (w *influencing) ofRanks(model int, rows []uint32) {
	w.ranked[0] = w.work.ranks(w.ranks, w.ranks.regression(0, theTarget), rows, w.ranked[0])
	w.ranked[1] = w.work.ranks(w.ranks, w.ranks.regression(model, thePrediction), rows, w.ranked[1])
	stats.RankInfluences(w.ranked[0], w.ranked[1], w.to[model])
}

// ofNumbers is what rows influence Pearson's correlation by.
func (w *influencing) ofNumbers(model int, rows []uint32) {
	for i, column := range []int{w.ranks.regression(0, theTarget), w.ranks.regression(model, thePrediction)} {
		w.numbers[i] = slices.Grow(w.numbers[i][:0], len(rows))[:len(rows)]
		w.ranks.eachOf(rows, func(j int, b *rowBlock, at int) { w.numbers[i][j] = b.numbers[column][at] })
		standardize(w.numbers[i])
	}
	n := float64(len(rows))
	var products Sum
	for i, x := range w.numbers[0] {
		products.Add(x * w.numbers[1][i])
	}
	r := products.Value() / n
	for i, x := range w.numbers[0] {
		w.to[model][i] = stats.CorrelationInfluence(x, w.numbers[1][i], r, n)
	}
}

// standardize takes from numbers their mean, and divides them by the root of their mean
// square then, whatever their order.
func standardize(numbers []float64) {
	n := float64(len(numbers))
	var sum, squares Sum
	for _, x := range numbers {
		sum.Add(x)
	}
	mean := sum.Value() / n
	for i := range numbers {
		numbers[i] -= mean
		squares.Add(numbers[i] * numbers[i])
	}
	spread := math.Sqrt(squares.Value() / n)
	for i := range numbers {
		numbers[i] /= spread
	}
}

// regression is the place of a column of a regression.
func (r *ranks) regression(model, class int) int {
	return slices.IndexFunc(r.columns, func(c column) bool { return c.model == model && c.class == class })
}

// total adds up what the rows influence: sums of any order.
func (w *influencing) total(labels stats.Labels) stats.OfClasses {
	type sums struct{ a, b, change, changed rough }
	of := make([]sums, len(labels.Rows))
	candidate, baseline := w.to[0], w.to[w.ranks.shape.Models-1]
	for i, class := range labels.Of {
		a, b := baseline[i], candidate[i]
		s := &of[class]
		s.a.add(a * a)
		s.b.add(b * b)
		if d := b - a; d != 0 {
			s.change.add(d * d)
			s.changed.add(math.Abs(d))
		}
	}
	list := make(stats.OfClasses, len(of))
	for k := range of {
		s := &of[k]
		list[k] = stats.Influences{Rows: labels.Rows[k], A: s.a.value().high, B: s.b.value().high, Change: s.change.value().high, Changed: s.changed.value().high}
	}
	return list
}

// add adds up the influences on a value of what the rows have by one model.
func (what Influenced) add(labels stats.Labels, ties func(class int) stats.Ties, to []float64) {
	switch what.Kind {
	case OfPrecision:
		labels.Precision(ties(what.Class), what.Class, 1, to)
	case OfPrecisions:
		labels.MeanPrecision(ties, to)
	case OfAreas, OfWeightedAreas:
		labels.MeanArea(ties, what.Kind == OfWeightedAreas, to)
	case OfPairs, OfWeightedPairs:
		labels.MeanPairs(ties, what.Kind == OfWeightedPairs, to)
	}
}

// scoreOrder is rows in the order of their scores. An entry has the place of its row among
// those of the slice, and the row's label.
type scoreOrder struct {
	entries []entry
	ends    []uint32 // of each bin's entries
}

// fill puts rows in the order of their numbers in a column.
func (o *scoreOrder) fill(r *ranks, column int, rows []uint32, threads int) {
	place := r.columns[column].place()
	if o.ends == nil {
		o.ends = make([]uint32, orderBins)
	}
	clear(o.ends)
	r.eachOf(rows, func(_ int, b *rowBlock, at int) { o.ends[place(b.numbers[column][at])]++ })
	sum := uint32(0)
	for i, n := range o.ends {
		o.ends[i], sum = sum, sum+n
	}
	o.entries = slices.Grow(o.entries[:0], len(rows))[:len(rows)]
	r.eachOf(rows, func(i int, b *rowBlock, at int) {
		f := b.numbers[column][at]
		next := &o.ends[place(f)]
		o.entries[*next] = entry{scoreKey(f), uint32(i), uint32(b.labels.at(at))}
		*next++
	})
	cuts := o.cuts()
	parallel(threads, len(cuts)-1, func() func(int) {
		var spare []entry
		return func(i int) { spare = sortEntries(o.entries[cuts[i]:cuts[i+1]], spare) }
	})
}

// cuts are where segments of whole bins start.
func (o *scoreOrder) cuts() []uint32 {
	cuts := []uint32{0}
	for _, end := range o.ends {
		if end-cuts[len(cuts)-1] >= segmentRows {
			cuts = append(cuts, end)
		}
	}
	if n := uint32(len(o.entries)); n > cuts[len(cuts)-1] {
		cuts = append(cuts, n)
	}
	return cuts
}

// ties is stats.Ties.
func (o *scoreOrder) ties(yield func([]stats.Ranked) bool) {
	var rows []stats.Ranked
	for first := 0; first < len(o.entries); {
		end := tieEnd(o.entries, first)
		rows = rows[:0]
		for _, e := range o.entries[first:end] {
			rows = append(rows, stats.Ranked{Row: e.row, Class: uint16(e.number)})
		}
		if !yield(rows) {
			return
		}
		first = end
	}
}

// Influences is how much the rows of each class influence a value by the baseline
// (first) and the candidate (second); with one model, it is both. It is for sealed
// summaries whose shape asks for it, of rows without weights that were held in order;
// false for others.
func (v View) Influences(what Influenced) (stats.OfClasses, bool) {
	i := slices.Index(v.g.needs.Influences, what)
	if i < 0 || v.g.influenced == nil {
		return nil, false
	}
	list := v.g.influenced[v.group*len(v.g.needs.Influences)+i]
	return list, list != nil
}
