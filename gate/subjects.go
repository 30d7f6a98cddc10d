package gate

import (
	"github.com/noworse/noworse/baseline"
	"github.com/noworse/noworse/result"
	"github.com/noworse/noworse/slice"
	"github.com/noworse/noworse/spec"
	"github.com/noworse/noworse/summary"
)

// subject is a set of rows to be judged.
type subject struct {
	slice    string // "": the whole set
	family   string
	all      view
	both     view            // of the rows that both models answered
	paired   bool            // there are such rows, if not in this slice
	stored   *baseline.Slice // of a baseline whose rows cannot be paired; nil: it has none
	rules    []spec.Rule
	severity spec.Severity // of rules that do not say
}

// view is the statistics of a slice in one scan, and examples of its flips.
type view struct {
	summary.View
	models   int // 0: there is none
	examples *summary.Sample[result.Example]
	formulas formulaValues
}

// of is the view that a limit is judged by.
func (s subject) of(changes bool) view {
	if changes && s.paired {
		return s.both
	}
	return s.all
}

// subjects are the whole set, the named slices and the slices by column.
func (p *plan) subjects(e *evaluation) []subject {
	stored := p.storedSlices(e)
	places := e.both.places()
	list := []subject{{family: "whole", all: e.all.whole(), both: e.both.whole(), rules: p.spec.Metrics, severity: spec.Block}}
	if s := p.spec.Slices; s != nil {
		for i, n := range s.Named {
			list = append(list, subject{slice: slice.Encode(n.Name), family: "named", all: e.all.named(i), both: e.both.named(i),
				rules: n.Rules, severity: orElse(n.Severity, spec.Block)})
		}
		for b, by := range s.By {
			for i, name := range e.all.by[b] {
				list = append(list, subject{slice: name, family: "by", all: e.all.ofValue(b, i), both: e.both.ofValue(b, places.find(b, name)),
					rules: by.Rules, severity: orElse(by.Severity, spec.Warn)})
			}
		}
	}
	for i := range list {
		list[i].stored, list[i].paired = stored[list[i].slice], e.both != nil
	}
	return list
}

// Rows is the number of rows in the slice.
func (v view) Rows() uint64 {
	if v.models == 0 {
		return 0
	}
	return v.View.Rows()
}

// The views of one scan; s may be nil, and has no rows then.

func (s *scanned) whole() view {
	if s == nil {
		return view{}
	}
	return view{s.summary.Whole(), s.models(), &s.examples.whole, s.formulas}
}

func (s *scanned) named(i int) view {
	if s == nil {
		return view{}
	}
	return view{s.summary.Named(i), s.models(), &s.examples.named[i], s.formulas}
}

func (s *scanned) ofValue(by, i int) view {
	if s == nil || i < 0 {
		return view{}
	}
	return view{s.summary.By(by, i), s.models(), &s.examples.by[by][i], s.formulas}
}

func (s *scanned) models() int { return len(s.prints.models) }

// places finds slices by column by their name.
type places []map[string]int

func (s *scanned) places() places {
	if s == nil {
		return nil
	}
	all := make(places, len(s.by))
	for b, names := range s.by {
		all[b] = make(map[string]int, len(names))
		for i, name := range names {
			all[b][name] = i
		}
	}
	return all
}

// find is the number of a slice, or -1.
func (p places) find(by int, name string) int {
	if p == nil {
		return -1
	}
	if i, ok := p[by][name]; ok {
		return i
	}
	return -1
}

// storedSlices are the slices of a baseline whose rows cannot be paired.
func (p *plan) storedSlices(e *evaluation) map[string]*baseline.Slice {
	if p.options.Stored == nil || e.both != nil {
		return nil
	}
	all := map[string]*baseline.Slice{}
	for i := range p.options.Stored.Slices {
		s := &p.options.Stored.Slices[i]
		all[s.Name] = s
	}
	return all
}
