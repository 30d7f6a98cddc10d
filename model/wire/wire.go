// Package wire is how noworse speaks with a model in a process of its own.
//
//	Open ─▶ process ─▶ Serve ─▶ model.Predictor
//	Model ◀── requests and answers, over one socket ──▶ Serve
//
// A process gets its end of the socket as file descriptor 3, so that whatever
// is printed there cannot disturb. Both sides take turns: a request, its answer.
// Each is a frame:
//
//	4 bytes  length of the header
//	8 bytes  length of the body
//	header   JSON
//	body     columns, one after the other, as the header lists them
//
// All numbers are little-endian. A column is, first, where the header says so,
// its mask: bit i of byte i/8 is set where row i has a value. Then its values:
// 8 bytes each for integers, moments (microseconds since 1970, UTC) and numbers
// (IEEE 754), 1 byte for booleans. Texts are their lengths in UTF-8, 4 bytes each, then
// the texts.
//
// A process ends when the socket does.
package wire

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/model"
)

// Limits of a frame: what is beyond them is no frame, but something that was
// printed into the socket.
const (
	mostHeader = 64 << 20
	mostBody   = 8 << 30
)

// request is the header of what is asked.
type request struct {
	Do      string          `json:"do"` // open, predict or memory; or rows
	Options json.RawMessage `json:"options,omitempty"`
	Rows    int             `json:"rows,omitempty"`
	Columns []column        `json:"columns,omitempty"`
}

// column says how one column stands in a body.
type column struct {
	Name     string `json:"name"`
	Kind     string `json:"kind"` // int, float, text, bool or time
	Nullable bool   `json:"nullable,omitempty"`
	Masked   bool   `json:"masked,omitempty"`
}

// answer is the header of what is answered.
type answer struct {
	Error  *model.Error       `json:"error,omitempty"`
	About  *model.Description `json:"about,omitempty"`
	Memory *model.Memory      `json:"memory,omitempty"`
	Wrote  *wrote             `json:"wrote,omitempty"`
	// Of answers: which columns are in the body. Numbers, or labels, then scores.
	Numbers bool     `json:"numbers,omitempty"`
	Labels  bool     `json:"labels,omitempty"`
	Scores  int      `json:"scores,omitempty"`
	Classes []string `json:"classes,omitempty"`
	// What the call took in its process, in nanoseconds; nil where the system does not say.
	Effort *model.Effort `json:"effort,omitempty"`
}

var kinds = map[dataset.Kind]string{dataset.Integer: "int", dataset.Float: "float", dataset.Text: "text", dataset.Bool: "bool", dataset.Time: "time"}

func kindOf(name string) dataset.Kind {
	for kind, n := range kinds {
		if n == name {
			return kind
		}
	}
	return 0
}

// send writes a frame.
func send(w *bufio.Writer, header any, body []byte) error {
	text, err := json.Marshal(header)
	if err != nil {
		return err
	}
	var lengths [12]byte
	binary.LittleEndian.PutUint32(lengths[:], uint32(len(text)))
	binary.LittleEndian.PutUint64(lengths[4:], uint64(len(body)))
	for _, part := range [][]byte{lengths[:], text, body} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return w.Flush()
}

// errFrame is what is no frame.
var errFrame = errors.New("what came from the other side is no message")

// receive reads a frame. The body is in memory that the next call uses again.
func receive(r io.Reader, header any, memory []byte) (body []byte, err error) {
	var lengths [12]byte
	if _, err := io.ReadFull(r, lengths[:]); err != nil {
		return nil, err
	}
	head, size := binary.LittleEndian.Uint32(lengths[:]), binary.LittleEndian.Uint64(lengths[4:])
	if head > mostHeader || size > mostBody {
		return nil, errFrame
	}
	text := make([]byte, head)
	if _, err := io.ReadFull(r, text); err != nil {
		return nil, unended(err)
	}
	if err := json.Unmarshal(text, header); err != nil {
		return nil, fmt.Errorf("%w: %w", errFrame, err)
	}
	if uint64(cap(memory)) < size {
		memory = make([]byte, size)
	}
	body = memory[:size]
	_, err = io.ReadFull(r, body)
	return body, unended(err)
}

func unended(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// pack appends a frame's columns to a body.
func pack(body []byte, f *model.Frame) ([]byte, []column) {
	list := make([]column, len(f.Columns))
	for i := range f.Columns {
		c := &f.Columns[i]
		list[i] = column{Name: c.Name, Kind: kinds[c.Kind], Nullable: c.Nullable, Masked: c.Valid != nil}
		if c.Valid != nil {
			for b := range (f.Rows + 7) / 8 {
				body = append(body, byte(c.Valid[b>>3]>>(b&7*8)))
			}
		}
		switch c.Kind {
		case dataset.Float:
			body = packFloats(body, c.Floats[:f.Rows])
		case dataset.Text:
			body = packTexts(body, c.Texts[:f.Rows])
		case dataset.Bool:
			for _, v := range c.Ints[:f.Rows] {
				body = append(body, byte(v))
			}
		default:
			for _, v := range c.Ints[:f.Rows] {
				body = binary.LittleEndian.AppendUint64(body, uint64(v))
			}
		}
	}
	return body, list
}

func packFloats(body []byte, values []float64) []byte {
	for _, v := range values {
		body = binary.LittleEndian.AppendUint64(body, math.Float64bits(v))
	}
	return body
}

func packTexts(body []byte, values []string) []byte {
	for _, v := range values {
		body = binary.LittleEndian.AppendUint32(body, uint32(len(v)))
	}
	for _, v := range values {
		body = append(body, v...)
	}
	return body
}

// body is read from front to back.
type body struct {
	rest []byte
	err  error
}

// take is the next n bytes; nil if there are not as many.
func (b *body) take(n int) []byte {
	if b.err != nil || n < 0 || n > len(b.rest) {
		b.err = errFrame
		return nil
	}
	part := b.rest[:n]
	b.rest = b.rest[n:]
	return part
}

// end is an error if something was missing or is left.
func (b *body) end() error {
	if b.err == nil && len(b.rest) > 0 {
		b.err = errFrame
	}
	return b.err
}

func (b *body) floats(rows int) []float64 {
	raw := b.take(8 * rows)
	if raw == nil {
		return nil
	}
	out := make([]float64, rows)
	for i := range out {
		out[i] = math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
	}
	return out
}

func (b *body) ints(rows int) []int64 {
	raw := b.take(8 * rows)
	if raw == nil {
		return nil
	}
	out := make([]int64, rows)
	for i := range out {
		out[i] = int64(binary.LittleEndian.Uint64(raw[8*i:]))
	}
	return out
}

func (b *body) bools(rows int) []int64 {
	raw := b.take(rows)
	if raw == nil {
		return nil
	}
	out := make([]int64, rows)
	for i, v := range raw {
		out[i] = int64(v)
	}
	return out
}

// texts are views of one copy: a column's texts live and die together.
func (b *body) texts(rows int) []string {
	lengths := b.take(4 * rows)
	if lengths == nil {
		return nil
	}
	total := 0
	for i := range rows {
		total += int(binary.LittleEndian.Uint32(lengths[4*i:]))
	}
	all := string(b.take(total))
	if b.err != nil {
		return nil
	}
	out := make([]string, rows)
	for i := range out {
		n := int(binary.LittleEndian.Uint32(lengths[4*i:]))
		out[i], all = all[:n], all[n:]
	}
	return out
}

// unpack is the frame of a body.
func unpack(rows int, list []column, raw []byte) (*model.Frame, error) {
	b := &body{rest: raw}
	f := &model.Frame{Rows: rows, Columns: make([]model.Column, len(list))}
	for i, c := range list {
		to := &f.Columns[i]
		to.Name, to.Kind, to.Nullable = c.Name, kindOf(c.Kind), c.Nullable
		if c.Masked {
			to.Valid = make([]uint64, (rows+63)/64)
			for k, bits := range b.take((rows + 7) / 8) {
				to.Valid[k>>3] |= uint64(bits) << (k & 7 * 8)
			}
		}
		switch to.Kind {
		case dataset.Float:
			to.Floats = b.floats(rows)
		case dataset.Text:
			to.Texts = b.texts(rows)
		case dataset.Bool:
			to.Ints = b.bools(rows)
		case dataset.Integer, dataset.Time:
			to.Ints = b.ints(rows)
		default:
			b.err = errFrame
		}
		if b.err != nil {
			return nil, b.err
		}
	}
	return f, b.end()
}

// packAnswers is the answer to a frame.
func packAnswers(a *model.Answers) (answer, []byte) {
	head := answer{Numbers: a.Numbers != nil, Labels: a.Labels != nil, Scores: len(a.Scores), Classes: a.Classes, Effort: a.Effort}
	var body []byte
	if a.Numbers != nil {
		body = packFloats(body, a.Numbers)
	}
	if a.Labels != nil {
		body = packTexts(body, a.Labels)
	}
	for _, column := range a.Scores {
		body = packFloats(body, column)
	}
	return head, body
}

func (a answer) unpack(rows int, raw []byte) (*model.Answers, error) {
	b := &body{rest: raw}
	if raw == nil {
		b.rest = []byte{} // no rows are no answers, and not none
	}
	out := &model.Answers{Classes: a.Classes, Effort: a.Effort}
	if a.Numbers {
		out.Numbers = b.floats(rows)
	}
	if a.Labels {
		out.Labels = b.texts(rows)
	}
	for range a.Scores {
		if b.err != nil {
			break
		}
		out.Scores = append(out.Scores, b.floats(rows))
	}
	return out, b.end()
}
