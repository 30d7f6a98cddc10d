package summary

import (
	"cmp"
	"math/bits"
	"slices"
)

// cellTable counts rows by group and cell where most cells are empty: there are
// a million of them for two models that name 100 classes. It is a hash table by
// open addressing; the zero value is empty.
type cellTable struct {
	slots []cellCount // a power of two, at most half full, until sorted
	used  int
}

// cellCount is the rows of one cell; a slot without rows is free.
type cellCount struct{ key, count uint64 }

func cellKey(group int, number uint32) uint64 { return uint64(group)<<32 | uint64(number) }

func (t *cellTable) add(key, count uint64) {
	if 2*(t.used+1) > len(t.slots) {
		t.grow()
	}
	at := t.find(key)
	if t.slots[at].count == 0 {
		t.slots[at].key = key
		t.used++
	}
	t.slots[at].count += count
}

// find is the slot of a key, or the free one where it belongs.
func (t *cellTable) find(key uint64) uint64 {
	mask := uint64(len(t.slots) - 1)
	hi, lo := bits.Mul64(key, 0x9e3779b97f4a7c15)
	at := (hi ^ lo) & mask
	for t.slots[at].count > 0 && t.slots[at].key != key {
		at = (at + 1) & mask
	}
	return at
}

func (t *cellTable) grow() {
	old := t.slots
	t.slots = make([]cellCount, max(64, 2*len(old)))
	for _, c := range old {
		if c.count > 0 {
			t.slots[t.find(c.key)] = c
		}
	}
}

// each calls f with every cell that has rows, in no order.
func (t *cellTable) each(f func(group int, number uint32, count uint64)) {
	for _, c := range t.slots {
		if c.count > 0 {
			f(int(c.key>>32), uint32(c.key), c.count)
		}
	}
}

// sorted ends the counting: it returns the cells by group and number.
func (t *cellTable) sorted() []cellCount {
	list := slices.DeleteFunc(t.slots, func(c cellCount) bool { return c.count == 0 })
	slices.SortFunc(list, func(a, b cellCount) int { return cmp.Compare(a.key, b.key) })
	return list
}

// ofGroup is the part of sorted cells that belongs to one group.
func ofGroup(sorted []cellCount, group int) []cellCount {
	byGroup := func(c cellCount, group int) int { return cmp.Compare(int(c.key>>32), group) }
	first, _ := slices.BinarySearchFunc(sorted, group, byGroup)
	end, _ := slices.BinarySearchFunc(sorted, group+1, byGroup)
	return sorted[first:end]
}

// pairTable adds weights by group and pair of classes, for each model: what a
// confusion matrix holds.
type pairTable map[uint64]*Sum

func (t pairTable) at(key uint64) *Sum {
	s := t[key]
	if s == nil {
		s = new(Sum)
		t[key] = s
	}
	return s
}
