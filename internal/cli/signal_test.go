//go:build unix

package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// bigSpec takes some seconds: two prediction files of two million rows to be
// matched by id, and areas to be sorted for.
const bigSpec = `version: 1
name: big
task: binary
data: {eval: {path: eval.parquet, id: id, label: y}}
candidate: {predictions: {path: new.parquet, score: p}}
baseline: {predictions: {path: old.parquet, score: p}}
metrics: {roc_auc: 0.02, log_loss: 5%}
slices: {rules: {roc_auc: 0.03}, by: [tier, [tier, region]]}
`

func bigProject(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, sql := range map[string]string{
		"eval.parquet": "SELECT i AS id, (hash(i) % 3 = 0)::INT AS y, i % 50 AS tier, i % 7 AS region FROM range(2000000) t(i)",
		"new.parquet":  "SELECT i AS id, hash(i * 5) % 1000 / 1000.0 AS p FROM range(2000000) t(i) ORDER BY hash(i)",
		"old.parquet":  "SELECT i AS id, hash(i * 7) % 1000 / 1000.0 AS p FROM range(2000000) t(i) ORDER BY hash(i + 1)",
	} {
		if err := writeTable(filepath.Join(dir, name), sql, "FORMAT parquet"); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"noworse.yaml", "other.yaml"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(bigSpec), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// running is a check in a process of its own.
type running struct {
	*exec.Cmd
	stdout, stderr bytes.Buffer
	temp           string
}

// start runs a check of the project and returns once it is at work on the data:
// once its temporary directory is there.
func start(t *testing.T, dir string, args ...string) *running {
	t.Helper()
	r := &running{Cmd: exec.Command("noworse", append([]string{"check"}, args...)...), temp: t.TempDir()}
	r.Dir, r.Stdout, r.Stderr = dir, &r.stdout, &r.stderr
	r.Env = append(os.Environ(), "TMPDIR="+r.temp)
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Process.Kill() })
	for range 1000 {
		if entries, err := os.ReadDir(r.temp); err == nil && len(entries) > 0 {
			return r
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("the check does not get to work")
	return nil
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

// TestInterrupt ends a check with a signal at several moments of it: exit code
// 2, one sentence, nothing written, no temporary file left, and soon.
func TestInterrupt(t *testing.T) {
	dir := bigProject(t)
	before := names(t, dir)
	for _, c := range []struct {
		signal syscall.Signal
		after  time.Duration
		specs  []string
	}{
		{syscall.SIGINT, 0, nil}, {syscall.SIGINT, 100 * time.Millisecond, nil}, {syscall.SIGTERM, 250 * time.Millisecond, nil}, {syscall.SIGINT, 300 * time.Millisecond, nil},
		{syscall.SIGINT, 100 * time.Millisecond, []string{"noworse.yaml", "other.yaml"}}, // ends all runs, not the one that is under way
	} {
		t.Run(c.signal.String()+" after "+c.after.String()+strings.Join(c.specs, " "), func(t *testing.T) {
			r := start(t, dir, append(c.specs, "--threads", "1", "--json", "result.json")...)
			time.Sleep(c.after)
			sent := time.Now()
			if err := r.Process.Signal(c.signal); err != nil {
				t.Fatal(err)
			}
			r.Wait()
			if code := r.ProcessState.ExitCode(); code != 2 {
				t.Errorf("exit code %d, want 2", code)
			}
			if took := time.Since(sent); took > 3*time.Second {
				t.Errorf("it went on for %s", took)
			}
			if got := r.stderr.String(); got != "noworse: interrupted: nothing was written\n" {
				t.Errorf("stderr: %q", got)
			}
			if got := r.stdout.String(); got != "" {
				t.Errorf("stdout: %q", got)
			}
			if after := names(t, dir); !slices.Equal(before, after) {
				t.Errorf("files before: %v, after: %v", before, after)
			}
			if left := names(t, r.temp); len(left) > 0 {
				t.Errorf("left in the temporary directory: %v", left)
			}
		})
	}
}

// TestKill ends checks the hard way at many moments up to their end. The result
// file is an earlier one or a whole new one, at each of them.
func TestKill(t *testing.T) {
	dir := bigProject(t)
	const earlier = `{"earlier": true}`
	result := filepath.Join(dir, "result.json")
	for _, after := range []time.Duration{0, 500 * time.Millisecond, time.Second} {
		if err := os.WriteFile(result, []byte(earlier), 0o644); err != nil {
			t.Fatal(err)
		}
		r := start(t, dir, "--threads", "1", "--json", "result.json")
		time.Sleep(after)
		r.Process.Kill()
		r.Wait()
		got, err := os.ReadFile(result)
		if err != nil {
			t.Fatal(err)
		}
		if text := string(got); text != earlier && !(strings.HasPrefix(text, "{") && strings.HasSuffix(text, "}\n")) {
			t.Errorf("killed after %s, the result is half written:\n%.300s", after, text)
		}
	}
}
