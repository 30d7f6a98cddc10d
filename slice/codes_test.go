package slice

import "testing"

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
