package gate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/noworse/noworse/gate"
)

// TestSuspicions: of 100 rows, half are positive. The baseline scores 90 of them
// on the right side, so its ROC AUC is 0.81 + 2*0.09/2 = 0.9.
func TestSuspicions(t *testing.T) {
	for name, c := range map[string]struct {
		n     int
		score func(y, i int) float64
		want  string
	}{
		"a copy of the label":       {100, func(y, _ int) float64 { return float64(y) }, "The candidate is right on every row: are its answers a copy of the label?"},
		"a copy on few rows":        {40, func(y, _ int) float64 { return float64(y) }, ""},
		"the other class's":         {100, func(y, i int) float64 { return 1 - well(y, i) }, "The candidate orders rows the wrong way round (ROC AUC 0.100; turned round 0.900): are its scores those of the other class?"},
		"of other rows":             {100, func(_, i int) float64 { return well(i/2%2, i) }, "The candidate's scores say nothing of the label (ROC AUC 0.500): do its ids name the rows that they were made for?"},
		"a model that is just good": {100, func(y, i int) float64 { return well(y, i+1) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			data := lines("id,y,old,new", c.n, func(i int) string { return fmt.Sprintf("%d,%d,%v,%v", i, i%2, well(i%2, i), c.score(i%2, i)) })
			r, err := check(t, write(t, map[string]string{"eval.csv": data}), twoModels+"metrics: {accuracy: 0.5, roc_auc: {max_drop: 0.5}}\n", gate.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(r.Notes, "\n"); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// well scores 9 of 10 pairs of rows on the right side.
func well(y, i int) float64 {
	if i/2%10 == 9 {
		y = 1 - y
	}
	return 0.2 + 0.6*float64(y)
}
