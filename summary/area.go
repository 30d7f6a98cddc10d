package summary

// tally counts, for one slice, pairs of a positive and a negative row in the
// order of scores: the Mann-Whitney statistic U, of which the area under the
// ROC curve is U / (positives * negatives). Rows of equal score are a tie, and
// a pair of them counts half: a positive row adds the negatives below its tie
// to twice U, and then those below the end of its tie.
//
// Counts of up to 16M rows, and twice U, are whole numbers below 2^53: doubles
// hold them exactly.
type tally struct {
	pos, neg, twice float64
	// precision is the sum, over positive rows, of the share of positives among
	// the rows that are not below them.
	precision float64
}

// other is the rows of one negative class in a tally: their weight, and twice
// the weight of their pairs with a positive row below them.
type other struct{ weight, twice float64 }

// counter adds rows to the tallies of the slices that they are in.
type counter struct {
	reader
	positive uint16
	tallies  []tally
	others   [][]other // of the first slots, by class; nil where pairs of classes are not wanted
	bits     strip
	tied     tied
}

// count adds sorted rows in the order of their scores.
func (c *counter) count(rows []entry) {
	if c.order.weights == nil && c.others == nil {
		c.strips(rows)
	} else {
		c.oneByOne(rows)
	}
}

// oneByOne counts rows of many classes, or with weights.
func (c *counter) oneByOne(rows []entry) {
	for first := 0; first < len(rows); {
		end := tieEnd(rows, first)
		if end == first+1 {
			c.single(rows[first])
		} else {
			c.tie(rows[first:end])
		}
		first = end
	}
}

// tie adds rows of one score: each is paired with the rows below the tie, and
// then with those below its end.
func (c *counter) tie(rows []entry) {
	c.pairPositives(rows)
	c.pairOthers(rows)
	for _, e := range rows {
		if label := c.read(e); label != c.positive {
			c.addNegative(label, c.order.weight(e))
		}
	}
	c.pairPositives(rows)
	for _, e := range rows {
		if c.read(e) == c.positive {
			w := c.order.weight(e)
			for _, s := range c.members {
				c.tallies[s].pos += w
			}
		}
	}
	c.pairOthers(rows)
}

func (c *counter) pairPositives(rows []entry) {
	for _, e := range rows {
		if c.read(e) != c.positive {
			continue
		}
		w := c.order.weight(e)
		for _, s := range c.members {
			t := &c.tallies[s]
			t.twice += w * t.neg
		}
	}
}

func (c *counter) pairOthers(rows []entry) {
	if c.others == nil {
		return
	}
	for _, e := range rows {
		label := c.read(e)
		if label == c.positive {
			continue
		}
		w := c.order.weight(e)
		for _, s := range c.members {
			if s < len(c.others) {
				c.others[s][label].twice += w * c.tallies[s].pos
			}
		}
	}
}

func (c *counter) addNegative(label uint16, w float64) {
	for _, s := range c.members {
		c.tallies[s].neg += w
		if s < len(c.others) {
			c.others[s][label].weight += w
		}
	}
}

// single is tie for one row, which most are.
func (c *counter) single(e entry) {
	label := c.read(e)
	w := c.order.weight(e)
	if label == c.positive {
		for _, s := range c.members {
			t := &c.tallies[s]
			t.twice += 2 * w * t.neg
			t.pos += w
		}
		return
	}
	for _, s := range c.members {
		if s < len(c.others) {
			c.others[s][label].twice += 2 * w * c.tallies[s].pos
		}
	}
	c.addNegative(label, w)
}

// precisions adds sorted rows from the highest score down, to tallies that hold
// the rows above them. The rows of a tie are let in together.
func (c *counter) precisions(rows []entry) {
	for end := len(rows); end > 0; {
		first := end - 1
		for first > 0 && rows[first-1].key == rows[end-1].key {
			first--
		}
		for i := end - 1; i >= first; i-- {
			c.above(rows[i])
		}
		for i := end - 1; i >= first; i-- {
			c.precise(rows[i])
		}
		end = first
	}
}

func (c *counter) above(e entry) {
	label, w := c.read(e), c.order.weight(e)
	for _, s := range c.members {
		if label == c.positive {
			c.tallies[s].pos += w
		} else {
			c.tallies[s].neg += w
		}
	}
}

func (c *counter) precise(e entry) {
	w := c.order.weight(e)
	if c.read(e) != c.positive || w == 0 {
		return
	}
	for _, s := range c.members {
		t := &c.tallies[s]
		t.precision += w * (t.pos / (t.pos + t.neg))
	}
}
