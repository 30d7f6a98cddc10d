package profile

import (
	"math"

	"github.com/cespare/xxhash/v2"
)

// Allowed says which values of a column may be.
type Allowed struct {
	Low, High float64                // of numbers; infinities: no end
	Text      func(text string) bool // of texts; nil: any
}

// Outside counts the values that may not be.
type Outside struct {
	Below, Above uint64     // numbers, infinities among them
	Texts        uint64     // rows
	Examples     []Category // texts, the most frequent first: all, or those with the smallest hashes
}

// Rows are all of them.
func (o *Outside) Rows() uint64 { return o.Below + o.Above + o.Texts }

// with is what two parts of a table have outside; nil where one was not looked at.
func (o *Outside) with(other *Outside) *Outside {
	if o == nil || other == nil {
		return nil
	}
	rows := map[string]uint64{}
	for _, list := range [2][]Category{o.Examples, other.Examples} {
		for _, c := range list {
			rows[c.Text] += c.Rows
		}
	}
	examples, _ := named(rows)
	return &Outside{o.Below + other.Below, o.Above + other.Above, o.Texts + other.Texts, examples}
}

// beyond counts what may not be in one thread; nil: all may.
type beyond struct {
	Allowed
	below, above, texts uint64
	fresh               fresh
}

func (g *grid) beyond() *beyond {
	if g.allowed == nil || g.kind.textual() && g.allowed.Text == nil {
		return nil
	}
	return &beyond{Allowed: *g.allowed, fresh: newFresh()}
}

// numbers are finite ones, the least and the largest of which are known.
func (b *beyond) numbers(low, high float64, list []float64) {
	if b == nil || low >= b.Low && high <= b.High {
		return
	}
	for _, x := range list {
		switch {
		case x < b.Low:
			b.below++
		case x > b.High:
			b.above++
		}
	}
}

func (b *beyond) text(text string, rows uint64) {
	if b == nil || b.Text(text) {
		return
	}
	b.texts += rows
	b.fresh.add(text, xxhash.Sum64String(text), rows)
}

func (b *beyond) merge(o *beyond) {
	if b == nil {
		return
	}
	b.below += o.below
	b.above += o.above
	b.texts += o.texts
	b.fresh.merge(&o.fresh)
}

// ofNumbers has infinities too, where there is an end.
func (b *beyond) ofNumbers(n *Numbers) *Outside {
	if b == nil {
		return nil
	}
	o := &Outside{Below: b.below, Above: b.above}
	if !math.IsInf(b.Low, -1) {
		o.Below += n.MinusInfinity
	}
	if !math.IsInf(b.High, 1) {
		o.Above += n.PlusInfinity
	}
	return o
}

func (b *beyond) ofTexts() *Outside {
	if b == nil {
		return nil
	}
	b.fresh.thin()
	return &Outside{Texts: b.texts, Examples: sorted(b.fresh.rows)}
}

// Quarters of an hour in a day.
const Quarters = 96

// quarter is that of a time in microseconds, before 1970 too.
func quarter(microseconds float64) int {
	const length, day = 15 * 60 * 1_000_000, Quarters * 15 * 60 * 1_000_000
	return int((int64(microseconds)%day + day) % day / length)
}
