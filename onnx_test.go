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

// TestONNXExports: models of scikit-learn, exported by skl2onnx and asked here,
// answer as scikit-learn does itself: the same labels in every row, and
// probabilities that move no metric by more than 1e-6 (they are float32).
func TestONNXExports(t *testing.T) {
	oracle.NeedONNXRuntime(t)
	dir, adult := trained(t)
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

// TestPickleAgainstExport: a pickle that runs in Python and its export that runs here
// answer alike: the same labels in every row.
func TestPickleAgainstExport(t *testing.T) {
	oracle.NeedONNXRuntime(t)
	dir, adult := trained(t)
	for _, c := range []struct{ name, task, metrics string }{
		{"cancer", "binary", "{accuracy: {max_drop: 0}, log_loss: {max_rise: 0.000001}, roc_auc: {max_drop: 0.000001}}"},
		{"digits", "multiclass", "{accuracy: {max_drop: 0}, log_loss: {max_rise: 0.000001}}"},
		{"diabetes", "regression", "{rmse: {max_rise: 0.0001}}"},
		{"adult", "binary", "{accuracy: {max_drop: 0}, log_loss: {max_rise: 0.000001}, roc_auc: {max_drop: 0.000001}}"},
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
decision: {fail: point}
`, c.task, c.name, map[string]string{"adult": `, positive: ">50K"`}[c.name], oracle.Python(t), c.metrics))
			if r.Exit != 0 || r.Candidate.Form != "python" || r.Baseline.Form != "onnx" {
				t.Errorf("%s", r.Summary)
			}
			if c.task != "regression" && (r.Flips == nil || r.Flips.Negative+r.Flips.Positive > 0) {
				t.Errorf("labels differ: %+v", r.Flips)
			}
		})
	}
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
