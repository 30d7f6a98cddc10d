package noworse_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noworse/noworse/internal/gatetest/oracle"
	"github.com/noworse/noworse/result"
)

// worker is a module of models that work: each counts as often as its name says, and
// some hold on to memory. What is slow is work, not sleep: a busy machine slows it too.
const worker = `
import numpy as np, resource

numbers = np.linspace(0.1, 1.0, 10_000)
held = None

def work(rows, times):
    for _ in range(times):
        np.exp(numbers).sum()
    return np.full(len(rows), 0.75)

def usual(rows):
    return work(rows, 300)

def slower(rows):
    return work(rows, 390)

def hoards(rows):
    global held
    if held is None:  # half of what the process held at its peak until now
        held = np.ones(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // 2, dtype=np.uint8)
    return work(rows, 300)
`

// benched checks one of the models against the usual one.
func benched(t *testing.T, candidate, sections string) *result.Result {
	t.Helper()
	dir := t.TempDir()
	var rows strings.Builder
	rows.WriteString("id,x,y\n")
	for i := range 1000 {
		fmt.Fprintf(&rows, "%d,%d,%d\n", i, i%7, i%2)
	}
	for name, text := range map[string]string{"worker.py": worker, "eval.csv": rows.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return checkExport(t, dir, "bench", fmt.Sprintf(`
version: 1
task: binary
data: {eval: {path: eval.csv, id: id, label: y, features: [x]}}
candidate: {python: {call: "worker:%s", interpreter: %q}}
baseline: {python: {call: "worker:usual", interpreter: %[2]q}}
%[3]s
`, candidate, oracle.Python(t), sections))
}

// TestSlowerAndLargerAreCaught with real models in real processes, whatever else the
// machine does: a model that works 30 % more, and one that holds half more memory.
func TestSlowerAndLargerAreCaught(t *testing.T) {
	for _, c := range []struct {
		candidate, sections string
		least               float64 // of what it truly rises by
	}{
		{"slower", "latency: {}", 0.10},
		{"hoards", "memory: {}", 0.40},
	} {
		t.Run(c.candidate, func(t *testing.T) {
			r := benched(t, c.candidate, c.sections)
			k := r.Checks[0]
			t.Logf("%s: %s", k.ID, k.Reason)
			if len(r.Checks) != 1 || k.Verdict != result.Fail || r.Exit != 1 || k.Details.Bench.Ratio < c.least {
				t.Errorf("%s: %s, %s", k.ID, k.Verdict, k.Reason)
			}
		})
	}
}
