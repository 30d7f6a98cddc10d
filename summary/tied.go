package summary

import "math/bits"

// tied counts the rows of one score, by slot and class.
type tied struct {
	rows  [][2]uint32
	slots []int // that have some
	named []uint64
}

func newTied(slots int, at *layout) tied {
	return tied{rows: make([][2]uint32, slots), named: make([]uint64, at.names)}
}

func (t *tied) add(slot int, negatives, positives uint32) {
	n := &t.rows[slot]
	if n[negative]+n[positive] == 0 {
		t.slots = append(t.slots, slot)
	}
	n[negative] += negatives
	n[positive] += positives
}

func (t *tied) clear() {
	for _, slot := range t.slots {
		t.rows[slot] = [2]uint32{}
	}
	t.slots = t.slots[:0]
}

// count counts rows of one score, which stand in a row; those with a label are
// positive.
func (t *tied) count(r *reader, rows []entry, label int) {
	t.clear()
	for len(rows) > 0 {
		some := rows[:min(len(rows), stripRows)]
		rows = rows[len(some):]
		packed := r.packedRows(some)
		positives := r.layout.label.equal(packed, r.layout.words, label)
		if r.lanes.whole {
			n := uint32(bits.OnesCount64(positives))
			t.add(0, uint32(len(some))-n, n)
		}
		for j := r.lanes.from; j < r.lanes.to; j++ {
			t.by(r.slots.by[j], r.layout.by[j], packed, r.layout.words, positives)
		}
		if len(r.lanes.named) > 0 {
			r.layout.unpackNamed(packed, t.named)
			t.masks(r, positives)
		}
	}
}

func (t *tied) by(first int, f field, packed []uint64, words int, positives uint64) {
	for len(packed) > 0 {
		p := uint32(positives & 1)
		t.add(first+f.of(packed), 1-p, p)
		packed, positives = packed[words:], positives>>1
	}
}

func (t *tied) masks(r *reader, positives uint64) {
	for i, word := range r.lanes.named {
		for ; word != 0; word &= word - 1 {
			slice := 64*i + bits.TrailingZeros64(word)
			if mask := t.named[slice]; mask != 0 {
				t.add(r.slots.named+slice, uint32(bits.OnesCount64(mask&^positives)), uint32(bits.OnesCount64(mask&positives)))
			}
		}
	}
}
