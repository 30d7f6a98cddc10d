package cli

import "github.com/noworse/noworse"

// modelCommand is how this program serves a model to itself, in a process whose
// memory is the model's. It is in no help: see wire.
type modelCommand struct{}

// Run implements the command.
func (modelCommand) Run(env Env) error { return noworse.ServeModel(env.Context) }
