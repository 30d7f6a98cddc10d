package onnx

import (
	"fmt"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/internal/onnxfile"
	"github.com/noworse/noworse/model"
)

// input is one tensor that a model wants: a column by its name, or all features at
// once.
type input struct {
	name  string
	elem  onnxfile.Elem
	width int  // columns: 1, more, or -1 for any number
	all   bool // it takes the columns of a frame in their order, whatever their names
	flat  bool // it has one dimension, of rows
	batch int  // rows of each call, where the model fixes them; 0: any
}

// inputsOf are the inputs of a model, if a frame can be given to it.
func inputsOf(f *onnxfile.File) ([]input, error) {
	if len(f.Inputs) == 0 {
		return nil, &model.Error{Message: "the model has no inputs: it answers the same whatever it is asked"}
	}
	list := make([]input, len(f.Inputs))
	for i, v := range f.Inputs {
		in, err := inputOf(v, len(f.Inputs) == 1)
		if err != nil {
			return nil, err
		}
		if i > 0 && in.batch != list[0].batch {
			return nil, &model.Error{Message: fmt.Sprintf("the model wants different numbers of rows in inputs %q and %q", list[0].name, in.name)}
		}
		list[i] = in
	}
	return list, nil
}

func inputOf(v onnxfile.Value, alone bool) (input, error) {
	in := input{name: v.Name, elem: v.Elem, width: 1}
	if kindOf(v.Elem) == 0 {
		what := v.Elem.String()
		if v.Elem == onnxfile.None {
			what = "no tensor"
		}
		return in, &model.Error{Message: fmt.Sprintf("the model's input %q is %s, which rows of a table cannot be", v.Name, what), Hint: "export it with inputs of float, double, int64, bool or string"}
	}
	switch len(v.Dims) {
	case 0:
		if v.Dims != nil {
			return in, &model.Error{Message: fmt.Sprintf("the model's input %q is a single value, and not one for each row", v.Name)}
		}
		in.width, in.all = -1, alone // its shape is open: rows and features
	case 1:
		in.flat = true
	case 2:
		in.width, in.all = int(v.Dims[1]), alone
	default:
		return in, shapeError(v, "noworse gives rows of features")
	}
	if len(v.Dims) > 0 && v.Dims[0] > 0 {
		in.batch = int(v.Dims[0])
	}
	switch {
	case in.width == 0:
		return in, shapeError(v, "it has no columns")
	case in.width != 1 && !alone:
		if v.Dims == nil || in.width == -1 { // one of several: a column each
			in.width = 1
			return in, nil
		}
		return in, shapeError(v, "of several inputs each must be one column")
	}
	return in, nil
}

func shapeError(v onnxfile.Value, why string) error {
	return &model.Error{Message: fmt.Sprintf("the model's input %q has the shape %s: %s", v.Name, shape(v.Dims), why),
		Hint: "export it with one tensor of shape [rows, features], or one input of shape [rows, 1] for each column"}
}

func shape(dims []int64) string {
	text := "["
	for i, d := range dims {
		if i > 0 {
			text += ", "
		}
		if d < 0 {
			text += "?"
		} else {
			text += fmt.Sprint(d)
		}
	}
	return text + "]"
}

// kindOf is the kind of values that a type of tensor takes; 0: none that noworse
// has.
func kindOf(e onnxfile.Elem) dataset.Kind {
	switch e {
	case onnxfile.Float, onnxfile.Double:
		return dataset.Float
	case onnxfile.Int64, onnxfile.Int32, onnxfile.Int16, onnxfile.Int8, onnxfile.Uint64, onnxfile.Uint32, onnxfile.Uint16, onnxfile.Uint8:
		return dataset.Integer
	case onnxfile.Bool:
		return dataset.Bool
	case onnxfile.Text:
		return dataset.Text
	}
	return 0
}

// describe is what model.Fit needs to know of inputs.
func describe(inputs []input) []model.Input {
	list := make([]model.Input, len(inputs))
	for i, in := range inputs {
		list[i] = in.about()
	}
	return list
}

func (in *input) about() model.Input {
	about := model.Input{Name: in.name, Kind: kindOf(in.elem), Mangled: !in.all}
	if in.all {
		about.Width = in.width
	}
	return about
}

func names(inputs []input) []string {
	list := make([]string, len(inputs))
	for i, in := range inputs {
		list[i] = in.name
	}
	return list
}

// columns are those of a frame that an input is given.
func (in *input) columns(f *model.Frame) ([]*model.Column, error) {
	if !in.all {
		c := in.column(f)
		if c == nil {
			return nil, &model.Error{Message: fmt.Sprintf("the model wants column %q, and was not given it", in.name)}
		}
		return []*model.Column{c}, in.takes(c, f.Rows)
	}
	if in.width > 0 && in.width != len(f.Columns) || len(f.Columns) == 0 {
		return nil, &model.Error{Message: fmt.Sprintf("the model wants %d features, and was given %d", max(in.width, 1), len(f.Columns)), Hint: "list them in the order of its training: data.eval.features"}
	}
	list := make([]*model.Column, len(f.Columns))
	for i := range f.Columns {
		list[i] = &f.Columns[i]
		if err := in.takes(list[i], f.Rows); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (in *input) column(f *model.Frame) *model.Column {
	if c := f.Find(in.name); c != nil {
		return c
	}
	given := make([]string, len(f.Columns))
	for i, c := range f.Columns {
		given[i] = c.Name
	}
	i := in.about().Among(given)
	if i < 0 {
		return nil
	}
	return &f.Columns[i]
}

// takes holds a column to the type of an input. Only numbers with a fraction have
// a missing value in ONNX: NaN.
func (in *input) takes(c *model.Column, rows int) error {
	number := c.Kind == dataset.Integer || c.Kind == dataset.Float || c.Kind == dataset.Bool
	if text := kindOf(in.elem) == dataset.Text; text && c.Kind != dataset.Text || !text && !number {
		return &model.Error{Message: fmt.Sprintf("the model wants %s values, and column %q is %s", in.elem, c.Name, c.Kind)}
	}
	if c.Valid == nil || kindOf(in.elem) == dataset.Float {
		return nil
	}
	if null := where(rows, c.Null); null != nil {
		return missing(c.Name, in.elem, null)
	}
	return nil
}

func missing(column string, elem onnxfile.Elem, rows []int) error {
	return &model.Error{
		Message: fmt.Sprintf("column %q has no value in %d rows, and the model wants %s, which has no missing values", column, len(rows), elem),
		Hint:    "fill them in the data, or export the model with a float input, where a missing value is NaN", Rows: rows,
	}
}

func where(rows int, is func(int) bool) []int {
	var list []int
	for i := range rows {
		if is(i) {
			list = append(list, i)
		}
	}
	return list
}

// tensor is the memory of an input, used for one call after the other.
type tensor interface {
	// fill gives it rows [from, from+n) of columns; rows beyond them, up to size, repeat the
	// last.
	fill(columns []*model.Column, from, n, size int) (ort.Value, error)
}

// tensor is new memory for an input.
func (in *input) tensor() tensor {
	switch in.elem {
	case onnxfile.Float:
		return &floats[float32]{flat: in.flat}
	case onnxfile.Double:
		return &floats[float64]{flat: in.flat}
	case onnxfile.Int64:
		return newWhole[int64](in)
	case onnxfile.Int32:
		return newWhole[int32](in)
	case onnxfile.Int16:
		return newWhole[int16](in)
	case onnxfile.Int8:
		return newWhole[int8](in)
	case onnxfile.Uint64:
		return newWhole[uint64](in)
	case onnxfile.Uint32:
		return newWhole[uint32](in)
	case onnxfile.Uint16:
		return newWhole[uint16](in)
	case onnxfile.Uint8:
		return newWhole[uint8](in)
	case onnxfile.Bool:
		return &booleans{flat: in.flat}
	}
	return &texts{flat: in.flat}
}
