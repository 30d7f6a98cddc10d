package cli

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/noworse/noworse"
	"github.com/noworse/noworse/spec"
)

// trust are the flags of commands that read a spec.
type trust struct {
	Untrusted bool     `help:"Take the spec for a stranger's: refuse remote paths, variables, and files outside its directory."`
	Timeout   duration `help:"Stop with an error after so long, such as 10m. Default: no limit; 1h with --untrusted." placeholder:"TIME"`
}

// patienceForStrangers is how long a stranger's spec may take unless --timeout
// says otherwise: a small file can decompress for days.
const patienceForStrangers = time.Hour

// duration reads 90s or 1h30m.
type duration time.Duration

func (d *duration) UnmarshalText(text []byte) error {
	read, err := time.ParseDuration(string(text))
	if err != nil || read <= 0 {
		return fmt.Errorf("%q is not a time such as 90s or 10m", text)
	}
	*d = duration(read)
	return nil
}

// load reads a spec.
func (t trust) load(path string) (*spec.Spec, error) {
	if !t.Untrusted {
		return noworse.Load(path)
	}
	if err := direct(path); err != nil {
		return nil, err
	}
	return noworse.LoadUntrusted(path)
}

// mayWrite refuses files that a stranger's link would lead elsewhere.
func (t trust) mayWrite(targets []target) error {
	for _, target := range targets {
		if !t.Untrusted || target.path == stdout {
			continue
		}
		if err := direct(target.path); err != nil {
			return fmt.Errorf("%s: %w", target.flag, err)
		}
	}
	return nil
}

// direct refuses a path that goes through a link. Relative paths lead through
// the stranger's own checkout, where a link could point anywhere: a report
// would be written over what it points to. The directory of an absolute path is
// the caller's.
func direct(path string) error {
	for p := filepath.Clean(path); ; p = filepath.Dir(p) {
		if info, err := os.Lstat(p); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return fmt.Errorf("%s is a link, and --untrusted follows none\nname the file that is meant", p)
		}
		if filepath.IsAbs(p) || p == "." || filepath.Base(p) == ".." {
			return nil
		}
	}
}

// within runs a command, and ends it when the time is up.
func (t trust) within(env Env, run func(Env) error) error {
	limit := time.Duration(t.Timeout)
	if limit == 0 && t.Untrusted {
		limit = patienceForStrangers
	}
	if limit == 0 {
		return run(env)
	}
	late := fmt.Errorf("stopped after %v: nothing was written\nallow more with --timeout", limit)
	ctx, done := context.WithTimeoutCause(env.Context, limit, late)
	defer done()
	env.Context = ctx
	if err := run(env); err == nil || ctx.Err() == nil {
		return err
	}
	return context.Cause(ctx)
}
