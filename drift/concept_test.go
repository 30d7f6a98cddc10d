package drift_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/noworse/noworse/drift"
	"github.com/noworse/noworse/profile"
	"github.com/noworse/noworse/stats"
)

// labelledBy is a sample of four normal columns, the first moved, and a label y.
func labelledBy(seed uint64, rows int, move float64, label func(x []float64, random *rand.Rand) float64) *profile.Sample {
	random := rand.New(rand.NewPCG(seed, 11))
	x := make([]float64, 4)
	s := rowsOf(rows, 5, func(_, j int) float64 {
		if j == 4 {
			return label(x, random)
		}
		x[j] = random.NormFloat64()
		if j == 0 {
			x[j] += move
		}
		return x[j]
	})
	s.Columns[4].Name = "y"
	return s
}

func chance(p float64, random *rand.Rand) float64 {
	if random.Float64() < p {
		return 1
	}
	return 0
}

func logit(s float64) float64 { return 1 / (1 + math.Exp(-s)) }

func concepts(t *testing.T, reference, current *profile.Sample) *drift.Concept {
	t.Helper()
	c, err := drift.CompareConcepts(reference, current, "y", nil, .95)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func curved(x []float64, random *rand.Rand) float64 {
	return chance(logit(1.5*x[0]+x[1]*x[1]-1), random)
}

// TestSameConcept: the label depends on the features as before, while they move by a
// standard deviation, or do not. 17 of 200 or more have a chance of .026 (scipy 1.17.1,
// binom.sf(16, 200, .05)); of 400, of both, 33 or more one of .004 (binom.sf(32, 400, .05)).
func TestSameConcept(t *testing.T) {
	small := map[float64]int{}
	for seed := range uint64(200) {
		for _, move := range []float64{0, 1} {
			c := concepts(t, labelledBy(2*seed, 1500, 0, curved), labelledBy(2*seed+1, 1500, move, curved))
			if c.P <= .05 {
				small[move]++
			}
			if c.Drifted(drift.ConceptLimit, .05) {
				t.Errorf("seed %d, moved by %v: change %v in %v", seed, move, c.Change, c.Interval)
			}
		}
	}
	t.Logf("P <= .05 in %v of 200", small)
	if small[0] > 16 || small[0]+small[1] > 32 {
		t.Errorf("P <= .05 in %v of 200", small)
	}
}

// TestSameConceptOfManyRows: where chance is little, what is not learnt well would show.
func TestSameConceptOfManyRows(t *testing.T) {
	for _, move := range []float64{0, 1} {
		c := concepts(t, labelledBy(1, 60_000, 0, curved), labelledBy(2, 60_000, move, curved))
		t.Logf("moved by %v: change %.4f in %.4f, P %.3g", move, c.Change, c.Interval, c.P)
		if c.Drifted(drift.ConceptLimit, .05) || c.Change > .02 {
			t.Errorf("moved by %v: change %v in %v", move, c.Change, c.Interval)
		}
	}
}

// TestChangedConcept: of each kind. Where the chance of y = 1 is a before and b after, and
// the features are the same, the change is the mean of |a - b|.
func TestChangedConcept(t *testing.T) {
	for _, c := range []struct {
		name          string
		before, after func(x []float64, random *rand.Rand) float64
		want          float64
		first         string // "": everywhere
	}{
		{"it turns over",
			func(x []float64, r *rand.Rand) float64 { return chance(.5+.4*signOf(x[1]), r) },
			func(x []float64, r *rand.Rand) float64 { return chance(.5-.4*signOf(x[1]), r) }, .8, "x1"},
		{"more of all",
			func(x []float64, r *rand.Rand) float64 { return chance(.3, r) },
			func(x []float64, r *rand.Rand) float64 { return chance(.5, r) }, .2, ""},
		{"it depends on another column",
			func(x []float64, r *rand.Rand) float64 { return chance(.5+.4*signOf(x[1]), r) },
			func(x []float64, r *rand.Rand) float64 { return chance(.5+.4*signOf(x[2]), r) }, .4, "x1"},
		{"of numbers",
			func(x []float64, r *rand.Rand) float64 { return signOf(x[3]) + r.NormFloat64() },
			func(x []float64, r *rand.Rand) float64 { return -signOf(x[3]) + r.NormFloat64() }, 2, "x3"},
		{"of two columns together",
			func(x []float64, r *rand.Rand) float64 { return chance(.5+.4*signOf(x[1]*x[2]), r) },
			func(x []float64, r *rand.Rand) float64 { return chance(.5-.4*signOf(x[1]*x[2]), r) }, .8, "x1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := concepts(t, labelledBy(1, 8000, 0, c.before), labelledBy(2, 8000, 0, c.after))
			if !(got.P < 1e-9) || math.Abs(got.Change-c.want) > .05*c.want+.02 || !got.Drifted(drift.ConceptLimit, .05) {
				t.Errorf("change %v in %v, want %v; P %v", got.Change, got.Interval, c.want, got.P)
			}
			if c.first == "" {
				if got.Everywhere < .8 {
					t.Errorf("everywhere %v, %+v", got.Everywhere, got.Columns)
				}
			} else if first := got.Columns[0].Name; got.Everywhere > .2 || first != c.first && first != "x2" {
				t.Errorf("everywhere %v, %+v", got.Everywhere, got.Columns)
			}
		})
	}
}

func signOf(x float64) float64 { return math.Copysign(1, x) }

// TestConceptOfClasses: one of three classes takes rows of another where x1 is above 0.
func TestConceptOfClasses(t *testing.T) {
	draw := func(seed uint64, moved bool) *profile.Sample {
		s := labelledBy(seed, 6000, 0, func(x []float64, r *rand.Rand) float64 {
			class := float64(r.IntN(3))
			if moved && class == 2 && x[1] > 0 {
				class = 1
			}
			return class
		})
		list := make([]string, s.Rows)
		for i, y := range s.Columns[4].Numbers {
			list[i] = []string{"a", "b", "c"}[int(y)]
		}
		s.Columns[4] = texts("y", list)
		return s
	}
	got := concepts(t, draw(1, false), draw(2, true))
	if (got.Class != "b" && got.Class != "c") || !(got.P < 1e-9) || got.Columns[0].Name != "x1" || math.Abs(got.Change-1./6) > .03 {
		t.Errorf("%+v", got)
	}
	if got := concepts(t, draw(1, false), draw(3, false)); got.P <= .05 {
		t.Errorf("no change: %+v", got)
	}
}

func TestConceptIsTheSameInAnyOrder(t *testing.T) {
	reference, current := labelledBy(1, 1000, 0, curved), labelledBy(2, 1000, .5, curved)
	want := concepts(t, reference, current)
	random := rand.New(rand.NewPCG(1, 1))
	got := concepts(t, part(reference, random.Perm(1000)), part(current, random.Perm(1000)))
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestNoConcept(t *testing.T) {
	s := labelledBy(1, 200, 0, curved)
	same := labelledBy(1, 200, 0, func([]float64, *rand.Rand) float64 { return 1 })
	none := labelledBy(1, 200, 0, func([]float64, *rand.Rand) float64 { return math.NaN() })
	for name, pair := range map[string][2]*profile.Sample{"one label": {same, same}, "no labels": {none, s}, "no column": {s, rowsOf(200, 4, func(i, j int) float64 { return float64(i) })}} {
		if _, err := drift.CompareConcepts(pair[0], pair[1], "y", nil, .95); !errors.Is(err, stats.ErrUndefined) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := drift.CompareConcepts(s, s, "y", []string{"x0", "x1", "x2", "x3"}, .95); !errors.Is(err, stats.ErrUndefined) {
		t.Errorf("no features: %v", err)
	}
}
