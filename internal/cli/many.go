package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/noworse/noworse/report"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
)

// specName is the spec of a directory.
const specName = "noworse.yaml"

// specPaths are the specs that arguments name: files, directories with a
// noworse.yaml, and patterns of either. One that is named twice is run once.
func specPaths(args []string) ([]string, error) {
	var paths []string
	seen := map[string]bool{}
	for _, arg := range args {
		found, err := specsOf(arg)
		if err != nil {
			return nil, err
		}
		for _, path := range found {
			if key := filepath.Clean(path); !seen[key] {
				seen[key] = true
				paths = append(paths, path)
			}
		}
	}
	return paths, nil
}

func specsOf(arg string) ([]string, error) {
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		if path := filepath.Join(arg, specName); isFile(path) {
			return []string{path}, nil
		}
		return nil, fmt.Errorf("the directory %s has no %s\nname the spec in it, or a pattern such as '%s'", arg, specName, filepath.Join(arg, "*", specName))
	case err == nil || !errors.Is(err, fs.ErrNotExist) || !strings.ContainsAny(arg, "*?[{"):
		return []string{arg}, nil // that it cannot be read is told where it is read
	}
	found, err := doublestar.FilepathGlob(arg)
	if err != nil {
		return nil, fmt.Errorf("the pattern %s cannot be read\n* is any text, ** any directories, [ab] a or b, {x,y} x or y", arg)
	}
	slices.Sort(found)
	var paths []string
	for _, path := range found {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			path = filepath.Join(path, specName)
			if !isFile(path) {
				continue
			}
		}
		paths = append(paths, path)
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("no spec matches %s", arg)
	}
	return paths, nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// runMany checks specs one after another. One that cannot start is told and
// does not keep the others from running.
func (c *checkCommand) runMany(env Env, paths []string, code *int) error {
	specs, failed := make([]*spec.Spec, len(paths)), make([]error, len(paths))
	for i, path := range paths {
		if specs[i], failed[i] = c.load(path); failed[i] == nil {
			if err := c.spares(specs[i]); err != nil {
				return err // what would write over the input of one may not run for any
			}
		}
	}
	set := new(result.Set)
	for i, path := range paths {
		run := result.Run{Spec: path}
		err := failed[i]
		if err == nil {
			run.Result, err = c.checkSpec(env, specs[i], fmt.Sprintf("%s (%d of %d)", path, i+1, len(paths)))
		}
		if err := env.Context.Err(); err != nil {
			return err
		}
		if err != nil {
			run.Error = strings.TrimRight(err.Error(), "\n")
			env.notStarted(path, err)
		}
		set.Runs = append(set.Runs, run)
		if err := c.tellRun(env, run); err != nil {
			return err
		}
	}
	set.Finish()
	*code = set.Exit
	encoded, err := set.Encode()
	if err != nil {
		return err
	}
	return c.tell(env, viewsOfSet(set, encoded))
}

// notStarted prints why one of several specs has no result.
func (e Env) notStarted(path string, err error) {
	message := strings.TrimRight(err.Error(), "\n")
	if _, ok := errors.AsType[spec.Problems](err); !ok {
		message = "noworse: " + path + ": " + message
	}
	fmt.Fprintln(e.Stderr, message)
}

// tellRun prints the report of one of several runs, unless a file has stdout.
func (o output) tellRun(env Env, run result.Run) error {
	if o.takesStdout() {
		return nil
	}
	return report.Brief(env.Stdout, run, env.reportOptions(o))
}
