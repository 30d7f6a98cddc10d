package wire

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/noworse/noworse/model"
)

// Opener loads the model that a request describes.
type Opener func(ctx context.Context, options json.RawMessage) (model.Predictor, error)

// Serve answers requests until the other side ends.
func Serve(ctx context.Context, socket io.ReadWriter, open Opener) error {
	s := &server{open: open, in: bufio.NewReaderSize(socket, 1<<20), out: bufio.NewWriterSize(socket, 1<<20)}
	defer s.close()
	for {
		if err := s.turn(ctx); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}

type server struct {
	open   Opener
	in     *bufio.Reader
	out    *bufio.Writer
	memory []byte
	model  model.Predictor
	loaded uint64
}

func (s *server) close() {
	if s.model != nil {
		s.model.Close()
	}
}

// turn answers one request.
func (s *server) turn(ctx context.Context) error {
	var r request
	raw, err := receive(s.in, &r, s.memory)
	if err != nil {
		return err
	}
	s.memory = raw
	head, body, err := s.answer(ctx, r, raw)
	if err != nil {
		head, body = answer{Error: asModelError(err)}, nil
	}
	return send(s.out, head, body)
}

func (s *server) answer(ctx context.Context, r request, raw []byte) (answer, []byte, error) {
	switch {
	case r.Do == "open" && s.model == nil:
		return s.load(ctx, r.Options)
	case s.model == nil:
		return answer{}, nil, errors.New("no model was opened")
	case r.Do == "predict":
		f, err := unpack(r.Rows, r.Columns, raw)
		if err != nil {
			return answer{}, nil, err
		}
		a, err := s.model.Predict(ctx, f)
		if err != nil {
			return answer{}, nil, err
		}
		head, body := packAnswers(a)
		return head, body, nil
	case r.Do == "memory":
		peak, err := peakMemory()
		return answer{Memory: &model.Memory{Loaded: s.loaded, Peak: max(peak, s.loaded)}}, nil, err
	}
	return answer{}, nil, fmt.Errorf("there is no request %q", r.Do)
}

func (s *server) load(ctx context.Context, options json.RawMessage) (answer, []byte, error) {
	m, err := s.open(ctx, options)
	if err != nil {
		return answer{}, nil, err
	}
	s.model = m
	about := m.Describe()
	s.loaded, err = peakMemory()
	return answer{About: &about}, nil, err
}

// asModelError is an error as it goes over the wire.
func asModelError(err error) *model.Error {
	if e, ok := errors.AsType[*model.Error](err); ok {
		return e
	}
	return &model.Error{Message: err.Error()}
}
