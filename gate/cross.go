package gate

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/evidence"
	"github.com/noworse/noworse/spec"
	"github.com/noworse/noworse/summary"
	"github.com/noworse/noworse/verdict"
)

// A metric in SQL that is made of sums, means and numbers of rows alone has evidence: how
// fast its value rises with each of them is found by working it out beside what was found,
// and how they vary together from the products of what each row adds to them.

// numbersOf is how many sums an aggregate is made of: its values, the rows that count, or
// both; 0 where it is of no sums.
func numbersOf(a dataset.Aggregate) int {
	switch {
	case a.Distinct:
		return 0
	case a.Function == "sum" || strings.HasPrefix(a.Function, "count"):
		return 1
	case a.Function == "avg" || a.Function == "mean":
		return 2
	}
	return 0
}

// roughly is the first aggregate that is of no sums; "" if there is none.
func (f *formula) roughly() string {
	for _, a := range f.Aggregates {
		switch {
		case a.Distinct:
			return a.Function + "(DISTINCT)"
		case numbersOf(a) == 0:
			return a.Function
		}
	}
	return ""
}

// crossing reads the numbers that a row adds to the sums of a formula, for all models.
type crossing struct {
	terms   []term // by model, then aggregate; nil: there is no evidence on it
	models  int
	numbers []float64
}

func (p *plan) crossings(terms []term) []crossing {
	list := make([]crossing, len(p.formulas))
	if p.spec.Decision.Fail == spec.ByPoint || p.cluster != nil {
		return list
	}
	for i, f := range p.formulas {
		n := len(p.models) * len(f.Aggregates)
		if f.roughly() == "" {
			list[i] = crossing{terms: terms[:n], models: len(p.models)}
		}
		terms = terms[n:]
	}
	return list
}

// size is how many numbers a row has.
func (c *crossing) size() int {
	n := 0
	for _, t := range c.terms {
		n += numbersOf(t.of)
	}
	return n
}

func (c *crossing) add(to *summary.Cross, from *dataset.Batch, row int) {
	c.numbers = c.numbers[:0]
	for _, t := range c.terms {
		x, counts := 0.0, 1.0
		if from.Vectors[t.places[0]].Null(row) {
			counts = 0
		} else {
			x = from.Vectors[t.places[0]].Floats[row]
		}
		switch {
		case strings.HasPrefix(t.of.Function, "count"):
			x = counts
		case numbersOf(t.of) == 2:
			c.numbers = append(c.numbers, counts)
		}
		c.numbers = append(c.numbers, x)
	}
	half := len(c.numbers) / c.models
	to.Add(c.numbers, c.models == 2 && !slices.Equal(c.numbers[:half], c.numbers[half:]))
}

// crossed is what is known of chance of a metric in SQL in a slice; of is nil where there
// is nothing.
type crossed struct {
	slopes [2][]float64
	of     *summary.Cross
	rough  bool // the value bends too much beside what was found
}

// cross finds the slopes of a formula in all slices: a step to either side of what was
// found, and a larger one, of a standard error, to see whether the value is straight there.
func (p *plan) cross(ctx context.Context, f *formula, number, first int, all map[string]moments, values formulaValues) error {
	if c := p.crossings(p.terms(new(fields)))[number]; c.terms == nil {
		return nil
	}
	names := slices.Sorted(maps.Keys(all))
	list := make([]crossed, len(names))
	for i, name := range names {
		list[i].of = &all[name].crosses[number]
		for m := range list[i].slopes {
			list[i].slopes[m] = make([]float64, list[i].of.Numbers())
		}
	}
	at := 0
	for m := range p.models {
		for a, aggregate := range f.Aggregates {
			if err := p.slope(ctx, f, names, all, list, m, a, first+m*len(f.Aggregates), at); err != nil {
				return err
			}
			at += numbersOf(aggregate)
		}
	}
	for i, name := range names {
		values.crossed[formulaKey{text: f.text, slice: name}] = list[i]
	}
	return nil
}

// slope is how fast the values of a model rise with one aggregate, whose numbers start at
// some place.
func (p *plan) slope(ctx context.Context, f *formula, names []string, all map[string]moments, list []crossed, model, a, first, at int) error {
	aggregate := f.Aggregates[a]
	var asked [][]*float64
	var of []int
	var steps [][2]float64
	for i, name := range names {
		base := f.values(all[name].terms[first:])
		se := list[i].errorOf(aggregate, at)
		if base[a] == nil || !(se > 0) {
			continue
		}
		small, large := se/1000, se
		if strings.HasPrefix(aggregate.Function, "count") { // is whole
			small, large = max(1, math.Round(small)), max(1, math.Round(large))
		}
		of, steps = append(of, i), append(steps, [2]float64{small, large})
		for _, step := range []float64{0, small, -small, large, -large} {
			moved, x := slices.Clone(base), *base[a]+step
			moved[a] = &x
			asked = append(asked, moved)
		}
	}
	if len(asked) == 0 {
		return nil
	}
	found, err := p.source.Calculate(ctx, f.Formula, asked)
	if err != nil {
		return err
	}
	for k, i := range of {
		y, ok := numbersIn(found[5*k : 5*k+5])
		if !ok {
			list[i].rough = true
			continue
		}
		slope := (y[1] - y[2]) / (2 * steps[k][0])
		rise, bend := slope*steps[k][1], 0.0
		for j, sign := range []float64{1, -1} {
			bend = max(bend, math.Abs(y[3+j]-y[0]-sign*rise))
		}
		if bend > .5*math.Abs(rise) && bend > 1e-9*math.Abs(y[0]) {
			list[i].rough = true
		}
		list[i].rise(aggregate, at, model, slope)
	}
	return nil
}

// numbersIn is values that are all finite.
func numbersIn(list []dataset.Calculated) ([]float64, bool) {
	var out []float64
	for _, c := range list {
		if c.Fault != "" || c.Value == nil || math.IsNaN(*c.Value) || math.IsInf(*c.Value, 0) {
			return nil, false
		}
		out = append(out, *c.Value)
	}
	return out, true
}

// rise puts the slope of an aggregate as those of its sums: of a mean X/N they are 1/N and
// -X/N².
func (c *crossed) rise(a dataset.Aggregate, at, model int, slope float64) {
	if numbersOf(a) == 1 {
		c.slopes[model][at] = slope
		return
	}
	n, x := c.of.Sum(at), c.of.Sum(at+1)
	c.slopes[model][at], c.slopes[model][at+1] = -slope*x/(n*n), slope/n
}

// errorOf is the standard error of an aggregate.
func (c *crossed) errorOf(a dataset.Aggregate, at int) float64 {
	centred := c.of.Centred()
	if numbersOf(a) == 1 {
		return math.Sqrt(centred[at][at])
	}
	n, mean := c.of.Sum(at), c.of.Sum(at+1)/c.of.Sum(at)
	return math.Sqrt(max(0, centred[at+1][at+1]-2*mean*centred[at+1][at]+mean*mean*centred[at][at])) / n
}

// weighFormula looks for evidence on a metric in SQL.
func (p *plan) weighFormula(c *pending, rule spec.Rule) {
	formula := p.formulas[slices.IndexFunc(p.formulas, func(f *formula) bool { return f.text == rule.SQL })]
	change := c.limit.Kind.OfChange()
	answers := formula.ReadsName(dataset.PredictionName) || formula.ReadsName(dataset.ScoreName)
	if change && !answers { // whatever the model, it is the same
		return
	}
	if rough := formula.roughly(); rough != "" {
		c.unknown = fmt.Sprintf("chance is not known: it is of sums, means and numbers of rows, and not of %s", rough)
		return
	}
	known, ok := c.view.formulas.crossed[formulaKey{text: rule.SQL, slice: c.Slice}]
	switch {
	case !ok || change && c.view.models < 2:
		return
	case known.rough:
		c.unknown = "chance is not known: the SQL bends too much beside what was found"
		return
	}
	s := evidence.Sums{Slopes: known.slopes, Of: known.of}
	s.Values[0] = c.given.Candidate.Value
	if !change {
		e := s.Value(0, p.spec.Decision.Alpha)
		if math.IsNaN(e.Low) { // it does not vary, as a number of rows
			return
		}
		c.given.Range = &verdict.Interval{Low: e.Low, High: e.High}
		c.Evidence.Method = e.Method
		p.setInterval(c, e.Low, e.High)
		return
	}
	s.Values[1] = c.given.Baseline.Value
	p.setChange(c, s.Change(c.view.View, p.question(c)))
}
