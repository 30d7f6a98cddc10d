package stats

import (
	"math"
	"math/rand/v2"
)

// swapTables is up to how many tables SwapTest goes through all.
const swapTables = 20_000

// SwapTest is an exact test that two answers to the same rows are equally good,
// for any statistic of a table of counts by (label, first answer, second answer):
// if they are, then a row with the two answers in each other's place was as
// likely. mirror[k] is the cell that a row of cell k comes to when they change
// places; a cell of equal answers is its own mirror. P is the chance of a
// statistic at least as large as the one seen, over all ways to swap rows. For
// accuracy's drop it is McNemar's exact P; for F1 and others it holds for however
// few rows. What is tested is that nothing tells the two answers apart, which is
// more than that the statistic is as likely up as down. Up to 20,000 tables are counted out, else as many as replicates are
// drawn and the table seen counts as one. A table without a value counts as at
// least as large. Fisher (1935); for F1: Yeh (2000), COLING 18.
func SwapTest(counts []float64, mirror []int, f func(counts []float64) float64, b Bootstrap) (Test, error) {
	if _, err := checkCells(counts); err != nil {
		return noTest, err
	}
	s := swapper{f: f, table: append([]float64(nil), counts...)}
	if err := s.pairUp(counts, mirror); err != nil {
		return noTest, err
	}
	value := f(s.table)
	if !finite(value) {
		return noTest, undefined("the value is %v", value)
	}
	s.least = value - 1e-12*max(1, math.Abs(value))
	if s.tables <= swapTables {
		return Test{value, min(s.enumerate(0, 1), 1)}, nil
	}
	if b.Replicates < 1 {
		return noTest, invalid("%d replicates", b.Replicates)
	}
	return Test{value, s.sample(b)}, nil
}

// swapper goes through tables.
type swapper struct {
	f      func([]float64) float64
	table  []float64
	pairs  [][2]int // cells with rows that mirror each other
	rows   []int    // of both
	tables float64
	least  float64
}

func (s *swapper) pairUp(counts []float64, mirror []int) error {
	if len(mirror) != len(counts) {
		return invalid("%d mirrors of %d cells", len(mirror), len(counts))
	}
	s.tables = 1
	for k, l := range mirror {
		if l < 0 || l >= len(counts) || mirror[l] != k || counts[k] != math.Trunc(counts[k]) || counts[k] > 1<<53 {
			return invalid("cell %d with count %v mirrors cell %d", k, counts[k], l)
		}
		if rows := counts[k] + counts[l]; k < l && rows > 0 {
			s.pairs = append(s.pairs, [2]int{k, l})
			s.rows = append(s.rows, int(rows))
			s.tables *= rows + 1
		}
	}
	return nil
}

// set puts n of a pair's rows in its first cell.
func (s *swapper) set(pair int, n float64) {
	s.table[s.pairs[pair][0]], s.table[s.pairs[pair][1]] = n, float64(s.rows[pair])-n
}

// extreme says whether the table's value is at least the one seen.
func (s *swapper) extreme() bool {
	x := s.f(s.table)
	return x >= s.least || math.IsNaN(x)
}

// enumerate is the chance of extreme tables, pairs before this one being set.
func (s *swapper) enumerate(pair int, chance float64) float64 {
	if pair == len(s.pairs) {
		if s.extreme() {
			return chance
		}
		return 0
	}
	sum := 0.0
	for n := range s.rows[pair] + 1 {
		s.set(pair, float64(n))
		sum += s.enumerate(pair+1, chance*BinomialPMF(n, s.rows[pair], .5))
	}
	return sum
}

// sample is the share of extreme tables among drawn ones.
func (s *swapper) sample(b Bootstrap) float64 {
	random := rand.New(rand.NewPCG(b.Seed, 1))
	found := 1
	for range b.Replicates {
		for pair, rows := range s.rows {
			s.set(pair, drawBinomial(random, float64(rows), .5))
		}
		if s.extreme() {
			found++
		}
	}
	return float64(found) / float64(b.Replicates+1)
}
