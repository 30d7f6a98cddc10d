package gate_test

import (
	"slices"
	"testing"

	"github.com/noworse/noworse/drift"
	"github.com/noworse/noworse/spec"
)

// A spec may name every distance that columns can be held to, and no other.
func TestDriftTestsAreThoseOfTheRoom(t *testing.T) {
	var measured []string
	for _, d := range drift.Distances(false) {
		measured = append(measured, string(d))
	}
	named := spec.DriftTests()
	slices.Sort(measured)
	slices.Sort(named)
	if !slices.Equal(measured, named) {
		t.Errorf("a spec may name %q, and %q are measured", named, measured)
	}
}
