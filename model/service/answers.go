package service

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/model"
)

// answers are what outputs say, batch after batch.
func (o *Options) answers(parts [][]output, rows int) (*model.Answers, error) {
	all, err := merged(parts)
	if err != nil {
		return nil, err
	}
	a := &model.Answers{}
	if o.Task == model.Regression {
		if a.Numbers, err = o.number(all); err != nil {
			return nil, err
		}
		return a, a.Check(o.Task, rows)
	}
	if err := o.classify(all, rows, a); err != nil {
		return nil, err
	}
	return a, a.Check(o.Task, rows)
}

// none are the answers to no rows, about which a server is not asked.
func (o *Options) none() *model.Answers {
	if o.Task == model.Regression {
		return &model.Answers{Numbers: []float64{}}
	}
	return &model.Answers{Labels: []string{}}
}

// merged are the outputs of all batches as one.
func merged(parts [][]output) ([]output, error) {
	all := parts[0]
	for _, part := range parts[1:] {
		if len(part) != len(all) {
			return nil, twoWays(all, part)
		}
		for i := range all {
			to, from := &all[i], &part[i]
			if to.kind != from.kind && (!to.promote() || !from.promote()) || to.name != from.name || to.width != from.width {
				return nil, twoWays(all, part)
			}
			to.numbers, to.texts = append(to.numbers, from.numbers...), append(to.texts, from.texts...)
		}
	}
	return all, nil
}

func twoWays(a, b []output) error {
	return &model.Error{Message: fmt.Sprintf("the server answers in two ways: %s for some rows, %s for others", outputList(a), outputList(b))}
}

func outputList(all []output) string {
	if len(all) == 0 {
		return "nothing"
	}
	text := ""
	for i, out := range all {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%q (%s", out.name, out.kind)
		if out.width > 1 {
			text += fmt.Sprintf(", %d for each row", out.width)
		}
		text += ")"
	}
	return text
}

// number is the output of a regression.
func (o *Options) number(all []output) ([]float64, error) {
	out, err := choose(all, cmp.Or(o.Score, o.Label), "score", "the number", func(out *output) bool { return out.kind == dataset.Float || out.kind == dataset.Integer })
	switch {
	case err != nil:
		return nil, err
	case out == nil:
		return nil, &model.Error{Message: "the server answers no number: " + outputList(all)}
	case out.width != 1:
		return nil, &model.Error{Message: fmt.Sprintf("the server answers %d numbers for each row, and the task is regression of one", out.width)}
	case !out.promote():
		return nil, &model.Error{Message: fmt.Sprintf("the server's output %q is %s, and the task is regression", out.name, out.kind)}
	}
	return out.numbers, nil
}

// classify finds labels and scores.
func (o *Options) classify(all []output, rows int, a *model.Answers) error {
	if o.byClass(all, a) {
		all = slices.DeleteFunc(slices.Clone(all), func(out output) bool { return slices.Contains(o.Classes, out.name) })
	} else if err := o.scores(all, rows, a); err != nil {
		return err
	}
	label, err := choose(all, o.Label, "label", "the label", func(out *output) bool { return out.kind != dataset.Float && out.width == 1 && out.name != o.Score })
	if err != nil {
		return err
	}
	if label != nil {
		if a.Labels, err = label.labels(); err != nil {
			return err
		}
	}
	if a.Labels == nil && a.Scores == nil {
		return &model.Error{Message: "the server answers neither a label nor scores: " + outputList(all), Hint: "`label` and `score` name the outputs"}
	}
	return nil
}

// byClass takes outputs that are called as the classes are.
func (o *Options) byClass(all []output, a *model.Answers) bool {
	if o.Score != "" || o.Classes == nil {
		return false
	}
	var scores [][]float64
	for _, class := range o.Classes {
		i := slices.IndexFunc(all, func(out output) bool { return out.name == class && out.width == 1 })
		if i < 0 || !all[i].promote() {
			return false
		}
		model.Settle(all[i].numbers)
		scores = append(scores, all[i].numbers)
	}
	a.Scores, a.Classes = scores, o.Classes
	return true
}

// scores takes the output of scores apart, into a column for each class.
func (o *Options) scores(all []output, rows int, a *model.Answers) error {
	out, err := choose(all, o.Score, "score", "the scores", func(out *output) bool { return (out.kind == dataset.Float || out.width > 1) && out.name != o.Label })
	if err != nil || out == nil {
		return err
	}
	switch {
	case !out.promote():
		return &model.Error{Message: fmt.Sprintf("the server's output %q cannot be scores: it is %s", out.name, out.kind)}
	case out.width > 1 && o.Classes == nil:
		return &model.Error{Message: fmt.Sprintf("the server answers %d scores for each row, and does not say of which classes", out.width),
			Hint: "name them in the order of the scores: `classes: [no, yes]`"}
	case out.width > 1 && out.width != len(o.Classes):
		return &model.Error{Message: fmt.Sprintf("the server answers %d scores for each row, and there are %d classes: %s", out.width, len(o.Classes), list(o.Classes))}
	}
	if out.width > 1 {
		a.Classes = o.Classes
	}
	for k := range out.width {
		column := make([]float64, rows)
		for i := range column {
			column[i] = out.numbers[i*out.width+k]
		}
		model.Settle(column)
		a.Scores = append(a.Scores, column)
	}
	return nil
}

// labels are an output's values as the names of classes: 1, and not 1.0.
func (out *output) labels() ([]string, error) {
	if out.width != 1 {
		return nil, &model.Error{Message: fmt.Sprintf("the server answers %d values of %q for each row, and a label is one", out.width, out.name)}
	}
	if out.kind != dataset.Float {
		return out.texts, nil
	}
	labels := make([]string, len(out.numbers))
	for i, v := range out.numbers {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, &model.Error{Message: fmt.Sprintf("the server answered a label that is %v", v), Rows: []int{i}}
		}
		labels[i] = strconv.FormatFloat(v, 'f', -1, 64)
	}
	return labels, nil
}

// choose is the output that is named, else the only one that may be meant; nil if
// there is none.
func choose(all []output, named, setting, what string, is func(*output) bool) (*output, error) {
	var found []*output
	for i := range all {
		if all[i].name == named && named != "" {
			return &all[i], nil
		}
		if is(&all[i]) {
			found = append(found, &all[i])
		}
	}
	switch {
	case named != "":
		return nil, &model.Error{Message: fmt.Sprintf("the server has no output %q", named), Hint: "it answers " + outputList(all)}
	case len(found) > 1:
		return nil, &model.Error{Message: fmt.Sprintf("the server has several outputs that may be %s: %s", what, outputList(all)), Hint: fmt.Sprintf("name the one: `%s`", setting)}
	case len(found) == 0:
		return nil, nil
	}
	return found[0], nil
}
