// Package bench measures how long models take and how much memory they hold, one
// against the other on the same machine at the same time:
//
//	frames ─▶ both models, in random order ─▶ pairs of runs ─▶ ratios ─▶ Decision
//
// What another machine, another hour or a busy neighbour does to one of them it
// does to both, so the pairs tell small differences apart that single runs do not.
package bench

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/noworse/noworse/model"
)

// Plan says how much is measured.
type Plan struct {
	Pairs  int           // of runs: at least LeastPairs
	Most   int           // pairs, where fewer do not decide
	Calls  int           // of a run, at least; a percentile wants some
	Time   time.Duration // a run makes so many more calls as fit in it
	Warmup int           // calls of each model that do not count
	Clock  func() time.Time
}

// LeastPairs is how few pairs an interval at 95 % can be made of.
const LeastPairs = 6

// The usual plan of latency. A slow model makes fewer calls in a run, but no fewer
// than have a 95th percentile.
const (
	pairs   = 10
	most    = 40
	calls   = 100
	warmup  = 5
	length  = 500 * time.Millisecond
	fewest  = 20
	longest = 10 // times the length of a run
)

func (p Plan) withDefaults() Plan {
	p.Pairs, p.Most = max(orElse(p.Pairs, pairs), LeastPairs), orElse(p.Most, most)
	p.Most = max(p.Most, p.Pairs)
	p.Calls, p.Warmup = orElse(p.Calls, calls), orElse(p.Warmup, warmup)
	if p.Time == 0 {
		p.Time = length
	}
	if p.Clock == nil {
		p.Clock = time.Now
	}
	return p
}

func orElse(v, otherwise int) int {
	if v == 0 {
		return otherwise
	}
	return v
}

// Run is one model's latencies in one run, in seconds, and the rows it answered in
// a second of them.
type Run struct {
	P50, P95, P99 float64
	Throughput    float64
	Calls         int
}

// Pair is a run of both models at the same time.
type Pair struct{ Baseline, Candidate Run }

// Latency runs both models on the same frames, call by call in random order, until
// the judge is sure or the plan is at its end. It warms both up first. judge is asked
// after each round of pairs, and is told which of how many rounds it was.
func Latency(ctx context.Context, candidate, baseline model.Predictor, frames []*model.Frame, plan Plan, judge func(pairs []Pair, looks int) bool) ([]Pair, error) {
	plan = plan.withDefaults()
	t := timer{ctx: ctx, plan: plan, frames: frames, random: rand.New(rand.NewPCG(1, 2))}
	for range plan.Warmup {
		for _, m := range []model.Predictor{candidate, baseline} {
			if _, err := t.call(m); err != nil {
				return nil, err
			}
		}
	}
	var all []Pair
	looks := plan.looks()
	for want := plan.Pairs; ; want = min(2*want, plan.Most) {
		for len(all) < want {
			p, err := t.pair(candidate, baseline)
			if err != nil {
				return nil, err
			}
			all = append(all, p)
		}
		if judge(all, looks) || want == plan.Most {
			return all, nil
		}
	}
}

// looks is how often at most the pairs are looked at.
func (p Plan) looks() int {
	n := 1
	for want := p.Pairs; want < p.Most; want = min(2*want, p.Most) {
		n++
	}
	return n
}

// timer makes calls.
type timer struct {
	ctx    context.Context
	plan   Plan
	frames []*model.Frame
	next   int
	random *rand.Rand
}

func (t *timer) rows() int { return t.frames[0].Rows }

// call is how long one model takes for the next frame.
func (t *timer) call(m model.Predictor) (float64, error) {
	f := t.frames[t.next%len(t.frames)]
	t.next++
	return t.callOn(m, f)
}

func (t *timer) callOn(m model.Predictor, f *model.Frame) (float64, error) {
	started := t.plan.Clock()
	_, err := m.Predict(t.ctx, f)
	took := t.plan.Clock().Sub(started)
	if err == nil {
		err = t.ctx.Err()
	}
	return took.Seconds(), err
}

// enough says whether a run of so many calls, which took so many seconds, is long
// enough.
func (t *timer) enough(calls int, seconds float64) bool {
	length := t.plan.Time.Seconds()
	return calls >= t.plan.Calls && seconds >= length || calls >= fewest && seconds >= longest*length
}

// pair calls both models in turn, which of them first by chance each time.
func (t *timer) pair(candidate, baseline model.Predictor) (Pair, error) {
	var times [2][]float64
	models := [2]model.Predictor{baseline, candidate}
	spent := 0.0
	for !t.enough(len(times[0]), spent/2) {
		f := t.frames[t.next%len(t.frames)]
		t.next++
		first := t.random.IntN(2)
		for _, i := range []int{first, 1 - first} {
			took, err := t.callOn(models[i], f)
			if err != nil {
				return Pair{}, err
			}
			times[i] = append(times[i], took)
			spent += max(took, 1e-7)
		}
	}
	return Pair{Baseline: summarize(times[0], t.rows()), Candidate: summarize(times[1], t.rows())}, nil
}

func summarize(times []float64, rows int) Run {
	total := 0.0
	for _, t := range times {
		total += t
	}
	slices.Sort(times)
	r := Run{P50: percentile(times, 0.5), P95: percentile(times, 0.95), P99: percentile(times, 0.99), Calls: len(times)}
	if total > 0 {
		r.Throughput = float64(rows*len(times)) / total
	}
	return r
}

// percentile is that of sorted values, between two of them where it lies there
// (numpy's default).
func percentile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
