package summary

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// TestCross: sums of products of what each number is beside its mean, by the definition;
// any split and order give the same bits.
func TestCross(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		numbers := rapid.IntRange(1, 4).Draw(t, "numbers")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		rows := make([][]float64, rapid.IntRange(1, 60).Draw(t, "rows"))
		means := make([]float64, numbers)
		for i := range rows {
			for k := range numbers {
				x := float64(rng.IntN(3)) * rng.Float64() * 100
				rows[i] = append(rows[i], x)
				means[k] += x / float64(len(rows))
			}
		}
		one, left, right := NewCross(numbers), NewCross(numbers), NewCross(numbers)
		for i, r := range rows {
			one.Add(r, i%2 == 0)
		}
		for _, i := range rng.Perm(len(rows)) {
			if rng.IntN(2) == 0 {
				left.Add(rows[i], i%2 == 0)
			} else {
				right.Add(rows[i], i%2 == 0)
			}
		}
		left.Merge(&right)
		centred := one.Centred()
		if a, b := fmt.Sprintf("%x %d", centred, one.Differ()), fmt.Sprintf("%x %d", left.Centred(), left.Differ()); a != b || one.Rows() != uint64(len(rows)) || one.Numbers() != numbers {
			t.Fatalf("%s, in parts %s", a, b)
		}
		for i := range numbers {
			for j := range i + 1 {
				want := 0.0
				for _, r := range rows {
					want += (r[i] - means[i]) * (r[j] - means[j])
				}
				if math.Abs(centred[i][j]-want) > 1e-8 {
					t.Fatalf("products of %d and %d: %v, want %v", i, j, centred[i][j], want)
				}
			}
		}
	})
}
