package slice

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func TestCodesGiveEqualValuesEqualCodes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOf(rapid.StringN(0, 30, 40)).Draw(t, "texts")
		valid := make([]uint64, (len(texts)+63)/64)
		for i := range texts {
			if rapid.IntRange(0, 5).Draw(t, "null") > 0 {
				valid[i>>6] |= 1 << (i & 63)
			}
		}
		var c Codes
		codes := make([]uint32, len(texts))
		c.Texts(codes, texts, valid)
		for i, code := range codes {
			v := c.Value(code)
			if !present(valid, i) {
				if !v.Null {
					t.Fatalf("row %d is null and became %+v", i, v)
				}
			} else if v.Null || v.Text != texts[i] {
				t.Fatalf("row %d: %q became %+v", i, texts[i], v)
			}
		}
		again := make([]uint32, len(texts))
		c.Texts(again, texts, valid)
		if fmt.Sprint(again) != fmt.Sprint(codes) {
			t.Fatal("a second batch of the same values got other codes")
		}
	})
}

func TestCodesOfManyIntegers(t *testing.T) {
	var c Codes
	values := make([]int64, 0, 20000)
	for i := range int64(10000) {
		values = append(values, i*i*i-1<<40, -i)
	}
	codes := make([]uint32, len(values))
	c.Ints(codes, values, nil)
	for i, code := range codes {
		if c.Value(code).N != values[i] {
			t.Fatalf("value %d became %d", values[i], c.Value(code).N)
		}
	}
}

func TestPairsKeepBothParts(t *testing.T) {
	var p Pairs
	a, b := []uint32{0, 1, 0, 1, 7}, []uint32{0, 0, 1, 0, 1 << 31}
	codes := make([]uint32, len(a))
	p.Codes(codes, a, b)
	for i, code := range codes {
		if x, y := p.Parts(code); x != a[i] || y != b[i] {
			t.Errorf("(%d, %d) became (%d, %d)", a[i], b[i], x, y)
		}
	}
	if p.Len() != 4 {
		t.Errorf("%d combinations, want 4", p.Len())
	}
}
