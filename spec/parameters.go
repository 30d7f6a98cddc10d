package spec

import (
	"fmt"
	"slices"
)

// parameter is a setting of a rule that only some metrics take.
type parameter struct {
	name    string
	shape   *shape
	example string // what stands in a rule that lacks it; "" where there is a default
}

// confidences are what a calibration can be of.
const (
	ofPositive = "positive"
	ofTop      = "top"
)

// parameters are all of them, in the order in which editors list them.
func parameters() []parameter {
	whole := func(most float64, wants, doc string) *shape {
		return &shape{kind: numberShape, whole: true, low: bound(1), high: bound(most), wants: wants, doc: doc}
	}
	return []parameter{
		{name: "above", shape: &shape{kind: numberShape, low: bound(0), lowOpen: true, high: bound(1), highOpen: true, wants: "a confidence between 0 and 1 such as 0.9",
			doc: "high_confidence_error_rate: the confidence from which an error counts. Default: 0.9."}},
		{name: "class", example: "NAME", shape: value("Multiclass: the label value that counts as positive, against all others, for metrics such as recall.")},
		{name: "beta", example: "2", shape: &shape{kind: numberShape, low: bound(0), lowOpen: true, high: bound(1e6), wants: "a number above 0 such as 2",
			doc: "f_beta: how many times as much recall counts as precision."}},
		{name: "k", example: "3", shape: whole(1000, "a whole number of at least 1 such as 3", "top_k_accuracy: among how many of the most probable classes the true one must be.")},
		{name: "bins", shape: whole(100, "a whole number from 1 to 100 such as 15", "ece and max_calibration_error: the number of bins of equal width. Default: 10.")},
		{name: "confidence", shape: &shape{kind: enumShape, wants: "positive or top", names: []name{{ofPositive, ""}, {ofTop, ""}},
			doc: "ece and max_calibration_error: of the positive class (binary, the default there) or of the predicted class (top)."}},
		{name: "quantile", example: "0.9", shape: &shape{kind: numberShape, low: bound(0), lowOpen: true, high: bound(1), highOpen: true, wants: "a quantile between 0 and 1 such as 0.9",
			doc: "pinball: the quantile that the models predict."}},
	}
}

func parameterNamed(name string) parameter {
	all := parameters()
	return all[slices.IndexFunc(all, func(p parameter) bool { return p.name == name })]
}

func parameterFields() []field {
	var out []field
	for _, p := range parameters() {
		out = append(out, field{name: p.name, shape: p.shape})
	}
	return out
}

// parameters reads the parameters that a rule gives, and the defaults of the
// others. A rule that lacks one without a default cannot be used.
func (d *decoder) parameters(e *entry, info MetricInfo, r *Rule) {
	n := e.value
	r.setParameters(info, d.spec.Task)
	for _, p := range parameters() {
		v := n.field(p.name)
		switch {
		case v == nil:
			if !n.has(p.name) && p.example != "" && d.wants(info, p.name) {
				d.lacks(e, info, p)
			}
		case !info.takes(p.name):
			d.r.report(n.entry(p.name).at, fmt.Sprintf("%s takes no %s: remove it", info.Name, p.name))
		default:
			d.parameter(n, v, p.name, r)
		}
	}
}

// wants reports whether a metric needs a parameter: the class only where there
// are more than two.
func (d *decoder) wants(info MetricInfo, parameter string) bool {
	return info.takes(parameter) && (parameter != "class" || d.spec.Task == Multiclass)
}

// wantsAny names a parameter that a metric needs, or is "".
func (d *decoder) wantsAny(info MetricInfo) string {
	for _, p := range parameters() {
		if p.example != "" && d.wants(info, p.name) {
			return p.name
		}
	}
	return ""
}

func (d *decoder) lacks(e *entry, info MetricInfo, p parameter) {
	hint := fmt.Sprintf("for example {%s: %s, %s", p.name, p.example, exampleLimits(info)[1:])
	if p.name == "class" {
		hint = fmt.Sprintf("for example %s_of_NAME: {metric: %s, class: NAME, %s", info.Name, info.Name, exampleLimits(info)[1:])
		if _, ok := d.info(info.Name + "_macro"); ok {
			hint += fmt.Sprintf("; %s_macro is over all classes", info.Name)
		}
	}
	what := map[string]string{
		"class": "of one class: say which with class",
		"beta":  "nothing without beta: say how many times as much recall counts as precision",
		"k":     "nothing without k: say among how many of the most probable classes the true one must be",

		"quantile": "nothing without quantile: say which one the models predict",
	}[p.name]
	d.r.hint(e.at, info.Name+" is "+what, hint)
}

// parameter reads the value of one parameter.
func (d *decoder) parameter(n, v *node, name string, r *Rule) {
	number, _ := v.number()
	switch name {
	case "above":
		if d.spec.Task == Binary && number < 0.5 {
			d.report(n, "above", "above is %s: in binary the confidence of an answer is never below 0.5", v.text)
		}
		r.Above = &number
	case "beta":
		r.Beta = number
	case "quantile":
		r.Quantile = number
	case "k":
		r.K = int(number)
	case "bins":
		r.Bins = int(number)
	case "confidence":
		if r.Confidence = v.text; d.spec.Task == Multiclass && v.text == ofPositive {
			d.report(n, name, "confidence is positive: in multiclass no class is, and it is of the predicted class (top)")
		}
	case "class":
		if d.spec.Task == Binary {
			d.report(n, name, "class is for multiclass: in binary, positive under data.eval says which class counts")
		}
		r.Class, _ = d.text(v, name)
	}
}

// setParameters sets the parameters that have defaults.
func (r *Rule) setParameters(info MetricInfo, task Task) {
	if info.takes("above") && r.Above == nil {
		r.Above = bound(confidentAbove)
	}
	if info.takes("bins") && r.Bins == 0 {
		r.Bins = calibrationBins
	}
	if info.takes("confidence") && r.Confidence == "" {
		r.Confidence = ofPositive
		if task == Multiclass {
			r.Confidence = ofTop
		}
	}
}
