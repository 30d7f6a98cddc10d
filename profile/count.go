package profile

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"

	"github.com/noworse/noworse/dataset"
)

// grid is where a column is told apart: what its counters share.
type grid struct {
	kind    Kind
	lookup  *lookup
	deciles []float64
	moments Moments // empty ones
	hold    bool
	known   []string // categories
	own     bool     // they are to be found: the column is of the reference
	many    bool     // too many texts are different to be numbered
	more    bool     // the reference has others, which have no names: so nothing is known to be new
	allowed *Allowed // nil: any value is
}

// gridOf is the grid of a sample's column. A column whose categories are counted by
// code gets them when all are counted.
func gridOf(c *SampleColumn) *grid {
	g := &grid{kind: c.Kind, own: true}
	if c.Kind.numeric() {
		sorted := c.finite()
		g.deciles = quantiles(sorted)
		g.lookup = newLookup(edges(sorted, g.deciles))
		if len(sorted) > 0 {
			g.moments = newMoments(sorted[0], sorted[len(sorted)-1], sorted[len(sorted)/2])
		}
		return g
	}
	rows := map[string]uint64{}
	for i, t := range c.Texts {
		if !c.Null[i] {
			rows[t]++
		}
	}
	g.known = texts(mostFrequent(rows))
	g.many = len(rows) > 2*mostKept
	return g
}

// gridLike is the grid that a column was counted on.
func gridLike(c *Column) *grid {
	g := &grid{kind: c.Kind}
	if c.Kind.numeric() {
		g.deciles, g.lookup = c.Numbers.Deciles, newLookup(c.Numbers.Edges)
		g.moments = Moments{Origin: c.Numbers.Moments.Origin, Exponent: c.Numbers.Moments.Exponent}
		return g
	}
	g.known = texts(c.Texts.Categories[:c.Texts.Known])
	g.more = c.Texts.Rest > 0
	return g
}

func texts(list []Category) []string {
	names := make([]string, len(list))
	for i, c := range list {
		names[i] = c.Text
	}
	return names
}

// mostFrequent are the categories that are counted by name: all, or where they are too
// many, those with the most rows of those with two or more.
func mostFrequent(rows map[string]uint64) []Category {
	list := sorted(rows)
	if len(list) <= mostKept {
		return list
	}
	list = list[:mostKept]
	for len(list) > 0 && list[len(list)-1].Rows < 2 {
		list = list[:len(list)-1]
	}
	return list
}

// sorted has the categories with the most rows first.
func sorted(rows map[string]uint64) []Category {
	list := make([]Category, 0, len(rows))
	for t, n := range rows {
		list = append(list, Category{t, n})
	}
	slices.SortFunc(list, func(a, b Category) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Text, b.Text))
	})
	return list
}

// counter counts one column in one thread.
type counter interface {
	count(v *dataset.Vector, rows int)
	merge(o counter) // one of another thread, on the same grid
	column(c *Column)
}

func (g *grid) counter(form dataset.Form) counter {
	switch {
	case g.kind.numeric():
		n := Numbers{Min: math.NaN(), Max: math.NaN(), Edges: g.lookup.edges, Deciles: g.deciles, Counts: make([]uint64, len(g.lookup.edges)+1), Moments: g.moments}
		if g.hold {
			n.Values = []float64{}
		}
		if g.kind == Time {
			n.Quarters = make([]uint64, Quarters)
		}
		return &numberCounter{Numbers: n, lookup: g.lookup, distinct: newDistinct(), beyond: g.beyond()}
	case form == dataset.AsCode:
		return &codeCounter{grid: g}
	}
	t := &textCounter{grid: g, known: map[string]int{}, rows: make([]uint64, len(g.known)), fresh: newFresh(), distinct: newDistinct(), beyond: g.beyond()}
	for i, text := range g.known {
		t.known[text] = i
	}
	return t
}

// numberCounter counts numbers and times.
type numberCounter struct {
	Numbers
	lookup   *lookup
	nulls    uint64
	distinct Distinct
	beyond   *beyond
	buffer   []float64
}

func (n *numberCounter) count(v *dataset.Vector, rows int) {
	numbers := n.finite(v, rows)
	if len(numbers) == 0 {
		return
	}
	n.lookup.count(n.Counts, numbers)
	low, high := numbers[0], numbers[0]
	for _, x := range numbers {
		if x < low {
			low = x
		}
		if x > high {
			high = x
		}
	}
	n.Min, n.Max = least(n.Min, low), -least(-n.Max, -high)
	n.Moments.add(numbers)
	n.distinct.addNumbers(numbers)
	n.beyond.numbers(low, high, numbers)
	if n.Quarters != nil {
		for _, x := range numbers {
			n.Quarters[quarter(x)]++
		}
	}
	if n.Values != nil {
		n.Values = append(n.Values, numbers...)
	}
}

// finite is the finite numbers of a batch, none of them -0; it counts the others.
func (n *numberCounter) finite(v *dataset.Vector, rows int) []float64 {
	n.buffer = n.buffer[:0]
	for i := range rows {
		if v.Null(i) {
			n.nulls++
			continue
		}
		x := 0.0
		if v.Ints != nil {
			x = float64(v.Ints[i])
		} else {
			x = v.Floats[i]
		}
		if x-x != 0 {
			n.odd(x)
			continue
		}
		n.buffer = append(n.buffer, x+0)
	}
	return n.buffer
}

// odd counts what is no finite number.
func (n *numberCounter) odd(x float64) {
	switch {
	case math.IsNaN(x):
		n.NaN++
	case x > 0:
		n.PlusInfinity++
	default:
		n.MinusInfinity++
	}
}

func (n *numberCounter) merge(o counter) {
	other := o.(*numberCounter)
	n.nulls += other.nulls
	n.Numbers.merge(&other.Numbers)
	n.distinct.merge(&other.distinct)
	n.beyond.merge(other.beyond)
}

func (n *numberCounter) column(c *Column) {
	slices.Sort(n.Values)
	c.Nulls, c.Numbers, c.Distinct = n.nulls, &n.Numbers, n.distinct
	c.Outside = n.beyond.ofNumbers(&n.Numbers)
}

// codeCounter counts texts that come as codes: few different ones.
type codeCounter struct {
	*grid
	rows       []uint64 // by code
	dictionary dataset.Dictionary
}

func (t *codeCounter) count(v *dataset.Vector, rows int) {
	t.dictionary = v.Dictionary
	for _, code := range v.Codes[:rows] {
		for int(code) >= len(t.rows) {
			t.rows = append(t.rows, 0)
		}
		t.rows[code]++
	}
}

func (t *codeCounter) merge(o counter) {
	other := o.(*codeCounter)
	if t.dictionary == nil {
		t.dictionary = other.dictionary
	}
	if len(t.rows) < len(other.rows) {
		t.rows, other.rows = other.rows, t.rows
	}
	for code, n := range other.rows {
		t.rows[code] += n
	}
}

func (t *codeCounter) column(c *Column) {
	rows := map[string]uint64{}
	c.Distinct, c.Texts = newDistinct(), new(Texts)
	beyond := t.grid.beyond()
	for code, n := range t.rows {
		if n == 0 {
			continue
		}
		text, null := t.dictionary.Value(uint32(code))
		if null {
			c.Nulls = n
			continue
		}
		rows[text] += n
		c.Distinct.add(xxhash.Sum64String(text))
		c.Texts.look(text, n)
		beyond.text(text, n)
	}
	c.Texts.name(t.grid, rows)
	c.Outside = beyond.ofTexts()
}

// name counts texts by name.
func (t *Texts) name(g *grid, rows map[string]uint64) {
	if g.own {
		t.Categories = mostFrequent(rows)
		t.Known = len(t.Categories)
		t.Rest = t.Lengths.Rows - t.Rows()
		return
	}
	for _, text := range g.known {
		t.Categories = append(t.Categories, Category{text, rows[text]})
		delete(rows, text)
	}
	t.Known = len(t.Categories)
	if g.more {
		t.Rest = t.Lengths.Rows - t.Rows()
		return
	}
	list, rest := named(rows)
	t.Categories, t.Rest = append(t.Categories, list...), rest
}

// textCounter counts texts of which many may be different.
type textCounter struct {
	*grid
	known    map[string]int // their places
	rows     []uint64
	fresh    fresh
	nulls    uint64
	total    Texts
	distinct Distinct
	beyond   *beyond
}

func (t *textCounter) count(v *dataset.Vector, rows int) {
	for i, text := range v.Texts[:rows] {
		if v.Null(i) {
			t.nulls++
			continue
		}
		t.total.look(text, 1)
		t.beyond.text(text, 1)
		hash := xxhash.Sum64String(text)
		t.distinct.add(hash)
		if at, ok := t.known[text]; ok {
			t.rows[at]++
		} else {
			t.fresh.add(text, hash, 1)
		}
	}
}

func (t *textCounter) merge(o counter) {
	other := o.(*textCounter)
	for i, n := range other.rows {
		t.rows[i] += n
	}
	t.nulls += other.nulls
	t.total.merge(&other.total)
	t.fresh.merge(&other.fresh)
	t.distinct.merge(&other.distinct)
	t.beyond.merge(other.beyond)
}

func (t *textCounter) column(c *Column) {
	t.fresh.thin()
	texts := t.total
	for i, text := range t.grid.known {
		texts.Categories = append(texts.Categories, Category{text, t.rows[i]})
	}
	texts.Known = len(texts.Categories)
	if t.own || t.more {
		texts.Rest = t.fresh.all()
	} else {
		texts.Categories = append(texts.Categories, sorted(t.fresh.rows)...)
		texts.Rest = t.fresh.rest
	}
	c.Nulls, c.Texts, c.Distinct = t.nulls, &texts, t.distinct
	c.Outside = t.beyond.ofTexts()
}

// look notes how a text looks that so many rows have.
func (t *Texts) look(text string, rows uint64) {
	trimmed := strings.TrimSpace(text)
	switch {
	case text == "":
		t.Empty += rows
	case trimmed == "":
		t.Blank += rows
	case len(trimmed) < len(text):
		t.Padded += rows
	}
	if IsNumber(trimmed) {
		t.Numeric += rows
	}
	length := uint64(utf8.RuneCountInString(text))
	t.Lengths.merge(Lengths{length, length, length * rows, rows})
	t.Shapes.look(text, rows)
}

// IsNumber says whether a text reads as a number. NaN and infinities are words.
func IsNumber(text string) bool {
	if text == "" || text[len(text)-1] > '9' && text[len(text)-1] != '.' {
		return false
	}
	_, err := strconv.ParseFloat(text, 64)
	return err == nil
}

// fresh counts texts that the reference has not by name: those with the smallest hashes,
// so that it does not matter when each came. A text among them is never let go, and so
// its rows are counted whole.
type fresh struct {
	rows   map[string]uint64
	hashes map[string]uint64
	most   uint64 // hash that is kept
	rest   uint64 // rows with others
}

func newFresh() fresh {
	return fresh{rows: map[string]uint64{}, hashes: map[string]uint64{}, most: math.MaxUint64}
}

func (f *fresh) add(text string, hash, rows uint64) {
	if hash > f.most {
		f.rest += rows
		return
	}
	if _, ok := f.rows[text]; !ok {
		text = strings.Clone(text)
		f.hashes[text] = hash
	}
	f.rows[text] += rows
	if len(f.rows) > 2*mostFresh {
		f.thin()
	}
}

// thin lets go of the texts with the largest hashes.
func (f *fresh) thin() {
	if len(f.rows) > mostFresh {
		f.atMost(slices.Sorted(maps.Values(f.hashes))[mostFresh-1])
	}
}

// atMost lets go of texts with larger hashes.
func (f *fresh) atMost(hash uint64) {
	f.most = min(f.most, hash)
	for text, hash := range f.hashes {
		if hash > f.most {
			f.rest += f.rows[text]
			delete(f.rows, text)
			delete(f.hashes, text)
		}
	}
}

// merge takes what another thread has counted. What either has let go of, both do.
func (f *fresh) merge(o *fresh) {
	f.atMost(o.most)
	f.rest += o.rest
	for text, n := range o.rows {
		f.add(text, o.hashes[text], n)
	}
}

func (f *fresh) all() uint64 {
	all := f.rest
	for _, n := range f.rows {
		all += n
	}
	return all
}

// named are texts that the reference has not: all, or those with the smallest hashes,
// and the rows of others.
func named(rows map[string]uint64) (list []Category, rest uint64) {
	f := newFresh()
	for text, n := range rows {
		f.add(text, xxhash.Sum64String(text), n)
	}
	f.thin()
	return sorted(f.rows), f.rest
}
