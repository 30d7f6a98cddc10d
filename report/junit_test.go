package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/noworse/noworse/internal/gatetest/oracle"
	"github.com/noworse/noworse/result"
)

func junit(t interface{ Fatal(...any) }, r *result.Result) string {
	var b bytes.Buffer
	if err := JUnit(&b, r, rates); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// dated is a fixture as the facade stores it.
func dated(r *result.Result) *result.Result {
	r.Started, r.Tool.Version, r.Spec.SHA256 = "2026-01-02T03:04:05Z", "v0.2.0", strings.Repeat("c0ffee", 10)
	r.Data.Eval.Fingerprint = "fp1:eval"
	r.Candidate.Fingerprint = "fp1:candidate"
	if r.Baseline != nil {
		r.Baseline.Fingerprint = "fp1:baseline"
	}
	return r
}

func TestJUnit(t *testing.T) {
	for _, f := range fixtures {
		t.Run(f.name, func(t *testing.T) {
			goldenFile(t, f.name+".xml", junit(t, dated(f.make())))
		})
	}
}

// TestJUnitIsValid asks a validator that knows nothing of this package.
func TestJUnitIsValid(t *testing.T) {
	python := oracle.Python(t)
	dir := t.TempDir()
	arguments := []string{"-I", filepath.Join("testdata", "validate.py"), filepath.Join("testdata", "junit.xsd")}
	for _, f := range fixtures {
		path := filepath.Join(dir, f.name+".xml")
		if err := os.WriteFile(path, []byte(junit(t, dated(f.make()))), 0o644); err != nil {
			t.Fatal(err)
		}
		arguments = append(arguments, path)
	}
	if out, err := exec.Command(python, arguments...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	bad := filepath.Join(dir, "bad.xml")
	if err := os.WriteFile(bad, []byte(`<testsuites><testsuite name="x"/></testsuites>`), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command(python, append(arguments[:3:3], bad)...).Run(); err == nil {
		t.Error("the validator takes anything")
	}
}

// read is the document as a reader sees it, which knows only the format.
type read struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Suites   []struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Skipped  int `xml:"skipped,attr"`
		Cases    []struct {
			Name    string    `xml:"name,attr"`
			Failure *struct{} `xml:"failure"`
			Error   *struct{} `xml:"error"`
			Skipped *struct{} `xml:"skipped"`
			Out     string    `xml:"system-out"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

// consistent reads JUnit XML back and wants it to agree with the result.
func consistent(encoded string, r *result.Result) error {
	var doc read
	if err := xml.Unmarshal([]byte(encoded), &doc); err != nil {
		return err
	}
	var all, cases [4]int
	green := true
	for _, s := range doc.Suites {
		var n [4]int
		for _, c := range s.Cases {
			n[0]++
			for i, is := range []bool{c.Failure != nil, c.Error != nil, c.Skipped != nil} {
				if is {
					n[i+1]++
				}
			}
		}
		if want := [4]int{s.Tests, s.Failures, s.Errors, s.Skipped}; n != want {
			return fmt.Errorf("a suite says %v and has %v", want, n)
		}
		for i := range n {
			all[i] += n[i]
		}
		green = green && n[1]+n[2] == 0
	}
	if cases = all; cases[0] != doc.Tests || cases[1] != doc.Failures || cases[2] != doc.Errors {
		return fmt.Errorf("the document says %d tests, %d failures, %d errors and has %v", doc.Tests, doc.Failures, doc.Errors, all)
	}
	if extra := all[0] - len(r.Checks); extra < 0 || extra > 1 {
		return fmt.Errorf("%d cases for %d checks", all[0], len(r.Checks))
	}
	if green != (r.Exit == 0) {
		return fmt.Errorf("green: %v, and the exit code is %d", green, r.Exit)
	}
	return nil
}

// The build is green exactly where the exit code is 0.
func TestJUnitAgreesWithTheResult(t *testing.T) {
	for _, f := range fixtures {
		r := f.make()
		if err := consistent(junit(t, r), r); err != nil {
			t.Errorf("%s: %v", f.name, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		r := drawResult(t)
		if err := consistent(junit(t, r), r); err != nil {
			t.Fatal(err)
		}
	})
}

func TestJUnitOfWarnings(t *testing.T) {
	fail := warning(because(check("accuracy", "tier=pro", 90, 0.8, 0.75, -0.03), "worse"))
	unsure := check("accuracy", "", 90, 0.8, 0.75, -0.03)
	unsure.Verdict = result.Inconclusive
	r := (&builder{base("x")}).add(fail, warning(crashed(check("recall", "a=b", 9, 0, 0, -1))), unsure).done()
	got := junit(t, r)
	for _, want := range []string{
		"<system-out><![CDATA[WARN: worse\nmetric       accuracy\n", "<![CDATA[WARN: could not be checked\n", `type="inconclusive"`,
		`tests="3" failures="1" errors="0"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}
