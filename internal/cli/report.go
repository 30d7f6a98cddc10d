package cli

import (
	"fmt"
	"os"

	"github.com/noworse/noworse/result"
)

type reportCommand struct {
	Result string `arg:"" help:"A result: what noworse check --json FILE has written." placeholder:"RESULT"`
	output
}

// Help implements kong's HelpProvider.
func (reportCommand) Help() string {
	return "The exit code is 0 whatever the result says; it is 2 where the result cannot be read."
}

// Run implements the command. It exits with 0: the check has told the verdict,
// and a later step that renders it must be able to go on.
func (c *reportCommand) Run(env Env) error {
	if err := c.check(); err != nil {
		return err
	}
	for _, t := range c.targets(nil) {
		if t.path != stdout && samePath(t.path, c.Result) {
			return fmt.Errorf("%s would write over the result itself: %s", t.flag, c.Result)
		}
	}
	encoded, err := os.ReadFile(c.Result)
	if err != nil {
		return fmt.Errorf("%s cannot be read: %w\nto make a result: noworse check --json FILE", c.Result, cause(err))
	}
	r, err := result.Decode(encoded)
	if err != nil {
		return fmt.Errorf("%s cannot be read: %w\nto make a result: noworse check --json FILE", c.Result, err)
	}
	if err := env.Context.Err(); err != nil {
		return err
	}
	return c.tell(env, r, encoded)
}
