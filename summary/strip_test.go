package summary

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestStrips counts rows by bits and one by one: with ties of every length,
// those that no strip holds among them.
func TestStrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := &Shape{Classes: 2, Models: 1, Named: rapid.IntRange(0, 20).Draw(t, "named"), By: rapid.IntRange(0, 2).Draw(t, "by"), Whole: Needs{Curves: []int{1}}}
		if rapid.Bool().Draw(t, "sliced") {
			shape.Sliced = shape.Whole
		}
		r := newRanks(shape)
		p := slots{named: 1, n: 1 + shape.Named + 3*shape.By}
		for j := range shape.By {
			p.by = append(p.by, 1+shape.Named+3*j)
		}
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		rows := make([]entry, rapid.IntRange(0, 400).Draw(t, "rows"))
		spread := rapid.SampledFrom([]int{1, 3, 20, 1000}).Draw(t, "scores")
		o := &order{members: make([]byte, len(rows)*r.stride+wordBytes)}
		for i := range rows {
			rows[i] = entry{key: uint64(rng.IntN(spread)), row: uint32(i)}
			members := o.members[i*r.stride:]
			binary.LittleEndian.PutUint16(members, uint16(rng.IntN(2)))
			if r.sliced {
				for j := range shape.By {
					binary.LittleEndian.PutUint16(members[memberLabel+2*j:], uint16(rng.IntN(3)))
				}
				for s := range shape.Named {
					members[memberLabel+2*shape.By+s>>3] |= byte(rng.IntN(2)) << (s & 7)
				}
			}
		}
		count := func(how func(*counter, []entry)) []tally {
			c := counter{reader: reader{ranks: r, order: o, slots: p, lanes: r.lanes(r.sliced)}, positive: 1, tallies: make([]tally, p.n)}
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
