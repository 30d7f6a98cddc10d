package gate_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/model"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
)

// slow is a model that takes a time for each call.
type slow struct {
	*fake
	takes  time.Duration
	memory uint64
}

func (s *slow) Predict(ctx context.Context, f *model.Frame) (*model.Answers, error) {
	time.Sleep(s.takes)
	return s.fake.Predict(ctx, f)
}

func (s *slow) Memory(context.Context) (model.Memory, error) {
	return model.Memory{Loaded: s.memory / 2, Peak: s.memory}, nil
}

func starting(old, young *slow) gate.Starter {
	return func(_ context.Context, l *spec.Live, _ model.Task, _ []string) (model.Predictor, error) {
		if strings.HasSuffix(l.ONNX.Path, "old.onnx") {
			return old, nil
		}
		return young, nil
	}
}

const benchSpec = `version: 1
name: loan
task: binary
data: {eval: {path: eval.csv, id: id, label: y, features: [x, k, tier]}}
candidate: {onnx: {path: new.onnx}}
`

func TestLatencyAndMemory(t *testing.T) {
	dir := loanRows(t, 300)
	old, young := &slow{credit("old", 0), time.Millisecond, 200e6}, &slow{credit("new", 0), 3 * time.Millisecond, 300e6}
	const sections = `baseline: {onnx: {path: old.onnx}}
latency: {batch: [7, 500], p50: {max_rise: 30%}, throughput: {max_drop: 90%}, pairs: 6}
memory: {}
`
	o := gate.Options{Start: starting(old, young), StartApart: starting(old, young)}
	r, err := check(t, dir, benchSpec+sections, o)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]struct {
		verdict result.Verdict
		reason  string
	}{
		"latency/p50/batch=7":          {result.Fail, "over 6 pairs of runs, and the limit is 30%"},
		"latency/throughput/batch=7":   {result.Pass, "over 6 pairs of runs"},
		"latency/p50/batch=500":        {result.Fail, "and the limit is 30%"},
		"latency/throughput/batch=500": {result.Pass, ""},
		"memory/peak/batch=1000":       {result.Fail, "+50.0% (+50.0% to +50.0%) over 6 pairs of runs, and the limit is 20%"},
	}
	if len(r.Checks) != len(want) {
		t.Errorf("%d checks", len(r.Checks))
	}
	for _, c := range r.Checks {
		if w := want[c.ID]; c.Verdict != w.verdict || !strings.Contains(c.Reason, w.reason) {
			t.Errorf("%s: %s, %q; want %s, %q", c.ID, c.Verdict, c.Reason, w.verdict, w.reason)
		}
		if d := c.Details.Bench; d == nil || len(d.Baseline) != 6 || c.Interval == nil || c.Interval[0] > *c.Change || c.Interval[1] < *c.Change-0.2 {
			t.Errorf("%s: %+v within %v", c.ID, d, c.Interval)
		}
	}
	if c := r.Checks[0]; *c.Baseline < 1 || *c.Baseline > 10 || *c.Candidate < 3 || c.Name != "p50, 7 rows at a time, ms" {
		t.Errorf("%s: %v and %v", c.Name, *c.Baseline, *c.Candidate)
	}
}

// TestLatencySkipped: what cannot be compared is skipped with its reason, and is
// never a pass.
func TestLatencySkipped(t *testing.T) {
	dir := loanRows(t, 300)
	for name, c := range map[string]struct{ spec, want string }{
		"no baseline":         {"latency: {}\n", "no baseline to compare with"},
		"a store alone":       {"baseline: {store: kept}\nlatency: {}\n", "no baseline was accepted yet"},
		"a recorded baseline": {"baseline: {predictions: {label: k}}\nmemory: {}\n", "the baseline is recorded answers and cannot be measured"},
		"not apart":           {"baseline: {onnx: {path: old.onnx}}\nmemory: {}\n", "cannot load a model in a process of its own"},
	} {
		t.Run(name, func(t *testing.T) {
			old, young := &slow{credit("old", 0), 0, 1}, &slow{credit("new", 0), 0, 1}
			text := strings.Replace(benchSpec, "label: y", "label: member, positive: true", 1)
			if name != "a recorded baseline" {
				text = benchSpec
			} else {
				text = strings.Replace(text, "[x, k, tier]", "[x, tier]", 1)
				c.spec = strings.Replace(c.spec, "label: k", "label: y", 1)
			}
			if name == "a recorded baseline" {
				young.fake.classes = []string{"false", "true"}
				young.answer = func(_ *model.Frame, _ int, a *model.Answers) error {
					a.Labels = append(a.Labels, "true")
					a.Scores[0], a.Scores[1] = append(a.Scores[0], 0.25), append(a.Scores[1], 0.75)
					return nil
				}
			}
			r, err := check(t, dir, text+c.spec, gate.Options{Start: starting(old, young)})
			if err != nil {
				t.Fatal(err)
			}
			if got := r.Checks[0]; got.Verdict != result.Skipped || !strings.Contains(got.Reason, c.want) || r.Exit != 3 {
				t.Errorf("%s, %q, exit %d; want %q", got.Verdict, got.Reason, r.Exit, c.want)
			}
		})
	}
}
