//go:build unix

package baseline

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain makes this test binary serve as a process that accepts one baseline
// after the other, and moves the anchor, until it is killed.
func TestMain(m *testing.M) {
	dir := os.Getenv("NOWORSE_TEST_STORE")
	if dir == "" {
		os.Exit(m.Run())
	}
	if err := acceptForEver(Store{Dir: dir}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func acceptForEver(s Store) error {
	rows := filepath.Join(filepath.Dir(s.Dir), "rows.parquet")
	for i := 0; ; i++ {
		current, err := s.Load()
		if err != nil {
			return err
		}
		if err := os.WriteFile(rows, []byte(strings.Repeat(fmt.Sprintln(i, os.Getpid()), 1000)), 0o600); err != nil {
			return err
		}
		if err := s.Accept(context.Background(), some(fmt.Sprint(i)), rows, current.State()); err != nil {
			return err
		}
		if i%3 == 2 {
			current, err := s.Load()
			if err != nil {
				return err
			}
			if _, err := s.SetAnchor(context.Background(), Anchoring{Cleared: i%9 == 8}, current.State()); err != nil {
				return err
			}
		}
	}
}

// TestKilled kills a process that does nothing but accept, at 100 random
// moments: each time the store has a whole baseline and a whole anchor with
// their rows, and a whole history; and the next accept leaves nothing of what was under way.
func TestKilled(t *testing.T) {
	s := Store{Dir: filepath.Join(t.TempDir(), "store")}
	last, left, anchored := 0, 0, 0
	for range 100 {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), "NOWORSE_TEST_STORE="+s.Dir)
		var stderr strings.Builder
		child.Stderr = &stderr
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5*time.Millisecond + rand.N(40*time.Millisecond))
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		child.Wait()
		if stderr.Len() > 0 {
			t.Fatalf("the process ended by itself: %s", &stderr)
		}
		b, err := s.Load()
		if err != nil {
			t.Fatal(err)
		}
		if b == nil && last > 0 || b != nil && b.Number < last {
			t.Fatalf("after baseline %d there is %+v", last, b)
		}
		if b == nil {
			continue
		}
		last = b.Number
		if _, err := s.RowsPath(b); err != nil {
			t.Fatal(err)
		}
		list, err := s.History()
		if err != nil || len(list) != b.Number {
			t.Fatalf("baseline %d has a history of %d: %v", b.Number, len(list), err)
		}
		anchor, err := s.LoadAnchor(b)
		if err != nil {
			t.Fatal(err)
		}
		if anchor != nil {
			anchored++
			if _, err := s.RowsPath(anchor); err != nil {
				t.Fatal(err)
			}
		}
		if files := listing(t, s); len(files) != wanted(b) {
			left++
		}
	}
	if last == 0 || left == 0 || anchored == 0 {
		t.Fatalf("%d baselines, and %d times something was under way: the kills prove nothing", last, left)
	}
	b := accept(t, s, "last")
	if files := listing(t, s); b.Number != last+1 || len(files) != wanted(b) {
		t.Errorf("after baseline %d: %d files: %q", b.Number, len(files), files)
	}
	t.Logf("%d baselines; %d times something was left", last, left)
}

// wanted is how many files a store has: .gitignore, .lock, baseline.json, the
// history, and the rows of the baseline and of the anchor.
func wanted(b *Baseline) int {
	n := 4 + b.Number
	if b.Anchor != nil && b.Anchor.Rows != b.Rows.File {
		n++
	}
	return n
}
