package service

import (
	"context"
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"

	"github.com/noworse/noworse/model"
)

// tfServing speaks with TensorFlow Serving's REST API, of the default signature.
type tfServing struct {
	options Options
	version string // that is asked: the one that was there when the model was described
	inputs  []input
	outputs []string
}

// elems are the types of TensorFlow that rows of a table can be.
var elems = map[string]elem{
	"DT_BOOL": "BOOL", "DT_INT8": "INT8", "DT_INT16": "INT16", "DT_INT32": "INT32", "DT_INT64": "INT64", "DT_UINT8": "UINT8", "DT_UINT16": "UINT16",
	"DT_UINT32": "UINT32", "DT_UINT64": "UINT64", "DT_FLOAT": "FP32", "DT_DOUBLE": "FP64", "DT_STRING": "BYTES",
}

// signature is what a model takes and gives, in its metadata.
type signature struct {
	Inputs  map[string]tensorDef `json:"inputs"`
	Outputs map[string]tensorDef `json:"outputs"`
}

type tensorDef struct {
	Datatype string `json:"dtype"`
	Shape    struct {
		Dim []struct {
			Size string `json:"size"`
		} `json:"dim"`
	} `json:"tensor_shape"`
}

func (t *tfServing) path() []string {
	path := []string{"v1", "models", url.PathEscape(t.options.Model)}
	if t.version != "" {
		path = append(path, "versions", url.PathEscape(t.version))
	}
	return path
}

func (t *tfServing) learn(ctx context.Context, c *client) (about, error) {
	t.version = t.options.Version
	var info struct {
		Spec struct {
			Version string `json:"version"`
		} `json:"model_spec"`
		Metadata struct {
			Signatures struct {
				All map[string]signature `json:"signature_def"`
			} `json:"signature_def"`
		} `json:"metadata"`
	}
	if err := c.object(ctx, question{path: append(t.path(), "metadata"), what: fmt.Sprintf("describe its model %q", t.options.Model)}, &info); err != nil {
		return about{}, err
	}
	sign, ok := info.Metadata.Signatures.All["serving_default"]
	if !ok || len(sign.Inputs) == 0 {
		return about{}, &model.Error{Message: "the model at the server has no signature serving_default with inputs", Hint: "it has " + list(slices.Sorted(maps.Keys(info.Metadata.Signatures.All)))}
	}
	for _, name := range slices.Sorted(maps.Keys(sign.Inputs)) {
		in, err := sign.Inputs[name].input(name, len(sign.Inputs) == 1)
		if err != nil {
			return about{}, err
		}
		t.inputs = append(t.inputs, in)
	}
	t.outputs = slices.Sorted(maps.Keys(sign.Outputs))
	a := about{inputs: describe(t.inputs)}
	if info.Spec.Version != "" {
		t.version = info.Spec.Version // a newer one that comes while it is asked must not answer the rest
		a.versions = []model.Version{{Name: "model " + t.options.Model, Version: t.version}}
	}
	return a, nil
}

func (d tensorDef) input(name string, alone bool) (input, error) {
	var shape []int64
	for _, dim := range d.Shape.Dim {
		n, err := strconv.ParseInt(dim.Size, 10, 64)
		if err != nil {
			return input{}, &model.Error{Message: fmt.Sprintf("the server says that input %q has %q rows or columns", name, dim.Size)}
		}
		shape = append(shape, n)
	}
	e, ok := elems[d.Datatype]
	if !ok {
		e = elem(d.Datatype)
	}
	return inputOf(name, string(e), shape, alone)
}

func (t *tfServing) prepare(f *model.Frame) (func(from, to int) question, error) {
	list, err := tensors(t.inputs, f)
	if err != nil {
		return nil, err
	}
	path := t.path()
	path[len(path)-1] += ":predict"
	return func(from, to int) question {
		body := []byte(`{"inputs":{`)
		for i := range list {
			if i > 0 {
				body = append(body, ',')
			}
			body = append(appendText(body, list[i].name), ':')
			body = list[i].nested(body, from, to)
		}
		return question{path: path, body: append(body, "}}"...), header: map[string]string{"Content-Type": "application/json"}}
	}, nil
}

// nested are the values of rows as a list of lists, or one list where the input has one
// dimension.
func (t *tensor) nested(b []byte, from, to int) []byte {
	b = append(b, '[')
	for row := from; row < to; row++ {
		if !t.flat {
			b = append(b, '[')
		}
		for k := range t.columns {
			b = append(t.appendJSON(b, k, row, token), ',')
		}
		if !t.flat {
			b[len(b)-1] = ']'
			b = append(b, ',')
		}
	}
	b[len(b)-1] = ']'
	return b
}

// token is how TensorFlow Serving writes and reads what is no number in JSON.
func token(v float64) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case v > 0:
		return "Infinity"
	}
	return "-Infinity"
}

func (t *tfServing) read(r *reply, rows int) ([]output, error) {
	var head struct{ Outputs any }
	if err := r.object(&head); err != nil {
		return nil, err
	}
	name := "outputs"
	if len(t.outputs) == 1 {
		name = t.outputs[0]
	}
	if head.Outputs == nil {
		return nil, &model.Error{Message: "the server's answer has no outputs", Gone: true}
	}
	return outputsOf(name, head.Outputs, rows)
}
