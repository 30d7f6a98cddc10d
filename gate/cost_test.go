package gate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/result"
)

// TestCostOfOutcomes: the counts are confusion_tn_fp_fn_tp of
// shared/reference/ref20k_metrics.json, lr 11015 1834 3195 3956 and hgb 11006
// 1843 2606 4545 of 20,000 rows.
func TestCostOfOutcomes(t *testing.T) {
	data := shared(t, "reference")
	checks := named(t, t.TempDir(), fmt.Sprintf(`
version: 1
task: binary
data: {eval: {path: %s/ref20k.csv, label: label}}
candidate: {predictions: {label: hgb_pred, score: hgb_p1}}
baseline: {predictions: {label: lr_pred, score: lr_p1}}
metrics:
  profit: {cost: {tp: 100, fp: -900, fn: 0, tn: 0}, max_drop: 2%%}
  expense: {cost: {tp: 10, fp: 900, fn: 50.5, tn: 0}, max_rise: 2%%}
`, data))
	near(t, "profit before", checks["profit"].Baseline, (100*3956-900*1834)/20000.)
	near(t, "profit", checks["profit"].Candidate, (100*4545-900*1843)/20000.)
	near(t, "limit of profit", checks["profit"].Rule.Limit, -62.75-0.02*62.75)
	near(t, "expense", checks["expense"].Candidate, (10*4545+900*1843+50.5*2606)/20000.)
	if c := checks["profit"]; c.Metric != "cost" || c.Verdict != result.Pass || c.Params.Cost != "tp 100, fp -900, fn 0, tn 0" {
		t.Errorf("profit is %s of %s by %+v: %s", c.Verdict, c.Metric, c.Params, c.Reason)
	}
}

func TestCostOfClasses(t *testing.T) {
	want, data := reference(t)["multiclass"].(map[string]any), shared(t, "reference")
	checks := named(t, t.TempDir(), fmt.Sprintf(`
version: 1
task: multiclass
data: {eval: {path: %s/ref_multiclass.csv, label: label}}
candidate: {predictions: {label: pred}}
metrics:
  worth: {cost: {0: {0: 2, 4: -30}, 3: {1: -7}}, min: -100}
`, data))
	cell := func(i, j int) float64 { return want["confusion_rows_true"].([]any)[i].([]any)[j].(float64) }
	near(t, "worth", checks["worth"].Candidate, (2*cell(0, 0)-30*cell(0, 4)-7*cell(3, 1))/10000)
}

const fourLoans = "y,new,old,amount,fee,w\n1,1,0,100,5,1\n0,1,0,40,2,2\n1,0,1,70,3,1\n0,0,0,10,1,4\n"

func loans(metrics string) string {
	return "version: 1\ntask: binary\ndata: {eval: {path: loans.csv, label: y, weight: w}}\n" +
		"candidate: {predictions: {label: new}}\nbaseline: {predictions: {label: old}}\n" + metrics
}

// TestCostOfColumns: worked out by hand. The new model's rows are a tp of 100, an
// fp of -40 twice, an fn and four tn.
func TestCostOfColumns(t *testing.T) {
	dir := write(t, map[string]string{"loans.csv": fourLoans})
	checks := named(t, dir, loans("metrics: {profit: {cost: {tp: fee, fp: -amount, fn: -1.5, tn: 0}, max_drop: 5}}\n"+
		"slices: {min_rows: 1, rules: {lost: {cost: {tp: 0, fp: amount, fn: amount, tn: 0}, max_rise: 100}}, by: [y]}\n"))
	near(t, "profit", checks["profit"].Candidate, (5-2*40-1.5)/8)
	near(t, "profit before", checks["profit"].Baseline, (-1.5+3)/8)
	near(t, "lost of y=1", checks["lost"].Candidate, 70./2) // the last slice
	near(t, "lost of y=1 before", checks["lost"].Baseline, 100./2)
}

// TestCostWithoutABaselineToShare: a share of nothing allows nothing that could
// be checked.
func TestCostWithoutABaselineToShare(t *testing.T) {
	dir := write(t, map[string]string{"loans.csv": fourLoans})
	c := named(t, dir, loans("metrics: {profit: {cost: {tp: 0, fp: -1, fn: 0, tn: 0}, max_drop: 2%}}\n"))["profit"]
	if c.Verdict != result.Error || !strings.Contains(c.Reason, "the baseline is 0") {
		t.Errorf("%s: %s", c.Verdict, c.Reason)
	}
}

func TestCostThatCannotBe(t *testing.T) {
	dir := write(t, map[string]string{
		"loans.csv": strings.Replace(fourLoans, "0,0,0,10", "0,0,0,", 1),
		"pets.csv":  "y,p,amount\ncat,cat,1\ndog,cat,2\n",
	})
	pets := "version: 1\ntask: multiclass\ndata: {eval: {path: pets.csv, label: y}}\ncandidate: {predictions: {label: p}}\n"
	for _, c := range []struct{ spec, message string }{
		{loans("metrics: {profit: {cost: {tp: 1, fp: -amount, fn: 0, tn: 0}, min: 0}}\n"),
			`noworse.yaml:6:38: column "amount": 1 row has a number that is missing, NaN or infinite, such as null`},
		{loans("metrics: {profit: {cost: {tp: 1, fp: amuont, fn: 0, tn: 0}, min: 0}}\n"),
			`noworse.yaml:6:38: the evaluation set has no column "amuont"`},
		{pets + "metrics: {worth: {cost: {cat: {dgo: -1}}, min: 0}}\n", `noworse.yaml:5:37: "dgo" is not a class of column "y"`},
		{pets + "metrics: {worth: {cost: {cow: {dog: -1}}, min: 0}}\n", `noworse.yaml:5:37: "cow" is not a class of column "y"`},
		{pets + "metrics: {worth: {cost: {cat: {dog: p}}, min: 0}}\n", `noworse.yaml:5:37: what a row is worth is a number, and column "p"`},
	} {
		_, err := check(t, dir, c.spec, gate.Options{})
		if err == nil || !strings.Contains(err.Error(), c.message) {
			t.Errorf("got %v\nwant %s", err, c.message)
		}
	}
}
