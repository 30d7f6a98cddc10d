package spec

import "fmt"

// Flips bounds how many rows change sides from the baseline to the candidate.
type Flips struct {
	Whole  FlipRules
	Slices *FlipRules // nil: slices are not judged by it
}

// FlipRules are the limits of the whole set, or of every slice. There is at
// least one.
type FlipRules struct {
	Limits   []FlipLimit
	Severity Severity // Unset: that of the set or slice
}

// FlipLimit is one limit on a share of rows.
type FlipLimit struct {
	Name  string // MaxNegativeRate, MinBackwardTrust or MinErrorCompatibility
	Value float64
	At    string // path of the setting, or of the section whose default it is
}

// The limits on flips.
const (
	MaxNegativeRate       = "max_negative_rate"
	MinBackwardTrust      = "min_backward_trust"
	MinErrorCompatibility = "min_error_compatibility"
)

// The limits that a section has which says none.
const (
	negativeRate         = 0.03
	negativeRateInSlices = 0.05
)

func flipsShape() *shape {
	inSlices := &shape{kind: objectShape, wants: "a map of limits such as {max_negative_rate: 0.05}", fields: flipFields(),
		doc: "What flips must satisfy in every slice. {} tolerates a negative rate of 0.05."}
	return &shape{kind: objectShape, wants: "a map of limits such as {max_negative_rate: 0.03}",
		doc:    "How many rows may flip: right with the baseline and wrong with the candidate. {} tolerates a negative rate of 0.03.",
		fields: append(flipFields(), field{name: "slices", shape: inSlices})}
}

func flipFields() []field {
	least := func(doc string) *shape {
		return &shape{kind: numberShape, low: bound(0), high: bound(1), wants: "a share from 0 to 1 such as 0.95", doc: doc}
	}
	return []field{
		{name: MaxNegativeRate, shape: &shape{kind: numberShape, low: bound(0), high: bound(1), highOpen: true, wants: "a share of rows from 0 to below 1 such as 0.03",
			doc: "The largest share of rows that the baseline has right and the candidate wrong."}},
		{name: MinBackwardTrust, shape: least("Of the rows that the baseline has right, the least share that the candidate has right too.")},
		{name: MinErrorCompatibility, shape: least("Of the rows that the candidate has wrong, the least share that the baseline had wrong too.")},
		{name: "severity", shape: severityShape()},
	}
}

// flips reads the section of flips.
func (d *decoder) flips(e *entry) {
	if e.value.bad {
		return
	}
	if d.spec.Task == Regression {
		d.r.hint(e.at, "flips are rows that became right or wrong, and the numbers of a regression are neither",
			"remove the section; a rule such as mae: {max_rise: 2%} bounds how much larger errors become")
		return
	}
	out := &Flips{Whole: e.value.flipRules("flips", negativeRate)}
	if s := e.value.entry("slices"); s != nil && !s.value.bad {
		inSlices := s.value.flipRules(At("flips", "slices"), negativeRateInSlices)
		out.Slices = &inSlices
		d.judgeFlipSlices(s)
	}
	d.spec.Flips = out
}

// judgeFlipSlices refuses limits for slices where there are none. A policy may
// have them for the slices that a spec may have.
func (d *decoder) judgeFlipSlices(e *entry) {
	s := d.root.entry("slices")
	if inherited := e.at.src.index > 0; inherited || s != nil && (s.value.bad || !s.value.empties("named") || !s.value.empties("by")) {
		return
	}
	d.r.hint(e.at, "flips.slices is for the rows of each slice, and there are no slices", "name them under slices, for example slices: {by: [tier]}")
}

// flipRules are the limits that a map holds, or the usual one.
func (n *node) flipRules(at string, usual float64) FlipRules {
	var out FlipRules
	said := false
	for _, name := range []string{MaxNegativeRate, MinBackwardTrust, MinErrorCompatibility} {
		said = said || n.has(name)
		if v := n.field(name); v != nil {
			value, _ := v.number()
			out.Limits = append(out.Limits, FlipLimit{name, value, fmt.Sprintf("%s.%s", at, name)})
		}
	}
	if !said {
		out.Limits = []FlipLimit{{MaxNegativeRate, usual, at}}
	}
	if s := n.field("severity"); s != nil {
		out.Severity = Severity(s.text)
	}
	return out
}
