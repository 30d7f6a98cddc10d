package summary

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
)

// clusters holds the rows of dependent ones until all of a cluster can be put
// together: they may come in any order and from any thread.
type clusters struct{ blocks []clusterBlock }

// clusterBlock is the rows of a batch.
type clusterBlock struct {
	keys    []uint64
	cells   []uint32
	weights []float64
	named   [][]uint64
	by      [][]uint16
}

// add keeps the rows of a batch, whose cells are numbered.
func (c *clusters) add(b *Batch, cells []uint32) {
	block := clusterBlock{keys: slices.Clone(b.Cluster[:b.Rows]), cells: slices.Clone(cells)}
	if b.Weight != nil {
		block.weights = slices.Clone(b.Weight[:b.Rows])
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
}

// order puts the rows in order.
func (c *clusters) order() clustered {
	n := 0
	for _, b := range c.blocks {
		n += len(b.keys)
	}
	o := clustered{rows: make([]entry, 0, n), cells: make([]uint32, 0, n)}
	for _, b := range c.blocks {
		for _, key := range b.keys {
			o.rows = append(o.rows, entry{key: key, row: uint32(len(o.rows))})
		}
		o.cells = append(o.cells, b.cells...)
		o.weights = append(o.weights, b.weights...)
	}
	sortEntries(o.rows, nil)
	return o
}

// seal counts, for every slice, which clusters there are. Each grouping is worked
// out by one goroutine, cluster by cluster in the order of their keys, and so with
// the same bits on any number of threads.
func (c *clusters) seal(s *Summary, threads int) {
	o := c.order()
	groupings := append([]*grouping{s.whole, s.named}, s.by...)
	parallel(threads, len(groupings), func() func(int) {
		return func(i int) {
			switch i {
			case 0:
				o.count(s.whole, func(uint32) int { return 0 })
			case 1:
				for j := range s.shape.Named {
					inside := c.inside(j)
					o.count(s.named, func(row uint32) int {
						if inside[row] {
							return j
						}
						return nowhere
					})
				}
			default:
				codes := c.codes(i - 2)
				o.count(groupings[i], func(row uint32) int { return int(codes[row]) })
			}
		}
	})
}

const nowhere = -1

// inside says of all rows whether they are in a named slice.
func (c *clusters) inside(named int) []bool {
	var all []bool
	for _, b := range c.blocks {
		for i := range b.keys {
			all = append(all, b.named[named][i>>6]>>(i&63)&1 == 1)
		}
	}
	return all
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

// count counts the clusters of a grouping's slices. slot is the slice of a row, or
// nowhere.
func (o *clustered) count(g *grouping, slot func(row uint32) int) {
	if g.clusters == nil {
		g.clusters = make([]clusterKinds, g.groups)
	}
	counter := clusterCounter{g: g, kinds: map[string]uint32{}}
	var list []clusterRow
	for first := 0; first < len(o.rows); {
		end := tieEnd(o.rows, first)
		list = list[:0]
		for _, e := range o.rows[first:end] {
			at, weight := slot(e.row), 1.0
			if o.weights != nil {
				weight = o.weights[e.row]
			}
			if at != nowhere && weight > 0 {
				list = append(list, clusterRow{cellKey(at, o.cells[e.row]), weight})
			}
		}
		counter.add(list)
		first = end
	}
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
	cells []clusterCell
	name  []byte
}

// add takes in the rows of one cluster, which may be in many slices.
func (c *clusterCounter) add(rows []clusterRow) {
	if len(rows) > 1 { // weights too: sums of floating-point numbers depend on their order
		slices.SortFunc(rows, func(a, b clusterRow) int {
			return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.weight, b.weight))
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
	c.name = binary.LittleEndian.AppendUint32(c.name[:0], uint32(slot))
	for _, cell := range c.cells {
		c.name = binary.LittleEndian.AppendUint32(c.name, cell.number)
		c.name = binary.LittleEndian.AppendUint64(c.name, math.Float64bits(cell.weight))
	}
	k := &c.g.clusters[slot]
	k.clusters++
	kind, known := c.kinds[string(c.name)]
	if !known {
		kind = uint32(len(k.times))
		c.kinds[string(c.name)] = kind
		k.times = append(k.times, 0)
		k.cells = append(k.cells, c.cells...)
		k.ends = append(k.ends, len(k.cells))
	}
	k.times[kind]++
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
