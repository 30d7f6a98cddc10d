package onnx

import (
	"context"
	"encoding/json"
	"io"

	"github.com/noworse/noworse/model"
	"github.com/noworse/noworse/model/wire"
)

// OpenApart loads a model in a process of its own, where its memory can be measured.
// The command is of a program that calls Serve.
func OpenApart(ctx context.Context, o Options, c wire.Command) (*wire.Model, error) {
	return wire.Open(ctx, c, o.Task, o)
}

// Serve is the other side of OpenApart. It returns when that side closes.
func Serve(ctx context.Context, socket io.ReadWriter) error {
	return wire.Serve(ctx, socket, func(ctx context.Context, options json.RawMessage) (model.Predictor, error) {
		var o Options
		if err := json.Unmarshal(options, &o); err != nil {
			return nil, err
		}
		return Open(ctx, o)
	})
}
