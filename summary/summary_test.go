package summary

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// row is one row of a generated set.
type row struct {
	label, candidate, baseline uint16
	score                      [2]float64
	weight                     float64
	by                         []uint32 // the true slice of each group
	named                      []bool
}

func rows(t *rapid.T, shape Shape, slicesBy int) []row {
	n := rapid.IntRange(0, 200).Draw(t, "rows")
	grid := rapid.SampledFrom([]float64{2, 7, 1e9}).Draw(t, "grid of scores")
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	list := make([]row, n)
	for i := range list {
		r := &list[i]
		r.label, r.candidate, r.baseline = uint16(rng.IntN(shape.Classes)), uint16(rng.IntN(shape.Classes)), uint16(rng.IntN(shape.Classes))
		r.score = [2]float64{math.Round(rng.Float64()*grid) / grid, math.Round(rng.Float64()*grid) / grid}
		r.weight = 1
		if shape.Weighted {
			r.weight = math.Ldexp(rng.Float64(), rng.IntN(40)-20)
		}
		for range shape.By {
			r.by = append(r.by, uint32(rng.IntN(slicesBy)))
		}
		for range shape.Named {
			r.named = append(r.named, rng.IntN(3) == 0)
		}
	}
	return list
}

// scoreOf is a model's score of a class. Those of two rows are equal where
// the row's own are.
func scoreOf(shape Shape, r row, model, class int) float64 {
	if shape.Classes == 2 {
		return r.score[model]
	}
	return math.Mod(r.score[model]*float64(class+1), 1)
}

// batch lays rows out as Add wants them; number gives the codes of slices.
func batch(shape Shape, list []row, number func(by int, slice uint32) uint32) *Batch {
	b := &Batch{Rows: len(list), Models: make([]Outputs, 2), By: make([][]uint32, shape.By), Named: make([][]uint64, shape.Named)}
	for s := range b.Named {
		b.Named[s] = make([]uint64, (len(list)+63)/64)
	}
	for i, r := range list {
		b.Label = append(b.Label, r.label)
		if shape.Weighted {
			b.Weight = append(b.Weight, r.weight)
		}
		for m, class := range []uint16{r.candidate, r.baseline} {
			o := &b.Models[m]
			o.Class, o.Score = append(o.Class, class), append(o.Score, r.score[m])
			o.True = append(o.True, math.Abs(r.score[m]-float64(1-min(r.label, 1))))
			o.Top, o.Brier = append(o.Top, max(r.score[m], 1-r.score[m])), append(o.Brier, r.score[m]*r.score[m])
		}
		for m := range b.Models {
			for k := 0; k < shape.Classes && shape.Classes > 2; k++ {
				o := &b.Models[m]
				if i == 0 {
					o.Scores = append(o.Scores, nil)
				}
				o.Scores[k] = append(o.Scores[k], scoreOf(shape, r, m, k))
			}
		}
		for by, s := range r.by {
			b.By[by] = append(b.By[by], number(by, s))
		}
		for s, in := range r.named {
			if in {
				b.Named[s][i>>6] |= 1 << (i & 63)
			}
		}
	}
	return b
}

// feed adds rows in batches of random sizes.
func feed(s *Summary, shape Shape, list []row, rng *rand.Rand, number func(int, uint32) uint32) {
	for len(list) > 0 {
		n := 1 + rng.IntN(len(list))
		s.Add(batch(shape, list[:n], number))
		list = list[n:]
	}
}

// whole makes a summary in one pass.
func whole(shape Shape, list []row, slicesBy int) *Summary {
	s := New(shape)
	if len(list) > 0 {
		s.Add(batch(shape, list, func(_ int, slice uint32) uint32 { return slice }))
	}
	identity := make([]uint32, slicesBy)
	for i := range identity {
		identity[i] = uint32(i)
	}
	for by := range shape.By {
		s.Renumber(by, identity[:s.Slices(by)], slicesBy)
	}
	s.Seal(1)
	return s
}

// parts makes it from shuffled rows, split over several summaries, each of
// which numbers the slices in the order in which it meets them.
func parts(t *rapid.T, shape Shape, list []row, slicesBy int) *Summary {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "split seed"), 1))
	list = slices.Clone(list)
	rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	var total *Summary
	for part := 0; part == 0 || len(list) > 0; part++ {
		n := rng.IntN(len(list) + 1)
		s := New(shape)
		seen := make([][]uint32, shape.By)
		feed(s, shape, list[:n], rng, func(by int, slice uint32) uint32 {
			at := slices.Index(seen[by], slice)
			if at < 0 {
				at = len(seen[by])
				seen[by] = append(seen[by], slice)
			}
			return uint32(at)
		})
		for by := range seen {
			s.Renumber(by, seen[by], slicesBy)
		}
		list = list[n:]
		if total == nil {
			total = s
		} else if err := total.Merge(s); err != nil {
			t.Fatal(err)
		}
	}
	if total.ranks != nil {
		total.ranks.mostPlacements = uint64(rapid.IntRange(1, 1000).Draw(t, "most placements"))
	}
	total.Seal(3)
	return total
}

var (
	testLosses       = []Loss{{Kind: LogLoss}, {Kind: Brier}, {Kind: ConfidentError, Param: 0.9}}
	testCalibrations = []Calibration{{Bins: 10}, {Bins: 3, Top: true}}
)

func shapes(t *rapid.T) Shape {
	shape := Shape{
		Classes: rapid.SampledFrom([]int{2, 2, 3, 7}).Draw(t, "classes"), Models: 2,
		Weighted: rapid.Bool().Draw(t, "weighted"),
		Named:    rapid.IntRange(0, 10).Draw(t, "named"), By: rapid.IntRange(0, 3).Draw(t, "by"),
		Whole:  Needs{Losses: testLosses, Calibrations: testCalibrations},
		Sliced: Needs{Losses: testLosses[:1], Calibrations: testCalibrations[1:]},
	}
	for _, n := range []*Needs{&shape.Whole, &shape.Sliced} {
		if rapid.Bool().Draw(t, "second moments") {
			n.Products, n.Differing = secondMoments(n.Losses), n.Losses
		}
		if rapid.Bool().Draw(t, "miscalibrations") {
			n.Miscalibrations = n.Calibrations
		}
	}
	shape.Whole.Curves = rapid.SampledFrom([][]int{nil, {1}, {EveryClass}}).Draw(t, "curves")
	shape.Sliced.Curves = rapid.SampledFrom([][]int{nil, {1}, {EveryClass}}).Draw(t, "sliced curves")
	shape.Whole.Precision, shape.Sliced.Precision = rapid.Bool().Draw(t, "precision"), rapid.Bool().Draw(t, "sliced precision")
	if !shape.Weighted {
		shape.Whole.Placements, shape.Sliced.Placements = someOf(t, shape.Whole.Curves), someOf(t, shape.Sliced.Curves)
		shape.Whole.Influences, shape.Sliced.Influences = influencedBy(t, shape.Whole.Curves), influencedBy(t, shape.Sliced.Curves)
	}
	if shape.Weighted {
		shape.Whole.Standings, shape.Sliced.Standings = someOf(t, shape.Whole.Curves), someOf(t, shape.Sliced.Curves)
	}
	shape.Whole.CellWeights = shape.Weighted && rapid.Bool().Draw(t, "weights of cells")
	shape.Sliced.CellWeights = shape.Weighted && rapid.Bool().Draw(t, "weights of cells of slices")
	if shape.Classes > 2 {
		shape.Whole.Pairs = slices.Contains(shape.Whole.Curves, EveryClass) && rapid.Bool().Draw(t, "pairs")
		shape.Sliced.Pairs = slices.Contains(shape.Sliced.Curves, EveryClass) && rapid.Bool().Draw(t, "sliced pairs")
	} else {
		if shape.Binned = rapid.Bool().Draw(t, "binned"); shape.Binned {
			shape.Whole.Curves, shape.Sliced.Curves = []int{1}, nil
			shape.Whole.Placements, shape.Sliced.Placements = nil, nil
			shape.Whole.Influences, shape.Sliced.Influences = nil, nil
		}
	}
	return shape
}

// views are all slices of a summary.
func views(s *Summary) []View {
	list := []View{s.Whole()}
	for i := range s.shape.Named {
		list = append(list, s.Named(i))
	}
	for by := range s.shape.By {
		for i := range s.Slices(by) {
			list = append(list, s.By(by, i))
		}
	}
	return list
}

// text is everything that a view says, to the last bit.
func text(v View) string {
	out := fmt.Sprint(v.Rows(), v.Flips())
	for m := range 2 {
		out += fmt.Sprintf(" %v %x", v.Present(m), v.Confusion(m))
		for _, l := range v.g.needs.Losses {
			out += fmt.Sprintf(" %x", v.Mean(l, m))
		}
		for _, c := range v.g.needs.Calibrations {
			out += fmt.Sprintf(" %x", v.Calibration(c, m))
		}
		for _, class := range v.g.needs.Curves {
			out += fmt.Sprintf(" %x", v.Area(m, class))
		}
		if v.g.needs.Pairs {
			out += fmt.Sprintf(" %x", v.Pairs(m))
		}
	}
	for _, l := range v.g.needs.Differing {
		out += fmt.Sprint(" ", v.Differing(l))
	}
	for _, p := range v.g.needs.Products {
		out += fmt.Sprintf(" %x", v.covariance(p))
	}
	if v.g.needs.CellWeights {
		v.EachWeight(func(c CellWeight) { out += fmt.Sprintf(" %x", c) })
	}
	for _, class := range v.g.needs.Standings {
		varies, ok := v.Standing(class)
		out += fmt.Sprintf(" %x %v", varies, ok)
	}
	for _, class := range v.g.needs.Placements {
		placed, ok := v.Placements(class)
		out += fmt.Sprint(" ", placed, ok)
	}
	for _, what := range v.g.needs.Miscalibrations {
		sums, ok := v.Miscalibration(what, true)
		out += fmt.Sprintf(" %x %v", sums, ok)
	}
	for _, what := range v.g.needs.Influences {
		of, ok := v.Influences(what)
		out += fmt.Sprintf(" %x %v", of, ok)
	}
	return out
}

func TestAnySplitAndOrderGivesTheSameSummary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := shapes(t)
		const slicesBy = 4
		list := rows(t, shape, slicesBy)
		one, other := views(whole(shape, list, slicesBy)), views(parts(t, shape, list, slicesBy))
		for i := range one {
			if a, b := text(one[i]), text(other[i]); a != b {
				t.Fatalf("slice %d:\none pass %s\nin parts %s", i, a, b)
			}
		}
	})
}

// TestSummaryIsWhatItsDefinitionsSay works everything out again, row by row and
// pair by pair.
func TestSummaryIsWhatItsDefinitionsSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := shapes(t)
		const slicesBy = 3
		list := rows(t, shape, slicesBy)
		s := parts(t, shape, list, slicesBy)
		compare(t, shape, s.Whole(), list, shape.Whole)
		for i := range shape.Named {
			compare(t, shape, s.Named(i), keep(list, func(r row) bool { return r.named[i] }), shape.Sliced)
		}
		for by := range shape.By {
			for i := range slicesBy {
				compare(t, shape, s.By(by, i), keep(list, func(r row) bool { return int(r.by[by]) == i }), shape.Sliced)
			}
		}
	})
}

func keep(list []row, in func(row) bool) []row {
	return slices.DeleteFunc(slices.Clone(list), func(r row) bool { return !in(r) })
}

func compare(t *rapid.T, shape Shape, v View, list []row, needs Needs) {
	if int(v.Rows()) != len(list) {
		t.Fatalf("%d rows, want %d", v.Rows(), len(list))
	}
	var flips Flips
	confusion := make([][]*big.Rat, shape.Classes)
	for i := range confusion {
		confusion[i] = make([]*big.Rat, shape.Classes)
		for j := range confusion[i] {
			confusion[i][j] = new(big.Rat)
		}
	}
	for _, r := range list {
		cell := confusion[r.label][r.candidate]
		cell.Add(cell, new(big.Rat).SetFloat64(r.weight))
		switch {
		case r.candidate == r.label && r.baseline == r.label:
			flips.Both++
		case r.candidate == r.label:
			flips.Positive++
		case r.baseline == r.label:
			flips.Negative++
		default:
			flips.Neither++
		}
	}
	if v.Flips() != flips {
		t.Fatalf("flips %+v, want %+v", v.Flips(), flips)
	}
	got := v.Confusion(0)
	for i := range got {
		for j := range got[i] {
			if want, _ := confusion[i][j].Float64(); got[i][j] != want {
				t.Fatalf("confusion %d %d: %v, want %v", i, j, got[i][j], want)
			}
		}
	}
	for _, class := range needs.curves(&shape) {
		if shape.Classes == 2 && class == 0 {
			continue // the models give the probability of class 1
		}
		compareArea(t, shape, v.Area(1, class), list, class)
		if needs.Precision {
			comparePrecision(t, shape, v.Area(1, class), list, class)
		}
	}
	for _, class := range needs.Placements {
		comparePlacements(t, shape, v, list, class)
	}
	for _, what := range needs.Miscalibrations {
		compareMiscalibration(t, shape, v, list, what)
	}
	for _, what := range needs.Influences {
		compareInfluences(t, shape, v, list, what)
	}
	if needs.Pairs {
		comparePairs(t, shape, v.Pairs(1), list)
	}
}

// areaOf counts every pair of a row that is positive and one that is negative.
func areaOf(shape Shape, list []row, class int, positive, negative func(row) bool) (area, pos, neg float64) {
	var u float64
	for _, a := range list {
		if negative(a) {
			neg += a.weight
		}
		if !positive(a) {
			continue
		}
		pos += a.weight
		for _, b := range list {
			switch x, y := scoreOf(shape, a, 1, class), scoreOf(shape, b, 1, class); {
			case !negative(b):
			case x > y:
				u += a.weight * b.weight
			case x == y:
				u += a.weight * b.weight / 2
			}
		}
	}
	return u / pos / neg, pos, neg
}

func isOf(class int) func(row) bool    { return func(r row) bool { return int(r.label) == class } }
func isNotOf(class int) func(row) bool { return func(r row) bool { return int(r.label) != class } }

func compareArea(t *rapid.T, shape Shape, got Area, list []row, class int) {
	want, pos, neg := areaOf(shape, list, class, isOf(class), isNotOf(class))
	if pos == 0 || neg == 0 {
		if got.Value != 0 {
			t.Fatalf("area %v of one class", got)
		}
		return
	}
	if !shape.Binned && got.Bound != 0 {
		t.Fatalf("an exact area has the bound %v", got.Bound)
	}
	if math.Abs(got.Value-want) > got.Bound+1e-12 {
		t.Fatalf("area %v ± %v, want %v", got.Value, got.Bound, want)
	}
}

// comparePrecision takes, for each positive row, the share of positives among
// the rows whose score is at least its own.
func comparePrecision(t *rapid.T, shape Shape, got Area, list []row, class int) {
	var sum, pos float64
	for _, a := range list {
		if int(a.label) != class || a.weight == 0 {
			continue
		}
		var hits, all float64
		for _, b := range list {
			if scoreOf(shape, b, 1, class) >= scoreOf(shape, a, 1, class) {
				all += b.weight
				if int(b.label) == class {
					hits += b.weight
				}
			}
		}
		pos += a.weight
		sum += a.weight * hits / all
	}
	if want := sum / pos; pos > 0 && math.Abs(got.Precision-want) > got.PrecisionBound+1e-12 {
		t.Fatalf("precision %v ± %v, want %v", got.Precision, got.PrecisionBound, want)
	}
	if !shape.Binned && got.PrecisionBound != 0 {
		t.Fatalf("an exact precision has the bound %v", got.PrecisionBound)
	}
}

func comparePairs(t *rapid.T, shape Shape, got Pairs, list []row) {
	var plain, weighted, weights float64
	number := 0
	for a := range shape.Classes {
		for b := range shape.Classes {
			area, pos, neg := areaOf(shape, list, a, isOf(a), isOf(b))
			if a == b || pos == 0 || neg == 0 {
				continue
			}
			number++
			plain += area
			weighted += area * (pos + neg)
			weights += pos + neg
		}
	}
	if got.Number != number {
		t.Fatalf("%d pairs, want %d", got.Number, number)
	}
	if number > 0 && (math.Abs(got.Plain-plain/float64(number)) > 1e-12 || math.Abs(got.Weighted-weighted/weights) > 1e-12) {
		t.Fatalf("pairs %v and %v, want %v and %v", got.Plain, got.Weighted, plain/float64(number), weighted/weights)
	}
}

// TestAreaOfManyRows crosses the sizes of blocks and segments.
func TestAreaOfManyRows(t *testing.T) {
	const n = 3*blockRows + 17
	shape := Shape{Classes: 2, Models: 2, Whole: Needs{Curves: []int{1}}}
	rng := rand.New(rand.NewPCG(3, 4))
	list := make([]row, n)
	var scores []float64
	for i := range list {
		r := &list[i]
		r.label = uint16(rng.IntN(2))
		r.score[0] = math.Round(rng.Float64()*5e4) / 5e4
		if rng.IntN(2) == 0 {
			r.score[0] = rng.Float64() * 1e-9 // half of the rows in one bin
		}
		scores = append(scores, r.score[0])
	}
	s := New(shape)
	feed(s, shape, list, rng, nil)
	s.Seal(2)
	// Mann-Whitney by mid-ranks.
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case scores[a] < scores[b]:
			return -1
		case scores[a] > scores[b]:
			return 1
		}
		return 0
	})
	var ranks, pos float64
	for first := 0; first < n; {
		end := first
		for end < n && scores[order[end]] == scores[order[first]] {
			end++
		}
		for _, i := range order[first:end] {
			if list[i].label == 1 {
				ranks += float64(first+end+1) / 2
				pos++
			}
		}
		first = end
	}
	want := (ranks - pos*(pos+1)/2) / pos / (n - pos)
	if got := s.Whole().Area(0, 1); math.Abs(got.Value-want) > 1e-14 {
		t.Errorf("area %.17g, want %.17g", got.Value, want)
	}
}

// TestManyRowsInAnyOrder crosses the sizes of blocks and segments with weights
// and many classes: order, parts and threads make no difference to a bit.
func TestManyRowsInAnyOrder(t *testing.T) {
	needs := Needs{Curves: []int{EveryClass}, Precision: true, Pairs: true, Losses: []Loss{{Kind: InTop, Param: 2}},
		Calibrations: []Calibration{{Bins: 7, Top: true}}}
	shape := Shape{Classes: 3, Models: 2, Weighted: true, Named: 1, Whole: needs, Sliced: needs}
	rng := rand.New(rand.NewPCG(7, 8))
	list := make([]row, 2*blockRows+5)
	for i := range list {
		list[i] = row{label: uint16(rng.IntN(3)), score: [2]float64{rng.Float64(), math.Round(rng.Float64()*1e4) / 1e4},
			weight: math.Ldexp(rng.Float64(), rng.IntN(40)-20), named: []bool{rng.IntN(2) == 0}}
	}
	one, other := New(shape), New(shape)
	one.Add(batch(shape, list, nil))
	one.Seal(1)
	rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	part := New(shape)
	part.Add(batch(shape, list[:70_000], nil))
	feed(other, shape, list[70_000:], rng, nil)
	if err := other.Merge(part); err != nil {
		t.Fatal(err)
	}
	other.Seal(3)
	for i, v := range views(one) {
		if a, b := text(v), text(views(other)[i]); a != b {
			t.Errorf("slice %d:\nin one pass %s\nin parts    %s", i, a, b)
		}
	}
}

func TestAreaOfZerosOfBothSigns(t *testing.T) {
	shape := Shape{Classes: 2, Models: 1, Whole: Needs{Curves: []int{1}}}
	s := New(shape)
	s.Add(&Batch{Rows: 2, Label: []uint16{1, 0}, Models: []Outputs{{Class: []uint16{0, 0}, Score: []float64{0, math.Copysign(0, -1)}}}})
	s.Seal(1)
	if got := s.Whole().Area(0, 1).Value; got != 0.5 {
		t.Errorf("0 and -0 are a tie: area %v", got)
	}
}

func TestSampleDoesNotDependOnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hashes := rapid.SliceOfNDistinct(rapid.Uint64(), 0, 100, rapid.ID).Draw(t, "hashes")
		cut := rapid.IntRange(0, len(hashes)).Draw(t, "cut")
		var a, b Sample[uint64]
		for _, h := range hashes[:cut] {
			a.Add(20, h, func() uint64 { return h })
		}
		for i := len(hashes) - 1; i >= cut; i-- {
			b.Add(20, hashes[i], func() uint64 { return hashes[i] })
		}
		a.Merge(20, &b)
		want := slices.Sorted(slices.Values(hashes))
		want = want[:min(20, len(want))]
		if got := a.Rows(); !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}
