package summary

import (
	"math"
	"slices"
)

// half looks for the median of one slot: the first row, from the lowest value
// up, at which half of the weight is reached; where it is reached exactly, the
// mean of that row's value and of the next one that has weight (scikit-learn's
// averaged inverted distribution function, and the usual median where every
// row weighs the same).
type half struct {
	segment int // where to look next, or done
	weight  float64
	below   float64 // weight in the segments below
	seen    float64 // weight in this segment
	exact   bool    // half is reached exactly: the next value counts too
	median  float64
}

const done = -1

// exactly is how near to half of the weight is half of it: sums of weights are
// rounded.
const exactly = 0x1p-52

// medians puts the medians of one column into the summary.
func (r *ranks) medians(x *sealing, c column, cuts []int) {
	o, n, segments := x.order, x.slots.of(c), len(cuts)-1
	weights := make([]float64, segments*n)
	parallel(x.threads, segments, func() func(int) {
		read := x.reader(r.lanes(c.sliced))
		return func(i int) {
			rows := o.entries[cuts[i]:cuts[i+1]]
			read.sort(rows)
			for _, e := range rows {
				read.read(e)
				w := o.weight(e)
				for _, slot := range read.members {
					weights[i*n+slot] += w
				}
			}
		}
	})
	halves := make([]half, n)
	for slot := range halves {
		halves[slot].begin(segments, func(i int) float64 { return weights[i*n+slot] })
	}
	read := x.reader(r.lanes(c.sliced))
	for i := range segments {
		if !slices.ContainsFunc(halves, func(h half) bool { return h.segment == i }) {
			continue
		}
		for _, e := range o.entries[cuts[i]:cuts[i+1]] {
			read.read(e)
			for _, slot := range read.members {
				if h := &halves[slot]; h.segment == i {
					h.pass(o.weight(e), valueOf(e))
				}
			}
		}
		for slot := range halves {
			halves[slot].onward(i, segments, func(j int) float64 { return weights[j*n+slot] })
		}
	}
	for slot, h := range halves {
		g, group := x.slots.group(x.summary, slot)
		g.setMedian(group, c.model, h.median)
	}
}

// valueOf is the number whose key an entry has.
func valueOf(e entry) float64 { return math.Float64frombits(e.key &^ (1 << 63)) }

// begin finds the segment where half of the weight is reached.
func (h *half) begin(segments int, weight func(int) float64) {
	var below compensated
	starts := make([]float64, segments+1)
	for i := range segments {
		starts[i] = below.value()
		below.add(weight(i))
	}
	h.weight, h.segment = below.value(), segments
	for i := range segments {
		if weight(i) > 0 && starts[i]+weight(i) >= h.weight/2 {
			h.segment, h.below = i, starts[i]
			return
		}
	}
}

// pass takes the next row of the segment.
func (h *half) pass(w, value float64) {
	switch {
	case w == 0:
		return
	case h.exact:
		h.median = (h.median + value) / 2
	default:
		h.seen += w
		over := h.below + h.seen - h.weight/2
		if over < 0 {
			return
		}
		h.median = value
		if h.exact = over <= exactly*h.weight; h.exact {
			return
		}
	}
	h.segment = done
}

// onward looks for the second value in the next segment that has weight.
func (h *half) onward(segment, segments int, weight func(int) float64) {
	if h.segment != segment {
		return
	}
	for h.segment++; h.segment < segments && weight(h.segment) == 0; h.segment++ {
	}
}

func (g *grouping) setMedian(group, model int, value float64) {
	if g.medians == nil {
		g.medians = make([]float64, g.groups*g.shape.Models)
	}
	g.medians[group*g.shape.Models+model] = value
}

// MedianError is the median absolute error. It is for sealed summaries whose
// shape asks for it.
func (v View) MedianError(model int) float64 {
	if v.g.medians == nil {
		return 0
	}
	return v.g.medians[v.group*v.g.shape.Models+model]
}
