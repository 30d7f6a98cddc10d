package summary

import (
	"math"
	"math/big"
	"slices"
	"strings"
)

// Moments keeps what one aggregate of SQL needs of the rows that it looks at:
// their number, exact sums of their values, squares and products, the least and
// the greatest, or the values themselves. So its value depends neither on the
// order of rows nor on how they were split. Use NewMoments.
type Moments struct {
	keeps    keeps
	n        uint64
	nan      bool
	low, top float64
	sums     []Sum // x, xx, y, yy, xy: as many as are kept
	held     []float64
	distinct map[string]struct{}
}

// keeps is what an aggregate needs.
type keeps struct {
	sums     int
	limits   bool
	held     bool
	distinct bool
}

// keepsOf is what an aggregate of SQL needs, by its name there.
func keepsOf(function string, distinct bool) keeps {
	switch {
	case distinct:
		return keeps{distinct: true}
	case strings.HasPrefix(function, "count"), function == "regr_count":
		return keeps{}
	case function == "sum" || function == "avg" || function == "mean":
		return keeps{sums: 1}
	case function == "min" || function == "max" || strings.HasPrefix(function, "bool_"):
		return keeps{limits: true}
	case function == "median" || strings.HasPrefix(function, "quantile_"):
		return keeps{held: true}
	case strings.HasPrefix(function, "covar_") || function == "corr" || strings.HasPrefix(function, "regr_"):
		return keeps{sums: 5}
	}
	return keeps{sums: 2} // variances
}

// NewMoments is for an aggregate of SQL, by its name there.
func NewMoments(function string, distinct bool) Moments {
	return Moments{keeps: keepsOf(function, distinct), low: math.Inf(1), top: math.Inf(-1)}
}

// Holds says whether every row, or every distinct value, is held in memory.
func (m *Moments) Holds() bool { return m.keeps.held || m.keeps.distinct }

// Add counts a row with the value x.
func (m *Moments) Add(x float64) { m.AddPair(0, x) }

// AddPair counts a row with the values y and x, in the order of SQL: regr_slope(y, x).
func (m *Moments) AddPair(y, x float64) {
	m.n++
	m.nan = m.nan || math.IsNaN(x) || math.IsNaN(y)
	switch {
	case m.keeps.sums > 0:
		m.addSums(y, x)
	case m.keeps.limits:
		m.low, m.top = min(m.low, x), max(m.top, x)
	case m.keeps.held:
		m.held = append(m.held, x+0) // -0 is 0
	}
}

func (m *Moments) addSums(y, x float64) {
	if m.sums == nil {
		m.sums = make([]Sum, m.keeps.sums)
	}
	m.sums[0].Add(x)
	if m.keeps.sums > 1 {
		addProduct(&m.sums[1], x, x)
	}
	if m.keeps.sums > 2 {
		m.sums[2].Add(y)
		addProduct(&m.sums[3], y, y)
		addProduct(&m.sums[4], x, y)
	}
}

// addProduct adds a product exactly: rounded, and what rounding took away.
func addProduct(s *Sum, a, b float64) {
	p := a * b
	s.Add(p)
	if rest := math.FMA(a, b, -p); rest != 0 && !math.IsNaN(rest) && !math.IsInf(rest, 0) {
		s.Add(rest)
	}
}

// AddText counts a row with a text, of which distinct ones are counted.
func (m *Moments) AddText(text string) {
	m.n++
	if _, ok := m.distinct[text]; ok {
		return
	}
	if m.distinct == nil {
		m.distinct = map[string]struct{}{}
	}
	m.distinct[strings.Clone(text)] = struct{}{}
}

// Merge adds the rows of o, which is for the same aggregate.
func (m *Moments) Merge(o *Moments) {
	m.n += o.n
	m.nan = m.nan || o.nan
	m.low, m.top = min(m.low, o.low), max(m.top, o.top)
	switch {
	case m.sums == nil:
		m.sums = o.sums
	case o.sums != nil:
		for i := range m.sums {
			m.sums[i].Merge(&o.sums[i])
		}
	}
	m.held = append(m.held, o.held...)
	if m.distinct == nil {
		m.distinct = o.distinct
		return
	}
	for text := range o.distinct {
		m.distinct[text] = struct{}{}
	}
}

// Value is the aggregate, rounded once; false where SQL gives null: no rows, or
// too few. Where a value is not finite, or nothing varies that must, it is NaN or
// an infinity, which no metric may be.
func (m *Moments) Value(function string, fraction float64) (float64, bool) {
	switch {
	case m.keeps.distinct:
		return float64(len(m.distinct)), true
	case strings.HasPrefix(function, "count") || function == "regr_count":
		return float64(m.n), true
	case m.n == 0 || m.n == 1 && strings.HasSuffix(function, "_samp") || m.n == 1 && (function == "variance" || function == "stddev"):
		return 0, false
	case m.nan:
		return math.NaN(), true
	case m.keeps.limits:
		if function == "min" || function == "bool_and" {
			return m.low, true
		}
		return m.top, true
	case m.keeps.held:
		return m.quantile(function, fraction), true
	}
	for i := range m.sums {
		if v := m.sums[i].Value(); math.IsNaN(v) || math.IsInf(v, 0) {
			return v, true
		}
	}
	if function == "sum" {
		return m.sums[0].Value(), true
	}
	return m.ofSums(function)
}

// quantile is by linear interpolation, or for quantile_disc a value that is there.
func (m *Moments) quantile(function string, fraction float64) float64 {
	slices.Sort(m.held)
	n := len(m.held)
	if function == "quantile_disc" {
		return m.held[max(1, n-int(math.Floor(float64(n)-fraction*float64(n))))-1]
	}
	if function == "median" {
		fraction = 0.5
	}
	place := fraction * float64(n-1)
	below := int(math.Floor(place))
	above := min(below+1, n-1)
	return m.held[below] + (m.held[above]-m.held[below])*(place-float64(below))
}

// precision holds exact products of sums; quotients are rounded to fewer bits.
const precision, quotients = 12_000, 256

func precise() *big.Float { return new(big.Float).SetPrec(precision) }

// centred is n times a sum of products minus the product of the sums: n² times a
// covariance, without rounding but of squares too small for a double. A variance
// is none below 0 for that.
func (m *Moments) centred(products, a, b int) *big.Float {
	n := precise().SetUint64(m.n)
	n.Mul(n, precise().Set(m.sums[products].Big()))
	n.Sub(n, precise().Mul(m.sums[a].Big(), m.sums[b].Big()))
	if a == b && n.Sign() < 0 {
		return precise()
	}
	return n
}

func quotient(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(quotients).Quo(a, b) }

func rounded(x *big.Float) float64 {
	v, _ := x.Float64()
	return v
}

// ofSums works aggregates of moments out.
func (m *Moments) ofSums(function string) (float64, bool) {
	n := precise().SetUint64(m.n)
	squared := precise().Mul(n, n)
	samples := precise().Mul(n, precise().SetUint64(m.n-1))
	switch function {
	case "avg", "mean", "regr_avgx":
		return rounded(quotient(m.sums[0].Big(), n)), true
	case "regr_avgy":
		return rounded(quotient(m.sums[2].Big(), n)), true
	case "var_pop":
		return rounded(quotient(m.centred(1, 0, 0), squared)), true
	case "var_samp", "variance":
		return rounded(quotient(m.centred(1, 0, 0), samples)), true
	case "stddev_pop":
		return root(quotient(m.centred(1, 0, 0), squared)), true
	case "stddev_samp", "stddev":
		return root(quotient(m.centred(1, 0, 0), samples)), true
	case "covar_pop":
		return rounded(quotient(m.centred(4, 0, 2), squared)), true
	case "covar_samp":
		return rounded(quotient(m.centred(4, 0, 2), samples)), true
	case "regr_sxx":
		return rounded(quotient(m.centred(1, 0, 0), n)), true
	case "regr_syy":
		return rounded(quotient(m.centred(3, 2, 2), n)), true
	case "regr_sxy":
		return rounded(quotient(m.centred(4, 0, 2), n)), true
	}
	return m.regression(function)
}

func root(x *big.Float) float64 { return rounded(new(big.Float).Sqrt(x)) }

// regression works out the aggregates that need values that vary.
func (m *Moments) regression(function string) (float64, bool) {
	xx, yy, xy := m.centred(1, 0, 0), m.centred(3, 2, 2), m.centred(4, 0, 2)
	switch {
	case function == "corr" && (xx.Sign() == 0 || yy.Sign() == 0):
		return math.NaN(), true
	case function == "corr":
		r := quotient(precise().Mul(xy, xy), precise().Mul(xx, yy))
		return math.Copysign(root(r), rounded(xy)), true
	case xx.Sign() == 0:
		return 0, false
	case function == "regr_r2" && yy.Sign() == 0:
		return 1, true
	case function == "regr_r2":
		return rounded(quotient(precise().Mul(xy, xy), precise().Mul(xx, yy))), true
	case function == "regr_slope":
		return rounded(quotient(xy, xx)), true
	}
	// The intercept is (sum of y − slope · sum of x) / n, as one fraction.
	above := precise().Mul(m.sums[2].Big(), xx)
	above.Sub(above, precise().Mul(m.sums[0].Big(), xy))
	return rounded(quotient(above, precise().Mul(precise().SetUint64(m.n), xx))), true
}
