package demo

import "math"

// What repayment follows from, as numbers near 0 with a spread of about 1.
// Neither age nor sex, region nor channel is among them.

// standing is the credit score.
func (a applicant) standing() float64 { return float64(a.credit-672) / 68 }

// steadiness is the years in the same job, up to fifteen.
func (a applicant) steadiness() float64 {
	if a.employed == blank {
		return 0
	}
	return float64(min(a.employed, 15)-6) / 5
}

// ease is how light the loan is beside a year's money, on a logarithmic scale.
func (a applicant) ease(money float64) float64 {
	x := (math.Log(money/float64(a.amount)) - 0.97) / 0.55
	return grid(min(max(x, -2.5), 2.5))
}

// shownEase is the ease that the form shows, within a limit on both sides. A
// blank income counts as an ordinary one.
func (a applicant) shownEase(limit float64) float64 {
	if a.income == blank {
		return 0
	}
	return min(max(a.ease(float64(a.income)), -limit), limit)
}

// truth is the log odds that the applicant repays.
func (a applicant) truth() float64 {
	return 1.3 + 1.5*a.standing() + 1.4*a.ease(a.means) + 0.5*a.steadiness()
}

// score records what both models say.
//
// v41 gives income a small weight and limits what it can do. v42 gives it
// nearly the weight it deserves, and so is better for nearly everyone; for the
// owners of companies that is more weight on a number that says little. What
// real models make of other features is a little noise, most of it shared.
func (a *applicant) score(d draw) {
	shared := 0.25 * d.normal()
	a.v41 = logistic(1.25 + 1.45*a.standing() + 0.9*a.shownEase(1) + 0.4*a.steadiness() + shared + 0.15*d.normal())
	a.v42 = logistic(1.25 + 1.4*a.standing() + 1.15*a.shownEase(2.5) + 0.45*a.steadiness() + shared + 0.15*d.normal())
}
