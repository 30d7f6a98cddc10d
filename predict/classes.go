package predict

import (
	"slices"
	"strconv"
	"strings"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/slice"
)

// Classes are the label values of a task, in the order in which everything
// numbers them. In a binary task class 1 is the positive one.
type Classes struct {
	Names []string
}

// Canonical is a label value's name, whatever type the column has that holds
// it: 1, 1.0 and 1.00 are one class.
func Canonical(text string, kind dataset.Kind) string {
	switch kind {
	case dataset.Float:
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return strconv.FormatFloat(f+0, 'f', -1, 64) // -0 + 0 = 0
		}
	case dataset.Decimal: // which may have more digits than a double
		if strings.Contains(text, ".") {
			return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
		}
	}
	return text
}

// Index is the number of the class that a value names, or -1. Booleans and the
// numbers 0 and 1 stand for each other: models answer with either.
func (c *Classes) Index(name string) int {
	if i := slices.Index(c.Names, name); i >= 0 {
		return i
	}
	switch strings.ToLower(name) {
	case "0":
		return slices.Index(c.Names, "false")
	case "1":
		return slices.Index(c.Names, "true")
	case "false":
		return slices.Index(c.Names, "0")
	case "true":
		return slices.Index(c.Names, "1")
	}
	return -1
}

// unknown is the number of a value that is no class, noClass that of a null.
const (
	unknown = 0xffff
	noClass = 0xfffe
	// MaxClasses bounds the label values: a column with more is not a label.
	MaxClasses = 1000
)

// reader turns a column of label values into class numbers.
type reader struct {
	classes *Classes
	kind    dataset.Kind
	codes   slice.Codes
	class   []uint16 // by code
	work    []uint32
}

func (r *reader) read(dst []uint16, v *dataset.Vector) {
	codes := v.Codes
	value := func(code uint32) slice.Value {
		text, null := v.Dictionary.Value(code)
		return slice.Value{Text: text, Null: null}
	}
	if r.kind == dataset.Integer {
		r.work = resize(r.work, len(dst))
		r.codes.Ints(r.work, v.Ints[:len(dst)], v.Valid)
		codes, value = r.work, r.codes.Value
	}
	for i, code := range codes[:len(dst)] {
		for len(r.class) <= int(code) {
			r.class = append(r.class, r.number(value(uint32(len(r.class)))))
		}
		dst[i] = r.class[code]
	}
}

func (r *reader) number(v slice.Value) uint16 {
	if v.Null {
		return noClass
	}
	if i := r.classes.Index(r.name(v)); i >= 0 {
		return uint16(i)
	}
	return unknown
}

func (r *reader) name(v slice.Value) string {
	if v.Int {
		return strconv.FormatInt(v.N, 10)
	}
	return Canonical(v.Text, r.kind)
}

// form is how a column of label values is asked for.
func form(kind dataset.Kind) dataset.Form {
	if kind == dataset.Integer {
		return dataset.AsInt
	}
	return dataset.AsCode
}
