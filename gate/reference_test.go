package gate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/result"
)

// The numbers of these tests are those of shared/reference/ref20k_metrics.json;
// its _meta says with which versions and definitions they were made.

// named are a run's checks by the name of their rule.
func named(t *testing.T, dir, text string) map[string]result.Check {
	t.Helper()
	r, err := check(t, dir, text, gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]result.Check{}
	for _, c := range r.Checks {
		name := c.Name
		if name == "" {
			name = c.Metric
		}
		all[name] = c
	}
	return all
}

// calibrationRules are the calibration errors as the reference names them.
func calibrationRules(confidences ...string) string {
	var rules strings.Builder
	for short, metric := range map[string]string{"ece": "ece", "mce": "max_calibration_error"} {
		for _, confidence := range confidences {
			of := map[string]string{"positive": "positive_class", "top": "top_label"}[confidence]
			for _, bins := range []int{10, 15} {
				fmt.Fprintf(&rules, "  %s_%s_%d: {metric: %s, confidence: %s, bins: %d, max: 1}\n", short, of, bins, metric, confidence, bins)
			}
		}
	}
	return rules.String()
}

func TestReferenceCalibration(t *testing.T) {
	want, data := reference(t)["binary"], shared(t, "reference")
	checks := named(t, t.TempDir(), fmt.Sprintf(`
version: 1
task: binary
data: {eval: {path: %s/ref20k.csv, label: label}}
candidate: {predictions: {label: lr_pred, score: lr_p1}}
baseline: {predictions: {label: hgb_pred, score: hgb_p1}}
metrics:
  mcc: {min: 0}
  cohen_kappa: {min: 0}
  average_precision: {min: 0}
%s`, data, calibrationRules("positive", "top")))
	for name, c := range checks {
		near(t, "lr "+name, c.Candidate, dig(t, want, "lr", name))
		near(t, "hgb "+name, c.Baseline, dig(t, want, "hgb", name))
	}
	rounded := named(t, t.TempDir(), fmt.Sprintf(`
version: 1
task: binary
data: {eval: {path: %s/ref20k.csv, label: label}}
candidate: {predictions: {score: lr_p1_r2}}
metrics:
  average_precision: {min: 0}
%s`, data, calibrationRules("positive")))
	for name, c := range rounded {
		near(t, "rounded "+name, c.Candidate, dig(t, want, "lr_p1_r2", name))
	}
}

func TestReferencePerClass(t *testing.T) {
	want, data := reference(t)["multiclass"], shared(t, "reference")
	var rules strings.Builder
	names := map[string]string{"precision": "precision", "recall": "recall", "f1": "f1", "roc_auc_ovr": "roc_auc", "average_precision": "average_precision"}
	for k := range 5 {
		for name, m := range names {
			fmt.Fprintf(&rules, "  %s_per_class_%d: {metric: %s, class: %d, min: 0}\n", name, k, m, k)
		}
	}
	checks := named(t, t.TempDir(), fmt.Sprintf(`
version: 1
task: multiclass
data: {eval: {path: %s/ref_multiclass.csv, label: label}}
candidate: {predictions: {label: pred, scores: {0: p0, 1: p1, 2: p2, 3: p3, 4: p4}}}
metrics:
  mcc: {min: 0}
  cohen_kappa: {min: 0}
  cohen_kappa_linear: {min: 0}
  cohen_kappa_quadratic: {min: 0}
  roc_auc_ovr_macro: {min: 0}
  roc_auc_ovr_weighted: {min: 0}
  roc_auc_ovo_macro: {min: 0}
  roc_auc_ovo_weighted: {min: 0}
  average_precision_macro: {min: 0}
  top2_accuracy: {metric: top_k_accuracy, k: 2, min: 0}
  top3_accuracy: {metric: top_k_accuracy, k: 3, min: 0}
%s%s`, data, calibrationRules("top"), rules.String()))
	perClass := want.(map[string]any)["per_class"].(map[string]any)
	for name, c := range checks {
		if m, class, ofClass := strings.Cut(name, "_per_class_"); ofClass {
			values, ok := perClass[m].([]any)
			if !ok {
				values = want.(map[string]any)[m+"_per_class"].([]any)
			}
			near(t, name, c.Candidate, values[class[0]-'0'].(float64))
			continue
		}
		near(t, name, c.Candidate, dig(t, want, name))
	}
}

func TestReferenceResiduals(t *testing.T) {
	want, data := reference(t)["regression"], shared(t, "reference")
	checks := named(t, t.TempDir(), fmt.Sprintf(`
version: 1
task: regression
data: {eval: {path: %s/ref_regression.csv, label: y}}
candidate: {predictions: {label: yhat}}
metrics:
  mape_fraction: {metric: mape, max: 9}
  explained_variance: {min: 0}
  median_ae: {metric: median_absolute_error, max: 9}
  max_error: {max: 99}
  mean_error_yhat_minus_y: {metric: mean_error, max: 9}
  pinball_0.1: {metric: pinball, quantile: 0.1, max: 9}
  pinball_0.5: {metric: pinball, quantile: 0.5, max: 9}
  pinball_0.9: {metric: pinball, quantile: 0.9, max: 9}
  pearson: {min: 0}
  spearman: {min: 0}
`, data))
	for name, c := range checks {
		near(t, name, c.Candidate, dig(t, want, name))
	}
}

// TestClassThatIsNot: a rule about a class that no row can have is refused.
func TestClassThatIsNot(t *testing.T) {
	dir := write(t, map[string]string{"eval.csv": "y,p\ncat,cat\ndog,cat\n"})
	_, err := check(t, dir, `version: 1
task: multiclass
data: {eval: {path: eval.csv, label: y}}
candidate: {predictions: {label: p}}
metrics:
  of_cats: {metric: recall, class: Cat, min: 0.8}
slices:
  rules: {of_owls: {metric: recall, class: owl, min: 0.8}}
  named: {a: "y = 'cat'", b: "y = 'dog'"}
`, gate.Options{})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, part := range []string{`noworse.yaml:6:36: "Cat" is not a class of column "y"`, `did you mean "cat"?`, `noworse.yaml:8:44: "owl" is not a class`} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("no %q in\n%v", part, err)
		}
	}
	if strings.Count(err.Error(), "owl\" is") != 1 {
		t.Errorf("said more than once:\n%v", err)
	}
}
