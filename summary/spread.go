package summary

import (
	"slices"

	"github.com/noworse/noworse/stats"
)

// MedianSpread is what says how far the medians of the absolute errors of the candidate
// (0) and of the baseline (1) may be from those of other rows.
type MedianSpread struct {
	Low, High [2]float64 // between these the true median is, with chance 1 - alpha
	Pair      stats.MedianPair
	Differ    uint64 // rows with another error by either model
	Bounded   bool   // there are rows enough for Low and High
}

// medianSpread works it out of the rows of a slice.
func (w *influencing) medianSpread(alpha float64, rows []uint32) MedianSpread {
	var s MedianSpread
	low, high := stats.MedianRanks(len(rows), 1-alpha)
	from, to, z := stats.MedianErrorRanks(len(rows))
	s.Bounded, s.Pair.N = low > 0, len(rows)
	var errors [2]float64
	var atMost [2]int
	within := make([]bool, len(rows)) // at most the candidate's median
	models := w.ranks.shape.Models
	for m := range models {
		column := w.ranks.regression(m, noClass)
		w.order.fill(w.ranks, column, rows, w.threads)
		at := func(rank int) float64 { return valueOf(w.order.entries[rank-1]) }
		if s.Bounded {
			s.Low[m], s.High[m] = at(low), at(high)
		}
		if from > 0 {
			errors[m] = (at(to) - at(from)) / (2 * z)
		}
		median := at((len(rows) + 1) / 2)
		for _, e := range w.order.entries {
			if valueOf(e) > median {
				break
			}
			atMost[m]++
			switch {
			case m == 0:
				within[e.row] = true
			case within[e.row]:
				s.Pair.Both++
			}
		}
	}
	s.Pair.Second, s.Pair.SESecond = atMost[0], errors[0]
	s.Pair.First, s.Pair.SEFirst = atMost[models-1], errors[models-1]
	if models < 2 {
		s.Pair.Both = atMost[0]
		return s
	}
	candidate, baseline := w.ranks.regression(0, noClass), w.ranks.regression(1, noClass)
	w.ranks.eachOf(rows, func(_ int, b *rowBlock, at int) {
		if b.numbers[candidate][at] != b.numbers[baseline][at] {
			s.Differ++
		}
	})
	return s
}

// MedianSpread is that of a chance alpha; false where the shape does not ask for it, of
// no row, and where rows have weights.
func (v View) MedianSpread(alpha float64) (MedianSpread, bool) {
	i := slices.Index(v.g.needs.MedianSpreads, alpha)
	if i < 0 || v.g.spreads == nil {
		return MedianSpread{}, false
	}
	s := v.g.spreads[v.group*len(v.g.needs.MedianSpreads)+i]
	return s, s.Pair.N > 0
}
