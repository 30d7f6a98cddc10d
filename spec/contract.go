package spec

import (
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Contract says what the columns of the data must be.
type Contract struct {
	FromReference bool   // what is not said is inferred from data.reference
	Current       string // OfProduction or OfEval
	Serving       bool   // the environment is that in which a model serves, not of training
	LeastRows     *uint64
	MostRows      *uint64
	NewColumns    NewColumns
	Columns       []ContractColumn
	Severity      Severity // of columns that do not say it
	At            string
}

// NewColumns says what a column is that the contract has not.
type NewColumns string

// What new columns are.
const (
	NewWarn   NewColumns = "warn"
	NewBlock  NewColumns = "block"
	NewIgnore NewColumns = "ignore"
)

// ContractColumn is what one column must be. What is nil is not said.
type ContractColumn struct {
	Name       string
	Type       string // "": not said
	Required   string // "", or always, never, training, serving
	Nulls      *float64
	Range      *[2]float64
	Outside    *float64
	Categories []string
	Pattern    *regexp.Regexp
	Unique     *bool
	Ascending  *bool
	Fresh      *time.Duration
	Ignore     bool
	Severity   Severity
	At         string
}

func contractFields() []field {
	share := func(doc string) *shape {
		return &shape{kind: marginShape, wants: "a share such as 2%", doc: doc}
	}
	word := func(doc string, names ...string) *shape {
		s := &shape{kind: enumShape, wants: "one of " + strings.Join(names, ", "), doc: doc}
		for _, n := range names {
			s.names = append(s.names, name{n, ""})
		}
		return s
	}
	column := &shape{kind: objectShape, ref: "contractColumn", wants: "a map such as {nulls: 2%, range: [0, 120]}", doc: "What a column must be.", fields: []field{
		{name: "type", shape: word("What it holds: number, time, text, boolean (true and false) or nested.", "number", "time", "text", "boolean", "nested")},
		{name: "required", shape: word("Whether it must be there: always, never, or only in training, as labels must, or in serving. Default: always.", "always", "never", "training", "serving")},
		{name: "nulls", shape: share("The largest share of rows that may have no value.")},
		{name: "range", shape: &shape{kind: listShape, atLeast: 2, wants: "two numbers such as [0, 120]", doc: "The smallest and the largest number that may be; null for an end that is open.", elem: literal("A number, or null.")}},
		{name: "categories", shape: &shape{kind: listShape, atLeast: 1, wants: "a list of texts such as [free, pro]", doc: "The texts that may be.", elem: literal("A text.")}},
		{name: "pattern", shape: &shape{kind: textShape, noEnv: "which texts may be must not depend on who runs it", wants: "a regular expression such as ^[A-Z]{2}-[0-9]+$", doc: "A regular expression (RE2) that texts must match."}},
		{name: "outside", shape: share("The largest share of values that may be out of the range, of other categories or against the pattern. Default: 0 where one of them is written here, else what the reference allows.")},
		{name: "unique", shape: flagShape("No value may be there twice.")},
		{name: "order", shape: word("ascending: no row may have less than the row before it.", "ascending", "any")},
		{name: "fresh", shape: &shape{kind: textShape, wants: "a time such as 36h or 7d", doc: "How old the newest time may be."}},
		{name: "ignore", shape: flagShape("The column is held to nothing.")},
		{name: "severity", shape: severityShape()},
	}}
	rows := &shape{kind: objectShape, wants: "a map such as {min: 1000}", doc: "How many rows there must be.", fields: []field{
		{name: "min", shape: &shape{kind: numberShape, whole: true, low: bound(1), wants: "a whole number such as 1000", doc: "At least so many. Default: 1."}},
		{name: "max", shape: &shape{kind: numberShape, whole: true, low: bound(1), wants: "a whole number such as 1000000", doc: "At most so many."}},
	}}
	return []field{
		{name: "rows", shape: rows},
		{name: "new_columns", shape: word("What a column is that the contract has not: warn (the default), block or ignore.", string(NewWarn), string(NewBlock), string(NewIgnore))},
		{name: "columns", shape: &shape{kind: mapShape, keyPattern: freePattern, keyWants: "the name of a column", wants: "a map of columns such as {income: {nulls: 2%}}", elem: column, doc: "What columns must be."}},
	}
}

func contractShape() *shape {
	return &shape{kind: objectShape, wants: "a map such as {from: reference}", doc: "What the columns of the data must be: types, missing values, ranges, categories. One check a column, and one of the whole.", fields: append([]field{
		{name: "from", shape: &shape{kind: textShape, forbidden: urlPattern, noEnv: "what data must be must not depend on who runs it", wants: "reference, or the path of a contract",
			doc: "reference: what is not written here is inferred from data.reference. Or the path of a contract that noworse contract init wrote. Default: reference."}},
		{name: "current", shape: &shape{kind: enumShape, names: []name{{OfProduction, ""}, {OfEval, ""}}, wants: "one of production, eval", doc: "The data that are held to it: production (data.production) or eval. Default: production where there is one, else eval."}},
		{name: "environment", shape: &shape{kind: enumShape, names: []name{{"training", ""}, {"serving", ""}}, wants: "one of training, serving", doc: "Where the data are from. Labels must be there in training alone. Default: serving for production, else training."}},
		{name: "severity", shape: severityShape()},
	}, contractFields()...)}
}

// contractVersion of the file that noworse contract init writes.
const contractVersion = 1

func contractFileShape() *shape {
	return &shape{kind: objectShape, wants: "a map with contract and columns", fields: append([]field{
		{name: "contract", required: mandatory, shape: &shape{kind: numberShape, exactly: bound(contractVersion), exactlyElse: "this noworse reads version 1 of contracts", wants: "the number 1"}},
	}, contractFields()...)}
}

// contract reads the section, laid over the contract that it is from.
func (d *decoder) contract(e *entry) {
	n := e.value
	if n.bad {
		return
	}
	out := &Contract{FromReference: true, Current: OfEval, NewColumns: NewWarn, Severity: severityOf(n), At: "contract"}
	if d.root.field("data").has(OfProduction) {
		out.Current = OfProduction
	}
	if v := n.field("current"); v != nil {
		out.Current = v.text
	}
	out.Serving = out.Current == OfProduction
	if v := n.field("environment"); v != nil {
		out.Serving = v.text == "serving"
	}
	if v := n.field("from"); v != nil && v.text != OfReference {
		out.FromReference = false
		file := d.contractFile(v)
		if file == nil {
			return
		}
		n = merge(file, n)
	}
	d.contractTerms(n, out)
	d.judgeContract(e, out)
	d.spec.Contract = out
}

// contractTerms reads what a contract says of rows and columns.
func (d *decoder) contractTerms(n *node, out *Contract) {
	if rows := n.field("rows"); rows != nil {
		for key, to := range map[string]**uint64{"min": &out.LeastRows, "max": &out.MostRows} {
			if v := numberOf(rows, key); v != nil {
				count := uint64(*v)
				*to = &count
			}
		}
		if out.LeastRows != nil && out.MostRows != nil && *out.LeastRows > *out.MostRows {
			d.r.report(rows.at, "rows wants min to be no more than max")
		}
	}
	if v := n.field("new_columns"); v != nil {
		out.NewColumns = NewColumns(v.text)
	}
	if columns := n.field("columns"); columns != nil {
		for _, c := range columns.entries {
			if !c.value.bad {
				out.Columns = append(out.Columns, d.contractColumn(c))
			}
		}
	}
}

// contractFile reads a contract that stands in a file of its own; nil after a report.
func (d *decoder) contractFile(n *node) *node {
	name := rooted(n.at.src.dir, n.text)
	if why := d.spec.fence.keepsOut(n.text); why != "" {
		d.bad(n, "from: "+why, ownFiles)
		return nil
	}
	if why := d.spec.fence.refuses(name); why != "" {
		d.bad(n, "from: "+why, ownFiles)
		return nil
	}
	text, err := d.readFile(name)
	if err != nil {
		d.bad(n, fmt.Sprintf("from %s: %s", quote(n.text), cannotRead(err)), "noworse contract init DATA --output "+n.text+" writes one")
		return nil
	}
	d.parts = append(d.parts, text)
	return readContract(d.r, name, text)
}

// readContract reads the text of a contract's file; nil after a report.
func readContract(r *reporter, name string, text []byte) *node {
	src, clean := newSource(name, 1, text)
	root := readDocument(r, src, clean)
	if root == nil {
		return nil
	}
	before := len(r.found)
	checker{r: r, main: true}.value(root, contractFileShape(), "the contract", root.at)
	if root.bad || len(r.found) > before {
		return nil
	}
	return root
}

// ParseContract reads a contract as noworse contract init writes it. The error, if any,
// is Problems.
func ParseContract(name string, text []byte) (*Contract, error) {
	d := &decoder{r: &reporter{}, getenv: func(string) (string, bool) { return "", false }, spec: &Spec{Path: name, Dir: filepath.Dir(name)}}
	out := &Contract{NewColumns: NewWarn}
	if root := readContract(d.r, name, text); root != nil {
		d.contractTerms(root, out)
	}
	if err := d.r.err(); err != nil {
		return nil, err
	}
	return out, nil
}

func (d *decoder) contractColumn(e *entry) ContractColumn {
	n := e.value
	c := ContractColumn{Name: e.key, Nulls: d.share(n, "nulls"), Outside: d.share(n, "outside"), Ignore: truth(n, "ignore"), Severity: severityOf(n), At: At("contract", "columns", e.key)}
	if v := n.field("type"); v != nil {
		c.Type = v.text
	}
	if v := n.field("required"); v != nil {
		c.Required = v.text
	}
	for key, to := range map[string]**bool{"unique": &c.Unique, "order": &c.Ascending} {
		if v := n.field(key); v != nil {
			is := v.text == "true" || v.text == "ascending"
			*to = &is
		}
	}
	c.Range = d.rangeOf(n)
	if v := n.field("categories"); v != nil {
		for _, item := range v.items {
			if item.kind == nullNode {
				d.bad(item, "a category wants a text: missing values are what nulls is about", "write \"null\" in quotes if it is a text")
				continue
			}
			c.Categories = append(c.Categories, item.text)
		}
	}
	if v := n.field("pattern"); v != nil {
		pattern, err := regexp.Compile(v.text)
		if err != nil {
			d.bad(v, fmt.Sprintf("pattern: %s is no regular expression: %s", quote(v.text), strings.TrimPrefix(err.Error(), "error parsing regexp: ")), "")
		}
		c.Pattern = pattern
	}
	if v := n.field("fresh"); v != nil {
		c.Fresh = d.days(v)
	}
	d.judgeColumn(n, &c)
	return c
}

// share is a margin that is a share of rows.
func (d *decoder) share(n *node, key string) *float64 {
	v := n.field(key)
	if v == nil {
		return nil
	}
	share := v.margin().Value
	if share > 1 {
		d.bad(v, fmt.Sprintf("%s is %s, and a share is at most 1, or 100%%", key, v.text), "")
		return nil
	}
	return &share
}

// rangeOf reads two numbers; null is an open end.
func (d *decoder) rangeOf(n *node) *[2]float64 {
	v := n.field("range")
	if v == nil {
		return nil
	}
	out := [2]float64{math.Inf(-1), math.Inf(1)}
	if len(v.items) != 2 {
		d.bad(v, "range wants two numbers such as [0, 120]", "")
		return nil
	}
	for i, item := range v.items {
		if item.kind == nullNode {
			continue
		}
		x, ok := item.number()
		if !ok {
			d.bad(item, fmt.Sprintf("range wants two numbers such as [0, 120], not %s", item.describe()), "null leaves an end open")
			return nil
		}
		out[i] = x
	}
	if out[0] > out[1] {
		d.bad(v, "range wants the smaller number first", "")
		return nil
	}
	return &out
}

// days reads a time, in days too.
func (d *decoder) days(n *node) *time.Duration {
	text, ok := d.text(n, "fresh")
	if !ok {
		return nil
	}
	number, days := strings.CutSuffix(text, "d")
	if days {
		text = number + "h"
	}
	t, err := time.ParseDuration(text)
	if days {
		t *= 24
	}
	if err != nil || t <= 0 {
		d.bad(n, "fresh wants a time such as 36h or 7d, not "+quote(n.text), "")
		return nil
	}
	return &t
}

// judgeColumn refuses what cannot be together.
func (d *decoder) judgeColumn(n *node, c *ContractColumn) {
	texts := c.Categories != nil || c.Pattern != nil
	switch {
	case c.Range != nil && texts:
		d.report(n, "range", "range is for numbers, and categories and pattern are for texts: a column has one of them")
	case c.Range != nil && c.Type != "" && c.Type != "number":
		d.report(n, "range", "range is for numbers, and the type is %s", c.Type)
	case texts && slices.Contains([]string{"number", "time", "nested"}, c.Type):
		d.report(n, "type", "categories and pattern are for texts, and the type is %s", c.Type)
	case c.Fresh != nil && c.Type != "" && c.Type != "time":
		d.report(n, "fresh", "fresh is for times, and the type is %s", c.Type)
	}
}

// judgeContract refuses data sets that are not there.
func (d *decoder) judgeContract(e *entry, out *Contract) {
	data := d.root.field("data")
	if out.FromReference && d.spec.Reference == nil && !data.has(OfReference) {
		d.r.hint(e.at, "contract is from reference, and data has no reference", "name the rows that the model was trained on: data: {reference: {path: data/train.parquet}}; or a contract: noworse contract init DATA writes one")
	}
	if out.Current == OfProduction && d.spec.Production == nil && !data.has(OfProduction) {
		d.r.hint(e.at, "contract is about production, and data has no production", "name recent rows: data: {production: {path: data/last_week/*.parquet}}")
	}
}
