package gate

import (
	"fmt"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/predict"
	"github.com/noworse/noworse/spec"
	"github.com/noworse/noworse/summary"
)

// costs are what rows are worth by the rules with a cost, each once.
type costs struct {
	tables  []costTable
	texts   []string       // of the tables, as results have them
	places  map[string]int // of the tables of rules, by where the rules stand
	columns []dataset.Column
	at      []string // where the spec first names each column
}

// costTable is what a row is worth, by true and predicted class.
type costTable [][]costCell

// costCell is a number, or a factor of a column.
type costCell struct {
	value  float64
	column int // -1: none
	factor float64
}

// resolveCosts finds the classes and the columns that costs name.
func (p *plan) resolveCosts() {
	whole, sliced := p.allRules()
	p.costs.places = map[string]int{}
	tables := map[string]int{} // by text
	for _, rules := range [][]spec.Rule{whole, sliced} {
		for _, r := range rules {
			if _, known := p.costs.places[r.At]; known || r.Cost == nil {
				continue // slices share rules
			}
			text := r.Cost.String()
			place, same := tables[text]
			if !same {
				place = len(p.costs.tables)
				tables[text] = place
				p.costs.tables, p.costs.texts = append(p.costs.tables, p.costTable(r.Cost)), append(p.costs.texts, p.spec.Redact(text))
			}
			p.costs.places[r.At] = place
		}
	}
}

// text is the cost of a rule as results have it; "" where it has none.
func (c *costs) text(r spec.Rule) string {
	if r.Cost == nil {
		return ""
	}
	return c.texts[c.places[r.At]]
}

func (p *plan) costTable(cost spec.Cost) costTable {
	n := len(p.classes.Names)
	table := make(costTable, n)
	for i := range table {
		table[i] = make([]costCell, n)
		for j := range table[i] {
			table[i][j].column = -1
		}
	}
	for _, c := range cost {
		label, predicted, ok := p.costClasses(c)
		if !ok {
			continue
		}
		cell := costCell{value: c.Value, column: -1}
		if c.Column != "" {
			cell.column, cell.factor = p.costColumn(c), 1
			if c.Negative {
				cell.factor = -1
			}
		}
		table[label][predicted] = cell
	}
	return table
}

// costClasses are the true and the predicted class that a cell is about.
func (p *plan) costClasses(c spec.CostCell) (label, predicted int, ok bool) {
	switch c.Outcome {
	case "tp":
		return 1, 1, true
	case "fp":
		return 0, 1, true
	case "fn":
		return 1, 0, true
	case "tn":
		return 0, 0, true
	}
	label, known := p.costClass(c.At, c.True)
	if !known {
		return 0, 0, false
	}
	predicted, known = p.costClass(c.At, c.Predicted)
	return label, predicted, known
}

func (p *plan) costClass(at, name string) (int, bool) {
	i := p.classes.Index(p.canonical(name))
	if i < 0 {
		p.unknownClass(at, name)
	}
	return i, i >= 0
}

// costColumn is the number of a column, which must hold numbers.
func (p *plan) costColumn(c spec.CostCell) int {
	for i, have := range p.costs.columns {
		if have.Name == c.Column {
			return i
		}
	}
	column := p.evalColumn(c.At, c.Column)
	if column == nil {
		return -1
	}
	p.wantNumber(c.At, "the evaluation set", *column, "what a row is worth")
	p.costs.columns = append(p.costs.columns, *column)
	p.costs.at = append(p.costs.at, c.At)
	return len(p.costs.columns) - 1
}

// costReader works out what rows are worth.
type costReader struct {
	tables  []costTable
	columns []*predict.Numbers
	values  [][]float64 // of the columns
}

func newCostReader(field predict.Field, c *costs) costReader {
	r := costReader{tables: c.tables, values: make([][]float64, len(c.columns))}
	for _, column := range c.columns {
		r.columns = append(r.columns, predict.NewNumbers(field, column))
	}
	return r
}

// read fills in the values of a batch whose classes have been read.
func (r *costReader) read(from *dataset.Batch, ids predict.IDs, b *summary.Batch) {
	for i, c := range r.columns {
		r.values[i] = c.Read(from, ids)
	}
	for m := range b.Models {
		for i, table := range r.tables {
			o := &b.Models[m]
			if len(o.Values) <= i {
				o.Values = append(o.Values, nil)
			}
			o.Values[i] = r.worth(o.Values[i][:0], table, b.Label, o.Class)
		}
	}
}

func (r *costReader) worth(to []float64, table costTable, label, predicted []uint16) []float64 {
	for row, y := range label {
		cell := &table[y][predicted[row]]
		value := cell.value
		if cell.column >= 0 {
			value = cell.factor * r.values[cell.column][row]
		}
		to = append(to, value)
	}
	return to
}

func (r *costReader) merge(o *costReader) {
	for i, c := range r.columns {
		c.Problems.Merge(&o.columns[i].Problems)
	}
}

// trust reports rows whose value cannot be used.
func (r *costReader) trust(p *plan) {
	for i, c := range r.columns {
		for _, f := range c.Problems.Findings(nil) {
			p.problem(p.costs.at[i], f.Mend, "%s", fmt.Sprintf("column %q: %s", p.costs.columns[i].Name, f.Sentence))
		}
	}
}
