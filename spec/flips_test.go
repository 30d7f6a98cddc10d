package spec

import (
	"reflect"
	"testing"
)

// TestFlips: limits that are said, and the usual one where none is.
func TestFlips(t *testing.T) {
	usual := FlipRules{Limits: []FlipLimit{{MaxNegativeRate, 0.03, "flips"}}}
	for text, want := range map[string]*Flips{
		"metrics: {}\n":             nil,
		"flips: {}\n":               {Whole: usual},
		"flips: {severity: warn}\n": {Whole: FlipRules{usual.Limits, Warn}},
		"flips: {min_error_compatibility: 0.5, min_backward_trust: 1}\n": {Whole: FlipRules{Limits: []FlipLimit{
			{MinBackwardTrust, 1, "flips.min_backward_trust"}, {MinErrorCompatibility, 0.5, "flips.min_error_compatibility"}}}},
		"slices: {by: [tier]}\nflips: {slices: {}}\n": {Whole: usual, Slices: &FlipRules{Limits: []FlipLimit{{MaxNegativeRate, 0.05, "flips.slices"}}}},
		"slices: {by: [tier]}\nflips: {max_negative_rate: 0, slices: {max_negative_rate: 0.5, severity: block}}\n": {
			Whole:  FlipRules{Limits: []FlipLimit{{MaxNegativeRate, 0, "flips.max_negative_rate"}}},
			Slices: &FlipRules{[]FlipLimit{{MaxNegativeRate, 0.5, "flips.slices.max_negative_rate"}}, Block}},
	} {
		if got := mustParse(t, head+text).Flips; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
	}
}
