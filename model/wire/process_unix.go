//go:build unix

package wire

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"
)

// pair is both ends of a socket: ours, and the one a process is given.
func pair() (net.Conn, *os.File, error) {
	syscall.ForkLock.RLock() // a process that starts meanwhile must not get them too
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fds[0])
		syscall.CloseOnExec(fds[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, nil, err
	}
	file := os.NewFile(uintptr(fds[0]), "model")
	defer file.Close() // the connection has a copy
	conn, err := net.FileConn(file)
	if err != nil {
		syscall.Close(fds[1])
		return nil, nil, err
	}
	return conn, os.NewFile(uintptr(fds[1]), "model"), nil
}

// apart gives a process a group of its own: what it starts ends with it, and
// Ctrl-C reaches it through us.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func stop(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may have ended
}

// fate is how a process ended.
func fate(s *os.ProcessState) string {
	if s == nil {
		return "ended"
	}
	if w, ok := s.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		if w.Signal() == syscall.SIGKILL {
			return "was killed: it may have wanted more memory than there is"
		}
		return fmt.Sprintf("was ended by a signal: %v", w.Signal())
	}
	return fmt.Sprintf("ended with exit code %d", s.ExitCode())
}
