package evidence

import (
	"math"
	"testing"
)

// TestGather: P is that of scipy 1.17.1, scipy.stats.fisher_exact([[marked in,
// others in], [marked out, others out]], alternative="greater"); Adjusted is
// Holm's method by its definition.
func TestGather(t *testing.T) {
	all := Part{378, 12000}
	parts := []Part{{111, 989}, {123, 1980}, {66, 1717}, {1, 400}, {40, 1000}}
	want := []Gathering{
		{1.7424201034032946e-34, 8.712100517016472e-34}, {5.134667012780269e-15, 2.0538668051121077e-14}, {0.04692781069693104, 0.14078343209079314},
		{0.9999977932997026, 0.9999977932997026}, {0.06872134400497484, 0.14078343209079314},
	}
	for i, got := range Gather(all, parts) {
		if math.Abs(got.P-want[i].P) > 1e-12*want[i].P || math.Abs(got.Adjusted-want[i].Adjusted) > 1e-12*want[i].Adjusted {
			t.Errorf("%+v: %+v, want %+v", parts[i], got, want[i])
		}
	}
}

// TestGatherNowhere: parts that have no outside, or that cannot be, prove nothing,
// and count all the same.
func TestGatherNowhere(t *testing.T) {
	for i, got := range Gather(Part{10, 100}, []Part{{0, 0}, {10, 100}, {11, 20}, {5, 4}, {1, 200}, {0, 50}}) {
		if got != (Gathering{1, 1}) {
			t.Errorf("part %d: %+v", i, got)
		}
	}
	alone := Gather(Part{10, 100}, []Part{{10, 10}})[0]
	beside := Gather(Part{10, 100}, []Part{{10, 10}, {0, 0}, {10, 100}})[0]
	if !(alone.P < 1e-10) || alone.Adjusted != alone.P || beside.Adjusted != 3*alone.P {
		t.Errorf("alone %+v, beside two others %+v", alone, beside)
	}
	if got := Gather(Part{0, 100}, []Part{{0, 10}})[0]; got != (Gathering{1, 1}) {
		t.Errorf("without flips: %+v", got)
	}
	if len(Gather(Part{}, nil)) != 0 {
		t.Error("parts of nothing")
	}
}

// TestOfShare: scipy 1.17.1, binomtest(378, 12000).proportion_ci(method="wilson").
func TestOfShare(t *testing.T) {
	v, ok := OfShare(378, 12000, 0.05)
	if !ok || math.Abs(v.Low-.02852174384588916) > 1e-15 || math.Abs(v.High-.03477811407270618) > 1e-15 {
		t.Errorf("%+v", v)
	}
	for _, c := range [][2]uint64{{0, 0}, {2, 1}, {1, math.MaxUint64}} {
		if v, ok := OfShare(c[0], c[1], 0.05); ok {
			t.Errorf("%v: %+v", c, v)
		}
	}
}
