package stats

import "math"

// Influences is sums over the rows of a class, or over all, of what each row's
// influence on a value is by two models. They merge.
type Influences struct {
	Rows    uint64
	A, B    float64 // of the squares, by the first and the second
	Change  float64 // of the squares of the second less the first
	Changed float64 // of |second - first|
}

// OfClasses estimates from the rows of each class how a value of both models, and
// the change from one to the other, vary.
type OfClasses []Influences

// variance adds up the classes' sums of squares, each times n/(n-1), with
// Satterthwaite's degrees of freedom: for areas under the ROC curve it is DeLong's.
// Undefined where a class has one row, from which nothing follows about others.
func (c OfClasses) variance(of func(Influences) float64) (variance, df float64, err error) {
	rest, rows := 0.0, 0.0
	for _, i := range c {
		switch {
		case i.Rows == 0:
			continue
		case i.Rows == 1:
			return math.NaN(), math.NaN(), undefined("a class of one row has no variance")
		}
		n := float64(i.Rows)
		rows += n
		v := of(i) * n / (n - 1)
		variance += v
		rest += v * v / (n - 1)
	}
	switch {
	case math.IsNaN(variance) || math.IsInf(variance, 0):
		return math.NaN(), math.NaN(), undefined("a variance of %v", variance)
	case variance <= 1e-29/rows: // what rounding left of influences about 1/rows
		return 0, math.Inf(1), nil
	}
	return variance, variance * variance / rest, nil
}

// First estimates the value of the first model.
func (c OfClasses) First(value float64) (Estimate, error) {
	return c.estimate(value, func(i Influences) float64 { return i.A })
}

// Second is that of the second model's value.
func (c OfClasses) Second(value float64) (Estimate, error) {
	return c.estimate(value, func(i Influences) float64 { return i.B })
}

// Change is that of the second model's less the first's.
func (c OfClasses) Change(value float64) (Estimate, error) {
	return c.estimate(value, func(i Influences) float64 { return i.Change })
}

func (c OfClasses) estimate(value float64, of func(Influences) float64) (Estimate, error) {
	variance, df, err := c.variance(of)
	if err != nil {
		return noEstimate, err
	}
	return Estimate{value, math.Sqrt(variance), df}, nil
}

// Moved is about how many rows have another influence by the second model than by
// the first, were all as different. Of a class it is (sum |d|)^2/(sum d^2), d being the
// difference; classes count by their share of the variance. Where one row jumps, all
// others' influences change a little, and it is 1. 0 where none moved.
func (c OfClasses) Moved() float64 {
	var squares, rest float64
	for _, i := range c {
		if i.Change > 0 {
			squares += i.Change
			rest += i.Change / i.Changed * (i.Change / i.Changed)
		}
	}
	if squares == 0 {
		return 0
	}
	return squares / rest
}
