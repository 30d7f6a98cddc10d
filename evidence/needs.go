package evidence

import (
	"github.com/noworse/noworse/metric"
	"github.com/noworse/noworse/summary"
)

// Asked is what limits of a metric ask for.
type Asked struct {
	Change   bool // a change from a baseline
	Relative bool // by a share of it
	Value    bool // the candidate's value
	Baseline bool // the baseline's
	Alpha    float64
}

// values says whose values are asked for.
func (a Asked) values() (list []summary.Of) {
	if a.Value {
		list = append(list, summary.Candidate)
	}
	if a.Baseline {
		list = append(list, summary.Baseline)
	}
	return list
}

// valueOf asks for a model's value.
func valueOf(model int) (Asked, summary.Of) {
	if model == 1 {
		return Asked{Baseline: true}, summary.Baseline
	}
	return Asked{Value: true}, summary.Candidate
}

// Needs is what a summary must hold, beyond what the metric needs, for evidence of
// its rows' losses and weights.
func Needs(m metric.Metric, p metric.Params, a Asked, weighted bool) summary.Needs {
	n := summary.Needs{CellWeights: weighted && m.OfCounts() && (a.Change || len(a.values()) > 0)}
	var factors [][]summary.Factor
	if l, root, ok := m.Mean(p); ok {
		if a.Change {
			n.Differing = []summary.Loss{l}
			factors = append(factors, changeFactors(l, root, a.Relative))
		}
		for _, of := range a.values() {
			factors = append(factors, []summary.Factor{{Loss: l, Of: of}})
		}
		if l.Counts() && !weighted {
			factors = nil
		}
	}
	if l, about, ok := unexplained(m); ok {
		if a.Change {
			n.Differing = []summary.Loss{l}
			factors = append(factors, explainedFactors(l, about))
		}
		for _, of := range a.values() {
			factors = append(factors, valueFactors(l, about, of))
		}
	}
	if what, ok := ordered(m, p); ok && !weighted {
		n.Influences = append(n.Influences, what)
	}
	if what, ok := correlated(m); ok && !weighted {
		n.Influences = append(n.Influences, what)
	}
	if c, ok := binned(m, p); ok && !weighted && m.Name == "ece" {
		n.Miscalibrations = append(n.Miscalibrations, c)
	}
	if m.Name == median && !weighted && a.Alpha > 0 {
		n.MedianSpreads = []float64{a.Alpha}
	}
	for _, list := range factors {
		n.Add(summary.Needs{Products: productsOf(list, weighted)})
	}
	return n
}

// productsOf are the products of all pairs of quantities; with weights also of each
// with 1.
func productsOf(factors []summary.Factor, weighted bool) []summary.Product {
	var list []summary.Product
	if weighted {
		list = append(list, summary.Product{})
	}
	for i, a := range factors {
		if weighted {
			list = append(list, summary.Product{B: a})
		}
		for _, b := range factors[:i+1] {
			if a == target && b == target && !weighted {
				continue // its square is there
			}
			list = append(list, summary.Product{A: a, B: b})
		}
	}
	return list
}
