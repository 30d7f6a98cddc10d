package guess

import (
	"cmp"
	"fmt"
	"slices"
)

// file is a table of predictions, and what is stated of it.
type file struct {
	*Table
	stated Answers
}

// files are the files of predictions, the candidate's first.
func (d *Draft) files() []file {
	var list []file
	if t := d.Input.Candidate; t != nil {
		list = append(list, file{t, d.Input.CandidateAnswers})
	}
	if t := d.Input.Baseline; t != nil {
		list = append(list, file{t, d.Input.BaselineAnswers})
	}
	return list
}

// findID looks for the column that names rows: all its values differ, and files
// of predictions have it too.
func (d *Draft) findID() {
	data := &d.Input.Data
	if d.Input.ID != "" {
		d.ID = said(d.Input.ID, "")
		return
	}
	var best *Column
	for i := range data.Columns {
		c := &data.Columns[i]
		if d.mayBeID(c, i) && (best == nil || d.idScore(c) > d.idScore(best)) {
			best = c
		}
	}
	if best != nil {
		why := "different in every row"
		if len(d.files()) > 0 {
			why += ", and in the predictions too"
		}
		d.ID = said(best.Name, why)
		return
	}
	d.tellRepeated()
	if len(d.files()) > 0 {
		d.missing("the id", "predictions in a file are paired with rows by an id, and no column of "+data.Path+" has a different value in every row that the predictions have too",
			"--id COLUMN names it")
	}
}

// mayBeID says whether a column can name rows, and sounds or looks like it.
func (d *Draft) mayBeID(c *Column, place int) bool {
	if !c.unique() || c.Rows < 2 || c.Twin != "" || c.number() && !c.Whole {
		return false
	}
	for _, t := range d.files() {
		if idOf(t.Table, c) == nil {
			return false
		}
	}
	return idRank(c.Name) > 0 || place == 0 || len(d.files()) > 0 && d.shared(c.Name)
}

// shared says whether all files of predictions have a column of this name.
func (d *Draft) shared(name string) bool {
	for _, t := range d.files() {
		if t.column(name) == nil {
			return false
		}
	}
	return true
}

func (d *Draft) idScore(c *Column) int {
	n := 2 * idRank(c.Name)
	if len(d.files()) > 0 && d.shared(c.Name) {
		n += 10
	}
	return n
}

// idOf is the column of a file that pairs its rows with an id: that of the same
// name, or one that names rows there.
func idOf(t *Table, id *Column) *Column {
	if c := t.column(id.Name); c != nil {
		return c
	}
	var best *Column
	for i := range t.Columns {
		c := &t.Columns[i]
		if c.unique() && idRank(c.Name) > 0 && c.number() == id.number() && (best == nil || idRank(c.Name) > idRank(best.Name)) {
			best = c
		}
	}
	return best
}

// tellRepeated says which columns sound like ids and are none.
func (d *Draft) tellRepeated() {
	for i := range d.Input.Data.Columns {
		c := &d.Input.Data.Columns[i]
		if idRank(c.Name) > 1 && !c.unique() && c.Distinct > 0 && c.Distinct*2 > c.Rows {
			d.note(fmt.Sprintf("%s sounds like the id of a row, but %s have a value that stands in another row too or have none",
				c.Name, plural(c.Rows-c.Distinct, "row", "rows")))
		}
	}
}

func plural(n uint64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

// thousands writes 12,000.
func thousands(n uint64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// FindJoin finds the column by which two tables are joined: both have it, and
// in the other one each value stands once.
func FindJoin(data, other Table) (string, error) {
	var list []*Column
	for i := range other.Columns {
		c := &other.Columns[i]
		if c.unique() && c.Twin == "" && data.column(c.Name) != nil {
			list = append(list, c)
		}
	}
	if len(list) == 0 {
		return "", fmt.Errorf("%s cannot be joined: it has no column of %s in which each value stands once", other.Path, data.Path)
	}
	return slices.MaxFunc(list, func(a, b *Column) int { return cmp.Compare(idRank(a.Name), idRank(b.Name)) }).Name, nil
}
