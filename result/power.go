package result

// Power is what an evaluation set can tell, before there is a candidate: one
// entry for each limit of a change, in the order of the spec. Like Result, it
// only grows.
type Power struct {
	Schema  int      `json:"schema"`
	Kind    string   `json:"kind"` // "power"
	Name    string   `json:"name"`
	Summary string   `json:"summary"` // in one sentence
	Tool    Tool     `json:"tool"`
	Spec    File     `json:"spec"`
	Task    string   `json:"task"`
	Notes   []string `json:"notes,omitempty"`
	Data    struct {
		Eval PowerData `json:"eval"`
	} `json:"data"`
	Candidate *Model       `json:"candidate,omitempty"` // where its answers were read
	Baseline  *Model       `json:"baseline,omitempty"`
	Assumed   Assumed      `json:"assumed"`
	Checks    []PowerCheck `json:"checks"`
}

// PowerData is the evaluation set: the rows that a comparison would be about.
type PowerData struct {
	Rows    uint64 `json:"rows"`
	Version string `json:"version,omitempty"`
}

// Assumed is what the numbers rest on besides the rows.
type Assumed struct {
	Fail  string  `json:"fail"`  // what a fail needs: evidence, beyond or point
	Alpha float64 `json:"alpha"` // of the run as a whole
	Power float64 `json:"power"` // the chance with which a drop is to be caught
	// The share of rows that change though nothing is worse, and the correlation
	// of the two models' values; absent where two models show it.
	Discordance *float64 `json:"discordance,omitempty"`
	Correlation *float64 `json:"correlation,omitempty"`
}

// PowerCheck is what the rows of one check can tell.
type PowerCheck struct {
	ID     string  `json:"id"`
	Metric string  `json:"metric"`
	Name   string  `json:"name,omitempty"` // the rule's name in the spec, where it is not the metric's
	Params *Params `json:"params,omitempty"`
	Slice  string  `json:"slice"` // "": the whole set
	Rows   uint64  `json:"rows"`
	// Counting is how many of the rows the metric is about, where it is not about all.
	Counting uint64   `json:"counting,omitempty"`
	Baseline *float64 `json:"baseline,omitempty"`
	Rule     Rule     `json:"rule"`
	Margin   *float64 `json:"margin,omitempty"`
	Family   string   `json:"family"`
	Tests    int      `json:"tests,omitempty"` // checks of its family that count
	Alpha    float64  `json:"alpha,omitempty"` // what a chance is held to, were this the only one of the family that is worse
	Basis    string   `json:"basis,omitempty"` // discordance, correlation or observed
	// Detectable is the least change for the worse that fails with the chance
	// Assumed.Power; Drop is twice the margin, and Caught the chance that it fails.
	Detectable *float64 `json:"detectable,omitempty"`
	Drop       *float64 `json:"drop,omitempty"`
	Caught     *float64 `json:"caught,omitempty"`
	RowsNeeded uint64   `json:"rows_needed,omitempty"` // to catch Drop with the chance Assumed.Power
	Lacking    uint64   `json:"lacking,omitempty"`     // of these
	Skipped    string   `json:"skipped,omitempty"`     // why nothing would be decided
	Unknown    string   `json:"unknown,omitempty"`     // why nothing can be said before there is a candidate
}

// Sees says whether a drop of twice the margin is caught.
func (c *PowerCheck) Sees(power float64) bool { return c.Caught != nil && *c.Caught >= power }

// Encode writes it as indented JSON, the same bytes for equal values.
func (p *Power) Encode() ([]byte, error) { return encode(p) }
