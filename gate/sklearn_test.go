package gate_test

import (
	"cmp"
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
var zeroDivision = []string{"precision", "recall", "specificity", "f1", "f_beta", "jaccard", "mcc", "average_precision"}

// TestMetricsEqualScikitLearn runs every metric on edge cases, from CSV files to
// the result, against the pinned scikit-learn (python/requirements-test.txt).
func TestMetricsEqualScikitLearn(t *testing.T) {
	cases := oracle.Cases()
	want := oracle.Metrics(t, cases)
	for i, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			checks := runCase(t, c).Checks
			if len(checks) < 10 {
				t.Fatalf("only %d values are compared", len(checks))
			}
			for _, check := range checks {
				expect(t, cmp.Or(check.Name, check.Metric), check, want[i])
			}
		})
	}
}

func expect(t *testing.T, name string, got result.Check, want map[string]float64) {
	t.Helper()
	expected, there := want[name]
	switch {
	case got.Candidate == nil && there && expected == 0 && slices.Contains(zeroDivision, got.Metric):
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
	spec.WriteString(caseRules(c))
	r, err := check(t, dir, spec.String(), gate.Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, spec.String())
	}
	return r
}

// caseRules has a rule for each metric that a case allows, under the names
// that the oracle has.
func caseRules(c oracle.Case) string {
	var rules strings.Builder
	oneClass := len(slices.Compact(slices.Sorted(slices.Values(c.Label)))) < 2
	for _, m := range metric.All() {
		if !slices.Contains(m.Tasks, c.Task) || oneClass && (m.Name == "roc_auc" || strings.HasPrefix(m.Name, "roc_auc_o")) {
			continue
		}
		limits := caseLimits(m, c)
		switch {
		case slices.Contains(m.Takes, metric.Class) && c.Task == oracle.Multiclass:
			for k := range c.Classes {
				if k < 2 || k == c.Classes-1 {
					fmt.Fprintf(&rules, "  %s_of_%d: {metric: %s, class: %d, %s}\n", m.Name, k, m.Name, k, limits)
				}
			}
		case slices.Contains(m.Takes, metric.Confidence) && c.Task == oracle.Binary:
			fmt.Fprintf(&rules, "  %s_top: {metric: %s, confidence: top, %s}\n", m.Name, m.Name, limits)
			fallthrough
		default:
			fmt.Fprintf(&rules, "  %s: {%s}\n", m.Name, limits)
		}
	}
	return rules.String()
}

// caseLimits are the case's parameters of a metric, and a limit that any value
// keeps to.
func caseLimits(m metric.Metric, c oracle.Case) string {
	var settings []string
	for name, value := range map[string]any{
		metric.Above: c.Above, metric.Beta: c.Beta, metric.Bins: c.Bins, metric.K: c.K, metric.Quantile: c.Quantile,
	} {
		if slices.Contains(m.Takes, name) {
			settings = append(settings, fmt.Sprintf("%s: %v", name, value))
		}
	}
	if m.Bounded {
		return strings.Join(append(settings, "min: 0"), ", ")
	}
	return strings.Join(append(settings, "min: -1.0e+300"), ", ")
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
