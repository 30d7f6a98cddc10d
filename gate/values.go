package gate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"

	"github.com/noworse/noworse/baseline"
	"github.com/noworse/noworse/evidence"
	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/spec"
)

// parameters are the parameters of a rule's metric, as a result has them: with
// the metric they say what a stored value is of. nil: none.
func (p *plan) parameters(r spec.Rule) (json.RawMessage, error) {
	params := p.describeParams(r)
	if params == nil {
		return nil, nil
	}
	return json.Marshal(params)
}

// storedValue is a metric's value in a slice of a stored baseline.
func (p *plan) storedValue(s *baseline.Slice, r spec.Rule) (*baseline.Value, bool) {
	wanted, err := p.parameters(r)
	if err != nil {
		return nil, false
	}
	for _, v := range s.Values {
		if v.Metric == r.Metric && bytes.Equal(v.Params, wanted) {
			return &v, true
		}
	}
	return nil, false
}

// storedSlice is what a baseline keeps of a slice: the values of its rules'
// metrics, where they have one.
func (p *plan) storedSlice(sub subject) (baseline.Slice, error) {
	s := baseline.Slice{Name: sub.slice, Rows: sub.all.Rows(), Values: []baseline.Value{}}
	if p.classes != nil && len(p.classes.Names) <= baseline.MaxConfusion {
		s.Confusion = sub.all.Counts(0)
	}
	for _, r := range sub.rules {
		with, err := p.parameters(r)
		if err != nil {
			return s, fmt.Errorf("internal: %w", err)
		}
		value, err := p.estimate(sub.slice, sub.all, r, 0)
		if err != nil || number(value.Value) == nil || number(value.Bound) == nil {
			continue // it has no value on these rows
		}
		kept := baseline.Value{Key: r.Key, Metric: r.Metric, Params: with, Value: value.Value, Bound: value.Bound}
		if m, ok := metric.Lookup(r.Metric); ok {
			if e, ok := evidence.Vary(sub.all.View, 0, m, p.params(r), p.spec.Decision.Alpha); ok {
				if kept.SE = e.SE; !math.IsInf(e.DF, 0) {
					kept.DF = e.DF
				}
			}
		}
		s.Values = append(s.Values, kept)
	}
	return s, nil
}
