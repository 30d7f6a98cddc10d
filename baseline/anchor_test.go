package baseline

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// anchorOf is the anchor of the store's current baseline.
func anchorOf(t *testing.T, s Store) (current, anchor *Baseline) {
	t.Helper()
	current, err := s.Load()
	if err != nil {
		t.Fatal(err)
	}
	if anchor, err = s.LoadAnchor(current); err != nil {
		t.Fatal(err)
	}
	return current, anchor
}

// TestAnchor follows the anchor: the first baseline is it, accepts keep it, and
// only who says so moves it.
func TestAnchor(t *testing.T) {
	s := accepted(t, "one")
	if current, anchor := anchorOf(t, s); anchor != current || !current.IsAnchor() {
		t.Errorf("the first baseline is not its anchor: %+v", anchor)
	}
	accept(t, s, "two")
	accept(t, s, "three")
	current, anchor := anchorOf(t, s)
	if anchor.Reason != "one" || anchor.Number != 1 || current.IsAnchor() {
		t.Errorf("the anchor is %+v", anchor)
	}
	if _, err := s.RowsPath(anchor); err != nil {
		t.Error(err)
	}

	how := Anchoring{At: "2026-02-03T04:05:06Z", By: "Bea", Reason: "a new year"}
	if _, err := s.SetAnchor(t.Context(), how, "another"); err == nil {
		t.Error("an anchor was set without knowing the baseline")
	}
	set, err := s.SetAnchor(t.Context(), how, current.State())
	if err != nil {
		t.Fatal(err)
	}
	current, anchor = anchorOf(t, s)
	if set.Checksum != current.Checksum || current.Number != 4 || current.AcceptedAs() != 3 || current.Reason != "three" || *current.Anchoring != (Anchoring{3, how.At, how.By, how.Reason, false}) || anchor != current {
		t.Errorf("after the anchor was set: %+v, %+v", current, current.Anchoring)
	}
	if files := listing(t, s); slices.Contains(files, "rows/"+rowsName("one")) || !slices.Contains(files, "rows/"+rowsName("three")) {
		t.Errorf("files: %q", files)
	}

	accept(t, s, "four")
	current, anchor = anchorOf(t, s)
	if current.Number != 5 || current.Anchoring != nil || anchor.Number != 4 || anchor.Reason != "three" {
		t.Errorf("after the next accept: %+v, %+v", current, anchor)
	}
	list, err := s.History()
	if err != nil || len(list) != 5 || list[1].Anchoring == nil || list[1].Replaces != list[2].Checksum {
		t.Errorf("history: %d, %v", len(list), err)
	}

	// Once cleared there is none, also after more accepts; its rows go.
	if _, err := s.SetAnchor(t.Context(), Anchoring{Cleared: true}, current.State()); err != nil {
		t.Fatal(err)
	}
	accept(t, s, "five")
	if current, anchor = anchorOf(t, s); anchor != nil || current.Anchor != nil {
		t.Errorf("cleared, and there is %+v", anchor)
	}
	if files := listing(t, s); len(files) != wanted(current) {
		t.Errorf("files: %q", files)
	}
}

// TestAnchorShared keeps one file where the anchor and the baseline have the
// same answers.
func TestAnchorShared(t *testing.T) {
	s := accepted(t, "one", "two", "one")
	current, anchor := anchorOf(t, s)
	if current.Number != 3 || anchor.Number != 1 || current.Rows.File != anchor.Rows.File || len(listing(t, s)) != wanted(current) {
		t.Errorf("%+v, %+v, %q", current.Rows, anchor.Rows, listing(t, s))
	}
}

// TestBeginAnew makes a baseline the anchor that cannot be compared with it.
func TestBeginAnew(t *testing.T) {
	s := accepted(t, "one", "two")
	current, _ := anchorOf(t, s)
	b := some("anew")
	b.Anchor = BeginsAnew()
	if err := s.Accept(t.Context(), b, rowsFileOf(t, "rows anew"), current.State()); err != nil {
		t.Fatal(err)
	}
	if current, anchor := anchorOf(t, s); anchor != current || current.Reason != "anew" || current.Number != 3 {
		t.Errorf("%+v, %+v", current, anchor)
	}
}

// TestAnchorUnusable refuses an anchor that is not what was set.
func TestAnchorUnusable(t *testing.T) {
	for name, c := range map[string]struct {
		damage func(path string) error
		want   string
	}{
		"gone":    {os.Remove, "cannot be read"},
		"empty":   {func(path string) error { return os.Truncate(path, 0) }, "is empty"},
		"another": {anotherBaseline, "is not the anchor that was set"},
	} {
		t.Run(name, func(t *testing.T) {
			s := accepted(t, "one", "two")
			current, anchor := anchorOf(t, s)
			if err := c.damage(filepath.Join(s.Dir, historyDir, fmt.Sprintf("%04d-%s.json", anchor.Number, anchor.Checksum[:8]))); err != nil {
				t.Fatal(err)
			}
			_, err := s.LoadAnchor(current)
			u, ok := errors.AsType[*Unusable](err)
			if !ok || !strings.Contains(err.Error(), c.want) || u.State != current.State() {
				t.Errorf("%v; want %q", err, c.want)
			}
			// A new one mends it.
			if _, err := s.SetAnchor(t.Context(), Anchoring{}, current.State()); err != nil {
				t.Fatal(err)
			}
			if current, anchor := anchorOf(t, s); anchor != current {
				t.Errorf("%+v", anchor)
			}
		})
	}
}

func anotherBaseline(path string) error {
	b := some("another")
	b.Number, b.Rows.SHA256 = 1, strings.Repeat("a", 64)
	b.Rows.File = b.Rows.SHA256 + ".parquet"
	file, _, err := b.encode()
	if err != nil {
		return err
	}
	return os.WriteFile(path, file, 0o600)
}

// TestAnchorWithoutRows sets no anchor whose rows are gone: nothing could be
// compared with it.
func TestAnchorWithoutRows(t *testing.T) {
	s := accepted(t, "one")
	current, _ := anchorOf(t, s)
	if err := os.Remove(filepath.Join(s.Dir, "rows", rowsName("one"))); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SetAnchor(t.Context(), Anchoring{}, current.State()); err == nil || !strings.Contains(err.Error(), "is missing") {
		t.Errorf("%v", err)
	}
	if now, err := s.Load(); err != nil || now.Number != 1 {
		t.Errorf("%+v, %v", now, err)
	}
}

// TestAnchorAtOnce lets accepts and changes of the anchor go by the same
// baseline: one wins.
func TestAnchorAtOnce(t *testing.T) {
	for range 10 {
		s := accepted(t, "one", "two")
		judged, _ := anchorOf(t, s)
		errs, file := make([]error, 6), rowsFileOf(t, "rows three")
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				if i%2 == 0 {
					_, errs[i] = s.SetAnchor(t.Context(), Anchoring{At: "now", By: fmt.Sprint(i)}, judged.State())
				} else {
					errs[i] = s.Accept(t.Context(), some("three"), file, judged.State())
				}
			})
		}
		wg.Wait()
		now, anchor := anchorOf(t, s)
		won := 0
		for i, err := range errs {
			conflict, lost := errors.AsType[*Conflict](err)
			switch {
			case err == nil:
				won++
			case !lost || conflict.Winner.Checksum != now.Checksum:
				t.Errorf("%d: %v", i, err)
			case now.Anchoring != nil && !strings.HasPrefix(err.Error(), "the anchor was changed meanwhile, at now by "):
				t.Errorf("%v does not say what was changed", err)
			}
		}
		if won != 1 || now.Number != 3 || len(listing(t, s)) != wanted(now) {
			t.Errorf("%d won; baseline %+v, files %q", won, now, listing(t, s))
		}
		if _, err := s.RowsPath(anchor); err != nil {
			t.Error(err)
		}
	}
}
