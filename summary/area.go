package summary

import (
	"cmp"
	"math/bits"
	"slices"
)

// tally counts, for one slice, pairs of a positive and a negative row in the
// order of scores: the Mann-Whitney statistic U, of which the area under the
// ROC curve is U / (positives * negatives). Rows of equal score are a tie, and
// a pair of them counts half: a positive row adds the negatives below its tie
// to twice U, and then those below the end of its tie.
//
// Counts of up to 16M rows, and twice U, are whole numbers below 2^53: doubles
// hold them exactly.
type tally struct{ pos, neg, twice float64 }

// compensated is a sum with the rounding errors of its additions (Neumaier).
type compensated struct{ sum, rest float64 }

func (c *compensated) add(x float64) {
	s := c.sum + x
	d := s - c.sum
	c.rest += (c.sum - (s - d)) + (x - d) // the exact error of the addition
	c.sum = s
}

func (c *compensated) value() float64 { return c.sum + c.rest }

// total adds up the tallies of segments in the order of their scores.
func total(tallies []tally, slot, slots int) Area {
	var pos, neg, twice compensated
	for i := slot; i < len(tallies); i += slots {
		t := &tallies[i]
		twice.add(t.twice)
		twice.add(2 * t.pos * neg.value())
		pos.add(t.pos)
		neg.add(t.neg)
	}
	a := Area{Positive: pos.value(), Negative: neg.value()}
	if a.Positive > 0 && a.Negative > 0 {
		a.Value = twice.value() / 2 / a.Positive / a.Negative
	}
	return a
}

// counter adds rows to the tallies of the slices that they are in.
type counter struct {
	ranks   *ranks
	order   *order
	slots   slots
	tallies []tally
	members []int // slots of the row at hand
}

// count adds rows in the order of their scores.
func (c *counter) count(rows []entry) {
	if c.ranks.shape.Weighted {
		// Floating-point sums depend on the order of rows with equal scores, and
		// that is the order in which threads delivered them: sort by weight too.
		slices.SortFunc(rows, func(a, b entry) int {
			return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(c.weight(a), c.weight(b)))
		})
	}
	for first := 0; first < len(rows); {
		end := first + 1
		for end < len(rows) && rows[end].key == rows[first].key {
			end++
		}
		c.tie(rows[first:end])
		first = end
	}
}

// tie adds rows of one score.
func (c *counter) tie(rows []entry) {
	if len(rows) == 1 {
		c.single(rows[0])
		return
	}
	c.positives(rows)
	for _, e := range rows {
		if !c.read(e) {
			w := c.weight(e)
			for _, s := range c.members {
				c.tallies[s].neg += w
			}
		}
	}
	c.positives(rows)
	for _, e := range rows {
		if c.read(e) {
			w := c.weight(e)
			for _, s := range c.members {
				c.tallies[s].pos += w
			}
		}
	}
}

func (c *counter) positives(rows []entry) {
	for _, e := range rows {
		if c.read(e) {
			w := c.weight(e)
			for _, s := range c.members {
				t := &c.tallies[s]
				t.twice += w * t.neg
			}
		}
	}
}

// single is tie for one row, which most are.
func (c *counter) single(e entry) {
	positive := c.read(e)
	w := c.weight(e)
	if !positive {
		for _, s := range c.members {
			c.tallies[s].neg += w
		}
		return
	}
	for _, s := range c.members {
		t := &c.tallies[s]
		t.twice += 2 * w * t.neg
		t.pos += w
	}
}

// read lists the slots of a row in c.members and says whether it is positive.
func (c *counter) read(e entry) bool {
	i := int(e.row) * c.ranks.stride
	row := c.order.members[i : i+c.ranks.stride]
	list := append(c.members[:0], 0)
	if c.ranks.shape.Sliced.Area {
		for j, first := range c.slots.by {
			list = append(list, first+(int(row[1+2*j])|int(row[2+2*j])<<8))
		}
		for j, m := range row[1+2*len(c.slots.by):] {
			for ; m != 0; m &= m - 1 {
				list = append(list, c.slots.named+8*j+bits.TrailingZeros8(m))
			}
		}
	}
	c.members = list
	return row[0] == 1
}

func (c *counter) weight(e entry) float64 {
	if c.order.weights == nil {
		return 1
	}
	return c.order.weights[e.row]
}
