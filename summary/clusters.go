package summary

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// clusters holds rows of weights, or dependent ones, until all of a cluster can be
// put together: they may come in any order and from any thread.
type clusters struct {
	columns []lossColumn
	scores  []column // held after these
	blocks  []clusterBlock
}

// clusterBlock is the rows of a batch.
type clusterBlock struct {
	rows    int
	keys    []uint64 // nil: each row depends on no other
	cells   []uint32
	weights []float64
	numbers [][]float64 // by column
	named   [][]uint64
	by      [][]uint16
}

// add keeps the rows of a batch, whose cells are numbered.
func (c *clusters) add(b *Batch, cells []uint32) {
	block := clusterBlock{rows: b.Rows, cells: slices.Clone(cells)}
	if b.Cluster != nil {
		block.keys = slices.Clone(b.Cluster[:b.Rows])
	}
	if b.Weight != nil {
		block.weights = slices.Clone(b.Weight[:b.Rows])
	}
	for _, column := range c.columns {
		block.numbers = append(block.numbers, column.of(b))
	}
	for _, column := range c.scores {
		numbers := make([]float64, b.Rows)
		column.copy(numbers, b, 0)
		block.numbers = append(block.numbers, numbers)
	}
	for _, mask := range b.Named {
		block.named = append(block.named, slices.Clone(mask))
	}
	for _, codes := range b.By {
		small := make([]uint16, b.Rows)
		for i, code := range codes {
			small[i] = uint16(code)
		}
		block.by = append(block.by, small)
	}
	c.blocks = append(c.blocks, block)
}

func (c *clusters) renumber(by int, to []uint32) {
	for _, block := range c.blocks {
		for i, code := range block.by[by] {
			block.by[by][i] = uint16(to[code])
		}
	}
}

// clustered is the rows in the order of their clusters.
type clustered struct {
	rows    []entry // by key; row is the place in what follows
	cells   []uint32
	weights []float64
	numbers [][]float64 // by column
}

// weight is that of a row.
func (o *clustered) weight(row uint32) float64 {
	if o.weights == nil {
		return 1
	}
	return o.weights[row]
}

// order puts the rows in order.
func (c *clusters) order() clustered {
	n := 0
	for _, b := range c.blocks {
		n += b.rows
	}
	o := clustered{rows: make([]entry, 0, n), cells: make([]uint32, 0, n), numbers: make([][]float64, len(c.columns)+len(c.scores))}
	for i := range o.numbers {
		o.numbers[i] = make([]float64, 0, n)
	}
	for _, b := range c.blocks {
		for i := range b.rows {
			e := entry{key: uint64(len(o.rows)), row: uint32(len(o.rows))}
			if b.keys != nil {
				e.key = b.keys[i]
			}
			o.rows = append(o.rows, e)
		}
		o.cells = append(o.cells, b.cells...)
		o.weights = append(o.weights, b.weights...)
		for i, numbers := range b.numbers {
			o.numbers[i] = append(o.numbers[i], numbers...)
		}
	}
	sortEntries(o.rows, nil)
	return o
}

// seal counts, for every slice, which clusters there are. Each grouping is worked
// out by one goroutine, cluster by cluster in the order of their keys, and so with
// the same bits on any number of threads.
func (c *clusters) seal(s *Summary, threads int) {
	o := c.order()
	c.sealAreas(s, &o, threads)
	if !s.shape.Clustered {
		return
	}
	groupings := append([]*grouping{s.whole, s.named}, s.by...)
	parallel(threads, len(groupings), func() func(int) {
		return func(i int) {
			counter := newClusterCounter(groupings[i])
			counter.sums = newClusterSums(groupings[i], c.columns)
			switch i {
			case 0:
				counter.countRows(&o, o.rows, func(uint32) int { return 0 })
			case 1:
				c.countNamed(counter, &o)
			default:
				codes := c.codes(i - 2)
				counter.countRows(&o, o.rows, func(row uint32) int { return int(codes[row]) })
			}
		}
	})
}

// countNamed counts the clusters of the named slices, each by its rows alone.
func (c *clusters) countNamed(counter *clusterCounter, o *clustered) {
	places := make([]uint32, len(o.rows)) // in the order, of each row
	for place, e := range o.rows {
		places[e.row] = uint32(place)
	}
	inside := make([]uint64, (len(places)+63)/64)
	var rows []entry
	for j := range counter.g.groups {
		clear(inside)
		first := 0
		for _, b := range c.blocks {
			for i, word := range b.named[j] {
				for ; word != 0; word &= word - 1 {
					place := places[first+i<<6+bits.TrailingZeros64(word)]
					inside[place>>6] |= 1 << (place & 63)
				}
			}
			first += b.rows
		}
		rows = rows[:0]
		for i, word := range inside {
			for ; word != 0; word &= word - 1 {
				rows = append(rows, o.rows[i<<6+bits.TrailingZeros64(word)])
			}
		}
		counter.countRows(o, rows, func(uint32) int { return j })
	}
}

// codes are the slices of all rows by some columns.
func (c *clusters) codes(by int) []uint16 {
	var all []uint16
	for _, b := range c.blocks {
		all = append(all, b.by[by]...)
	}
	return all
}

// clusterRow is a row of a cluster: which slice and cell it is in, and its weight.
type clusterRow struct {
	at     uint64
	weight float64
}

// clusterKinds is the clusters of one slice. Clusters are alike that have the same
// weight of rows in each cell; a few kinds stand for many clusters.
type clusterKinds struct {
	clusters uint64
	times    []uint64 // clusters of each kind
	ends     []int    // of each kind's cells
	cells    []clusterCell
}

type clusterCell struct {
	number uint32
	weight float64
}

// clusterCounter puts rows together.
type clusterCounter struct {
	g     *grouping
	kinds map[string]uint32 // by slice and cells
	ones  []uint32          // where cells are few: by slice and cell, the kind of one row of weight 1 plus one
	rows  []clusterRow
	cells []clusterCell
	name  []byte
	sums  *clusterSums // of quantities of the rows; nil: none are wanted
}

func newClusterCounter(g *grouping) *clusterCounter {
	g.clusters = make([]clusterKinds, g.groups)
	c := &clusterCounter{g: g, kinds: map[string]uint32{}}
	if !g.isSparse() {
		c.ones = make([]uint32, g.groups*g.cells)
	}
	return c
}

// countRows counts the clusters of rows in order. slot is the slice of a row.
func (c *clusterCounter) countRows(o *clustered, rows []entry, slot func(row uint32) int) {
	for first := 0; first < len(rows); {
		end := tieEnd(rows, first)
		c.rows = c.rows[:0]
		for _, e := range rows[first:end] {
			if weight := o.weight(e.row); weight > 0 {
				c.rows = append(c.rows, clusterRow{cellKey(slot(e.row), o.cells[e.row]), weight})
			}
		}
		c.add(c.rows)
		c.sums.add(o, rows[first:end], slot)
		first = end
	}
}

// add takes in the rows of one cluster, which may be in many slices.
func (c *clusterCounter) add(rows []clusterRow) {
	if len(rows) > 1 { // weights too: sums of floating-point numbers depend on their order
		slices.SortFunc(rows, func(a, b clusterRow) int {
			if a.at != b.at {
				return cmp.Compare(a.at, b.at)
			}
			return cmp.Compare(a.weight, b.weight)
		})
	}
	for len(rows) > 0 {
		slot := rows[0].at >> 32
		c.cells = c.cells[:0]
		for len(rows) > 0 && rows[0].at>>32 == slot {
			at, weight := rows[0].at, 0.0
			for len(rows) > 0 && rows[0].at == at {
				weight += rows[0].weight
				rows = rows[1:]
			}
			c.cells = append(c.cells, clusterCell{uint32(at), weight})
		}
		c.count(int(slot))
	}
}

// count counts the cluster whose cells are at hand.
func (c *clusterCounter) count(slot int) {
	k := &c.g.clusters[slot]
	k.clusters++
	if c.ones != nil && len(c.cells) == 1 && c.cells[0].weight == 1 { // most are, in small slices
		kind := &c.ones[slot*c.g.cells+int(c.cells[0].number)]
		if *kind == 0 {
			*kind = k.add(c.cells) + 1
		}
		k.times[*kind-1]++
		return
	}
	c.name = binary.LittleEndian.AppendUint32(c.name[:0], uint32(slot))
	for _, cell := range c.cells {
		c.name = binary.LittleEndian.AppendUint32(c.name, cell.number)
		c.name = binary.LittleEndian.AppendUint64(c.name, math.Float64bits(cell.weight))
	}
	kind, known := c.kinds[string(c.name)]
	if !known {
		kind = k.add(c.cells)
		c.kinds[string(c.name)] = kind
	}
	k.times[kind]++
}

// add takes in a kind of which no cluster is counted yet, and numbers it.
func (k *clusterKinds) add(cells []clusterCell) uint32 {
	k.times = append(k.times, 0)
	k.cells = append(k.cells, cells...)
	k.ends = append(k.ends, len(k.cells))
	return uint32(len(k.times) - 1)
}

// Clustered says whether rows of one cluster depend on each other, so that no
// statistic holds that takes rows for independent.
func (v View) Clustered() bool { return v.g.shape.Clustered }

// Clusters is how many clusters have rows in the slice that have weight.
func (v View) Clusters() uint64 {
	if v.g.clusters == nil {
		return 0
	}
	return v.g.clusters[v.group].clusters
}

// ClusterCell is the weight of the rows of one true class and one pair of answers
// in a cluster.
type ClusterCell struct {
	Label     int
	Predicted [2]int
	Weight    float64
}

// EachCluster calls f with each kind of cluster and how many of the kind there
// are, always in the same order. The cells are valid until f returns.
func (v View) EachCluster(f func(times uint64, cells []ClusterCell)) {
	if v.g.clusters == nil {
		return
	}
	k := &v.g.clusters[v.group]
	var cells []ClusterCell
	first := 0
	for i, times := range k.times {
		cells = cells[:0]
		for _, c := range k.cells[first:k.ends[i]] {
			label, predicted := v.g.shape.decode(int(c.number))
			cells = append(cells, ClusterCell{label, predicted, c.weight})
		}
		f(times, cells)
		first = k.ends[i]
	}
}
