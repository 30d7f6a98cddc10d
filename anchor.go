package noworse

import (
	"context"
	"errors"
	"time"

	"github.com/noworse/noworse/baseline"
	"github.com/noworse/noworse/spec"
)

// Anchoring says who moves the anchor, and why.
type Anchoring struct {
	Clear  bool // leave the store without an anchor
	Reason string
	By     string
	Now    func() time.Time // nil: time.Now
}

// SetAnchor makes the current baseline of a spec's store the anchor, which every
// check also compares with. The first baseline of a store is its anchor already; one
// that is the anchor stays it, and nothing is written.
func SetAnchor(ctx context.Context, s *spec.Spec, a Anchoring) (*baseline.Baseline, error) {
	if err := acceptable(s, Options{}, Acceptance{}); err != nil {
		return nil, err
	}
	store := storeOf(s)
	b, err := store.Load()
	switch {
	case err != nil:
		return nil, unusable(s, err)
	case b == nil:
		return nil, errors.New("no baseline was accepted yet: the first one becomes the anchor by itself")
	case a.Clear && a.Reason == "":
		return nil, errors.New("a store without an anchor needs a reason: whoever finds it in the history will ask")
	case a.Clear && b.Anchor == nil:
		return nil, errors.New("there is no anchor to clear")
	case !a.Clear && b.IsAnchor():
		return b, nil
	}
	how := baseline.Anchoring{At: Options{Now: a.Now}.now().UTC().Format(time.RFC3339), By: a.By, Reason: a.Reason, Cleared: a.Clear}
	set, err := store.SetAnchor(ctx, how, b.State())
	if err != nil {
		return nil, unusable(s, err)
	}
	return set, nil
}
