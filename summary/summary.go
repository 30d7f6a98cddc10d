// Package summary keeps mergeable statistics of a set of labelled rows and of
// one or two models' answers to them: for the whole set, for named slices and
// for slices by column at once.
//
//	Batch ─▶ Summary.Add ─▶ Summary.Merge ─▶ Summary.Seal ─▶ View of one slice
//
// A Summary does not depend on the order of rows nor on how they were split:
// counts are integers, sums are exact (Sum), order statistics are taken from
// sorted values. Metrics are functions of a View.
package summary

import (
	"fmt"
	"math/bits"
	"slices"
)

// Shape fixes what a Summary holds. Only summaries of one shape merge.
type Shape struct {
	Classes  int // label values; 1 for regression
	Models   int // 1: the candidate; 2: the candidate, then the baseline
	Weighted bool
	// Clustered keeps which rows depend on each other.
	Clustered bool
	Named     int   // named slices
	By        int   // groups of slices by column
	Whole     Needs // of the whole set
	Sliced    Needs // of every slice
	// Binned takes order statistics from fixed bins of the score, with a
	// bound on the error, so that memory does not grow with rows.
	Binned bool
}

// Needs names the statistics beyond counts.
type Needs struct {
	Losses          []Loss
	Products        []Product // of losses that are needed too
	Differing       []Loss    // of which rows are counted that differ between the models
	Grouped         []Factor  // of losses that are needed too: added up by cluster, where the shape is clustered
	Moved           []Loss    // of which clusters are counted that differ between the models
	CellWeights     bool      // with weights: of each cell, the sums of the weights and of their squares
	Calibrations    []Calibration
	Miscalibrations []Calibration // of calibrations that are needed too
	LargestError    bool          // of a regression
	Curves          []int         // classes whose probabilities are put in order, for the area under their ROC curves
	Precision       bool          // the areas under their precision-recall curves too
	Pairs           bool          // the areas of each pair of classes too
	Placements      []int         // of these classes: how two models place each row on the ROC curve
	Standings       []int         // the same, where rows have weights or are clustered
	Influences      []Influenced
	Median          bool      // of the absolute error
	MedianSpreads   []float64 // how far it may be from the true one: farther with each of these chances
	Spearman        bool      // the correlation of the ranks of predictions and target
}

// Add adds what another metric needs.
func (n *Needs) Add(m Needs) {
	n.Losses = union(n.Losses, m.Losses)
	n.Products = union(n.Products, m.Products)
	n.Differing = union(n.Differing, m.Differing)
	n.Grouped = union(n.Grouped, m.Grouped)
	n.Moved = union(n.Moved, m.Moved)
	n.CellWeights = n.CellWeights || m.CellWeights
	n.Calibrations = union(n.Calibrations, m.Calibrations)
	n.Miscalibrations = union(n.Miscalibrations, m.Miscalibrations)
	n.LargestError = n.LargestError || m.LargestError
	n.Curves = union(n.Curves, m.Curves)
	n.Precision = n.Precision || m.Precision
	n.Pairs = n.Pairs || m.Pairs
	n.Placements = union(n.Placements, m.Placements)
	n.Standings = union(n.Standings, m.Standings)
	n.Influences = union(n.Influences, m.Influences)
	n.Median = n.Median || m.Median
	n.MedianSpreads = union(n.MedianSpreads, m.MedianSpreads)
	n.Spearman = n.Spearman || m.Spearman
}

// Answers says whether more of the models' answers is read than classes and scores.
func (n *Needs) Answers() bool { return len(n.Losses)+len(n.Calibrations) > 0 }

func union[T comparable](a, b []T) []T {
	all := slices.Clone(a)
	for _, x := range b {
		if !slices.Contains(all, x) {
			all = append(all, x)
		}
	}
	return all
}

// Batch is some rows, column by column. Add keeps none of its slices.
type Batch struct {
	Rows   int
	Label  []uint16  // index of the true class; nil for regression
	Target []float64 // regression: the true value
	Weight []float64 // nil: each row counts one
	// Cluster is, for each row, a number that the rows share which depend on it.
	Cluster []uint64
	Models  []Outputs  // as many as Shape.Models
	Named   [][]uint64 // for each named slice, a bit for each row; bits beyond Rows are 0
	By      [][]uint32 // for each group of slices by column, the slice of each row
}

// Outputs is a model's answers. Only what the shape's needs read must be there.
type Outputs struct {
	Class []uint16  // predicted class; nil for regression
	Score []float64 // binary: probability of class 1; regression: the predicted value
	// Values are, for each Value loss, what the model's answer is worth.
	Values [][]float64
	// Scores are, in multiclass, the probabilities of each class.
	Scores [][]float64
	True   []float64 // probability given to the true class
	Top    []float64 // the highest probability
	Brier  []float64 // squared distance of the probabilities from the truth
}

// Summary is the statistics. Use New.
type Summary struct {
	shape    Shape
	losses   []Loss // of whole or sliced, each once
	products products
	whole    *grouping
	named    *grouping
	by       []*grouping
	ranks    *ranks    // exact order statistics, until Seal
	rows     *clusters // that depend on each other, or whose places have weights, until Seal
	work     scratch
	sealed   bool
}

// scratch is memory that Add uses again for each batch.
type scratch struct {
	cells     []uint32
	masks     []uint64          // for each cell in turn, a bit for each row; where cells are few
	all       []uint64          // a bit for every row
	lists     [][]uint32        // rows of the whole set and of each named slice in turn, where they are listed
	terms     []terms           // of losses by model, then of products
	differing map[Loss][]uint64 // a bit for each row that does
	addends   addends
	products  productWork
}

// New makes an empty summary.
func New(shape Shape) *Summary {
	shape.Whole.Curves, shape.Sliced.Curves = shape.Whole.curves(&shape), shape.Sliced.curves(&shape)
	shape.Whole.forModels(shape.Models)
	shape.Sliced.forModels(shape.Models)
	s := &Summary{shape: shape, losses: union(shape.Whole.Losses, shape.Sliced.Losses), products: shape.products()}
	s.whole = s.newGrouping(s.shape.Whole, 1)
	s.named = s.newGrouping(shape.Sliced, shape.Named)
	for range shape.By {
		s.by = append(s.by, s.newGrouping(shape.Sliced, 0))
	}
	if (shape.Whole.ordered() || shape.Sliced.ordered()) && !shape.Binned {
		s.ranks = newRanks(&s.shape)
	}
	if scores := shape.scoreColumns(); shape.Clustered || len(scores) > 0 {
		s.rows = &clusters{columns: shape.lossColumns(), scores: scores}
	}
	s.work.terms, s.work.differing = make([]terms, s.terms()), map[Loss][]uint64{}
	return s
}

// Add counts a batch in.
func (s *Summary) Add(b *Batch) {
	s.work.resize(b.Rows)
	s.cells(b)
	for _, l := range s.losses {
		s.eachModel(l, func(at, m int) { l.fill(&s.work.terms[at], b, m) })
	}
	s.fillProducts(b)
	s.list(b)
	s.whole.addMask(0, s.work.all, s.work.lists[0], b, &s.work)
	for i, mask := range b.Named {
		s.named.addMask(i, mask, s.work.lists[1+i], b, &s.work)
	}
	for i, codes := range b.By {
		s.by[i].addCodes(codes, b, &s.work)
	}
	s.addTerms(b)
	if s.ranks != nil {
		s.ranks.add(b)
	}
	if s.rows != nil {
		s.rows.add(b, s.work.cells)
	}
}

func (w *scratch) resize(n int) {
	if cap(w.cells) < n {
		w.cells = make([]uint32, n)
	}
	w.cells = w.cells[:n]
	words := (n + 63) / 64
	w.all = append(w.all[:0], make([]uint64, words)...)
	for i := range w.all {
		w.all[i] = ^uint64(0)
	}
	if n%64 != 0 {
		w.all[words-1] = 1<<(n%64) - 1
	}
}

// list lists the rows of the whole set and of each named slice, where they are not
// only counted.
func (s *Summary) list(b *Batch) {
	w := &s.work
	w.lists = append(w.lists, make([][]uint32, max(0, 1+len(b.Named)-len(w.lists)))...)
	if s.whole.listed() {
		w.lists[0] = appendRows(w.lists[0][:0], w.all)
	}
	if s.named.listed() {
		for i, mask := range b.Named {
			w.lists[1+i] = appendRows(w.lists[1+i][:0], mask)
		}
	}
}

func appendRows(rows []uint32, mask []uint64) []uint32 {
	for i, word := range mask {
		for ; word != 0; word &= word - 1 {
			rows = append(rows, uint32(i<<6+bits.TrailingZeros64(word)))
		}
	}
	return rows
}

// terms is the number of columns of terms.
func (s *Summary) terms() int { return len(s.losses)*s.shape.Models + len(s.products.list) }

// addTerms adds the terms of a batch to their sums, one column after the other: what
// is read and written meanwhile stays in a core's cache.
func (s *Summary) addTerms(b *Batch) {
	a := &s.work.addends
	for at := range s.work.terms {
		if s.whole.places[at] < 0 && s.named.places[at] < 0 {
			continue
		}
		t := &s.work.terms[at]
		for half, numbers := range [...][]float64{t.main, t.rest} {
			if numbers != nil {
				a.read(numbers, t.units[half])
				t.units[half] = a.unit
				s.addHalf(at, half, b)
			}
		}
	}
}

func (s *Summary) addHalf(at, half int, b *Batch) {
	a, lists := &s.work.addends, s.work.lists
	if l := s.whole.ledger(at, half, a); l != nil {
		l.addRows(0, lists[0], s.work.all, a)
	}
	if l := s.named.ledger(at, half, a); l != nil {
		for i, mask := range b.Named {
			l.addRows(i, lists[1+i], mask, a)
		}
	}
	for i, codes := range b.By {
		if l := s.by[i].ledger(at, half, a); l != nil {
			l.addCodes(codes, a)
		}
	}
}

// cells gives every row the number of its cell: the label, what the candidate
// said and what the baseline said, as digits to base Classes.
func (s *Summary) cells(b *Batch) {
	s.number(b)
	if s.whole.isSparse() {
		return
	}
	words := len(s.work.all)
	s.work.masks = append(s.work.masks[:0], make([]uint64, words*s.whole.cells)...)
	for i, c := range s.work.cells {
		s.work.masks[int(c)*words+i>>6] |= 1 << (i & 63)
	}
}

func (s *Summary) number(b *Batch) {
	cells, k := s.work.cells, uint32(s.shape.Classes)
	if b.Label == nil {
		clear(cells)
		return
	}
	candidate := b.Models[0].Class
	if s.shape.Models == 1 {
		for i, y := range b.Label {
			cells[i] = uint32(y)*k + uint32(candidate[i])
		}
		return
	}
	baseline := b.Models[1].Class
	for i, y := range b.Label {
		cells[i] = (uint32(y)*k+uint32(candidate[i]))*k + uint32(baseline[i])
	}
}

// Slices is the number of slices by column in group by that were seen.
func (s *Summary) Slices(by int) int { return s.by[by].groups }

// Renumber gives the slices of group by other numbers: slice i becomes
// to[i] of n. Summaries built apart number their slices apart; they must
// agree before they merge.
func (s *Summary) Renumber(by int, to []uint32, n int) {
	fresh := s.newGrouping(s.shape.Sliced, n)
	fresh.absorb(s.by[by], to)
	s.by[by] = fresh
	if s.ranks != nil {
		s.ranks.renumber(by, to)
	}
	if s.rows != nil {
		s.rows.renumber(by, to)
	}
}

// Merge adds the rows of t, which must not be used again. Both must be of one
// shape, not sealed, and agree on the numbers of slices.
func (s *Summary) Merge(t *Summary) error {
	if s.sealed || t.sealed {
		return fmt.Errorf("internal: a sealed summary does not merge")
	}
	s.whole.absorb(t.whole, nil)
	s.named.absorb(t.named, nil)
	for i := range s.by {
		s.by[i].absorb(t.by[i], nil)
	}
	if s.ranks != nil {
		s.ranks.blocks = append(s.ranks.blocks, t.ranks.blocks...)
		t.ranks.blocks = nil
	}
	if s.rows != nil {
		s.rows.blocks = append(s.rows.blocks, t.rows.blocks...)
		t.rows.blocks = nil
	}
	return nil
}

// Seal ends the adding: order statistics are worked out, by so many goroutines,
// and the rows they were held in are dropped.
func (s *Summary) Seal(threads int) {
	if s.sealed {
		return
	}
	s.sealed = true
	for _, g := range append([]*grouping{s.whole, s.named}, s.by...) {
		g.seal()
	}
	if s.ranks != nil {
		s.ranks.seal(s, threads)
		s.ranks = nil
	}
	if s.rows != nil {
		s.rows.seal(s, threads)
		s.rows = nil
	}
}

// Whole is the whole set. Views are for sealed summaries.
func (s *Summary) Whole() View { return View{s.whole, 0} }

// Named is the i-th named slice.
func (s *Summary) Named(i int) View { return View{s.named, i} }

// By is slice i of a group by column.
func (s *Summary) By(by, i int) View { return View{s.by[by], i} }
