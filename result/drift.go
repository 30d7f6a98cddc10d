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
	// Explained is what a change of the losses, or of the predictions, goes along with;
	// absent: there is none beyond chance.
	Explained *Explained `json:"explained,omitempty"`
	// The tables, and their rows.
	Reference string    `json:"reference"`
	Current   string    `json:"current"`
	Rows      [2]uint64 `json:"rows"`
}

// Apart is how well a classifier tells the rows of both tables apart, of which it has not
// learnt.
type Apart struct {
	AUC       float64     `json:"auc"`
	Interval  *[2]float64 `json:"interval,omitempty"`
	Limit     float64     `json:"limit"`
	P         float64     `json:"p"`         // of rows that cannot be told apart
	Reference int         `json:"reference"` // rows that were told
	Current   int         `json:"current"`
	// Columns by which it tells them, the most telling first, and pairs of columns that go
	// together in another way.
	Columns []Telling     `json:"columns,omitempty"`
	Pairs   []TellingPair `json:"pairs,omitempty"`
}

// Telling is what one column tells.
type Telling struct {
	Name     string      `json:"name"`
	Lost     float64     `json:"lost"` // of the area, without the column
	Interval *[2]float64 `json:"interval,omitempty"`
	Alone    float64     `json:"alone"` // the area by this column alone
}

// TellingPair is what two columns tell together, beyond what each does.
type TellingPair struct {
	A        string      `json:"a"`
	B        string      `json:"b"`
	Lost     float64     `json:"lost"`
	Interval *[2]float64 `json:"interval,omitempty"`
}

// Concept is by how much the label has changed for the same features.
type Concept struct {
	Label    string      `json:"label"`
	Class    string      `json:"class,omitempty"` // whose share changed most, of more than two
	Change   float64     `json:"change"`          // of the label's mean, or the class's share
	Interval *[2]float64 `json:"interval,omitempty"`
	Limit    float64     `json:"limit"`
	P        float64     `json:"p"` // of no change
	// Everywhere is the share of the change that all rows have, Columns those that go along
	// with a column.
	Everywhere float64        `json:"everywhere"`
	Columns    []ConceptShare `json:"columns,omitempty"`
	Reference  int            `json:"reference"` // rows that were compared
	Current    int            `json:"current"`
}

// ConceptShare is a column's part in it.
type ConceptShare struct {
	Name  string  `json:"name"`
	Share float64 `json:"share"`
}

// LabelShift is what the predictions say of the labels' shares in the current rows, which
// have none.
type LabelShift struct {
	Distance  float64      `json:"distance"` // total variation
	Limit     float64      `json:"limit"`
	P         float64      `json:"p"`         // of no shift
	Condition float64      `json:"condition"` // number, of the confusion matrix
	Labels    []LabelShare `json:"labels"`
}

// LabelShare is one label's.
type LabelShare struct {
	Label     string      `json:"label"`
	Reference float64     `json:"reference"`
	Current   float64     `json:"current"`
	Interval  *[2]float64 `json:"interval,omitempty"` // of the current one
}

// Explained is how the change of a mean splits by columns.
type Explained struct {
	Of        string      `json:"of"` // share of wrong rows, mean absolute error, or mean of a column
	Reference float64     `json:"reference"`
	Current   float64     `json:"current"`
	Interval  *[2]float64 `json:"interval,omitempty"` // of the change
	// Columns, first the one whose bins' shares explain most; at most 20.
	Columns []Explaining `json:"columns"`
}

// Explaining is one column's: Mix, that its bins have other shares, Within, that rows of
// the same bin have another mean, and New, bins that the reference has no row in. They
// add up to the change.
type Explaining struct {
	Name   string  `json:"name"`
	Mix    Part    `json:"mix"`
	Within Part    `json:"within"`
	New    Part    `json:"new,omitzero"`
	Bins   []BinOf `json:"bins"` // first the one that contributes most
}

// Part is a part of a change.
type Part struct {
	Value    float64     `json:"value"`
	Interval *[2]float64 `json:"interval,omitempty"`
}

// BinOf is a bin's share of rows and mean in both tables; no mean: it has no row.
type BinOf struct {
	Bin            string   `json:"bin"`
	ReferenceShare float64  `json:"reference_share"`
	CurrentShare   float64  `json:"current_share"`
	ReferenceMean  *float64 `json:"reference_mean,omitempty"`
	CurrentMean    *float64 `json:"current_mean,omitempty"`
	Sum            float64  `json:"sum"` // of what it contributes to the change
}

// Windows is how the current rows fare by time, against the reference.
type Windows struct {
	Of        string   `json:"of"`   // as of Explained
	Unit      string   `json:"unit"` // hour, day, week or month
	Limit     float64  `json:"limit"`
	Reference float64  `json:"reference"`
	Windows   []Window `json:"windows"` // in the order of time, the last 400
}

// Window is one of them.
type Window struct {
	Start     string      `json:"start"` // in UTC
	Rows      int         `json:"rows"`
	Value     float64     `json:"value"`
	Interval  *[2]float64 `json:"interval,omitempty"`
	Change    Part        `json:"change"`     // since the reference
	P         float64     `json:"p"`          // of no rise
	PAdjusted float64     `json:"p_adjusted"` // over all windows
	Worse     bool        `json:"worse,omitempty"`
	// Of scores of two classes: the area under the ROC curve and its change since the reference; by how
	// much scores are above the rate of positive rows; and the debiased root mean square of
	// that over ten bins.
	AUC              *Part    `json:"auc,omitempty"`
	AUCChange        *Part    `json:"auc_change,omitempty"`
	Above            *Part    `json:"above,omitempty"`
	CalibrationError *float64 `json:"calibration_error,omitempty"`
}
