package gate

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/noworse/noworse/slice"
	"github.com/noworse/noworse/spec"
)

// agreeOnSlices gives the slices by column the same numbers in every worker:
// in the order of their values, whatever thread saw them first. It returns
// their names, by `by` entry.
func (p *plan) agreeOnSlices(workers []*worker) ([][]string, error) {
	names := make([][]string, p.shape.By)
	for by := range names {
		all := map[string][]slice.Value{}
		for _, w := range workers {
			for code := range w.by[by].len() {
				values := w.by[by].values(uint32(code))
				all[sliceName(w.by[by].names, values)] = values
			}
		}
		for name := range all {
			names[by] = append(names[by], name)
		}
		if len(all) > maxSlices {
			return nil, p.tooManySlices(by)
		}
		slices.SortFunc(names[by], func(a, b string) int {
			return cmp.Or(slices.CompareFunc(all[a], all[b], compareValues), cmp.Compare(a, b))
		})
		number := map[string]uint32{}
		for i, name := range names[by] {
			number[name] = uint32(i)
		}
		for _, w := range workers {
			to := make([]uint32, w.by[by].len())
			for code := range to {
				to[code] = number[sliceName(w.by[by].names, w.by[by].values(uint32(code)))]
			}
			w.summary.Renumber(by, to, len(number))
			w.examples.renumber(by, to, len(number))
		}
	}
	return names, nil
}

// maxSlices bounds the slices by some columns: a column with more values is
// an id or a measurement, and its slices would be too small to judge.
const maxSlices = 10_000

func (p *plan) tooManySlices(by int) error {
	g := p.groups[by]
	return spec.Problems{p.spec.Problem(g.at, fmt.Sprintf("slices by %s: there are more than 10,000 of them", shorten(g.columns, 5)),
		"slice by fewer columns, or name the slices that matter")}
}

// compareValues orders numbers as numbers, the rest as text, and null last.
func compareValues(a, b slice.Value) int {
	switch {
	case a.Null || b.Null:
		return compareBools(a.Null, b.Null)
	case a.Int && b.Int:
		return cmp.Compare(a.N, b.N)
	}
	x, errX := strconv.ParseFloat(a.Text, 64)
	y, errY := strconv.ParseFloat(b.Text, 64)
	if errX == nil && errY == nil && x != y {
		return cmp.Compare(x, y)
	}
	return cmp.Compare(a.Text, b.Text)
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// sliceName is the name of a slice by column.
func sliceName(columns []string, values []slice.Value) string {
	texts := make([]*string, len(values))
	for i, v := range values {
		text := v.Text
		switch {
		case v.Null:
			continue
		case v.Int:
			text = strconv.FormatInt(v.N, 10)
		}
		texts[i] = &text
	}
	return slice.Name(columns, texts)
}
