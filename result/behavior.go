package result

// Behavior is how a model did on cases, or on rows that were changed.
type Behavior struct {
	Asked   uint64   `json:"asked"` // cases or rows that count
	Passed  uint64   `json:"passed"`
	Known   []string `json:"known,omitempty"`   // known failures that fail
	Mended  []string `json:"mended,omitempty"`  // known failures that fail no more
	Unmoved uint64   `json:"unmoved,omitempty"` // rows that the change leaves as they are
	Note    string   `json:"note,omitempty"`    // why something could not be asked
	// Failing are at most 20 of those that failed.
	Failing []BehaviorExample `json:"failing,omitempty"`
}

// BehaviorExample is a case, or a row, that did not come out as expected.
type BehaviorExample struct {
	ID     string  `json:"id"` // of the row, or the case's name
	Why    string  `json:"why"`
	Values []Value `json:"values,omitempty"` // that were changed; of a case, all
	Before *Answer `json:"before,omitempty"` // to the row as it was
	After  Answer  `json:"after"`
	// Baseline is what the baseline says of a case, where it runs.
	Baseline *Answer `json:"baseline,omitempty"`
}

// Value is a column's value, and what it was before it was changed.
type Value struct {
	Column string  `json:"column"`
	Before *string `json:"before,omitempty"`
	After  string  `json:"after"`
}
