package report

import (
	"io"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/noworse/noworse/baseline"
)

// anyBaseline is one that nobody vetted: it may come from a stranger's branch.
func anyBaseline(t *rapid.T) *baseline.Baseline {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"\x1b[31m", "a\nb", "\u202eabc", ""}))
	b := &baseline.Baseline{
		Number: rapid.Int().Draw(t, "number"), Accepted: text.Draw(t, "accepted"), By: text.Draw(t, "by"), Reason: text.Draw(t, "reason"),
		Forced: rapid.Bool().Draw(t, "forced"), Name: text.Draw(t, "name"), Check: baseline.Check{Summary: text.Draw(t, "summary")},
		Data:  baseline.Data{Rows: rapid.Uint64().Draw(t, "rows"), Version: text.Draw(t, "version"), Fingerprint: text.Draw(t, "fingerprint")},
		Model: baseline.Model{Path: text.Draw(t, "path"), Score: text.Draw(t, "score")}, Rows: baseline.Rows{ID: text.Draw(t, "id")},
	}
	if rapid.Bool().Draw(t, "bench") {
		times := baseline.Times{P50: []float64{1}, P95: []float64{rapid.Float64().Draw(t, "p95"), 2}, P99: []float64{3}, Throughput: []float64{4}}
		b.Bench = &baseline.Bench{
			Machine: baseline.Machine{Processor: text.Draw(t, "processor"), OS: text.Draw(t, "os"), Runtimes: []baseline.Runtime{{Name: text.Draw(t, "runtime"), Version: "1"}}},
			Latency: []baseline.Latency{{Batch: rapid.Int().Draw(t, "batch"), Model: times}}, Memory: &baseline.Memory{Peak: []uint64{rapid.Uint64().Draw(t, "peak")}},
		}
	}
	for range rapid.IntRange(0, 60).Draw(t, "slices") {
		b.Slices = append(b.Slices, baseline.Slice{Name: text.Draw(t, "slice"), Rows: 1, Values: []baseline.Value{
			{Key: text.Draw(t, "key"), Metric: rapid.SampledFrom([]string{"accuracy", "mae"}).Draw(t, "metric"), Value: rapid.Float64().Draw(t, "value")},
		}})
	}
	return b
}

// TestAnyBaseline shows baselines whose texts would move the cursor or start a
// line: nothing of the kind comes out.
func TestAnyBaseline(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyBaseline(t), anyBaseline(t)
		o := Options{Width: rapid.IntRange(0, 200).Draw(t, "width"), ASCII: rapid.Bool().Draw(t, "ascii"), All: rapid.Bool().Draw(t, "all"), Rate: rates}
		for _, write := range []func(io.Writer) error{
			func(w io.Writer) error { return Baseline(w, a, "a\nstore", o) },
			func(w io.Writer) error { return BaselineLog(w, []*baseline.Baseline{a, b}, o) },
			func(w io.Writer) error { return BaselineDiff(w, a, b, o) },
		} {
			var out strings.Builder
			if err := write(&out); err != nil {
				t.Fatal(err)
			}
			if i := strings.IndexFunc(out.String(), func(r rune) bool { return r != '\n' && (unicode.IsControl(r) || r == '\u202e') }); i >= 0 {
				t.Fatalf("a control character at byte %d of\n%q", i, out.String())
			}
			if strings.Count(out.String(), "\n") > 4000 {
				t.Fatalf("%d lines", strings.Count(out.String(), "\n"))
			}
		}
	})
}

// TestBaselineLists counts what is not shown.
func TestBaselineLists(t *testing.T) {
	from, to := &baseline.Baseline{Name: "n", Number: 1}, &baseline.Baseline{Name: "n", Number: 2}
	for i := range 50 {
		name := strings.Repeat("s", i)
		from.Slices = append(from.Slices, baseline.Slice{Name: name, Values: []baseline.Value{{Key: "mae", Metric: "mae", Value: 1}, {Key: "x", Metric: "gone", Value: 1}}})
		to.Slices = append(to.Slices, baseline.Slice{Name: name, Values: []baseline.Value{{Key: "mae", Metric: "mae", Value: 1 + float64(i)}}})
	}
	var show, diff strings.Builder
	if err := Baseline(&show, to, "store", Options{}); err != nil {
		t.Fatal(err)
	}
	if err := BaselineDiff(&diff, from, to, Options{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct{ in, line string }{
		{show.String(), "30 more slices   --all lists them\n"}, {diff.String(), "9 more changes   --all lists them\n"},
		{diff.String(), "1 value unchanged\n"}, {diff.String(), "50 values in one of the two only\n"},
	} {
		if !strings.Contains(want.in, want.line) {
			t.Errorf("no line %q in\n%s", want.line, want.in)
		}
	}
}
