package onnxfile

import (
	"bufio"
	"cmp"
	"errors"
	"io"
	"slices"
	"strconv"
)

// ErrFormat is a file that is no ONNX model.
var ErrFormat = errors.New("not an ONNX model")

const (
	deepest  = 64      // graphs inside of graphs
	mostList = 1 << 16 // classes
	mostText = 1 << 20 // bytes of a name
)

// Read reads a file of so many bytes, all of it. An error that is no ErrFormat is the
// reader's own.
func Read(in io.Reader, size int64) (*File, error) {
	r := &reader{stream: stream{in: bufio.NewReaderSize(in, 1<<16)},
		file: File{lists: map[string][]string{}, fixed: map[string]bool{}, outputs: map[string]span{}}}
	err := r.message(size, r.model)
	if errors.Is(err, errWire) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, ErrFormat
	}
	if err != nil {
		return nil, err
	}
	f := &r.file
	if len(f.Outputs) == 0 || len(f.Opsets) == 0 {
		return nil, ErrFormat
	}
	f.Inputs = slices.DeleteFunc(f.Inputs, func(v Value) bool { return f.fixed[v.Name] })
	slices.Sort(f.External)
	f.External = slices.Compact(f.External)
	return f, nil
}

// reader gathers a File. Numbers of fields are those of onnx.proto.
type reader struct {
	stream
	file  File
	depth int
}

func (r *reader) model(f field) error {
	switch f.number {
	case 7:
		if r.file.graph.end != 0 {
			return errWire // parts of one graph may come apart, and nobody writes them so
		}
		r.file.graph, r.file.content = span{f.start, r.pos + f.size}, r.pos
		return r.inner(f, r.graph)
	case 8:
		return r.opset(f)
	case 25: // functions
		return r.inner(f, func(f field) error {
			if f.number == 7 {
				return r.inner(f, r.part)
			}
			return nil
		})
	}
	return nil
}

func (r *reader) opset(f field) error {
	var o Opset
	err := r.inner(f, func(f field) (err error) {
		switch f.number {
		case 1:
			o.Domain, err = r.name(f)
		case 2:
			o.Version = int64(f.value)
		}
		return err
	})
	if o.Domain == "ai.onnx" {
		o.Domain = ""
	}
	if !slices.Contains(r.file.Opsets, o) {
		r.file.Opsets = append(r.file.Opsets, o)
	}
	return err
}

// name is a text that is short, unless somebody wants to take all memory.
func (r *reader) name(f field) (string, error) {
	if f.size > mostText {
		return "", errWire
	}
	return r.text(f)
}

// graph reads the model's own graph.
func (r *reader) graph(f field) error {
	switch f.number {
	case 1:
		n := node{span: span{f.start, r.pos + f.size}}
		err := r.inner(f, func(f field) error { return r.node(f, &n) })
		r.file.nodes = append(r.file.nodes, n)
		return err
	case 5:
		name, list, err := r.tensor(f)
		r.file.fixed[name] = true
		if list != nil {
			r.file.lists[name] = list
		}
		return err
	case 11:
		v, err := r.value(f)
		r.file.Inputs = append(r.file.Inputs, v)
		return err
	case 12:
		at := span{f.start, r.pos + f.size}
		v, err := r.value(f)
		r.file.Outputs = append(r.file.Outputs, v)
		r.file.outputs[v.Name] = at
		return err
	case 15:
		return r.inner(f, r.sparse)
	}
	return nil
}

// within reads a graph inside of a node: only its weights may be elsewhere.
func (r *reader) within(f field) error {
	switch f.number {
	case 1:
		return r.inner(f, r.part)
	case 5:
		_, _, err := r.tensor(f)
		return err
	case 15:
		return r.inner(f, r.sparse)
	}
	return nil
}

func (r *reader) part(f field) error {
	if f.number == 5 {
		_, _, err := r.attribute(f)
		return err
	}
	return nil
}

func (r *reader) sparse(f field) error {
	if f.number == 1 || f.number == 2 {
		_, _, err := r.tensor(f)
		return err
	}
	return nil
}

func (r *reader) node(f field, n *node) (err error) {
	var name string
	switch f.number {
	case 1:
		name, err = r.name(f)
		n.inputs = append(n.inputs, name)
	case 2:
		name, err = r.name(f)
		n.outputs = append(n.outputs, name)
	case 4:
		n.op, err = r.name(f)
	case 7:
		n.domain, err = r.name(f)
	case 5:
		var list []string
		if name, list, err = r.attribute(f); name == "classlabels_ints" || name == "classlabels_int64s" || name == "classlabels_strings" {
			if len(list) > 0 {
				n.classes = list
			}
		}
	}
	return err
}

// attribute is the name of an attribute and, where it is one, its list.
func (r *reader) attribute(f field) (name string, list []string, err error) {
	if r.depth++; r.depth > deepest {
		return "", nil, errWire
	}
	defer func() { r.depth-- }()
	err = r.inner(f, func(f field) (err error) {
		switch f.number {
		case 1:
			name, err = r.name(f)
		case 5, 10:
			_, _, err = r.tensor(f)
		case 6, 11:
			err = r.inner(f, r.within)
		case 22, 23:
			err = r.inner(f, r.sparse)
		case 8:
			if len(list) <= mostList {
				list, err = r.integers(f, list)
			}
		case 9:
			if len(list) <= mostList {
				var text string
				text, err = r.name(f)
				list = append(list, text)
			}
		}
		return err
	})
	return name, list, err
}

func (r *reader) integers(f field, to []string) ([]string, error) {
	if f.size > mostText {
		return to, nil
	}
	numbers, err := r.numbers(f, nil)
	for _, v := range numbers {
		to = append(to, strconv.FormatInt(v, 10))
	}
	return to, err
}

// tensor is the name of weights and, where they are a short list of one
// dimension of integers or texts, that.
func (r *reader) tensor(f field) (name string, list []string, err error) {
	var dims []int64
	var elem Elem
	var raw string
	err = r.inner(f, func(f field) (err error) {
		switch f.number {
		case 1:
			dims, err = r.numbers(f, dims)
		case 2:
			elem = Elem(f.value)
		case 5, 7:
			list, err = r.integers(f, list)
		case 6:
			if len(list) <= mostList && f.size <= mostText {
				var text string
				text, err = r.text(f)
				list = append(list, text)
			}
		case 8:
			name, err = r.name(f)
		case 9:
			if f.size <= mostList {
				raw, err = r.text(f)
			}
		case 13:
			err = r.external(f)
		}
		return err
	})
	if list == nil {
		list = unpack(raw, elem)
	}
	if len(dims) != 1 || int(dims[0]) != len(list) || elem != Int64 && elem != Int32 && elem != Text {
		list = nil
	}
	return name, list, err
}

// unpack reads integers that are stored as they are in memory, lowest byte first.
func unpack(raw string, elem Elem) []string {
	width := map[Elem]int{Int32: 4, Int64: 8}[elem]
	if width == 0 || len(raw)%width != 0 {
		return nil
	}
	var list []string
	for ; raw != ""; raw = raw[width:] {
		var v uint64
		for i := range width {
			v |= uint64(raw[i]) << (8 * i)
		}
		if width == 4 {
			v = uint64(int64(int32(v)))
		}
		list = append(list, strconv.FormatInt(int64(v), 10))
	}
	return list
}

func (r *reader) external(f field) error {
	var key, value string
	err := r.inner(f, func(f field) (err error) {
		switch f.number {
		case 1:
			key, err = r.name(f)
		case 2:
			value, err = r.name(f)
		}
		return err
	})
	if key == "location" && !slices.Contains(r.file.External, value) {
		r.file.External = append(r.file.External, value)
	}
	return err
}

func (r *reader) value(f field) (v Value, err error) {
	err = r.inner(f, func(f field) (err error) {
		switch f.number {
		case 1:
			v.Name, err = r.name(f)
		case 2:
			err = r.inner(f, func(f field) error { return r.valueType(f, &v) })
		}
		return err
	})
	return v, err
}

func (r *reader) valueType(f field, v *Value) error {
	switch f.number {
	case 1:
		return r.inner(f, func(f field) error {
			switch f.number {
			case 1:
				v.Elem = Elem(f.value)
			case 2:
				v.Dims = []int64{}
				return r.inner(f, func(f field) error { return r.dim(f, v) })
			}
			return nil
		})
	case 4: // a sequence of
		return r.inner(f, func(f field) error {
			if f.number != 1 {
				return nil
			}
			return r.inner(f, func(f field) error {
				v.Maps = cmp.Or(v.Maps, f.number == 5)
				return nil
			})
		})
	}
	return nil
}

func (r *reader) dim(f field, v *Value) error {
	if f.number != 1 {
		return nil
	}
	size := int64(-1)
	err := r.inner(f, func(f field) error {
		if f.number == 1 {
			size = int64(f.value)
		}
		return nil
	})
	v.Dims = append(v.Dims, size)
	return err
}
