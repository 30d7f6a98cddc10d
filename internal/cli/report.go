package cli

import (
	"fmt"
	"io"
	"os"

	"github.com/noworse/noworse/report"
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
	for _, t := range c.targets(views{}) {
		if t.path != stdout && samePath(t.path, c.Result) {
			return fmt.Errorf("%s would write over the result itself: %s", t.flag, c.Result)
		}
	}
	encoded, err := readResult(c.Result)
	if err != nil {
		return err
	}
	v, err := decoded(encoded)
	if err != nil {
		return cannotRead(c.Result, err)
	}
	if err := env.Context.Err(); err != nil {
		return err
	}
	return c.tell(env, v)
}

// decoded are the views of a stored result, of one spec or of several.
func decoded(encoded []byte) (views, error) {
	if result.IsSet(encoded) {
		s, err := result.DecodeSet(encoded)
		v := viewsOfSet(s, encoded)
		overview := v.text
		v.text = func(w io.Writer, o report.Options) error {
			for _, run := range s.Runs {
				if err := report.Brief(w, run, o); err != nil {
					return err
				}
			}
			return overview(w, o)
		}
		return v, err
	}
	r, err := result.Decode(encoded)
	return viewsOf(r, encoded), err
}

func readResult(path string) ([]byte, error) {
	encoded, err := os.ReadFile(path)
	if err != nil {
		return nil, cannotRead(path, cause(err))
	}
	return encoded, nil
}

func cannotRead(path string, err error) error {
	return fmt.Errorf("%s cannot be read: %w\nto make a result: noworse check --json FILE", path, err)
}
