package result

// Drift is how far one column has moved from the reference.
type Drift struct {
	Role      string `json:"role"`      // feature, label or prediction
	Reference uint64 `json:"reference"` // rows with a value
	Current   uint64 `json:"current"`
	// Distance is the main comparison, of the values; absent: they could not be compared.
	Distance *Distance `json:"distance,omitempty"`
	// Missing compares the shares of rows without a value; absent: there are none.
	Missing *Distance `json:"missing,omitempty"`
	// New are categories that the reference has not, Vanished those that only it has, at
	// most 20 of each.
	New      []Category `json:"new,omitempty"`
	Vanished []Category `json:"vanished,omitempty"`
	Bars     []Bar      `json:"bars,omitempty"`
}

// Distance is how far two samples are apart.
type Distance struct {
	Test     string      `json:"test"` // as the spec names it
	Effect   float64     `json:"effect"`
	Limit    float64     `json:"limit"`
	Interval *[2]float64 `json:"interval,omitempty"` // where the true one lies
	// Bound is where the distance of the values lies, where they were counted in bins.
	Bound *[2]float64 `json:"bound,omitempty"`
	// Chance is what it is on average without any change.
	Chance    float64 `json:"chance,omitempty"`
	Method    string  `json:"method"`     // whose P it is
	P         float64 `json:"p"`          // of no change
	PAdjusted float64 `json:"p_adjusted"` // over all columns
}

// Category is a text and its rows.
type Category struct {
	Text string `json:"text"`
	Rows uint64 `json:"rows"`
}

// Bar is a part of a column's values, as shares of rows with a value.
type Bar struct {
	Category  string   `json:"category,omitempty"` // of texts
	Others    bool     `json:"others,omitempty"`   // all texts that have no bar
	From      *float64 `json:"from,omitempty"`     // of numbers and times (microseconds since 1970): at least From and below To
	To        *float64 `json:"to,omitempty"`
	Reference float64  `json:"reference"`
	Current   float64  `json:"current"`
}

// Drifted says how many columns have moved, the farthest first.
type Drifted struct {
	Compared int      `json:"compared"`
	Drifted  int      `json:"drifted"`
	Unclear  int      `json:"unclear,omitempty"`
	Columns  []string `json:"columns,omitempty"` // at most 20
	// The tables, and their rows.
	Reference string    `json:"reference"`
	Current   string    `json:"current"`
	Rows      [2]uint64 `json:"rows"`
}
