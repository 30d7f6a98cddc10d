package cli

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/noworse/noworse"
	"github.com/noworse/noworse/guess"
)

type compareCommand struct {
	A    string   `arg:"" help:"The predictions of the model in use now, the baseline." placeholder:"A"`
	B    string   `arg:"" help:"The predictions of the new model, the candidate." placeholder:"B"`
	Data string   `help:"The file with the labels, and with columns for --by. Default: A." placeholder:"FILE"`
	By   []string `help:"Compare for each value of this column too, or for each combination of several, parted by commas. May be given several times." sep:"none" placeholder:"COLUMN"`
	guesses
	resources
	output
	flipsFlag
}

// Help implements kong's HelpProvider.
func (compareCommand) Help() string {
	return "Compares two files of predictions without a spec, by the default metrics of the task and their default margins. Rows are paired by id. What cannot be guessed is named, with the flag that says it. The exit code is that of noworse check."
}

// live are the endings and beginnings of models that are no files of predictions.
var live = []struct{ sign, what string }{
	{".onnx", "an ONNX model"}, {".pkl", "a Python model"}, {".pickle", "a Python model"}, {".joblib", "a Python model"}, {".pt", "a PyTorch model"},
	{"python:", "a Python model"}, {"mlflow:", "an MLflow model"}, {"models:/", "an MLflow model"}, {"runs:/", "an MLflow model"}, {"http:", "an HTTP model"},
}

// refuseLive refuses what would have to be run to get predictions.
func refuseLive(path string) error {
	for _, l := range live {
		if strings.HasPrefix(l.sign, ".") && strings.EqualFold(filepath.Ext(path), l.sign) || !strings.HasPrefix(l.sign, ".") && strings.HasPrefix(path, l.sign) {
			return fmt.Errorf("%s is %s, and this version of noworse runs none: let it predict on the rows, and name the file with its predictions", path, l.what)
		}
	}
	return nil
}

// Run implements the command.
func (c *compareCommand) Run(env Env, code *int) error {
	if err := cmp.Or(refuseLive(c.A), refuseLive(c.B), c.flipsFlag.check(), c.output.check(c.target()...), c.sparesFiles()); err != nil {
		return err
	}
	if c.A == c.B && c.input().CandidateAnswers == c.input().BaselineAnswers {
		return errors.New("both files are the same: a model compared with itself always passes\n--prediction and --baseline-prediction name the columns of two models in one file")
	}
	options, clear := c.options(env, "")
	in := c.input()
	in.Plain = true
	draft, err := noworse.Guess(env.Context, noworse.Files{Data: cmp.Or(c.Data, c.A), Candidate: c.B, Baseline: c.A}, in, options)
	clear()
	if err != nil {
		return err
	}
	if len(draft.Missing) > 0 {
		for i := range draft.Missing {
			if m := &draft.Missing[i]; m.What == "the label" && c.Data == "" {
				m.Mend = "--data FILE names the file with the true answers, or " + m.Mend + " in " + c.A
			}
		}
		told(env.Stderr, draft)
		return missing(draft, "nothing was compared")
	}
	draft.By = c.slices(draft.Input.Data)
	options.Flips = c.option(env)
	r, err := noworse.Compare(env.Context, draft, options)
	clear()
	if err := cmp.Or(err, env.Context.Err()); err != nil {
		return err
	}
	*code = r.Exit
	encoded, err := r.Encode()
	if err != nil {
		return err
	}
	if err := c.tell(env, viewsOf(r, encoded)); err != nil {
		return err
	}
	c.tellGuesses(env, draft)
	return nil
}

// sparesFiles refuses to write a report, or another file, over a file that is read.
func (c *compareCommand) sparesFiles() error {
	for _, t := range append(c.targets(views{}), c.target()...) {
		for _, input := range []string{c.A, c.B, c.Data} {
			if input != "" && t.path != stdout && samePath(input, t.path) {
				return fmt.Errorf("%s would write over %s, which this run reads", t.flag, input)
			}
		}
	}
	return nil
}

// slices are the slices that --by asks for. A column whose own name has a comma
// is one column.
func (c *compareCommand) slices(data guess.Table) []guess.Slice {
	var list []guess.Slice
	for _, by := range c.By {
		columns := []string{by}
		if !slices.ContainsFunc(data.Columns, func(c guess.Column) bool { return c.Name == by }) {
			columns = strings.Split(by, ",")
		}
		list = append(list, guess.Slice{Columns: columns})
	}
	return list
}

// tellGuesses says on what the comparison rests, and how to keep it.
func (c *compareCommand) tellGuesses(env Env, d *guess.Draft) {
	if c.Quiet {
		return
	}
	fmt.Fprintln(env.Stderr)
	told(env.Stderr, d)
	fmt.Fprintf(env.Stderr, "To keep it as a gate:  noworse init %s --baseline %s --candidate %s\n", d.Input.Data.Path, c.A, c.B)
}
