package cli

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/noworse/noworse"
	"github.com/noworse/noworse/profile"
)

type profileCommand struct {
	Data    string   `arg:"" help:"Parquet, CSV, TSV or JSON Lines file, or a glob." placeholder:"DATA"`
	Output  string   `short:"o" help:"Write the profile to FILE, which noworse drift and data.reference of a spec take in place of the rows; - is stdout." placeholder:"FILE"`
	Columns []string `help:"Only this column. May be given several times." sep:"none" name:"column" placeholder:"COLUMN"`
	Quiet   bool     `short:"q" help:"Print nothing but errors."`
	resources
}

// Help implements kong's HelpProvider.
func (profileCommand) Help() string {
	return "Summarises the columns of a table: what is missing, how values are distributed, which categories there are. A profile takes some 25 KB a column whatever the rows, and holds no row."
}

// Run implements the command.
func (c *profileCommand) Run(env Env) error {
	if c.Output != "" && c.Output != stdout {
		if samePath(c.Data, c.Output) {
			return fmt.Errorf("--output would write over %s, which this run reads", c.Data)
		}
		if err := checkWritable(c.Output); err != nil {
			return err
		}
	}
	options, clear := c.options(env, "")
	p, err := noworse.Profile(env.Context, c.Data, c.Columns, options)
	clear()
	if err := cmp.Or(err, env.Context.Err()); err != nil {
		return err
	}
	if c.Output == "" {
		if c.Quiet {
			return errors.New("--quiet prints nothing, and without --output nothing is written")
		}
		return tellProfile(env.Stdout, p)
	}
	encoded, err := p.Encode()
	if err != nil {
		return err
	}
	if c.Output == stdout {
		_, err := env.Stdout.Write(encoded)
		return err
	}
	if err := writeFile(c.Output, encoded); err != nil {
		return err
	}
	if !c.Quiet {
		fmt.Fprintf(env.Stderr, "%s: %d rows, %d columns\ncompare others with it:  noworse drift %s CURRENT\n", c.Output, p.Rows, len(p.Columns), c.Output)
	}
	return nil
}

// tellProfile tells a profile as a table.
func tellProfile(w io.Writer, p *profile.Profile) error {
	var table bytes.Buffer
	t := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "column\tkind\tmissing\tdistinct\tvalues")
	for _, c := range p.Columns {
		missing := c.Nulls
		if c.Numbers != nil {
			missing += c.Numbers.NaN
		}
		distinct := "-"
		if c.Kind != profile.Nested {
			distinct = different(c)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", oneLine(c.Name), c.Kind, percent(missing, p.Rows), distinct, valuesOf(c))
	}
	t.Flush()
	var out bytes.Buffer
	fmt.Fprintf(&out, "%d rows, %d columns\n\n", p.Rows, len(p.Columns))
	for line := range strings.Lines(table.String()) {
		fmt.Fprintln(&out, strings.TrimRight(line, " \n"))
	}
	_, err := w.Write(out.Bytes())
	return err
}

func percent(n, of uint64) string {
	switch share := 100 * float64(n) / float64(of); {
	case n == 0:
		return "0%"
	case share < .1:
		return "<0.1%"
	default:
		return fmt.Sprintf("%.1f%%", share)
	}
}

// different is how many different values there are, or about how many, to 2 %.
func different(c *profile.Column) string {
	n, exact := c.Different()
	if exact {
		return fmt.Sprintf("%.0f", n)
	}
	scale := math.Pow(10, max(0, math.Floor(math.Log10(max(n, 1)))-1))
	return fmt.Sprintf("~%.0f", math.Round(n/scale)*scale)
}

// valuesOf says what a column holds: the range and mean of numbers, the most frequent
// categories of texts.
func valuesOf(c *profile.Column) string {
	switch {
	case c.Kind == profile.Nested:
		return "nested: not summarised"
	case c.Texts != nil:
		return categoriesOf(c.Texts)
	case c.Numbers.Finite() == 0:
		return ""
	case c.Kind == profile.Time:
		day := func(x float64) string { return time.UnixMicro(int64(x)).UTC().Format("2006-01-02 15:04") }
		return day(c.Numbers.Min) + " to " + day(c.Numbers.Max)
	}
	n := c.Numbers
	return fmt.Sprintf("%.4g to %.4g, mean %.4g, sd %.4g", n.Min, n.Max, n.Moments.Mean(), n.Moments.SD())
}

func categoriesOf(t *profile.Texts) string {
	const most = 3
	var parts []string
	shown := uint64(0)
	for _, k := range t.Categories[:min(most, len(t.Categories))] {
		parts = append(parts, oneLine(k.Text)+" "+percent(k.Rows, t.Rows()))
		shown += k.Rows
	}
	switch rest := t.Rows() - shown; {
	case len(parts) == 0 && rest > 0:
		return "different in every row"
	case rest > 0:
		parts = append(parts, "others "+percent(rest, t.Rows()))
	}
	return strings.Join(parts, ", ")
}

// oneLine is a text that may be long, or hold line ends and what steers a terminal.
func oneLine(text string) string {
	const most = 24
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '·'
		}
		return r
	}, text)
	if runes := []rune(clean); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	if clean == "" || strings.TrimSpace(clean) != clean {
		return fmt.Sprintf("%q", clean)
	}
	return clean
}
