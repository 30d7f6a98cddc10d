package spec

import (
	"fmt"
	"slices"
)

// role is a column with a job.
type role struct{ key, column string }

// judgeRoles refuses one column in two jobs that cannot be the same: a label
// that is also the weight would pass every check that looks at one of them.
func (d *decoder) judgeRoles(n *node) {
	e := d.spec.Eval
	label, weight := role{"label", e.Label}, role{"weight", e.Weight}
	for _, pair := range [][2]role{
		{label, {"id", e.ID}}, {label, weight}, {label, {"time", e.Time}}, {label, {"group", e.Group}},
		{weight, {"id", e.ID}}, {weight, {"time", e.Time}}, {weight, {"group", e.Group}},
	} {
		a, b := pair[0], pair[1]
		if a.column == "" || a.column != b.column {
			continue
		}
		d.report(n, b.key, "%s and %s are the same column %s: each needs its own", a.key, b.key, quote(n.field(b.key).text))
	}
}

func (d *decoder) judgeFeatures(n *node) {
	d.judgeDistinct(n.field("features"), "features")
	features := n.field("features")
	if features == nil || d.spec.Eval.Label == "" {
		return
	}
	for _, item := range features.items {
		if text, ok := d.text(item, "features"); ok && text == d.spec.Eval.Label {
			d.r.report(item.at, "features lists the label: a model that is given the answer proves nothing")
		}
	}
}

// judgeDistinct reports the items of a list that were there before.
func (d *decoder) judgeDistinct(n *node, name string) {
	if n == nil {
		return
	}
	seen := map[string]bool{}
	for _, item := range n.items {
		text, ok := d.text(item, name)
		if ok && seen[text] {
			d.r.report(item.at, fmt.Sprintf("%s lists %s twice", name, quote(item.text)))
		}
		seen[text] = true
	}
}

// judgeClasses checks positive and classes against the task and each other.
func (d *decoder) judgeClasses(n *node) {
	task, e := d.spec.Task, d.spec.Eval
	if task == "" {
		return
	}
	if task != Binary {
		d.report(n, "positive", "positive is for binary; this task is %s", task)
	}
	if task == Regression {
		d.report(n, "classes", "classes is for binary and multiclass; this task is regression")
		return
	}
	d.judgeDistinct(n.field("classes"), "classes")
	if list := n.field("classes"); task != Binary || list == nil || len(list.items) != len(e.Classes) {
		return
	}
	switch {
	case len(e.Classes) != 2:
		d.report(n, "classes", "binary has exactly 2 classes, not %d: for more, the task is multiclass", len(e.Classes))
	case e.Positive != nil && !slices.Contains(e.Classes, *e.Positive):
		d.report(n, "positive", "positive is %s, which is none of the classes", quote(n.field("positive").text))
	case !n.has("positive") && !inferable(e.Classes):
		d.report(n, "classes", "positive is missing: which of the two classes is positive is inferred only for 0 and 1, -1 and 1, and booleans")
	}
}

// inferable reports whether two classes show by themselves which is positive.
func inferable(classes []string) bool {
	sorted := slices.Sorted(slices.Values(classes))
	for _, known := range [][]string{{"0", "1"}, {"-1", "1"}, {"false", "true"}, {"False", "True"}, {"FALSE", "TRUE"}} {
		if slices.Equal(sorted, known) {
			return true
		}
	}
	return false
}

// judgeTask checks that a model's answers are of the kind that the task asks for.
func (d *decoder) judgeTask(role string, n, p *node) {
	switch d.spec.Task {
	case Binary:
		d.report(p, "scores", "scores is for multiclass: for binary write score, the column with the probability of the positive class")
		if n.field("threshold") != nil && !p.has("score") {
			d.report(n, "threshold", "threshold needs a score to compare with it: add score to predictions")
		}
	case Multiclass:
		d.report(p, "score", "score is for binary: for multiclass write scores, a column for every class")
		d.report(n, "threshold", "threshold is for binary; this task is multiclass")
	case Regression:
		d.report(p, "score", "score is for binary: for regression the predicted number is label")
		d.report(p, "scores", "scores is for multiclass: for regression the predicted number is label")
		d.report(n, "threshold", "threshold is for binary; this task is regression")
	}
}

// judgeLiveTask checks that the threshold of a model that runs has a use.
func (d *decoder) judgeLiveTask(n *node) {
	if t := d.spec.Task; t != Binary && t != "" {
		d.report(n, "threshold", "threshold is for binary; this task is %s", t)
	}
}

// judgeSource checks that rows can be paired with a file of predictions.
func (d *decoder) judgeSource(n, p *node) {
	if !p.has("path") {
		d.report(p, "id", "id is the key of a file of predictions: without path the columns are in the evaluation set, already in their rows")
		return
	}
	if p.field("path") != nil && !d.eval.has("id") {
		d.report(p, "path", "predictions in a file of their own need data.eval.id: rows can only be paired by an id")
	}
}

// judgeColumns checks that a model's columns differ from each other and, when
// they are in the evaluation set, from the true answer.
func (d *decoder) judgeColumns(p *node, m *Model) {
	seen := map[string]string{}
	claim := func(at place, key, column, written string) {
		if column == "" {
			return
		}
		if first, ok := seen[column]; ok {
			d.r.report(at, fmt.Sprintf("%s and %s are the same column %s: each needs its own", first, key, quote(written)))
			return
		}
		seen[column] = key
		if !p.has("path") && column == d.spec.Eval.Label {
			d.r.report(at, fmt.Sprintf("%s is the column of the true answer: predictions need a column of their own", key))
		}
	}
	for _, one := range []role{{"id", m.ID}, {"label", m.Label}, {"score", m.Score}} {
		if n := p.field(one.key); n != nil {
			claim(n.at, one.key, one.column, n.text)
		}
	}
	scores := p.field("scores")
	if scores == nil {
		return
	}
	for i, e := range scores.entries {
		claim(e.placeOf(), "scores."+e.key, m.Scores[i].Column, e.value.text)
		if classes := d.spec.Eval.Classes; classes != nil && !slices.Contains(classes, e.key) {
			d.r.report(e.at, fmt.Sprintf("scores names the class %s, which data.eval.classes does not list", quote(e.key)))
		}
	}
}

// judgeSame refuses a model that is compared with itself. No other check would
// notice: nothing ever changes, so everything passes.
func (d *decoder) judgeSame() {
	c, b := d.spec.Candidate, d.spec.Baseline
	if c == nil || b == nil || !d.root.field("candidate").sound() || !d.root.field("baseline").sound() {
		return
	}
	if c.Live != nil || b.Live != nil {
		d.judgeSameLive(c, b)
		return
	}
	same := c.Path == b.Path && d.idOf(c) == d.idOf(b) && c.Label == b.Label && c.Score == b.Score &&
		sameScores(c.Scores, b.Scores) && sameThreshold(c, b)
	if same {
		e := d.root.entry("baseline")
		d.r.hint(e.at, "the candidate and the baseline are the same predictions: a model compared with itself always passes",
			"name the file or the columns of the model that is in use now")
	}
}

func (d *decoder) judgeSameLive(c, b *Model) {
	if c.Live == nil || b.Live == nil || !sameThreshold(c, b) || !c.Live.same(b.Live) {
		return
	}
	d.r.hint(d.root.entry("baseline").at, "the candidate and the baseline are the same model: a model compared with itself always passes",
		"name the model that is in use now")
}

func (d *decoder) idOf(m *Model) string {
	if m.ID == "" && m.Path != "" {
		return d.spec.Eval.ID
	}
	return m.ID
}

// sameScores compares columns by class, in whatever order they are written.
func sameScores(a, b []ClassColumn) bool {
	if len(a) != len(b) {
		return false
	}
	for _, c := range a {
		if !slices.Contains(b, c) {
			return false
		}
	}
	return true
}

// sameThreshold compares what thresholds do: without a label, none means 0.5.
func sameThreshold(a, b *Model) bool {
	x, y := effective(a), effective(b)
	if x == nil || y == nil {
		return x == y
	}
	return *x == *y
}

func effective(m *Model) *float64 {
	if m.Threshold == nil && m.Label == "" && m.Score != "" {
		return bound(0.5)
	}
	return m.Threshold
}
