package summary

import "github.com/noworse/noworse/stats"

// bins counts positive and negative rows by the bin of their score, where there
// are too many to hold.
type bins struct{ positive, negative []fixed }

// scoreBins is the number of equal bins of [0,1].
const scoreBins = 1 << 12

// binOf is the bin of a probability. It never falls as the score rises.
func binOf(f float64) int {
	if !(f > 0) {
		return 0
	}
	return int(min(f*scoreBins, scoreBins-1))
}

func (b *bins) add(batch *Batch, model, row int) {
	if b.positive == nil {
		b.positive, b.negative = make([]fixed, scoreBins), make([]fixed, scoreBins)
	}
	w := fixed{whole: 1}
	if batch.Weight != nil {
		w = toFixed(batch.Weight[row])
	}
	bin := binOf(batch.Models[model].Score[row])
	if batch.Label[row] == 1 {
		b.positive[bin].add(w)
	} else {
		b.negative[bin].add(w)
	}
}

func (b *bins) merge(c *bins) {
	switch {
	case c.positive == nil:
	case b.positive == nil:
		*b = *c
	default:
		for i := range b.positive {
			b.positive[i].add(c.positive[i])
			b.negative[i].add(c.negative[i])
		}
	}
}

// areas takes the rows of one bin for a tie. In truth each pair of them may be
// in order or not: the sum of those pairs, halved, bounds the error of the area
// under the ROC curve.
func (b *bins) areas() Area {
	a := b.precision()
	var twice, undecided compensated
	for i := range b.positive {
		p, n := b.positive[i].value(), b.negative[i].value()
		twice.add(p * (2*a.Negative + n))
		undecided.add(p * n)
		a.Positive += p
		a.Negative += n
	}
	if a.Positive > 0 && a.Negative > 0 {
		a.Value = twice.value() / 2 / a.Positive / a.Negative
		a.Bound = undecided.value() / 2 / a.Positive / a.Negative
	}
	return a
}

// delong is the area with its variance; of no rows where it has none.
func (b *bins) delong() stats.Area {
	positive, negative := make([]float64, len(b.positive)), make([]float64, len(b.positive))
	for i := range positive {
		positive[i], negative[i] = b.positive[i].value(), b.negative[i].value()
	}
	a, err := stats.BinnedArea(positive, negative)
	if err != nil {
		return stats.Area{}
	}
	return a
}

// precision is the area under the precision-recall curve. In truth the
// positives of a bin may stand before its negatives or after them: the share of
// positives from the top down to any of them lies between those two.
func (b *bins) precision() Area {
	var pos, neg, all, sum, bound compensated
	for i := len(b.positive) - 1; i >= 0; i-- {
		p, n := b.positive[i].value(), b.negative[i].value()
		all.add(p)
		if p > 0 {
			before, after := pos.value(), pos.value()+p
			tied := shareOf(after, neg.value()+n)
			lowest := shareOf(before, neg.value()+n)
			highest := shareOf(after, neg.value())
			sum.add(p * tied)
			bound.add(p * max(highest-tied, tied-lowest))
		}
		pos.add(p)
		neg.add(n)
	}
	if all.value() == 0 {
		return Area{}
	}
	return Area{Precision: sum.value() / all.value(), PrecisionBound: bound.value() / all.value()}
}

func shareOf(pos, neg float64) float64 {
	if pos+neg == 0 {
		return 1
	}
	return pos / (pos + neg)
}

// binned is the bins of each group and model.
type binned struct {
	models int
	bins   []bins
}

func (p *binned) grow(groups int) { p.bins = extend(p.bins, groups*p.models) }

func (p *binned) add(group, row int, b *Batch) {
	for m := range p.models {
		p.bins[group*p.models+m].add(b, m, row)
	}
}

func (p *binned) absorb(into int, from part, group int) {
	for m := range p.models {
		p.bins[into*p.models+m].merge(&from.(*binned).bins[group*p.models+m])
	}
}

// binAreas works out the areas of a grouping that counted in bins.
func (g *grouping) binAreas() {
	p, ok := find(g, func(*binned) bool { return true })
	if !ok {
		return
	}
	for i := range p.bins {
		a := p.bins[i].areas()
		if !g.shape.Weighted {
			a.Binned = p.bins[i].delong()
		}
		g.setArea(i/p.models, i%p.models, 1, a)
	}
	p.bins = nil
}
