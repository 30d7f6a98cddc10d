package spec

import (
	"crypto/sha256"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Cost is what each row is worth, by its true and its predicted class.
type Cost []CostCell

// CostCell is one kind of row: a number, or the value of a column.
type CostCell struct {
	// Outcome is tp, fp, fn or tn in a binary task, else ""; the classes are
	// those of multiclass tasks, as written.
	Outcome         string
	True, Predicted string
	Value           float64 // where Column is ""
	Column          string
	Negative        bool   // minus the column's value
	At              string // path of the cell in the spec, for Problem
}

// mostCells is the most cells that a result lists.
const mostCells = 12

// String is the cost as results say it: equal costs are equal texts. Of many
// cells it has the first, and a digest of all.
func (c Cost) String() string {
	parts := c.cells()
	text := strings.Join(parts, ", ")
	if more := len(parts) - mostCells; more > 0 {
		return fmt.Sprintf("%s and %d more, sha256 %x", strings.Join(parts[:mostCells], ", "), more, sha256.Sum256([]byte(text)))
	}
	return text
}

func (c Cost) cells() []string {
	parts := make([]string, len(c))
	for i, cell := range c {
		value := fmt.Sprint(cell.Value)
		if cell.Column != "" {
			value = cell.Column
		}
		if cell.Negative {
			value = "-" + value
		}
		name := cell.Outcome
		if name == "" {
			name = fmt.Sprintf("%q as %q", cell.True, cell.Predicted)
		}
		parts[i] = name + " " + value
	}
	return parts
}

// outcomes are the cells of a binary task.
var outcomes = []string{"tp", "fp", "fn", "tn"}

func costShape() *shape {
	cell := func(doc string) *shape {
		return &shape{kind: textShape, wants: "a number, or the name of a column such as amount or -amount", doc: doc}
	}
	return &shape{kind: mapShape, atLeast: 1, wants: "a map such as {tp: 100, fp: -900, fn: 0, tn: 0}",
		keyPattern: freePattern, keyWants: "an outcome or a class: text without control characters",
		doc: "A metric of your own: what a row is worth on average, by outcome ({tp, fp, fn, tn}) or by true and predicted class ({cat: {dog: -5}}); a number, or a column with a minus before it or not.",
		elem: &shape{kind: oneOfShape, wants: "a number, a column, or a map of predicted classes", either: []*shape{
			cell("What a row of this outcome is worth: a number, or the name of a column."),
			{kind: mapShape, wants: "a map of predicted classes to numbers or columns", keyPattern: freePattern, keyWants: "a class: text without control characters",
				doc: "What a row of this true class is worth, by predicted class.", elem: cell("What such a row is worth: a number, or the name of a column.")},
		}}}
}

// costRule reads a rule whose metric is what rows are worth. Which way is
// better follows from the limit: value must not drop, expense must not rise.
func (d *decoder) costRule(e *entry, s scope) (Rule, bool) {
	n := e.value
	info := MetricInfo{Name: e.key, Better: betterOf(n)}
	_, taken := d.info(e.key)
	switch {
	case n.entry("metric") != nil:
		d.r.report(n.entry("metric").at, "metric and cost are two metrics: a rule has one")
		return Rule{}, false
	case taken:
		d.r.report(e.at, fmt.Sprintf("%s is a metric of noworse: give the one with cost another name", e.key))
		return Rule{}, false
	case d.spec.Task == Regression:
		d.r.report(n.entry("cost").at, "cost is for binary and multiclass; this task is regression")
		return Rule{}, false
	case info.Better == "":
		d.r.hint(e.at, fmt.Sprintf("which way is %s better?", e.key), "write max_drop if more is better, max_rise if less is; not both")
		return Rule{}, false
	case !n.hasAny(limitKeys):
		d.r.report(e.at, fmt.Sprintf("%s needs a limit: max_drop if more is better, max_rise if less is, or min or max", e.key))
		return Rule{}, false
	}
	r := Rule{Key: e.key, Metric: costMetric, At: s.path(e.key)}
	cost, ok := d.cost(n.field("cost"), append(slices.Clone(s.at), e.key, "cost"))
	r.Cost = cost
	return r, d.longRule(e, info, s, &r) && ok
}

// costMetric is the name under which results have such metrics.
const costMetric = "cost"

func (d *decoder) cost(n *node, at []string) (Cost, bool) {
	if n == nil {
		return nil, false
	}
	if d.spec.Task == Binary {
		return d.outcomeCost(n, at)
	}
	var out Cost
	sound := true
	for _, row := range n.entries {
		if row.value.kind != mapNode {
			d.r.hint(row.at, fmt.Sprintf("cost in multiclass goes by true and then by predicted class: %s wants a map", quote(row.key)), "for example {cat: {dog: -5}}")
			sound = false
			continue
		}
		for _, e := range row.value.entries {
			cell, ok := d.costCell(e, append(slices.Clone(at), row.key))
			cell.True, cell.Predicted = row.key, e.key
			out, sound = append(out, cell), sound && ok
		}
	}
	return out, sound
}

// outcomeCost reads the four cells of a binary task, in an order of their own.
func (d *decoder) outcomeCost(n *node, at []string) (Cost, bool) {
	sound := true
	for _, e := range n.entries {
		if !slices.Contains(outcomes, e.key) {
			d.r.hint(e.at, "cost in binary has tp, fp, fn and tn, not "+quote(e.key), "true positives, false positives, false negatives, true negatives")
			sound = false
		} else if e.value.kind == mapNode {
			d.r.report(e.at, e.key+" wants a number or a column, not a map")
			sound = false
		}
	}
	if !sound {
		return nil, false
	}
	var out Cost
	for _, name := range outcomes {
		e := n.entry(name)
		if e == nil {
			d.r.hint(n.at, "cost lacks "+name, fmt.Sprintf("write %s: 0 if such rows are worth nothing", name))
			sound = false
			continue
		}
		cell, ok := d.costCell(e, at)
		cell.Outcome = name
		out, sound = append(out, cell), sound && ok
	}
	return out, sound
}

// costCell reads a number, or a column that a minus may stand before.
func (d *decoder) costCell(e *entry, at []string) (CostCell, bool) {
	cell := CostCell{At: At(append(slices.Clone(at), e.key)...)}
	if v, ok := e.value.number(); ok {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			d.r.report(e.placeOf(), fmt.Sprintf("%s wants a finite number, not %s", e.key, e.value.text))
			return cell, false
		}
		cell.Value = v + 0 // -0 becomes 0
		return cell, true
	}
	text, ok := d.text(e.value, e.key)
	cell.Column, cell.Negative = strings.CutPrefix(text, "-")
	if cell.Column == "" && ok {
		d.r.report(e.placeOf(), e.key+" names no column after the minus")
	}
	return cell, ok && cell.Column != ""
}
