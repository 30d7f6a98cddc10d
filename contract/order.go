package contract

import (
	"cmp"
	"slices"
)

// Descent is where rows are not in a column's order.
type Descent struct {
	Rows  uint64 // that have less than the row before them
	First uint64 // of which the first is in this place, from 0
}

// Order finds whether rows are in the order of a column, from runs of neighbours that
// come in any order: one for each thread, merged. Rows without a value are passed over.
type Order struct{ runs []run }

// run is neighbouring rows that were seen together.
type run struct {
	first, last         int64 // places
	least, most         int64 // values of the first and the last that have one
	any                 bool
	valued              uint64 // the place of the first that has a value
	descents, firstDown uint64
}

// Add adds rows in ascending places.
func (o *Order) Add(places, values []int64, null func(i int) bool) {
	r := run{first: -1}
	for i, at := range places {
		if r.first >= 0 && at != r.last+1 {
			o.runs = append(o.runs, r)
			r = run{first: -1}
		}
		if r.first < 0 {
			r.first = at
		}
		r.last = at
		if null(i) {
			continue
		}
		r.put(values[i], uint64(at))
	}
	if r.first >= 0 {
		o.runs = append(o.runs, r)
	}
}

func (r *run) put(value int64, at uint64) {
	if !r.any {
		r.least, r.any, r.valued = value, true, at
	} else if value < r.most {
		r.down(1, at)
	}
	r.most = value
}

func (r *run) down(rows, at uint64) {
	if r.descents == 0 {
		r.firstDown = at
	}
	r.descents += rows
}

// Merge takes the runs of another thread.
func (o *Order) Merge(other *Order) { o.runs = append(o.runs, other.runs...) }

// Descent is what all rows have.
func (o *Order) Descent() Descent {
	slices.SortFunc(o.runs, func(a, b run) int { return cmp.Compare(a.first, b.first) })
	var all run
	for _, r := range o.runs {
		if !r.any {
			continue
		}
		if all.any && r.least < all.most {
			all.down(1, r.valued)
		}
		if r.descents > 0 {
			all.down(r.descents, r.firstDown)
		}
		all.most, all.any = r.most, true
	}
	return Descent{all.descents, all.firstDown}
}
