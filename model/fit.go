package model

import (
	"fmt"
	"slices"
	"strings"

	"github.com/noworse/noworse/dataset"
)

// Fit chooses which columns a model is given, in the order it wants them: those
// that the spec lists, else those of its own inputs, else all that are offered;
// more are those that it gets only by name. It refuses columns that are not there
// and kinds that the model cannot take.
func Fit(inputs []Input, listed []string, offered, more []dataset.Column) ([]dataset.Column, error) {
	columns, all := offered, slices.Concat(offered, more)
	var err error
	switch {
	case listed != nil:
		wanted := make([]Input, len(listed))
		for i, name := range listed {
			wanted[i].Name = name
		}
		columns, err = named(wanted, all, "the features of the spec name")
	case byName(inputs):
		columns, err = named(inputs, all, "the model wants")
	}
	if err != nil {
		return nil, err
	}
	if len(columns) == 0 {
		return nil, &Error{Message: "there is no column that the model could be given", Hint: "list its features: data.eval.features"}
	}
	return columns, accepts(inputs, columns)
}

// byName says whether inputs are columns with names.
func byName(inputs []Input) bool {
	return len(inputs) > 0 && !slices.ContainsFunc(inputs, func(i Input) bool { return i.Name == "" || i.Width != 0 })
}

func names(columns []dataset.Column) []string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.Name
	}
	return list
}

// named are the columns of inputs, in their order.
func named(inputs []Input, offered []dataset.Column, who string) ([]dataset.Column, error) {
	var columns []dataset.Column
	var missing []string
	have := names(offered)
	for _, in := range inputs {
		if i := in.Among(have); i >= 0 {
			columns = append(columns, offered[i])
		} else {
			missing = append(missing, in.Name)
		}
	}
	if missing == nil {
		return columns, nil
	}
	return nil, &Error{
		Message: fmt.Sprintf("%s %s, which the rows do not have", who, few(missing)),
		Hint:    "columns that a model may be given: " + few(have),
	}
}

// accepts holds columns to the inputs of a model.
func accepts(inputs []Input, columns []dataset.Column) error {
	if byName(inputs) {
		for _, in := range inputs {
			i := in.Among(names(columns))
			switch {
			case i < 0:
				return &Error{Message: fmt.Sprintf("the model wants %q, which is not among the features of the spec", in.Name), Hint: "add it to data.eval.features, or leave features out"}
			case !fits(in.Kind, columns[i].Kind):
				return &Error{Message: fmt.Sprintf("the model wants %s values in column %q, which is %s", in.Kind, columns[i].Name, columns[i].Kind)}
			}
		}
		return nil
	}
	if len(inputs) != 1 || inputs[0].Width == 0 {
		return nil // it takes what it is given
	}
	in := inputs[0]
	if in.Width > 0 && in.Width != len(columns) {
		return &Error{
			Message: fmt.Sprintf("the model wants %d features, and the rows have %d: %s", in.Width, len(columns), few(names(columns))),
			Hint:    "list them in the order of its training: data.eval.features",
		}
	}
	for _, c := range columns {
		if !fits(in.Kind, c.Kind) {
			return &Error{Message: fmt.Sprintf("the model wants one tensor of %s values, and column %q is %s", in.Kind, c.Name, c.Kind), Hint: "list the columns it was trained on: data.eval.features"}
		}
	}
	return nil
}

// fits says whether a model that wants one kind can be given another: numbers of
// any kind stand for each other, and booleans for numbers.
func fits(want, have dataset.Kind) bool {
	number := func(k dataset.Kind) bool {
		return k == dataset.Integer || k == dataset.Wide || k == dataset.Float || k == dataset.Decimal || k == dataset.Bool
	}
	return want == 0 || want == have || number(want) && number(have)
}

func few(list []string) string {
	const most = 12
	quoted := make([]string, 0, most)
	for _, name := range list[:min(len(list), most)] {
		quoted = append(quoted, fmt.Sprintf("%q", name))
	}
	text := strings.Join(quoted, ", ")
	if len(list) > most {
		text += fmt.Sprintf(" and %d more", len(list)-most)
	}
	return text
}
