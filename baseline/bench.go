package baseline

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Bench is how long a model took and how much it held where and when it was accepted.
type Bench struct {
	Machine Machine   `json:"machine"`
	Latency []Latency `json:"latency,omitempty"` // by the rows of a call
	Memory  *Memory   `json:"memory,omitempty"`
}

// Machine is what measurements depend on besides the model. Its name is not among it.
type Machine struct {
	OS        string    `json:"os"`
	Arch      string    `json:"arch"`
	Processor string    `json:"processor"`
	Cores     int       `json:"cores"`        // that this program may use
	Memory    uint64    `json:"memory_bytes"` // of the machine
	Built     string    `json:"built"`        // the Go version that this program was built with: the reference depends on it
	Runtimes  []Runtime `json:"runtimes,omitempty"`
}

// Runtime is something that the model runs on.
type Runtime struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Latency is what was measured at so many rows a call.
type Latency struct {
	Batch     int   `json:"batch"`
	Repeats   int   `json:"repeats"`   // of the reference's work
	Model     Times `json:"model"`     // by run
	Reference Times `json:"reference"` // in the same runs: work that is always the same
}

// Times are numbers of each run: seconds, and rows a second.
type Times struct {
	P50        []float64 `json:"p50"`
	P95        []float64 `json:"p95"`
	P99        []float64 `json:"p99"`
	Throughput []float64 `json:"throughput"`
}

// Memory is the peak resident set of processes that answered batches of so many rows,
// and what the model held before, in bytes.
type Memory struct {
	Batch  int      `json:"batch"`
	Loaded []uint64 `json:"loaded"`
	Peak   []uint64 `json:"peak"`
}

// sameMemory is how far sizes of memory may be apart on one machine: what a kernel keeps
// for itself differs a little.
const sameMemory = 0.05

// Differences is how another machine differs from this one, in words; nothing where
// measurements of both can be compared. A runtime differs where both have it.
func (m Machine) Differences(now Machine) []string {
	var list []string
	add := func(what, then, now string) {
		if then != now {
			list = append(list, fmt.Sprintf("%s: %s, now %s", what, orUnknown(then), orUnknown(now)))
		}
	}
	add("system", m.OS+"/"+m.Arch, now.OS+"/"+now.Arch)
	add("processor", m.Processor, now.Processor)
	if m.Processor == "" && now.Processor == "" {
		list = append(list, "processor: unknown")
	}
	add("cores", fmt.Sprint(m.Cores), fmt.Sprint(now.Cores))
	if math.Abs(float64(m.Memory)-float64(now.Memory)) > sameMemory*float64(max(m.Memory, now.Memory)) {
		add("memory", gigabytes(m.Memory), gigabytes(now.Memory))
	}
	add("noworse built with", m.Built, now.Built)
	for _, r := range m.Runtimes {
		if i := slices.IndexFunc(now.Runtimes, func(n Runtime) bool { return n.Name == r.Name }); i >= 0 {
			add(r.Name, r.Version, now.Runtimes[i].Version)
		}
	}
	return list
}

func orUnknown(text string) string {
	if text == "" {
		return "unknown"
	}
	return text
}

func gigabytes(bytes uint64) string { return fmt.Sprintf("%.2f GB", float64(bytes)/1e9) }

// String is the machine in one line.
func (m Machine) String() string {
	parts := []string{orUnknown(m.Processor), fmt.Sprintf("%d cores", m.Cores), gigabytes(m.Memory), m.OS + "/" + m.Arch}
	for _, r := range m.Runtimes {
		parts = append(parts, r.Name+" "+r.Version)
	}
	return strings.Join(parts, ", ")
}

// Of finds what was measured at so many rows a call; nil if nothing was.
func (b *Bench) Of(batch int) *Latency {
	if b == nil {
		return nil
	}
	if i := slices.IndexFunc(b.Latency, func(l Latency) bool { return l.Batch == batch }); i >= 0 {
		return &b.Latency[i]
	}
	return nil
}

// verifyBench refuses what no accept writes.
func (b *Baseline) verifyBench() error {
	if b.Bench == nil {
		return nil
	}
	for _, l := range b.Bench.Latency {
		for _, t := range []Times{l.Model, l.Reference} {
			for _, values := range [][]float64{t.P50, t.P95, t.P99, t.Throughput} {
				if len(values) != len(l.Model.P50) || slices.ContainsFunc(values, func(v float64) bool { return !(v > 0) || math.IsInf(v, 0) }) {
					return errors.New("has times that cannot be")
				}
			}
		}
		if l.Batch < 1 || l.Repeats < 1 || len(l.Model.P50) == 0 {
			return errors.New("has times that cannot be")
		}
	}
	if m := b.Bench.Memory; m != nil && (m.Batch < 1 || len(m.Peak) == 0 || len(m.Peak) != len(m.Loaded) || slices.Contains(m.Peak, 0)) {
		return errors.New("has peaks of memory that cannot be")
	}
	return nil
}
