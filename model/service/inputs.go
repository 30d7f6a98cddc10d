package service

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/model"
)

// elem is the type of a tensor's values, by its name in the Open Inference Protocol.
type elem string

// sizes are the bytes of each type's values in a binary tensor, and what rows of a
// table may be given to it; texts have no size.
var sizes = map[elem]int{"BOOL": 1, "INT8": 1, "INT16": 2, "INT32": 4, "INT64": 8, "UINT8": 1, "UINT16": 2, "UINT32": 4, "UINT64": 8, "FP32": 4, "FP64": 8, "BYTES": 0}

func (e elem) kind() dataset.Kind {
	switch {
	case e == "BOOL":
		return dataset.Bool
	case e == "BYTES":
		return dataset.Text
	case e == "FP32" || e == "FP64":
		return dataset.Float
	}
	return dataset.Integer
}

// bounds of a type of whole numbers, as far as rows can reach them.
func (e elem) bounds() (low, high int64) {
	bits := 8 * sizes[e]
	switch {
	case e == "UINT64":
		return 0, math.MaxInt64
	case strings.HasPrefix(string(e), "U"):
		return 0, 1<<bits - 1
	case e == "BOOL":
		return 0, 1
	}
	return -1 << (bits - 1), 1<<(bits-1) - 1
}

// input is one tensor that a model wants: a column by its name, or all features at once.
type input struct {
	name  string
	elem  elem
	width int  // columns: 1, more, or -1 for any number
	all   bool // it takes the columns of a frame in their order, whatever their names
	flat  bool // it has one dimension, of rows
}

// inputOf is what an input takes whose shape begins with the rows; alone: it is the
// only one.
func inputOf(name, datatype string, shape []int64, alone bool) (input, error) {
	in := input{name: name, elem: elem(datatype), width: 1, all: alone}
	if _, ok := sizes[in.elem]; !ok {
		return in, &model.Error{Message: fmt.Sprintf("the model's input %q is of %s, which rows of a table cannot be", name, datatype), Hint: "noworse gives booleans, whole numbers, FP32, FP64 and texts"}
	}
	switch len(shape) {
	case 0:
		in.width = -1 // its shape is open: rows and features
	case 1:
		in.flat = true
	case 2:
		in.width = int(shape[1])
	default:
		return in, &model.Error{Message: fmt.Sprintf("the model's input %q has the shape %v, and noworse gives rows of features", name, shape)}
	}
	if !alone && in.width < 0 {
		in.width = 1 // one of several: a column each
	}
	if !alone && in.width != 1 || in.width == 0 {
		return in, &model.Error{Message: fmt.Sprintf("the model's input %q has the shape %v: of several inputs each must be one column", name, shape)}
	}
	return in, nil
}

// describe is what model.Fit needs to know of inputs.
func describe(inputs []input) []model.Input {
	var list []model.Input
	for _, in := range inputs {
		about := model.Input{Name: in.name, Kind: in.elem.kind()}
		if in.all {
			about.Width = in.width
		}
		list = append(list, about)
	}
	return list
}

// tensor is an input with the rows of a frame.
type tensor struct {
	input
	columns []cells
}

// cells are the values of one column, as a tensor's type has them.
type cells struct {
	name   string
	floats []float64
	ints   []int64
	texts  []string
}

// tensors are the rows of a frame as a model's inputs want them.
func tensors(inputs []input, f *model.Frame) ([]tensor, error) {
	list := make([]tensor, len(inputs))
	for i, in := range inputs {
		columns, err := in.columns(f)
		if err != nil {
			return nil, err
		}
		list[i].input = in
		for _, c := range columns {
			v, err := in.cells(c, f.Rows)
			if err != nil {
				return nil, err
			}
			list[i].columns = append(list[i].columns, v)
		}
	}
	return list, nil
}

func (in *input) columns(f *model.Frame) ([]*model.Column, error) {
	if !in.all {
		c := f.Find(in.name)
		if c == nil {
			return nil, &model.Error{Message: fmt.Sprintf("the model wants column %q, and was not given it", in.name)}
		}
		return []*model.Column{c}, nil
	}
	if in.width > 0 && in.width != len(f.Columns) || len(f.Columns) == 0 {
		return nil, &model.Error{Message: fmt.Sprintf("the model wants %d features, and was given %d", max(in.width, 1), len(f.Columns)), Hint: "list them in the order of its training: data.eval.features"}
	}
	list := make([]*model.Column, len(f.Columns))
	for i := range f.Columns {
		list[i] = &f.Columns[i]
	}
	return list, nil
}

// cells are a column's values in an input's type. Only numbers with a fraction have a
// missing value: NaN.
func (in *input) cells(c *model.Column, rows int) (cells, error) {
	kind := in.elem.kind()
	number := c.Kind == dataset.Integer || c.Kind == dataset.Float || c.Kind == dataset.Bool
	if text := kind == dataset.Text; text && c.Kind != dataset.Text || !text && !number {
		return cells{}, &model.Error{Message: fmt.Sprintf("the model wants %s values, and column %q is %s", in.elem, c.Name, c.Kind)}
	}
	if kind == dataset.Float {
		return cells{name: c.Name, floats: floats(c, rows)}, nil
	}
	if null := where(rows, func(i int) bool { return c.Null(i) || c.Kind == dataset.Float && math.IsNaN(c.Floats[i]) }); null != nil {
		return cells{}, &model.Error{
			Message: fmt.Sprintf("column %q has no value in %s, and the model wants %s, which has no missing values", c.Name, rowCount(len(null)), in.elem),
			Hint:    "fill them in the data, or serve the model with an input of FP64, where a missing value is NaN", Rows: null}
	}
	if kind == dataset.Text {
		return cells{name: c.Name, texts: c.Texts}, nil
	}
	ints, bad := in.whole(c, rows)
	if bad != nil {
		return cells{}, &model.Error{Message: fmt.Sprintf("column %q has values that are no %s, which the model wants", c.Name, in.elem), Rows: bad}
	}
	return cells{name: c.Name, ints: ints}, nil
}

// floats are the numbers of a column, with NaN where there is none.
func floats(c *model.Column, rows int) []float64 {
	if c.Kind == dataset.Float {
		return c.Floats
	}
	out := make([]float64, rows)
	for i, v := range c.Ints[:rows] {
		if out[i] = float64(v); c.Null(i) {
			out[i] = math.NaN()
		}
	}
	return out
}

// whole are the whole numbers of a column, and the rows whose value is none that fits.
func (in *input) whole(c *model.Column, rows int) (ints []int64, bad []int) {
	low, high := in.elem.bounds()
	ints = c.Ints
	fits := func(i int) bool { return ints[i] >= low && ints[i] <= high }
	if c.Kind == dataset.Float {
		ints = make([]int64, rows)
		for i, v := range c.Floats[:rows] {
			ints[i] = int64(v)
		}
		fits = func(i int) bool {
			v := c.Floats[i]
			return v == math.Trunc(v) && v >= float64(low) && v <= float64(high) && math.Abs(v) <= 1<<53
		}
	}
	return ints, where(rows, func(i int) bool { return !fits(i) })
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

// appendJSON writes a value. What is no number in JSON is written as unusual says.
func (t *tensor) appendJSON(b []byte, column, row int, unusual func(float64) string) []byte {
	v := &t.columns[column]
	switch t.elem.kind() {
	case dataset.Float:
		return appendNumber(b, v.floats[row], 8*sizes[t.elem], unusual)
	case dataset.Text:
		return appendText(b, v.texts[row])
	case dataset.Bool:
		return strconv.AppendBool(b, v.ints[row] != 0)
	}
	return strconv.AppendInt(b, v.ints[row], 10)
}

// appendNumber writes a number with a fraction, .0 where it has none: a server that
// tells types by what is written must find the same one in every batch.
func appendNumber(b []byte, v float64, bits int, unusual func(float64) string) []byte {
	if bits == 32 {
		v = float64(float32(v))
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return append(b, unusual(v)...)
	}
	from := len(b)
	b = strconv.AppendFloat(b, v, 'g', -1, bits)
	if !strings.ContainsAny(string(b[from:]), ".e") {
		b = append(b, ".0"...)
	}
	return b
}

func appendText(b []byte, text string) []byte {
	quoted, _ := json.Marshal(text) // of a string there is no error
	return append(b, quoted...)
}

// appendBinary writes a value as binary tensors have it: little-endian, and texts after
// their lengths.
func (t *tensor) appendBinary(b []byte, column, row int) []byte {
	v := &t.columns[column]
	switch {
	case t.elem == "FP64":
		return binary.LittleEndian.AppendUint64(b, math.Float64bits(v.floats[row]))
	case t.elem == "FP32":
		return binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(v.floats[row])))
	case t.elem == "BYTES":
		b = binary.LittleEndian.AppendUint32(b, uint32(len(v.texts[row])))
		return append(b, v.texts[row]...)
	}
	var raw [8]byte
	binary.LittleEndian.PutUint64(raw[:], uint64(v.ints[row]))
	return append(b, raw[:sizes[t.elem]]...)
}

// infinite refuses numbers that JSON cannot say, where a server would take them for
// missing ones.
func (t *tensor) infinite() error {
	for _, c := range t.columns {
		bad := where(len(c.floats), func(i int) bool {
			v := c.floats[i]
			return math.IsInf(v, 0) || t.elem == "FP32" && math.IsInf(float64(float32(v)), 0)
		})
		if bad != nil {
			return infinite(c.name, bad)
		}
	}
	return nil
}
