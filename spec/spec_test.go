package spec

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const head = "version: 1\ntask: binary\ndata: {eval: {path: eval.csv, id: id, label: y}}\n" +
	"candidate: {predictions: {path: new.csv, label: p, score: s}}\n" +
	"baseline: {predictions: {path: old.csv, label: p, score: s}}\n"

func mustParse(t *testing.T, text string) *Spec {
	t.Helper()
	s, err := Parse("dir/noworse.yaml", []byte(text), options())
	if err != nil {
		t.Fatalf("refused:\n%v", err)
	}
	return s
}

// problemsOf parses what must be refused.
func problemsOf(t *testing.T, text string) Problems {
	t.Helper()
	_, err := Parse("noworse.yaml", []byte(text), options())
	var p Problems
	if !errors.As(err, &p) {
		t.Fatalf("want Problems, got %v", err)
	}
	return p
}

func rule(key string, edit func(*Rule)) Rule {
	r := Rule{Key: key, Metric: key, At: "metrics." + key}
	edit(&r)
	return r
}

func TestTheProductsSpec(t *testing.T) {
	s, err := Load("testdata/good/from_the_product.yaml", options())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join("testdata", "good")
	positive, threshold := "1", 0.37
	want := Eval{Path: filepath.Join(dir, "data", "eval.parquet"),
		Join: []Join{{Path: filepath.Join(dir, "data", "customers.parquet"), ID: "customer_id"}},
		ID:   "application_id", Label: "approved", Positive: &positive, Features: []string{"age", "income"},
		Weight: "exposure", Time: "applied_at", Group: "customer_id", Unlabelled: UnlabelledDrop, Version: "v2"}
	if !reflect.DeepEqual(s.Eval, want) {
		t.Errorf("eval: got %+v, want %+v", s.Eval, want)
	}
	model := &Model{Path: filepath.Join(dir, "predictions", "candidate.csv"), ID: "application_id", Label: "approved", Score: "p", Threshold: &threshold}
	if !reflect.DeepEqual(s.Candidate, model) {
		t.Errorf("candidate: got %+v, want %+v", s.Candidate, model)
	}
	rules := []Rule{
		rule("accuracy", func(r *Rule) { r.MaxDrop = &Margin{Value: 0.02} }),
		rule("f1_weighted", func(r *Rule) { r.MaxDrop = &Margin{0.02, true} }),
		rule("roc_auc", func(r *Rule) { r.MaxDrop, r.Min = &Margin{Value: 0.01}, bound(0.8) }),
		rule("log_loss", func(r *Rule) { r.MaxRise = &Margin{0.05, true} }),
		rule("confident_errors", func(r *Rule) {
			r.Metric, r.Above, r.MaxRise = "high_confidence_error_rate", bound(0.9), &Margin{Value: 0.005}
		}),
	}
	if !reflect.DeepEqual(s.Metrics, rules) {
		t.Errorf("metrics: got %+v, want %+v", s.Metrics, rules)
	}
	if s.Name != "loan-approval" || s.Dir != dir || len(s.SHA256) != 64 {
		t.Errorf("got name %q, dir %q, digest %q", s.Name, s.Dir, s.SHA256)
	}
}

func TestSlices(t *testing.T) {
	s, err := Load("testdata/good/from_the_product.yaml", options())
	if err != nil {
		t.Fatal(err)
	}
	shared := Rule{Key: "accuracy", Metric: "accuracy", MaxDrop: &Margin{Value: 0.03}, At: "slices.rules.accuracy"}
	own := Rule{Key: "f1", Metric: "f1", Min: bound(0.9), At: "slices.named.big_tickets.rules.f1"}
	want := &Slices{MinRows: 50,
		Named: []NamedSlice{
			{"new_users", "user_age_days < 7", []Rule{shared}, Block, "slices.named.new_users"},
			{"enterprise", "tier = 'enterprise'", []Rule{shared}, Block, "slices.named.enterprise"},
			{"big_tickets", "transaction_value > 1000", []Rule{shared, own}, Block, "slices.named.big_tickets.where"},
		},
		By: []BySlices{
			{[]string{"tier"}, []Rule{shared}, Warn, "slices.by.0"},
			{[]string{"platform", "region"}, []Rule{shared}, Warn, "slices.by.1"},
		}}
	if !reflect.DeepEqual(s.Slices, want) {
		t.Errorf("got %+v\nwant %+v", s.Slices, want)
	}
}

func TestOwnRuleReplacesTheSharedOne(t *testing.T) {
	s := mustParse(t, head+"slices:\n  rules: {accuracy: 0.03, f1: {}}\n  named: {new: {where: a < 1, severity: warn, rules: {accuracy: 10%}}}\n")
	got := s.Slices.Named[0]
	if len(got.Rules) != 2 || got.Rules[0].MaxDrop.Value != 0.1 || !got.Rules[0].MaxDrop.Relative || got.Severity != Warn {
		t.Errorf("got %+v", got)
	}
	if f1 := got.Rules[1].MaxDrop; f1 == nil || f1.Value != sliceMargin {
		t.Errorf("the default margin in slices: got %+v", f1)
	}
}

func TestDefaults(t *testing.T) {
	s := mustParse(t, head+"metrics: {}\nslices: {by: [tier]}\n")
	var keys []string
	for _, r := range s.Metrics {
		keys = append(keys, r.Key)
		if r.MaxRise != nil && (r.MaxRise.Value != 0.005 || *r.Above != 0.9) || r.MaxDrop != nil && r.MaxDrop.Value != 0.02 {
			t.Errorf("default margin: %+v", r)
		}
	}
	if want := []string{"accuracy", "f1", "roc_auc", "high_confidence_error_rate"}; !reflect.DeepEqual(keys, want) {
		t.Errorf("default metrics: got %v, want %v", keys, want)
	}
	if r := s.Slices.By[0].Rules; len(r) != 1 || r[0].Key != "accuracy" || r[0].MaxDrop.Value != 0.03 {
		t.Errorf("default slice rules: %+v", r)
	}
	if s.Name != "noworse" || s.Eval.Unlabelled != UnlabelledError || s.Slices.MinRows != 50 {
		t.Errorf("other defaults: %q %q %d", s.Name, s.Eval.Unlabelled, s.Slices.MinRows)
	}
	labels := mustParse(t, strings.ReplaceAll(head, ", score: s", "")+"metrics: {}\n")
	if len(labels.Metrics) != 2 {
		t.Errorf("without scores: got %+v", labels.Metrics)
	}
}

func TestValuesStayAsWritten(t *testing.T) {
	s, err := Load("testdata/good/values_as_written.yaml", options())
	if err != nil {
		t.Fatal(err)
	}
	e := s.Eval
	if e.ID != "007" || e.Label != "1" || *e.Positive != "-1" || e.Weight != "true" || e.Group != "1e3" || e.Version != "2024-01-02" {
		t.Errorf("got %+v", e)
	}
	if !reflect.DeepEqual(e.Classes, []string{"-1", "1.50"}) || s.Candidate.Score != "0x1F" || *s.Baseline.Threshold != 0.1 {
		t.Errorf("got %v, %+v", e.Classes, s.Candidate)
	}
	if !reflect.DeepEqual(s.Slices.By[1].Columns, []string{"true"}) {
		t.Errorf("got %+v", s.Slices.By)
	}
}

// TestMarginsAreExact: 2% and 0.02 are the same number, as are all shares.
func TestMarginsAreExact(t *testing.T) {
	for text, want := range map[string]Margin{"2%": {0.02, true}, "0.1%": {0.001, true}, "100%": {1, true}, "0.02": {0.02, false}, "-0": {0, false}, "7e-3": {0.007, false}} {
		s := mustParse(t, head+"metrics: {accuracy: "+text+"}\n")
		if got := *s.Metrics[0].MaxDrop; got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
}

// TestAllAtOnce: every defect is reported, in order, each once, and nothing
// that merely follows from another.
func TestAllAtOnce(t *testing.T) {
	got := problemsOf(t, `version: 1
task: binary
data:
  eval:
    path: ftp://bucket/x.csv
    id: id
    lable: y
candidate:
  predictions: {path: new.csv, label: p}
baseline:
  onnx: {path: m.onnx, file: m.onnx}
metrics:
  acuracy: 2%
  accuracy: {max_rise: 0.02}
  roc_auc: {min: 0.9, max_drop: -1}
  f1: {min: 0.9, max: 0.8}
slices:
  min_rows: none
  by: [tier, tier]
contract: {new_columns: test}
`)
	want := []string{
		`5:11: path: ftp:// paths are not read`,
		`7:5: unknown key "lable": did you mean "label"?`,
		`11:24: unknown key "file"`,
		`13:3: unknown metric "acuracy"`,
		`14:14: accuracy is better when higher: write max_drop`,
		`15:3: roc_auc needs scores and the candidate gives none`,
		`15:33: max_drop is negative`,
		`16:13: min 0.9 is above max 0.8`,
		`18:13: min_rows wants a whole number`,
		`19:14: by lists the same columns twice`,
		`20:1: contract is from reference, and data has no reference`,
		`20:25: new_columns wants one of warn, block, ignore`,
	}
	if len(got) != len(want) {
		t.Errorf("got %d problems, want %d:\n%v", len(got), len(want), got)
	}
	for i := range min(len(got), len(want)) {
		if !strings.HasPrefix(got[i].Error(), "noworse.yaml:"+want[i]) {
			t.Errorf("problem %d: got\n%v\nwant %s", i, got[i], want[i])
		}
	}
}

func TestProblemFormat(t *testing.T) {
	got := problemsOf(t, head+"metrics:\n    acuracy: {max_drop: 0.02}\n").Error()
	want := `noworse.yaml:7:5: unknown metric "acuracy": did you mean "accuracy"?
    7 |     acuracy: {max_drop: 0.02}
      |     ^^^^^^^`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestExcerpt: a long line is cut around the place, and control characters do
// not reach the terminal.
func TestExcerpt(t *testing.T) {
	p := Problem{File: "f", Line: 1, Col: 501, Width: 3, Message: "m", Source: strings.Repeat("x", 500) + "abc" + strings.Repeat("\x1b", 500)}
	lines := strings.Split(p.Error(), "\n")
	at := strings.Index(lines[2], "^^^")
	source, caret := []rune(lines[1]), []rune(lines[2][:at])
	if string(source[len(caret):len(caret)+3]) != "abc" || len(source) > 140 || strings.Contains(lines[1], "\x1b") {
		t.Errorf("got\n%s", p.Error())
	}
	tabbed := Problem{File: "f", Line: 1, Col: 3, Message: "m", Source: "\t\tx"}
	if !strings.HasSuffix(tabbed.Error(), "| \t\t^") {
		t.Errorf("tabs are not kept: %q", tabbed.Error())
	}
}

func TestLoadWhatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{
		filepath.Join(dir, "missing.yaml"): "there is no such file",
		dir:                                "this is a directory",
	} {
		_, err := Load(path, options())
		var p Problems
		if !errors.As(err, &p) || len(p) != 1 || !strings.HasPrefix(p[0].Error(), path+": "+want) {
			t.Errorf("%s: got %v", path, err)
		}
	}
	_, err := Load("x", Options{ReadFile: func(string) ([]byte, error) { return nil, os.ErrPermission }})
	if err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("got %v", err)
	}
}

// TestExtendsTakesShortRulesAsTheirLongForm: a policy's `f1: 0.02` and
// {max_drop: 0.02} mean the same to the spec that extends it.
func TestExtendsTakesShortRulesAsTheirLongForm(t *testing.T) {
	parse := func(policy, own string) Rule {
		t.Helper()
		o := options()
		o.ReadFile = func(string) ([]byte, error) {
			return []byte("version: 1\nmetrics: {" + policy + "}\nslices: {rules: {" + policy + "}}\n"), nil
		}
		s, err := Parse("noworse.yaml", []byte(head+"extends: policy.yaml\nmetrics: {"+own+"}\nslices: {rules: {"+own+"}, by: [tier]}\n"), o)
		if err != nil {
			t.Fatalf("%s, %s: refused:\n%v", policy, own, err)
		}
		sliced := s.Slices.By[0].Rules[0]
		if sliced.At = s.Metrics[0].At; !reflect.DeepEqual(s.Metrics[0], sliced) {
			t.Errorf("%s, %s: in slices %+v", policy, own, sliced)
		}
		return s.Metrics[0]
	}
	for _, c := range []struct{ short, long, own, ownLong string }{
		{"f1: 0.02", "f1: {max_drop: 0.02}", "f1: {min: 0.5}", "f1: {min: 0.5}"},
		{"log_loss: 5%", "log_loss: {max_rise: 5%}", "log_loss: {severity: warn}", "log_loss: {severity: warn}"},
		{"f1: {min: 0.5}", "f1: {min: 0.5}", "f1: 0.01", "f1: {max_drop: 0.01}"},
		{"f1: 0.02", "f1: {max_drop: 0.02}", "f1: 0.01", "f1: {max_drop: 0.01}"},
	} {
		want := parse(c.long, c.ownLong)
		if got := parse(c.short, c.own); !reflect.DeepEqual(got, want) {
			t.Errorf("%s under %s: %+v, want %+v", c.own, c.short, got, want)
		}
	}
	r := parse("f1: 0.02", "f1: {min: 0.5}")
	if r.MaxDrop == nil || r.MaxDrop.Value != 0.02 || r.Min == nil || *r.Min != 0.5 {
		t.Errorf("both limits must hold: %+v", r)
	}
}

func TestDecision(t *testing.T) {
	for text, want := range map[string]Decision{
		"":                         {0.05, ByEvidence, Block, Warn},
		"decision: {}\n":           {0.05, ByEvidence, Block, Warn},
		"decision: {alpha: .01}\n": {0.01, ByEvidence, Block, Warn},
		"decision: {fail: point, inconclusive: {overall: warn}}\n":  {0.05, ByPoint, Warn, Warn},
		"decision: {fail: beyond, inconclusive: {slices: block}}\n": {0.05, ByBeyond, Block, Block},
	} {
		if got := mustParse(t, head+"metrics: {accuracy: 0.02}\n"+text).Decision; got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

// TestCostText: costs are told apart by their texts, however many cells they
// have.
func TestCostText(t *testing.T) {
	cells := func(last float64) Cost {
		var c Cost
		for range 40 {
			c = append(c, CostCell{True: "cat", Predicted: "dog", Value: -5})
		}
		c[39].Value = last
		return c
	}
	a, b := cells(1).String(), cells(2).String()
	if a == b || a != cells(1).String() || len(a) > 500 || !strings.HasPrefix(a, `"cat" as "dog" -5, `) {
		t.Errorf("%s\n%s", a, b)
	}
	one := Cost{{Outcome: "tp", Column: "amount", Negative: true}, {Outcome: "fp", Value: 2}}
	if got := one.String(); got != "tp -amount, fp 2" {
		t.Error(got)
	}
}
