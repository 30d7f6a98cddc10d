// Package onnxfile knows the format of ONNX files as far as a model is judged by
// it: what it takes and gives, of which classes, and which files belong to it. It
// also writes small models.
//
//	file ─▶ Read ─▶ File ─▶ inputs, outputs, classes, operator sets
//	                     ─▶ Bare: the same model, with its probabilities as a tensor
//
// A file is read once from front to back, and weights are not held.
package onnxfile

import (
	"slices"
	"strconv"
)

// File is what is known of a model's file.
type File struct {
	Opsets  []Opset
	Inputs  []Value // without those that have a value in the file
	Outputs []Value
	// External are the files beside it that hold weights, by the names it calls
	// them, sorted.
	External []string

	nodes   []node
	lists   map[string][]string // small initializers of one dimension, as texts
	fixed   map[string]bool     // names of all initializers
	graph   span
	content int64 // where the content of the graph begins
	outputs map[string]span
}

// Opset is a set of operators that a model needs.
type Opset struct {
	Domain  string // "": ONNX's own
	Version int64
}

// Value is an input or output of a model.
type Value struct {
	Name string
	Elem Elem // what the tensor holds; None where it is no tensor
	Maps bool // it is a sequence of maps, from class to probability
	// Dims are the sizes of its dimensions, -1 where it is open; nil where even their
	// number is.
	Dims []int64
}

// Elem is the type of a tensor's elements, by ONNX's number for it.
type Elem int

// The types that a model is given or that are read from it.
const (
	None   Elem = 0
	Float  Elem = 1
	Uint8  Elem = 2
	Int8   Elem = 3
	Uint16 Elem = 4
	Int16  Elem = 5
	Int32  Elem = 6
	Int64  Elem = 7
	Text   Elem = 8
	Bool   Elem = 9
	Half   Elem = 10
	Double Elem = 11
	Uint32 Elem = 12
	Uint64 Elem = 13
	BFloat Elem = 16
)

var elemNames = map[Elem]string{Float: "float", Uint8: "uint8", Int8: "int8", Uint16: "uint16", Int16: "int16", Int32: "int32", Int64: "int64",
	Text: "string", Bool: "bool", Half: "float16", Double: "double", Uint32: "uint32", Uint64: "uint64", BFloat: "bfloat16"}

func (e Elem) String() string {
	if name, ok := elemNames[e]; ok {
		return name
	}
	return "another type"
}

// node is one operation of the model's graph.
type node struct {
	span
	op, domain      string
	inputs, outputs []string
	classes         []string // of a classifier or ZipMap
}

// span is where something stands in the file, with its tag.
type span struct{ start, end int64 }

// Version is the version of a set of operators; 0: the model needs none of it.
func (f *File) Version(domain string) int64 {
	for _, o := range f.Opsets {
		if o.Domain == domain {
			return o.Version
		}
	}
	return 0
}

// maker is the node that makes a value, or nil.
func (f *File) maker(name string) *node {
	i := slices.IndexFunc(f.nodes, func(n node) bool { return slices.Contains(n.outputs, name) })
	if i < 0 {
		return nil
	}
	return &f.nodes[i]
}

// Classes are the names of the classes that a score has so many columns of, in their
// order, where the file says so: in the ZipMap that makes it, or where the
// output of labels comes from. nil where it does not.
func (f *File) Classes(score, label string, width int) []string {
	if n := f.zipmap(score); n != nil {
		return n.classes
	}
	for range f.nodes { // at most as far as the graph is long
		n := f.maker(label)
		if n == nil || len(n.inputs) == 0 {
			return nil
		}
		switch n.op {
		case "Identity", "Cast", "Reshape", "Squeeze", "Flatten":
			label = n.inputs[0]
		case "ArrayFeatureExtractor": // picks from the list of classes
			return f.lists[n.inputs[0]]
		case "ArgMax": // the place itself
			return places(width)
		default:
			return n.classes
		}
	}
	return nil
}

func places(width int) []string {
	var list []string
	for k := range max(width, 0) {
		list = append(list, strconv.Itoa(k))
	}
	return list
}

// zipmap is the node that turns a tensor of probabilities into an output of maps.
func (f *File) zipmap(output string) *node {
	if n := f.maker(output); n != nil && n.op == "ZipMap" && n.domain == "ai.onnx.ml" && len(n.inputs) == 1 && len(n.outputs) == 1 {
		return n
	}
	return nil
}
