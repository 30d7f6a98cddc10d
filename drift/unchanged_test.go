package drift_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noworse/noworse/drift"
	"github.com/noworse/noworse/profile"
)

// outcomes decides all columns of two samples.
func outcomes(t *testing.T, before, after *profile.Sample) (list []drift.Comparison, share drift.Share) {
	t.Helper()
	reference := before.Profile(nil)
	current := after.Profile(reference)
	for _, c := range reference.Columns {
		list = append(list, drift.Compare(c, current.Find(c.Name), reference.Rows, current.Rows, drift.Rule{Level: .95}))
	}
	decisions, err := drift.Decide(list, drift.Policy{Alpha: .05, MaxShare: .3})
	if err != nil {
		t.Fatal(err)
	}
	return list, drift.Of(decisions)
}

// Two random halves of Adult, 200 times: no column drifts.
func TestHalvesOfAdult(t *testing.T) {
	s := open(t, shared(t, "data/adult/adult.parquet"))
	all, err := profile.Draw(context.Background(), s, s.Columns(), math.MaxInt32)
	if err != nil {
		t.Fatal(err)
	}
	if all.Rows != 48842 {
		t.Fatalf("%d rows", all.Rows)
	}
	r := rand.New(rand.NewPCG(11, 12))
	for range 200 {
		order := r.Perm(all.Rows)
		_, share := outcomes(t, all.Pick(order[:all.Rows/2]), all.Pick(order[all.Rows/2:]))
		if share.Drifted+share.Unclear > 0 || share.Compared != len(all.Columns) {
			t.Errorf("%+v", share)
		}
	}
}

// generated is rows of 20 columns of many shapes; shift moves those of the even ones.
func generated(r *rand.Rand, rows int, shift float64) *profile.Sample {
	s := &profile.Sample{Rows: rows}
	for k := range 20 {
		c := profile.SampleColumn{Name: fmt.Sprint("x", k), Kind: profile.Number, Null: make([]bool, rows)}
		by := shift
		if k%2 == 1 {
			by = 0
		}
		for i := range rows {
			z := r.NormFloat64() + by
			switch k % 5 {
			case 0:
				c.Numbers = append(c.Numbers, z)
			case 1:
				c.Numbers = append(c.Numbers, math.Exp(z))
			case 2:
				c.Numbers = append(c.Numbers, math.Round(3*z))
			case 3:
				c.Numbers = append(c.Numbers, max(0, z))
				c.Null[i] = i%20 == 0
			case 4:
				c.Kind = profile.Text
				c.Texts = append(c.Texts, fmt.Sprint("t", int(math.Abs(3*z))))
			}
		}
		s.Columns = append(s.Columns, c)
	}
	return s
}

// 10,000 rows against 100,000 of the same population, 20 times: no column drifts. Moved by
// half a standard deviation, most that are do, and no others.
func TestGeneratedRows(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	for range 20 {
		if _, share := outcomes(t, generated(r, 100_000, 0), generated(r, 10_000, 0)); share.Drifted+share.Unclear > 0 || share.Compared != 20 {
			t.Errorf("%+v", share)
		}
	}
	list, share := outcomes(t, generated(r, 100_000, 0), generated(r, 10_000, .5))
	if share.Drifted < 8 {
		t.Errorf("%+v", share)
	}
	for k, c := range list {
		if k%5 == 4 {
			continue // whose sizes hide most of the move
		}
		if moved := c.Measure.Effect > c.Measure.Limit; moved != (k%2 == 0) {
			t.Errorf("%s: %v", c.Name, c.Measure.Effect)
		}
	}
}
