package spec

import (
	"fmt"
	"strings"
)

// Table is a data set beside the evaluation set.
type Table struct {
	Path string // a file or a glob, or a profile; already joined to the spec's directory
	At   string // its setting's path in the spec
}

// The data sets that drift compares.
const (
	OfEval       = "eval"
	OfReference  = "reference"
	OfProduction = "production"
	OfBaseline   = "baseline" // the profile of the reference that the accepted baseline keeps
)

// Drift says how far columns may have moved.
type Drift struct {
	Reference string // OfReference, OfEval or OfBaseline
	Current   string // OfProduction or OfEval
	MaxShare  float64
	Guide     bool     // a P below 0.05 alone, as guides have it
	Missing   *float64 // how far the share of rows without a value may move; nil: the usual limit
	Columns   []DriftColumn
	Severity  Severity // of the share of columns that drifted
	// Label, Prediction and Time are columns where there is no spec whose data.eval and
	// candidate name them.
	Label, Prediction, Time string
}

// DriftColumn is what one column is held to.
type DriftColumn struct {
	Name     string
	Test     string // "": the usual one of its kind
	Max      *float64
	Missing  *float64
	Ignore   bool
	Severity Severity
	At       string
}

const maxShare = 0.30

// driftTests are the distances that a column may be held to, with what they are. The
// room drift measures them.
var driftTests = []name{
	{"ks", "The largest difference of the two distribution functions. Numbers; their usual one, limit 0.1."},
	{"psi", "Population stability index, over ten bins of the reference. Limit 0.1."},
	{"wasserstein", "Earth mover's distance, in standard deviations of the reference. Numbers; limit 0.25."},
	{"jensen_shannon", "Jensen-Shannon distance, base 2, over the same bins. Limit 0.1."},
	{"hellinger", "Hellinger distance, over the same bins. Limit 0.08."},
	{"cramer_von_mises", "Root mean square difference of the distribution functions. Numbers; limit 0.075."},
	{"anderson_darling", "The same, with more weight in the tails. Numbers; limit 0.17."},
	{"chi_square", "Cramér's V, the root of chi-square over all rows. Limit 0.1."},
	{"cramers_v", "The same as chi_square."},
	{"total_variation", "The share of rows that would have to change category. Usual for texts; limit 0.1."},
}

// DriftTests are the names of those distances.
func DriftTests() []string {
	var list []string
	for _, t := range driftTests {
		list = append(list, t.name)
	}
	return list
}

func flagShape(doc string) *shape {
	return &shape{kind: textShape, pattern: `^(true|false)$`, wants: "true or false", doc: doc}
}

func truth(n *node, key string) bool {
	v := n.field(key)
	return v != nil && v.text == "true"
}

func tableShape(doc string) *shape {
	return &shape{kind: objectShape, wants: "a map with path", doc: doc, fields: []field{
		{name: "path", required: required, shape: path("Parquet, CSV, TSV or JSON Lines file, or a glob, relative to this file; or a file at s3://, gs://, azblob:// or https://; or a profile that noworse profile wrote.")},
	}}
}

func driftShape() *shape {
	limit := func(doc string) *shape {
		return &shape{kind: numberShape, low: bound(0), wants: "a number such as 0.1", doc: doc}
	}
	missing := limit("How far the share of rows without a value may move. Default: 0.05.")
	of := func(doc string, names ...string) *shape {
		s := &shape{kind: enumShape, wants: "one of " + strings.Join(names, ", "), doc: doc}
		for _, n := range names {
			s.names = append(s.names, name{n, ""})
		}
		return s
	}
	column := &shape{kind: objectShape, wants: "a map such as {test: psi, max: 0.2}", fields: []field{
		{name: "test", shape: &shape{kind: enumShape, namesWhat: "test", names: driftTests, wants: "a distance such as psi", doc: "What the column is held to. Default: ks for numbers and times, total_variation for texts."}},
		{name: "max", shape: limit("How far the column may move. Default: that of its test.")},
		{name: "missing", shape: missing},
		{name: "ignore", shape: flagShape("The column is not looked at.")},
		{name: "severity", shape: severityShape()},
	}}
	return &shape{kind: objectShape, wants: "a map such as {max_share: 0.30}", fields: []field{
		{name: "reference", shape: of("What columns are compared with: reference (data.reference), eval, or baseline, the profile that the accepted baseline keeps. Default: reference where data has one, else baseline where there is a store.", OfReference, OfEval, OfBaseline)},
		{name: "current", shape: of("What is compared: production (data.production) or eval. Default: production where there is one, else eval.", OfProduction, OfEval)},
		{name: "max_share", shape: &shape{kind: numberShape, low: bound(0), lowOpen: true, high: bound(1), wants: "a share from above 0 to 1 such as 0.30", doc: "At this share of drifted columns or more the check fails. Default: 0.30."}},
		{name: "missing", shape: missing},
		{name: "guide", shape: flagShape("A column drifted where its P is below 0.05, as guides have it: with many columns or rows, in most runs without any change.")},
		{name: "columns", shape: &shape{kind: mapShape, keyPattern: freePattern, keyWants: "the name of a column", wants: "a map of columns such as {income: {test: psi, max: 0.2}}", elem: column, doc: "Columns that are held to something else."}},
		{name: "severity", shape: severityShape()},
	}, doc: "How far columns may have moved from a reference. One check a column, which warns, and one of how many drifted."}
}

// tables reads the data sets beside the evaluation set.
func (d *decoder) tables() {
	read := func(key string) *Table {
		n := d.root.field("data").field(key)
		if n == nil || n.bad {
			return nil
		}
		return &Table{Path: d.dataPath(n.field("path"), "path"), At: "data." + key + ".path"}
	}
	d.spec.Reference, d.spec.Production = read(OfReference), read(OfProduction)
}

func (d *decoder) drift(e *entry) {
	n := e.value
	if n.bad {
		return
	}
	out := &Drift{Reference: OfReference, Current: OfEval, MaxShare: maxShare, Guide: truth(n, "guide"), Missing: numberOf(n, "missing"), Severity: severityOf(n)}
	data := d.root.field("data")
	if data != nil && !data.has(OfReference) && d.spec.Store != nil {
		out.Reference = OfBaseline
	}
	if data != nil && data.has(OfProduction) {
		out.Current = OfProduction
	}
	if v := n.field("reference"); v != nil {
		out.Reference = v.text
	}
	if v := n.field("current"); v != nil {
		out.Current = v.text
	}
	if v := numberOf(n, "max_share"); v != nil {
		out.MaxShare = *v
	}
	if columns := n.field("columns"); columns != nil {
		for _, c := range columns.entries {
			out.Columns = append(out.Columns, driftColumn(c))
		}
	}
	d.spec.Drift = out
	d.judgeDrift(e, out)
}

func driftColumn(e *entry) DriftColumn {
	c := DriftColumn{Name: e.key, Max: numberOf(e.value, "max"), Missing: numberOf(e.value, "missing"), Ignore: truth(e.value, "ignore"),
		Severity: severityOf(e.value), At: At("drift", "columns", e.key)}
	if t := e.value.field("test"); t != nil {
		c.Test = t.text
	}
	return c
}

// judgeDrift refuses data sets that are not there.
func (d *decoder) judgeDrift(e *entry, out *Drift) {
	for key, of := range map[string]string{"reference": out.Reference, "current": out.Current} {
		missing, hint := "", ""
		switch {
		case of == OfReference && d.spec.Reference == nil && !d.root.field("data").has(OfReference):
			missing, hint = "data has no reference", "name the rows that the model was trained on: data: {reference: {path: data/train.parquet}}"
		case of == OfProduction && d.spec.Production == nil && !d.root.field("data").has(OfProduction):
			missing, hint = "data has no production", "name recent rows: data: {production: {path: data/last_week/*.parquet}}"
		case of == OfBaseline && d.spec.Store == nil:
			missing, hint = "no baseline.store keeps one", "name the rows that the model was trained on: data: {reference: {path: data/train.parquet}}"
		}
		if missing == "" {
			continue
		}
		at := e.at
		if v := e.value.entry(key); v != nil {
			at = v.placeOf()
		}
		d.r.hint(at, fmt.Sprintf("drift compares with %s, and %s", of, missing), hint)
	}
	if out.Reference == out.Current {
		d.r.hint(e.at, fmt.Sprintf("drift compares %s with itself", out.Current), "name another reference, or rows of production")
	}
}
