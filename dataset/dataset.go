// Package dataset is the port to the rows of a run.
//
// A Source is the evaluation set with the tables that are joined to it by id.
// It says which columns there are, and scans all rows once, in batches of
// typed columns, into as many sinks as it has threads:
//
//	files ─▶ Source.Scan ─▶ Batch ─▶ Sink  (one per thread)
//
// Rows come in no fixed order, so whoever consumes them keeps statistics that
// do not depend on it. The adapter to files is dataset/duckdb.
package dataset

import (
	"context"
	"fmt"
	"strings"
)

// Kind is what sort of values a column holds.
type Kind uint8

// The kinds of columns.
const (
	Integer Kind = iota + 1 // whole numbers that fit 64 bits
	Wide                    // whole numbers beyond 64 bits
	Float
	Decimal
	Text
	Bool
	Time // dates, times and timestamps
	Other
)

var kindNames = [...]string{"", "integer", "integer", "floating-point", "decimal", "text", "boolean", "date or time", "nested"}

func (k Kind) String() string { return kindNames[k] }

// Column is one column of a table.
type Column struct {
	Name   string
	Kind   Kind
	Type   string // the source's own word for its type
	Vector bool   // of kind Other: each value is a list of numbers
	Joined bool   // it is of a table that is joined to the evaluation set
	// Twin is what the source calls another column that has the same name in the
	// file, upper and lower case aside; "" where there is none.
	Twin string
}

// Table is a set of files with the same columns.
type Table struct {
	At   string // the setting that names it, for errors: "data.eval.path"
	AtID string // the setting that names ID
	Path string // a file or a glob
	// Files are the table's files where they are not where Path says: copies of
	// remote ones. Path is then no more than a name.
	Files []File
	// ID is the column that matches rows of this table with rows of another;
	// "" where rows are not matched. In CSV it is read as it is written: a
	// column with an id of 007 is text.
	ID string
	// Former tables are attached ones with the rows of an earlier evaluation set:
	// a scan that asks for one of their fields gives the rows that both have.
	Former bool
	// Position: ID holds a row's place in the evaluation set, from 0.
	Position bool
}

// File is a local file and what it is called in messages.
type File struct{ Name, Path string }

// Layout says which tables make the rows of a run.
type Layout struct {
	Eval Table
	// Joined tables add columns by a column that the evaluation set has too,
	// of the same name. A row without a match has nulls there.
	Joined []Table
	// Refuse says why a file may not be read, wherever links in its path lead; ""
	// if it may. nil: every file may.
	Refuse func(path string) string
	// Attached tables hold one row for each row of the evaluation set, matched
	// by Eval.ID: predictions.
	Attached []Table
}

// Source is the rows of one layout.
type Source interface {
	// Columns lists the columns of the evaluation set and the tables joined to it.
	Columns() []Column
	// Attached lists the columns of the i-th attached table.
	Attached(i int) []Column
	// Rows counts the rows of the evaluation set.
	Rows() uint64
	// AttachedRows counts the rows of the i-th attached table.
	AttachedRows(i int) uint64
	// Predicate checks that text is one safe boolean expression over Columns
	// and returns it in the form that a Field wants.
	Predicate(ctx context.Context, text string) (Predicate, error)
	// Values counts the distinct values of a column of the evaluation set, the
	// most frequent first, at most limit of them.
	Values(ctx context.Context, column string, limit int) ([]Value, error)
	// Nulls counts the rows of the evaluation set where a column is null.
	Nulls(ctx context.Context, column string) (uint64, error)
	// Distinct counts the different values of a column, nulls left out.
	Distinct(ctx context.Context, column string) (uint64, error)
	// Scan hands the rows to sinks. Each sink is made by the function, one call
	// at a time, and used by one thread at a time; Scan returns when all rows are
	// consumed.
	Scan(ctx context.Context, what Request, sink func() Sink) error
	// Export is a scan that writes rows to a file of its own, which stands until
	// Close: the caller copies it to where it belongs.
	Export(ctx context.Context, what Export, sink func() Sink) (path string, err error)
	Calculator
	// AuditIDs looks for what keeps rows from matching one to one: it is the
	// slow path, for the message of an error that a scan has found.
	AuditIDs(ctx context.Context) ([]IDAudit, error)
	Close() error
}

// Predicate is a checked boolean expression.
type Predicate struct{ SQL string }

// Value is one value of a column and its number of rows.
type Value struct {
	Text string
	Null bool
	Rows uint64
}

// From says which table a field is taken from.
type From int

// Tables that a field may come from; Eval includes the joined ones. The i-th
// attached table is FromAttached(i).
const FromEval From = 0

// FromAttached is the i-th attached table.
func FromAttached(i int) From { return From(i + 1) }

// Form is the Go type that a field's values come in.
type Form uint8

// The forms.
const (
	AsBool  Form = iota + 1
	AsInt        // for Integer columns
	AsFloat      // for numbers of any kind: the nearest double
	AsText       // any column, as the source writes it
	// AsCode numbers the texts of any column, null among them: for columns with few values.
	AsCode
	// Present is true where the attached table has a row for the id.
	Present
	// AsMask is for predicates: where one is true, and not false or null.
	AsMask
	// Position is the row's place in the evaluation set, from 0, as Ints.
	Position
	// AsTime is for Time columns: microseconds since 1970 in UTC, or since midnight, as Ints.
	AsTime
	// AsVector is for columns of vectors, as Lists: a number that is null is NaN.
	AsVector
	// Sampled marks the rows of a sample of some Request.Sample rows, as Bools.
	Sampled
)

// Field asks for one value of each row: a column, or a predicate.
type Field struct {
	From      From
	Column    string
	Predicate *Predicate // instead of Column; AsBool or AsMask
	// Expression, instead of Column, is one of an Aggregate, in a Derivation; AsFloat
	// or AsText.
	Expression string
	Form       Form
	Most       int // of AsCode: more different texts are a *ManyError; 0: any number
}

// ManyError is that a field has more different texts than it may have.
type ManyError struct{ Field int }

func (e *ManyError) Error() string {
	return fmt.Sprintf("internal: field %d has too many different texts", e.Field)
}

// Request is what a scan reads.
type Request struct {
	Fields  []Field
	NotNull string // leave out the rows where this column is null; "": none
	// Sample is about how many rows are marked as Sampled: the same ones in every scan
	// of the same files, drawn by a row's place, whatever it holds; all where there are
	// no more. SampleOnly leaves out the others.
	Sample     uint64
	SampleOnly bool
}

// Export is what a scan writes.
type Export struct {
	Request
	Format  string         // parquet or csv
	Columns []ExportColumn // in the order of the file
	OrderBy int            // the column that the rows are sorted by
}

// ExportColumn is one column of a file. Column and From are as in Field, and the
// values keep their type; or Position; or Mark, the number of a text that the
// sink gives for the row.
type ExportColumn struct {
	Name     string
	From     From
	Column   string
	Position bool
	Mark     int  // from 1; 0: none
	Number   bool // the mark is a number, or "" for null
}

// Marks is the number of texts that the sink gives for each row. Where there are
// any, rows for which it gives none are not written.
func (e Export) Marks() int {
	n := 0
	for _, c := range e.Columns {
		n = max(n, c.Mark)
	}
	return n
}

// Batch is a run of rows. It is valid during one call of Consume: sinks copy
// what they keep.
type Batch struct {
	Rows    int
	Vectors []Vector // one for each field, in their order
	// Marks are for a sink to set where an Export has them: nil for a row that is
	// not written. Else nil.
	Marks [][]string
	// Answers are for the sink of a Derivation to set.
	Answers Answers
}

// Vector is one field of the rows of a batch, in the slice of its form.
type Vector struct {
	Valid  []uint64 // bit i is set where row i is not null; nil: no nulls
	Bools  []uint8  // true is any value but 0
	Ints   []int64
	Floats []float64
	Texts  []string
	Lists  [][]float64
	// Codes are the numbers of the rows texts in Dictionary.
	Codes      []uint32
	Dictionary Dictionary
	Mask       []uint64 // bit i is set where row i has it; no bit beyond the rows is
}

// Dictionary knows the texts that a scan has numbered. It may know some that no row has.
type Dictionary interface {
	Value(code uint32) (text string, null bool)
}

// Null says whether row i has no value.
func (v *Vector) Null(i int) bool {
	return v.Valid != nil && v.Valid[i>>6]>>(i&63)&1 == 0
}

// Sink consumes batches. An error ends the scan and comes back from it.
type Sink interface {
	Consume(*Batch) error
}

// IDAudit is what is wrong with the ids of one table. Examples are at most
// five, in order.
type IDAudit struct {
	Table      Table
	Rows       uint64
	Nulls      uint64
	Duplicates Examples // ids that stand in more than one row
	Extra      Examples // attached tables: ids that the evaluation set has not
	Missing    Examples // attached tables: ids of the evaluation set that are not there
}

// Examples is a count of ids and some of them.
type Examples struct {
	Count uint64
	IDs   []string
}

// List names the examples: "3, 17, …".
func (e Examples) List() string {
	list := strings.Join(e.IDs, ", ")
	if uint64(len(e.IDs)) < e.Count {
		list += ", …"
	}
	return list
}

// TableError is a table that cannot be read or used, with the setting that
// names it.
type TableError struct {
	At      string
	Message string
	Hint    string
	Missing bool // there is no such file at all
}

func (e *TableError) Error() string {
	if e.Hint == "" {
		return e.Message
	}
	return e.Message + "\n" + e.Hint
}

// FieldError is a predicate that a scan could not work out for some row, though
// it is one that a row may ask.
type FieldError struct {
	Field     int // its place in the request
	Predicate *Predicate
	Message   string
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("the slice %s fails on some rows: %s", strings.TrimSuffix(strings.TrimPrefix(e.Predicate.SQL, "("), ")"), e.Message)
}

// Find looks a column up by its exact name.
func Find(columns []Column, name string) (Column, bool) {
	for _, c := range columns {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}
