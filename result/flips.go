package result

// Flips counts rows on which one model is right and the other is wrong, and what
// follows from that. Intervals are where the true rate lies, with the chance
// that the decision asks for.
type Flips struct {
	Negative         uint64      `json:"negative"` // the baseline was right, the candidate is wrong
	Positive         uint64      `json:"positive"` // the reverse
	NegativeRate     *float64    `json:"negative_rate,omitempty"`
	NegativeInterval *[2]float64 `json:"negative_interval,omitempty"`
	PositiveRate     *float64    `json:"positive_rate,omitempty"`
	PositiveInterval *[2]float64 `json:"positive_interval,omitempty"`
	// BackwardTrust is the share of the rows that the baseline has right on which
	// the candidate is right too; ErrorCompatibility the share of the candidate's
	// errors that were errors of the baseline.
	BackwardTrust      *float64 `json:"backward_trust,omitempty"`
	ErrorCompatibility *float64 `json:"error_compatibility,omitempty"`
	// Examples are at most 20 negative flips, picked by a hash of the id and
	// ordered by id.
	Examples []Example `json:"examples,omitempty"`
	// Of the whole set alone:
	Concentration   *Concentration   `json:"concentration,omitempty"`
	ConfidentErrors *ConfidentErrors `json:"confident_errors,omitempty"`
}

// Concentration says in which slices negative flips are more frequent than
// outside, and not by chance.
type Concentration struct {
	Tests  int         `json:"tests"`            // slices that were looked at
	Found  int         `json:"found"`            // slices in which flips gather
	Slices []Gathering `json:"slices,omitempty"` // at most 10 of these, by how many flips they have beyond their share
}

// Gathering is a slice in which negative flips gather.
type Gathering struct {
	Slice     string  `json:"slice"`
	Rows      uint64  `json:"rows"`
	Negative  uint64  `json:"negative"`
	P         float64 `json:"p"`          // chance that so many would be inside
	PAdjusted float64 `json:"p_adjusted"` // the same, adjusted for the slices that were looked at
}

// ConfidentErrors are rows that the candidate gets wrong with a confidence above
// a bound, and the baseline did not.
type ConfidentErrors struct {
	Above    float64   `json:"above"`
	Count    uint64    `json:"count"`
	Examples []Example `json:"examples,omitempty"` // at most 20, picked as those of flips
}
