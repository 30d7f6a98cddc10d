package gate

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/noworse/noworse/baseline"
	"github.com/noworse/noworse/bench"
	"github.com/noworse/noworse/model"
	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
)

// beside ends the reason why something stored cannot be compared with.
const beside = ": add a model form beside baseline.store"

// recordBench measures the candidate, which is about to become the baseline, as the
// checks of the spec will want it; nil where they want nothing.
func (p *plan) recordBench(ctx context.Context) (*baseline.Bench, error) {
	var one *runner
	if r := p.options.running; r != nil {
		one = r.runners["candidate"]
	}
	if one == nil || p.options.Machine == nil || elsewhere(one) || p.spec.Latency == nil && p.spec.Memory == nil {
		return nil, nil
	}
	b := &baseline.Bench{Machine: p.machineOf(one)}
	if l := p.spec.Latency; l != nil {
		for _, batch := range l.Batches {
			kept, err := p.recordLatency(ctx, one, l, batch)
			if err != nil {
				return nil, err
			}
			b.Latency = append(b.Latency, *kept)
		}
	}
	if m := p.spec.Memory; m != nil && p.options.StartApart != nil {
		kept, err := p.memoryAlone(ctx, m, one)
		if err != nil && !errors.Is(err, bench.ErrNotApart) {
			return nil, err
		}
		if err == nil {
			b.Memory = &baseline.Memory{Batch: m.Batch}
			for _, r := range kept {
				b.Memory.Loaded, b.Memory.Peak = append(b.Memory.Loaded, r.Loaded), append(b.Memory.Peak, r.Peak)
			}
		}
	}
	return b, nil
}

// elsewhere says whether a model answers on a machine that is not known.
func elsewhere(one *runner) bool { return one.about.Form == "http" }

// machineOf is this machine with what a model runs on.
func (p *plan) machineOf(one *runner) baseline.Machine {
	m := *p.options.Machine
	for _, v := range one.about.Versions {
		if v.Name == "python" || v.Name == "ONNX Runtime" {
			m.Runtimes = append(m.Runtimes, baseline.Runtime{Name: v.Name, Version: v.Version})
		}
	}
	return m
}

// recordLatency times one model beside the reference.
func (p *plan) recordLatency(ctx context.Context, one *runner, l *spec.Latency, batch int) (*baseline.Latency, error) {
	frames, err := p.framesOf(ctx, one, batch)
	if err != nil {
		return nil, err
	}
	reference, err := bench.ReferenceFor(ctx, one.predictor, frames, nil)
	if err != nil {
		return nil, err
	}
	runs := 2 * cmp.Or(l.Pairs, bench.Pairs) // they stay, so they should tell more than those of a check
	pairs, err := bench.Latency(ctx, one.predictor, reference, frames, bench.Plan{Pairs: runs, Most: runs}, func([]bench.Pair, int) bool { return true })
	if err != nil {
		return nil, err
	}
	of, to := runsOf(pairs)
	return &baseline.Latency{Batch: batch, Repeats: reference.Repeats, Model: timesOf(to), Reference: timesOf(of)}, nil
}

func timesOf(runs []bench.Run) (t baseline.Times) {
	for _, r := range runs {
		t.P50, t.P95, t.P99, t.Throughput = append(t.P50, r.P50), append(t.P95, r.P95), append(t.P99, r.P99), append(t.Throughput, r.Throughput)
	}
	return t
}

func runsOfTimes(t baseline.Times) []bench.Run {
	runs := make([]bench.Run, len(t.P50))
	for i := range runs {
		runs[i].Numbers = bench.Numbers{P50: t.P50[i], P95: t.P95[i], P99: t.P99[i], Throughput: t.Throughput[i]}
	}
	return runs
}

// comparable wants measurements of this machine; else the error says why there is
// nothing to compare with.
func (p *plan) comparable(one *runner, found bool, what string) error {
	stored := p.options.Stored.Bench
	const cannot = "the baseline cannot run here, and "
	switch {
	case elsewhere(one):
		return &errSkip{cannot + "the candidate answers on a machine that is not known" + beside}
	case stored == nil || !found:
		return &errSkip{cannot + what + " not kept when it was accepted" + beside}
	case p.options.Machine == nil:
		return &errSkip{cannot + "this machine is not known" + beside}
	}
	if list := stored.Machine.Differences(p.machineOf(one)); len(list) > 0 {
		return &errSkip{p.spec.Redact(cannot + what + " kept on another machine (" + strings.Join(list, "; ") + ")" + beside)}
	}
	return nil
}

func aCall(batch int) string { return predict.Count(uint64(batch), "row", "rows") + " a call" }

// timeApart times the candidate beside the reference, and compares it with what was
// kept of the baseline.
func (p *plan) timeApart(ctx context.Context, l *spec.Latency, batch int, limits []spec.LatencyLimit, candidate *runner) (*timing, error) {
	stored := p.options.Stored.Bench.Of(batch)
	if err := p.comparable(candidate, stored != nil, "its times at "+aCall(batch)+" were"); err != nil {
		return nil, err
	}
	frames, err := p.framesOf(ctx, candidate, batch)
	if err != nil {
		return nil, err
	}
	t := &timing{stored: true, baseline: runsOfTimes(stored.Model)}
	then := runsOfTimes(stored.Reference)
	err = p.timeUntil(ctx, l, candidate.predictor, &bench.Reference{Repeats: stored.Repeats}, frames, func(pairs []bench.Pair, looks int) error {
		var now []bench.Run
		now, t.candidate = runsOf(pairs)
		t.decisions, t.states = t.decisions[:0], t.states[:0]
		for _, limit := range limits {
			d, state, err := bench.JudgeSessions(
				bench.Session{Model: values(t.baseline, limit.Of), Reference: values(then, limit.Of)},
				bench.Session{Model: values(t.candidate, limit.Of), Reference: values(now, limit.Of)},
				p.latencyLimit(l, limit), looks)
			if err != nil {
				return err
			}
			t.decisions, t.states = append(t.decisions, d), append(t.states, state)
		}
		return nil
	}, t)
	return t, err
}

// memoryAlone loads one model in processes of its own.
func (p *plan) memoryAlone(ctx context.Context, m *spec.Memory, one *runner) ([]model.Memory, error) {
	frames, err := p.framesOf(ctx, one, m.Batch)
	if err != nil {
		return nil, err
	}
	return bench.MemoryAlone(ctx, p.starter(one), frames, m.Pairs)
}

// checkMemoryApart compares what the candidate holds with what was kept of the baseline.
func (p *plan) checkMemoryApart(ctx context.Context, m *spec.Memory, c *result.Check, candidate *runner) error {
	var stored *baseline.Memory
	if b := p.options.Stored.Bench; b != nil {
		stored = b.Memory
	}
	if err := p.comparable(candidate, stored != nil && stored.Batch == m.Batch, "its memory at "+aCall(m.Batch)+" was"); err != nil {
		return err
	}
	now, err := p.memoryAlone(ctx, m, candidate)
	if err != nil {
		return notApart(err)
	}
	var then []model.Memory
	for i, peak := range stored.Peak {
		then = append(then, model.Memory{Loaded: stored.Loaded[i], Peak: peak})
	}
	return p.tellMemory(c, m, then, now, bench.JudgeApart)
}
