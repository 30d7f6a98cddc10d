package spec

import "testing"

// TestInTotal gives rules that say nothing twice their own margin.
func TestInTotal(t *testing.T) {
	half := 0.5
	for name, c := range map[string]struct {
		rule Rule
		want Total
	}{
		"drop":          {Rule{MaxDrop: &Margin{Value: 0.02}}, Total{Margin{Value: 0.04}, "max_total_drop", false}},
		"relative rise": {Rule{MaxRise: &Margin{0.05, true}}, Total{Margin{0.1, true}, "max_total_rise", false}},
		"change":        {Rule{MaxChange: &Margin{Value: 0.1}, Min: &half}, Total{Margin{Value: 0.2}, "max_total_change", false}},
		"no loss":       {Rule{MaxDrop: &Margin{}}, Total{Margin{}, "max_total_drop", false}},
		"said":          {Rule{MaxDrop: &Margin{Value: 0.02}, Total: &Total{Margin{Value: 0.03}, "max_total_drop", true}}, Total{Margin{Value: 0.03}, "max_total_drop", true}},
	} {
		if got := c.rule.InTotal(); got == nil || *got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	if got := (Rule{Min: &half}).InTotal(); got != nil {
		t.Errorf("a rule that limits no change: %+v", *got)
	}
}
