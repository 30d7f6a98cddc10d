package result

// Parity is how far the answers of two models are apart.
type Parity struct {
	Compared uint64 `json:"compared"` // values, or labels
	Apart    uint64 `json:"apart"`    // beyond the tolerance, or different
	// Of values: the largest difference, the largest as a share of the larger value,
	// and how many floating-point numbers lie between two at most: of single precision
	// where all values are.
	MaxAbsolute *float64    `json:"max_absolute,omitempty"`
	MaxRelative *float64    `json:"max_relative,omitempty"`
	ULP         *uint64     `json:"ulp,omitempty"`
	Single      bool        `json:"single,omitempty"`
	Rows        []ParityRow `json:"rows,omitempty"` // the worst, at most 20
}

// ParityRow is a row whose answers are apart.
type ParityRow struct {
	ID        string `json:"id"`
	Class     string `json:"class,omitempty"` // whose score, of several classes
	Baseline  string `json:"baseline"`
	Candidate string `json:"candidate"`
}
