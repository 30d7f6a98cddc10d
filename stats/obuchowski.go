package stats

import "math"

// UnitAreas is what two areas under ROC curves, and how much they and their
// difference vary, follow from where rows have weights or depend on each other. A
// unit is a row, or a group of dependent rows; each has a share of either class.
type UnitAreas struct {
	A, B               float64
	Positive, Negative UnitPlacements
	// Cross is the sum over units of the product of what a unit adds to the areas by
	// its positive and by its negative rows: to A, to B and to B - A.
	Cross [3]float64
	// Units is how many units of one weight there might be (Kish).
	Units float64
}

// UnitPlacements is sums over the units that have rows of a class. A row's placement
// is the weighted share of the other class's rows that it is on the right side of,
// those of its own score counting half.
type UnitPlacements struct {
	// Units is how many units of one weight there might be: (sum W)^2/(sum W^2), W
	// being the weight of a unit's rows.
	Units float64
	// Squares are, of A, of B and of B - A, the sum over units of (sum over the unit's
	// rows of weight times placement less area)^2, over the square of all weight.
	Squares [3]float64
	// Moved is about how many units the second model places elsewhere than the first:
	// (sum |d|)^2/(sum d^2), d being the difference of a unit's placements.
	Moved float64
}

// variance is that of an area, or of the difference: with k positive and l negative
// units
//
//	k/(k-1) sum of squares of positive units + l/(l-1) that of negative ones + 2 n/(n-1) cross
//
// Obuchowski (1997), Biometrics 53, 567-578, with the effective number of units in
// place of their number, which is the same where all have one weight. Of units of one
// row it is DeLong's.
func (u UnitAreas) variance(i int) (variance, df float64) {
	v, w := u.Positive.variance(i), u.Negative.variance(i)
	variance = v + w + 2*u.Cross[i]*u.Units/(u.Units-1)
	df = (v + w) * (v + w) / (v*v/(u.Positive.Units-1) + w*w/(u.Negative.Units-1))
	return max(variance, 0), min(df, u.Units-1)
}

func (p UnitPlacements) variance(i int) float64 { return p.Squares[i] * p.Units / (p.Units - 1) }

// Areas are two models' areas on the same rows. The degrees of freedom are
// Satterthwaite's (1946), and not more than units less one. Undefined below two
// units of either class.
func (u UnitAreas) Areas() (a, b, change Estimate, err error) {
	p, n := u.Positive, u.Negative
	if !finite(u.A, u.B, p.Units, n.Units, u.Units) || !finite(p.Squares[:]...) || !finite(n.Squares[:]...) || !finite(u.Cross[:]...) {
		return noEstimate, noEstimate, noEstimate, invalid("sums over units that are no numbers")
	}
	const two = 2 - 1e-9
	if p.Units < two || n.Units < two {
		return noEstimate, noEstimate, noEstimate, undefined("%.3g positive and %.3g negative units: two of each have a variance", p.Units, n.Units)
	}
	of := func(value float64, i int) Estimate {
		variance, df := u.variance(i)
		if variance == 0 {
			df = u.Units - 1
		}
		return Estimate{value, math.Sqrt(variance), df}
	}
	return of(u.A, 0), of(u.B, 1), of(u.B-u.A, 2), nil
}

// Moved is Moved of the class of which fewer units moved.
func (u UnitAreas) Moved() float64 { return min(u.Positive.Moved, u.Negative.Moved) }
