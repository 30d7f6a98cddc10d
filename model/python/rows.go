package python

import (
	"context"
	"time"

	"github.com/noworse/noworse/model/wire"
)

// Rows is a function that returns rows, and where they are written.
type Rows struct {
	Call        string        // package.module:function
	Dir         string        // where modules are looked for first
	To          string        // a Parquet file
	Interpreter string        `json:"-"`
	Timeout     time.Duration `json:"-"` // 0: none
}

// Write calls the function and writes what it returns. The error is a *model.Error, as
// of a model. What was written is of no use after one.
func (r Rows) Write(ctx context.Context) error {
	interpreter, err := Find(r.Interpreter)
	if err != nil {
		return err
	}
	return within(ctx, r.Timeout, "the function did not return its rows", func(ctx context.Context) error {
		return wire.WriteRows(ctx, wire.Command{Path: interpreter, Args: []string{"-u", "-c", worker}, Dir: r.Dir}, r)
	})
}
