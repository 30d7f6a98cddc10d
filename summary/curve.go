package summary

import (
	"slices"

	"github.com/noworse/noworse/stats"
)

// Area is the areas under the ROC curve and the precision-recall curve of one
// class against the rest. The exact ones are within the bounds.
type Area struct {
	Value, Bound       float64
	Precision          float64 // by steps, as average precision; where the shape asks for it
	PrecisionBound     float64
	Positive, Negative float64    // rows of each side, or their weights
	Binned             stats.Area // of rows without weights that were counted in bins: how far chance reaches
}

// Pairs is the areas of all pairs of a class with another, each of which
// compares the rows of the two by the probability of the first (Hand and Till
// 2001), averaged.
type Pairs struct {
	Plain    float64 // every pair counts the same
	Weighted float64 // by the rows of both classes
	Number   int     // of pairs whose classes both have rows

	plain, weighted, weight compensated
}

// compensated is a sum with the rounding errors of its additions (Neumaier).
type compensated struct{ sum, rest float64 }

func (c *compensated) add(x float64) {
	s := c.sum + x
	d := s - c.sum
	c.rest += (c.sum - (s - d)) + (x - d) // the exact error of the addition
	c.sum = s
}

func (c *compensated) value() float64 { return c.sum + c.rest }

// tallied is what one column's rows were counted into, by segment and slot.
type tallied struct {
	slots   int
	tallies []tally   // by segment, then slot
	others  [][]other // by segment, then slot; nil where pairs are not wanted
	paired  int       // slots that want pairs
}

func newTallied(segments, slots, paired, classes int) *tallied {
	t := &tallied{slots: slots, paired: paired, tallies: make([]tally, segments*slots)}
	if paired > 0 {
		all := make([]other, segments*paired*classes)
		for len(all) > 0 {
			t.others = append(t.others, all[:classes:classes])
			all = all[classes:]
		}
	}
	return t
}

func (t *tallied) segments() int { return len(t.tallies) / t.slots }

func (t *tallied) at(segment, slot int) *tally { return &t.tallies[segment*t.slots+slot] }

// counter counts one segment.
func (t *tallied) counter(c *counter, segment int) {
	c.tallies = t.tallies[segment*t.slots : (segment+1)*t.slots]
	if t.others != nil {
		c.others = t.others[segment*t.paired : (segment+1)*t.paired]
	}
}

// curve puts the areas of one column into the summary. Segments are counted
// apart, and what was counted is added up in their order.
func (r *ranks) curve(x *sealing, c column, cuts []int, p *placing) {
	n, paired := x.slots.of(c), 0
	switch {
	case r.shape.Sliced.Pairs:
		paired = n
	case r.shape.Whole.Pairs:
		paired = 1
	}
	t := newTallied(len(cuts)-1, n, paired, r.shape.Classes)
	each := func(sliced bool, work func(*counter, []entry)) {
		parallel(x.threads, t.segments(), func() func(int) {
			c := counter{reader: x.reader(r.lanes(sliced)), positive: uint16(c.class)}
			return func(i int) {
				t.counter(&c, i)
				work(&c, x.order.entries[cuts[i]:cuts[i+1]])
			}
		})
	}
	each(c.sliced, func(c *counter, rows []entry) {
		c.sort(rows)
		c.count(rows)
	})
	areas := make([]Area, n)
	for slot := range areas {
		areas[slot] = t.count(slot).area()
		if slot < paired {
			t.pairs(slot, c.class, r.pairs(x, slot, c.model))
		}
	}
	if p != nil {
		p.add(x, c.model, cuts, t)
	}
	if r.shape.Whole.Precision || r.shape.Sliced.Precision {
		t.above()
		each(c.sliced && r.shape.Sliced.Precision, (*counter).precisions)
		for slot := range areas {
			if areas[slot].Positive > 0 {
				areas[slot].Precision = t.precision(slot) / areas[slot].Positive
			}
		}
	}
	for slot, a := range areas {
		if g, group := x.slots.group(x.summary, slot); slices.Contains(g.needs.Curves, c.class) {
			g.setArea(group, c.model, c.class, a)
		}
	}
}

// counted is what a slot's tallies add up to.
type counted struct{ pos, neg, twice float64 }

// count adds up a slot's tallies in the order of their scores.
func (t *tallied) count(slot int) counted {
	var pos, neg, twice compensated
	for i := range t.segments() {
		one := t.at(i, slot)
		twice.add(one.twice)
		twice.add(2 * one.pos * neg.value())
		pos.add(one.pos)
		neg.add(one.neg)
	}
	return counted{pos.value(), neg.value(), twice.value()}
}

func (c counted) area() Area {
	a := Area{Positive: c.pos, Negative: c.neg}
	if c.pos > 0 && c.neg > 0 {
		a.Value = c.twice / 2 / c.pos / c.neg
	}
	return a
}

// above turns each segment's tallies into those of the segments above it.
func (t *tallied) above() {
	for slot := range t.slots {
		var pos, neg compensated
		for i := t.segments() - 1; i >= 0; i-- {
			one := t.at(i, slot)
			p, n := one.pos, one.neg
			*one = tally{pos: pos.value(), neg: neg.value()}
			pos.add(p)
			neg.add(n)
		}
	}
}

func (t *tallied) precision(slot int) float64 {
	var sum compensated
	for i := range t.segments() {
		sum.add(t.at(i, slot).precision)
	}
	return sum.value()
}

// pairs adds the areas of a class with each of the others.
func (t *tallied) pairs(slot, class int, to *Pairs) {
	var pos compensated
	others, twice := make([]compensated, len(t.others[0])), make([]compensated, len(t.others[0]))
	for i := range t.segments() {
		for k, o := range t.others[i*t.paired+slot] {
			others[k].add(o.weight)
			twice[k].add(o.twice)
			twice[k].add(2 * o.weight * pos.value()) // a positive row in a segment below
		}
		pos.add(t.at(i, slot).pos)
	}
	for k := range others {
		p, n := pos.value(), others[k].value()
		if k == class || !(p > 0) || !(n > 0) {
			continue
		}
		to.add(1-twice[k].value()/2/p/n, p+n)
	}
}

func (p *Pairs) add(area, weight float64) {
	p.Number++
	p.plain.add(area)
	p.weighted.add(area * weight)
	p.weight.add(weight)
}

// average is the averages, once all pairs have been added.
func (p *Pairs) average() Pairs {
	if p.Number == 0 {
		return Pairs{}
	}
	return Pairs{Number: p.Number, Plain: p.plain.value() / float64(p.Number), Weighted: p.weighted.value() / p.weight.value()}
}

// pairs is where the pairs of a slot are added up.
func (r *ranks) pairs(x *sealing, slot, model int) *Pairs {
	g, group := x.slots.group(x.summary, slot)
	if g.versus == nil {
		g.versus = make([]Pairs, g.groups*g.shape.Models)
	}
	return &g.versus[group*g.shape.Models+model]
}

func (g *grouping) setArea(group, model, class int, a Area) {
	if g.areas == nil {
		g.areas = make([]Area, g.groups*g.shape.Models*len(g.needs.Curves))
	}
	g.areas[g.curve(group, model, class)] = a
}

// curve is the place of a class's areas.
func (g *grouping) curve(group, model, class int) int {
	at := class
	if len(g.needs.Curves) < g.shape.Classes {
		at = slices.Index(g.needs.Curves, class)
	}
	return (group*g.shape.Models+model)*len(g.needs.Curves) + at
}

// Area is the areas under the curves of a model's probabilities of a class. It
// is for sealed summaries whose shape asks for it.
func (v View) Area(model, class int) Area {
	if v.g.areas == nil {
		return Area{}
	}
	return v.g.areas[v.g.curve(v.group, model, class)]
}

// Pairs is the averages over pairs of classes, likewise.
func (v View) Pairs(model int) Pairs {
	if v.g.versus == nil {
		return Pairs{}
	}
	return v.g.versus[v.group*v.g.shape.Models+model].average()
}
