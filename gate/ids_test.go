package gate

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/noworse/noworse/dataset"
)

// TestRepeatedIDs reads ids in batches by several readers, many of them
// consecutive, and holds what they say together to a set of all ids.
func TestRepeatedIDs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		readers := make([]idReader, rapid.IntRange(1, 3).Draw(t, "threads"))
		for i := range readers {
			readers[i] = idReader{ints: true, rows: 10}
		}
		seen, repeated := map[int64]bool{}, false
		for range rapid.IntRange(1, 8).Draw(t, "batches") {
			ids := drawIDs(t)
			for _, id := range ids {
				repeated = repeated || seen[id]
				seen[id] = true
			}
			batch := dataset.Batch{Rows: len(ids), Vectors: []dataset.Vector{{Ints: ids}}}
			readers[rapid.IntRange(0, len(readers)-1).Draw(t, "thread")].read(&batch)
		}
		for i := range readers[1:] {
			readers[0].merge(&readers[1+i])
		}
		if got := readers[0].repeated(2); got != repeated {
			t.Fatalf("an id is repeated: %v, want %v", got, repeated)
		}
	})
}

func drawIDs(t *rapid.T) []int64 {
	if rapid.Bool().Draw(t, "any") {
		return rapid.SliceOfN(rapid.Int64(), 1, 5).Draw(t, "ids")
	}
	first := rapid.OneOf(rapid.Int64Range(-20, 60), rapid.Int64Range(math.MaxInt64-3, math.MaxInt64), rapid.Just(int64(math.MinInt64))).Draw(t, "first")
	ids := make([]int64, rapid.IntRange(1, 9).Draw(t, "rows"))
	for i := range ids {
		ids[i] = first + int64(i) // may wrap around
	}
	return ids
}
