package gatetest

import (
	"fmt"
	"sync"
	"testing"

	"github.com/noworse/noworse/dataset"
)

// formulas takes metrics in SQL apart, reads what their aggregates want, with
// answers that come from an attached table, and puts them together again.
func (s sourceTest) formulas(t *testing.T) {
	source := s.opened(t, people(scanned))
	const text = `sum(score * "a b") FILTER (WHERE tier = 'gold' AND label = prediction) / sum(rank) + 0 * count(DISTINCT tier)`
	f, err := source.Formula(t.Context(), text, nil)
	if err != nil {
		t.Fatal(err)
	}
	what := dataset.Derivation{Reads: f.Reads, Fields: []dataset.Field{{Column: "flag", Form: dataset.AsBool}, {Column: "tier", Form: dataset.AsCode}},
		Given: dataset.Request{Fields: []dataset.Field{
			{Column: "id", Form: dataset.AsInt}, {From: dataset.FromAttached(0), Column: "score", Form: dataset.AsFloat}, {Column: "tier", Form: dataset.AsCode},
		}}}
	for model := range 2 {
		for i, a := range f.Aggregates {
			form := dataset.AsFloat
			if i == 2 {
				form = dataset.AsText
			}
			what.Fields = append(what.Fields, dataset.Field{Expression: a.Args[model][0], Form: form})
		}
	}
	var got derived
	if err := source.Derive(t.Context(), what, func() dataset.Sink { return sinkFunc(answerPeople) }, func() dataset.Sink { return sinkFunc(got.consume) }); err != nil {
		t.Fatal(err)
	}
	var want derived
	for id := range int64(scanned) {
		want.addPerson(id)
	}
	if fmt.Sprint(got.sums) != fmt.Sprint(want.sums) || got.rows != want.rows || got.texts != want.texts || got.rows != scanned {
		t.Errorf("%d rows with sums %v and %d texts, want %d, %v and %d", got.rows, got.sums, got.texts, want.rows, want.sums, want.texts)
	}
	one, two, five := 1.0, 2.0, 5.0
	list, err := source.Calculate(t.Context(), f, [][]*float64{{&one, &two, &five}, {&five, nil, &one}, {&two, &one, &two}})
	if err != nil || len(list) != 3 || *list[0].Value != 0.5 || list[1].Value != nil || list[1].Fault != "" || *list[2].Value != 2 {
		t.Errorf("%+v, %v", list, err)
	}
	for _, refused := range []string{"sum(nobody)", "score", "sum(score) + rank", "random() + count(*)", "sum(tier)", "sum(score) > 1"} {
		if _, err := source.Formula(t.Context(), refused, nil); err == nil {
			t.Errorf("the formula %q is accepted", refused)
		}
	}
}

// answerPeople gives a label, and for each model a prediction and a score, that
// follow from the id.
func answerPeople(b *dataset.Batch) error {
	var a dataset.Answers
	for i, id := range b.Vectors[0].Ints[:b.Rows] {
		if text, null := b.Vectors[2].Dictionary.Value(b.Vectors[2].Codes[i]); !null && text != tierOf(id) || null && tierOf(id) != nil {
			return fmt.Errorf("the tier of %d is %q", id, text)
		}
		a.Label = append(a.Label, float64(id%2))
		for m := range 2 {
			a.Prediction[m] = append(a.Prediction[m], float64((id+int64(m))%3%2))
			a.Score[m] = append(a.Score[m], b.Vectors[1].Floats[i]*float64(m+1))
		}
	}
	b.Answers = a
	return nil
}

// derived is what the second step of the test reads, added up.
type derived struct {
	mu    sync.Mutex
	rows  int
	texts int
	sums  [2][2]float64 // by model and aggregate
}

func (d *derived) consume(b *dataset.Batch) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for row := range b.Rows {
		tier, null := b.Vectors[1].Dictionary.Value(b.Vectors[1].Codes[row])
		for m := range 2 {
			for i := range 2 {
				if v := &b.Vectors[2+3*m+i]; !v.Null(row) {
					d.sums[m][i] += v.Floats[row] // of binary fractions that are not long: exact
				}
			}
			v := &b.Vectors[4+3*m]
			if null != v.Null(row) || !null && tier != v.Texts[row] {
				return fmt.Errorf("the tier %q is %q", tier, v.Texts[row])
			}
			if !null {
				d.texts++
			}
		}
		d.rows++
	}
	return nil
}

// addPerson adds what the row of an id gives.
func (d *derived) addPerson(id int64) {
	d.rows++
	for m := range 2 {
		if tierOf(id) != nil {
			d.texts++
		}
		if floatOf(id) != nil && tierOf(id) == "gold" && id%2 == (id+int64(m))%3%2 {
			d.sums[m][0] += scoreOf(id) * float64(m+1) * floatOf(id).(float64)
		}
		if rankOf(id) != nil {
			d.sums[m][1] += float64(rankOf(id).(int64))
		}
	}
}
