// Package oracle asks scikit-learn what a metric should be, so that tests can
// hold noworse's own values against it. Only tests use it.
//
//	Cases ─▶ Metrics ─▶ one Python process running oracle.py ─▶ values by name
package oracle

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

//go:embed oracle.py
var program []byte

// The tasks, as the spec names them.
const (
	Binary     = "binary"
	Multiclass = "multiclass"
	Regression = "regression"
)

// Case is one small evaluation set with one model's answers. Which columns are
// filled depends on the task; all that are filled have one value for each row.
type Case struct {
	Name string
	Task string

	// Binary and multiclass: classes are numbered from 0; in a binary case 1
	// is the positive class. Predicted need not be what the scores suggest.
	Label     []int
	Predicted []int
	// Classes is how many classes there are, including those without a row.
	Classes int
	// Score is the probability of class 1, in binary cases.
	Score []float64
	// Scores is, for each row, a probability for each class, in multiclass cases.
	Scores [][]float64
	// Above is the confidence beyond which an error counts in
	// high_confidence_error_rate.
	Above float64

	// Parameters of other metrics, by their names in the spec.
	Beta     float64
	Bins, K  int
	Quantile float64

	// Regression: the true and the predicted numbers.
	Target []float64
	Number []float64

	// Weight is nil where every row counts the same. Weights are never
	// negative and at least one is positive.
	Weight []float64
}

// Metrics gives scikit-learn's values for each case, by the names that noworse
// has for the metrics. One Python process answers for all cases, since its
// start takes longer than its work.
//
// A metric that scikit-learn has no finite value for is absent: roc_auc where
// only one class has weight, r2 of targets that do not vary. But a ratio of
// counts without a denominator (precision where nothing is predicted positive)
// is there and is 0, scikit-learn's default for zero_division; averages over
// classes are made of such zeros as well.
func Metrics(t testing.TB, cases []Case) []map[string]float64 {
	t.Helper()
	values, err := ask(Python(t), filepath.Join(t.TempDir(), "oracle.py"), cases)
	if err != nil {
		t.Fatalf("oracle: %v", err)
	}
	return values
}

// ask runs the program on the cases. It is written to a file first, so that
// tracebacks show its lines.
func ask(python, script string, cases []Case) ([]map[string]float64, error) {
	if err := os.WriteFile(script, program, 0o600); err != nil {
		return nil, err
	}
	question, err := json.Marshal(cases)
	if err != nil {
		return nil, err
	}
	var stderr bytes.Buffer
	cmd := exec.Command(python, "-I", script)
	cmd.Stdin = bytes.NewReader(question)
	cmd.Stderr = &stderr
	answer, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", python, err, stderr.Bytes())
	}
	var values []map[string]float64
	if err := json.Unmarshal(answer, &values); err != nil {
		return nil, err
	}
	if len(values) != len(cases) {
		return nil, fmt.Errorf("asked about %d cases, got %d answers", len(cases), len(values))
	}
	return values, nil
}

// Python is the interpreter that has scikit-learn: the one that the
// environment variable NOWORSE_PYTHON names, else the one that `make test` has
// put in .venv. Where there is none the test is skipped, but on a CI machine
// (CI=true) it fails: a comparison that nobody makes must not look like one
// that agrees.
func Python(t testing.TB) string {
	t.Helper()
	if python := os.Getenv("NOWORSE_PYTHON"); python != "" {
		if _, err := exec.LookPath(python); err != nil {
			t.Fatalf("NOWORSE_PYTHON: %v", err)
		}
		return python
	}
	python, err := installed()
	if err == nil {
		return python
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("NOT COMPARED with scikit-learn: %v", err)
	}
	t.Skipf("NOT COMPARED with scikit-learn: %v", err)
	return ""
}

// Installed is the interpreter that Python finds; "" where there is none.
func Installed() string {
	if python := os.Getenv("NOWORSE_PYTHON"); python != "" {
		return python
	}
	python, err := installed()
	if err != nil {
		return ""
	}
	return python
}

// installed finds the interpreter in the .venv beside go.mod, from the
// directory of the package whose tests run.
func installed() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for !exists(filepath.Join(dir, "go.mod")) {
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("NOWORSE_PYTHON is not set, and no go.mod is above this directory")
		}
		dir = parent
	}
	// The stamp is written last, so a half-made environment is not taken.
	if !exists(filepath.Join(dir, ".venv", "installed")) {
		return "", errors.New("NOWORSE_PYTHON is not set, and there is no .venv; `make test` makes it")
	}
	return filepath.Join(dir, ".venv", "bin", "python"), nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
