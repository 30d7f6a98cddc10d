package contract

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/noworse/noworse/profile"
)

// standIns are what often stands for a missing value.
var standInNumbers = []float64{0, -1, -9, -99, -999, -9999, -99_999, 99, 999, 9999, 99_999, 999_999, math.MinInt32, math.MaxInt32}
var standInTexts = []string{"", " ", "?", "-", "--", ".", "NA", "N/A", "n/a", "na", "NaN", "nan", "NULL", "Null", "null", "None", "none", "#N/A", "missing", "Missing", "unknown", "Unknown", "0", "-1", "999"}

// frequent is a value and its share of all rows.
type frequent struct {
	text   string
	number float64
	share  float64
}

// fewestMoved is the least share of rows that is worth a reason.
const fewestMoved = .005

// missingEncoding finds a value that stands for missing ones now, or did, and what there
// is without it.
func (h *holder) missingEncoding(was *known, now *seen) (v *Violation, rest *seen) {
	n, m := float64(h.reference.Rows), float64(now.rows)
	column := h.Profile.Find(now.name)
	before := float64(missingOf(was.Column)) / n
	after := float64(missingOf(column)) / float64(h.Profile.Rows)
	moved := missingMoved(was.Column, column, h.reference.Rows, h.Profile.Rows)
	fits := func(gain, change float64) bool {
		return gain >= fewestMoved && math.Abs(gain-change) <= .1*change+4*math.Sqrt(gain/m+change/n)
	}
	switch {
	case moved && after < before:
		for _, v := range now.frequent() {
			if gain := v.share - was.share(v, n); fits(gain, before-after) && anew(now, v, v.share-gain, gain) {
				return encoded(now, v, fmt.Sprintf("%s stands where the reference had no value: %.3g %% of rows have it (%.3g %% did), and %.3g %% of rows lack a value (%.3g %% did)",
					quoted(now, v), 100*v.share, 100*was.share(v, n), 100*after, 100*before), fmt.Sprintf("read %s as missing", quoted(now, v)), m), now.without(v, gain)
			}
		}
	case moved:
		for _, v := range was.frequent(n) {
			if loss := v.share - now.share(v); fits(loss, after-before) && anew(now, v, v.share-loss, loss) {
				return encoded(now, v, fmt.Sprintf("values are missing where the reference had %s: %.3g %% of rows had it (%.3g %% do), and %.3g %% of rows lack a value (%.3g %% did)",
					quoted(now, v), 100*v.share, 100*now.share(v), 100*after, 100*before), fmt.Sprintf("read missing as %s", quoted(now, v)), m), now.with(v, loss)
			}
		}
	default:
		for _, v := range now.frequent() {
			if v.share >= fewestMoved && standsIn(now, v) && was.alone(now, v) {
				return encoded(now, v, fmt.Sprintf("%.3g %% of rows have %s, which the reference never had, and which often stands for a missing value", 100*v.share, quoted(now, v)),
					fmt.Sprintf("read %s as missing", quoted(now, v)), m), now.without(v, v.share)
			}
		}
	}
	return nil, now
}

// anew says whether a value is one that often stands for missing ones, or hardly was a
// value of the column before: the share of others moves with all that drifts.
func anew(s *seen, v frequent, usual, gain float64) bool { return standsIn(s, v) || usual < gain/20 }

// without is a sample in which so large a share of the rows lacks a value instead.
func (s *seen) without(v frequent, share float64) *seen {
	rest := *s
	rows := int(math.Round(share * float64(s.rows)))
	rest.values -= rows
	if s.texts != nil {
		rest.texts = maps.Clone(s.texts)
		if rest.texts[v.text] -= min(uint64(rows), rest.texts[v.text]); rest.texts[v.text] == 0 {
			delete(rest.texts, v.text)
		}
		return &rest
	}
	from, _ := slices.BinarySearch(s.numbers, v.number)
	rest.numbers = slices.Delete(slices.Clone(s.numbers), from, from+rows)
	return &rest
}

// with is a sample in which so large a share of the rows has a value instead of none.
func (s *seen) with(v frequent, share float64) *seen {
	rest := *s
	rows := int(math.Round(share * float64(s.rows)))
	rest.values += rows
	if s.texts != nil {
		rest.texts = maps.Clone(s.texts)
		rest.texts[v.text] += uint64(rows)
		return &rest
	}
	from, _ := slices.BinarySearch(s.numbers, v.number)
	rest.numbers = slices.Insert(slices.Clone(s.numbers), from, slices.Repeat([]float64{v.number}, rows)...)
	return &rest
}

func encoded(now *seen, v frequent, message, undo string, rows float64) *Violation {
	return &Violation{Name: MissingEncoding, Column: now.name, Message: message, Undo: undo, Examples: []Example{{Value: now.text(v), Rows: uint64(math.Round(v.share * rows))}}}
}

// text is a frequent value as it is told.
func (s *seen) text(v frequent) string {
	if s.texts != nil {
		return v.text
	}
	if s.kind == profile.Time {
		return timeText(v.number)
	}
	return number(v.number)
}

func quoted(s *seen, v frequent) string {
	if s.texts != nil {
		return strconv.Quote(v.text)
	}
	return s.text(v)
}

func standsIn(s *seen, v frequent) bool {
	if s.texts != nil {
		return slices.Contains(standInTexts, v.text)
	}
	return s.kind == profile.Number && slices.Contains(standInNumbers, v.number)
}

// mostFrequent values that are looked at.
const mostFrequent = 20

// frequent is the values that most rows of a sample have.
func (s *seen) frequent() []frequent {
	var list []frequent
	add := func(v frequent, rows int) {
		if v.share = float64(rows) / float64(s.rows); v.share >= fewestMoved/2 && rows >= 5 {
			list = append(list, v)
		}
	}
	for text, rows := range s.texts {
		add(frequent{text: text}, int(rows))
	}
	start := 0
	for i, x := range s.numbers {
		if i+1 == len(s.numbers) || s.numbers[i+1] != x {
			add(frequent{number: x}, i+1-start)
			start = i + 1
		}
	}
	return first(list)
}

func first(list []frequent) []frequent {
	slices.SortFunc(list, func(a, b frequent) int {
		return cmp.Or(cmp.Compare(b.share, a.share), cmp.Compare(a.text, b.text), cmp.Compare(a.number, b.number))
	})
	return list[:min(len(list), mostFrequent)]
}

// share is that of a value among all rows of a sample.
func (s *seen) share(v frequent) float64 {
	if s.texts != nil {
		return float64(s.texts[v.text]) / float64(s.rows)
	}
	low, _ := slices.BinarySearch(s.numbers, v.number)
	high, _ := slices.BinarySearch(s.numbers, math.Nextafter(v.number, math.Inf(1)))
	return float64(high-low) / float64(s.rows)
}

// frequent is the values that most rows of the reference have, as far as they have names
// or bins of their own.
func (k *known) frequent(rows float64) []frequent {
	var list []frequent
	if k.Texts != nil {
		for _, c := range k.Texts.Categories {
			if share := float64(c.Rows) / rows; share >= fewestMoved {
				list = append(list, frequent{text: c.Text, share: share})
			}
		}
		return first(list)
	}
	edges := k.Numbers.Edges
	for i := 1; i < len(edges); i++ {
		if share := float64(k.Numbers.Counts[i]) / rows; share >= fewestMoved && edges[i] == math.Nextafter(edges[i-1], math.Inf(1)) {
			list = append(list, frequent{number: edges[i-1], share: share})
		}
	}
	return first(list)
}

// share is that of a value among all rows of the reference, or of the bin that it is in.
func (k *known) share(v frequent, rows float64) float64 {
	if k.Texts != nil {
		if i := k.Texts.Find(v.text); i >= 0 {
			return float64(k.Texts.Categories[i].Rows) / rows
		}
		return 0
	}
	n := k.Numbers
	if !(v.number >= n.Min && v.number <= n.Max) {
		return 0
	}
	i, ok := slices.BinarySearch(n.Edges, v.number)
	if ok {
		i++
	}
	return float64(n.Counts[i]) / rows
}

// alone says whether a value that the reference has not is nearly all that it has not,
// and the others are much as they were.
func (k *known) alone(now *seen, v frequent) bool {
	if k.Texts != nil {
		if k.Texts.Rest > 0 || k.Texts.Find(v.text) >= 0 {
			return false
		}
		fresh := uint64(0)
		for text, rows := range now.texts {
			if k.Texts.Find(text) < 0 {
				fresh += rows
			}
		}
		return float64(now.texts[v.text]) >= .9*float64(fresh)
	}
	if k.n < fewestSeen || v.number >= k.Numbers.Min && v.number <= k.Numbers.Max {
		return false
	}
	var rest []float64
	fresh := 0
	for _, x := range now.numbers {
		if x != v.number {
			rest = append(rest, x)
			if x < k.Numbers.Min || x > k.Numbers.Max {
				fresh++
			}
		}
	}
	return len(rest) >= fewestSeen && fresh*10 <= len(now.numbers)-len(rest) && k.apart(rest, 0) <= max(far, noise(k.n, float64(len(rest))))
}
