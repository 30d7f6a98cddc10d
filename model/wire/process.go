package wire

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/noworse/noworse/model"
)

// Command is a process that serves a model.
type Command struct {
	Path string
	Args []string
	Dir  string   // "": this one
	Env  []string // nil: this one's
}

// process is one that runs.
type process struct {
	cmd    *exec.Cmd
	socket net.Conn
	tail   *tail
	done   chan struct{} // closed when it has been waited for
	once   sync.Once
	killed atomic.Bool // by us
}

// start starts a process with one end of a socket.
func start(c Command, who string) (*process, error) {
	ours, theirs, err := pair()
	if err != nil {
		return nil, &model.Error{Message: fmt.Sprintf("no process can be started for the %s: %v", who, err)}
	}
	defer theirs.Close()
	p := &process{cmd: exec.Command(c.Path, c.Args...), socket: ours, tail: &tail{}, done: make(chan struct{})}
	env := c.Env
	if env == nil {
		env = os.Environ()
	}
	p.cmd.Dir, p.cmd.Env = c.Dir, append(slices.Clip(env), socketVariable+"=3")
	p.cmd.Stdout, p.cmd.Stderr = p.tail, p.tail
	p.cmd.ExtraFiles = []*os.File{theirs}
	p.cmd.WaitDelay = time.Second // what it has started may hold its output open
	apart(p.cmd)
	if err := p.cmd.Start(); err != nil {
		ours.Close()
		return nil, &model.Error{Message: fmt.Sprintf("%s cannot be started for the %s: %v", c.Path, who, cause(err))}
	}
	go func() {
		_ = p.cmd.Wait() // how it ended is in ProcessState
		close(p.done)
	}()
	return p, nil
}

// socketVariable tells a process which file descriptor is its end of the socket.
const socketVariable = "NOWORSE_MODEL_SOCKET"

// Socket is the end that this process was given; false: it was started by
// somebody else.
func Socket() (net.Conn, bool) {
	if os.Getenv(socketVariable) != "3" {
		return nil, false
	}
	file := os.NewFile(3, "model")
	defer file.Close() // the connection has a copy
	conn, err := net.FileConn(file)
	return conn, err == nil
}

func cause(err error) error {
	if e, ok := errors.AsType[*exec.Error](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return e.Err
	}
	return err
}

// kill ends a process and waits until it is gone.
func (p *process) kill() {
	p.once.Do(func() {
		p.socket.Close()
		select {
		case <-p.done: // its number may already be another's
		default:
			p.killed.Store(true)
			stop(p.cmd)
		}
	})
	<-p.done
}

// grace is how long a process may take to end after its socket has.
const grace = 2 * time.Second

// end waits for a process that has ended, or ends it. how says what became of it,
// "" if that was our doing; said is the end of what it printed.
func (p *process) end() (how, said string) {
	select {
	case <-p.done:
	case <-time.After(grace):
		p.kill()
	}
	p.kill()
	if p.killed.Load() {
		return "", p.tail.String()
	}
	return fate(p.cmd.ProcessState), p.tail.String()
}

// tail keeps the end of what is printed.
type tail struct {
	mu   sync.Mutex
	text []byte
}

var _ io.Writer = (*tail)(nil)

const (
	mostTail  = 16 << 10
	tailLines = 12
)

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	if over := len(t.text) - mostTail; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
	return len(b), nil
}

// String is the last lines.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(strings.ToValidUTF8(string(t.text), "?")), "\n")
	return strings.Join(lines[max(0, len(lines)-tailLines):], "\n")
}
