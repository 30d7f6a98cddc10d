package guess

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/noworse/noworse/dataset"
)

const (
	minRows      = 50 // of a slice, as the spec has it
	mostParts    = 20 // values of a column that makes slices
	mostWhole    = 12 // values of a column of numbers that does
	mostBy       = 6  // columns that make slices: with every one a false alarm is likelier
	mostMissing  = 3
	missingShare = 0.01
)

// findSlices looks for parts of the rows that are worth a look: values of
// columns that have few, bands of age, and rows where something is missing.
func (d *Draft) findSlices() {
	data := &d.Input.Data
	if d.Input.Plain {
		return
	}
	var list []*Column
	for i := range data.Columns {
		c := &data.Columns[i]
		switch {
		case c.Twin != "" || d.spoken(c.Name) || d.answersLike(c) || strings.Contains(c.Name, "${"):
		case d.makesSlices(c):
			list = append(list, c)
		default:
			d.ages(c)
			d.gaps(c)
		}
	}
	slices.SortStableFunc(list, func(a, b *Column) int { return cmp.Compare(tells(b), tells(a)) })
	for i, c := range list {
		if i >= mostBy {
			d.LeftOut = append(d.LeftOut, c.Name)
			continue
		}
		d.By = append(d.By, Slice{Columns: []string{c.Name}, Why: d.parts(c)})
	}
}

// answersLike says whether a column is named like a model's answers, whatever
// became of it.
func (d *Draft) answersLike(c *Column) bool { return any1(words(c.Name), answerWords) }

// tells ranks columns by what their last word says: a payment_type tells more
// of who somebody is than a type_code.
func tells(c *Column) int {
	if w := words(c.Name); len(w) > 0 && telling[w[len(w)-1]] {
		return 1
	}
	return 0
}

// makesSlices says whether a column has few values, and at least two of them
// in enough rows.
func (d *Draft) makesSlices(c *Column) bool {
	most := mostParts
	if c.number() {
		most = mostWhole
	}
	if c.Many || c.Kind == dataset.Time || c.Kind == dataset.Other || len(c.Values) > most || c.number() && !c.Whole || idRank(c.Name) > 1 {
		return false
	}
	return len(c.Values) > 1 && c.Values[1].Rows >= minRows || len(c.Values) == 1 && c.Values[0].Rows >= minRows && c.Nulls >= minRows
}

// parts says what slices a column makes.
func (d *Draft) parts(c *Column) string {
	small := 0
	for _, v := range c.Values {
		if v.Rows < minRows {
			small++
		}
	}
	text := fmt.Sprintf("%d values", len(c.Values))
	if small > 0 {
		text += fmt.Sprintf(", %d of them in under %d rows and skipped", small, minRows)
	}
	if c.Nulls > 0 {
		text += ", and " + plural(c.Nulls, "row", "rows") + " without one"
	}
	return text
}

// bands are three ages of life.
var bands = []struct {
	name, where string
	low, high   float64
}{
	{"under_30", "%s < 30", 0, 30},
	{"30_to_59", "%[1]s >= 30 AND %[1]s < 60", 30, 60},
	{"60_and_over", "%s >= 60", 60, 1e9},
}

// personsAge says whether a name is that of somebody's age, and not a house's.
func personsAge(name string) bool {
	w := words(name)
	return len(w) == 1 && (w[0] == "age" || w[0] == "agep") || len(w) == 2 && (persons[w[0]] && w[1] == "age" || w[0] == "age" && w[1] == "years")
}

// ages makes bands of a column that is somebody's age.
func (d *Draft) ages(c *Column) {
	if !personsAge(c.Name) || !c.number() || c.Many || c.Odd || c.Min < 0 || c.Max > 120 || c.Max < 30 {
		return
	}
	rows := make([]uint64, len(bands))
	for _, v := range c.Values {
		age, err := strconv.ParseFloat(v.Text, 64)
		for i, b := range bands {
			if err == nil && age >= b.low && age < b.high {
				rows[i] += v.Rows
			}
		}
	}
	for i, b := range bands {
		if rows[i] >= minRows {
			d.Named = append(d.Named, Slice{Name: plainName(c.Name) + "_" + b.name, Where: fmt.Sprintf(b.where, sqlName(c.Name)), Why: plural(rows[i], "row", "rows")})
		}
	}
}

// gaps makes a slice of the rows where a column has no value: they often come
// from somewhere else than the others.
func (d *Draft) gaps(c *Column) {
	n := 0
	for _, s := range d.Named {
		if strings.HasPrefix(s.Name, "no_") {
			n++
		}
	}
	if n < mostMissing && c.Nulls >= minRows && float64(c.Nulls) >= missingShare*float64(c.Rows) && c.Rows-c.Nulls >= minRows {
		d.Named = append(d.Named, Slice{Name: "no_" + plainName(c.Name), Where: sqlName(c.Name) + " IS NULL", Why: plural(c.Nulls, "row", "rows") + " without a value"})
	}
}

// sqlName is a column in a condition.
func sqlName(name string) string {
	if bare.MatchString(name) && !reserved[strings.ToLower(name)] {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// reserved are words of SQL that no column can be called by without quotes.
var reserved = set(`all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create
	default deferrable desc describe distinct do else end except false fetch for foreign from grant group having in
	initially intersect into lambda lateral leading limit not null offset on only or order pivot placing primary qualify
	references returning select show some summarize symmetric table then to trailing true union unique unpivot using
	variadic when where window with`)
