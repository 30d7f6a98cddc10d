package stats_test

import (
	"fmt"
	"testing"

	"github.com/noworse/noworse/stats"
)

// TestNewcombeStatsmodels: statsmodels 0.14.6 on scipy 1.17.1,
// confint_proportions_2indep(x1, n1, x2, n2, method='newcomb', compare='diff').
// (Its method='score' is no reference: its shares under the hypothesis are not the
// likeliest ones, as TestScoreTest has them.)
func TestNewcombeStatsmodels(t *testing.T) {
	for _, c := range []struct {
		u         stats.Unpaired
		low, high float64
	}{
		{stats.Unpaired{X1: 5, N1: 56, X2: 0, N2: 29}, -0.038137147903536936, 0.19256001385511165},
		{stats.Unpaired{X1: 0, N1: 10, X2: 0, N2: 20}, -0.1611251580528194, 0.27753279986288926},
		{stats.Unpaired{X1: 10, N1: 10, X2: 20, N2: 20}, -0.27753279986288937, 0.16112515805281957},
		{stats.Unpaired{X1: 10, N1: 10, X2: 0, N2: 20}, 0.6790860371419145, 1},
		{stats.Unpaired{X1: 1, N1: 2, X2: 1, N2: 2}, -0.5734194679697172, 0.5734194679697172},
		{stats.Unpaired{X1: 850, N1: 1000, X2: 1830, N2: 2100}, -0.048573617913340056, 0.004206205160334861},
		{stats.Unpaired{X1: 30, N1: 40, X2: 12, N2: 90}, 0.442368570397379, 0.7381553745643636},
	} {
		in := must[stats.Interval](t)(c.u.Newcombe(.95))
		agree(t, fmt.Sprintf("%+v", c.u), []any{c.low, c.high}, in.Low, in.High)
	}
}
