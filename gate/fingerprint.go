package gate

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/predict"
)

// fingerprint stands for a set of rows: 128 bits of sums of row hashes. It
// does not depend on the order of rows, nor on the file format, nor on whether
// a whole number is stored as an integer or as a double. It tells sets apart
// that differ by accident; it is not made to withstand somebody who wants two
// sets to look alike.
type fingerprint struct{ a, b uint64 }

func (f *fingerprint) add(row uint64) {
	f.a += scramble(row)
	f.b += scramble(row ^ 0x9e3779b97f4a7c15)
}

func (f *fingerprint) merge(g fingerprint) {
	f.a += g.a
	f.b += g.b
}

func (f fingerprint) String() string { return fmt.Sprintf("fp1:%016x%016x", f.a, f.b) }

// fingerprints are the fingerprints of a run.
type fingerprints struct {
	eval   fingerprint
	models []fingerprint
}

func (p *fingerprints) merge(q *fingerprints) {
	p.eval.merge(q.eval)
	for i := range p.models {
		p.models[i].merge(q.models[i])
	}
}

// fingerprinted is the columns that make the evaluation set: all but those
// that hold a model's predictions, which change with the model.
func (p *plan) fingerprinted() []dataset.Column {
	predictions := map[string]bool{}
	for _, m := range p.models {
		if m.From != dataset.FromEval {
			continue
		}
		if m.Label != nil {
			predictions[m.Label.Name] = true
		}
		predictions[m.Score] = true
		for _, s := range m.Scores {
			predictions[s] = true
		}
	}
	columns := slices.DeleteFunc(slices.Clone(p.source.Columns()), func(c dataset.Column) bool { return predictions[c.Name] })
	slices.SortFunc(columns, func(a, b dataset.Column) int { return strings.Compare(a.Name, b.Name) })
	return columns
}

// rowHasher hashes the rows of a batch, column by column.
type rowHasher struct {
	columns []hashedColumn
	rows    []uint64
}

// hashedColumn is a column and, where its values are numbered for slices, the
// hash of each value by its number.
type hashedColumn struct {
	place   int
	form    dataset.Form
	seed    uint64
	encoded *encodedColumn
	hashes  []uint64
}

func newRowHasher(field predict.Field, e *encoded, columns []dataset.Column) rowHasher {
	var h rowHasher
	for _, c := range columns {
		form := dataset.AsText
		switch c.Kind {
		case dataset.Integer:
			form = dataset.AsInt
		case dataset.Float:
			form = dataset.AsFloat
		}
		hashed := hashedColumn{form: form, seed: xxhash.Sum64String(c.Name)}
		if form != dataset.AsFloat { // which is hashed as the number that it is
			hashed.encoded = e.find(c)
		}
		if hashed.encoded == nil {
			hashed.place = field(dataset.Field{Column: c.Name, Form: form})
		}
		h.columns = append(h.columns, hashed)
	}
	return h
}

// Values are hashed apart by kind: these stand in for what is not a number.
const (
	nullValue = 0x6e756c6c
	textValue = 0x74657874
)

// hash is one number for each row of the batch.
func (h *rowHasher) hash(from *dataset.Batch) []uint64 {
	if cap(h.rows) < from.Rows {
		h.rows = make([]uint64, from.Rows)
	}
	h.rows = h.rows[:from.Rows]
	clear(h.rows)
	for j := range h.columns {
		c := &h.columns[j]
		v := &from.Vectors[c.place]
		switch {
		case c.encoded != nil:
			c.addEncoded(h.rows)
		case v.Valid != nil:
			for i := range h.rows {
				h.rows[i] += c.value(v, i)
			}
		default:
			c.addAll(h.rows, v)
		}
	}
	return h.rows
}

// addEncoded hashes each distinct value once.
func (c *hashedColumn) addEncoded(rows []uint64) {
	for code := len(c.hashes); code < c.encoded.values.Len(); code++ {
		x := uint64(nullValue)
		switch v := c.encoded.values.Value(uint32(code)); {
		case v.Int:
			x = intBits(v.N)
		case !v.Null:
			x = textBits(v.Text)
		}
		c.hashes = append(c.hashes, value(x, c.seed))
	}
	for i, code := range c.encoded.codes {
		rows[i] += c.hashes[code]
	}
}

// addAll hashes a column without nulls.
func (c *hashedColumn) addAll(rows []uint64, v *dataset.Vector) {
	switch c.form {
	case dataset.AsInt:
		for i, x := range v.Ints[:len(rows)] {
			rows[i] += value(intBits(x), c.seed)
		}
	case dataset.AsFloat:
		for i, x := range v.Floats[:len(rows)] {
			rows[i] += value(floatBits(x), c.seed)
		}
	default:
		for i, x := range v.Texts[:len(rows)] {
			rows[i] += value(textBits(x), c.seed)
		}
	}
}

// value hashes one value, which may be null.
func (c *hashedColumn) value(v *dataset.Vector, row int) uint64 {
	switch {
	case v.Null(row):
		return value(nullValue, c.seed)
	case c.form == dataset.AsInt:
		return value(intBits(v.Ints[row]), c.seed)
	case c.form == dataset.AsFloat:
		return value(floatBits(v.Floats[row]), c.seed)
	}
	return value(textBits(v.Texts[row]), c.seed)
}

func textBits(s string) uint64 { return xxhash.Sum64String(s) ^ textValue }

// value mixes a value with its column: both halves of a 128-bit product.
func value(x, seed uint64) uint64 {
	hi, lo := bits.Mul64(x^seed, 0x9fb21c651e98df25)
	return hi ^ lo
}

// intBits is the bits of the double that a whole number is, as a column of
// doubles has it; numbers that no double holds are themselves.
func intBits(n int64) uint64 {
	if f := float64(n); int64(f) == n && n > -1<<53 && n < 1<<53 {
		return math.Float64bits(f)
	}
	return uint64(n)
}

// floatBits is the bits of a double: one pattern for both zeros, and one for
// every NaN.
func floatBits(x float64) uint64 {
	if x != x {
		return math.Float64bits(math.NaN())
	}
	return math.Float64bits(x + 0)
}

// fingerprint adds a batch to the fingerprints. A model's is of its answers with the
// rows they belong to.
func (w *worker) fingerprint(from *dataset.Batch) {
	rows := w.hasher.hash(from)
	keys := rows
	if len(w.ids.batch) > 0 && w.ids.place >= 0 {
		keys = w.ids.batch
	}
	eval := w.prints.eval
	for _, h := range rows {
		eval.add(h)
	}
	w.prints.eval = eval
	for m := range w.models {
		out, p := &w.batch.Models[m], w.prints.models[m]
		for i, key := range keys {
			h := key
			if out.Class != nil {
				h = value(h, uint64(out.Class[i])|1<<32)
			}
			if out.Score != nil {
				h = value(h^floatBits(out.Score[i]), 3)
			} else if out.True != nil {
				h = value(h^floatBits(out.True[i]), 5)
				h = value(h^floatBits(out.Top[i]), 7)
			}
			p.add(h)
		}
		w.prints.models[m] = p
	}
}
