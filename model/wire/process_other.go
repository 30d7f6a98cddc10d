//go:build !unix

package wire

import (
	"errors"
	"net"
	"os"
	"os/exec"
)

var errNoSocket = errors.New("that needs sockets between processes, which this system does not have")

func pair() (net.Conn, *os.File, error) { return nil, nil, errNoSocket }

func apart(*exec.Cmd) {}

func stop(cmd *exec.Cmd) { _ = cmd.Process.Kill() }

func fate(*os.ProcessState) string { return "ended" }
