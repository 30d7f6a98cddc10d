package gate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/noworse/noworse/bench"
	"github.com/noworse/noworse/live"
	"github.com/noworse/noworse/model"
	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
)

// mostFrames is how many different frames models are timed on.
const mostFrames = 10

// benchChecks time the two models against each other, and measure their memory.
func (p *plan) benchChecks(ctx context.Context, wanted func(id string) bool) ([]result.Check, error) {
	var list []result.Check
	if l := p.spec.Latency; l != nil {
		for _, batch := range l.Batches {
			list = append(list, p.latencyChecks(ctx, l, batch, wanted)...)
		}
	}
	if m := p.spec.Memory; m != nil {
		if c := p.memoryCheck(m); wanted(c.ID) {
			p.measured(&c, p.checkMemory(ctx, m, &c))
			list = append(list, c)
		}
	}
	return list, ctx.Err()
}

// errSkip is why something cannot be measured.
type errSkip struct{ reason string }

func (e *errSkip) Error() string { return e.reason }

// measured gives a check that could not be measured its verdict.
func (p *plan) measured(c *result.Check, err error) {
	if err == nil {
		return
	}
	c.Verdict, c.Reason = result.Error, p.spec.Redact(err.Error())
	if s, ok := errors.AsType[*errSkip](err); ok {
		c.Verdict, c.Reason = result.Skipped, s.reason
	}
}

// both are the runners that are measured; the baseline's is nil where it was stored.
func (p *plan) both() (candidate, baseline *runner, err error) {
	r := p.options.running
	candidate, baseline = r.runners["candidate"], r.runners["baseline"]
	switch {
	case baseline != nil || p.options.Stored != nil:
		return candidate, baseline, nil // nil: what was stored stands for it
	case p.spec.Baseline == nil:
		return nil, nil, &errSkip{p.skipUnpairable("a comparison")}
	}
	return nil, nil, &errSkip{"the baseline is recorded answers and cannot be measured: name a model that runs"}
}

// framesOf are rows as a model is given them, in frames of so many: rows are taken
// again where there are fewer.
func (p *plan) framesOf(ctx context.Context, one *runner, rows int) ([]*model.Frame, error) {
	what := live.SampleRequest{Request: p.requestOf(one), Rows: rows * mostFrames}
	if one.answers != nil {
		what.Nullable = one.answers.Nullable
	}
	f, _, err := live.Sample(ctx, p.source, what)
	if err != nil {
		return nil, err
	}
	if f.Rows == 0 {
		return nil, &errSkip{"there is no row to ask about"}
	}
	var list []*model.Frame
	for i := range min(mostFrames, max(1, f.Rows/rows)) {
		pick := make([]int, rows)
		for k := range pick {
			pick[k] = (i*rows + k) % f.Rows
		}
		list = append(list, f.Take(pick))
	}
	return list, nil
}

// latencyCheck is one limit before it is measured.
func (p *plan) latencyCheck(l *spec.Latency, limit spec.LatencyLimit, batch int) result.Check {
	unit, rule := "ms", result.Rule{At: p.whereOf(limit.At), MaxRise: &result.Margin{Value: limit.MaxRise, Relative: true}}
	if limit.Of == "throughput" {
		unit, rule.MaxRise, rule.MaxDrop = "rows/s", nil, rule.MaxRise
	}
	return result.Check{
		ID: fmt.Sprintf("latency/%s/batch=%d", limit.Of, batch), Kind: "latency",
		Name:     fmt.Sprintf("%s, %s at a time, %s", limit.Of, predict.Count(uint64(batch), "row", "rows"), unit),
		Severity: string(orElse(l.Severity, spec.Block)), Rule: rule,
		Evidence: &result.Evidence{Method: "hodges-lehmann", Paired: true, Family: "latency"},
	}
}

func (p *plan) latencyChecks(ctx context.Context, l *spec.Latency, batch int, wanted func(id string) bool) []result.Check {
	var list []result.Check
	var limits []spec.LatencyLimit
	for _, limit := range l.Limits {
		if c := p.latencyCheck(l, limit, batch); wanted(c.ID) {
			list, limits = append(list, c), append(limits, limit)
		}
	}
	if len(list) == 0 {
		return nil
	}
	timed, err := p.time(ctx, l, batch, limits)
	for i := range list {
		if err != nil {
			p.measured(&list[i], err)
			continue
		}
		p.tellLatency(&list[i], l, limits[i], batch, timed, i)
	}
	return list
}

// timing is what was measured of both models, and what that says of each limit.
type timing struct {
	baseline, candidate []bench.Run
	decisions           []bench.Decision
	stored              bool      // the baseline's runs are of another time
	states              []float64 // of the machine, where it is
}

// time runs both models until every limit is decided.
func (p *plan) time(ctx context.Context, l *spec.Latency, batch int, limits []spec.LatencyLimit) (*timing, error) {
	candidate, baseline, err := p.both()
	if err != nil {
		return nil, err
	}
	if baseline == nil {
		return p.timeApart(ctx, l, batch, limits, candidate)
	}
	if !sameFeatures(candidate, baseline) {
		return nil, &errSkip{"the two models are given different columns, so they cannot be timed on the same rows"}
	}
	frames, err := p.framesOf(ctx, candidate, batch)
	if err != nil {
		return nil, err
	}
	t := new(timing)
	err = p.timeUntil(ctx, l, candidate.predictor, baseline.predictor, frames, func(pairs []bench.Pair, looks int) error {
		t.baseline, t.candidate = runsOf(pairs)
		t.decisions = t.decisions[:0]
		for _, limit := range limits {
			d, err := bench.JudgePairs(pairs, numberOf(limit.Of), p.latencyLimit(l, limit), looks)
			if err != nil {
				return err
			}
			t.decisions = append(t.decisions, d)
		}
		return nil
	}, t)
	return t, err
}

// timeUntil measures until all decisions are made, by judge, or none can be hoped for.
func (p *plan) timeUntil(ctx context.Context, l *spec.Latency, candidate, baseline model.Predictor, frames []*model.Frame, judge func(pairs []bench.Pair, looks int) error, t *timing) error {
	var failed error
	_, err := bench.Latency(ctx, candidate, baseline, frames, bench.Plan{Pairs: l.Pairs, Most: 4 * l.Pairs, Queue: p.options.Queue}, func(pairs []bench.Pair, looks int) bool {
		failed = judge(pairs, looks)
		return failed != nil || !slices.ContainsFunc(t.decisions, func(d bench.Decision) bool { return d.Outcome == bench.CannotSay })
	})
	if err == nil {
		err = failed
	}
	return err
}

// runsOf are the runs of each model.
func runsOf(pairs []bench.Pair) (baseline, candidate []bench.Run) {
	for _, p := range pairs {
		baseline, candidate = append(baseline, p.Baseline), append(candidate, p.Candidate)
	}
	return baseline, candidate
}

// numberOf is one number of a run; of throughput the seconds of a row, which is
// worse when it rises as times are.
func numberOf(of string) func(bench.Numbers) float64 {
	switch of {
	case "p50":
		return func(n bench.Numbers) float64 { return n.P50 }
	case "p99":
		return func(n bench.Numbers) float64 { return n.P99 }
	case "throughput":
		return func(n bench.Numbers) float64 { return 1 / n.Throughput }
	}
	return func(n bench.Numbers) float64 { return n.P95 }
}

// values are that number of each run.
func values(runs []bench.Run, of string) []float64 {
	list, number := make([]float64, len(runs)), numberOf(of)
	for i, r := range runs {
		list[i] = number(r.Numbers)
	}
	return list
}

// netOf are runs without what their calls waited for a processor.
func netOf(runs []bench.Run) []bench.Run {
	list := slices.Clone(runs)
	for i := range list {
		list[i].Numbers = *list[i].Net
	}
	return list
}

// latencyLimit is a limit as it is judged by.
func (p *plan) latencyLimit(l *spec.Latency, limit spec.LatencyLimit) bench.Limit {
	rule := bench.Limit{Rise: limit.MaxRise, Floor: l.Floor, Alpha: p.spec.Decision.Alpha}
	if limit.Of == "throughput" {
		rule.Rise, rule.Floor = 1/(1-limit.MaxRise)-1, 0
	}
	return rule
}

// tellLatency writes what was found into a check, in milliseconds or rows a second.
func (p *plan) tellLatency(c *result.Check, l *spec.Latency, limit spec.LatencyLimit, batch int, t *timing, i int) {
	in := func(v float64) float64 {
		if limit.Of == "throughput" {
			return 1 / v
		}
		return v * 1e3
	}
	d := t.decisions[i]
	details := &result.Bench{Batch: batch, Stored: t.stored, Net: d.Net, Ratio: d.Ratio, RatioInterval: [2]float64{d.Low, d.High}}
	baseline, candidate := t.baseline, t.candidate
	if d.Net {
		baseline, candidate = netOf(baseline), netOf(candidate)
	}
	for _, v := range values(baseline, limit.Of) {
		details.Baseline = append(details.Baseline, in(v))
	}
	for _, v := range values(candidate, limit.Of) {
		details.Candidate = append(details.Candidate, in(v))
	}
	if t.stored {
		details.Machine = &t.states[i]
	}
	c.Details.Bench = details
	p.tellBench(c, d, in(d.Baseline), in(d.Candidate), result.Percent(limit.MaxRise))
	if limit.Of == "throughput" {
		c.Interval = &[2]float64{*c.Baseline * (1/(1+d.High) - 1), *c.Baseline * (1/(1+d.Low) - 1)}
	}
	if d.WithinFloor {
		c.Reason += fmt.Sprintf("; a rise by less than %g ms is none", l.Floor*1e3)
	}
}

// tellBench writes a decision into a check whose details are there.
func (p *plan) tellBench(c *result.Check, d bench.Decision, baseline, candidate float64, limit string) {
	change, b := candidate-baseline, c.Details.Bench
	c.Baseline, c.Candidate, c.Change, c.Confidence = &baseline, &candidate, &change, d.Level
	c.Interval = &[2]float64{baseline * d.Low, baseline * d.High}
	rose := fmt.Sprintf("%s (%s to %s) over ", signedPercent(d.Ratio), signedPercent(d.Low), signedPercent(d.High))
	hint := "this machine is too noisy to tell; close what else runs, or raise pairs"
	if b.Stored {
		c.Evidence.Paired, hint = false, "two sessions of runs do not tell more; a model form beside baseline.store is measured side by side"
		rose += fmt.Sprintf("%d runs, and %d that were stored", len(b.Candidate), len(b.Baseline))
	} else {
		b.Pairs = len(b.Baseline)
		rose += fmt.Sprintf("%d pairs of runs", b.Pairs)
	}
	if b.Net {
		rose += ", without their waiting for a processor on this busy machine"
	}
	state := ""
	if b.Machine != nil {
		state = "; the machine takes " + signedPercent(*b.Machine) + " for the same other work"
	}
	switch d.Outcome {
	case bench.Pass:
		c.Verdict, c.Reason = result.Pass, rose+state
	case bench.Fail:
		c.Verdict, c.Reason = result.Fail, rose+", and the limit is "+limit+state
	default:
		c.Verdict, c.OnInconclusive = result.Inconclusive, string(spec.Warn)
		c.Reason = rose + ", which holds the limit of " + limit + state + ": " + hint
	}
}

func signedPercent(share float64) string { return fmt.Sprintf("%+.1f%%", 100*share) }

// memoryCheck is the check of memory before it is measured.
func (p *plan) memoryCheck(m *spec.Memory) result.Check {
	return result.Check{
		ID: fmt.Sprintf("memory/peak/batch=%d", m.Batch), Kind: "memory", Name: fmt.Sprintf("peak, %s at a time, MB", predict.Count(uint64(m.Batch), "row", "rows")),
		Severity: string(orElse(m.Severity, spec.Block)),
		Rule:     result.Rule{At: p.whereOf(m.At), MaxRise: &result.Margin{Value: m.MaxRise, Relative: true}},
		Evidence: &result.Evidence{Method: "hodges-lehmann", Paired: true, Family: "memory"},
	}
}

// checkMemory loads each model in processes of their own, again and again.
func (p *plan) checkMemory(ctx context.Context, m *spec.Memory, c *result.Check) error {
	candidate, baseline, err := p.both()
	if err != nil {
		return err
	}
	if p.options.StartApart == nil {
		return &errSkip{"this program cannot load a model in a process of its own"}
	}
	if baseline == nil {
		return p.checkMemoryApart(ctx, m, c, candidate)
	}
	frames, err := p.framesOf(ctx, candidate, m.Batch)
	if err != nil {
		return err
	}
	if !sameFeatures(candidate, baseline) {
		return &errSkip{"the two models are given different columns, so they cannot be measured on the same rows"}
	}
	pairs, err := bench.Memory(ctx, p.starter(candidate), p.starter(baseline), frames, m.Pairs)
	if err != nil {
		return notApart(err)
	}
	var b, k []model.Memory
	for _, pair := range pairs {
		b, k = append(b, pair.Baseline), append(k, pair.Candidate)
	}
	return p.tellMemory(c, m, b, k, bench.Judge)
}

// starter loads a model in a process of its own.
func (p *plan) starter(one *runner) bench.Starter {
	return func(ctx context.Context) (model.Predictor, error) {
		return p.options.StartApart(ctx, one.live, model.Task(p.spec.Task), p.classNames())
	}
}

// notApart makes a check skipped whose model has no process of its own.
func notApart(err error) error {
	if errors.Is(err, bench.ErrNotApart) {
		return &errSkip{err.Error()}
	}
	return err
}

// tellMemory writes what both models held into a check, in megabytes.
func (p *plan) tellMemory(c *result.Check, m *spec.Memory, baseline, candidate []model.Memory, judge func(baseline, candidate []float64, limit bench.Limit, looks int) (bench.Decision, error)) error {
	details := &result.Bench{Batch: m.Batch, Stored: p.options.running.runners["baseline"] == nil, Baseline: peaks(baseline), Candidate: peaks(candidate)}
	details.Loaded = &result.Loaded{Baseline: float64(baseline[len(baseline)-1].Loaded) / 1e6, Candidate: float64(candidate[len(candidate)-1].Loaded) / 1e6}
	c.Details.Bench = details
	d, err := judge(details.Baseline, details.Candidate, bench.Limit{Rise: m.MaxRise, Floor: m.Floor / 1e6, Alpha: p.spec.Decision.Alpha}, 1)
	if err != nil {
		return err
	}
	details.Ratio, details.RatioInterval = d.Ratio, [2]float64{d.Low, d.High}
	p.tellBench(c, d, d.Baseline, d.Candidate, result.Percent(m.MaxRise))
	if d.WithinFloor {
		c.Reason += fmt.Sprintf("; a rise by less than %g MB is none", m.Floor/1e6)
	}
	return nil
}

// peaks are in megabytes.
func peaks(list []model.Memory) []float64 {
	out := make([]float64, len(list))
	for i, m := range list {
		out[i] = float64(m.Peak) / 1e6
	}
	return out
}
