// Package cli is the command line: flags, progress, files and exit codes. It is
// the only place that touches the operating system on behalf of a command, so
// that a whole command runs in a test.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"github.com/noworse/noworse/spec"
)

// version is set by the linker.
var version = "dev"

// Env is what a command sees of the world.
type Env struct {
	Args   []string
	Stdout io.Writer
	Stderr io.Writer
	Getenv func(string) string
	// Terminal says whether a stream is a terminal, and how wide it is.
	Terminal func(io.Writer) (width int, ok bool)
	Context  context.Context
}

// System is the real world. Ctrl-C ends its context.
func System() Env {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	return Env{
		Args: os.Args[1:], Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
		Terminal: terminal, Context: ctx,
	}
}

func terminal(w io.Writer) (int, bool) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	return width, err == nil
}

// Exit codes. Over a run's checks they come from the result.
const (
	exitPass        = 0
	exitCannotStart = 2
)

// commands is the grammar of the command line.
type commands struct {
	Check    checkCommand    `cmd:"" help:"Run every check of a spec and print the verdicts."`
	Init     initCommand     `cmd:"" help:"Look at data and predictions, and write a spec for them."`
	Baseline baselineCommand `cmd:"" help:"Keep the model that others must not be worse than: accept, show, log, diff."`
	Demo     demoCommand     `cmd:"" help:"Write a small project with two models, and check it."`
	Power    powerCommand    `cmd:"" help:"Say which drops an evaluation set can tell, before there is a candidate."`
	Compare  compareCommand  `cmd:"" help:"Compare two files of predictions, without a spec."`
	Drift    driftCommand    `cmd:"" help:"Compare the columns of two tables: which have moved, and how far."`
	Profile  profileCommand  `cmd:"" help:"Summarise the columns of a table, so that others can be compared with it when it is gone."`
	Contract contractCommand `cmd:"" help:"What data must be, to be held to it by a spec."`
	Report   reportCommand   `cmd:"" help:"Render a stored result again, in any format."`
	Metrics  metricsCommand  `cmd:"" help:"List the metrics."`
	Schema   schemaCommand   `cmd:"" help:"Print the JSON Schema of a spec, for editors."`
	Doctor   doctorCommand   `cmd:"" help:"Say what this machine has of what noworse uses."`

	Model modelCommand `cmd:"" name:"__model" hidden:""`

	Version kong.VersionFlag `help:"Print the version."`
}

// later are the commands that the product names and this version has not.
var later = []string{"slices", "data", "serve"}

const description = `Is this model no worse than the one we trust, and if it is worse, for whom?

Begin with: noworse demo
or with your own data: noworse init DATA`

// exit is how kong asks to leave: after --help or --version.
type exit int

// Main runs one command and returns its exit code.
func Main(env Env) (code int) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case exit:
			code = int(p)
		default:
			panic(p)
		}
	}()
	c := new(commands)
	parser, err := kong.New(c, kong.Name("noworse"), kong.Description(description),
		kong.Writers(env.Stdout, env.Stderr), kong.Exit(func(code int) { panic(exit(code)) }),
		kong.Vars{"version": "noworse " + version}, kong.UsageOnError(), kong.Bind(env))
	if err != nil {
		return env.fail(err)
	}
	parser.Model.HelpFlag.Help = "Print this help."
	if name, ok := asksForLater(env.Args); ok {
		return env.fail(fmt.Errorf("`noworse %s` is not in this version of noworse\nwhat there is: noworse --help", name))
	}
	if len(env.Args) == 0 {
		env.Args = []string{"--help"}
	}
	call, err := parser.Parse(env.Args)
	if err != nil {
		return env.fail(mistyped(err))
	}
	code = exitPass
	call.Bind(&code)
	if err := call.Run(); err != nil {
		return env.fail(err)
	}
	return code
}

func asksForLater(args []string) (string, bool) {
	for _, name := range later {
		if words := strings.Fields(name); len(args) >= len(words) && slices.Equal(args[:len(words)], words) {
			return name, true
		}
	}
	return "", false
}

// fail prints what went wrong and returns the code of a run that could not
// start.
func (e Env) fail(err error) int {
	if e.Context.Err() != nil {
		fmt.Fprintln(e.Stderr, "noworse: interrupted: nothing was written")
		return exitCannotStart
	}
	message := err.Error()
	if _, ok := errors.AsType[spec.Problems](err); !ok {
		message = "noworse: " + message
	}
	fmt.Fprintln(e.Stderr, strings.TrimRight(message, "\n"))
	return exitCannotStart
}
