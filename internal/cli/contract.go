package cli

import (
	"cmp"
	"fmt"
	"io"
	"os"

	"github.com/noworse/noworse"
)

type contractCommand struct {
	Init contractInitCommand `cmd:"" help:"Write what data like DATA must be: types, missing values, ranges, categories."`
}

type contractInitCommand struct {
	Data   string   `arg:"" help:"Rows that are as they should be, such as those that the model was trained on." placeholder:"DATA"`
	Output string   `short:"o" default:"contract.yaml" help:"The contract to write; - is stdout. Default: contract.yaml." placeholder:"FILE"`
	Label  []string `help:"A column that only rows for training have: it need not be there where the model serves. May be given several times." sep:"none" placeholder:"COLUMN"`
	Force  bool     `help:"Write over a contract that is there."`
	Quiet  bool     `short:"q" help:"Print nothing but errors."`
	resources
}

// Help implements kong's HelpProvider.
func (contractInitCommand) Help() string {
	return "Looks at every row and writes a contract, to be edited: what columns there must be and what they may hold. A limit leaves room for what chance may have kept out of these rows. A spec holds other data to it:  contract: {from: contract.yaml}"
}

// Run implements the command.
func (c *contractInitCommand) Run(env Env) error {
	if c.Output != stdout {
		if _, err := os.Lstat(c.Output); err == nil && !c.Force {
			return fmt.Errorf("%s is there already: name another file with --output, or write over it with --force", c.Output)
		}
		if samePath(c.Data, c.Output) {
			return fmt.Errorf("--output would write over %s, which is read", c.Data)
		}
		if err := checkWritable(c.Output); err != nil {
			return err
		}
	}
	options, clear := c.options(env, "")
	text, err := noworse.InferContract(env.Context, c.Data, c.Label, options)
	clear()
	if err := cmp.Or(err, env.Context.Err()); err != nil {
		return err
	}
	if c.Output == stdout {
		_, err := io.WriteString(env.Stdout, text)
		return err
	}
	if err := writeFile(c.Output, []byte(text)); err != nil {
		return err
	}
	if !c.Quiet {
		fmt.Fprintf(env.Stderr, "%s is written: read it, and tighten or relax what is wrong.\nhold data to it, in a spec:  contract: {from: %s}\n", c.Output, c.Output)
	}
	return nil
}
