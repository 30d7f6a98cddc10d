package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/dustin/go-humanize"

	"github.com/noworse/noworse"
	"github.com/noworse/noworse/report"
	"github.com/noworse/noworse/result"
)

// resources are the flags that bound a run.
type resources struct {
	Threads threads  `help:"Use so many threads; 0 is one for each core." placeholder:"N"`
	Memory  byteSize `help:"Let reading and joining hold so much before it spills to disk, such as 2GB. Default: 512MiB and 256MiB for each thread." placeholder:"SIZE"`
}

// output are the flags that say how to tell the outcome.
type output struct {
	JSON    string `name:"json" help:"Write the result as JSON to FILE; - is stdout." placeholder:"FILE"`
	All     bool   `help:"List every check, not only those that need attention."`
	Quiet   bool   `short:"q" help:"Print the outcome in one sentence."`
	NoColor bool   `help:"Print without colour. NO_COLOR in the environment does the same."`

	// Named by the product, not in this version: refused, not unknown.
	JUnit    string `name:"junit" hidden:""`
	HTML     string `name:"html" hidden:""`
	Markdown string `name:"markdown" hidden:""`
	Flips    string `name:"flips" hidden:""`
}

func (o output) refused() error {
	for _, f := range []struct{ name, value string }{{"junit", o.JUnit}, {"html", o.HTML}, {"markdown", o.Markdown}, {"flips", o.Flips}} {
		if f.value != "" {
			return fmt.Errorf("--%s is not in this version of noworse: --json FILE writes the whole result", f.name)
		}
	}
	return nil
}

// check finds out what would keep the outcome from being told.
func (o output) check() error {
	if err := o.refused(); err != nil || o.JSON == "" || o.JSON == "-" {
		return err
	}
	return checkWritable(o.JSON)
}

// threads reads a number of threads.
type threads int

func (t *threads) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 10, 16)
	if err != nil {
		return fmt.Errorf("%q is not a number of threads from 0 to 65535", text)
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
	Spec string `arg:"" optional:"" default:"noworse.yaml" help:"The spec." placeholder:"SPEC"`
	Only string `help:"Run only the checks whose id matches; * is any text: 'slice/tier=*'." placeholder:"PATTERN"`
	resources
	output
	Untrusted bool `hidden:""`
}

// Run implements the command.
func (c *checkCommand) Run(env Env, code *int) error {
	if c.Untrusted {
		return errors.New("--untrusted is not in this version of noworse")
	}
	if err := c.check(); err != nil {
		return err
	}
	s, err := noworse.Load(c.Spec)
	if err != nil {
		return err
	}
	bar := newProgress(env)
	r, err := noworse.Check(env.Context, s, noworse.Options{
		Threads: int(c.Threads), Memory: int64(c.Memory), Only: c.Only, Version: version, Progress: bar.set,
	})
	bar.clear()
	if err := cmp.Or(err, env.Context.Err()); err != nil {
		return err
	}
	*code = r.Exit
	return c.tell(env, r)
}

// tell writes the result where it was asked for, and the report to stdout.
func (o output) tell(env Env, r *result.Result) error {
	if o.JSON != "" {
		encoded, err := r.Encode()
		if err != nil {
			return err
		}
		if o.JSON == "-" {
			_, err := env.Stdout.Write(encoded)
			return err
		}
		if err := writeFile(o.JSON, encoded); err != nil {
			return err
		}
	}
	options := env.reportOptions(o)
	if o.Quiet {
		return report.Compact(env.Stdout, r, options)
	}
	return report.Text(env.Stdout, r, options)
}

func (e Env) reportOptions(o output) report.Options {
	width, isTerminal := e.Terminal(e.Stdout)
	options := report.Options{
		Width: width, All: o.All, ASCII: !isTerminal, Rate: noworse.IsRate,
		Color: isTerminal && !o.NoColor && e.Getenv("NO_COLOR") == "" && e.Getenv("TERM") != "dumb",
	}
	if !isTerminal {
		options.Width = 80
	}
	return options
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
