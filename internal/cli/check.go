package cli

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"

	"github.com/dustin/go-humanize"

	"github.com/noworse/noworse"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
)

// resources are the flags that bound a run.
type resources struct {
	Threads threads  `help:"Use so many threads; 0 is one for each core." placeholder:"N"`
	Memory  byteSize `help:"Let reading and joining hold so much before it spills to disk, such as 2GB. Default: 512MiB and 256MiB for each thread." placeholder:"SIZE"`
	NoCache bool     `name:"no-cache" help:"Ask models that run anew, though their answers to the same rows are kept, and keep none."`
}

// threads reads a number of threads.
type threads int

func (t *threads) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 10, 16)
	if err != nil || n > 1024 {
		return fmt.Errorf("%q is not a number of threads from 0 to 1024", text)
	}
	*t = threads(n)
	return nil
}

// byteSize reads 500MB or 2GiB.
type byteSize int64

func (b *byteSize) UnmarshalText(text []byte) error {
	n, err := humanize.ParseBytes(string(text))
	if err != nil || n == 0 || n > math.MaxInt64 {
		return fmt.Errorf("%q is not a size such as 500MB or 2GiB", text)
	}
	*b = byteSize(n)
	return nil
}

type checkCommand struct {
	Specs []string `arg:"" name:"spec" optional:"" default:"noworse.yaml" help:"The specs: files, directories that have a noworse.yaml, or patterns of either." placeholder:"SPEC"`
	Only  string   `help:"Run only the checks whose id matches; * is any text: 'slice/tier=*'." placeholder:"PATTERN"`
	resources
	output
	flipsFlag
	trust
}

// Run implements the command.
func (c *checkCommand) Run(env Env, code *int) error {
	return c.within(env, func(env Env) error { return c.run(env, code) })
}

func (c *checkCommand) run(env Env, code *int) error {
	if err := cmp.Or(c.flipsFlag.check(), c.output.check(c.target()...), c.mayWrite(append(c.targets(views{}), c.target()...))); err != nil {
		return err
	}
	paths, err := specPaths(c.Specs)
	if err != nil {
		return err
	}
	if len(paths) > 1 && c.Flips != "" {
		return fmt.Errorf("--flips writes the rows of one spec, and these are %d: run it alone", len(paths))
	}
	if len(paths) > 1 {
		return c.runMany(env, paths, code)
	}
	s, err := c.load(paths[0])
	if err != nil {
		return err
	}
	if err := c.spares(s, c.target()...); err != nil {
		return err
	}
	r, err := c.checkSpec(env, s, "")
	if err != nil {
		return err
	}
	*code = r.Exit
	encoded, err := r.Encode()
	if err != nil {
		return err
	}
	return c.tell(env, viewsOf(r, encoded))
}

// options are those of a run; name is shown with its progress, which clear
// takes away.
func (r resources) options(env Env, name string) (o noworse.Options, clear func()) {
	rows, fetching := newProgress(env, name), newProgress(env, name)
	clear = func() { rows.clear(); fetching.clear() }
	program, _ := os.Executable() // "" where it cannot be told: then no memory is measured
	return noworse.Options{
		Program: program,
		Threads: int(r.Threads), Memory: int64(r.Memory), Version: version, Anew: r.NoCache,
		Progress: func(done, total uint64) { fetching.clear(); rows.set(done, total) },
		Cache:    env.Getenv("NOWORSE_CACHE"), Fetching: fetching.fetch,
	}, clear
}

// checkSpec runs the checks of one spec; name is shown with its progress.
func (c *checkCommand) checkSpec(env Env, s *spec.Spec, name string) (*result.Result, error) {
	options, clear := c.options(env, name)
	options.Only, options.Flips = c.Only, c.option(env)
	r, err := noworse.Check(env.Context, s, options)
	clear()
	return r, cmp.Or(err, env.Context.Err())
}

type metricsCommand struct{}

// Run implements the command.
func (metricsCommand) Run(env Env) error { return listMetrics(env.Stdout) }

type schemaCommand struct{}

// Run implements the command.
func (schemaCommand) Run(env Env) error {
	schema, err := noworse.Schema()
	if err != nil {
		return err
	}
	_, err = io.WriteString(env.Stdout, string(schema)+"\n")
	return err
}
