package scratch

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestMain is also a process that has a directory, says which and waits to be killed.
func TestMain(m *testing.M) {
	if os.Getenv("SCRATCH_OWNER") == "" {
		os.Exit(m.Run())
	}
	dir, err := New()
	if err != nil {
		panic(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "spilled"), []byte("rows"), 0o600); err != nil {
		panic(err)
	}
	fmt.Println(dir)
	time.Sleep(time.Minute)
}

// owner starts such a process.
func owner(t *testing.T) (dir string, kill func()) {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), "SCRATCH_OWNER=1")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	kill = func() { c.Process.Kill(); c.Wait() }
	t.Cleanup(kill)
	line := bufio.NewScanner(out)
	if !line.Scan() {
		t.Fatal("the process said nothing")
	}
	return line.Text(), kill
}

func there(path string) bool { _, err := os.Lstat(path); return err == nil }

// TestSweep: what a killed process leaves is removed, and nothing else.
func TestSweep(t *testing.T) {
	parent := t.TempDir()
	t.Setenv("TMPDIR", parent)
	living, _ := owner(t)
	dead, kill := owner(t)
	kill()
	foreign := filepath.Join(parent, "noworse-notes")
	if err := os.Mkdir(foreign, 0o700); err != nil {
		t.Fatal(err)
	}
	linked := filepath.Join(parent, "noworse-link")
	if err := os.Symlink(dead, linked); err != nil {
		t.Fatal(err)
	}
	sweep(parent, time.Now())
	if !there(dead) {
		t.Error("a directory was removed at an age at which its owner may not have locked it yet")
	}
	sweep(parent, time.Now().Add(2*young))
	for path, want := range map[string]bool{living: true, filepath.Join(living, "spilled"): true, dead: false, foreign: true, linked: true} {
		if there(path) != want {
			t.Errorf("%s is there: %v, want %v", path, !want, want)
		}
	}
}

// TestRemove: a process that removes its directory leaves nothing.
func TestRemove(t *testing.T) {
	parent := t.TempDir()
	t.Setenv("TMPDIR", parent)
	dir, err := New()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "spilled"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Remove(dir); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(parent); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	if err := Remove(""); err != nil {
		t.Error(err)
	}
	t.Setenv("TMPDIR", filepath.Join(parent, "no", "such"))
	if _, err := New(); err == nil {
		t.Error("a directory where there is none for it")
	}
}
