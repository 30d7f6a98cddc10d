package summary

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestEntriesAreSorted holds the sort to that of the library: keys that crowd in one
// place, that are far apart, that are few and that are many.
func TestEntriesAreSorted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		list := make([]entry, rapid.IntRange(0, 3000).Draw(t, "entries"))
		shifts := rapid.SliceOfN(rapid.IntRange(0, 63), 1, 3).Draw(t, "kinds of keys")
		for i := range list {
			list[i] = entry{key: rng.Uint64() >> shifts[rng.IntN(len(shifts))] << rng.IntN(3), number: uint32(i)}
		}
		want := slices.Clone(list)
		slices.SortStableFunc(want, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
		spare := make([]entry, rapid.IntRange(0, 100).Draw(t, "spare"))
		sortEntries(list, spare)
		seen := map[uint32]uint64{}
		for i, e := range list {
			if e.key != want[i].key {
				t.Fatalf("place %d has %x, want %x", i, e.key, want[i].key)
			}
			seen[e.number] = e.key
		}
		for _, e := range want {
			if key, ok := seen[e.number]; !ok || key != e.key {
				t.Fatalf("entry %d of key %x became %x", e.number, e.key, key)
			}
		}
	})
}

// BenchmarkSortEntries sorts a segment of scores.
func BenchmarkSortEntries(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	list := make([]entry, segmentRows)
	for i := range list {
		list[i] = entry{key: scoreKey(0.5 + rng.Float64()/300), number: uint32(i)}
	}
	var spare []entry
	work := make([]entry, len(list))
	for b.Loop() {
		copy(work, list)
		spare = sortEntries(work, spare)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(list)), "ns/entry")
}
