package cli

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/noworse/noworse"
	"github.com/noworse/noworse/report"
)

type powerCommand struct {
	Spec        string      `arg:"" optional:"" default:"noworse.yaml" help:"The spec. The candidate's file need not be there." placeholder:"SPEC"`
	Discordance discordance `help:"Assume that so many rows change though nothing gets worse, such as 5%. Default: what the two models show if both are recorded, else 5%." placeholder:"SHARE"`
	Correlation correlation `help:"Assume that the two models' values correlate so, for metrics of scores. Default: 0.9." placeholder:"R"`
	JSON        string      `name:"json" help:"Write it as JSON to FILE; - is stdout." placeholder:"FILE"`
	All         bool        `help:"List every check, not only the worst."`
	Quiet       bool        `short:"q" help:"Print one sentence."`
	NoColor     bool        `help:"Print without colour. NO_COLOR in the environment does the same."`
	resources
	trust
}

// Help implements kong's HelpProvider.
func (powerCommand) Help() string {
	return "Says for each metric and slice which drop this evaluation set can tell, and how many rows it lacks, before there is a candidate. The exit code is 0 whatever it says, and 2 if it cannot start."
}

// discordance reads 5% or 0.05.
type discordance struct{ share *float64 }

func (d *discordance) UnmarshalText(text []byte) error {
	number, percent := strings.CutSuffix(string(text), "%")
	v, err := strconv.ParseFloat(number, 64)
	if percent {
		v /= 100
	}
	if err != nil || !(v >= 0 && v <= 1) {
		return fmt.Errorf("%q is not a share of rows such as 5%% or 0.05", text)
	}
	d.share = &v
	return nil
}

// correlation reads a number from 0 up to 1.
type correlation struct{ r *float64 }

func (c *correlation) UnmarshalText(text []byte) error {
	v, err := strconv.ParseFloat(string(text), 64)
	if err != nil || !(v >= 0 && v < 1) {
		return fmt.Errorf("%q is not a correlation from 0 up to 1, such as 0.9: with 1 nothing could change", text)
	}
	c.r = &v
	return nil
}

// Run implements the command.
func (c *powerCommand) Run(env Env) error {
	return c.within(env, func(env Env) error { return c.run(env) })
}

func (c *powerCommand) run(env Env) error {
	out := output{JSON: c.JSON, All: c.All, Quiet: c.Quiet, NoColor: c.NoColor}
	if err := cmp.Or(out.check(), c.mayWrite(out.targets(views{}))); err != nil {
		return err
	}
	paths, err := specPaths([]string{c.Spec})
	if err != nil {
		return err
	}
	if len(paths) != 1 {
		return errors.New("noworse power is for one spec")
	}
	s, err := c.load(paths[0])
	if err != nil {
		return err
	}
	if err := out.spares(s); err != nil {
		return err
	}
	options, clear := c.options(env, "")
	r, err := noworse.Power(env.Context, s, options, noworse.Assumptions{Discordance: c.Discordance.share, Correlation: c.Correlation.r})
	clear()
	if err := cmp.Or(err, env.Context.Err()); err != nil {
		return err
	}
	encoded, err := r.Encode()
	if err != nil {
		return err
	}
	return out.tell(env, views{
		json: func(w io.Writer) error { _, err := bytes.NewReader(encoded).WriteTo(w); return err },
		text: func(w io.Writer, o report.Options) error { return report.Power(w, r, o) },
	})
}
