package report

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/noworse/noworse/internal/gatetest/oracle"
	"github.com/noworse/noworse/result"
)

// several is a set with a run of each outcome; two specs have one name.
func several() *result.Set {
	s := &result.Set{Runs: []result.Run{
		{Spec: "models/churn/noworse.yaml", Result: dated(passing())},
		{Spec: "models/loan/noworse.yaml", Result: dated(failing())},
		{Spec: "models/loan-2/noworse.yaml", Result: dated(passing())},
		{Spec: "models/new/noworse.yaml", Error: "models/new/noworse.yaml:4:50: unknown key \"weigth\": did you mean \"weight\"?\n    4 | weigth: w\n      | ^^^^^^"},
		{Spec: "models/|@all\x1b[2J.yaml", Error: "there is no such file"},
	}}
	s.Finish()
	return s
}

func told(t interface{ Fatal(...any) }, write func(io.Writer) error) string {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSet(t *testing.T) {
	s := several()
	o := Options{Rate: rates, Width: 80}
	goldenFile(t, "set.txt", told(t, func(w io.Writer) error {
		for _, r := range s.Runs {
			if err := Brief(w, r, o); err != nil {
				return err
			}
		}
		return SetText(w, s, o)
	}))
	o.Quiet = true
	goldenFile(t, "set-quiet.txt", told(t, func(w io.Writer) error { return SetText(w, s, o) }))
	goldenFile(t, "set.md", told(t, func(w io.Writer) error { return MarkdownSet(w, s, rates) }))
	goldenFile(t, "set.xml", told(t, func(w io.Writer) error { return JUnitSet(w, s, rates) }))
}

func TestSetJUnitIsValid(t *testing.T) {
	path := filepath.Join(t.TempDir(), "set.xml")
	text := told(t, func(w io.Writer) error { return JUnitSet(w, several(), rates) })
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(oracle.Python(t), "-I", filepath.Join("testdata", "validate.py"), filepath.Join("testdata", "junit.xsd"), path).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// Any set of results makes well-formed reports, the Markdown small enough for a
// comment however many there are.
func TestAnySetIsWellFormed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := new(result.Set)
		for i := range rapid.IntRange(1, 40).Draw(t, "runs") {
			run := result.Run{Spec: fmt.Sprint(i, rapid.String().Draw(t, "spec"))}
			if rapid.Bool().Draw(t, "started") {
				run.Result = drawResult(t)
			} else {
				run.Error = "x" + rapid.String().Draw(t, "error")
			}
			s.Runs = append(s.Runs, run)
		}
		s.Finish()
		md := told(t, func(w io.Writer) error { return MarkdownSet(w, s, rates) })
		if len(md) > mostMarkdown {
			t.Fatalf("%d bytes", len(md))
		}
		if err := tablesHold(md); err != nil {
			t.Fatal(err)
		}
		if a, b := strings.Count(md, "<details>"), strings.Count(md, "</details>"); a != b {
			t.Fatalf("%d parts begin and %d end", a, b)
		}
		text := told(t, func(w io.Writer) error { return SetText(w, s, Options{Rate: rates, Width: 80}) })
		if err := wellFormed(text, Options{Width: 80}); err != nil {
			t.Fatal(err)
		}
		if xml := told(t, func(w io.Writer) error { return JUnitSet(w, s, rates) }); s.Exit != 0 && !strings.Contains(xml, "<failure") && !strings.Contains(xml, "<error") {
			t.Fatalf("exit code %d, and nothing in the XML fails:\n%s", s.Exit, xml)
		}
	})
}

// What there is no room for is said.
func TestSetMarkdownSaysWhatIsLeftOut(t *testing.T) {
	s := new(result.Set)
	for i := range 300 {
		s.Runs = append(s.Runs, result.Run{Spec: fmt.Sprintf("models/%s/%d.yaml", strings.Repeat("x", 100), i), Result: failing()})
	}
	s.Finish()
	md := told(t, func(w io.Writer) error { return MarkdownSet(w, s, rates) })
	if len(md) > mostMarkdown || !strings.Contains(md, "specs left out here") || !strings.Contains(md, "reports left out here") {
		t.Errorf("%d bytes, or nothing is said of what is left out", len(md))
	}
}
