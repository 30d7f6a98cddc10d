package gate_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/result"
)

// write puts files into a new directory.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// lines is a CSV of generated rows.
func lines(header string, n int, row func(i int) string) string {
	var b strings.Builder
	b.WriteString(header + "\n")
	for i := range n {
		b.WriteString(row(i) + "\n")
	}
	return b.String()
}

const twoModels = `
version: 1
task: binary
data: {eval: {path: eval.csv, id: id, label: y}}
candidate: {predictions: {score: new}}
baseline: {predictions: {score: old}}
`

func TestVerdictsAndExitCodes(t *testing.T) {
	// 100 rows, half of them positive. The old model is right on 90, the new on
	// 80: 10 rows become wrong, all of them in group b.
	data := lines("id,y,old,new,group", 100, func(i int) string {
		y := i % 2
		right, wrong := float64(y)*0.8+0.1, 0.9-float64(y)*0.8
		old, fresh, group := right, right, "a"
		if i >= 90 {
			old, fresh = wrong, wrong
		}
		if i >= 80 && i < 90 {
			fresh, group = wrong, "b"
		}
		return fmt.Sprintf("%d,%d,%v,%v,%s", i, y, old, fresh, group)
	})
	dir := write(t, map[string]string{"eval.csv": data})
	for name, c := range map[string]struct {
		rules   string
		exit    int
		verdict result.Verdict
	}{
		"within":                {"metrics: {accuracy: 0.1}", 0, result.Pass},
		"beyond":                {"metrics: {accuracy: 0.09}", 1, result.Fail},
		"relative within":       {"metrics: {accuracy: 11.2%}", 0, result.Pass},
		"relative beyond":       {"metrics: {accuracy: 11.1%}", 1, result.Fail},
		"beyond, a warning":     {"metrics: {accuracy: {max_drop: 0.01, severity: warn}, f1: {min: 0.1}}", 0, result.Pass},
		"minimum kept":          {"metrics: {accuracy: {min: 0.8}}", 0, result.Pass},
		"minimum missed":        {"metrics: {accuracy: {min: 0.88}}", 1, result.Fail}, // 80 of 100 right: Wilson 95 % .711 to .867
		"minimum nearly missed": {"metrics: {accuracy: {min: 0.81}}", 3, result.Inconclusive},
		"maximum missed":        {"metrics: {log_loss: {max: 0.1}}", 1, result.Fail},
		"change":                {"metrics: {positive_rate: {max_change: 0.5}}", 0, result.Pass},
		"slice by column":       {"slices: {min_rows: 5, by: [{columns: [group], severity: block}]}", 1, result.Fail},
		"by column only warn":   {"slices: {min_rows: 5, by: [group]}", 0, result.Pass},
		"named slice":           {`slices: {min_rows: 5, named: {b: '"group" = ''b'''}}`, 1, result.Fail},
		"only skipped":          {`slices: {min_rows: 50, named: {b: '"group" = ''b'''}}`, 3, result.Inconclusive},
		"only a warning passes": {"slices: {min_rows: 50, rules: {accuracy: 0.2}, named: {b: new > 2}, by: [y]}", 3, result.Inconclusive},
		"empty slice":           {`slices: {min_rows: 1, named: {z: '"group" = ''z'''}}`, 3, result.Inconclusive},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := check(t, dir, twoModels+c.rules+"\n", gate.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if r.Exit != c.exit || r.Verdict != c.verdict {
				t.Errorf("exit %d, %s; want %d, %s", r.Exit, r.Verdict, c.exit, c.verdict)
			}
			if r.Flips.Negative != 10 || r.Flips.Positive != 0 || len(r.Flips.Examples) != 10 || r.Flips.Examples[0].ID != "80" {
				t.Errorf("flips %+v", r.Flips)
			}
		})
	}
}

func TestAMetricWithoutAValueNeverPasses(t *testing.T) {
	// Group n has no positive row; the new model predicts no row positive.
	data := lines("id,y,old,new,group", 200, func(i int) string {
		y, group := i%2, "p"
		if i < 100 {
			y, group = 0, "n"
		}
		return fmt.Sprintf("%d,%d,%v,0.25,%s", i, y, 0.2+0.6*float64(y), group)
	})
	dir := write(t, map[string]string{"eval.csv": data})
	r, err := check(t, dir, twoModels+"metrics: {precision: 0.02, recall: 0.9, log_loss: 9}\nslices: {rules: {recall: 0.9, roc_auc: 0.9, precision: 0.02}, by: [group]}\n", gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]result.Verdict{
		"metric/precision/max_drop":        result.Error, // only the baseline has one
		"metric/recall/max_drop":           result.Fail,
		"slice/group=n/recall/max_drop":    result.Skipped, // these rows cannot have one
		"slice/group=n/roc_auc/max_drop":   result.Skipped,
		"slice/group=p/precision/max_drop": result.Error,
	} {
		if c := find(t, r, id); c.Verdict != want || c.Reason == "" {
			t.Errorf("%s: %s (%s), want %s", id, c.Verdict, c.Reason, want)
		}
	}
	if r.Exit != 1 {
		t.Errorf("exit %d", r.Exit)
	}
}

func TestRelativeMarginOfAZeroBaselineIsAnError(t *testing.T) {
	data := lines("id,y,old,new", 20, func(i int) string { return fmt.Sprintf("%d,%d,%d,%d", i, i%2, i%2, i%2) })
	dir := write(t, map[string]string{"eval.csv": data})
	r, err := check(t, dir, twoModels+"metrics: {brier: 5%}\n", gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if c := r.Checks[0]; c.Verdict != result.Error || !strings.Contains(c.Reason, "the baseline is 0") || r.Exit != 2 {
		t.Errorf("%s (%s), exit %d", c.Verdict, c.Reason, r.Exit)
	}
}

// TestBinnedAreaSaysWhenItCannotTell counts scores in bins, as for more rows
// than can be held.
func TestBinnedAreaSaysWhenItCannotTell(t *testing.T) {
	data := lines("id,y,old,new", 4000, func(i int) string {
		y := i % 2
		return fmt.Sprintf("%d,%d,%.6f,%.6f", i, y, 0.3+0.3*float64(y)+0.2*math.Sin(float64(i)), 0.3+0.28*float64(y)+0.2*math.Sin(float64(2*i)))
	})
	dir := write(t, map[string]string{"eval.csv": data})
	exact, err := check(t, dir, twoModels+"metrics: {roc_auc: {min: 0.5}}\n", gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	value := *exact.Checks[0].Candidate
	for _, c := range []struct {
		limit float64
		want  result.Verdict
	}{{value - 0.01, result.Pass}, {value + 0.01, result.Fail}, {value, result.Inconclusive}} {
		r, err := check(t, dir, twoModels+fmt.Sprintf("metrics: {roc_auc: {min: %.17g}}\n", c.limit), gate.Options{MaxExact: 1000})
		if err != nil {
			t.Fatal(err)
		}
		got := r.Checks[0]
		if got.Evidence.Bound == nil || math.Abs(*got.Candidate-value) > *got.Evidence.Bound {
			t.Fatalf("area %v, exactly %v, bound %s", *got.Candidate, value, format(got.Evidence.Bound))
		}
		if got.Verdict != c.want {
			t.Errorf("limit %v: %s (%s), want %s", c.limit, got.Verdict, got.Reason, c.want)
		}
	}
}

func TestFingerprint(t *testing.T) {
	row := func(i int) string { return fmt.Sprintf("%d,%d,0.%d,0.%d,%c", i, i%2, 1+i%8, 1+i%7, 'a'+rune(i%3)) }
	const header = "id,y,old,new,group"
	rules := "metrics: {accuracy: 0.5}\n"
	run := func(csv string) *result.Result {
		t.Helper()
		r, err := check(t, write(t, map[string]string{"eval.csv": csv}), twoModels+rules, gate.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	first := run(lines(header, 300, row))
	print := func(r *result.Result) [3]string {
		return [3]string{r.Data.Eval.Fingerprint, r.Candidate.Fingerprint, r.Baseline.Fingerprint}
	}
	same := map[string]string{
		"rows in another order": lines(header, 300, func(i int) string { return row(299 - i) }),
		"numbers as doubles":    lines(header, 300, func(i int) string { return strings.Replace(row(i), ",0.", ".0,0.", 1) }),
	}
	for name, csv := range same {
		if print(run(csv)) != print(first) {
			t.Errorf("%s: another fingerprint", name)
		}
	}
	other := print(run(lines(header, 300, func(i int) string {
		return strings.Replace(row(i), "17,", "17,", 1) + map[bool]string{true: "x"}[i == 17]
	})))
	if other[0] == print(first)[0] || other[1] != print(first)[1] {
		t.Error("a changed value of a row must change the fingerprint of the evaluation set, and no model's")
	}
	scored := print(run(lines(header, 300, func(i int) string {
		if i == 17 {
			return "17,1,0.2,0.55,c"
		}
		return row(i)
	})))
	if scored[0] != print(first)[0] || scored[1] == print(first)[1] || scored[2] != print(first)[2] {
		t.Error("a changed score must change the fingerprint of its model, and nothing else")
	}
}

func TestSameBytesAtAnyNumberOfThreads(t *testing.T) {
	data := lines("id,y,old,new,group,sub,w", 60_000, func(i int) string {
		x := float64(i*7919%60_000) / 60_000
		return fmt.Sprintf("%d,%d,%.5f,%.5f,g%d,s%d,%.3f", i, i*31%2, x, 1-x*x, i*17%5, i*13%11, 0.001+float64(i*29%1000))
	})
	dir := write(t, map[string]string{"eval.csv": data})
	text := strings.Replace(twoModels, "label: y", "label: y, weight: w", 1) + `
metrics: {accuracy: 0.5, roc_auc: 0.5, log_loss: 9, brier: 9}
slices: {min_rows: 10, rules: {accuracy: 0.5, roc_auc: 0.5, log_loss: 9, f1_macro: 0.5}, named: {some: old > 0.3}, by: [group, [group, sub]]}
`
	sameBytes(t, dir, text)
}

// sameBytes checks a spec with several numbers of threads: its result has the same
// bytes each time, and is returned.
func sameBytes(t *testing.T, dir, text string) *result.Result {
	t.Helper()
	var first string
	var r *result.Result
	for _, threads := range []int{1, 2, 4, 2, 2} {
		var err error
		if r, err = check(t, dir, text, gate.Options{Open: opener(threads), Threads: threads, Now: func() time.Time { return time.Unix(0, 0) }}); err != nil {
			t.Fatal(err)
		}
		b, err := r.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(b)
		} else if string(b) != first {
			t.Fatalf("with %d threads the result has other bytes", threads)
		}
	}
	return r
}

func TestWhatLabelsCountAsPositive(t *testing.T) {
	for _, c := range []struct{ labels, data, want string }{
		{"0 1", "", ""},
		{"-1 1", "", ""},
		{"false true", "", ""},
		{"no yes", "", "add `positive:` with one of \"no\", \"yes\""},
		{"no yes", ", positive: \"yes\"", ""},
		{"no yes", ", positive: \"ja\"", `no row has the label "ja"`},
		{"0 1 2", "", "write task: multiclass"},
		{"1 1", "", ""},
		{"yes yes", ", positive: \"yes\"", "classes: [negative, positive]"},
		{"yes yes", ", positive: \"yes\", classes: [\"no\", \"yes\"]", ""},
		{"1.0 0.0", ", positive: 1", ""},
	} {
		t.Run(c.labels+c.data, func(t *testing.T) {
			names := strings.Fields(c.labels)
			data := lines("id,y,old,new", 30, func(i int) string { return fmt.Sprintf("%d,%s,0.5,0.6", i, names[i%len(names)]) })
			dir := write(t, map[string]string{"eval.csv": data})
			_, err := check(t, dir, strings.Replace(twoModels, "label: y", "label: y"+c.data, 1)+"metrics: {accuracy: {min: 0}}\n", gate.Options{})
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func TestMistakesSayHowToMend(t *testing.T) {
	data := lines("id,y,old,new,capital-gain,sex", 60, func(i int) string {
		return fmt.Sprintf("%d,%d,0.5,0.6,%d,%s", i, i%2, i, []string{"Male", "Female"}[i%2])
	})
	dir := write(t, map[string]string{"eval.csv": data, "short.csv": "id,p\n1,0.5\n2,80\n"})
	for name, c := range map[string]struct{ spec, want string }{
		"the guide's name of a metric": {twoModels + "metrics: {auc_roc: 0.01}", `did you mean "roc_auc"`},
		"double quotes":                {twoModels + "slices: {named: {m: 'sex = \"Male\"'}}", "text stands in single quotes: 'Male'"},
		"a hyphen":                     {twoModels + "slices: {named: {m: capital-gain > 0}}", `in double quotes: "capital-gain"`},
		"IN":                           {twoModels + "slices: {named: {m: sex IN 'Male'}}", "IN wants parentheses"},
		"a late failure":               {twoModels + "slices: {named: {m: 1 / (id - 7) > 0 AND CAST(sex AS INTEGER) > 1}}", "noworse.yaml:7:"},
		"two missing files": {`
version: 1
task: binary
data: {eval: {path: a.csv, id: id, label: y}}
candidate: {predictions: {path: b.csv, score: p}}
metrics: {accuracy: {min: 0}}`, "b.csv"},
		"both kinds of rows": {`
version: 1
task: binary
data: {eval: {path: eval.csv, id: id, label: y}}
candidate: {predictions: {path: short.csv, score: p}}
metrics: {accuracy: {min: 0}}`, "58 rows have no prediction, such as id 0, "},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := check(t, dir, c.spec+"\n", gate.Options{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("want %q in\n%v", c.want, err)
			}
			if name == "two missing files" && !strings.Contains(err.Error(), "a.csv") {
				t.Errorf("only one of the files is named:\n%v", err)
			}
		})
	}
}

// TestSecretsStayOut: what a spec takes from the environment is in no result and
// in no message.
func TestSecretsStayOut(t *testing.T) {
	data := lines("id,y,old,new", 60, func(i int) string { return fmt.Sprintf("%d,%d,0.5,0.6", i, i%2) })
	dir := write(t, map[string]string{"eval.csv": data, "models-hunter2.csv": "id,p\n" + lines("", 60, func(i int) string { return fmt.Sprintf("%d,0.6", i) })[1:]})
	t.Setenv("SECRET", "hunter2")
	text := `
version: 1
task: binary
data: {eval: {path: eval.csv, id: id, label: y, version: "${SECRET}"}}
candidate: {predictions: {path: "models-${SECRET}.csv", score: p}}
metrics: {accuracy: {min: 0}}
`
	r, err := check(t, dir, text, gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), "hunter2") {
		t.Errorf("the secret is in the result:\n%s", b)
	}
	os.Remove(filepath.Join(dir, "models-hunter2.csv"))
	if _, err := check(t, dir, text, gate.Options{}); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the secret is in the message: %v", err)
	}
}

// TestRowsThatMustNotPass are sets with one fault each, found by trying to make
// the gate pass wrongly.
func TestRowsThatMustNotPass(t *testing.T) {
	row := func(i int) string { return fmt.Sprintf("%d,%d,0.%d,0.%d", i, i%2, 1+i%8, 1+i%8) }
	const header = "id,y,old,new"
	multiclass := `
version: 1
task: multiclass
data: {eval: {path: eval.csv, label: y}}
candidate: {predictions: {label: c}}
baseline: {predictions: {label: b}}
metrics: {accuracy: 0.02}
`
	for name, c := range map[string]struct{ csv, spec, want string }{
		"an id twice, predictions in columns": {lines(header, 60, row) + row(7) + "\n", twoModels + "metrics: {accuracy: 0.5}\n", "1 id stands in more than one row: 7"},
		"a label of NaN":                      {"y,c,b\n" + strings.Repeat("0.5,0.5,0.5\n1.5,1.5,1.5\nNaN,0.5,0.5\n", 20), multiclass, "20 rows have nan for a label"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := check(t, write(t, map[string]string{"eval.csv": c.csv}), c.spec, gate.Options{})
			if err == nil || !strings.Contains(strings.ToLower(err.Error()), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// TestLongDecimalsAreClassesApart: two whole numbers that are one double.
func TestLongDecimalsAreClassesApart(t *testing.T) {
	dir := t.TempDir()
	sql(t, fmt.Sprintf(`COPY (SELECT (9007199254740992 + i %% 2)::DECIMAL(20,0) AS y, 9007199254740992::DECIMAL(20,0) AS c, (9007199254740992 + i %% 2)::DECIMAL(20,0) AS b
		FROM range(100) t(i)) TO '%s/eval.parquet'`, dir))
	r, err := check(t, dir, `
version: 1
task: multiclass
data: {eval: {path: eval.parquet, label: y}}
candidate: {predictions: {label: c}}
baseline: {predictions: {label: b}}
metrics: {accuracy: 0.02}
slices: {by: [y]}
`, gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if c := r.Checks[0]; *c.Baseline != 1 || *c.Candidate != 0.5 || r.Exit != 1 || len(r.Checks) != 3 {
		t.Errorf("%v to %v, exit %d, %d checks", *c.Baseline, *c.Candidate, r.Exit, len(r.Checks))
	}
}

// TestTooManySlicesAtAnyNumberOfThreads: each of two threads sees fewer than the
// limit.
func TestTooManySlicesAtAnyNumberOfThreads(t *testing.T) {
	dir := t.TempDir()
	sql(t, fmt.Sprintf("COPY (SELECT i %% 2 AS y, i %% 2 AS c, i // 50 AS g FROM range(600000) t(i)) TO '%s/eval.parquet' (ROW_GROUP_SIZE 20000)", dir))
	for _, threads := range []int{1, 2, 4} {
		_, err := check(t, dir, `
version: 1
task: binary
data: {eval: {path: eval.parquet, label: y}}
candidate: {predictions: {label: c}}
slices: {rules: {accuracy: {min: 0}}, by: [g]}
`, gate.Options{Open: opener(threads), Threads: threads})
		if err == nil || !strings.Contains(err.Error(), "more than 10,000 of them") {
			t.Errorf("%d threads: %v", threads, err)
		}
	}
}

func TestTheSameModelTwiceIsSaid(t *testing.T) {
	data := lines("id,y,old,new", 60, func(i int) string { return fmt.Sprintf("%d,%d,0.4,0.4", i, i%2) })
	r, err := check(t, write(t, map[string]string{"eval.csv": data}), twoModels+"metrics: {accuracy: 0.5}\n", gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Candidate.Fingerprint != r.Baseline.Fingerprint {
		t.Error("two models with the same answers have different fingerprints")
	}
}

// TestClassesAreAScaleInTheirOrder: scikit-learn 1.9.1,
// cohen_kappa_score(y, c, labels=["low", "medium", "high"], weights="quadratic");
// in the order of the alphabet it is 0.8.
func TestClassesAreAScaleInTheirOrder(t *testing.T) {
	dir := write(t, map[string]string{"eval.csv": "y,c\nlow,low\nmedium,medium\nhigh,high\nlow,high\n"})
	r, err := check(t, dir, `
version: 1
task: multiclass
data: {eval: {path: eval.csv, label: y, classes: [low, medium, high]}}
candidate: {predictions: {label: c}}
metrics: {cohen_kappa_quadratic: {min: 0}}
`, gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "cohen_kappa_quadratic", r.Checks[0].Candidate, 0.3846153846153846)
}

func TestAJoinThatMatchesNothingIsRefused(t *testing.T) {
	data := lines("id,y,old,new,cust", 60, func(i int) string { return fmt.Sprintf("%d,%d,0.4,0.6,C%d", i, i%2, i) })
	dir := write(t, map[string]string{"eval.csv": data, "c.csv": lines("cust,tier", 60, func(i int) string { return fmt.Sprintf("c%d,gold", i) })})
	_, err := check(t, dir, strings.Replace(twoModels, "label: y", "label: y, join: [{path: c.csv, id: cust}]", 1)+"metrics: {accuracy: 0.5}\n", gate.Options{})
	if err == nil || !strings.Contains(err.Error(), "has a match in") {
		t.Error(err)
	}
}
