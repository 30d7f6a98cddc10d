package onnxfile

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// Bare is the same model where each output of maps, which scikit-learn's exports
// have, is the tensor of probabilities that it is made of. ONNX Runtime takes longer to
// make the maps than many a model to answer. names are what the outputs are
// called now. in is the file that was read, of so many bytes.
func (f *File) Bare(in io.ReaderAt, size int64) (model []byte, names map[string]string, err error) {
	names = map[string]string{}
	var drop []span
	var add []byte
	for _, o := range f.Outputs {
		n := f.zipmap(o.Name)
		if n == nil || n.classes == nil {
			continue
		}
		tensor := n.inputs[0]
		if _, given := f.outputs[tensor]; !given && !slices.Contains(slices.Collect(maps.Values(names)), tensor) {
			add = appendBytes(add, 12, valueInfo(Value{Name: tensor, Elem: Float, Dims: []int64{-1, int64(len(n.classes))}}))
		}
		names[o.Name] = tensor
		drop = append(drop, n.span, f.outputs[o.Name])
	}
	if len(names) == 0 {
		return nil, nil, nil
	}
	graph, err := without(in, span{f.content, f.graph.end}, drop)
	if err != nil {
		return nil, nil, err
	}
	head, err := part(in, span{0, f.graph.start})
	if err != nil {
		return nil, nil, err
	}
	tail, err := part(in, span{f.graph.end, size})
	if err != nil {
		return nil, nil, err
	}
	head = protowire.AppendTag(head, 7, protowire.BytesType)
	head = protowire.AppendVarint(head, uint64(len(graph)+len(add)))
	return slices.Concat(head, graph, add, tail), names, nil
}

// without is a part of a file without some of its parts.
func without(in io.ReaderAt, all span, drop []span) ([]byte, error) {
	slices.SortFunc(drop, func(a, b span) int { return int(a.start - b.start) })
	out := make([]byte, 0, all.end-all.start)
	at := all.start
	for _, d := range append(drop, span{all.end, all.end}) {
		if d.start < at {
			return nil, fmt.Errorf("parts of the model overlap: %w", ErrFormat)
		}
		piece, err := part(in, span{at, d.start})
		if err != nil {
			return nil, err
		}
		out, at = append(out, piece...), d.end
	}
	return out, nil
}

func part(in io.ReaderAt, s span) ([]byte, error) {
	b := make([]byte, s.end-s.start)
	_, err := io.ReadFull(io.NewSectionReader(in, s.start, s.end-s.start), b)
	return b, err
}
