package drift_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/dataset/duckdb"
	"github.com/noworse/noworse/drift"
	"github.com/noworse/noworse/profile"
)

// shared is a file beside the repository, or the test is skipped.
func shared(t *testing.T, path string) string {
	t.Helper()
	path = filepath.Join("..", "..", "shared", path)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("%s is absent: real data and expected numbers lie beside the repository, in shared/", path)
	}
	return path
}

func open(t *testing.T, path string) dataset.Source {
	t.Helper()
	s, err := duckdb.Open(context.Background(), dataset.Layout{Eval: dataset.Table{At: "data", Path: path}}, duckdb.Options{Threads: 2, Memory: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func build(t *testing.T, s dataset.Source, o profile.Options) *profile.Profile {
	t.Helper()
	p, err := profile.Build(context.Background(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// expected are the numbers of ref20k_metrics.json: scipy 1.10.1 and numpy 1.24.2, as its
// notes say.
type expected struct {
	Numeric map[string]struct {
		KS      float64   `json:"ks_stat"`
		P       float64   `json:"ks_p_scipy"`
		First   float64   `json:"ks_stat_first2000"`
		FirstP  float64   `json:"ks_p_exact_first2000"`
		W       float64   `json:"wasserstein"`
		PSI     float64   `json:"psi"`
		JS      float64   `json:"js_distance_base2"`
		Edges   []float64 `json:"quantile_edges"`
		Ref     []uint64  `json:"ref_bin_counts"`
		Prod    []uint64  `json:"prod_bin_counts"`
		RefMean float64   `json:"ref_mean"`
		Mean    float64   `json:"prod_mean"`
		RefSD   float64   `json:"ref_std_ddof1"`
		SD      float64   `json:"prod_std_ddof1"`
	} `json:"drift_numeric"`
	Categorical map[string]struct {
		Categories []string `json:"categories"`
		Ref        []uint64 `json:"ref_counts"`
		Prod       []uint64 `json:"prod_counts"`
		Chi2       float64  `json:"chi2"`
		P          float64  `json:"p"`
		PSI        float64  `json:"psi"`
		JS         float64  `json:"js_distance_base2"`
	} `json:"drift_categorical"`
}

func readExpected(t *testing.T) expected {
	t.Helper()
	data, err := os.ReadFile(shared(t, "reference/ref20k_metrics.json"))
	if err != nil {
		t.Fatal(err)
	}
	var e expected
	if err := json.Unmarshal(data, &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within*max(1, math.Abs(want))) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestNumericReference(t *testing.T) {
	e := readExpected(t)
	reference := build(t, open(t, shared(t, "reference/ref20k.csv")), profile.Options{})
	current := build(t, open(t, shared(t, "reference/ref20k_prod.csv")), profile.Options{Like: reference})
	for name, want := range e.Numeric {
		r, c := reference.Find(name), current.Find(name)
		measured := func(d drift.Distance) drift.Measure {
			x := drift.Compare(r, c, reference.Rows, current.Rows, drift.Rule{Distance: d, Level: .95})
			if x.Measure == nil {
				t.Fatalf("%s %s: %s%s", name, d, x.Skipped, x.Broken)
			}
			if !x.Measure.Exact() {
				t.Errorf("%s %s is not exact", name, d)
			}
			return *x.Measure
		}
		ks, psi, js, w := measured(drift.KS), measured(drift.PSI), measured(drift.JensenShannon), measured(drift.Wasserstein)
		near(t, name+" KS", ks.Effect, want.KS, 1e-12)
		near(t, name+" KS p", ks.P, want.P, 1e-9*want.P)
		near(t, name+" PSI", psi.Effect, want.PSI, 1e-12)
		near(t, name+" Jensen-Shannon", js.Effect, want.JS, 1e-12)
		near(t, name+" Wasserstein", w.Effect*r.Numbers.Moments.SD(), want.W, 1e-12)
		near(t, name+" mean", r.Numbers.Moments.Mean(), want.RefMean, 1e-12)
		near(t, name+" mean of production", c.Numbers.Moments.Mean(), want.Mean, 1e-12)
		near(t, name+" sd", r.Numbers.Moments.SD(), want.RefSD, 1e-12)
		near(t, name+" sd of production", c.Numbers.Moments.SD(), want.SD, 1e-12)
		for i, edge := range want.Edges {
			near(t, name+" decile", r.Numbers.Deciles[i], edge, 0)
			below, prod := uint64(0), uint64(0)
			for k := range i + 1 {
				below, prod = below+want.Ref[k], prod+want.Prod[k]
			}
			if r.Numbers.Below(edge) != below || c.Numbers.Below(edge) != prod {
				t.Errorf("%s: %d and %d below %v, want %d and %d", name, r.Numbers.Below(edge), c.Numbers.Below(edge), edge, below, prod)
			}
		}
		bounded(t, name, r, c, reference.Rows, current.Rows)
	}
}

// bounded drops the numbers themselves: what the bins say must hold the exact distance,
// within a thousandth or two.
func bounded(t *testing.T, name string, r, c *profile.Column, rows, now uint64) {
	t.Helper()
	for _, d := range []drift.Distance{drift.KS, drift.Wasserstein, drift.CramerVonMises, drift.AndersonDarling} {
		exact := drift.Compare(r, c, rows, now, drift.Rule{Distance: d, Level: .95}).Measure
		a, b := *r, *c
		x, y := *r.Numbers, *c.Numbers
		x.Values, y.Values = nil, nil
		a.Numbers, b.Numbers = &x, &y
		binned := drift.Compare(&a, &b, rows, now, drift.Rule{Distance: d, Level: .95}).Measure
		if exact.Effect < binned.Low-1e-12 || exact.Effect > binned.High+1e-12 {
			t.Errorf("%s %s: exactly %v, and bins say %v to %v", name, d, exact.Effect, binned.Low, binned.High)
		}
		if width := binned.High - binned.Low; width > .08 {
			t.Errorf("%s %s: bins leave %v", name, d, width)
		}
		if binned.Interval.Low > exact.Interval.Low+1e-9 && d == drift.KS {
			t.Errorf("%s %s: the interval of bins begins at %v, of values at %v", name, d, binned.Interval.Low, exact.Interval.Low)
		}
	}
}

func TestFirstRowsReference(t *testing.T) {
	e := readExpected(t)
	first := func(path string) string {
		data, err := os.ReadFile(shared(t, path))
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(t.TempDir(), "first.csv")
		lines := strings.SplitAfterN(string(data), "\n", 2002)
		if err := os.WriteFile(to, []byte(strings.Join(lines[:2001], "")), 0o644); err != nil {
			t.Fatal(err)
		}
		return to
	}
	reference := build(t, open(t, first("reference/ref20k.csv")), profile.Options{})
	current := build(t, open(t, first("reference/ref20k_prod.csv")), profile.Options{Like: reference})
	for name, want := range e.Numeric {
		m := drift.Compare(reference.Find(name), current.Find(name), reference.Rows, current.Rows, drift.Rule{Level: .95}).Measure
		near(t, name+" KS", m.Effect, want.First, 1e-12)
		near(t, name+" exact p", m.P/want.FirstP, 1, 1e-9)
	}
}

func TestCategoricalReference(t *testing.T) {
	e := readExpected(t)
	reference := build(t, open(t, shared(t, "reference/ref20k.csv")), profile.Options{})
	current := build(t, open(t, shared(t, "reference/ref20k_prod.csv")), profile.Options{Like: reference})
	for name, want := range e.Categorical {
		r, c := reference.Find(name), current.Find(name)
		for i, category := range want.Categories {
			a, b := r.Texts.Find(category), c.Texts.Find(category)
			if r.Texts.Categories[a].Rows != want.Ref[i] || c.Texts.Categories[b].Rows != want.Prod[i] {
				t.Errorf("%s %s: %v and %v", name, category, r.Texts.Categories[a], c.Texts.Categories[b])
			}
		}
		measured := func(d drift.Distance) drift.Measure {
			return *drift.Compare(r, c, reference.Rows, current.Rows, drift.Rule{Distance: d, Level: .95}).Measure
		}
		near(t, name+" PSI", measured(drift.PSI).Effect, want.PSI, 1e-12)
		near(t, name+" Jensen-Shannon", measured(drift.JensenShannon).Effect, want.JS, 1e-12)
		v := measured(drift.CramersV)
		near(t, name+" chi-square", v.Effect*v.Effect*40_000, want.Chi2, 1e-12)
		near(t, name+" p", v.P/want.P, 1, 1e-9)
	}
}
