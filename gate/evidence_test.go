package gate_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/result"
)

// TestEdgesOfEvidence: sets on which statistics break. Nothing panics, what is
// within its margin passes and is proven only by rows enough, and what is beyond
// it never passes.
func TestEdgesOfEvidence(t *testing.T) {
	scores := []string{"0.1", "0.9"}
	row := func(y, candidate, baseline int) string {
		return fmt.Sprintf("%d,%s,%s", y, scores[candidate], scores[baseline])
	}
	always := func(y, candidate, baseline int) func(int) string {
		return func(int) string { return row(y, candidate, baseline) }
	}
	for name, c := range map[string]struct {
		rows int
		row  func(i int) string
	}{
		"one row":          {1, always(1, 1, 1)},
		"one row lost":     {1, always(1, 0, 1)},
		"two rows":         {2, func(i int) string { return row(i%2, i%2, i%2) }},
		"two rows lost":    {2, func(i int) string { return row(i%2, 1-i%2, i%2) }},
		"all agree":        {300, func(i int) string { return row(i%2, i/2%2, i/2%2) }},
		"all disagree":     {300, func(i int) string { return row(i%2, i/2%2, 1-i/2%2) }},
		"all lost":         {300, func(i int) string { return row(i%2, 1-i%2, i%2) }},
		"all gained":       {300, func(i int) string { return row(i%2, i%2, 1-i%2) }},
		"perfect":          {300, func(i int) string { return row(i%2, i%2, i%2) }},
		"one class":        {300, always(0, 0, 0)},
		"a lone positive":  {300, func(i int) string { return row(indicator(i == 0), indicator(i == 0), indicator(i == 0)) }},
		"never positive":   {300, func(i int) string { return row(i%2, 0, 0) }},
		"always positive":  {300, func(i int) string { return row(i%2, 1, 1) }},
		"one flips":        {300, func(i int) string { return row(i%2, i%2^indicator(i == 0), i%2) }},
		"one flips better": {300, func(i int) string { return row(i%2, i%2, i%2^indicator(i == 0)) }},
	} {
		for _, margin := range []string{"0", "0.02", "0.999", "50%"} {
			t.Run(name+", margin "+margin, func(t *testing.T) {
				metrics := []string{"accuracy", "balanced_accuracy", "precision", "recall", "specificity", "f1", "jaccard", "f1_macro", "f1_weighted", "precision_macro"}
				if margin != "50%" {
					metrics = append(metrics, "mcc", "cohen_kappa", "cohen_kappa_quadratic")
				}
				var rules []string
				for _, m := range metrics {
					rules = append(rules, fmt.Sprintf("%s: {max_drop: %s}", m, margin))
				}
				rules = append(rules, fmt.Sprintf("false_positive_rate: {max_rise: %s}", margin), fmt.Sprintf("positive_rate: {max_change: %s}", margin))
				dir := write(t, map[string]string{"eval.csv": lines("y,new,old", c.rows, c.row)})
				r, err := check(t, dir, `
version: 1
task: binary
data: {eval: {path: eval.csv, label: y, classes: [0, 1], positive: 1}}
candidate: {predictions: {score: new}}
baseline: {predictions: {score: old}}
metrics: {`+strings.Join(rules, ", ")+"}\n", gate.Options{})
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range r.Checks {
					holdEdge(t, c)
				}
			})
		}
	}
}

func indicator(is bool) int {
	if is {
		return 1
	}
	return 0
}

// holdEdge holds what is true of every check, however odd its rows.
func holdEdge(t *testing.T, c result.Check) {
	t.Helper()
	if c.Verdict == result.Error || c.Verdict == result.Skipped {
		return
	}
	worsening, margin := -*c.Change, 0.0
	switch {
	case c.Rule.MaxDrop != nil:
		margin = c.Rule.MaxDrop.Value
		if c.Rule.MaxDrop.Relative {
			margin *= *c.Baseline
		}
	case c.Rule.MaxRise != nil:
		worsening, margin = *c.Change, c.Rule.MaxRise.Value
		if c.Rule.MaxRise.Relative {
			margin *= *c.Baseline
		}
	default:
		worsening, margin = max(*c.Change, -*c.Change), c.Rule.MaxChange.Value
		if c.Rule.MaxChange.Relative {
			margin *= *c.Baseline
		}
	}
	if within, few := worsening <= margin+1e-12, *c.Rows < 5; (within && !few) != (c.Verdict == result.Pass) || few && c.Verdict == result.Fail {
		t.Errorf("%s: %s with a worsening of %v and a margin of %v", c.ID, c.Verdict, worsening, margin)
	}
	if c.Evidence.PWorse == nil {
		t.Errorf("%s: no evidence", c.ID)
		return
	}
	// n rows of which none is lost show a margin m only from (1-m)^n <= alpha on.
	if c.Verdict == result.Pass && *c.Proven && (math.Pow(1-margin, float64(*c.Rows)) > .05 || margin == 0 && worsening >= 0) {
		t.Errorf("%s: proven on %d rows, margin %v: %+v", c.ID, *c.Rows, margin, c.Evidence)
	}
	if c.Verdict == result.Fail && *c.Rows < 5 {
		t.Errorf("%s: %d rows show that it is worse: %+v", c.ID, *c.Rows, c.Evidence)
	}
	if in := c.Interval; in == nil || !(in[0] <= *c.Change+1e-12 && *c.Change <= in[1]+1e-12) {
		t.Errorf("%s: change %v, interval %v", c.ID, *c.Change, in)
	}
}
