package onnxfile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
)

// errWire is bytes that are no protobuf message.
var errWire = errors.New("not a protobuf message")

// The wire types of protobuf.
const (
	wireVarint = 0
	wire64     = 1
	wireBytes  = 2
	wire32     = 5
)

// stream reads protobuf messages from front to back, and holds no more of them
// than what is asked for: weights go by.
type stream struct {
	in  *bufio.Reader
	pos int64
}

// field is one field of a message. Its content is size bytes from here on, or
// value where it is a number.
type field struct {
	number int
	start  int64 // where its tag begins
	size   int64 // of bytes; -1: it is a number
	value  uint64
}

// ReadByte implements io.ByteReader.
func (s *stream) ReadByte() (byte, error) {
	b, err := s.in.ReadByte()
	if err == nil {
		s.pos++
	}
	return b, err
}

// message visits the fields of a message that ends at a position. What a visit
// leaves unread is skipped.
func (s *stream) message(end int64, visit func(field) error) error {
	for s.pos < end {
		f, err := s.next(end)
		if err != nil {
			return err
		}
		after := s.pos + max(f.size, 0)
		if err := visit(f); err != nil {
			return err
		}
		if err := s.skip(after - s.pos); err != nil {
			return err
		}
	}
	if s.pos != end {
		return errWire
	}
	return nil
}

// next is the tag of a field, and its value if that is a number.
func (s *stream) next(end int64) (field, error) {
	f := field{start: s.pos, size: -1}
	tag, err := binary.ReadUvarint(s)
	if err != nil {
		return f, cut(err)
	}
	f.number = int(tag >> 3)
	if f.number == 0 || tag>>3 > 1<<29-1 {
		return f, errWire
	}
	switch tag & 7 {
	case wireVarint:
		f.value, err = binary.ReadUvarint(s)
	case wire64:
		f.size = 8
	case wire32:
		f.size = 4
	case wireBytes:
		var n uint64
		n, err = binary.ReadUvarint(s)
		if err == nil && n > uint64(max(end-s.pos, 0)) {
			return f, errWire
		}
		f.size = int64(n)
	default:
		return f, errWire
	}
	if err == nil && s.pos+max(f.size, 0) > end {
		err = errWire
	}
	return f, cut(err)
}

func (s *stream) skip(n int64) error {
	if n < 0 {
		return errWire
	}
	for n > 0 {
		done, err := s.in.Discard(int(min(n, 1<<30)))
		s.pos += int64(done)
		n -= int64(done)
		if err != nil {
			return cut(err)
		}
	}
	return nil
}

// text is the content of a field.
func (s *stream) text(f field) (string, error) {
	if f.size < 0 {
		return "", errWire
	}
	b := make([]byte, f.size)
	n, err := io.ReadFull(s.in, b)
	s.pos += int64(n)
	return string(b), cut(err)
}

// inner visits the message that is the content of a field.
func (s *stream) inner(f field, visit func(field) error) error {
	if f.size < 0 {
		return errWire
	}
	return s.message(s.pos+f.size, visit)
}

// numbers are the values of a repeated number, which may be packed.
func (s *stream) numbers(f field, to []int64) ([]int64, error) {
	if f.size < 0 {
		return append(to, int64(f.value)), nil
	}
	for end := s.pos + f.size; s.pos < end; {
		v, err := binary.ReadUvarint(s)
		if err != nil {
			return to, cut(err)
		}
		to = append(to, int64(v))
	}
	return to, nil
}

// cut tells the end of the file from other errors.
func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	if err != nil && err.Error() == "binary: varint overflows a 64-bit integer" {
		return errWire
	}
	return err
}
