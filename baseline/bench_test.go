package baseline

import (
	"bytes"
	"math"
	"reflect"
	"strings"
	"testing"
)

func machine() Machine {
	return Machine{OS: "linux", Arch: "arm64", Processor: "Abacus 3", Cores: 4, Memory: 8e9, Built: "go1.26", Runtimes: []Runtime{{"python", "3.12.1"}, {"ONNX Runtime", "1.20"}}}
}

func measured() *Bench {
	times := Times{P50: []float64{1, 2}, P95: []float64{1.5, 2.5}, P99: []float64{2, 3}, Throughput: []float64{100, 90}}
	return &Bench{Machine: machine(), Latency: []Latency{{Batch: 100, Repeats: 3, Model: times, Reference: times}}, Memory: &Memory{Batch: 1000, Loaded: []uint64{1}, Peak: []uint64{2}}}
}

// TestBenchKept: what was measured comes back from the store, on one line of its file,
// and is the anchor's too.
func TestBenchKept(t *testing.T) {
	s := accepted(t)
	b := some("measured")
	b.Bench = measured()
	if err := s.Accept(t.Context(), b, rowsFileOf(t, "rows measured"), NoBaseline); err != nil {
		t.Fatal(err)
	}
	kept, err := s.Load()
	if err != nil || !reflect.DeepEqual(kept.Bench, measured()) || len(kept.Slices) != 2 {
		t.Fatalf("%+v, %v", kept, err)
	}
	if kept.Bench.Of(100) == nil || kept.Bench.Of(1) != nil || (*Bench)(nil).Of(100) != nil {
		t.Error("times are found by their batch")
	}
	file, err := kept.Encode()
	if err != nil || bytes.Count(file, []byte(`"bench"`)) != 1 || !bytes.Contains(file, []byte("\n  \"bench\": {\"machine\":{\"os\":\"linux\"")) {
		t.Errorf("%s, %v", file, err)
	}
	if set, err := s.SetAnchor(t.Context(), Anchoring{At: "now"}, kept.State()); err != nil || !reflect.DeepEqual(set.Bench, measured()) {
		t.Errorf("%+v, %v", set, err)
	}
	// One without has none, as the stores of before have.
	if file, err := some("before").Encode(); err != nil || bytes.Contains(file, []byte("bench")) {
		t.Errorf("%s, %v", file, err)
	}
}

func TestMachines(t *testing.T) {
	for _, c := range []struct {
		change func(m *Machine)
		want   string
	}{
		{func(m *Machine) {}, ""},
		{func(m *Machine) { m.Memory = 7.7e9 }, ""}, // of one kernel and of the next
		{func(m *Machine) { m.Memory = 16e9 }, "memory: 8.00 GB, now 16.00 GB"},
		{func(m *Machine) { m.Cores, m.Arch = 8, "amd64" }, "system: linux/arm64, now linux/amd64; cores: 4, now 8"},
		{func(m *Machine) { m.Processor = "" }, "processor: Abacus 3, now unknown"},
		{func(m *Machine) { m.Built = "go1.27" }, "noworse built with: go1.26, now go1.27"},
		{func(m *Machine) { m.Runtimes = []Runtime{{"ONNX Runtime", "1.21"}} }, "ONNX Runtime: 1.20, now 1.21"},
		{func(m *Machine) { m.Runtimes = nil }, ""},
	} {
		now := machine()
		c.change(&now)
		if got := strings.Join(machine().Differences(now), "; "); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	if list := (Machine{}).Differences(Machine{}); len(list) != 1 || list[0] != "processor: unknown" {
		t.Errorf("two machines that say nothing: %q", list)
	}
	if got, want := machine().String(), "Abacus 3, 4 cores, 8.00 GB, linux/arm64, python 3.12.1, ONNX Runtime 1.20"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestBenchRefused: what no accept writes may come from a stranger's branch.
func TestBenchRefused(t *testing.T) {
	for name, change := range map[string]func(b *Bench){
		"nothing measured": func(b *Bench) { b.Latency[0].Model, b.Latency[0].Reference = Times{}, Times{} },
		"a run less":       func(b *Bench) { b.Latency[0].Reference.P95 = b.Latency[0].Reference.P95[:1] },
		"no time":          func(b *Bench) { b.Latency[0].Model.P99 = []float64{0, 1} },
		"less than none":   func(b *Bench) { b.Latency[0].Model.Throughput = []float64{-1, 1} },
		"for ever":         func(b *Bench) { b.Latency[0].Model.P50 = []float64{math.Inf(1), 1} },
		"no rows":          func(b *Bench) { b.Latency[0].Batch = 0 },
		"no work":          func(b *Bench) { b.Latency[0].Repeats = 0 },
		"no memory":        func(b *Bench) { b.Memory.Peak[0] = 0 },
		"no peak":          func(b *Bench) { b.Memory.Peak = nil },
	} {
		b := some(name)
		b.Number, b.Rows.SHA256, b.Bench = 1, strings.Repeat("a", 64), measured()
		b.Rows.File = b.Rows.SHA256 + ".parquet"
		if err := b.verify(); err != nil {
			t.Fatal(err)
		}
		change(b.Bench)
		if err := b.verify(); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
