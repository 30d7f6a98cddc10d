package summary

import (
	"math"
	"math/big"
	"slices"
)

// Factor is a quantity of a row: a loss of one model, or by how much it differs.
// The zero value is 1.
type Factor struct {
	Loss Loss
	Of   Of
}

// Of says whose loss it is.
type Of uint8

// Whose.
const (
	Candidate  Of = iota
	Difference    // the candidate's minus the baseline's
	Baseline
)

// paired says whether two models are needed.
func (f Factor) paired() bool { return f.Of != Candidate }

// Product is the product of two quantities of a row. Its sums, times the square of
// the row's weight, give variances and covariances of means.
type Product struct{ A, B Factor }

// ofTarget says whether the product does not depend on a model. Then it is kept
// without rounding: powers of a target far from 0 nearly cancel.
func (p Product) ofTarget() bool {
	return (p.A == Factor{} || p.A.Loss.ofTarget()) && (p.B == Factor{} || p.B.Loss.ofTarget())
}

// products are what a summary needs to add up second moments.
type products struct {
	list      []Product
	differing []Loss
	losses    []Loss // that they are made of
}

func (s *Shape) products() products {
	var p products
	for _, n := range []Needs{s.Whole, s.Sliced} {
		p.list = union(p.list, n.Products)
		p.differing = union(p.differing, n.Differing)
	}
	for _, x := range p.list {
		for _, f := range []Factor{x.A, x.B} {
			if f != (Factor{}) {
				p.losses = union(p.losses, []Loss{f.Loss})
			}
		}
	}
	p.losses = union(p.losses, p.differing)
	return p
}

// forModels leaves out what one model alone has not.
func (n *Needs) forModels(models int) {
	if models > 1 {
		return
	}
	n.Differing, n.Moved = nil, nil
	n.Grouped = slices.DeleteFunc(slices.Clone(n.Grouped), Factor.paired)
	n.Products = slices.DeleteFunc(slices.Clone(n.Products), func(p Product) bool { return p.A.paired() || p.B.paired() })
}

// productWork is memory that is used again for each batch.
type productWork struct {
	bare       []terms     // losses without weights, by loss and model; where there are weights
	difference [][]float64 // by loss
	ones       []float64
}

// fillProducts works out the addends of a batch, whose losses are filled in.
func (s *Summary) fillProducts(b *Batch) {
	if len(s.products.list)+len(s.products.differing) == 0 {
		return
	}
	s.bare(b)
	w := &s.work.products
	for len(w.ones) < b.Rows {
		w.ones = append(w.ones, 1)
	}
	to := s.work.terms[len(s.losses)*s.shape.Models:]
	for i, p := range s.products.list {
		to[i].resize(b.Rows, p.ofTarget())
		x, y := s.factor(p.A, b.Rows), s.factor(p.B, b.Rows)
		if p.ofTarget() {
			multiplyExactly(&to[i], x, y, b.Weight)
		} else {
			multiply(to[i].main, x.main, y.main, b.Weight)
		}
	}
	for _, l := range s.products.differing {
		mask := append(s.work.differing[l][:0], s.work.all...)
		keepDiffering(mask, s.factor(Factor{l, Difference}, b.Rows).main, b.Weight)
		s.work.differing[l] = mask
	}
}

// bare makes losses without weights, and their differences.
func (s *Summary) bare(b *Batch) {
	w, models := &s.work.products, s.shape.Models
	switch {
	case b.Weight == nil:
		w.bare = s.work.terms
	default:
		if w.bare == nil {
			w.bare = make([]terms, len(s.losses)*models)
		}
		without := *b
		without.Weight = nil
		for _, l := range s.products.losses {
			s.eachModel(l, func(at, m int) { l.fill(&w.bare[at], &without, m) })
		}
	}
	if w.difference == nil {
		w.difference = make([][]float64, len(s.losses))
	}
	for _, l := range s.products.losses {
		if models < 2 || l.ofTarget() {
			continue
		}
		at := slices.Index(s.losses, l)
		candidate, baseline := w.bare[at*models].main, w.bare[at*models+1].main
		d := append(w.difference[at][:0], candidate...)
		for i, x := range baseline {
			d[i] -= x
		}
		w.difference[at] = d
	}
}

// eachModel calls f with the models that a loss is different for, and where its
// terms are.
func (s *Summary) eachModel(l Loss, f func(at, model int)) {
	at := slices.Index(s.losses, l) * s.shape.Models
	f(at, 0)
	if s.shape.Models > 1 && !l.ofTarget() {
		f(at+1, 1)
	}
}

// factor is a quantity of each row of a batch.
func (s *Summary) factor(f Factor, rows int) terms {
	w := &s.work.products
	if f == (Factor{}) {
		return terms{main: w.ones[:rows]}
	}
	at := slices.Index(s.losses, f.Loss)
	switch f.Of {
	case Difference:
		return terms{main: w.difference[at]}
	case Baseline:
		return w.bare[at*s.shape.Models+1]
	}
	return w.bare[at*s.shape.Models]
}

func multiply(to, a, b, weight []float64) {
	a, b = a[:len(to)], b[:len(to)]
	for i := range to {
		to[i] = a[i] * b[i]
	}
	for i, w := range weight {
		to[i] *= w * w
	}
}

// multiplyExactly keeps both halves of each product.
func multiplyExactly(to *terms, a, b terms, weight []float64) {
	half := func(t terms, i int) float64 {
		if t.rest == nil {
			return 0
		}
		return t.rest[i]
	}
	for i := range to.main {
		p, e := product(a.main[i], b.main[i])
		e += a.main[i]*half(b, i) + half(a, i)*b.main[i]
		if weight != nil {
			w, we := product(weight[i], weight[i])
			q, f := product(w, p)
			p, e = q, f+w*e+we*p
		}
		to.main[i], to.rest[i] = p, e
	}
}

// keepDiffering leaves the bits of rows with weight for which the difference is not 0.
func keepDiffering(mask []uint64, d, weight []float64) {
	for i, x := range d {
		if x == 0 || weight != nil && !(weight[i] > 0) {
			mask[i>>6] &^= 1 << (i & 63)
		}
	}
}

// Keeps says whether what some needs ask for beyond losses is kept.
func (v View) Keeps(n Needs) bool {
	return subset(n.Products, v.g.needs.Products) && subset(n.Differing, v.g.needs.Differing) &&
		subset(n.Grouped, v.g.needs.Grouped) && subset(n.Moved, v.g.needs.Moved) &&
		(v.g.needs.CellWeights || !n.CellWeights) && subset(n.Influences, v.g.needs.Influences) &&
		subset(n.Miscalibrations, v.g.needs.Miscalibrations)
}

func subset[T comparable](a, b []T) bool {
	return !slices.ContainsFunc(a, func(x T) bool { return !slices.Contains(b, x) })
}

// Differing is how many rows, of those that have weight, have another loss for the
// candidate than for the baseline.
func (v View) Differing(l Loss) uint64 {
	return v.g.differing[slices.Index(v.g.needs.Differing, l)][v.group]
}

// MeanOf is the weighted mean of a quantity over the rows.
func (v View) MeanOf(f Factor) float64 { return v.mean(f, v.weight()).high }

// SquaredWeight is the sum of the squares of the rows' weights: their number where
// none are given.
func (v View) SquaredWeight() float64 {
	if !v.g.shape.Weighted {
		return float64(v.Rows())
	}
	return v.products(Product{}).high
}

func (v View) weight() double {
	if !v.g.shape.Weighted {
		return double{float64(v.Rows()), 0}
	}
	exact := v.ExactWeight()
	high, _ := exact.Float64()
	low, _ := exact.Sub(exact, new(big.Float).SetFloat64(high)).Float64()
	return double{high, low}
}

// mean is MeanOf, hardly rounded, and not finite where that is no number.
func (v View) mean(f Factor, weight double) double {
	var total double
	switch {
	case f == (Factor{}):
		return double{1, 0}
	case f.Of == Candidate:
		total = v.total(f.Loss, 0)
	case f.Of == Baseline:
		total = v.total(f.Loss, 1)
	default:
		total = v.total(f.Loss, 0).minus(v.total(f.Loss, 1))
	}
	return total.over(weight)
}

// total is the sum of a loss, hardly rounded.
func (v View) total(l Loss, model int) double {
	return v.sum(l, model).double(v.group)
}

// products is the sum of products, hardly rounded.
func (v View) products(p Product) double {
	if target := (Factor{Loss: Loss{Kind: Target}}); p == (Product{target, target}) && !v.g.shape.Weighted {
		return v.total(Loss{Kind: TargetSquared}, 0)
	}
	at := slices.Index(v.g.needs.Products, p)
	if at < 0 {
		at = slices.Index(v.g.needs.Products, Product{p.B, p.A})
	}
	return v.g.sums[len(v.g.needs.Losses)*v.g.shape.Models+at].double(v.group)
}

// Centred is, for each pair of quantities (row i has those with quantities 0 to i),
// the sum over the rows of their product, each less its mean, times the square of
// the weight; NaN where a sum is no finite number. What rounding may have left of a
// quantity that does not vary is 0.
func (v View) Centred(factors ...Factor) [][]float64 {
	weight := v.weight()
	squares := weight
	if v.g.shape.Weighted {
		squares = v.products(Product{})
	}
	means, sums := make([]double, len(factors)), make([]double, len(factors))
	all := make([][]float64, len(factors))
	for i, a := range factors {
		means[i] = v.mean(a, weight)
		if sums[i] = means[i].times(weight); v.g.shape.Weighted {
			sums[i] = v.products(Product{B: a})
		}
		for j, b := range factors[:i+1] {
			p := v.products(Product{a, b})
			left := p.plus(means[i].times(means[j]).times(squares)).minus(sums[i].times(means[j])).minus(sums[j].times(means[i]))
			all[i] = append(all[i], left.high)
			switch {
			case !left.finite():
				all[i][j] = math.NaN()
			case i == j && left.high <= noise(a)*p.high:
				all[i][j] = 0
			}
		}
	}
	for i, row := range all {
		for j := range row {
			if all[i][i] == 0 || all[j][j] == 0 {
				row[j] = 0
			}
		}
	}
	return all
}

// noise is what rounding may leave of the squares of a quantity, as a share.
func noise(f Factor) float64 {
	if (Product{f, f}).ofTarget() {
		return 0x1p-90
	}
	return 0x1p-44
}
