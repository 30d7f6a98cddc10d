package gate

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/spec"
)

// resolveLabels learns the classes, and holds the rules to them.
func (p *plan) resolveLabels(ctx context.Context) error {
	if err := p.resolveClasses(ctx); err != nil || p.classes == nil {
		return err
	}
	p.resolveClassRules()
	if len(p.problems) > 0 {
		return p.problems
	}
	return nil
}

// resolveClasses learns the classes from the labels, and what to do with rows
// that have none.
func (p *plan) resolveClasses(ctx context.Context) error {
	if p.spec.Task == spec.Regression {
		return p.countUnlabelled(ctx)
	}
	values, err := p.source.Values(ctx, p.label.Name, predict.MaxClasses+2)
	if err != nil {
		return err
	}
	var names []string
	for _, v := range values {
		if v.Null {
			p.unlabelled = v.Rows
			continue
		}
		if f, err := strconv.ParseFloat(v.Text, 64); p.label.Kind == dataset.Float && err == nil && (math.IsNaN(f) || math.IsInf(f, 0)) {
			p.problem("data.eval.label", "a missing label is null: an empty field of CSV, a null of Parquet", "%s %s for a label in column %q",
				predict.Count(v.Rows, "row has", "rows have"), v.Text, p.label.Name)
			continue
		}
		names = append(names, predict.Canonical(v.Text, p.label.Kind))
	}
	if len(p.problems) > 0 {
		return p.problems
	}
	const at = "data.eval.label"
	switch {
	case len(names) == 0:
		p.problem(at, "an evaluation needs the true labels", "every row of column %q is empty", p.label.Name)
	case len(names) > predict.MaxClasses:
		p.problem(at, "is it an id, or a number to be predicted (task: regression)?", "column %q has more than %d values: too many for classes", p.label.Name, predict.MaxClasses)
	case p.unlabelled > 0 && p.spec.Eval.Unlabelled != spec.UnlabelledDrop:
		p.problem(at, "label them, or leave them out with `unlabelled: drop` under data.eval", "%s", predict.Count(p.unlabelled, "row has", "rows have")+fmt.Sprintf(" no label in column %q", p.label.Name))
	case p.spec.Task == spec.Binary:
		p.binaryClasses(names)
	default:
		p.multiclassClasses(names)
	}
	if len(p.problems) > 0 {
		return p.problems
	}
	return nil
}

// resolveClassRules refuses rules about classes that there are not.
func (p *plan) resolveClassRules() {
	whole, sliced := p.allRules()
	reported := map[string]bool{} // rules that several slices share
	for _, r := range slices.Concat(whole, sliced) {
		if r.Class == "" || reported[r.At] || p.classes.Index(p.canonical(r.Class)) >= 0 {
			continue
		}
		reported[r.At] = true
		p.unknownClass(r.At+".class", r.Class)
	}
	p.resolveCosts()
}

func (p *plan) unknownClass(at, name string) {
	hint := "the classes are " + quoteAll(p.classes.Names, 20)
	if near := spec.Nearest(name, p.classes.Names); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	p.problem(at, hint, "%q is not a class of column %q", name, p.label.Name)
}

// countUnlabelled counts the rows of a regression that are left out. Those that
// may not be are found by the scan, with their ids.
func (p *plan) countUnlabelled(ctx context.Context) (err error) {
	if p.spec.Eval.Unlabelled == spec.UnlabelledDrop {
		p.unlabelled, err = p.source.Nulls(ctx, p.label.Name)
	}
	return err
}

// sortClasses orders numbers as numbers and the rest as text.
func sortClasses(names []string) []string {
	sorted := slices.Clone(names)
	slices.SortFunc(sorted, func(a, b string) int {
		x, errX := strconv.ParseFloat(a, 64)
		y, errY := strconv.ParseFloat(b, 64)
		if errX == nil && errY == nil && x != y {
			if x < y {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	return sorted
}

// canonical is a class that the spec names, in the form that the labels have.
func (p *plan) canonical(name string) string {
	if p.label.Kind == dataset.Integer || p.label.Kind == dataset.Wide {
		if f, err := strconv.ParseFloat(name, 64); err == nil && f == float64(int64(f)) && strings.ContainsAny(name, ".eE") {
			return strconv.FormatInt(int64(f), 10)
		}
	}
	if p.label.Kind == dataset.Bool {
		return strings.ToLower(name)
	}
	return predict.Canonical(name, p.label.Kind)
}

// inferred are the pairs of label values whose positive one is plain.
var inferred = [][2]string{{"0", "1"}, {"-1", "1"}, {"false", "true"}}

// binaryClasses finds the negative and the positive class. One of them may be
// missing from the labels.
func (p *plan) binaryClasses(names []string) {
	if len(names) > 2 {
		p.problem("data.eval.label", "write task: multiclass, or add a column that says which rows are positive",
			"a binary task has two label values, and column %q has %s", p.label.Name, quoteAll(sortClasses(names), 5))
		return
	}
	all := slices.Clone(names)
	for _, c := range p.spec.Eval.Classes {
		if c = p.canonical(c); !slices.Contains(all, c) {
			all = append(all, c)
		}
	}
	if len(all) > 2 {
		p.problem("data.eval.classes", "", "the labels hold %s, which are not these classes", quoteAll(sortClasses(names), 5))
		return
	}
	positive, negative := p.positiveOf(all)
	if positive == "" {
		return
	}
	p.classes = &predict.Classes{Names: []string{negative, positive}}
	p.wantBothClasses(names)
}

func (p *plan) positiveOf(names []string) (positive, negative string) {
	if p.spec.Eval.Positive == nil {
		for _, pair := range inferred {
			if isSubset(names, pair[:]) {
				return pair[1], pair[0]
			}
		}
		p.problem("data.eval.label", fmt.Sprintf("under data.eval, add `positive:` with one of %s", quoteAll(sortClasses(names), 5)),
			"which label of column %q counts as positive?", p.label.Name)
		return "", ""
	}
	positive = p.canonical(*p.spec.Eval.Positive)
	if len(names) == 2 && !slices.Contains(names, positive) {
		hint := ""
		if near := spec.Nearest(positive, names); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		p.problem("data.eval.positive", hint, "no row has the label %q: column %q has %s", positive, p.label.Name, quoteAll(sortClasses(names), 5))
		return "", ""
	}
	for _, n := range names {
		if n != positive {
			return positive, n
		}
	}
	for _, pair := range inferred {
		if i := slices.Index(pair[:], positive); i >= 0 {
			return positive, pair[1-i]
		}
	}
	p.problem("data.eval.label", "add `classes: [negative, positive]` under data.eval to name both",
		"every row has the label %q: the name of the other class cannot be told", positive)
	return "", ""
}

func isSubset(a, b []string) bool {
	for _, x := range a {
		if !slices.Contains(b, x) {
			return false
		}
	}
	return true
}

// wantBothClasses refuses metrics of the whole set that have no value when all
// labels are alike.
func (p *plan) wantBothClasses(names []string) {
	if len(names) > 1 {
		return
	}
	for _, r := range p.spec.Metrics {
		if r.Metric == "roc_auc" {
			p.problem(r.At, "add rows of the other class, or remove this check",
				"%s cannot be had: every label is %q, and it compares positive rows with negative ones", r.Metric, names[0])
		}
	}
}

// multiclassClasses is every class that the labels, the spec or the columns of
// probabilities name. Probabilities must cover all labels.
func (p *plan) multiclassClasses(names []string) {
	var all []string
	add := func(class string) {
		if !slices.Contains(all, class) {
			all = append(all, class)
		}
	}
	for _, c := range p.spec.Eval.Classes { // their order counts: it is a scale for weighted kappas
		add(p.canonical(c))
	}
	stated := len(all)
	for _, c := range names {
		add(c)
	}
	for _, m := range p.given {
		for _, s := range m.Scores {
			add(p.canonical(s.Class))
		}
	}
	for _, c := range p.options.Stored.classes() {
		add(p.canonical(c))
	}
	p.classes = &predict.Classes{Names: slices.Concat(all[:stated], sortClasses(all[stated:]))}
	for i, m := range p.given {
		p.orderScores(m, &p.models[i])
	}
}

// orderScores puts the columns of probabilities in the order of the classes.
func (p *plan) orderScores(m namedModel, c *predict.Columns) {
	if len(m.Scores) == 0 {
		return
	}
	byClass := make([]string, len(p.classes.Names))
	for i, s := range m.Scores {
		byClass[slices.Index(p.classes.Names, p.canonical(s.Class))] = c.Scores[i]
	}
	var lacking []string
	for i, column := range byClass {
		if column == "" {
			lacking = append(lacking, p.classes.Names[i])
		}
	}
	if len(lacking) > 0 && m.stored != nil {
		p.problem(m.at, m.stored.hint(), "the %s was accepted without probabilities for the class %s", m.stored.role(), quoteAll(lacking, 5))
	} else if len(lacking) > 0 {
		p.problem(m.at+".scores", "name a column for each label value", "no column of probabilities for the class %s", quoteAll(lacking, 5))
	}
	c.Scores = byClass
}

func quoteAll(names []string, most int) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = strconv.Quote(n)
	}
	return shorten(quoted, most)
}
