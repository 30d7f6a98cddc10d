package gate_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/live"
	"github.com/noworse/noworse/model"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
)

// fake is a model that is a Go function of a row.
type fake struct {
	about   model.Description
	answer  func(f *model.Frame, row int, a *model.Answers) error
	classes []string

	mu     sync.Mutex
	asked  int // rows
	closed int
	given  []model.Column // of the last frame, without its values
}

func (f *fake) Describe() model.Description { return f.about }
func (f *fake) Close() error                { f.mu.Lock(); defer f.mu.Unlock(); f.closed++; return nil }

func (f *fake) Predict(ctx context.Context, frame *model.Frame) (*model.Answers, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked += frame.Rows
	f.given = f.given[:0]
	for _, c := range frame.Columns {
		f.given = append(f.given, model.Column{Name: c.Name, Kind: c.Kind, Nullable: c.Nullable})
	}
	a := &model.Answers{Classes: f.classes, Scores: make([][]float64, len(f.classes))}
	for row := range frame.Rows {
		if err := f.answer(frame, row, a); err != nil {
			return nil, err
		}
	}
	if len(f.classes) == 0 && len(a.Scores) == 0 {
		a.Scores = nil
	}
	return a, ctx.Err()
}

// starter gives fakes by the path of the onnx file that stands for them.
func starter(fakes map[string]*fake) gate.Starter {
	return func(_ context.Context, l *spec.Live, _ model.Task, _ []string) (model.Predictor, error) {
		f := fakes[filepath.Base(l.ONNX.Path)]
		if f == nil {
			return nil, &model.Error{Message: l.ONNX.Path + ": there is no such file", Hint: "train it", Missing: true}
		}
		return f, nil
	}
}

// loanRows writes an evaluation set of n rows whose truth is x >= 0.
func loanRows(t *testing.T, n int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("id,x,k,tier,member,day,y\n")
	for i := range n {
		x := at(i)
		k := fmt.Sprint(i % 7)
		if i%11 == 5 {
			k = ""
		}
		fmt.Fprintf(&b, "r%d,%.6f,%s,%s,%t,2026-01-%02d,%d\n", i, x, k, []string{"a", "b", ""}[i%3], i%2 == 0, 1+i%28, map[bool]int{true: 1, false: 0}[x >= 0])
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "eval.csv"), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// at is the x of a row, as the file has it.
func at(row int) float64 { return math.Round(math.Sin(float64(row)*12.9898)*1e6) / 1e6 }

const loanSpec = `version: 1
name: loan
task: binary
data: {eval: {path: eval.csv, id: id, label: y%s}}
candidate: {onnx: {path: new.onnx}}
baseline: {onnx: {path: old.onnx}}
metrics: {accuracy: {max_drop: 0.5}, %s}
`

// logistic answers with a label and the probabilities of both classes.
func logistic(shift float64) *fake {
	return &fake{about: model.Description{Form: "onnx", Fingerprint: fmt.Sprint("logistic ", shift), Size: 7, Versions: []model.Version{{Name: "fake", Version: "1"}}},
		classes: []string{"0", "1"},
		answer: func(f *model.Frame, row int, a *model.Answers) error {
			p := 1 / (1 + math.Exp(-8*(f.Find("x").Floats[row]-shift)))
			a.Scores[0], a.Scores[1] = append(a.Scores[0], 1-p), append(a.Scores[1], p)
			a.Labels = append(a.Labels, map[bool]string{true: "1", false: "0"}[p >= 0.5])
			return nil
		}}
}

func value(t *testing.T, r *result.Result, id string) (baseline, candidate float64) {
	t.Helper()
	for _, c := range r.Checks {
		if c.ID == id {
			return *c.Baseline, *c.Candidate
		}
	}
	t.Fatalf("no check %s in %+v", id, r.Checks)
	return 0, 0
}

func TestLiveModels(t *testing.T) {
	const n = 20_000 // several frames, on two threads
	dir := loanRows(t, n)
	old, young := logistic(0.1), logistic(0)
	o := gate.Options{Start: starter(map[string]*fake{"old.onnx": old, "new.onnx": young}), Answers: live.Cache{Dir: t.TempDir()}}
	r, err := check(t, dir, fmt.Sprintf(loanSpec, "", "roc_auc: {max_drop: 0.5}"), o)
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for i := range n {
		if (at(i) >= 0) == (at(i) >= 0.1) {
			right++
		}
	}
	if b, c := value(t, r, "metric/accuracy/max_drop"); c != 1 || math.Abs(b-float64(right)/n) > 1e-12 {
		t.Errorf("accuracy %v and %v, want %v and 1", b, c, float64(right)/n)
	}
	if b, c := value(t, r, "metric/roc_auc/max_drop"); b != 1 || c != 1 {
		t.Errorf("roc_auc %v and %v", b, c)
	}
	if m := r.Candidate; m.Form != "onnx" || filepath.Base(m.Path) != "new.onnx" || m.Model != "logistic 0" || m.Size != 7 || len(m.Versions) != 1 || strings.Join(m.Features, " ") != "x k tier member day" {
		t.Errorf("the candidate is described as %+v", m)
	}
	if old.asked != n || young.asked != n || old.closed != 1 || young.closed != 1 {
		t.Errorf("asked %d and %d rows, closed %d and %d times", old.asked, young.asked, old.closed, young.closed)
	}
	want := map[string]string{"x": "floating-point false", "k": "integer true", "tier": "text true", "member": "boolean false", "day": "date or time false"}
	for _, c := range young.given {
		if got := fmt.Sprint(c.Kind, " ", c.Nullable); got != want[c.Name] {
			t.Errorf("column %s was given as %s, want %s", c.Name, got, want[c.Name])
		}
	}
	t.Run("kept answers", func(t *testing.T) {
		again, err := check(t, dir, fmt.Sprintf(loanSpec, "", "roc_auc: {max_drop: 0.5}"), o)
		if err != nil {
			t.Fatal(err)
		}
		if old.asked != n || young.asked != n {
			t.Errorf("asked again: %d and %d rows", old.asked, young.asked)
		}
		if again.Candidate.Fingerprint != r.Candidate.Fingerprint {
			t.Error("the answers differ")
		}
	})
	t.Run("another model", func(t *testing.T) {
		third := logistic(0.3)
		o := o
		o.Start = starter(map[string]*fake{"old.onnx": old, "new.onnx": third})
		if _, err := check(t, dir, fmt.Sprintf(loanSpec, "", "f1: 0.5"), o); err != nil {
			t.Fatal(err)
		}
		if third.asked != n || old.asked != n {
			t.Errorf("asked %d and %d rows", third.asked, old.asked)
		}
	})
	t.Run("another value", func(t *testing.T) {
		path := filepath.Join(dir, "eval.csv")
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		os.WriteFile(path, []byte(strings.Replace(string(text), "r7,", "r7,0.123456,3,a,true,2026-01-02,1\nq7,", 1)), 0o644)
		if _, err := check(t, dir, fmt.Sprintf(loanSpec, "", "f1: 0.5"), o); err != nil {
			t.Fatal(err)
		}
		if young.asked != 2*n+1 {
			t.Errorf("asked %d rows", young.asked)
		}
	})
	t.Run("broken answers", func(t *testing.T) {
		files, _ := filepath.Glob(filepath.Join(o.Answers.Dir, "*", "answers.parquet"))
		for _, f := range files {
			os.Truncate(f, 100)
		}
		before := young.asked
		if _, err := check(t, dir, fmt.Sprintf(loanSpec, "", "f1: 0.5"), o); err != nil {
			t.Fatal(err)
		}
		if young.asked != before+n+1 {
			t.Errorf("asked %d rows", young.asked-before)
		}
		before = young.asked
		if _, err := check(t, dir, fmt.Sprintf(loanSpec, "", "f1: 0.5"), o); err != nil || young.asked != before {
			t.Errorf("not mended: asked %d rows, %v", young.asked-before, err)
		}
	})
	t.Run("nothing kept", func(t *testing.T) {
		anonymous := logistic(0)
		anonymous.about.Fingerprint = ""
		o := o
		o.Start = starter(map[string]*fake{"old.onnx": old, "new.onnx": anonymous})
		for range 2 {
			if _, err := check(t, dir, fmt.Sprintf(loanSpec, "", "f1: 0.5"), o); err != nil {
				t.Fatal(err)
			}
		}
		if anonymous.asked != 2*(n+1) {
			t.Errorf("asked %d rows", anonymous.asked)
		}
	})
	if left, _ := filepath.Glob(filepath.Join(o.Answers.Dir, ".new-*")); left != nil {
		t.Errorf("left over: %v", left)
	}
}

// TestLiveModelsFail: what goes wrong with a model is told at its place in the spec,
// with the rows, and every model is closed.
func TestLiveModelsFail(t *testing.T) {
	dir := loanRows(t, 9000)
	refuses := func(bad string) func(*model.Frame, int, *model.Answers) error {
		return func(f *model.Frame, row int, a *model.Answers) error {
			if f.Find("x").Floats[row] == at(8123) {
				return &model.Error{Message: bad, Detail: "Traceback\n  line 3\nValueError"}
			}
			return logistic(0).answer(f, row, a)
		}
	}
	for name, c := range map[string]struct {
		change func(*fake)
		spec   string
		want   string
	}{
		"a row that it cannot answer": {func(f *fake) { f.answer = refuses("it cannot") }, "f1: 0.5", "noworse.yaml:5:13: the candidate: row r8123: it cannot\n"},
		"what it said":                {func(f *fake) { f.answer = refuses("it cannot") }, "f1: 0.5", "| ValueError"},
		"a column that is not there":  {func(f *fake) { f.about.Inputs = []model.Input{{Name: "z"}} }, "f1: 0.5", `5:13: the candidate: the model wants "z"`},
		"the truth":                   {func(f *fake) { f.about.Inputs = []model.Input{{Name: "y"}} }, "f1: 0.5", `the candidate: the model wants the column "y", which is the true answer`},
		"other classes":               {func(f *fake) { f.classes = []string{"no", "yes"} }, "f1: 0.5", `the model's classes are "no", "yes", and none of them is "1"`},
		"a class nobody knows": {func(f *fake) {
			f.answer = func(f *model.Frame, row int, a *model.Answers) error { a.Labels = append(a.Labels, "2"); return nil }
			f.classes = nil
		}, "f1: 0.5", `noworse.yaml:5:13: the candidate:`},
		"no scores": {func(f *fake) {
			f.classes = nil
			f.answer = func(f *model.Frame, row int, a *model.Answers) error { a.Labels = append(a.Labels, "1"); return nil }
		}, "roc_auc: 0.1", "7:47: roc_auc needs scores, and the candidate answers labels alone"},
		"NaN": {func(f *fake) {
			f.answer = func(f *model.Frame, row int, a *model.Answers) error {
				logistic(0).answer(f, row, a)
				if row == 17 {
					a.Scores[1][row] = math.NaN()
				}
				return nil
			}
		}, "f1: 0.5", "a score that is NaN"},
		"a probability of 2": {func(f *fake) {
			f.answer = func(f *model.Frame, row int, a *model.Answers) error {
				logistic(0).answer(f, row, a)
				a.Scores[1][row] = 2
				return nil
			}
		}, "f1: 0.5", "5:13: the candidate:"},
	} {
		t.Run(name, func(t *testing.T) {
			old, young := logistic(0.1), logistic(0)
			c.change(young)
			o := gate.Options{Start: starter(map[string]*fake{"old.onnx": old, "new.onnx": young}), Answers: live.Cache{Dir: t.TempDir()}}
			_, err := check(t, dir, fmt.Sprintf(loanSpec, "", c.spec), o)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
			if _, ok := errors.AsType[spec.Problems](err); !ok {
				t.Errorf("not problems of the spec: %T", err)
			}
			if young.closed == 0 {
				t.Error("the model was not closed")
			}
			if left, _ := filepath.Glob(filepath.Join(o.Answers.Dir, "*")); len(left) > 2 {
				t.Errorf("left over: %v", left)
			}
		})
	}
	t.Run("no such model", func(t *testing.T) {
		_, err := check(t, dir, fmt.Sprintf(loanSpec, "", "f1: 0.5"), gate.Options{Start: starter(nil)})
		if err == nil || !strings.Contains(err.Error(), "5:13: the candidate: ") || !strings.Contains(err.Error(), "hint: train it") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("bad slices are told before a model is asked", func(t *testing.T) {
		young := logistic(0)
		o := gate.Options{Start: starter(map[string]*fake{"old.onnx": logistic(0.1), "new.onnx": young})}
		_, err := check(t, dir, fmt.Sprintf(loanSpec, "", "f1: 0.5")+"slices: {named: {a: nothere > 1}}\n", o)
		if err == nil || !strings.Contains(err.Error(), "nothere") || young.asked != 0 {
			t.Errorf("got %v after %d rows", err, young.asked)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		young := logistic(0)
		young.answer = func(*model.Frame, int, *model.Answers) error { cancel(); return nil }
		o := gate.Options{Open: opener(2), Start: starter(map[string]*fake{"old.onnx": logistic(0.1), "new.onnx": young})}
		s, err := spec.Parse(filepath.Join(dir, "noworse.yaml"), fmt.Appendf(nil, loanSpec, "", "f1: 0.5"), spec.Options{Vocabulary: gate.Vocabulary()})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := gate.Check(ctx, s, o); !errors.Is(err, context.Canceled) || young.closed == 0 {
			t.Errorf("got %v", err)
		}
	})
}

// TestLiveFrames: a model is given every value as it is, whatever the kind.
func TestLiveFrames(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "eval.csv"), []byte("a,b,c,d,e,y\n1,1.5,x,true,2026-01-02 03:04:05.678,1\n,,,,,2\n-3,inf,\"q\"\"\",false,1969-12-31 23:59:59,3.5\n"), 0o644)
	got := map[string]string{}
	var mu sync.Mutex
	f := &fake{about: model.Description{Form: "onnx"}, answer: func(f *model.Frame, row int, a *model.Answers) error {
		mu.Lock()
		defer mu.Unlock()
		key := ""
		for i := range f.Columns {
			c := &f.Columns[i]
			switch {
			case c.Kind == dataset.Float:
				key += fmt.Sprint(c.Floats[row], c.Null(row))
			case c.Null(row):
				key += "null"
			case c.Kind == dataset.Text:
				key += c.Texts[row]
			case c.Kind == dataset.Time:
				key += time.UnixMicro(c.Ints[row]).UTC().Format(time.RFC3339Nano)
			default:
				key += fmt.Sprint(c.Ints[row])
			}
			key += "|"
		}
		got[key] = f.Columns[0].Name
		a.Numbers = append(a.Numbers, float64(row))
		return nil
	}}
	_, err := check(t, dir, `version: 1
task: regression
data: {eval: {path: eval.csv, label: y}}
candidate: {onnx: {path: m.onnx}}
metrics: {mae: {max: 1000}}
`, gate.Options{Start: starter(map[string]*fake{"m.onnx": f})})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1|1.5 false|x|1|2026-01-02T03:04:05.678Z|", "null|NaN true|null|null|null|", `-3|+Inf false|q"|0|1969-12-31T23:59:59Z|`} {
		if _, ok := got[want]; !ok {
			t.Errorf("no row %q among %v", want, got)
		}
	}
}

// TestLiveMulticlass: classes go by their names, in whatever order the model has
// them, and rows without a label are not asked about.
func TestLiveMulticlass(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "eval.csv"), []byte("x,y\n0,a\n1,b\n2,c\n3,\n"), 0o644)
	f := &fake{about: model.Description{Form: "onnx", Fingerprint: "m"}, classes: []string{"c", "a", "b"}}
	f.answer = func(fr *model.Frame, row int, a *model.Answers) error {
		for k := range f.classes {
			p := 0.1
			if f.classes[k] == string('a'+rune(fr.Find("x").Ints[row])) {
				p = 0.8
			}
			a.Scores[k] = append(a.Scores[k], p)
		}
		return nil
	}
	r, err := check(t, dir, `version: 1
task: multiclass
data: {eval: {path: eval.csv, label: y, unlabelled: drop}}
candidate: {onnx: {path: m.onnx}}
metrics: {accuracy: {min: 0.1}, log_loss: {max: 1}}
`, gate.Options{Start: starter(map[string]*fake{"m.onnx": f}), Answers: live.Cache{Dir: t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Checks {
		want := map[string]float64{"accuracy": 1, "log_loss": -math.Log(0.8)}[c.Metric]
		if math.Abs(*c.Candidate-want) > 1e-12 {
			t.Errorf("%s is %v, want %v", c.Metric, *c.Candidate, want)
		}
	}
	if f.asked != 3 {
		t.Errorf("asked %d rows", f.asked)
	}
}
