package spec

import (
	"slices"
	"strings"
)

// Total is what a rule tolerates in total, since the anchor of the baselines
// that were accepted.
type Total struct {
	Margin
	Key  string // max_total_drop, max_total_rise or max_total_change
	Said bool   // it stands in the spec
}

// Limit is the key of the same limit of one step: max_drop for max_total_drop.
func (t Total) Limit() string { return strings.Replace(t.Key, "_total", "", 1) }

// defaultSteps is how many steps, each as large as the rule tolerates, are
// tolerated in total where the rule does not say.
const defaultSteps = 2

// totalKeys are the limits since the anchor, in the order of those of one step.
var totalKeys = []string{"max_total_drop", "max_total_rise", "max_total_change"}

// limitKeys are the limits of a rule, in the order in which they are read.
var limitKeys = slices.Concat([]string{"max_drop", "max_rise", "max_change", "min", "max"}, totalKeys)

// InTotal is what the rule tolerates since the anchor: what it says, or twice
// what it tolerates of one step; nil where it limits no change.
func (r Rule) InTotal() *Total {
	if r.Total != nil {
		return r.Total
	}
	for i, step := range []*Margin{r.MaxDrop, r.MaxRise, r.MaxChange} {
		if step != nil {
			return &Total{Margin: Margin{Value: defaultSteps * step.Value, Relative: step.Relative}, Key: totalKeys[i]}
		}
	}
	return nil
}

// Step is the margin of one step on the side of a total; nil if the rule has none.
func (r Rule) Step() *Margin {
	for _, m := range []*Margin{r.MaxDrop, r.MaxRise, r.MaxChange} {
		if m != nil {
			return m
		}
	}
	return nil
}

func totalFields() []field {
	var out []field
	for i, where := range []string{"below", "above", "from"} {
		key := totalKeys[i]
		out = append(out, field{name: key, shape: marginOf("Store: how far " + where + " the anchor is tolerated, over all baselines accepted since. Default: twice " + Total{Key: key}.Limit() + ".")})
	}
	return out
}

// total reads a limit on what a metric changed since the anchor.
func (d *decoder) total(e *entry, info MetricInfo, r *Rule) {
	t := Total{Key: e.key, Said: true}
	if message := againstDirection(info, t.Limit()); message != "" {
		d.r.report(e.at, strings.NewReplacer("max_drop", "max_total_drop", "max_rise", "max_total_rise", "max_change", "max_total_change").Replace(message))
		return
	}
	t.Margin = e.value.margin()
	if d.judgeMargin(e.placeOf(), e.value, t.Margin, info) {
		r.Total = &t
	}
}

// anchors says what a store's anchor is for.
func (d *decoder) anchors(n *node) Anchors {
	if v := n.field("anchor"); v != nil {
		return Anchors(v.text)
	}
	return AnchorChecked
}

func anchorShape() *shape {
	return &shape{kind: enumShape, wants: "check or ignore", names: []name{{string(AnchorChecked), ""}, {string(AnchorIgnored), ""}},
		doc: "Store: whether each check also compares with the anchor: check (the default) or ignore."}
}

// isTotal says whether a key is a limit since the anchor.
func isTotal(key string) bool { return slices.Contains(totalKeys, key) }
