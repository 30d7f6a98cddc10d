package spec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Behavior is one thing that the candidate must do, whatever its metrics are:
// answer cases as expected, not be moved by a change, or be moved the right way.
// Exactly one of Cases, Change and Monotone is there.
type Behavior struct {
	Name     string
	At       string // the entry's path in the spec
	Severity Severity
	// Cases are rows with their answers: those of Files, or the one that the spec
	// has itself.
	Cases         []Case
	Files         string   // the pattern of files that Cases come from; "": the spec
	KnownFailures []string // names of cases that are known to fail
	// Rows are those that are changed.
	Rows     Sample
	Change   []Change // all made to a row at once
	Expect   Expect   // of a changed row against the row as it was
	Monotone []Monotone
	Points   int     // of the grid of Monotone
	PassRate float64 // the share of cases or rows that must do as expected
}

// Case is one row and its answer.
type Case struct {
	Name   string
	Given  []Given
	Expect Expect
	Where  string // file:line, for messages
}

// Given is a column's value.
type Given struct {
	Column string
	Value  Literal
}

// Literal is a value as it is written.
type Literal struct {
	Text string
	Null bool
}

// Sample is some rows of the evaluation set.
type Sample struct {
	Where string // SQL condition; "": all rows
	At    string // its path in the spec
	Size  int
}

// ChangeKind is what is done to a value.
type ChangeKind string

// The changes.
const (
	SetTo   ChangeKind = "set"
	Swap    ChangeKind = "values" // to each of the others
	Add     ChangeKind = "add"
	Scale   ChangeKind = "scale"
	Noise   ChangeKind = "noise" // normal, of this standard deviation
	Missing ChangeKind = "missing"
	Typos   ChangeKind = "typos" // so many characters are mistyped
	Letters ChangeKind = "case"
)

var changeKinds = []ChangeKind{SetTo, Swap, Add, Scale, Noise, Missing, Typos, Letters}

// Change is what is done to one column.
type Change struct {
	Column   string
	Kind     ChangeKind
	Values   []Literal // Set: one; Swap
	Amount   float64   // Add, Scale, Noise, Typos
	Relative bool      // Noise: a share of the value
	Letters  string    // Letters: upper, lower or title
	At       string
}

// Monotone says that the score rises, or falls, with a column.
type Monotone struct {
	Column string
	Rising bool
	At     string
}

// Relation is how an answer must lie to another.
type Relation string

// The relations.
const (
	Same      Relation = "same"
	NotLower  Relation = "not_lower"
	NotHigher Relation = "not_higher"
	Rises     Relation = "higher"
	Falls     Relation = "lower"
)

// Expect is what is wanted of an answer. At least one of Label, SameLabel, Score
// and Number is set.
type Expect struct {
	Label     *string // the class, as written
	SameLabel bool
	Score     *Range
	Number    *Range // regression
	At        string
}

// Range is where a score or number must lie: by itself, or against another.
type Range struct {
	Min, Max *float64
	Within   *Margin
	Is       Relation
	Class    string // multiclass: whose probability
}

// What a behavior has unless it says otherwise.
const (
	DefaultSample = 500
	DefaultPoints = 20
)

func behaviorShape() *shape {
	return &shape{kind: listShape, atLeast: 1, wants: "a list of behaviors, such as [{name: good credit, given: {income: 50000}, expect: 1}]",
		doc:  "What the candidate must do, whatever its metrics are. It must be a model that runs.",
		elem: &shape{kind: objectShape, wants: "a map with given, cases, change or monotone", fields: behaviorFields(), atLeastOne: []string{"given", "cases", "change", "monotone"}, without: "this behavior says nothing: add given, cases, change or monotone"}}
}

func behaviorFields() []field {
	return []field{
		{name: "name", shape: &shape{kind: textShape, pattern: freePattern, wants: "a name", doc: "What this behavior is called in reports. Default: made from what it does."}},
		{name: "given", shape: givenShape()},
		{name: "expect", shape: expectShape()},
		{name: "cases", shape: localFile("JSON Lines or CSV files of cases, a path or a pattern relative to this file. Each case has given and expect.")},
		{name: "known_failures", shape: &shape{kind: listShape, atLeast: 1, wants: "a list of names of cases", elem: value("The name of a case."),
			doc: "Cases that are known to fail. They are reported apart, and there may be no others."}},
		{name: "rows", shape: &shape{kind: objectShape, wants: "a map such as {where: age > 18, sample: 500}", doc: "Which rows of the evaluation set are changed. Default: 500 of all.", fields: []field{
			{name: "where", shape: predicate()},
			{name: "sample", shape: &shape{kind: numberShape, whole: true, low: bound(1), high: bound(1e6), wants: "a whole number such as 500", doc: "How many rows, the same ones in every run. Default: 500."}},
		}}},
		{name: "change", shape: &shape{kind: mapShape, atLeast: 1, keyPattern: freePattern, keyWants: "a column", wants: "a map of columns to changes such as {income: {add: 10000}}",
			doc: "What is changed in each row, in all of these columns at once.", elem: changeShape()}},
		{name: "monotone", shape: &shape{kind: mapShape, atLeast: 1, keyPattern: freePattern, keyWants: "a column", wants: "a map of columns such as {income: increasing}",
			doc:  "The score must rise, or fall, as this column alone is moved over its range.",
			elem: &shape{kind: enumShape, wants: "increasing or decreasing", names: []name{{"increasing", ""}, {"decreasing", ""}}}}},
		{name: "points", shape: &shape{kind: numberShape, whole: true, low: bound(2), high: bound(1000), wants: "a whole number of at least 2 such as 20", doc: "monotone: how many values of the column are tried, from those of its rows. Default: 20."}},
		{name: "pass_rate", shape: &shape{kind: numberShape, low: bound(0), lowOpen: true, high: bound(1), wants: "a share above 0 and up to 1 such as 0.99", doc: "The share of cases or rows that must do as expected. Default: 1, which is all."}},
		{name: "severity", shape: severityShape()},
	}
}

func givenShape() *shape {
	return &shape{kind: mapShape, atLeast: 1, keyPattern: freePattern, keyWants: "a column", wants: "a map of columns to values such as {age: 25, income: 50000}",
		doc: "One row: a value for every column that the model is given.", elem: literal("The column's value; null where it is missing.")}
}

func expectShape() *shape {
	return &shape{kind: oneOfShape, wants: "a label, or a map such as {score: {min: 0.7}}", doc: "What the answer must be.", either: []*shape{
		value("The class that must be answered."),
		{kind: objectShape, wants: "a map with label, score or number", fields: []field{
			{name: "label", shape: value("The class that must be answered; or same, of a changed row.")},
			{name: "score", shape: rangeShape("The probability of the positive class, or of class.", true)},
			{name: "number", shape: rangeShape("The number that a regression answers.", false)},
		}, atLeastOne: []string{"label", "score", "number"}, without: "this expects nothing: add label, score or number"},
	}}
}

func rangeShape(doc string, classes bool) *shape {
	number := func(doc string) *shape { return &shape{kind: numberShape, wants: "a number", doc: doc} }
	fields := []field{
		{name: "min", shape: number("The least that it may be.")},
		{name: "max", shape: number("The most that it may be.")},
		{name: "within", shape: &shape{kind: marginShape, wants: "a number such as 0.01, or a share such as 1%", doc: "How far it may move when the row is changed."}},
		{name: "is", shape: relationShape()},
	}
	if classes {
		fields = append(fields, field{name: "class", shape: value("Multiclass: the class whose probability is meant.")})
	}
	return &shape{kind: oneOfShape, wants: "a relation such as not_lower, or a map such as {within: 0.01}", doc: doc, either: []*shape{
		relationShape(), {kind: objectShape, wants: "a map with min, max, within or is", fields: fields, atLeastOne: []string{"min", "max", "within", "is"}, without: "this bounds nothing: add min, max, within or is"},
	}}
}

func relationShape() *shape {
	s := &shape{kind: enumShape, wants: "one of same, not_lower, not_higher, higher, lower", doc: "How it must lie to the answer for the row as it was."}
	for _, r := range []Relation{Same, NotLower, NotHigher, Rises, Falls} {
		s.names = append(s.names, name{string(r), ""})
	}
	return s
}

func changeShape() *shape {
	number := func(doc string) *shape { return &shape{kind: numberShape, wants: "a number", doc: doc} }
	return &shape{kind: objectShape, wants: "a map with one change such as {add: 10000}", fields: []field{
		{name: string(SetTo), shape: literal("The value that it is set to; null takes it away.")},
		{name: string(Swap), shape: &shape{kind: listShape, atLeast: 2, wants: "a list of values such as [Male, Female]", elem: literal("A value."), doc: "It is set to each of these in turn that it is not."}},
		{name: string(Add), shape: number("It is raised by so much.")},
		{name: string(Scale), shape: number("It is multiplied by this.")},
		{name: string(Noise), shape: &shape{kind: marginShape, wants: "a number such as 0.1, or a share such as 1%", doc: "Normal noise is added, of this standard deviation: the same in every run."}},
		{name: string(Missing), shape: &shape{kind: textShape, pattern: `^true$`, wants: "true", doc: "Its value is taken away."}},
		{name: string(Typos), shape: &shape{kind: numberShape, whole: true, low: bound(1), high: bound(100), wants: "a whole number such as 1", doc: "So many characters of the text are mistyped: swapped, dropped, doubled or replaced by a neighbour on the keyboard."}},
		{name: string(Letters), shape: &shape{kind: enumShape, wants: "one of upper, lower, title", names: []name{{"upper", ""}, {"lower", ""}, {"title", ""}}, doc: "How the letters of the text are written."}},
	}, atLeastOne: changeNames(), without: "this changes nothing: add " + strings.Join(changeNames(), ", ")}
}

func changeNames() []string {
	list := make([]string, len(changeKinds))
	for i, k := range changeKinds {
		list[i] = string(k)
	}
	return list
}

// behavior reads the section.
func (d *decoder) behavior(n *node) {
	taken := map[string]bool{}
	for i, item := range n.items {
		if item.bad {
			continue
		}
		b := d.oneBehavior(item, At("behavior", strconv.Itoa(i)))
		if taken[b.Name] {
			d.r.report(item.at, fmt.Sprintf("two behaviors are called %s: give each a name of its own", quote(b.Name)))
		}
		taken[b.Name] = true
		d.spec.Behavior = append(d.spec.Behavior, b)
	}
	d.needsLive("behavior", "asks the candidate new questions")
}

func (d *decoder) oneBehavior(n *node, at string) Behavior {
	b := Behavior{At: at, Name: d.column(n, "name"), PassRate: 1, Rows: Sample{Size: DefaultSample}, Points: DefaultPoints, KnownFailures: d.texts(n.field("known_failures"), "known_failures")}
	if v := n.field("pass_rate"); v != nil {
		b.PassRate, _ = v.number()
	}
	b.Severity = severityOf(n)
	switch kind := d.behaviorKind(n); kind {
	case "given":
		if b.Name == "" {
			b.Name = "case " + strconv.Itoa(len(d.spec.Behavior)+1)
		}
		b.Cases = []Case{d.oneCase(n, b.Name, at)}
	case "cases":
		d.casesOf(n, &b)
	case "change":
		d.changes(n, &b)
	case "monotone":
		d.monotone(n, &b)
	}
	return b
}

// behaviorKind is what an entry does, after what goes with something else has been
// reported.
func (d *decoder) behaviorKind(n *node) string {
	kinds := []string{"given", "cases", "change", "monotone"}
	kind := ""
	for _, k := range kinds {
		if !n.names(k) {
			continue
		}
		if kind != "" {
			d.report(n, k, "%s and %s are two behaviors: write two entries", kind, k)
			continue
		}
		kind = k
	}
	goes := map[string][]string{"expect": {"given", "change"}, "known_failures": {"cases"}, "rows": {"change", "monotone"}, "points": {"monotone"}, "pass_rate": {"cases", "change", "monotone"}}
	for key, with := range goes {
		if kind != "" && n.names(key) && !slices.Contains(with, kind) {
			d.report(n, key, "%s is for %s, not for %s", key, strings.Join(with, " and "), kind)
		}
	}
	if (kind == "given" || kind == "change") && !n.has("expect") {
		d.r.report(n.at, "this behavior expects nothing: add expect")
	}
	return kind
}

// oneCase reads given and expect of a map.
func (d *decoder) oneCase(n *node, name, at string) Case {
	c := Case{Name: name, Where: n.at.where()}
	if g := n.field("given"); g != nil {
		for _, e := range g.entries {
			if v, ok := d.literal(e.value, e.key); ok {
				c.Given = append(c.Given, Given{e.key, v})
			}
		}
	}
	c.Expect = d.expect(n, false, below(at, "expect"))
	return c
}

// literal is a scalar or null as a value of a column.
func (d *decoder) literal(n *node, name string) (Literal, bool) {
	if n.kind == nullNode && !n.bad {
		return Literal{Null: true}, true
	}
	text, ok := d.text(n, name)
	return Literal{Text: text}, ok
}

// expect reads what is expected, of a case or of a changed row.
func (d *decoder) expect(n *node, changed bool, at string) Expect {
	e := Expect{At: at}
	v := n.field("expect")
	if v == nil {
		return e
	}
	if v.kind == scalarNode {
		d.expectLabel(n, "expect", v, changed, &e)
		return e
	}
	if l := v.field("label"); l != nil {
		d.expectLabel(v, "label", l, changed, &e)
	}
	e.Score, e.Number = d.oneRange(v, "score", changed), d.oneRange(v, "number", changed)
	switch d.spec.Task {
	case Regression:
		d.report(v, "label", "label is for classes; a regression answers a number")
		d.report(v, "score", "score is for classes; a regression answers a number")
	case Binary, Multiclass:
		d.report(v, "number", "number is for regression; this task is %s", d.spec.Task)
	}
	return e
}

func (d *decoder) expectLabel(n *node, key string, v *node, changed bool, e *Expect) {
	text, ok := d.text(v, key)
	switch {
	case !ok:
	case d.spec.Task == Regression:
		d.report(n, key, "a regression answers numbers: expect a range, such as {number: {min: 10, max: 20}}")
	case changed && text == string(Same):
		e.SameLabel = true
	case changed:
		d.report(n, key, "of a changed row the label can be the same: write same, not %s", quote(text))
	default:
		e.Label = &text
	}
}

func (d *decoder) oneRange(n *node, key string, changed bool) *Range {
	v := n.field(key)
	if v == nil {
		return nil
	}
	r := new(Range)
	if v.kind == scalarNode {
		r.Is = Relation(v.text)
	} else {
		r.Min, r.Max, r.Class = numberOf(v, "min"), numberOf(v, "max"), d.column(v, "class")
		if w := v.field("within"); w != nil {
			m := w.margin()
			r.Within = &m
		}
		if is := v.field("is"); is != nil {
			r.Is = Relation(is.text)
		}
	}
	d.judgeRange(n, key, v, r, changed)
	return r
}

func (d *decoder) judgeRange(n *node, key string, v *node, r *Range, changed bool) {
	switch {
	case !changed && (r.Is != "" || r.Within != nil):
		d.report(n, key, "a case is one row, with nothing to compare it with: write %s: {min: …, max: …}", key)
	case r.Min != nil && r.Max != nil && *r.Min > *r.Max:
		d.report(v, "min", "min %v is above max %v: nothing can satisfy both", *r.Min, *r.Max)
	}
	if d.spec.Task == Multiclass && key == "score" && r.Class == "" && (r.Min != nil || r.Max != nil || r.Is != "" && r.Is != Same) {
		d.report(n, key, "which class's probability is meant? add class")
	}
	if d.spec.Task == Binary {
		d.report(v, "class", "class is for multiclass: in a binary task the score is the probability of the positive class")
	}
}

func numberOf(n *node, key string) *float64 {
	v := n.field(key)
	if v == nil {
		return nil
	}
	x, _ := v.number()
	return &x
}

func (d *decoder) sample(n *node, b *Behavior) {
	b.Rows.At = below(b.At, "rows", "where")
	r := n.field("rows")
	if r == nil {
		return
	}
	if w := r.field("where"); w != nil {
		b.Rows.Where = w.text
	}
	b.Rows.Size = d.count(r, "sample", DefaultSample)
}

func (d *decoder) changes(n *node, b *Behavior) {
	d.sample(n, b)
	b.Expect = d.expect(n, true, below(b.At, "expect"))
	c := n.field("change")
	if c == nil {
		return
	}
	var columns []string
	for _, e := range c.entries {
		if !e.value.bad {
			b.Change = append(b.Change, d.change(e, below(b.At, "change", e.key)))
			columns = append(columns, e.key)
		}
	}
	if b.Name == "" {
		b.Name = "changed " + strings.Join(columns, ", ")
	}
}

func (d *decoder) change(e *entry, at string) Change {
	c := Change{Column: e.key, At: at}
	for _, kind := range changeKinds {
		v := e.value.field(string(kind))
		if v == nil {
			continue
		}
		if c.Kind != "" {
			d.report(e.value, string(kind), "%s and %s are two changes: a column has one", c.Kind, kind)
			continue
		}
		c.Kind = kind
		switch kind {
		case SetTo:
			if l, ok := d.literal(v, string(kind)); ok {
				c.Values = []Literal{l}
			}
		case Swap:
			for _, item := range v.items {
				if l, ok := d.literal(item, string(kind)); ok {
					c.Values = append(c.Values, l)
				}
			}
		case Noise:
			m := v.margin()
			c.Amount, c.Relative = m.Value, m.Relative
		case Add, Scale, Typos:
			c.Amount, _ = v.number()
		case Letters:
			c.Letters = v.text
		}
	}
	if c.Kind == Add && c.Amount == 0 || c.Kind == Scale && c.Amount == 1 || c.Kind == Noise && c.Amount == 0 {
		d.report(e.value, string(c.Kind), "this changes nothing")
	}
	return c
}

func (d *decoder) monotone(n *node, b *Behavior) {
	d.sample(n, b)
	b.Points = d.count(n, "points", DefaultPoints)
	m := n.field("monotone")
	if m == nil {
		return
	}
	var columns []string
	for _, e := range m.entries {
		if !e.value.bad {
			b.Monotone = append(b.Monotone, Monotone{Column: e.key, Rising: e.value.text == "increasing", At: below(b.At, "monotone", e.key)})
			columns = append(columns, e.key)
		}
	}
	if b.Name == "" {
		b.Name = "monotone in " + strings.Join(columns, ", ")
	}
	if d.spec.Task == Multiclass {
		d.report(n, "monotone", "monotone is for binary and regression: a multiclass model has no one score")
	}
}

// below is the path of a setting under that of another.
func below(at string, parts ...string) string { return at + "." + At(parts...) }
