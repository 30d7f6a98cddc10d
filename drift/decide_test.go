package drift_test

import (
	"math"
	"testing"

	"github.com/noworse/noworse/drift"
)

func measured(effect, low, high, p float64) *drift.Measure {
	return &drift.Measure{Distance: drift.KS, Effect: effect, Low: low, High: high, P: p, Limit: .1}
}

func TestDecide(t *testing.T) {
	list := []drift.Comparison{
		{Name: "far, and no chance", Measure: measured(.2, .2, .2, 1e-9)},
		{Name: "far, by chance", Measure: measured(.2, .2, .2, .2)},
		{Name: "no chance, and near", Measure: measured(.05, .05, .05, 1e-9)},
		{Name: "at the limit", Measure: measured(.1, .1, .1, 1e-9)},
		{Name: "bins do not tell", Measure: measured(.1, .099, .101, 1e-9)},
		{Name: "gone", Broken: "it is gone"},
		{Name: "nested", Skipped: "nested"},
		{Name: "without values", Measure: measured(0, 0, 0, 1), Missing: &drift.Measure{Distance: drift.Missing, Effect: .5, Low: .5, High: .5, P: 1e-9, Limit: .05}},
		{Name: "no values before", Skipped: "none", Missing: &drift.Measure{Distance: drift.Missing, Effect: .5, Low: .5, High: .5, P: 1e-9, Limit: .05}},
	}
	got, err := drift.Decide(list, drift.Policy{Alpha: .05, MaxShare: .3})
	if err != nil {
		t.Fatal(err)
	}
	want := []drift.Outcome{drift.Drifted, drift.Stable, drift.Stable, drift.Stable, drift.Unclear, drift.Broken, drift.Skipped, drift.Drifted, drift.Drifted}
	for i, d := range got {
		if d.Outcome != want[i] {
			t.Errorf("%s: %d, want %d", list[i].Name, d.Outcome, want[i])
		}
	}
	// Benjamini and Hochberg, eight P: .2 is the largest, so it stays.
	if p := got[1].PAdjusted; p != .2/7*8 && math.Abs(p-.2*8/7) > 1e-15 {
		t.Errorf("adjusted %v", p)
	}
	if s := drift.Of(got); s != (drift.Share{Compared: 8, Drifted: 4, Unclear: 1}) {
		t.Errorf("%+v", s)
	}
	plain, err := drift.Decide(list[:3], drift.Policy{Plain: true})
	if err != nil {
		t.Fatal(err)
	}
	if plain[2].Outcome != drift.Drifted || plain[1].Outcome != drift.Stable {
		t.Errorf("by P alone: %+v", plain)
	}
}

func TestShare(t *testing.T) {
	p := drift.Policy{MaxShare: .3}
	for _, c := range []struct {
		drift.Share
		is, may bool
	}{
		{drift.Share{Compared: 10, Drifted: 3}, true, true},
		{drift.Share{Compared: 10, Drifted: 2}, false, false},
		{drift.Share{Compared: 10, Drifted: 2, Unclear: 1}, false, true},
		{drift.Share{}, false, true},
		{drift.Share{Compared: 2}, false, false},
	} {
		if is, may := c.TooMuch(p); is != c.is || may != c.may {
			t.Errorf("%+v: %t, %t", c.Share, is, may)
		}
	}
	if is, _ := (drift.Share{Compared: 5}).TooMuch(drift.Policy{MaxShare: 0}); is {
		t.Error("no drift is too much")
	}
}
