package noworse_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noworse/noworse"
	"github.com/noworse/noworse/internal/gatetest/oracle"
	"github.com/noworse/noworse/result"
)

// trained is a directory of models and of what scikit-learn answers with them; see
// testdata/train.py.
func trained(t *testing.T) (dir string, adult bool) {
	t.Helper()
	python := oracle.Python(t)
	args := []string{"testdata/train.py", t.TempDir()}
	if path := "../shared/data/adult/adult.parquet"; exists(path) {
		args = append(args, path)
	}
	if out, err := exec.Command(python, args...).CombinedOutput(); err != nil {
		t.Fatalf("testdata/train.py: %v\n%s", err, out)
	}
	return args[1], len(args) > 2
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// TestTrainedModels checks models that were trained on real data, in every form they have.
func TestTrainedModels(t *testing.T) {
	oracle.NeedONNXRuntime(t)
	dir, adult := trained(t)
	t.Run("answers", func(t *testing.T) { exportsAgainstAnswers(t, dir, adult) })
	t.Run("pickle", func(t *testing.T) { picklesAgainstExports(t, dir, adult) })
	t.Run("native", func(t *testing.T) { nativeFilesAgainstExports(t, dir, adult) })
}

// exportsAgainstAnswers: models of scikit-learn, exported by skl2onnx and asked here,
// answer as scikit-learn does itself: the same labels in every row, and
// probabilities that move no metric by more than 1e-6 (they are float32).
func exportsAgainstAnswers(t *testing.T, dir string, adult bool) {
	for _, c := range []struct{ name, task, baseline, metrics string }{
		{"cancer", "binary", "label: p, score: s_1", "{accuracy: {max_drop: 0}, log_loss: {max_rise: 0.000001}, roc_auc: {max_drop: 0.000001}}"},
		{"digits", "multiclass", "label: p, scores: {0: s_0, 1: s_1, 2: s_2, 3: s_3, 4: s_4, 5: s_5, 6: s_6, 7: s_7, 8: s_8, 9: s_9}", "{accuracy: {max_drop: 0}, log_loss: {max_rise: 0.000001}}"},
		{"diabetes", "regression", "label: p", "{rmse: {max_rise: 0.0001}}"},
		{"adult", "binary", `label: p, score: "s_>50K"`, "{accuracy: {max_drop: 0}, log_loss: {max_rise: 0.000001}, roc_auc: {max_drop: 0.000001}}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.name == "adult" && !adult {
				t.Skip("the shared data is not here: this trial on real data is left out")
			}
			r := checkExport(t, dir, c.name, fmt.Sprintf(`
version: 1
task: %s
data: {eval: {path: %s.parquet, id: id, label: y%s}}
candidate: {onnx: {path: %[2]s.onnx}}
baseline: {predictions: {path: %[2]s_answers.parquet, id: id, %[4]s}}
metrics: %s
decision: {fail: point}
`, c.task, c.name, map[string]string{"adult": `, positive: ">50K"`}[c.name], c.baseline, c.metrics))
			if r.Exit != 0 || r.Candidate.Form != "onnx" {
				t.Errorf("%s", r.Summary)
			}
			if c.task != "regression" && (r.Flips == nil || r.Flips.Negative+r.Flips.Positive > 0) {
				t.Errorf("labels differ: %+v", r.Flips)
			}
		})
	}
}

// picklesAgainstExports: a whole check of a pickle that runs in Python against its export
// that runs here: the same labels in every row, answers that are as far apart as single
// precision is from double, and what the model must do.
func picklesAgainstExports(t *testing.T, dir string, adult bool) {
	for _, c := range []struct{ name, task, metrics, behavior string }{
		{"cancer", "binary", "{accuracy: {max_drop: 0}, log_loss: {max_rise: 0.000001}, roc_auc: {max_drop: 0.000001}}",
			"{name: larger is never more benign, change: {worst_radius: {add: 5}}, expect: {score: not_higher}}"},
		{"digits", "multiclass", "{accuracy: {max_drop: 0}, log_loss: {max_rise: 0.000001}}",
			"{name: a speck rarely matters, change: {pixel_4_4: {noise: 0.001}}, expect: {label: same}, pass_rate: 0.95}"},
		{"diabetes", "regression", "{rmse: {max_rise: 0.0001}}",
			"{name: more weight never helps, change: {bmi: {add: 0.05}}, expect: {number: not_lower}, pass_rate: 0.9}"},
		{"adult", "binary", "{accuracy: {max_drop: 0}, log_loss: {max_rise: 0.000001}, roc_auc: {max_drop: 0.000001}}",
			"{name: gains never hurt, change: {capital-gain: {add: 50000}}, expect: {score: not_lower}}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.name == "adult" && !adult {
				t.Skip("the shared data is not here: this trial on real data is left out")
			}
			r := checkExport(t, dir, c.name+"-pickle", fmt.Sprintf(`
version: 1
task: %s
data: {eval: {path: %s.parquet, id: id, label: y%s}}
candidate: {python: {load: %[2]s.pickle, interpreter: %[4]q}}
baseline: {onnx: {path: %[2]s.onnx}}
metrics: %[5]s
behavior: [%[6]s]
parity: {atol: 1e-6, rtol: 1e-5}
decision: {fail: point}
`, c.task, c.name, map[string]string{"adult": `, positive: ">50K"`}[c.name], oracle.Python(t), c.metrics, c.behavior))
			if r.Candidate.Form != "python" || r.Baseline.Form != "onnx" {
				t.Errorf("%s against %s", r.Candidate.Form, r.Baseline.Form)
			}
			alike(t, r, c.task)
			if p := find(t, r, "parity/values").Details.Parity; *p.MaxAbsolute == 0 && c.name != "digits" {
				t.Error("a model that counts in double precision and one in single answer the same bits")
			}
		})
	}
}

// nativeFilesAgainstExports: a whole check of the files of XGBoost and LightGBM, which run in
// Python, against their exports by onnxmltools, which run here.
func nativeFilesAgainstExports(t *testing.T, dir string, adult bool) {
	for _, c := range []struct{ name, behavior string }{
		{"boosted-cancer", "{name: noise rarely matters, change: {worst_radius: {noise: 0.001}}, expect: {label: same}, pass_rate: 0.95}"},
		{"boosted-adult", "{name: gains rarely hurt, change: {capital-gain: {add: 50000}}, expect: {score: not_lower}, pass_rate: 0.9}"},
	} {
		for _, kind := range []struct{ library, file string }{{"xgboost", "ubj"}, {"lightgbm", "txt"}} {
			t.Run(c.name+" "+kind.library, func(t *testing.T) {
				if c.name == "boosted-adult" && !adult {
					t.Skip("the shared data is not here: this trial on real data is left out")
				}
				r := checkExport(t, dir, c.name+"-"+kind.library, fmt.Sprintf(`
version: 1
task: binary
data: {eval: {path: %s.parquet, id: id, label: y}}
candidate: {python: {load: %[1]s.%s, interpreter: %[3]q}}
baseline: {onnx: {path: %[1]s-%[4]s.onnx}}
metrics: {accuracy: {max_drop: 0}, log_loss: {max_rise: 0.000001}, roc_auc: {max_drop: 0.000001}}
behavior: [%[5]s]
parity: {atol: 1e-6, rtol: 1e-5}
decision: {fail: point}
`, c.name, kind.file, oracle.Python(t), kind.library, c.behavior))
				alike(t, r, "binary")
			})
		}
	}
}

// alike wants a whole check of one model in two forms: every check passes, and those of
// parity tell how far what was compared is apart.
func alike(t *testing.T, r *result.Result, task string) {
	t.Helper()
	for _, c := range r.Checks {
		if c.Verdict != result.Pass {
			t.Errorf("%s: %s, %s", c.ID, c.Verdict, c.Reason)
		}
	}
	if r.Exit != 0 {
		t.Errorf("%s", r.Summary)
	}
	find(t, r, "behavior/")
	rows := r.Data.Eval.Rows
	values := find(t, r, "parity/values")
	if p := values.Details.Parity; p == nil || p.Compared < rows || p.MaxAbsolute == nil || p.ULP == nil || !strings.Contains(values.Reason, " apart (") {
		t.Errorf("values of %d rows: %s, %+v", rows, values.Reason, p)
	}
	if task == "regression" {
		return
	}
	labels := find(t, r, "parity/labels")
	if p := labels.Details.Parity; p == nil || p.Compared != rows || p.Apart != 0 {
		t.Errorf("labels of %d rows: %s, %+v", rows, labels.Reason, p)
	}
	if r.Flips == nil || r.Flips.Negative+r.Flips.Positive > 0 {
		t.Errorf("labels differ: %+v", r.Flips)
	}
	t.Logf("%s; %s", values.Reason, labels.Reason)
}

// find is the first check whose id starts so.
func find(t *testing.T, r *result.Result, id string) *result.Check {
	t.Helper()
	for i := range r.Checks {
		if strings.HasPrefix(r.Checks[i].ID, id) {
			return &r.Checks[i]
		}
	}
	t.Fatalf("no check %s", id)
	return nil
}

func checkExport(t *testing.T, dir, name, text string) *result.Result {
	t.Helper()
	path := filepath.Join(dir, name+".yaml")
	if err := os.WriteFile(path, []byte(strings.TrimSpace(text)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	spec, err := noworse.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := noworse.Check(t.Context(), spec, noworse.Options{Cache: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return r
}
