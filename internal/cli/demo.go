package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/noworse/noworse"
	"github.com/noworse/noworse/demo"
)

type demoCommand struct {
	Dir  string `arg:"" optional:"" default:"noworse-demo" help:"Where to write it; a new directory." placeholder:"DIR"`
	Live bool   `help:"Add two models that run, in ONNX, and check these: behavior, latency and memory. Needs ONNX Runtime: pip install onnxruntime."`
	resources
	output
}

// Run implements the command.
func (c *demoCommand) Run(env Env, code *int) error {
	if err := c.output.check(); err != nil {
		return err
	}
	files, name, what := demo.Files, "noworse.yaml", "an evaluation set, the predictions of two models, and a spec"
	if c.Live {
		if _, err := noworse.ONNXRuntime(env.Context); err != nil {
			return err // before anything is written
		}
		files, name, what = demo.LiveFiles, demo.LiveSpec, "an evaluation set, two models that run, and specs"
	}
	if err := writeProject(c.Dir, files); err != nil {
		return err
	}
	spec := filepath.Join(c.Dir, name)
	if !c.Quiet {
		fmt.Fprintf(env.Stderr, "wrote %s: %s\n$ noworse check %s\n\n", c.Dir, what, spec)
	}
	check := checkCommand{Specs: []string{spec}, resources: c.resources, output: c.output}
	return check.Run(env, code)
}

// writeProject writes the demo into a directory that must not be there yet: it
// appears whole or not at all.
func writeProject(dir string, project func() ([]demo.File, error)) error {
	if _, err := os.Lstat(dir); err == nil {
		return fmt.Errorf("%s is there already: remove it, or name another directory: noworse demo DIR", dir)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	files, err := project()
	if err != nil {
		return err
	}
	parent := filepath.Dir(filepath.Clean(dir))
	temp, err := os.MkdirTemp(parent, ".noworse-demo-*")
	if err != nil {
		return fmt.Errorf("the demo cannot be written: %w", err)
	}
	defer os.RemoveAll(temp) // after the rename there is nothing left to remove
	for _, f := range files {
		path := filepath.Join(temp, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, f.Content, 0o644); err != nil {
			return err
		}
	}
	if err := os.Chmod(temp, 0o755); err != nil {
		return err
	}
	return os.Rename(temp, dir)
}
