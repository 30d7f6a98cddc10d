package guess

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/predict"
)

// mostValues is the most different values that are kept of a column.
const mostValues = predict.MaxClasses

// mostCounted is the most columns of many values whose different values are
// counted, which may take memory and a pass each: those that may be an id.
const mostCounted = 8

// Look reads all rows of a source once and says what its columns hold.
func Look(ctx context.Context, source dataset.Source, path string) (Table, error) {
	t := Table{Path: path, Rows: source.Rows()}
	columns := source.Columns()
	request := dataset.Request{}
	var seen []int // the columns that are looked at
	for i, c := range columns {
		t.Columns = append(t.Columns, Column{Column: c, Rows: t.Rows})
		if c.Kind != dataset.Other && c.Twin == "" {
			request.Fields = append(request.Fields, dataset.Field{Column: c.Name, Form: formOf(c.Kind)})
			seen = append(seen, i)
		}
	}
	if len(seen) == 0 {
		return t, nil
	}
	var lookers []looker // one for each thread
	err := source.Scan(ctx, request, func() dataset.Sink {
		lookers = append(lookers, newLooker(request.Fields))
		return lookers[len(lookers)-1]
	})
	if err != nil {
		return t, err
	}
	all := newLooker(request.Fields)
	for _, l := range lookers {
		all.merge(l)
	}
	for k, i := range seen {
		all[k].describe(&t.Columns[i])
	}
	return t, countIDs(ctx, source, &t)
}

func formOf(kind dataset.Kind) dataset.Form {
	switch kind {
	case dataset.Integer:
		return dataset.AsInt
	case dataset.Wide, dataset.Float, dataset.Decimal:
		return dataset.AsFloat
	}
	return dataset.AsText
}

// countIDs counts the different values of columns that may be an id.
func countIDs(ctx context.Context, source dataset.Source, t *Table) error {
	var list []*Column
	for i := range t.Columns {
		c := &t.Columns[i]
		if c.Many && c.Nulls == 0 && (c.Kind == dataset.Integer || c.Kind == dataset.Wide || c.Kind == dataset.Text) {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b *Column) int { return cmp.Compare(idRank(b.Name), idRank(a.Name)) })
	for _, c := range list[:min(len(list), mostCounted)] {
		var err error
		if c.Distinct, err = source.Distinct(ctx, c.Name); err != nil {
			return err
		}
	}
	return nil
}

// looker is the sink of one thread: what it has seen of each column.
type looker []*counts

func newLooker(fields []dataset.Field) looker {
	l := make(looker, len(fields))
	for i, f := range fields {
		l[i] = &counts{form: f.Form, min: math.Inf(1), max: math.Inf(-1)}
	}
	return l
}

// Consume implements dataset.Sink.
func (l looker) Consume(b *dataset.Batch) error {
	for i := range b.Vectors {
		l[i].add(&b.Vectors[i], b.Rows)
	}
	return nil
}

// merge adds what another thread has seen. The order makes no difference.
func (l looker) merge(o looker) {
	for i, c := range o {
		l[i].merge(c)
	}
}

// counts is what has been seen of one column.
type counts struct {
	form     dataset.Form
	nulls    uint64
	ints     tally[int64]
	floats   tally[float64]
	texts    tally[string]
	min, max float64
	fraction bool
	odd      bool
}

func (c *counts) add(v *dataset.Vector, rows int) {
	for i := range rows {
		if v.Null(i) {
			c.nulls++
			continue
		}
		switch c.form {
		case dataset.AsInt:
			c.see(float64(v.Ints[i]))
			c.ints.add(v.Ints[i])
		case dataset.AsFloat:
			c.see(v.Floats[i])
			if !math.IsNaN(v.Floats[i]) {
				c.floats.add(v.Floats[i] + 0) // -0 becomes 0
			}
		default:
			c.texts.add(v.Texts[i])
		}
	}
}

func (c *counts) see(x float64) {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		c.odd = true
		return
	}
	c.min, c.max = min(c.min, x), max(c.max, x)
	c.fraction = c.fraction || x != math.Trunc(x)
}

func (c *counts) merge(o *counts) {
	c.nulls += o.nulls
	c.min, c.max = min(c.min, o.min), max(c.max, o.max)
	c.fraction, c.odd = c.fraction || o.fraction, c.odd || o.odd
	c.ints.merge(&o.ints)
	c.floats.merge(&o.floats)
	c.texts.merge(&o.texts)
}

// describe writes down what has been seen.
func (c *counts) describe(to *Column) {
	to.Nulls, to.Odd = c.nulls, c.odd
	if to.number() {
		to.Min, to.Max, to.Whole = c.min, c.max, !c.fraction && !c.odd
	}
	switch c.form {
	case dataset.AsInt:
		to.Values, to.Many = c.ints.values(func(n int64) string { return strconv.FormatInt(n, 10) })
	case dataset.AsFloat:
		to.Values, to.Many = c.floats.values(func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) })
	default:
		to.Values, to.Many = c.texts.values(func(s string) string { return predict.Canonical(s, to.Kind) })
	}
	to.Distinct = uint64(len(to.Values))
}

// tally counts values, as long as there are not too many.
type tally[K cmp.Ordered] struct {
	counts map[K]*uint64 // pointers: an assignment would put a key of the batch in place of the own one
	many   bool
}

func (t *tally[K]) add(key K) {
	switch n := t.counts[key]; {
	case n != nil:
		*n++
	case !t.many:
		t.count(owned(key), 1)
	}
}

// count adds to a value; its key outlives the batch.
func (t *tally[K]) count(key K, n uint64) {
	if t.counts == nil {
		t.counts = map[K]*uint64{}
	}
	if have := t.counts[key]; have != nil {
		*have += n
		return
	}
	t.counts[key] = &n
	if len(t.counts) > mostValues {
		t.counts, t.many = nil, true
	}
}

// owned is a key that outlives its batch.
func owned[K cmp.Ordered](key K) K {
	if s, ok := any(key).(string); ok {
		return any(strings.Clone(s)).(K)
	}
	return key
}

func (t *tally[K]) merge(o *tally[K]) {
	if o.many {
		t.counts, t.many = nil, true
	}
	for key, n := range o.counts {
		if t.many {
			return
		}
		t.count(key, *n)
	}
}

// values are the values, the most frequent first.
func (t *tally[K]) values(text func(K) string) ([]dataset.Value, bool) {
	list := make([]dataset.Value, 0, len(t.counts))
	for key, n := range t.counts {
		list = append(list, dataset.Value{Text: text(key), Rows: *n})
	}
	slices.SortFunc(list, func(a, b dataset.Value) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Text, b.Text))
	})
	return list, t.many
}
