package gate_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/internal/gatetest/oracle"
	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/result"
)

// zeroDivision are the metrics to which scikit-learn gives 0 when their
// denominator is 0, and noworse no value.
var zeroDivision = []string{"precision", "recall", "specificity", "f1", "jaccard", "mcc"}

// TestMetricsEqualScikitLearn runs every metric on edge cases, from CSV files to
// the result, against the pinned scikit-learn (python/requirements-test.txt).
func TestMetricsEqualScikitLearn(t *testing.T) {
	cases := oracle.Cases()
	want := oracle.Metrics(t, cases)
	for i, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			got := map[string]result.Check{}
			for _, check := range runCase(t, c).Checks {
				got[check.Metric] = check
			}
			compared := 0
			for _, m := range metric.All() {
				if check, ok := got[m.Name]; ok {
					compared++
					expect(t, m.Name, check, want[i])
				}
			}
			if compared == 0 {
				t.Fatal("nothing was compared")
			}
		})
	}
}

func expect(t *testing.T, name string, got result.Check, want map[string]float64) {
	t.Helper()
	expected, there := want[name]
	switch {
	case got.Candidate == nil && there && expected == 0 && slices.Contains(zeroDivision, name):
	case got.Candidate == nil && there:
		t.Errorf("%s: no value (%s), scikit-learn has %v", name, got.Reason, expected)
	case got.Candidate != nil && !there:
		t.Errorf("%s: %v, scikit-learn has no value", name, *got.Candidate)
	case got.Candidate == nil:
		if got.Verdict != result.Error || got.Reason == "" {
			t.Errorf("%s: no value, yet %s", name, got.Verdict)
		}
	case math.Abs(*got.Candidate-expected) > 1e-12*max(1, math.Abs(expected)):
		t.Errorf("%s: %.17g, scikit-learn has %.17g", name, *got.Candidate, expected)
	}
}

// runCase writes a case as a CSV file and checks it with a rule for each metric
// that it allows.
func runCase(t *testing.T, c oracle.Case) *result.Result {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "eval.csv"), []byte(caseCSV(c)), 0o644); err != nil {
		t.Fatal(err)
	}
	var spec strings.Builder
	fmt.Fprintf(&spec, "version: 1\ntask: %s\ndata:\n  eval:\n    path: eval.csv\n    label: y\n", c.Task)
	if c.Weight != nil {
		spec.WriteString("    weight: w\n")
	}
	switch c.Task {
	case oracle.Binary:
		spec.WriteString("    classes: [0, 1]\n    positive: 1\ncandidate: {predictions: {label: pred, score: score}}\n")
	case oracle.Multiclass:
		var scores []string
		for k := range c.Classes {
			scores = append(scores, fmt.Sprintf("%d: p%d", k, k))
		}
		fmt.Fprintf(&spec, "candidate: {predictions: {label: pred, scores: {%s}}}\n", strings.Join(scores, ", "))
	default:
		spec.WriteString("candidate: {predictions: {label: pred}}\n")
	}
	spec.WriteString("metrics:\n")
	for _, m := range metric.All() {
		if !slices.Contains(m.Tasks, c.Task) || m.Name == "roc_auc" && len(slices.Compact(slices.Sorted(slices.Values(c.Label)))) < 2 {
			continue
		}
		rule := "{min: 0}"
		switch {
		case m.Better == metric.Neither && m.Signed:
			rule = "{max: 1.0e+300}"
		case m.Above:
			rule = fmt.Sprintf("{above: %v, max: 1}", c.Above)
		case m.Better == metric.Lower && m.Bounded:
			rule = "{max: 1}"
		case m.Better == metric.Lower:
			rule = "{max: 1.0e+300}"
		case m.Signed:
			rule = "{min: -1.0e+300}"
		}
		fmt.Fprintf(&spec, "  %s: %s\n", m.Name, rule)
	}
	r, err := check(t, dir, spec.String(), gate.Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, spec.String())
	}
	return r
}

func caseCSV(c oracle.Case) string {
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	rows := max(len(c.Label), len(c.Target))
	header := []string{"y", "pred"}
	if c.Score != nil {
		header = append(header, "score")
	}
	for k := range c.Classes {
		if c.Scores != nil {
			header = append(header, fmt.Sprintf("p%d", k))
		}
	}
	if c.Weight != nil {
		header = append(header, "w")
	}
	lines := []string{strings.Join(header, ",")}
	for i := range rows {
		var row []string
		if c.Task == oracle.Regression {
			row = append(row, number(c.Target[i]), number(c.Number[i]))
		} else {
			row = append(row, strconv.Itoa(c.Label[i]), strconv.Itoa(c.Predicted[i]))
		}
		if c.Score != nil {
			row = append(row, number(c.Score[i]))
		}
		if c.Scores != nil {
			for _, p := range c.Scores[i] {
				row = append(row, number(p))
			}
		}
		if c.Weight != nil {
			row = append(row, number(c.Weight[i]))
		}
		lines = append(lines, strings.Join(row, ","))
	}
	return strings.Join(lines, "\n") + "\n"
}
