package onnxfile

import (
	"math"
	"slices"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
)

// Versions that written models are stamped with: ONNX 1.8, which every runtime
// of today reads.
const (
	irVersion   = 7
	onnxVersion = 13
	mlVersion   = 2
)

// Logistic is a logistic regression of two classes, or of more by softmax.
type Logistic struct {
	Inputs []string // names of columns; nil: one tensor of all features, called features
	// Weights have a row for each class that is scored: one where there are two
	// classes.
	Weights    [][]float32
	Intercepts []float32
	Classes    []string
}

// Model is the file of the model: labels and probabilities, as scikit-learn's
// exports have them without ZipMap. The same model has the same bytes.
func (l Logistic) Model() []byte {
	weights, intercepts, transform := l.Weights, l.Intercepts, "SOFTMAX"
	if len(l.Classes) == 2 {
		weights, intercepts, transform = [][]float32{negated(l.Weights[0]), l.Weights[0]}, []float32{-l.Intercepts[0], l.Intercepts[0]}, "LOGISTIC"
	}
	return classifier(l.Inputs, len(l.Weights[0]), l.Classes, "LinearClassifier",
		floats("coefficients", slices.Concat(weights...)), floats("intercepts", intercepts), text("post_transform", transform))
}

// Linear is a linear regression.
type Linear struct {
	Inputs    []string // as of Logistic
	Weights   []float32
	Intercept float32
}

// Model is the file of the model: one number for each row.
func (l Linear) Model() []byte {
	g, x := features(l.Inputs, len(l.Weights))
	g = appendBytes(g, 1, appendNode("LinearRegressor", "ai.onnx.ml", []string{x}, []string{"variable"}, floats("coefficients", l.Weights), floats("intercepts", []float32{l.Intercept})))
	g = appendBytes(g, 12, valueInfo(Value{Name: "variable", Elem: Float, Dims: []int64{-1, 1}}))
	return model(g)
}

// Forest is a mean of decision trees.
type Forest struct {
	Inputs   []string // as of Logistic
	Features int
	Trees    []Tree
	Classes  []string
}

// Tree is a decision tree, its root first.
type Tree []TreeNode

// TreeNode is a leaf, with the probability of each class, or a question.
type TreeNode struct {
	Leaf    []float32
	Feature int
	Most    float32 // the feature is at most this: go to Yes, else to No
	Yes, No int
}

// Model is the file of the model, as that of Logistic.
func (f Forest) Model() []byte {
	var trees, nodes, features, yes, no []int64
	var most, weights []float32
	var modes []string
	var leafTrees, leafNodes, leafClasses []int64
	for t, tree := range f.Trees {
		for i, n := range tree {
			mode := "BRANCH_LEQ"
			if n.Leaf != nil {
				mode = "LEAF"
			}
			trees, nodes, features, modes = append(trees, int64(t)), append(nodes, int64(i)), append(features, int64(n.Feature)), append(modes, mode)
			most, yes, no = append(most, n.Most), append(yes, int64(n.Yes)), append(no, int64(n.No))
			for k, p := range n.Leaf {
				leafTrees, leafNodes, leafClasses = append(leafTrees, int64(t)), append(leafNodes, int64(i)), append(leafClasses, int64(k))
				weights = append(weights, p/float32(len(f.Trees)))
			}
		}
	}
	return classifier(f.Inputs, f.Features, f.Classes, "TreeEnsembleClassifier",
		integers("nodes_treeids", trees), integers("nodes_nodeids", nodes), integers("nodes_featureids", features), texts("nodes_modes", modes),
		floats("nodes_values", most), integers("nodes_truenodeids", yes), integers("nodes_falsenodeids", no),
		integers("class_treeids", leafTrees), integers("class_nodeids", leafNodes), integers("class_ids", leafClasses), floats("class_weights", weights),
		text("post_transform", "NONE"))
}

// features begins a graph with its inputs, and says what their tensor is called.
func features(inputs []string, width int) (graph []byte, tensor string) {
	tensor = "features"
	if inputs == nil {
		return appendBytes(nil, 11, valueInfo(Value{Name: tensor, Elem: Float, Dims: []int64{-1, int64(width)}})), tensor
	}
	for _, name := range inputs {
		graph = appendBytes(graph, 11, valueInfo(Value{Name: name, Elem: Float, Dims: []int64{-1, 1}}))
	}
	tensor = "noworse.features"
	return appendBytes(graph, 1, appendNode("Concat", "", inputs, []string{tensor}, integer("axis", 1))), tensor
}

// classifier is the file of a model of one operation.
func classifier(inputs []string, width int, classes []string, op string, attributes ...[]byte) []byte {
	g, x := features(inputs, width)
	names, elem := labels(op, classes)
	attributes = append(attributes, names)
	g = appendBytes(g, 1, appendNode(op, "ai.onnx.ml", []string{x}, []string{"label", "probabilities"}, attributes...))
	g = appendBytes(g, 12, valueInfo(Value{Name: "label", Elem: elem, Dims: []int64{-1}}))
	g = appendBytes(g, 12, valueInfo(Value{Name: "probabilities", Elem: Float, Dims: []int64{-1, int64(len(classes))}}))
	return model(g)
}

// labels is the attribute that names the classes, and the type of the labels: as
// scikit-learn's exports do, integers where all classes are.
func labels(op string, classes []string) ([]byte, Elem) {
	list := make([]int64, len(classes))
	for i, c := range classes {
		v, err := strconv.ParseInt(c, 10, 64)
		if err != nil || strconv.FormatInt(v, 10) != c {
			return texts("classlabels_strings", classes), Text
		}
		list[i] = v
	}
	if op == "LinearClassifier" {
		return integers("classlabels_ints", list), Int64
	}
	return integers("classlabels_int64s", list), Int64
}

func negated(row []float32) []float32 {
	out := make([]float32, len(row))
	for i, v := range row {
		out[i] = -v
	}
	return out
}

// model is the file of a graph.
func model(graph []byte) []byte {
	graph = appendText(graph, 2, "noworse")
	b := appendNumber(nil, 1, irVersion)
	b = appendText(b, 2, "noworse")
	b = appendBytes(b, 7, graph)
	for _, o := range []Opset{{"", onnxVersion}, {"ai.onnx.ml", mlVersion}} {
		b = appendBytes(b, 8, appendNumber(appendText(nil, 1, o.Domain), 2, uint64(o.Version)))
	}
	return b
}

func appendNode(op, domain string, inputs, outputs []string, attributes ...[]byte) []byte {
	var b []byte
	for _, name := range inputs {
		b = appendText(b, 1, name)
	}
	for _, name := range outputs {
		b = appendText(b, 2, name)
	}
	b = appendText(appendText(b, 3, outputs[0]), 4, op)
	for _, a := range attributes {
		b = appendBytes(b, 5, a)
	}
	return appendText(b, 7, domain)
}

// Kinds of attributes, by their numbers in onnx.proto.
const (
	kindInt     = 2
	kindText    = 3
	kindFloats  = 6
	kindInts    = 7
	kindTexts   = 8
	numberI     = 3
	numberS     = 4
	numberList  = 7
	numberInts  = 8
	numberTexts = 9
	numberKind  = 20
)

func integer(name string, v int64) []byte {
	return appendNumber(appendNumber(appendText(nil, 1, name), numberI, uint64(v)), numberKind, kindInt)
}

func text(name, v string) []byte {
	return appendNumber(appendText(appendText(nil, 1, name), numberS, v), numberKind, kindText)
}

func texts(name string, list []string) []byte {
	b := appendText(nil, 1, name)
	for _, v := range list {
		b = appendText(b, numberTexts, v)
	}
	return appendNumber(b, numberKind, kindTexts)
}

func integers(name string, list []int64) []byte {
	b := appendText(nil, 1, name)
	for _, v := range list {
		b = appendNumber(b, numberInts, uint64(v))
	}
	return appendNumber(b, numberKind, kindInts)
}

func floats(name string, list []float32) []byte {
	b := appendText(nil, 1, name)
	for _, v := range list {
		b = protowire.AppendTag(b, numberList, protowire.Fixed32Type)
		b = protowire.AppendFixed32(b, math.Float32bits(v))
	}
	return appendNumber(b, numberKind, kindFloats)
}

// valueInfo describes an input or output; one without dimensions has any shape.
func valueInfo(v Value) []byte {
	tensor := appendNumber(nil, 1, uint64(v.Elem))
	if v.Dims != nil {
		var shape []byte
		for _, d := range v.Dims {
			var dim []byte
			if d >= 0 {
				dim = appendNumber(dim, 1, uint64(d))
			}
			shape = appendBytes(shape, 1, dim)
		}
		tensor = appendBytes(tensor, 2, shape)
	}
	return appendBytes(appendText(nil, 1, v.Name), 2, appendBytes(nil, 1, tensor))
}

func appendBytes(b []byte, number protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, number, protowire.BytesType), v)
}

func appendText(b []byte, number protowire.Number, v string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, number, protowire.BytesType), v)
}

func appendNumber(b []byte, number protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, number, protowire.VarintType), v)
}
