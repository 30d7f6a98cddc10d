package stats_test

import (
	"encoding/csv"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/noworse/noworse/stats"
)

// asah reads pROC's aSAH: whether the outcome was poor, and three scores.
func asah(t *testing.T) (poor []bool, scores map[string][]float64) {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "..", "shared", "data", "asah", "asah.csv"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the shared data/asah is not here: DeLong's test on its rows is left out")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	scores = map[string][]float64{}
	for _, row := range rows[1:] {
		poor = append(poor, row[1] == "Poor")
		for i, name := range []string{"wfns", "s100b", "ndka"} {
			x, err := strconv.ParseFloat(row[4+i], 64)
			if err != nil {
				t.Fatal(err)
			}
			scores[name] = append(scores[name], x)
		}
	}
	return poor, scores
}

// TestDeLongASAH: the numbers are those of shared/design/statistics.md, from pROC.
func TestDeLongASAH(t *testing.T) {
	poor, scores := asah(t)
	areas := func(a, b string) stats.Areas {
		d := must[stats.DeLong](t)(stats.DeLongOf(poor, scores[a], scores[b]))
		return must[stats.Areas](t)(d.Areas())
	}
	close := func(what string, got, want float64) {
		t.Helper()
		if !near(got, want, 1e-12) {
			t.Errorf("%s: %.17g, want %.17g", what, got, want)
		}
	}
	w := areas("s100b", "wfns")
	close("AUC wfns", w.B, .8236788617886179)
	close("AUC s100b", w.A, .7313685636856369)
	close("variance wfns", w.VarB, .00146991470882363)
	close("variance s100b", w.VarA, .00266868245717244)
	close("covariance", w.Cov, .00119615567376754)
	change := must[stats.Estimate](t)(w.Change())
	test := must[stats.Test](t)(change.Differs(0))
	close("Z", test.Statistic, 2.20898359144091)
	close("p", test.P, .0271757822291882)
	in := must[stats.Interval](t)(change.Interval(.95))
	close("low", in.Low, .0104061769564846)
	close("high", in.High, .174214419249478)
	welch := must[stats.Estimate](t)(stats.UnpairedAreas(w.First(), w.Second()))
	close("unpaired p", must[stats.Test](t)(welch.Differs(0)).P, .152825378808796)
	digits(t, "degrees of freedom", welch.DF, "206.66")
	n := areas("ndka", "wfns")
	close("AUC ndka", n.A, .6119579945799458)
	close("variance ndka", n.VarA, .0031908105493913)
	test = must[stats.Test](t)(must[stats.Estimate](t)(n.Change()).Differs(0))
	close("Z ndka", test.Statistic, 2.79777591868904)
	close("p ndka", test.P, .00514557970691098)
}

// TestDeLongFromCounts needs no rows: wfns 1 to 5 by outcome, as published.
func TestDeLongFromCounts(t *testing.T) {
	var positive []bool
	var score []float64
	for i, counts := range [][2]int{{2, 37}, {12, 20}, {1, 3}, {8, 8}, {18, 4}} {
		for k := range counts[0] + counts[1] {
			positive, score = append(positive, k < counts[0]), append(score, float64(i+1))
		}
	}
	a := must[stats.Areas](t)(must[stats.DeLong](t)(stats.DeLongOf(positive, score, score)).Areas())
	if !near(a.A, .8236788617886179, 1e-15) || !near(a.VarA, .00146991470882363, 1e-13) || a.B != a.A || a.Cov != a.VarA || a.VarChange != 0 {
		t.Errorf("%+v", a)
	}
	change := must[stats.Estimate](t)(a.Change())
	if test, err := change.Below(0); !errors.Is(err, stats.ErrUndefined) || !math.IsNaN(test.P) {
		t.Errorf("two equal models: %+v, %v", test, err)
	}
}

// TestMovedRows: (sum |d|)^2/(sum d^2) of the class that has less of it, by hand.
func TestMovedRows(t *testing.T) {
	positive := []bool{true, true, true, true, false, false, false, false}
	base := []float64{5, 6, 7, 8, 1, 2, 3, 4}
	for _, c := range []struct {
		name  string
		score []float64
		want  float64
	}{
		{"none", base, 0},
		{"the order of a class is not seen", []float64{8, 7, 6, 5, 4, 3, 2, 1}, 0},
		{"all", []float64{1, 2, 3, 4, 5, 6, 7, 8}, 4},
		{"one row jumps over all of the other class, which move a quarter", []float64{0, 6, 7, 8, 1, 2, 3, 4}, 1},
		{"one all the way, one half of it", []float64{0, 2.5, 7, 8, 1, 2, 3, 4}, 1.5 * 1.5 / 1.25},
	} {
		if got := must[stats.DeLong](t)(stats.DeLongOf(positive, base, c.score)).Moved(); !near(got, c.want, 1e-15) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestDeLongLaws holds the sums to the definition, pair by pair, and to merging.
func TestDeLongLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(4, 30).Draw(t, "n")
		score := rapid.SliceOfN(rapid.Float64Range(-3, 3), n, n)
		tied := rapid.SliceOfN(rapid.Map(rapid.IntRange(0, 3), func(i int) float64 { return float64(i) }), n, n)
		a, b := rapid.OneOf(score, tied).Draw(t, "a"), rapid.OneOf(score, tied).Draw(t, "b")
		positive := rapid.SliceOfN(rapid.Bool(), n, n).Draw(t, "positive")
		positive[0], positive[1], positive[2], positive[3] = true, true, false, false
		d, err := stats.DeLongOf(positive, a, b)
		if err != nil {
			t.Fatal(err)
		}
		got, err := d.Areas()
		if err != nil {
			t.Fatal(err)
		}
		want := slowAreas(positive, a, b)
		for _, c := range [][2]float64{{got.A, want.A}, {got.B, want.B}, {got.VarA, want.VarA}, {got.VarB, want.VarB}, {got.Cov, want.Cov}, {got.VarChange, want.VarChange}} {
			if math.Abs(c[0]-c[1]) > 1e-13 {
				t.Fatalf("%+v, by the definition %+v", got, want)
			}
		}
	})
	var whole, left, right stats.Placements
	random := rand.New(rand.NewPCG(1, 1))
	for i := range 1000 {
		a, b := random.Uint64N(1<<40), random.Uint64N(1<<40)
		whole.Add(a, b)
		if i%3 == 0 {
			left.Add(a, b)
		} else {
			right.Add(a, b)
		}
	}
	if right.Merge(left); right != whole {
		t.Error("placements do not merge")
	}
}

// slowAreas is DeLong's definition: structural components, then covariances.
func slowAreas(positive []bool, a, b []float64) stats.Areas {
	components := func(x []float64) (v [2][]float64) {
		for i, p := range positive {
			sum, n := 0.0, 0.0
			for j, q := range positive {
				if p == q {
					continue
				}
				high, low := x[i], x[j]
				if !p {
					high, low = low, high
				}
				n++
				if high > low {
					sum++
				} else if high == low {
					sum += .5
				}
			}
			k := 0
			if p {
				k = 1
			}
			v[k] = append(v[k], sum/n)
		}
		return v
	}
	v, w := components(a), components(b)
	covariance := func(x, y [2][]float64) (sum float64) {
		for k := range x {
			var p stats.Pair
			for i := range x[k] {
				p.Add(x[k][i], y[k][i])
			}
			n := float64(p.N)
			sum += p.Cross / (n - 1) / n
		}
		return sum
	}
	var x, y stats.Moments
	for i := range v[1] {
		x.Add(v[1][i])
		y.Add(w[1][i])
	}
	s := stats.Areas{A: x.Mean, B: y.Mean, VarA: covariance(v, v), VarB: covariance(w, w), Cov: covariance(v, w)}
	s.VarChange = s.VarA + s.VarB - 2*s.Cov
	return s
}

// TestDeLongRejects: two equally good models differ at .05 in about 5 of 100 sets.
func TestDeLongRejects(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	rejected, covered := 0, 0
	const sets, n = 1000, 200
	for range sets {
		positive, a, b := make([]bool, n), make([]float64, n), make([]float64, n)
		for i := range positive {
			positive[i] = i%3 == 0
			signal := random.NormFloat64()
			if positive[i] {
				signal += 1.5
			}
			a[i], b[i] = signal+.7*random.NormFloat64(), signal+.7*random.NormFloat64()
		}
		areas := must[stats.Areas](t)(must[stats.DeLong](t)(stats.DeLongOf(positive, a, b)).Areas())
		change := must[stats.Estimate](t)(areas.Change())
		if must[stats.Test](t)(change.Above(0)).P <= .05 {
			rejected++
		}
		if must[stats.Interval](t)(change.Interval(.95)).Contains(0) {
			covered++
		}
	}
	if rejected < 25 || rejected > 70 || covered < 930 {
		t.Errorf("rejected in %d, covered in %d of %d", rejected, covered, sets)
	}
}

func TestDeLongCorners(t *testing.T) {
	if _, err := stats.DeLongOf([]bool{true}, []float64{math.NaN()}, []float64{1}); !errors.Is(err, stats.ErrInvalid) {
		t.Error(err)
	}
	if _, err := stats.DeLongOf([]bool{true}, nil, []float64{1}); !errors.Is(err, stats.ErrInvalid) {
		t.Error(err)
	}
	for _, positive := range [][]bool{nil, {true}, {true, false}, {true, true, true}, {true, true, false}} {
		x := make([]float64, len(positive))
		areas, err := must[stats.DeLong](t)(stats.DeLongOf(positive, x, x)).Areas()
		if !errors.Is(err, stats.ErrUndefined) || !math.IsNaN(areas.A) {
			t.Errorf("%v: %+v, %v", positive, areas, err)
		}
	}
	var strange stats.DeLong
	strange.Positive.Add(1, 1)
	if _, err := strange.Areas(); !errors.Is(err, stats.ErrInvalid) {
		t.Error(err)
	}
	// A perfect model against a perfect one, infinite scores among them.
	inf := math.Inf(1)
	positive := []bool{false, false, true, true}
	areas := must[stats.Areas](t)(must[stats.DeLong](t)(stats.DeLongOf(positive, []float64{-inf, 1, 2, inf}, []float64{0, 1, 2, 3})).Areas())
	if _, err := must[stats.Estimate](t)(areas.Change()).Below(-.01); areas.A != 1 || areas.B != 1 || !errors.Is(err, stats.ErrUndefined) {
		t.Errorf("%+v, %v", areas, err)
	}
	if _, err := stats.UnpairedAreas(areas.First(), areas.Second()); !errors.Is(err, stats.ErrUndefined) {
		t.Error(err)
	}
	if _, err := stats.UnpairedAreas(stats.Area{Value: math.NaN(), Rows: 9}, areas.Second()); !errors.Is(err, stats.ErrInvalid) {
		t.Error(err)
	}
}

// TestHanleyMcNeil: by hand of the formula at A = .9, 20 and 30 rows:
// (.09 + 19 (.9/1.1 - .81) + 29 (1.62/1.9 - .81)) / 600.
func TestHanleyMcNeil(t *testing.T) {
	a := must[stats.Area](t)(stats.HanleyMcNeil(.9, 20, 30))
	if want := (.09 + 19*(.9/1.1-.81) + 29*(1.62/1.9-.81)) / 600; !near(a.Variance, want, 1e-13) || a.Rows != 50 {
		t.Errorf("%+v, want %v", a, want)
	}
	for _, bad := range []float64{math.NaN(), -.1, 1.1} {
		if _, err := stats.HanleyMcNeil(bad, 2, 2); !errors.Is(err, stats.ErrInvalid) {
			t.Errorf("%v: %v", bad, err)
		}
	}
	if _, err := stats.HanleyMcNeil(.5, 0, 2); !errors.Is(err, stats.ErrUndefined) {
		t.Error(err)
	}
	if _, err := must[stats.Estimate](t)(must[stats.Area](t)(stats.HanleyMcNeil(1, 5, 5)).Estimate()).Interval(.95); !errors.Is(err, stats.ErrUndefined) {
		t.Errorf("a perfect area: %v", err)
	}
}

// TestBinnedArea: pROC's aSAH, from the counts of wfns 1 to 5 alone (design/statistics.md).
func TestBinnedArea(t *testing.T) {
	poor, good := []float64{2, 12, 1, 8, 18}, []float64{37, 20, 3, 8, 4}
	a := must[stats.Area](t)(stats.BinnedArea(poor, good))
	if !near(a.Value, .8236788617886179, 1e-14) || !near(a.Variance, .00146991470882363, 1e-13) || a.Rows != 113 || !(a.DF > 40 && a.DF < 112) {
		t.Errorf("%+v", a)
	}
	for name, c := range map[string][2][]float64{
		"no bin": {nil, nil}, "one positive row": {{1, 0}, {4, 4}}, "no negative row": {{1, 4}, {0, 0}}, "other bins": {{1, 4}, {2}}, "no number": {{math.NaN(), 4}, {2, 2}}, "less than none": {{-1, 4}, {2, 2}},
	} {
		if a, err := stats.BinnedArea(c[0], c[1]); err == nil {
			t.Errorf("%s: %+v", name, a)
		}
	}
}
