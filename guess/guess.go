// Package guess looks at the columns of a data file and of recorded predictions
// and guesses the spec that compares them, each setting with its reason:
//
//	dataset.Source ─▶ Look ─▶ Table ─▶ From ─▶ Draft ─▶ Write ─▶ noworse.yaml
//
// A guess is made from names and from what the values show, and never from
// chance: where two answers are as good, it says which flag decides.
package guess

import (
	"fmt"

	"github.com/noworse/noworse/dataset"
)

// Table is a file, or several with the same columns, and what its columns hold.
type Table struct {
	Path    string
	Rows    uint64
	Columns []Column
}

// Column is what is known of one column.
type Column struct {
	dataset.Column
	Rows, Nulls uint64
	// Values are the values that are not null, in the form of class names, the
	// most frequent first; none where there are Many.
	Values   []dataset.Value
	Many     bool    // more than mostValues
	Distinct uint64  // different values; 0 where there are Many and they were not counted
	Min, Max float64 // of numbers
	Whole    bool    // numbers without a fraction
	Odd      bool    // numbers of which some are NaN or infinite
}

// unique says whether the column may name rows: each has a value of its own.
func (c *Column) unique() bool { return c.Nulls == 0 && c.Distinct == c.Rows }

func (c *Column) number() bool {
	switch c.Kind {
	case dataset.Integer, dataset.Wide, dataset.Float, dataset.Decimal:
		return true
	}
	return false
}

// probability says whether the values can be probabilities and nothing less:
// some lie between 0 and 1.
func (c *Column) probability() bool {
	return c.number() && !c.Odd && c.Nulls == 0 && c.Min >= 0 && c.Max <= 1 && !c.Whole
}

// classes are the column's values, where they may be classes.
func (c *Column) classes() []string {
	if c.Many {
		return nil
	}
	names := make([]string, len(c.Values))
	for i, v := range c.Values {
		names[i] = v.Text
	}
	return names
}

// column finds a column by name; nil if there is none.
func (t *Table) column(name string) *Column {
	if t == nil || name == "" {
		return nil
	}
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}

// Answers names the columns of one model's answers.
type Answers struct{ Prediction, Score string }

func (a Answers) stated() bool { return a.Prediction != "" || a.Score != "" }

// Input is what there is to guess from. What is stated is taken as it is.
type Input struct {
	Data                Table
	Candidate, Baseline *Table // files of predictions; nil: their answers are columns of Data
	Joins               []Join

	Task, Label, Positive, ID         string
	CandidateAnswers, BaselineAnswers Answers
	// Plain leaves margins at their defaults and slices to the caller: for a
	// comparison that nobody will keep.
	Plain bool
}

// Join is a table joined to Data by a column that both have.
type Join struct{ Path, ID string }

// Said is a setting and its reason. An empty value is no setting.
type Said struct{ Value, Why string }

func said(value, why string) Said { return Said{value, why} }

// Model is where the answers of one model are.
type Model struct {
	Path             string // "": in columns of the data
	ID, Label, Score Said
	Scores           []Said // multiclass: a column for each class, in the order of Classes
	Classes          []string
	Why              string
}

// Slice is a named slice, or one by columns.
type Slice struct {
	Name, Where string   // named
	Columns     []string // by column
	Why         string
}

// Missing is what could not be guessed and cannot be left out, and what says it.
type Missing struct{ What, Sentence, Mend string }

// Draft is a guessed spec.
type Draft struct {
	Input                           *Input
	Task, Label, Positive, ID       Said
	Weight, Time, Group, Unlabelled Said
	Candidate, Baseline             *Model
	Named, By                       []Slice
	LeftOut                         []string // columns that could make slices and do not
	Notes                           []string // what may be meant otherwise, one sentence each
	Missing                         []Missing
	rows, positives                 uint64 // labelled rows; those of the rarer of two classes
}

func (d *Draft) missing(what, why, mend string) {
	d.Missing = append(d.Missing, Missing{what, what + " cannot be guessed: " + why, mend})
}

func (d *Draft) note(sentence string) { d.Notes = append(d.Notes, sentence) }

// From guesses a spec.
func From(in Input) *Draft {
	d := &Draft{Input: &in}
	if d.checkStated(); len(d.Missing) > 0 {
		return d
	}
	d.findID()
	d.findLabel()
	d.findModels()
	d.findRoles()
	d.findSlices()
	return d
}

// checkStated wants the columns that are stated to be there.
func (d *Draft) checkStated() {
	in := d.Input
	of := func(file *Table) *Table {
		if file == nil {
			return &in.Data
		}
		return file
	}
	for _, s := range []struct {
		flag, name string
		table      *Table
	}{
		{"--label", in.Label, &in.Data}, {"--id", in.ID, &in.Data},
		{"--prediction", in.CandidateAnswers.Prediction, of(in.Candidate)}, {"--score", in.CandidateAnswers.Score, of(in.Candidate)},
		{"--baseline-prediction", in.BaselineAnswers.Prediction, of(in.Baseline)}, {"--baseline-score", in.BaselineAnswers.Score, of(in.Baseline)},
	} {
		if s.name != "" && s.table.column(s.name) == nil {
			d.Missing = append(d.Missing, Missing{s.flag, fmt.Sprintf("%s: %s has no column %q", s.flag, s.table.Path, s.name), "its columns: " + quoteList(s.table.names(), 20)})
		}
	}
}

// spoken says whether a column has a role already, so that it is no feature.
func (d *Draft) spoken(name string) bool {
	for _, s := range []Said{d.Label, d.ID, d.Weight, d.Time, d.Group} {
		if s.Value == name {
			return true
		}
	}
	for _, m := range []*Model{d.Candidate, d.Baseline} {
		if m == nil || m.Path != "" {
			continue
		}
		for _, s := range append([]Said{m.Label, m.Score}, m.Scores...) {
			if s.Value == name {
				return true
			}
		}
	}
	return false
}
