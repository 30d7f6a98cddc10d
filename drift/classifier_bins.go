package drift

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"github.com/noworse/noworse/profile"
)

const (
	numberBins   = 64 // about as many rows in each
	categoryBins = 62 // the most frequent texts
	fewestAlike  = 5  // rows with a text that gets a bin of its own
)

// binned is a column, or a pair of columns, with its rows in bins.
type binned struct {
	of   [2]int // the columns that it is made of; twice the same is a column
	bins int
	bin  []uint8 // of each row
	// ordered is how many bins, the first ones, are in an order; the others, of nulls and
	// NaN, or of categories, are in none.
	ordered int
}

func (b *binned) isOf(c int) bool { return b.of[0] == c || b.of[1] == c }

// binColumns puts the values of columns in bins, which the rows to learn from of both
// tables fix.
func binColumns(both []columnPair, rows *apartRows) []*binned {
	list := make([]*binned, len(both))
	inParallel(len(both), func(i int) {
		if k := both[i].reference.Kind; k == profile.Number || k == profile.Time {
			list[i] = binNumbers(both[i], rows)
		} else {
			list[i] = binTexts(both[i], rows)
		}
		list[i].of = [2]int{i, i}
	})
	return list
}

// at is the column with row i, and its place there.
func (p columnPair) at(rows *apartRows, i int) (*profile.SampleColumn, int) {
	if rows.current[i] {
		return p.current, rows.from[i]
	}
	return p.reference, rows.from[i]
}

// binNumbers gives each number a bin where few are different, else each bin about as
// many rows. Infinities are the least and the greatest; NaN and null have bins of their
// own.
func binNumbers(p columnPair, rows *apartRows) *binned {
	var sorted []float64
	for i := range rows.train {
		if c, at := p.at(rows, i); !c.Null[at] && !math.IsNaN(c.Numbers[at]) {
			sorted = append(sorted, c.Numbers[at])
		}
	}
	slices.Sort(sorted)
	edges := slices.Compact(slices.Clone(sorted)) // each begins a bin
	if len(edges) > numberBins {
		edges = edges[:0]
		for k := range numberBins {
			edges = append(edges, sorted[k*len(sorted)/numberBins])
		}
		edges = slices.Compact(edges)
	}
	if len(edges) > 0 {
		edges = edges[1:] // below it is the first bin
	}
	b := &binned{ordered: len(edges) + 1, bins: len(edges) + 3, bin: make([]uint8, len(rows.current))}
	for i := range b.bin {
		switch c, at := p.at(rows, i); {
		case c.Null[at]:
			b.bin[i] = uint8(b.ordered + 1)
		case math.IsNaN(c.Numbers[at]):
			b.bin[i] = uint8(b.ordered)
		default:
			x := c.Numbers[at]
			b.bin[i] = uint8(sort.Search(len(edges), func(k int) bool { return edges[k] > x }))
		}
	}
	return b
}

// binTexts gives the most frequent texts bins; the last two are of others and of nulls.
func binTexts(p columnPair, rows *apartRows) *binned {
	count := map[string]int{}
	for i := range rows.train {
		if c, at := p.at(rows, i); !c.Null[at] {
			count[c.Texts[at]]++
		}
	}
	var texts []string
	for t, n := range count {
		if n >= fewestAlike {
			texts = append(texts, t)
		}
	}
	slices.SortFunc(texts, func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	texts = texts[:min(len(texts), categoryBins)]
	of := make(map[string]uint8, len(texts))
	for k, t := range texts {
		of[t] = uint8(k)
	}
	b := &binned{bins: len(texts) + 2, bin: make([]uint8, len(rows.current))}
	for i := range b.bin {
		switch c, at := p.at(rows, i); {
		case c.Null[at]:
			b.bin[i] = uint8(len(texts) + 1)
		default:
			k, ok := of[c.Texts[at]]
			if !ok {
				k = uint8(len(texts))
			}
			b.bin[i] = k
		}
	}
	return b
}
