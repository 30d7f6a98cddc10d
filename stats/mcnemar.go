package stats

import "math"

// Paired counts rows that two answers were given to, each right or wrong: Gained
// rows only the second has right, Lost rows only the first, of N in all. The
// change is (Gained-Lost)/N and the drop its negative. The rows must be
// independent draws of one population, and weigh the same.
type Paired struct{ Gained, Lost, N int }

// check says whether there can be such counts.
func (p Paired) check() error {
	switch {
	case p.Gained < 0 || p.Lost < 0 || p.N < 0 || p.Gained > p.N-p.Lost || p.N > mostRows:
		return invalid("%d rows gained and %d lost of %d", p.Gained, p.Lost, p.N)
	case p.N == 0:
		return undefined("no rows")
	}
	return nil
}

// Drop is (Lost-Gained)/N; NaN without rows.
func (p Paired) Drop() float64 { return float64(p.Lost-p.Gained) / float64(p.N) }

// McNemar tests that rows are as often gained as lost, given how many are
// either. Without any such row nothing speaks against it: every P is 1.
type McNemar struct {
	ChiSquare Test    // (b-c)^2/(b+c), one degree of freedom; good from some 25 rows
	Corrected Test    // Edwards' correction for continuity, (|b-c|-1)^2/(b+c)
	Exact     float64 // two-sided: twice the smaller binomial tail, at most 1
	MidP      float64 // two-sided, with half the chance of what was seen
	Worse     float64 // exact, one-sided: P(Bin(b+c, 1/2) >= Lost)
	Better    float64 // exact, one-sided: P(Bin(b+c, 1/2) >= Gained)
}

// McNemar (1947), Psychometrika 12; Edwards (1948), Psychometrika 13; mid-p:
// Fagerland, Lydersen and Laake (2013), BMC Medical Research Methodology 13.
func (p Paired) McNemar() (McNemar, error) {
	if err := p.check(); err != nil {
		nan := math.NaN()
		return McNemar{noTest, noTest, nan, nan, nan, nan}, err
	}
	n := p.Gained + p.Lost
	if n == 0 {
		return McNemar{Test{0, 1}, Test{0, 1}, 1, 1, 1, 1}, nil
	}
	d, N := math.Abs(float64(p.Gained-p.Lost)), float64(n)
	corrected := max(d-1, 0)
	fewer := min(p.Gained, p.Lost)
	tail := BinomialLower(fewer, n, .5)
	return McNemar{
		ChiSquare: Test{d * d / N, ChiSquareUpper(d*d/N, 1)},
		Corrected: Test{corrected * corrected / N, ChiSquareUpper(corrected*corrected/N, 1)},
		Exact:     min(1, 2*tail),
		MidP:      min(1, 2*tail-BinomialPMF(fewer, n, .5)),
		Worse:     BinomialUpper(p.Lost, n, .5),
		Better:    BinomialUpper(p.Gained, n, .5),
	}, nil
}
