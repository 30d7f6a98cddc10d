// Package serving starts model servers for tests: real processes on loopback.
package serving

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shirou/gopsutil/v4/process"
)

// Command is a server's process. {PORT}, {PORT2} and {PORT3} in Args and Env are ports that
// are free.
type Command struct {
	Dir   string
	Args  []string
	Env   []string
	Ready string // the path that answers 200 once the server is ready
}

// Server is a process that serves.
type Server struct {
	URL     string
	command *exec.Cmd
	log     *lockedBuffer
	ended   chan struct{}
}

// startup is how long a server may take to be ready: on a busy machine Python imports
// for long.
const startup = 3 * time.Minute

// Start runs a server and waits until it is ready.
func Start(c Command) (*Server, error) {
	ports, err := freePorts(3)
	if err != nil {
		return nil, err
	}
	fill := strings.NewReplacer("{PORT}", ports[0], "{PORT2}", ports[1], "{PORT3}", ports[2])
	args := make([]string, len(c.Args))
	for i, arg := range c.Args {
		args[i] = fill.Replace(arg)
	}
	s := &Server{URL: "http://127.0.0.1:" + ports[0], command: exec.Command(args[0], args[1:]...), log: new(lockedBuffer), ended: make(chan struct{})}
	s.command.Dir, s.command.Env = c.Dir, os.Environ()
	for _, e := range c.Env {
		s.command.Env = append(s.command.Env, fill.Replace(e))
	}
	s.command.Stdout, s.command.Stderr = s.log, s.log
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	go func() {
		s.command.Wait() // a server that is ended has no other outcome
		close(s.ended)
	}()
	if err := s.wait(c.Ready); err != nil {
		s.Stop()
		return nil, fmt.Errorf("%s: %w\n%s", args[0], err, s.log)
	}
	return s, nil
}

func freePorts(n int) ([]string, error) {
	var ports []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close() // all at once, so that they differ
		_, port, err := net.SplitHostPort(l.Addr().String())
		if err != nil {
			return nil, err
		}
		ports = append(ports, port)
	}
	return ports, nil
}

func (s *Server) wait(ready string) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	late := time.After(startup)
	for {
		r, err := http.Get(s.URL + ready)
		if err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-s.ended:
			return errors.New("the server ended")
		case <-late:
			return errors.New("the server is not ready in time")
		case <-tick.C:
		}
	}
}

// Stop ends the process and what it has started.
func (s *Server) Stop() {
	if p, err := process.NewProcess(int32(s.command.Process.Pid)); err == nil {
		killTree(p)
	}
	<-s.ended
}

func killTree(p *process.Process) {
	children, _ := p.Children() // none, or it has ended
	p.Kill()
	for _, c := range children {
		killTree(c)
	}
}

// lockedBuffer is what a process prints, for the error of one that does not start.
type lockedBuffer struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}

// Installed is the interpreter that has the servers: the one that NOWORSE_SERVING names,
// else that of .venv-serving, beside the environment of NOWORSE_PYTHON or beside go.mod; ""
// where there is none.
func Installed() string {
	if python := os.Getenv("NOWORSE_SERVING"); python != "" {
		return python
	}
	if python := os.Getenv("NOWORSE_PYTHON"); python != "" {
		if found := in(filepath.Join(filepath.Dir(python), "..", "..")); found != "" {
			return found
		}
	}
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return in(dir)
		}
	}
	return ""
}

// in is the interpreter of a directory's .venv-serving. The stamp is written last, so a
// half-made environment is not taken.
func in(dir string) string {
	venv := filepath.Join(dir, ".venv-serving")
	if _, err := os.Stat(filepath.Join(venv, "installed")); err != nil {
		return ""
	}
	return filepath.Join(venv, "bin", "python")
}

// Python is the interpreter that has a server, by the name of its module. Where there is none
// the test is skipped, but on a CI machine it fails.
func Python(t testing.TB, module string) string {
	t.Helper()
	if Has(module) {
		return Installed()
	}
	message := fmt.Sprintf("NOT RUN: there is no %s; `make test` installs it, for a Python before 3.13", module)
	if os.Getenv("CI") == "true" {
		t.Fatal(message)
	}
	t.Skip(message)
	return ""
}

// Has says whether a server is installed.
func Has(module string) bool {
	python := Installed()
	return python != "" && exec.Command(python, "-c", "import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)", module).Run() == nil
}
