package result

// Contract is how a table, or one of its columns, keeps its contract.
type Contract struct {
	Violations []Violation `json:"violations,omitempty"`
	// Of the whole table: how many columns hold, and which do not, at most 20.
	Columns int      `json:"columns,omitempty"`
	Broken  int      `json:"broken,omitempty"`
	Names   []string `json:"names,omitempty"`
	// The table, and its rows.
	Table string `json:"table,omitempty"`
	Rows  uint64 `json:"rows,omitempty"`
}

// Violation is one way in which a contract is broken.
type Violation struct {
	Name    string `json:"name"` // such as NULL_RATE or UNIT_CHANGE
	Message string `json:"message"`
	// Undo is what makes of a current value x what it was in the reference.
	Undo     string             `json:"undo,omitempty"`
	Other    string             `json:"other,omitempty"` // the column that it is swapped with
	Examples []ViolationExample `json:"examples,omitempty"`
	Share    *ViolationShare    `json:"share,omitempty"`
	Distance *Undone            `json:"distance,omitempty"`
}

// ViolationExample is a value, what it was where that is known, and its rows.
type ViolationExample struct {
	Value string `json:"value"`
	Was   string `json:"was,omitempty"`
	Rows  uint64 `json:"rows,omitempty"`
}

// ViolationShare is rows of all, and the largest share that may be.
type ViolationShare struct {
	Rows      uint64      `json:"rows"`
	Of        uint64      `json:"of"`
	Limit     float64     `json:"limit"`
	Interval  *[2]float64 `json:"interval,omitempty"` // of the share, 95 %
	PAdjusted *float64    `json:"p_adjusted,omitempty"`
}

// Undone is how far a column is from the reference before and after a change is undone.
type Undone struct {
	Before float64 `json:"before"`
	After  float64 `json:"after"`
	Noise  float64 `json:"noise"` // what chance puts between two samples of one population
}
