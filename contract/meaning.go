package contract

import (
	"fmt"
	"math"
	"slices"

	"github.com/noworse/noworse/profile"
)

// Changes of meaning are found by what undoes them: a column is far from its reference
// as it is, and no further than chance once the change is undone.
const (
	far        = .1 // a distance that calls for a reason
	near       = .02
	fewestSeen = 100 // values of either side: with fewer, much fits by chance
)

// Suspects are the columns of which a sample is wanted: their values, or how many are
// missing, are not as they were.
func Suspects(reference, current *profile.Profile) []string {
	var list []string
	for _, now := range current.Columns {
		was := reference.Find(now.Name)
		if was == nil || now.Kind == profile.Nested || was.Kind == profile.Nested {
			continue
		}
		if was.Kind != now.Kind || missingMoved(was, now, reference.Rows, current.Rows) || distance(was, now) >= far/2 || cameAnew(was, now) {
			list = append(list, now.Name)
		}
	}
	return list
}

// cameAnew says whether one in 200 texts is none that the reference names, though it
// names all.
func cameAnew(was, now *profile.Column) bool {
	if was.Texts == nil || now.Texts == nil || was.Texts.Rest > 0 {
		return false
	}
	known := uint64(0)
	for _, c := range now.Texts.Categories[:now.Texts.Known] {
		known += c.Rows
	}
	return float64(now.Texts.Rows()-known) >= .005*float64(now.Texts.Rows())
}

// missingMoved says whether the share of missing values moved by half a point and more
// than chance moves it.
func missingMoved(was, now *profile.Column, n, m uint64) bool {
	p, q := float64(missingOf(was))/float64(n), float64(missingOf(now))/float64(m)
	pooled := (float64(missingOf(was)) + float64(missingOf(now))) / float64(n+m)
	return math.Abs(p-q) >= .005 && math.Abs(p-q) > 4*math.Sqrt(pooled*(1-pooled)*(1/float64(n)+1/float64(m)))
}

// distance is how far two columns of one kind are apart as the grid tells: of
// distribution functions, or of shares of categories.
func distance(was, now *profile.Column) float64 {
	if was.Numbers != nil {
		a, b := was.Numbers, now.Numbers
		n, m := a.Finite(), b.Finite()
		if n == 0 || m == 0 {
			return 0
		}
		if !slices.Equal(a.Edges, b.Edges) { // nothing is known
			return 1
		}
		worst, below, belowNow := 0.0, uint64(0), uint64(0)
		for i := range a.Edges {
			below += a.Counts[i]
			belowNow += b.Counts[i]
			worst = max(worst, math.Abs(float64(below)/float64(n)-float64(belowNow)/float64(m)))
		}
		return worst
	}
	n, m := float64(was.Texts.Rows()), float64(now.Texts.Rows())
	if n == 0 || m == 0 {
		return 0
	}
	sum := math.Abs(float64(was.Texts.Rest)/n - float64(now.Texts.Rest)/m)
	for i, c := range now.Texts.Categories {
		share := 0.0
		if i < was.Texts.Known && i < now.Texts.Known {
			share = float64(was.Texts.Categories[i].Rows) / n
		}
		sum += math.Abs(float64(c.Rows)/m - share)
	}
	return sum / 2
}

// known is a column of the reference, ready to be compared with.
type known struct {
	*profile.Column
	n     float64            // values
	below []float64          // the share of numbers below each edge
	atoms map[float64]uint64 // numbers and their rows, where few are different; else nil
}

// seen is the sample of a column of the current table.
type seen struct {
	name    string
	kind    profile.Kind
	rows    int
	missing int
	numbers []float64 // finite ones, in order
	texts   map[string]uint64
	values  int
}

func newKnown(c *profile.Column) *known {
	k := &known{Column: c}
	if n := c.Numbers; n != nil {
		k.n = float64(n.Finite())
		below := uint64(0)
		for i := range n.Edges {
			below += n.Counts[i]
			k.below = append(k.below, float64(below)/k.n)
		}
		k.atoms = atomsOf(n)
		return k
	}
	k.n = float64(c.Texts.Rows())
	return k
}

// atomsOf is the numbers of a column, where each has a bin of its own and they are few.
func atomsOf(n *profile.Numbers) map[float64]uint64 {
	const most = 60
	list := map[float64]uint64{}
	all := uint64(0)
	for i := 1; i < len(n.Edges); i++ {
		if n.Counts[i] > 0 && n.Edges[i] == math.Nextafter(n.Edges[i-1], math.Inf(1)) {
			list[n.Edges[i-1]] = n.Counts[i]
			all += n.Counts[i]
		}
	}
	if all != n.Finite() || len(list) > most {
		return nil
	}
	return list
}

func newSeen(c *profile.SampleColumn, rows int) *seen {
	s := &seen{name: c.Name, kind: c.Kind, rows: rows}
	if c.Kind == profile.Number || c.Kind == profile.Time {
		for i, x := range c.Numbers {
			switch {
			case c.Null[i] || math.IsNaN(x):
				s.missing++
			case !math.IsInf(x, 0):
				s.numbers = append(s.numbers, x+0)
			}
		}
		slices.Sort(s.numbers)
		s.values = len(s.numbers)
		return s
	}
	s.texts = map[string]uint64{}
	for i, t := range c.Texts {
		if c.Null[i] {
			s.missing++
			continue
		}
		s.texts[t]++
	}
	s.values = rows - s.missing
	return s
}

// noise is what distribution functions of two samples are apart with a chance of one in
// a thousand, and what is near enough in any case.
func noise(n, m float64) float64 {
	return max(near, 1.949*math.Sqrt((n+m)/(n*m)))
}

// Of numbers in order, apart is the largest distance of their distribution function from
// a known one's, over its edges. Numbers that are off an edge by no more than rounding
// are on the side that fits.
func (k *known) apart(numbers []float64, rounding float64) float64 {
	if len(numbers) == 0 || k.n == 0 {
		return 1
	}
	reach := max(math.Abs(k.Numbers.Min), math.Abs(k.Numbers.Max)) * 1e-9
	worst, low, high := 0.0, 0, 0
	m := float64(len(numbers))
	for i, edge := range k.Numbers.Edges {
		slack := math.Abs(edge)*1e-6 + reach + rounding
		for low < len(numbers) && numbers[low] < edge-slack {
			low++
		}
		for high < len(numbers) && numbers[high] < edge+slack {
			high++
		}
		worst = max(worst, k.below[i]-float64(high)/m, float64(low)/m-k.below[i])
	}
	return worst
}

// gap adds up how far shares are apart (total variation), and what chance puts between
// two samples of one population: absolute values of normal ones.
type gap struct{ apart, mean, variance float64 }

// add takes a share p of n and a share q of m.
func (g *gap) add(p, q, n, m float64) {
	g.apart += math.Abs(p-q) / 2
	pooled := (p*n + q*m) / (n + m)
	variance := pooled * (1 - pooled) * (1/n + 1/m)
	g.mean += math.Sqrt(variance / 2 / math.Pi)
	g.variance += variance * (1 - 2/math.Pi) / 4
}

// chance is hardly ever passed by chance alone.
func (g *gap) chance() float64 { return g.mean + 4*math.Sqrt(g.variance) }

// textsApart is how far shares of texts are from a known column's (total variation), and what
// chance puts between two samples of one population.
func (k *known) textsApart(texts map[string]uint64) (apart, chance float64) {
	m := 0.0
	for _, rows := range texts {
		m += float64(rows)
	}
	if m == 0 || k.n == 0 {
		return 1, near
	}
	var g gap
	named := 0.0
	for _, c := range k.Texts.Categories {
		q := float64(texts[c.Text]) / m
		named += q
		g.add(float64(c.Rows)/k.n, q, k.n, m)
	}
	g.add(float64(k.Texts.Rest)/k.n, max(0, 1-named), k.n, m)
	return g.apart, max(near, g.chance())
}

// findMeanings looks for each suspect's change of meaning.
func (h *holder) findMeanings() {
	var all []*seen
	refs := map[string]*known{}
	for i := range h.Sample.Columns {
		s := newSeen(&h.Sample.Columns[i], h.Sample.Rows)
		was := h.reference.Find(s.name)
		if c := h.contract.Find(s.name); was == nil || c == nil || c.Ignore || was.Kind == profile.Nested {
			continue
		}
		refs[s.name] = newKnown(was)
		all = append(all, s)
	}
	h.findSwaps(all, refs)
	for _, s := range all {
		if len(h.meanings[s.name]) > 0 {
			continue
		}
		h.meanings[s.name] = h.meaning(refs[s.name], s)
	}
	h.findZones()
}

// meaning is what explains one column by itself: what stands for missing values, and what
// happened to the others.
func (h *holder) meaning(was *known, now *seen) []Violation {
	if was.Kind != now.kind {
		return nil
	}
	var list []Violation
	if v, rest := h.missingEncoding(was, now); v != nil {
		list, now = append(list, *v), rest
	}
	if v := h.otherMeaning(was, now); v != nil {
		list = append(list, *v)
	}
	return list
}

func (h *holder) otherMeaning(was *known, now *seen) *Violation {
	if was.n < fewestSeen || now.values < fewestSeen {
		return nil
	}
	if h.contract.Find(now.name).Unique { // ids have no unit
		return nil
	}
	switch was.Kind {
	case profile.Number:
		if v := unitChange(was, now); v != nil {
			return v
		}
		return recodedNumbers(was, now)
	case profile.Text, profile.Boolean:
		return recoded(was, now)
	}
	return nil
}

// most pairs of columns that are tried for having been swapped.
const mostSwapped = 200

// findSwaps looks for pairs of which each looks as the other did.
func (h *holder) findSwaps(all []*seen, refs map[string]*known) {
	var list []*seen
	for _, s := range all {
		was := refs[s.name]
		if s.values >= fewestSeen && was.n >= fewestSeen && (s.kind != was.Kind || looks(was, s) > max(far, noiseOf(was, s))) {
			list = append(list, s)
		}
	}
	list = list[:min(len(list), mostSwapped)]
	for i, a := range list {
		for _, b := range list[i+1:] {
			if len(h.meanings[a.name]) > 0 || len(h.meanings[b.name]) > 0 || refs[a.name].Kind != b.kind || refs[b.name].Kind != a.kind {
				continue
			}
			x, y := looks(refs[b.name], a), looks(refs[a.name], b)
			if x > noiseOf(refs[b.name], a) || y > noiseOf(refs[a.name], b) {
				continue
			}
			h.swap(a, b, refs, x)
			h.swap(b, a, refs, y)
		}
	}
}

func (h *holder) swap(a, b *seen, refs map[string]*known, after float64) {
	before := 1.0
	if refs[a.name].Kind == a.kind {
		before = looks(refs[a.name], a)
	}
	h.meanings[a.name] = []Violation{{Name: SwappedColumns, Column: a.name, Other: b.name,
		Message:  fmt.Sprintf("its values are those that %q had in the reference, and the other way round: the two columns are swapped", b.name),
		Undo:     fmt.Sprintf("swap it with %s", b.name),
		Distance: &Distance{before, after, noiseOf(refs[b.name], a)}}}
}

// looks is how far a sample is from a known column of its kind.
func looks(was *known, now *seen) float64 {
	if was.Numbers != nil {
		return was.apart(now.numbers, 0)
	}
	d, _ := was.textsApart(now.texts)
	return d
}

func noiseOf(was *known, now *seen) float64 {
	if was.Numbers != nil {
		return noise(was.n, float64(now.values))
	}
	_, chance := was.textsApart(now.texts)
	return chance
}
