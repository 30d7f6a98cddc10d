package guess

import (
	"fmt"
	"math"
)

// assumed is the share of rows on which exactly one of two models is right,
// where both are not at hand: two good models of one task differ on fewer.
const assumed = 0.10

// Facts are what a trial run of the draft has shown.
type Facts struct {
	// Differ is the share of rows on which exactly one model is right; nil
	// where there are not two to compare.
	Differ *float64
	Exact  []string // models that are right on every row: candidate, baseline
}

// visible is the drop in accuracy that n rows tell from chance: two standard
// errors of the paired difference, where a share of the rows differ.
func visible(n uint64, differ float64) float64 {
	if n == 0 {
		return 1
	}
	return 2 * math.Sqrt(differ/float64(n))
}

// widestMargin is the widest that is proposed: a drop beyond it is not to be
// tolerated, whatever the rows can see.
const widestMargin = 0.10

// margin is a margin that n rows can judge: the usual one, or the smallest
// whole point that they can see.
func margin(usual float64, n uint64, differ float64) float64 {
	points := math.Ceil(visible(n, differ)*100 - 1e-9)
	return min(widestMargin, max(usual, points/100))
}

// proof is the fewest rows that prove a margin, where no row changes at all:
// n >= ln(alpha)/ln(1-m), with alpha 0.05.
func proof(m float64) uint64 { return uint64(math.Ceil(math.Log(0.05) / math.Log1p(-m))) }

// differ is the share of rows that differ, and how it is known.
func (f Facts) differ() (float64, string) {
	if f.Differ == nil {
		return assumed, fmt.Sprintf("if two models differ in being right on %.0f%% of rows (an assumption),", assumed*100)
	}
	return *f.Differ, fmt.Sprintf("these two models differ in being right on %.2g%% of rows:", *f.Differ*100)
}

// points writes a share of rows in percentage points.
func points(x float64) string { return fmt.Sprintf("%.2g points", 100*x) }

// number writes a margin.
func number(x float64) string { return fmt.Sprintf("%.4g", x) }
