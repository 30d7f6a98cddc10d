package onnx

import (
	"fmt"
	"math"
	"strings"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/internal/onnxfile"
	"github.com/noworse/noworse/model"
)

// memory is what tensors of numbers and booleans have in common: a slice, and ONNX Runtime's
// value over it while the size stays.
type memory[T ort.TensorData] struct {
	data  []T
	value *ort.Tensor[T]
}

// room is memory of a size, all of whose values are going to be set.
func (m *memory[T]) room(size int, shape ort.Shape) error {
	if m.value != nil && m.value.GetShape().Equals(shape) {
		return nil
	}
	if m.value != nil {
		m.value.Destroy()
		m.value = nil
	}
	if cap(m.data) < size {
		m.data = make([]T, size)
	}
	m.data = m.data[:size]
	value, err := ort.NewTensor(shape, m.data)
	if err != nil {
		return err
	}
	m.value = value
	return nil
}

func shapeOf(size, columns int, flat bool) ort.Shape {
	if flat {
		return ort.NewShape(int64(size))
	}
	return ort.NewShape(int64(size), int64(columns))
}

// repeat fills the rows from n on with the last one before them.
func repeat[T any](data []T, width, n int) {
	for at := n * width; at < len(data); at += width {
		copy(data[at:at+width], data[(n-1)*width:n*width])
	}
}

// floats is a tensor of numbers with a fraction. A missing value is NaN.
type floats[T float32 | float64] struct {
	memory[T]
	flat bool
}

// tile is how many rows are turned from columns into rows at a time: what they
// are written to stays in the processor's first cache.
const tile = 128

func (t *floats[T]) fill(columns []*model.Column, from, n, size int) (ort.Value, error) {
	width := len(columns)
	if err := t.room(size*width, shapeOf(size, width, t.flat)); err != nil {
		return nil, err
	}
	for begin := 0; begin < n; begin += tile {
		end := min(begin+tile, n)
		for j, c := range columns {
			to := t.data[begin*width+j:]
			if c.Kind == dataset.Float {
				scatter(to, c.Floats[from+begin:from+end], width)
			} else {
				scatter(to, c.Ints[from+begin:from+end], width)
				blank(to, c, from+begin, end-begin, width)
			}
		}
	}
	repeat(t.data, width, n)
	return t.value, nil
}

// scatter writes values so many places apart.
func scatter[T float32 | float64, F int64 | float64](to []T, values []F, width int) {
	at := 0
	for _, v := range values {
		to[at] = T(v)
		at += width
	}
}

// blank puts NaN where an integer is missing.
func blank[T float32 | float64](to []T, c *model.Column, from, n, width int) {
	if c.Valid == nil {
		return
	}
	for i := range n {
		if c.Null(from + i) {
			to[i*width] = T(math.NaN())
		}
	}
}

// whole is a tensor of integers.
type whole[T integer] struct {
	memory[T]
	flat bool
	elem onnxfile.Elem
}

type integer interface {
	int64 | int32 | int16 | int8 | uint64 | uint32 | uint16 | uint8
}

func newWhole[T integer](in *input) *whole[T] { return &whole[T]{flat: in.flat, elem: in.elem} }

func (t *whole[T]) fill(columns []*model.Column, from, n, size int) (ort.Value, error) {
	width := len(columns)
	if err := t.room(size*width, shapeOf(size, width, t.flat)); err != nil {
		return nil, err
	}
	for j, c := range columns {
		if err := t.column(t.data[j:], c, from, n, width); err != nil {
			return nil, err
		}
	}
	repeat(t.data, width, n)
	return t.value, nil
}

func (t *whole[T]) column(to []T, c *model.Column, from, n, width int) error {
	var bad []int
	for i := range n {
		v, ok := wholeOf(c, from+i)
		to[i*width] = T(v)
		if !ok || int64(T(v)) != v || T(v) < 0 != (v < 0) {
			bad = append(bad, from+i)
		}
	}
	if bad == nil {
		return nil
	}
	if null := where(len(bad), func(i int) bool { return c.Kind == dataset.Float && math.IsNaN(c.Floats[bad[i]]) }); len(null) == len(bad) {
		return missing(c.Name, t.elem, bad)
	}
	return &model.Error{Message: fmt.Sprintf("column %q has values that are no %s, which the model wants: %s in the first of %d rows", c.Name, t.elem, shown(c, bad[0]), len(bad)), Rows: bad}
}

// wholeOf is a value as an integer, if it is one.
func wholeOf(c *model.Column, row int) (int64, bool) {
	if c.Kind != dataset.Float {
		return c.Ints[row], true
	}
	v := c.Floats[row]
	return int64(v), v == math.Trunc(v) && math.Abs(v) <= 1<<53
}

func shown(c *model.Column, row int) string {
	if c.Kind == dataset.Float {
		return fmt.Sprint(c.Floats[row])
	}
	return fmt.Sprint(c.Ints[row])
}

// booleans is a tensor of yes and no: numbers stand for them where they are 0 and 1.
type booleans struct {
	memory[bool]
	flat bool
}

func (t *booleans) fill(columns []*model.Column, from, n, size int) (ort.Value, error) {
	width := len(columns)
	if err := t.room(size*width, shapeOf(size, width, t.flat)); err != nil {
		return nil, err
	}
	for j, c := range columns {
		var bad []int
		for i := range n {
			v, ok := wholeOf(c, from+i)
			t.data[i*width+j] = v == 1
			if !ok || v != 0 && v != 1 {
				bad = append(bad, from+i)
			}
		}
		if bad != nil {
			return nil, &model.Error{Message: fmt.Sprintf("column %q has values that are neither 0 nor 1, and the model wants bool: %s in the first of %d rows", c.Name, shown(c, bad[0]), len(bad)), Rows: bad}
		}
	}
	repeat(t.data, width, n)
	return t.value, nil
}

// texts is a tensor of texts. ONNX Runtime copies them.
type texts struct {
	flat  bool
	data  []string
	value *ort.StringTensor
}

func (t *texts) fill(columns []*model.Column, from, n, size int) (ort.Value, error) {
	width := len(columns)
	if len(t.data) != size*width {
		if t.value != nil {
			t.value.Destroy()
			t.value = nil
		}
		value, err := ort.NewStringTensor(shapeOf(size, width, t.flat))
		if err != nil {
			return nil, err
		}
		t.value, t.data = value, make([]string, size*width)
	}
	for j, c := range columns {
		for i, v := range c.Texts[from : from+n] {
			if strings.IndexByte(v, 0) >= 0 {
				return nil, &model.Error{Message: fmt.Sprintf("column %q has a text with a zero byte, which ONNX Runtime cannot be given", c.Name), Rows: []int{from + i}}
			}
			t.data[i*width+j] = v
		}
	}
	repeat(t.data, width, n)
	return t.value, t.value.SetContents(t.data)
}
