package spec

import (
	"fmt"
	"slices"
	"strings"
)

// Gaps bounds the difference between the best and the worst slice by some
// columns.
type Gaps struct {
	Key     string // as written: it stands in check ids
	Columns []string
	Rules   []GapRule
	At      string
}

// GapRule is what the gap of one metric must satisfy. At least one of the
// limits is set.
type GapRule struct {
	Key    string
	Metric string
	Parameters
	MaxGap   *float64 // how large the candidate's gap may be
	MaxRise  *float64 // how much larger than the baseline's
	Severity Severity
	At       string
}

// Rule is the gap's metric as a rule without limits.
func (g GapRule) Rule() Rule {
	return Rule{Key: g.Key, Metric: g.Metric, Parameters: g.Parameters, Severity: g.Severity, At: g.At}
}

// MinRows is the fewest rows of a slice that is judged.
func (s *Spec) MinRows() int {
	if s.Slices == nil {
		return defaultMinRows
	}
	return s.Slices.MinRows
}

func gapsShape(v Vocabulary) *shape {
	limit := func(doc string) *shape {
		return &shape{kind: numberShape, low: bound(0), wants: "a number of at least 0 such as 0.05", doc: doc}
	}
	rule := &shape{kind: objectShape, ref: "gap", wants: "a map of limits such as {max_gap: 0.05}", doc: "What the gap of a metric must satisfy.",
		fields: slices.Concat([]field{
			{name: "metric", shape: metricShape(v)},
			{name: "max_gap", shape: limit("The largest difference between the best and the worst slice.")},
			{name: "max_rise", shape: limit("How much larger than the baseline's the difference may be.")},
			{name: "severity", shape: severityShape()},
		}, parameterFields())}
	return &shape{kind: mapShape, atLeast: 1, wants: "a map of columns to metrics such as {sex: {recall: {max_gap: 0.05}}}",
		keyPattern: freePattern, keyWants: "a column, or several parted by commas",
		doc: "Differences between the best and the worst slice by a column, or by the combinations of several parted by commas.",
		elem: &shape{kind: mapShape, ref: "gaps", atLeast: 1, wants: "a map of metrics to limits such as {recall: {max_gap: 0.05}}",
			doc: "Metrics, and how far the slices may be apart in them.", keyPattern: keyPattern, keyWants: nameWants,
			names: metricNames(v), namesWhat: "metric", otherwise: []string{"metric"}, aliases: metricAliases(v), elem: rule}}
}

// gaps reads the section of gaps.
func (d *decoder) gaps(n *node) {
	seen := map[string]bool{}
	for _, e := range n.entries {
		if e.value.bad {
			continue
		}
		g := Gaps{Key: e.key, Columns: d.gapColumns(e), At: At("gaps", e.key)}
		family := strings.Join(slices.Sorted(slices.Values(g.Columns)), "\x00")
		if seen[family] && len(g.Columns) > 0 {
			d.r.report(e.at, "gaps lists the same columns twice")
		}
		seen[family] = true
		for _, rule := range e.value.entries {
			if r, ok := d.gapRule(rule, scope{at: []string{"gaps", e.key}}); ok {
				g.Rules = append(g.Rules, r)
			}
		}
		d.spec.Gaps = append(d.spec.Gaps, g)
	}
}

// gapColumns are the columns of a key: parted by commas, a comma within a name
// written %2C.
func (d *decoder) gapColumns(e *entry) []string {
	var out []string
	for part := range strings.SplitSeq(e.key, ",") {
		name := strings.NewReplacer("%2C", ",", "%2c", ",", "%25", "%").Replace(strings.TrimSpace(part))
		switch {
		case name == "":
			d.r.report(e.at, "a name is missing beside a comma: write the columns as sex, race")
		case slices.Contains(out, name):
			d.r.report(e.at, fmt.Sprintf("gaps by %s lists %s twice", quote(e.key), quote(name)))
		}
		out = append(out, name)
	}
	return out
}

func (d *decoder) gapRule(e *entry, s scope) (GapRule, bool) {
	if e.value.bad {
		return GapRule{}, false
	}
	metric, at := e.key, e.at
	if m := e.value.entry("metric"); m != nil {
		if m.value.bad {
			return GapRule{}, false
		}
		metric, at = m.value.text, m.placeOf()
	}
	info, ok := d.info(metric)
	if !ok || !d.judgeMetric(info, at) {
		return GapRule{}, false
	}
	before := len(d.r.found)
	with := Rule{}
	d.parameters(e, info, &with)
	r := GapRule{Key: e.key, Metric: metric, Parameters: with.Parameters, At: s.path(e.key)}
	r.MaxGap, r.MaxRise = d.gapLimit(e.value, "max_gap", info), d.gapLimit(e.value, "max_rise", info)
	if v := e.value.field("severity"); v != nil {
		r.Severity = Severity(v.text)
	}
	if !e.value.hasAny([]string{"max_gap", "max_rise"}) {
		d.r.hint(e.at, fmt.Sprintf("the gap of %s needs a limit: max_gap, max_rise or both", e.key), "for example {max_gap: 0.05}")
	}
	return r, len(d.r.found) == before
}

func (d *decoder) gapLimit(n *node, key string, info MetricInfo) *float64 {
	v := n.field(key)
	if v == nil {
		return nil
	}
	limit, _ := v.number()
	if info.Bounded && limit >= 1 {
		d.report(n, key, "%s is %s: %s lies between 0 and 1, so two slices are never farther apart", key, v.text, info.Name)
	}
	return &limit
}
