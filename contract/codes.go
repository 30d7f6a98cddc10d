package contract

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/noworse/noworse/profile"
)

// rewritings are ways in which the same categories are written otherwise.
var rewritings = []struct {
	says  string
	plain func(string) string
}{
	{"in spaces around them", strings.TrimSpace},
	{"in upper and lower case", strings.ToLower},
	{"in a fraction of 0", func(s string) string { return strings.TrimSuffix(s, ".0") }},
	{"in zeros before them", func(s string) string {
		if short := strings.TrimLeft(s, "0"); short != "" {
			return short
		}
		return s
	}},
	{"in spaces, hyphens and underscores, and in case", func(s string) string {
		return strings.ToLower(strings.NewReplacer(" ", "", "-", "", "_", "").Replace(s))
	}},
}

// recoded finds categories that are written otherwise, renamed or exchanged.
func recoded(was *known, now *seen) *Violation {
	counts := map[string]uint64{}
	for _, c := range was.Texts.Categories {
		counts[c.Text] = c.Rows
	}
	if v := rewritten(was, now, counts); v != nil {
		return v
	}
	if was.Texts.Rest > 0 || len(counts) > mostCodes || len(now.texts) > mostCodes {
		return nil
	}
	return exchanged(now.name, counts, now.texts, func(text string) string { return strconv.Quote(text) })
}

// rewritten is for texts that the reference has, once they are written as plainly as its
// own are.
func rewritten(was *known, now *seen, counts map[string]uint64) *Violation {
	before := ofKnown(now.texts, func(text string) bool { return counts[text] > 0 })
	usual := 1 - float64(was.Texts.Rest)/was.n
	if usual-before < fewestMoved || len(counts) == 0 {
		return nil
	}
	for _, r := range rewritings {
		plain := map[string]string{} // to the reference's own
		for _, c := range slices.Backward(was.Texts.Categories) {
			plain[r.plain(c.Text)] = c.Text
		}
		after := ofKnown(now.texts, func(text string) bool { _, ok := plain[r.plain(text)]; return ok })
		if usual-after > (usual-before)/20 {
			continue
		}
		v := &Violation{Name: Recoded, Column: now.name, Distance: &Distance{max(0, usual-before), max(0, usual-after), near}}
		for _, text := range slices.Sorted(maps.Keys(now.texts)) {
			if own := plain[r.plain(text)]; counts[text] == 0 && own != "" {
				v.Examples = append(v.Examples, Example{Value: text, Was: own, Rows: now.texts[text]})
			}
		}
		v.Examples = mostRows(v.Examples)
		var pairs []string
		for _, e := range v.Examples {
			pairs = append(pairs, fmt.Sprintf("%s as %s", strconv.Quote(e.Value), strconv.Quote(e.Was)))
		}
		v.Undo = "read " + strings.Join(pairs, ", ")
		v.Message = fmt.Sprintf("its categories differ from the reference's %s: %s", r.says, exampleList(v.Examples))
		return v
	}
	return nil
}

func mostRows(list []Example) []Example {
	slices.SortStableFunc(list, func(a, b Example) int { return cmp.Compare(b.Rows, a.Rows) })
	return list[:min(5, len(list))]
}

// ofKnown is the share of texts that something holds for.
func ofKnown(texts map[string]uint64, known func(string) bool) float64 {
	some, all := uint64(0), uint64(0)
	for text, rows := range texts {
		all += rows
		if known(text) {
			some += rows
		}
	}
	return float64(some) / float64(max(all, 1))
}

// mostCodes are matched with each other.
const mostCodes = 60

// exchanged finds categories that have each other's shares: sorted by their rows, both
// tables have the same shares, and as they are named they have not.
func exchanged(column string, was, now map[string]uint64, write func(string) string) *Violation {
	if len(was) < 2 || len(now) < 2 {
		return nil
	}
	a, b := byRows(was), byRows(now)
	n, m := total(was), total(now)
	var before, after gap
	for _, text := range slices.Sorted(maps.Keys(union(was, now))) {
		before.add(float64(was[text])/n, float64(now[text])/m, n, m)
	}
	for i := range max(len(a), len(b)) {
		after.add(shareAt(a, i, n), shareAt(b, i, m), n, m)
	}
	least, limit := max(far, 3*after.chance()), max(near, after.chance())
	if before.apart < least || after.apart > limit {
		return nil
	}
	v := &Violation{Name: Recoded, Column: column, Distance: &Distance{before.apart, after.apart, limit}}
	var names []string
	for i := range min(len(a), len(b)) {
		if a[i].Text == b[i].Text || !apartFromNext(a, i, n) || !apartFromNext(b, i, m) {
			continue
		}
		if len(v.Examples) < 5 {
			v.Examples = append(v.Examples, Example{Value: b[i].Text, Was: a[i].Text, Rows: b[i].Rows})
			names = append(names, fmt.Sprintf("%s as %s", write(b[i].Text), write(a[i].Text)))
		}
	}
	// Nothing is sure to have another name, or only two have, whose shares are each other's
	// sooner.
	if len(names) == 0 || len(names) <= 2 && before.apart < 1.5*far {
		return nil
	}
	v.Undo = "read " + strings.Join(names, ", ")
	v.Message = fmt.Sprintf("its categories have the reference's shares under other names (%s of rows are of another category than before): %s makes the reference's of them", percentOf(before.apart), v.Undo)
	return v
}

func shareAt(list []profile.Category, i int, all float64) float64 {
	if i >= len(list) {
		return 0
	}
	return float64(list[i].Rows) / all
}

// apartFromNext says whether a category's place in order is no chance.
func apartFromNext(list []profile.Category, i int, all float64) bool {
	p := shareAt(list, i, all)
	for _, j := range []int{i - 1, i + 1} {
		if j < 0 || j >= len(list) {
			continue
		}
		q := shareAt(list, j, all)
		if math.Abs(p-q) < 4*math.Sqrt((p+q)/all) {
			return false
		}
	}
	return true
}

func byRows(counts map[string]uint64) []profile.Category {
	var list []profile.Category
	for text, rows := range counts {
		list = append(list, profile.Category{Text: text, Rows: rows})
	}
	slices.SortFunc(list, func(a, b profile.Category) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Text, b.Text))
	})
	return list
}

func total(counts map[string]uint64) float64 {
	all := uint64(0)
	for _, rows := range counts {
		all += rows
	}
	return float64(all)
}

func union(a, b map[string]uint64) map[string]bool {
	both := map[string]bool{}
	for text := range a {
		both[text] = true
	}
	for text := range b {
		both[text] = true
	}
	return both
}

// recodedNumbers is for numbers that are codes: few different ones.
func recodedNumbers(was *known, now *seen) *Violation {
	if was.atoms == nil || len(was.atoms) > mostCodes {
		return nil
	}
	counts, current := map[string]uint64{}, map[string]uint64{}
	for x, rows := range was.atoms {
		counts[number(x)] += rows
	}
	for _, x := range now.numbers {
		current[number(x)]++
		if len(current) > mostCodes {
			return nil
		}
	}
	v := exchanged(now.name, counts, current, func(text string) string { return text })
	if v == nil || len(union(counts, current)) > len(counts) && inOrder(byRows(counts), byRows(current)) {
		return nil
	}
	return v
}

// inOrder says whether numbers that surely have each other's shares are in each other's
// order: then they grew, and are no codes.
func inOrder(was, now []profile.Category) bool {
	n, m := 0.0, 0.0
	for _, c := range was {
		n += float64(c.Rows)
	}
	for _, c := range now {
		m += float64(c.Rows)
	}
	pairs := map[float64]float64{}
	for i := range min(len(was), len(now)) {
		if apartFromNext(was, i, n) && apartFromNext(now, i, m) {
			x, _ := strconv.ParseFloat(was[i].Text, 64)
			pairs[x], _ = strconv.ParseFloat(now[i].Text, 64)
		}
	}
	last := math.Inf(-1)
	for _, x := range slices.Sorted(maps.Keys(pairs)) {
		if pairs[x] <= last {
			return false
		}
		last = pairs[x]
	}
	return true
}
