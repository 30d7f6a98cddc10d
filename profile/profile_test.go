package profile

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"

	"pgregory.net/rapid"

	"github.com/noworse/noworse/dataset"
)

// odd draws numbers of every size, some of them often, NaN and infinities among them.
func odd(t *rapid.T, name string) []float64 {
	one := rapid.OneOf(
		rapid.Float64(),
		rapid.Float64Range(-1, 1),
		rapid.Map(rapid.IntRange(-3, 3), func(i int) float64 { return float64(i) }),
		rapid.SampledFrom([]float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64, afterZero}),
	)
	return rapid.SliceOfN(one, 0, 300).Draw(t, name)
}

func finite(numbers []float64) []float64 {
	c := SampleColumn{Kind: Number, Null: make([]bool, len(numbers)), Numbers: numbers}
	return c.finite()
}

func TestCountsAreThoseOfEveryEdge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		reference, current := finite(odd(t, "reference")), finite(odd(t, "current"))
		l := newLookup(edges(reference, quantiles(reference)))
		counts := make([]uint64, len(l.edges)+1)
		l.count(counts, current)
		want := make([]uint64, len(l.edges)+1)
		for _, x := range current {
			want[sort.Search(len(l.edges), func(i int) bool { return l.edges[i] > x })]++
		}
		if !slices.Equal(counts, want) {
			t.Fatalf("edges %v, numbers %v: counts %v, want %v", l.edges, current, counts, want)
		}
	})
}

func TestEdges(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	many := make([]float64, 50_000)
	for i := range many {
		many[i] = r.NormFloat64()
		if i%10 == 0 {
			many[i] = 3 // a number that is frequent by itself
		}
	}
	slices.Sort(many)
	list := edges(many, quantiles(many))
	if len(list) > 1024 {
		t.Errorf("%d edges", len(list))
	}
	counts := make([]uint64, len(list)+1)
	newLookup(list).count(counts, many)
	most := 0
	for i, n := range counts {
		if i > 0 && list[i-1] == 3 {
			if n != 5_000 {
				t.Errorf("3 is %d times in a bin of its own, want 5,000", n)
			}
			continue
		}
		most = max(most, int(n))
	}
	if most > 100 {
		t.Errorf("a bin has %d of 50,000 rows", most)
	}
	few := edges([]float64{-1, 2, 2, 7.5}, nil)
	if want := []float64{-1, next(-1), 0, afterZero, 2, next(2), 7.5, next(7.5)}; !slices.Equal(few, want) {
		t.Errorf("edges of few numbers are %v, want %v", few, want)
	}
}

func TestMoments(t *testing.T) {
	// NIST, Statistical Reference Datasets, NumAcc4: mean 10000000.2, standard deviation 0.1.
	numbers := []float64{10000000.2}
	for range 500 {
		numbers = append(numbers, 10000000.1, 10000000.3)
	}
	m := newMoments(10000000.1, 10000000.3, 10000000.2)
	m.add(numbers)
	if math.Abs(m.Mean()-10000000.2) > 1e-8 || math.Abs(m.SD()-.1) > 1e-8 {
		t.Errorf("mean %v, standard deviation %v", m.Mean(), m.SD())
	}
	var none Moments
	if !math.IsNaN(none.Mean()) || !math.IsNaN(none.SD()) {
		t.Error("no numbers have a mean")
	}
	// Far outside of the reference's numbers: numpy 2.4.6, mean and std(ddof=1) of
	// [1, 2, 3, 1e300] and of [1, 2, 3, 1e6].
	far := newMoments(1, 3, 2)
	far.add([]float64{1, 2, 3, 1e6})
	if got := far.Mean(); got != 250001.5 {
		t.Errorf("mean %v", got)
	}
	if got := far.SD(); math.Abs(got-499999.00000066665) > 1e-9 {
		t.Errorf("standard deviation %v", got)
	}
	far.add([]float64{1e300})
	if !math.IsNaN(far.SD()) {
		t.Error("squares beyond all numbers have a standard deviation")
	}
}

func TestDistinct(t *testing.T) {
	for _, n := range []int{0, 1, 2, 100, 5_000, 20_000, 1_000_000} {
		d := newDistinct()
		for i := range n {
			d.add(hashNumber(float64(i)))
			d.add(hashNumber(float64(i)))
		}
		if got := d.Estimate(); math.Abs(got-float64(n)) > .05*float64(n)+.01 {
			t.Errorf("%v of %d", got, n)
		}
	}
}

// table is rows of three columns as a scan hands them over, in batches.
type table struct {
	numbers []float64
	null    []bool
	texts   []string
	codes   *coded
}

type coded struct{ texts []string }

func (c *coded) Value(code uint32) (string, bool) { return c.texts[code], c.texts[code] == "\x00" }

func (c *coded) code(text string) uint32 {
	i := slices.Index(c.texts, text)
	if i < 0 {
		c.texts = append(c.texts, text)
		i = len(c.texts) - 1
	}
	return uint32(i)
}

func (x *table) batch(rows []int) *dataset.Batch {
	s := Sample{Rows: len(rows), Columns: []SampleColumn{{Kind: Number}, {Kind: Text}}}
	var codes []uint32
	for _, i := range rows {
		for j := range s.Columns {
			s.Columns[j].Null = append(s.Columns[j].Null, x.null[i])
		}
		s.Columns[0].Numbers = append(s.Columns[0].Numbers, x.numbers[i])
		s.Columns[1].Texts = append(s.Columns[1].Texts, x.texts[i])
		text := x.texts[i]
		if x.null[i] {
			text = "\x00"
		}
		codes = append(codes, x.codes.code(text))
	}
	b := s.batch()
	b.Vectors = append(b.Vectors, dataset.Vector{Codes: codes, Dictionary: x.codes})
	return b
}

// count counts rows in two threads, split at a place.
func (x *table) count(t *rapid.T, grids []*grid, order []int, split int) []byte {
	forms := []dataset.Form{dataset.AsFloat, dataset.AsText, dataset.AsCode}
	threads := make([][]counter, 2)
	for k, rows := range [][]int{order[:split], order[split:]} {
		for i, g := range grids {
			threads[k] = append(threads[k], g.counter(forms[i]))
			b := x.batch(rows)
			threads[k][i].count(&b.Vectors[i], b.Rows)
		}
	}
	p := &Profile{Rows: uint64(len(order))}
	for i, g := range grids {
		threads[0][i].merge(threads[1][i])
		c := &Column{Name: fmt.Sprint(i), Kind: g.kind}
		threads[0][i].column(c)
		p.Columns = append(p.Columns, c)
	}
	data, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func drawTable(t *rapid.T) *table {
	x := &table{numbers: odd(t, "numbers"), codes: new(coded)}
	n := len(x.numbers)
	x.null = rapid.SliceOfN(rapid.Bool(), n, n).Draw(t, "null")
	text := rapid.OneOf(rapid.StringMatching(`[ab ]{0,3}`), rapid.StringMatching(`-?[0-9.]{1,4}e?`))
	x.texts = rapid.SliceOfN(text, n, n).Draw(t, "texts")
	return x
}

func (x *table) grids(own bool) []*grid {
	rows := make([]int, len(x.numbers)/2)
	for i := range rows {
		rows[i] = i
	}
	s := Sample{Rows: len(rows), Columns: []SampleColumn{
		{Kind: Number, Null: x.null[:len(rows)], Numbers: x.numbers[:len(rows)]}, {Kind: Text, Null: x.null[:len(rows)], Texts: x.texts[:len(rows)]}}}
	list := []*grid{gridOf(&s.Columns[0]), gridOf(&s.Columns[1]), gridOf(&s.Columns[1])}
	for _, g := range list {
		g.own = own
	}
	return list
}

func TestNeitherOrderNorThreadsMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawTable(t)
		n := len(x.numbers)
		order := make([]int, n)
		for i := range order {
			order[i] = i
		}
		grids := x.grids(rapid.Bool().Draw(t, "own"))
		whole := x.count(t, grids, order, n)
		shuffled := rapid.Permutation(order).Draw(t, "order")
		if parts := x.count(t, grids, shuffled, rapid.IntRange(0, n).Draw(t, "split")); !bytes.Equal(whole, parts) {
			t.Fatalf("one pass:\n%s\nin parts:\n%s", whole, parts)
		}
	})
}

func TestMergeIsOnePass(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawTable(t)
		n := len(x.numbers)
		order := make([]int, n)
		for i := range order {
			order[i] = i
		}
		split := rapid.IntRange(0, n).Draw(t, "split")
		grids := x.grids(false)
		whole := x.count(t, grids, order, n)
		a, b := decoded(t, x.count(t, grids, order[:split], 0)), decoded(t, x.count(t, grids, order[split:], 0))
		if err := a.Merge(b); err != nil {
			t.Fatal(err)
		}
		merged, err := a.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(whole, merged) {
			t.Fatalf("one pass:\n%s\nmerged:\n%s", whole, merged)
		}
	})
}

func decoded(t *rapid.T, data []byte) *Profile {
	p, err := Decode(data)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return p
}

func TestTextsAndCodesAreCountedAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawTable(t)
		order := make([]int, len(x.numbers))
		for i := range order {
			order[i] = i
		}
		p := decoded(t, x.count(t, x.grids(false), order, len(order)))
		p.Columns[2].Name = p.Columns[1].Name
		texts, codes := p.Columns[1].json(), p.Columns[2].json()
		if a, b := fmt.Sprint(texts.Nulls, *texts.Texts, texts.Distinct), fmt.Sprint(codes.Nulls, *codes.Texts, codes.Distinct); a != b {
			t.Fatalf("as texts %s\nas codes %s", a, b)
		}
	})
}

func TestManyFreshTexts(t *testing.T) {
	one, two, all := newFresh(), newFresh(), newFresh()
	for i := range 20_000 {
		text := fmt.Sprint("t", i%7_000)
		hash := hashNumber(float64(i % 7_000))
		all.add(text, hash, 1)
		if i%3 == 0 {
			one.add(text, hash, 1)
		} else {
			two.add(text, hash, 1)
		}
	}
	one.merge(&two)
	one.thin()
	all.thin()
	if len(all.rows) != mostFresh || all.all() != 20_000 {
		t.Errorf("%d texts, %d rows", len(all.rows), all.all())
	}
	if fmt.Sprint(one.rows, one.rest) != fmt.Sprint(all.rows, all.rest) {
		t.Error("two threads keep others than one")
	}
}

func TestProfilesOfOtherGridsDoNotMerge(t *testing.T) {
	grid := func(numbers ...float64) *Profile {
		c := SampleColumn{Kind: Number, Null: make([]bool, len(numbers)), Numbers: numbers}
		counter := gridOf(&c).counter(dataset.AsFloat)
		column := &Column{Name: "x", Kind: Number}
		counter.column(column)
		return &Profile{Columns: []*Column{column}}
	}
	if err := grid(1, 2).Merge(grid(1, 3)); !errors.Is(err, ErrGrid) {
		t.Errorf("%v", err)
	}
	if err := grid(1, 2).Merge(&Profile{}); !errors.Is(err, ErrGrid) {
		t.Errorf("%v", err)
	}
	if err := grid(1, 2).Merge(grid(1, 2)); err != nil {
		t.Error(err)
	}
}

func TestQuantilesAreNumpys(t *testing.T) {
	// numpy 2.4.6: np.quantile([1, 2.5, 4, 10, 11.25], [.1, .5, .9, .99]).
	sorted := []float64{1, 2.5, 4, 10, 11.25}
	for share, want := range map[float64]float64{.1: 1.6, .5: 4, .9: 10.75, .99: 11.2} {
		if got := Quantile(sorted, share); got != want {
			t.Errorf("%v: %v, want %v", share, got, want)
		}
	}
}

func TestWhatIsNoProfileIsRefused(t *testing.T) {
	c := SampleColumn{Kind: Number, Null: make([]bool, 3), Numbers: []float64{1, 2, 3}}
	counter := gridOf(&c).counter(dataset.AsFloat)
	b := (&Sample{Rows: 3, Columns: []SampleColumn{c}}).batch()
	counter.count(&b.Vectors[0], 3)
	column := &Column{Name: "x", Kind: Number}
	counter.column(column)
	good, err := (&Profile{Rows: 3, Columns: []*Column{column}}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Decode(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"nothing":          {string(good), ""},
		"cut":              {"\n", ""},
		"rows":             {`"rows":3`, `"rows":4`},
		"counts":           {`"counts":[0`, `"counts":[1`},
		"one count more":   {`"counts":[`, `"counts":[0,`},
		"edges":            {`"edges":[0`, `"edges":[9`},
		"another key":      {`"name":"x"`, `"name":"x","more":1`},
		"kind":             {`"kind":"number"`, `"kind":"text"`},
		"a negative count": {`"nulls":0`, `"nulls":-1`},
		"two columns":      {`"columns":1`, `"columns":2`},
	} {
		bad := bytes.Replace(good, []byte(change[0]), []byte(change[1]), 1)
		if bytes.Equal(bad, good) {
			t.Fatalf("%s changes nothing", name)
		}
		if _, err := Decode(bad); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Decode(bytes.Replace(good, []byte(`profile":1`), []byte(`profile":2`), 1)); err == nil || errors.Is(err, ErrCorrupt) {
		t.Errorf("another version: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"noworse_profile":1,"rows":0,"columns":0}` + "\n"))
	f.Add([]byte(`{"noworse_profile":1,"rows":2,"columns":1}` + "\n" + `{"name":"x","kind":"nested","type":"LIST","nulls":1}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Decode(data)
		if err != nil {
			return
		}
		again, err := p.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(again); err != nil {
			t.Fatalf("%v\n%s", err, again)
		}
	})
}
