package bench

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/noworse/noworse/model"
)

// queued is a simulated model on a machine with more to do than it has processors for:
// most of what a call takes is waiting. It tells its effort, as a model in a process of
// its own does, or the machine tells the waiting of the thread.
type queued struct {
	simulated
	waits   *time.Duration // of the thread so far
	own     bool
	threads float64 // processor time a second
}

func (q *queued) Predict(ctx context.Context, f *model.Frame) (*model.Answers, error) {
	before := q.m.now
	a, err := q.simulated.Predict(ctx, f)
	net := q.m.now.Sub(before)
	if q.m.random.IntN(4) == 0 {
		waited := time.Duration(q.m.random.ExpFloat64() * 20e6)
		q.m.now = q.m.now.Add(waited)
		*q.waits += waited
	}
	if q.own {
		a.Effort = &model.Effort{Net: net, Processor: time.Duration(float64(net) * q.threads)}
	}
	return a, err
}

// TestWithoutWaiting: where a machine is so busy that the clock cannot say, equal models
// pass and slower ones fail by what their calls took without waiting.
func TestWithoutWaiting(t *testing.T) {
	const runs = 40
	for _, c := range []struct {
		name             string
		slower, threads  float64
		own, known, both bool
		want             Outcome
		most             int // that are judged otherwise
	}{
		{"equal, on a thread of ours", 1, 1, false, true, true, Pass, 2},
		{"slower, on a thread of ours", 1.3, 1, false, true, true, Fail, 2},
		{"equal, in processes of their own", 1, 1, true, true, true, Pass, 2},
		{"slower, in processes of their own", 1.3, 1, true, true, true, Fail, 2},
		{"as fast with twice the processor time, so it may keep itself waiting", 1, 2, true, true, true, CannotSay, 4},
		{"one in a process of its own, one not", 1, 1, true, true, false, CannotSay, 12},
		{"a system that does not say", 1, 1, false, false, true, CannotSay, 12},
	} {
		t.Run(c.name, func(t *testing.T) {
			counts, net := map[Outcome]int{}, 0
			for seed := range uint64(runs) {
				m := newMachine(seed, 0.05, 0.01)
				m.random = rand.New(rand.NewPCG(seed, 11))
				var waits time.Duration
				young := &queued{simulated{m: m, seconds: 0.005 * c.slower}, &waits, c.own, c.threads}
				old := &queued{simulated{m: m, seconds: 0.005}, &waits, c.own && c.both, 1}
				plan := Plan{Clock: m.clock}
				if c.known {
					plan.Queue = func() (func() time.Duration, func()) { return func() time.Duration { return waits }, func() {} }
				}
				var d Decision
				_, err := Latency(t.Context(), young, old, frames(), plan, func(pairs []Pair, looks int) bool {
					var err error
					if d, err = JudgePairs(pairs, func(n Numbers) float64 { return n.P95 }, Limit{Rise: 0.1, Alpha: 0.05}, looks); err != nil {
						t.Fatal(err)
					}
					return d.Outcome != CannotSay
				})
				if err != nil {
					t.Fatal(err)
				}
				counts[d.Outcome]++
				if d.Net {
					net++
					if d.Baseline > 0.007 {
						t.Fatalf("%+v counts waiting", d)
					}
				}
			}
			t.Logf("%v, %d without waiting", counts, net)
			if runs-counts[c.want] > c.most || c.want == CannotSay == (net > 0) {
				t.Errorf("%v, %d without waiting", counts, net)
			}
		})
	}
}
