package live

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/model"
)

// frame is rows for a model, with their places in the evaluation set.
type frame struct {
	model.Frame
	positions []int64
}

// frames hands all rows to a function, in frames of up to frameRows, on as many
// threads as the source has. nullable says which columns have nulls somewhere; nil:
// not known yet.
func frames(ctx context.Context, source dataset.Source, what Request, nullable []bool, use func(*frame) error) error {
	var mu sync.Mutex
	var all []*framer
	template := newFramer(what, nullable)
	err := source.Scan(ctx, dataset.Request{Fields: template.fields, NotNull: what.NotNull}, func() dataset.Sink {
		f := newFramer(what, nullable)
		f.use = use
		mu.Lock()
		defer mu.Unlock()
		all = append(all, f)
		return f
	})
	for _, f := range all { // what is left of each thread
		if err == nil && f.frame.Rows > 0 {
			err = use(f.frame)
		}
	}
	return err
}

// framer gathers batches into frames: it copies, since a batch is gone after the
// call.
type framer struct {
	fields  []dataset.Field
	columns []dataset.Column
	frame   *frame
	use     func(*frame) error
	texts   map[string]string // seen before, so that each is copied once
}

// mostTexts bounds the texts that are remembered.
const mostTexts = 1 << 16

func newFramer(what Request, nullable []bool) *framer {
	f := &framer{columns: what.Features, texts: map[string]string{}, frame: &frame{}}
	f.fields = []dataset.Field{{Form: dataset.Position}}
	for i, c := range what.Features {
		column := model.Column{Name: c.Name, Kind: kindOf(c), Nullable: nullable != nil && nullable[i]}
		f.frame.Columns = append(f.frame.Columns, column)
		f.fields = append(f.fields, dataset.Field{Column: c.Name, Form: formOf(column.Kind)})
	}
	return f
}

// kindOf is what a model is given of a column: a number, a text, a boolean or a
// moment.
func kindOf(c dataset.Column) dataset.Kind {
	switch c.Kind {
	case dataset.Integer, dataset.Text, dataset.Bool:
		return c.Kind
	case dataset.Time:
		if c.Type == "DATE" || strings.HasPrefix(c.Type, "TIMESTAMP") {
			return dataset.Time
		}
		return dataset.Text
	}
	return dataset.Float
}

func formOf(k dataset.Kind) dataset.Form {
	switch k {
	case dataset.Integer:
		return dataset.AsInt
	case dataset.Float:
		return dataset.AsFloat
	case dataset.Bool:
		return dataset.AsBool
	}
	return dataset.AsText
}

// Consume implements dataset.Sink.
func (f *framer) Consume(b *dataset.Batch) error {
	f.frame.positions = append(f.frame.positions, b.Vectors[0].Ints[:b.Rows]...)
	for i := range f.frame.Columns {
		if err := f.add(&f.frame.Columns[i], &b.Vectors[1+i], b.Rows); err != nil {
			return err
		}
	}
	f.frame.Rows += b.Rows
	if f.frame.Rows < frameRows {
		return nil
	}
	err := f.use(f.frame)
	f.frame.clear()
	return err
}

// add copies one vector behind the rows that a column has.
func (f *framer) add(to *model.Column, v *dataset.Vector, rows int) error {
	before := f.frame.Rows
	for i := range rows {
		if v.Null(i) {
			to.Valid = grown(to.Valid, before, before+i)
			to.Nullable = true
		} else if to.Valid != nil {
			to.Valid = grown(to.Valid, before, before+i)
			to.Valid[(before+i)>>6] |= 1 << ((before + i) & 63)
		}
	}
	switch to.Kind {
	case dataset.Integer:
		to.Ints = append(to.Ints, v.Ints[:rows]...)
	case dataset.Float:
		to.Floats = append(to.Floats, v.Floats[:rows]...)
		for i := range rows {
			if v.Null(i) {
				to.Floats[before+i] = nan
			}
		}
	case dataset.Bool:
		for _, b := range v.Bools[:rows] {
			to.Ints = append(to.Ints, int64(min(b, 1)))
		}
	case dataset.Time:
		return addTimes(to, v, rows)
	default:
		for _, t := range v.Texts[:rows] {
			to.Texts = append(to.Texts, f.intern(t))
		}
	}
	if to.Kind != dataset.Float && v.Valid != nil {
		blank(to, v, before, rows)
	}
	return nil
}

// blank clears what stands where there is no value: it is any bytes in a batch.
func blank(to *model.Column, v *dataset.Vector, before, rows int) {
	for i := range rows {
		if !v.Null(i) {
			continue
		}
		if to.Ints != nil {
			to.Ints[before+i] = 0
		} else {
			to.Texts[before+i] = ""
		}
	}
}

// grown is a mask with room for row i, with all bits set below the rows that it
// was not kept for.
func grown(valid []uint64, before, i int) []uint64 {
	if valid == nil {
		valid = make([]uint64, 0, frameRows/32)
		for range i >> 6 {
			valid = append(valid, ^uint64(0))
		}
		valid = append(valid, 1<<(i&63)-1)
	}
	for len(valid) <= i>>6 {
		valid = append(valid, 0)
	}
	return valid
}

func (f *framer) intern(view string) string {
	if text, ok := f.texts[view]; ok {
		return text
	}
	text := strings.Clone(view)
	if len(f.texts) < mostTexts {
		f.texts[text] = text
	}
	return text
}

// timeLayouts are how DuckDB writes dates and times as texts.
var timeLayouts = []string{"2006-01-02 15:04:05.999999999-07", "2006-01-02 15:04:05.999999999-07:00", "2006-01-02 15:04:05.999999999", "2006-01-02"}

func addTimes(to *model.Column, v *dataset.Vector, rows int) error {
	for i, text := range v.Texts[:rows] {
		if v.Null(i) {
			to.Ints = append(to.Ints, 0)
			continue
		}
		t, err := parseTime(text)
		if err != nil {
			return fmt.Errorf("column %q: %q is no moment that a model can be given", to.Name, text)
		}
		to.Ints = append(to.Ints, t.UnixMicro())
	}
	return nil
}

func parseTime(text string) (t time.Time, err error) {
	for _, layout := range timeLayouts {
		if t, err = time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return t, err
}

// clear takes all rows away and keeps the memory.
func (f *frame) clear() {
	f.Rows, f.positions = 0, f.positions[:0]
	for i := range f.Columns {
		c := &f.Columns[i]
		c.Valid, c.Ints, c.Floats, c.Texts = nil, c.Ints[:0], c.Floats[:0], c.Texts[:0]
	}
}

// copyRow copies one row of another frame with the same columns.
func (f *frame) copyRow(from *frame, row int) {
	one := from.Take([]int{row})
	for i := range f.Columns {
		to, c := &f.Columns[i], &one.Columns[i]
		to.Ints, to.Floats, to.Texts = append(to.Ints, c.Ints...), append(to.Floats, c.Floats...), append(to.Texts, c.Texts...)
		to.Nullable = to.Nullable || c.Nullable
		if c.Null(0) {
			to.Valid = grown(to.Valid, f.Rows, f.Rows)
		} else if to.Valid != nil {
			to.Valid = grown(to.Valid, f.Rows, f.Rows)
			to.Valid[f.Rows>>6] |= 1 << (f.Rows & 63)
		}
	}
	f.positions = append(f.positions, from.positions[row])
	f.Rows++
}
