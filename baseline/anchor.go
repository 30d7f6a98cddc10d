package baseline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
)

// Anchor is the accepted baseline that every check also compares with, so that
// many small losses do not add up unseen. It stays until somebody moves it.
type Anchor struct {
	Number   int    `json:"number"`             // of its entry in the history
	Of       int    `json:"of"`                 // number of the entry with which it was accepted
	Checksum string `json:"checksum,omitempty"` // of that entry; "": it is this baseline itself
	Rows     string `json:"rows"`               // its file of rows
}

// Anchoring is a change of the anchor: whose, when and why.
type Anchoring struct {
	Of      int    `json:"of"` // number of the entry with which the baseline was accepted
	At      string `json:"at"` // RFC 3339, UTC
	By      string `json:"by,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Cleared bool   `json:"cleared,omitempty"` // from then on there is no anchor
}

// BeginsAnew is the anchor of a baseline that becomes the anchor with its accept:
// one that could not be compared with what was there.
func BeginsAnew() *Anchor { return new(Anchor) }

// isNext says whether the baseline that is about to be written becomes the
// anchor; its number is not known before.
func (a *Anchor) isNext() bool { return a != nil && a.Number == 0 }

// anchorOfNext is the anchor of a baseline that is accepted after b.
func (b *Baseline) anchorOfNext() *Anchor {
	if b.Anchor == nil {
		return nil
	}
	next := *b.Anchor
	next.Checksum = cmp.Or(next.Checksum, b.Checksum)
	return &next
}

// IsAnchor says whether b is its own anchor.
func (b *Baseline) IsAnchor() bool { return b.Anchor != nil && b.Anchor.Checksum == "" }

// keeps says whether a file of rows is one that b needs; b may be nil.
func (b *Baseline) keeps(file string) bool {
	return b != nil && (b.Rows.File == file || b.Anchor != nil && b.Anchor.Rows == file)
}

var wholeChecksum = regexp.MustCompile(`^[0-9a-f]{64}$`)

// verifyAnchor refuses what no accept writes: an anchor names files.
func (b *Baseline) verifyAnchor() error {
	a := b.Anchor
	switch {
	case a == nil:
	case a.Of < 1 || a.Of > a.Number || a.Number > b.Number || (a.Checksum == "") != (a.Number == b.Number),
		a.Checksum != "" && !wholeChecksum.MatchString(a.Checksum), !rowsFile.MatchString(a.Rows):
		return errors.New("names an anchor that cannot be")
	}
	return nil
}

// LoadAnchor reads the anchor of a baseline; nil if it has none. The error is
// *Unusable where it cannot be relied on.
func (s Store) LoadAnchor(b *Baseline) (*Baseline, error) {
	switch {
	case b.Anchor == nil:
		return nil, nil
	case b.IsAnchor():
		return b, nil
	}
	e := entry{b.Anchor.Number, fmt.Sprintf("%04d-%s.json", b.Anchor.Number, b.Anchor.Checksum[:8])}
	a, err := s.readEntry(e)
	if err == nil && a.Checksum != b.Anchor.Checksum {
		err = &Unusable{Path: filepath.Join(s.Dir, historyDir, e.name), Problem: "is not the anchor that was set"}
	}
	if u, ok := errors.AsType[*Unusable](err); ok {
		u.State = b.State()
	}
	return a, err
}

// SetAnchor makes the current baseline the anchor, or with how.Cleared leaves
// the store without one. It succeeds only if the store is still in a state.
func (s Store) SetAnchor(ctx context.Context, how Anchoring, judged State) (*Baseline, error) {
	var b Baseline
	err := s.locked(ctx, judged, func(current *Baseline) error {
		if current == nil {
			return errors.New("there is no baseline")
		}
		if _, err := s.RowsPath(current); err != nil {
			return err
		}
		b = *current
		how.Of = current.AcceptedAs()
		b.Anchoring, b.Anchor = &how, BeginsAnew()
		if how.Cleared {
			b.Anchor = nil
		}
		return s.commit(&b, current, "")
	})
	return &b, err
}

// AcceptedAs is the number of the entry with which the model was accepted.
func (b *Baseline) AcceptedAs() int {
	if b.Anchoring != nil {
		return b.Anchoring.Of
	}
	return b.Number
}
