package stats_test

import (
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"testing"

	"github.com/noworse/noworse/internal/gatetest/oracle"
	"github.com/noworse/noworse/stats"
)

// references is testdata/scipy.json: what scipy 1.17.1 says, by the call that
// says it, written by testdata/references.py.
type references struct {
	Scipy  string
	Tables map[string][][]any
}

func readReferences(t *testing.T, text []byte) references {
	t.Helper()
	var r references
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func stored(t *testing.T) references {
	t.Helper()
	text, err := os.ReadFile("testdata/scipy.json")
	if err != nil {
		t.Fatal(err)
	}
	return readReferences(t, text)
}

// TestReferencesAreScipys asks scipy again, where it is installed.
func TestReferencesAreScipys(t *testing.T) {
	out, err := exec.Command(oracle.Python(t), "-I", "testdata/references.py").Output()
	if err != nil {
		t.Fatal(err)
	}
	want, got := readReferences(t, out), stored(t)
	if len(want.Tables) != len(got.Tables) {
		t.Errorf("%d tables, scipy gives %d", len(got.Tables), len(want.Tables))
	}
	for call, rows := range want.Tables {
		for i, row := range rows {
			same(t, call, got.Tables[call][i], row)
		}
	}
}

// same compares two values of JSON, numbers to 1e-10: scipy's last digits differ
// between machines.
func same(t *testing.T, call string, got, want any) {
	t.Helper()
	switch w := want.(type) {
	case float64:
		if near(got.(float64), w, 1e-10) {
			return
		}
		t.Errorf("%s: testdata/scipy.json has %v, scipy says %v", call, got, want)
	case []any:
		for i, x := range w {
			same(t, call, got.([]any)[i], x)
		}
	}
}

// near says whether two numbers differ by at most a share of the second.
func near(got, want, share float64) bool {
	return got == want || math.Abs(got-want) <= share*math.Abs(want)
}

func TestDistributions(t *testing.T) {
	n := func(x float64) int { return int(x) }
	for _, c := range []struct {
		call     string
		accuracy float64
		f        func(a []float64) float64
	}{
		{"norm.sf(z)", 1e-12, func(a []float64) float64 { return stats.NormalUpper(a[0]) }},
		{"norm.logsf(z)", 1e-12, func(a []float64) float64 { return stats.LogNormalUpper(a[0]) }},
		{"norm.ppf(p)", 1e-14, func(a []float64) float64 { return stats.NormalQuantile(a[0]) }},
		{"t.sf(t, df)", 1e-12, func(a []float64) float64 { return stats.StudentUpper(a[0], a[1]) }},
		{"t.ppf(p, df)", 1e-12, func(a []float64) float64 { return stats.StudentQuantile(a[0], a[1]) }},
		{"chi2.sf(x, df)", 1e-12, func(a []float64) float64 { return stats.ChiSquareUpper(a[0], a[1]) }},
		{"f.sf(f, d1, d2)", 1e-12, func(a []float64) float64 { return stats.FUpper(a[0], a[1], a[2]) }},
		{"beta.cdf(x, a, b)", 1e-12, func(a []float64) float64 { return stats.BetaLower(a[0], a[1], a[2]) }},
		{"beta.ppf(p, a, b)", 1e-12, func(a []float64) float64 { return stats.BetaQuantile(a[0], a[1], a[2]) }},
		// At n = 100,000, p = .0001, k = 1 mpmath 1.4.1 gives .000499194955320708861: scipy is off by 1e-12.
		{"binom.cdf(k, n, p)", 2e-12, func(a []float64) float64 { return stats.BinomialLower(n(a[2]), n(a[0]), a[1]) }},
		{"binom.sf(k-1, n, p)", 1e-12, func(a []float64) float64 { return stats.BinomialUpper(n(a[2]), n(a[0]), a[1]) }},
		{"binom.pmf(k, n, p)", 1e-12, func(a []float64) float64 { return stats.BinomialPMF(n(a[2]), n(a[0]), a[1]) }},
		{"hypergeom.sf(k-1, all, marked, drawn)", 1e-12, func(a []float64) float64 {
			marked, drawn, k := n(a[2]), n(a[3]), n(a[0])
			if k > min(marked, drawn) {
				return 0
			}
			f, _ := stats.Fisher(k, drawn-k, marked-k, n(a[1])-marked-drawn+k)
			return f.Greater
		}},
		{"ncx2.cdf(x, df, nc)", 1e-12, func(a []float64) float64 { return stats.NoncentralChiSquareLower(a[0], a[1], a[2]) }},
		{"ncx2.sf(x, df, nc)", 1e-11, func(a []float64) float64 { return stats.NoncentralChiSquareUpper(a[0], a[1], a[2]) }},
		{"ncx2.ppf(p, df, nc)", 1e-12, func(a []float64) float64 { return stats.NoncentralChiSquareQuantile(a[0], a[1], a[2]) }},
		{"kstwo.sf(d, n)", 1e-12, func(a []float64) float64 { return stats.KolmogorovUpper(a[0], n(a[1])) }},
		{"special.smirnov(n, d)", 1e-12, func(a []float64) float64 { return stats.SmirnovUpper(a[0], n(a[1])) }},
	} {
		table := stored(t).Tables[c.call]
		if len(table) == 0 {
			t.Errorf("no table %s", c.call)
		}
		for _, row := range table {
			a := numbers(row)
			got, want := c.f(a), a[len(a)-1]
			if !near(got, want, c.accuracy) {
				t.Errorf("%s of %v: %.17g, scipy %.17g: off by %.2g", c.call, a[:len(a)-1], got, want, got/want-1)
			}
		}
	}
}

func numbers(row []any) []float64 {
	a := make([]float64, len(row))
	for i, x := range row {
		a[i] = x.(float64)
	}
	return a
}

// TestRankAndShares holds whole procedures against scipy's.
func TestRankAndShares(t *testing.T) {
	tables := stored(t).Tables
	for _, row := range tables["wilcoxon(x, alternative, method='exact')"] {
		s := must[stats.SignedRank](t)(stats.SignedRankTest(numbers(row[0].([]any))))
		agree(t, "wilcoxon", row[1:], s.Less, s.Greater, s.TwoSided)
	}
	for _, row := range tables["binomtest(x, n, p, alternative)"] {
		a := numbers(row)
		p := must[stats.ProportionTest](t)(stats.TestProportion(int(a[0]), int(a[1]), a[2]))
		agree(t, "binomtest", row[3:], p.Less, p.Greater, p.TwoSided)
	}
	for _, row := range tables["binomtest(x, n).proportion_ci(level, 'exact' and 'wilson')"] {
		a := numbers(row)
		e := must[stats.Interval](t)(stats.ClopperPearson(int(a[0]), int(a[1]), a[2]))
		w := must[stats.Interval](t)(stats.Wilson(int(a[0]), int(a[1]), a[2]))
		agree(t, "proportion_ci", row[3:], e.Low, e.High, w.Low, w.High)
	}
	for _, row := range tables["false_discovery_control(p, method='bh')"] {
		agree(t, "bh", row[1].([]any), must[[]float64](t)(stats.BenjaminiHochberg(numbers(row[0].([]any))))...)
	}
}

func TestTables(t *testing.T) {
	tables := stored(t).Tables
	for _, row := range tables["fisher_exact([[a, b], [c, d]], alternative)"] {
		a := numbers(row)
		f := must[stats.FisherTest](t)(stats.Fisher(int(a[0]), int(a[1]), int(a[2]), int(a[3])))
		agree(t, "fisher_exact", row[4:], f.Less, f.Greater, f.TwoSided)
	}
	for _, row := range tables["chi2_contingency([x, y], correction=False), association(method='cramer')"] {
		c := must[stats.ChiSquareTest](t)(stats.ChiSquare(numbers(row[0].([]any)), numbers(row[1].([]any))))
		agree(t, "chi2_contingency", row[2:], c.Statistic, c.P, c.CramersV)
	}
}

// agree holds values to scipy's; proportion_ci finds its own to 2e-12.
func agree(t *testing.T, what string, want []any, got ...float64) {
	t.Helper()
	if len(want) != len(got) {
		t.Fatalf("%s: %d values, scipy gives %d", what, len(got), len(want))
	}
	for i, w := range numbers(want) {
		if !near(got[i], w, 2e-12) && math.Abs(got[i]-w) > 2e-12 {
			t.Errorf("%s, value %d: %.17g, scipy %.17g", what, i, got[i], w)
		}
	}
}
