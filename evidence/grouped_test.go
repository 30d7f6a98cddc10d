package evidence

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/stats"
	"github.com/noworse/noworse/summary"
)

// aNumber is a row of a regression and its group.
type aNumber struct {
	number
	group uint64
}

// groupedNumbers makes a sealed summary of a regression's rows that depend on each
// other by group.
func groupedNumbers(m metric.Metric, a Asked, weighted bool, rows []aNumber) summary.View {
	needs := m.Needs(some)
	needs.Add(NeedsOfGroups(m, some, a))
	s := summary.New(summary.Shape{Classes: 1, Models: 2, Clustered: true, Weighted: weighted, Whole: needs})
	b := &summary.Batch{Rows: len(rows), Models: make([]summary.Outputs, 2)}
	for _, r := range rows {
		b.Target, b.Cluster = append(b.Target, r.y), append(b.Cluster, r.group)
		b.Models[0].Score, b.Models[1].Score = append(b.Models[0].Score, r.candidate), append(b.Models[1].Score, r.baseline)
		if weighted {
			b.Weight = append(b.Weight, r.weight)
		}
	}
	s.Add(b)
	s.Seal(1)
	return s.Whole()
}

// groupedScores is the same of a binary model's probabilities.
func groupedScores(m metric.Metric, weighted bool, rows []grouped, candidate, baseline []float64) summary.View {
	needs := m.Needs(some)
	needs.Add(NeedsOfGroups(m, some, everything))
	s := summary.New(summary.Shape{Classes: 2, Models: 2, Clustered: true, Weighted: weighted, Whole: needs})
	b := &summary.Batch{Rows: len(rows), Models: make([]summary.Outputs, 2), Label: []uint16{}}
	for i, r := range rows {
		b.Label, b.Cluster = append(b.Label, uint16(r.label)), append(b.Cluster, r.group)
		for k, p := range []float64{candidate[i], baseline[i]} {
			o := &b.Models[k]
			class, ofTruth := uint16(0), p
			if p >= .5 {
				class = 1
			}
			if r.label == 0 {
				ofTruth = 1 - p
			}
			o.Class, o.Score, o.True = append(o.Class, class), append(o.Score, p), append(o.True, ofTruth)
			o.Brier, o.Top = append(o.Brier, (1-ofTruth)*(1-ofTruth)), append(o.Top, max(p, 1-p))
		}
		if weighted {
			b.Weight = append(b.Weight, r.weight)
		}
	}
	s.Add(b)
	s.Seal(1)
	return s.Whole()
}

// inGroups gives each row the group that a function says.
func inGroups(rows []number, group func(i int) uint64) []aNumber {
	list := make([]aNumber, len(rows))
	for i, r := range rows {
		list[i] = aNumber{r, group(i)}
	}
	return list
}

// TestGroupedReference: testdata/dependent.json.
func TestGroupedReference(t *testing.T) {
	rows := dependentRows()
	candidate, baseline := dependentScores()
	for _, weighted := range []bool{false, true} {
		table := "grouped losses"
		if weighted {
			table += ", weighted"
		}
		weights := map[uint64]float64{}
		for _, r := range rows {
			if weighted {
				weights[r.group] += r.weight
			} else {
				weights[r.group]++
			}
		}
		var sum, squares float64
		for _, w := range weights {
			sum, squares = sum+w, squares+w*w
		}
		for name, want := range byBruteForce(t, table) {
			m := lookup(t, name)
			v := groupedNumbers(m, everything, weighted, inGroups(dependentNumbers(), func(i int) uint64 { return rows[i].group }))
			if name == "log_loss" || name == "brier" {
				v = groupedScores(m, weighted, rows, candidate, baseline)
			}
			if v.Clusters() != 19 || !near(v.SquaredClusters(), squares, 1e-9) {
				t.Fatalf("%s: %d groups with squares %v", name, v.Clusters(), v.SquaredClusters())
			}
			quantile := -stats.StudentQuantile(.025, stats.EffectiveSize(sum, squares)-1)
			e, ok := OfChange(v, m, some, Question{Side: Up, Margin: .02, Alpha: .05})
			if se := (e.High - e.Low) / 2 / quantile; !ok || e.Method != "cluster" || !near(se, want[3], 1e-9) || !near((e.Low+e.High)/2, want[2], 1e-11) {
				t.Errorf("%s of %s: change with standard error %v, %+v, want %v", name, table, se, e, want)
			}
			in, ok := OfValue(v, 0, m, some, .05)
			half := quantile * want[1]
			low, high := want[0]-half, want[0]+half
			if _, _, mean := m.Mean(some); mean {
				low, high = want[0]*math.Exp(-half/want[0]), want[0]*math.Exp(half/want[0])
			}
			if !ok || in.Method != "cluster" || !near(in.Low, low, 1e-8) || !near(in.High, high, 1e-8) || in.EffectiveRows != 0 {
				t.Errorf("%s of %s: %+v, want %v to %v", name, table, in, low, high)
			}
		}
	}
}

// ofLosses are the metrics of a regression that are means of losses, or made of them.
func ofLosses(t *testing.T) []metric.Metric {
	var list []metric.Metric
	for _, name := range []string{"mae", "mse", "rmse", "smape", "mean_error", "r2", "explained_variance"} {
		list = append(list, lookup(t, name))
	}
	return list
}

// TestGroupsOfOneLoss: where every row is a group of its own, all is as without
// groups, with weights too.
func TestGroupsOfOneLoss(t *testing.T) {
	for _, m := range ofLosses(t) {
		for _, weighted := range []bool{false, true} {
			plain := numbersOf(m, some, everything, weighted, uneven())
			one := groupedNumbers(m, everything, weighted, inGroups(uneven(), func(i int) uint64 { return uint64(i) * 0x9e3779b97f4a7c15 }))
			for _, share := range []float64{0, .05} {
				q := Question{Side: Up, Margin: .02, Share: share, Alpha: .05}
				want, _ := OfChange(plain, m, some, q)
				got, ok := OfChange(one, m, some, q)
				want.Method = "cluster"
				if !ok || !alike(got, want) || got.RowsNeeded != want.RowsNeeded {
					t.Errorf("%s, weights %v: %+v, want %+v", m.Name, weighted, got, want)
				}
			}
			want, _ := OfValue(plain, 1, m, some, .05)
			got, ok := OfValue(one, 1, m, some, .05)
			if !ok || !near(got.Low, want.Low, 1e-9) || !near(got.High, want.High, 1e-9) {
				t.Errorf("%s, weights %v: %+v, want %+v", m.Name, weighted, got, want)
			}
		}
	}
}

// TestCopiesOfLosses: rows that are copied inside their group say what they said,
// and a weight is as many copies.
func TestCopiesOfLosses(t *testing.T) {
	for _, m := range ofLosses(t) {
		q := Question{Side: Down, Margin: .02, Alpha: .05}
		once := inGroups(uneven(), func(i int) uint64 { return uint64(i % 17) })
		var tenfold, heavy []aNumber
		for _, r := range once {
			for range 10 {
				tenfold = append(tenfold, r)
			}
			r.weight = 10
			heavy = append(heavy, r)
		}
		want, ok := OfChange(groupedNumbers(m, everything, false, once), m, some, q)
		if !ok {
			t.Fatal(m.Name)
		}
		for _, v := range []summary.View{groupedNumbers(m, everything, false, tenfold), groupedNumbers(m, everything, true, heavy)} {
			if got, _ := OfChange(v, m, some, q); !alike(got, want) {
				t.Errorf("%s: %+v, want %+v", m.Name, got, want)
			}
		}
	}
}

// TestEdgesOfGroupedLosses: few groups, one that has most rows, rows that do not
// vary, that are all 0, that have no weight, or whose loss is not a number. Nothing is proven, nothing panics.
func TestEdgesOfGroupedLosses(t *testing.T) {
	rows := func(n int, of func(i int) number) []number {
		list := make([]number, n)
		for i := range list {
			list[i] = of(i)
		}
		return list
	}
	random := rand.New(rand.NewPCG(31, 32))
	noise := rows(300, func(int) number { return number{random.NormFloat64(), random.NormFloat64(), random.NormFloat64(), 1} })
	by := func(n int) func(int) uint64 { return func(i int) uint64 { return uint64(i % n) } }
	for name, c := range map[string]struct {
		rows []aNumber
		none bool // no evidence at all
	}{
		"no row":        {nil, true},
		"one row":       {inGroups(noise[:1], by(1)), true},
		"two rows":      {inGroups(noise[:2], by(2)), true},
		"one group":     {inGroups(noise, by(1)), true},
		"nine groups":   {inGroups(noise, by(9)), true},
		"one outweighs": {inGroups(noise, func(i int) uint64 { return uint64(max(0, i-285)) }), false},
		"all equal":     {inGroups(rows(300, func(int) number { return number{.1, .3, .3, 1} }), by(60)), false},
		"all lost": {inGroups(rows(300, func(i int) number {
			y := float64(i%2) + 1e3
			return number{y, y + .3, y + .2, 1}
		}), by(9)), true},
		"perfect":   {inGroups(rows(300, func(i int) number { return number{float64(i), float64(i), float64(i), 1} }), by(60)), false},
		"no weight": {inGroups(rows(300, func(i int) number { return number{float64(i), 1, 2, 0} }), by(60)), true},
		"infinite": {inGroups(rows(300, func(i int) number {
			return number{float64(i % 7), 1e200 * float64(i/60%2), 1e200 * float64(1-i/60%2), 1}
		}), by(60)), false},
	} {
		for _, m := range ofLosses(t) {
			v := groupedNumbers(m, everything, true, c.rows)
			e, ok := OfChange(v, m, some, Question{Side: Up, Margin: .02, Alpha: .05})
			if ok && (e.Provable && e.Within <= .05 || e.Worse <= .05 || e.Low > 0) || ok && c.none {
				t.Errorf("%s of %s: %+v", m.Name, name, e)
			}
			if in, ok := OfValue(v, 0, m, some, .05); ok && c.none {
				t.Errorf("%s of %s: %+v", m.Name, name, in)
			}
		}
	}
}

// TestGroupedCoverage: intervals of groups of 1 to 9 rows that share most of their
// error hold the truth, and equally good models look worse at most alpha of the time.
func TestGroupedCoverage(t *testing.T) {
	random := rand.New(rand.NewPCG(33, 34))
	const sets = 500
	truth := map[string]float64{"mae": math.Sqrt(2 / math.Pi), "rmse": 1, "r2": .8} // errors of variance 1, a target of variance 5
	for name, value := range truth {
		m := lookup(t, name)
		side := Up
		if name == "r2" {
			side = Down
		}
		const groups = 100
		missed, missedValue, worse := 0, 0, 0
		for range sets {
			var rows []aNumber
			for g := range groups {
				shared := [3]float64{random.NormFloat64(), random.NormFloat64(), random.NormFloat64()}
				for range 1 + random.IntN(9) {
					error := func(k int) float64 { return math.Sqrt(.7)*shared[k] + math.Sqrt(.3)*random.NormFloat64() }
					y := math.Sqrt(5) * error(0)
					rows = append(rows, aNumber{number{y, y + error(1), y + error(2), 1}, uint64(g)})
				}
			}
			v := groupedNumbers(m, everything, false, rows)
			e, ok := OfChange(v, m, some, Question{Side: side, Margin: 0, Alpha: .05})
			if !ok || e.Low > 0 || e.High < 0 {
				missed++
			}
			if ok && e.Worse <= .05 {
				worse++
			}
			if in, ok := OfValue(v, 0, m, some, .05); !ok || in.Low > value || in.High < value {
				missedValue++
			}
		}
		// .05 of 500 and three standard errors
		if missed > 40 || missedValue > 40 || worse > 40 {
			t.Errorf("%s of %d groups: of %d intervals %d miss the change and %d the value; %d look worse", name, groups, sets, missed, missedValue, worse)
		}
	}
}
