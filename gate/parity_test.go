package gate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/noworse/noworse/gate"
	"github.com/noworse/noworse/model"
	"github.com/noworse/noworse/result"
)

func parityOf(t *testing.T, dir string, young *fake, settings string) map[string]result.Check {
	t.Helper()
	r, err := check(t, dir, creditSpec[:strings.Index(creditSpec, "behavior:")]+"parity: "+settings+"\n", gate.Options{Start: starter(map[string]*fake{"old.onnx": logistic(0), "new.onnx": young})})
	if err != nil {
		t.Fatal(err)
	}
	checks := map[string]result.Check{}
	for _, c := range r.Checks {
		checks[c.ID] = c
	}
	return checks
}

func TestParity(t *testing.T) {
	const n = 5000
	dir := loanRows(t, n)
	t.Run("the same in single precision", func(t *testing.T) {
		young := logistic(0)
		exact := young.answer
		young.answer = func(f *model.Frame, row int, a *model.Answers) error {
			err := exact(f, row, a)
			for k := range a.Scores {
				a.Scores[k][row] = float64(float32(a.Scores[k][row]))
			}
			return err
		}
		checks := parityOf(t, dir, young, "{}")
		v, l := checks["parity/values"], checks["parity/labels"]
		if v.Verdict != result.Pass || v.Details.Parity.Compared != n || *v.Details.Parity.MaxAbsolute == 0 || *v.Details.Parity.MaxAbsolute > 6e-8 || v.Details.Parity.Single {
			t.Errorf("%+v %s", v.Details.Parity, v.Reason)
		}
		if l.Verdict != result.Pass || l.Reason != "0 of 5,000 labels differ; of all rows like these up to 0.06% may" {
			t.Errorf("%s %s", l.Verdict, l.Reason)
		}
	})
	t.Run("another model", func(t *testing.T) {
		checks := parityOf(t, dir, logistic(0.001), "{}")
		v, l := checks["parity/values"], checks["parity/labels"]
		if v.Verdict != result.Fail || v.Details.Parity.Apart < n/2 || len(v.Details.Parity.Rows) != 20 {
			t.Errorf("%+v %s", v.Details.Parity, v.Reason)
		}
		flips := uint64(0)
		for i := range n {
			if (at(i) >= 0) != (at(i) >= 0.001) {
				flips++
			}
		}
		if l.Verdict != result.Fail || l.Details.Parity.Apart != flips || !strings.Contains(l.Reason, fmt.Sprintf("%d of 5,000 labels differ, and 0 may: r", flips)) {
			t.Errorf("%+v %s, want %d", l.Details.Parity, l.Reason, flips)
		}
		if w := v.Details.Parity.Rows[0]; !strings.HasPrefix(w.ID, "r") || w.Baseline == w.Candidate {
			t.Errorf("%+v", w)
		}
		if l := parityOf(t, dir, logistic(0.001), fmt.Sprintf("{max_label_flips: %d, atol: 0.1}", flips)); l["parity/labels"].Verdict != result.Pass || l["parity/values"].Verdict != result.Pass {
			t.Errorf("within what is tolerated: %s, %s", l["parity/labels"].Reason, l["parity/values"].Reason)
		}
	})
	t.Run("labels alone", func(t *testing.T) {
		young := logistic(0)
		young.classes = nil
		young.answer = func(f *model.Frame, row int, a *model.Answers) error {
			a.Labels = append(a.Labels, map[bool]string{true: "1", false: "0"}[f.Find("x").Floats[row] >= 0])
			return nil
		}
		checks := parityOf(t, dir, young, "{}")
		if v := checks["parity/values"]; v.Verdict != result.Skipped || checks["parity/labels"].Verdict != result.Pass {
			t.Errorf("%s %s, %s", v.Verdict, v.Reason, checks["parity/labels"].Reason)
		}
	})
	t.Run("no baseline", func(t *testing.T) {
		r, err := check(t, dir, strings.Replace(creditSpec[:strings.Index(creditSpec, "behavior:")], "baseline: {onnx: {path: old.onnx}}\n", "", 1)+"parity: {}\n", gate.Options{Start: starter(map[string]*fake{"new.onnx": logistic(0)})})
		if err != nil || r.Checks[0].Verdict != result.Skipped || r.Exit != 3 {
			t.Errorf("%+v, %v", r, err)
		}
	})
	t.Run("same words at any number of threads", func(t *testing.T) {
		first := parityOf(t, dir, logistic(0.001), "{}")
		for range 3 {
			again := parityOf(t, dir, logistic(0.001), "{}")
			if first["parity/values"].Reason != again["parity/values"].Reason || first["parity/labels"].Reason != again["parity/labels"].Reason {
				t.Errorf("%s\n%s", first["parity/values"].Reason, again["parity/values"].Reason)
			}
		}
	})
}
