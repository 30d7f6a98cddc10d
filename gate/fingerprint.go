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
	places []int
	forms  []dataset.Form
	seeds  []uint64
	kinds  []dataset.Kind
	rows   []uint64
}

func newRowHasher(field predict.Field, columns []dataset.Column) rowHasher {
	var h rowHasher
	for _, c := range columns {
		form := dataset.AsText
		switch c.Kind {
		case dataset.Integer:
			form = dataset.AsInt
		case dataset.Float:
			form = dataset.AsFloat
		}
		h.places = append(h.places, field(dataset.Field{Column: c.Name, Form: form}))
		h.forms = append(h.forms, form)
		h.kinds = append(h.kinds, c.Kind)
		h.seeds = append(h.seeds, xxhash.Sum64String(c.Name))
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
	for j, place := range h.places {
		v, seed := &from.Vectors[place], h.seeds[j]
		switch h.forms[j] {
		case dataset.AsInt:
			for i, x := range v.Ints[:from.Rows] {
				h.rows[i] += value(uint64(x), seed)
			}
		case dataset.AsFloat:
			for i, x := range v.Floats[:from.Rows] {
				h.rows[i] += value(floatBits(x), seed)
			}
		default:
			for i, x := range v.Texts[:from.Rows] {
				h.rows[i] += value(xxhash.Sum64String(x)^textValue, seed)
			}
		}
		h.nulls(v, j, from.Rows)
	}
	return h.rows
}

// nulls takes back what was hashed for values that are not there.
func (h *rowHasher) nulls(v *dataset.Vector, j, rows int) {
	if v.Valid == nil {
		return
	}
	for i := range rows {
		if !v.Null(i) {
			continue
		}
		var hashed uint64
		switch h.forms[j] {
		case dataset.AsInt:
			hashed = uint64(v.Ints[i])
		case dataset.AsFloat:
			hashed = floatBits(v.Floats[i])
		default:
			hashed = xxhash.Sum64String(v.Texts[i]) ^ textValue
		}
		h.rows[i] += value(nullValue, ^h.seeds[j]) - value(hashed, h.seeds[j])
	}
}

// value mixes a value with its column: both halves of a 128-bit product.
func value(x, seed uint64) uint64 {
	hi, lo := bits.Mul64(x^seed, 0x9fb21c651e98df25)
	return hi ^ lo
}

// floatBits is a whole number's two's complement, as an integer column has it,
// and else the bits of the double.
func floatBits(x float64) uint64 {
	if n := int64(x); float64(n) == x && n != math.MinInt64 {
		return uint64(n)
	}
	if x != x {
		return math.Float64bits(math.NaN())
	}
	return math.Float64bits(x)
}

// fingerprint adds a batch to the fingerprints. A model's is of its answers with the
// rows they belong to.
func (w *worker) fingerprint(from *dataset.Batch) {
	rows := w.hasher.hash(from)
	keys := rows
	if len(w.ids.batch) > 0 && w.ids.place >= 0 {
		keys = w.ids.batch
	}
	for _, h := range rows {
		w.prints.eval.add(h)
	}
	for m := range w.models {
		out, p := &w.batch.Models[m], &w.prints.models[m]
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
	}
}
