package wire

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/noworse/noworse/model"
)

// Model is a model in a process of its own. One call at a time is answered.
type Model struct {
	process *process
	who     string // what the process is of, for messages
	task    model.Task
	about   model.Description

	mu     sync.Mutex
	in     *bufio.Reader
	out    *bufio.Writer
	body   []byte
	reply  []byte
	ended  *model.Error // why it answers no more
	closed bool
}

var (
	_ model.Predictor = (*Model)(nil)
	_ model.Measured  = (*Model)(nil)
)

// Open starts a process and has it load a model. The process ends with ctx only
// until then; see Close.
func Open(ctx context.Context, c Command, task model.Task, options any) (*Model, error) {
	text, err := json.Marshal(options)
	if err != nil {
		return nil, err
	}
	m, err := begin(c, "model")
	if err != nil {
		return nil, err
	}
	m.task = task
	var a answer
	if _, err := m.ask(ctx, request{Do: "open", Options: text}, nil, &a); err != nil {
		m.Close()
		return nil, err
	}
	if a.About == nil {
		m.Close()
		return nil, m.fault(errFrame)
	}
	m.about = *a.About
	return m, nil
}

// begin starts a process, which has been asked nothing yet.
func begin(c Command, who string) (*Model, error) {
	p, err := start(c, who)
	if err != nil {
		return nil, err
	}
	return &Model{process: p, who: who, in: bufio.NewReaderSize(p.socket, 1<<20), out: bufio.NewWriterSize(p.socket, 1<<20)}, nil
}

// Describe implements model.Predictor.
func (m *Model) Describe() model.Description { return m.about }

// Close implements model.Predictor.
func (m *Model) Close() error {
	m.process.kill() // first: a call that hangs ends with it
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

// Predict implements model.Predictor.
func (m *Model) Predict(ctx context.Context, f *model.Frame) (*model.Answers, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var columns []column
	m.body, columns = pack(m.body[:0], f)
	var head answer
	raw, err := m.ask(ctx, request{Do: "predict", Rows: f.Rows, Columns: columns}, m.body, &head)
	if err != nil {
		return nil, err
	}
	a, err := head.unpack(f.Rows, raw)
	if err != nil {
		return nil, m.fault(err)
	}
	if err := a.Check(m.task, f.Rows); err != nil {
		return nil, err
	}
	return a, nil
}

// Memory implements model.Measured.
func (m *Model) Memory(ctx context.Context) (model.Memory, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var a answer
	if _, err := m.ask(ctx, request{Do: "memory"}, nil, &a); err != nil {
		return model.Memory{}, err
	}
	if a.Memory == nil {
		return model.Memory{}, m.fault(errFrame)
	}
	return *a.Memory, nil
}

// ask is one turn. A process that is not waited for any more is ended: what it
// would say then is no answer to what is asked next.
func (m *Model) ask(ctx context.Context, r request, body []byte, a *answer) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if m.closed {
		return nil, &model.Error{Message: "the " + m.who + " is closed", Gone: true}
	}
	if m.ended != nil {
		return nil, m.ended
	}
	stop := context.AfterFunc(ctx, m.process.kill)
	raw, err := m.turn(r, body, a)
	if !stop() {
		m.ended = &model.Error{Message: "the " + m.who + "'s process was ended, since its answer was not waited for", Gone: true}
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, m.fault(err)
	}
	if a.Error != nil {
		return nil, a.Error
	}
	return raw, nil
}

func (m *Model) turn(r request, body []byte, a *answer) ([]byte, error) {
	if err := send(m.out, r, body); err != nil {
		return nil, err
	}
	raw, err := receive(m.in, a, m.reply)
	if err == nil {
		m.reply = raw
	}
	return raw, err
}

// fault ends the process, of which no more can be expected, and says what is
// known of why.
func (m *Model) fault(err error) *model.Error {
	if errors.Is(err, errFrame) {
		m.process.kill() // it lives, and is of no use
	}
	how, said := m.process.end()
	m.ended = &model.Error{Message: fmt.Sprintf("the %s's process %s", m.who, how), Detail: said, Gone: true}
	if how == "" {
		m.ended.Message = fmt.Sprintf("the %s's process cannot be understood: %v", m.who, err)
	}
	return m.ended
}
