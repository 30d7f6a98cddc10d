package stats

import (
	"errors"
	"fmt"
	"math"
)

// ErrUndefined is of questions that the data do not answer: too few rows, or
// rows that do not vary.
var ErrUndefined = errors.New("undefined")

// ErrInvalid is of arguments that no data can have.
var ErrInvalid = errors.New("invalid")

func undefined(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrUndefined, fmt.Sprintf(format, args...))
}

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, args...))
}

// Interval is a range that covers the true value in at least a share Level of
// repetitions, exactly or nearly, as its maker says.
type Interval struct{ Low, High, Level float64 }

// Contains says whether x lies in the interval, its ends included.
func (i Interval) Contains(x float64) bool { return i.Low <= x && x <= i.High }

// Test is the outcome of a test of a hypothesis.
type Test struct {
	Statistic float64
	P         float64 // chance of such data, or stranger, if the hypothesis holds
}

var (
	noInterval = Interval{math.NaN(), math.NaN(), math.NaN()}
	noTest     = Test{math.NaN(), math.NaN()}
)

// mostRows is more than there can be: beyond, tails would take too long to add up.
const mostRows = 1 << 40

// checkLevel says whether an interval can have this level.
func checkLevel(level float64) error {
	if level > 0 && level < 1 {
		return nil
	}
	return invalid("level %v is not between 0 and 1", level)
}

// checkMargin says whether a difference of two shares can be this far from 0.
func checkMargin(margin float64) error {
	if margin >= 0 && margin <= 1 {
		return nil
	}
	return invalid("margin %v is not in 0 to 1", margin)
}

// checkAlpha says whether a test can have this size.
func checkAlpha(alpha float64) error {
	if alpha > 0 && alpha < 1 {
		return nil
	}
	return invalid("alpha %v is not between 0 and 1", alpha)
}

// finite says whether all are numbers.
func finite(xs ...float64) bool {
	for _, x := range xs {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return false
		}
	}
	return true
}

// within keeps x between two bounds.
func within(x, low, high float64) float64 { return min(max(x, low), high) }
