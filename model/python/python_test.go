package python

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shirou/gopsutil/v4/process"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/internal/gatetest/modeltest"
	"github.com/noworse/noworse/internal/gatetest/oracle"
	"github.com/noworse/noworse/model"
)

// script runs a script of testdata, which writes files into a directory.
func script(t *testing.T, name string, args ...string) {
	t.Helper()
	text, err := exec.Command(oracle.Python(t), append([]string{filepath.Join("testdata", name)}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, text)
	}
}

func open(t *testing.T, o Options) model.Predictor {
	t.Helper()
	m, err := try(t, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func try(t *testing.T, o Options) (model.Predictor, error) {
	t.Helper()
	if o.Interpreter == "" {
		o.Interpreter = oracle.Python(t)
	}
	if o.Dir == "" {
		o.Dir = testdata(t)
	}
	return Open(t.Context(), o)
}

func testdata(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestPort: scikit-learn's models by name, and as arrays, and functions. They count in
// float64.
func TestPort(t *testing.T) {
	dir := t.TempDir()
	known := map[string]any{}
	for _, task := range []model.Task{model.Binary, model.Multiclass, model.Regression} {
		rows, intercepts, classes := modeltest.Weights(task)
		known[string(task)] = struct{ Rows, Intercepts, Classes any }{rows, intercepts, classes}
	}
	text, err := json.Marshal(known)
	if err != nil {
		t.Fatal(err)
	}
	weights := filepath.Join(dir, "weights.json")
	if err := os.WriteFile(weights, text, 0o644); err != nil {
		t.Fatal(err)
	}
	script(t, "known.py", dir, weights)
	for _, suffix := range []string{".joblib", "-array.pkl"} {
		t.Run(suffix, func(t *testing.T) {
			modeltest.Run(t, modeltest.Adapter{Tolerance: 1e-12, Open: func(t *testing.T, task model.Task) model.Predictor {
				m, err := try(t, Options{Load: filepath.Join(dir, string(task)+suffix), Task: task})
				if err != nil {
					t.Fatal(err)
				}
				return m
			}})
		})
	}
}

// TestFunctions: what a function may answer.
func TestFunctions(t *testing.T) {
	f := modeltest.Rows(50)
	want := modeltest.Want(model.Binary, f)
	for _, c := range []struct {
		call           string
		labels, scores bool
	}{{"logistic", false, true}, {"labels", true, false}, {"pair", true, true}, {"table", true, true}, {"prints", false, true}} {
		t.Run(c.call, func(t *testing.T) {
			m := open(t, Options{Call: "functions:" + c.call, Task: model.Binary})
			got, err := m.Predict(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			if (got.Labels != nil) != c.labels || c.labels && !slices.Equal(got.Labels, want.Labels) {
				t.Errorf("labels %q", got.Labels)
			}
			if !c.scores {
				return
			}
			of := got.Scores[0]
			if got.Classes != nil {
				of = got.Scores[slices.Index(got.Classes, "yes")]
			}
			for i, v := range of {
				if math.Abs(v-want.Scores[1][i]) > 1e-12 {
					t.Fatalf("score %v, want %v", v, want.Scores[1][i])
				}
			}
			if d := m.Describe(); d.Fingerprint != "" {
				t.Error("the answers of a function are kept, and it may read anything")
			}
		})
	}
}

// TestKinds: a data frame has the types that a reader of files gives.
func TestKinds(t *testing.T) {
	f := &model.Frame{Rows: 2, Columns: []model.Column{
		{Name: "i", Kind: dataset.Integer, Ints: []int64{1, 2}},
		{Name: "n", Kind: dataset.Integer, Ints: []int64{1, 2}, Nullable: true},
		{Name: "f", Kind: dataset.Float, Floats: []float64{1, math.NaN()}},
		{Name: "t", Kind: dataset.Text, Texts: []string{"ä", "b"}},
		{Name: "b", Kind: dataset.Bool, Ints: []int64{1, 0}},
		{Name: "w", Kind: dataset.Time, Ints: []int64{0, 1}},
	}}
	f.Columns[3].SetNull(1, 2)
	m := open(t, Options{Call: "functions:kinds", Task: model.Binary})
	got, err := m.Predict(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	if want := "i int64 0, n float64 0, f float64 1, t object 1, b bool 0, w datetime64[us] 0"; strings.Replace(got.Labels[0], "t str", "t object", 1) != want {
		t.Errorf("got %s, want %s", got.Labels[0], want)
	}
}

// TestEffort: a process tells what a call took without its waiting for a processor: its
// sleep is in it, and is no processor time.
func TestEffort(t *testing.T) {
	if _, err := os.Stat("/proc/self/schedstat"); err != nil {
		t.Skip("this system does not say how long threads wait for a processor")
	}
	for _, c := range []struct {
		call        string
		least, most time.Duration // of processor time
	}{{"sleeps", 0, 40 * time.Millisecond}, {"works", 50 * time.Millisecond, time.Minute}} {
		m := open(t, Options{Call: "functions:" + c.call, Task: model.Binary})
		if _, err := m.Predict(t.Context(), modeltest.Rows(5)); err != nil { // it loads what it needs
			t.Fatal(err)
		}
		began := time.Now()
		got, err := m.Predict(t.Context(), modeltest.Rows(5))
		took := time.Since(began)
		if err != nil || got.Effort == nil {
			t.Fatalf("%+v, %v", got, err)
		}
		if e := *got.Effort; e.Net < 50*time.Millisecond || e.Net > took || e.Processor < c.least || e.Processor > c.most {
			t.Errorf("%s: %+v of %v", c.call, e, took)
		}
	}
}

// near is equal but for the order in which numbers are added: that depends on how
// rows lie in memory.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-12*max(1, math.Abs(b)) }

// TestTrained: models of many kinds answer here as they did where they were trained.
func TestTrained(t *testing.T) {
	dir := t.TempDir()
	script(t, "trained.py", dir)
	files, _ := filepath.Glob(filepath.Join(dir, "*.json"))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var want struct {
			Task            model.Task
			File            string
			Labels, Classes []string
			Scores          [][]float64
			Numbers         []float64
		}
		if json.Unmarshal(text, &want) != nil || want.File == "" {
			continue // a model of XGBoost
		}
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			m := open(t, Options{Load: filepath.Join(dir, want.File), Task: want.Task})
			d := m.Describe()
			if d.Size == 0 || d.Fingerprint == "" || !slices.ContainsFunc(d.Versions, func(v model.Version) bool { return v.Name == "numpy" }) || d.Versions[0].Name != "python" {
				t.Errorf("described as %+v", d)
			}
			got, err := m.Predict(t.Context(), table(t, filepath.Join(dir, name+".csv"), d.Inputs))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got.Labels, want.Labels) || !slices.EqualFunc(got.Numbers, want.Numbers, near) {
				t.Errorf("labels or numbers differ: %v %v", got.Labels, got.Numbers)
			}
			if want.Scores != nil && !(got.Classes == nil && len(want.Scores[0]) == 1) && !slices.Equal(got.Classes, want.Classes) {
				t.Errorf("classes %v, want %v", got.Classes, want.Classes)
			}
			for k := range got.Scores {
				for i, v := range got.Scores[k] {
					if !near(v, want.Scores[i][k]) {
						t.Fatalf("row %d class %d: %v, want %v", i, k, v, want.Scores[i][k])
					}
				}
			}
		})
	}
	if len(files) < 10 {
		t.Errorf("%d models", len(files))
	}
}

// table reads a CSV into a frame: numbers, booleans, and texts.
func table(t *testing.T, path string, inputs []model.Input) *model.Frame {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	records, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	f := &model.Frame{Rows: len(records) - 1}
	for j, name := range records[0] {
		c := model.Column{Name: name, Kind: dataset.Integer}
		for _, r := range records[1:] {
			_, errInt := strconv.ParseInt(r[j], 10, 64)
			_, errFloat := strconv.ParseFloat(r[j], 64)
			switch {
			case errInt == nil:
			case errFloat == nil || r[j] == "":
				c.Kind = max(c.Kind, dataset.Float)
			case r[j] == "True" || r[j] == "False":
				c.Kind = dataset.Bool
			default:
				c.Kind = dataset.Text
			}
		}
		for _, r := range records[1:] {
			switch c.Kind {
			case dataset.Integer:
				v, _ := strconv.ParseInt(r[j], 10, 64)
				c.Ints = append(c.Ints, v)
			case dataset.Float:
				v, err := strconv.ParseFloat(r[j], 64)
				if err != nil {
					v = math.NaN()
				}
				c.Floats = append(c.Floats, v)
			case dataset.Bool:
				c.Ints = append(c.Ints, map[string]int64{"True": 1}[r[j]])
			default:
				c.Texts = append(c.Texts, r[j])
			}
		}
		f.Columns = append(f.Columns, c)
	}
	return f
}

// TestFaults: each way to fail is one clear error, and no process is left.
func TestFaults(t *testing.T) {
	python := oracle.Python(t)
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	call := func(name string) Options { return Options{Call: "functions:" + name, Task: model.Binary} }
	for _, c := range []struct {
		name string
		o    Options
		want string
		gone bool
	}{
		{"a crash", call("exits"), "the model's process ended with exit code 3", true},
		{"an exit", call("leaves"), "the model ended its process: SystemExit: no more", true},
		{"a segfault", call("segfaults"), "the model's process was ended by a signal: segmentation fault", true},
		{"a hang", Options{Call: "functions:hangs", Task: model.Binary, Timeout: 2 * time.Second}, "the model did not answer 5 rows within 2s", true},
		{"a huge traceback", call("raises"), "ValueError: bad value xxx", false},
		{"a short answer", call("short"), "the model answered 4 answers for 5 rows", false},
		{"an answer that is too wide", call("wide"), "3 columns and does not say of which classes", false},
		{"NaN", call("nan"), "a score that is NaN", false},
		{"nothing", call("nothing"), "the function answers nothing", false},
		{"a package that is missing", call("missing"), "the model needs the Python package nowhere_to_be_found", false},
		{"no such function", call("nope"), `functions has no 'nope'`, false},
		{"no function", call("not_a_function"), "functions:not_a_function is no function", false},
		{"no such module", Options{Call: "nope:f", Task: model.Binary}, "there is no module 'nope'", false},
		{"no such file", Options{Load: "/nope/m.pkl", Task: model.Binary}, "there is no file /nope/m.pkl", false},
		{"a directory", Options{Load: dir, Task: model.Binary}, "this is a directory", false},
		{"no pickle", Options{Load: write("m.pkl", "hello"), Task: model.Binary}, "", false},
		{"no interpreter", Options{Call: "functions:labels", Interpreter: filepath.Join(dir, "python"), Task: model.Binary}, "the interpreter", false},
		{"an interpreter that is none", Options{Call: "functions:labels", Interpreter: write("fake", "#!/bin/sh\necho I am no Python\nexit 7\n"), Task: model.Binary}, "ended with exit code 7", true},
		{"an interpreter without numpy", Options{Call: "functions:labels", Interpreter: write("bare", "#!/bin/sh\nexec "+python+" -S \"$@\"\n"), Task: model.Binary}, "needs the Python package numpy", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := try(t, c.o)
			if err == nil {
				defer m.Close()
				_, err = m.Predict(t.Context(), modeltest.Rows(5))
			}
			e, ok := errors.AsType[*model.Error](err)
			if !ok || !strings.Contains(e.Message, c.want) || e.Gone != c.gone {
				t.Fatalf("got %T %v, want %q (gone: %v)", err, err, c.want, c.gone)
			}
			if len(e.Message) > 700 || len(e.Detail) > 5000 {
				t.Errorf("a long story: %d and %d bytes", len(e.Message), len(e.Detail))
			}
			if m != nil && !e.Gone {
				if _, err := m.Predict(t.Context(), modeltest.Rows(0)); err != nil {
					t.Errorf("it does not go on: %v", err)
				}
			}
		})
	}
	noneLeft(t)
}

// noneLeft wants no process that this one has started.
func noneLeft(t *testing.T) {
	t.Helper()
	var names []string
	for range 50 {
		names = nil
		me, err := process.NewProcess(int32(os.Getpid()))
		if err != nil {
			t.Fatal(err)
		}
		children, _ := me.Children()
		for _, c := range children {
			name, _ := c.Cmdline()
			names = append(names, name)
		}
		if len(children) == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("left over: %.200q", names)
}

// TestCancelled: a call that is not waited for any more ends with its process.
func TestCancelled(t *testing.T) {
	m := open(t, Options{Call: "functions:hangs", Task: model.Binary})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	began := time.Now()
	if _, err := m.Predict(ctx, modeltest.Rows(5)); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 10*time.Second {
		t.Errorf("got %v after %v", err, time.Since(began))
	}
	noneLeft(t)
}

// TestClosedWithThreads: a model that starts threads which never end does not outlive
// its owner.
func TestClosedWithThreads(t *testing.T) {
	m := open(t, Options{Call: "functions:starts", Task: model.Binary})
	if _, err := m.Predict(t.Context(), modeltest.Rows(5)); err != nil {
		t.Fatal(err)
	}
	m.Close()
	noneLeft(t)
}

// TestMemory: the peak is that of the process, and grows with what it is given.
func TestMemory(t *testing.T) {
	m := open(t, Options{Call: "functions:logistic", Task: model.Binary})
	measured := m.(model.Measured)
	before, err := measured.Memory(t.Context())
	if err != nil || before.Loaded < 10e6 || before.Peak < before.Loaded {
		t.Fatalf("%+v, %v", before, err)
	}
	if _, err := m.Predict(t.Context(), modeltest.Rows(3_000_000)); err != nil {
		t.Fatal(err)
	}
	after, err := measured.Memory(t.Context())
	if err != nil || after.Loaded != before.Loaded || after.Peak < before.Peak+40e6 {
		t.Errorf("%+v, then %+v, %v", before, after, err)
	}
}

// TestFind: the interpreter that is active.
func TestFind(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("paths are others there")
	}
	python := oracle.Python(t)
	t.Setenv("NOWORSE_PYTHON", python)
	if got, err := Find(""); err != nil || got != python {
		t.Errorf("got %s, %v", got, err)
	}
	env := t.TempDir()
	os.Mkdir(filepath.Join(env, "bin"), 0o755)
	if err := os.Symlink(python, filepath.Join(env, "bin", "python")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("NOWORSE_PYTHON", "")
	t.Setenv("VIRTUAL_ENV", env)
	if got, err := Find(""); err != nil || got != filepath.Join(env, "bin", "python") {
		t.Errorf("got %s, %v", got, err)
	}
	t.Setenv("VIRTUAL_ENV", "")
	t.Setenv("PATH", env)
	if got, err := Find(""); err == nil {
		t.Errorf("got %s", got)
	}
}
