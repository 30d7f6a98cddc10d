package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"

	"github.com/dustin/go-humanize"

	"github.com/noworse/noworse"
	"github.com/noworse/noworse/baseline"
	"github.com/noworse/noworse/report"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/spec"
)

// baselineCommand is about the store that the spec names under baseline.
type baselineCommand struct {
	Accept acceptCommand `cmd:"" help:"Run the checks, and make the candidate the baseline if it passes."`
	Show   showCommand   `cmd:"" help:"Print what the baseline is, and its values."`
	Log    logCommand    `cmd:"" help:"List every baseline, the newest first."`
	Diff   diffCommand   `cmd:"" help:"Compare the baseline with the one before, or any two."`
	Anchor anchorCommand `cmd:"" help:"Make the baseline the anchor, which changes add up since."`
}

type acceptCommand struct {
	Spec   string `arg:"" optional:"" default:"noworse.yaml" help:"The spec; its baseline.store is where baselines are kept." placeholder:"SPEC"`
	Result string `help:"Go by this result of noworse check --json instead of running the checks again." placeholder:"FILE"`
	Force  bool   `help:"Accept the candidate though it does not pass. Needs --reason."`
	Reason string `help:"Why, for the history." placeholder:"TEXT"`
	resources
	output
	trust
}

// Help implements kong's HelpProvider.
func (acceptCommand) Help() string {
	return "The first candidate is accepted if no check fails. The exit code is 0 if the candidate was accepted, else that of the check."
}

// Run implements the command.
func (c *acceptCommand) Run(env Env, code *int) error {
	return c.within(env, func(env Env) error { return c.run(env, code) })
}

func (c *acceptCommand) run(env Env, code *int) error {
	if err := cmp.Or(c.check(), c.mayWrite(c.targets(views{}))); err != nil {
		return err
	}
	s, err := c.load(c.Spec)
	if err != nil {
		return err
	}
	if err := c.spares(s); err != nil {
		return err
	}
	a := noworse.Acceptance{Force: c.Force, Reason: strings.TrimSpace(c.Reason), By: whoever(filepath.Dir(c.Spec))}
	if c.Force && a.Reason == "" {
		return errors.New("--force needs --reason '…': whoever finds this baseline in the history will ask why")
	}
	if c.Result != "" {
		if a.Result, err = earlierResult(c.Result); err != nil {
			return err
		}
	}
	options, clear := c.resources.options(env, "")
	r, b, err := noworse.Accept(env.Context, s, options, a)
	clear()
	refused, isRefused := errors.AsType[*noworse.Refused](err)
	if err != nil && !isRefused {
		return err
	}
	encoded, err := r.Encode()
	if err != nil {
		return err
	}
	v := viewsOf(r, encoded)
	v.text = func(w io.Writer, o report.Options) error {
		o.Accepting = !isRefused
		return report.Text(w, r, o)
	}
	if err := c.tell(env, v); err != nil {
		return err
	}
	if isRefused {
		*code = max(r.Exit, 1)
		fmt.Fprintf(env.Stderr, "%v\nto accept it all the same: noworse baseline accept --force --reason '…'\n", refused)
		return nil
	}
	if !c.Quiet {
		fmt.Fprintf(env.Stderr, "accepted as baseline %d: %s, %s of answers\n", b.Number, s.Redact(s.Store.Path), humanize.Bytes(uint64(b.Rows.Bytes)))
		if b.IsAnchor() {
			fmt.Fprintln(env.Stderr, "it is the anchor too: what changes from now on adds up, until noworse baseline anchor moves it")
		}
	}
	return nil
}

// earlierResult is a stored result of one spec.
func earlierResult(path string) (*result.Result, error) {
	encoded, err := readResult(path)
	if err != nil {
		return nil, err
	}
	if result.IsSet(encoded) {
		return nil, fmt.Errorf("%s has the results of several specs: a baseline is accepted for one of them", path)
	}
	r, err := result.Decode(encoded)
	if err != nil {
		return nil, cannotRead(path, err)
	}
	return r, nil
}

// whoever accepts: as git knows them, or as the machine does.
func whoever(dir string) string {
	git := func(key string) string {
		command := exec.Command("git", "config", "--get", key)
		command.Dir = dir
		out, err := command.Output()
		if err != nil { // no git, no such key
			return ""
		}
		return strings.TrimSpace(string(out))
	}
	if name := cmp.Or(git("user.name"), git("user.email")); name != "" {
		return name
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return ""
}

// stored is the spec whose store is looked into.
type stored struct {
	Spec    string `arg:"" optional:"" default:"noworse.yaml" help:"The spec; its baseline.store is looked into. The data need not be there." placeholder:"SPEC"`
	All     bool   `help:"List every slice."`
	NoColor bool   `help:"Print without colour. NO_COLOR in the environment does the same."`
}

// history is the baselines of the store, the newest first: at least one.
func (c stored) history() ([]*baseline.Baseline, *spec.Spec, error) {
	s, err := noworse.Load(c.Spec)
	if err != nil {
		return nil, nil, err
	}
	list, err := noworse.History(s)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("no baseline was accepted yet in %s\nto begin: noworse baseline accept", s.Redact(s.Store.Path))
	}
	return list, s, err
}

func (c stored) options(env Env) report.Options {
	return env.reportOptions(output{All: c.All, NoColor: c.NoColor})
}

type showCommand struct {
	stored
	Number int    `help:"Show this one instead of the current one." placeholder:"N"`
	JSON   string `name:"json" help:"Write it as JSON to FILE; - is stdout." placeholder:"FILE"`
}

// Run implements the command.
func (c *showCommand) Run(env Env) error {
	if c.JSON != "" && c.JSON != stdout {
		if err := checkWritable(c.JSON); err != nil {
			return err
		}
	}
	list, s, err := c.history()
	if err != nil {
		return err
	}
	b := list[0]
	if c.Number != 0 {
		if b, err = numbered(list, c.Number); err != nil {
			return err
		}
	}
	if c.JSON == "" {
		return report.Baseline(env.Stdout, b, s.Redact(s.Store.Path), c.options(env))
	}
	encoded, err := b.Encode()
	if err != nil {
		return err
	}
	if c.JSON == stdout {
		_, err = env.Stdout.Write(encoded)
		return err
	}
	return writeFile(c.JSON, encoded)
}

// numbered finds a baseline by its number.
func numbered(list []*baseline.Baseline, number int) (*baseline.Baseline, error) {
	for _, b := range list {
		if b.Number == number {
			return b, nil
		}
	}
	return nil, fmt.Errorf("there is no baseline %d: they go from %d to %d", number, list[len(list)-1].Number, list[0].Number)
}

type logCommand struct{ stored }

// Run implements the command.
func (c *logCommand) Run(env Env) error {
	list, _, err := c.history()
	if err != nil {
		return err
	}
	return report.BaselineLog(env.Stdout, list, c.options(env))
}

type diffCommand struct {
	stored
	From   int  `help:"Number of the older one. Default: the one before." placeholder:"N" xor:"from"`
	To     int  `help:"Number of the newer one. Default: the current one." placeholder:"N"`
	Anchor bool `help:"Compare with the anchor." xor:"from"`
}

// Run implements the command.
func (c *diffCommand) Run(env Env) error {
	list, _, err := c.history()
	if err != nil {
		return err
	}
	to, err := numbered(list, cmp.Or(c.To, list[0].Number))
	if err != nil {
		return err
	}
	from, err := c.from(list, to)
	if err != nil {
		return err
	}
	return report.BaselineDiff(env.Stdout, from, to, c.options(env))
}

// from is the baseline to compare another one with.
func (c *diffCommand) from(list []*baseline.Baseline, to *baseline.Baseline) (*baseline.Baseline, error) {
	switch {
	case c.From != 0:
		return numbered(list, c.From)
	case !c.Anchor && to.AcceptedAs() == list[len(list)-1].Number:
		return nil, fmt.Errorf("baseline %d is the first: there is none before it", to.AcceptedAs())
	case !c.Anchor:
		return numbered(list, to.AcceptedAs()-1)
	case to.Anchor == nil:
		return nil, errors.New("there is no anchor\nto make the baseline of now the anchor: noworse baseline anchor")
	case to.IsAnchor():
		return nil, fmt.Errorf("baseline %d is the anchor itself", to.AcceptedAs())
	}
	return numbered(list, to.Anchor.Number)
}

type anchorCommand struct {
	Spec   string `arg:"" optional:"" default:"noworse.yaml" help:"The spec; its baseline.store is where the anchor is kept. The data need not be there." placeholder:"SPEC"`
	Reason string `help:"Why, for the history." placeholder:"TEXT"`
	Clear  bool   `help:"Leave the store without an anchor. Needs --reason."`
}

// Help implements kong's HelpProvider.
func (anchorCommand) Help() string {
	return "Each check of a change also compares with the anchor, so that many small losses do not add up unseen. The first baseline of a store is its anchor."
}

// Run implements the command.
func (c *anchorCommand) Run(env Env) error {
	s, err := noworse.Load(c.Spec)
	if err != nil {
		return err
	}
	reason := strings.TrimSpace(c.Reason)
	if c.Clear && reason == "" {
		return errors.New("--clear needs --reason '…': whoever finds a store without an anchor will ask why")
	}
	b, err := noworse.SetAnchor(env.Context, s, noworse.Anchoring{Clear: c.Clear, Reason: reason, By: whoever(filepath.Dir(c.Spec))})
	if err != nil {
		return err
	}
	if c.Clear {
		fmt.Fprintln(env.Stdout, "there is no anchor now: many small losses may add up\nto make the baseline of now the anchor: noworse baseline anchor")
		return nil
	}
	return report.Anchored(env.Stdout, b, env.reportOptions(output{}))
}
