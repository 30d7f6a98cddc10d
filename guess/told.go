package guess

import (
	"fmt"
	"strings"
)

// Told is one guess, for people.
type Told struct{ What, Value, Why string }

// Told lists what was guessed.
func (d *Draft) Told() []Told {
	var list []Told
	add := func(what string, s Said) {
		if s.Value != "" {
			list = append(list, Told{what, oneLine(s.Value), oneLine(s.Why)})
		}
	}
	add("task", d.Task)
	add("label", d.Label)
	add("positive", d.Positive)
	add("id", d.ID)
	add("weight", d.Weight)
	add("time", d.Time)
	add("group", d.Group)
	add("unlabelled", d.Unlabelled)
	add("candidate", d.Candidate.told())
	add("baseline", d.Baseline.told())
	if len(d.Missing) == 0 {
		add("slices", d.toldSlices())
	}
	return list
}

// told is where a model's answers are.
func (m *Model) told() Said {
	if m == nil {
		return Said{}
	}
	var columns []string
	for _, s := range append([]Said{m.Label, m.Score}, m.Scores...) {
		if s.Value != "" {
			columns = append(columns, s.Value)
		}
	}
	if m.Path != "" {
		return said(quoteList(columns, 4), "in "+m.Path)
	}
	return said(quoteList(columns, 4), m.Why)
}

func (d *Draft) toldSlices() Said {
	var names []string
	for _, s := range d.By {
		names = append(names, strings.Join(s.Columns, "+"))
	}
	for _, s := range d.Named {
		names = append(names, s.Name)
	}
	if len(names) == 0 {
		return Said{}
	}
	return said(fmt.Sprint(len(names)), quoteList(names, 8))
}
