package stats_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/noworse/noworse/stats"
)

func TestTwoSamples(t *testing.T) {
	tables := stored(t).Tables
	for _, row := range tables["ks_2samp(x, y), wasserstein_distance(x, y)"] {
		x, y := numbers(row[0].([]any)), numbers(row[1].([]any))
		ks := must[stats.Test](t)(stats.KolmogorovSmirnov(x, y))
		agree(t, "ks_2samp", row[2:], ks.Statistic, ks.P, must[float64](t)(stats.Wasserstein(x, y)))
	}
	for _, row := range tables["ks_2samp(x, y, method='exact').pvalue with only n, m and d"] {
		a := numbers(row)
		got := must[float64](t)(stats.KolmogorovSmirnovP(a[2], int(a[0]), int(a[1])))
		if !near(got, a[3], 1e-10) {
			t.Errorf("exact P of %v: %.17g", a, got)
		}
	}
	for _, row := range tables["cramervonmises_2samp(x, y, method='asymptotic'), anderson_ksamp([x, y], variant='midrank')"] {
		x, y := numbers(row[0].([]any)), numbers(row[1].([]any))
		c, a := must[stats.Test](t)(stats.CramerVonMises(x, y)), must[stats.Test](t)(stats.AndersonDarling(x, y))
		for i, got := range []float64{c.Statistic, c.P, a.Statistic, a.P} {
			if want := row[2+i].(float64); !near(got, want, 1e-9) {
				t.Errorf("%d and %d values, value %d: %.17g, scipy %.17g", len(x), len(y), i, got, want)
			}
		}
	}
	for _, row := range tables["distance.jensenshannon(x, y, base=2)"] {
		got := must[float64](t)(stats.JensenShannon(numbers(row[0].([]any)), numbers(row[1].([]any))))
		if want := row[2].(float64); math.Abs(got-want) > 1e-8*want+1e-12 {
			t.Errorf("jensenshannon: %.17g, scipy %.17g", got, want)
		}
	}
}

// TestKolmogorovSmirnovPublished: shared/design/statistics.md.
func TestKolmogorovSmirnovPublished(t *testing.T) {
	var x, y []float64
	for i := range 100 {
		x = append(x, 1+float64(i))
	}
	for i := range 110 {
		y = append(y, 1+float64(i)*99/109+20.1)
	}
	ks := must[stats.Test](t)(stats.KolmogorovSmirnov(x, y))
	if !near(ks.Statistic, 232./1100, 1e-14) || !near(ks.P, .015739183865607353, 1e-12) {
		t.Errorf("%+v", ks)
	}
	x, y = nil, nil
	for value, n := range map[float64]int{2: 3, 3: 4, 5: 5, 6: 4} {
		for range n {
			x, y = append(x, value), append(y, value+1)
		}
	}
	ks = must[stats.Test](t)(stats.KolmogorovSmirnov(x, y))
	if ks.Statistic != 5./16 || !near(ks.P, .4262934613454952, 1e-13) {
		t.Errorf("%+v", ks)
	}
}

func TestHellingerPublished(t *testing.T) {
	got := must[float64](t)(stats.Hellinger([]float64{16, 18, 16, 14, 12, 12}, []float64{16, 16, 16, 16, 16, 8}))
	digits(t, "Hellinger", got, ".0681277")
}

// TestReferenceDrift holds distances to shared/reference/ref20k_metrics.json:
// scipy 1.10.1, whose PSI floors shares at 1e-6.
func TestReferenceDrift(t *testing.T) {
	dir := filepath.Join("..", "..", "shared", "reference")
	text, err := os.ReadFile(filepath.Join(dir, "ref20k_metrics.json"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the shared reference is not here: distances on its 20,000 rows are left out")
	}
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Numeric map[string]struct {
			KS        float64   `json:"ks_stat"`
			P         float64   `json:"ks_p_scipy"`
			First     float64   `json:"ks_stat_first2000"`
			FirstP    float64   `json:"ks_p_exact_first2000"`
			W         float64   `json:"wasserstein"`
			PSI       float64   `json:"psi"`
			JS        float64   `json:"js_distance_base2"`
			Reference []float64 `json:"ref_bin_counts"`
			Current   []float64 `json:"prod_bin_counts"`
		} `json:"drift_numeric"`
		Categorical map[string]struct {
			Reference []float64 `json:"ref_counts"`
			Current   []float64 `json:"prod_counts"`
			Chi2      float64   `json:"chi2"`
			P         float64   `json:"p"`
			PSI       float64   `json:"psi"`
			JS        float64   `json:"js_distance_base2"`
		} `json:"drift_categorical"`
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	close := func(what string, got, want, share float64) {
		t.Helper()
		if !near(got, want, share) {
			t.Errorf("%s: %.17g, scipy %.17g", what, got, want)
		}
	}
	reference, current := columns(t, filepath.Join(dir, "ref20k.csv")), columns(t, filepath.Join(dir, "ref20k_prod.csv"))
	for name, w := range all.Numeric {
		x, y := reference[name], current[name]
		ks := must[stats.Test](t)(stats.KolmogorovSmirnov(x, y))
		close(name+" KS", ks.Statistic, w.KS, 1e-12)
		close(name+" P", ks.P, w.P, 1e-9)
		first := must[stats.Test](t)(stats.KolmogorovSmirnov(x[:2000], y[:2000]))
		close(name+" KS of 2,000", first.Statistic, w.First, 1e-12)
		close(name+" P of 2,000", first.P, w.FirstP, 1e-10)
		close(name+" Wasserstein", must[float64](t)(stats.Wasserstein(x, y)), w.W, 1e-11)
		close(name+" PSI", must[stats.StabilityIndex](t)(stats.PSI(w.Reference, w.Current)).Value, w.PSI, 1e-10)
		close(name+" JS", must[float64](t)(stats.JensenShannon(w.Reference, w.Current)), w.JS, 1e-10)
	}
	for name, w := range all.Categorical {
		c := must[stats.ChiSquareTest](t)(stats.ChiSquare(w.Reference, w.Current))
		close(name+" chi-square", c.Statistic, w.Chi2, 1e-11)
		close(name+" P", c.P, w.P, 1e-10)
		close(name+" PSI", must[stats.StabilityIndex](t)(stats.PSI(w.Reference, w.Current)).Value, w.PSI, 1e-11)
		close(name+" JS", must[float64](t)(stats.JensenShannon(w.Reference, w.Current)), w.JS, 1e-11)
	}
	if len(all.Numeric) == 0 || len(all.Categorical) == 0 {
		t.Error("nothing was compared")
	}
}

// columns reads the numeric columns of a CSV file.
func columns(t *testing.T, path string) map[string][]float64 {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]float64{}
	for _, row := range rows[1:] {
		for i, name := range rows[0] {
			if x, err := strconv.ParseFloat(row[i], 64); err == nil {
				all[name] = append(all[name], x)
			}
		}
	}
	return all
}

// TestKolmogorovSmirnovExact counts out all ways to mix two small samples.
func TestKolmogorovSmirnovExact(t *testing.T) {
	for _, c := range [][2]int{{1, 1}, {1, 4}, {3, 5}, {4, 6}, {5, 5}, {6, 4}, {7, 3}} {
		n, m := c[0], c[1]
		var distances []float64
		for mix := range 1 << (n + m) {
			i, j, d := 0, 0, 0.0
			for k := range n + m {
				if mix>>k&1 == 1 {
					i++
				} else {
					j++
				}
				d = max(d, math.Abs(float64(i*m-j*n)))
			}
			if i == n {
				distances = append(distances, d/float64(n*m))
			}
		}
		for _, d := range distances {
			at := 0
			for _, e := range distances {
				if e >= d-1e-12 {
					at++
				}
			}
			want := float64(at) / float64(len(distances))
			if got := must[float64](t)(stats.KolmogorovSmirnovP(d, n, m)); !near(got, want, 1e-12) {
				t.Fatalf("%d and %d values %v apart: P %v, counted %v", n, m, d, got, want)
			}
		}
	}
}

// TestDistanceLaws: equal shares are 0 apart, disjoint ones 1, either way round the
// same; order and copies of the rows do not matter; a shift is its own Wasserstein
// distance.
func TestDistanceLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(2, 8).Draw(t, "k")
		x, y, twice := make([]float64, k), make([]float64, k), make([]float64, k)
		for i := range x {
			x[i], y[i] = float64(rapid.IntRange(0, 50).Draw(t, "x")), float64(rapid.IntRange(0, 50).Draw(t, "y"))
		}
		x[0]++
		y[1]++
		for i := range x {
			twice[i] = 2 * x[i]
		}
		for name, f := range map[string]func(x, y []float64) (float64, error){
			"Jensen-Shannon": stats.JensenShannon, "Hellinger": stats.Hellinger, "total variation": stats.TotalVariation,
		} {
			d, err := f(x, y)
			back, _ := f(y, x)
			same, _ := f(x, twice)
			doubled, _ := f(twice, y)
			if err != nil || !(d >= 0 && d <= 1+1e-12) || math.Abs(back-d) > 1e-12 || same > 1e-7 || math.Abs(doubled-d) > 1e-12 {
				t.Fatalf("%s: %v, back %v, same %v, doubled %v, %v", name, d, back, same, doubled, err)
			}
			if apart, _ := f([]float64{3, 0}, []float64{0, 9}); math.Abs(apart-1) > 1e-12 {
				t.Fatalf("%s of disjoint shares: %v", name, apart)
			}
		}
		a := rapid.SliceOfN(rapid.Float64Range(-9, 9), 1, 20).Draw(t, "a")
		shift := rapid.Float64Range(0, 5).Draw(t, "shift")
		b := make([]float64, len(a))
		for i, v := range a {
			b[len(a)-1-i] = v + shift
		}
		if w, err := stats.Wasserstein(a, b); err != nil || math.Abs(w-shift) > 1e-12 {
			t.Fatalf("shifted by %v: Wasserstein %v, %v", shift, w, err)
		}
		self, err := stats.KolmogorovSmirnov(a, a)
		if err != nil || self.Statistic != 0 || self.P != 1 {
			t.Fatalf("itself: %+v, %v", self, err)
		}
	})
}

// TestSamplesOfNothing as elsewhere.
func TestSamplesOfNothing(t *testing.T) {
	nan := math.NaN()
	tests := map[string]func(x, y []float64) (float64, error){
		"ks":          func(x, y []float64) (float64, error) { v, err := stats.KolmogorovSmirnov(x, y); return v.P, err },
		"cvm":         func(x, y []float64) (float64, error) { v, err := stats.CramerVonMises(x, y); return v.P, err },
		"ad":          func(x, y []float64) (float64, error) { v, err := stats.AndersonDarling(x, y); return v.P, err },
		"wasserstein": stats.Wasserstein,
		"js":          stats.JensenShannon, "hellinger": stats.Hellinger, "tv": stats.TotalVariation,
		"psi": func(x, y []float64) (float64, error) { v, err := stats.PSI(x, y); return v.P, err },
	}
	for name, f := range tests {
		for _, c := range []struct {
			x, y []float64
			want error
		}{
			{nil, nil, stats.ErrUndefined},
			{[]float64{nan}, []float64{1}, stats.ErrInvalid}, {[]float64{1}, []float64{math.Inf(1)}, stats.ErrInvalid},
		} {
			if v, err := f(c.x, c.y); !errors.Is(err, c.want) || !math.IsNaN(v) {
				t.Errorf("%s of %v and %v: %v, %v", name, c.x, c.y, v, err)
			}
		}
	}
	for i, err := range []error{
		second(stats.CramerVonMises([]float64{1}, []float64{1, 2})),
		second(stats.AndersonDarling([]float64{1}, []float64{1, 2})),
		second(stats.AndersonDarling([]float64{5, 5, 5}, []float64{5, 5, 5})),
		second(stats.KolmogorovSmirnovP(.5, 0, 5)),
		second(stats.PSI([]float64{5, 0}, []float64{5, 0})),
		second(stats.StabilityIndex{}.Interval(.9)),
		second(stats.Wasserstein([]float64{-math.MaxFloat64}, []float64{math.MaxFloat64})),
		second(stats.Influence(1, []float64{0})),
	} {
		if !errors.Is(err, stats.ErrUndefined) {
			t.Errorf("case %d: %v", i, err)
		}
	}
	for _, d := range []float64{nan, -.1, 1.1} {
		if _, err := stats.KolmogorovSmirnovP(d, 5, 5); !errors.Is(err, stats.ErrInvalid) {
			t.Errorf("a distance of %v: %v", d, err)
		}
	}
	if _, err := stats.Influence(1, []float64{0, nan}); !errors.Is(err, stats.ErrInvalid) {
		t.Error(err)
	}
}

// TestNoDrift: of samples of one population each test rejects at .05 in about 5 of
// 100, PSI is Null on average, and its interval reaches down to 0.
func TestNoDrift(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 6))
	const sets = 1000
	rejected := map[string]int{}
	var psi stats.Moments
	reached, null := 0, 0.0
	for range sets {
		x, y := make([]float64, 120), make([]float64, 80)
		for _, s := range [][]float64{x, y} {
			for i := range s {
				s[i] = random.NormFloat64()
			}
		}
		binned := func(s []float64) []float64 {
			counts := make([]float64, 4)
			for _, v := range s {
				counts[within(int(v+2), 0, 3)]++
			}
			return counts
		}
		index := must[stats.StabilityIndex](t)(stats.PSI(binned(x), binned(y)))
		psi.Add(index.Value)
		null = index.Null
		if must[stats.Interval](t)(index.Interval(.9)).Low == 0 {
			reached++
		}
		for name, p := range map[string]float64{
			"ks": must[stats.Test](t)(stats.KolmogorovSmirnov(x, y)).P, "cvm": must[stats.Test](t)(stats.CramerVonMises(x, y)).P,
			"ad": must[stats.Test](t)(stats.AndersonDarling(x, y)).P, "psi": index.P,
			"chi-square": must[stats.ChiSquareTest](t)(stats.ChiSquare(binned(x), binned(y))).P,
		} {
			if p <= .05 {
				rejected[name]++
			}
		}
	}
	for name, n := range rejected {
		if n < 25 || n > 75 {
			t.Errorf("%s rejects %d of %d", name, n, sets)
		}
	}
	if len(rejected) != 5 || math.Abs(psi.Mean/null-1) > .15 || reached < .92*sets {
		t.Errorf("rejected %v; PSI %v on average, said %v; %d intervals reach 0", rejected, psi.Mean, null, reached)
	}
}

func within(x, low, high int) int { return min(max(x, low), high) }

// TestPSIInterval covers the true index of a shifted population.
func TestPSIInterval(t *testing.T) {
	p, q := []float64{.25, .25, .25, .25}, []float64{.2, .22, .27, .31}
	truth := 0.0
	for i := range p {
		truth += (q[i] - p[i]) * math.Log(q[i]/p[i])
	}
	draw := func(random *rand.Rand, shares []float64, n int) []float64 {
		counts := make([]float64, len(shares))
		for range n {
			u, k := random.Float64(), 0
			for ; k < len(shares)-1 && u >= shares[k]; k++ {
				u -= shares[k]
			}
			counts[k]++
		}
		return counts
	}
	random := rand.New(rand.NewPCG(1, 9))
	covered := 0
	const sets = 1000
	for range sets {
		index := must[stats.StabilityIndex](t)(stats.PSI(draw(random, p, 1000), draw(random, q, 800)))
		if must[stats.Interval](t)(index.Interval(.95)).Contains(truth) {
			covered++
		}
	}
	if covered < 925 || covered > 975 {
		t.Errorf("covered %d of %d", covered, sets)
	}
}

// TestInfluenceIsDeLong: rows' influences on the area's change give DeLong's
// standard error, but for n/(n-1) taken over all rows.
func TestInfluenceIsDeLong(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 4))
	const n = 4000
	positive, a, b := make([]bool, n), make([]float64, n), make([]float64, n)
	for i := range positive {
		positive[i] = random.IntN(3) == 0
		signal := random.NormFloat64()
		if positive[i] {
			signal++
		}
		a[i], b[i] = signal+random.NormFloat64(), signal+random.NormFloat64()/2
	}
	areas := must[stats.Areas](t)(must[stats.DeLong](t)(stats.DeLongOf(positive, a, b)).Areas())
	var rows [2]float64
	for _, p := range positive {
		if p {
			rows[1]++
		} else {
			rows[0]++
		}
	}
	change := areas.B - areas.A
	var influences []float64
	order := [2][]float64{}
	for k, s := range [][]float64{a, b} {
		for class := range 2 {
			var other []float64
			for i := range s {
				if positive[i] == (class == 0) {
					other = append(other, s[i])
				}
			}
			slices.Sort(other)
			for i := range s {
				if positive[i] == (class == 1) {
					at, _ := slices.BinarySearch(other, s[i])
					share := float64(at) / float64(len(other))
					if class == 0 {
						share = 1 - share
					}
					order[k] = append(order[k], share/rows[class])
				}
			}
		}
	}
	for i := range order[0] {
		class := 0
		if i >= int(rows[0]) {
			class = 1
		}
		influences = append(influences, order[1][i]-order[0][i]-change/rows[class])
	}
	e := must[stats.Estimate](t)(stats.Influence(change, influences))
	if want := math.Sqrt(areas.VarChange); !near(e.SE, want, 1e-3) || e.DF != n-1 {
		t.Errorf("%+v, DeLong %v", e, want)
	}
	if w := (stats.Interval{Low: 1, High: 2, Level: .9}).Widened(.5); w.Low != .5 || w.High != 2.5 || w.Level != .9 {
		t.Errorf("widened: %+v", w)
	}
}
