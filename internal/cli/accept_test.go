//go:build unix

package cli

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/noworse/noworse/baseline"
)

const storeSpec = `version: 1
task: binary
data: {eval: {path: eval.parquet, id: id, label: y}}
candidate: {predictions: {score: p}}
baseline: {store: store}
metrics: {accuracy: 0.02, roc_auc: 0.02}
slices: {rules: {accuracy: 0.03}, by: [tier]}
`

// storeProject is a small evaluation set with a store that nothing was accepted
// into yet.
func storeProject(t *testing.T) (dir string, s baseline.Store) {
	t.Helper()
	dir = t.TempDir()
	if err := writeTable(filepath.Join(dir, "eval.parquet"),
		"SELECT i AS id, (hash(i) % 3 = 0)::INT AS y, i % 5 AS tier, hash(i * 5) % 1000 / 1000.0 AS p FROM range(3000) t(i)", "FORMAT parquet"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "noworse.yaml"), []byte(storeSpec), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir, baseline.Store{Dir: filepath.Join(dir, "store")}
}

// accepting is an accept in a process of its own.
func accepting(t *testing.T, dir string, stderr *strings.Builder, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command("noworse", append([]string{"baseline", "accept", "--quiet"}, args...)...)
	c.Dir, c.Stderr = dir, stderr
	c.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestAcceptKilled kills accepts at 100 random moments: each time the store has
// no baseline yet, or a whole one with its rows and its history.
func TestAcceptKilled(t *testing.T) {
	dir, s := storeProject(t)
	var stderr strings.Builder
	began := time.Now()
	other, _ := storeProject(t)
	if err := accepting(t, other, &stderr).Wait(); err != nil {
		t.Fatalf("%v: %s", err, &stderr)
	}
	limit := time.Since(began)
	last, unfinished := 0, 0
	for i := range 100 {
		child := accepting(t, dir, &stderr, "--force", "--reason", fmt.Sprint(i))
		time.Sleep(rand.N(limit))
		child.Process.Kill()
		if child.Wait() != nil {
			unfinished++
			limit += limit / 20 // however busy the machine is, half of them come to their end
		} else {
			limit -= limit / 20
		}
		b, err := s.Load()
		if err != nil {
			t.Fatal(err)
		}
		if b == nil && last == 0 {
			continue
		}
		if b == nil || b.Number < last || b.Number > last+1 {
			t.Fatalf("after baseline %d there is %+v", last, b)
		}
		last = b.Number
		if _, err := s.RowsPath(b); err != nil {
			t.Fatal(err)
		}
		if list, err := s.History(); err != nil || len(list) != b.Number {
			t.Fatalf("baseline %d has a history of %d: %v", b.Number, len(list), err)
		}
	}
	t.Logf("%d of 100 were killed at work; %d baselines", unfinished, last)
	if unfinished < 20 || last < 20 {
		t.Errorf("%d of 100 were killed at work, and %d baselines accepted: the kills prove little", unfinished, last)
	}
	stderr.Reset()
	if err := accepting(t, dir, &stderr, "--force", "--reason", "last").Wait(); err != nil {
		t.Fatalf("the accept after the kills: %v: %s", err, &stderr)
	}
	left, _ := filepath.Glob(filepath.Join(s.Dir, "*", ".new-*"))
	rows, _ := filepath.Glob(filepath.Join(s.Dir, "rows", "*"))
	if len(left) > 0 || len(rows) != 1 {
		t.Errorf("left: %q, rows: %q", left, rows)
	}
}

// TestAcceptTwice lets two processes accept at once what was judged against the
// same baseline: one wins, the other says so.
func TestAcceptTwice(t *testing.T) {
	dir, s := storeProject(t)
	var stderr [3]strings.Builder
	if err := accepting(t, dir, &stderr[2]).Wait(); err != nil {
		t.Fatalf("%v: %s", err, &stderr[2])
	}
	check := exec.Command("noworse", "check", "--json", "result.json")
	check.Dir = dir
	if out, err := check.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var both [2]*exec.Cmd
	for i := range both {
		both[i] = accepting(t, dir, &stderr[i], "--result", "result.json", "--reason", fmt.Sprint("process ", i))
	}
	winner := -1
	for i, c := range both {
		err := c.Wait()
		switch {
		case err == nil && winner < 0:
			winner = i
		case err == nil:
			t.Error("both win")
		case c.ProcessState.ExitCode() != 2 || !strings.Contains(stderr[i].String(), "another baseline was accepted meanwhile: number 2, at "):
			t.Errorf("exit code %d: %s", c.ProcessState.ExitCode(), &stderr[i])
		}
	}
	b, err := s.Load()
	if err != nil || winner < 0 || b.Number != 2 || b.Reason != fmt.Sprint("process ", winner) {
		t.Errorf("process %d won, and the baseline is %+v, %v", winner, b, err)
	}
}
