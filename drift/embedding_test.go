package drift_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noworse/noworse/drift"
	"github.com/noworse/noworse/stats"
)

// vectorsOf are normal vectors, moved in all coordinates, the second of which goes along
// with the first as far as said.
func vectorsOf(seed uint64, rows, dimensions int, move, along float64) [][]float64 {
	random := rand.New(rand.NewPCG(seed, 21))
	list := make([][]float64, rows)
	for i := range list {
		list[i] = make([]float64, dimensions)
		for j := range list[i] {
			list[i][j] = random.NormFloat64()
		}
		list[i][1] = along*list[i][0] + math.Sqrt(1-along*along)*list[i][1]
		for j := range list[i] {
			list[i][j] += move
		}
	}
	return list
}

func summed(t *testing.T, k *drift.Kernel, list [][]float64) *drift.Vectors {
	t.Helper()
	v := k.Vectors()
	for _, x := range list {
		if err := v.Add(x); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

func discrepancy(t *testing.T, reference, current [][]float64) *drift.Discrepancy {
	t.Helper()
	k, err := drift.NewKernel(reference)
	if err != nil {
		t.Fatal(err)
	}
	d, err := drift.CompareVectors(summed(t, k, reference), summed(t, k, current), .95)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// exact is the unbiased square of the kernel itself, lemma 6 of Gretton and others (2012).
func exact(x, y [][]float64, bandwidth float64) float64 {
	mean := func(a, b [][]float64, same bool) float64 {
		sum, n := 0.0, 0.0
		for i, u := range a {
			for j, v := range b {
				if same && i == j {
					continue
				}
				squares := 0.0
				for k := range u {
					squares += (u[k] - v[k]) * (u[k] - v[k])
				}
				sum += math.Exp(-squares / (2 * bandwidth * bandwidth))
				n++
			}
		}
		return sum / n
	}
	return mean(x, x, true) + mean(y, y, true) - 2*mean(x, y, false)
}

func TestDiscrepancyIsTheKernels(t *testing.T) {
	x, y := vectorsOf(1, 800, 8, 0, 0), vectorsOf(2, 900, 8, .5, 0)
	d := discrepancy(t, x, y)
	// The median distance of two normal vectors of 8 is sqrt(2 * 7.344) (scipy 1.17.1, chi2(8).median()).
	want := exact(x, y, math.Sqrt(2*7.344))
	if math.Abs(d.Square/want-1) > .15 || !d.Interval.Contains(want) || !(d.P < 1e-9) {
		t.Errorf("%+v, want a square of %v", d, want)
	}
}

func TestVectorLimit(t *testing.T) {
	for _, dimensions := range []int{2, 16, 128} {
		d := discrepancy(t, vectorsOf(1, 3000, dimensions, 0, 0), vectorsOf(2, 3000, dimensions, .25, 0))
		t.Logf("%d dimensions: %.3f", dimensions, d.Distance)
		if !d.Drifted(.15, .05) || d.Distance > .26 {
			t.Errorf("%d dimensions: %+v", dimensions, d)
		}
	}
	if d := discrepancy(t, vectorsOf(1, 3000, 4, 0, 0), vectorsOf(2, 3000, 4, 0, .9)); !(d.P < 1e-6) {
		t.Errorf("another dependence: %+v", d)
	}
}

// TestEqualVectors: scipy 1.17.1, binom.sf(18, 200, .05) = .0058.
func TestEqualVectors(t *testing.T) {
	small := 0
	for seed := range uint64(200) {
		d := discrepancy(t, vectorsOf(2*seed, 150, 6, 0, .5), vectorsOf(2*seed+1, 250, 6, 0, .5))
		if d.P <= .05 {
			small++
		}
		if d.Drifted(drift.VectorLimit, .05) {
			t.Errorf("seed %d: %+v", seed, d)
		}
	}
	t.Logf("P <= .05 in %d of 200", small)
	if small > 18 {
		t.Errorf("P <= .05 in %d of 200", small)
	}
}

func TestVectorsMerge(t *testing.T) {
	x, y := vectorsOf(1, 300, 3, 0, 0), vectorsOf(2, 300, 3, .1, 0)
	k, err := drift.NewKernel(x)
	if err != nil {
		t.Fatal(err)
	}
	merged := summed(t, k, y[200:])
	if err := merged.Merge(summed(t, k, y[:200])); err != nil {
		t.Fatal(err)
	}
	got, err := drift.CompareVectors(summed(t, k, x), merged, .95)
	if err != nil {
		t.Fatal(err)
	}
	want := discrepancy(t, x, y)
	if math.Abs(got.Square-want.Square) > 1e-12 || math.Abs(got.P/want.P-1) > 1e-9 {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestNoVectors(t *testing.T) {
	x := vectorsOf(1, 50, 3, 0, 0)
	k, err := drift.NewKernel(x)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][]float64{nil, {1, 2}, {1, 2, math.NaN()}, {1, 2, math.Inf(1)}} {
		if err := k.Vectors().Add(bad); !errors.Is(err, stats.ErrInvalid) {
			t.Errorf("%v: %v", bad, err)
		}
	}
	if _, err := drift.CompareVectors(summed(t, k, x), k.Vectors(), .95); !errors.Is(err, stats.ErrUndefined) {
		t.Errorf("no rows: %v", err)
	}
	other, err := drift.NewKernel(x)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := drift.CompareVectors(summed(t, k, x), summed(t, other, x), .95); !errors.Is(err, stats.ErrInvalid) {
		t.Errorf("two kernels: %v", err)
	}
	equal := make([][]float64, 20)
	for i := range equal {
		equal[i] = []float64{1, 2, 3}
	}
	for _, list := range [][][]float64{nil, equal} {
		if _, err := drift.NewKernel(list); !errors.Is(err, stats.ErrUndefined) {
			t.Errorf("%d vectors: %v", len(list), err)
		}
	}
}
