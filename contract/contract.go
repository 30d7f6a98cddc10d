// Package contract says what a table must be, and whether it is so still. A contract is
// inferred from the profile of a reference, can be edited as text, and holds another
// table to types, columns, missing values, ranges, categories, patterns, uniqueness,
// order, age and rows:
//
//	reference ─▶ Profile ─▶ Infer ─▶ Contract ─▶ Allowed ─▶ Profile of the current table
//	                                    └──────▶ Hold ◀──────────┘
//
// A share of rows is judged against a limit by an exact test, so that it means the same
// at every number of rows: a larger sample always reaches further than the reference,
// and that alone breaks nothing. With the reference's profile at hand, changes of
// meaning that keep the type are found by what undoes them: another unit, another sign,
// columns that are swapped, other codes, another stand-in for missing values, another
// time zone.
package contract

import (
	"math"
	"regexp"
	"time"

	"github.com/noworse/noworse/profile"
)

// Contract is what a table must be.
type Contract struct {
	// LeastRows and MostRows bound its rows; MostRows 0: any number. A table without
	// rows breaks every contract.
	LeastRows, MostRows uint64
	Columns             []Column
}

// Column is what one column must be.
type Column struct {
	Name     string
	Type     profile.Kind // "": any
	Required Where
	Nulls    float64 // the largest share of rows that may lack a value (null or NaN); 1: any
	// Range is where numbers must be, both ends included; nil: anywhere. An end may be
	// infinite.
	Range      *[2]float64
	Categories []string       // nil: any text
	Pattern    *regexp.Regexp // of the whole text; nil: any
	// Outside is the largest share of values that may be out of the range, of other
	// categories or against the pattern.
	Outside   float64
	Unique    bool          // no value twice
	Ascending bool          // no row has less than the row before it
	Fresh     time.Duration // how old the newest time may be; 0: any age
	Ignore    bool          // nothing of it is held to anything
	// Seen says what of the reference each limit came from, by the limit's name in the
	// text.
	Seen map[string]string
}

// Where says in which environment a column must be there.
type Where string

// Environments: a model is trained with labels, and serves without.
const (
	Always   Where = "always"
	Never    Where = "never"
	Training Where = "training"
	Serving  Where = "serving"
)

// In says whether a column must be there in an environment.
func (w Where) In(environment Where) bool { return w == Always || w == environment }

// Find is the column of a name, or nil.
func (c *Contract) Find(name string) *Column {
	for i := range c.Columns {
		if c.Columns[i].Name == name {
			return &c.Columns[i]
		}
	}
	return nil
}

// Allowed is what a profile must count beyond, so that what is outside is exact.
func (c *Contract) Allowed() map[string]profile.Allowed {
	list := map[string]profile.Allowed{}
	for i := range c.Columns {
		one := &c.Columns[i]
		if one.Ignore || one.Range == nil && one.Categories == nil && one.Pattern == nil {
			continue
		}
		a := profile.Allowed{Low: math.Inf(-1), High: math.Inf(1)}
		if one.Range != nil {
			a.Low, a.High = one.Range[0], one.Range[1]
		}
		if one.Categories != nil || one.Pattern != nil {
			a.Text = one.allows()
		}
		list[one.Name] = a
	}
	return list
}

// allows says of a text whether it may be.
func (c *Column) allows() func(string) bool {
	if c.Categories == nil {
		return c.Pattern.MatchString
	}
	known := map[string]bool{}
	for _, text := range c.Categories {
		known[text] = true
	}
	return func(text string) bool { return known[text] && (c.Pattern == nil || c.Pattern.MatchString(text)) }
}

// Name is what kind of violation it is.
type Name string

// The violations.
const (
	NewColumn       Name = "NEW_COLUMN"
	MissingColumn   Name = "MISSING_COLUMN"
	TypeChanged     Name = "TYPE_CHANGED"
	NullRate        Name = "NULL_RATE"
	OutOfRange      Name = "OUT_OF_RANGE"
	NewCategory     Name = "NEW_CATEGORY"
	AgainstPattern  Name = "PATTERN"
	NotUnique       Name = "NOT_UNIQUE"
	NotOrdered      Name = "NOT_ORDERED"
	Stale           Name = "STALE"
	RowCount        Name = "ROW_COUNT"
	UnitChange      Name = "UNIT_CHANGE"
	SignFlip        Name = "SIGN_FLIP"
	SwappedColumns  Name = "SWAPPED_COLUMNS"
	MissingEncoding Name = "MISSING_ENCODING"
	Recoded         Name = "RECODED_CATEGORIES"
	TimeZone        Name = "TIMEZONE_SHIFT"
)

// Violation is one way in which a table breaks its contract.
type Violation struct {
	Name    Name
	Column  string // "": the whole table
	Message string // a sentence for somebody who has not read the contract
	// Undo is what makes of a current value x what it was in the reference; "" where
	// nothing does.
	Undo     string
	Other    string    // the column that it is swapped with
	Examples []Example // at most five
	Share    *Share    // of what is judged as a share
	Distance *Distance // of what is found by undoing it
}

// Example is a value, or a value and what it was, and its rows.
type Example struct {
	Value string
	Was   string // "" where it has no counterpart
	Rows  uint64
}

// Share is rows of all, and what they are held to.
type Share struct {
	Rows, Of  uint64
	Limit     float64
	Low, High float64 // the 95 % interval of the share, by Clopper and Pearson
	P         float64 // of so many or more at the limit, adjusted over all shares (Holm)
}

// Distance is how far the column is from the reference, as it is and with the change
// undone: of distribution functions, or of shares (total variation).
type Distance struct {
	Before, After float64
	Noise         float64 // what samples of one distribution may be apart
}
