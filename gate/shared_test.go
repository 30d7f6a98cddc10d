package gate_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/duckdb/duckdb-go-bindings"

	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/result"
)

// sql runs a statement in a database of its own, to make the files of a trial.
func sql(t *testing.T, statement string) {
	t.Helper()
	var db duckdb_go_bindings.Database
	var con duckdb_go_bindings.Connection
	var res duckdb_go_bindings.Result
	duckdb_go_bindings.Open("", &db)
	defer duckdb_go_bindings.Close(&db)
	duckdb_go_bindings.Connect(db, &con)
	defer duckdb_go_bindings.Disconnect(&con)
	defer duckdb_go_bindings.DestroyResult(&res)
	if duckdb_go_bindings.Query(con, statement, &res) == duckdb_go_bindings.StateError {
		t.Fatalf("%s: %s", statement, duckdb_go_bindings.ResultError(&res))
	}
}

// find is the check with this id.
func find(t *testing.T, r *result.Result, id string) result.Check {
	t.Helper()
	for _, c := range r.Checks {
		if c.ID == id {
			return c
		}
	}
	t.Fatalf("no check %s", id)
	return result.Check{}
}

// near holds a value to a reference, to 1e-12 of it.
func near(t *testing.T, what string, got *float64, want float64) {
	t.Helper()
	if got == nil || math.Abs(*got-want) > 1e-12*max(1, math.Abs(want)) {
		t.Errorf("%s: %v, want %.17g", what, format(got), want)
	}
}

func format(x *float64) string {
	if x == nil {
		return "none"
	}
	return fmt.Sprintf("%.17g", *x)
}

// TestACSIncome: the numbers are those of shared/design/statistics.md, which has
// them from an independent computation on data/acsincome; RAC1P = 7 and SEX = 1
// are the issue's.
func TestACSIncome(t *testing.T) {
	data := shared(t, "data/acsincome")
	dir := t.TempDir()
	sql(t, fmt.Sprintf("COPY (SELECT * FROM '%s/oversampling60.parquet' ORDER BY hash(\"index\")) TO '%s/shuffled.parquet'", data, dir))
	var first *result.Result
	for _, candidate := range []string{data + "/oversampling60.parquet", dir + "/shuffled.parquet"} {
		r, err := check(t, dir, fmt.Sprintf(`
version: 1
task: binary
data:
  eval: {path: %[1]s/eval.parquet, id: index, label: PINCP}
candidate: {predictions: {path: %[2]s, label: predictions}}
baseline: {predictions: {path: %[1]s/lgbm57.parquet, label: predictions}}
metrics: {accuracy: 0.02}
slices:
  by: [SEX, RAC1P, [RAC1P, SEX]]
`, data, candidate), gate.Options{})
		if err != nil {
			t.Fatal(err)
		}
		c := find(t, r, "metric/accuracy/max_drop")
		if *c.Baseline != .820225292880745 || *c.Candidate != .8179783718834485 {
			t.Errorf("accuracy %.17g and %.17g", *c.Baseline, *c.Candidate)
		}
		if r.Data.Eval.Rows != 332900 || r.Flips.Negative != 6667 || r.Flips.Positive != 5919 {
			t.Errorf("%d rows, flips %+v", r.Data.Eval.Rows, r.Flips)
		}
		s := find(t, r, "slice/RAC1P=7,SEX=1/accuracy/max_drop")
		if *s.Rows != 7032 || s.Details.Flips.Negative != 179 || s.Details.Flips.Positive != 129 ||
			fmt.Sprintf("%.4f %.5f", *s.Baseline, *s.Candidate) != "0.8349 0.82779" {
			t.Errorf("%s: %d rows, %v to %v, flips %+v", s.ID, *s.Rows, *s.Baseline, *s.Candidate, s.Details.Flips)
		}
		holdEvidence(t, c, s)
		if first == nil {
			first = r
			continue
		}
		if r.Candidate.Fingerprint != first.Candidate.Fingerprint || r.Data.Eval.Fingerprint != first.Data.Eval.Fingerprint {
			t.Error("the same predictions in another order have another fingerprint")
		}
	}
}

// TestCOMPAS: the counts are those of shared/design/statistics.md, known from
// the literature on ProPublica's data.
func TestCOMPAS(t *testing.T) {
	data := shared(t, "data/compas")
	r, err := check(t, t.TempDir(), fmt.Sprintf(`
version: 1
task: binary
data: {eval: {path: %s/compas.csv, id: entity_id, label: label_value}}
candidate: {predictions: {score: score}, threshold: 0.5}
slices:
  rules: {precision: {min: 0}, recall: {min: 0}, specificity: {min: 0}}
  by: [race]
`, data), gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for race, n := range map[string][4]float64{"African-American": {1369, 805, 532, 990}, "Caucasian": {505, 349, 461, 1139}} {
		tp, fp, fn, tn := n[0], n[1], n[2], n[3]
		near(t, race+" precision", find(t, r, "slice/race="+race+"/precision/min").Candidate, tp/(tp+fp))
		near(t, race+" recall", find(t, r, "slice/race="+race+"/recall/min").Candidate, tp/(tp+fn))
		near(t, race+" specificity", find(t, r, "slice/race="+race+"/specificity/min").Candidate, tn/(tn+fp))
	}
}

// TestCalifornia: areas under the ROC curve from shared/design/statistics.md. The
// labels of the second part come from a table of their own, joined by id.
func TestCalifornia(t *testing.T) {
	data := shared(t, "data/california")
	for _, part := range []struct {
		path, join string
		auc        float64
	}{
		{"reference.csv", "", .9079415179034716},
		{"analysis.csv", fmt.Sprintf("join: [{path: %s/analysis_labels.csv, id: id}], ", data), .8402458783370228},
	} {
		r, err := check(t, t.TempDir(), fmt.Sprintf(`
version: 1
task: binary
data: {eval: {path: %s/%s, %sid: id, label: clf_target, time: timestamp}}
candidate: {predictions: {label: y_pred, score: y_pred_proba}}
metrics: {roc_auc: {min: 0.8}}
slices:
  rules: {accuracy: {min: 0.5}}
  named: {early: "timestamp < TIMESTAMP '2013-01-01'", dear: "MedInc > 5"}
`, data, part.path, part.join), gate.Options{})
		if err != nil {
			t.Fatal(err)
		}
		near(t, part.path, find(t, r, "metric/roc_auc/min").Candidate, part.auc)
	}
}

// TestBike predicts the hires of an hour by those of registered users, so that
// the mean absolute error is the mean number of casual users: sum(casual) is
// 620,017 over 17,379 rows (counted by awk).
func TestBike(t *testing.T) {
	data := shared(t, "data/bike")
	r, err := check(t, t.TempDir(), fmt.Sprintf(`
version: 1
task: regression
data: {eval: {path: %s/hour.csv, id: instant, label: cnt, time: dteday}}
candidate: {predictions: {label: registered}}
baseline: {predictions: {label: casual}}
metrics: {mae: 5%%, rmse: 5%%, r2: {min: 0.5}}
slices:
  rules: {mae: {max_rise: 10%%}}
  by: [season, [yr, workingday]]
`, data), gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := find(t, r, "metric/mae/max_rise")
	near(t, "mae", c.Candidate, 620017.0/17379)
	if r.Exit != 0 || r.Flips != nil {
		t.Errorf("exit %d, flips %v", r.Exit, r.Flips)
	}
}

// TestAdult has text labels, hyphenated names and nulls; the predictions are
// rules of thumb.
func TestAdult(t *testing.T) {
	data := shared(t, "data/adult")
	dir := t.TempDir()
	sql(t, fmt.Sprintf(`COPY (SELECT *, row_number() OVER () AS id,
		CASE WHEN "education-num" > 12 THEN '>50K' ELSE '<=50K' END AS school,
		CASE WHEN "education-num" > 12 AND "hours-per-week" >= 40 THEN '>50K' ELSE '<=50K' END AS work
		FROM '%s/adult.parquet') TO '%s/adult.parquet'`, data, dir))
	r, err := check(t, dir, `
version: 1
task: binary
data: {eval: {path: adult.parquet, id: id, label: class, positive: ">50K"}}
candidate: {predictions: {label: work}}
baseline: {predictions: {label: school}}
metrics: {accuracy: 0.02, f1_weighted: 2%, precision: {min: 0.4}}
slices:
  named: {rich: '"capital-gain" > 5000', unknown_work: workclass IS NULL}
  by: [sex, race, [marital-status, sex], workclass]
`, gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Data.Eval.Rows != 48842 {
		t.Errorf("%d rows", r.Data.Eval.Rows)
	}
	a, b := find(t, r, "slice/workclass=NULL/accuracy/max_drop"), find(t, r, "slice/unknown_work/accuracy/max_drop")
	if *a.Rows != *b.Rows || *a.Candidate != *b.Candidate {
		t.Errorf("the slice of nulls by column and by predicate: %d rows %v, %d rows %v", *a.Rows, *a.Candidate, *b.Rows, *b.Candidate)
	}
}

// reference is shared/reference/ref20k_metrics.json: scikit-learn 1.2.1 on
// numpy 1.24.2.
func reference(t *testing.T) map[string]any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(shared(t, "reference"), "ref20k_metrics.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// dig follows keys.
func dig(t *testing.T, from any, keys ...string) float64 {
	t.Helper()
	for _, k := range keys {
		m, ok := from.(map[string]any)
		if !ok || m[k] == nil {
			t.Fatalf("the reference has no %s", strings.Join(keys, "/"))
		}
		from = m[k]
	}
	return from.(float64)
}

func TestReferenceBinary(t *testing.T) {
	want, data := reference(t)["binary"], shared(t, "reference")
	r, err := check(t, t.TempDir(), fmt.Sprintf(`
version: 1
task: binary
data: {eval: {path: %s/ref20k.csv, label: label}}
candidate: {predictions: {label: lr_pred, score: lr_p1}}
baseline: {predictions: {score: hgb_p1}}
metrics: {accuracy: 1%%, balanced_accuracy: 1%%, precision: 1%%, recall: 1%%, f1: 1%%,
  precision_macro: 1%%, recall_macro: 1%%, f1_macro: 1%%, precision_weighted: 1%%, recall_weighted: 1%%, f1_weighted: 1%%,
  precision_micro: 1%%, recall_micro: 1%%, f1_micro: 1%%, roc_auc: 1%%, log_loss: 1%%, brier: 1%%,
  high_confidence_error_rate: {above: 0.9, max_rise: 0.001}, specificity: 1%%, positive_rate: {max_change: 0.01}}
`, data), gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	names := map[string][]string{
		"accuracy": {"accuracy"}, "balanced_accuracy": {"balanced_accuracy"}, "roc_auc": {"roc_auc"},
		"log_loss": {"log_loss"}, "brier": {"brier"}, "high_confidence_error_rate": {"high_conf_error_rate_gt_0.9"},
	}
	for _, m := range []string{"precision", "recall", "f1"} {
		names[m] = []string{"prf", "binary", m}
		for _, average := range []string{"macro", "weighted", "micro"} {
			names[m+"_"+average] = []string{"prf", average, m}
		}
	}
	for metric, keys := range names {
		for _, c := range r.Checks {
			if c.Metric == metric {
				near(t, "lr "+metric, c.Candidate, dig(t, want, append([]string{"lr"}, keys...)...))
				near(t, "hgb "+metric, c.Baseline, dig(t, want, append([]string{"hgb"}, keys...)...))
			}
		}
	}
	near(t, "specificity", find(t, r, "metric/specificity/max_drop").Candidate, 11015.0/(11015+1834))
	near(t, "positive_rate", find(t, r, "metric/positive_rate/max_change").Candidate, (1834+3956)/20000.0)
}

// TestReferenceTies has scores rounded to two digits.
func TestReferenceTies(t *testing.T) {
	want, data := reference(t)["binary"], shared(t, "reference")
	r, err := check(t, t.TempDir(), fmt.Sprintf(`
version: 1
task: binary
data: {eval: {path: %s/ref20k.csv, label: label}}
candidate: {predictions: {score: lr_p1_r2}}
metrics: {roc_auc: {min: 0.5}, log_loss: {max: 1}, brier: {max: 1}}
`, data), gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "roc_auc", find(t, r, "metric/roc_auc/min").Candidate, dig(t, want, "lr_p1_r2", "roc_auc"))
	near(t, "log_loss", find(t, r, "metric/log_loss/max").Candidate, dig(t, want, "lr_p1_r2", "log_loss"))
	near(t, "brier", find(t, r, "metric/brier/max").Candidate, dig(t, want, "lr_p1_r2", "brier"))
}

func TestReferenceSlices(t *testing.T) {
	want, data := reference(t)["slices"].(map[string]any), shared(t, "reference")
	r, err := check(t, t.TempDir(), fmt.Sprintf(`
version: 1
task: binary
data: {eval: {path: %s/ref20k.csv, label: label}}
candidate: {predictions: {label: hgb_pred, score: hgb_p1}}
baseline: {predictions: {label: lr_pred, score: lr_p1}}
slices:
  rules: {accuracy: 0.03, f1: 0.03, roc_auc: 0.03}
  by: [tier, platform, region, channel]
`, data), gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, numbers := range want {
		for _, metric := range []string{"accuracy", "f1", "roc_auc"} {
			c := find(t, r, "slice/"+name+"/"+metric+"/max_drop")
			if float64(*c.Rows) != dig(t, numbers, "n") {
				t.Errorf("%s: %d rows", name, *c.Rows)
			}
			near(t, name+" hgb "+metric, c.Candidate, dig(t, numbers, "hgb_"+metric))
			near(t, name+" lr "+metric, c.Baseline, dig(t, numbers, "lr_"+metric))
		}
	}
}

func TestReferenceMulticlass(t *testing.T) {
	want, data := reference(t)["multiclass"], shared(t, "reference")
	r, err := check(t, t.TempDir(), fmt.Sprintf(`
version: 1
task: multiclass
data: {eval: {path: %s/ref_multiclass.csv, label: label}}
candidate: {predictions: {label: pred, scores: {0: p0, 1: p1, 2: p2, 3: p3, 4: p4}}}
metrics: {accuracy: {min: 0}, balanced_accuracy: {min: 0}, log_loss: {max: 9}, brier: {max: 9},
  precision_macro: {min: 0}, recall_macro: {min: 0}, f1_macro: {min: 0}, precision_weighted: {min: 0}, recall_weighted: {min: 0},
  f1_weighted: {min: 0}, precision_micro: {min: 0}, recall_micro: {min: 0}, f1_micro: {min: 0}}
`, data), gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Checks {
		keys := []string{c.Metric}
		if c.Metric == "brier" {
			keys = []string{"brier_sum_over_classes"}
		}
		if kind, average, ok := strings.Cut(c.Metric, "_"); ok && (average == "macro" || average == "weighted" || average == "micro") {
			keys = []string{"prf", average, kind}
		}
		near(t, c.Metric, c.Candidate, dig(t, want, keys...))
	}
}

func TestReferenceRegression(t *testing.T) {
	want, data := reference(t)["regression"], shared(t, "reference")
	r, err := check(t, t.TempDir(), fmt.Sprintf(`
version: 1
task: regression
data: {eval: {path: %s/ref_regression.csv, label: y}}
candidate: {predictions: {label: yhat}}
metrics: {mae: {max: 9}, mse: {max: 9}, rmse: {max: 9}, r2: {min: 0}}
`, data), gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Checks {
		near(t, c.Metric, c.Candidate, dig(t, want, c.Metric))
	}
}

// holdEvidence holds what issue 4 says of ACSIncome: accuracy is within a margin
// of 0.02 and proven, the drop is real and said, and the slice is judged in its
// family. P-values: scipy 1.10.1, binom.sf(6666, 12586, .5) and binom.sf(178, 308, .5).
func holdEvidence(t *testing.T, whole, slice result.Check) {
	t.Helper()
	if whole.Verdict != result.Pass || !*whole.Proven || !whole.Evidence.Worse || whole.Reason != "worse, within its limit" ||
		whole.Evidence.Method != "tango" || math.Abs(*whole.Evidence.PWorse/1.3652486484929495e-11-1) > 1e-9 || !(*whole.Evidence.PMargin < 1e-100) {
		t.Errorf("%s: %s, %q, %+v", whole.ID, whole.Verdict, whole.Reason, whole.Evidence)
	}
	if in := *whole.Interval; !(in[0] < -.0022469 && -.0022469 < in[1] && in[1] < 0 && in[1]-in[0] < .0015) {
		t.Errorf("%s: %v", whole.ID, in)
	}
	e := slice.Evidence
	if slice.Verdict != result.Pass || !*slice.Proven || math.Abs(*e.PWorse/.0025772725197719744-1) > 1e-9 || e.Alpha != .025 ||
		e.Tests < 20 || !(*e.PAdjusted > *e.PWorse) || *e.PAdjusted > *e.PWorse*float64(e.Tests) {
		t.Errorf("%s: %s, %q, %+v", slice.ID, slice.Verdict, slice.Reason, e)
	}
}
