package service

import (
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/noworse/noworse/internal/gatetest/modeltest"
	"github.com/noworse/noworse/internal/gatetest/serving"
	"github.com/noworse/noworse/model"
)

// weights are the suite's models for the scripts of testdata.
func weights(t *testing.T) string {
	t.Helper()
	type linear struct {
		Weights    [][2]float64 `json:"weights"`
		Intercepts []float64    `json:"intercepts"`
		Classes    []string     `json:"classes"`
	}
	all := map[model.Task]linear{}
	for _, task := range []model.Task{model.Regression, model.Binary, model.Multiclass} {
		w, b, classes := modeltest.Weights(task)
		all[task] = linear{w, b, classes}
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func start(t *testing.T, c serving.Command) string {
	t.Helper()
	s, err := serving.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s.URL
}

// trained is a directory with the suite's models as MLServer and MLflow want them.
func trained(t *testing.T, python string) string {
	t.Helper()
	dir := t.TempDir()
	text, err := exec.Command(python, filepath.Join("testdata", "models.py"), dir, weights(t)).CombinedOutput()
	if err != nil {
		t.Fatalf("models.py: %v\n%s", err, text)
	}
	return dir
}

func opened(t *testing.T, o Options) model.Predictor {
	t.Helper()
	o.Batch, o.Concurrency, o.Pause = 256, 4, time.Millisecond
	p, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// TestPortMLServer: MLServer 1.7.1 with scikit-learn, where the model says what it
// wants and where it does not.
func TestPortMLServer(t *testing.T) {
	python := serving.Python(t, "mlserver")
	url := start(t, serving.Command{Dir: filepath.Join(trained(t, python), "mlserver"), Args: []string{python, "-c", "from mlserver.cli import main; main()", "start", "."}, Ready: "/v2/health/ready",
		Env: []string{"MLSERVER_HTTP_PORT={PORT}", "MLSERVER_GRPC_PORT={PORT2}", "MLSERVER_METRICS_PORT={PORT3}", "MLSERVER_HOST=127.0.0.1", "MLSERVER_PARALLEL_WORKERS=0"}})
	for _, form := range []string{"", "-silent"} {
		t.Run("says what it wants"+form, func(t *testing.T) {
			modeltest.Run(t, modeltest.Adapter{Tolerance: 1e-12, Open: func(t *testing.T, task model.Task) model.Predictor {
				o := Options{URL: url, Protocol: "oip", Model: string(task) + form, Task: task}
				if task != model.Regression {
					_, _, o.Classes = modeltest.Weights(task)
					o.Label, o.Score = "predict", "predict_proba"
				}
				return opened(t, o)
			}})
		})
	}
	p := opened(t, Options{URL: url, Protocol: "oip", Model: "binary", Task: model.Binary})
	if _, err := p.Predict(t.Context(), modeltest.Rows(3)); err != nil {
		t.Fatal(err)
	}
	want := []model.Version{{Name: "mlserver", Version: "1.7.1"}, {Name: "model binary", Version: "v7"}}
	if d := p.Describe(); !slices.Equal(d.Versions, want) || d.Fingerprint != "" {
		t.Errorf("%+v, want %v and no fingerprint", d, want)
	}
	_, err := Open(t.Context(), Options{URL: url, Protocol: "oip", Model: "nope", Task: model.Binary})
	if err == nil || !strings.HasPrefix(err.Error(), `the server did not describe its model "nope": 404 Not Found`+"\nModel nope not found\n") {
		t.Errorf("got %v", err)
	}
}

// TestPortKServe: KServe 0.16.0's server, by JSON and by binary tensors.
func TestPortKServe(t *testing.T) {
	python := serving.Python(t, "kserve")
	url := start(t, serving.Command{Args: []string{python, filepath.Join("testdata", "kserving.py"), "{PORT}", weights(t)}, Ready: "/v2/models/binary/ready"})
	for _, form := range []string{"json", "binary"} {
		t.Run(form, func(t *testing.T) {
			modeltest.Run(t, modeltest.Adapter{Tolerance: 1e-12, Open: func(t *testing.T, task model.Task) model.Predictor {
				_, _, classes := modeltest.Weights(task)
				return opened(t, Options{URL: url, Protocol: "oip", Model: string(task), Tensors: form, Classes: classes, Task: task})
			}})
		})
	}
}

// TestPortMLflow: `mlflow models serve` of MLflow 3.17.2.
func TestPortMLflow(t *testing.T) {
	python := serving.Python(t, "mlflow")
	dir := trained(t, python)
	t.Setenv("PATH", filepath.Dir(python)+string(os.PathListSeparator)+os.Getenv("PATH")) // where it looks for uvicorn
	urls := map[model.Task]string{}
	for _, task := range []model.Task{model.Regression, model.Binary, model.Multiclass} {
		urls[task] = start(t, serving.Command{Args: []string{python, "-m", "mlflow", "models", "serve", "-m", filepath.Join(dir, "mlflow", string(task)), "-p", "{PORT}", "--env-manager", "local"}, Ready: "/ping"})
	}
	modeltest.Run(t, modeltest.Adapter{Tolerance: 1e-12, Open: func(t *testing.T, task model.Task) model.Predictor {
		_, _, classes := modeltest.Weights(task)
		return opened(t, Options{URL: urls[task], Protocol: "mlflow", Classes: classes, Task: task})
	}})
	p := opened(t, Options{URL: urls[model.Regression], Protocol: "mlflow", Task: model.Regression})
	if d := p.Describe(); !slices.Equal(d.Versions, []model.Version{{Name: "mlflow", Version: "3.17.2"}}) {
		t.Errorf("%+v", d)
	}
	// The model fails on a missing value, and says why.
	f := modeltest.Rows(3)
	f.Columns[0].Floats[1] = math.NaN()
	f.Columns[0].SetNull(1, 3)
	_, err := p.Predict(t.Context(), f)
	if err == nil || !strings.Contains(err.Error(), "400 Bad Request") || !strings.Contains(err.Error(), "encoded as NaNs natively") {
		t.Errorf("got %v", err)
	}
}
