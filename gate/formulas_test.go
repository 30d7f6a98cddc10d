package gate_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/result"
)

// TestFormulasAgreeWithMetrics: what noworse counts, written in SQL, is the same
// number, of each model, on the whole set and on every slice, however labels and
// answers are written.
func TestFormulasAgreeWithMetrics(t *testing.T) {
	binary := [][2]string{
		{"accuracy", "avg(label = prediction)"}, {"recall", "count(*) FILTER (WHERE label = 1 AND prediction = 1) / count(*) FILTER (WHERE label = 1)"},
		{"precision", "sum(label * prediction) / sum(prediction)"}, {"positive_rate", "avg(prediction)"},
		{"specificity", "avg(1 - prediction) FILTER (WHERE label = 0)"}, {"brier", "avg((label - score) ** 2)"},
		{"log_loss", "avg(-ln(CASE label WHEN 1 THEN score ELSE 1 - score END))"},
	}
	for name, c := range map[string]struct {
		labels, old, fresh [2]string
		data, model        string
	}{
		"numbers":           {[2]string{"0", "1"}, [2]string{"0", "1"}, [2]string{"0", "1"}, "", "label: %s, score: %[1]s_p"},
		"doubles":           {[2]string{"0.0", "1.0"}, [2]string{"false", "true"}, [2]string{"0", "1"}, "", "label: %s, score: %[1]s_p"},
		"texts":             {[2]string{"yes", "no"}, [2]string{"yes", "no"}, [2]string{"yes", "no"}, ", positive: \"no\"", "label: %s, score: %[1]s_p"},
		"minus one and one": {[2]string{"-1", "1"}, [2]string{"-1", "1"}, [2]string{"-1", "1"}, "", "label: %s, score: %[1]s_p"},
		"from scores":       {[2]string{"false", "true"}, [2]string{"x", "x"}, [2]string{"x", "x"}, "", "score: %s_p"},
	} {
		t.Run(name, func(t *testing.T) {
			data := lines("id,y,old,new,old_p,new_p,group", 400, func(i int) string {
				return fmt.Sprintf("%d,%s,%s,%s,0.%d,0.%d,g%d", i, c.labels[i*7%11%2], c.old[i*5%13%2], c.fresh[i*3%7%2], 1+i%8, 1+i*5%9, i%3)
			})
			dir := write(t, map[string]string{"eval.csv": data})
			r, err := check(t, dir, fmt.Sprintf(`
version: 1
task: binary
data: {eval: {path: eval.csv, id: id, label: y%s}}
candidate: {predictions: {%s}}
baseline: {predictions: {%s}}
%s`, c.data, fmt.Sprintf(c.model, "new"), fmt.Sprintf(c.model, "old"), twice(binary)), gate.Options{})
			agree(t, r, err)
		})
	}
}

// twice has each metric under its name and, as SQL, under its name and _sql.
func twice(metrics [][2]string) string {
	var rules strings.Builder
	for _, m := range metrics {
		fmt.Fprintf(&rules, "    %s: {min: 0}\n    %[1]s_sql: {sql: %q, min: 0}\n", m[0], m[1])
	}
	return "metrics:\n" + rules.String() + "slices:\n  min_rows: 1\n  named: {low: id < 90, none: id < 0}\n  by: [group]\n  rules:\n" + rules.String()
}

// agree holds each check of a metric to that of its SQL.
func agree(t *testing.T, r *result.Result, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	byID := map[string]result.Check{}
	for _, c := range r.Checks {
		byID[c.ID] = c
	}
	compared := 0
	for id, sql := range byID {
		c, ok := byID[strings.Replace(id, "_sql/", "/", 1)]
		if !ok || c.ID == id || c.Candidate == nil {
			continue
		}
		compared++
		near(t, id, sql.Candidate, *c.Candidate)
		near(t, id+" of the baseline", sql.Baseline, *c.Baseline)
	}
	if compared < 10 {
		t.Errorf("only %d checks are compared", compared)
	}
}

func TestFormulasOfOtherTasks(t *testing.T) {
	classes := lines("id,y,old,new,a,b,c,group", 300, func(i int) string {
		p := [3]float64{0.2, 0.2, 0.2}
		p[i*5%13%3] = 0.6
		return fmt.Sprintf("%d,%c,%c,%c,%v,%v,%v,g%d", i, 'a'+i*7%11%3, 'a'+i*5%7%3, 'a'+i*3%5%3, p[0], p[1], p[2], i%3)
	})
	numbers := lines("id,y,old,new,group", 300, func(i int) string {
		return fmt.Sprintf("%d,%v,%v,%v,g%d", i, float64(i%17)/3, float64(i%13)/3, float64(i%11)/3, i%3)
	})
	dir := write(t, map[string]string{"classes.csv": classes, "numbers.csv": numbers})
	r, err := check(t, dir, `
version: 1
task: multiclass
data: {eval: {path: classes.csv, id: id, label: y}}
candidate: {predictions: {scores: {a: a, b: b, c: c}}}
baseline: {predictions: {label: old, scores: {a: b, b: c, c: a}}}
`+twice([][2]string{
		{"accuracy", "avg(label = prediction)"},
		{"recall_macro", "(avg(label = prediction) FILTER (WHERE label = 'a') + avg(label = prediction) FILTER (WHERE label = 'b') + avg(label = prediction) FILTER (WHERE label = 'c')) / 3"},
	}), gate.Options{})
	agree(t, r, err)
	// score is the probability of the class that was answered.
	r, err = check(t, dir, `
version: 1
task: multiclass
data: {eval: {path: classes.csv, id: id, label: y}}
candidate: {predictions: {scores: {a: a, b: b, c: c}}}
baseline: {predictions: {label: old, scores: {a: a, b: b, c: c}}}
metrics:
  top: {sql: avg(score), min: 0.59}
  old: {sql: "max(abs(score - CASE prediction WHEN 'a' THEN a WHEN 'b' THEN b ELSE c END))", max: 0}
`, gate.Options{})
	if err != nil || r.Exit != 0 || math.Abs(*r.Checks[0].Candidate-0.6) > 1e-15 || *r.Checks[0].Baseline > 0.5 || *r.Checks[1].Baseline != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	r, err = check(t, dir, `
version: 1
task: regression
data: {eval: {path: numbers.csv, id: id, label: y}}
candidate: {predictions: {label: new}}
baseline: {predictions: {label: old}}
`+strings.ReplaceAll(twice([][2]string{
		{"mae", "avg(abs(label - prediction))"}, {"rmse", "sqrt(avg((label - prediction) ** 2))"}, {"mean_error", "avg(prediction - label)"},
		{"r2", "1 - sum((label - prediction) ** 2) / regr_syy(label, prediction)"},
	}), "min: 0}", "min: -9}"), gate.Options{})
	agree(t, r, err)
}

// TestFormulasWithoutANumberNeverPass: null, NaN and infinity are errors, of the
// whole set and of slices.
func TestFormulasWithoutANumberNeverPass(t *testing.T) {
	data := lines("id,y,old,new,amount,group", 200, func(i int) string {
		return fmt.Sprintf("%d,%d,0.4,0.6,%d,g%d", i, i%2, i%2*i, i%2)
	})
	dir := write(t, map[string]string{"eval.csv": data})
	for sql, want := range map[string]string{
		"sum(amount) FILTER (WHERE amount < 0)":          "mine has no value here: its SQL gives null",
		"avg(amount) / (count(*) - count(amount))":       "mine is not a finite number here",
		"(avg(label) - avg(label)) / (avg(label) * 0)":   "mine is not a finite number here",
		"sum(amount * 'nan'::DOUBLE)":                    "mine is not a finite number here",
		"max(amount + 'inf'::DOUBLE)":                    "mine is not a finite number here",
		"ln(min(amount))":                                "mine has no value here: cannot take logarithm of zero",
		"stddev(amount) FILTER (WHERE id = 7)":           "its SQL gives null",
		"regr_slope(amount, label) FILTER (WHERE y = 1)": "its SQL gives null",
		"exp(sum(amount))":                               "mine is not a finite number here",
	} {
		r, err := check(t, dir, twoModels+fmt.Sprintf("metrics: {mine: {sql: %q, max_rise: 9, max: 1.0e+300, min: -1.0e+300}}\n", sql), gate.Options{})
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		for _, c := range r.Checks {
			if c.Verdict != result.Error || !strings.Contains(c.Reason, want) || c.Candidate != nil || r.Exit != 2 {
				t.Errorf("%s: %s is %s (%s), exit %d; want an error with %q", sql, c.ID, c.Verdict, c.Reason, r.Exit, want)
			}
		}
	}
	r, err := check(t, dir, twoModels+"slices: {by: [group], rules: {mine: {sql: ln(sum(amount)), min: 0}}}\n", gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if c := find(t, r, "slice/group=g0/mine/min"); c.Verdict != result.Error || !strings.Contains(c.Reason, "logarithm of zero") {
		t.Errorf("%s (%s)", c.Verdict, c.Reason)
	}
	if c := find(t, r, "slice/group=g1/mine/min"); c.Verdict != result.Pass || *c.Candidate != math.Log(10000) {
		t.Errorf("%s (%s)", c.Verdict, c.Reason)
	}
}

// TestFormulasAreRules: margins, severities, names, slices and a baseline of 0 are
// as of any metric; weights do not count unless the SQL says so.
func TestFormulasAreRules(t *testing.T) {
	data := lines("id,y,old,new,amount,w,group", 100, func(i int) string {
		return fmt.Sprintf("%d,1,%v,%v,%d,%d,g%d", i, 0.9, 0.9-0.8*float64(i/90), 10, i%2, i%2)
	})
	dir := write(t, map[string]string{"eval.csv": data})
	text := strings.Replace(twoModels, "label: y", "label: y, weight: w, classes: [0, 1]", 1)
	lost := "sql: sum(amount * (label <> prediction)::INT)"
	for rule, want := range map[string]string{
		"{" + lost + ", max_rise: 100}":                            "pass worse, within its limit (not proven)",
		"{" + lost + ", max_rise: 99}":                             "fail worse overall: 10 rows became wrong and 0 right; chance would do this once in 1,000",
		"{" + lost + ", max_rise: 99, severity: warn}":             "fail worse overall: 10 rows became wrong and 0 right; chance would do this once in 1,000",
		"{" + lost + ", better: lower, max: 99}":                   "inconclusive above the maximum of 99, but so close that chance can do that",
		"{" + lost + ", max_rise: 2%}":                             "error the baseline is 0 and the limit is a share of it: write max_rise as a number",
		"{" + lost + ", max_change: 99}":                           "fail changed overall: 10 rows became wrong and 0 right; chance would do this once in 510",
		"{sql: avg(label = prediction), max_drop: 10%}":            "pass worse, within its limit (not proven)",
		"{sql: avg(label = prediction), max_drop: 9.9%}":           "fail worse overall: 10 rows became wrong and 0 right; chance would do this once in 1,000",
		"{sql: count(*), max_change: 0, min: 100}":                 "pass the same as the baseline",
		"{sql: sum(w * amount), min: 500, max: 500}":               "pass keeps the minimum of 500 (not proven)",
		"{sql: \"count(DISTINCT \\\"group\\\")\", min: 2, max: 2}": "pass keeps the minimum of 2; chance is not known: it is of sums, means and numbers of rows, and not of count(DISTINCT)",
	} {
		r, err := check(t, dir, text+"metrics: {mine: "+rule+"}\n", gate.Options{})
		if err != nil {
			t.Errorf("%s: %v", rule, err)
			continue
		}
		c := r.Checks[0]
		if got := string(c.Verdict) + " " + c.Reason; got != want || c.Metric != "sql" || c.Name != "mine" || c.Kind != "metric" {
			t.Errorf("%s: %s, want %s (%+v)", rule, got, want, c)
		}
	}
	r, err := check(t, dir, text+`metrics: {most: {sql: max(amount), max: 10}}
slices:
  min_rows: 20
  rules: {lost: {`+lost+`, max_rise: 60}}
  named: {late: {where: id >= 80, rules: {most: {sql: min(id), min: 80}}}, few: id > 95}
  by: [group]
`, gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{
		"metric/most/max": "pass", "slice/late/lost/max_rise": "fail", "slice/late/most/min": "pass", "slice/few/lost/max_rise": "skipped",
		"slice/group=g0/lost/max_rise": "pass", "slice/group=g1/lost/max_rise": "pass",
	} {
		if c := find(t, r, id); string(c.Verdict) != want {
			t.Errorf("%s is %s (%s), want %s", id, c.Verdict, c.Reason, want)
		}
	}
	if c := find(t, r, "slice/group=g1/lost/max_rise"); *c.Candidate != 50 || *c.Baseline != 0 {
		t.Errorf("%v, %v", *c.Candidate, *c.Baseline)
	}
}

// TestFormulasThatMeanNothing are refused with their place in the spec.
func TestFormulasThatMeanNothing(t *testing.T) {
	data := lines("id,y,old,new,amount,label,prediction,score,Amount2", 60, func(i int) string {
		return fmt.Sprintf("%d,%d,0.5,0.6,%d,1,1,1,%d", i, i%2, 30-i, i)
	})
	dir := write(t, map[string]string{"eval.csv": data, "plain.csv": lines("id,y,old,new,amount", 60, func(i int) string { return fmt.Sprintf("%d,%d,0,1,%d", i, i%2, i) })})
	plain := strings.NewReplacer("eval.csv", "plain.csv", "score:", "label:").Replace(twoModels)
	for name, c := range map[string]struct{ spec, sql, want, hint string }{
		"two meanings of label":      {twoModels, "sum(label)", "label is what a metric in SQL calls the true label, and the evaluation set has a column of that name too", "rename the column"},
		"two meanings of prediction": {twoModels, "sum(prediction)", "calls the model's answer", "rename"},
		"two meanings of score":      {twoModels, "sum(score)", "calls the model's score", "rename"},
		"one meaning of score":       {strings.Replace(twoModels, "score: new", "score: score", 1), "avg(score)", "", ""},
		"no scores":                  {plain, "sum(score)", "metric mine reads score, and the candidate gives none", "add its column"},
		"a regression's score":       {strings.Replace(plain, "binary", "regression", 1), "sum(score)", "a regression has no score", "`prediction`"},
		"an unknown column":          {twoModels, "sum(amuont)", `there is no column "amuont"`, `did you mean "amount"?`},
		"a name misspelled":          {plain, "sum(predicton)", `there is no column "predicton"`, `did you mean "prediction"?`},
		"text in double quotes":      {twoModels, `count(*) FILTER (WHERE amount = "x")`, `there is no column "x"`, "single quotes"},
		"a bare column":              {twoModels, "amount / 2", "amount stands outside of an aggregate", ""},
		"a window":                   {twoModels, "sum(amount) OVER ()", "window functions are not allowed", ""},
		"text":                       {twoModels, "max(amount)::VARCHAR", "it gives text values: a metric is a number", ""},
		"a late failure":             {twoModels, "avg(ln(30 - id))", "metric mine fails on some rows: cannot take logarithm of zero", ""},
		"an early failure":           {twoModels, "avg(sqrt(amount - 30))", "metric mine: cannot take square root of a negative number", ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := dir
			if name == "a late failure" { // beyond the rows that are tried
				more := lines("id,y,old,new,amount", 9000, func(i int) string { return fmt.Sprintf("%d,%d,0.5,0.6,%d", i, i%2, i) })
				dir = write(t, map[string]string{"eval.csv": more})
				c.sql = "avg(ln(8000 - id))"
			}
			_, err := check(t, dir, c.spec+fmt.Sprintf("metrics:\n  mine: {sql: %q, min: -1.0e+300}\n", c.sql), gate.Options{})
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.hint) || !strings.Contains(err.Error(), "noworse.yaml:8:15: ") || !strings.Contains(err.Error(), "^^^") {
				t.Errorf("%v\nwant %q and %q at 8:15", err, c.want, c.hint)
			}
		})
	}
}

func TestFormulasThatHoldValuesHaveALimit(t *testing.T) {
	dir := write(t, map[string]string{"eval.csv": lines("id,y,old,new", 60, func(i int) string { return fmt.Sprintf("%d,%d,0.5,0.6", i, i%2) })})
	for sql, refused := range map[string]bool{"median(id)": true, "count(DISTINCT id)": true, "avg(id)": false} {
		_, err := check(t, dir, twoModels+fmt.Sprintf("metrics: {mine: {sql: %q, min: 0}}\n", sql), gate.Options{MaxExact: 59})
		if (err != nil) != refused || err != nil && !strings.Contains(err.Error(), "holds all values in memory") {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

func TestFormulasAreTheSameBytesAtAnyNumberOfThreads(t *testing.T) {
	data := lines("id,y,amount,group,sub", 60_000, func(i int) string {
		return fmt.Sprintf("%d,%d,%.3f,g%d,s%d", i, i*31%2, 1e6+0.001*float64(i*7919%60_000), i*17%5, i*13%11)
	})
	model := func(shift int) string {
		return lines("id,p", 60_000, func(i int) string { return fmt.Sprintf("%d,%.5f", 59_999-i, float64((i+shift)*7919%60_000)/60_000) })
	}
	dir := write(t, map[string]string{"eval.csv": data, "new.csv": model(1), "old.csv": model(2)})
	text := `
version: 1
task: binary
data: {eval: {path: eval.csv, id: id, label: y}}
candidate: {predictions: {path: new.csv, score: p}}
baseline: {predictions: {path: old.csv, score: p}}
metrics: {a: {sql: sum(amount * abs(label - score)) / sum(amount), max_rise: 9}, b: {sql: "stddev(amount) + corr(amount, score)", max_rise: 9}}
slices:
  min_rows: 10
  rules: {c: {sql: avg(amount * score) + median(score) - count(DISTINCT sub), max_rise: 1.0e+9}, a: {sql: sum(amount * abs(label - score)) / sum(amount), max_rise: 9}}
  named: {some: amount > 1000030}
  by: [group, [group, sub]]
`
	if r := sameBytes(t, dir, text); r.Counts.Error+r.Counts.Skipped > 0 {
		t.Errorf("%+v", r.Counts)
	}
}
