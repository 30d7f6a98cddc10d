package metric

import "github.com/noworse/noworse/summary"

// FlipShare is a share of rows that compares the answers of two models, row by
// row. Weights do not count: a flip is a row.
type FlipShare struct {
	Name  string
	count func(summary.Flips) (rows, of uint64)
	empty string // why it has no value
}

// The shares of flips. Backward trust compatibility (BTC) is the compatibility
// score of Bansal et al. (2019), "Updates in Human-AI Teams", AAAI 33; it and
// backward error compatibility (BEC) have their names from Srivastava et al.
// (2020), "An Empirical Analysis of Backward Compatibility in Machine Learning
// Systems", KDD 26.
//
//	negative flip rate   P(baseline right, candidate wrong)
//	positive flip rate   P(baseline wrong, candidate right)
//	BTC                  P(candidate right | baseline right)
//	BEC                  P(baseline wrong | candidate wrong)
var (
	NegativeFlipRate = FlipShare{"negative_flip_rate", func(f summary.Flips) (uint64, uint64) { return f.Negative, f.Rows() }, "there are no rows"}
	PositiveFlipRate = FlipShare{"positive_flip_rate", func(f summary.Flips) (uint64, uint64) { return f.Positive, f.Rows() }, "there are no rows"}

	BackwardTrust = FlipShare{"backward_trust", func(f summary.Flips) (uint64, uint64) { return f.Both, f.Both + f.Negative },
		"the baseline is right on no row, so there is no trust to keep"}
	ErrorCompatibility = FlipShare{"error_compatibility", func(f summary.Flips) (uint64, uint64) { return f.Neither, f.Neither + f.Negative },
		"the candidate is wrong on no row, so there is no error to compare"}
)

// Count is the rows that the share counts, and of how many.
func (s FlipShare) Count(f summary.Flips) (rows, of uint64) { return s.count(f) }

// Estimate is the share; an Undefined error where it has no value.
func (s FlipShare) Estimate(f summary.Flips) (float64, error) {
	rows, of := s.count(f)
	if of == 0 {
		return 0, &Undefined{s.empty}
	}
	return float64(rows) / float64(of), nil
}
