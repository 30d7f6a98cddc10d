package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/noworse/noworse"
	"github.com/noworse/noworse/guess"
)

// guesses are the flags that say what would else be guessed.
type guesses struct {
	Task               string `help:"binary, multiclass or regression." enum:",binary,multiclass,regression" default:"" placeholder:"TASK"`
	Label              string `help:"The column with the true answer." placeholder:"COLUMN"`
	Positive           string `help:"Binary: the label that counts as positive." placeholder:"LABEL"`
	ID                 string `name:"id" help:"The column that names rows, and pairs them with predictions." placeholder:"COLUMN"`
	Prediction         string `help:"The column with the candidate's answers." placeholder:"COLUMN"`
	Score              string `help:"Binary: the column with the candidate's probability of the positive class." placeholder:"COLUMN"`
	BaselinePrediction string `help:"The column with the baseline's answers." placeholder:"COLUMN"`
	BaselineScore      string `help:"Binary: the column with the baseline's probability of the positive class." placeholder:"COLUMN"`
}

func (g guesses) input() guess.Input {
	return guess.Input{
		Task: g.Task, Label: g.Label, Positive: g.Positive, ID: g.ID,
		CandidateAnswers: guess.Answers{Prediction: g.Prediction, Score: g.Score},
		BaselineAnswers:  guess.Answers{Prediction: g.BaselinePrediction, Score: g.BaselineScore},
	}
}

type initCommand struct {
	Data      string   `arg:"" help:"The evaluation set: labelled rows that no model was trained on. A file or a pattern." placeholder:"DATA"`
	Candidate string   `help:"The file with the predictions of the model under test. Default: columns of DATA." placeholder:"FILE"`
	Baseline  string   `help:"The file with the predictions of the model in use now." placeholder:"FILE"`
	Join      []string `help:"A file with more columns, such as labels that came later, by a column that both have. May be given several times." sep:"none" placeholder:"FILE"`
	Output    string   `short:"o" default:"noworse.yaml" help:"The spec to write; - is stdout." placeholder:"FILE"`
	Force     bool     `help:"Write over a spec that is there."`
	guesses
	resources
}

// Help implements kong's HelpProvider.
func (initCommand) Help() string {
	return "Looks at the columns, guesses what they are and writes a spec in which every guess has its reason beside it. The spec is tried on the rows before it is written. What cannot be guessed is named, with the flag that says it; then nothing is written."
}

// Run implements the command.
func (c *initCommand) Run(env Env) error {
	if err := c.mayWrite(); err != nil {
		return err
	}
	options, clear := c.options(env, "")
	files := noworse.Files{Data: c.Data, Joins: c.Join, Candidate: c.Candidate, Baseline: c.Baseline}
	draft, err := noworse.Guess(env.Context, files, c.input(), options)
	clear()
	if err != nil {
		return err
	}
	if len(draft.Missing) > 0 {
		return c.cannotGuess(env, draft)
	}
	path := c.Output
	if path == stdout {
		path = specName
	}
	text, facts, err := noworse.Settle(env.Context, draft, path, options)
	clear()
	if err != nil {
		told(env.Stderr, draft)
		return fmt.Errorf("with these guesses the spec would not check, so it was not written:\n%w\nnoworse init --help lists the flags that say what was guessed wrong", err)
	}
	if err := env.Context.Err(); err != nil {
		return err
	}
	if err := c.write(env, text); err != nil {
		return err
	}
	c.tellInit(env, draft, facts)
	return nil
}

// mayWrite keeps a spec that is there, and finds out early what would keep the
// new one from being written.
func (c *initCommand) mayWrite() error {
	if c.Output == stdout {
		return nil
	}
	if _, err := os.Lstat(c.Output); err == nil && !c.Force {
		return fmt.Errorf("%s is there already: name another file with --output, or write over it with --force", c.Output)
	}
	for _, input := range append([]string{c.Data, c.Candidate, c.Baseline}, c.Join...) {
		if input != "" && samePath(input, c.Output) {
			return fmt.Errorf("--output would write over %s, which is read", input)
		}
	}
	return checkWritable(c.Output)
}

func (c *initCommand) write(env Env, text string) error {
	if c.Output == stdout {
		_, err := io.WriteString(env.Stdout, text)
		return err
	}
	return writeFile(c.Output, []byte(text))
}

// cannotGuess says what is missing, after what was found.
func (c *initCommand) cannotGuess(env Env, d *guess.Draft) error {
	told(env.Stderr, d)
	return missing(d, "nothing was written")
}

// missing is an error that says what could not be guessed.
func missing(d *guess.Draft, outcome string) error {
	var b strings.Builder
	for i, m := range d.Missing {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s\n  %s", m.Sentence, m.Mend)
	}
	return errors.New(b.String() + "\n" + outcome)
}

// told prints what was guessed, and why.
func told(w io.Writer, d *guess.Draft) {
	var table bytes.Buffer
	t := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	for _, g := range d.Told() {
		fmt.Fprintf(t, "%s\t%s\t%s\n", g.What, g.Value, g.Why)
	}
	t.Flush()
	for line := range strings.Lines(table.String()) {
		fmt.Fprintln(w, strings.TrimRight(line, " \n"))
	}
	for _, n := range d.Notes {
		fmt.Fprintln(w, "note: "+n)
	}
	fmt.Fprintln(w)
}

// tellInit says what was written and what to do now. Where the spec went to
// stdout, nothing else goes there.
func (c *initCommand) tellInit(env Env, d *guess.Draft, f guess.Facts) {
	w := env.Stdout
	if c.Output == stdout {
		w = env.Stderr
	}
	told(w, d)
	for _, role := range f.Exact {
		fmt.Fprintf(env.Stderr, "careful: the %s is right on every row: are its answers a copy of the label?\n", role)
	}
	if d.Baseline == nil {
		fmt.Fprintln(env.Stderr, "there is no baseline yet: `noworse baseline accept` makes the candidate the first one, or --baseline FILE names the predictions of the model in use now")
	}
	if c.Output == stdout {
		return
	}
	command := "noworse check"
	if filepath.Clean(c.Output) != specName {
		command += " " + c.Output
	}
	fmt.Fprintf(w, "wrote %s, and tried it: it checks\nNext: read it, then run  %s\n", c.Output, command)
}
