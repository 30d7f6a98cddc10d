package stats

import (
	"errors"
	"math"
)

// Estimate is a number with its standard error. (Value - truth)/SE is taken to
// have Student's t distribution with DF degrees of freedom; +Inf is the normal.
//
// With SE = 0 nothing varied, from which nothing follows about the truth: its
// interval and tests are undefined.
type Estimate struct{ Value, SE, DF float64 }

func (e Estimate) check() error {
	switch {
	case !finite(e.Value, e.SE) || e.SE < 0 || !(e.DF/2 > 0):
		return invalid("an estimate of %v with standard error %v and %v degrees of freedom", e.Value, e.SE, e.DF)
	case e.SE == 0:
		return undefined("nothing varies")
	}
	return nil
}

// Interval is Value ± SE times the quantile of t.
func (e Estimate) Interval(level float64) (Interval, error) {
	if err := e.check(); err != nil {
		return noInterval, err
	}
	if err := checkLevel(level); err != nil {
		return noInterval, err
	}
	half := -StudentQuantile((1-level)/2, e.DF) * e.SE
	return Interval{e.Value - half, e.Value + half, level}, nil
}

// Logit is the interval of a number between 0 and 1, found on the scale of
// ln(x/(1-x)) so that it stays there: the delta method.
func (e Estimate) Logit(level float64) (Interval, error) {
	if !(e.Value > 0 && e.Value < 1) {
		return noInterval, undefined("%v is not between 0 and 1", e.Value)
	}
	scale := e.Value * (1 - e.Value)
	in, err := Estimate{math.Log(e.Value / (1 - e.Value)), e.SE / scale, e.DF}.Interval(level)
	if err != nil {
		return noInterval, err
	}
	back := func(logit float64) float64 { return 1 / (1 + math.Exp(-logit)) }
	return Interval{back(in.Low), back(in.High), level}, nil
}

// Fisher is the interval of a correlation, found on the scale of atanh r, whose
// variance hardly depends on r: the delta method. Fisher (1921), Metron 1.
func (e Estimate) Fisher(level float64) (Interval, error) {
	if !(e.Value > -1 && e.Value < 1) {
		return noInterval, undefined("%v is not between -1 and 1", e.Value)
	}
	in, err := Estimate{math.Atanh(e.Value), e.SE / (1 - e.Value*e.Value), e.DF}.Interval(level)
	if err != nil {
		return noInterval, err
	}
	return Interval{math.Tanh(in.Low), math.Tanh(in.High), level}, nil
}

// statistic is (Value - null)/SE.
func (e Estimate) statistic(null float64) (float64, error) {
	if err := e.check(); err != nil {
		return math.NaN(), err
	}
	if !finite(null) {
		return math.NaN(), invalid("a hypothesis of %v", null)
	}
	return (e.Value - null) / e.SE, nil
}

// Above tests the hypothesis that the truth is at most null: P is small where it
// is above.
func (e Estimate) Above(null float64) (Test, error) {
	z, err := e.statistic(null)
	return Test{z, StudentUpper(z, e.DF)}, err
}

// Below tests the hypothesis that the truth is at least null.
func (e Estimate) Below(null float64) (Test, error) {
	z, err := e.statistic(null)
	return Test{z, StudentLower(z, e.DF)}, err
}

// Differs tests, on both sides, the hypothesis that the truth is null.
func (e Estimate) Differs(null float64) (Test, error) {
	z, err := e.statistic(null)
	return Test{z, 2 * StudentUpper(math.Abs(z), e.DF)}, err
}

// estimate makes an Estimate of a variance; below zero it can only be rounding.
func estimate(value, variance, df float64) (Estimate, error) {
	e := Estimate{value, math.Sqrt(max(variance, 0)), df}
	if !finite(e.Value, e.SE) {
		return noEstimate, undefined("a value of %v with a variance of %v", value, variance)
	}
	return e, nil
}

var noEstimate = Estimate{math.NaN(), math.NaN(), math.NaN()}

// difference is what is left of sums over n rows that nearly cancel. What the
// rounding of n additions may have left is nothing: rows that do not vary must
// not get a tiny variance, and so a tiny P.
func difference(left, size float64, n int) float64 {
	if left <= (64+float64(n))*epsilon*size {
		return 0
	}
	return left
}

// Independent estimates b - a of estimates from two independent sets of rows: the
// variances add up, and the degrees of freedom are Welch's (1947, Biometrika 34),
// (Va + Vb)^2/(Va^2/DFa + Vb^2/DFb). One of both may not vary.
func Independent(a, b Estimate) (Estimate, error) {
	for _, e := range []Estimate{a, b} {
		if err := e.check(); err != nil && !errors.Is(err, ErrUndefined) {
			return noEstimate, err
		}
	}
	va, vb := a.SE*a.SE, b.SE*b.SE
	if va+vb == 0 {
		return noEstimate, undefined("nothing varies")
	}
	df := (va + vb) * (va + vb) / (va*va/a.DF + vb*vb/b.DF) // +Inf where both are
	return estimate(b.Value-a.Value, va+vb, df)
}

// Influence estimates a value of which each independent unit, a row or a group of
// dependent rows, has a known influence: to first order the value is off by their
// sum, which is 0 over the units seen. The variance is n/(n-1) times the sum of
// squares, with n-1 degrees of freedom. For areas under the ROC curve with weights or groups, a row's influence is
// w (placement - area)/(sum of w of its class), placements being weighted shares
// (Obuchowski 1997, Biometrics 53). Hampel (1974), Journal of the American
// Statistical Association 69.
func Influence(value float64, influences []float64) (Estimate, error) {
	n := float64(len(influences))
	if !finite(influences...) {
		return noEstimate, invalid("an influence is not a number")
	}
	if n < 2 {
		return noEstimate, undefined("%d units have no variance", len(influences))
	}
	var m Moments
	for _, x := range influences {
		m.Add(x)
	}
	return estimate(value, difference(m.M2*n/(n-1), epsilon*value*value, 0), n-1)
}

// Widened is the interval with a bound on a known error, as of binning, added at
// both ends.
func (i Interval) Widened(bound float64) Interval {
	return Interval{i.Low - bound, i.High + bound, i.Level}
}
