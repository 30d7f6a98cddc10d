package summary

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// clusterTestRow is a row of the tests.
type clusterTestRow struct {
	label, candidate, baseline uint16
	cluster                    uint64
	weight                     float64
	named                      bool
	by                         uint32
}

// loss is what a model loses on the row.
func (r clusterTestRow) loss(model int) float64 {
	return float64(1+r.label+3*[]uint16{r.candidate, r.baseline}[model]) / 7
}

func (r clusterTestRow) cell() [3]int {
	return [3]int{int(r.label), int(r.candidate), int(r.baseline)}
}

// clusterSummary adds rows in batches, each to one of two summaries that are merged.
func clusterSummary(rows []clusterTestRow, batch, threads int) *Summary {
	needs := Needs{Losses: []Loss{brier}, Grouped: groupedFactors, Moved: []Loss{brier}, Standings: []int{1}}
	shape := Shape{Classes: 3, Models: 2, Weighted: true, Clustered: true, Named: 1, By: 1, Whole: needs, Sliced: needs}
	parts := []*Summary{New(shape), New(shape)}
	for i, some := range slices.Collect(slices.Chunk(rows, batch)) {
		b := &Batch{Rows: len(some), Label: []uint16{}, Models: make([]Outputs, 2), Named: [][]uint64{make([]uint64, (len(some)+63)/64)}, By: make([][]uint32, 1)}
		for j, r := range some {
			b.Label = append(b.Label, r.label)
			b.Models[0].Class, b.Models[1].Class = append(b.Models[0].Class, r.candidate), append(b.Models[1].Class, r.baseline)
			for m := range b.Models {
				b.Models[m].Brier = append(b.Models[m].Brier, r.loss(m))
				b.Models[m].Scores = [][]float64{nil, append(slices.Concat(b.Models[m].Scores...), math.Mod(1.3*r.loss(m), 1)), nil}
			}
			b.Cluster, b.Weight = append(b.Cluster, r.cluster), append(b.Weight, r.weight)
			b.By[0] = append(b.By[0], r.by^uint32(i&1)) // the other summary numbers slices the other way
			if r.named {
				b.Named[0][j>>6] |= 1 << (j & 63)
			}
		}
		parts[i&1].Add(b)
	}
	parts[1].Renumber(0, []uint32{1, 0}[:parts[1].Slices(0)], 2)
	parts[0].Renumber(0, []uint32{0, 1}[:parts[0].Slices(0)], 2)
	if err := parts[0].Merge(parts[1]); err != nil {
		panic(err)
	}
	parts[0].Seal(threads)
	return parts[0]
}

var (
	brier          = Loss{Kind: Brier}
	groupedFactors = []Factor{{brier, Difference}, {brier, Baseline}}
)

func clustersOf(v View) string {
	out := fmt.Sprintf("%d %x %x %d", v.Clusters(), v.SquaredClusters(), v.Grouped(groupedFactors...), v.Moved(brier))
	varies, ok := v.Standing(1)
	out += fmt.Sprintf(" %x %v", varies, ok)
	v.EachCluster(func(times uint64, cells []ClusterCell) { out += fmt.Sprintf(" %d of %v;", times, cells) })
	return out
}

// TestClustersAnyWay: rows of a cluster are put together whatever their order, their
// batches and the threads, with the same bits; and what is put together is what a
// plain count by cluster finds, in every slice.
func TestClustersAnyWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) clusterTestRow {
			class := rapid.Uint16Range(0, 2)
			return clusterTestRow{class.Draw(t, "label"), class.Draw(t, "candidate"), class.Draw(t, "baseline"),
				rapid.Uint64Range(0, 12).Draw(t, "cluster") * 0x9e3779b97f4a7c15, rapid.SampledFrom([]float64{0, .1, .7, 1, 1e9}).Draw(t, "weight"),
				rapid.Bool().Draw(t, "named"), rapid.Uint32Range(0, 1).Draw(t, "by")}
		}), 1, 200).Draw(t, "rows")
		one := clusterSummary(rows, rapid.IntRange(1, 100).Draw(t, "batch"), 1)
		shuffled := slices.Clone(rows)
		rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)).Shuffle(len(rows), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		other := clusterSummary(shuffled, rapid.IntRange(1, 100).Draw(t, "batch"), 3)
		for name, c := range map[string]struct {
			one, other View
			in         func(clusterTestRow) bool
		}{
			"whole": {one.Whole(), other.Whole(), func(clusterTestRow) bool { return true }},
			"named": {one.Named(0), other.Named(0), func(r clusterTestRow) bool { return r.named }},
			"by 0":  {one.By(0, 0), other.By(0, 0), func(r clusterTestRow) bool { return r.by == 0 }},
			"by 1":  {one.By(0, 1), other.By(0, 1), func(r clusterTestRow) bool { return r.by == 1 }},
		} {
			if a, b := clustersOf(c.one), clustersOf(c.other); a != b {
				t.Fatalf("%s: %s\nand %s", name, a, b)
			}
			holdClusters(t, name, c.one, slices.DeleteFunc(slices.Clone(rows), func(r clusterTestRow) bool { return !c.in(r) || r.weight == 0 }))
		}
	})
}

// holdClusters compares clusters with sums by cluster and cell.
func holdClusters(t *rapid.T, name string, v View, rows []clusterTestRow) {
	want := map[uint64]map[[3]int]float64{}
	slices.SortFunc(rows, func(a, b clusterTestRow) int { return cmp.Compare(a.weight, b.weight) }) // as sums are made
	for _, r := range rows {
		if want[r.cluster] == nil {
			want[r.cluster] = map[[3]int]float64{}
		}
		want[r.cluster][r.cell()] += r.weight
	}
	if v.Clusters() != uint64(len(want)) {
		t.Fatalf("%s: %d clusters, want %d", name, v.Clusters(), len(want))
	}
	holdGrouped(t, name, v, rows)
	kinds := map[string]uint64{}
	for _, cells := range want {
		kinds[fmt.Sprint(cells)]++
	}
	found := map[string]uint64{}
	v.EachCluster(func(times uint64, cells []ClusterCell) {
		weights := map[[3]int]float64{}
		for _, c := range cells {
			weights[[3]int{c.Label, c.Predicted[0], c.Predicted[1]}] = c.Weight
		}
		found[fmt.Sprint(weights)] += times
	})
	if fmt.Sprint(found) != fmt.Sprint(kinds) {
		t.Fatalf("%s: %v, want %v", name, found, kinds)
	}
}

// holdGrouped compares sums by cluster with those of a plain count.
func holdGrouped(t *rapid.T, name string, v View, rows []clusterTestRow) {
	quantities := func(r clusterTestRow) [2]float64 { return [2]float64{r.loss(0) - r.loss(1), r.loss(1)} }
	var weight float64
	var means [2]float64
	for _, r := range rows {
		weight += r.weight
		for i, x := range quantities(r) {
			means[i] += r.weight * x
		}
	}
	sums, moved, sizes, weights := map[uint64][2]float64{}, map[uint64]float64{}, map[uint64]float64{}, map[uint64]float64{}
	for _, r := range rows {
		s := sums[r.cluster]
		for i, x := range quantities(r) {
			s[i] += r.weight * (x - means[i]/weight)
		}
		sums[r.cluster] = s
		moved[r.cluster] += r.weight * (r.loss(0) - r.loss(1))
		sizes[r.cluster] += r.weight * math.Abs(r.loss(0)-r.loss(1))
		weights[r.cluster] += r.weight
	}
	var want [3]float64
	var squares float64
	clusters := uint64(0)
	for cluster, s := range sums {
		want[0] += s[0] * s[0]
		want[1] += s[0] * s[1]
		want[2] += s[1] * s[1]
		squares += weights[cluster] * weights[cluster]
		if math.Abs(moved[cluster]) > 1e-12*sizes[cluster] {
			clusters++
		}
	}
	got := v.Grouped(groupedFactors...)
	for i, x := range []float64{got[0][0], got[1][0], got[1][1]} {
		if math.Abs(x-want[i]) > 1e-9*squares {
			t.Fatalf("%s: %v, want %v", name, got, want)
		}
	}
	if v.Moved(brier) != clusters || math.Abs(v.SquaredClusters()-squares) > 1e-9*squares {
		t.Fatalf("%s: %d clusters moved and squares are %v, want %d and %v", name, v.Moved(brier), v.SquaredClusters(), clusters, squares)
	}
}
