package guess

import (
	"fmt"
	"slices"
	"strings"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/predict"
)

// findLabel looks for the true answer, and with it for the task.
func (d *Draft) findLabel() {
	c := d.Input.Data.column(d.Input.Label)
	if c == nil {
		c = d.guessLabel()
	}
	if c == nil {
		return
	}
	if d.Input.Label != "" {
		d.Label = said(c.Name, "")
	}
	d.rows = c.Rows - c.Nulls
	if c.Nulls > 0 {
		d.Unlabelled = said("drop", plural(c.Nulls, "row has", "rows have")+" no label and cannot be judged; error would stop the run instead")
	}
	d.findTask(c)
	if d.Task.Value == "binary" {
		d.findPositive(c)
	}
}

// guessLabel is the best column for the label; nil if there is none, or two are
// as good.
func (d *Draft) guessLabel() *Column {
	data := &d.Input.Data
	var best []*Column
	rank, why := 0, ""
	for i := range data.Columns {
		c := &data.Columns[i]
		switch r, w := d.labelRank(c, i == d.lastColumn()); {
		case r == 0 || r < rank:
		case r > rank:
			best, rank, why = []*Column{c}, r, w
		default:
			best = append(best, c)
		}
	}
	if rank == byValues {
		best = append(best, d.rivals()...)
	}
	switch len(best) {
	case 1:
		d.Label = said(best[0].Name, why)
		return best[0]
	case 0:
		d.missing("the label", "no column of "+data.Path+" is named like one; it has "+quoteList(data.names(), 20), "--label COLUMN names the column with the true answer")
		return nil
	}
	names := make([]string, len(best))
	for i, c := range best {
		names[i] = c.Name
	}
	d.missing("the label", "it may be any of "+quoteList(names, 10), "--label COLUMN names the column with the true answer")
	return nil
}

// byValues is the rank of a column that has the values of the answers.
const byValues = 6

// rivals are columns that are named as labels or outcomes and have two values
// that are not those of the answers. Answers of 0 and 1 say little: every flag
// has these values, and a label of Yes and No may be meant.
func (d *Draft) rivals() []*Column {
	if !inferred(d.answerValues()) {
		return nil
	}
	var list []*Column
	for i := range d.Input.Data.Columns {
		c := &d.Input.Data.Columns[i]
		w := words(c.Name)
		if !c.Many && len(c.Values) == 2 && !covers(c.classes(), d.answerValues()) && (labelNames[plainName(c.Name)] || any1(w, labelWords) || any1(w, outcomes)) {
			list = append(list, c)
		}
	}
	return list
}

// lastColumn is the last one that is not named like answers, which are often
// added behind the label.
func (d *Draft) lastColumn() int {
	columns := d.Input.Data.Columns
	for i := len(columns) - 1; i > 0; i-- {
		if w := words(columns[i].Name); !any1(w, answerWords) && !any1(w, scoreWords) {
			return i
		}
	}
	return 0
}

// namesake is a column of answers that is named after a column of the data, as
// churn_probability is after Churn; "" if there is none.
func (d *Draft) namesake(name string) string {
	want := words(name)
	after := func(t *Table) string {
		for _, c := range t.Columns {
			have := words(c.Name)
			if any1(have, answerWords) || t != &d.Input.Data && any1(have, scoreWords) {
				rest := slices.DeleteFunc(have, func(w string) bool { return answerWords[w] || scoreWords[w] })
				if len(rest) > 0 && slices.Equal(rest, want) {
					return c.Name
				}
			}
		}
		return ""
	}
	for _, f := range d.files() {
		if found := after(f.Table); found != "" {
			return found
		}
	}
	return after(&d.Input.Data)
}

func (t *Table) names() []string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return names
}

// labelRank says how much a column looks like the label, and why; 0: not at all.
func (d *Draft) labelRank(c *Column, last bool) (int, string) {
	w := words(c.Name)
	answers := d.answerValues()
	two := !c.Many && len(c.Values) == 2
	fits := len(answers) > 0 && !c.Many && covers(c.classes(), answers)
	switch {
	case c.Twin != "" || c.Kind == dataset.Other || c.Kind == dataset.Time || c.Nulls == c.Rows || c.Name == d.ID.Value:
		return 0, ""
	case any1(w, answerWords) || any1(w, scoreWords) && !any1(w, labelWords):
		return 0, ""
	case !c.Many && len(c.Values) < 2 && !labelNames[plainName(c.Name)] || c.Kind == dataset.Text && c.Many:
		return 0, ""
	case len(answers) > 0 && !c.Many && !fits && (two || !c.number() && len(c.Values) > 1): // the models answer with other words
		if labelNames[plainName(c.Name)] {
			return 1, "named as labels are"
		}
		return 0, ""
	case labelNames[plainName(c.Name)]:
		return 9, "named as labels are"
	case any1(w, labelWords):
		return 8, "named as labels are"
	case d.namesake(c.Name) != "":
		return 8, d.namesake(c.Name) + " is named after it"
	case two && any1(w, outcomes):
		return 7, "two values, and named as an outcome"
	case fits && len(c.Values) == len(answers):
		return byValues, "its values are those that the models answer with, and no other column's are"
	case two && last:
		return 5, "two values, and the last column, where labels often stand"
	case c.number() && last && any1(w, amounts):
		return 4, "a number that is often predicted, and the last column"
	}
	return 0, ""
}

// answerValues are the different answers in the files of predictions and in
// columns of the data, where it is plain which have them and they are classes.
func (d *Draft) answerValues() []string {
	var all []string
	for _, t := range d.files() {
		for k := range t.Columns {
			c := &t.Columns[k]
			if c.Many || len(c.Values) < 2 || c.number() && !c.Whole || c.Name == d.ID.Value {
				continue // numbers with fractions are scores, be they right or wrong
			}
			if c.Name == t.stated.Prediction || t.stated.Prediction == "" && (any1(words(c.Name), answerWords) || len(t.Columns) == 2) {
				all = append(all, c.classes()...)
			}
		}
	}
	for i := range d.Input.Data.Columns {
		if c := &d.Input.Data.Columns[i]; any1(words(c.Name), answerWords) && !c.Many && len(c.Values) > 1 && !c.probability() {
			all = append(all, c.classes()...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// covers says whether each answer is one of the classes, as predictions are
// read: 0 and 1 stand for false and true.
func covers(classes, answers []string) bool {
	known := predict.Classes{Names: classes}
	for _, a := range answers {
		if known.Index(a) < 0 {
			return false
		}
	}
	return len(classes) > 1
}

// mostClasses is the most whole numbers that are taken for classes.
const mostClasses = 20

// findTask tells classes from amounts.
func (d *Draft) findTask(c *Column) {
	if d.Input.Task != "" {
		d.Task = said(d.Input.Task, "")
		return
	}
	n := len(c.Values)
	switch {
	case !c.Many && n == 1:
		d.missing("the task", fmt.Sprintf("every label in %s is %q, and models can be told apart only where there are two", c.Name, c.Values[0].Text), "add rows of the other class, or name another column with --label")
	case !c.Many && n == 2:
		d.Task = said("binary", c.Name+" has two values: "+shares(c))
	case c.number() && (c.Many || !c.Whole || n > mostClasses || d.fractions()):
		d.Task = said("regression", c.Name+" is "+amount(c)+"; for classes write multiclass")
	case !c.Many && (c.number() || n <= 100):
		d.Task = said("multiclass", fmt.Sprintf("%s has %d values%s", c.Name, n, orAmount(c)))
	default:
		d.missing("the task", fmt.Sprintf("%s has too many values for classes, and they are no numbers", c.Name), "--label COLUMN names another column, --task multiclass takes them for classes all the same")
	}
}

func amount(c *Column) string {
	if c.Many {
		return "a number with many values"
	}
	return fmt.Sprintf("a number with %d values", len(c.Values))
}

func orAmount(c *Column) string {
	if c.number() {
		return "; for an amount write regression"
	}
	return ""
}

// shares are the two values with their share of rows.
func shares(c *Column) string {
	total := float64(c.Rows - c.Nulls)
	var parts []string
	for _, v := range c.Values {
		parts = append(parts, fmt.Sprintf("%s (%.3g%%)", v.Text, 100*float64(v.Rows)/total))
	}
	return strings.Join(parts, " and ")
}

// fractions says whether the models answer with numbers that have fractions
// and are no probabilities.
func (d *Draft) fractions() bool {
	for _, t := range d.files() {
		for i := range t.Columns {
			if c := &t.Columns[i]; c.number() && !c.Whole && !c.probability() && any1(words(c.Name), answerWords) {
				return true
			}
		}
	}
	return false
}

// findPositive tells which of two classes counts as positive.
func (d *Draft) findPositive(c *Column) {
	names := c.classes()
	if len(names) != 2 {
		return // that the labels do not suit the task is told by the check
	}
	d.positives = min(c.Values[0].Rows, c.Values[1].Rows)
	if d.Input.Positive != "" {
		d.Positive = said(d.Input.Positive, "")
		return
	}
	rare, common := names[1], names[0]
	a, b := plainValue(rare), plainValue(common)
	switch {
	case inferred(names):
		slices.Sort(names)
		d.Positive = said(names[1], "")
	case positives[a] && negatives[b]:
		d.Positive = said(rare, "the one that says yes; the other is "+common)
	case positives[b] && negatives[a]:
		d.Positive = said(common, "the one that says yes; the other is "+rare)
	case strings.HasPrefix(a, ">") && strings.HasPrefix(b, "<"):
		d.Positive = said(rare, "the upper one; the other is "+common)
	case strings.HasPrefix(b, ">") && strings.HasPrefix(a, "<"):
		d.Positive = said(common, "the upper one; the other is "+rare)
	case c.Values[0].Rows == c.Values[1].Rows:
		d.Positive = said(rare, "neither says yes by itself, so it may as well be "+common)
	default:
		d.Positive = said(rare, "the rarer of the two, which is what one mostly looks for; the other is "+common)
	}
}

func plainValue(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// inferred says whether two classes show by themselves which is positive.
func inferred(names []string) bool {
	sorted := slices.Sorted(slices.Values(names))
	for _, known := range [][]string{{"0", "1"}, {"-1", "1"}, {"false", "true"}} {
		if slices.Equal(sorted, known) {
			return true
		}
	}
	return false
}
