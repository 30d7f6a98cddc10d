package spec

import "fmt"

// Latency bounds how much slower the candidate may be than the baseline.
type Latency struct {
	Batches []int // rows of one call
	Limits  []LatencyLimit
	Pairs   int     // of runs; more are made where these do not decide
	Floor   float64 // seconds; a rise by less is none
	Severity
}

// LatencyLimit is a limit on one number of a run.
type LatencyLimit struct {
	Of      string // p50, p95, p99 or throughput
	MaxRise float64
	At      string
}

// Memory bounds how much more memory the candidate may hold while it predicts.
type Memory struct {
	Batch   int
	MaxRise float64
	Pairs   int
	Floor   float64 // bytes
	Severity
	At string
}

// What the sections have unless they say otherwise.
const (
	latencyBatch = 100
	latencyRise  = 0.10
	latencyFloor = 0.0002 // 0.2 ms: less is not felt, and clocks are not finer
	memoryBatch  = 1000
	memoryRise   = 0.20
	memoryFloor  = 10e6
)

var latencyNumbers = []string{"p50", "p95", "p99", "throughput"}

func latencyShape() *shape {
	batch := &shape{kind: numberShape, whole: true, low: bound(1), high: bound(1e6), wants: "a whole number such as 100", doc: "Rows of one call."}
	rise := func(what string) *shape {
		return &shape{kind: objectShape, wants: "a map such as {max_rise: 10%}", doc: what, fields: []field{
			{name: "max_rise", shape: shareShape("How much larger it may be than the baseline's, as a share.")}}, atLeastOne: []string{"max_rise"}, without: "this bounds nothing: add max_rise"}
	}
	return &shape{kind: objectShape, wants: "a map such as {batch: 100, p95: {max_rise: 10%}}", doc: "How long the candidate may take, against the baseline on the same machine. {} tolerates a rise of the 95th percentile by 10%, at 100 rows a call.", fields: []field{
		{name: "batch", shape: &shape{kind: oneOfShape, wants: "a whole number such as 100, or a list of them", doc: "Rows of one call. Default: 100.", either: []*shape{batch, {kind: listShape, atLeast: 1, wants: "a list such as [1, 100, 1000]", elem: batch}}}},
		{name: "p50", shape: rise("Median time of a call.")},
		{name: "p95", shape: rise("Time that 95 of 100 calls keep to.")},
		{name: "p99", shape: rise("Time that 99 of 100 calls keep to.")},
		{name: "throughput", shape: &shape{kind: objectShape, wants: "a map such as {max_drop: 10%}", doc: "Rows answered in a second.", fields: []field{
			{name: "max_drop", shape: shareShape("How much smaller it may be than the baseline's, as a share.")}}, atLeastOne: []string{"max_drop"}, without: "this bounds nothing: add max_drop"}},
		{name: "pairs", shape: pairsShape()},
		{name: "floor", shape: &shape{kind: textShape, pattern: timeoutPattern + `|^0$`, wants: "a time such as 0.2ms", doc: "A rise by less than this is none. Default: 0.2ms."}},
		{name: "severity", shape: severityShape()},
	}}
}

func memoryShape() *shape {
	return &shape{kind: objectShape, wants: "a map such as {batch: 1000, max_rise: 20%}", doc: "How much memory the candidate may hold while it predicts, against the baseline. {} tolerates a rise by 20%, at 1,000 rows a call.", fields: []field{
		{name: "batch", shape: &shape{kind: numberShape, whole: true, low: bound(1), high: bound(1e6), wants: "a whole number such as 1000", doc: "Rows of one call. Default: 1000."}},
		{name: "max_rise", shape: shareShape("How much larger the peak may be than the baseline's, as a share. Default: 20%.")},
		{name: "pairs", shape: pairsShape()},
		{name: "floor", shape: &shape{kind: textShape, pattern: `^[0-9]+(\.[0-9]+)?(KB|MB|GB)$|^0$`, wants: "a size such as 10MB", doc: "A rise by less than this is none. Default: 10MB."}},
		{name: "severity", shape: severityShape()},
	}}
}

func pairsShape() *shape {
	return &shape{kind: numberShape, whole: true, low: bound(6), high: bound(1000), wants: "a whole number of at least 6", doc: "How often both models are measured against each other: an interval wants at least 6."}
}

func shareShape(doc string) *shape {
	return &shape{kind: textShape, pattern: `^[0-9]+(\.[0-9]+)?%$`, wants: "a share such as 10%", doc: doc}
}

func (d *decoder) latency(n *node) {
	l := &Latency{Batches: d.batches(n.field("batch")), Pairs: d.count(n, "pairs", 0), Floor: latencyFloor, Severity: severityOf(n)}
	if f := n.field("floor"); f != nil {
		l.Floor = d.duration(n, "floor", 0).Seconds()
	}
	for _, of := range latencyNumbers {
		v := n.field(of)
		if v == nil {
			continue
		}
		key := "max_rise"
		if of == "throughput" {
			key = "max_drop"
		}
		if s := v.field(key); s != nil {
			l.Limits = append(l.Limits, LatencyLimit{Of: of, MaxRise: s.margin().Value, At: below("latency", of)})
			if of == "throughput" && s.margin().Value >= 1 {
				d.report(v, key, "max_drop is 100%% or more, which tolerates anything: write a smaller share")
			}
		}
	}
	if l.Limits == nil && !n.hasAny(latencyNumbers) {
		l.Limits = []LatencyLimit{{Of: "p95", MaxRise: latencyRise, At: "latency"}}
	}
	d.spec.Latency = l
	d.needsLive("latency", "measures the candidate")
}

func (d *decoder) batches(n *node) []int {
	if n == nil {
		return []int{latencyBatch}
	}
	if n.kind == scalarNode {
		v, _ := n.number()
		return []int{int(v)}
	}
	d.judgeDistinct(n, "batch")
	var out []int
	for _, item := range n.items {
		v, _ := item.number()
		out = append(out, int(v))
	}
	return out
}

func severityOf(n *node) Severity {
	if s := n.field("severity"); s != nil {
		return Severity(s.text)
	}
	return Unset
}

func (d *decoder) memory(n *node) {
	m := &Memory{Batch: d.count(n, "batch", memoryBatch), MaxRise: memoryRise, Pairs: d.count(n, "pairs", 6), Floor: memoryFloor, Severity: severityOf(n), At: "memory"}
	if r := n.field("max_rise"); r != nil {
		m.MaxRise, m.At = r.margin().Value, below("memory", "max_rise")
	}
	if f := n.field("floor"); f != nil {
		m.Floor = sizeOf(f.text)
	}
	d.spec.Memory = m
	d.needsLive("memory", "measures the candidate")
}

// sizeOf reads a size such as 10MB.
func sizeOf(text string) float64 {
	var v float64
	var unit string
	fmt.Sscanf(text, "%g%s", &v, &unit)
	return v * map[string]float64{"": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9}[unit]
}

// needsLive refuses a section that does something with the candidate where it is
// recorded.
func (d *decoder) needsLive(section, does string) {
	if c := d.spec.Candidate; c != nil && c.Live == nil {
		d.r.hint(d.root.entry(section).at, section+" "+does+", and it is recorded answers",
			"name a model that runs under candidate: onnx, python, http or mlflow")
	}
}
