package result

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// run is a run whose result comes out so.
func run(v Verdict) Run {
	if v == "" {
		return Run{Spec: "x.yaml", Error: "there is no such file"}
	}
	r := &Result{Name: "x", Checks: []Check{{ID: "metric/accuracy/max_drop", Severity: "block", Verdict: v}}}
	r.Finish()
	return Run{Spec: "x.yaml", Result: r}
}

// TestSetExit holds the exit code to the contract: any fail is 1; else any error
// or run that could not start 2; else any inconclusive 3; else 0.
func TestSetExit(t *testing.T) {
	all := []Verdict{Pass, Fail, Inconclusive, Skipped, Error, ""}
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOf(rapid.SampledFrom(all)).Draw(t, "runs")
		var s Set
		has := map[Verdict]bool{}
		for _, v := range list {
			s.Runs = append(s.Runs, run(v))
			has[v] = true
		}
		s.Finish()
		want := 0
		switch {
		case has[Fail]:
			want = 1
		case has[Error] || has[""]:
			want = 2
		case has[Inconclusive] || has[Skipped] || len(list) == 0:
			want = 3
		}
		if s.Exit != want || (s.Verdict == Pass) != (want == 0) {
			t.Fatalf("%q: exit %d and %s, want %d", list, s.Exit, s.Verdict, want)
		}
	})
}

func TestDecodeSet(t *testing.T) {
	s := &Set{Runs: []Run{{Spec: "a.yaml", Result: full()}, run(""), run(Pass)}}
	s.Finish()
	text, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if !IsSet(text) || IsSet(encoded(t, full())) {
		t.Error("a set and a result cannot be told apart")
	}
	got, err := DecodeSet(text)
	if err != nil {
		t.Fatal(err)
	}
	again, err := got.Encode()
	if err != nil || !bytes.Equal(text, again) {
		t.Errorf("%v: not the same bytes", err)
	}
	if _, err := Decode(text); err == nil || err.Error() != "it holds the results of several specs" {
		t.Errorf("Decode of a set: %v", err)
	}
	for _, c := range []struct{ name, old, new, want string }{
		{"cut short", string(text)[len(text)-30:], "", "it is cut short"},
		{"newer", `"schema": 1`, `"schema": 2`, "it has schema 2"},
		{"a verdict of its own", `"exit": 1,` + "\n" + `  "runs"`, `"exit": 0,` + "\n" + `  "runs"`, "it contradicts itself"},
		{"neither", `"error": "there is no such file"`, `"error": ""`, "runs[1] must have a result or an error"},
		{"a run edited", `"severity": "block"`, `"severity": ""`, "runs[0]: checks[0] has no severity"},
		{"no runs", string(text), `{"schema": 1, "verdict": "pass", "exit": 0, "runs": []}`, "it has no runs"},
	} {
		edited := strings.Replace(string(text), c.old, c.new, 1)
		if _, err := DecodeSet([]byte(edited)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}
