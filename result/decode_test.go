package result

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func ptr[T any](v T) *T { return &v }

// full has every field.
func full() *Result {
	flips := &Flips{Negative: 5, Positive: 2, Examples: []Example{{
		ID: "a<b>&\u2028", Label: "1", Baseline: Answer{Label: "1", Score: ptr(0.9)}, Candidate: Answer{Label: "0"},
	}}}
	r := &Result{
		Name: "loans", Summary: "BLOCKED", Started: "2026-01-02T03:04:05Z", Seconds: 1.25, Tool: Tool{"v1"},
		Spec: File{"noworse.yaml", "abc"}, Task: "binary",
		Data:      Data{Eval: Eval{Rows: 1 << 60, Unlabelled: 3, Version: "v2", Fingerprint: "fp1:0"}},
		Candidate: &Model{Form: "predictions", Path: "new.csv", Score: "p", Fingerprint: "fp1:1"},
		Baseline:  &Model{Form: "predictions", Label: "old", Fingerprint: "fp1:2"},
		Flips:     flips,
	}
	for _, rule := range []Rule{
		{MaxDrop: &Margin{Value: 0.02}, Limit: ptr(0.7), At: "noworse.yaml:3"},
		{MaxRise: &Margin{Value: 0.025, Relative: true}},
		{MaxChange: &Margin{Value: 0}, Limit: ptr(0.1), LimitHigh: ptr(0.3)},
		{Min: ptr(1e-300)}, {Max: ptr(-1.5)},
	} {
		r.Checks = append(r.Checks, Check{
			ID: "metric/x", Kind: "metric", Metric: "accuracy", Name: "x", Slice: "tier=a", Severity: "block", Rows: ptr(uint64(9)),
			Baseline: ptr(0.1), Candidate: ptr(1.0 / 3), Change: ptr(1.0/3 - 0.1), Rule: rule,
			Evidence: &Evidence{Method: "point", Paired: true, Family: "by", Bound: ptr(0.001)}, Verdict: Fail,
			Reason: "worse", Details: Details{Flips: flips},
		})
	}
	r.Finish()
	return r
}

func encoded(t testing.TB, r *Result) []byte {
	t.Helper()
	b, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDecodeGivesTheSameBytes(t *testing.T) {
	empty := new(Result)
	empty.Finish()
	for _, r := range []*Result{full(), empty} {
		want := encoded(t, r)
		back, err := Decode(want)
		if err != nil {
			t.Fatal(err)
		}
		if got := encoded(t, back); !bytes.Equal(got, want) {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}

func TestAnyMarginSurvives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Margin{Value: rapid.Float64Range(0, 1000).Draw(t, "value"), Relative: rapid.Bool().Draw(t, "relative")}
		want, err := m.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		back := Margin{Relative: !m.Relative}
		if err := back.UnmarshalJSON(want); err != nil {
			t.Fatal(err)
		}
		if got, err := back.MarshalJSON(); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s became %s, %v", want, got, err)
		}
	})
}

func TestDecodePassesOverUnknownFields(t *testing.T) {
	b := bytes.Replace(encoded(t, full()), []byte(`"name": "loans"`), []byte(`"later": {"a": [1]}, "name": "loans"`), 1)
	b = bytes.Replace(b, []byte(`"kind": "metric"`), []byte(`"sort": null, "kind": "metric"`), 1)
	if r, err := Decode(b); err != nil || r.Name != "loans" {
		t.Errorf("%v, %v", r, err)
	}
}

func TestDecodeRefuses(t *testing.T) {
	good := string(encoded(t, full()))
	for _, c := range []struct{ name, text, want string }{
		{"nothing", " \n", "it is empty"},
		{"a spec", "version: 1\nname: x\n", "it is not JSON: invalid character 'v' looking for beginning of value (at byte 1)"},
		{"a list", "[]", "it is JSON, but not a result of noworse: it is an array"},
		{"other JSON", `{"a": 1}`, "it is JSON, but not a result of noworse: it has no schema"},
		{"a newer schema", `{"schema": 2, "checks": "other"}`, "it has schema 2, and this version of noworse reads no newer one than 1: a newer noworse can read it"},
		{"no such schema", `{"schema": 0}`, "there is no schema 0"},
		{"half", good[:len(good)/2], "it is cut short"},
		{"twice", good + good, "it is not JSON: invalid character '{' after top-level value"},
		{"a wrong kind", strings.Replace(good, `"rows": 9`, `"rows": "nine"`, 1), "checks.rows cannot be a string"},
		{"a wrong margin", strings.Replace(good, `"2.5%"`, `"2.5"`, 1), `a margin is a number or a share such as "2%", and not "2.5"`},
		{"no id", strings.Replace(good, `"id": "metric/x"`, `"id": ""`, 1), "checks[0] has no id"},
		{"a verdict changed", strings.Replace(good, `"verdict": "fail"`, `"verdict": "pass"`, 1), `it contradicts itself: its verdict is "pass", and its checks make it "fail"`},
		{"an exit changed", strings.Replace(good, `"exit": 1`, `"exit": 0`, 1), "it contradicts itself: its exit is 0, and its checks make it 1"},
		{"a check taken out", strings.Replace(good, `"fail": 5`, `"fail": 6`, 1), "it contradicts itself: its counts are not those of its checks"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Decode([]byte(c.text))
			if r != nil || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, %v; want %s", r, err, c.want)
			}
		})
	}
}

// A pass that its own numbers belie is no result of a run.
func TestDecodeHoldsPassesToTheirLimits(t *testing.T) {
	margin := &Margin{Value: 0.02}
	for _, c := range []struct {
		rule      Rule
		candidate float64
		good      bool
	}{
		{Rule{MaxDrop: margin, Limit: ptr(0.7)}, 0.7, true},
		{Rule{MaxDrop: margin, Limit: ptr(0.7)}, 0.7 - 1e-13, true},
		{Rule{MaxDrop: margin, Limit: ptr(0.7)}, 0.69, false},
		{Rule{Min: ptr(0.7), Limit: ptr(0.7)}, 0.69, false},
		{Rule{MaxRise: margin, Limit: ptr(0.7)}, 0.69, true},
		{Rule{MaxRise: margin, Limit: ptr(0.7)}, 0.71, false},
		{Rule{Max: ptr(0.7), Limit: ptr(0.7)}, 0.71, false},
	} {
		r := full()
		r.Checks = r.Checks[:1]
		r.Checks[0].Rule, r.Checks[0].Candidate, r.Checks[0].Verdict = c.rule, &c.candidate, Pass
		r.Finish()
		_, err := Decode(encoded(t, r))
		if good := err == nil; good != c.good || err != nil && !strings.Contains(err.Error(), "it contradicts itself: metric/x passes with ") {
			t.Errorf("%+v with %v: %v", c.rule, c.candidate, err)
		}
	}
}

// A result that was cut off anywhere is never taken for a whole one.
func TestDecodeRefusesEveryBeginning(t *testing.T) {
	good := bytes.TrimSpace(encoded(t, full()))
	for n := range good {
		if _, err := Decode(good[:n]); err == nil {
			t.Fatalf("the first %d bytes pass", n)
		}
	}
}
