package gate

import (
	"context"
	"errors"
	"fmt"

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

// both are the runners that are measured.
func (p *plan) both() (candidate, baseline *runner, err error) {
	r := p.options.running
	candidate, baseline = r.runners["candidate"], r.runners["baseline"]
	switch {
	case baseline != nil:
		return candidate, baseline, nil
	case p.spec.Store != nil:
		return nil, nil, &errSkip{"the baseline cannot run here: add a model form beside baseline.store"}
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
	pairs, decisions, err := p.time(ctx, l, batch, limits)
	for i := range list {
		if err != nil {
			p.measured(&list[i], err)
			continue
		}
		p.tellLatency(&list[i], l, limits[i], batch, pairs, decisions[i])
	}
	return list
}

// time runs both models until every limit is decided.
func (p *plan) time(ctx context.Context, l *spec.Latency, batch int, limits []spec.LatencyLimit) ([]bench.Pair, []bench.Decision, error) {
	candidate, baseline, err := p.both()
	if err != nil {
		return nil, nil, err
	}
	if !sameFeatures(candidate, baseline) {
		return nil, nil, &errSkip{"the two models are given different columns, so they cannot be timed on the same rows"}
	}
	frames, err := p.framesOf(ctx, candidate, batch)
	if err != nil {
		return nil, nil, err
	}
	var decisions []bench.Decision
	var failed error
	pairs, err := bench.Latency(ctx, candidate.predictor, baseline.predictor, frames, bench.Plan{Pairs: l.Pairs, Most: 4 * l.Pairs}, func(pairs []bench.Pair, looks int) bool {
		decisions = decisions[:0]
		sure := true
		for _, limit := range limits {
			d, err := p.judgeLatency(l, limit, pairs, looks)
			if err != nil {
				failed = err
				return true
			}
			decisions = append(decisions, d)
			sure = sure && d.Outcome != bench.CannotSay
		}
		return sure
	})
	if err == nil {
		err = failed
	}
	return pairs, decisions, err
}

// values are one number of each run; of throughput the seconds of a row, which is
// worse when it rises as times are.
func values(pairs []bench.Pair, of string) (baseline, candidate []float64) {
	number := func(r bench.Run) float64 {
		switch of {
		case "p50":
			return r.P50
		case "p99":
			return r.P99
		case "throughput":
			return 1 / r.Throughput
		}
		return r.P95
	}
	for _, p := range pairs {
		baseline, candidate = append(baseline, number(p.Baseline)), append(candidate, number(p.Candidate))
	}
	return baseline, candidate
}

func (p *plan) judgeLatency(l *spec.Latency, limit spec.LatencyLimit, pairs []bench.Pair, looks int) (bench.Decision, error) {
	b, c := values(pairs, limit.Of)
	rule := bench.Limit{Rise: limit.MaxRise, Floor: l.Floor, Alpha: p.spec.Decision.Alpha}
	if limit.Of == "throughput" {
		rule.Rise, rule.Floor = 1/(1-limit.MaxRise)-1, 0
	}
	return bench.Judge(b, c, rule, looks)
}

// tellLatency writes what was found into a check, in milliseconds or rows a second.
func (p *plan) tellLatency(c *result.Check, l *spec.Latency, limit spec.LatencyLimit, batch int, pairs []bench.Pair, d bench.Decision) {
	in := func(v float64) float64 {
		if limit.Of == "throughput" {
			return 1 / v
		}
		return v * 1e3
	}
	b, k := values(pairs, limit.Of)
	details := &result.Bench{Batch: batch, Pairs: len(pairs), Ratio: d.Ratio, RatioInterval: [2]float64{d.Low, d.High}}
	for i := range pairs {
		details.Baseline, details.Candidate = append(details.Baseline, in(b[i])), append(details.Candidate, in(k[i]))
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

// tellBench writes a decision into a check.
func (p *plan) tellBench(c *result.Check, d bench.Decision, baseline, candidate float64, limit string) {
	change := candidate - baseline
	c.Baseline, c.Candidate, c.Change, c.Confidence = &baseline, &candidate, &change, d.Level
	c.Interval = &[2]float64{baseline * d.Low, baseline * d.High}
	rose := fmt.Sprintf("%s (%s to %s) over %d pairs of runs", signedPercent(d.Ratio), signedPercent(d.Low), signedPercent(d.High), c.Details.Bench.Pairs)
	switch d.Outcome {
	case bench.Pass:
		c.Verdict, c.Reason = result.Pass, rose
	case bench.Fail:
		c.Verdict, c.Reason = result.Fail, rose+", and the limit is "+limit
	default:
		c.Verdict, c.OnInconclusive = result.Inconclusive, string(spec.Warn)
		c.Reason = rose + ", which holds the limit of " + limit + ": this machine is too noisy to tell; close what else runs, or raise pairs"
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
	frames, err := p.framesOf(ctx, candidate, m.Batch)
	if err != nil {
		return err
	}
	if !sameFeatures(candidate, baseline) {
		return &errSkip{"the two models are given different columns, so they cannot be measured on the same rows"}
	}
	start := func(one *runner) bench.Starter {
		return func(ctx context.Context) (model.Predictor, error) {
			return p.options.StartApart(ctx, one.live, model.Task(p.spec.Task), p.classNames())
		}
	}
	pairs, err := bench.Memory(ctx, start(candidate), start(baseline), frames, m.Pairs)
	if errors.Is(err, bench.ErrNotApart) {
		return &errSkip{err.Error()}
	}
	if err != nil {
		return err
	}
	details := &result.Bench{Batch: m.Batch, Pairs: len(pairs), Loaded: new(result.Loaded)}
	c.Details.Bench = details
	for _, pair := range pairs {
		details.Baseline, details.Candidate = append(details.Baseline, float64(pair.Baseline.Peak)/1e6), append(details.Candidate, float64(pair.Candidate.Peak)/1e6)
	}
	last := pairs[len(pairs)-1]
	details.Loaded.Baseline, details.Loaded.Candidate = float64(last.Baseline.Loaded)/1e6, float64(last.Candidate.Loaded)/1e6
	d, err := bench.Judge(details.Baseline, details.Candidate, bench.Limit{Rise: m.MaxRise, Floor: m.Floor / 1e6, Alpha: p.spec.Decision.Alpha}, 1)
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
