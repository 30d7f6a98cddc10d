package python

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/noworse/noworse/internal/gatetest/serving"
	"github.com/noworse/noworse/model"
)

// registry is what testdata/registry.py has put somewhere.
type registry struct {
	python, tracking, dir string
	Run                   string
	Models                map[string]struct {
		Task            model.Task
		Labels, Classes []string
		Scores          [][]float64
		Numbers         []float64
	}
}

func newRegistry(t *testing.T, tracking, dir, which string) *registry {
	t.Helper()
	r := &registry{python: serving.Python(t, "sqlalchemy"), tracking: tracking, dir: dir}
	c := exec.Command(r.python, filepath.Join(testdata(t), "registry.py"), tracking, dir, which)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "want.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, r); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *registry) options(uri, name string) Options {
	return Options{URI: uri, Tracking: r.tracking, Dir: r.dir, Interpreter: r.python, Task: r.Models[name].Task, Timeout: 2 * time.Minute}
}

// holds wants a model to answer as it does where it was made.
func (r *registry) holds(t *testing.T, o Options, name string) model.Description {
	t.Helper()
	want := r.Models[name]
	m := open(t, o)
	d := m.Describe()
	f := table(t, filepath.Join(r.dir, "x.csv"), nil)
	got, err := m.Predict(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	if want.Labels != nil && !slices.Equal(got.Labels, want.Labels) || !slices.EqualFunc(got.Numbers, want.Numbers, near) || !slices.Equal(got.Classes, want.Classes) {
		t.Errorf("labels, numbers or classes differ: %v %v %v", got.Labels, got.Numbers, got.Classes)
	}
	for k := range got.Scores {
		for i, v := range got.Scores[k] {
			if math.Abs(v-want.Scores[i][k]) > 1e-6 { // the frame of the script has a column of float32, and sums depend on where rows lie
				t.Fatalf("row %d class %d: %v, want %v", i, k, v, want.Scores[i][k])
			}
		}
	}
	if len(want.Scores) > 0 && len(got.Scores) != len(want.Scores[0]) {
		t.Errorf("%d scores", len(got.Scores))
	}
	return d
}

func versionNamed(d model.Description, name string) string {
	for _, v := range d.Versions {
		if v.Name == name {
			return v.Version
		}
	}
	return ""
}

// TestRegistry: models of a local store, by alias, version and run, and of a folder.
func TestRegistry(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dir := t.TempDir()
	r := newRegistry(t, "sqlite:///"+filepath.Join(dir, "mlflow.db"), dir, "all")
	for name := range r.Models {
		if name == "folder" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			version := map[string]string{"classifier": "2"}[name]
			if version == "" {
				version = "1"
			}
			d := r.holds(t, r.options("models:/"+name+"/"+version, name), name)
			if d.Form != "mlflow" || (d.Fingerprint == "") != (name == "own") || d.Size == 0 || versionNamed(d, "mlflow") == "" || (versionNamed(d, "scikit-learn") == "") != (name == "own") {
				t.Errorf("described as %+v", d)
			}
			want := []string{"b", "a", "f", "s"} // of the signature, or, without one, of the model itself
			var names []string
			for _, in := range d.Inputs {
				names = append(names, in.Name)
			}
			if name == "tensor" {
				want = []string{""}
			}
			if !slices.Equal(names, want) || name == "tensor" && d.Inputs[0].Width != 4 {
				t.Errorf("inputs %+v", d.Inputs)
			}
		})
	}
	t.Run("alias", func(t *testing.T) {
		d := r.holds(t, r.options("models:/classifier@champion", "classifier"), "classifier")
		if versionNamed(d, "models:/classifier") != "2" {
			t.Errorf("the version is not told: %+v", d.Versions)
		}
	})
	t.Run("run", func(t *testing.T) { r.holds(t, r.options("runs:/"+r.Run+"/regressor", "regressor"), "regressor") })
	t.Run("environment", func(t *testing.T) {
		t.Setenv("MLFLOW_TRACKING_URI", r.tracking)
		o := r.options("models:/regressor/1", "regressor")
		o.Tracking = ""
		r.holds(t, o, "regressor")
	})
	t.Run("folder", func(t *testing.T) {
		o := r.options("", "folder")
		o.Load, o.Tracking = filepath.Join(dir, "folder"), ""
		r.holds(t, o, "folder")
	})
	for name, c := range map[string]struct {
		o    Options
		want string
	}{
		"no model":   {r.options("models:/nope/1", "classifier"), "MLflow says: "},
		"no alias":   {r.options("models:/classifier@nope", "classifier"), "MLflow says: "},
		"no version": {r.options("models:/classifier/77", "classifier"), "MLflow says: "},
		"no run":     {r.options("runs:/0123/model", "classifier"), "MLflow says: "},
		"no server":  {Options{URI: "models:/m/1", Tracking: "http://127.0.0.1:1", Interpreter: r.python, Task: model.Binary}, "MLflow's tracking server http://127.0.0.1:1 cannot be reached"},
		"no folder":  {Options{Load: filepath.Join(dir, "nope"), Interpreter: r.python, Task: model.Binary}, "there is no file"},
		"no mlflow":  {Options{URI: "models:/m/1", Task: model.Binary, Interpreter: without(t, r.python, "mlflow")}, "the model needs the Python package mlflow"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(t.Context(), c.o)
			if e, ok := errors.AsType[*model.Error](err); !ok || !strings.Contains(e.Message, c.want) || len(e.Message) > 600 {
				t.Errorf("got %T %v", err, err)
			}
		})
	}
	noneLeft(t)
	if left, _ := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "noworse-*")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// without is an interpreter that cannot import a package.
func without(t *testing.T, python, name string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "sitecustomize.py"), []byte("import sys\nsys.modules['"+name+"'] = None\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "python")
	if err := os.WriteFile(path, []byte("#!/bin/sh\nPYTHONPATH="+dir+" exec "+python+" \"$@\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestTrackingServer: a model of a real server, which hands its files out too.
func TestTrackingServer(t *testing.T) {
	dir := t.TempDir()
	python := serving.Python(t, "sqlalchemy")
	s, err := serving.Start(serving.Command{Dir: dir, Ready: "/health", Env: []string{"MLFLOW_DISABLE_TELEMETRY=true"}, Args: []string{
		python, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", "{PORT}", "--workers", "1",
		"--backend-store-uri", "sqlite:///" + filepath.Join(dir, "mlflow.db"), "--artifacts-destination", filepath.Join(dir, "artifacts")}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	r := newRegistry(t, s.URL, dir, "few")
	d := r.holds(t, r.options("models:/classifier@champion", "classifier"), "classifier")
	if versionNamed(d, "models:/classifier") != "2" {
		t.Errorf("the version is not told: %+v", d.Versions)
	}
}
