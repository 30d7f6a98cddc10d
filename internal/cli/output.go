package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/noworse/noworse"
	"github.com/noworse/noworse/report"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
)

// output are the flags that say how to tell the outcome.
type output struct {
	JSON     string `name:"json" help:"Write the result as JSON to FILE; - is stdout." placeholder:"FILE"`
	JUnit    string `name:"junit" help:"Write it as JUnit XML, for CI systems." placeholder:"FILE"`
	Markdown string `name:"markdown" help:"Write it as Markdown, for a comment on a pull request." placeholder:"FILE"`
	All      bool   `help:"List every check, not only those that need attention."`
	Quiet    bool   `short:"q" help:"Print the outcome in one sentence."`
	NoColor  bool   `help:"Print without colour. NO_COLOR in the environment does the same."`

	// Named by the product, not in this version: refused, not unknown.
	HTML string `name:"html" hidden:""`
}

// target is one of the files that were asked for.
type target struct {
	flag, path string
	write      func(io.Writer) error
}

// views are the forms in which an outcome can be told.
type views struct {
	json, junit, markdown func(io.Writer) error
	text                  func(io.Writer, report.Options) error
}

// viewsOf are the views of one result; encoded is it as JSON.
func viewsOf(r *result.Result, encoded []byte) views {
	return views{
		json:     func(w io.Writer) error { _, err := w.Write(encoded); return err },
		junit:    func(w io.Writer) error { return report.JUnit(w, r, noworse.IsRate) },
		markdown: func(w io.Writer) error { return report.Markdown(w, r, noworse.IsRate) },
		text:     func(w io.Writer, o report.Options) error { return report.Text(w, r, o) },
	}
}

// viewsOfSet are the views of several results.
func viewsOfSet(s *result.Set, encoded []byte) views {
	return views{
		json:     func(w io.Writer) error { _, err := w.Write(encoded); return err },
		junit:    func(w io.Writer) error { return report.JUnitSet(w, s, noworse.IsRate) },
		markdown: func(w io.Writer) error { return report.MarkdownSet(w, s, noworse.IsRate) },
		text:     func(w io.Writer, o report.Options) error { return report.SetText(w, s, o) },
	}
}

const stdout = "-"

// targets are the files that were asked for.
func (o output) targets(v views) []target {
	var out []target
	for _, t := range []target{{"--json", o.JSON, v.json}, {"--junit", o.JUnit, v.junit}, {"--markdown", o.Markdown, v.markdown}} {
		if t.path != "" {
			out = append(out, t)
		}
	}
	return out
}

// takesStdout says whether a file was asked for on stdout, in place of the report.
func (o output) takesStdout() bool {
	return slices.ContainsFunc(o.targets(views{}), func(t target) bool { return t.path == stdout })
}

func (o output) refused() error {
	if o.HTML != "" {
		return errors.New("--html is not in this version of noworse: --json FILE writes the whole result")
	}
	return nil
}

// check finds out what would keep the outcome, and other files, from being
// written.
func (o output) check(others ...target) error {
	if err := o.refused(); err != nil {
		return err
	}
	targets := append(o.targets(views{}), others...)
	for i, t := range targets {
		for _, other := range targets[:i] {
			if err := apart(other, t); err != nil {
				return err
			}
		}
		if t.path == stdout {
			continue
		}
		if err := checkWritable(t.path); err != nil {
			return err
		}
	}
	return nil
}

// spares refuses to write a report, or another file, over one that the run reads.
func (o output) spares(s *spec.Spec, others ...target) error {
	inputs := []string{s.Path, s.Eval.Path}
	for _, j := range s.Eval.Join {
		inputs = append(inputs, j.Path)
	}
	for _, m := range []*spec.Model{s.Candidate, s.Baseline} {
		if m != nil {
			inputs = append(inputs, m.Path)
		}
	}
	if s.Store != nil {
		inputs = append(inputs, filepath.Join(s.Store.Path, "*.json"), filepath.Join(s.Store.Path, "*", "*"))
		if s.Store.Rows != "" {
			inputs = append(inputs, filepath.Join(s.Store.Rows, "*"))
		}
	}
	for _, t := range append(o.targets(views{}), others...) {
		for _, input := range inputs {
			files, _ := filepath.Glob(input) // none where the name is no pattern
			same := func(f string) bool { return f != "" && t.path != stdout && samePath(f, t.path) }
			if slices.ContainsFunc(append(files, input), same) {
				return fmt.Errorf("%s would write over %s, which this run reads", t.flag, t.path)
			}
		}
	}
	return nil
}

// apart reports two flags that would write to the same place.
func apart(a, b target) error {
	switch {
	case a.path == stdout && b.path == stdout:
		return fmt.Errorf("%s and %s cannot both write to stdout: give one of them a file", a.flag, b.flag)
	case a.path == stdout || b.path == stdout:
		return nil
	case samePath(a.path, b.path):
		return fmt.Errorf("%s and %s would both write to %s", a.flag, b.flag, b.path)
	}
	return nil
}

// samePath reports whether two paths lead to the same regular file, there
// already or not yet.
func samePath(a, b string) bool {
	a, infoA, errA := targetOf(a)
	b, infoB, errB := targetOf(b)
	switch {
	case errA != nil || errB != nil:
		return false
	case infoA != nil && infoB != nil:
		return infoA.Mode().IsRegular() && os.SameFile(infoA, infoB)
	case infoA != nil || infoB != nil:
		return false
	}
	absA, errA := filepath.Abs(a)
	absB, errB := filepath.Abs(b)
	return errA == nil && errB == nil && absA == absB
}

// tell writes the files that were asked for, and to stdout the one that wants
// it or else the report. Nothing is written before all is made.
func (o output) tell(env Env, v views) error {
	var files []content
	var toStdout bytes.Buffer
	for _, t := range o.targets(v) {
		made := &toStdout
		if t.path != stdout {
			made = new(bytes.Buffer)
			files = append(files, content{t.path, func(w io.Writer) error { _, err := w.Write(made.Bytes()); return err }})
		}
		if err := t.write(made); err != nil {
			return err
		}
	}
	if err := writeAll(files...); err != nil {
		return err
	}
	if o.takesStdout() {
		_, err := env.Stdout.Write(toStdout.Bytes())
		return err
	}
	return v.text(env.Stdout, env.reportOptions(o))
}

func (e Env) reportOptions(o output) report.Options {
	width, isTerminal := e.Terminal(e.Stdout)
	options := report.Options{
		Width: width, All: o.All, Quiet: o.Quiet, ASCII: !isTerminal, Rate: noworse.IsRate,
		Color: isTerminal && !o.NoColor && e.Getenv("NO_COLOR") == "" && e.Getenv("TERM") != "dumb",
	}
	if !isTerminal {
		options.Width = 80
	}
	return options
}
