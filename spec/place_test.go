package spec

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestProblemShowsTheSetting(t *testing.T) {
	s := mustParse(t, `version: 1
task: binary
data:
  eval:
    path: eval.csv
    id: id
    label: aproved
    join:
      - {path: c.csv, id: customer}
candidate: {predictions: {label: p}}
slices:
  named:
    a.b\c: age < 7
    big: {where: v >> 1}
  by: [tier, [x, y]]
`)
	for at, want := range map[string]string{
		"data.eval.label":                       "7:12",
		At("data", "eval", "join", "0", "id"):   "9:27",
		"data.eval.join.7.id":                   "8:5",
		At("slices", "named", `a.b\c`):          "13:12",
		At("slices", "named", `a.b\c`, "where"): "13:12",
		s.Slices.Named[1].At:                    "14:18",
		s.Slices.By[1].At:                       "15:14",
		s.Slices.Named[0].Rules[0].At:           "11:1",
		"data.eval.weight":                      "4:3",
		At("slices", "named", "a", "b"):         "12:3",
		"metrics.accuracy":                      "1:1",
		"":                                      "1:1",
	} {
		p := s.Problem(at, "there is no such column", "hint")
		if got := fmt.Sprintf("%d:%d", p.Line, p.Col); got != want {
			t.Errorf("%q: got %s, want %s", at, got, want)
		}
		if p.File != "dir/noworse.yaml" || p.Source == "" || p.Hint != "hint" {
			t.Errorf("%q: got %+v", at, p)
		}
	}
	if p := (&Spec{Path: "x.yaml"}).Problem("data", "m", ""); p.File != "x.yaml" || p.Line != 1 {
		t.Errorf("a spec built by hand: got %+v", p)
	}
}

func TestVariables(t *testing.T) {
	s, err := Load("testdata/good/environment.yaml", options())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(s.Eval.Path, "eval-${x}.csv") || !strings.Contains(s.Eval.Path, "from-env") || s.Eval.Version != "hunter2 & co" {
		t.Errorf("got %+v", s.Eval)
	}
	p := s.Problem("data.eval.path", "cannot open "+s.Eval.Path, "not even as "+s.Eval.Version)
	text := p.Error()
	if strings.Contains(text, "from-env") || strings.Contains(text, "hunter2") || !strings.Contains(text, "cannot open testdata") || !strings.Contains(text, "${SECRET}") {
		t.Errorf("got %s", text)
	}
}

// files serves a chain of specs from memory.
type files map[string]string

func (f files) load(path string) (*Spec, error) {
	o := options()
	o.ReadFile = func(path string) ([]byte, error) {
		text, ok := f[strings.ReplaceAll(path, "\\", "/")]
		if !ok {
			return nil, os.ErrNotExist
		}
		return []byte(text), nil
	}
	return Load(path, o)
}

func chain() files {
	return files{
		"team/loan/noworse.yaml": "version: 1\nextends: ../policy.yaml\ncandidate: {predictions: {path: new.csv, label: p}}\nmetrics: {f1: {severity: warn}}\n",
		"team/policy.yaml":       "extends: base/all.yaml\nbaseline: {predictions: {path: old.csv, label: p}}\nmetrics:\n  f1: {max_drop: 0.01}\n",
		"team/base/all.yaml": "version: 1\nname: base\ntask: binary\ndata: {eval: {path: eval.csv, id: id, label: y, features: [a, b]}}\n" +
			"metrics: {accuracy: 2%, f1: {max_drop: 0.5, min: 0.1}}\n",
	}
}

func TestExtends(t *testing.T) {
	f := chain()
	s, err := f.load("team/loan/noworse.yaml")
	if err != nil {
		t.Fatal(err)
	}
	slash := func(p string) string { return strings.ReplaceAll(p, "\\", "/") }
	if slash(s.Eval.Path) != "team/base/eval.csv" || slash(s.Baseline.Path) != "team/old.csv" || slash(s.Candidate.Path) != "team/loan/new.csv" {
		t.Errorf("paths: %q, %q, %q", s.Eval.Path, s.Baseline.Path, s.Candidate.Path)
	}
	if len(s.Metrics) != 2 || s.Metrics[0].Key != "accuracy" || s.Name != "base" || slash(s.Dir) != "team/loan" {
		t.Errorf("got %+v", s)
	}
	f1 := s.Metrics[1]
	if f1.MaxDrop.Value != 0.01 || *f1.Min != 0.1 || f1.Severity != Warn {
		t.Errorf("merged rule: %+v", f1)
	}
	p := s.Problem("data.eval.label", "no such column", "")
	if slash(p.File) != "team/base/all.yaml" || p.Line != 4 || !strings.Contains(p.Source, "label: y") {
		t.Errorf("position in the extended file: %+v", p)
	}
	f["team/base/all.yaml"] += "# changed\n"
	if changed, err := f.load("team/loan/noworse.yaml"); err != nil || changed.SHA256 == s.SHA256 {
		t.Errorf("the digest does not cover what is extended (%v)", err)
	}
}

func TestExtendsIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(files)
		want []string
	}{
		"cycle": {func(f files) { f["team/base/all.yaml"] = "extends: ../../team/policy.yaml\n" },
			[]string{"team/base/all.yaml:1:10: extends goes in a circle: team/policy.yaml → team/base/all.yaml → team/policy.yaml"}},
		"itself": {func(f files) { f["team/policy.yaml"] = "extends: policy.yaml\n" },
			[]string{"team/policy.yaml:1:10: extends goes in a circle: team/policy.yaml → team/policy.yaml"}},
		"missing": {func(f files) { delete(f, "team/base/all.yaml") },
			[]string{`team/policy.yaml:1:10: extends "base/all.yaml": there is no such file`}},
		"syntax": {func(f files) { f["team/base/all.yaml"] = "name: 'x\n" },
			[]string{"team/base/all.yaml:1:7: text that starts here with ' never ends"}},
		"in two files": {func(f files) {
			f["team/base/all.yaml"] += "retries: {}\n"
			f["team/loan/noworse.yaml"] += "metrcs: {}\n"
		}, []string{`team/loan/noworse.yaml:5:1: unknown key "metrcs"`, `team/base/all.yaml:6:1: unknown key "retries"`}},
		"sense across files": {func(f files) {
			f["team/policy.yaml"] = strings.Replace(f["team/policy.yaml"], "max_drop: 0.01", "max: 0.05", 1)
		},
			[]string{"team/base/all.yaml:5:50: min 0.1 is above max 0.05"}},
		"incomplete": {func(f files) { f["team/base/all.yaml"] = "name: base\n" },
			[]string{"team/loan/noworse.yaml:1:1: the spec needs task", "team/loan/noworse.yaml:1:1: the spec needs data"}},
		"version": {func(f files) { f["team/policy.yaml"] = "version: 3\n" + f["team/policy.yaml"] },
			[]string{"team/policy.yaml:1:10: version wants the number 1"}},
		"no version": {func(f files) {
			f["team/loan/noworse.yaml"] = strings.TrimPrefix(f["team/loan/noworse.yaml"], "version: 1\n")
		},
			[]string{"team/loan/noworse.yaml:1:1: version is missing"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := chain()
			c.edit(f)
			_, err := f.load("team/loan/noworse.yaml")
			problems, _ := err.(Problems)
			if len(problems) != len(c.want) {
				t.Fatalf("got\n%v\nwant %q", err, c.want)
			}
			for i, p := range problems {
				if got := strings.ReplaceAll(p.Error(), "\\", "/"); !strings.HasPrefix(got, c.want[i]) {
					t.Errorf("got\n%s\nwant %s", got, c.want[i])
				}
			}
		})
	}
}

// TestExtendsEnds: a chain whose names never repeat ends all the same.
func TestExtendsEnds(t *testing.T) {
	o := options()
	o.ReadFile = func(string) ([]byte, error) { return []byte("extends: deeper/x.yaml\n"), nil }
	_, err := Load("x.yaml", o)
	if err == nil || !strings.Contains(err.Error(), "extend each other") {
		t.Errorf("got %v", err)
	}
}
