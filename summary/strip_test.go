package summary

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestStrips counts rows by bits and one by one: with ties of every length,
// those that no strip holds among them.
func TestStrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := &Shape{Classes: 2, Models: 1, Named: rapid.IntRange(0, 70).Draw(t, "named"), By: rapid.IntRange(0, 2).Draw(t, "by"), Whole: Needs{Curves: []int{1}}}
		if rapid.Bool().Draw(t, "sliced") {
			shape.Sliced = shape.Whole
		}
		r, groups := newRanks(shape), make([]int, shape.By)
		for j := range groups {
			groups[j] = rapid.SampledFrom([]int{1, 3, 300}).Draw(t, "groups")
		}
		p, l := newSlots(shape.Named, groups), r.layout(groups)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		rows := make([]entry, rapid.IntRange(0, 400).Draw(t, "rows"))
		spread := rapid.SampledFrom([]int{1, 3, 20, 1000}).Draw(t, "scores")
		b := r.newBlock(512)
		b.n = len(rows)
		for i := range rows {
			rows[i] = entry{key: uint64(rng.IntN(spread)), row: uint32(i)}
			put(&b.labels, i, []uint16{uint16(rng.IntN(2))})
			for j := range b.by {
				put(&b.by[j], i, []uint32{uint32(rng.IntN(groups[j]))})
			}
			for s := range l.names {
				b.named[i>>6*l.names+s] |= uint64(rng.IntN(2)) << (i & 63)
			}
		}
		o := &order{words: l.words, packed: make([]uint64, len(rows)*l.words)}
		l.pack(b, 0, o.packed)
		count := func(how func(*counter, []entry)) []tally {
			c := counter{reader: newReader(l, o, p, r.lanes(r.sliced)), positive: 1, tallies: make([]tally, p.n)}
			c.sort(rows)
			how(&c, rows)
			return c.tallies
		}
		got, want := count((*counter).strips), count((*counter).oneByOne)
		if !slices.Equal(got, want) {
			t.Fatalf("by bits %v\none by one %v", got, want)
		}
	})
}
