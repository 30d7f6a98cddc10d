package duckdb

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"unsafe"

	"pgregory.net/rapid"

	"github.com/noworse/noworse/dataset"
)

// german is DuckDB's form of a text, which must stay alive.
func german(s string) germanString {
	g := germanString{length: uint32(len(s))}
	if len(s) <= inlined {
		copy(unsafe.Slice(&g.prefix[0], inlined), s)
		return g
	}
	copy(g.prefix[:], s)
	*(**byte)(unsafe.Pointer(&g.rest)) = unsafe.StringData(s)
	return g
}

func TestDictionary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOf(rapid.StringN(0, 20, 20)).Draw(t, "texts")
		for i := range rapid.IntRange(0, 300).Draw(t, "more") { // the table grows
			texts = append(texts, fmt.Sprintf("%d", i/2))
		}
		valid := make([]uint64, (len(texts)+63)/64)
		var germans []germanString
		for i, text := range texts {
			germans = append(germans, german(text))
			if rapid.IntRange(0, 5).Draw(t, "null") > 0 {
				valid[i>>6] |= 1 << (i & 63)
			}
		}
		d := newDictionary()
		all := make([][]uint32, 3)
		var threads sync.WaitGroup
		for i := range all {
			all[i] = make([]uint32, len(texts))
			threads.Go(func() { d.encode(all[i], germans, valid) })
		}
		threads.Wait()
		if !slices.Equal(all[0], all[1]) || !slices.Equal(all[0], all[2]) {
			t.Fatal("threads got other codes for the same values")
		}
		known := map[string]bool{}
		for i, code := range all[0] {
			text, null := d.Value(code)
			if null == isValid(valid, i) || !null && text != texts[i] {
				t.Fatalf("row %d: %q became %q, null %v", i, texts[i], text, null)
			}
			known[fmt.Sprint(text, null)] = true
		}
		if len(known) != len(d.values) {
			t.Fatalf("%d values have %d codes", len(known), len(d.values))
		}
		runtime.KeepAlive(texts)
	})
}

// sameTexts holds codes to texts, row by row.
type sameTexts struct{}

func (sameTexts) Consume(b *dataset.Batch) error {
	for i := range b.Rows {
		codes, texts := &b.Vectors[0], &b.Vectors[1]
		text, null := codes.Dictionary.Value(codes.Codes[i])
		if null != texts.Null(i) || !null && text != texts.Texts[i] {
			return fmt.Errorf("row %d: the code says %q, %v, the text is %q", i, text, null, texts.Texts[i])
		}
	}
	return nil
}

// TestCodesAreOfTheTexts holds codes to texts, with and without a dictionary in
// the file: DuckDB then calls for codes in other ways.
func TestCodesAreOfTheTexts(t *testing.T) {
	const rows = "SELECT CASE WHEN i %% 7 > 0 THEN 'value ' || (hash(i) %% %d) END AS x, i AS id FROM range(20000) r(i)"
	for name, options := range map[string]string{"few.parquet": "FORMAT parquet", "many.parquet": "FORMAT parquet", "few.csv": "FORMAT csv"} {
		values := 30
		if name == "many.parquet" {
			values = 1 << 40
		}
		s := opened(t, table(makeTable(t, filepath.Join(t.TempDir(), name), fmt.Sprintf(rows, values), options)))
		fields := []dataset.Field{{Column: "x", Form: dataset.AsCode}, {Column: "x", Form: dataset.AsText}}
		if err := s.Scan(t.Context(), dataset.Request{Fields: fields}, func() dataset.Sink { return sameTexts{} }); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
