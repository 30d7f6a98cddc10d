package stats

import (
	"cmp"
	"math"
	"math/big"
	"math/bits"
	"slices"
)

// Placements is sums over the rows of one class of where two models' scores place
// them among the rows of the other. A positive row's placement is twice the number
// of negative rows with a lower score, plus those with an equal one; a negative
// row's is twice the positive rows with a higher score, plus the equal ones. The
// sums are whole and exact, so rows may come in any order and sums may merge,
// once each row's placement among all is known. There may be up to 2^31 rows.
type Placements struct {
	Rows       uint64
	a, b       uint64
	moved      uint64 // sum of |b - a|
	aa, bb, ab uint128
}

// Add takes in a row's placements by the first and the second model.
func (p *Placements) Add(a, b uint64) {
	p.Rows++
	p.a += a
	p.b += b
	p.moved += max(a, b) - min(a, b)
	p.aa.add(a, a)
	p.bb.add(b, b)
	p.ab.add(a, b)
}

// Sums are sums over some rows of their placements by the first and the second
// model, of those' squares and product, and of |second - first|.
type Sums struct{ Rows, A, B, AA, BB, AB, Moved uint64 }

// AddSums takes in rows that were summed up elsewhere.
func (p *Placements) AddSums(s Sums) {
	p.Merge(Placements{s.Rows, s.A, s.B, s.Moved, uint128{0, s.AA}, uint128{0, s.BB}, uint128{0, s.AB}})
}

// Merge takes in other rows' sums.
func (p *Placements) Merge(o Placements) {
	p.Rows += o.Rows
	p.a += o.a
	p.b += o.b
	p.moved += o.moved
	p.aa.merge(o.aa)
	p.bb.merge(o.bb)
	p.ab.merge(o.ab)
}

// uint128 is a whole number below 2^128.
type uint128 struct{ high, low uint64 }

func (u *uint128) add(x, y uint64) {
	high, low := bits.Mul64(x, y)
	u.merge(uint128{high, low})
}

func (u *uint128) merge(o uint128) {
	var carry uint64
	u.low, carry = bits.Add64(u.low, o.low, 0)
	u.high, _ = bits.Add64(u.high, o.high, carry)
}

func (u uint128) big() *big.Int {
	n := new(big.Int).SetUint64(u.high)
	return n.Lsh(n, 64).Or(n, new(big.Int).SetUint64(u.low))
}

// DeLong is what the areas under two models' ROC curves, and how much they and
// their difference vary, follow from.
type DeLong struct{ Positive, Negative Placements }

// Areas are two models' areas under the ROC curve on the same rows, with their
// variances. VarChange is VarA + VarB - 2 Cov, without its rounding.
type Areas struct {
	A, B                       float64
	VarA, VarB, Cov, VarChange float64
	DFA, DFB                   float64 // degrees of freedom that VarA and VarB have; NaN where they are 0
	Rows                       int
}

// Areas are exact to the last digit. The covariance is that of the placements
// within each class over its rows: S10/m + S01/n. Rows must be independent.
// Undefined below two rows of either class. DeLong, DeLong and Clarke-Pearson
// (1988), Biometrics 44; by ranks: Sun and Xu (2014), IEEE Signal Processing
// Letters 21.
func (d DeLong) Areas() (Areas, error) {
	p, n := d.Positive, d.Negative
	switch nan := math.NaN(); {
	case p.a != n.a || p.b != n.b:
		return Areas{A: nan, B: nan}, invalid("the placements of the two classes do not belong together")
	case p.Rows < 2 || n.Rows < 2:
		return Areas{A: nan, B: nan}, undefined("%d positive and %d negative rows: two of each have a variance", p.Rows, n.Rows)
	}
	pairs := 2 * float64(p.Rows) * float64(n.Rows)
	v, w := p.variances(n.Rows), n.variances(p.Rows)
	return Areas{
		A: float64(p.a) / pairs, B: float64(p.b) / pairs,
		VarA: v[0] + w[0], VarB: v[1] + w[1], Cov: v[2] + w[2], VarChange: v[3] + w[3],
		DFA: satterthwaite(v[0], w[0], p.Rows, n.Rows), DFB: satterthwaite(v[1], w[1], p.Rows, n.Rows),
		Rows: int(p.Rows + n.Rows),
	}, nil
}

// Moved is about how many rows of a class the second model places elsewhere than
// the first, the fewer of the two classes': (sum |d|)^2/(sum d^2), d being the
// difference of a row's placements. It is how many rows would have moved, had all
// moved equally far; where one row jumps, all rows of the other class move a
// little, and count as one. 0 where none moved.
func (d DeLong) Moved() float64 { return min(d.Positive.movedRows(), d.Negative.movedRows()) }

func (p Placements) movedRows() float64 {
	if p.moved == 0 {
		return 0
	}
	squares := new(big.Int).Add(p.aa.big(), p.bb.big())
	squares.Sub(squares, new(big.Int).Lsh(p.ab.big(), 1))
	return float64(p.moved) * float64(p.moved) / toFloat(squares)
}

// variances is those of the mean placement by the first model, the second, their
// covariance and the variance of their difference, as shares of others rows.
func (p Placements) variances(others uint64) [4]float64 {
	a, b, aa, bb, ab := new(big.Int).SetUint64(p.a), new(big.Int).SetUint64(p.b), p.aa.big(), p.bb.big(), p.ab.big()
	m := float64(p.Rows)
	scale := m * m * (m - 1) * 4 * float64(others) * float64(others)
	share := func(products, x, y *big.Int) float64 {
		n := new(big.Int).Mul(products, new(big.Int).SetUint64(p.Rows))
		return toFloat(n.Sub(n, new(big.Int).Mul(x, y))) / scale
	}
	change := new(big.Int).Sub(b, a)
	squares := new(big.Int).Add(aa, bb)
	squares.Sub(squares, new(big.Int).Lsh(ab, 1))
	return [4]float64{share(aa, a, a), share(bb, b, b), share(ab, a, b), share(squares, change, change)}
}

func toFloat(n *big.Int) float64 {
	x, _ := new(big.Float).SetInt(n).Float64()
	return x
}

// Change estimates B - A, by the normal distribution.
func (a Areas) Change() (Estimate, error) { return estimate(a.B-a.A, a.VarChange, math.Inf(1)) }

// First and Second are the areas as they stand alone.
func (a Areas) First() Area  { return Area{a.A, a.VarA, a.DFA, a.Rows} }
func (a Areas) Second() Area { return Area{a.B, a.VarB, a.DFB, a.Rows} }

// Area is one area under the ROC curve.
type Area struct {
	Value, Variance float64
	DF              float64 // degrees of freedom of the variance; +Inf is one that is known
	Rows            int
}

// Estimate is the area with its standard error, by the normal distribution.
func (a Area) Estimate() (Estimate, error) { return estimate(a.Value, a.Variance, math.Inf(1)) }

// UnpairedAreas estimates b - a for areas on two independent sets of rows, each
// with as many degrees of freedom as rows less one, as pROC has it. Paired rows
// would tell more.
func UnpairedAreas(a, b Area) (Estimate, error) {
	if a.Rows < 2 || b.Rows < 2 {
		return noEstimate, undefined("areas over %d and %d rows", a.Rows, b.Rows)
	}
	return Independent(
		Estimate{a.Value, math.Sqrt(a.Variance), float64(a.Rows - 1)},
		Estimate{b.Value, math.Sqrt(b.Variance), float64(b.Rows - 1)})
}

// HanleyMcNeil is an area with the variance that its value alone suggests, where
// nothing but counts is kept: (A(1-A) + (m-1)(A/(2-A) - A^2) + (n-1)(2A^2/(1+A) -
// A^2))/(mn), for m positive and n negative rows. It holds for exponential scores
// and is rough for others. Hanley and McNeil (1982), Radiology 143.
func HanleyMcNeil(area float64, positive, negative int) (Area, error) {
	none := Area{math.NaN(), math.NaN(), math.NaN(), 0}
	if !(area >= 0 && area <= 1) || positive < 0 || negative < 0 {
		return none, invalid("an area of %v over %d positive and %d negative rows", area, positive, negative)
	}
	if positive == 0 || negative == 0 {
		return none, undefined("%d positive and %d negative rows", positive, negative)
	}
	m, n, square := float64(positive), float64(negative), area*area
	v := area*(1-area) + (m-1)*(area/(2-area)-square) + (n-1)*(2*square/(1+area)-square)
	return Area{area, max(v, 0) / (m * n), math.Inf(1), positive + negative}, nil
}

// DeLongOf places rows by two models' scores: O(n log n).
func DeLongOf(positive []bool, a, b []float64) (DeLong, error) {
	var d DeLong
	if len(a) != len(positive) || len(b) != len(positive) {
		return d, invalid("%d rows with %d and %d scores", len(positive), len(a), len(b))
	}
	for i := range a {
		if math.IsNaN(a[i]) || math.IsNaN(b[i]) {
			return d, invalid("the score of row %d is not a number", i)
		}
	}
	x, y := placements(positive, a), placements(positive, b)
	for i, p := range positive {
		if p {
			d.Positive.Add(x[i], y[i])
		} else {
			d.Negative.Add(x[i], y[i])
		}
	}
	return d, nil
}

// placements is each row's among the other class.
func placements(positive []bool, score []float64) []uint64 {
	order := make([]int, len(score))
	positives := uint64(0)
	for i := range order {
		order[i] = i
		if positive[i] {
			positives++
		}
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(score[i], score[j]) })
	placed := make([]uint64, len(score))
	var below [2]uint64 // negative and positive rows with lower scores
	for len(order) > 0 {
		n := 1
		for n < len(order) && score[order[n]] == score[order[0]] {
			n++
		}
		var equal [2]uint64
		for _, i := range order[:n] {
			equal[class(positive[i])]++
		}
		for _, i := range order[:n] {
			if positive[i] {
				placed[i] = 2*below[0] + equal[0]
			} else {
				placed[i] = 2*(positives-below[1]-equal[1]) + equal[1]
			}
		}
		below[0] += equal[0]
		below[1] += equal[1]
		order = order[n:]
	}
	return placed
}

func class(positive bool) int {
	if positive {
		return 1
	}
	return 0
}
