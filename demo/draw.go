package demo

import (
	"math"
	"math/bits"
	"math/rand/v2"
)

// draw makes random values from the bits of a generator whose algorithm is
// fixed by its documentation. All draws are made of integers, so no machine
// rounds them differently.
type draw struct{ bits *rand.PCG }

func newDraw(seed uint64) draw { return draw{rand.NewPCG(seed, seed)} }

// below is a whole number from 0 to n-1, evenly spread.
func (d draw) below(n int) int {
	high, _ := bits.Mul64(d.bits.Uint64(), uint64(n))
	return int(high)
}

const million = 1_000_000

// chance is true with probability p, to a millionth.
func (d draw) chance(p float64) bool { return d.below(million) < int(math.Round(p*million)) }

// normal is close to a standard normal value: twelve even draws added up, less
// their mean. The sum is a whole number and its double is exact.
func (d draw) normal() float64 {
	const steps = 1 << 20
	sum := 0
	for range 12 {
		sum += d.below(steps)
	}
	return float64(sum-6*steps) / steps
}

// share is a value that is drawn with a weight.
type share struct {
	value  string
	weight int
}

// pick draws one of the values in proportion to their weights.
func (d draw) pick(shares []share) string {
	total := 0
	for _, s := range shares {
		total += s.weight
	}
	at := d.below(total)
	for _, s := range shares {
		if at -= s.weight; at < 0 {
			return s.value
		}
	}
	panic("demo: a draw beyond the sum of the weights")
}

// order is the numbers from 0 to n-1, shuffled.
func (d draw) order(n int) []int {
	order := make([]int, n)
	for i := range order {
		j := d.below(i + 1)
		order[i], order[j] = order[j], i
	}
	return order
}

// grid rounds to six decimals. Processors differ in the last bits of a
// logarithm or of a product and a sum in one step; what is rounded before it
// is compared, drawn with or written is the same everywhere.
func grid(x float64) float64 { return math.Round(x*million) / million }

// logistic turns log odds into a probability.
func logistic(logOdds float64) float64 { return grid(1 / (1 + math.Exp(-grid(logOdds)))) }
