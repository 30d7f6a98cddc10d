package report

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/noworse/noworse/baseline"
)

// mostSlices is the most slices that are listed unless all are asked for.
const mostSlices = 20

// mostChanges is the same for values that differ.
const mostChanges = 40

// Baseline shows an accepted baseline of a store: what it is, and its values by
// slice.
func Baseline(w io.Writer, b *baseline.Baseline, store string, o Options) error {
	p := newPrinter(o)
	p.line(p.bold(clean(b.Name)) + fmt.Sprintf("   baseline %d%s   %s", b.AcceptedAs(), modelOfBaseline(b), counted(b.Data.Rows, "row")))
	p.blank()
	p.pad = len("accepted") + len(gap)
	p.hanging("accepted", plain, "", acceptedBy(b))
	if b.Reason != "" {
		p.hanging("reason", plain, "", clean(b.Reason))
	}
	p.hanging("anchor", plain, "", anchorOf(b))
	p.hanging("check", plain, "", p.sign(clean(b.Check.Summary)))
	p.hanging("data", plain, "", dataOf(b))
	p.hanging("store", plain, "", clean(store)+", "+pairingOf(b))
	p.measurements(b.Bench)
	p.blank()
	shown := b.Slices
	if !o.All {
		shown = shown[:min(len(shown), mostSlices)]
	}
	rows := [][]string{{"", "rows"}}
	metrics := metricsOf(b.Slices)
	for _, m := range metrics {
		rows[0] = append(rows[0], m.name())
	}
	for _, s := range shown {
		row := []string{sliceTitle(s.Name), count(s.Rows)}
		for _, m := range metrics {
			cell := ""
			if v, ok := m.in(s); ok {
				cell = m.format(p, v).withUnit(v)
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	p.columns(rows, func(column int) bool { return column > 0 })
	p.more(len(b.Slices)-len(shown), "more slice")
	_, err := io.WriteString(w, p.b.String())
	return err
}

// measurements are how long the model took and how much it held, by the medians, and
// where.
func (p *printer) measurements(b *baseline.Bench) {
	if b == nil {
		return
	}
	for _, l := range b.Latency {
		p.hanging("latency", plain, "", fmt.Sprintf("p50 %.3g, p95 %.3g, p99 %.3g ms at %s a call (%s)",
			1e3*median(l.Model.P50), 1e3*median(l.Model.P95), 1e3*median(l.Model.P99), counted(uint64(l.Batch), "row"), many(len(l.Model.P50), "run")))
	}
	if m := b.Memory; m != nil {
		peaks := make([]float64, len(m.Peak))
		for i, v := range m.Peak {
			peaks[i] = float64(v) / 1e6
		}
		p.hanging("memory", plain, "", fmt.Sprintf("peak %.4g MB at %s a call (%d processes)", median(peaks), counted(uint64(m.Batch), "row"), len(peaks)))
	}
	p.hanging("machine", plain, "", clean(b.Machine.String()))
}

// median is that of one value or more.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// BaselineLog lists baselines, in the order in which they are given.
func BaselineLog(w io.Writer, list []*baseline.Baseline, o Options) error {
	p := newPrinter(o)
	for _, b := range list {
		if a := b.Anchoring; a != nil {
			p.anchoring(b.Number, a)
			continue
		}
		p.line(p.bold(fmt.Sprint(b.Number)) + gap + acceptedBy(b) + gap + strings.TrimSpace(modelOfBaseline(b)) + gap + counted(b.Data.Rows, "row"))
		if b.Reason != "" {
			p.wrapped("   ", clean(b.Reason))
		}
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}

// BaselineDiff says what differs between two baselines: the rows that they were
// accepted on, and their values.
func BaselineDiff(w io.Writer, from, to *baseline.Baseline, o Options) error {
	p := newPrinter(o)
	p.line(fmt.Sprintf("%s   baseline %d%s %s baseline %d%s", p.bold(clean(to.Name)), from.AcceptedAs(), modelOfBaseline(from), p.sign("→"), to.AcceptedAs(), modelOfBaseline(to)))
	p.blank()
	p.pad = len("model") + len(gap)
	p.hanging("data", plain, "", dataChange(from, to))
	p.hanging("model", plain, "", map[bool]string{true: "the same answers", false: "other answers"}[from.Model.Fingerprint == to.Model.Fingerprint])
	p.blank()
	changed, same, only := p.valueChanges(from, to)
	rest := 0
	if !o.All {
		rest = max(0, len(changed)-mostChanges)
	}
	p.columns(changed[:len(changed)-rest], func(column int) bool { return column == 2 || column > 3 })
	p.more(rest, "more change")
	if same > 0 {
		p.line(many(same, "value") + " unchanged")
	}
	if only > 0 {
		p.line(many(only, "value") + " in one of the two only")
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}

// valueChanges are lines for the values that both have and that differ.
func (p *printer) valueChanges(from, to *baseline.Baseline) (changed [][]string, same, only int) {
	before := map[string]baseline.Slice{}
	for _, s := range from.Slices {
		before[s.Name] = s
	}
	both := 0
	for _, s := range to.Slices {
		for _, m := range metricsOf([]baseline.Slice{s}) {
			now, _ := m.in(s)
			was, ok := m.in(before[s.Name])
			if !ok {
				only++
				continue
			}
			both++
			if was == now {
				same++
				continue
			}
			f := m.format(p, math.Max(math.Abs(was), math.Abs(now)))
			f.decimals = f.apart([]float64{was, now}, 0)
			changed = append(changed, []string{m.name(), sliceTitle(s.Name), f.withUnit(was), p.sign("→"), f.withUnit(now), p.sign(f.signed(now-was)) + f.unit()})
		}
	}
	for _, s := range from.Slices {
		only += len(metricsOf([]baseline.Slice{s}))
	}
	return changed, same, only - both
}

// measured is a metric with its parameters.
type measured struct{ key, metric, params string }

// metricsOf lists the metrics of slices, in the order in which they appear.
func metricsOf(slices []baseline.Slice) []measured {
	var out []measured
	seen := map[measured]bool{}
	for _, s := range slices {
		for _, v := range s.Values {
			m := measured{v.Key, v.Metric, string(v.Params)}
			at := measured{"", m.metric, m.params}
			if !seen[at] {
				seen[at] = true
				out = append(out, m)
			}
		}
	}
	return out
}

func (m measured) name() string { return name(clean(m.key)) }

func (m measured) in(s baseline.Slice) (float64, bool) {
	for _, v := range s.Values {
		if v.Metric == m.metric && string(v.Params) == m.params {
			return v.Value, true
		}
	}
	return 0, false
}

func (m measured) format(p *printer, v float64) format {
	return startFormat(math.Abs(v), p.Rate(m.metric))
}

func sliceTitle(slice string) string {
	if slice == "" {
		return "overall"
	}
	return clean(slice)
}

// columns writes a table; right says which columns hold numbers.
func (p *printer) columns(rows [][]string, right func(column int) bool) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], width(cell))
		}
	}
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-width(cell))
			if cells[i] = cell + pad; right(i) {
				cells[i] = pad + cell
			}
		}
		p.line(strings.Join(cells, gap))
	}
}

func (p *printer) more(n int, thing string) {
	if n > 0 {
		p.line(many(n, thing) + "   --all lists them")
	}
}

func modelOfBaseline(b *baseline.Baseline) string {
	return spaced(cmp.Or(fileName(b.Model.Path), b.Model.Score, b.Model.Label))
}

func acceptedBy(b *baseline.Baseline) string {
	text := clean(b.Accepted)
	if b.By != "" {
		text += " by " + clean(b.By)
	}
	if b.Forced {
		text += ", forced"
	}
	return text
}

func dataOf(b *baseline.Baseline) string {
	text := counted(b.Data.Rows, "row")
	if b.Data.Unlabelled > 0 {
		text += " (" + count(b.Data.Unlabelled) + " without a label left out)"
	}
	if b.Data.Version != "" {
		text += ", " + clean(b.Data.Version)
	}
	return text + ", " + clean(b.Data.Fingerprint)
}

func pairingOf(b *baseline.Baseline) string {
	if b.Rows.ID != "" {
		return "rows go by " + clean(b.Rows.ID)
	}
	return "rows go by their order"
}

func dataChange(from, to *baseline.Baseline) string {
	if from.Data.Fingerprint == to.Data.Fingerprint {
		return "the same " + counted(to.Data.Rows, "row")
	}
	return counted(from.Data.Rows, "row") + ", then " + counted(to.Data.Rows, "row") + ": another evaluation set, so values differ for that too"
}
