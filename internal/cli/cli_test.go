package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// trial runs a command in this process, on a pretended terminal of this width
// or, with width 0, in a pipe.
func trial(t *testing.T, width int, environment map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Main(Env{
		Args: args, Stdout: &out, Stderr: &errs, Context: t.Context(),
		Getenv:   func(name string) string { return environment[name] },
		Terminal: func(io.Writer) (int, bool) { return width, width > 0 },
	})
	return code, out.String(), errs.String()
}

func smallProject(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"eval.csv": "id,y\n1,0\n2,1\n3,0\n4,1\n",
		"old.csv":  "id,p\n1,0.1\n2,0.9\n3,0.1\n4,0.9\n",
		"new.csv":  "id,p\n1,0.9\n2,0.9\n3,0.1\n4,0.9\n",
		"noworse.yaml": "version: 1\nname: small\ntask: binary\ndata: {eval: {path: eval.csv, id: id, label: y}}\n" +
			"candidate: {predictions: {path: new.csv, score: p}}\nbaseline: {predictions: {path: old.csv, score: p}}\nmetrics: {accuracy: 0.02}\n" +
			"decision: {fail: point}\n", // four rows are enough then
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "noworse.yaml")
}

// TestColor is about when a report is coloured: on a terminal, unless asked not to.
func TestColor(t *testing.T) {
	spec := smallProject(t)
	for _, c := range []struct {
		name        string
		width       int
		environment map[string]string
		flags       []string
		want        bool
	}{
		{"terminal", 100, nil, nil, true},
		{"pipe", 0, nil, nil, false},
		{"--no-color", 100, nil, []string{"--no-color"}, false},
		{"NO_COLOR", 100, map[string]string{"NO_COLOR": "1"}, nil, false},
		{"empty NO_COLOR", 100, map[string]string{"NO_COLOR": ""}, nil, true},
		{"dumb terminal", 100, map[string]string{"TERM": "dumb"}, nil, false},
		{"a sentence", 100, nil, []string{"--quiet", "--no-color"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, stdout, stderr := trial(t, c.width, c.environment, append([]string{"check", spec}, c.flags...)...)
			if code != 1 || stderr != "" {
				t.Errorf("exit code %d, stderr %q", code, stderr)
			}
			if got := strings.Contains(stdout, "\x1b["); got != c.want {
				t.Errorf("coloured: %v, want %v:\n%q", got, c.want, stdout)
			}
		})
	}
}

// TestJSONHasNoColor keeps the result clean on a terminal.
func TestJSONHasNoColor(t *testing.T) {
	code, stdout, _ := trial(t, 100, nil, "check", smallProject(t), "--json", "-")
	if code != 1 || !strings.HasPrefix(stdout, "{") || strings.Contains(stdout, "\x1b") {
		t.Errorf("exit code %d, stdout %q", code, stdout)
	}
}

// TestProgress shows a bar on a terminal, after a second, and takes it away.
func TestProgress(t *testing.T) {
	for _, c := range []struct {
		name  string
		width int
		since time.Duration
		want  bool
	}{{"terminal", 80, 2 * patience, true}, {"pipe", 0, 2 * patience, false}, {"soon", 80, 0, false}} {
		t.Run(c.name, func(t *testing.T) {
			var stderr bytes.Buffer
			p := newProgress(Env{Stderr: &stderr, Terminal: func(io.Writer) (int, bool) { return c.width, c.width > 0 }}, "")
			p.started = time.Now().Add(-c.since)
			p.set(10, 0) // the total is not known yet
			p.set(50, 100)
			p.set(40, 100) // a thread that is late
			if got := strings.Contains(stderr.String(), "reading rows"); got != c.want {
				t.Errorf("a bar: %v, want %v: %q", got, c.want, stderr.String())
			}
			p.clear()
			if last := stderr.String(); c.want && !strings.HasSuffix(last, "\r") {
				t.Errorf("the bar stays: %q", last)
			}
		})
	}
}

// TestInterruptedAtTheEnd writes nothing once Ctrl-C was pressed, even if all
// is computed.
func TestInterruptedAtTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	result := filepath.Join(t.TempDir(), "result.json")
	code := Main(Env{
		Args: []string{"check", smallProject(t), "--json", result}, Stdout: &stdout, Stderr: &stderr, Context: ctx,
		Getenv: func(string) string { return "" }, Terminal: func(io.Writer) (int, bool) { return 0, false },
	})
	if _, err := os.Stat(result); code != 2 || stdout.Len() > 0 || !os.IsNotExist(err) {
		t.Errorf("exit code %d, stdout %q, result: %v", code, stdout.String(), err)
	}
	if got := stderr.String(); got != "noworse: interrupted: nothing was written\n" {
		t.Errorf("stderr: %q", got)
	}
}

// TestReplace keeps the earlier file when the new one cannot be written, and
// leaves no temporary file.
func TestReplace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "result.json")
	for _, content := range []string{"first, and longer than the second", "second"} {
		if err := writeFile(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != content {
			t.Errorf("%q, %v; want %q", got, err, content)
		}
	}
	if err := writeFile(dir, nil); err == nil || err.Error() != dir+" cannot be written: it is a directory" {
		t.Errorf("writing to a directory: %v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("files: %v, %v", entries, err)
	}
}
