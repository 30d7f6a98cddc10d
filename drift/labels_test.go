package drift_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/noworse/noworse/drift"
	"github.com/noworse/noworse/stats"
)

var labelled = [][]uint64{{420, 30, 20}, {50, 260, 35}, {30, 60, 195}}

// TestLabelShift: numpy 2.4.6, linalg.solve(C/C.sum(0), m/m.sum()) and linalg.svd; scipy
// 1.17.1, chi2_contingency; standard errors of 200,000 parametric bootstraps by numpy's
// multinomial, seed 1.
func TestLabelShift(t *testing.T) {
	l, err := drift.LabelShift(labelled, []uint64{300, 420, 280}, .95)
	if err != nil {
		t.Fatal(err)
	}
	shares := []float64{.28583894290700573, .4834205933682373, .23074046372475696}
	errors := []float64{.02299793, .03303249, .02939283}
	for j, s := range l.Shares {
		if math.Abs(s.Current-shares[j]) > 1e-14 {
			t.Errorf("label %d: %.17g, want %.17g", j, s.Current, shares[j])
		}
		if se := (s.Interval.High - s.Interval.Low) / 2 / 1.959963984540054; math.Abs(se/errors[j]-1) > .01 {
			t.Errorf("label %d: standard error %v, bootstrap %v", j, se, errors[j])
		}
	}
	if s := l.Shares[1]; math.Abs(s.Reference-350./1100) > 1e-15 || math.Abs(s.Weight-shares[1]*1100/350) > 1e-13 {
		t.Errorf("%+v", s)
	}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"distance", l.Distance, .1687065116384488},
		{"P", l.P, 1.8107566510877824e-09},
		{"smallest", l.Smallest, .6022200297022863},
		{"condition", l.Condition, 1.6607239527980149},
	} {
		if math.Abs(c.got/c.want-1) > 1e-9 {
			t.Errorf("%s %.17g, want %.17g", c.name, c.got, c.want)
		}
	}
	if !l.Drifted(drift.LabelLimit, .05) || l.Drifted(.2, .05) {
		t.Error("the labels have shifted by .169")
	}
}

// TestLabelShiftHolds: where only the labels' shares change, intervals cover them, and
// where they do not, the test errs as often as it says.
func TestLabelShiftHolds(t *testing.T) {
	const runs = 400
	rates := [2]float64{.2, .85} // of prediction 1, by label
	random := rand.New(rand.NewPCG(1, 1))
	draw := func(rows int, share float64) (cells [2][2]uint64) {
		for range rows {
			label, prediction := 0, 0
			if random.Float64() < share {
				label = 1
			}
			if random.Float64() < rates[label] {
				prediction = 1
			}
			cells[prediction][label]++
		}
		return cells
	}
	covered, wrong := 0, 0
	for range runs {
		for _, share := range []float64{.3, .6} {
			r, c := draw(600, .3), draw(800, share)
			l, err := drift.LabelShift([][]uint64{r[0][:], r[1][:]}, []uint64{c[0][0] + c[0][1], c[1][0] + c[1][1]}, .95)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case share == .3 && l.P <= .05:
				wrong++
			case share == .6 && l.Shares[1].Interval.Contains(.6):
				covered++
			}
		}
	}
	// scipy 1.17.1: binom.ppf([.005, .995], 400, .95) = 368, 390; binom.ppf(.995, 400, .05) = 32.
	if covered < 368 || covered > 390 || wrong > 32 {
		t.Errorf("%d of %d covered, %d wrong", covered, runs, wrong)
	}
}

func TestLabelShiftIsRefused(t *testing.T) {
	for _, c := range []struct {
		name      string
		confusion [][]uint64
		current   []uint64
		want      string
	}{
		{"a coin", [][]uint64{{500, 250}, {500, 251}}, []uint64{50, 50}, "hardly tells some labels apart"},
		{"few rows", [][]uint64{{6, 3}, {4, 5}}, []uint64{50, 50}, "too few rows"},
		{"not explained", [][]uint64{{900, 300}, {100, 700}}, []uint64{1000, 10}, "do not explain the predictions"},
		{"no rows of a label", [][]uint64{{10, 0}, {5, 0}}, []uint64{5, 5}, "label 2 of 2 has 0 rows"},
		{"no current rows", [][]uint64{{90, 10}, {10, 90}}, []uint64{0, 0}, "no current rows"},
	} {
		_, err := drift.LabelShift(c.confusion, c.current, .95)
		var r *drift.RefusedError
		if !errors.As(err, &r) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	for _, confusion := range [][][]uint64{nil, {{1, 2}}, {{1, 2, 3}, {1, 2}}} {
		if _, err := drift.LabelShift(confusion, []uint64{1, 2}, .95); !errors.Is(err, stats.ErrInvalid) {
			t.Errorf("%v: %v", confusion, err)
		}
	}
}

// TestLabelSharesAreShares: a share below 0 by chance is 0, and all make 1.
func TestLabelSharesAreShares(t *testing.T) {
	l, err := drift.LabelShift([][]uint64{{90, 10}, {10, 90}}, []uint64{92, 8}, .95)
	if err != nil {
		t.Fatal(err)
	}
	if s := l.Shares; s[0].Current != 1 || s[1].Current != 0 || s[1].Weight != 0 || s[1].Interval.Low != 0 || !(s[1].Interval.High > 0) {
		t.Errorf("%+v", s)
	}
}
