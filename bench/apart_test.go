package bench

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/noworse/noworse/model"
)

func TestJudgeApart(t *testing.T) {
	then := []float64{1, 1.02, 0.98, 1.01, 0.99, 1, 1.03}
	times := func(by float64) []float64 {
		out := []float64{0.97, 1.01, 1, 1.02, 0.99, 1.01}
		for i := range out {
			out[i] *= by
		}
		return out
	}
	for _, c := range []struct {
		name  string
		now   []float64
		limit Limit
		want  Outcome
	}{
		{"the same", times(1), Limit{Rise: 0.1, Alpha: 0.05}, Pass},
		{"slower", times(1.3), Limit{Rise: 0.1, Alpha: 0.05}, Fail},
		{"at the limit", times(1.1), Limit{Rise: 0.1, Alpha: 0.05}, CannotSay},
		{"slower, and too little to count", times(1.3), Limit{Rise: 0.1, Alpha: 0.05, Floor: 0.4}, Pass},
		{"slower by more than the floor", times(1.3), Limit{Rise: 0.1, Alpha: 0.05, Floor: 0.2}, Fail},
	} {
		d, err := JudgeApart(then, c.now, c.limit, 1)
		if err != nil || d.Outcome != c.want {
			t.Errorf("%s: got %+v, %v, want %s", c.name, d, err, c.want)
		}
	}
	// scipy 1.17.1: the logs of these are what stats.Shift is tested on; see there.
	x, y := []float64{1, 2, 3, 4}, []float64{6.5, 7.1, 8, 9.7}
	for _, values := range [][]float64{x, y} {
		for i, v := range values {
			values[i] = math.Exp(v / 10)
		}
	}
	d, err := JudgeApart(y, x, Limit{Rise: 0.1, Alpha: 0.05}, 1)
	if err != nil || math.Abs(d.Ratio-math.Expm1(-.53)) > 1e-12 || math.Abs(d.Low-math.Expm1(-.87)) > 1e-12 || math.Abs(d.High-math.Expm1(-.25)) > 1e-12 {
		t.Errorf("got %+v, %v", d, err)
	}
	for _, bad := range [][]float64{{1, 0}, {math.NaN()}, {math.Inf(1)}, {}, {1, 1, 1}} {
		if _, err := JudgeApart(then[:3], bad, Limit{Alpha: 0.05}, 1); err == nil {
			t.Errorf("%v is judged", bad)
		}
	}
}

// session times a simulated model beside simulated work that is always the same, on a
// machine that is slower than usual by a factor.
func session(t *testing.T, seed uint64, seconds, slower float64, pairs int) Session {
	t.Helper()
	m := newMachine(seed, 0.05, 0.01)
	var s Session
	_, err := Latency(t.Context(), &simulated{m: m, seconds: seconds * slower}, &simulated{m: m, seconds: 0.004 * slower}, frames(), Plan{Pairs: pairs, Most: pairs, Clock: m.clock},
		func(pairs []Pair, _ int) bool {
			for _, p := range pairs {
				s.Model, s.Reference = append(s.Model, p.Candidate.P95), append(s.Reference, p.Baseline.P95)
			}
			return true
		})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSessions of two days on one machine: where it is as fast as then, equal models
// pass and slower ones fail. Where it is slower or faster, no verdict rests on that.
func TestSessions(t *testing.T) {
	const runs = 100
	for _, c := range []struct {
		name                  string
		model, machine        float64
		passes, fails, cannot int // at least
	}{
		{"equal", 1, 1, 95, 0, 0},
		{"slower by 30 %", 1.3, 1, 0, 95, 0},
		{"equal, on a machine that is slower by 30 %", 1, 1.3, 0, 0, 95},
		{"slower by 30 %, on a machine that is faster by so much", 1.3, 1 / 1.3, 0, 0, 95},
		{"slower by 30 %, on a machine that is slower by so much", 1.3, 1.3, 0, 95, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			counts := map[Outcome]int{}
			for seed := range uint64(runs) {
				d, state, err := JudgeSessions(session(t, 2*seed, 0.005, 1, 20), session(t, 2*seed+1, 0.005*c.model, c.machine, 20), Limit{Rise: 0.1, Alpha: 0.05}, 1)
				if err != nil || math.Abs(math.Log1p(state)-math.Log(c.machine)) > 0.1 || d.Low > d.Ratio || d.High < d.Ratio {
					t.Fatalf("%+v, %v, %v", d, state, err)
				}
				counts[d.Outcome]++
			}
			t.Logf("%v", counts)
			if counts[Pass] < c.passes || counts[Fail] < c.fails || counts[CannotSay] < c.cannot || c.passes == 0 && counts[Pass] > 0 || c.fails == 0 && counts[Fail] > 0 {
				t.Errorf("%v", counts)
			}
		})
	}
	if _, _, err := JudgeSessions(Session{Model: []float64{1}}, Session{}, Limit{Alpha: 0.05}, 1); err == nil {
		t.Error("a session without a reference is judged")
	}
}

// TestReference takes about as long as a model does, and longer for more of it.
func TestReference(t *testing.T) {
	slept := &sleeper{takes: 2 * time.Millisecond}
	r, err := ReferenceFor(t.Context(), slept, frames(), nil)
	if err != nil || r.Repeats < 2 || r.Repeats > referenceLimit {
		t.Fatalf("%+v, %v", r, err)
	}
	if r, err := ReferenceFor(t.Context(), &sleeper{}, frames(), nil); err != nil || r.Repeats != 1 {
		t.Errorf("of no work: %+v, %v", r, err)
	}
	slow := &simulated{m: newMachine(1, 0, 0), seconds: 1}
	if r, err := ReferenceFor(t.Context(), slow, frames(), slow.m.clock); err != nil || r.Repeats != referenceLimit {
		t.Errorf("of a slow model: %+v, %v", r, err)
	}
}

// sleeper is a model that takes its time by the real clock.
type sleeper struct {
	simulated
	takes time.Duration
}

func (s *sleeper) Predict(context.Context, *model.Frame) (*model.Answers, error) {
	time.Sleep(s.takes)
	return &model.Answers{}, nil
}
