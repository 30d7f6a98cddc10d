package spec

// Decision says how sure a verdict must be, and what too little evidence does.
type Decision struct {
	Alpha float64 // how often chance alone may make a run fail
	Fail  FailBy
	// What an inconclusive check of severity block does: over the whole set, and
	// in a slice.
	Overall, Slices Severity
}

// FailBy is what a check needs to fail.
type FailBy string

// The ways to fail.
const (
	ByEvidence FailBy = "evidence"
	ByBeyond   FailBy = "beyond"
	ByPoint    FailBy = "point"
)

// usual is the decision of a spec that does not say.
var usual = Decision{Alpha: 0.05, Fail: ByEvidence, Overall: Block, Slices: Warn}

func decisionShape() *shape {
	does := func(doc string) *shape {
		s := *severityShape()
		s.doc = doc
		s.ref = ""
		return &s
	}
	return &shape{
		kind: objectShape, wants: "a map such as {alpha: 0.05}", doc: "How sure a verdict must be, and what too little evidence does.",
		fields: []field{
			{name: "alpha", shape: &shape{kind: numberShape, low: bound(0), lowOpen: true, high: bound(0.5), highOpen: true, wants: "a chance between 0 and 0.5 such as 0.05",
				doc: "How often chance alone may make a run of equally good models fail. Default: 0.05."}},
			{name: "fail", shape: &shape{kind: enumShape, wants: "one of evidence, beyond, point", names: []name{
				{string(ByEvidence), "Beyond the margin, and not worse by chance."},
				{string(ByBeyond), "Not beyond the margin by chance: asks for more rows."},
				{string(ByPoint), "Beyond the margin, chance or not."}},
				doc: "What a check needs to fail: evidence (the default), beyond, or point."}},
			{name: "inconclusive", shape: &shape{kind: objectShape, wants: "a map such as {overall: block, slices: warn}", doc: "What a check does that looks worse on too few rows to tell.",
				fields: []field{
					{name: "overall", shape: does("Over the whole evaluation set: block (the default) or warn.")},
					{name: "slices", shape: does("In slices: block or warn (the default).")},
				}}},
		},
	}
}

// decision reads how to decide.
func (d *decoder) decision(n *node) Decision {
	out := usual
	if n == nil {
		return out
	}
	if alpha := n.field("alpha"); alpha != nil {
		out.Alpha, _ = alpha.number()
	}
	if fail := n.field("fail"); fail != nil {
		out.Fail = FailBy(fail.text)
	}
	inconclusive := n.field("inconclusive")
	if s := inconclusive.field("overall"); s != nil {
		out.Overall = Severity(s.text)
	}
	if s := inconclusive.field("slices"); s != nil {
		out.Slices = Severity(s.text)
	}
	return out
}
