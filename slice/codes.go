package slice

import "math/bits"

// Codes numbers the values of one column as they appear: a row's value becomes
// a small integer, and statistics by value become arrays. The zero value is
// ready; a Codes is used by one goroutine.
type Codes struct {
	values []Value
	ints   table
	null   uint32 // code of null, plus one; 0 when none was seen
}

// Value is one value of a column.
type Value struct {
	Text string
	Null bool
	Int  bool // the value came as an integer: its number is in N
	N    int64
}

// Len is the number of values so far.
func (c *Codes) Len() int { return len(c.values) }

// Value is the value that got this code.
func (c *Codes) Value(code uint32) Value { return c.values[code] }

// Ints encodes a batch of integers; valid has a bit for each row that is not
// null, or is nil.
func (c *Codes) Ints(dst []uint32, values []int64, valid []uint64) {
	t := &c.ints
	for i, v := range values {
		if !present(valid, i) {
			dst[i] = c.nullCode()
			continue
		}
		h := mix(uint64(v)) // different integers may share it
		at := t.start(h)
		for t.full(at) && (t.slots[at].hash != h || c.values[t.slots[at].code].N != v) {
			at = t.next(at)
		}
		if !t.full(at) {
			t.fill(at, h, c.Add(Value{Int: true, N: v}))
			dst[i] = uint32(len(c.values) - 1)
			continue
		}
		dst[i] = t.slots[at].code
	}
}

// Add numbers a value that was not there.
func (c *Codes) Add(v Value) uint32 {
	c.values = append(c.values, v)
	return uint32(len(c.values) - 1)
}

func (c *Codes) nullCode() uint32 {
	if c.null == 0 {
		c.null = c.Add(Value{Null: true}) + 1
	}
	return c.null - 1
}

func mix(x uint64) uint64 {
	hi, lo := bits.Mul64(x^0x9e3779b97f4a7c15, 0xd6e8feb86659fd93)
	return hi ^ lo
}

func present(valid []uint64, i int) bool {
	return valid == nil || valid[i>>6]>>(i&63)&1 == 1
}

// Pairs numbers combinations of two codes, so that the rows of a combination
// of columns are one more code; longer combinations are pairs of pairs.
type Pairs struct {
	pairs []uint64
	table table
}

// Len is the number of combinations so far.
func (p *Pairs) Len() int { return len(p.pairs) }

// Parts are the two codes of a combination.
func (p *Pairs) Parts(code uint32) (a, b uint32) {
	return uint32(p.pairs[code] >> 32), uint32(p.pairs[code])
}

// Codes encodes a batch of pairs.
func (p *Pairs) Codes(dst, a, b []uint32) {
	t := &p.table
	for i := range dst {
		pair := uint64(a[i])<<32 | uint64(b[i])
		h := mix(pair)
		at := t.start(h)
		for t.full(at) && (t.slots[at].hash != h || p.pairs[t.slots[at].code] != pair) {
			at = t.next(at)
		}
		if !t.full(at) {
			p.pairs = append(p.pairs, pair)
			t.fill(at, h, uint32(len(p.pairs)-1))
			dst[i] = uint32(len(p.pairs) - 1)
			continue
		}
		dst[i] = t.slots[at].code
	}
}

// table is an open-addressing hash table from hashes to codes. Its users walk
// the slots themselves, since only they can compare values:
//
//	at := t.start(hash)
//	for t.full(at) && <slot at holds another value> { at = t.next(at) }
type table struct {
	slots []slot // a power of two, at most half full
	used  int
}

type slot struct {
	hash uint64
	code uint32
	full bool
}

// start is the first slot of a hash. There is always a slot that is not full.
func (t *table) start(hash uint64) int {
	if len(t.slots) == 0 {
		t.slots = make([]slot, 64)
	}
	return int(hash & uint64(len(t.slots)-1))
}

func (t *table) full(at int) bool { return t.slots[at].full }

func (t *table) next(at int) int { return (at + 1) & (len(t.slots) - 1) }

// fill takes the empty slot at which a walk ended.
func (t *table) fill(at int, hash uint64, code uint32) {
	t.slots[at] = slot{hash, code, true}
	if t.used++; t.used*2 > len(t.slots) {
		t.grow()
	}
}

func (t *table) grow() {
	old := t.slots
	t.slots = make([]slot, 2*len(old))
	for _, s := range old {
		if s.full {
			at := t.start(s.hash)
			for t.full(at) {
				at = t.next(at)
			}
			t.slots[at] = s
		}
	}
}
