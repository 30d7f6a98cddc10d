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
	// Queue keeps the goroutine on a thread until stop, and tells how long that thread has
	// waited for a processor so far; waited is nil where the system does not say. nil: not
	// asked.
	Queue func() (waited func() time.Duration, stop func())
}

// LeastPairs is how few pairs an interval at 95 % can be made of.
const LeastPairs = 6

// Pairs is how many are made at first, unless a plan says otherwise.
const Pairs = 10

// The usual plan of latency. A slow model makes fewer calls in a run, but no fewer
// than have a 95th percentile.
const (
	most    = 40
	calls   = 100
	warmup  = 5
	length  = 500 * time.Millisecond
	fewest  = 20
	longest = 10 // times the length of a run
)

func (p Plan) withDefaults() Plan {
	p.Pairs, p.Most = max(orElse(p.Pairs, Pairs), LeastPairs), orElse(p.Most, most)
	p.Most = max(p.Most, p.Pairs)
	p.Calls, p.Warmup = orElse(p.Calls, calls), orElse(p.Warmup, warmup)
	if p.Time == 0 {
		p.Time = length
	}
	if p.Clock == nil {
		p.Clock = time.Now
	}
	if p.Queue == nil {
		p.Queue = func() (func() time.Duration, func()) { return nil, func() {} }
	}
	return p
}

func orElse(v, otherwise int) int {
	if v == 0 {
		return otherwise
	}
	return v
}

// Numbers are one model's latencies in one run, in seconds, and the rows it answered in
// a second of them.
type Numbers struct{ P50, P95, P99, Throughput float64 }

// Run is what was measured of one model in one run.
type Run struct {
	Numbers
	// Net is the same without what the calls waited for a processor that others had; nil
	// where that is not known.
	Net *Numbers
	// Own: Net is of a process of the model's own, and so is Processor, the processor time
	// of all its threads, in seconds a call.
	Own       bool
	Processor float64
	Calls     int
}

// Pair is a run of both models at the same time.
type Pair struct{ Baseline, Candidate Run }

// Latency runs both models on the same frames, call by call in random order, until
// the judge is sure or the plan is at its end. It warms both up first. judge is asked
// after each round of pairs, and is told which of how many rounds it was.
func Latency(ctx context.Context, candidate, baseline model.Predictor, frames []*model.Frame, plan Plan, judge func(pairs []Pair, looks int) bool) ([]Pair, error) {
	plan = plan.withDefaults()
	waited, stop := plan.Queue()
	defer stop()
	t := timer{ctx: ctx, plan: plan, frames: frames, random: rand.New(rand.NewPCG(1, 2)), waited: waited}
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
	waited func() time.Duration
}

func (t *timer) rows() int { return t.frames[0].Rows }

// call is what one call took, in seconds; net is negative where it is not known.
type call struct {
	wall, net, processor float64
	own                  bool
}

// call times one model on the next frame.
func (t *timer) call(m model.Predictor) (call, error) {
	f := t.frames[t.next%len(t.frames)]
	t.next++
	return t.callOn(m, f)
}

func (t *timer) callOn(m model.Predictor, f *model.Frame) (call, error) {
	var before time.Duration
	if t.waited != nil {
		before = t.waited()
	}
	started := t.plan.Clock()
	a, err := m.Predict(t.ctx, f)
	c := call{wall: t.plan.Clock().Sub(started).Seconds(), net: -1}
	if err == nil {
		err = t.ctx.Err()
	}
	switch {
	case err != nil:
	case a.Effort != nil:
		c.net, c.processor, c.own = a.Effort.Net.Seconds(), a.Effort.Processor.Seconds(), true
	case t.waited != nil:
		c.net = max(0, c.wall-(t.waited()-before).Seconds())
	}
	return c, err
}

// enough says whether a run of so many calls, which took so many seconds, is long
// enough.
func (t *timer) enough(calls int, seconds float64) bool {
	length := t.plan.Time.Seconds()
	return calls >= t.plan.Calls && seconds >= length || calls >= fewest && seconds >= longest*length
}

// pair calls both models in turn, which of them first by chance each time.
func (t *timer) pair(candidate, baseline model.Predictor) (Pair, error) {
	var calls [2][]call
	models := [2]model.Predictor{baseline, candidate}
	spent := 0.0
	for !t.enough(len(calls[0]), spent/2) {
		f := t.frames[t.next%len(t.frames)]
		t.next++
		first := t.random.IntN(2)
		for _, i := range []int{first, 1 - first} {
			took, err := t.callOn(models[i], f)
			if err != nil {
				return Pair{}, err
			}
			calls[i] = append(calls[i], took)
			spent += max(took.wall, 1e-7)
		}
	}
	return Pair{Baseline: summarize(calls[0], t.rows()), Candidate: summarize(calls[1], t.rows())}, nil
}

func summarize(calls []call, rows int) Run {
	wall, net, known := make([]float64, len(calls)), make([]float64, len(calls)), true
	r := Run{Own: true, Calls: len(calls)}
	for i, c := range calls {
		wall[i], net[i] = c.wall, c.net
		known, r.Own = known && c.net >= 0, r.Own && c.own
		r.Processor += c.processor / float64(len(calls))
	}
	r.Numbers = numbersOf(wall, rows)
	if known {
		n := numbersOf(net, rows)
		r.Net = &n
	}
	return r
}

func numbersOf(times []float64, rows int) (n Numbers) {
	total := 0.0
	for _, t := range times {
		total += t
	}
	slices.Sort(times)
	n = Numbers{P50: percentile(times, 0.5), P95: percentile(times, 0.95), P99: percentile(times, 0.99)}
	if total > 0 {
		n.Throughput = float64(rows*len(times)) / total
	}
	return n
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
