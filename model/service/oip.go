package service

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/model"
)

// openInference speaks the Open Inference Protocol v2, in JSON or with its extension for
// binary tensors, as KServe, Triton and MLServer do.
type openInference struct {
	options Options
	inputs  []input // nil: the server does not say
	binary  bool
	pandas  bool // it is MLServer, whose data frames are asked for by name
}

// headerLength is how many bytes of a body are JSON; binary tensors follow.
const headerLength = "Inference-Header-Content-Length"

// tensorInfo is a tensor in a model's metadata.
type tensorInfo struct {
	Name     string  `json:"name"`
	Datatype string  `json:"datatype"`
	Shape    []int64 `json:"shape"`
}

func (o *openInference) path(more ...string) []string {
	path := []string{"v2", "models", url.PathEscape(o.options.Model)}
	if o.options.Version != "" {
		path = append(path, "versions", url.PathEscape(o.options.Version))
	}
	return append(path, more...)
}

func (o *openInference) learn(ctx context.Context, c *client) (about, error) {
	var a about
	var server struct {
		Name, Version string
		Extensions    []string
	}
	if err := c.object(ctx, question{path: []string{"v2"}, what: "say what it is", mayLack: true}, &server); err != nil {
		return a, err
	}
	if server.Name != "" {
		a.versions = append(a.versions, model.Version{Name: server.Name, Version: server.Version})
	}
	o.pandas = server.Name == "mlserver"
	o.binary = o.options.Tensors == "binary" || o.options.Tensors == "" && slices.Contains(server.Extensions, "binary_tensor_data")
	var info struct{ Inputs []tensorInfo }
	if err := c.object(ctx, question{path: o.path(), what: fmt.Sprintf("describe its model %q", o.options.Model)}, &info); err != nil {
		return a, err
	}
	return a, o.take(info.Inputs, &a)
}

// take learns what a model wants.
func (o *openInference) take(inputs []tensorInfo, a *about) error {
	for _, t := range inputs {
		in, err := inputOf(t.Name, t.Datatype, t.Shape, len(inputs) == 1)
		if err != nil {
			return err
		}
		if len(t.Shape) > 1 && t.Shape[0] > 1 {
			return &model.Error{Message: fmt.Sprintf("the model's input %q takes exactly %d rows at a time", t.Name, t.Shape[0]), Hint: "serve it with an input of shape [-1, features]"}
		}
		if len(t.Shape) > 1 && t.Shape[0] == 1 {
			a.batch = 1
		}
		o.inputs = append(o.inputs, in)
	}
	a.inputs = describe(o.inputs)
	return nil
}

func (o *openInference) prepare(f *model.Frame) (func(from, to int) question, error) {
	inputs, frame := o.inputs, false
	if inputs == nil {
		inputs, frame = guessed(f)
	}
	list, err := tensors(inputs, f)
	if err != nil {
		return nil, err
	}
	if !o.binary {
		for i := range list {
			if err := list[i].infinite(); err != nil {
				return nil, err
			}
		}
	}
	frame = o.pandas && (frame || !list[0].all)
	return func(from, to int) question { return o.question(list, from, to, frame) }, nil
}

// guessed are inputs for a server that does not say what its model wants: one tensor
// of all features where they are numbers, else a tensor for each column.
func guessed(f *model.Frame) (list []input, frame bool) {
	numbers := !slices.ContainsFunc(f.Columns, func(c model.Column) bool { return c.Kind == dataset.Text || c.Kind == dataset.Time })
	if numbers {
		return []input{{name: "input-0", elem: "FP64", width: -1, all: true}}, false
	}
	for _, c := range f.Columns {
		in := input{name: c.Name, elem: "FP64", width: 1}
		switch {
		case c.Kind == dataset.Text || c.Kind == dataset.Time:
			in.elem = "BYTES"
		case c.Kind == dataset.Bool && !c.Nullable:
			in.elem = "BOOL"
		case c.Kind == dataset.Integer && !c.Nullable:
			in.elem = "INT64"
		}
		list = append(list, in)
	}
	return list, true
}

// parameters are those of a request, of an input or of an output.
type parameters struct {
	ContentType  string `json:"content_type,omitempty"`
	BinaryOutput bool   `json:"binary_data_output,omitempty"`
	BinarySize   *int   `json:"binary_data_size,omitempty"`
}

type requestInput struct {
	Name       string          `json:"name"`
	Shape      []int           `json:"shape"`
	Datatype   elem            `json:"datatype"`
	Parameters *parameters     `json:"parameters,omitempty"`
	Data       json.RawMessage `json:"data,omitempty"`
}

type requestOutput struct {
	Name string `json:"name"`
}

func (o *openInference) question(list []tensor, from, to int, frame bool) question {
	head := struct {
		ID         string          `json:"id"`
		Parameters *parameters     `json:"parameters,omitempty"`
		Inputs     []requestInput  `json:"inputs"`
		Outputs    []requestOutput `json:"outputs,omitempty"`
	}{ID: strconv.Itoa(from)}
	if o.binary || frame {
		head.Parameters = &parameters{BinaryOutput: o.binary}
		if frame {
			head.Parameters.ContentType = "pd"
		}
	}
	for _, name := range []string{o.options.Label, o.options.Score} {
		if name != "" {
			head.Outputs = append(head.Outputs, requestOutput{name})
		}
	}
	var tail []byte
	for i := range list {
		t := &list[i]
		in := requestInput{Name: t.name, Shape: []int{to - from, len(t.columns)}, Datatype: t.elem}
		if t.flat {
			in.Shape = in.Shape[:1]
		}
		if o.binary {
			before := len(tail)
			tail = t.each(tail, from, to, t.appendBinary)
			size := len(tail) - before
			in.Parameters = &parameters{BinarySize: &size}
		} else {
			in.Data = t.list(from, to)
		}
		head.Inputs = append(head.Inputs, in)
	}
	body, _ := json.Marshal(head) // of these fields there is no error
	q := question{path: o.path("infer"), body: body, header: map[string]string{"Content-Type": "application/json"}}
	if o.binary {
		q.header = map[string]string{"Content-Type": "application/octet-stream", headerLength: strconv.Itoa(len(body))}
		q.body = append(body, tail...)
	}
	return q
}

// each appends the values of rows, row by row.
func (t *tensor) each(b []byte, from, to int, add func(b []byte, column, row int) []byte) []byte {
	for row := from; row < to; row++ {
		for k := range t.columns {
			b = add(b, k, row)
		}
	}
	return b
}

// list are the values of rows as one list of JSON. A missing number is null.
func (t *tensor) list(from, to int) json.RawMessage {
	b := t.each([]byte("["), from, to, func(b []byte, column, row int) []byte {
		return append(t.appendJSON(b, column, row, func(float64) string { return "null" }), ',')
	})
	b[len(b)-1] = ']'
	return b
}

// responseOutput is an output of an answer.
type responseOutput struct {
	Name       string
	Shape      []int64
	Datatype   elem
	Parameters struct {
		BinarySize *int `json:"binary_data_size"`
	}
	Data any
}

func (o *openInference) read(r *reply, rows int) ([]output, error) {
	text, tail := r.body, []byte(nil)
	if n := r.header.Get(headerLength); n != "" {
		size, err := strconv.Atoi(n)
		if err != nil || size < 0 || size > len(r.body) {
			return nil, &model.Error{Message: fmt.Sprintf("the server's answer is %d bytes, and says that %s of them are its header", len(r.body), n), Gone: true}
		}
		text, tail = r.body[:size], r.body[size:]
	}
	var head struct {
		Version string `json:"model_version"`
		Outputs []responseOutput
	}
	if err := (&reply{body: text}).object(&head); err != nil {
		return nil, err
	}
	r.version = head.Version
	var list []output
	for i := range head.Outputs {
		one := &head.Outputs[i]
		if _, ok := sizes[one.Datatype]; !ok {
			return nil, &model.Error{Message: fmt.Sprintf("the server answered %q as %s, which noworse does not read", one.Name, one.Datatype), Hint: "have it answer FP32 or FP64", Gone: true}
		}
		out, rest, err := one.values(tail)
		if err != nil {
			return nil, err
		}
		tail = rest
		if err := out.shaped(one.Shape, rows); err != nil {
			return nil, err
		}
		list = append(list, out)
	}
	if len(tail) > 0 {
		return nil, &model.Error{Message: fmt.Sprintf("the server's answer has %d bytes more than its tensors", len(tail)), Gone: true}
	}
	return list, nil
}

// values are an output's values: of its JSON, or of the bytes behind it, and what is
// left of these.
func (one *responseOutput) values(tail []byte) (output, []byte, error) {
	out := output{name: one.Name, kind: one.Datatype.kind()}
	size := one.Parameters.BinarySize
	if size == nil {
		return out, tail, out.flatten(one.Data)
	}
	if *size < 0 || *size > len(tail) {
		return out, nil, &model.Error{Message: fmt.Sprintf("the server's answer ends within %q: %d bytes of %d", one.Name, len(tail), *size), Gone: true}
	}
	return out, tail[*size:], out.unpack(one.Datatype, tail[:*size])
}

// unpack reads the values of a binary tensor.
func (out *output) unpack(e elem, raw []byte) error {
	broken := &model.Error{Message: fmt.Sprintf("the server's answer has %d bytes of %q, which are no whole number of %s", len(raw), out.name, e), Gone: true}
	if e == "BYTES" {
		for len(raw) > 0 {
			if len(raw) < 4 {
				return broken
			}
			n := uint64(little(raw[:4]))
			if raw = raw[4:]; n > uint64(len(raw)) {
				return broken
			}
			out.texts, raw = append(out.texts, string(raw[:n])), raw[n:]
		}
		return nil
	}
	size := sizes[e]
	if len(raw)%size != 0 {
		return broken
	}
	for ; len(raw) > 0; raw = raw[size:] {
		bits := little(raw[:size])
		switch e {
		case "FP64":
			out.numbers = append(out.numbers, math.Float64frombits(bits))
		case "FP32":
			out.numbers = append(out.numbers, float64(math.Float32frombits(uint32(bits))))
		case "BOOL":
			out.texts = append(out.texts, strconv.FormatBool(bits != 0))
		case "UINT8", "UINT16", "UINT32", "UINT64":
			out.texts = append(out.texts, strconv.FormatUint(bits, 10))
		default:
			shift := 64 - 8*size
			out.texts = append(out.texts, strconv.FormatInt(int64(bits<<shift)>>shift, 10))
		}
	}
	return nil
}

// little is a little-endian number of up to 8 bytes.
func little(raw []byte) (v uint64) {
	for i, b := range raw {
		v |= uint64(b) << (8 * i)
	}
	return v
}
