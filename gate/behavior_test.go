package gate_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/model"
	"github.com/noworse/noworse/result"
)

// credit is a model of the loans: a logistic of x, moved by k, and, where sexist is
// not 0, by tier.
func credit(name string, tierWeight float64) *fake {
	f := logistic(0)
	f.about.Fingerprint = name
	f.answer = func(fr *model.Frame, row int, a *model.Answers) error {
		z := 8 * fr.Find("x").Floats[row]
		if k := fr.Find("k"); k != nil && !k.Null(row) {
			z += 0.1 * float64(k.Ints[row])
		}
		if fr.Find("tier").Texts[row] == "b" {
			z += tierWeight
		}
		p := 1 / (1 + math.Exp(-z))
		a.Scores[0], a.Scores[1] = append(a.Scores[0], 1-p), append(a.Scores[1], p)
		a.Labels = append(a.Labels, map[bool]string{true: "1", false: "0"}[p >= 0.5])
		return nil
	}
	return f
}

const creditSpec = `version: 1
name: loan
task: binary
data: {eval: {path: eval.csv, id: id, label: y, features: [x, k, tier]}}
candidate: {onnx: {path: new.onnx}}
baseline: {onnx: {path: old.onnx}}
behavior:
`

func behave(t *testing.T, dir, entries string, candidate, baseline *fake) (map[string]result.Check, *result.Result, error) {
	t.Helper()
	r, err := check(t, dir, creditSpec+entries, gate.Options{Start: starter(map[string]*fake{"old.onnx": baseline, "new.onnx": candidate})})
	if err != nil {
		return nil, nil, err
	}
	checks := map[string]result.Check{}
	for _, c := range r.Checks {
		checks[c.ID] = c
	}
	return checks, r, nil
}

func TestBehavior(t *testing.T) {
	dir := loanRows(t, 3000)
	os.Mkdir(filepath.Join(dir, "behavior"), 0o755)
	os.WriteFile(filepath.Join(dir, "behavior", "a.jsonl"), []byte(`{"name": "rich", "given": {"x": 0.9, "k": 3, "tier": "a"}, "expect": 1}
{"name": "poor", "given": {"x": -0.9, "k": null, "tier": "b"}, "expect": {"label": 0, "score": {"max": 0.1}}}
{"name": "odd", "given": {"x": -0.9, "k": 0, "tier": "b"}, "expect": 1}
`), 0o644)
	os.WriteFile(filepath.Join(dir, "behavior", "b.csv"), []byte("name,x,k,tier,expect,score_min\nhalf,0.5,,a,1,0.95\n,0.5,1,\"b\",1,\n"), 0o644)
	const entries = `
  - {name: sure, given: {x: 1, k: 0, tier: a}, expect: 1}
  - {name: unsure, given: {x: -1, k: 0, tier: a}, expect: {score: {min: 0.4, max: 0.6}}}
  - {name: files, cases: behavior/*, known_failures: [odd]}
  - {name: tier does not matter, change: {tier: {values: [a, b]}}, expect: {label: same, score: {within: 0.01}}}
  - {name: more x helps, rows: {where: x < 0.5, sample: 200}, change: {x: {add: 0.1}}, expect: {score: not_lower}}
  - {name: less x harms, rows: {sample: 100}, change: {x: {add: -0.1}}, expect: {score: not_lower}, pass_rate: 0.5}
  - {name: nothing there, rows: {where: x > 5}, change: {x: {add: 1}}, expect: {label: same}}
  - {name: unmoved, change: {tier: {case: lower}}, expect: {label: same}}
  - {name: rising, rows: {sample: 50}, monotone: {x: increasing}}
  - {name: falling, rows: {sample: 50}, monotone: {x: decreasing}, severity: warn}
`
	checks, r, err := behave(t, dir, entries, credit("new", 2), credit("old", 0))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		id      string
		verdict result.Verdict
		rows    uint64
		reason  string
	}{
		{"behavior/sure", result.Pass, 1, "as expected"},
		{"behavior/unsure", result.Fail, 1, "0.00033535 is below 0.4; the baseline says 0 (0.0003354)"},
		{"behavior/files", result.Pass, 5, "all 4 cases as expected; 1 known failure is still there"},
		{"behavior/tier does not matter", result.Fail, 500, "of 500 changed rows not as expected: r"},
		{"behavior/more x helps", result.Pass, 200, "all 200 changed rows as expected"},
		{"behavior/less x harms", result.Fail, 100, "100 of 100 changed rows not as expected: r"},
		{"behavior/nothing there", result.Skipped, 0, "no row is there"},
		{"behavior/unmoved", result.Skipped, 500, "the change leaves all 500 rows as they are"},
		{"behavior/rising", result.Pass, 50, "all 50 rows as expected"},
		{"behavior/falling", result.Fail, 50, "50 of 50 rows not as expected: r"},
	} {
		got, ok := checks[c.id]
		if !ok {
			t.Errorf("no check %s", c.id)
			continue
		}
		rows := uint64(0)
		if got.Rows != nil {
			rows = *got.Rows
		}
		if got.Verdict != c.verdict || rows != c.rows || !strings.Contains(got.Reason, c.reason) {
			t.Errorf("%s: %s on %d rows, %q; want %s on %d, %q", c.id, got.Verdict, rows, got.Reason, c.verdict, c.rows, c.reason)
		}
	}
	if r.Exit != 1 {
		t.Errorf("exit %d", r.Exit)
	}
	tier := checks["behavior/tier does not matter"]
	if *tier.Baseline != 1 || *tier.Candidate >= 1 || tier.Details.Behavior.Asked != 500 || len(tier.Details.Behavior.Failing) != 20 || tier.Interval == nil || tier.Interval[1] >= 1 {
		t.Errorf("got %+v with %+v", tier, tier.Details.Behavior)
	}
	e := tier.Details.Behavior.Failing[0]
	if e.Before == nil || e.Before.Score == nil || e.After.Score == nil || len(e.Values) != 1 || e.Values[0].Column != "tier" || *e.Values[0].Before == e.Values[0].After {
		t.Errorf("an example without before and after: %+v", e)
	}
	t.Run("the same rows and words again, at any number of threads", func(t *testing.T) {
		for range 2 {
			again, _, err := behave(t, dir, entries, credit("new", 2), credit("old", 0))
			if err != nil {
				t.Fatal(err)
			}
			for id, c := range checks {
				if again[id].Reason != c.Reason {
					t.Errorf("%s: %q, then %q", id, c.Reason, again[id].Reason)
				}
			}
		}
	})
	t.Run("only", func(t *testing.T) {
		o := gate.Options{Start: starter(map[string]*fake{"old.onnx": credit("old", 0), "new.onnx": credit("new", 0)}), Only: "behavior/sure"}
		r, err := check(t, dir, creditSpec+entries, o)
		if err != nil || len(r.Checks) != 1 || r.Exit != 0 {
			t.Errorf("got %v, %v", r, err)
		}
	})
	t.Run("a known failure that is mended", func(t *testing.T) {
		mended, _, err := behave(t, dir, "  - {name: files, cases: behavior/*, known_failures: [rich]}\n", credit("new", 0), credit("old", 0))
		if err != nil {
			t.Fatal(err)
		}
		c := mended["behavior/files"]
		if c.Verdict != result.Fail || !strings.Contains(c.Reason, "1 of 4 cases not as expected") || !strings.Contains(c.Reason, "1 known failure fails no more, take them off known_failures: rich") {
			t.Errorf("got %s, %s", c.Verdict, c.Reason)
		}
	})
}

// TestBehaviorRefused: what cannot be asked is told at its place before the model
// is asked anything.
func TestBehaviorRefused(t *testing.T) {
	dir := loanRows(t, 300)
	os.WriteFile(filepath.Join(dir, "c.jsonl"), []byte("{\"given\": {\"x\": 1, \"k\": 1, \"tier\": \"a\"}, \"expect\": 1}\n\n{\"name\": \"two\", \"given\": {\"x\": 1, \"k\": 1.5, \"tier\": \"a\"}, \"expect\": 1}\n"), 0o644)
	for name, c := range map[string]struct{ entry, want string }{
		"a column that is not given": {"{given: {x: 1, k: 0, tier: a, z: 2}, expect: 1}", `8:38: the model is given no column "z"`},
		"a value that is missing":    {"{given: {x: 1, k: 0}, expect: 1}", `no value is given for "tier", which the model wants`},
		"text for a number":          {"{given: {x: one, k: 0, tier: a}, expect: 1}", `8:17: column "x" holds numbers, and "one" is none`},
		"no class":                   {"{given: {x: 1, k: 0, tier: a}, expect: 2}", `8:44: "2" is not a class of column "y"`},
		"a case of a file":           {"{cases: c.jsonl}", `c.jsonl:3, two: column "k" holds whole numbers, and "1.5" is none`},
		"adding to a text":           {"{change: {tier: {add: 1}}, expect: {label: same}}", `8:15: add is for numbers, and column "tier" is text`},
		"a change of another column": {"{change: {y: {add: 1}}, expect: {label: same}}", `the model is given no column "y"`},
		"a grid of texts":            {"{monotone: {tier: increasing}}", `monotone is for numbers, and column "tier" is text`},
		"rows of an unknown column":  {"{rows: {where: nope > 1}, change: {x: {add: 1}}, expect: {label: same}}", "nope"},
		"too many swaps":             {"{change: {tier: {values: [a, b, c, d, e, f, g, h, i, j, l]}, k: {values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}}, expect: {label: same}}", "make 110 rows of each"},
	} {
		t.Run(name, func(t *testing.T) {
			young := credit("new", 0)
			_, _, err := behave(t, dir, "  - "+c.entry+"\n", young, credit("old", 0))
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "noworse.yaml:8:") {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
			if young.asked != 0 {
				t.Errorf("the model was asked %d rows", young.asked)
			}
		})
	}
}

// TestBehaviorError: a model that fails on a case makes an error of that check, never
// a pass.
func TestBehaviorError(t *testing.T) {
	dir := loanRows(t, 300)
	young := credit("new", 0)
	fine := young.answer
	young.answer = func(f *model.Frame, row int, a *model.Answers) error {
		if f.Find("x").Floats[row] == 77 {
			return &model.Error{Message: "too rich"}
		}
		return fine(f, row, a)
	}
	checks, r, err := behave(t, dir, "  - {name: a, given: {x: 77, k: 0, tier: a}, expect: 1}\n  - {name: b, given: {x: 7, k: 0, tier: a}, expect: 1}\n", young, credit("old", 0))
	if err != nil {
		t.Fatal(err)
	}
	if c := checks["behavior/a"]; c.Verdict != result.Error || !strings.Contains(c.Reason, "too rich") || checks["behavior/b"].Verdict != result.Pass || r.Exit != 2 {
		t.Errorf("got %+v, exit %d", c, r.Exit)
	}
}

// TestBehaviorChance: rows are a sample, so a pass rate that chance may miss does not fail.
func TestBehaviorChance(t *testing.T) {
	dir := loanRows(t, 3000)
	for _, c := range []struct {
		sample int
		rate   float64
		want   result.Verdict
	}{{20, 0.95, result.Inconclusive}, {1000, 0.99, result.Fail}, {1000, 0.5, result.Pass}} {
		// About one row in 16 has an x from -0.2 to 0: adding 0.2 changes its label.
		checks, _, err := behave(t, dir, fmt.Sprintf("  - {name: a, rows: {sample: %d}, change: {x: {add: 0.2}}, expect: {label: same}, pass_rate: %v}\n", c.sample, c.rate), credit("new", 0), credit("old", 0))
		if err != nil {
			t.Fatal(err)
		}
		if got := checks["behavior/a"]; got.Verdict != c.want {
			t.Errorf("%d rows at %v: %s, %s (%v in %v)", c.sample, c.rate, got.Verdict, got.Reason, *got.Candidate, *got.Interval)
		}
	}
}
