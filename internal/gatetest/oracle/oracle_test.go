package oracle

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Values worked out by hand.
var byHand = []struct {
	name string
	Case
	want map[string]float64
}{
	{
		// tp 2, fn 1, fp 1, tn 1; of the 6 pairs of a positive and a negative
		// row the scores order 4 right and tie 1.
		name: "binary",
		Case: Case{
			Task: Binary, Classes: 2, Above: 0.7,
			Label:     []int{1, 1, 1, 0, 0},
			Predicted: []int{1, 1, 0, 1, 0},
			Score:     []float64{0.9, 0.75, 0.25, 0.75, 0.2},
		},
		want: map[string]float64{
			"accuracy": 3. / 5, "balanced_accuracy": (2./3 + 1./2) / 2,
			"precision": 2. / 3, "recall": 2. / 3, "f1": 2. / 3, "specificity": 1. / 2,
			"precision_macro": (2./3 + 1./2) / 2, "recall_weighted": (3*2./3 + 2*1./2) / 5, "f1_micro": 3. / 5,
			"positive_rate": 3. / 5, "roc_auc": 4.5 / 6,
			"log_loss":                   -(math.Log(0.9) + math.Log(0.75) + math.Log(0.25) + math.Log(0.25) + math.Log(0.8)) / 5,
			"brier":                      (0.01 + 0.0625 + 0.5625 + 0.5625 + 0.04) / 5,
			"high_confidence_error_rate": 2. / 5,
		},
	},
	{
		// The third row counts three times, the last not at all.
		name: "binary, weighted",
		Case: Case{
			Task: Binary, Classes: 2, Above: 0.9,
			Label:     []int{1, 0, 0, 1},
			Predicted: []int{1, 1, 0, 0},
			Score:     []float64{0.6, 0.7, 0.1, 0.05},
			Weight:    []float64{1, 1, 3, 0},
		},
		want: map[string]float64{
			"accuracy": 4. / 5, "precision": 1. / 2, "recall": 1, "specificity": 3. / 4,
			"positive_rate": 2. / 5, "roc_auc": 3. / 4, "high_confidence_error_rate": 0,
			"brier": (0.16 + 0.49 + 3*0.01) / 5,
		},
	},
	{
		// Class 0 is right once of two, class 1 once of one; class 2 is
		// predicted once and never true, and counts as 0 in averages.
		name: "multiclass",
		Case: Case{
			Task: Multiclass, Classes: 4, Above: 0.5,
			Label:     []int{0, 0, 1},
			Predicted: []int{0, 2, 1},
			Scores:    [][]float64{{0.5, 0.25, 0.25, 0}, {0.25, 0, 0.75, 0}, {0.25, 0.5, 0.25, 0}},
		},
		want: map[string]float64{
			"accuracy": 2. / 3, "balanced_accuracy": 3. / 4,
			"recall_macro": 1.5 / 3, "precision_macro": 2. / 3, "f1_weighted": (2*2./3 + 1) / 3, "recall_micro": 2. / 3,
			"log_loss": (math.Log(2) + math.Log(4) + math.Log(2)) / 3,
			"brier":    (0.375 + 1.125 + 0.375) / 3, "high_confidence_error_rate": 1. / 3,
		},
	},
	{
		name: "regression",
		Case: Case{Task: Regression, Target: []float64{1, 2, 3}, Number: []float64{1, 2, 5}},
		want: map[string]float64{"mae": 2. / 3, "mse": 4. / 3, "rmse": math.Sqrt(4. / 3), "r2": 1 - 4./2},
	},
	{
		name: "regression, weighted",
		Case: Case{Task: Regression, Target: []float64{-1, 1}, Number: []float64{-1, 3}, Weight: []float64{3, 1}},
		want: map[string]float64{"mae": 2. / 4, "mse": 4. / 4, "rmse": 1, "r2": 1 - 4./3},
	},
}

func TestByHand(t *testing.T) {
	var cases []Case
	for _, h := range byHand {
		cases = append(cases, h.Case)
	}
	got := Metrics(t, cases)
	for i, h := range byHand {
		for metric, want := range h.want {
			value, there := got[i][metric]
			if !there || math.Abs(value-want) > 1e-15 {
				t.Errorf("%s: %s is %v (there: %v), want %v", h.name, metric, value, there, want)
			}
		}
	}
}

// What each kind of case can be asked for.
var (
	labelMetrics = strings.Fields("accuracy balanced_accuracy precision_macro precision_weighted precision_micro " +
		"f_beta_macro f_beta_weighted f_beta_micro recall_macro recall_weighted recall_micro f1_macro f1_weighted f1_micro jaccard_macro jaccard_weighted jaccard_micro mcc")
	metricsOf = map[string][]string{
		Binary: slices.Concat(labelMetrics, strings.Fields("precision recall f1 specificity jaccard positive_rate "+
			"f_beta roc_auc average_precision log_loss brier high_confidence_error_rate "+
			"ece max_calibration_error ece_top max_calibration_error_top")),
		Multiclass: slices.Concat(labelMetrics, strings.Fields("log_loss brier high_confidence_error_rate "+
			"ece max_calibration_error top_k_accuracy precision_of_1 recall_of_0 f1_of_1 f_beta_of_0 average_precision_of_0")),
		Regression: strings.Fields("mae mse rmse r2 explained_variance mean_error mape smape max_error median_absolute_error pinball pearson"),
	}
	// sometimes are metrics that ordinary cases lack: without rows of a class,
	// without disagreement by chance, out of a logarithm's domain, with weights.
	sometimes = strings.Fields("cohen_kappa cohen_kappa_linear cohen_kappa_quadratic false_positive_rate false_negative_rate " +
		"rmsle mean_poisson_deviance spearman roc_auc_ovr_macro roc_auc_ovr_weighted roc_auc_ovo_macro roc_auc_ovo_weighted average_precision_macro")
)

// TestCases says which metrics have no value where, and that all others have
// one: an oracle that gives nothing would agree with anything.
func TestCases(t *testing.T) {
	without := map[string]string{
		"binary/only positives":            "roc_auc",
		"binary/only negatives":            "roc_auc",
		"binary/one positive row":          "roc_auc",
		"binary/one negative row":          "roc_auc",
		"binary/weightless class/weighted": "roc_auc",
		"regression/one target":            "r2 explained_variance pearson",
		"regression/one row":               "r2 explained_variance pearson",
	}
	cases := Cases()
	for i, got := range Metrics(t, cases) {
		c := cases[i]
		absent := strings.Fields(without[c.Name] + " " + without[strings.TrimSuffix(c.Name, "/weighted")])
		for _, metric := range metricsOf[c.Task] {
			if _, there := got[metric]; there == slices.Contains(absent, metric) {
				t.Errorf("%s: %s is there: %v", c.Name, metric, there)
			}
		}
		for metric := range got {
			_, ofClass, _ := strings.Cut(metric, "_of_")
			if ofClass == "" && !slices.Contains(metricsOf[c.Task], metric) && !slices.Contains(sometimes, metric) {
				t.Errorf("%s: unknown metric %s", c.Name, metric)
			}
		}
	}
}

func TestCasesAreWellFormed(t *testing.T) {
	names := map[string]bool{}
	for _, c := range Cases() {
		if names[c.Name] {
			t.Errorf("two cases are named %s", c.Name)
		}
		names[c.Name] = true
		for _, n := range []int{len(c.Label), len(c.Predicted), len(c.Score), len(c.Scores), len(c.Target), len(c.Number), len(c.Weight)} {
			if n != 0 && n != c.rows() {
				t.Errorf("%s has %d rows and a column of %d", c.Name, c.rows(), n)
			}
		}
		checkProbabilities(t, c)
	}
}

func checkProbabilities(t *testing.T, c Case) {
	for _, row := range c.Scores {
		var sum float64
		for _, p := range row {
			sum += p
		}
		if len(row) != c.Classes || math.Abs(sum-1) > 1e-12 {
			t.Errorf("%s: probabilities %v add up to %v", c.Name, row, sum)
		}
	}
	for _, p := range c.Score {
		if p < 0 || p > 1 {
			t.Errorf("%s: probability %v", c.Name, p)
		}
	}
}

func TestCasesAreFixed(t *testing.T) {
	if !reflect.DeepEqual(Cases(), Cases()) {
		t.Error("two calls of Cases differ")
	}
}

// A failing program must fail the test that asked.
func TestAskReportsFailure(t *testing.T) {
	python := Python(t)
	bad := Case{Task: Binary, Label: []int{0, 1}, Predicted: []int{0}}
	_, err := ask(python, filepath.Join(t.TempDir(), "oracle.py"), []Case{bad})
	if err == nil || !strings.Contains(err.Error(), "differ in length") {
		t.Errorf("a case of uneven columns gives error %v", err)
	}
	if _, err := ask("/nowhere/python", filepath.Join(t.TempDir(), "oracle.py"), nil); err == nil {
		t.Error("an interpreter that is not there gives no error")
	}
}

// TestPythonWhereThereIsNone runs a small test in a process of its own, in a
// directory without .venv.
func TestPythonWhereThereIsNone(t *testing.T) {
	if os.Getenv("ORACLE_CHILD") == "1" {
		t.Chdir(t.TempDir())
		Python(t)
		return
	}
	for _, run := range []struct {
		env  []string
		word string
		ok   bool
	}{
		{[]string{"CI="}, "--- SKIP", true},
		{[]string{"CI=true"}, "--- FAIL", false},
		{[]string{"CI=", "NOWORSE_PYTHON=/nowhere/python"}, "--- FAIL", false},
	} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestPythonWhereThereIsNone$", "-test.v")
		cmd.Env = append(os.Environ(), "ORACLE_CHILD=1", "NOWORSE_PYTHON=")
		cmd.Env = append(cmd.Env, run.env...)
		out, err := cmd.CombinedOutput()
		if (err == nil) != run.ok || !strings.Contains(string(out), run.word) {
			t.Errorf("with %v: want %q, got error %v and\n%s", run.env, run.word, err, out)
		}
	}
}
