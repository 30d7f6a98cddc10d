package result

// Bench is what was measured of a latency or of memory, in the unit that the check's
// values have: milliseconds, rows a second, or megabytes.
type Bench struct {
	Batch  int  `json:"batch"`            // rows of one call
	Pairs  int  `json:"pairs"`            // 0: the baseline was measured when it was accepted
	Stored bool `json:"stored,omitempty"` // it was
	// Net: without what calls waited for a processor that others had. The machine was so
	// busy that the clock could not say.
	Net bool `json:"net,omitempty"`
	// Machine is how much longer work takes than then that is always the same, a share:
	// of a latency that is compared with a stored one.
	Machine *float64 `json:"machine,omitempty"`
	// Ratio is the candidate's value over the baseline's, minus 1, and where it lies.
	// Of throughput it is that of the time of a row.
	Ratio         float64    `json:"ratio"`
	RatioInterval [2]float64 `json:"ratio_interval"`
	Baseline      []float64  `json:"baseline"` // of each run
	Candidate     []float64  `json:"candidate"`
	Loaded        *Loaded    `json:"loaded,omitempty"` // memory: once the model was loaded, before it answered
}

// Loaded is the memory of both models when they had been loaded, in megabytes.
type Loaded struct {
	Baseline  float64 `json:"baseline"`
	Candidate float64 `json:"candidate"`
}
