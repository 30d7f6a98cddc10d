package gate_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/noworse/noworse/baseline"
	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/model"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
)

const storedBenchSpec = benchSpec + `baseline: {store: kept}
`

// recordedBench accepts the model of a spec, on a machine.
func recordedBench(t *testing.T, dir, text string, o gate.Options) *gate.Stored {
	t.Helper()
	path := filepath.Join(dir, "accepted.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := spec.Load(path, spec.Options{Vocabulary: gate.Vocabulary()})
	if err != nil {
		t.Fatal(err)
	}
	o.Open = opener(2)
	stored := &gate.Stored{RowsPath: filepath.Join(dir, "rows.parquet")}
	err = gate.Record(t.Context(), s, o, func(b *baseline.Baseline, rows string) error {
		stored.Baseline = b
		kept, err := os.ReadFile(rows)
		if err != nil {
			return err
		}
		return os.WriteFile(stored.RowsPath, kept, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

// TestStoredBench: what was measured when a model was accepted is what the next one is
// compared with, on the same machine and on no other.
func TestStoredBench(t *testing.T) {
	dir := loanRows(t, 300)
	const sections = `latency: {batch: 7, p50: {max_rise: 80%}, pairs: 6}
memory: {}
`
	one := &baseline.Machine{OS: "linux", Arch: "amd64", Processor: "Abacus", Cores: 2, Memory: 4e9, Built: "go1"}
	taking := func(takes time.Duration, memory uint64) gate.Options {
		m := &slow{credit("new", 0), takes, memory}
		m.fake.about.Versions = append(m.fake.about.Versions, versionOf("python", "3.12.1"))
		return gate.Options{Start: always(m), StartApart: always(m), Machine: one}
	}
	usual := taking(2*time.Millisecond, 200e6)
	stored := recordedBench(t, dir, storedBenchSpec+sections, usual)
	b := stored.Bench
	if b == nil || b.Of(7) == nil || len(b.Of(7).Model.P95) != 12 || b.Of(7).Model.P50[0] < 0.002 || len(b.Memory.Peak) != 6 || b.Memory.Peak[0] != 200e6 || b.Memory.Loaded[0] != 100e6 {
		t.Fatalf("kept: %+v", b)
	}
	if len(b.Machine.Runtimes) != 1 || b.Machine.Runtimes[0] != (baseline.Runtime{Name: "python", Version: "3.12.1"}) || one.Runtimes != nil {
		t.Errorf("runs on %+v", b.Machine)
	}

	verdicts := func(t *testing.T, sections string, o gate.Options, stored *gate.Stored, latency, memory result.Verdict) (*result.Check, *result.Check) {
		t.Helper()
		o.Stored = stored
		r, err := check(t, dir, storedBenchSpec+sections, o)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []result.Verdict{latency, memory} {
			// A machine that gets busy meanwhile is no fault of the model's.
			if c := r.Checks[i]; c.Verdict != want && !(want == result.Pass && c.Verdict == result.Inconclusive) {
				t.Errorf("%s: %s, %s; want %s", c.ID, c.Verdict, c.Reason, want)
			}
		}
		return &r.Checks[0], &r.Checks[1]
	}
	latency, memory := verdicts(t, sections, taking(10*time.Millisecond, 300e6), stored, result.Fail, result.Fail)
	for _, c := range []*result.Check{latency, memory} {
		if d := c.Details.Bench; !d.Stored || d.Pairs != 0 || c.Evidence.Paired || !strings.Contains(c.Reason, " that were stored") {
			t.Errorf("%s: %s, %+v", c.ID, c.Reason, d)
		}
	}
	if latency.Details.Bench.Machine == nil || !strings.Contains(latency.Reason, "6 runs, and 12 that were stored, and the limit is 80%; the machine takes ") {
		t.Errorf("the machine: %s", latency.Reason)
	}
	if !strings.Contains(memory.Reason, "+50.0% (+50.0% to +50.0%) over 6 runs, and 6 that were stored, and the limit is 20%") {
		t.Errorf("memory: %s", memory.Reason)
	}
	if l, m := verdicts(t, sections, usual, stored, result.Pass, result.Pass); *l.Baseline < 2 || *m.Baseline != 200 {
		t.Errorf("%v ms, %v MB", *l.Baseline, *m.Baseline)
	}

	for name, c := range map[string]struct {
		change func(b *baseline.Bench, o *gate.Options) *baseline.Bench
		want   string
	}{
		"another machine": {func(b *baseline.Bench, o *gate.Options) *baseline.Bench {
			b.Machine.Processor, b.Machine.Cores = "Slide rule", 64
			return b
		}, "kept on another machine (processor: Slide rule, now Abacus; cores: 64, now 2): add a model form beside baseline.store"},
		"another Python": {func(b *baseline.Bench, o *gate.Options) *baseline.Bench {
			b.Machine.Runtimes = []baseline.Runtime{{Name: "python", Version: "3.9.1"}, {Name: "ONNX Runtime", Version: "1.2"}}
			return b
		}, "kept on another machine (python: 3.9.1, now 3.12.1): add"},
		"other batches": {func(b *baseline.Bench, o *gate.Options) *baseline.Bench {
			b.Latency[0].Batch, b.Memory.Batch = 8, 8
			return b
		}, "not kept when it was accepted: add a model form"},
		"nothing kept": {func(b *baseline.Bench, o *gate.Options) *baseline.Bench { return nil }, "the baseline cannot run here, and its "},
		"no machine":   {func(b *baseline.Bench, o *gate.Options) *baseline.Bench { o.Machine = nil; return b }, "this machine is not known"},
	} {
		t.Run(name, func(t *testing.T) {
			o, copied := usual, *stored.Baseline
			kept := *b
			kept.Latency = append([]baseline.Latency(nil), b.Latency...)
			m := *b.Memory
			kept.Memory = &m
			copied.Bench = c.change(&kept, &o)
			l, mem := verdicts(t, sections, o, &gate.Stored{Baseline: &copied, RowsPath: stored.RowsPath}, result.Skipped, result.Skipped)
			for _, k := range []*result.Check{l, mem} {
				if !strings.Contains(k.Reason, c.want) {
					t.Errorf("%s: %s; want %s", k.ID, k.Reason, c.want)
				}
			}
		})
	}

	// Nothing is kept where no check asks for it, nor of a server.
	if s := recordedBench(t, dir, storedBenchSpec+"metrics: {accuracy: 0.9}\n", usual); s.Bench != nil {
		t.Errorf("kept: %+v", s.Bench)
	}
	server := &slow{credit("new", 0), 0, 1}
	server.fake.about.Form = "http"
	if s := recordedBench(t, dir, storedBenchSpec+sections, gate.Options{Start: always(server), StartApart: always(server), Machine: one}); s.Bench != nil {
		t.Errorf("kept: %+v", s.Bench)
	}
}

func always(m *slow) gate.Starter {
	return func(context.Context, *spec.Live, model.Task, []string) (model.Predictor, error) { return m, nil }
}

func versionOf(name, version string) model.Version {
	return model.Version{Name: name, Version: version}
}
