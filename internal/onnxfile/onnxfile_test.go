package onnxfile

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/noworse/noworse/internal/gatetest/oracle"
)

var three = Logistic{Weights: [][]float32{{1, -2}, {0.5, 0}, {-1, 2}}, Intercepts: []float32{0, 0.1, -0.1}, Classes: []string{"a", "b", "c"}}

var small = Forest{Inputs: []string{"age", "income"}, Features: 2, Classes: []string{"no", "yes"}, Trees: []Tree{
	{{Feature: 0, Most: 30, Yes: 1, No: 2}, {Leaf: []float32{0.9, 0.1}}, {Leaf: []float32{0.2, 0.8}}},
	{{Feature: 1, Most: 5.5, Yes: 1, No: 2}, {Leaf: []float32{1, 0}}, {Feature: 0, Most: 60, Yes: 3, No: 4}, {Leaf: []float32{0.5, 0.5}}, {Leaf: []float32{0, 1}}},
}}

func read(t *testing.T, b []byte) *File {
	t.Helper()
	f, err := Read(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestReadWhatIsWritten(t *testing.T) {
	f := read(t, three.Model())
	if want := []Value{{Name: "features", Elem: Float, Dims: []int64{-1, 2}}}; !reflect.DeepEqual(f.Inputs, want) {
		t.Errorf("inputs %+v, want %+v", f.Inputs, want)
	}
	if want := []Value{{Name: "label", Elem: Text, Dims: []int64{-1}}, {Name: "probabilities", Elem: Float, Dims: []int64{-1, 3}}}; !reflect.DeepEqual(f.Outputs, want) {
		t.Errorf("outputs %+v, want %+v", f.Outputs, want)
	}
	if f.Version("") != onnxVersion || f.Version("ai.onnx.ml") != mlVersion || f.Version("com.example") != 0 {
		t.Errorf("operator sets %+v", f.Opsets)
	}
	if got := f.Classes("probabilities", "label", 3); !reflect.DeepEqual(got, three.Classes) {
		t.Errorf("classes %q", got)
	}
	if got := f.Classes("probabilities", "", 3); got != nil {
		t.Errorf("without an output of labels the file does not say the classes: %q", got)
	}
	coded := Forest{Features: 1, Trees: []Tree{{{Leaf: []float32{0.5, 0.5}}}}, Classes: []string{"0", "1"}}
	if f := read(t, coded.Model()); f.Outputs[0].Elem != Int64 || !reflect.DeepEqual(f.Classes("probabilities", "label", 2), coded.Classes) {
		t.Errorf("outputs %+v", f.Outputs)
	}
	f = read(t, small.Model())
	if len(f.Inputs) != 2 || f.Inputs[1].Name != "income" || !reflect.DeepEqual(f.Inputs[1].Dims, []int64{-1, 1}) {
		t.Errorf("inputs %+v", f.Inputs)
	}
}

// TestSameBytes: files of a demonstration must not differ from machine to
// machine.
func TestSameBytes(t *testing.T) {
	for name, c := range map[string]struct{ got, want string }{
		"logistic": {fmt.Sprintf("%x", sha256.Sum256(three.Model())), "a51d5986e889253c6698261aecce6e0bf2c7cbaeeb7aec7051aefcbc970dc570"},
		"forest":   {fmt.Sprintf("%x", sha256.Sum256(small.Model())), "ea59e8be210cd94d36053ed8e78de7932a93b2c2d6666c1a290b92b3dc2388e4"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", name, c.got, c.want)
		}
	}
}

// TestChecker: the models that are written are what onnx.checker, of the package onnx,
// calls valid, with its full check of shapes.
func TestChecker(t *testing.T) {
	python := oracle.Python(t)
	dir := t.TempDir()
	var paths []string
	for name, b := range map[string][]byte{"three": three.Model(), "small": small.Model(), "linear": Linear{Inputs: []string{"a"}, Weights: []float32{2}}.Model(), "maps": zipped(t), "bare": bare(t)} {
		path := filepath.Join(dir, name+".onnx")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	program := "import sys, onnx\nfor p in sys.argv[1:]:\n    onnx.checker.check_model(p, full_check=True)\nprint('valid', len(sys.argv) - 1)"
	out, err := exec.Command(python, append([]string{"-c", program}, paths...)...).CombinedOutput()
	if err != nil || string(out) != "valid 5\n" {
		t.Errorf("%v\n%s", err, out)
	}
}

// zipped is a model as scikit-learn's exports are, with its probabilities in maps.
func zipped(t *testing.T) []byte {
	t.Helper()
	var g []byte
	g = appendBytes(g, 11, valueInfo(Value{Name: "features", Elem: Float, Dims: []int64{-1, 2}}))
	g = appendBytes(g, 1, appendNode("LinearClassifier", "ai.onnx.ml", []string{"features"}, []string{"label", "scores"},
		floats("coefficients", []float32{-1, -2, 1, 2}), floats("intercepts", []float32{0, 0}), texts("classlabels_strings", []string{"no", "yes"}), text("post_transform", "LOGISTIC")))
	g = appendBytes(g, 1, appendNode("Identity", "", []string{"label"}, []string{"output_label"}))
	g = appendBytes(g, 1, appendNode("ZipMap", "ai.onnx.ml", []string{"scores"}, []string{"output_probability"}, texts("classlabels_strings", []string{"no", "yes"})))
	g = appendBytes(g, 12, valueInfo(Value{Name: "output_label", Elem: Text, Dims: []int64{-1}}))
	tensor := appendBytes(nil, 1, appendNumber(nil, 1, uint64(Float)))
	of := appendBytes(nil, 5, appendBytes(appendNumber(nil, 1, uint64(Text)), 2, tensor))
	g = appendBytes(g, 12, appendBytes(appendText(nil, 1, "output_probability"), 2, appendBytes(nil, 4, appendBytes(nil, 1, of))))
	return model(g)
}

func bare(t *testing.T) []byte {
	t.Helper()
	b := zipped(t)
	f := read(t, b)
	if v := f.Outputs[1]; !v.Maps || v.Elem != None {
		t.Fatalf("output %+v", v)
	}
	out, names, err := f.Bare(bytes.NewReader(b), int64(len(b)))
	if err != nil || !reflect.DeepEqual(names, map[string]string{"output_probability": "scores"}) {
		t.Fatalf("%v %v", names, err)
	}
	return out
}

func TestBare(t *testing.T) {
	f := read(t, bare(t))
	want := []Value{{Name: "output_label", Elem: Text, Dims: []int64{-1}}, {Name: "scores", Elem: Float, Dims: []int64{-1, 2}}}
	if !reflect.DeepEqual(f.Outputs, want) {
		t.Errorf("outputs %+v, want %+v", f.Outputs, want)
	}
	if f.maker("output_probability") != nil || !reflect.DeepEqual(f.Classes("scores", "output_label", -1), []string{"no", "yes"}) {
		t.Errorf("nodes %+v", f.nodes)
	}
	b := three.Model()
	if out, names, err := read(t, b).Bare(bytes.NewReader(b), int64(len(b))); out != nil || names != nil || err != nil {
		t.Errorf("a model without maps is left as it is: %v %v", names, err)
	}
}

// TestClassesOfLabels: where labels are picked from a list, that is what scores
// are of; where they come from anywhere else, nobody knows.
func TestClassesOfLabels(t *testing.T) {
	list := func(elem Elem, field protowire.Number, values ...string) []byte {
		b := appendNumber(nil, 1, uint64(len(values)))
		b = appendNumber(b, 2, uint64(elem))
		for _, v := range values {
			b = appendText(b, field, v)
		}
		return appendText(b, 8, "classes")
	}
	picked := appendNode("ArrayFeatureExtractor", "ai.onnx.ml", []string{"classes", "place"}, []string{"picked"})
	for name, c := range map[string]struct {
		initializer []byte
		nodes       [][]byte
		want        []string
	}{
		"texts":    {list(Text, 6, "no", "yes"), [][]byte{picked, appendNode("Reshape", "", []string{"picked", "shape"}, []string{"label"})}, []string{"no", "yes"}},
		"raw":      {appendText(appendText(appendNumber(appendNumber(nil, 1, 2), 2, uint64(Int32)), 9, "\x0a\x00\x00\x00\xfe\xff\xff\xff"), 8, "classes"), [][]byte{picked, appendNode("Cast", "", []string{"picked"}, []string{"label"})}, []string{"10", "-2"}},
		"wide":     {appendText(appendText(appendNumber(appendNumber(nil, 1, 1), 2, uint64(Int64)), 9, "\xff\xff\xff\xff\xff\xff\xff\xff"), 8, "classes"), [][]byte{picked, appendNode("Cast", "", []string{"picked"}, []string{"label"})}, []string{"-1"}},
		"not all":  {appendText(appendNumber(appendNumber(nil, 1, 3), 2, uint64(Text)), 8, "classes"), [][]byte{picked, appendNode("Cast", "", []string{"picked"}, []string{"label"})}, nil},
		"encoded":  {nil, [][]byte{appendNode("LabelEncoder", "ai.onnx.ml", []string{"place"}, []string{"label"})}, nil},
		"places":   {nil, [][]byte{appendNode("ArgMax", "", []string{"scores"}, []string{"label"})}, []string{"0", "1"}},
		"a circle": {nil, [][]byte{appendNode("Cast", "", []string{"label"}, []string{"label"})}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var g []byte
			for _, n := range c.nodes {
				g = appendBytes(g, 1, n)
			}
			if c.initializer != nil {
				g = appendBytes(g, 5, c.initializer)
			}
			g = appendBytes(g, 12, valueInfo(Value{Name: "label", Elem: Int64}))
			if got := read(t, model(g)).Classes("scores", "label", 2); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestExternal: weights in other files are found wherever they are used.
func TestExternal(t *testing.T) {
	weight := func(location string) []byte {
		entry := appendText(appendText(nil, 1, "location"), 2, location)
		return appendBytes(appendText(nil, 8, location), 13, entry)
	}
	body := appendBytes(nil, 5, weight("inner.bin"))
	g := appendBytes(nil, 5, weight("w.bin"))
	g = appendBytes(g, 1, appendNode("If", "", []string{"c"}, []string{"y"}, appendBytes(appendText(nil, 1, "then_branch"), 6, body)))
	g = appendBytes(g, 1, appendNode("Constant", "", nil, []string{"z"}, appendBytes(appendText(nil, 1, "value"), 5, weight("constant.bin"))))
	g = appendBytes(g, 11, valueInfo(Value{Name: "x", Elem: Float}))
	g = appendBytes(g, 11, valueInfo(Value{Name: "w.bin", Elem: Float}))
	g = appendBytes(g, 12, valueInfo(Value{Name: "y", Elem: Float}))
	f := read(t, appendBytes(model(g), 25, appendBytes(nil, 7, appendNode("Constant", "", nil, []string{"q"}, appendBytes(nil, 5, weight("w.bin"))))))
	if want := []string{"constant.bin", "inner.bin", "w.bin"}; !reflect.DeepEqual(f.External, want) {
		t.Errorf("external files %q, want %q", f.External, want)
	}
	if len(f.Inputs) != 1 || f.Inputs[0].Name != "x" {
		t.Errorf("a weight is no input: %+v", f.Inputs)
	}
}

// TestNotAModel: no file but a model is taken for one, wherever it is cut.
func TestNotAModel(t *testing.T) {
	whole := small.Model()
	for n := range len(whole) {
		// What is left may be a whole message when it ends between two fields: then it lacks
		// its operator sets.
		if _, err := Read(bytes.NewReader(whole[:n]), int64(n)); err == nil && n < len(whole)-20 {
			t.Errorf("cut at %d of %d it is still a model", n, len(whole))
		}
	}
	for _, text := range []string{"", "PAR1", "not an ONNX model", "\x80\x04\x95 a pickle", "PK\x03\x04"} {
		if _, err := Read(bytes.NewReader([]byte(text)), int64(len(text))); !errors.Is(err, ErrFormat) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := Read(bytes.NewReader(whole[:50]), int64(len(whole))); !errors.Is(err, ErrFormat) {
		t.Errorf("a file that shrinks: %v", err)
	}
}

// FuzzRead: no bytes make it panic, take much memory, or give a model without
// maps that is not one.
func FuzzRead(f *testing.F) {
	f.Add(three.Model())
	f.Add(small.Model())
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := Read(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		out, _, err := file.Bare(bytes.NewReader(b), int64(len(b)))
		if err != nil || out == nil {
			return
		}
		if _, err := Read(bytes.NewReader(out), int64(len(out))); err != nil {
			t.Errorf("the model without maps is none: %v", err)
		}
	})
}
