// Command noworse checks that a model is no worse than the one it replaces.
package main

import (
	"os"

	"github.com/noworse/noworse/internal/cli"
)

func main() { os.Exit(cli.Main(cli.System())) }
