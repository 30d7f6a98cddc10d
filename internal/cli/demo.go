package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/noworse/noworse/demo"
)

type demoCommand struct {
	Dir string `arg:"" optional:"" default:"noworse-demo" help:"Where to write it; a new directory." placeholder:"DIR"`
	resources
	output
}

// Run implements the command.
func (c *demoCommand) Run(env Env, code *int) error {
	if err := c.output.check(); err != nil {
		return err
	}
	if err := writeProject(c.Dir); err != nil {
		return err
	}
	spec := filepath.Join(c.Dir, "noworse.yaml")
	if !c.Quiet {
		fmt.Fprintf(env.Stderr, "wrote %s: an evaluation set, the predictions of two models, and a spec\n$ noworse check %s\n\n", c.Dir, spec)
	}
	check := checkCommand{Specs: []string{spec}, resources: c.resources, output: c.output}
	return check.Run(env, code)
}

// writeProject writes the demo into a directory that must not be there yet: it
// appears whole or not at all.
func writeProject(dir string) error {
	if _, err := os.Lstat(dir); err == nil {
		return fmt.Errorf("%s is there already: remove it, or name another directory: noworse demo DIR", dir)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	files, err := demo.Files()
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
