package evidence

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// scoredRow is a row with the scores that both models give it.
type scoredRow struct {
	positive            bool
	candidate, baseline float64
	weight              float64
	group               uint64
}

// scoredRows makes a sealed summary of rows with weights, groups or neither.
func scoredRows(rows []scoredRow, weighted, clustered bool) summary.View {
	needs := summary.Needs{Curves: []int{1}}
	if weighted || clustered {
		needs.Standings = []int{1}
	} else {
		needs.Placements = []int{1}
	}
	s := summary.New(summary.Shape{Classes: 2, Models: 2, Weighted: weighted, Clustered: clustered, Whole: needs})
	b := &summary.Batch{Rows: len(rows), Label: []uint16{}, Models: make([]summary.Outputs, 2)}
	for _, r := range rows {
		label := uint16(0)
		if r.positive {
			label = 1
		}
		b.Label = append(b.Label, label)
		for m, score := range []float64{r.candidate, r.baseline} {
			b.Models[m].Class, b.Models[m].Score = append(b.Models[m].Class, 0), append(b.Models[m].Score, score)
		}
		if weighted {
			b.Weight = append(b.Weight, r.weight)
		}
		if clustered {
			b.Cluster = append(b.Cluster, r.group)
		}
	}
	s.Add(b)
	s.Seal(2)
	return s.Whole()
}

// dependentAreas are the rows of testdata/dependent.py, with scores of one digit.
func dependentAreas() []scoredRow {
	var list []scoredRow
	candidate, baseline := dependentScores()
	for i, r := range dependentRows() {
		list = append(list, scoredRow{r.label == 1, math.RoundToEven(candidate[i]*10) / 10, math.RoundToEven(baseline[i]*10) / 10, r.weight, r.group})
	}
	return list
}

// TestStandingReference: testdata/dependent.json.
func TestStandingReference(t *testing.T) {
	for name, want := range byBruteForce(t, "areas") {
		rows := dependentAreas()
		weighted, clustered := name == "weighted" || name == "grouped, weighted", name != "weighted"
		if name == "neither" {
			for i := range rows {
				rows[i].group = uint64(i)
			}
		}
		v := scoredRows(rows, weighted, clustered)
		u, ok := v.Standing(1)
		old, value, change, err := u.Areas()
		if !ok || err != nil {
			t.Fatal(name, err)
		}
		for i, x := range []float64{value.Value, value.SE, change.Value, change.SE} {
			if !near(x, want[i], 1e-12) {
				t.Errorf("%s: %v %v %v, want %v", name, old, value, change, want)
				break
			}
		}
		e, ok := OfChange(v, lookup(t, "roc_auc"), some, Question{Side: Down, Margin: .02, Alpha: .05})
		half := -stats.StudentQuantile(.025, change.DF) * want[3]
		if !ok || !near(e.Low, want[2]-half, 1e-11) || !near(e.High, want[2]+half, 1e-11) || (e.EffectiveRows != 0) != (name == "weighted") {
			t.Errorf("%s: %+v, want %v and %v on either side", name, e, want[2], half)
		}
	}
}

// TestStandingsAreDeLongs: where every row is a group of its own, or has the same
// weight as all others, areas vary as DeLong has it.
func TestStandingsAreDeLongs(t *testing.T) {
	random := rand.New(rand.NewPCG(41, 42))
	m, q := lookup(t, "roc_auc"), Question{Side: Down, Margin: .01, Alpha: .05}
	for range 20 {
		rows := areaWorld(random, 300, 1, 0)
		for i := range rows {
			rows[i].weight, rows[i].group = 7, uint64(i)
		}
		plain := scoredRows(rows, false, false)
		d, _ := plain.Placements(1)
		both, err := d.Areas()
		if err != nil {
			t.Fatal(err)
		}
		want, _ := OfChange(plain, m, some, q)
		value, _ := OfValue(plain, 0, m, some, .05)
		for name, v := range map[string]summary.View{"weights": scoredRows(rows, true, false), "groups": scoredRows(rows, false, true), "both": scoredRows(rows, true, true)} {
			u, _ := v.Standing(1)
			_, b, change, err := u.Areas()
			if err != nil || !near(b.SE*b.SE, both.VarB, 1e-12*both.VarB) || !near(b.DF, both.DFB, 1e-9*both.DFB) ||
				!near(change.SE*change.SE, both.VarChange, 1e-11*both.VarChange) || !near(u.Moved(), d.Moved(), 1e-9*d.Moved()) {
				t.Errorf("%s: %v %v moved %v (%v), want %v moved %v", name, b, change, u.Moved(), err, both, d.Moved())
			}
			got, _ := OfChange(v, m, some, q)
			if width := want.High - want.Low; !near(got.Low, want.Low, .01*width) || !near(got.High, want.High, .01*width) || got.Provable != want.Provable || !near(float64(got.RowsNeeded), float64(want.RowsNeeded), .02*float64(want.RowsNeeded)) {
				t.Errorf("%s: %+v, want nearly %+v", name, got, want)
			}
			if in, _ := OfValue(v, 0, m, some, .05); !near(in.Low, value.Low, 1e-10) || !near(in.High, value.High, 1e-10) {
				t.Errorf("%s: %+v, want %+v", name, in, value)
			}
		}
	}
}

// areaWorld draws groups of up to so many rows, a part of whose scores is of the
// group, about as good by either model; areas are those of a shift by one deviation.
func areaWorld(random *rand.Rand, groups, most int, shared float64) []scoredRow {
	var rows []scoredRow
	for g := range groups {
		var ofGroup [2]float64
		for m := range ofGroup {
			ofGroup[m] = random.NormFloat64()
		}
		for range 1 + random.IntN(most) {
			r := scoredRow{positive: random.IntN(3) == 0, weight: 1, group: uint64(g)}
			common := random.NormFloat64()
			score := func(m int) float64 {
				x := math.Sqrt(shared)*ofGroup[m] + math.Sqrt(1-shared)*(math.Sqrt(.5)*common+math.Sqrt(.5)*random.NormFloat64())
				if r.positive {
					x++
				}
				return x
			}
			r.candidate, r.baseline = score(0), score(1)
			if random.IntN(3) == 0 {
				r.weight = 4
			}
			rows = append(rows, r)
		}
	}
	return rows
}

// TestStandingCoverage: intervals hold the true area, that of two normal
// distributions a deviation apart, and models that are equally good look worse at
// most alpha of the time.
func TestStandingCoverage(t *testing.T) {
	random := rand.New(rand.NewPCG(43, 44))
	const sets = 600
	truth := 1 - stats.NormalUpper(1/math.Sqrt2)
	for name, c := range map[string]struct {
		groups, most        int
		shared              float64
		weighted, clustered bool
	}{
		"100 rows with weights": {100, 1, 0, true, false},
		"400 rows with weights": {400, 1, 0, true, false},
		"100 groups":            {100, 6, .5, false, true},
		"100 weighted groups":   {100, 6, .5, true, true},
	} {
		missed, missedValue, worse := 0, 0, 0
		for range sets {
			v := scoredRows(areaWorld(random, c.groups, c.most, c.shared), c.weighted, c.clustered)
			e, ok := OfChange(v, lookup(t, "roc_auc"), some, Question{Side: Down, Margin: 0, Alpha: .05})
			if !ok || e.Low > 0 || e.High < 0 {
				missed++
			}
			if ok && e.Worse <= .05 {
				worse++
			}
			if in, ok := OfValue(v, 0, lookup(t, "roc_auc"), some, .05); !ok || in.Low > truth || in.High < truth {
				missedValue++
			}
		}
		t.Logf("%s: of %d intervals %d miss the change and %d the value; %d look worse", name, sets, missed, missedValue, worse)
		// .05 of 600 and three standard errors
		if missed > 46 || missedValue > 46 || worse > 46 {
			t.Errorf("%s: of %d intervals %d miss the change and %d the value; %d look worse", name, sets, missed, missedValue, worse)
		}
	}
}

// TestEdgesOfStandings: no, one and two rows, one class, one group, a perfect model,
// ties everywhere, no weight. Nothing is worse by accident, and nothing panics.
func TestEdgesOfStandings(t *testing.T) {
	rows := func(n int, of func(i int) scoredRow) []scoredRow {
		list := make([]scoredRow, n)
		for i := range list {
			list[i] = of(i)
			list[i].weight, list[i].group = 1+float64(i%3), uint64(i/3)
		}
		return list
	}
	perfect := func(i int) scoredRow {
		return scoredRow{positive: i%2 == 1, candidate: float64(i % 2), baseline: float64(i % 2)}
	}
	for name, c := range map[string]struct {
		rows []scoredRow
		none bool
	}{
		"no row":    {nil, true},
		"one row":   {rows(1, perfect), true},
		"two rows":  {rows(2, perfect), false},
		"one class": {rows(300, func(i int) scoredRow { return scoredRow{candidate: float64(i)} }), true},
		"a lone one": {rows(300, func(i int) scoredRow {
			return scoredRow{positive: i == 7, candidate: float64(i % 5), baseline: float64(i % 7)}
		}), false},
		"perfect":       {rows(300, perfect), false},
		"all tied":      {rows(300, func(i int) scoredRow { return scoredRow{positive: i%2 == 1, candidate: .5, baseline: .5} }), false},
		"tied, or not":  {rows(12, func(i int) scoredRow { return scoredRow{positive: i%2 == 1, candidate: .5, baseline: float64(i % 2)} }), false},
		"no weight":     {make([]scoredRow, 300), true},
		"one outweighs": {append(rows(300, perfect), scoredRow{true, -1, 1, 1e15, 999}), false},
		"one group":     {append(make([]scoredRow, 0), rows(2, perfect)...), false},
	} {
		for _, clustered := range []bool{false, true} {
			v := scoredRows(c.rows, true, clustered)
			e, ok := OfChange(v, lookup(t, "roc_auc"), some, Question{Side: Down, Margin: .01, Alpha: .05})
			if ok && (e.Worse <= .02 && len(c.rows) < 300 || e.Beyond < e.Worse || e.Worse <= .05 && name == "one outweighs" || e.Provable && len(c.rows) < 300 || c.none) {
				t.Errorf("%s, groups %v: %+v", name, clustered, e)
			}
			in, ok := OfValue(v, 0, lookup(t, "roc_auc"), some, .05)
			if ok && (c.none || len(c.rows) < 13 && in.High-in.Low < .2) {
				t.Errorf("%s, groups %v: %+v", name, clustered, in)
			}
			if !ok && !c.none && !clustered {
				t.Errorf("%s: no interval", name)
			}
		}
	}
}
