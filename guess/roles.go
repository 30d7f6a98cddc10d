package guess

import (
	"fmt"

	"github.com/noworse/noworse/dataset"
)

// findRoles looks for columns with other roles. What a weight is changes every
// number, so only names that cannot be a feature's are taken for one.
func (d *Draft) findRoles() {
	data := &d.Input.Data
	for i := range data.Columns {
		c := &data.Columns[i]
		if c.Twin != "" || d.spoken(c.Name) || c.Nulls == c.Rows {
			continue
		}
		d.findRole(c)
	}
}

func (d *Draft) findRole(c *Column) {
	w, name := words(c.Name), plainName(c.Name)
	weight := c.number() && c.Nulls == 0 && !c.Odd && c.Min >= 0 && c.Max > 0
	switch {
	case weight && weights[name] && d.Weight.Value == "":
		d.Weight = said(c.Name, "named as the weight of a row")
	case weight && any1(w, maybes):
		d.note(fmt.Sprintf("%s may be the weight of a row; if it is one and no feature, write `weight: %s` under data.eval", c.Name, yamlText(c.Name)))
	case c.Kind == dataset.Time && any1(w, times) && d.Time.Value == "":
		d.Time = said(c.Name, "the time of a row")
	case len(w) > 1 && w[len(w)-1] == "id" && any1(w, groups) && !c.unique() && d.Group.Value == "" && (c.Many || c.Distinct > 1):
		d.Group = said(c.Name, "rows of one "+w[len(w)-2]+" are not independent")
	}
}
