package evidence

import (
	"math"
	"testing"

	"github.com/noworse/noworse/metric"
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

// TestFlipsOverGroups: statsmodels 0.15.0 on the rows of reference(), OLS of whether
// a row flips (of those that the share is of) on a constant, by
// fit(cov_type="cluster", cov_kwds={"groups": group, "use_correction": True}); t is
// scipy 1.17.1's t.ppf(.975, groups - 1), and the group of usual size numpy 2.4.6's
// sum of squares of the groups' rows over the square of all.
func TestFlipsOverGroups(t *testing.T) {
	v := groupedLabels(2, reference(), false)
	for _, c := range []struct {
		share           metric.FlipShare
		value, se, most float64
		groups          uint64
		quantile        float64
	}{
		{metric.NegativeFlipRate, 0.17500000000000004, 0.010981612748495533, 0.010744444444444444, 95, 1.985523441866604},
		{metric.BackwardTrust, 0.7912524850894631, 0.012335086763434783, 0.011110276709524167, 95, 1.985523441866604},
		{metric.ErrorCompatibility, 0.16000000000000003, 0.03202344506992247, 0.013376, 83, 1.989318557136572},
	} {
		in, groups, ok := OfFlips(v, c.share, .05)
		se := seOf(in.Low, in.High, c.most, c.quantile)
		if !ok || in.Method != "cluster" || groups != c.groups || !near((in.Low+in.High)/2, c.value, 1e-12) || !near(se, c.se, 1e-11) {
			t.Errorf("%s: %d groups, standard error %v, %+v", c.share.Name, groups, se, in)
		}
	}
	if in, _, ok := OfFlips(groupedLabels(2, reference(), true), metric.NegativeFlipRate, .05); ok {
		t.Errorf("flips of weighted groups: %+v", in)
	}
	few := copies(20, concat(times(5, row{1, 0, 1}), times(4, row{1, 1, 1})))
	if _, groups, ok := OfFlips(groupedLabels(2, few, false), metric.NegativeFlipRate, .05); ok || groups != 9 {
		t.Errorf("evidence on %d groups", groups)
	}
}
