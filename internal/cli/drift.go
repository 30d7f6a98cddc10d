package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/noworse/noworse"
	"github.com/noworse/noworse/spec"
)

type driftCommand struct {
	Reference string     `arg:"" help:"The rows to compare with, such as those that the model was trained on; or their profile." placeholder:"REFERENCE"`
	Current   string     `arg:"" help:"The rows that may have moved." placeholder:"CURRENT"`
	MaxShare  share      `name:"max-share" default:"0.30" help:"Fail when so many of the columns drifted, or more. Default: 30%." placeholder:"SHARE"`
	Test      []testFlag `help:"Hold a column to another distance, and to a limit of its own: income=psi or income=psi:0.2. May be given several times." sep:"none" placeholder:"COLUMN=TEST"`
	Ignore    []string   `help:"Leave a column out. May be given several times." sep:"none" placeholder:"COLUMN"`
	Label     string     `help:"The column of the true answers: whether they still follow from the features as before is told too." placeholder:"COLUMN"`
	Predicted string     `name:"prediction" help:"The column of a model's answers: labels' shares are estimated from them, and what its errors go along with is told." placeholder:"COLUMN"`
	Time      string     `help:"The column of times: with a label and a prediction, how the model fares is told by month, week, day or hour." placeholder:"COLUMN"`
	Guide     bool       `help:"A column drifted where its P is below 0.05, as guides have it."`
	Only      string     `help:"Print only the checks whose id matches; * is any text." placeholder:"PATTERN"`
	resources
	output
}

// Help implements kong's HelpProvider.
func (driftCommand) Help() string {
	return "Compares the columns of two tables. A column drifted where the difference is no chance, by a test that is adjusted over all columns, and larger than its limit. Each drifted column warns; the exit code is 1 where too many have."
}

// share reads 30% or 0.30.
type share float64

func (s *share) UnmarshalText(text []byte) error {
	number, percent := strings.CutSuffix(string(text), "%")
	v, err := strconv.ParseFloat(number, 64)
	if percent {
		v /= 100
	}
	if err != nil || !(v > 0 && v <= 1) {
		return fmt.Errorf("%q is not a share from above 0 to 1, such as 0.3 or 30%%", text)
	}
	*s = share(v)
	return nil
}

// testFlag reads COLUMN=TEST or COLUMN=TEST:LIMIT.
type testFlag struct{ spec.DriftColumn }

func (t *testFlag) UnmarshalText(text []byte) error {
	at := strings.LastIndex(string(text), "=")
	if at <= 0 {
		return fmt.Errorf("%q is not COLUMN=TEST, such as income=psi", text)
	}
	test, limit, limited := strings.Cut(string(text[at+1:]), ":")
	if !slices.Contains(spec.DriftTests(), test) {
		return fmt.Errorf("there is no test %q: %s", test, strings.Join(spec.DriftTests(), ", "))
	}
	t.DriftColumn = spec.DriftColumn{Name: string(text[:at]), Test: test}
	if limited {
		v, err := strconv.ParseFloat(limit, 64)
		if err != nil || !(v >= 0) {
			return fmt.Errorf("%q is not a limit such as 0.2", limit)
		}
		t.Max = &v
	}
	return nil
}

// Run implements the command.
func (c *driftCommand) Run(env Env, code *int) error {
	if err := cmp.Or(c.output.check(), sparesThese(c.targets(views{}), c.Reference, c.Current)); err != nil {
		return err
	}
	rules := noworse.DriftRules{MaxShare: float64(c.MaxShare), Guide: c.Guide, Label: c.Label, Prediction: c.Predicted, Time: c.Time}
	for _, t := range c.Test {
		rules.Columns = append(rules.Columns, t.DriftColumn)
	}
	for _, name := range c.Ignore {
		rules.Columns = append(rules.Columns, spec.DriftColumn{Name: name, Ignore: true})
	}
	options, clear := c.options(env, "")
	options.Only = c.Only
	r, err := noworse.Drift(env.Context, c.Reference, c.Current, rules, options)
	clear()
	if err := cmp.Or(err, env.Context.Err()); err != nil {
		return err
	}
	*code = r.Exit
	encoded, err := r.Encode()
	if err != nil {
		return err
	}
	return c.tell(env, viewsOf(r, encoded))
}

// sparesThese refuses to write over what is read.
func sparesThese(targets []target, inputs ...string) error {
	for _, t := range targets {
		for _, input := range inputs {
			if t.path != stdout && samePath(input, t.path) {
				return fmt.Errorf("%s would write over %s, which this run reads", t.flag, input)
			}
		}
	}
	return nil
}
