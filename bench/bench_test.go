package bench

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/noworse/noworse/model"
)

// machine is a clock that models move: how long a call takes is chance, and what is
// going on beside it.
type machine struct {
	now    time.Time
	random *rand.Rand
	busy   float64 // log of how much slower everything is at the moment
	noise  float64 // of one call
	drift  float64 // of what goes on beside
}

func newMachine(seed uint64, noise, drift float64) *machine {
	return &machine{now: time.Unix(0, 0), random: rand.New(rand.NewPCG(seed, 7)), noise: noise, drift: drift}
}

func (m *machine) clock() time.Time { return m.now }

// simulated is a model that takes so many seconds on a quiet machine.
type simulated struct {
	m       *machine
	seconds float64
	fails   error
	calls   int
}

func (s *simulated) Describe() model.Description { return model.Description{Load: time.Second} }
func (s *simulated) Close() error                { return nil }
func (s *simulated) Predict(ctx context.Context, f *model.Frame) (*model.Answers, error) {
	s.calls++
	if s.fails != nil {
		return nil, s.fails
	}
	s.m.busy = 0.95*s.m.busy + s.m.drift*s.m.random.NormFloat64()
	took := s.seconds * math.Exp(s.m.busy+s.m.noise*s.m.random.NormFloat64())
	if s.m.random.IntN(40) == 0 {
		took *= 3 // another process has the processor
	}
	s.m.now = s.m.now.Add(time.Duration(took * 1e9))
	return &model.Answers{}, ctx.Err()
}

func frames() []*model.Frame { return []*model.Frame{{Rows: 100}, {Rows: 100}} }

// compared measures two simulated models as a check does.
func compared(t testing.TB, m *machine, candidate, baseline float64, limit Limit) (Decision, int) {
	t.Helper()
	var d Decision
	pairs, err := Latency(t.Context(), &simulated{m: m, seconds: candidate}, &simulated{m: m, seconds: baseline}, frames(), Plan{Clock: m.clock},
		func(pairs []Pair, looks int) bool {
			var b, c []float64
			for _, p := range pairs {
				b, c = append(b, p.Baseline.P95), append(c, p.Candidate.P95)
			}
			var err error
			if d, err = Judge(b, c, limit, looks); err != nil {
				t.Fatal(err)
			}
			return d.Outcome != CannotSay
		})
	if err != nil {
		t.Fatal(err)
	}
	return d, len(pairs)
}

// TestEqualModelsPass and slow ones fail, on a quiet machine and on a noisy one: of
// two equal models at least 95 in 100 comparisons pass and none fails, and a rise of
// 30 % is caught in at least 95.
func TestEqualModelsPass(t *testing.T) {
	const runs = 200
	for _, c := range []struct {
		name         string
		noise, drift float64
	}{{"quiet", 0.02, 0.001}, {"noisy", 0.2, 0.1}} {
		t.Run(c.name, func(t *testing.T) {
			passed, failed, caught, pairs := 0, 0, 0, 0
			for seed := range uint64(runs) {
				d, n := compared(t, newMachine(seed, c.noise, c.drift), 0.005, 0.005, Limit{Rise: 0.1, Alpha: 0.05})
				pairs += n
				switch d.Outcome {
				case Pass:
					passed++
				case Fail:
					failed++
				}
				if d, _ := compared(t, newMachine(seed, c.noise, c.drift), 0.0065, 0.005, Limit{Rise: 0.1, Alpha: 0.05}); d.Outcome == Fail {
					caught++
				}
			}
			t.Logf("of %d: equal models passed %d and failed %d, slower ones failed %d; %d pairs each", runs, passed, failed, caught, pairs/runs)
			if passed < runs*95/100 || failed > 0 || caught < runs*95/100 {
				t.Errorf("equal models passed %d and failed %d, slower ones failed %d of %d", passed, failed, caught, runs)
			}
		})
	}
}

// TestAtTheLimit: a model that is slower by exactly the limit fails in no more than
// alpha of the comparisons, however often they are looked at.
func TestAtTheLimit(t *testing.T) {
	const runs = 400
	failed := 0
	for seed := range uint64(runs) {
		if d, _ := compared(t, newMachine(seed, 0.1, 0.02), 0.0055, 0.005, Limit{Rise: 0.1, Alpha: 0.05}); d.Outcome == Fail {
			failed++
		}
	}
	if most := runs*5/200 + 10; failed > most { // half of alpha is on this side; 3 standard errors
		t.Errorf("failed %d of %d, want at most %d", failed, runs, most)
	}
}

func TestJudge(t *testing.T) {
	b := []float64{1, 1, 1, 1, 1, 1, 1}
	for _, c := range []struct {
		name  string
		c     []float64
		limit Limit
		want  Outcome
	}{
		{"the same", b, Limit{Rise: 0.1, Alpha: 0.05}, Pass},
		{"faster", []float64{.5, .6, .5, .6, .5, .6, .5}, Limit{Rise: 0.1, Alpha: 0.05}, Pass},
		{"slower", []float64{1.3, 1.31, 1.32, 1.29, 1.3, 1.31, 1.3}, Limit{Rise: 0.1, Alpha: 0.05}, Fail},
		{"here and there", []float64{1.3, 0.9, 1.2, 1, 1.4, 0.8, 1.1}, Limit{Rise: 0.1, Alpha: 0.05}, CannotSay},
		{"slower, and too little to count", []float64{1.3, 1.31, 1.32, 1.29, 1.3, 1.31, 1.3}, Limit{Rise: 0.1, Alpha: 0.05, Floor: 0.4}, Pass},
		{"slower by more than the floor", []float64{1.3, 1.31, 1.32, 1.29, 1.3, 1.31, 1.3}, Limit{Rise: 0.1, Alpha: 0.05, Floor: 0.2}, Fail},
	} {
		d, err := Judge(b, c.c, c.limit, 1)
		if err != nil || d.Outcome != c.want {
			t.Errorf("%s: got %+v, %v, want %s", c.name, d, err, c.want)
		}
	}
	// Ratios of 1.1, …: the estimate is exp of the Hodges-Lehmann estimate of the logs.
	d, err := Judge([]float64{1, 2, 4, 8, 16, 32}, []float64{1.5, 3, 6, 12, 24, 48}, Limit{Rise: 0.1, Alpha: 0.05}, 1)
	if err != nil || math.Abs(d.Ratio-0.5) > 1e-12 || math.Abs(d.Low-0.5) > 1e-12 || d.Baseline != 6 || d.Candidate != 9 {
		t.Errorf("got %+v, %v", d, err)
	}
	for _, bad := range [][]float64{{1, 1, 1, 1, 1, 1, 0}, {1, 1, 1, 1, 1, 1, math.NaN()}, {1, 1, 1, 1, 1, 1, math.Inf(1)}} {
		if _, err := Judge(b, bad, Limit{Alpha: 0.05}, 1); err == nil {
			t.Errorf("%v is judged", bad)
		}
	}
	if _, err := Judge(b[:5], b[:5], Limit{Alpha: 0.05}, 1); err == nil {
		t.Error("5 pairs are judged")
	}
}

// TestPercentile: numpy 2.4.6, numpy.percentile([1, 2, 4, 8, 16], p).
func TestPercentile(t *testing.T) {
	for p, want := range map[float64]float64{0.5: 4, 0.95: 14.4, 0.99: 15.68, 0: 1, 1: 16} {
		if got := percentile([]float64{1, 2, 4, 8, 16}, p); math.Abs(got-want) > 1e-12 {
			t.Errorf("%v: got %v, want %v", p, got, want)
		}
	}
}

func TestLatencyErrors(t *testing.T) {
	m := newMachine(1, 0, 0)
	broken := &simulated{m: m, seconds: 1, fails: errors.New("broken")}
	never := func([]Pair, int) bool { t.Error("judged"); return true }
	if _, err := Latency(t.Context(), broken, &simulated{m: m, seconds: 1}, frames(), Plan{Clock: m.clock}, never); err == nil {
		t.Error("a model that fails is measured")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Latency(ctx, &simulated{m: m, seconds: 1}, &simulated{m: m, seconds: 1}, frames(), Plan{Clock: m.clock}, never); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// measured is a model in a process of its own.
type measured struct {
	simulated
	memory model.Memory
	closed *int
}

func (m *measured) Memory(context.Context) (model.Memory, error) { return m.memory, nil }
func (m *measured) Close() error                                 { *m.closed++; return nil }

func TestMemory(t *testing.T) {
	started, closed := 0, 0
	start := func(peak uint64) Starter {
		return func(context.Context) (model.Predictor, error) {
			started++
			return &measured{simulated{m: newMachine(1, 0, 0)}, model.Memory{Loaded: peak / 2, Peak: peak + uint64(started%3)}, &closed}, nil
		}
	}
	pairs, err := Memory(t.Context(), start(150e6), start(100e6), frames(), 0)
	if err != nil || len(pairs) != 6 || started != 12 || closed != 12 {
		t.Fatalf("%d pairs, %d started, %d closed, %v", len(pairs), started, closed, err)
	}
	var b, c []float64
	for _, p := range pairs {
		b, c = append(b, float64(p.Baseline.Peak)), append(c, float64(p.Candidate.Peak))
	}
	if d, err := Judge(b, c, Limit{Rise: 0.2, Alpha: 0.05}, 1); err != nil || d.Outcome != Fail {
		t.Errorf("a growth by half: %+v, %v", d, err)
	}
	apart := func(context.Context) (model.Predictor, error) { return &simulated{m: newMachine(1, 0, 0)}, nil }
	if _, err := MemoryOf(t.Context(), apart, frames()); !errors.Is(err, ErrNotApart) {
		t.Errorf("got %v", err)
	}
}
