package duckdb

import (
	"math/bits"
	"strings"
	"sync"
	"unsafe"
)

// dictionary numbers the texts of one field of a scan as they appear, null among
// them, for all threads.
type dictionary struct {
	mu     sync.RWMutex
	values []*string // nil: null
	null   uint32    // code of null, plus one; 0 when none was seen
	slots  []slot    // of the short texts: a power of two, at most half full
	short  int
	long   map[string]uint32
	most   int // texts that it may number; 0: any number
}

// slot is a short text as DuckDB writes it, in two words: the length and the
// bytes, with zeros behind them.
type slot struct {
	words [2]uint64
	code  uint32 // plus one; 0: empty
}

func newDictionary() *dictionary {
	return &dictionary{slots: make([]slot, 64), long: map[string]uint32{}}
}

// Value implements dataset.Dictionary.
func (d *dictionary) Value(code uint32) (text string, null bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if v := d.values[code]; v != nil {
		return *v, false
	}
	return "", true
}

// encode gives every row the code of its text; false where there are too many.
func (d *dictionary) encode(codes []uint32, texts []germanString, valid []uint64) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for i := range texts {
		var t *germanString
		if isValid(valid, i) {
			t = &texts[i]
		}
		code := d.find(t)
		if code == 0 {
			d.mu.RUnlock()
			code = d.add(t)
			d.mu.RLock()
		}
		codes[i] = code - 1
	}
	return d.most == 0 || len(d.values) <= d.most
}

// find is the code of a text, or of null, plus one; 0 where it has none.
func (d *dictionary) find(t *germanString) uint32 {
	switch {
	case t == nil:
		return d.null
	case t.length > inlined:
		return d.long[t.view()]
	}
	return d.slots[d.place(t.words())].code
}

// place is the slot that has a short text, or the empty one for it.
func (d *dictionary) place(words [2]uint64) int {
	hi, lo := bits.Mul64(words[0]^0x9e3779b97f4a7c15, words[1]^0xd6e8feb86659fd93)
	at := int((hi ^ lo) & uint64(len(d.slots)-1))
	for d.slots[at].code != 0 && d.slots[at].words != words {
		at = (at + 1) & (len(d.slots) - 1)
	}
	return at
}

// add is find for a text that may be new.
func (d *dictionary) add(t *germanString) uint32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if code := d.find(t); code != 0 { // another thread was first
		return code
	}
	code := uint32(len(d.values) + 1)
	if t == nil {
		d.values = append(d.values, nil)
		d.null = code
		return code
	}
	text := strings.Clone(t.view())
	d.values = append(d.values, &text)
	if t.length > inlined {
		d.long[text] = code
		return code
	}
	d.slots[d.place(t.words())] = slot{t.words(), code}
	if d.short++; 2*d.short > len(d.slots) {
		old := d.slots
		d.slots = make([]slot, 2*len(old))
		for _, s := range old {
			if s.code != 0 {
				d.slots[d.place(s.words)] = s
			}
		}
	}
	return code
}

// words is a short text as two numbers.
func (s *germanString) words() [2]uint64 { return *(*[2]uint64)(unsafe.Pointer(s)) }
