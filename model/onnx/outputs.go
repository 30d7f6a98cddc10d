package onnx

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/noworse/noworse/internal/onnxfile"
	"github.com/noworse/noworse/model"
)

// outputs are those that are read.
type outputs struct {
	label, score string // "": not there; of a regression: score is the number
	classes      []string
	called       map[string]string // what the task calls a class, where the model calls it otherwise
	digits       [10]string        // labels 0 to 9, as the task calls them
}

// outputsOf chooses what is read of a model's outputs.
func outputsOf(f *onnxfile.File, o Options) (outputs, error) {
	var out outputs
	var err error
	if o.Task == model.Regression {
		out.score, err = choose(f, cmp.Or(o.Label, o.Score), "the number", isNumber, nil)
		if err == nil && out.score == "" {
			err = noOutput(f, "a number", "label")
		}
		return out, err
	}
	if out.label, err = choose(f, o.Label, "the label", isLabel, []string{"label", "output_label"}); err != nil {
		return out, err
	}
	if out.score, err = choose(f, o.Score, "the probabilities", isScore, []string{"probabilities", "output_probability"}); err != nil {
		return out, err
	}
	if out.label == "" && out.score == "" {
		return out, noOutput(f, "a label or probabilities", "label or score")
	}
	return out, out.name(f, o)
}

// choose is the output that is named, else the only one of a kind, else one of the
// names that exports of scikit-learn have; "" if there is none.
func choose(f *onnxfile.File, named, what string, is func(onnxfile.Value) bool, usual []string) (string, error) {
	var list []string
	for _, v := range f.Outputs {
		if v.Name == named && named != "" {
			if !is(v) {
				return "", &model.Error{Message: fmt.Sprintf("the model's output %q cannot be %s: it is %s", named, what, kindText(v))}
			}
			return named, nil
		}
		if is(v) {
			list = append(list, v.Name)
		}
	}
	if named != "" {
		return "", &model.Error{Message: fmt.Sprintf("the model has no output %q", named), Hint: "it has " + outputList(f)}
	}
	if len(list) > 1 {
		if i := slices.IndexFunc(usual, func(name string) bool { return slices.Contains(list, name) }); i >= 0 {
			return usual[i], nil
		}
		return "", &model.Error{Message: fmt.Sprintf("the model has several outputs that may be %s: %s", what, quoted(list)),
			Hint: "name the one: label and score of onnx; scikit-learn's exports have one where zipmap is False"}
	}
	return strings.Join(list, ""), nil
}

func noOutput(f *onnxfile.File, what, setting string) error {
	return &model.Error{Message: "the model has no output that could be " + what, Hint: fmt.Sprintf("it has %s; %s of onnx names one", outputList(f), setting)}
}

func outputList(f *onnxfile.File) string {
	list := make([]string, len(f.Outputs))
	for i, v := range f.Outputs {
		list[i] = fmt.Sprintf("%q (%s)", v.Name, kindText(v))
	}
	return strings.Join(list, ", ")
}

func kindText(v onnxfile.Value) string {
	switch {
	case v.Maps:
		return "maps"
	case v.Elem == onnxfile.None:
		return "no tensor"
	}
	return v.Elem.String() + " " + shape(v.Dims)
}

func quoted(list []string) string {
	q := make([]string, len(list))
	for i, name := range list {
		q[i] = strconv.Quote(name)
	}
	return strings.Join(q, ", ")
}

func isFloat(e onnxfile.Elem) bool { return e == onnxfile.Float || e == onnxfile.Double }

func isNumber(v onnxfile.Value) bool {
	return (isFloat(v.Elem) || v.Elem == onnxfile.Int64 || v.Elem == onnxfile.Int32) && len(v.Dims) <= 2
}

// isLabel is one value for each row.
func isLabel(v onnxfile.Value) bool {
	switch v.Elem {
	case onnxfile.Int64, onnxfile.Int32, onnxfile.Text, onnxfile.Bool:
		return len(v.Dims) < 2 || len(v.Dims) == 2 && v.Dims[1] == 1
	}
	return false
}

func isScore(v onnxfile.Value) bool { return v.Maps || isFloat(v.Elem) && len(v.Dims) <= 2 }

// name says of which classes the scores are.
func (out *outputs) name(f *onnxfile.File, o Options) error {
	if boolean(o.Classes) {
		out.called = map[string]string{"0": "false", "1": "true"}
	}
	for v := range out.digits {
		out.digits[v] = out.call(strconv.Itoa(v))
	}
	if out.score == "" {
		return nil
	}
	v := f.Outputs[slices.IndexFunc(f.Outputs, func(v onnxfile.Value) bool { return v.Name == out.score })]
	width := -1
	if len(v.Dims) == 2 {
		width = int(v.Dims[1])
	} else if len(v.Dims) == 1 {
		width = 1
	}
	out.classes = f.Classes(out.score, out.label, width)
	if v.Maps && out.classes == nil {
		return &model.Error{Message: fmt.Sprintf("the model's output %q is a sequence of maps that is not made by ZipMap", v.Name), Hint: "export the model with a tensor of probabilities"}
	}
	if out.classes == nil && out.label == "" {
		out.classes = o.Classes // by their place: nothing in the file says otherwise
	}
	if width == 1 {
		out.classes = nil
	}
	if width > 1 {
		if err := out.fits(width); err != nil {
			return err
		}
	}
	for i, c := range out.classes {
		if i == 0 {
			out.classes = slices.Clone(out.classes)
		}
		out.classes[i] = out.call(c)
	}
	return nil
}

// boolean says whether a model's 0 and 1 are the false and true of the task: scikit-learn's
// exports know no booleans.
func boolean(classes []string) bool {
	return len(classes) == 2 && slices.Contains(classes, "false") && slices.Contains(classes, "true")
}

func (out *outputs) call(class string) string { return cmp.Or(out.called[class], class) }

// fits holds the number of scores to that of classes.
func (out *outputs) fits(width int) error {
	switch {
	case out.classes == nil:
		return &model.Error{Message: fmt.Sprintf("the model gives %d scores for each row, and its file does not say of which classes", width),
			Hint: "export it with ZipMap, as scikit-learn's exports are unless told otherwise, or without an output of labels: then they are the classes of the task, in order"}
	case len(out.classes) != width:
		return &model.Error{Message: fmt.Sprintf("the model gives %d scores for each row, and there are %d classes: %s", width, len(out.classes), quoted(out.classes))}
	}
	return nil
}

// rename takes other outputs in place of those that were maps.
func (out *outputs) rename(to map[string]string) { out.score = cmp.Or(to[out.score], out.score) }

// names of the outputs, in the order in which they are read.
func (out *outputs) names() []string {
	return slices.DeleteFunc([]string{out.label, out.score}, func(name string) bool { return name == "" })
}

// answers gathers what calls give.
type answers struct {
	*outputs
	task model.Task
	rows int
	model.Answers
	text map[int64]string // labels of more than one digit, each made once
}

// take reads n rows of what a call gave, for the rows from one on.
func (a *answers) take(values []ort.Value, from, n, size int) error {
	if a.label != "" {
		if err := a.labels(values[0], from, n, size); err != nil {
			return err
		}
		values = values[1:]
	}
	if a.score == "" {
		return nil
	}
	switch t := values[0].(type) {
	case *ort.Tensor[float32]:
		return spread(a, t.GetData(), from, n, size)
	case *ort.Tensor[float64]:
		return spread(a, t.GetData(), from, n, size)
	case *ort.Tensor[int64]:
		return spread(a, t.GetData(), from, n, size)
	case *ort.Tensor[int32]:
		return spread(a, t.GetData(), from, n, size)
	}
	return &model.Error{Message: fmt.Sprintf("the model's output %q is not of the type that its file says", a.score)}
}

// spread turns rows of scores into a column for each.
func spread[T float32 | float64 | int64 | int32](a *answers, data []T, from, n, size int) error {
	width := len(data) / size
	if width == 0 || width*size != len(data) {
		return &model.Error{Message: fmt.Sprintf("the model answered %d values of %q for %d rows", len(data), a.score, size)}
	}
	columns := a.Scores
	if a.task == model.Regression {
		if width != 1 {
			return &model.Error{Message: fmt.Sprintf("the model answered %d numbers for each row, and the task is regression of one", width)}
		}
		if a.Numbers == nil {
			a.Numbers = make([]float64, a.rows)
		}
		columns = [][]float64{a.Numbers}
	} else if columns == nil {
		if width > 1 {
			if err := a.fits(width); err != nil {
				return err
			}
			a.Classes = a.classes
		}
		all := make([]float64, a.rows*width)
		for k := range width {
			columns = append(columns, all[k*a.rows:(k+1)*a.rows])
		}
		a.Scores = columns
	}
	if len(columns) != width {
		return &model.Error{Message: fmt.Sprintf("the model answered %d scores for some rows and %d for others", len(columns), width)}
	}
	_, single := any(data).([]float32)
	for k, column := range columns {
		to := column[from : from+n]
		at := k
		for i := range to {
			to[i] = float64(data[at])
			at += width
		}
		if single && a.task != model.Regression {
			model.Settle(to)
		}
	}
	return nil
}

func (a *answers) labels(value ort.Value, from, n, size int) error {
	if a.Labels == nil {
		a.Labels = make([]string, a.rows)
	}
	to := a.Labels[from : from+n]
	got := 0
	switch t := value.(type) {
	case *ort.Tensor[int64]:
		got = len(t.GetData())
		for i, v := range t.GetData()[:min(n, got)] {
			to[i] = a.textOf(v)
		}
	case *ort.Tensor[int32]:
		got = len(t.GetData())
		for i, v := range t.GetData()[:min(n, got)] {
			to[i] = a.textOf(int64(v))
		}
	case *ort.Tensor[bool]:
		got = len(t.GetData())
		for i, v := range t.GetData()[:min(n, got)] {
			to[i] = strconv.FormatBool(v)
		}
	case *ort.StringTensor:
		list, err := t.GetContents()
		if err != nil {
			return err
		}
		got = len(list)
		for i, v := range list[:min(n, got)] {
			to[i] = a.call(v)
		}
	}
	if got != size {
		return &model.Error{Message: fmt.Sprintf("the model answered %d labels for %d rows", got, size)}
	}
	return nil
}

// textOf is the text of a label.
func (a *answers) textOf(v int64) string {
	if v >= 0 && v < int64(len(a.digits)) {
		return a.digits[v]
	}
	text, ok := a.text[v]
	if !ok {
		text = a.call(strconv.FormatInt(v, 10))
		if a.text == nil {
			a.text = map[int64]string{}
		}
		a.text[v] = text
	}
	return text
}
