package spec

// Parity says how far the answers of two models may be apart that ought to be one.
type Parity struct {
	Absolute, Relative float64 // |candidate - baseline| <= Absolute + Relative*|baseline|
	MaxLabelFlips      uint64
	Severity           Severity
}

// What parity tolerates unless it says otherwise.
const (
	parityAbsolute = 1e-6
	parityRelative = 1e-5
)

func parityShape() *shape {
	number := func(doc string) *shape {
		return &shape{kind: numberShape, low: bound(0), wants: "a number such as 0.000001", doc: doc}
	}
	return &shape{kind: objectShape, wants: "a map such as {atol: 0.000001, rtol: 0.00001, max_label_flips: 0}",
		doc: "The candidate is the baseline on other hardware, with other libraries or in another format: every answer must be the same, |candidate - baseline| <= atol + rtol * |baseline|. {} is for single precision.", fields: []field{
			{name: "atol", shape: number("How far a score or number may be off, whatever its size. Default: 1e-6.")},
			{name: "rtol", shape: number("How far it may be off as a share of the baseline's. Default: 1e-5.")},
			{name: "max_label_flips", shape: &shape{kind: numberShape, whole: true, low: bound(0), wants: "a whole number such as 0", doc: "How many rows may have another label. Default: 0."}},
			{name: "severity", shape: severityShape()},
		}}
}

func (d *decoder) parity(n *node) {
	p := &Parity{Absolute: parityAbsolute, Relative: parityRelative, MaxLabelFlips: uint64(d.count(n, "max_label_flips", 0)), Severity: severityOf(n)}
	if v := numberOf(n, "atol"); v != nil {
		p.Absolute = *v
	}
	if v := numberOf(n, "rtol"); v != nil {
		p.Relative = *v
	}
	d.spec.Parity = p
}
