package contract_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noworse/noworse/contract"
	"github.com/noworse/noworse/dataset"
	"github.com/noworse/noworse/profile"
)

// table is rows in memory.
type table struct {
	dataset.Source // what is not asked for here
	columns        []dataset.Column
	numbers        [][]float64 // nil: texts; NaN is null
	texts          [][]string  // null is as it is in nulls
	nulls          [][]bool
	rows           int
}

func (t *table) add(c dataset.Column, numbers []float64, texts []string) {
	t.columns = append(t.columns, c)
	t.numbers, t.texts = append(t.numbers, numbers), append(t.texts, texts)
	nulls := make([]bool, max(len(numbers), len(texts)))
	for i, x := range numbers {
		nulls[i] = math.IsNaN(x)
	}
	t.nulls, t.rows = append(t.nulls, nulls), len(nulls)
}

func (t *table) Columns() []dataset.Column { return t.columns }
func (t *table) Rows() uint64              { return uint64(t.rows) }

func (t *table) Scan(_ context.Context, what dataset.Request, sink func() dataset.Sink) error {
	s := sink()
	every := 1
	if what.SampleOnly {
		every = max(1, t.rows/int(what.Sample))
	}
	var rows []int
	for i := 0; i < t.rows; i += every {
		rows = append(rows, i)
	}
	for len(rows) > 0 {
		some := rows[:min(2048, len(rows))]
		rows = rows[len(some):]
		b := &dataset.Batch{Rows: len(some)}
		for f, field := range what.Fields {
			j := t.place(field.Column)
			v := dataset.Vector{Valid: make([]uint64, (len(some)+63)/64)}
			for k, i := range some {
				null := t.nulls[j][i]
				if !null {
					v.Valid[k>>6] |= 1 << (k & 63)
				}
				switch field.Form {
				case dataset.AsFloat:
					v.Floats = append(v.Floats, t.numbers[j][i])
				case dataset.AsTime:
					x := t.numbers[j][i]
					if null {
						x = 0
					}
					v.Ints = append(v.Ints, int64(x))
				case dataset.AsText:
					v.Texts = append(v.Texts, t.texts[j][i])
				case dataset.AsCode:
					return &dataset.ManyError{Field: f}
				}
			}
			b.Vectors = append(b.Vectors, v)
		}
		if err := s.Consume(b); err != nil {
			return err
		}
	}
	return nil
}

func (t *table) place(name string) int {
	for i, c := range t.columns {
		if c.Name == name {
			return i
		}
	}
	panic("no column " + name)
}

// pick is some rows of a table.
func (t *table) pick(rows []int) *table {
	to := &table{columns: t.columns, rows: len(rows)}
	for j := range t.columns {
		var numbers []float64
		var texts []string
		var nulls []bool
		for _, i := range rows {
			if t.numbers[j] != nil {
				numbers = append(numbers, t.numbers[j][i])
			} else {
				texts = append(texts, t.texts[j][i])
			}
			nulls = append(nulls, t.nulls[j][i])
		}
		to.numbers, to.texts, to.nulls = append(to.numbers, numbers), append(to.texts, texts), append(to.nulls, nulls)
	}
	return to
}

// tableOf is all rows of a source.
func tableOf(t *testing.T, source dataset.Source) *table {
	t.Helper()
	s, err := profile.Draw(context.Background(), source, source.Columns(), 1<<40)
	if err != nil {
		t.Fatal(err)
	}
	to := &table{columns: source.Columns(), rows: s.Rows}
	for _, c := range s.Columns {
		to.numbers, to.texts, to.nulls = append(to.numbers, c.Numbers), append(to.texts, c.Texts), append(to.nulls, c.Null)
	}
	return to
}

func build(t *testing.T, source dataset.Source, o profile.Options) *profile.Profile {
	t.Helper()
	p, err := profile.Build(context.Background(), source, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// hold infers a contract of one table and holds another to it.
func hold(t *testing.T, reference, current dataset.Source) contract.Holding {
	t.Helper()
	was := build(t, reference, profile.Options{})
	facts := contract.Facts{Distinct: map[string]uint64{}}
	for _, c := range was.Columns {
		if contract.MayBeUnique(c) {
			facts.Distinct[c.Name] = distinct(t, reference, c.Name)
		}
	}
	c := contract.Infer(was, facts)
	return holdTo(t, c, was, current)
}

func holdTo(t *testing.T, c contract.Contract, was *profile.Profile, current dataset.Source) contract.Holding {
	t.Helper()
	now := contract.Current{Profile: build(t, current, profile.Options{Like: was, Allowed: c.Allowed()}), Distinct: map[string]uint64{}}
	if suspects := contract.Suspects(was, now.Profile); len(suspects) > 0 {
		var columns []dataset.Column
		for _, name := range suspects {
			column, _ := dataset.Find(current.Columns(), name)
			columns = append(columns, column)
		}
		var err error
		if now.Sample, err = profile.Draw(context.Background(), current, columns, 1<<15); err != nil {
			t.Fatal(err)
		}
	}
	for _, one := range c.Columns {
		if one.Unique {
			now.Distinct[one.Name] = distinct(t, current, one.Name)
		}
	}
	return c.Hold(was, now)
}

func distinct(t *testing.T, source dataset.Source, column string) uint64 {
	t.Helper()
	memory, ok := source.(*table)
	if !ok {
		n, err := source.Distinct(context.Background(), column)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	j, seen := memory.place(column), map[any]bool{}
	for i := range memory.rows {
		switch {
		case memory.nulls[j][i]:
		case memory.numbers[j] != nil:
			seen[memory.numbers[j][i]] = true
		default:
			seen[memory.texts[j][i]] = true
		}
	}
	return uint64(len(seen))
}

func violations(h contract.Holding) []contract.Violation {
	list := h.Whole
	for _, c := range h.Columns {
		list = append(list, c.Violations...)
	}
	return list
}

var (
	floats = func(name string) dataset.Column {
		return dataset.Column{Name: name, Kind: dataset.Float, Type: "DOUBLE"}
	}
	wholes = func(name string) dataset.Column {
		return dataset.Column{Name: name, Kind: dataset.Integer, Type: "BIGINT"}
	}
	times = func(name string) dataset.Column {
		return dataset.Column{Name: name, Kind: dataset.Time, Type: "TIMESTAMP"}
	}
	words = func(name string) dataset.Column {
		return dataset.Column{Name: name, Kind: dataset.Text, Type: "VARCHAR"}
	}
)

// shapes of numbers that columns are drawn from.
var shapes = []struct {
	name  string
	whole bool
	draw  func(r *rand.Rand) float64
}{
	{"normal", false, func(r *rand.Rand) float64 { return 20 + 8*r.NormFloat64() }},
	{"lognormal", false, func(r *rand.Rand) float64 { return math.Exp(3 + r.NormFloat64()) }},
	{"counts", true, func(r *rand.Rand) float64 { return poisson(r, 4) }},
	{"bounded", false, func(r *rand.Rand) float64 { return math.Sqrt(r.Float64()) }},
	{"zero-inflated", false, func(r *rand.Rand) float64 {
		if r.Float64() < .6 {
			return 0
		}
		return r.ExpFloat64() * 50
	}},
	{"exponential", false, func(r *rand.Rand) float64 { return 10 * r.ExpFloat64() }},
	{"ages", true, func(r *rand.Rand) float64 { return math.Floor(18 + 60*r.Float64()*r.Float64()) }},
	{"prices", false, func(r *rand.Rand) float64 { return math.Round(100*math.Exp(2+.7*r.NormFloat64())) / 100 }},
	{"mixture", false, func(r *rand.Rand) float64 {
		if r.Float64() < .3 {
			return 100 + 5*r.NormFloat64()
		}
		return 40 + 10*r.NormFloat64()
	}},
	{"large counts", true, func(r *rand.Rand) float64 { return poisson(r, 200) }},
}

func poisson(r *rand.Rand, mean float64) float64 {
	n, sum := 0.0, r.ExpFloat64()
	for sum < mean {
		n++
		sum += r.ExpFloat64()
	}
	return n
}

func drawn(r *rand.Rand, rows int, one func(r *rand.Rand) float64) []float64 {
	list := make([]float64, rows)
	for i := range list {
		list[i] = one(r)
	}
	return list
}

// drawnTexts are categories of a Zipf-like distribution.
func drawnTexts(r *rand.Rand, rows int, names []string) []string {
	list := make([]string, rows)
	for i := range list {
		at := 0
		for at+1 < len(names) && r.Float64() < .6 {
			at++
		}
		list[i] = names[at]
	}
	return list
}

const day = 86400e6

// rhythm is times over a month with most at noon and in the evening, in microseconds.
func rhythm(r *rand.Rand) float64 {
	hour := 12 + 2.5*r.NormFloat64()
	if r.Float64() < .4 {
		hour = 19 + r.NormFloat64()
	}
	return math.Floor((math.Floor(30*r.Float64())+math.Mod(hour+24, 24)/24)*day) + 1.7e15
}
