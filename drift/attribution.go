package drift

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"

	"github.com/noworse/noworse/profile"
	"github.com/noworse/noworse/stats"
)

// Bins put the values of a column in few bins, those of the reference's profile: of
// numbers between its deciles, of NaN, of the most frequent texts, of others, of nulls.
type Bins struct {
	Name   string
	edges  []float64 // numbers
	texts  map[string]int
	labels []string
}

const (
	textBins = 20
	nullBin  = "null"
	nanBin   = "NaN"
	restBin  = "(others)"
)

// BinsOf are the bins of a column of the reference; nil for a nested one.
func BinsOf(c *profile.Column) *Bins {
	b := &Bins{Name: c.Name}
	switch {
	case c.Numbers != nil:
		b.edges = c.Numbers.Deciles
		b.labels = rangeLabels(b.edges)
		b.labels = append(b.labels, nanBin)
	case c.Texts != nil:
		b.texts = map[string]int{}
		for i, t := range c.Texts.Categories[:min(c.Texts.Known, textBins)] {
			b.texts[t.Text] = i
			b.labels = append(b.labels, t.Text)
		}
		b.labels = append(b.labels, restBin)
	default:
		return nil
	}
	b.labels = append(b.labels, nullBin)
	return b
}

// rangeLabels name what is below, between and above edges.
func rangeLabels(edges []float64) []string {
	if len(edges) == 0 {
		return []string{"any"}
	}
	name := func(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }
	list := []string{"below " + name(edges[0])}
	for i, e := range edges[1:] {
		list = append(list, name(edges[i])+" to "+name(e))
	}
	return append(list, name(edges[len(edges)-1])+" or more")
}

// Labels name the bins.
func (b *Bins) Labels() []string { return b.labels }

// Null is the bin of nulls.
func (b *Bins) Null() int { return len(b.labels) - 1 }

// Number is the bin of a number, which is as many as edges are at most it.
func (b *Bins) Number(x float64) int {
	if math.IsNaN(x) {
		return len(b.labels) - 2
	}
	return sort.Search(len(b.edges), func(i int) bool { return b.edges[i] > x })
}

// Text is the bin of a text.
func (b *Bins) Text(t string) int {
	if i, ok := b.texts[t]; ok {
		return i
	}
	return len(b.labels) - 2
}

// Of is the bin of row i of a sample's column.
func (b *Bins) Of(c *profile.SampleColumn, i int) int {
	switch {
	case c.Null[i]:
		return b.Null()
	case b.texts == nil:
		return b.Number(c.Numbers[i])
	}
	return b.Text(c.Texts[i])
}

// Losses are the losses of a table's rows by the bins of one column: of each bin the
// moments. They merge, bin by bin. Where labels are missing the predictions take the
// losses' place.
type Losses []stats.Moments

// Attribution is how the change of the mean loss from the reference to the current rows
// splits by the bins of one column. With p and q the bins' shares, r and s their mean
// losses, and L the reference's mean, it is exactly
//
//	sum (q-p)(r-L)  +  sum q (s-r)  +  sum q (s-L)
//	     Mix              Within            New
//
// where New has the bins that the reference has no row in. Kitagawa (1955), Components of a
// Difference Between Two Rates, Journal of the American Statistical Association 50; Oaxaca
// (1973), International Economic Review 14. It tells where a change is, and not why: what
// Mix explains by one column may be another's doing that goes along with it.
type Attribution struct {
	Name   string
	Total  Part // the change of the mean, the same for all columns with the same rows
	Mix    Part // the bins have other shares: the rows are others
	Within Part // rows of the same bin have other losses: the model, or the truth, is another
	New    Part
	Bins   []BinChange // first the one that contributes most, either way
}

// Part is a part of a change; the interval, by the delta method, is NaN where nothing varies.
type Part struct {
	Value    float64
	Interval stats.Interval
}

// BinChange is what one bin contributes.
type BinChange struct {
	Label                        string
	ReferenceShare, CurrentShare float64
	ReferenceMean, CurrentMean   float64 // of losses; NaN without rows
	Mix, Within, New             float64
	ReferenceRows, CurrentRows   int
}

// Sum is all that a bin contributes to the change.
func (b BinChange) Sum() float64 { return b.Mix + b.Within + b.New }

// Explained is what follows from which rows there are: Mix and New.
func (a *Attribution) Explained() float64 { return a.Mix.Value + a.New.Value }

// Rank puts columns first that explain most of the change, either way.
func Rank(list []*Attribution) {
	slices.SortStableFunc(list, func(a, b *Attribution) int {
		return cmp.Compare(math.Abs(b.Explained()), math.Abs(a.Explained()))
	})
}

// Attribute splits the change of the mean loss by the bins of a column. Rows must be
// independent. Undefined where a table has fewer than two rows.
func Attribute(bins *Bins, reference, current Losses, level float64) (*Attribution, error) {
	if len(reference) != len(bins.labels) || len(current) != len(bins.labels) {
		return nil, fmt.Errorf("%w: %d and %d bins of column %q, which has %d", stats.ErrInvalid, len(reference), len(current), bins.Name, len(bins.labels))
	}
	r, c := whole(reference), whole(current)
	if r.N < 2 || c.N < 2 {
		return nil, fmt.Errorf("%w: losses of %d rows of the reference and %d current ones", stats.ErrUndefined, r.N, c.N)
	}
	if x := r.Mean + c.Mean + r.M2 + c.M2; x-x != 0 {
		return nil, fmt.Errorf("%w: a loss is not a number", stats.ErrInvalid)
	}
	a := &Attribution{Name: bins.Name}
	for i, label := range bins.labels {
		if reference[i].N+current[i].N > 0 {
			a.Bins = append(a.Bins, binChange(label, reference[i], current[i], r, c))
		}
	}
	var mix, within, fresh float64
	for _, b := range a.Bins {
		mix += b.Mix
		within += b.Within
		fresh += b.New
	}
	v := attributionVariances(reference, current, r, c, within, fresh)
	df := float64(r.N + c.N - 2)
	part := func(value, variance float64) Part {
		in, err := stats.Estimate{Value: value, SE: math.Sqrt(variance), DF: df}.Interval(level)
		return Part{value, orNoInterval(in, err)}
	}
	a.Mix, a.Within, a.New = part(mix, v.mix), part(within, v.within), part(fresh, v.fresh)
	a.Total = part(c.Mean-r.Mean, r.M2/float64(r.N-1)/float64(r.N)+c.M2/float64(c.N-1)/float64(c.N))
	slices.SortStableFunc(a.Bins, func(x, y BinChange) int { return cmp.Compare(math.Abs(y.Sum()), math.Abs(x.Sum())) })
	return a, nil
}

func whole(l Losses) stats.Moments {
	var m stats.Moments
	for _, b := range l {
		m.Merge(b)
	}
	return m
}

func binChange(label string, r, c, allR, allC stats.Moments) BinChange {
	b := BinChange{Label: label, ReferenceShare: share(r, allR), CurrentShare: share(c, allC), ReferenceRows: r.N, CurrentRows: c.N,
		ReferenceMean: math.NaN(), CurrentMean: math.NaN()}
	if c.N > 0 {
		b.CurrentMean = c.Mean
	}
	if r.N == 0 {
		b.New = b.CurrentShare * (c.Mean - allR.Mean)
		return b
	}
	b.ReferenceMean = r.Mean
	b.Mix = (b.CurrentShare - b.ReferenceShare) * (r.Mean - allR.Mean)
	if c.N > 0 {
		b.Within = b.CurrentShare * (c.Mean - r.Mean)
	}
	return b
}

func share(part, all stats.Moments) float64 { return float64(part.N) / float64(all.N) }

// partVariances are those of the parts of a change.
type partVariances struct{ mix, within, fresh float64 }

// attributionVariances add up the squares of the rows' influences, with x a row's loss and
// n the share of new bins. Of a row of the reference:
//
//	Mix (q/p - 1 + n)(x-r) - (1-n)(r-L)    Within -q/p (x-r)    New -n (x-L)
//
// and of a current row, with 0 in place of what is of the other bins:
//
//	Mix r - mean r    Within (x-r) - W    New (x-L) - N
//
// r being L in new bins.
func attributionVariances(reference, current Losses, all, allC stats.Moments, within, fresh float64) partVariances {
	n, meanR := 0.0, 0.0
	for i, c := range current {
		q := share(c, allC)
		if reference[i].N == 0 {
			n += q
			meanR += q * all.Mean
		} else {
			meanR += q * reference[i].Mean
		}
	}
	var ofR, ofC partVariances
	for i, r := range reference {
		c := current[i]
		p, q := share(r, all), share(c, allC)
		if r.N > 0 {
			away, rows := r.Mean-all.Mean, float64(r.N)
			ofR.mix += square(q/p-1+n)*r.M2 + rows*square((1-n)*away)
			ofR.within += square(q/p) * r.M2
			ofR.fresh += square(n) * (r.M2 + rows*square(away))
		}
		rows := float64(c.N)
		if r.N > 0 {
			ofC.mix += rows * square(r.Mean-meanR)
			ofC.within += c.M2 + rows*square(c.Mean-r.Mean-within)
			ofC.fresh += rows * square(fresh)
		} else {
			ofC.mix += rows * square(all.Mean-meanR)
			ofC.within += rows * square(within)
			ofC.fresh += c.M2 + rows*square(c.Mean-all.Mean-fresh)
		}
	}
	over := func(r, c float64) float64 {
		return r/float64(all.N)/float64(all.N-1) + c/float64(allC.N)/float64(allC.N-1)
	}
	return partVariances{over(ofR.mix, ofC.mix), over(ofR.within, ofC.within), over(ofR.fresh, ofC.fresh)}
}

func square(x float64) float64 { return x * x }
